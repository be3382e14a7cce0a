# SPDX-License-Identifier: BSD-2-Clause
"""SandboxExecutor: each call in a process that can only compute, whose answer is data or a clear exception."""

import ctypes
import errno
import json
import os
import resource
import signal
import socket
import sys
import time

import pycapsicum
import pytest
from conftest import in_child
from pycapsicum import SandboxExecutor, WorkerCrashed, WorkerTimeout, _results


def outcome(call, *args, **options):
    """What a call gives in a process of its own, or the exception that it is there."""
    with SandboxExecutor(1, timeout=30, **options) as executor:
        future = executor.submit(call, *args)
        return future.exception() or future.result()


VALUES = [
    None,
    True,
    1 << 200,
    1.5,
    "\N{SNOWMAN}\0",
    b"\0\xff",
    [1, [2]],
    (1, ()),
    {1: {"a": b"b"}},
    {1},
    frozenset("a"),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_results(value):
    result = outcome(lambda: value)
    assert result == value and type(result) is type(value)


@pytest.mark.parametrize("value", [object(), len, 1j, pycapsicum.CapRights()], ids=lambda value: type(value).__name__)
def test_objects_do_not_come_out(value):
    assert isinstance(outcome(lambda: [value]), TypeError)


def test_arguments_need_not_be_pickled():
    lock = ctypes.c_int(5)
    assert outcome(lambda a: a.value, lock) == 5


def test_map_keeps_the_order():
    with SandboxExecutor(2) as executor:
        assert list(executor.map(abs, [-1, 2, -3])) == [1, 2, 3]


def try_all():
    """The errno of each thing that a process which computes has no business with."""

    def attempt(call):
        try:
            call()
        except OSError as error:
            return error.errno
        return 0

    return [
        attempt(lambda: open("/etc/passwd")),
        attempt(lambda: os.kill(os.getppid(), 0)),
        attempt(lambda: socket.create_connection(("127.0.0.1", 9))),
        attempt(lambda: os.execv("/bin/sh", ["sh"])),
    ]


def test_it_is_in_capability_mode():
    assert outcome(try_all) == [pycapsicum.ECAPMODE] * 4


def test_it_holds_only_what_was_named(spam):
    def open_numbers():
        def is_open(number):
            try:
                os.fstat(number)
            except OSError as error:
                return error.errno == pycapsicum.ENOTCAPABLE
            return True

        return [number for number in range(3, 100) if is_open(number)]

    def rights_of(number):
        rights = pycapsicum.CapRights()
        rights.get(number)
        return rights.caps

    with open(spam) as other, open(spam) as file:
        assert other.fileno() not in outcome(open_numbers)
        held = outcome(open_numbers, holding={file: "CAP_READ, CAP_FSTAT"})
        assert len(held) == 2 and file.fileno() in held  # the other is where the result goes
        assert outcome(rights_of, file.fileno(), holding={file: "CAP_READ"}) == ["CAP_READ"]
        assert outcome(rights_of, 1) == []
        assert "CAP_WRITE" in outcome(rights_of, 1, stdio=True)


@in_child
def test_it_holds_nothing_above_the_limit_for_open_files(spam):
    with open(spam) as file:
        os.dup2(file.fileno(), 900)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
    assert outcome(os.read, 900, 1).errno == errno.EBADF
    assert os.read(900, 3) == b"ham"


def test_a_descriptor_for_one_call(spam):
    with SandboxExecutor(1) as executor, open(spam) as file:
        assert executor.submit_holding({file: "CAP_READ, CAP_SEEK, CAP_FSTAT"}, file.read).result() == "ham and eggs\n"
        assert executor.submit(os.fstat, file.fileno()).exception().errno == 9


def test_a_refusal_names_what_was_missing(spam):
    def write(file):
        os.write(file.fileno(), b"x")

    with open(spam, "r+") as file:
        error = outcome(write, file, holding={file: "CAP_READ"})
    assert isinstance(error, pycapsicum.CapsicumError) and isinstance(error, PermissionError)
    assert error.errno == pycapsicum.ENOTCAPABLE
    assert "lacks CAP_WRITE; it has CAP_READ" in f"{error.strerror} {getattr(error, '__notes__', '')}"


def test_the_same_exceptions_come_out():
    assert isinstance(outcome(json.loads, "{"), ValueError)
    assert outcome(lambda: {}["ham"]).args == ("ham",)
    assert isinstance(outcome(b"\xff".decode), UnicodeDecodeError)
    error = outcome(lambda: 1 // 0)
    assert isinstance(error, ZeroDivisionError) and "1 // 0" in str(error.__cause__)


def test_what_ends_the_process_does_not_end_its_parent():
    error = outcome(lambda: exec("raise SystemExit(3)"))
    assert repr(error) == "WorkerCrashed('the process ended with status 3 and no result')"


def test_a_crash():
    error = outcome(lambda: os.kill(os.getpid(), signal.SIGKILL))
    assert repr(error) == "WorkerCrashed('the process was killed by SIGKILL and no result')"


def test_a_hang():
    with SandboxExecutor(1, timeout=0.2) as executor:
        future = executor.submit(time.sleep, 60)
        with pytest.raises(WorkerTimeout, match="^no result after 0.2 seconds$"):
            future.result()


def test_a_hang_behind_a_closed_pipe():
    with SandboxExecutor(1, timeout=0.2) as executor:
        future = executor.submit(lambda: os.closerange(3, 100) or time.sleep(60))
        with pytest.raises(WorkerTimeout):
            future.result()


def test_a_child_of_it_keeps_nobody_waiting():
    def leave_one():
        if os.fork() == 0:
            time.sleep(2)
            os._exit(0)
        return "done"

    before = time.monotonic()
    assert outcome(leave_one) == "done"
    assert time.monotonic() - before < 2


def test_too_much():
    error = outcome(lambda: b"x" * 10_000, largest_result=1000)
    assert repr(error) == "WorkerCrashed('the process sent more than 1000 bytes')"


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"{}",
        b"[]",
        b'{"result": 1, "error": 2}',
        b'{"result": [1]}',
        b'{"result": {"eval": "1"}}',
        b'{"result": {"bytes": "\\u0000"}}',
        b'{"result": {"dict": [[{"dict": []}, 1]]}}',
        b'{"result": {"tuple": 5}}',
        b"[" * 100_000,
        b'{"error": {"class": "SystemExit", "args": [], "notes": [], "traceback": ""}}',
        b'{"error": {"class": "eval", "args": ["1"], "notes": [], "traceback": ""}}',
        b'{"error": {"class": "os.system", "args": ["1"], "notes": [], "traceback": ""}}',
    ],
    ids=lambda data: data[:50].decode("latin-1"),
)
def test_what_is_no_result(data):
    """As a process might send whose code somebody else took over."""
    with pytest.raises(_results.NoResult, match="^what is no result: "):
        _results.load(data)


