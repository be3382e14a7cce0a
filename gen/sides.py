# SPDX-License-Identifier: BSD-2-Clause
"""The two sides of a part: what its users must see (declarations), and the rest (code).

The header shows all declarations first, documented, and then the code, which a user who has the library need not
compile. A part is written as one text all the same; this splits it. It relies on the layout that clang-format keeps:
whatever begins in the first column is an item of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

#: Parts that are declarations as a whole: the system's header, and the constants, which are macros that use each other.
ALL_DECLARATIONS = ("capsicum_easy/system.h", "capsicum_easy/constants.h", "sys/capsicum.h", "sys/procdesc.h")
#: Parts whose private macros other declarations use.
DECLARED_MACROS = ("base.h",)
#: System headers that declarations need; the others belong to the code.
DECLARED_INCLUDES = ("<errno.h>", "<stdbool.h>", "<stddef.h>", "<stdint.h>", "<sys/socket.h>", "<sys/types.h>")

Lines = list[tuple[int, str]]


@dataclass(frozen=True)
class Item:
    """A comment, a directive or a definition, with the numbers of its lines."""

    kind: str  # "comment", "directive" or "definition"
    lines: Lines

    @property
    def text(self) -> str:
        return "\n".join(text for _, text in self.lines)


def items(lines: list[str]) -> list[Item]:
    """Return the items of a part; blank lines between them are left out."""
    found: list[Item] = []
    at = 0
    while at < len(lines):
        first = at
        if not lines[at].strip():
            at += 1
            continue
        if lines[at].startswith("/*"):
            kind = "comment"
            while "*/" not in lines[at]:
                at += 1
        elif lines[at].startswith("#"):
            kind = "directive"
            while lines[at].endswith("\\") or _opens_comment("\n".join(lines[first : at + 1])):
                at += 1
        else:
            kind = "definition"
            while not re.match(r"\}|.*;(\s*/\*.*\*/)?$", lines[at]) or (
                lines[at][0].isspace() and _opens(lines[first:at])
            ):
                at += 1
        at += 1
        found.append(Item(kind, [(number + 1, lines[number]) for number in range(first, at)]))
    return found


def _opens(lines: list[str]) -> bool:
    """Whether some line has opened a body, so that the definition ends with a brace."""
    return any(line.endswith("{") for line in lines)


def _opens_comment(text: str) -> bool:
    return text.rfind("/*") > text.rfind("*/")


def _is_public(name: str) -> bool:
    return not name.endswith("_")


def _is_declaration(part: str, item: Item) -> bool:
    """Whether an item belongs to the declarations as it stands. Conditions and functions are not asked about."""
    text = item.text
    if item.kind == "directive":
        include = re.match(r"#\s*include\s+(\S+)", text)
        if include:
            return include[1] in DECLARED_INCLUDES
        macro = re.match(r"#\s*define\s+(\w+)", text)
        return macro is not None and (_is_public(macro[1]) or part in DECLARED_MACROS)
    named = re.match(r"(?:struct|enum|union) (\w+)", text) if item.kind == "definition" else None
    return named is not None and _is_public(named[1]) and text.rstrip().endswith("};")


CONDITION = re.compile(r"#\s*(if|ifdef|ifndef|else|elif|endif)\b")


def _is_condition(item: Item) -> bool:
    return item.kind == "directive" and CONDITION.match(item.text) is not None


def _is_on_both_sides(item: Item) -> bool:
    both = r'#\s*include\s+("|<capsicum_easy)|#\s*pragma\b'
    return _is_condition(item) or item.kind == "directive" and re.match(both, item.text) is not None


def _prototype(item: Item) -> Lines:
    """Return the declaration of a function, without its body."""
    head = item.lines[: next(at for at, (_, text) in enumerate(item.lines) if text == "{")]
    return [*head[:-1], (head[-1][0], head[-1][1] + ";")]


def _without_empty_conditions(groups: list[tuple[Item, Lines]]) -> list[tuple[Item, Lines]]:
    """Leave out every #if up to its #endif with nothing between; groups are items with what they came to."""
    result: list[tuple[Item, Lines]] = []
    for group in groups:
        result.append(group)
        if not re.match(r"#\s*endif", group[0].text):
            continue
        start = len(result) - 2
        while re.match(r"#\s*el(se|if)", result[start][0].text):
            start -= 1
        if re.match(r"#\s*if", result[start][0].text):
            del result[start:]
    return result


def _without_guard(found: list[Item]) -> list[Item]:
    """Leave out the three directives that keep a part from being included twice, which joining does already."""
    guard = next((at for at, item in enumerate(found) if item.kind == "directive"), None)
    if guard is None or not re.match(r"#ifndef \w+_H_$", found[guard].text):
        return found
    return [*found[:guard], *found[guard + 2 : -1]]


def split(path: Path, lines: list[str], declarations: bool) -> Lines:
    """Return one side of a part, with the numbers of its lines. Its own #includes are on both sides."""
    if f"{path.parent.name}/{path.name}" in ALL_DECLARATIONS:
        return list(enumerate(lines, 1)) if declarations else []
    groups: list[tuple[Item, Lines]] = []
    comment: Item | None = None
    for item in _without_guard(items(lines)):
        if item.kind == "comment":
            if comment is not None and not declarations:
                groups.append((comment, comment.lines))
            comment = item
            continue
        attached = comment is not None and comment.lines[-1][0] + 1 == item.lines[0][0]
        if comment is not None and not attached and not declarations:
            groups.append((comment, comment.lines))
        before = comment.lines if attached and comment is not None else []
        comment = None
        if _is_on_both_sides(item):
            groups.append((item, [*(before if not declarations else []), *item.lines]))
        elif item.kind == "definition" and item.text.startswith("CE_API"):
            groups.append((item, [*before, *_prototype(item)] if declarations else item.lines))
        elif _is_declaration(path.name, item) == declarations:
            groups.append((item, [*before, *item.lines]))
    if comment is not None and not declarations:
        groups.append((comment, comment.lines))
    return [line for _, group in _without_empty_conditions(groups) for line in group]
