# SPDX-License-Identifier: BSD-2-Clause
"""Sockets, connections, pipes and copies that are made limited; and that their numbers harm nobody afterwards."""

import os
import socket
import threading

import pycapsicum
import pytest
from conftest import in_child
from pycapsicum import CapRights

BOTH_WAYS = CapRights("CAP_RECV, CAP_SEND")


def connected(listener):
    """A client of a listening socket."""
    return socket.create_connection(listener.getsockname()[:2])


def refused(call, *args):
    with pytest.raises(OSError) as caught:
        call(*args)
    assert caught.value.errno == pycapsicum.ENOTCAPABLE


@in_child
@pytest.mark.parametrize("family, host", [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_accept(family, host):
    listener = socket.create_server((host, 0), family=family)
    client = connected(listener)
    connection, address = pycapsicum.accept(listener, rights=BOTH_WAYS)
    assert address == client.getsockname()
    assert (connection.family, connection.type) == (listener.family, listener.type)
    assert connection.gettimeout() is None and not connection.get_inheritable()
    client.sendall(b"spam")
    assert connection.recv(9) == b"spam" and connection.send(b"eggs") == 4
    refused(connection.getpeername)
    refused(connection.setsockopt, socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


@in_child
def test_accept_by_a_path(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()
        client = socket.socket(socket.AF_UNIX)
        client.bind(str(tmp_path / "client"))
        client.connect(str(tmp_path / "socket"))
        connection, address = pycapsicum.accept(listener, rights=BOTH_WAYS)
        assert address == str(tmp_path / "client")
        socket.socket(socket.AF_UNIX).connect(str(tmp_path / "socket"))
        assert pycapsicum.accept(listener, rights=None)[1] == ""


@in_child
def test_accept_with_a_timeout():
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    with pytest.raises(socket.timeout):
        pycapsicum.accept(listener, rights=BOTH_WAYS)
    client = connected(listener)
    connection, _ = pycapsicum.accept(listener, rights=BOTH_WAYS)
    client.sendall(b"spam")
    assert connection.recv(9) == b"spam"
    listener.setblocking(False)
    with pytest.raises(BlockingIOError):
        pycapsicum.accept(listener, rights=BOTH_WAYS)


@in_child
def test_other_threads_run_during_an_accept():
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=lambda: connected(listener).sendall(b"spam"))
    thread.start()
    connection, _ = pycapsicum.accept(listener, rights=BOTH_WAYS)
    thread.join()
    assert connection.recv(9) == b"spam"


@in_child
def test_numbers_without_limits_left_over(spam):
    """What a server and its libraries do: limited files and connections come and go, and plain ones beside them."""
    directory = pycapsicum.opendir(spam.parent)
    listener = socket.create_server(("127.0.0.1", 0))
    pycapsicum.enter()
    for _ in range(100):
        with pycapsicum.openat(directory, "spam", rights="CAP_READ, CAP_FSTAT") as file:
            assert file.read() == "ham and eggs\n"
        left, right = socket.socketpair()
        left.sendall(b"spam")
        assert right.recv(9) == b"spam"
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.write(writing, b"spam")
        for number in reading, writing, left.detach(), right.detach():
            os.close(number)
    listener.close()


@in_child
def test_many_at_once():
    """Each limited by itself: more than there is room for filters."""
    listener = socket.create_server(("127.0.0.1", 0))
    held = []
    for _ in range(200):
        client = connected(listener)
        connection, _ = pycapsicum.accept(listener, rights=BOTH_WAYS)
        held.append((client, connection))
    for client, connection in held:
        refused(connection.getpeername)
        assert connection.send(b"spam") == 4 and client.recv(9) == b"spam"
    pycapsicum.enter()


@in_child
def test_socket():
    listener = pycapsicum.socket(rights="CAP_BIND, CAP_LISTEN, CAP_GETSOCKNAME, CAP_ACCEPT, CAP_RECV, CAP_SEND")
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    client = connected(listener)
    connection, _ = pycapsicum.accept(listener, rights=BOTH_WAYS)
    assert connection.send(b"spam") == 4 and client.recv(9) == b"spam"
    refused(listener.connect, listener.getsockname())
    assert pycapsicum.socket(socket.AF_INET, socket.SOCK_DGRAM, rights=None).type == socket.SOCK_DGRAM


@in_child
def test_socketpair_and_pipe():
    left, right = pycapsicum.socketpair(rights=BOTH_WAYS)
    assert left.send(b"spam") == 4 and right.recv(9) == b"spam" and not left.get_inheritable()
    refused(left.shutdown, socket.SHUT_WR)
    reading, writing = pycapsicum.pipe(reading="CAP_READ", writing="CAP_WRITE, CAP_FSTAT")
    assert os.write(writing, b"spam") == 4 and os.read(reading, 9) == b"spam"
    os.fstat(writing)
    refused(os.fstat, reading)


@in_child
def test_dup(spam):
    directory = pycapsicum.opendir(spam.parent)
    with pycapsicum.openat(directory, "spam", "rb", buffering=0, rights="CAP_READ") as file:
        copy = pycapsicum.dup(file)
        assert copy != file.fileno() and os.read(copy, 3) == b"ham" and file.read(4) == b" and"
        refused(os.lseek, copy, 0, os.SEEK_SET)
        assert not os.get_inheritable(copy)
    plain = pycapsicum.dup(os.open(spam, os.O_RDONLY))
    os.lseek(plain, 0, os.SEEK_SET)


@in_child
def test_take(spam):
    taken = pycapsicum.take(os.open(spam, os.O_RDWR), "CAP_READ")
    assert os.read(taken, 3) == b"ham"
    refused(os.write, taken, b"x")
    left, right = socket.socketpair()
    left.settimeout(5)
    mine = pycapsicum.take(left, BOTH_WAYS)
    assert left.fileno() == -1 and mine.gettimeout() is None and mine.family == socket.AF_UNIX
    assert mine.send(b"spam") == 4 and right.recv(9) == b"spam"
    refused(mine.shutdown, socket.SHUT_WR)
    with pytest.raises(pycapsicum.CapsicumError):
        pycapsicum.take(taken, "CAP_READ, CAP_WRITE")
    assert os.read(taken, 4) == b" and"  # as it was


@pytest.mark.parametrize(
    "call",
    [
        lambda: pycapsicum.socket(),
        lambda: pycapsicum.socketpair(),
        lambda: pycapsicum.pipe(reading="CAP_READ"),
        lambda: pycapsicum.accept(socket.socket()),
        lambda: pycapsicum.take(0),
    ],
)
def test_rights_left_out_are_an_error(call):
    with pytest.raises(TypeError, match="missing 1 required "):
        call()
