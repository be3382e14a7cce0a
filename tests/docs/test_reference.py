# SPDX-License-Identifier: BSD-2-Clause
"""The reference: doxygen makes it from the header's comments, and nothing public is missing from it."""

import pathlib
import re
import subprocess
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARTS = ROOT / "include" / "capsicum_easy"

# A definition at the left margin: the macro's name, or the function's.
DEFINITION = re.compile(r"^#[ \t]*define ((?:CE|ce)_\w+)|^(?:static inline|CE_API) [^;=(]*?\b(\w+)\(", re.MULTILINE)


def public_names() -> set[str]:
    """The names that the parts define for their users: those that do not end with an underscore."""
    names: set[str] = set()
    for part in PARTS.glob("*.h"):
        names.update(a or b for a, b in DEFINITION.findall(part.read_text(encoding="utf-8")))
    return {name for name in names if not name.endswith(("_", "_H"))}


def test_every_public_name_is_documented(tmp_path: pathlib.Path) -> None:
    config = (ROOT / "docs" / "Doxyfile").read_text(encoding="utf-8")
    config += f"OUTPUT_DIRECTORY = {tmp_path}\nGENERATE_HTML = NO\nGENERATE_XML = YES\n"
    run = subprocess.run(["doxygen", "-"], input=config, text=True, cwd=ROOT, capture_output=True, check=True)
    assert run.stderr == ""

    briefs = {
        kind.findtext("compoundname", ""): "".join(kind.find("briefdescription").itertext())
        for page in (tmp_path / "xml").glob("*_8h.xml")
        for kind in xml.etree.ElementTree.parse(page).iter("compounddef")
    }
    assert len(briefs) > 10
    assert [name for name, brief in briefs.items() if "SPDX" in brief or not brief.strip()] == []
    assert "what it has" in (tmp_path / "xml/indexpage.xml").read_text(encoding="utf-8")

    documented: set[str] = set()
    for page in (tmp_path / "xml").glob("*.xml"):
        for member in xml.etree.ElementTree.parse(page).iter("memberdef"):
            text = "".join(member.find("briefdescription").itertext()) + "".join(
                member.find("detaileddescription").itertext()
            )
            if text.strip():
                documented.add(member.findtext("name", ""))
    names = public_names()
    assert len(names) > 50
    assert names - documented == set()
