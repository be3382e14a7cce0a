# SPDX-License-Identifier: BSD-2-Clause
"""Layout, spelling and names of the whole tree: clang-format, ruff and codespell have nothing to say about what git tracks.

Each tool has one version that decides, since others lay out otherwise: clang-format is Debian 12's, ruff is the one
that .ci/steps/pypi installs. .ci/run has both; elsewhere the tests of those that are missing are skipped.
"""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
(RUFF,) = re.findall(r"ruff==([\d.]+)", (ROOT / ".ci/steps/pypi").read_text(encoding="utf-8"))
VERSIONS = {"clang-format": "14.", "ruff": RUFF, "codespell": ""}


def require(tool: str) -> None:
    """Skip the test without the tool, or with a version that lays out otherwise."""
    if shutil.which(tool) is None:
        pytest.skip(f"there is no {tool} on the PATH")
    version = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
    if not re.search(rf"(?<![\d.]){re.escape(VERSIONS[tool])}", version):
        pytest.skip(f"{tool} {VERSIONS[tool]} decides on layout; here is {version.strip()}")


def tracked(*patterns: str) -> list[str]:
    """The text files that git tracks and that match; what libFuzzer wrote (tests/fuzz/corpus) is nobody's layout."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "ls-files", "-z", "--", *patterns, ":!tests/fuzz/corpus", ":!*.svg"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = [name for name in listed.split("\0") if name and (ROOT / name).exists()]
    assert len(names) > 30
    return names


def complaints(*command: str) -> str:
    """What a tool says of the tree; "" if it is content."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def test_c_is_laid_out_by_clang_format() -> None:
    require("clang-format")
    assert complaints("clang-format", "--dry-run", "-Werror", *tracked("*.c", "*.h")) == ""


@pytest.mark.parametrize("command", [["format", "--diff"], ["check"]], ids=["layout", "lint"])
def test_python_is_as_ruff_has_it(command: list[str]) -> None:
    require("ruff")
    assert complaints("ruff", *command, "--no-cache", "--force-exclude", *tracked("*.py", "*.pyi")) == ""


def test_words_are_spelled_right() -> None:
    require("codespell")
    assert complaints("codespell", *tracked()) == ""


def differ_by_a_letter(one: str, other: str) -> bool:
    """Whether one letter replaced, added or left out makes one name of the other."""
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other)) == 1
    shorter, longer = sorted((one, other), key=len)
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


def test_no_two_files_of_a_room_differ_by_a_letter() -> None:
    """Who looks for a file by its name finds one. A room is a directory at the top; _name.py is the private half of name.py."""
    rooms: dict[str, set[str]] = {}
    for path in map(Path, tracked()):
        rooms.setdefault(path.parts[0], set()).add(path.stem.lstrip("_"))
    pairs = [(room, pair) for room, names in rooms.items() for pair in itertools.combinations(sorted(names), 2)]
    assert [(room, pair) for room, pair in pairs if differ_by_a_letter(*pair)] == []


def test_lines_end_as_editorconfig_says() -> None:
    """A newline at the end of each file, and no space at the end of a line but in tables."""
    wrong = []
    for name in tracked():
        text = (ROOT / name).read_text(encoding="utf-8")
        if "\r" in text or (text and not text.endswith("\n")) or text.endswith("\n\n"):
            wrong.append(f"{name}: its end")
        if not name.endswith(".tsv"):
            wrong += [f"{name}:{at}" for at, line in enumerate(text.split("\n"), 1) if line != line.rstrip()]
    assert wrong == []
