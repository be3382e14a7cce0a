# SPDX-License-Identifier: BSD-2-Clause
"""Writes the policy as constant C tables."""

from __future__ import annotations

import zlib

from .model import ARCHITECTURES, Clause, Policy


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
            f"{int(clause.without_lookups)}, {int(clause.when_shut)}, {clause.below}, {clause.at_least}, "
            f"{int(clause.any)}, {clause.errno or '0'}, {joined('{}', fcntls)}, "
            f"{{ {joined('CE_BITS_IN_WORD0_({})', rights)}, {joined('CE_BITS_IN_WORD1_({})', rights)} }} }}"
        )


def _array(declaration: str, rows: list[str]) -> str:
    return f"static const {declaration}[] = {{\n" + "\n".join(f"    {row}," for row in rows) + "\n};\n"


def emit_calls(policy: Policy) -> str:
    """Constant tables for the types of include/linux/enforcement/policy.h, with a list of calls for each architecture."""
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
    text = "\n".join(
        (
            _array("uint32_t ce_policy_values_", [f"{value:#x}u" for value in tables.values]),
            _array("struct ce_policy_test_ ce_policy_tests_", tables.tests),
            _array("struct ce_policy_clause_ ce_policy_clauses_", tables.clauses),
            _array("struct ce_policy_rule_ ce_policy_rules_", tables.rules),
            "static const struct ce_policy_call_ ce_policy_calls_[] = {\n" + "\n".join(lists) + "\n#endif\n};\n",
        )
    )
    # 1 to 0x7ff: fits an answer (include/linux/enforcement/question.h).
    identity = zlib.crc32(text.encode()) % 0x7FF + 1
    return f"/* Tells filters of this policy from those of another. */\n#define CE_POLICY_ID_ {identity:#x}u\n\n{text}"


def emit_accesses(policy: Policy) -> str:
    """The table of include/linux/enforcement/landlock.h: a right of a directory, and the accesses that it stands for."""
    rows = [
        f"{{ {access.right}, {' | '.join(f'CE_LANDLOCK_{name}_' for name in access.allows)} }}"
        for access in policy.accesses
    ]
    return _array("struct ce_landlock_access_ ce_landlock_accesses_", rows)
