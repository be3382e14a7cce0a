# SPDX-License-Identifier: BSD-2-Clause
"""The policy's reader: what it takes, and where it says a slip is."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "gen"))

import policy  # noqa: E402

GOOD = """\
value O_TRUNC 0x200  fcntl.h
set COLOURS
\twhy Not FreeBSD's.
\tRED  1  the first
\tBLUE 2  the second
set MORE
\twhy With one more.
\tCOLOURS
\tGREEN 0x10 the third
call paint 1 -
call draw 2 7
\tlimits a0 CAP_WRITE if a1 in COLOURS
\tmode   no if a1 & 0xff not in MORE
\tmode   no EPERM if a2 & O_TRUNC below 3 unless every CAP_FTRUNCATE
\twhy    It shows.
\twhy    Always.
access CAP_READ
\tallows READ_FILE READ_DIR
\twhy    Opening.
"""


def test_stanzas_are_read() -> None:
    read = policy.read({"art.policy": GOOD})
    paint, draw = read.calls
    assert (paint.name, paint.numbers) == ("paint", {"x86-64": 1, "aarch64": None})
    assert (draw.name, draw.numbers) == ("draw", {"x86-64": 2, "aarch64": 7})
    assert paint.limited == draw.limited and paint.why == draw.why == "It shows. Always."
    assert paint.limited[0].tests[0].values == (1, 2) and paint.mode[0].tests[0].values == (1, 2, 16)
    assert paint.mode[1].below == 3 and paint.mode[1].rights == ("CAP_FTRUNCATE",) and paint.mode[1].errno == "EPERM"
    assert read.accesses == [policy.Access("CAP_READ", ("READ_FILE", "READ_DIR"), "Opening.")]


#: What is done to the good text, the line of the error, and what it says.
SLIPS = [
    ("value O_TRUNC 0x200  fcntl.h", "value O_TRUNC 0x200", 1, "a value is a name, a number, and its source or reason"),
    ("value O_TRUNC 0x200", "value O_TRUNC 010", 1, "'010' is no number"),
    ("value O_TRUNC 0x200", "value CAP_READ 0x200", 1, "'CAP_READ' is no name for a value or set"),
    ("value O_TRUNC", "valve O_TRUNC", 1, "'valve' begins no stanza: value, set, call, access"),
    ("set COLOURS\n\twhy Not FreeBSD's.\n", "set COLOURS\n", 2, "no reason (why)"),
    ("\tRED  1  the first\n\tBLUE 2  the second\n", "", 2, "an empty set"),
    ("\tRED  1  the first", "\tRED  1", 4, "a value is a name, a number, and its source or reason"),
    ("\tBLUE 2", "\tRED 2", 5, "'RED' is defined already, art.policy:4"),
    ("\tCOLOURS\n", "\tCOLORS\n", 8, "unknown constant 'COLORS'"),
    ("\tCOLOURS\n", "  COLOURS\n", 8, "white space that does not belong there"),
    ("\tCOLOURS\n", "\t\tCOLOURS\n", 8, "white space that does not belong there"),
    ("\tGREEN 0x10 the third\n", "\tGREEN 0x100 the third\n", 13,
     "'a1 & 0xff not in MORE' can never hold: a value has bits outside the mask"),
    ("call paint 1 -", "call paint 1", 10, "a call is a name and 2 numbers"),
    ("call paint 1 -", "call draw 1 -", 11, "'draw' stands twice"),
    ("call paint 1 -", "call Paint 1 -", 10, "'Paint' is no system call's name"),
    ("call paint 1 -", "call paint 2 -", 11, "number 2 on x86-64 is already that of 'paint'"),
    ("\tlimits a0 CAP_WRITE if a1 in COLOURS\n", "", 10, "no 'limits'"),
    ("\tmode   no if a1 & 0xff not in MORE\n\tmode   no EPERM if a2 & O_TRUNC below 3 unless every CAP_FTRUNCATE\n", "", 10, "no 'mode'"),
    ("\twhy    It shows.\n\twhy    Always.\n", "", 10, "no reason (why)"),
    ("\twhy    Always.\n", "\tbecause it does\n", 16, "'because' does not belong into 'call'"),
    ("limits a0 CAP_WRITE", "limits a6 CAP_WRITE", 12, "'a6' is no argument: a0 to a5"),
    ("limits a0 CAP_WRITE", "limits a0 WRITE", 12, "'WRITE' is not the name of a right"),
    ("limits a0 CAP_WRITE", "limits a0 CAP_WRITE ENOSYS", 12, "cannot read the clause 'a0 CAP_WRITE ENOSYS if a1 in COLOURS'"),
    ("if a1 in COLOURS", "if a1 == COLOURS", 12, "the set 'COLOURS' where one value belongs"),
    ("if a1 in COLOURS", "if a1 in COLOURS RED", 12, "'a1 in COLOURS RED' has a value twice"),
    ("if a1 in COLOURS", "if a1", 12, "incomplete test 'a1'"),
    ("mode   no if", "mode   perhaps if", 13, "cannot read the clause 'perhaps if a1 & 0xff not in MORE'"),
    ("if a2 & O_TRUNC below", "if a2 & 0x200 below", 1, "'O_TRUNC' is not used"),
    ("access CAP_READ", "access READ", 17, "'READ' is not the name of a right"),
    ("\tallows READ_FILE READ_DIR\n", "", 17, "'allows' takes names of Landlock's accesses"),
    (GOOD, "# nothing\n", 1, "no system call in it"),
]  # fmt: skip


@pytest.mark.parametrize(("found", "replaced", "line", "what"), SLIPS, ids=[slip[3] for slip in SLIPS])
def test_a_slip_is_an_error_with_its_line(found: str, replaced: str, line: int, what: str) -> None:
    assert GOOD.count(found) == 1
    with pytest.raises(policy.PolicyError) as caught:
        policy.read({"art.policy": GOOD.replace(found, replaced)})
    assert str(caught.value) == f"art.policy:{line}: {what}"


def test_a_call_is_one_edit() -> None:
    """Every output follows from one more stanza."""
    sources = policy.sources()
    more = {**sources, "new.policy": "call invented 9999 9998\n\tlimits a0 CAP_READ\n\tmode no\n\twhy A test.\n"}
    before, after = policy.emit(sources), policy.emit(more)
    assert re.findall(r"\{ (\d+), \d+, \d+ \}, /\* invented \*/", after) == ["9999", "9998"]
    identity = re.compile(r"CE_POLICY_ID\w* (0x[0-9a-f]+)u")
    assert identity.search(before)[1] != identity.search(after)[1]  # type: ignore[index]


def test_every_stanza_has_a_reason_and_the_lines_are_short() -> None:
    """The reader refuses one without; what a person reviews must fit a window."""
    assert all(call.why for call in policy.read().calls)
    for name, text in policy.sources().items():
        for number, line in enumerate(text.splitlines(), 1):
            assert len(line.expandtabs(8)) <= 120, f"{name}:{number}"
