# SPDX-License-Identifier: BSD-2-Clause
"""Capability mode: entering it, and what is enforced there."""

from __future__ import annotations

import os
import stat
import sys
import warnings
from importlib import import_module

from pycapsicum._capsicum import CapRights, _enforcement, _enter, _limit_stream, limit_stdio, sandboxed
from pycapsicum._errors import asked
from pycapsicum._opening import number_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from pycapsicum._capsicum import _Descriptor, _Limits


# The CE_STREAM_ flags of what a descriptor is opened for.
STREAMS = {os.O_RDONLY: 1, os.O_WRONLY: 2, os.O_RDWR: 3}


class Enforcement(tuple[bool, ...]):
    """What a kernel enforces, as enforcement() tells it."""

    __slots__ = ()
    __match_args__: Final = ("rights", "mode", "lookups", "signals", "exact", "metadata")

    @property
    def rights(self) -> bool:
        """Limits on descriptors."""
        return self[0]

    @property
    def mode(self) -> bool:
        """Capability mode."""
        return self[1]

    @property
    def lookups(self) -> bool:
        """Lookups beneath directories in capability mode."""
        return self[2]

    @property
    def signals(self) -> bool:
        """Signals only to the process itself in capability mode."""
        return self[3]

    @property
    def exact(self) -> bool:
        """By a kernel that has Capsicum."""
        return self[4]

    @property
    def metadata(self) -> bool:
        """Metadata of paths in capability mode only where a held directory grants it."""
        return self[5]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value}" for name, value in zip(self.__match_args__, self))
        return f"Enforcement({fields})"


def enforcement() -> Enforcement:
    """What this kernel can enforce; in capability mode, what it does enforce.

    >>> import pycapsicum
    >>> pycapsicum.enforcement().rights
    True
    """
    flags = _enforcement()  # CE_ENFORCE_ bits, in the order of the fields
    return Enforcement(flags >> bit & 1 == 1 for bit in range(len(Enforcement.__match_args__)))


def enter() -> None:
    """Enter capability mode, for good: for this process and all it starts.

    A RuntimeWarning says before if something is lost with it: where a directory is held
    and nothing beneath it can be opened, as on Linux before 7.0 in a process with
    threads.

    >>> import pycapsicum
    >>> pycapsicum.enter()
    >>> try:
    ...     pycapsicum.opendir('/')
    ... except PermissionError as error:
    ...     error.errno == pycapsicum.ECAPMODE
    True
    """
    if not sandboxed():
        import_what_works_inside()
        if not enforcement().lookups and holds_a_directory():
            warn_of_lookups()
    _enter()


def import_what_works_inside() -> None:
    """Import the parts of this package that are loaded when they are first used, which would be too late."""
    for name in ("_explaining", "_making", "_processes"):
        import_module(f"pycapsicum.{name}")


def holds_a_directory() -> bool:
    """Whether a directory is open, as far as /dev/fd tells."""
    try:
        numbers = [int(name) for name in os.listdir("/dev/fd")]
    except OSError:
        return False
    return any(is_directory(number) for number in numbers)


def is_directory(fd: int) -> bool:
    try:
        return stat.S_ISDIR(os.fstat(fd).st_mode)
    except OSError:  # it was the list's own, or may not be asked
        return False


def other_threads() -> list[str]:
    """Return the names of the other threads: those of Python, and how many it did not start, if the kernel tells."""
    names = []
    if "threading" in sys.modules:  # whose import costs as much as all of this package's
        threading = sys.modules["threading"]
        names = [thread.name for thread in threading.enumerate() if thread is not threading.current_thread()]
    try:
        unknown = len(os.listdir("/proc/self/task")) - len(names) - 1
    except OSError:
        unknown = 0
    return [*names, f"{unknown} that Python did not start"] if unknown > 0 else names


def warn_of_lookups() -> None:
    threads = other_threads()
    why = "this kernel has no Landlock, or none that may be used here"
    if threads:
        why = f"the process has other threads ({', '.join(threads)}): enter before they start, or let them end"
    warnings.warn(f"nothing can be opened beneath a directory in capability mode, because {why}", RuntimeWarning, 3)


def limit_all(limits: _Limits) -> None:
    """Limit descriptors, those with the same rights together, which on Linux takes one filter."""
    alike: dict[str, tuple[CapRights, list[_Descriptor]]] = {}
    for descriptor, rights in limits.items():
        wanted = CapRights(rights)
        alike.setdefault(str(wanted), (wanted, []))[1].append(descriptor)
    for wanted, descriptors in alike.values():
        wanted.limit(*descriptors)


def limit_stream(fd: _Descriptor, flags: str | int = "r") -> None:
    """Limit a descriptor to what a stream needs: reading with 'r', writing with 'w', both with 'rw'.

    What files of Python and stdio ask besides still works: the type, the position, and
    whether it is a terminal.

    >>> import pycapsicum, tempfile
    >>> file = tempfile.TemporaryFile('w')
    >>> pycapsicum.limit_stream(file, 'w')
    >>> file.write('spam'), pycapsicum.missing(file, 'CAP_WRITE, CAP_FTRUNCATE')
    (4, CapRights('CAP_FTRUNCATE'))
    """
    _limit_stream(fd, STREAMS[number_of(flags) & os.O_ACCMODE])


def sandbox(limits: _Limits | None = None, *, stdio: bool = True, prepare: bool = True, optional: bool = False) -> bool:
    """Limit descriptors, and enter capability mode: all in one call.

    limits are descriptors, or objects that have one, with the rights that each is to
    keep; with stdio the standard streams keep what a stream needs, and prepare says
    whether to call prepare() first. True, once in capability mode. With optional, False
    instead of an error where the system can enforce nothing at all.

    >>> import os, pycapsicum
    >>> directory = os.open('/etc', os.O_DIRECTORY)
    >>> pycapsicum.sandbox({directory: 'CAP_LOOKUP, CAP_READ, CAP_FSTAT'})
    True
    >>> pycapsicum.openat(directory, 'passwd').readable()
    True
    """
    if prepare and not sandboxed():
        _prepare()
    if optional and not any(enforcement()):
        return False
    limit_all(limits or {})
    if stdio:
        limit_stdio()
    enter()
    return True


def prepare(*, hooks: bool = True, imports: bool = True, import_from: Iterable[str] = ()) -> list[str]:
    """Read what the interpreter would read late, so that it still works after enter().

    That is: codecs, the source lines that tracebacks show, the time zone, and the late
    parts of the packages that are loaded, so import what the program itself needs
    before. Returns the names of the modules that it loaded. It sets TZ where the
    environment does not.

    hooks: report what nobody catches with its source lines and, if the kernel refused
    it, with what would cure it: by sys.excepthook, threading.excepthook and
    sys.unraisablehook, where these are Python's own.

    imports: in capability mode, let the import of what was not loaded before raise
    ModuleNotFoundError. import_from: directories of sys.path to hold open, so that the
    modules beneath them that are written in Python can still be imported.

    >>> import pycapsicum, time
    >>> loaded = pycapsicum.prepare()
    >>> pycapsicum.enter()
    >>> time.strftime('%H:%M', time.gmtime(0)), time.strptime('1970', '%Y').tm_yday
    ('00:00', 1)
    >>> try:
    ...     import antigravity
    ... except ImportError as error:
    ...     error.msg
    'antigravity was not imported before capability mode'
    """
    before = set(sys.modules)
    asked(import_module, "pycapsicum._preparing").prepare(hooks, imports, import_from)
    import_what_works_inside()
    return sorted(set(sys.modules) - before)


_prepare = prepare  # for sandbox(), whose argument has that name
