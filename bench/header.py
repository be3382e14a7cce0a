# SPDX-License-Identifier: BSD-2-Clause
"""Measures what it costs to compile a file that includes the header, in each of the ways, and writes it to a page.

    header.py DIRECTORY [--page FILE]

DIRECTORY has capsicum_easy.h. All ways are measured in turns in one run; processor time, so that what else the machine
does counts less, and as a ratio to a unit that includes three common headers.
"""

from __future__ import annotations

import resource
import subprocess
import tempfile
from pathlib import Path

from page import arguments, show

ROUNDS = 9
UNITS = 10
USE = """\
#include <capsicum_easy.h>
int use(int fd);
int use(int fd) { return ce_limit(fd, CE_SET(CAP_READ)) == 0 && ce_enter() == 0 ? 0 : -1; }
"""
COMMON = """\
#include <stdio.h>
#include <fcntl.h>
#include <unistd.h>
int use(int fd);
int use(int fd) { return putchar(fd); }
"""
BASE = "`<stdio.h>`, `<fcntl.h>` and `<unistd.h>`, for comparison"
DECLARED = "#define CAPSICUM_EASY_DECLARATIONS\n" + USE
IMPLEMENTED = "#define CAPSICUM_EASY_IMPLEMENTATION\n" + USE
PROGRAMS = {
    BASE: [COMMON],
    "plain": [USE],
    "declarations": [DECLARED],
    "the one implementation": [IMPLEMENTED],
    f"{UNITS} units, plain": [USE] * UNITS,
    f"{UNITS} units, declarations, and the implementation": [DECLARED] * UNITS + [IMPLEMENTED],
}


def compiled(units: list[str], include: Path, directory: Path) -> tuple[float, int]:
    """Compile units; return the processor seconds that it took, and the bytes of code and constants that came out."""
    source, made = directory / "use.c", directory / "use.o"
    seconds, size = 0.0, 0
    for text in units:
        source.write_text(text, encoding="utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(["gcc", "-std=gnu11", "-O2", "-I", include, "-c", source, "-o", made], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds += after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        listed = subprocess.run(["size", made], capture_output=True, text=True, check=True).stdout
        size += int(listed.splitlines()[1].split()[0])
    return seconds, size


def table(include: Path) -> str:
    """Return the table: the least of some rounds, in each of which every way has its turn."""
    least = {name: float("inf") for name in PROGRAMS}
    sizes: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as directory:
        for _ in range(ROUNDS):
            for name, units in PROGRAMS.items():
                seconds, sizes[name] = compiled(units, include, Path(directory))
                least[name] = min(least[name], seconds)
    rows = ["| | processor seconds | times the first | bytes |", "|---|---|---|---|"]
    rows += [
        f"| {name} | {seconds:.3f} | {seconds / least[BASE]:.1f} | {sizes[name]:,} |" for name, seconds in least.items()
    ]
    return "\n".join(rows)


def main() -> None:
    options = arguments("include")
    show("header", table(options.include), options.page)


if __name__ == "__main__":
    main()
