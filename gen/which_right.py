# SPDX-License-Identifier: BSD-2-Clause
"""Prints docs/which-right.md: python3 gen/which_right.py > docs/which-right.md"""

from __future__ import annotations

from pathlib import Path

import rights
from needs import NONE, SENTENCES, Need, general_needs, needs

ROOT = Path(__file__).resolve().parent.parent

HEAD = """\
# Which right does a call need?

A program asks with `ce_call_needs("pwrite", &set)`, and the shell with `capeasy need pwrite`. `python3 gen/which_right.py` prints
this page from the comments of `include/linux/sys/capsicum.h`, which were checked against a FreeBSD 13.2 kernel.

A call needs the rights of **all** rows that apply to it: `openat(O_WRONLY | O_CREAT)` needs `CAP_LOOKUP`, `CAP_WRITE`,
`CAP_SEEK` and `CAP_CREATE`. On Linux and from FreeBSD 15 on `copy_file_range` with an offset needs `CAP_SEEK` too. Linux has some
calls that FreeBSD lacks, and asks for [more rights](linux-differences.md#with-the-rights-of-a-call) in a few places.

| call | right |
|---|---|
"""

MIDDLE = """
## What does a right allow?

A right that includes others is shown with them. Rights cannot be combined with `|`. List them with commas:
`CE_SET(CAP_READ, CAP_EVENT)`.

| right | includes | |
|---|---|---|
"""


def cell(text: str) -> str:
    """Return text for a table, whose columns "|" would end."""
    return text.replace("|", "&#124;")


def call_rows(known: list[Need]) -> list[str]:
    rows = [f"| {cell(need.text)} | `{need.right}` |" for need in known if need.right not in SENTENCES]
    free = [need.text for need in known if need.right == NONE]
    return [*rows, f"| {', '.join(free)} | none |"]


def included(right: rights.Right, known: list[rights.Right]) -> str:
    """Return the names of the largest rights that a right is made of."""
    inside = [other for other in known if other.value != right.value and other.value & right.value == other.value]
    largest = [
        other
        for other in inside
        if not any(bigger.value != other.value and bigger.value & other.value == other.value for bigger in inside)
    ]
    return ", ".join(f"`{other.name}`" for other in largest)


def right_rows(known: list[rights.Right]) -> list[str]:
    return [f"| `{right.name}` | {included(right, known)} | {cell(right.comment)} |" for right in known]


def page() -> str:
    header = ROOT / "include/linux/sys/capsicum.h"
    ours = rights.read_rights(header)
    first: dict[int, rights.Right] = {}
    for right in ours:
        first.setdefault(right.value, right)
    lines = [
        *call_rows(needs(ours, ours, general_needs(header))),
        *MIDDLE.splitlines(),
        *right_rows(list(first.values())),
    ]
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
