# SPDX-License-Identifier: BSD-2-Clause
"""Writes capsicum_easy.h with another policy: one that does not know getppid(2), as an old one would not know a new call.

    other_policy.py HEADER OUTPUT
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "gen"))

import policy  # noqa: E402


def main(header: Path, output: Path) -> None:
    table = policy.TABLE.read_text(encoding="utf-8").splitlines(keepends=True)
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", encoding="utf-8") as other:
        other.writelines(line for line in table if not line.startswith("getppid\t"))
        other.flush()
        changed = policy.emit(Path(other.name))
    text = header.read_text(encoding="utf-8")
    assert text.count(policy.emit()) == 1, "HEADER was not built from this policy"
    output.write_text(text.replace(policy.emit(), changed), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
