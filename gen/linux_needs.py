# SPDX-License-Identifier: BSD-2-Clause
"""Prints what each Linux system call needs, for `capeasy need`: python3 gen/linux_needs.py

It reads the stanzas of the policy as text: what a person asks with, names of flags, stands there. A clause becomes a row
that applies if all words of `when` and one of `one_of` (if any) are among the call's arguments, and none of `unless`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import policy

#: What a pointer is, for the calls that need another right where it is set.
POINTERS = {("sendto", 4): "address", ("utimensat", 1): "path", ("futimesat", 1): "path"}


#: Constants of the policy that stand for others, as conditions or sets of them.
NAMES = {
    "a2 & O_APPEND_OR_TRUNC == 0": "a2 not in O_APPEND O_TRUNC",
    "a2 & O_ANY_SYNC": "a2 in O_SYNC O_DSYNC",
    "O_TMPFILE_BIT": "O_TMPFILE",
}


@dataclass
class Row:
    """One clause: `rights` is a list with "+", or what else the clause says."""

    call: str
    argument: int
    rights: str
    when: list[str] = field(default_factory=list)
    one_of: list[str] = field(default_factory=list)
    unless: list[str] = field(default_factory=list)


def _sets(text: str) -> dict[str, list[str]]:
    """The members of each set, by its name; sets in sets are left as names."""
    found: dict[str, list[str]] = {}
    for name, body in re.findall(r"^set (\w+)\n((?:\t.*\n)+)", text, re.MULTILINE):
        found[name] = [line.split()[0] for line in body.splitlines() if not line.startswith("\twhy")]
    return found


def _members(words: list[str], sets: dict[str, list[str]]) -> list[str]:
    return [member for word in words for member in (_members(sets[word], sets) if word in sets else [word])]


def _add_test(row: Row, test: str, sets: dict[str, list[str]]) -> None:
    """Add what one test asks of the arguments."""
    words = test.split()
    if words[1:] == ["set"]:
        argument = int(words[0][1:])
        row.when.append(POINTERS.get((row.call, argument), "offset"))
    elif words[1:2] == ["&"] and words[-2:] == ["==", "0"]:
        row.unless.append(words[2])
    elif words[1:2] == ["&"] and words[-1] == "O_RDONLY":
        row.unless += ["O_WRONLY", "O_RDWR"]
    elif words[1:2] == ["&"] and len(words) == 3:
        row.when.append(words[2])
    elif "not" in words:
        row.unless += _members(words[words.index("in") + 1 :], sets)
    elif "in" in words:
        row.one_of += _members(words[words.index("in") + 1 :], sets)
    elif "!=" in words:
        row.unless.append(words[-1])
    else:
        row.when.append(words[-1])


def _rows_of(calls: list[str], clause: str, sets: dict[str, list[str]]) -> list[Row]:
    head, _, condition = clause.partition(" if ")
    words = head.split()
    if words == ["none"]:
        return []
    is_argument = re.fullmatch(r"a\d", words[0]) is not None
    rights = words[2] if words[1:2] == ["writable"] else words[1] if is_argument else words[0]
    rows = []
    for old, new in NAMES.items():
        condition = condition.replace(old, new)
    if "O_ACCMODE == O_ACCMODE" in condition:  # no mode that a person would ask about
        return []
    for call in calls:
        row = Row(call, int(words[0][1:]) if is_argument else -1, rights)
        for test in condition.split(" and ") if condition else []:
            _add_test(row, test, sets)
        rows.append(row)
    return rows


def read() -> tuple[list[Row], dict[str, str]]:
    """Return the rows, and what capability mode does: "yes", "no" or "partly", by call."""
    texts = policy.sources().values()
    sets = {name: members for text in texts for name, members in _sets(text).items()}
    rows: list[Row] = []
    modes: dict[str, str] = {}
    for text in texts:
        calls: list[str] = []
        begun = False
        for line in text.splitlines():
            if line.startswith("call "):
                calls = [line.split()[1]] if begun else [*calls, line.split()[1]]
                begun = False
            elif line.startswith("\tlimits"):
                begun = True
                rows += _rows_of(calls, line.removeprefix("\tlimits").strip(), sets)
            elif line.startswith("\tmode"):
                begun = True
                clause = line.removeprefix("\tmode").strip()
                for call in calls:
                    plain = (
                        "yes" if clause == "yes" else "no" if re.fullmatch(r"no( E\w+)?|ENOSYS", clause) else "partly"
                    )
                    modes[call] = plain if call not in modes else "partly"
            elif not line.startswith("\t"):
                begun = True
    return rows, modes


def main() -> None:
    rows, modes = read()
    print(
        "static const struct linux_need {\n\tconst char *call;\n\tint argument;\n\tconst char *rights, *when, *one_of, *unless;"
    )
    print("} linux_needs[] = {")
    for row in sorted(rows, key=lambda row: row.call):
        words = ", ".join(f'"{" ".join(part)}"' for part in (row.when, row.one_of, row.unless))
        print(f'\t{{ "{row.call}", {row.argument}, "{row.rights}", {words} }},')
    print("};\nstatic const struct {\n\tconst char *call, *mode;\n} linux_modes[] = {")
    for call in sorted(modes):
        print(f'\t{{ "{call}", "{modes[call]}" }},')
    print("};")


if __name__ == "__main__":
    main()
