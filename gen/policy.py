# SPDX-License-Identifier: BSD-2-Clause
"""The Linux system-call policy: reads linux-syscalls.tsv and emits it as constant C tables.

The table's own first lines explain its columns and clauses. Everything here is checked with the line it stands on, so
that a slip in the policy stops the build instead of weakening a filter.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path

TABLE = Path(__file__).with_name("linux-syscalls.tsv")
ARCHITECTURES = (("x86-64", "CE_LINUX_X86_64_"), ("aarch64", "CE_LINUX_AARCH64_"))
ERRNOS = ("ENOSYS", "EACCES", "EPERM", "ENOTCAPABLE")

#: The comparisons of a test, in the order of the C enumeration in include/linux/enforcement/policy.h.
OPERATIONS = ("IN", "NOT_IN", "SET", "SELF")


class PolicyError(Exception):
    """A line of the policy that cannot be read; the text is `file:line: what`."""


@dataclass(frozen=True)
class Test:
    """One comparison of an argument: `operation` is one of OPERATIONS, `values` what it is compared with."""

    argument: int
    operation: str
    mask: int = 0xFFFFFFFF
    values: tuple[int, ...] = ()


@dataclass(frozen=True)
class Clause:
    """One clause of either column; the meaning of each kind is in the table's first lines."""

    kind: str
    argument: int = 0
    rights: tuple[str, ...] = ()
    errno: str = ""
    tests: tuple[Test, ...] = ()
    writable: bool = False
    below: int = 0
    at_least: int = 0
    without_lookups: bool = False
    any: bool = False


@dataclass(frozen=True)
class Call:
    """One system call: its numbers by architecture (None where it does not exist) and its two rules."""

    name: str
    numbers: dict[str, int | None]
    limited: tuple[Clause, ...]
    mode: tuple[Clause, ...]
    reason: str = ""


@dataclass
class Policy:
    """The whole table: the calls in its order, and the named constants."""

    calls: list[Call] = field(default_factory=list)
    constants: dict[str, int] = field(default_factory=dict)


