# SPDX-License-Identifier: BSD-2-Clause
"""What the parts of the header say of their public names; the manual pages are made of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tokens import HeaderError

ROOT = Path(__file__).resolve().parent.parent
PARTS = ROOT / "include/capsicum_easy"

COMMENT = re.compile(r"^/\*\*(.*?)\*/\n", re.MULTILINE | re.DOTALL)
CONDITIONS = re.compile(r"(?:#if.*\n|#ifdef.*\n|#ifndef.*\n)*")
FUNCTION = re.compile(r"(?:CE_API|static inline) (?:CE_CHECKED_ )?([^;={]*?)(\w+)\(([^{;]*?)\)\n?[{;]")
MACRO = re.compile(r"#\s*define (\w+)(\([^)]*\))?")
STRUCTURE = re.compile(r"((?:struct|enum) (\w+)) \{.*?^\};", re.MULTILINE | re.DOTALL)
TITLE = re.compile(r"/\*\n( \* .*?)\*/", re.DOTALL)


@dataclass(frozen=True)
class Entry:
    """A public name. Its kind is "function", "macro" or "structure"; the first two may take parameters."""

    kind: str
    name: str
    text: str
    returns: str = ""
    takes: tuple[str, ...] = ()
    code: str = ""  # a structure as it is written

    @property
    def paragraphs(self) -> list[str]:
        """The text's paragraphs; one that is indented is code."""
        return self.text.split("\n\n")


@dataclass(frozen=True)
class Part:
    """A part of the header: what it is for, and its public names in order."""

    name: str
    title: str
    text: str
    entries: tuple[Entry, ...]

    def functions(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind == "function"]


def undecorated(comment: str) -> str:
    """Return the text inside a comment, with the indentation of what it shows as code."""
    lines = [re.sub(r"^\s*\* ?", "", line).rstrip() for line in comment.strip("*").splitlines()]
    return "\n".join(lines).strip("\n ").strip()


def parameters(text: str) -> tuple[str, ...]:
    """Return a function's parameters, each on one line."""
    found, depth = [""], 0
    for character in " ".join(text.split()):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            found.append("")
        else:
            found[-1] += character
    return tuple(parameter.strip() for parameter in found)


def _entry(path: Path, source: str, match: re.Match[str]) -> Entry:
    text = undecorated(match[1])
    at = match.end() + CONDITIONS.match(source, match.end()).end() - match.end()  # type: ignore[union-attr]
    if function := FUNCTION.match(source, at):
        return Entry("function", function[2], text, function[1].strip(), parameters(function[3]))
    if macro := MACRO.match(source, at):
        return Entry("macro", macro[1], text, takes=parameters(macro[2][1:-1]) if macro[2] else ())
    if structure := STRUCTURE.match(source, at):
        return Entry("structure", structure[2], text, code=structure[0])
    raise HeaderError(path, source.count("\n", 0, match.start()) + 1, "this comment documents nothing")


def read_part(path: Path) -> Part:
    """Read one part; HeaderError where a documentation comment is followed by nothing that it could be about."""
    source = path.read_text(encoding="utf-8")
    head = TITLE.search(source)
    if head is None:
        raise HeaderError(path, 1, "no comment says what this part is for")
    title, _, text = undecorated(head[1]).partition("\n\n")
    entries = tuple(_entry(path, source, match) for match in COMMENT.finditer(source))
    return Part(path.stem, " ".join(title.split()), text, entries)


def read_parts() -> list[Part]:
    """Read all parts, in the order in which they are joined, without those that have no public name."""
    names = re.findall(r'^#include "(.*)"$', (PARTS / "all.h").read_text(encoding="utf-8"), re.MULTILINE)
    parts = [read_part(PARTS / name) for name in names]
    return [part for part in parts if part.entries]
