# SPDX-License-Identifier: BSD-2-Clause
"""Sockets, connections and pipes that are made limited.

On Linux a limit belongs to the descriptor's number. These get numbers that harm nobody who gets them later, and take no
filter of their own each, so that a server can limit any number of connections.
"""

from __future__ import annotations

import os
import select
import socket as sockets
import struct
import sys

from pycapsicum._capsicum import _accept, _pipe, _socket, _socketpair, _take
from pycapsicum._errors import asked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from pycapsicum._capsicum import _Rights

    _Taken = TypeVar("_Taken", int, sockets.socket)


def address_of(sockaddr: bytes) -> Any:
    """Return a struct sockaddr in the form that the socket module gives an address."""
    has_length = not sys.platform.startswith("linux")  # FreeBSD's begins with its length, and the family is a byte
    family = sockaddr[1] if has_length else int.from_bytes(sockaddr[:2], sys.byteorder)
    if family == sockets.AF_INET:
        return sockets.inet_ntop(family, sockaddr[4:8]), *struct.unpack("!H", sockaddr[2:4])
    if family == sockets.AF_INET6:
        port, flow = struct.unpack("!HI", sockaddr[2:8])
        return sockets.inet_ntop(family, sockaddr[8:24]), port, flow, *struct.unpack("=I", sockaddr[24:28])
    path = sockaddr[2:]
    if path[:1] == b"\0" and not has_length:
        return path  # a name of Linux's, which is no path
    return os.fsdecode(path.partition(b"\0")[0])


def sockets_over(family: int, type: int, proto: int, *numbers: int) -> list[sockets.socket]:
    """Return the sockets over these descriptors, which are closed if that fails.

    It does where there is a default timeout, for which a socket must not block, and the rights do not allow that. The
    constructor would find out too, but then closes the descriptor twice.
    """
    try:
        for fd in numbers:
            if sockets.getdefaulttimeout() is not None:
                asked(os.set_blocking, fd, False)
    except OSError:
        for fd in numbers:
            os.close(fd)
        raise
    return [sockets.socket(family, type, proto, fd) for fd in numbers]


def accept(listener: sockets.socket, *, rights: _Rights | None) -> tuple[sockets.socket, Any]:
    """Accept a connection and limit it: (socket, address), as listener.accept() gives them.

    rights may be whatever CapRights() takes; None leaves them all.

    >>> import pycapsicum, socket
    >>> listener = socket.create_server(('127.0.0.1', 0))
    >>> client = socket.create_connection(listener.getsockname())
    >>> connection, address = pycapsicum.accept(listener, rights='CAP_RECV, CAP_SEND')
    >>> address == client.getsockname(), connection.send(b'spam')
    (True, 4)
    >>> pycapsicum.missing(connection, 'CAP_RECV, CAP_GETPEERNAME')
    CapRights('CAP_GETPEERNAME')
    """
    timeout = listener.gettimeout()
    if timeout:
        wait_for(listener, timeout)
    fd, sockaddr = _accept(listener.fileno(), rights)
    (connection,) = sockets_over(listener.family, listener.type, listener.proto, fd)
    return connection, address_of(sockaddr)


def wait_for(listener: sockets.socket, timeout: float) -> None:
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    if not poll.poll(timeout * 1000):
        raise sockets.timeout("timed out")


def socket(
    family: int = sockets.AF_INET, type: int = sockets.SOCK_STREAM, proto: int = 0, *, rights: _Rights | None
) -> sockets.socket:
    """Make a socket that is limited: a socket.socket. None leaves all rights.

    >>> import pycapsicum, socket
    >>> listener = pycapsicum.socket(rights='CAP_BIND, CAP_LISTEN, CAP_GETSOCKNAME')
    >>> listener.bind(('127.0.0.1', 0))
    >>> try:
    ...     listener.connect(listener.getsockname())
    ... except OSError as error:
    ...     error.errno == pycapsicum.ENOTCAPABLE
    True
    """
    (made,) = sockets_over(family, type, proto, _socket(family, type, proto, rights))
    return made


def socketpair(
    family: int = sockets.AF_UNIX, type: int = sockets.SOCK_STREAM, proto: int = 0, *, rights: _Rights | None
) -> tuple[sockets.socket, sockets.socket]:
    """Make two connected sockets that are limited. None leaves all rights.

    >>> import pycapsicum
    >>> left, right = pycapsicum.socketpair(rights='CAP_RECV, CAP_SEND')
    >>> left.send(b'spam'), right.recv(9)
    (4, b'spam')
    """
    left, right = sockets_over(family, type, proto, *_socketpair(family, type, proto, rights))
    return left, right


def pipe(*, reading: _Rights | None, writing: _Rights | None) -> tuple[int, int]:
    """Make a pipe whose ends are limited: the descriptors, as os.pipe(). None leaves all rights.

    >>> import os, pycapsicum
    >>> reading, writing = pycapsicum.pipe(reading='CAP_READ', writing='CAP_WRITE')
    >>> os.write(writing, b'spam'), os.read(reading, 9)
    (4, b'spam')
    """
    return _pipe(reading, writing)


def take(descriptor: _Taken, rights: _Rights) -> _Taken:
    """Limit a descriptor that others made; gives the one to use from now on, in its place.

    descriptor is an int or a socket, which is then detached, and blocks from now on.
    Unlike CapRights.limit() this leaves no limit on the old number, on Linux, and no
    filter is needed for each.

    >>> import os, pycapsicum
    >>> reading, writing = os.pipe()
    >>> reading = pycapsicum.take(reading, 'CAP_READ')
    >>> pycapsicum.missing(reading, 'CAP_READ, CAP_FSTAT')
    CapRights('CAP_FSTAT')
    """
    if isinstance(descriptor, int):
        return _take(descriptor, rights)
    timeout = descriptor.gettimeout()
    asked(descriptor.setblocking, True)  # while it may: this needs CAP_IOCTL
    try:
        fd = _take(descriptor.fileno(), rights)
    except OSError:
        descriptor.settimeout(timeout)
        raise
    descriptor.detach()
    (taken,) = sockets_over(descriptor.family, descriptor.type, descriptor.proto, fd)
    return taken
