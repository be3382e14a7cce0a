# SPDX-License-Identifier: BSD-2-Clause
"""Reads the clauses of a `limits` or `mode` line; the description of this package has their grammar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable

from .model import Clause, PolicyError, Test

ERRNOS = ("ENOSYS", "EACCES", "EPERM", "ENOTCAPABLE")


@dataclass(frozen=True)
class Line:
    """Where a line stands, and what the names in it mean: each is a list of values."""

    where: str
    names: Callable[[str], tuple[int, ...] | None]

    def error(self, what: str) -> PolicyError:
        return PolicyError(f"{self.where}: {what}")


def number(line: Line, word: str) -> int:
    if not re.fullmatch(r"0x[0-9a-f]{1,8}|0|[1-9][0-9]{0,8}", word):
        raise line.error(f"'{word}' is no number")
    return int(word, 0)


def _values(line: Line, word: str) -> tuple[int, ...]:
    """One number or several, if the word names a set."""
    if word[:1].isdigit():
        return (number(line, word),)
    values = line.names(word)
    if values is None:
        raise line.error(f"unknown constant '{word}'")
    return values


def _value(line: Line, word: str) -> int:
    values = _values(line, word)
    if len(values) != 1:
        raise line.error(f"the set '{word}' where one value belongs")
    return values[0]


def _words(line: Line, text: str) -> list[str]:
    words = text.split()
    if not words:
        raise line.error("an empty clause")
    return words


def _argument(line: Line, word: str) -> int:
    match = re.fullmatch(r"a([0-5])", word)
    if match is None:
        raise line.error(f"'{word}' is no argument: a0 to a5")
    return int(match[1])


def _compared(line: Line, text: str, argument: int, mask: int, rest: list[str]) -> Test:
    """The part of a test from its comparison on."""
    for start, operation in ((["=="], "IN"), (["!="], "NOT_IN"), (["in"], "IN"), (["not", "in"], "NOT_IN")):
        if rest[: len(start)] != start or len(rest) == len(start):
            continue
        words = rest[len(start) :]
        if start in (["=="], ["!="]):
            if len(words) > 1:
                raise line.error(f"more than one value after '{start[0]}'")
            values: tuple[int, ...] = (_value(line, words[0]),)
        else:
            values = tuple(value for word in words for value in _values(line, word))
        if len(set(values)) < len(values):
            raise line.error(f"'{text}' has a value twice")
        if any(value & ~mask for value in values):
            raise line.error(f"'{text}' can never hold: a value has bits outside the mask")
        return Test(argument, operation, mask, tuple(sorted(values)))
    raise line.error(f"cannot read the test '{text}'")


def _test(line: Line, text: str) -> Test:
    words = text.split()
    if len(words) < 2:
        raise line.error(f"incomplete test '{text}'")
    argument, rest, mask = _argument(line, words[0]), words[1:], 0xFFFFFFFF
    if rest in (["set"], ["named"]):
        return Test(argument, rest[0].upper())
    if rest[0] == "&" and len(rest) >= 2:
        mask, rest = _value(line, rest[1]), rest[2:]
        if not rest:
            return Test(argument, "NOT_IN", mask, (0,))
    if rest == ["==", "self"] and mask == 0xFFFFFFFF:
        return Test(argument, "SELF")
    return _compared(line, text, argument, mask, rest)


def _tests(line: Line, text: str) -> tuple[Test, ...]:
    return tuple(_test(line, part.strip()) for part in text.split(" and ")) if text else ()


def right(line: Line, name: str) -> str:
    if not re.fullmatch(r"CAP_[A-Z_]+", name):
        raise line.error(f"'{name}' is not the name of a right")
    return name


def _rights(line: Line, text: str) -> tuple[str, ...]:
    return tuple(right(line, name) for name in text.split("+"))


def limits(line: Line, text: str) -> Clause:
    """A clause of `limits`, but for "none"."""
    head, _, condition = text.partition(" if ")
    tests = _tests(line, condition)
    words = _words(line, head)
    errno = words.pop() if words[-1] in ERRNOS else ""
    if words in (["closed"], ["noexec"]):
        return Clause(words[0].upper(), errno=errno, tests=tests)
    argument = _argument(line, words[0]) if words else -1
    if words[1:] == ["refused"]:
        return Clause("REFUSED", argument, errno=errno, tests=tests)
    if words[1:] == ["copied"] and not errno and not tests:
        return Clause("COPIED", argument)
    if words[1:] == ["ioctl"] and not errno:
        return Clause("IOCTL", argument, tests=tests)
    if len(words) != 2 or errno:
        raise line.error(f"cannot read the clause '{text}'")
    return Clause("NEEDS", argument, _rights(line, words[1]), tests=tests)


def mode(line: Line, text: str) -> Clause:
    """A clause of `mode`."""
    gates: dict[str, int | bool | tuple[str, ...]] = {}
    body = text
    for pattern, name in (
        (r" when shut$", "when_shut"),
        (r" unless (every|any) (\S+)$", "rights"),
        (r" without lookups$", "without_lookups"),
        (r" below ([0-9]+)$", "below"),
        (r" with ([0-9]+)$", "at_least"),
    ):
        match = re.search(pattern, body)
        if match is None:
            continue
        body = body[: match.start()]
        if name == "rights":
            gates[name], gates["any"] = _rights(line, match[2]), match[1] == "any"
        else:
            gates[name] = int(match[1]) if match.groups() else True
    head, _, condition = body.partition(" if ")
    words = _words(line, head)
    errno = words.pop() if words[-1] in ERRNOS else ""
    if words == [] and errno == "ENOSYS":
        words = ["no"]
    if words not in (["yes"], ["no"]) or (words == ["yes"] and errno):
        raise line.error(f"cannot read the clause '{text}'")
    return Clause(words[0].upper(), errno=errno, tests=_tests(line, condition), **gates)  # type: ignore[arg-type]
