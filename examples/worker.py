#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A worker that can open nothing itself: it works on the descriptors that its parent hands it, one by one.

usage: worker.py FILE...

The parent opens files and sends their descriptors over a socket. The worker, in capability mode from the start, limits
each that arrives to reading, computes its checksum, and answers. It cannot open, write or send a file to anyone.
"""

import hashlib
import os
import socket
import sys
from collections.abc import Callable

import pycapsicum
from pycapsicum import CapRights

READING = CapRights(["CAP_READ"])


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


def work(orders: socket.socket) -> None:
    """The worker's life: a descriptor in, an answer out, until the parent closes its end."""
    pycapsicum.enter()
    while True:
        _, descriptors, _, _ = socket.recv_fds(orders, 1, 1)
        if not descriptors:
            return
        # On Linux the limit stays with the number, which the next descriptor has again: it is set once.
        READING.limit(*descriptors)
        with open(descriptors[0], "rb", buffering=0) as file:
            checksum = hashlib.sha256()
            while chunk := file.read(1 << 16):
                checksum.update(chunk)
            orders.send(f"{checksum.hexdigest()[:16]}, refused: {refusals(file.fileno())}".encode())


def main() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    worker = os.fork()
    if worker == 0:
        ours.close()
        try:
            work(theirs)
        finally:
            os._exit(0)
    theirs.close()
    with ours:
        for path in sys.argv[1:]:
            with open(path, "r+b") as file:  # for writing too: the worker's limit is what protects it
                socket.send_fds(ours, [b"1"], [file.fileno()])
            print(f"{path}: {ours.recv(1000).decode()}")
    os.waitpid(worker, 0)


if __name__ == "__main__":
    main()
