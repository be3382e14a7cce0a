# SPDX-License-Identifier: BSD-2-Clause
"""An executor of concurrent.futures that runs each call in a process of its own, in capability mode."""

from __future__ import annotations

import os
import select
import signal
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor

from pycapsicum import _results
from pycapsicum._capsicum import _close_range, _enter, limit_stdio, sandboxed
from pycapsicum._mode import limit_all, prepare
from pycapsicum._processes import NotInTime, Process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pycapsicum._capsicum import _Limits, _Rights

LAST = 2**31 - 1  # no descriptor is larger


class WorkerCrashed(RuntimeError):
    """A process of a SandboxExecutor ended without a result, or with one that makes no sense.

    >>> import os, pycapsicum
    >>> with pycapsicum.SandboxExecutor() as executor:
    ...     future = executor.submit(os._exit, 3)
    >>> future.exception()
    WorkerCrashed('the process ended with status 3 and no result')
    """


class WorkerTimeout(TimeoutError):
    """A process of a SandboxExecutor took too long, and was killed.

    >>> import pycapsicum, time
    >>> with pycapsicum.SandboxExecutor(timeout=0.1) as executor:
    ...     future = executor.submit(time.sleep, 60)
    >>> future.exception()
    WorkerTimeout('no result after 0.1 seconds')
    """


class SandboxExecutor(Executor):
    """Runs each call in a process of its own, which is in capability mode and can do nothing but compute.

    A process is a fork of this one, so functions and arguments can be whatever this one
    has: they are not pickled. It holds the descriptors that holding names, limited to
    the rights there, and no other; standard output only with stdio=True. It ends with
    the call, so one input cannot harm the next, but by a process that it made: that may
    go on, with what it holds.

    Results are None, numbers, str, bytes, and list, tuple, set and dict of these: what
    comes out of a sandbox is data, never objects whose class would run outside.

    A call that raises, raises the same here, or the nearest class that Python itself
    has; what the kernel refused is a CapsicumError. A process that crashes is
    WorkerCrashed, one that takes longer than timeout seconds WorkerTimeout.

    >>> import json, pycapsicum
    >>> with pycapsicum.SandboxExecutor(timeout=10) as executor:
    ...     list(executor.map(json.loads, ['[1, 2]', '{"ham": null}']))
    [[1, 2], {'ham': None}]
    >>> with pycapsicum.SandboxExecutor() as executor:
    ...     future = executor.submit(open, '/etc/passwd')
    >>> future.exception().errno == pycapsicum.ECAPMODE
    True
    """

    def __init__(
        self,
        max_workers: int | None = None,
        *,
        holding: _Limits | None = None,
        timeout: float | None = None,
        stdio: bool = False,
        largest_result: int = 1 << 26,
    ) -> None:
        if not sandboxed():
            prepare(hooks=False)
        self._holding = dict(holding or {})
        self._timeout, self._stdio, self._largest = timeout, stdio, largest_result
        self._threads = ThreadPoolExecutor(max_workers or os.cpu_count(), "sandbox")

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a call in a process; its result comes by the future.

        >>> import pycapsicum
        >>> with pycapsicum.SandboxExecutor() as executor:
        ...     executor.submit(sum, [1, 2]).result()
        3
        """
        return self._threads.submit(self._run, {}, fn, args, kwargs)

    def submit_holding(self, holding: _Limits, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a call in a process that holds these descriptors too, with these rights.

        >>> import os, pycapsicum
        >>> with pycapsicum.SandboxExecutor() as executor, open(os.devnull) as file:
        ...     executor.submit_holding({file: 'CAP_READ, CAP_FSTAT, CAP_SEEK'}, file.read).result()
        ''
        """
        return self._threads.submit(self._run, dict(holding), fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls, and wait for those that run.

        >>> import pycapsicum
        >>> pycapsicum.SandboxExecutor().shutdown()
        """
        self._threads.shutdown(wait, cancel_futures=cancel_futures)

    def _run(self, holding: _Limits, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run a call in a process: the life of one of the threads, which only wait."""
        reading, writing = os.pipe()
        try:
            process = Process(self._call, writing, holding, fn, args, kwargs)
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        end = None if self._timeout is None else time.monotonic() + self._timeout
        try:
            data = self._receive(reading, process, end)
            status = process.wait(None if end is None else end - time.monotonic())
            return _results.load(data) if data else fail(status)
        except _results.NoResult as error:
            raise WorkerCrashed(f"the process sent {error}") from None
        except NotInTime:
            raise WorkerTimeout(f"no result after {self._timeout} seconds") from None
        finally:
            process.close()
            os.close(reading)

    def _receive(self, reading: int, process: Process, end: float | None) -> bytes:
        """Return all that a process sends until it ends or closes the pipe."""
        poll = select.poll()
        poll.register(reading, select.POLLIN)
        poll.register(process, select.POLLIN)
        received: list[bytes] = []
        left = self._largest
        while True:
            events = poll.poll(None if end is None else max(0.0, end - time.monotonic()) * 1000)
            if not events:
                raise NotInTime
            chunk = os.read(reading, 1 << 16) if reading in dict(events) else b""
            if not chunk:
                return b"".join(received)
            received.append(chunk)
            left -= len(chunk)
            if left < 0:
                raise WorkerCrashed(f"the process sent more than {self._largest} bytes")

    def _call(
        self,
        writing: int,
        holding: _Limits,
        fn: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        """The life of the process."""
        try:
            shut_in({**self._holding, **holding, writing: "CAP_WRITE"}, self._stdio)
            data = _results.dump(fn(*args, **kwargs))
        except Exception as error:
            data = _results.dump_error(error)
        view = memoryview(data)
        while view:
            view = view[os.write(writing, view) :]


def fail(status: int) -> None:
    """Raise what a status says of a process that had no result."""
    how = f"ended with status {status}" if status >= 0 else f"was killed by {signal.Signals(-status).name}"
    raise WorkerCrashed(f"the process {how} and no result")


def shut_in(holding: _Limits, stdio: bool) -> None:
    """Close every descriptor that is not held, limit the others, and enter capability mode."""
    held: dict[int, _Rights] = {}
    for descriptor, rights in holding.items():
        held[descriptor if isinstance(descriptor, int) else descriptor.fileno()] = rights
    first = 0
    for number in sorted({0, 1, 2, *held}):
        if first < number:
            _close_range(first, number - 1)
        first = number + 1
    _close_range(first, LAST)
    if stdio:
        limit_stdio()
    else:
        held.update({number: () for number in (0, 1, 2) if number not in held and is_open(number)})
    limit_all(dict(held.items()))
    _enter()


def is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
