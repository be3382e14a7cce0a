# SPDX-License-Identifier: BSD-2-Clause
"""CapsicumError: what the kernel refuses to this package."""

from __future__ import annotations

import errno

from pycapsicum._capsicum import ECAPMODE, ENOTCAPABLE, _set_error, strerror

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from typing_extensions import Self

    _Result = TypeVar("_Result")


class CapsicumError(OSError):
    """A call that the kernel refused; an OSError with errno, strerror and filename.

    What is not permitted (ENOTCAPABLE, ECAPMODE, EPERM, EACCES) is a PermissionError
    as well, a path that does not exist a FileNotFoundError, and so on.

    What is refused to other functions, such as os.write(), is an OSError with the
    same errno. Python on Linux knows neither name nor text of it; strerror() does.

    >>> import pycapsicum
    >>> try:
    ...     pycapsicum.opendir('/no such directory')
    ... except FileNotFoundError as error:
    ...     isinstance(error, pycapsicum.CapsicumError)
    True
    """

    def __new__(cls, *args: Any) -> Self:
        """Choose the class by the errno, as OSError does; a subclass stays what it is."""
        kind: Any = cls
        if cls is CapsicumError and len(args) >= 2 and isinstance(args[0], int):
            kind = KINDS.get(args[0], cls)
        made: Self = super().__new__(kind, *args)
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as CapsicumError, whose constructor finds the class for the errno."""
        reduced: Any = super().__reduce__()
        return (CapsicumError, *reduced[1:]) if type(self) in KINDS.values() else reduced


def kind_of(builtin: type[OSError]) -> type[CapsicumError]:
    """Return the CapsicumError that is also a class of Python's own."""
    body = {"__module__": "pycapsicum", "__doc__": CapsicumError.__doc__}
    return type("CapsicumError", (CapsicumError, builtin), body)


PERMISSION = kind_of(PermissionError)
KINDS: dict[int, type[CapsicumError]] = {
    ENOTCAPABLE: PERMISSION,
    ECAPMODE: PERMISSION,
    errno.EPERM: PERMISSION,
    errno.EACCES: PERMISSION,
    errno.ENOENT: kind_of(FileNotFoundError),
    errno.EEXIST: kind_of(FileExistsError),
    errno.ENOTDIR: kind_of(NotADirectoryError),
    errno.EISDIR: kind_of(IsADirectoryError),
    errno.EAGAIN: kind_of(BlockingIOError),
}


def asked(function: Callable[..., _Result], *arguments: Any) -> _Result:
    """Call what raises Python's own OSErrors: of what Capsicum refuses makes a CapsicumError, which has its text."""
    try:
        return function(*arguments)
    except OSError as error:
        if error.errno not in (ENOTCAPABLE, ECAPMODE) or isinstance(error, CapsicumError):
            raise
        text = strerror(error.errno)
        name = () if error.filename is None else (error.filename,)
        raise CapsicumError(error.errno, text, *name) from None


CapsicumError.__module__ = "pycapsicum"
_set_error(CapsicumError)
