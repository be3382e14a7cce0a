# SPDX-License-Identifier: BSD-2-Clause
"""Reads files of stanzas, strictly: whatever it does not understand stops the build, with the line it stands on, instead of
weakening a filter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from . import clauses
from .clauses import Line
from .model import ARCHITECTURES, Access, Call, Clause, Policy, PolicyError

#: The text of each file, by its name.
Sources = Mapping[str, str]

#: What may stand in the body of each kind of stanza.
KEYWORDS: dict[str, set[str]] = {
    "value": set(), "set": set(), "call": {"limits", "mode", "why"}, "access": {"allows", "why"},
}  # fmt: skip
NAME = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass
class _Stanza:
    """A stanza as it stands: words of its first lines and the lines below, each with where it is."""

    kind: str
    heads: list[tuple[str, list[str]]]
    body: list[tuple[str, str]] = field(default_factory=list)

    def lines(self, keyword: str) -> list[tuple[str, str]]:
        """The texts after a keyword."""
        return [(where, text[len(keyword) :].strip()) for where, text in self.body if text.split()[0] == keyword]

    def why(self) -> str:
        reason = " ".join(text for _, text in self.lines("why"))
        if not reason:
            raise PolicyError(f"{self.heads[0][0]}: no reason (why)")
        return reason


def _stanzas(name: str, text: str) -> list[_Stanza]:
    """The stanzas of one file."""
    stanzas: list[_Stanza] = []
    for number, line in enumerate(text.split("\n"), 1):
        where = f"{name}:{number}"
        if not line or line.startswith("#"):
            continue
        if not line.strip() or line.strip() != line.removeprefix("\t") or "\t" in line.strip():
            raise PolicyError(f"{where}: white space that does not belong there")
        if line.startswith("\t"):
            if not stanzas or stanzas[-1].kind == "value":
                raise PolicyError(f"{where}: an indented line outside a stanza")
            stanzas[-1].body.append((where, line.strip()))
            continue
        kind, *words = line.split()
        if kind not in KEYWORDS or not words:
            raise PolicyError(f"{where}: '{kind}' begins no stanza: {', '.join(KEYWORDS)}")
        if kind == "call" and stanzas and stanzas[-1].kind == "call" and not stanzas[-1].body:
            stanzas[-1].heads.append((where, words))
        else:
            stanzas.append(_Stanza(kind, [(where, words)]))
    for stanza in stanzas:
        for where, line in stanza.body:
            if stanza.kind != "set" and line.split()[0] not in KEYWORDS[stanza.kind]:
                raise PolicyError(f"{where}: '{line.split()[0]}' does not belong into '{stanza.kind}'")
    return stanzas


class _Names:
    """Values and sets by name, with where they were defined; remembers which were used."""

    def __init__(self) -> None:
        self.values: dict[str, tuple[int, ...]] = {}
        self.defined: dict[str, str] = {}
        self.used: set[str] = set()

    def find(self, name: str) -> tuple[int, ...] | None:
        self.used.add(name)
        return self.values.get(name)

    def define(self, where: str, name: str, values: tuple[int, ...]) -> None:
        if not NAME.fullmatch(name) or name.startswith("CAP_"):
            raise PolicyError(f"{where}: '{name}' is no name for a value or set")
        if name in self.values:
            raise PolicyError(f"{where}: '{name}' is defined already, {self.defined[name]}")
        self.values[name] = values
        self.defined[name] = where

    def check_use(self) -> None:
        for name, where in self.defined.items():
            if name not in self.used:
                raise PolicyError(f"{where}: '{name}' is not used")


def _define_value(names: _Names, where: str, words: list[str]) -> None:
    if len(words) < 3:
        raise PolicyError(f"{where}: a value is a name, a number, and its source or reason")
    names.define(where, words[0], (clauses.number(Line(where, names.find), words[1]),))


def _define_set(names: _Names, stanza: _Stanza) -> None:
    where, words = stanza.heads[0]
    if len(words) != 1:
        raise PolicyError(f"{where}: 'set' takes one name")
    stanza.why()
    values: list[int] = []
    for at, line in stanza.body:
        member = line.split()
        if member[0] == "why":
            continue
        if len(member) > 1:
            _define_value(names, at, member)
        found = names.find(member[0])
        if found is None:
            raise PolicyError(f"{at}: unknown constant '{member[0]}'")
        values.extend(found)
    if not values:
        raise PolicyError(f"{where}: an empty set")
    names.define(where, words[0], tuple(values))


def _rules(stanza: _Stanza, names: _Names) -> tuple[tuple[Clause, ...], tuple[Clause, ...]]:
    """What limits and capability mode do."""
    limits, mode = stanza.lines("limits"), stanza.lines("mode")
    for keyword, lines in (("limits", limits), ("mode", mode)):
        if not lines:
            raise PolicyError(f"{stanza.heads[0][0]}: no '{keyword}'")
    if [text for _, text in limits] == ["none"]:
        limits = []
    return (
        tuple(clauses.limits(Line(where, names.find), text) for where, text in limits),
        tuple(clauses.mode(Line(where, names.find), text) for where, text in mode),
    )


def _numbers(where: str, words: list[str]) -> dict[str, int | None]:
    if len(words) != 1 + len(ARCHITECTURES):
        raise PolicyError(f"{where}: a call is a name and {len(ARCHITECTURES)} numbers")
    line = Line(where, lambda name: None)
    return {
        architecture: None if word == "-" else clauses.number(line, word)
        for (architecture, _), word in zip(ARCHITECTURES, words[1:])
    }


def _access(stanza: _Stanza) -> Access:
    where, words = stanza.heads[0]
    if len(words) != 1:
        raise PolicyError(f"{where}: 'access' takes one right")
    allows = tuple(name for _, text in stanza.lines("allows") for name in text.split())
    if not allows or not all(NAME.fullmatch(name) for name in allows):
        raise PolicyError(f"{where}: 'allows' takes names of Landlock's accesses")
    return Access(clauses.right(Line(where, lambda name: None), words[0]), allows, stanza.why())


def read_sources(sources: Sources) -> Policy:
    """Read and check every file. Raises PolicyError for anything not understood, a name that stands twice, a number used
    twice on one architecture, and a value or set that nothing uses."""
    policy, names = Policy(), _Names()
    stanzas = [stanza for name in sorted(sources) for stanza in _stanzas(name, sources[name])]
    for stanza in stanzas:
        if stanza.kind == "value":
            _define_value(names, *stanza.heads[0])
        elif stanza.kind == "set":
            _define_set(names, stanza)
    taken: dict[tuple[str, int], str] = {}
    for stanza in stanzas:
        if stanza.kind == "access":
            policy.accesses.append(_access(stanza))
        if stanza.kind != "call":
            continue
        limited, mode = _rules(stanza, names)
        for where, words in stanza.heads:
            call = Call(words[0], _numbers(where, words), limited, mode, stanza.why())
            _check_alone(policy, taken, where, call)
            policy.calls.append(call)
    if not policy.calls:
        raise PolicyError(f"{min(sources, default='*.policy')}:1: no system call in it")
    names.check_use()
    return policy


def _check_alone(policy: Policy, taken: dict[tuple[str, int], str], where: str, call: Call) -> None:
    """That a call's name and numbers are its own."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", call.name):
        raise PolicyError(f"{where}: '{call.name}' is no system call's name")
    if call.name in taken.values():
        raise PolicyError(f"{where}: '{call.name}' stands twice")
    for key in ((a, n) for a, n in call.numbers.items() if n is not None):
        if key in taken:
            raise PolicyError(f"{where}: number {key[1]} on {key[0]} is already that of '{taken[key]}'")
        taken[key] = call.name
