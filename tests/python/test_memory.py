# SPDX-License-Identifier: BSD-2-Clause
"""No call leaks memory, references or descriptors, whether it succeeds or fails."""

import gc
import os
import pickle
import sys
import tracemalloc

import pycapsicum
import pytest
from conftest import in_child
from pycapsicum import CapRights

# How often each call is made, five times over; a million takes minutes, so that is for the one who asks.
ROUNDS = int(os.environ.get("PYCAPSICUM_ROUNDS", "1000"))

READ = CapRights("CAP_READ")
BOTH = CapRights("CAP_READ, CAP_EVENT")
BROKEN = (1 << 31) - 1  # a descriptor that is never open


class Numbered:
    def fileno(self):
        return BROKEN


def refused(call):
    """The call, which must fail."""

    def run():
        try:
            call()
        except (OSError, ValueError, TypeError, LookupError):
            return
        raise AssertionError("did not fail")

    return run


def make_calls(path):
    """Every function and method by name, in success and in failure. path is a directory to use."""
    (path / "spam").write_text("ham")
    os.mkfifo(path / "fifo")
    directory = pycapsicum.opendir(path, "rw")
    mine = CapRights()

    def in_place():
        mine_too = READ.copy()
        mine_too |= BOTH
        mine_too &= BOTH
        mine_too -= READ

    return {
        "CapRights()": lambda: CapRights(),
        "CapRights(list)": lambda: CapRights(["CAP_READ", pycapsicum.CAP_EVENT, READ]),
        "CapRights(text)": lambda: CapRights("CAP_READ, CAP_EVENT"),
        "CapRights(typo)": refused(lambda: CapRights(["CAP_REED"])),
        "CapRights(text with typo)": refused(lambda: CapRights("CAP_READ, CAP_REED")),
        "CapRights(constant)": refused(lambda: CapRights([1])),
        "CapRights(object)": refused(lambda: CapRights([None])),
        "CapRights(bytes)": refused(lambda: CapRights(b"CAP_READ")),
        "CapRights(not iterable)": refused(lambda: CapRights(1.5)),
        "CapRights(keyword)": lambda: CapRights(caps=["CAP_READ"]),
        "caps": lambda: BOTH.caps,
        "set": lambda: mine.set(["CAP_READ"]),
        "set failing": refused(lambda: mine.set(["CAP_REED"])),
        "set by keyword": lambda: mine.set(caplist="CAP_READ"),
        "set without": refused(lambda: mine.set()),
        "clear": lambda: mine.clear(["CAP_READ"]),
        "merge": lambda: mine.merge(BOTH),
        "remove": lambda: mine.remove(BOTH),
        "is_set": lambda: BOTH.is_set(["CAP_READ"]),
        "contains": lambda: BOTH.contains(READ),
        "is_valid": lambda: BOTH.is_valid(),
        "compare": lambda: (READ == BOTH, READ != BOTH, READ <= BOTH, READ < BOTH, READ >= BOTH, READ > BOTH),
        "compare with another": lambda: READ == 1,
        "combine": lambda: (READ | BOTH, READ & BOTH, READ - BOTH),
        "combine with another": refused(lambda: READ | 1),
        "in place": in_place,
        "container": lambda: (len(BOTH), list(BOTH), "CAP_READ" in BOTH, bool(BOTH)),
        "text": lambda: (str(BOTH), repr(BOTH)),
        "copy": lambda: BOTH.copy(),
        "pickle": lambda: pickle.loads(pickle.dumps(BOTH)),
        "limit failing": refused(lambda: READ.limit(BROKEN)),
        "limit of an object failing": refused(lambda: READ.limit(Numbered())),
        "limit of nothing": refused(lambda: READ.limit(None)),
        "get": lambda: mine.get(directory),
        "get failing": refused(lambda: mine.get(-1)),
        "ioctls_get": lambda: pycapsicum.ioctls_get(directory),
        "ioctls_get failing": refused(lambda: pycapsicum.ioctls_get(BROKEN)),
        "ioctls_limit failing": refused(lambda: pycapsicum.ioctls_limit(BROKEN, [1, 2, 3])),
        "ioctls_limit of nothing": refused(lambda: pycapsicum.ioctls_limit(0, [None])),
        "fcntls_get": lambda: pycapsicum.fcntls_get(directory),
        "fcntls_limit failing": refused(lambda: pycapsicum.fcntls_limit(BROKEN, 0)),
        "opendir": lambda: pycapsicum.opendir(path).close(),
        "opendir with a block": lambda: pycapsicum.opendir(".", dir_fd=directory).__exit__(None, None, None),
        "opendir failing": refused(lambda: pycapsicum.opendir("/no such directory")),
        "close failing": refused(lambda: pycapsicum.Directory(BROKEN).close()),
        "openat": lambda: pycapsicum.openat(directory, "spam").close(),
        "openat rw": lambda: pycapsicum.openat(directory, "spam", "rw", encoding="utf-8").close(),
        "openat rw of a FIFO": lambda: pycapsicum.openat(directory, "fifo", "rw").close(),
        "openat failing": refused(lambda: pycapsicum.openat(directory, "eggs")),
        "openat with no codec": refused(lambda: pycapsicum.openat(directory, "spam", encoding="no such codec")),
        "openat of a directory": refused(lambda: pycapsicum.openat(directory, ".")),
        "sandboxed": lambda: (pycapsicum.sandboxed(), pycapsicum.getmode(), pycapsicum.enforcement()),
        "strerror": lambda: pycapsicum.strerror(pycapsicum.ECAPMODE),
        "needs": lambda: pycapsicum.needs("pwrite"),
        "needs failing": refused(lambda: pycapsicum.needs("spam")),
        "allows": lambda: pycapsicum.allows("CAP_READ"),
        "allows failing": refused(lambda: pycapsicum.allows("CAP_READ, CAP_EVENT")),
        "CapsicumError": lambda: pickle.loads(pickle.dumps(pycapsicum.CapsicumError(2, "text", "file"))),
    }


