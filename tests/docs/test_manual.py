# SPDX-License-Identifier: BSD-2-Clause
"""The manual pages of section 3: every public function has one, and the formatters find nothing wrong with them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAN3 = Path(os.environ["MAN3_DIR"])
PAGES = sorted(page for page in MAN3.glob("*.3") if not page.read_text(encoding="utf-8").startswith(".so "))
sys.path.insert(0, str(ROOT / "gen"))


def output(*command: str | Path) -> str:
    """What a command says, errors included, when it is run where references to other pages lead somewhere."""
    done = subprocess.run(command, cwd=MAN3.parent, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_each_function_has_a_page() -> None:
    from comments import read_parts

    functions = [function.name for part in read_parts() for function in part.functions()]
    assert len(functions) > 50
    assert sorted(name for name in functions if not (MAN3 / f"{name}.3").exists()) == []
    for name in functions:
        text = (MAN3 / f"{name}.3").read_text(encoding="utf-8")
        page = MAN3.parent / text.split()[1] if text.startswith(".so ") else MAN3 / f"{name}.3"
        text = page.read_text(encoding="utf-8")
        assert f".Nm {name}" in text and f".Fn {name} " in text and f".It Fn {name} " in text, name


def test_the_pages_have_what_the_comments_have() -> None:
    text = (MAN3 / "ce_limit.3").read_text(encoding="utf-8")
    assert '.Ft "int"\n.Fn ce_limit "int fd" "const cap_rights_t *rights"\n' in text
    assert ".Sh ERRORS\n" in text and ".It Fn ce_limit\nEINVAL" in text


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="there is no mandoc on the PATH")
def test_mandoc_finds_nothing_wrong() -> None:
    assert output("mandoc", "-T", "lint", "-W", "warning", *PAGES) == ""


@pytest.mark.skipif(shutil.which("groff") is None, reason="there is no groff on the PATH")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_groff_finds_nothing_wrong(page: Path) -> None:
    assert output("groff", "-mdoc", "-ww", "-Tutf8", "-z", page) == ""
