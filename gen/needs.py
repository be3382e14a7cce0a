# SPDX-License-Identifier: BSD-2-Clause
"""Which right a call needs, read out of the comments of a header.

A comment names calls as manual pages do, "read(2)", or with the arguments that it is about, "openat(O_CREAT)". What
may follow in parentheses is "without" and the arguments that make the difference, or which of two descriptors is
meant, "source" or "target". The head of include/linux/sys/capsicum.h explains it to its readers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from rights import Right
from tokens import HeaderError, Scanner, read_header

ROLES = ("source", "target")

# In the place of a right: none is needed for the call; none for the argument; a descriptor that was never limited.
NONE, PLAIN, EVERYTHING = "none", "plain", "everything"

# The sentences at the head of our header that say so. An argument that is in no comment is refused, not passed over.
SENTENCES = {
    NONE: "No right is needed for ",
    PLAIN: "These arguments need no right of their own: ",
    EVERYTHING: "Only a descriptor that was never limited allows ",
}


@dataclass(frozen=True)
class Need:
    """One reason why `call` needs `right`: all of `when` are among its arguments, none of `unless` is."""

    call: str
    when: tuple[str, ...]
    unless: tuple[str, ...]
    right: str  # its name; or NONE, PLAIN, EVERYTHING
    text: str = ""  # as the comment has it


def _words(text: str) -> tuple[str, ...]:
    """Return the arguments in a pair of parentheses; a manual section, a literal number, is none."""
    for separator in "|,":
        text = text.replace(separator, " ")
    return tuple(word for word in text.split() if not word.isdigit())


def _closing(text: str, at: int) -> int:
    """Return the index of the parenthesis that closes the one at `at`, or -1."""
    depth = 0
    for index in range(at, len(text)):
        depth += (text[index] == "(") - (text[index] == ")")
        if depth == 0:
            return index
    return -1


def _name_before(text: str, at: int) -> str:
    start = at
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    return text[start:at]


def _condition(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """Return the arguments ruled out by the parentheses that may follow a call, and where they end."""
    if not text.startswith(" (", at):
        return (), at
    end = _closing(text, at + 1)
    words = _words(text[at + 2 : end]) if end > 0 else ()
    if words[:1] == ("without",):
        return words[1:], end + 1
    if words[:1] and words[0] in ROLES:
        return tuple(role for role in ROLES if role != words[0]), end + 1
    return (), at


def needs_of_text(text: str, right: str) -> list[Need]:
    """Return what a comment says about calls; `right` is what they need."""
    needs: list[Need] = []
    at = text.find("(")
    while at >= 0:
        name, end = _name_before(text, at), _closing(text, at)
        inside = text[at + 1 : end]
        if not name or end < 0 or not inside.strip():
            at = text.find("(", at + 1)
            continue
        unless, after = _condition(text, end + 1)
        needs.append(Need(name, _words(inside), unless, right, text[at - len(name) : after]))
        at = text.find("(", after)
    return needs


def _smallest(needs: list[Need], values: dict[str, int]) -> list[Need]:
    """Drop a need when the same call is allowed by a right that is part of the one it names.

    FreeBSD's header lists fchmod(2) for CAP_FCHMODAT too, which includes CAP_FCHMOD.
    """
    rights: dict[tuple[str, tuple[str, ...], tuple[str, ...]], set[int]] = {}
    for need in needs:
        rights.setdefault((need.call, need.when, need.unless), set()).add(values[need.right])

    def is_larger(need: Need) -> bool:
        mine = values[need.right]
        return any(mine != other and mine & other == other for other in rights[need.call, need.when, need.unless])

    return [need for need in needs if not is_larger(need)]


def general_needs(header: Path) -> list[Need]:
    """Return what the comments of our header say of calls and arguments that need no right, or every one."""
    comments = [token.text for token in Scanner(header, read_header(header)).tokens() if token.kind == "comment"]
    text = " ".join(" ".join(comments).replace("\n *", " ").split())
    found: list[Need] = []
    for right, sentence in SENTENCES.items():
        _, _, rest = text.partition(sentence)
        if not rest:
            raise HeaderError(header, 1, f"no comment has the sentence '{sentence}...'")
        found += needs_of_text(rest.partition(". ")[0], right)
    return found


def needs(given: list[Right], ours: list[Right], general: list[Need]) -> list[Need]:
    """Return all needs: of the calls that our header knows as it has them, then of others that the given header names.

    Our comments come first because they were checked against a kernel; those of real headers are less exact.
    """
    values = {right.name: right.value for right in [*ours, *given]}
    free = [need for need in general if need.right == NONE]
    checked = [need for right in ours for need in needs_of_text(right.comment, right.name)]
    known = {need.call for need in [*checked, *free]}
    others = [need for right in given for need in needs_of_text(right.comment, right.name) if need.call not in known]

    def spared(need: Need) -> Need:
        words = [word for other in free if other.call == need.call for word in other.when]
        return replace(need, unless=(*need.unless, *words))

    found = [spared(need) for need in [*_smallest(checked, values), *_smallest(others, values)]]
    return sorted([*found, *general], key=lambda need: need.call)


def calls_of(right: Right, all_rights: list[Right], found: list[Need]) -> str:
    """Return the calls that a right allows as its comment has them; of its parts when it has none of its own."""
    own = [need.text for need in found if need.text and need.right == right.name]
    if not own:
        parts = {
            other.name
            for other in all_rights
            if other.value != right.value and other.value & right.value == other.value
        }
        own = [need.text for need in found if need.text and need.right in parts]
    return ", ".join(dict.fromkeys(own))
