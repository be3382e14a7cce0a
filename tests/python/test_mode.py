# SPDX-License-Identifier: BSD-2-Clause
"""Capability mode, and what is enforced."""

import _thread
import ctypes
import os
import subprocess
import sys
import threading
import warnings

import pycapsicum
import pytest
from conftest import in_child


def test_outside():
    assert pycapsicum.sandboxed() is False
    assert pycapsicum.getmode() == 0


@in_child
def test_inside():
    assert pycapsicum.enter() is None
    assert pycapsicum.sandboxed() is True
    assert pycapsicum.getmode() == 1


@in_child
def test_entering_twice():
    pycapsicum.enter()
    pycapsicum.enter()
    assert pycapsicum.sandboxed()


@in_child
def test_paths_are_refused(spam):
    pycapsicum.enter()
    for call in (
        lambda: open(spam),
        lambda: open(spam, "w"),
        lambda: os.unlink(spam),
        lambda: os.mkdir("eggs"),
        lambda: os.execv("/bin/sh", ["sh"]),
    ):
        with pytest.raises(OSError) as caught:
            call()
        assert caught.value.errno == pycapsicum.ECAPMODE


@in_child
def test_descriptors_still_work(spam):
    fd = os.open(spam, os.O_RDWR)
    pycapsicum.enter()
    assert os.read(fd, 3) == b"ham"
    assert os.pwrite(fd, b"s", 0) == 1
    os.lseek(fd, 0, os.SEEK_SET)
    os.close(fd)


@in_child
def test_children_inherit_it(spam):
    pycapsicum.enter()
    reading, writing = os.pipe()
    if os.fork() == 0:
        try:
            open(spam)
        except OSError as error:
            os.write(writing, str(error.errno).encode())
        os._exit(0)
    os.close(writing)
    assert int(os.read(reading, 100)) == pycapsicum.ECAPMODE


@in_child
def test_threads_start_inside(spam):
    pycapsicum.enter()
    answers = []

    def look():
        try:
            open(spam)
        except OSError as error:
            answers.append((pycapsicum.sandboxed(), error.errno))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert answers == [(True, pycapsicum.ECAPMODE)]


@in_child
def test_threads_that_were_there_are_inside_too(spam):
    answers, entered = [], threading.Event()

    def look():
        entered.wait()
        try:
            open(spam)
        except OSError as error:
            answers.append((pycapsicum.sandboxed(), error.errno))

    thread = threading.Thread(target=look)
    thread.start()
    pycapsicum.enter()
    entered.set()
    thread.join()
    assert answers == [(True, pycapsicum.ECAPMODE)]


def test_enforcement():
    enforced = pycapsicum.enforcement()
    assert isinstance(enforced, pycapsicum.Enforcement)
    assert enforced.rights is True and enforced.mode is True
    assert tuple(enforced) == tuple(getattr(enforced, name) for name in enforced.__match_args__)
    assert enforced.metadata is (pycapsicum._mode._enforcement() & 32 != 0)  # CE_ENFORCE_METADATA
    assert all(type(answer) is bool for answer in enforced)
    assert enforced.exact is os.uname().sysname.startswith("FreeBSD")


if os.uname().sysname == "Linux":

    def test_enforcement_follows_the_kernel():
        """What Landlock says of its version: 1 has lookups, 6 has a scope for signals."""
        landlock_create_ruleset, version = 444, 1
        abi = ctypes.CDLL(None).syscall(landlock_create_ruleset, None, ctypes.c_size_t(0), version)
        enforced = pycapsicum.enforcement()
        assert (enforced.lookups, enforced.signals, enforced.exact) == (abi >= 1, abi >= 6, False)


@in_child
def test_enforcement_inside():
    able = pycapsicum.enforcement()
    pycapsicum.enter()
    assert pycapsicum.enforcement() == able