class _Line:
    """Reads one line's clauses; knows where it stands, for error messages."""

    def __init__(self, path: Path, number: int, constants: dict[str, int]) -> None:
        self.where = f"{path.name}:{number}"
        self.constants = constants

    def error(self, what: str) -> PolicyError:
        return PolicyError(f"{self.where}: {what}")

    def value(self, word: str) -> int:
        if re.fullmatch(r"0x[0-9a-f]{1,8}|0|[1-9][0-9]{0,8}", word):
            return int(word, 0)
        if word not in self.constants:
            raise self.error(f"unknown constant '{word}'")
        return self.constants[word]

    def words(self, text: str) -> list[str]:
        words = text.split()
        if not words:
            raise self.error("an empty clause")
        return words

    def argument(self, word: str) -> int:
        match = re.fullmatch(r"a([0-5])", word)
        if match is None:
            raise self.error(f"'{word}' is no argument: a0 to a5")
        return int(match[1])

    def test(self, text: str) -> Test:
        words = text.split()
        if len(words) < 2:
            raise self.error(f"incomplete test '{text}'")
        argument, rest, mask = self.argument(words[0]), words[1:], 0xFFFFFFFF
        if rest == ["set"]:
            return Test(argument, "SET")
        if rest[0] == "&" and len(rest) >= 2:
            mask, rest = self.value(rest[1]), rest[2:]
            if not rest:
                return Test(argument, "NOT_IN", mask, (0,))
        if rest == ["==", "self"] and mask == 0xFFFFFFFF:
            return Test(argument, "SELF")
        for start, operation in ((["=="], "IN"), (["!="], "NOT_IN"), (["in"], "IN"), (["not", "in"], "NOT_IN")):
            if rest[: len(start)] == start and len(rest) > len(start):
                values = tuple(self.value(word) for word in rest[len(start) :])
                if len(values) > 1 and start in (["=="], ["!="]):
                    raise self.error(f"more than one value after '{start[0]}'")
                if any(value & ~mask for value in values):
                    raise self.error(f"'{text}' can never hold: a value has bits outside the mask")
                return Test(argument, operation, mask, tuple(sorted(values)))
        raise self.error(f"cannot read the test '{text}'")

    def tests(self, text: str) -> tuple[Test, ...]:
        return tuple(self.test(part.strip()) for part in text.split(" and ")) if text else ()

    def rights(self, text: str) -> tuple[str, ...]:
        names = tuple(text.split("+"))
        for name in names:
            if not re.fullmatch(r"CAP_[A-Z_]+", name):
                raise self.error(f"'{name}' is not the name of a right")
        return names

    def limited(self, text: str) -> Clause:
        head, _, condition = text.partition(" if ")
        tests = self.tests(condition)
        words = self.words(head)
        errno = words.pop() if words[-1] in ERRNOS else ""
        if words in (["closed"], ["noexec"]):
            return Clause(words[0].upper(), errno=errno, tests=tests)
        argument = self.argument(words[0])
        if words[1:] == ["refused"]:
            return Clause("REFUSED", argument, errno=errno, tests=tests)
        if words[1:] == ["ioctl"]:
            return Clause("IOCTL", argument, tests=tests)
        writable = words[1:2] == ["writable"]
        if len(words) != 2 + writable or errno:
            raise self.error(f"cannot read the clause '{text}'")
        return Clause("NEEDS", argument, self.rights(words[-1]), tests=tests, writable=writable)

    def mode(self, text: str) -> Clause:
        gates: dict[str, int | bool | tuple[str, ...]] = {}
        body = text
        for pattern, name in (
            (r" unless (every|any) (\S+)$", "rights"),
            (r" without lookups$", "without_lookups"),
            (r" below ([0-9]+)$", "below"),
            (r" with ([0-9]+)$", "at_least"),
        ):
            match = re.search(pattern, body)
            if match is not None:
                body = body[: match.start()]
                if name == "rights":
                    gates[name], gates["any"] = self.rights(match[2]), match[1] == "any"
                else:
                    gates[name] = True if name == "without_lookups" else int(match[1])
        head, _, condition = body.partition(" if ")
        words = self.words(head)
        errno = words.pop() if words[-1] in ERRNOS else ""
        if words == [] and errno == "ENOSYS":
            words = ["no"]
        if words not in (["yes"], ["no"]) or (words == ["yes"] and errno):
            raise self.error(f"cannot read the clause '{text}'")
        return Clause(words[0].upper(), errno=errno, tests=self.tests(condition), **gates)  # type: ignore[arg-type]


def read(path: Path = TABLE) -> Policy:
    """Read and check the whole table.

    Raises PolicyError (`file:line: what`) for anything it does not understand, a name that stands twice and a number
    used twice on one architecture.
    """
    policy = Policy()
    taken: dict[tuple[str, int], str] = {}
    names: set[str] = set()
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = _Line(path, number, policy.constants)
        if not text or text.startswith("#"):
            continue
        columns = text.split("\t")
        if columns[0] == "=":
            if len(columns) != 4:
                raise line.error("a constant is '=', name, value, source")
            policy.constants[columns[1]] = line.value(columns[2])
            continue
        if len(columns) not in (5, 6):
            raise line.error(f"{len(columns)} columns where 5 or 6 belong")
        name, *numbers, limited, mode = columns[:5]
        if name in names:
            raise line.error(f"'{name}' stands twice")
        names.add(name)
        by_architecture = {
            architecture: None if word == "-" else line.value(word)
            for (architecture, _), word in zip(ARCHITECTURES, numbers)
        }
        for key in ((a, n) for a, n in by_architecture.items() if n is not None):
            if key in taken:
                raise line.error(f"number {key[1]} on {key[0]} is already that of '{taken[key]}'")
            taken[key] = name
        policy.calls.append(
            Call(
                name,
                by_architecture,
                () if limited == "-" else tuple(line.limited(part) for part in limited.split(" ; ")),
                tuple(line.mode(part) for part in mode.split(" ; ")),
                columns[5] if len(columns) == 6 else "",
            )
        )
    if not policy.calls:
        raise PolicyError(f"{path.name}:1: no system call in it")
    return policy


