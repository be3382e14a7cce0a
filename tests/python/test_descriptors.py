# SPDX-License-Identifier: BSD-2-Clause
"""Limits on descriptors: rights, ioctl commands, fcntl commands, and what counts as a descriptor."""

import errno
import fcntl
import os
import socket
import termios

import pycapsicum
import pytest
from conftest import in_child
from pycapsicum import CapRights


def held(descriptor):
    rights = CapRights()
    assert rights.get(descriptor) is None
    return rights


def refused(call, *args):
    with pytest.raises(OSError) as caught:
        call(*args)
    assert caught.value.errno == pycapsicum.ENOTCAPABLE


@in_child
def test_limit_and_get(spam):
    with open(spam) as file:
        assert CapRights(["CAP_READ"]).limit(file) is None
        assert held(file).caps == ["CAP_READ"]
        assert os.read(file.fileno(), 3) == b"ham"
        refused(os.lseek, file.fileno(), 0, os.SEEK_SET)
        refused(os.fstat, file.fileno())


@in_child
def test_the_kernel_refuses_what_was_not_granted(spam):
    fd = os.open(spam, os.O_RDWR)
    CapRights(["CAP_WRITE"]).limit(fd)
    refused(os.read, fd, 1)
    refused(os.pwrite, fd, b"x", 0)
    refused(os.ftruncate, fd, 0)
    refused(os.fchmod, fd, 0o600)
    assert os.write(fd, b"spam") == 4


@in_child
def test_rights_only_shrink(spam):
    fd = os.open(spam, os.O_RDONLY)
    CapRights(["CAP_READ", "CAP_FSTAT"]).limit(fd)
    CapRights(["CAP_READ"]).limit(fd)
    with pytest.raises(pycapsicum.CapsicumError) as caught:
        CapRights(["CAP_READ", "CAP_FSTAT"]).limit(fd)
    assert caught.value.errno == pycapsicum.ENOTCAPABLE
    assert held(fd).caps == ["CAP_READ"]


@in_child
def test_limit_many(spam):
    """In one call, which on Linux takes one filter: a call for each would soon take all that the kernel allows."""
    files = [open(spam) for _ in range(200)]
    rights = CapRights(["CAP_READ"])
    assert rights.limit(*files) is None
    for file in files:
        assert held(file) == rights
        refused(os.lseek, file.fileno(), 0, os.SEEK_SET)


@in_child
def test_limit_many_with_a_wrong_one(spam):
    with open(spam) as file:
        with pytest.raises(TypeError, match="^a descriptor is"):
            CapRights().limit(file, None)
        with pytest.raises(pycapsicum.CapsicumError) as caught:
            CapRights().limit((1 << 31) - 1, file)
        assert caught.value.errno == errno.EBADF
        assert "CAP_READ" in held(file)
        for wrong in (lambda: CapRights().limit(), lambda: CapRights().limit(file, fd=file)):
            with pytest.raises(TypeError, match=r"^limit\(\) "):
                wrong()


def test_an_unlimited_descriptor_has_all_rights(spam):
    with open(spam) as file:
        assert {"CAP_READ", "CAP_WRITE", "CAP_EVENT", "CAP_IOCTL", "CAP_MKDIRAT"} <= set(held(file))


@in_child
def test_no_rights_at_all(spam):
    with open(spam) as file:
        CapRights().limit(file)
        assert held(file).caps == []
        refused(os.read, file.fileno(), 1)


class Numbered:
    def __init__(self, number):
        self.number = number

    def fileno(self):
        return self.number


@in_child
def test_what_is_a_descriptor(spam):
    left, right = socket.socketpair()
    fd = os.open(spam, os.O_RDONLY)
    rights = CapRights(["CAP_READ"])
    for descriptor in fd, open(spam), open(spam, "rb", buffering=0), left, Numbered(right.fileno()):
        rights.limit(fd=descriptor)
        assert held(descriptor) == rights


@pytest.mark.parametrize("value", [True, False, None, "0", 0.0, b"0", [0]])
def test_what_is_none(value):
    for call in calls_on(value):
        with pytest.raises(TypeError, match=r"^a descriptor is an int or an object with fileno\(\), not "):
            call()


@pytest.mark.parametrize("value", ["0", True, None])
def test_fileno_that_gives_none(value):
    for call in calls_on(Numbered(value)):
        with pytest.raises(TypeError, match=rf"^fileno\(\) of .* gives {value!r}, not an int$"):
            call()


@pytest.mark.parametrize("number", [-1, -100, -(1 << 70), 1 << 31, 1 << 70])
def test_numbers_that_no_descriptor_has(number):
    for value in number, Numbered(number):
        for call in calls_on(value):
            with pytest.raises(ValueError, match=f"^file descriptor out of range: {number}$"):
                call()


def closed_number():
    fd = os.open("/", os.O_RDONLY)
    os.close(fd)
    return fd


@pytest.mark.parametrize("number", [closed_number, lambda: (1 << 31) - 1], ids=["closed", "huge"])
def test_descriptors_that_are_not_open(number):
    for call in calls_on(number()):
        with pytest.raises(pycapsicum.CapsicumError) as caught:
            call()
        assert caught.value.errno == errno.EBADF


