# SPDX-License-Identifier: BSD-2-Clause
"""Each example runs, and prints what the kernel refused."""

import pathlib
import subprocess
import sys

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"


def run(name, *arguments, **options):
    """The lines that an example prints."""
    command = [sys.executable, EXAMPLES / name, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_quick_demo(tmp_path):
    (tmp_path / "foo").write_text("ham\neggs\n")
    lines, every, only, *refusals = run("quick_demo.py", tmp_path)
    assert lines == "['ham\\n', 'eggs\\n']"
    assert every.startswith("['CAP_READ', 'CAP_WRITE', 'CAP_SEEK_TELL', 'CAP_SEEK', ")
    assert only == "['CAP_READ']"
    assert [line.split(" refused: ")[1].split()[0] for line in refusals] == [
        "ENOTCAPABLE",
        "ENOTCAPABLE",
        "ENOTCAPABLE",
        "ECAPMODE",
        "ENOTCAPABLE",
        "ENOTCAPABLE",
        "ENOTCAPABLE",
        "ECAPMODE",
    ]
    assert [line.split()[0] for line in refusals] == ["write", "seek", "get", "open", "open", "raw", "raw", "raw"]
    assert (tmp_path / "foo").read_text() == "ham\neggs\n"


def test_quick_demo_makes_its_file(tmp_path):
    assert run("quick_demo.py", tmp_path)[0] == "['hello from foo\\n']"
