# SPDX-License-Identifier: BSD-2-Clause
"""Compares this kernel's answers with those of FreeBSD's, and prints the table of what is other and why.

    conformance.py PROBE DIFFERENCES ORACLE... [--page FILE [--write]]

PROBE (conformance.c) gives the answers of this kernel in the form of each ORACLE, a release of FreeBSD, oldest first; or it
is a file, *.jsonl, with what it gave on another kernel (tests/kernels). The newest release decides, and an older one where
the newest was not tried. Every difference must stand in DIFFERENCES, and everything that stands there must be one. Of the
single releases only the totals are told. With --page the table must stand between the two marks in FILE, where
--write puts it. Exit status: 0, or 1 with what is wrong.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARKS = ("<!-- conformance: made by tests/linux/conformance.py -->", "<!-- end of conformance -->")
#: From best to worst: a line of the oracle is of the worst kind that one of its answers is.
KINDS = ("same", "errno", "stricter", "looser")
SHAPES = ("op", "mode", "limit", "derived", "reuse")
#: What this kernel or file system lacks altogether.
LACKING = ("ENOSYS", "ENOTTY", "EOPNOTSUPP")
#: Where "got past the rights check" has another name here: the oracle's file system had no extended attributes, and its
#: file to execute was no program. tmpfs has attributes since Linux 6.6, and 5.10 looks for a module that knows the program.
PAST = {
    ("EOPNOTSUPP", "ok"),
    ("EINVAL", "ok"),
    ("EINVAL", "EOPNOTSUPP"),
    ("EBADF", "ENOEXEC"),
    ("EBADF", "ENOENT"),
    ("errno 61", "ECONNREFUSED"),
    ("errno 61", "ENOENT"),
}
NOT_TRIED = "not tried"
FULL_ENFORCEMENT = 15

Line = dict[str, Any]
Key = tuple[str, str]


@dataclass(frozen=True)
class Difference:
    """One documented line of DIFFERENCES, for one line of the oracle."""

    kind: str
    answers: frozenset[str]
    reason: str

    def is_about(self, shape: str) -> bool:
        """Some names are those of an operation and of a derived descriptor."""
        return (shape in ("derived", "reuse")) == bool(self.answers & {"result", "rights"})


def key_of(line: Line) -> Key:
    shape = next(iter(line))
    return shape, line[shape]


def read_lines(text: str) -> dict[Key, Line]:
    return {key_of(line): line for line in map(json.loads, text.splitlines())}


def read_differences(path: Path) -> dict[str, list[Difference]]:
    """By the name of the oracle's line."""
    differences: dict[str, list[Difference]] = {}
    for text in path.read_text(encoding="utf-8").splitlines():
        if text.startswith("#"):
            continue
        kind, names, answers, reason = text.split("\t")
        for name in names.split():
            difference = Difference(kind, frozenset(answers.split()), reason)
            differences.setdefault(name.replace(":", " "), []).append(difference)
    return differences


def verdict(theirs: str, ours: str, theirs_granted: str, ours_granted: str) -> str:
    """The kind of one answer, given what each system answers where nothing is refused."""
    if theirs == ours:
        return "same"
    allowed = theirs == theirs_granted, ours == ours_granted
    return {(True, True): "same", (True, False): "stricter", (False, True): "looser", (False, False): "errno"}[allowed]


def compare_operation(theirs: Line, ours: Line, every: tuple[int, int]) -> dict[str, str]:
    kinds = {
        column: verdict(theirs[column], ours[column], theirs["unlimited"], ours["unlimited"])
        for column in ("no_rights", "all_rights", "capmode")
    }
    needs = [{f"{word}:{bit}": answer for word, bit, answer in line["needs"]} for line in (theirs, ours)]
    for word, bits in enumerate(every):
        for bit in (f"{word}:{1 << shift:#x}" for shift in range(57) if bits >> shift & 1):
            granted: tuple[str, str] = theirs["unlimited"], ours["unlimited"]
            kinds[bit] = verdict(needs[0].get(bit, granted[0]), needs[1].get(bit, granted[1]), *granted)
    return kinds


def words_of(rights: list[str]) -> tuple[int, int]:
    """The bits of both words, without those that say which word it is."""
    first, second = (int(word, 16) & (1 << 57) - 1 for word in rights)
    return first, second


