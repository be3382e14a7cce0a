# SPDX-License-Identifier: BSD-2-Clause
"""Compares the services with FreeBSD 15.0's, and prints the table of what is other and why.

    conformance.py LIBRARY ORACLE DIFFERENCES [--page FILE [--write]] [--show]

Every line of ORACLE is the same here, or is a line of DIFFERENCES, which must all be needed. With --page the table must
stand between the two marks in FILE, where --write puts it. Exit status: 0, or 1 with what is wrong; 77 where there is no
mount namespace to be had.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from freebsd import Library, bind_files, run
from scenarios import SCENARIOS

MARKS = ("<!-- services: made by tests/casper/conformance.py -->", "<!-- end of services -->")
KINDS = ("same", "better", "different", "elsewhere", "absent")
FAILED = ("-1", "NULL", "EAI_SYSTEM")
Row = dict[str, str]


@dataclass
class Difference:
    """A line of DIFFERENCES: a kind, which lines of the oracle it is about, and why."""

    kind: str
    service: re.Pattern[str]
    call: re.Pattern[str]
    setup: re.Pattern[str]
    reason: str
    used: int = 0

    def is_about(self, row: Row) -> bool:
        return bool(
            self.service.fullmatch(row["service"])
            and self.call.search(row["call"])
            and self.setup.search(setup_of(row))
        )


def setup_of(row: Row) -> str:
    return re.sub(r"^(inside|outside)(; )?", "", row["setup"])


def read_differences(path: Path) -> list[Difference]:
    lines = [line.split("\t") for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return [
        Difference(kind, *(re.compile(word) for word in (service, call, setup)), reason)
        for kind, service, call, setup, reason in lines
    ]


def normal(row: Row) -> tuple[str, str, str]:
    """What counts of an answer: errno only of failures, and of details only those that can be the same anywhere."""
    rc = re.sub(r" \(\d+\)$", "", row["rc"])
    detail = row["detail"]
    detail = re.sub(r"class=:|( change=\S+| expire=\S+| fields=\S+)", "", detail)
    detail = re.sub(r"rights (all )?\{[^}]*\}, ", "", detail).replace("::::", ":::")
    if re.match(r"(h_errno|limits|first|reads|error|mode|only a was|F_GETFD|flags O_RD)", detail) is None:
        detail = detail if re.match(r"[\w:.]+ (port|family)|root:|wheel:|operator:|\d+ of 300", detail) else ""
    failed = rc in FAILED and not detail.startswith("h_errno")
    return rc, row["errno"] if failed else "", detail.strip()


def without_ports(detail: str) -> str:
    return re.sub(r"port \d+", "port", re.sub(r"port PORT", "port", detail))


def same(one: Row, other: Row) -> bool:
    left, right = normal(one), normal(other)
    return left[:2] == right[:2] and without_ports(left[2]) == without_ports(right[2])


def key_of(row: Row) -> tuple[str, str, str]:
    return row["service"], row["call"], row["setup"]


def measured(library: Library) -> dict[tuple[str, str, str], list[Row]]:
    rows: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for service, scenario in SCENARIOS:
        for inside in (False, True):
            for row in run(library, service, scenario, inside):
                rows[key_of(row)].append(row)
    return rows


def judge(
    oracle: list[Row], rows: dict, differences: list[Difference], show: bool
) -> tuple[list[str], Counter, Counter]:
    """What is wrong, how many lines there are of each kind and service, and how many of each difference."""
    wrong, kinds, seen = [], Counter(), Counter()
    for row in oracle:
        own = rows.get(key_of(row), [])
        got = own.pop(0) if own else None
        if got is not None and same(row, got):
            kinds["same", row["service"]] += 1
            continue
        found = next((one for one in differences if one.is_about(row)), None)
        text = f"{key_of(row)}: FreeBSD {row['rc']} {row['errno']} {row['detail']}; here " + (
            "not tried" if got is None else f"{got['rc']} {got['errno']} {got['detail']}"
        )
        if found is None:
            wrong.append(text)
        else:
            found.used += 1
            kinds[found.kind, row["service"]] += 1
            seen[found.kind, found.reason] += 1
            if show:
                print(found.kind, text)
    wrong += [f"asked, but not in the oracle or failed: {left}" for own in rows.values() for left in own]
    wrong += [f"not needed: {one.kind} {one.call.pattern} {one.setup.pattern}" for one in differences if one.used == 0]
    return wrong, kinds, seen


def table(kinds: Counter, seen: Counter) -> str:
    services = sorted({service for _, service in kinds})
    lines = ["| | " + " | ".join(services) + " | all |", "|---" * (len(services) + 2) + "|"]
    for kind in KINDS:
        counts = [kinds[kind, service] for service in services]
        lines.append(f"| {kind} | " + " | ".join(map(str, counts)) + f" | {sum(counts)} |")
    lines += ["", "| | lines | why |", "|---|---|---|"]
    ordered = sorted(seen.items(), key=lambda item: (KINDS.index(item[0][0]), -item[1]))
    lines += [f"| {kind} | {count} | {reason} |" for (kind, reason), count in ordered]
    return "\n".join(lines)


def page_is_right(page: Path, text: str, write: bool) -> bool:
    before, _, rest = page.read_text().partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    wanted = f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}"
    if write:
        page.write_text(wanted)
    return page.read_text() == wanted


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library")
    parser.add_argument("oracle", type=Path)
    parser.add_argument("differences", type=Path)
    parser.add_argument("--page", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    oracle = [json.loads(line) for line in options.oracle.read_text().splitlines()]
    if os.geteuid() != 0:
        oracle = [row for row in oracle if "setuid" not in row["setup"]]
    differences = read_differences(options.differences)
    try:
        bind_files()
    except PermissionError as error:
        print(error, file=sys.stderr)
        return 77
    with tempfile.TemporaryDirectory() as tempfile.tempdir:  # where the scenarios make their files
        os.chmod(tempfile.tempdir, 0o755)
        wrong, kinds, seen = judge(oracle, measured(Library(options.library)), differences, options.show)
    print(table(kinds, seen))
    if (
        options.page
        and os.geteuid() == 0
        and not wrong
        and not page_is_right(options.page, table(kinds, seen), options.write)
    ):
        wrong.append(f"the table in {options.page} is another one: --write puts this one there")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
