# SPDX-License-Identifier: BSD-2-Clause
"""The parts of the header: each compiles alone, and the joined header says which part each line comes from."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = sorted(
    path for room in ("capsicum_easy", "linux/enforcement") for path in (ROOT / "include" / room).glob("*.h")
)
COMPILERS = [compiler for compiler in ("gcc", "clang") if shutil.which(compiler)]


def generate(directory: Path, *options: str) -> str:
    """Make the header in a directory, and return its text."""
    header = directory / "capsicum_easy.h"
    subprocess.run([sys.executable, "-B", ROOT / "gen", *options, "-o", header], check=True)
    return header.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the parts that are generated."""
    directory = tmp_path_factory.mktemp("parts")
    other = tmp_path_factory.mktemp("whole")
    generate(other, "--parts", str(directory))
    return directory


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_each_part_compiles_alone(part: Path, made: Path) -> None:
    for compiler in COMPILERS:
        command = [compiler, "-std=gnu11", "-Wall", "-Wextra", "-Wno-unused-function", "-Werror", "-fsyntax-only"]
        # As an editor does: a file that includes just the part.
        text = f'#include "{part}"\nint used;\n'
        subprocess.run([*command, "-I", str(made), "-x", "c", "-"], input=text, text=True, check=True)


def test_no_two_parts_have_names_that_differ_by_a_letter() -> None:
    names = sorted({path.stem for path in PARTS})
    for one in names:
        assert not {one + "s", one + "_"} & set(names), one


def test_every_part_is_marked(tmp_path: Path) -> None:
    text = generate(tmp_path)
    for part in PARTS:
        if part.name not in ("all.h", "enforcement.h"):  # they only include others
            assert f"/* ==== {part.relative_to(ROOT)} ==== */" in text


def test_declarations_stand_before_all_code(tmp_path: Path) -> None:
    declarations, code = generate(tmp_path).split("#endif /* CAPSICUM_EASY_H */\n")
    documented = re.findall(r"\*/\nCE_API [^;{]*?\b(\w+)\(", declarations)
    declared = re.findall(r"^CE_API [^;{]*?\b(\w+)\(", declarations, re.M)
    defined = re.findall(r"^CE_API [^;{]*?\b(\w+)\(", code, re.M)
    assert "ce_enter" in declared and "cap_rights_limit" in declared
    assert declared == defined  # every function once, in the same order
    undocumented = set(declared) - set(documented)
    assert not [name for name in undocumented if name.startswith("ce_")]
    assert not re.search(
        r"^(static |CE_API)[^;]*\{$",
        re.sub(r"^static inline const cap_rights_t \*ce_address_.*$", "", declarations, flags=re.M),
        re.M,
    )


def test_line_marks_name_the_place_of_an_error(tmp_path: Path) -> None:
    text = generate(tmp_path, "--line")
    part = ROOT / "include/capsicum_easy/sandbox.h"
    broken = re.sub(r"^(.*\bint ce_sandbox\()", r"nonsense \1", text, count=1, flags=re.M)
    (tmp_path / "capsicum_easy.h").write_text(broken, encoding="utf-8")
    line = next(number for number, at in enumerate(part.read_text().splitlines(), 1) if "int ce_sandbox(" in at)
    done = subprocess.run(
        ["gcc", "-fsyntax-only", "-x", "c", "-I", str(tmp_path), "-"],
        input="#include <capsicum_easy.h>\n",
        text=True,
        capture_output=True,
        check=False,
    )
    assert f"include/capsicum_easy/sandbox.h:{line}:" in done.stderr


def test_the_dependencies_name_every_part(tmp_path: Path) -> None:
    generate(tmp_path, "--depfile", str(tmp_path / "d"))
    rule = (tmp_path / "d").read_text(encoding="utf-8")
    assert rule.startswith(f"{tmp_path / 'capsicum_easy.h'}: ")
    for path in (*PARTS, ROOT / "gen/tables.py", ROOT / "VERSION"):
        assert str(path) in rule