def compare_rights(theirs: list[str], ours: list[str], every: tuple[int, int]) -> str:
    """Of the rights that the release knows."""
    pairs = [(a, b & known) for a, b, known in zip(words_of(theirs), words_of(ours), every)]
    if any(b & ~a for a, b in pairs):
        return "looser"
    return "same" if all(a == b for a, b in pairs) else "stricter"


def compare(theirs: Line, ours: Line, every: tuple[int, int]) -> dict[str, str]:
    """The kind of every answer of one line; every: all rights that the release knows."""
    shape = key_of(theirs)[0]
    if shape == "op":
        return compare_operation(theirs, ours, every)
    if shape == "mode":
        return {"inside": verdict(theirs["inside"], ours["inside"], theirs["outside"], ours.get("outside", ""))}
    if shape == "limit" and "rights" not in theirs:
        return {"result": "same" if theirs == ours else "looser"}
    kinds = {}
    if "result" in theirs:
        kinds["result"] = verdict(theirs["result"], ours["result"], "ok", "ok")
    if "rights" in ours:
        kinds["rights"] = compare_rights(theirs["rights"], ours["rights"], every)
    return kinds


def is_tried(theirs: Line, ours: Line) -> bool:
    """False where the kernel or the file system lacks the call, so that nothing can be said about rights."""
    return not (ours.get("unlimited") in LACKING and theirs.get("unlimited") == "ok")


def check_baseline(theirs: Line, ours: Line) -> list[str]:
    """Without a limit, and outside capability mode, both systems must have done the same."""
    column = {"op": "unlimited", "mode": "outside"}.get(key_of(theirs)[0], "")
    if column not in ours or theirs[column] in (ours[column], NOT_TRIED) or (theirs[column], ours[column]) in PAST:
        return []
    if column == "outside" and ours[column] == "EPERM":  # an ordinary user; the oracle was root
        return []
    return [f"{key_of(theirs)[1]}: {column} is {ours[column]}, not {theirs[column]}"]


def explained(
    name: str, kinds: dict[str, str], documented: list[Difference], full: bool
) -> tuple[list[str], list[str]]:
    """The reasons for a line's differences, and what is wrong with them."""
    left = {answer: kind for answer, kind in kinds.items() if kind != "same"}
    reasons, wrong = [], []
    for difference in documented:
        found = {
            answer
            for answer, kind in left.items()
            if kind == difference.kind
            and (answer in difference.answers or ("bits" in difference.answers and ":" in answer))
        }
        expected = difference.answers - {"bits"}
        if not found or expected - found:
            wrong.append(f"{name}: no longer {difference.kind} in {' '.join(sorted(expected - found)) or 'bits'}")
        if found:
            reasons.append(difference.reason)
        left = {answer: kind for answer, kind in left.items() if answer not in found}
    for answer, kind in left.items():
        if full or kind == "looser":
            wrong.append(f"{name}: {answer} is {kind}, and differences.tsv does not say why")
    return reasons, wrong


def oracle_of(path: Path) -> dict[Key, Line]:
    return read_lines(path.read_text(encoding="utf-8"))


def rights_of_release(oracle: dict[Key, Line]) -> tuple[int, int]:
    return words_of(oracle["limit", "rights of a new descriptor"]["rights"])


def newest(oracles: list[dict[Key, Line]]) -> dict[Key, Line]:
    """Each line as the newest release that tried it answered."""
    lines: dict[Key, Line] = {}
    for oracle in oracles:
        lines |= {key: line for key, line in oracle.items() if key not in lines or NOT_TRIED not in line.values()}
    return lines


def totals_of(oracle: dict[Key, Line], ours: dict[Key, Line]) -> Counter[str]:
    """How many lines of one release are of which kind."""
    every = rights_of_release(oracle)
    totals: Counter[str] = Counter()
    for key, theirs in oracle.items():
        if key in ours and is_tried(theirs, ours[key]):
            totals[max(compare(theirs, ours[key], every).values(), key=KINDS.index)] += 1
    return totals