class _Tables:
    """Collects values, tests, clauses and rules once each, and renders them as C initialisers."""

    def __init__(self) -> None:
        self.values: list[int] = []
        self.tests: list[str] = []
        self.clauses: list[str] = []
        self.rules: list[str] = ["{ 0, 0 }"]
        self._rule_index: dict[tuple[Clause, ...], int] = {(): 0}

    def rule(self, clauses: tuple[Clause, ...]) -> int:
        """The index of the rule with these clauses; 0 is the empty one."""
        if clauses not in self._rule_index:
            first = len(self.clauses)
            for clause in clauses:
                self.clauses.append(self._clause(clause))
            self._rule_index[clauses] = len(self.rules)
            self.rules.append(f"{{ {first}, {len(clauses)} }}")
        return self._rule_index[clauses]

    def _clause(self, clause: Clause) -> str:
        first = len(self.tests)
        for test in clause.tests:
            self.tests.append(
                f"{{ {test.argument}, CE_TEST_{test.operation}_, {len(test.values)}, {len(self.values)}, {test.mask:#x}u }}"
            )
            self.values.extend(test.values)
        fcntls = [name for name in clause.rights if name.startswith("CAP_FCNTL_")]
        rights = [name for name in clause.rights if name not in fcntls]

        def joined(form: str, names: list[str]) -> str:
            return " | ".join(form.format(name) for name in names) or "0"

        return (
            f"{{ CE_CLAUSE_{clause.kind}_, {clause.argument}, {first}, {len(clause.tests)}, "
            f"{int(clause.writable)}, {int(clause.without_lookups)}, {clause.below}, {clause.at_least}, "
            f"{int(clause.any)}, {clause.errno or '0'}, {joined('{}', fcntls)}, "
            f"{{ {joined('CE_BITS_IN_WORD0_({})', rights)}, {joined('CE_BITS_IN_WORD1_({})', rights)} }} }}"
        )


def emit(path: Path = TABLE) -> str:
    """The policy as C: constant tables for the types of include/linux/enforcement/policy.h, a list of calls by architecture."""
    policy = read(path)
    tables = _Tables()
    lists: list[str] = []
    for index, (architecture, macro) in enumerate(ARCHITECTURES):
        rows = []
        for call in sorted(
            (call for call in policy.calls if call.numbers[architecture] is not None),
            key=lambda call: call.numbers[architecture] or 0,
        ):
            limited, mode = tables.rule(call.limited), tables.rule(call.mode)
            rows.append(f"    {{ {call.numbers[architecture]}, {limited}, {mode} }}, /* {call.name} */")
        lists.append(f"#{'el' if index else ''}if defined({macro})\n" + "\n".join(rows))

    def array(declaration: str, rows: list[str]) -> str:
        return f"static const {declaration}[] = {{\n" + "\n".join(f"    {row}," for row in rows) + "\n};\n"

    text = "\n".join(
        (
            array("uint32_t ce_policy_values_", [f"{value:#x}u" for value in tables.values]),
            array("struct ce_policy_test_ ce_policy_tests_", tables.tests),
            array("struct ce_policy_clause_ ce_policy_clauses_", tables.clauses),
            array("struct ce_policy_rule_ ce_policy_rules_", tables.rules),
            "static const struct ce_policy_call_ ce_policy_calls_[] = {\n" + "\n".join(lists) + "\n#endif\n};\n",
        )
    )
    identity = zlib.crc32(text.encode()) % 0x7FF + 1  # 1 to 0x7ff: fits an answer (include/linux/enforcement/question.h)
    return f"/* Tells filters of this policy from those of another. */\n#define CE_POLICY_ID_ {identity:#x}u\n\n{text}"
