# SPDX-License-Identifier: BSD-2-Clause
"""What rights are for, and why a call was refused, in words."""

from __future__ import annotations

from pycapsicum import _capsicum
from pycapsicum._capsicum import CapRights, _right_allows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pycapsicum._capsicum import _Descriptor, _Rights


def split_calls(text: str) -> list[str]:
    """Return the items of "a(2), b(2) (c, d)": commas in parentheses separate none."""
    items, depth, start = [], 0, 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            items.append(text[start:at])
            start = at + 2
    return [*items, text[start:]] if text else []


def allows(right: _Rights) -> list[str]:
    """The system calls that a right allows, as needs() takes them.

    >>> import pycapsicum
    >>> pycapsicum.allows('CAP_FTRUNCATE')
    ['ftruncate(2)', 'openat(O_TRUNC)']
    """
    rights = CapRights(right)
    for name in rights:
        constant: int = getattr(_capsicum, name)
        if CapRights(constant) == rights:
            return split_calls(_right_allows(constant) or "")
    raise ValueError(f"{right!r} is not one right with a name")


def missing(fd: _Descriptor, needed: _Rights) -> CapRights:
    """Which of the rights needed a descriptor lacks; none if it has them all.

    >>> import os, pycapsicum
    >>> reading, writing = os.pipe()
    >>> pycapsicum.CapRights('CAP_READ').limit(reading)
    >>> pycapsicum.missing(reading, 'CAP_READ, CAP_FSTAT')
    CapRights('CAP_FSTAT')
    """
    held = CapRights()
    held.get(fd)
    return CapRights(needed) - held
