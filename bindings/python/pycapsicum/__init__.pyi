# SPDX-License-Identifier: BSD-2-Clause
"""Types of pycapsicum. What each function does, the module's own docstrings say."""

from collections.abc import Iterable, Iterator
from os import PathLike
from types import TracebackType
from typing import ClassVar, Final, Protocol, TextIO, Union, final

from _typeshed import structseq
from typing_extensions import Self, TypeAlias, disjoint_base

class _HasFileno(Protocol):
    def fileno(self) -> int: ...

_Descriptor: TypeAlias = Union[int, _HasFileno]
_Path: TypeAlias = Union[str, bytes, PathLike[str], PathLike[bytes]]
_Right: TypeAlias = Union[str, int, CapRights]
_Rights: TypeAlias = Union[_Right, Iterable[_Right]]

__version__: Final[str]

class CapsicumError(OSError): ...

@disjoint_base
class CapRights:
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @property
    def caps(self) -> list[str]: ...
    def __new__(cls, caps: _Rights | None = None) -> Self: ...
    def __init__(self, caps: _Rights | None = None) -> None: ...
    def set(self, caplist: _Rights) -> None: ...
    def clear(self, caplist: _Rights) -> None: ...
    def is_set(self, caplist: _Rights) -> bool: ...
    def is_valid(self) -> bool: ...
    def merge(self, otherCR: _Rights) -> None: ...
    def remove(self, otherCR: _Rights) -> None: ...
    def contains(self, otherCR: _Rights) -> bool: ...
    def limit(self, fd: _Descriptor, *more: _Descriptor) -> None: ...
    def get(self, fd: _Descriptor) -> None: ...
    def copy(self) -> Self: ...
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

@final
class Directory(int):
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None, /
    ) -> None: ...

@final
class Enforcement(structseq[bool], tuple[bool, bool, bool, bool, bool]):
    __match_args__: Final = ("rights", "mode", "lookups", "signals", "exact")
    @property
    def rights(self) -> bool: ...
    @property
    def mode(self) -> bool: ...
    @property
    def lookups(self) -> bool: ...
    @property
    def signals(self) -> bool: ...
    @property
    def exact(self) -> bool: ...

def enter() -> None: ...
def sandboxed() -> bool: ...
def getmode() -> int: ...
def prepare() -> None: ...
def enforcement() -> Enforcement: ...
def ioctls_limit(fd: _Descriptor, cmdlist: Iterable[int]) -> None: ...
def ioctls_get(fd: _Descriptor) -> tuple[int, list[int]]: ...
def fcntls_limit(fd: _Descriptor, rights: int) -> None: ...
def fcntls_get(fd: _Descriptor) -> tuple[int, int]: ...
def openat(
    fd: _Descriptor,
    path: _Path,
    flags: str | int = "r",
    mode: int = 0o666,
    *,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    rights: _Rights | None = None,
) -> TextIO: ...
def opendir(path: _Path, flags: str | int = "r", *, dir_fd: _Descriptor | None = None) -> Directory: ...
def rights_for(call: str) -> CapRights: ...
def allows(right: _Rights) -> list[str]: ...
def strerror(errno: int) -> str: ...

ENOTCAPABLE: Final[int]
ECAPMODE: Final[int]

CAP_FCNTL_GETFL: Final[int]
CAP_FCNTL_SETFL: Final[int]
CAP_FCNTL_GETOWN: Final[int]
CAP_FCNTL_SETOWN: Final[int]
CAP_FCNTL_ALL: Final[int]
CAP_IOCTLS_ALL: Final[int]

CAP_READ: Final[int]
CAP_WRITE: Final[int]
CAP_SEEK_TELL: Final[int]
CAP_SEEK: Final[int]
CAP_PREAD: Final[int]
CAP_PWRITE: Final[int]
CAP_MMAP: Final[int]
CAP_MMAP_R: Final[int]
CAP_MMAP_W: Final[int]
CAP_MMAP_X: Final[int]
CAP_MMAP_RW: Final[int]
CAP_MMAP_RX: Final[int]
CAP_MMAP_WX: Final[int]
CAP_MMAP_RWX: Final[int]
CAP_CREATE: Final[int]
CAP_FEXECVE: Final[int]
CAP_FSYNC: Final[int]
CAP_FTRUNCATE: Final[int]
CAP_LOOKUP: Final[int]
CAP_FCHDIR: Final[int]
CAP_FCHFLAGS: Final[int]
CAP_CHFLAGSAT: Final[int]
CAP_FCHMOD: Final[int]
CAP_FCHMODAT: Final[int]
CAP_FCHOWN: Final[int]
CAP_FCHOWNAT: Final[int]
CAP_FCNTL: Final[int]
CAP_FLOCK: Final[int]
CAP_FPATHCONF: Final[int]
CAP_FSCK: Final[int]
CAP_FSTAT: Final[int]
CAP_FSTATAT: Final[int]
CAP_FSTATFS: Final[int]
CAP_FUTIMES: Final[int]
CAP_FUTIMESAT: Final[int]
CAP_LINKAT: Final[int]
CAP_MKDIRAT: Final[int]
CAP_MKFIFOAT: Final[int]
CAP_MKNODAT: Final[int]
CAP_RENAMEAT: Final[int]
CAP_SYMLINKAT: Final[int]
CAP_UNLINKAT: Final[int]
CAP_ACCEPT: Final[int]
CAP_BIND: Final[int]
CAP_CONNECT: Final[int]
CAP_GETPEERNAME: Final[int]
CAP_GETSOCKNAME: Final[int]
CAP_GETSOCKOPT: Final[int]
CAP_LISTEN: Final[int]
CAP_PEELOFF: Final[int]
CAP_RECV: Final[int]
CAP_SEND: Final[int]
CAP_SETSOCKOPT: Final[int]
CAP_SHUTDOWN: Final[int]
CAP_BINDAT: Final[int]
CAP_CONNECTAT: Final[int]
CAP_SOCK_CLIENT: Final[int]
CAP_SOCK_SERVER: Final[int]
CAP_MAC_GET: Final[int]
CAP_MAC_SET: Final[int]
CAP_SEM_GETVALUE: Final[int]
CAP_SEM_POST: Final[int]
CAP_SEM_WAIT: Final[int]
CAP_EVENT: Final[int]
CAP_KQUEUE_EVENT: Final[int]
CAP_IOCTL: Final[int]
CAP_TTYHOOK: Final[int]
CAP_PDGETPID: Final[int]
CAP_PDWAIT: Final[int]
CAP_PDKILL: Final[int]
CAP_EXTATTR_DELETE: Final[int]
CAP_EXTATTR_GET: Final[int]
CAP_EXTATTR_LIST: Final[int]
CAP_EXTATTR_SET: Final[int]
CAP_ACL_CHECK: Final[int]
CAP_ACL_DELETE: Final[int]
CAP_ACL_GET: Final[int]
CAP_ACL_SET: Final[int]
CAP_KQUEUE_CHANGE: Final[int]
CAP_KQUEUE: Final[int]
CAP_POLL_EVENT: Final[int]
CAP_LINKAT_TARGET: Final[int]
CAP_RENAMEAT_SOURCE: Final[int]
CAP_LINKAT_SOURCE: Final[int]
CAP_RENAMEAT_TARGET: Final[int]
CAP_FCHROOT: Final[int]
CAP_INOTIFY_ADD: Final[int]
CAP_INOTIFY_RM: Final[int]
