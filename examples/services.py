# SPDX-License-Identifier: BSD-2-Clause
"""A client in capability mode that can reach one server and nothing else, by libraries that know nothing of it.

services.py HOST PORT [PATH]

http.client, asyncio and, if it is there, requests fetch a page from it. Then what a program that was taken over by the
page would try: other servers, other names, users, files.
"""

from __future__ import annotations

import asyncio
import http.client
import importlib
import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pycapsicum
from pycapsicum import casper

requests: Any = None
try:
    requests = importlib.import_module("requests")
    connections: Any = importlib.import_module("urllib3.util.connection")
except ImportError:
    pass


def by_http_client(net: casper.Net, host: str, port: int, path: str) -> bytes:
    connection: Any = http.client.HTTPConnection(host, port, timeout=10)
    connection._create_connection = net.create_connection  # the place that http.client itself keeps it in
    connection.request("GET", path)
    page: bytes = connection.getresponse().read()
    return page


async def by_asyncio(net: casper.Net, host: str, port: int, path: str) -> bytes:
    connected = net.create_connection((host, port))
    connected.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=connected)
    writer.write(f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
    page = await reader.read()
    writer.close()
    return page.partition(b"\r\n\r\n")[2]


def by_requests(net: casper.Net, host: str, port: int, path: str) -> bytes:
    connections.create_connection = net.create_connection
    session = requests.Session()
    session.trust_env = False  # it would look for files and names of proxies
    page: bytes = session.get(f"http://{host}:{port}{path}", timeout=10).content
    return page


def attempts(net: casper.Net, users: casper.Users, host: str, port: int) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "connect to another port", lambda: net.create_connection((host, port + 1))
    yield "connect to another host", lambda: net.create_connection(("192.0.2.1", port))
    yield "tell a secret in a name to look up", lambda: net.getaddrinfo("secret.invalid", port)
    yield "connect without the service", lambda: socket.create_connection(("127.0.0.1", port))
    yield "open /etc/passwd", lambda: open("/etc/passwd")
    yield "find another user", lambda: users.getpwuid(1)
    yield "start another service", lambda: casper.Net(hosts=None)


def main() -> None:
    host, port, path = sys.argv[1], int(sys.argv[2]), (sys.argv[3:] or ["/"])[0]
    with casper.Net(hosts=[(host, port)]) as net, casper.Users(uids=[0], fields=["pw_name"]) as users:
        pycapsicum.prepare()
        loop = asyncio.new_event_loop()
        pycapsicum.CapRights(["CAP_READ", "CAP_WRITE", "CAP_GETSOCKOPT"]).limit(net.fileno(), users.fileno())
        pycapsicum.enter()
        print("user 0 is", users.getpwuid(0).pw_name)
        print("http.client:", by_http_client(net, host, port, path).decode().strip())
        print("asyncio:", loop.run_until_complete(by_asyncio(net, host, port, path)).decode().strip())
        if requests is not None:
            print("requests:", by_requests(net, host, port, path).decode().strip())
        for what, attempt in attempts(net, users, host, port):
            try:
                attempt()
                print(f"{what}: it worked")
            except (OSError, KeyError) as error:
                print(f"{what}: refused, {type(error).__name__}")


if __name__ == "__main__":
    main()