@pytest.fixture
def calls(tmp_path):
    """The calls, while the collector leaves alone what was there before, which would take most of the time."""
    gc.collect()
    gc.freeze()
    yield make_calls(tmp_path)
    gc.unfreeze()


def growth(call, measure):
    """How much a measure grows while a call is made again and again.

    The least of five tries: what grows once, a cache or the like, is no leak.
    """

    def once():
        gc.collect()
        before = measure()
        for _ in range(ROUNDS):
            call()
        gc.collect()
        return measure() - before

    return min(once() for _ in range(5))


def memory_grown(calls):
    """The calls that take more and more memory, with how much.

    Eight bytes a round is less than any leak: the least that Python allocates is 16.
    """
    tracemalloc.start()
    try:
        grown = {name: growth(call, lambda: tracemalloc.get_traced_memory()[0]) for name, call in calls.items()}
    finally:
        tracemalloc.stop()
    return {name: size for name, size in grown.items() if size > 8 * ROUNDS}


def test_no_memory(calls):
    assert memory_grown(calls) == {}


@in_child
def test_no_memory_in_limits(tmp_path):
    """What limits, and so cannot be done in this process."""
    (tmp_path / "spam").write_text("ham")
    directory = pycapsicum.opendir(tmp_path)
    reading, writing = os.pipe()
    limits = {
        "limit": lambda: READ.limit(reading),
        "limit more": lambda: READ.limit(reading, writing),
        "ioctls_limit": lambda: pycapsicum.ioctls_limit(reading, []),
        "fcntls_limit": lambda: pycapsicum.fcntls_limit(reading, 0),
        "fcntls_get": lambda: pycapsicum.fcntls_get(reading),
        "ioctls_get": lambda: pycapsicum.ioctls_get(reading),
        "limit growing": refused(lambda: BOTH.limit(reading)),
        "openat limited": lambda: pycapsicum.openat(directory, "spam", rights=READ).close(),
        "socketpair": lambda: [end.close() for end in pycapsicum.socketpair(rights=READ)],
        "pipe": lambda: [os.close(end) for end in pycapsicum.pipe(reading=READ, writing=READ)],
        "pipe failing": refused(lambda: pycapsicum.pipe(reading=READ, writing="CAP_REED")),
        "take failing": refused(lambda: pycapsicum.take(BROKEN, READ)),
        "enter": pycapsicum.enter,
        "opendir": refused(lambda: pycapsicum.opendir("/")),
    }
    assert memory_grown(limits) == {}


if hasattr(sys, "gettotalrefcount"):  # only a debug build counts its references

    def test_no_reference(calls):
        grown = {name: growth(call, sys.gettotalrefcount) for name, call in calls.items()}
        assert {name: count for name, count in grown.items() if count > ROUNDS / 2} == {}


def test_no_descriptor(calls):
    before = sorted(os.listdir("/dev/fd"))
    for call in calls.values():
        call()
    assert sorted(os.listdir("/dev/fd")) == before


def test_types_and_singletons_keep_their_references(calls):
    """What a static count of references gets wrong first: classes, None, and the names."""
    watched = [pycapsicum.CapRights, pycapsicum.CapsicumError, pycapsicum.Directory, None, True, False, NotImplemented]
    watched += CapRights("CAP_READ").caps
    for name, call in calls.items():
        call()
        before = [sys.getrefcount(value) for value in watched]
        for _ in range(100):
            call()
        after = [sys.getrefcount(value) for value in watched]
        assert all(abs(b - a) < 50 for a, b in zip(before, after)), name
