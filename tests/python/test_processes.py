# SPDX-License-Identifier: BSD-2-Clause
"""Process: a child that is known by a descriptor, in capability mode and outside."""

import os
import signal
import subprocess
import sys
import time

import pycapsicum
import pytest
from conftest import in_child
from pycapsicum import Process


def test_its_status():
    with Process(os._exit, 3) as process:
        assert process.pid > 0 and not os.get_inheritable(process.fileno())
    assert process.returncode == 3
    assert process.wait() == 3  # known by now


@pytest.mark.parametrize(
    "call, status",
    [
        (lambda: None, 0),
        (lambda: sys.exit(4), 4),
        (lambda: sys.exit("spam"), 1),
        (lambda: sys.exit(), 0),
        (lambda: os.kill(os.getpid(), signal.SIGTERM), -signal.SIGTERM),
    ],
)
def test_how_it_ends(call, status):
    with Process(call) as process:
        assert process.wait() == status


def test_arguments():
    with Process(lambda a, b: os._exit(a + b), 1, b=2) as process:
        assert process.wait() == 3


def test_kill():
    with Process(time.sleep, 60) as process:
        process.kill(signal.SIGTERM)
        assert process.wait() == -signal.SIGTERM
        process.kill()  # nothing happens any more


def test_wait_for_so_long():
    with Process(time.sleep, 60) as process:
        with pytest.raises(TimeoutError, match=f"^process {process.pid} has not ended after 0.05 seconds$"):
            process.wait(0.05)
        process.kill()


def test_a_block_that_raises_kills_it():
    before = time.monotonic()
    with pytest.raises(KeyError), Process(time.sleep, 60) as process:
        raise KeyError
    assert process.returncode == -signal.SIGKILL and time.monotonic() - before < 10


def test_closed():
    process = Process(time.sleep, 60)
    process.close()
    process.close()
    for call in process.fileno, lambda: Process.fileno(process):
        with pytest.raises(ValueError, match="^the process's descriptor is closed$"):
            call()


@in_child
def test_inside():
    """Where os.kill() is refused."""
    pycapsicum.enter()
    with Process(time.sleep, 60) as process:
        with pytest.raises(OSError) as caught:
            os.kill(process.pid, signal.SIGKILL)
        assert caught.value.errno == pycapsicum.ECAPMODE
        process.kill()
        assert process.wait() == -signal.SIGKILL


def test_an_exception_is_reported():
    run = "import pycapsicum\nwith pycapsicum.Process(lambda: 1 / 0) as process: print(process.wait())"
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True)
    assert done.stdout == "1\n" and done.stderr.endswith("ZeroDivisionError: division by zero\n")


def test_nothing_is_written_twice_or_lost():
    run = "import pycapsicum\nprint('before', end=' ')\nwith pycapsicum.Process(print, 'inside', end=' '): pass\nprint('after')"
    assert subprocess.run([sys.executable, "-c", run], capture_output=True, text=True).stdout == "before inside after\n"


def test_not_from_a_subinterpreter():
    """As os.fork(): a fork of it would not be the main one."""
    interpreters = "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
    run = f"""
import {interpreters} as interpreters
interpreters.run_string(interpreters.create(), '''
import pycapsicum
try:
    pycapsicum.Process(print)
except RuntimeError as error:
    assert str(error) == "fork not supported for subinterpreters"
else:
    raise AssertionError
''')
"""
    subprocess.run([sys.executable, "-c", run], check=True, timeout=60)
