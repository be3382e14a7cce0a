# SPDX-License-Identifier: BSD-2-Clause
"""Property-based tests of the generator: whatever it is given, it understands it rightly or says file:line and why.

FUZZ_EXAMPLES (default 300) says how many examples each property gets; the runs of the default are always the same.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "gen"))

import perfect  # noqa: E402
import policy  # noqa: E402
import rights  # noqa: E402
import tables  # noqa: E402
from expressions import Evaluator  # noqa: E402
from needs import needs  # noqa: E402
from preprocessor import Preprocessor  # noqa: E402
from tokens import HeaderError, Scanner, read_header  # noqa: E402

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "300"))
settings.register_profile(
    "project",
    max_examples=EXAMPLES,
    deadline=None,  # a loaded machine may stall for seconds; what never ends is ended by the test's own timeout
    derandomize="FUZZ_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")

OURS = rights.read_rights(ROOT / "include/linux/sys/capsicum.h")
ERROR = re.compile(r"^random\.h:\d+: error: .+", re.DOTALL)

# What headers are made of, and what trips readers of them.
# fmt: off
PIECES = st.sampled_from(
    [
        "#define ", "#undef ", "#if ", "#ifdef ", "#ifndef ", "#elif ", "#else", "#endif", "#include <sys/x.h>", "#error don't",
        "\n", "\n", "\n", " ", "\t", "\\\n", "\\", "/*", "*/", "//", "/* Allows read(2) (without X). */", '"', "'", "#", "##",
        "CAP_READ", "CAP_SEEK", "CAPRIGHT", "CAPRIGHT(0, 0x1ULL)", "CAP_FCNTL_X", "F_GETFL", "__BSD_VISIBLE", "defined", "X",
        "(", ")", ",", "...", "|", "&", "<<", ">>", "~", "-", "!", "?", ":", "==", "/", "%", "0", "1", "64", "0x1ULL", "0b1",
        "18446744073709551615", "18446744073709551616", "0777", "08", "1.5", "0x", "$", "\0", "\r\n", "é", "\u2028", "@",
    ]
)
# fmt: on
HEADERS = st.one_of(st.lists(PIECES, max_size=60).map("".join), st.text(max_size=200))


def read(text: str) -> list[rights.Right] | None:
    """Return the rights of a header; None if it was refused, in the form that compilers use."""
    try:
        return rights.rights_of(Preprocessor("random.h", text))
    except HeaderError as error:
        assert ERROR.match(str(error)), str(error)
        return None


@given(HEADERS)
def test_any_text_is_read_or_refused(text: str) -> None:
    read(text)


@given(HEADERS, st.integers(0, 10**6))
def test_a_damaged_header_is_read_or_refused(damage: str, where: int) -> None:
    text = (ROOT / "include/linux/sys/capsicum.h").read_text(encoding="utf-8")
    where %= len(text)
    read(text[:where] + damage + text[where + len(damage) :])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "random.h"
    path.write_bytes(data)
    try:
        rights.rights_of(Preprocessor(path, read_header(path)))
    except HeaderError as error:
        assert re.match(r".*random\.h:\d+: error: ", str(error))


@pytest.mark.parametrize(
    "text",
    [
        "1?1:" * 5000 + "1",
        "(" * 5000,
        "~" * 5000 + "1",
        "F(" * 5000 + "1" + ")" * 5000,
        "1||1&&1|1^1&1==1<1<<1+1*(" * 200,
    ],
    ids=["conditions", "parentheses", "signs", "arguments", "operators"],
)
def test_deep_nesting_is_refused(text: str) -> None:
    assert read(f"#define F(x) x\n#define CAP_READ {text}\n") is None


# Expressions: the compiler's opinion counts. Every operand is unsigned and 64 bits wide, as rights are.


def literals() -> st.SearchStrategy[str]:
    forms = st.sampled_from(["{}", "0x{:x}", "0X{:X}", "0{:o}"])
    return st.builds(lambda form, value: form.format(value) + "ULL", forms, st.integers(0, 2**64 - 1))


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    plain = st.sampled_from(["|", "&", "^", "+", "-", "*"])
    comparing = st.sampled_from(["==", "!=", "<", ">", "<=", ">=", "&&", "||"])
    space = st.sampled_from(["", " ", "\t", " /* x */ ", "\\\n"])
    return st.one_of(
        st.builds(lambda a, s, o, b: f"{a}{s}{o} {b}", inner, space, plain, inner),
        st.builds(lambda a, o, b: f"(0ULL + (({a}) {o} ({b})))", inner, comparing, inner),
        st.builds(lambda a, n: f"(({a}) << {n})", inner, st.integers(0, 63)),
        st.builds(lambda a, n: f"(({a}) >> {n})", inner, st.integers(0, 63)),
        st.builds(lambda a, o, b: f"({a}) {o} ({b} | 1ULL)", inner, st.sampled_from(["/", "%"]), inner),
        st.builds(lambda o, a: f"{o}({a})", st.sampled_from(["~", "-", "+"]), inner),
        st.builds(lambda a, b, c: f"({a} ? {b} : {c})", inner, inner, inner),
    )


def test_expressions_mean_what_they_mean_to_the_compiler(tmp_path: Path) -> None:
    found: dict[str, int] = {}

    @given(st.recursive(literals(), compound, max_leaves=12))
    def collect(text: str) -> None:
        found[text] = Evaluator(
            "random.h", 1, [t for t in Scanner("random.h", text).tokens()[:-1] if t.kind != "comment"]
        ).value()

    collect()
    source = tmp_path / "expressions.c"
    checks = [f'_Static_assert(({text}) == {value}ULL, "");' for text, value in found.items()]
    source.write_text("\n".join(checks) + "\n", encoding="utf-8")
    subprocess.run(["cc", "-std=c11", "-w", "-fsyntax-only", source], check=True)
    assert len(found) > EXAMPLES // 3


# Rights: in whatever form a header defines them, their values come out.

NAMES = st.from_regex(r"CAP_[A-Z]{1,12}", fullmatch=True).filter(lambda name: not rights.is_other(name))
VALUES = st.builds(lambda word, bits: 1 << (57 + word) | bits, st.integers(0, 1), st.integers(1, rights.BITS))


def written(data: st.DataObject, name: str, value: int, earlier: dict[str, int]) -> str:
    """Return one of the forms in which headers define a right."""
    word, bits = (value >> 57) - 1, value & rights.BITS
    same = [other for other, known in earlier.items() if known >> 57 == value >> 57 and known & ~value == 0]
    forms = [
        f"#define {name} CAPRIGHT({word}, {bits:#x}ULL)",
        f"#define\t{name}\t\t( {value}ULL ) /* about {name} */",
        f"# define {name} \\\n\t(CAPRIGHT({word}, {bits | 0:#o}) | 0)".replace("0o", "0"),
        f"/* {name}: does read(2). */\n#define {name} (1ULL << {57 + word} | {bits}ULL)",
    ]
    if same:
        other = data.draw(st.sampled_from(same))
        forms.append(f"#define {name} ({other} | {value & ~earlier[other]:#x}ULL)")
    return data.draw(st.sampled_from(forms))


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=12), st.data())
def test_rights_keep_their_values(known: dict[str, int], data: st.DataObject) -> None:
    lines = ["#define CAPRIGHT(idx, bit) ((1ULL << (57 + (idx))) | (bit))", "#define CAP_ALL0 0", "#ifdef _KERNEL"]
    lines += ["#define CAP_NEVER 0x3000000000000000ULL", "#endif"]
    earlier: dict[str, int] = {}
    for name, value in known.items():
        lines.append(written(data, name, value, earlier))
        earlier[name] = value
    found = read("\n".join(lines) + "\n")
    assert found is not None and {right.name: right.value for right in found} == known


@settings(max_examples=max(20, EXAMPLES // 10))
@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=40))
def test_tables_are_complete(known: dict[str, int]) -> None:
    given_rights = [rights.Right(name, value) for name, value in known.items()]
    try:
        text = tables.emit(given_rights, OURS, needs(given_rights, OURS, []))
    except KeyError:
        return  # our own needs name a right that these lack: make() always adds ours
    assert all(f'"{name}"' in text for name in known)


@given(st.sets(st.from_regex(r"CAP_[A-Z_]{1,16}", fullmatch=True), min_size=2, max_size=60))
def test_hashes_are_perfect(names: set[str]) -> None:
    ordered = sorted(names)
    found = perfect.perfect_hash(ordered)
    slots = [perfect.slot(perfect.key(name, found.places), found.multiplier, found.bits) for name in ordered]
    assert [found.slots[slot] for slot in slots] == list(range(1, len(ordered) + 1))


# The policy: a slip in it must stop the build.

POLICY = policy.sources()
LINES = [(name, line) for name, text in POLICY.items() for line in range(text.count("\n"))]
SLIPS = st.sampled_from(["", " ", "\t", "\n", "if", "a7", "a0", "refused", "yes", "no", "none", "ENOSYS", "010", "0x", "&", "==", "in", "+",
                         "set", "value", "call", "why"])  # fmt: skip


@given(st.sampled_from(LINES), st.integers(0, 10**4), st.integers(0, 6), SLIPS)
def test_a_slip_in_the_policy_is_read_or_refused(place: tuple[str, int], where: int, cut: int, slip: str) -> None:
    name, line = place
    lines = POLICY[name].split("\n")
    where %= len(lines[line]) + 1
    lines[line] = lines[line][:where] + slip + lines[line][where + cut :]
    try:
        policy.read({**POLICY, name: "\n".join(lines)})
    except policy.PolicyError as error:
        assert re.match(r"[a-z]+\.policy:\d+: .+", str(error))
