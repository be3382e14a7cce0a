# SPDX-License-Identifier: BSD-2-Clause
"""Capability mode: entering it, and what is enforced there."""

from __future__ import annotations

from pycapsicum._capsicum import _enforcement, _enter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


class Enforcement(tuple[bool, ...]):
    """What a kernel enforces, as enforcement() tells it."""

    __slots__ = ()
    __match_args__: Final = ("rights", "mode", "lookups", "signals", "exact")

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

    >>> import pycapsicum
    >>> pycapsicum.enter()
    >>> try:
    ...     pycapsicum.opendir('/')
    ... except PermissionError as error:
    ...     error.errno == pycapsicum.ECAPMODE
    True
    """
    _enter()
