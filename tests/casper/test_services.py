# SPDX-License-Identifier: BSD-2-Clause
"""The table of which service does a call's work says what the headers of the services declare, no less and no more."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]

# What has no counterpart in the C library: making, limiting and taking apart.
OWN = re.compile(r"\w+_(limit\w*|free|c?init(nv)?|w?rap|unwrap)")


def in_headers() -> set[tuple[str, str, str]]:
    rows = set()
    for header in (ROOT / "include/linux/casper").glob("cap_*.h"):
        service = header.stem.removeprefix("cap_")
        for function in re.findall(r"^\S.*?\b\*?((?:cap|fileargs)_\w+)\(", header.read_text(), re.MULTILINE):
            if (
                service != "lookups_"
                and not OWN.fullmatch(function)
                and function not in ("cap_close", "cap_service_open")
            ):
                rows.add((re.sub("^(cap|fileargs)_", "", function), f"system.{service}", function))
    return rows


def test_table_is_what_the_headers_declare():
    text = (ROOT / "tools/services.h").read_text()
    rows = re.findall(r'\{ "(\w+)", "([\w.]+)", "(\w+)" \}', text)

    assert len(rows) == len(set(rows)) == text.count("\t{ ")
    assert set(rows) == in_headers()
