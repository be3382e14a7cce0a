# SPDX-License-Identifier: BSD-2-Clause
"""The headers of FreeBSD's releases, and what a C compiler made of the real ones."""

from __future__ import annotations

from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"
RELEASES = ("10.4", "12.1", "13.2", "14.2", "15.1")


def header(release: str, compiled: bool = False) -> str:
    """Return the <sys/capsicum.h> of a release; a `compiled` one stands on its own under Linux, without prototypes."""
    wanted = {release, "compiled" if compiled else "real"}
    lines = []
    for line in (DATA / "releases.h.in").read_text().splitlines():
        tags, separator, rest = line.partition("] ") if line.startswith("[") else ("", "", line)
        if not separator or wanted & set(tags[1:].split()):
            lines.append(rest)
    return "\n".join(lines) + "\n"


def facts(release: str) -> dict[str, str]:
    """Return name -> value of one release, as the table has it: "index:bits", or "value:number"."""
    rows = [
        line.split("\t")
        for line in (DATA / "rights-by-release.tsv").read_text().splitlines()
        if not line.startswith("#")
    ]
    column = rows[0].index(release)
    return {row[0]: row[column] for row in rows[1:] if row[column] != "-"}


def right_value(fact: str) -> int:
    """Return "0:0x1" as the header's own value of CAP_READ."""
    index, bits = fact.split(":")
    return 1 << (57 + int(index)) | int(bits, 16)


def rights(release: str) -> dict[str, int]:
    """Return the rights of a release in the header's order: of its table, what is no mask, spare bit or flag."""
    return {
        name: right_value(fact)
        for name, fact in facts(release).items()
        if not fact.startswith("value:") and not name.startswith(("CAP_ALL", "CAP_UNUSED"))
    }
