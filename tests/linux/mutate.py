# SPDX-License-Identifier: BSD-2-Clause
"""Breaks the policy, one small thing at a time, and counts how many of the breaks the comparison with statement.py notices.

    mutate.py HEADER [--every N] [--least PERCENT]

HEADER is the built capsicum_easy.h. Each mutant of gen/policy is built into a simulator (simulator.c) for both
architectures and put through the trials of test_policy.py, on every processor. --every N tries each Nth mutant only. Prints
those that nobody noticed; exit status 1 if fewer than PERCENT were noticed.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(ROOT / "gen")]

import policy  # noqa: E402
import simulation  # noqa: E402

OTHER_RIGHT = {"CAP_READ": "CAP_WRITE"}  # any other right becomes CAP_READ

#: Mutants whose filters do the same as the policy's, by the ends of their names, and why.
EQUIVALENT = {
    r"^(io_uring_\w+|clone3): a number that is no call's": "a call that is not known answers ENOSYS, as these do",
    r"^fcntl: .* without CAP_FCNTL$": "losing CAP_FCNTL empties the list of commands",
}


@dataclass(frozen=True)
class Mutant:
    """One line of one file replaced."""

    file: str
    line: int
    what: str
    text: str

    def apply(self, sources: policy.Sources) -> policy.Sources:
        lines = sources[self.file].split("\n")
        return {**sources, self.file: "\n".join([*lines[: self.line], self.text, *lines[self.line + 1 :]])}


def drop_one(parts: list[str], separator: str, empty: str) -> Iterator[tuple[str, str]]:
    """Each list with one part left out, and the part."""
    for index, part in enumerate(parts):
        yield part, separator.join(parts[:index] + parts[index + 1 :]) or empty


def change_clause(clause: str) -> Iterator[tuple[str, str]]:
    """What is done to one clause of either column: a name for it, and the clause that comes of it."""
    if clause.startswith("no"):
        yield "allowed", clause.replace("no", "yes", 1)
    elif clause.startswith("yes"):
        yield "refused", clause.replace("yes", "no", 1)
    match = re.search(r"\ba([0-5]) (?=CAP_|refused|ioctl)", clause)
    if match:
        yield "another argument", f"a{(int(match[1]) + 1) % 6} {clause[match.end() :]}"
    for right in re.findall(r"CAP_[A-Z_]+", clause):
        if not right.startswith("CAP_FCNTL_"):
            yield (
                f"another right than {right}",
                re.sub(rf"{right}\b", OTHER_RIGHT.get(right, "CAP_READ"), clause, count=1),
            )
    for right in re.findall(r"(CAP_[A-Z_]+)(?=\+)|(?<=\+)(CAP_[A-Z_]+)", clause):
        name = right[0] or right[1]
        yield f"without {name}", re.sub(rf"\+{name}\b|\b{name}\+", "", clause, count=1)
    for errno in ("ENOSYS", "EACCES", "EPERM", "ENOTCAPABLE"):
        if f" {errno}" in clause:
            yield f"without {errno}", clause.replace(f" {errno}", "", 1)
    for gate in (
        r" below [0-9]+",
        r" with [0-9]+",
        r" without lookups",
        r" unless (?:every|any) CAP_[A-Z_]+",
    ):
        match = re.search(gate, clause)
        if match:
            yield f"not{match[0]}", clause.replace(match[0], "", 1)
    match = re.search(r"(?<=(?:below|.with) )[0-9]+", clause)
    if match:
        for step in (-1, 1):
            yield (
                f"ABI {int(match[0]) + step}",
                f"{clause[: match.start()]}{int(match[0]) + step}{clause[match.end() :]}",
            )
    yield from change_condition(clause)


def change_condition(clause: str) -> Iterator[tuple[str, str]]:
    match = re.match(r"(.*?) if (.*?)((?: below| with| without| unless) .*)?$", clause)
    if not match:
        return
    head, condition, gates = match[1], match[2], match[3] or ""
    yield "without its condition", head + gates
    tests = condition.split(" and ")
    if len(tests) > 1:
        for test, rest in drop_one(tests, " and ", ""):
            yield f"without '{test}'", f"{head} if {rest}{gates}"
    for index, test in enumerate(tests):
        for what, changed in change_test(test):
            yield what, f"{head} if {' and '.join(tests[:index] + [changed] + tests[index + 1 :])}{gates}"


def change_test(test: str) -> Iterator[tuple[str, str]]:
    for one, two in ((" == ", " != "), (" != ", " == "), (" not in ", " in "), (" in ", " not in ")):
        if one in test:
            yield f"'{test}' turned round", test.replace(one, two, 1).replace("not not in", "in")
            break
    match = re.match(r"a([0-5])", test)
    if match:
        yield f"'{test}' of another argument", f"a{(int(match[1]) + 1) % 6}{test[2:]}"
    match = re.match(r"(a[0-5](?: & \w+)? (?:not )?in) (.*)", test)
    if match:
        for value, rest in drop_one(match[2].split(), " ", ""):
            yield f"without the value {value}", f"{match[1]} {rest}"


def change_call(line: str) -> Iterator[tuple[str, str]]:
    """A system call's number that is no call's."""
    _, name, *numbers = line.split()
    for index, number in enumerate(numbers):
        if number != "-":
            changed = [*numbers[:index], "900", *numbers[index + 1 :]]
            yield f"{name}: a number that is no call's", f"call {name} {' '.join(changed)}"


def change_value(line: str) -> Iterator[tuple[str, str]]:
    """A constant, or a new member of a set."""
    match = re.match(r"((?:value |\t)(\w+) +)(\w+)(.*)", line)
    assert match is not None
    value = int(match[3], 0)
    for other in {value + 1, value << 1 & 0xFFFFFFFF} - {value}:
        yield f"{match[2]} is {other:#x}", f"{match[1]}{other:#x}{match[4]}"


def change_rule(line: str, name: str, alone: bool) -> Iterator[tuple[str, str]]:
    """One `limits` or `mode` line; alone: the stanza has no other. An empty line leaves it out."""
    keyword, clause = line.split(None, 1)
    if clause == "none":
        yield f"{name}: a descriptor where none is", "\tlimits a0 CAP_READ"
        return
    if keyword == "limits" or not alone:
        yield f"{name}: without '{clause}'", "\tlimits none" if alone else ""
    for what, changed in change_clause(clause):
        yield f"{name}: '{clause}' {what}", f"\t{keyword} {changed}"


def changes(lines: list[str], at: int, head: str) -> Iterator[tuple[str, str]]:
    """What is done to one line of a file, in the stanza that begins with `head`."""
    line = lines[at]
    kind, name = (head.split() + ["", ""])[:2]
    word = line.split()[0]
    if line == head:
        yield from change_call(line) if kind == "call" else change_value(line) if kind == "value" else ()
    elif kind == "set" and word != "why":
        yield f"{name}: without {word}", ""
        if len(line.split()) > 1:
            yield from change_value(line)
    elif kind == "call" and word in ("limits", "mode"):
        alone = sum(
            other.startswith(f"\t{word} ") for other in (lines[at - 1], lines[at + 1] if at + 1 < len(lines) else "")
        )
        yield from change_rule(line, name, alone == 0)


def mutants(sources: policy.Sources) -> Iterator[Mutant]:
    """Every mutant, in the order of the lines. What Landlock lets be used is for the kernel's own tests."""
    for file, text in sources.items():
        lines = text.splitlines()
        head = ""
        for at, line in enumerate(lines):
            if not line or line.startswith("#"):
                continue
            head = head if line.startswith("\t") else line
            for what, changed in changes(lines, at, head):
                yield Mutant(file, at, what, changed)


