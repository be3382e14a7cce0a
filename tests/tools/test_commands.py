# SPDX-License-Identifier: BSD-2-Clause
"""capeasy's manners, and the commands that answer questions: what they print and how they exit."""

from __future__ import annotations

import os
import pty
import re
import subprocess

import pytest
from conftest import CAPEASY, ROOT, capeasy

COMMANDS = ["allow", "diff", "explain", "fds", "need", "rights", "run", "show", "status", "trace"]


def on_terminal(*arguments: str, environment: dict[str, str] | None = None, columns: int = 60) -> str:
    """Return what capeasy writes to a terminal."""
    ours, theirs = pty.openpty()
    variables = {**os.environ, "TERM": "xterm", "COLUMNS": str(columns), **(environment or {})}
    subprocess.run([CAPEASY, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=variables, check=True)
    os.close(theirs)
    text = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        text += part
        if not part:
            break
    os.close(ours)
    return text.decode().replace("\r\n", "\n")


# Manners


def test_help():
    status, output, errors = capeasy("--help")
    assert (status, errors) == (0, "")
    for command in COMMANDS:
        assert re.search(rf"^  {command} +[A-Z].*\.$", output, re.MULTILINE), command
    assert capeasy("help") == capeasy("-h") == (status, output, errors)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(command):
    status, output, errors = capeasy(command, "--help")
    assert (status, errors) == (0, "")
    assert output.startswith(f"usage: capeasy {command}")


def test_version():
    version = (ROOT / "VERSION").read_text().strip()
    assert capeasy("--version") == (0, f"capeasy {version}\n", "")


def test_no_command():
    status, output, errors = capeasy()
    assert (status, output) == (2, "")
    assert errors.startswith("usage: capeasy COMMAND")


def test_unknown_command():
    assert capeasy("shwo") == (2, "", "capeasy: unknown command 'shwo'; did you mean show?\n")
    assert capeasy("qqqqqqqqqq") == (2, "", "capeasy: unknown command 'qqqqqqqqqq'\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["need"],
        ["allow"],
        ["show"],
        ["show", "read", "seek"],
        ["diff", "read"],
        ["status", "x"],
        ["fds", "x"],
        ["run"],
        ["run", "-x"],
        ["run", "-L"],
        ["rights", "-x"],
        ["trace"],
        ["trace", "-p", "x"],
        ["trace", "-p", "1", "true"],
        ["trace", "--timeout", "0", "true"],
        ["run", "-L", "-p", "/", "true"],
    ],
)
def test_misuse(arguments):
    """Says what is wrong, in the command's name, and how it is used."""
    status, output, errors = capeasy(*arguments)
    assert (status, output) == (2, "")
    assert errors.startswith(f"capeasy {arguments[0]}: ")
    assert f"\nusage: capeasy {arguments[0]} " in errors or f"\nusage: capeasy {arguments[0]}\n" in errors


def test_lines_fit_the_terminal():
    text = on_terminal("rights", "CAP_READ", environment={"NO_COLOR": "1"})
    assert "\033" not in text
    assert len(text.splitlines()) > 2
    assert all(len(line) <= 60 for line in text.splitlines())
    assert len(capeasy("rights", "CAP_READ")[1].splitlines()) == 2  # no terminal: no line is broken


def test_colour_only_on_a_terminal_and_never_with_no_color():
    assert on_terminal("rights", "CAP_READ").startswith("\033[1mCAP_READ\033[0m\n")
    assert on_terminal("rights", "CAP_READ", environment={"NO_COLOR": "1"}).startswith("CAP_READ\n")
    assert "\033" not in capeasy("rights", "CAP_READ")[1]


# Rights and sets


def test_rights():
    status, output, errors = capeasy("rights")
    names = [line for line in output.splitlines() if not line.startswith(" ")]
    assert (status, errors) == (0, "")
    assert len(names) == len(set(names)) == 83
    assert names[:2] == ["CAP_READ", "CAP_WRITE"]
    assert capeasy("rights", "CAP_FCHDIR", "fsync")[1].startswith("CAP_FCHDIR\n    Allows fchdir(2).\nCAP_FSYNC\n")
    assert capeasy("rights", "CAP_FCHDRI") == (
        1,
        "",
        "capeasy rights: 'CAP_FCHDRI' is no right; did you mean CAP_FCHDIR?\n",
    )
    assert capeasy("rights", "x") == (1, "", "capeasy rights: 'x' is no right\n")
    assert capeasy("rights", "read,fsync") == (
        1,
        "",
        "capeasy rights: 'read,fsync' is more than one right; capeasy show prints sets\n",
    )


def test_allow():
    status, output, errors = capeasy("allow", "fchdir, CAP_FSYNC")
    assert (status, errors) == (0, "")
    assert output.splitlines()[0].startswith("CAP_FSYNC: ")
    assert output.splitlines()[1] == "CAP_FCHDIR: fchdir(2)"
    assert capeasy("allow", "none") == (0, "", "")


def test_show():
    assert capeasy("show", "seek|READ  cap_event") == (0, "CAP_PREAD, CAP_EVENT\n", "")
    assert capeasy("show", "read, sekk") == (1, "", "capeasy show: 'sekk' is no right; did you mean CAP_SEEK?\n")
    assert capeasy("show", "read, qqqqqqqqqq") == (1, "", "capeasy show: 'qqqqqqqqqq' is no right\n")
    assert capeasy("show", "none") == capeasy("show", "") == (0, "none\n", "")
    assert len(capeasy("show", "ALL")[1].split(", ")) > 40


def test_diff():
    assert capeasy("diff", "read write", "read seek") == (1, "- CAP_WRITE\n+ CAP_SEEK\n", "")
    assert capeasy("diff", "pread", "seek, read") == (0, "", "")
    assert capeasy("diff", "read", "none") == (1, "- CAP_READ\n", "")
    assert capeasy("diff", "none", "all") == (1, "+ all\n", "")


def test_status():
    status, output, _ = capeasy("status")
    assert status == 0
    assert "yes  limits on descriptors\nyes  capability mode\n" in output
    assert output.endswith("no   in capability mode now\n")


def test_fds(tmp_path):
    with open(tmp_path / "file", "w", encoding="utf-8") as file:
        _, output, _ = capeasy("fds", pass_fds=[file.fileno()])
        numbers = [0, 1, 2, file.fileno()]
    assert output == "".join(f"fd {fd}: all rights; ioctls all; fcntls all\n" for fd in numbers)