@in_child
def test_sandbox(spam):
    directory, file = os.open(spam.parent, os.O_RDONLY), open(spam)
    limits = {directory: "CAP_LOOKUP, CAP_READ, CAP_FSTAT", file: ["CAP_READ", "CAP_FSTAT"]}
    assert pycapsicum.sandbox(limits) is True
    assert pycapsicum.sandboxed()
    assert not pycapsicum.missing(file, "CAP_READ") and pycapsicum.missing(file, "CAP_SEEK")
    assert pycapsicum.missing(1, "CAP_READ") and not pycapsicum.missing(1, "CAP_WRITE")
    with pycapsicum.openat(directory, "spam") as same:
        assert same.read() == "ham and eggs\n"


@in_child
def test_sandbox_without_the_rest(spam):
    assert pycapsicum.sandbox(stdio=False, prepare=False, optional=True) is True
    assert not pycapsicum.missing(1, "CAP_READ")


@in_child
def test_a_sandbox_that_fails_is_none(spam):
    with open(spam) as file:
        with pytest.raises(ValueError, match="nearest is 'CAP_READ'"):
            pycapsicum.sandbox({file: "CAP_REED"})
        with pytest.raises(pycapsicum.CapsicumError):
            pycapsicum.sandbox({(1 << 31) - 1: "CAP_READ"})
    assert not pycapsicum.sandboxed()


@in_child
def test_where_nothing_can_be_enforced(monkeypatch):
    """As on a kernel with neither Capsicum nor seccomp."""
    monkeypatch.setattr(pycapsicum._mode, "_enforcement", lambda: 0)
    assert pycapsicum.sandbox(optional=True) is False
    assert not pycapsicum.sandboxed()


@in_child
def test_a_warning_where_lookups_are_lost(spam, monkeypatch):
    able = pycapsicum._mode._enforcement() & ~4
    monkeypatch.setattr(pycapsicum._mode, "_enforcement", lambda: able)
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait, name="reader")
    thread.start()
    directory = os.open(spam.parent, os.O_RDONLY)
    expected = (
        "^nothing can be opened beneath a directory in capability mode, because the process has other threads "
        r"\(reader\): enter before they start, or let them end$"
    )
    with pytest.warns(RuntimeWarning, match=expected):
        pycapsicum.enter()
    ended.set()
    thread.join()
    os.close(directory)


@in_child
def test_threads_that_python_did_not_start_are_counted():
    start = _thread.start_new_thread
    lock = _thread.allocate_lock()
    lock.acquire()
    start(lock.acquire, ())
    assert pycapsicum._mode.other_threads() == ["1 that Python did not start"]
    lock.release()


def test_what_is_loaded_late_says_so_inside():
    program = "import pycapsicum\npycapsicum.enter()\npycapsicum.SandboxExecutor"
    done = subprocess.run([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True, check=False)
    assert done.stderr.splitlines()[-1] == (
        "ImportError: pycapsicum.SandboxExecutor cannot be loaded in capability mode: "
        "name it before, as by 'from pycapsicum import SandboxExecutor'"
    )


@in_child
def test_what_was_lost_is_told():
    """By the kernel's filter, of a process with two threads as it entered."""
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    assert pycapsicum.explain_lost() == ""
    pycapsicum.enter()
    expected = "" if pycapsicum.enforcement().lookups else "2 threads"
    assert expected in pycapsicum.explain_lost() and (expected != "" or pycapsicum.explain_lost() == "")
    ended.set()
    thread.join()


@in_child
def test_a_warning_may_be_an_error(spam, monkeypatch):
    monkeypatch.setattr(pycapsicum._mode, "_enforcement", lambda: 3)
    with pycapsicum.opendir(spam.parent), warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning):
            pycapsicum.enter()
    assert not pycapsicum.sandboxed()


@in_child
def test_no_warning_where_nothing_is_lost(monkeypatch):
    for number in map(int, os.listdir("/dev/fd")):
        if pycapsicum._mode.is_directory(number):
            os.close(number)
    monkeypatch.setattr(pycapsicum._mode, "_enforcement", lambda: 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pycapsicum.enter()
