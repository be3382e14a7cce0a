# SPDX-License-Identifier: BSD-2-Clause
"""Measures what it costs to compile a file that includes the header, in each of the ways, and writes it to a page.

    header.py DIRECTORY [--page FILE]

DIRECTORY has capsicum_easy.h.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
from pathlib import Path

ROUNDS = 9
MARKS = ("<!-- header: made by bench/header.py -->", "<!-- end of header -->")
USE = """\
#include <capsicum_easy.h>
int use(int fd);
int use(int fd) { return ce_limit(fd, CE_SET(CAP_READ)) == 0 && ce_enter() == 0 ? 0 : -1; }
"""
PROGRAMS = {
    "`#include <stdio.h>`, for comparison": "#include <stdio.h>\nint use(int fd);\nint use(int fd) { return putchar(fd); }\n",
    "alone": USE,
    "declarations": "#define CAPSICUM_EASY_DECLARATIONS\n" + USE,
    "the one implementation": "#define CAPSICUM_EASY_IMPLEMENTATION\n" + USE,
}


def processor_time() -> float:
    """Return what the processes that this one has waited for used."""
    now = os.times()
    return now.children_user + now.children_system


def measured(text: str, include: Path, directory: Path) -> tuple[float, int]:
    """Return the seconds of a processor that it took, the least of several, and the bytes of code and constants."""
    source, made = directory / "use.c", directory / "use.o"
    source.write_text(text, encoding="utf-8")
    taken = []
    for _ in range(ROUNDS):
        before = processor_time()
        subprocess.run(["gcc", "-std=gnu11", "-O2", "-I", include, "-c", source, "-o", made], check=True)
        taken.append(processor_time() - before)
    size = subprocess.run(["size", made], capture_output=True, text=True, check=True).stdout.splitlines()[1].split()
    return min(taken), int(size[0])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("include", type=Path)
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    rows = ["| | seconds | bytes |", "|---|---|---|"]
    with tempfile.TemporaryDirectory() as directory:
        for name, text in PROGRAMS.items():
            seconds, size = measured(text, options.include, Path(directory))
            rows.append(f"| {name} | {seconds:.2f} | {size:,} |")
    table = "\n".join(rows)
    print(table)
    if options.page is not None:
        before, _, rest = options.page.read_text(encoding="utf-8").partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        options.page.write_text(f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
