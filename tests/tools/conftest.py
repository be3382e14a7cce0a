# SPDX-License-Identifier: BSD-2-Clause
"""How the tests run capeasy."""

from __future__ import annotations

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
CAPEASY = os.environ["CAPEASY"]
INSIDE = os.environ["INSIDE"]


def capeasy(*arguments: object, **options: object) -> tuple[int, str, str]:
    """Return the exit status, the output and the errors."""
    options.setdefault("stdin", subprocess.DEVNULL)
    command = [CAPEASY, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **options)
    return done.returncode, done.stdout, done.stderr
