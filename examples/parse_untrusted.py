#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Parse files that nobody vouches for, each in a process that can do nothing but that.

usage: parse_untrusted.py FILE...

The program opens each file and has it parsed as JSON by a SandboxExecutor: in a process that can read this one file and
send back one value. If the parser had a hole, whoever came in through it would find nothing else there. The line "tried"
is what such a visitor would see.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import TextIO

import pycapsicum

READING = pycapsicum.CapRights(["CAP_READ", "CAP_FSTAT", "CAP_SEEK"])


def summary(file: TextIO) -> str:
    """The part that is not to be trusted: in real life a parser in C, of a format without end."""
    try:
        value = json.load(file)
    except (ValueError, RecursionError) as error:
        return f"no JSON: {error}"
    return f"{type(value).__name__} of {len(value)}" if isinstance(value, (dict, list)) else repr(value)


def tried(path: str, file: TextIO) -> str:
    """What the kernel answers to whoever took over the parser."""
    attempts: dict[str, Callable[[], object]] = {
        "read /etc/passwd": lambda: open("/etc/passwd"),
        "write the file": lambda: os.write(file.fileno(), b"x"),
        "delete it": lambda: os.unlink(path),
        "run a shell": lambda: os.execv("/bin/sh", ["sh"]),
        "signal its parent": lambda: os.kill(os.getppid(), 0),
    }
    refused = []
    for name, attempt in attempts.items():
        try:
            attempt()
        except OSError as error:
            refused.append(f"{name} ({pycapsicum.strerror(error.errno or 0)})")
    return f"refused {len(refused)} of {len(attempts)}: " + ", ".join(refused)


def parse(path: str, file: TextIO) -> list[str]:
    """What a process does for one file, in capability mode."""
    return [summary(file), f"tried from inside: {tried(path, file)}"]


def main() -> None:
    with pycapsicum.SandboxExecutor(timeout=30) as executor:
        for path in sys.argv[1:]:
            try:
                with open(path, encoding="utf-8") as file:
                    result, visitor = executor.submit_holding({file: READING}, parse, path, file).result()
            except OSError as error:
                print(f"{path}: {error.strerror}")
            except (pycapsicum.WorkerCrashed, pycapsicum.WorkerTimeout) as error:
                print(f"{path}: {error}")
            else:
                print(f"{path}: {result}\n  {visitor}")


if __name__ == "__main__":
    main()