@pytest.mark.parametrize("kind", ["set", "frozenset", "dict"])
def test_keys_of_one_hash(kind):
    """They would take time by their square: as many as fit in a result, hours of the process that trusts nobody."""
    keys = [number * sys.hash_info.modulus for number in range(1, 20_000)]
    content = [[key, 0] for key in keys] if kind == "dict" else keys
    with pytest.raises(_results.NoResult, match="^what is no result: keys that were chosen to have one hash$"):
        _results.load(json.dumps({"result": {kind: content}}).encode())


def test_a_process_that_sends_nonsense():
    def nonsense():
        os.write(max(int(name) for name in range(3, 64) if is_pipe(name)), b"{")
        os._exit(0)

    def is_pipe(number):
        try:
            return pycapsicum.missing(number, "CAP_WRITE") == pycapsicum.CapRights()
        except OSError:
            return False

    error = outcome(nonsense)
    assert isinstance(error, WorkerCrashed) and str(error).startswith("the process sent what is no result: ")


@in_child
def test_from_inside_a_sandbox():
    pycapsicum.prepare()
    SandboxExecutor(1).shutdown()
    pycapsicum.enter()
    assert outcome(sum, [1, 2]) == 3


def test_nothing_is_left_behind():
    def count():
        return len(os.listdir("/dev/fd"))

    before = count()
    assert [outcome(call) for call in (lambda: 1, lambda: 2)] == [1, 2]
    assert isinstance(outcome(lambda: os._exit(1)), WorkerCrashed)
    assert count() == before
