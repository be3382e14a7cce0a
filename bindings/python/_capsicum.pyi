# SPDX-License-Identifier: BSD-2-Clause
"""The part of pycapsicum that is C: system calls and sets of rights.

This file is the home of its signatures, types and docstrings. gen/stub.py makes from it what the C sources include, and
adds the constants of the rights, which it knows from the system's header.
"""

from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from typing import ClassVar, Final, Protocol

from typing_extensions import Self, TypeAlias, disjoint_base

class _HasFileno(Protocol):
    def fileno(self) -> int: ...

_Descriptor: TypeAlias = int | _HasFileno
_Path: TypeAlias = str | bytes | PathLike[str] | PathLike[bytes]
_Right: TypeAlias = str | int | CapRights
_Rights: TypeAlias = _Right | Iterable[_Right]
_Limits: TypeAlias = Mapping[_Descriptor, _Rights]

__version__: Final[str]

ENOTCAPABLE: Final[int]
ECAPMODE: Final[int]

CAP_FCNTL_GETFL: Final[int]
CAP_FCNTL_SETFL: Final[int]
CAP_FCNTL_GETOWN: Final[int]
CAP_FCNTL_SETOWN: Final[int]
CAP_FCNTL_ALL: Final[int]
CAP_IOCTLS_ALL: Final[int]

@disjoint_base
class CapRights:
    """A set of rights, as a descriptor holds them.

    caps are names, CAP_ constants, other CapRights, a list of these, or text.
    CapRights compare (==, <=, <), combine (|, &, -, and in place) and are iterated
    like a set of names; str() gives the fewest names.

    >>> from pycapsicum import CapRights, CAP_READ
    >>> CapRights(['CAP_READ', 'CAP_SEEK']) == CapRights('CAP_READ, CAP_SEEK')
    True
    >>> CapRights([CAP_READ]) | CapRights('CAP_EVENT')
    CapRights('CAP_READ, CAP_EVENT')
    >>> 'CAP_READ' in CapRights('CAP_WRITE')
    False
    """

    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __new__(cls, caps: _Rights | None = None) -> Self: ...
    def __init__(self, caps: _Rights | None = None) -> None: ...
    @property
    def caps(self) -> list[str]:
        """The names of the rights that are set, in the order of the system's header.

        A right that holds others is there with them.

        >>> from pycapsicum import CapRights
        >>> CapRights('CAP_PREAD').caps
        ['CAP_READ', 'CAP_SEEK_TELL', 'CAP_SEEK', 'CAP_PREAD']
        """

    def set(self, caplist: _Rights) -> None:
        """Add the rights in caplist.

        >>> from pycapsicum import CapRights
        >>> rights = CapRights()
        >>> rights.set(['CAP_READ'])
        >>> rights.caps
        ['CAP_READ']
        """

    def clear(self, caplist: _Rights) -> None:
        """Take away the rights in caplist, every bit that each stands for.

        CAP_MKDIRAT stands for CAP_LOOKUP too, so clearing it clears both.

        >>> from pycapsicum import CapRights
        >>> rights = CapRights('CAP_READ, CAP_WRITE')
        >>> rights.clear(['CAP_WRITE'])
        >>> rights.caps
        ['CAP_READ']
        """

    def is_set(self, caplist: _Rights) -> bool:
        """True if all the rights in caplist are set.

        >>> from pycapsicum import CapRights
        >>> CapRights('CAP_READ').is_set(['CAP_READ', 'CAP_WRITE'])
        False
        """

    def is_valid(self) -> bool:
        """True if the set is one that the kernel understands.

        >>> from pycapsicum import CapRights
        >>> CapRights().is_valid()
        True
        """

    def merge(self, otherCR: _Rights) -> None:
        """Add the rights of otherCR.

        >>> from pycapsicum import CapRights
        >>> rights = CapRights('CAP_READ')
        >>> rights.merge(CapRights('CAP_WRITE'))
        >>> rights.caps
        ['CAP_READ', 'CAP_WRITE']
        """

    def remove(self, otherCR: _Rights) -> None:
        """Take away the rights of otherCR.

        >>> from pycapsicum import CapRights
        >>> rights = CapRights('CAP_READ, CAP_WRITE')
        >>> rights.remove(CapRights('CAP_READ'))
        >>> rights.caps
        ['CAP_WRITE']
        """

    def contains(self, otherCR: _Rights) -> bool:
        """True if all the rights of otherCR are among these.

        >>> from pycapsicum import CapRights
        >>> CapRights('CAP_READ, CAP_WRITE').contains(CapRights('CAP_READ'))
        True
        """

    def limit(self, fd: _Descriptor, *more: _Descriptor) -> None:
        """Limit a descriptor, and more if given, to these rights.

        It can lose rights, never gain them. On Linux many in one call take less
        of what the kernel allows a process than a call for each.

        >>> import os, pycapsicum
        >>> reading, writing = os.pipe()
        >>> pycapsicum.CapRights(['CAP_READ']).limit(reading)
        >>> held = pycapsicum.CapRights()
        >>> held.get(reading)
        >>> held.caps
        ['CAP_READ']
        """

    def get(self, fd: _Descriptor) -> None:
        """Make these the rights that a descriptor holds.

        >>> import pycapsicum
        >>> rights = pycapsicum.CapRights()
        >>> rights.get(0)
        >>> 'CAP_READ' in rights
        True
        """

    def copy(self) -> Self:
        """Another CapRights with the same rights.

        >>> from pycapsicum import CapRights
        >>> rights = CapRights('CAP_READ')
        >>> rights.copy() == rights
        True
        """

    def __reduce__(self) -> tuple[object, ...]:
        """Copy and pickle by text, which every release understands."""

    def __eq__(self, other: object, /) -> bool: ...
    def __le__(self, other: CapRights, /) -> bool: ...
    def __lt__(self, other: CapRights, /) -> bool: ...
    def __ge__(self, other: CapRights, /) -> bool: ...
    def __gt__(self, other: CapRights, /) -> bool: ...
    def __or__(self, other: CapRights, /) -> CapRights: ...
    def __and__(self, other: CapRights, /) -> CapRights: ...
    def __sub__(self, other: CapRights, /) -> CapRights: ...
    def __ror__(self, other: CapRights, /) -> CapRights: ...
    def __rand__(self, other: CapRights, /) -> CapRights: ...
    def __rsub__(self, other: CapRights, /) -> CapRights: ...
    def __ior__(self, other: CapRights, /) -> Self: ...
    def __iand__(self, other: CapRights, /) -> Self: ...
    def __isub__(self, other: CapRights, /) -> Self: ...
    def __bool__(self) -> bool: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[str]: ...
    def __contains__(self, needed: _Rights, /) -> bool: ...

