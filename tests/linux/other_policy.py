# SPDX-License-Identifier: BSD-2-Clause
"""Writes capsicum_easy.h with another policy: one that does not know getppid(2), as an old one would not know a new call.

other_policy.py HEADER OUTPUT
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "gen"))

import policy  # noqa: E402


def main(header: Path, output: Path) -> None:
    changed = policy.emit(
        {name: re.sub(r"^call getppid .*\n", "", text, flags=re.M) for name, text in policy.sources().items()}
    )
    text = header.read_text(encoding="utf-8")
    assert text.count(policy.emit()) == 1, "HEADER was not built from this policy"
    output.write_text(text.replace(policy.emit(), changed), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
