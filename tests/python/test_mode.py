# SPDX-License-Identifier: BSD-2-Clause
"""Capability mode, and what is enforced."""

import ctypes
import os
import threading

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
    assert tuple(enforced) == (enforced.rights, enforced.mode, enforced.lookups, enforced.signals, enforced.exact)
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
