# SPDX-License-Identifier: BSD-2-Clause
"""Opening directories, files beneath them, and files by path."""

from __future__ import annotations

import errno
import os

from pycapsicum._capsicum import CapRights, _open, _openat
from pycapsicum._errors import CapsicumError
from pycapsicum._files import file_over

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import IO, Any, BinaryIO, Literal, TextIO, overload

    from typing_extensions import Self

    from pycapsicum._capsicum import _Descriptor, _Path, _Rights
else:

    def overload(function):
        """Do without typing, whose import takes longer than all of this package's."""
        return function


# The flags of open(2) that the strings stand for, which may end with "b".
FLAGS = {"r": os.O_RDONLY, "w": os.O_WRONLY, "rw": os.O_RDWR, "r+": os.O_RDWR}


class Directory(int):
    """The descriptor of a directory: an int, and a context manager that closes it.

    >>> import pycapsicum
    >>> with pycapsicum.opendir('/') as directory:
    ...     directory > -1
    True
    """

    def listdir(self) -> list[str]:
        """The names in the directory, as os.listdir() of it, which Linux refuses where the descriptor is limited.

        >>> import pycapsicum
        >>> 'passwd' in pycapsicum.opendir('/etc').listdir()
        True
        """
        with self._again() as again:
            return os.listdir(again)

    def scandir(self) -> Iterator[os.DirEntry[str]]:
        """The entries of the directory, as os.scandir() of it; stat() of an entry goes by the descriptor.

        >>> import pycapsicum
        >>> [entry.is_file() for entry in pycapsicum.opendir('/etc').scandir() if entry.name == 'passwd']
        [True]
        """
        with self._again() as again, os.scandir(again) as entries:
            yield from entries

    def _again(self) -> Directory:
        """Return another descriptor of the directory, which is not limited and may be copied."""
        return Directory(_openat(self, ".", os.O_RDONLY | os.O_DIRECTORY, 0, None))

    def close(self) -> None:
        """Close the descriptor, as os.close() does: once.

        >>> import pycapsicum
        >>> pycapsicum.opendir('/').close()
        """
        try:
            os.close(self)
        except OSError as error:
            if error.errno != errno.EINTR:  # it is closed then all the same
                raise CapsicumError(error.errno, error.strerror) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None, /
    ) -> None:
        self.close()


def number_of(flags: str | int) -> int:
    """Return the flags of open(2) that a string or a number stands for."""
    if isinstance(flags, str):
        try:
            return FLAGS[flags]
        except KeyError:
            raise ValueError(f"flags must be 'r', 'w', 'rw' or an int, not {flags!r}") from None
    if not isinstance(flags, int) or isinstance(flags, bool):
        raise TypeError(f"flags must be an int, not {flags!r}")
    if not 0 <= flags < 1 << 31:
        raise ValueError(f"flags out of range: {flags}")
    return flags


def file_of(
    descriptor: Callable[[int], int],
    path: _Path,
    flags: str | int,
    binary: bool,
    buffering: int,
    encoding: str | None,
    errors: str | None,
    newline: str | None,
) -> Any:
    """Return the file over the descriptor that these flags, as a number, open."""
    if isinstance(flags, str) and flags[-1:] == "b" and flags[:-1] in FLAGS:
        flags, binary = flags[:-1], True
    if binary and (encoding, errors, newline) != (None, None, None):
        raise ValueError("encoding, errors and newline are for text")
    if buffering == 0 and not binary:
        raise ValueError("text cannot be unbuffered")
    number = number_of(flags)
    return file_over(descriptor(number), path, number, binary, buffering, encoding, errors, newline)


# What the descriptor of a directory may do, and on FreeBSD what is opened beneath it.
READING = CapRights(
    "CAP_LOOKUP, CAP_READ, CAP_SEEK, CAP_MMAP_R, CAP_EVENT, CAP_FCNTL, CAP_FLOCK, CAP_FPATHCONF, CAP_FSTAT, CAP_FSTATAT, "
    "CAP_FSTATFS"
)
WRITING = CapRights(
    "CAP_LOOKUP, CAP_WRITE, CAP_SEEK, CAP_CREATE, CAP_EVENT, CAP_FCHMOD, CAP_FCHMODAT, CAP_FCNTL, CAP_FLOCK, CAP_FSTAT, "
    "CAP_FSTATAT, CAP_FSYNC, CAP_FTRUNCATE, CAP_FUTIMES, CAP_FUTIMESAT, CAP_LINKAT_SOURCE, CAP_LINKAT_TARGET, "
    "CAP_MKDIRAT, CAP_RENAMEAT_SOURCE, CAP_RENAMEAT_TARGET, CAP_UNLINKAT"
)
RIGHTS = {os.O_RDONLY: READING, os.O_WRONLY: WRITING, os.O_RDWR: READING | WRITING | CapRights("CAP_MMAP_RW")}