def sandboxed() -> bool:
    """True in capability mode, False otherwise.

    >>> import pycapsicum
    >>> pycapsicum.sandboxed()
    False
    """

def getmode() -> int:
    """1 in capability mode, 0 otherwise; an exception where that cannot be told.

    >>> import pycapsicum
    >>> pycapsicum.getmode()
    0
    """

def ioctls_limit(fd: _Descriptor, cmdlist: Iterable[int]) -> None:
    """Limit a descriptor to the ioctl(2) commands in cmdlist.

    >>> import os, pycapsicum, termios
    >>> reading, writing = os.pipe()
    >>> pycapsicum.ioctls_limit(reading, [termios.FIONREAD])
    >>> pycapsicum.ioctls_get(reading) == (1, [termios.FIONREAD])
    True
    """

def ioctls_get(fd: _Descriptor) -> tuple[int, list[int]]:
    """The ioctl(2) commands allowed on a descriptor: (count, [commands]).

    (CAP_IOCTLS_ALL, []) where there is no limit.

    >>> import pycapsicum
    >>> pycapsicum.ioctls_get(0) == (pycapsicum.CAP_IOCTLS_ALL, [])
    True
    """

def fcntls_limit(fd: _Descriptor, rights: int) -> None:
    """Limit a descriptor to the fcntl(2) commands in rights: CAP_FCNTL_ constants, ORed.

    >>> import os, pycapsicum
    >>> reading, writing = os.pipe()
    >>> pycapsicum.fcntls_limit(reading, pycapsicum.CAP_FCNTL_GETFL)
    >>> pycapsicum.fcntls_get(reading) == (pycapsicum.CAP_FCNTL_GETFL, 0)
    True
    """

def fcntls_get(fd: _Descriptor) -> tuple[int, int]:
    """The fcntl(2) commands allowed on a descriptor: (rights, 0).

    (CAP_FCNTL_ALL, 0) where there is no limit.

    >>> import pycapsicum
    >>> pycapsicum.fcntls_get(0) == (pycapsicum.CAP_FCNTL_ALL, 0)
    True
    """

def _limit_stream(fd: _Descriptor, flags: int, /) -> None:
    """Limit a descriptor to what a stream needs; flags are those of ce_limit_stream()."""

