# SPDX-License-Identifier: BSD-2-Clause
"""capeasy run: what a program that it starts is given, and that it can do no more."""

from __future__ import annotations

import os
import subprocess

import pytest
from conftest import CAPEASY, INSIDE, capeasy

STREAM = "CAP_FCNTL, CAP_FSTAT, CAP_EVENT, CAP_IOCTL; ioctls TCGETS, TCGETS2, TIOCGWINSZ; fcntls GETFL"

needs_static = pytest.mark.skipif(not INSIDE, reason="no static libc")


def test_limits_only(tmp_path):
    """Any program runs, with just the descriptors that it was given."""
    with open(tmp_path / "file", "w", encoding="utf-8") as file:
        status, output, errors = capeasy(
            "run", "-L", "-l", "0=READ", "-d", f"5={tmp_path}", CAPEASY, "fds", pass_fds=[file.fileno()]
        )
    assert (status, errors) == (0, "")
    assert output.splitlines() == [
        "fd 0: CAP_READ; ioctls none; fcntls none",
        f"fd 1: CAP_PWRITE, {STREAM}",
        f"fd 2: CAP_PWRITE, {STREAM}",
        "fd 5: CAP_PREAD, CAP_FSTATAT; ioctls none; fcntls none",
    ]


def test_finds_programs_and_passes_the_status_on():
    for mode in ([], ["-L"]):
        assert capeasy("run", *mode, "sh", "-c", "exit 7") == (7, "", "")
        assert capeasy("run", *mode, "sh", "-c", "echo $0", "-l")[1] == "-l\n"  # a program's options stay its own
        assert capeasy("run", *mode, "no-such-program-here")[0] == 127


def test_complains(tmp_path):
    assert capeasy("run", "-d", tmp_path, "true")[0] == 2
    assert capeasy("run", "-d", "5=/no/such/directory", "true") == (
        1,
        "",
        "capeasy run: /no/such/directory: No such file or directory\n",
    )
    mistaken = "capeasy run: 'CAP_RAED' is no right; did you mean CAP_READ?\n"
    assert capeasy("run", "-d", f"5={tmp_path}:CAP_RAED", "true") == (1, "", mistaken)


@pytest.mark.parametrize(
    ("limits", "complaint"),
    [
        ("READ, IOCTL; ioctls TIOCGWINZ", "'TIOCGWINZ' is no command of ioctl; did you mean TIOCGWINSZ?"),
        ("READ, FCNTL; fcntls GETFLL", "'GETFLL' is no command of fcntl; did you mean GETFL?"),
        ("READ; flags O_RDONY", "'O_RDONY' is no flag of open; did you mean O_RDONLY?"),
        ("READ; times 1x", "'1x' is no number from 1 to 999"),
        ("READ; timse 1", "'timse 1' is none of ioctls, fcntls, flags and times"),
        ("READ; ioctls TIOCGWINSZ", "commands of ioctl need CAP_IOCTL too"),
        ("READ; fcntls GETFL", "commands of fcntl need CAP_FCNTL too"),
    ],
)
def test_complains_of_limits(limits, complaint):
    assert capeasy("run", "-p", f"/etc/passwd:{limits}", "true") == (1, "", f"capeasy run: {complaint}\n")


def test_limits_in_any_case():
    limits = "read, Fstat, CAP_seek, ioctl, Fcntl; ioctls tiocgwinsz; fcntls getfl; flags o_rdonly"
    assert capeasy("run", "-l", f"0={limits.split('; flags')[0]}", CAPEASY, "fds")[1].startswith(
        "fd 0: CAP_PREAD, CAP_FCNTL, CAP_FSTAT, CAP_IOCTL; ioctls TIOCGWINSZ; fcntls GETFL\n"
    )
    assert capeasy("run", "-p", f"/etc/passwd:{limits}", "grep", "-c", "^root", "/etc/passwd")[:2] == (0, "1\n")


def test_colon_before_what_is_no_set(tmp_path):
    """It is part of a path that is there; of one that is not, what is behind it was meant to be a set."""
    (tmp_path / "x").touch()
    (tmp_path / "x:y").write_text("text")
    assert capeasy("run", "-p", tmp_path / "x:y", "cat", tmp_path / "x:y") == (0, "text", "")
    mistaken = "capeasy run: 'CAP_RAED' is no right; did you mean CAP_READ?\n"
    assert capeasy("run", "-p", f"{tmp_path}/x:CAP_RAED", "cat", tmp_path / "x") == (1, "", mistaken)
    assert capeasy("run", "-p", "/no/such/file", "true") == (
        1,
        "",
        "capeasy run: /no/such/file: No such file or directory\n",
    )
    assert capeasy("run", "-l", "77=READ", "true") == (1, "", "capeasy run: fd 77: Bad file descriptor\n")
    assert capeasy("run", "-l", "0=REED", "true") == (
        1,
        "",
        "capeasy run: 'REED' is no right; did you mean CAP_READ?\n",
    )


def test_says_why_a_program_does_not_start(tmp_path):
    path = tmp_path / "program"
    path.write_bytes(b"no program")
    path.chmod(0o755)
    assert capeasy("run", path) == (126, "", f"capeasy run: {path}: neither a program nor a script\n")
    path.write_bytes(b"\x7fELF\x01\x01\x01" + bytes(60))
    assert capeasy("run", path)[:2] == (126, "")
    path.write_text("#!/no/such/interpreter\n")
    assert capeasy("run", path) == (
        126,
        "",
        f"capeasy run: {path}: its interpreter /no/such/interpreter: No such file or directory\n",
    )
    path.chmod(0o644)
    assert capeasy("run", path) == (126, "", f"capeasy run: {path}: Permission denied\n")


def test_scripts(tmp_path):
    path = tmp_path / "script"
    path.write_text('#!/bin/sh -e\necho "$0 $1"\nfalse\necho no\n')
    path.chmod(0o755)
    assert capeasy("run", path, "a b") == (1, f"{path} a b\n", "")


@needs_static
def test_in_capability_mode(tmp_path):
    (tmp_path / "file").write_text("text")
    status, output, errors = capeasy(
        "run", "-d", f"5={tmp_path}", INSIDE, "a", "b", env={**os.environ, "VARIABLE": "value"}
    )
    assert (status, errors) == (3, "")
    assert output.splitlines() == [
        "arguments 2, variable value",
        "capability mode: yes",
        "file in the directory: yes",
        "new file in the directory: Capabilities insufficient",
        "its own file: Not permitted in capability mode",
        "write to input: Capabilities insufficient",
    ]
    assert not (tmp_path / "new").exists()


@needs_static
def test_with_more_rights(tmp_path):
    (tmp_path / "file").write_text("text")
    _, output, _ = capeasy("run", "-d", f"5={tmp_path}:lookup,read,write,seek,create", INSIDE)
    assert "new file in the directory: yes" in output
    assert (tmp_path / "new").exists()


@pytest.mark.parametrize("linking", [[], ["-static"]])
def test_status_of_a_descriptor(tmp_path, linking):
    """fstat, which is a call with an empty path in glibc, works whatever the program's C library is."""
    (tmp_path / "program.c").write_text(
        "#include <sys/stat.h>\nint main(void) { struct stat s; return fstat(0, &s) != 0 || !S_ISCHR(s.st_mode); }\n"
    )
    compiler = os.environ.get("CC", "cc").split()
    command = [*compiler, *linking, "-o", tmp_path / "program", tmp_path / "program.c"]
    subprocess.run(command, check=True)
    assert capeasy("run", tmp_path / "program") == (0, "", "")
