# SPDX-License-Identifier: BSD-2-Clause
"""Which right a call needs, read out of the comments of a header.

A comment names calls as manual pages do, "read(2)", or with the arguments that it is about, "openat(O_CREAT)". What
may follow in parentheses is "without" and the arguments that make the difference, or which of two descriptors is
meant, "source" or "target". The head of include/linux/sys/capsicum.h explains it to its readers.
"""

from __future__ import annotations

from dataclasses import dataclass

from rights import Right

ROLES = ("source", "target")

# What a call needs that only a descriptor which was never limited can make.
EVERYTHING = "everything"

# Calls and arguments for which the kernel asks for no right at all: measured on FreeBSD 13.2, or in rights(4).
FREE_CALLS = ("close", "dup", "dup2", "dup3", "posix_fadvise")
FREE_ARGUMENTS = {
    "fcntl": ("F_DUPFD", "F_DUPFD_CLOEXEC", "F_GETFD", "F_SETFD"),
    "openat": ("absolute",),
}

# Arguments that change nothing about the rights. Others are refused, so that a slip does not look like an answer.
PLAIN_ARGUMENTS = {
    "fcntl": ("F_GETFL", "F_GETOWN", "F_SETFL", "F_SETOWN"),
    "lseek": ("SEEK_CUR", "SEEK_END", "SEEK_SET"),
    "mmap": ("MAP_FIXED", "MAP_PRIVATE", "MAP_SHARED", "PROT_NONE"),
    "mprotect": ("PROT_EXEC", "PROT_NONE", "PROT_READ"),
    "openat": ("O_CLOEXEC", "O_DIRECTORY", "O_EXCL", "O_NOCTTY", "O_NOFOLLOW", "O_NONBLOCK", "O_RDONLY"),
    "unlinkat": ("AT_REMOVEDIR",),
}

# A path that leaves the directory, by "..", or by a symbolic link: lookups from a limited descriptor never do.
EVERYTHING_ARGUMENTS = {"openat": ("outside",)}


@dataclass(frozen=True)
class Need:
    """One reason why `call` needs `right`: all of `when` are among its arguments, none of `unless` is."""

    call: str
    when: tuple[str, ...]
    unless: tuple[str, ...]
    right: str  # its name; EVERYTHING; or "" for none
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


def needs_of_comment(right: Right) -> list[Need]:
    """Return what the comment of one right says about calls."""
    needs: list[Need] = []
    text = right.comment
    at = text.find("(")
    while at >= 0:
        name, end = _name_before(text, at), _closing(text, at)
        inside = text[at + 1 : end]
        if not name or end < 0 or not inside.strip():
            at = text.find("(", at + 1)
            continue
        unless, after = _condition(text, end + 1)
        needs.append(Need(name, _words(inside), unless, right.name, text[at - len(name) : after]))
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


def _rules_without_right() -> list[Need]:
    return [
        *(Need(call, (), (), "") for call in FREE_CALLS),
        *(
            Need(call, (word,), (), "")
            for table in (FREE_ARGUMENTS, PLAIN_ARGUMENTS)
            for call, words in table.items()
            for word in words
        ),
        *(Need(call, (word,), (), EVERYTHING) for call, words in EVERYTHING_ARGUMENTS.items() for word in words),
    ]


def needs(given: list[Right], ours: list[Right]) -> list[Need]:
    """Return all needs: of the calls that our header knows as it has them, then of others that the given header names.

    Our comments come first because they were checked against a kernel; those of real headers are less exact.
    """
    values = {right.name: right.value for right in [*ours, *given]}
    checked = [need for right in ours for need in needs_of_comment(right)]
    known = {need.call for need in checked} | set(FREE_CALLS)
    others = [need for right in given for need in needs_of_comment(right) if need.call not in known]
    found = [*_smallest(checked, values), *_smallest(others, values)]
    spared = [Need(n.call, n.when, (*n.unless, *FREE_ARGUMENTS.get(n.call, ())), n.right, n.text) for n in found]
    return sorted([*spared, *_rules_without_right()], key=lambda need: need.call)


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
