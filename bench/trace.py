# SPDX-License-Identifier: BSD-2-Clause
"""Measures what `capeasy trace` costs against `strace -f`, side by side, and writes it to a page.

    trace.py CAPEASY [--page FILE]

It is the processor time of everything that was started, in turns, so that both meet the same machine.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys

from page import arguments, show

ROUNDS = 10
PROGRAMS = {
    "dd, 5,000 small reads and writes": ["dd", "if=/dev/zero", "of=/dev/null", "bs=1", "count=5000"],
    "sort": ["sort", __file__],
    "sh, 20 programs": ["sh", "-c", "for i in 1 2 3 4 5 6 7 8 9 10; do /bin/echo $i | cat; done"],
    "python3": [sys.executable, "-I", "-c", "import json"],
}


def spent(command: list[str]) -> float:
    """Return the milliseconds of processor time that a command and all that it started took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def row(name: str, program: list[str], tools: list[list[str]]) -> str:
    rounds = [[spent([*tool, *program]) for tool in tools] for _ in range(ROUNDS)]
    alone, trace, strace = (statistics.median(times) for times in zip(*rounds))
    return f"| {name} | {alone:.1f} | {trace:.1f} | {strace:.1f} | {trace / strace:.2f} |"


def main() -> None:
    options = arguments("capeasy")
    tools = [[], [str(options.capeasy), "trace", "-o", "/dev/null"], ["strace", "-f", "-o", "/dev/null"]]
    head = "| processor time, ms, median | alone | `capeasy trace` | `strace -f` | ratio of the two |\n|---|---|---|---|---|"
    show("trace", "\n".join([head, *(row(name, program, tools) for name, program in PROGRAMS.items())]), options.page)


if __name__ == "__main__":
    main()
