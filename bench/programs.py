# SPDX-License-Identifier: BSD-2-Clause
"""Measures what starting a whole program confined costs, with the tools that are installed here, and writes it to a page.

    programs.py CAPEASY [--page FILE]

Each tool runs /bin/true with nothing but what the loader needs to read; in turns, so that all meet the same machine.
sandlock (PyPI) has no command of its own: it is measured where this Python has it, without the start of Python.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from page import arguments, show

ROUNDS = 40
SYSTEM = ["--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"]


def commands(capeasy: Path) -> dict[str, list[str]]:
    """Return the command of each tool, by the name that the table has for it."""
    return {
        "nothing": ["/bin/true"],
        "capeasy run": [str(capeasy), "run", "/bin/true"],
        "bubblewrap": ["bwrap", "--unshare-all", *SYSTEM, "/usr/bin/true"],
        "firejail": ["firejail", "--quiet", "--noprofile", "--net=none", "--private", "/bin/true"],
    }


def run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def runners(capeasy: Path) -> dict[str, Callable[[], object]]:
    """Return what starts the program with each tool that is here."""
    found: dict[str, Callable[[], object]] = {
        name: functools.partial(run, command) for name, command in commands(capeasy).items() if works(command)
    }
    if importlib.util.find_spec("sandlock") is not None:
        sandlock = importlib.import_module("sandlock")
        box = sandlock.Sandbox(fs_readable=["/usr", "/lib", "/lib64", "/bin"])
        found["sandlock, from Python"] = functools.partial(box.run, ["/bin/true"])
    return found


def seconds(start: Callable[[], object]) -> float:
    before = time.perf_counter()
    start()
    return time.perf_counter() - before


def works(command: list[str]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return done.returncode == 0


def table(capeasy: Path) -> str:
    tools = runners(capeasy)
    times: dict[str, list[float]] = {name: [] for name in tools}
    for _ in range(ROUNDS):
        for name, start in tools.items():
            times[name].append(1000 * seconds(start))
    rows = [f"| {name} | {min(taken):.1f} | {statistics.median(taken):.1f} |" for name, taken in times.items()]
    return "\n".join(["| `true` started with | ms, quickest | median |", "|---|---|---|", *rows])


def main() -> None:
    options = arguments("capeasy")
    show("programs", table(options.capeasy), options.page)


if __name__ == "__main__":
    main()
