# SPDX-License-Identifier: BSD-2-Clause
"""File objects over descriptors that may lack rights, CAP_SEEK above all.

io.open() would do for most, but leaves open who closes a descriptor after an error, and insists on seeking where a file
is for both ways or the flags say to append.
"""

from __future__ import annotations

import io
import os

from pycapsicum._capsicum import ENOTCAPABLE
from pycapsicum._errors import CapsicumError, asked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pycapsicum._capsicum import _Path


class File(io.FileIO):
    """The file beneath a buffer, whose refusals are CapsicumErrors."""

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return asked(super().seek, offset, whence)

    def tell(self) -> int:
        return asked(super().tell)

    def truncate(self, size: int | None = None, /) -> int:
        return asked(super().truncate, size)

    def read(self, size: int | None = -1, /) -> Any:
        return asked(super().read, -1 if size is None else size)

    def readall(self) -> Any:
        return asked(super().readall)

    def readinto(self, buffer: Any, /) -> Any:
        return asked(super().readinto, buffer)

    def write(self, data: Any, /) -> Any:
        return asked(super().write, data)


class BothWays(File):
    """The file beneath the buffer of a file for reading and writing, which tells its position without CAP_SEEK.

    That buffer asks for the position, which it knows, before read() and close(). Where the descriptor has since lost
    CAP_SEEK the answer comes from what was read and written, so that a file limited to CAP_READ can still be read and
    closed.
    """

    def __init__(self, fd: int, position: int) -> None:
        super().__init__(fd, "r+")
        self._position = position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        try:
            self._position = super().seek(offset, whence)
        except OSError as error:
            if error.errno != ENOTCAPABLE or offset != 0 or whence != os.SEEK_CUR:
                raise
        return self._position

    def read(self, size: int | None = -1, /) -> Any:
        return self._moved(super().read(size))

    def readall(self) -> Any:
        return self._moved(super().readall())

    def readinto(self, buffer: Any, /) -> Any:
        return self._moved(super().readinto(buffer))

    def write(self, data: Any, /) -> Any:
        return self._moved(super().write(data))

    def _moved(self, result: Any) -> Any:
        """Move the position by the bytes, or the number of bytes, that a call returned; None: it would block."""
        if result is not None:
            self._position += result if isinstance(result, int) else len(result)
        return result


class BufferedPair(io.BufferedRWPair):
    """Both ways without a common position: a FIFO, a terminal, a file without CAP_SEEK."""

    def __init__(self, raw: io.FileIO, size: int) -> None:
        super().__init__(raw, raw, size)
        self.fileno = raw.fileno  # type: ignore[method-assign]
        self.name = raw.name


MODES = {os.O_RDONLY: "r", os.O_WRONLY: "w", os.O_RDWR: "r+"}
APPENDING = {os.O_RDONLY: "r", os.O_WRONLY: "a", os.O_RDWR: "a+"}


def end_of(fd: int) -> int:
    """Go to the end as open(name, "a") does, so that tell() is right and no second byte order mark is written."""
    try:
        return os.lseek(fd, 0, os.SEEK_END)
    except OSError:
        return 0


def raw_file(fd: int, path: _Path, flags: int) -> io.FileIO:
    """Return the unbuffered file over fd, which it then owns; fd is closed if that fails."""
    access = flags & os.O_ACCMODE
    position = end_of(fd) if flags & os.O_APPEND else 0
    try:
        raw = BothWays(fd, position) if access == os.O_RDWR else File(fd, MODES[access])
    except IsADirectoryError as error:
        os.close(fd)
        raise CapsicumError(error.errno, error.strerror, path) from None
    except BaseException:
        os.close(fd)
        raise
    raw.name = path
    return raw


def buffered(raw: io.FileIO, flags: int, size: int) -> Any:
    access = flags & os.O_ACCMODE
    if access == os.O_RDONLY:
        return io.BufferedReader(raw, size)
    if access == os.O_WRONLY:
        return io.BufferedWriter(raw, size)
    return io.BufferedRandom(raw, size) if raw.seekable() else BufferedPair(raw, size)


def file_over(
    fd: int,
    path: _Path,
    flags: int,
    binary: bool,
    buffering: int,
    encoding: str | None,
    errors: str | None,
    newline: str | None,
) -> Any:
    """Return the file object over fd, which it owns, as open() would make it; fd is closed if that fails."""
    raw = raw_file(fd, path, flags)
    if binary and buffering == 0:
        return raw
    buffer = buffered(raw, flags, buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE)
    if binary:
        return buffer
    try:
        text = io.TextIOWrapper(buffer, encoding, errors, newline, buffering == 1 or raw.isatty())
    except BaseException:
        buffer.close()
        raise
    text.mode = (APPENDING if flags & os.O_APPEND else MODES)[flags & os.O_ACCMODE]  # type: ignore[misc]
    return text
