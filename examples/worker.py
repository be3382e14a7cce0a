#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Workers that can open nothing themselves: each gets a descriptor, limited to reading, and computes a checksum.

usage: worker.py FILE...

The parent opens the files, for writing too: it is the limit that protects them. A worker can read its file and answer.
"""

from __future__ import annotations

import hashlib
import os
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import BinaryIO

import pycapsicum


def connect_out() -> None:
    with socket.socket() as connection:
        connection.connect(("127.0.0.1", 9))


def refusals(descriptor: int) -> str:
    """What the kernel answers to a worker that wants more than it was given."""
    attempts: dict[str, Callable[[], object]] = {
        "write": lambda: os.write(descriptor, b"x"),
        "truncate": lambda: os.ftruncate(descriptor, 0),
        "chmod": lambda: os.fchmod(descriptor, 0o777),
        "open": lambda: os.open("/etc/passwd", os.O_RDONLY),
        "connect": connect_out,
    }
    refused = []
    for name, attempt in attempts.items():
        try:
            attempt()
        except OSError:
            refused.append(name)
    return " ".join(refused)


def work(file: BinaryIO) -> str:
    """What a worker does, in capability mode."""
    checksum = hashlib.sha256()
    while chunk := file.read(1 << 16):
        checksum.update(chunk)
    return f"{checksum.hexdigest()[:16]}, refused: {refusals(file.fileno())}"


def main() -> None:
    with pycapsicum.SandboxExecutor() as executor, ExitStack() as files:
        answers = {}
        for path in sys.argv[1:]:
            file = files.enter_context(open(path, "r+b", buffering=0))
            answers[path] = executor.submit_holding({file: "CAP_READ"}, work, file)
        for path, answer in answers.items():
            print(f"{path}: {answer.result()}")


if __name__ == "__main__":
    main()
