# SPDX-License-Identifier: BSD-2-Clause
"""What the policy is once it has been read: plain data."""

from __future__ import annotations

from dataclasses import dataclass, field

#: Names of the architectures, and the macros that say so in C.
ARCHITECTURES = (("x86-64", "CE_LINUX_X86_64_"), ("aarch64", "CE_LINUX_AARCH64_"))


class PolicyError(Exception):
    """A line of the policy that cannot be read; the text is `file:line: what`."""


@dataclass(frozen=True)
class Test:
    """One comparison of an argument: `operation` is IN, NOT_IN, SET, SELF or NAMED, `values` what it is compared with."""

    argument: int
    operation: str
    mask: int = 0xFFFFFFFF
    values: tuple[int, ...] = ()


@dataclass(frozen=True)
class Clause:
    """One clause of `limits` or `mode`; the meaning of each kind is in this package's description."""

    kind: str
    argument: int = 0
    rights: tuple[str, ...] = ()
    errno: str = ""
    tests: tuple[Test, ...] = ()
    below: int = 0
    at_least: int = 0
    without_lookups: bool = False
    when_shut: bool = False
    any: bool = False


@dataclass(frozen=True)
class Call:
    """One system call: its numbers by architecture (None where it does not exist), its two rules, and why."""

    name: str
    numbers: dict[str, int | None]
    limited: tuple[Clause, ...]
    mode: tuple[Clause, ...]
    why: str


@dataclass(frozen=True)
class Access:
    """What Landlock lets a directory with a right be used for: names without their CE_LANDLOCK_."""

    right: str
    allows: tuple[str, ...]
    why: str


@dataclass
class Policy:
    """Everything, in the order in which it is written."""

    calls: list[Call] = field(default_factory=list)
    accesses: list[Access] = field(default_factory=list)