def limit_stdio() -> None:
    """Limit standard input to reading, standard output and error to writing.

    What stdio asks besides still works, and a stream that is closed stays so.

    >>> import pycapsicum
    >>> pycapsicum.limit_stdio()
    >>> stdout = pycapsicum.CapRights()
    >>> stdout.get(1)
    >>> 'CAP_WRITE' in stdout, 'CAP_READ' in stdout
    (True, False)
    """

def needs(call: str) -> CapRights:
    """The rights that a descriptor must have for a system call.

    call is a name, or a name with the arguments that matter. Of two descriptors,
    'renameat(source)' and 'renameat(target)' tell which.

    >>> import pycapsicum
    >>> pycapsicum.needs('pwrite')
    CapRights('CAP_PWRITE')
    >>> pycapsicum.needs('openat(O_WRONLY | O_APPEND)').caps
    ['CAP_WRITE', 'CAP_LOOKUP']
    """

def describe(fd: _Descriptor) -> str:
    """What a descriptor may be used for, in words.

    >>> import os, pycapsicum
    >>> reading, writing = os.pipe()
    >>> pycapsicum.CapRights('CAP_READ').limit(reading)
    >>> pycapsicum.describe(reading).startswith(f'fd {reading}: CAP_READ; ioctls ')
    True
    """

def strerror(errno: int) -> str:
    """The text of an errno, as os.strerror() and of ENOTCAPABLE and ECAPMODE everywhere.

    >>> import pycapsicum
    >>> pycapsicum.strerror(pycapsicum.ENOTCAPABLE)
    'Capabilities insufficient'
    """

def _set_error(error: type[OSError], /) -> None:
    """Raise this class for what the kernel refuses."""

def _enter() -> None:
    """Enter capability mode."""

def _enforcement() -> int:
    """The CE_ENFORCE_ flags of ce_enforcement()."""

def _right_allows(right: int, /) -> str | None:
    """The calls that a right allows, with commas; None for what is no right."""

def _explain(errno: int, fd: int, call: str, /) -> str:
    """The sentence of ce_explain()."""

def explain_lost() -> str:
    """Say what was lost when capability mode was entered, with the reason; '' if nothing was.

    On Linux before 7.0 a process with threads loses what is opened beneath directories,
    and signals to others. The kernel remembers it.

    >>> import pycapsicum
    >>> pycapsicum.explain_lost()
    ''
    """

def dup(fd: _Descriptor) -> int:
    """Copy a descriptor, with its limits.

    On Linux one without limits, or one that this package made or took: others cannot
    be copied.

    >>> import pycapsicum
    >>> reading, writing = pycapsicum.pipe(reading='CAP_READ', writing='CAP_WRITE')
    >>> copy = pycapsicum.dup(reading)
    >>> pycapsicum.missing(copy, 'CAP_READ, CAP_WRITE')
    CapRights('CAP_WRITE')
    """

def _open(path: _Path, flags: int, mode: int, rights: _Rights | None, /) -> int:
    """A descriptor of what is at path, limited to rights; None leaves them all, here and below."""

def _openat(fd: _Descriptor, path: _Path, flags: int, mode: int, rights: _Rights | None, /) -> int:
    """A descriptor of what is at path beneath the directory fd, limited to rights."""

def _accept(fd: int, rights: _Rights | None, /) -> tuple[int, bytes]:
    """A connection, limited to rights, and its struct sockaddr."""

def _socket(domain: int, type: int, protocol: int, rights: _Rights | None, /) -> int:
    """A socket, limited to rights."""

def _socketpair(domain: int, type: int, protocol: int, rights: _Rights | None, /) -> tuple[int, int]:
    """Two sockets that are connected, both limited to rights."""

def _pipe(reading: _Rights | None, writing: _Rights | None, /) -> tuple[int, int]:
    """The ends of a pipe, each limited to its rights."""

def _take(fd: int, rights: _Rights, /) -> int:
    """The descriptor to use from now on instead of fd, limited to rights."""

def _pdfork() -> tuple[int, int]:
    """The number and the descriptor of a new process; (0, -1) in that process."""

def _pdwait(fd: _Descriptor) -> int:
    """Wait for the process of a descriptor: its status, in the form of os.waitpid()."""

def _pdkill(fd: int, signal: int, /) -> int:
    """Send a signal to the process of a descriptor."""

def _close_range(first: int, last: int, /) -> None:
    """Close what is open from first to last."""
