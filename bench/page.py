# SPDX-License-Identifier: BSD-2-Clause
"""A script's part of a page, between two marks that name the script."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def arguments(what: str) -> argparse.Namespace:
    """Return the command line's: the thing to measure, as `what`, and with --page the page to write to."""
    parser = argparse.ArgumentParser()
    parser.add_argument(what, type=Path)
    parser.add_argument("--page", type=Path)
    return parser.parse_args()


def show(name: str, text: str, page: Path | None) -> None:
    """Print the text, and put it into the page, where there is one, in the place of what bench/NAME.py made before."""
    print(text)
    if page is None:
        return
    begin, end = f"<!-- {name}: made by bench/{name}.py -->", f"<!-- end of {name} -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        sys.exit(f"{page}: no {begin} with {end} after it")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
