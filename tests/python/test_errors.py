# SPDX-License-Identifier: BSD-2-Clause
"""CapsicumError: an OSError that is also the class which the errno has in Python."""

import copy
import errno
import os
import pickle
import socket
import subprocess
import sys

import pycapsicum
import pytest
from conftest import in_child
from pycapsicum import CapsicumError, _capsicum

CLASSES = [
    (pycapsicum.ENOTCAPABLE, PermissionError),
    (pycapsicum.ECAPMODE, PermissionError),
    (errno.EPERM, PermissionError),
    (errno.EACCES, PermissionError),
    (errno.ENOENT, FileNotFoundError),
    (errno.EEXIST, FileExistsError),
    (errno.ENOTDIR, NotADirectoryError),
    (errno.EISDIR, IsADirectoryError),
]


@pytest.mark.parametrize("number, builtin", CLASSES)
def test_the_class_follows_the_errno(number, builtin):
    error = CapsicumError(number, "text", "file")
    assert isinstance(error, CapsicumError) and isinstance(error, builtin)
    assert (error.errno, error.strerror, error.filename) == (number, "text", "file")
    assert str(error) == f"[Errno {number}] text: 'file'"
    assert type(error).__name__ == "CapsicumError"


@pytest.mark.parametrize("number", [errno.EBADF, errno.EINVAL, errno.ENOSYS, errno.ENOMEM])
def test_other_errnos(number):
    error = CapsicumError(number, "text")
    assert type(error) is CapsicumError
    assert error.errno == number


def test_odd_arguments():
    assert type(CapsicumError()) is CapsicumError
    assert type(CapsicumError("text")) is CapsicumError
    assert type(CapsicumError("1", "text")) is CapsicumError
    for number in 1 << 70, (1 << 32) + errno.ENOENT, -(1 << 32) + errno.ENOENT:
        assert type(CapsicumError(number, "text")) is CapsicumError
        assert CapsicumError(number, "text").errno == number


@pytest.mark.parametrize("number, builtin", CLASSES + [(errno.EBADF, OSError)])
def test_pickle_and_copy(number, builtin):
    error = CapsicumError(number, "text", "file")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is type(error)
        assert (again.errno, again.strerror, again.filename) == (number, "text", "file")


class Mine(CapsicumError):
    """A subclass, which stays what it is."""


def test_subclass():
    error = Mine(errno.ENOENT, "text")
    assert type(error) is Mine
    assert type(pickle.loads(pickle.dumps(error))) is Mine


def test_what_a_function_raises():
    with pytest.raises(CapsicumError) as caught:
        pycapsicum.CapRights().limit((1 << 31) - 1)
    assert (caught.value.errno, caught.value.filename) == (errno.EBADF, None)
    assert caught.value.strerror == os.strerror(errno.EBADF)


def test_text():
    assert pycapsicum.strerror(pycapsicum.ENOTCAPABLE) == "Capabilities insufficient"
    assert pycapsicum.strerror(pycapsicum.ECAPMODE) == "Not permitted in capability mode"
    assert pycapsicum.strerror(errno.ENOENT) == os.strerror(errno.ENOENT)
    with pytest.raises(TypeError, match="^errno must be an int, not '1'$"):
        pycapsicum.strerror("1")
    for number in 1 << 31, -(1 << 70):
        with pytest.raises(ValueError, match=f"^errno out of range: {number}$"):
            pycapsicum.strerror(number)


@pytest.mark.parametrize(
    "call, number",
    [
        (lambda: pycapsicum.dup(9999), errno.EBADF),
        (lambda: pycapsicum.take(9999, "CAP_READ"), errno.EBADF),
        (lambda: pycapsicum.socket(999, rights=None), errno.EAFNOSUPPORT),
        (lambda: _capsicum._pdkill(9999, 0), errno.EBADF),
    ],
)
def test_the_errno_is_of_the_call_itself(call, number):
    """And not one that an earlier call left."""
    with pytest.raises(FileNotFoundError):
        os.stat("none of this name")
    with pytest.raises(CapsicumError) as caught:
        call()
    assert caught.value.errno == number


def refused(call, *args):
    with pytest.raises(CapsicumError) as caught:
        call(*args)
    assert isinstance(caught.value, PermissionError)
    assert str(caught.value) == f"[Errno {pycapsicum.ENOTCAPABLE}] Capabilities insufficient"


@in_child
def test_files_say_what_was_refused(tmp_path):
    """Those that openat() and open() return."""
    (tmp_path / "file").write_text("spam")
    directory = os.open(tmp_path, os.O_DIRECTORY)
    for flags in "rb", "rwb":
        mute = pycapsicum.openat(directory, "file", flags, buffering=0, rights="CAP_FSTAT")
        for call in mute.read, mute.readall, mute.tell:
            refused(call)
        refused(mute.readinto, bytearray(1))
        refused(mute.seek, 1)
    for flags in "wb", "rwb":
        mute = pycapsicum.openat(directory, "file", flags, buffering=0, rights="CAP_FSTAT")
        refused(mute.write, b"x")
        refused(mute.truncate, 0)
    refused(pycapsicum.open(tmp_path / "file", rights="CAP_SEEK").read)


@in_child
def test_a_default_timeout_needs_a_right():
    """Sockets with a timeout are non-blocking, which they may not become; then they are closed, each once."""
    listener = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(listener.getsockname())
    limited, peer = socket.socketpair()
    pycapsicum.CapRights("CAP_RECV").limit(limited)
    refused(pycapsicum.take, limited, "CAP_RECV")
    assert limited.fileno() >= 0
    unlimited = [socket.socket(), socket.socket()]
    socket.setdefaulttimeout(5)
    before = os.listdir("/dev/fd")
    refused(lambda: pycapsicum.socket(rights="CAP_RECV"))
    refused(lambda: pycapsicum.socketpair(rights="CAP_RECV"))
    refused(lambda: pycapsicum.accept(listener, rights="CAP_RECV"))
    assert os.listdir("/dev/fd") == before
    refused(pycapsicum.take, unlimited[0], "CAP_RECV")
    assert unlimited[0].fileno() == -1
    assert pycapsicum.socket(rights="CAP_RECV, CAP_IOCTL").gettimeout() == 5
    assert client.fileno() >= 0 and peer.fileno() >= 0


def test_prepare_too_late():
    program = "import pycapsicum; pycapsicum.enter(); pycapsicum.prepare()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert "CapsicumError: [Errno" in done.stderr and "Not permitted in capability mode" in done.stderr
