# SPDX-License-Identifier: BSD-2-Clause
"""What the documentation shows is true: programs compile and print what the page says; tables are the code's."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys
from dataclasses import dataclass

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER_DIR = os.environ["HEADER_DIR"]
CAPEASY_DIR = os.environ["CAPEASY_DIR"]
LIBRARY_DIR = os.environ["LIBRARY_DIR"]
PAGES = sorted(page.stem for page in (ROOT / "docs").glob("*.md"))
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]


@dataclass(frozen=True)
class Block:
    """A fenced block and what it prints, the text block that follows it."""

    page: str
    language: str
    text: str
    output: str


def blocks() -> list[Block]:
    found = []
    for page in PAGES:
        text = (ROOT / f"docs/{page}.md").read_text(encoding="utf-8")
        fences = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)
        for (language, text), (next_language, output) in zip(fences, [*fences[1:], ("", "")]):
            if language in ("c", "sh"):
                found.append(Block(page, language, text, output if next_language == "text" else ""))
    return found


def name(block: Block) -> str:
    return f"{block.page}-{blocks().index(block)}-{block.language}"


def run(command: list[object], directory: pathlib.Path) -> str:
    """Run what must succeed; return its output."""
    environment = {**os.environ, "PATH": f"{CAPEASY_DIR}:{os.environ['PATH']}", "SOURCE": str(ROOT)}
    environment.pop("LD_LIBRARY_PATH", None)  # meson's, which a traced program would be seen to search
    done = subprocess.run(
        [str(word) for word in command],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_there_are_blocks():
    assert len([block for block in blocks() if block.language == "c"]) >= 13
    assert {block.language for block in blocks()} == {"c", "sh"}


@pytest.mark.parametrize("block", [block for block in blocks() if block.language == "c"], ids=name)
@pytest.mark.parametrize("standard", ["c99", "c17"])
def test_c(block, standard, tmp_path):
    (tmp_path / "demo.c").write_text(block.text, encoding="utf-8")
    (tmp_path / "notes").write_text("notes\n", encoding="utf-8")
    whole = "int main(" in block.text
    output = ["-o", "demo"] if whole else ["-c"]
    if "<libcasper.h>" in block.text:
        output += [f"-I{ROOT}/include/linux", f"-L{LIBRARY_DIR}", f"-Wl,-rpath,{LIBRARY_DIR}", "-lcapsicum_easy"]
    run(["cc", f"-std={standard}", *WARNINGS, f"-I{HEADER_DIR}", "demo.c", *output], tmp_path)
    if whole:
        printed = run(["./demo"], tmp_path)
        assert printed == (block.output or printed)


@pytest.mark.parametrize("block", [block for block in blocks() if block.language == "sh"], ids=name)
def test_sh(block, tmp_path):
    assert run(["sh", "-ec", block.text], tmp_path) == block.output


@pytest.mark.parametrize(
    ("language", "file"), [("cmake", "cmake/CMakeLists.txt"), ("autoconf", "autoconf/configure.ac")]
)
def test_builds_are_those_that_the_packaging_tests_make(language, file):
    page = (ROOT / "docs/using.md").read_text(encoding="utf-8")
    (shown,) = re.findall(rf"^```{language}\n(.*?)^```$", page, re.M | re.S)
    built = (ROOT / "tests/packaging" / file).read_text(encoding="utf-8").splitlines()
    assert set(shown.splitlines()) <= set(built)


def test_which_right_is_that_of_the_tables():
    printed = run([sys.executable, "-B", ROOT / "gen/which_right.py"], ROOT)
    assert (ROOT / "docs/which-right.md").read_text(encoding="utf-8") == printed


def links(page: pathlib.Path) -> list[tuple[pathlib.Path, str]]:
    """The files that a page links to, and the heading in each, "" for none."""
    found = re.findall(r"\]\(([^)#:\s]*)(?:#([^)]*))?\)", page.read_text(encoding="utf-8"))
    return [((page.parent / target).resolve() if target else page, anchor) for target, anchor in found]


def anchors(page: pathlib.Path) -> set[str]:
    """What GitHub makes of a page's headings."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda path: path.stem
)
def test_links_lead_somewhere(page):
    targets = links(page)
    assert [str(target) for target, _ in targets if not target.exists()] == []
    assert [(target.name, anchor) for target, anchor in targets if anchor and anchor not in anchors(target)] == []


def test_every_page_is_reached_from_the_readme():
    reached = set()
    ahead = {ROOT / "README.md"}
    while ahead:
        reached |= ahead
        ahead = {target for page in ahead for target, _ in links(page) if target.suffix == ".md"} - reached
    assert {ROOT / f"docs/{page}.md" for page in PAGES} <= reached


@pytest.mark.parametrize("page", PAGES)
def test_functions_named_exist(page):
    """A ce_ name in the text is in one of the headers."""
    files = [
        pathlib.Path(HEADER_DIR) / "capsicum_easy.h",
        ROOT / "include/linux/capsicum_helpers.h",
        ROOT / "include/linux/libcasper.h",
    ]
    headers = "".join(file.read_text(encoding="utf-8") for file in files)
    names = set(
        re.findall(
            r"\b(?:ce|CE|caph|CAPH|pd)_\w+|\bpd(?:fork|kill|getpid)\b",
            (ROOT / f"docs/{page}.md").read_text(encoding="utf-8"),
        )
    )
    assert sorted(word for word in names if not re.search(rf"\b{word}\b", headers) and word != "ce_") == []
