# SPDX-License-Identifier: BSD-2-Clause
"""Processes that are known by a descriptor, which can be ended and waited for in capability mode too."""

from __future__ import annotations

import os
import select
import signal
import sys

from pycapsicum._capsicum import _pdfork, _pdkill, _pdwait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self


class NotInTime(TimeoutError):
    """A process has not ended in time."""


class Process:
    """A child process that calls a function, and ends.

    It is known by a descriptor, so that it can be ended in capability mode, where
    os.kill() of others is refused, and waited for on every system, where os.waitpid()
    is refused before FreeBSD 15. The block of a with statement waits for it; where the
    block raises, or the descriptor is closed, it is killed.

    >>> import os, pycapsicum
    >>> pycapsicum.enter()
    >>> with pycapsicum.Process(os._exit, 3) as process:
    ...     process.wait()
    3
    """

    def __init__(self, target: Callable[..., object], /, *args: Any, **kwargs: Any) -> None:
        self.returncode: int | None = None
        flush_standard_streams()
        self.pid, self._fd = _pdfork()
        if self.pid == 0:
            run_and_exit(target, args, kwargs)

    def fileno(self) -> int:
        """The process's descriptor; poll() says that it is readable when the process has ended.

        >>> import os, pycapsicum
        >>> with pycapsicum.Process(os._exit, 0) as process:
        ...     process.fileno() > 2
        True
        """
        if self._fd < 0:
            raise ValueError("the process's descriptor is closed")
        return self._fd

    def wait(self, timeout: float | None = None) -> int:
        """Wait until the process has ended: its status, or less than 0, the signal that ended it.

        TimeoutError after so many seconds.

        >>> import pycapsicum, signal, time
        >>> with pycapsicum.Process(time.sleep, 60) as process:
        ...     process.kill()
        ...     process.wait() == -signal.SIGKILL
        True
        """
        if self.returncode is None:
            if timeout is not None and not is_readable(self.fileno(), timeout):
                raise NotInTime(f"process {self.pid} has not ended after {timeout} seconds")
            status = _pdwait(self.fileno())
            self.returncode = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
        return self.returncode

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send the process a signal; nothing happens if it has been waited for.

        >>> import pycapsicum, signal, time
        >>> with pycapsicum.Process(time.sleep, 60) as process:
        ...     process.kill(signal.SIGTERM)
        """
        if self.returncode is None:
            _pdkill(self.fileno(), number)

    def close(self) -> None:
        """Kill the process if it has not been waited for, and close its descriptor.

        >>> import pycapsicum, time
        >>> pycapsicum.Process(time.sleep, 60).close()
        """
        if self._fd >= 0:
            if self.returncode is None:
                self.kill()
                self.wait()
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None, /
    ) -> None:
        if exc_type is None:
            self.wait()
        self.close()


def run_and_exit(target: Callable[..., object], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """The life of the child, which leaves alone what its parent registered for its own end."""
    status = 1
    try:
        target(*args, **kwargs)
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        flush_standard_streams()
        os._exit(status & 0xFF)


def flush_standard_streams() -> None:
    """Before a fork, so that the child does not write again what its parent has buffered; and at a child's end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):  # there is none, it may not be written to, it is closed
            pass


def is_readable(fd: int, timeout: float) -> bool:
    """Whether a descriptor is readable, or its other end is gone, before so many seconds have passed."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(max(0.0, timeout) * 1000))
