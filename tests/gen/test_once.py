# SPDX-License-Identifier: BSD-2-Clause
"""Everything is said once: a right, an alias, an argument and a system call are one edit each; all outputs follow."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest
from conftest import ROOT, run

RIGHT = "/* Allows tickle(2). */\n#define CAP_TICKLE CAPRIGHT(1, 0x0000000000800000ULL)\n"
ALIAS = "#define CAP_POKE CAP_EVENT\n"
CALL = "call tickle 900 901\n\tlimits a0 CAP_EVENT\n\tmode yes\n\twhy For a test.\n"


class Outputs:
    """A copy of what the outputs are made from, and the outputs as they were last made."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        for name in ("gen", "include", "bindings"):
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "VERSION", tree)

    def edit(self, name: str, before: str, text: str) -> None:
        """Put a text into a file, before the first line that begins so; "" is the end."""
        lines = (self.tree / name).read_text(encoding="utf-8").splitlines(keepends=True)
        at = next(at for at, line in enumerate([*lines, ""]) if not line or line.startswith(before or "\0"))
        (self.tree / name).write_text("".join([*lines[:at], text, *lines[at:]]), encoding="utf-8")

    def made(self) -> dict[str, str]:
        """Run the generators; return what they wrote."""
        gen, stub = self.tree / "gen", self.tree / "bindings/python/_capsicum.pyi"
        header = self.tree / "include/linux/sys/capsicum.h"
        outputs = {name: self.tree / name for name in ("capsicum_easy.h", "docstrings.h", "_capsicum.pyi")}
        for command in (
            [gen, "--header", header, "-o", outputs["capsicum_easy.h"]],
            [gen / "stub.py", stub, "--c", outputs["docstrings.h"], "--stub", outputs["_capsicum.pyi"]],
        ):
            done = run(sys.executable, "-B", *command)
            assert done.returncode == 0, done.stderr
        page = run(sys.executable, "-B", gen / "which_right.py").stdout
        return {**{name: path.read_text(encoding="utf-8") for name, path in outputs.items()}, "which-right.md": page}


@pytest.fixture
def outputs(tmp_path: Path) -> Outputs:
    return Outputs(tmp_path)


def answer(outputs: Outputs, program: str) -> str:
    """What a C program prints that is compiled with the header."""
    source = outputs.tree / "ask.c"
    source.write_text(
        f"#include <capsicum_easy.h>\n#include <stdio.h>\nint main(void) {{ cap_rights_t set; {program} }}\n"
    )
    built = run("cc", "-std=c99", f"-I{outputs.tree}", source, "-o", outputs.tree / "ask")
    assert built.returncode == 0, built.stderr
    return run(outputs.tree / "ask").stdout


def test_a_right(outputs: Outputs) -> None:
    outputs.edit("include/linux/sys/capsicum.h", "/* Every right of the second word", RIGHT + "\n")
    made = outputs.made()
    asked = 'return ce_call_needs("tickle", &set) != 0 || puts(ce_right_name(CAP_TICKLE)) < 0 || '
    asked += "puts(ce_right_allows(CAP_TICKLE)) < 0;"
    assert answer(outputs, asked) == "CAP_TICKLE\ntickle(2)\n"
    assert '"CAP_TICKLE"' in made["docstrings.h"]
    assert "CAP_TICKLE: Final[int]\n" in made["_capsicum.pyi"]
    assert "| tickle(2) | `CAP_TICKLE` |" in made["which-right.md"]


def test_an_alias(outputs: Outputs) -> None:
    outputs.edit("include/linux/sys/capsicum.h", "/* The name that CAP_EVENT had first", ALIAS)
    made = outputs.made()
    assert answer(outputs, 'return !(ce_right_by_name("CAP_POKE") == CAP_EVENT && puts("is") > 0);') == "is\n"
    assert '"CAP_POKE"' in made["docstrings.h"]
    assert "CAP_POKE: Final[int]\n" in made["_capsicum.pyi"]


@pytest.mark.parametrize(
    "sentence,needed", [("No right is needed for", ""), ("These arguments need no right of their own", "CAP_READ")]
)
def test_an_argument_of_a_call(outputs: Outputs, sentence: str, needed: str) -> None:
    header = outputs.tree / "include/linux/sys/capsicum.h"
    before = header.read_text(encoding="utf-8")
    header.write_text(re.sub(rf"({sentence}:?) ", r"\1 read(GENTLY), ", before), encoding="utf-8")
    outputs.made()
    asked = 'char text[99]; return ce_call_needs("read(GENTLY)", &set) != 0 || '
    asked += "ce_rights_format(&set, text, sizeof(text)) < 0 || puts(text) < 0;"
    assert answer(outputs, asked) == needed + "\n"


def test_a_system_call(outputs: Outputs) -> None:
    outputs.edit("gen/policy/system.policy", "", "\n" + CALL)
    table = outputs.made()["capsicum_easy.h"].split("ce_policy_calls_[] = {\n")[1]
    x86_64, aarch64 = table.split("#elif")[:2]
    assert re.search(r"\{ 900, \d+, \d+ \}, /\* tickle \*/", x86_64)
    assert re.search(r"\{ 901, \d+, \d+ \}, /\* tickle \*/", aarch64)


@pytest.mark.parametrize(
    "number", [r"\b256\b.*(?i:ioctl)|(?i:ioctl).*\b256\b", r"<< *\(?57\b|>> *57\b"], ids=["ioctls", "index"]
)
def test_numbers_of_the_interface_stand_once(number: str) -> None:
    """How many ioctl commands a list has, and which bit of a right says its word; FreeBSD's own header apart."""
    found = []
    for folder in ("include", "gen", "library", "bindings", "tools"):
        for path in (ROOT / folder).rglob("*.[chp]*"):
            if path.suffix in (".c", ".h", ".py") and path.name != "capsicum.h":
                lines = path.read_text(encoding="utf-8").splitlines()
                found += [f"{path.relative_to(ROOT)}: {line}" for line in lines if re.search(number, line)]
    assert len(found) <= 1, found
