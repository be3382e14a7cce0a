# SPDX-License-Identifier: BSD-2-Clause
"""The rights of a header: which of its CAP_ names are rights, and what each is worth.

The generated tables know more than the header that was given: also every name of include/linux/sys/capsicum.h, which
is FreeBSD 15.1's, and the two that FreeBSD 10 had and later releases renamed. So a policy written on one release is
understood on another, and one generated file serves all of them.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from preprocessor import Preprocessor, preprocess
from tokens import HeaderError

INDEX_SHIFT = 57  # FreeBSD's ABI, as CAPRIGHT() has it; the tables give it to the header
WORDS = 2
BITS = (1 << INDEX_SHIFT) - 1
MOST_NAMES = 254  # in a table an index is an unsigned char, of which two values mean something else
LONGEST_NAME = 63  # characters that C99 promises to tell apart (5.2.4.1)
LONGEST_TEXT = 4095  # bytes that C99 promises for a string literal (5.2.4.1)

SYSTEM_HEADERS = ("/usr/include/sys/capsicum.h", "/usr/include/sys/capability.h")  # the latter before FreeBSD 10.2

# CAP_ names that are no rights: masks, spare bits, flags of other calls, versions.
OTHER_NAMES = ("CAP_ALL0", "CAP_ALL1", "CAP_IOCTLS_ALL")
OTHER_PREFIXES = ("CAP_UNUSED", "CAP_FCNTL_", "CAP_RIGHTS_")

# FreeBSD 10 only; the same bits are CAP_LINKAT_TARGET and CAP_RENAMEAT_SOURCE since 11.
OLD_NAMES = {"CAP_LINKAT": 0x0200000000400400, "CAP_RENAMEAT": 0x0200000004000400}


@dataclass(frozen=True)
class Right:
    """One name of a right; `value` has the bit that says which word it belongs to."""

    name: str
    value: int
    comment: str = ""

    @property
    def word(self) -> int:
        return (self.value >> INDEX_SHIFT) - 1

    @property
    def bits(self) -> int:
        return self.value & BITS


def is_other(name: str) -> bool:
    """Whether a CAP_ name is known to be something else than a right."""
    return name in OTHER_NAMES or name.startswith(OTHER_PREFIXES)


def _checked(header: Preprocessor, name: str, value: int) -> Right | None:
    """Return the right that `name` stands for, None for a plain number; HeaderError for what cannot be a right."""
    macro = header.macros[name]
    index = value >> INDEX_SHIFT
    if index == 0:
        return None
    if index & (index - 1):
        raise header.error(macro.line, f"{name} is 0x{value:x}: a right belongs to one word, this has the bits of more")
    if index.bit_length() > WORDS:
        raise header.error(macro.line, f"{name} is 0x{value:x}: a set has {WORDS} words, this is for another")
    if value & BITS == 0:
        raise header.error(macro.line, f"{name} is 0x{value:x}: a right has at least one bit")
    if len(name) > LONGEST_NAME:
        raise header.error(macro.line, f"{name} has more than {LONGEST_NAME} characters")
    if len(macro.comment.encode()) > LONGEST_TEXT:
        raise header.error(macro.line, f"the comment of {name} has more than {LONGEST_TEXT} bytes")
    return Right(name, value, macro.comment)


def rights_of(header: Preprocessor) -> list[Right]:
    """Return the rights of a header, aliases too, in its order."""
    rights: list[Right] = []
    for name, macro in header.macros.items():
        if not name.startswith("CAP_") or macro.parameters is not None or is_other(name):
            continue
        right = _checked(header, name, header.value_of(name))
        if right is not None:
            rights.append(right)
    if not rights:
        raise HeaderError(header.path, 1, "no rights are defined here")
    return rights


def read_rights(path: Path) -> list[Right]:
    """Return the rights that the header at `path` defines."""
    return rights_of(preprocess(path))


def with_other_releases(given: list[Right], ours: list[Right]) -> list[Right]:
    """Return what was given, followed by the names of other releases that are not among it; ValueError for too many."""
    names = {right.name for right in given}
    known = [*ours, *(Right(name, value) for name, value in OLD_NAMES.items())]
    together = [*given, *(right for right in known if right.name not in names)]
    if len(together) > MOST_NAMES:
        raise ValueError(f"{len(together)} names: the tables have room for {MOST_NAMES}")
    return together


def default_header(include: Path) -> Path:
    """Return FreeBSD's own header there, ours elsewhere."""
    if sys.platform.startswith("freebsd"):
        for name in SYSTEM_HEADERS:
            if Path(name).exists():
                return Path(name)
    return include / "linux/sys/capsicum.h"