class Trials:
    """The trials of each architecture, made once."""

    def __init__(self) -> None:
        self.trials = {
            architecture: [
                simulation.trial(world, architecture)
                for world in (*simulation.limit_worlds(), *simulation.mode_worlds())
            ]
            for architecture in simulation.ARCHITECTURES
        }

    def notice(self, header: str, directory: Path) -> bool:
        """Whether a header's filters answer anything otherwise than they should, or do not even compile."""
        (directory / "capsicum_easy.h").write_text(header, encoding="utf-8")
        for architecture in simulation.ARCHITECTURES:
            library = directory / f"{architecture}.so"
            command = ["cc", "-std=gnu11", "-O0", "-w", "-shared", "-fPIC", f"-I{directory}", "-o", str(library),
                       f"-DSIMULATE_{architecture.replace('-', '_').upper()}", str(HERE / "simulator.c")]  # fmt: skip
            if subprocess.run(command, capture_output=True).returncode != 0:
                return True
            if self.differs(architecture, library):
                return True
        return False

    def differs(self, architecture: str, library: Path) -> bool:
        """In a process of its own: the library may abort."""
        pid = os.fork()
        if pid == 0:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 2)
            try:
                simulator = simulation.Simulator(str(library))
                different = any(simulator.mistakes(trial) for trial in self.trials[architecture])
            except AssertionError:
                different = True
            os._exit(1 if different else 0)
        return os.waitpid(pid, 0)[1] != 0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("header", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--least", type=float, default=100)
    options = parser.parse_args()

    header = options.header.read_text(encoding="utf-8")
    emitted = policy.emit()
    assert header.count(emitted) == 1, "HEADER was not built from this policy"
    sources = policy.sources()
    trials = Trials()
    with tempfile.TemporaryDirectory() as name:
        assert not trials.notice(header, Path(name)), "the policy itself is not what statement.py says"

    def judge(mutant: Mutant) -> str:
        if any(re.search(pattern, mutant.what) for pattern in EQUIVALENT):
            return "equivalent"
        try:
            changed = policy.emit(mutant.apply(sources))
        except policy.PolicyError:
            return "refused"
        with tempfile.TemporaryDirectory() as name:
            return "noticed" if trials.notice(header.replace(emitted, changed), Path(name)) else "not noticed"

    chosen = list(mutants(sources))[:: options.every]
    counts: collections.Counter[str] = collections.Counter()
    # Threads are enough: the work is done by the compiler, and in a process of its own for each library.
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for mutant, verdict in zip(chosen, pool.map(judge, chosen)):
            counts[verdict] += 1
            if verdict == "not noticed":
                print(f"not noticed: {mutant.file}:{mutant.line + 1}: {mutant.what}", flush=True)
    tried = len(chosen) - counts["equivalent"]
    share = 100 * (counts["noticed"] + counts["refused"]) / tried
    print(
        f"{tried} mutants: {counts['noticed']} noticed, {counts['refused']} refused by the generator, {share:.1f} % in all; "
        f"{counts['equivalent']} more do the same as the policy"
    )
    return 0 if share >= options.least else 1


if __name__ == "__main__":
    sys.exit(main())
