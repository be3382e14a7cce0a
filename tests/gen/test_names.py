# SPDX-License-Identifier: BSD-2-Clause
"""Names: docs/design.md's rule, held against everything that the generated header defines, and whoever uses it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT
from sides import Item, items

PUBLIC = re.compile(r"(?:ce|CE)_(?:\w*[A-Za-z0-9])")
PRIVATE = re.compile(r"(?:ce|CE)_\w+_")
# Names that are no ce_ names, and why they are there.
OTHERS = {
    r"(?:CAP|cap|__cap|caph|CAPH)_\w+|CAP(?:RIGHT|R?VER|ARSIZE|IDXBIT)|_SYS_CAPSICUM_H_": "FreeBSD's <sys/capsicum.h>",
    r"pd(?:r?fork|kill|getpid|wait)|PD_\w+|RF(?:FDG|PROC|PROCDESC|SPAWN)|__wrusage|_SYS_PROCDESC_H_": "FreeBSD's <sys/procdesc.h>",
    r"ENOTCAPABLE|ECAPMODE": "FreeBSD's <errno.h>",
    r"clone|setenv|syscall|tzset": "libc's, declared again: strict C hides them in its headers",
    r"CAPSICUM_EASY_(?:H|DECLARATIONS|IMPLEMENTATION)": "the header's guard and its options, named for its file",
}


def defined(item: Item) -> list[str]:
    """The names that one item of the header defines for whoever includes it."""
    text = re.sub(r"/\*.*?\*/", "", item.text, flags=re.DOTALL)
    if item.kind == "directive":
        return re.findall(r"^#\s*define (\w+)", text)
    if item.kind == "comment" or re.match(r"\s|extern \"C|namespace|template|\}", text):
        return []
    if text.startswith(("enum", "static const enum")):
        return re.findall(r"[{,]\s*(\w+)", text)
    head = text.partition("\n{")[0].partition(" = ")[0].partition(" {")[0]
    if function := re.search(r"(\w+)\(", re.sub(r"(CE_STATIC_ASSERT_|__attribute__)\(.*", "", head, flags=re.DOTALL)):
        return [function[1]]
    names = re.findall(r"^(?:struct|union) (\w+)(?=\s*$)|(\w+)(?:\[[^]]*\])*;?$", head, re.MULTILINE)
    return [name for pair in names for name in pair if name] + re.findall(r"^\} (\w+)", text, re.MULTILINE)


@pytest.fixture(scope="module")
def found(whole_header: Path) -> list[tuple[str, bool]]:
    """The names that the header defines, and whether a documentation comment stands before each."""
    listed = items((whole_header / "capsicum_easy.h").read_text(encoding="utf-8").splitlines())
    result = []
    documented = False
    for item in listed:
        result += [(name, documented) for name in defined(item)]
        is_condition = re.match(r"#\s*(?:el)?if", item.text)
        documented = item.text.startswith("/**") or (documented and bool(is_condition))
    return result


def test_the_names_are_found(found: list[tuple[str, bool]]) -> None:
    names = {name for name, _ in found}
    some = {"ce_limit", "CE_SET", "ce_descriptor", "ce_values_", "CE_TEST_IN_", "cap_enter", "CAP_READ", "cap_rights_t"}
    assert some - names == set()
    assert len(names) > 600


def test_each_name_is_one_of_ours(found: list[tuple[str, bool]]) -> None:
    """None is a name that users would choose themselves: ce_, or FreeBSD's."""
    allowed = "|".join([PUBLIC.pattern, PRIVATE.pattern, *OTHERS])
    assert sorted({name for name, _ in found if not re.fullmatch(allowed, name)}) == []


def test_each_public_name_is_documented(found: list[tuple[str, bool]]) -> None:
    documented = {name for name, with_comment in found if with_comment}
    public = {name for name, _ in found if PUBLIC.fullmatch(name)}
    assert len(public) > 80
    assert sorted(public - documented) == []
    assert sorted(name for name in documented if PRIVATE.fullmatch(name)) == []


@pytest.mark.parametrize("folder", ["tools", "bindings", "examples"])
def test_first_party_code_uses_public_names_only(folder: str) -> None:
    listed = subprocess.run(["git", "ls-files", folder], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    private = []
    for name in (name for name in listed.split() if name.endswith((".c", ".h"))):
        code = re.sub(r"/\*.*?\*/", "", (ROOT / name).read_text(encoding="utf-8"), flags=re.DOTALL)
        private += [f"{name}: {used}" for used in re.findall(rf"\b{PRIVATE.pattern}\b", code)]
    assert private == []