def test_a_closed_file(spam):
    file = open(spam)
    file.close()
    for call in calls_on(file):
        with pytest.raises(ValueError, match="closed file"):
            call()


def test_fileno_that_fails():
    class Failing:
        def fileno(self):
            raise AttributeError("mine")

    for call in calls_on(Failing()):
        with pytest.raises(AttributeError, match="mine"):
            call()


def calls_on(value):
    """Each call that takes a descriptor, on this one."""
    return [
        lambda: CapRights().limit(value),
        lambda: CapRights().get(value),
        lambda: pycapsicum.ioctls_limit(value, []),
        lambda: pycapsicum.ioctls_get(value),
        lambda: pycapsicum.fcntls_limit(value, 0),
        lambda: pycapsicum.fcntls_get(value),
    ]


def test_ioctls_without_a_limit(spam):
    with open(spam) as file:
        assert pycapsicum.ioctls_get(file) == (pycapsicum.CAP_IOCTLS_ALL, [])


@in_child
def test_ioctls(spam):
    with open(spam) as file:
        assert pycapsicum.ioctls_limit(file, [1, 2, 3, 4, 5]) is None
        assert pycapsicum.ioctls_get(file) == (5, [1, 2, 3, 4, 5])
        pycapsicum.ioctls_limit(file, [1, 2, 5])
        assert pycapsicum.ioctls_get(file) == (3, [1, 2, 5])
        with pytest.raises(pycapsicum.CapsicumError) as caught:
            pycapsicum.ioctls_limit(file, [3])
        assert caught.value.errno == pycapsicum.ENOTCAPABLE
        pycapsicum.ioctls_limit(file, [])
        assert pycapsicum.ioctls_get(fd=file) == (0, [])


@in_child
def test_the_kernel_refuses_other_ioctls():
    reading, writing = os.pipe()
    os.write(writing, b"spam")
    pycapsicum.ioctls_limit(fd=reading, cmdlist=(termios.FIONREAD,))
    assert fcntl.ioctl(reading, termios.FIONREAD, b"\0\0\0\0") == (4).to_bytes(4, "little")
    refused(fcntl.ioctl, reading, termios.FIONBIO, b"\0\0\0\0")


@pytest.mark.parametrize("command", [-1, 1 << 64])
def test_ioctl_commands_out_of_range(command):
    with pytest.raises(ValueError, match=f"^ioctl command out of range: {command}$"):
        pycapsicum.ioctls_limit(0, [1, command])


@pytest.mark.parametrize("commands", [[True], ["1"], [None], [1.0]])
def test_ioctl_commands_of_the_wrong_type(commands):
    with pytest.raises(TypeError, match="^an ioctl command must be an int, not "):
        pycapsicum.ioctls_limit(0, commands)


@pytest.mark.parametrize("commands", [1, None])
def test_ioctl_commands_that_are_no_list(commands):
    with pytest.raises(TypeError, match="not iterable"):
        pycapsicum.ioctls_limit(0, commands)


@in_child
def test_more_ioctls_than_one_can_list(spam):
    with open(spam) as file:
        with pytest.raises(pycapsicum.CapsicumError):
            pycapsicum.ioctls_limit(file, range(1_000_000))
        assert pycapsicum.ioctls_get(file) == (pycapsicum.CAP_IOCTLS_ALL, [])


def test_fcntls_without_a_limit(spam):
    with open(spam) as file:
        assert pycapsicum.fcntls_get(file) == (pycapsicum.CAP_FCNTL_ALL, 0)


@in_child
def test_fcntls(spam):
    with open(spam) as file:
        assert pycapsicum.fcntls_limit(file, pycapsicum.CAP_FCNTL_ALL) is None
        assert pycapsicum.fcntls_get(file) == (pycapsicum.CAP_FCNTL_ALL, 0)
        some = pycapsicum.CAP_FCNTL_GETFL | pycapsicum.CAP_FCNTL_GETOWN
        pycapsicum.fcntls_limit(fd=file, rights=some)
        assert pycapsicum.fcntls_get(fd=file) == (some, 0)
        fcntl.fcntl(file, fcntl.F_GETFL)
        refused(fcntl.fcntl, file, fcntl.F_SETFL, os.O_NONBLOCK)
        with pytest.raises(pycapsicum.CapsicumError) as caught:
            pycapsicum.fcntls_limit(file, pycapsicum.CAP_FCNTL_SETFL)
        assert caught.value.errno == pycapsicum.ENOTCAPABLE


@in_child
def test_fcntls_that_do_not_exist(spam):
    with open(spam) as file, pytest.raises(pycapsicum.CapsicumError) as caught:
        pycapsicum.fcntls_limit(file, 1)
    assert caught.value.errno == errno.EINVAL


@pytest.mark.parametrize("rights", [-1, 1 << 32, 1 << 70])
def test_fcntl_rights_out_of_range(rights):
    with pytest.raises(ValueError, match=f"^rights out of range: {rights}$"):
        pycapsicum.fcntls_limit(0, rights)


@pytest.mark.parametrize("rights", [True, "1", None, 1.0])
def test_fcntl_rights_of_the_wrong_type(rights):
    with pytest.raises(TypeError, match="^rights must be an int, not "):
        pycapsicum.fcntls_limit(0, rights)
