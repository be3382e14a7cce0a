#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Parse files that nobody vouches for, each in a process that can do nothing but that.

usage: parse_untrusted.py FILE...

A process for each file opens it, gives up everything else, parses it as JSON, and sends back one line. If the parser
had a hole, whoever came in through it would find a process that can read this one file and write one pipe. The line
"tried" is what such a visitor would see.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import TextIO

import pycapsicum
from pycapsicum import CapRights


def summary(file: TextIO) -> str:
    """The part that is not to be trusted: in real life a parser in C, of a format without end."""
    value = json.load(file)
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


def parse(path: str, answer: int) -> None:
    """The life of the process for one file."""
    with open(path, encoding="utf-8") as file:
        pycapsicum.prepare()
        CapRights(["CAP_READ", "CAP_FSTAT", "CAP_SEEK"]).limit(file)
        CapRights(["CAP_WRITE"]).limit(answer)
        CapRights().limit(0, 1, 2)
        pycapsicum.enter()
        try:
            result = summary(file)
        except (ValueError, RecursionError) as error:
            result = f"no JSON: {error}"
        os.write(answer, f"{result}\n{tried(path, file)}".encode())


def in_process(path: str) -> str:
    """Run parse() in a process of its own; its answer, or how it ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            parse(path, writing)
        except OSError as error:
            os.write(writing, f"{error.strerror}\n".encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8", errors="replace") as pipe:
        text = pipe.read(4096)
    _, status = os.waitpid(child, 0)
    return text or f"ended with status {status}\n"


def main() -> None:
    for path in sys.argv[1:]:
        result, _, refused = in_process(path).partition("\n")
        print(f"{path}: {result}")
        if refused:
            print(f"  tried from inside: {refused}")


if __name__ == "__main__":
    main()