def page_table(
    rows: list[tuple[str, str, str, str]],
    totals: Counter[str],
    answers: Counter[str],
    releases: dict[str, Counter[str]],
    ways: int,
) -> str:
    """The table as it stands in the documentation: everything that is not the same, and the totals."""
    names = [f"`{name}`" for kind, _, name, _ in rows if kind == "same"]
    count, single = sum(totals[kind] for kind in KINDS), sum(answers.values())
    meanings = {
        "same": "as FreeBSD",
        "errno": "refused here and there, with another errno",
        "stricter": "refused here, allowed there",
        "looser": "allowed here, refused there: the gaps",
    }
    lines = [
        f"{count} operations were tried on both systems, each in up to {ways} ways: with all rights, with none, without each "
        f"single right, and in capability mode. That makes {single} answers. An operation counts by its worst answer. "
        f"{totals['absent']} more have no counterpart on Linux.",
        "",
        "| Linux answers | operations | answers |",
        "|---|---|---|",
        *(
            f"| {meaning} | {share(totals[kind], count)} | {share(answers[kind], single)} |"
            for kind, meaning in meanings.items()
        ),
        "",
        "By release, operations:",
        "",
        "| | same | another errno | stricter | looser |",
        "|---|---|---|---|---|",
        *(f"| {release} | {' | '.join(str(kinds[kind]) for kind in KINDS)} |" for release, kinds in releases.items()),
        "",
        "What is not the same, and why:",
        "",
        "| operation | Linux is | why |",
        "|---|---|---|",
    ]
    words = {"errno": "another errno"}
    lines += [f"| `{name}` | {words.get(kind, kind)} | {reason} |" for kind, _, name, reason in rows if kind != "same"]
    return "\n".join([*lines, "", f"The same: {', '.join(names)}."])


def share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.1f} %)"


def check_page(path: Path, table: str, write: bool) -> list[str]:
    text = path.read_text(encoding="utf-8")
    before, found, rest = text.partition(MARKS[0])
    present, ended, after = rest.partition(MARKS[1])
    if not found or not ended:
        return [f"{path}: the marks of the conformance table are missing"]
    if present.strip() == table.strip():
        return []
    if not write:
        return [f"{path}: the table is not that of this run; {Path(__file__).name} --write makes it so"]
    path.write_text(f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{after}", encoding="utf-8")
    return []


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("probe", type=Path)
    parser.add_argument("differences", type=Path)
    parser.add_argument("oracles", type=Path, nargs="+")
    parser.add_argument("--page", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()

    if options.probe.suffix == ".jsonl":
        ours = read_lines(options.probe.read_text(encoding="utf-8"))
    else:
        ours = read_lines(subprocess.run([options.probe], stdout=subprocess.PIPE, text=True, check=True).stdout)
    (enforcement,) = (line["enforcement"] for key, line in ours.items() if key[0] == "enforcement")
    oracles = {path.stem.replace("freebsd-", "FreeBSD "): oracle_of(path) for path in options.oracles}
    oracle = newest(list(oracles.values()))
    every = rights_of_release(oracle)
    documented = read_differences(options.differences)
    full = enforcement & FULL_ENFORCEMENT == FULL_ENFORCEMENT
    rows: list[tuple[str, str, str, str]] = []
    totals: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    wrong: list[str] = []
    untried = []
    for key, theirs in oracle.items():
        shape, name = key
        entries = [d for d in documented.get(name, []) if d.is_about(shape)]
        if key not in ours:
            if [d.kind for d in entries] != ["absent"]:
                wrong.append(f"{name}: not tried, and differences.tsv does not say why")
            rows.append(("absent", shape, name, "; ".join(d.reason for d in entries)))
            totals["absent"] += 1
            continue
        if not is_tried(theirs, ours[key]):
            untried.append(name)
            continue
        wrong += check_baseline(theirs, ours[key])
        kinds = compare(theirs, ours[key], every)
        reasons, problems = explained(name, kinds, entries, full)
        wrong += problems
        kind = max(kinds.values(), key=KINDS.index)
        answers.update(kinds.values())
        totals[kind] += 1
        rows.append((kind, shape, name, "; ".join(reasons)))
    wrong += [
        f"{name}: in differences.tsv, but not in the oracle" for name in documented.keys() - {n for _, n in oracle}
    ]
    wrong += [f"{name}: tried, but not in the oracle" for shape, name in ours.keys() - oracle.keys() if shape in SHAPES]

    releases = {release: totals_of(lines, ours) for release, lines in oracles.items()}
    ways = 3 + sum(bin(word).count("1") for word in every)
    table = page_table(rows, totals, answers, releases, ways)
    print(table)
    print(f"\nEnforcement: {enforcement}. Lacking in the kernel or the file system: {', '.join(untried) or 'nothing'}.")
    if options.page is not None and full and not untried:
        wrong += check_page(options.page, table, options.write)
    print(*wrong, sep="\n", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
