#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A server that, once it listens, can do nothing but accept connections and answer them with files of one directory.

usage: limited_server.py DIRECTORY [NAME...]

A client sends a name and gets the file of that name. The program asks its own server for each NAME (all by default)
and then for what it must not give, and prints the answers.
"""

import os
import socket
import sys
from collections.abc import Callable

import pycapsicum
from pycapsicum import CapRights

# What accept() hands out has no more rights than the listening socket, so that also has what a connection needs.
LISTENING = CapRights(["CAP_ACCEPT", "CAP_READ", "CAP_WRITE"])
CONNECTION = CapRights(["CAP_READ", "CAP_WRITE"])
FILES = CapRights(["CAP_LOOKUP", "CAP_READ", "CAP_SEEK", "CAP_FSTAT"])


def answer(directory: int, name: str) -> bytes:
    """The file's content, or why it could not be had."""
    try:
        with pycapsicum.openat(directory, name, "rb", rights="CAP_READ, CAP_FSTAT") as file:
            return file.read()
    except OSError as error:
        return f"refused: {pycapsicum.strerror(error.errno or 0)}".encode()


def listen_elsewhere() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))


def connect_out() -> None:
    with socket.socket() as connection:
        connection.connect(("127.0.0.1", 9))


def refusals(listener: socket.socket) -> str:
    """What the kernel answers to a server that wants more."""
    attempts: dict[str, Callable[[], object]] = {
        "listen elsewhere": listen_elsewhere,
        "connect out": connect_out,
        "set options": lambda: listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1),
        "read /etc/passwd": lambda: open("/etc/passwd"),
    }
    refused = []
    for name, attempt in attempts.items():
        try:
            attempt()
        except OSError:
            refused.append(name)
    return "refused: " + ", ".join(refused)


def serve(listener: socket.socket, directory: int, connections: int) -> None:
    """Answer so many connections."""
    pycapsicum.sandbox({listener: LISTENING, directory: FILES})
    for _ in range(connections):
        connection, _ = pycapsicum.accept(listener, rights=CONNECTION)
        with connection:
            name = connection.recv(255).decode("utf-8", "replace")
            connection.sendall(refusals(listener).encode() if name == "?" else answer(directory, name))


def ask(port: int, name: str) -> str:
    """A client."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(name.encode())
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile(encoding="utf-8", errors="replace") as reply:
            return reply.read()


def main(path: str, *names: str) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    questions = [*(names or os.listdir(path)), "/etc/passwd", "../" + os.path.basename(path), "?"]
    server = os.fork()
    if server == 0:
        try:
            serve(listener, os.open(path, os.O_DIRECTORY), len(questions))
        finally:
            os._exit(0)
    listener.close()
    for name in questions:
        print(f"{name}: {ask(port, name)}".rstrip())
    os.waitpid(server, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
