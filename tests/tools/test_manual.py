# SPDX-License-Identifier: BSD-2-Clause
"""The manual: it is well formed, names every command, and each of its examples runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
from conftest import CAPEASY, ROOT
from test_commands import COMMANDS

MANUAL = ROOT / "tools/capeasy.1"


@pytest.mark.skipif(shutil.which("groff") is None, reason="no groff")
def test_has_no_errors():
    command = ["groff", "-mdoc", "-ww", "-Tascii", "-P-cbou", MANUAL]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    for command in COMMANDS:
        assert f"capeasy {command}" in done.stdout


def test_examples_run(tmp_path):
    """Every command has one."""
    examples = re.findall(r"^\.Dl \$ (.*)$", MANUAL.read_text(encoding="utf-8"), re.MULTILINE)
    assert {command for command in COMMANDS if any(f"capeasy {command}" in example for example in examples)} == set(
        COMMANDS
    )
    environment = {**os.environ, "PATH": f"{os.path.dirname(CAPEASY)}:{os.environ['PATH']}"}
    for example in examples:
        done = subprocess.run(
            ["sh", "-c", example],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, ""), example
        assert done.stdout or ">" in example or " -o " in example, example
