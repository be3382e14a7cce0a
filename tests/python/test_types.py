# SPDX-License-Identifier: BSD-2-Clause
"""Types: mypy --strict accepts the package and the programs that use it, and stubtest finds the extension's stub true."""

import os
import pathlib
import subprocess
import sys

import pycapsicum

ROOT = pathlib.Path(__file__).parents[2]
PACKAGE = pathlib.Path(pycapsicum.__file__).parent


def run(tmp_path, *command, **environment):
    (tmp_path / "mypy.ini").write_text(f"[mypy]\nstrict = true\ncache_dir = {tmp_path}/cache\n")
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(PACKAGE.parent), **environment},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def test_mypy(tmp_path):
    sources = [PACKAGE, *sorted((ROOT / "examples").glob("*.py"))]
    result, output = run(tmp_path, "mypy", *map(str, sources))
    assert result == 0, output


WRONG = """
import pycapsicum
pycapsicum.CapRights(1.5)
pycapsicum.CapRights().limit("0")
pycapsicum.opendir(5)
pycapsicum.openat(0, "x", b"r")
pycapsicum.CapRights() | "CAP_READ"
pycapsicum.CAP_READ = 1
pycapsicum.enforcement().nothing
"""


def test_mypy_sees_what_is_wrong(tmp_path):
    (tmp_path / "wrong.py").write_text(WRONG)
    result, output = run(tmp_path, "mypy", "wrong.py")
    assert result == 1
    lines = {int(line.split(":")[1]) for line in output.splitlines() if ": error:" in line}
    assert lines == {3, 4, 5, 6, 7, 8, 9}


def test_stubtest(tmp_path):
    # Names for type checkers only, which the module does not have when it runs.
    (tmp_path / "allowed").write_text("pycapsicum.casper.(Address|Result|error)\n")
    options = ["--ignore-disjoint-bases", "--allowlist", "allowed", "--mypy-config-file=mypy.ini"]
    result, output = run(tmp_path, "mypy.stubtest", "pycapsicum", *options)
    assert result == 0, output