def opendir(
    path: _Path, flags: str | int = "r", *, dir_fd: _Descriptor | None = None, rights: _Rights | None = None
) -> Directory:
    """Open a directory; its descriptor is what openat() takes.

    flags say what may be done beneath it: 'r' look up, list, read; 'w' look up, write,
    make, rename and remove; 'rw' both; or an int as for os.open(). The descriptor is
    limited to the rights for that, or to those in rights, which may be whatever
    CapRights() takes. os.open(path, os.O_DIRECTORY) gives one that is not limited.

    With dir_fd, path is looked up beneath that directory, which works in capability
    mode too. The result is an int, close-on-exec, and a context manager that closes it.

    >>> import os, pycapsicum
    >>> with pycapsicum.opendir('/tmp') as directory:
    ...     try:
    ...         os.mkdir('ham', dir_fd=directory)
    ...     except OSError as error:
    ...         error.errno == pycapsicum.ENOTCAPABLE
    True
    """
    number = number_of(flags)
    wanted = RIGHTS[number & os.O_ACCMODE] if rights is None else rights
    number = number & ~os.O_ACCMODE | os.O_DIRECTORY
    return Directory(_open(path, number, 0, wanted) if dir_fd is None else _openat(dir_fd, path, number, 0, wanted))


@overload
def openat(
    fd: _Descriptor,
    path: _Path,
    flags: Literal["rb", "wb", "rwb", "r+b"],
    mode: int = ...,
    *,
    binary: bool = ...,
    buffering: int = ...,
    rights: _Rights | None = ...,
) -> BinaryIO: ...


@overload
def openat(
    fd: _Descriptor,
    path: _Path,
    flags: str | int = ...,
    mode: int = ...,
    *,
    binary: Literal[True],
    buffering: int = ...,
    rights: _Rights | None = ...,
) -> BinaryIO: ...


@overload
def openat(
    fd: _Descriptor,
    path: _Path,
    flags: Literal["r", "w", "rw", "r+"] | int = ...,
    mode: int = ...,
    *,
    binary: Literal[False] = ...,
    buffering: int = ...,
    encoding: str | None = ...,
    errors: str | None = ...,
    newline: str | None = ...,
    rights: _Rights | None = ...,
) -> TextIO: ...


@overload
def openat(
    fd: _Descriptor,
    path: _Path,
    flags: str | int = ...,
    mode: int = ...,
    *,
    binary: bool = ...,
    buffering: int = ...,
    encoding: str | None = ...,
    errors: str | None = ...,
    newline: str | None = ...,
    rights: _Rights | None = ...,
) -> IO[Any]: ...


def openat(
    fd: _Descriptor,
    path: _Path,
    flags: str | int = "r",
    mode: int = 0o666,
    *,
    binary: bool = False,
    buffering: int = -1,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    rights: _Rights | None = None,
) -> Any:
    """Open a file beneath the directory fd; gives a file object.

    flags are 'r', 'w', 'rw', which open a file that exists and leave its content
    alone, or an int as for os.open(). The file is text; 'rb', 'wb', 'rwb' (or 'r+b')
    and binary=True make it one of bytes. mode is that of a file which O_CREAT makes.
    buffering, encoding, errors and newline are those of open(). The descriptor is
    close-on-exec, and limited to rights, which may be whatever CapRights() takes:
    better than limit() in a loop, for on Linux it finds a number that already has
    just these. All of this works in capability mode.

    >>> import os, pycapsicum, tempfile
    >>> with tempfile.TemporaryDirectory() as name, pycapsicum.opendir(name, 'rw') as directory:
    ...     with pycapsicum.openat(directory, 'foo', os.O_RDWR | os.O_CREAT, mode=0o600) as file:
    ...         file.write('spam')
    ...         file.seek(0)
    ...         file.read()
    ...     with pycapsicum.openat(directory, 'foo', 'rb') as file:
    ...         file.read()
    4
    0
    'spam'
    b'spam'
    """

    def descriptor(number: int) -> int:
        return _openat(fd, path, number, mode, rights)

    return file_of(descriptor, path, flags, binary, buffering, encoding, errors, newline)


def open(
    path: _Path,
    flags: str | int = "r",
    mode: int = 0o666,
    *,
    binary: bool = False,
    buffering: int = -1,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    rights: _Rights | None,
) -> IO[Any]:
    """Open a file by its path, before capability mode, and limit it; gives a file object.

    All is as openat() has it, but for the directory. None leaves all rights.

    >>> import pycapsicum
    >>> with pycapsicum.open('/etc/passwd', rights='CAP_READ') as file:
    ...     pycapsicum.missing(file, 'CAP_READ, CAP_SEEK')
    CapRights('CAP_SEEK')
    """

    def descriptor(number: int) -> int:
        return _open(path, number, mode, rights)

    file: IO[Any] = file_of(descriptor, path, flags, binary, buffering, encoding, errors, newline)
    return file
