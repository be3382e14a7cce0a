# SPDX-License-Identifier: BSD-2-Clause
"""A program for each service, written as FreeBSD's are: with the services, and without, it does the same."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
HEADER_DIR, LIBRARY_DIR = os.environ["HEADER_DIR"], os.environ["LIBRARY_DIR"]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror"]


@pytest.fixture(params=["with", "without"])
def build(request, tmp_path):
    """What compiles a program of programs/, with Casper or without."""

    def compiled(name: str) -> Path:
        program = tmp_path / name
        includes = [f"-I{HEADER_DIR}", f"-I{ROOT}/include/linux"]
        link = [f"-L{LIBRARY_DIR}", f"-Wl,-rpath,{LIBRARY_DIR}", "-lcapsicum_easy"]
        define = ["-DCAPSICUM_EASY_DECLARATIONS", *(["-DWITH_CASPER"] if request.param == "with" else [])]
        source = HERE / "programs" / f"{name}.c"
        subprocess.run(["cc", *WARNINGS, *define, *includes, source, "-o", program, *link], check=True)
        return program

    return compiled


def run(program: Path, *arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=cwd)


@pytest.mark.parametrize(
    ("name", "argument", "output"),
    [
        ("dns", "127.0.0.1", "127.0.0.1\n"),
        ("pwd", "root", "root 0\n"),
        ("grp", "daemon", "daemon 1\n"),
        ("syslog", "hello", "logged\n"),
    ],
)
def test_program(build, name, argument, output):
    done = run(build(name), argument)
    assert (done.returncode, done.stdout) == (0, output), done.stderr
    if name == "syslog":
        assert done.stderr == "program: hello\n"


@pytest.mark.parametrize(("name", "error"), [("pwd", "no such user"), ("grp", "no such group"), ("netdb", "no such")])
def test_program_finds_nothing(build, name, error):
    done = run(build(name), "nope")
    assert done.returncode == 1
    assert error in done.stderr


def test_net(build):
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = run(build("net"), server.getsockname()[1])
        assert (done.returncode, done.stdout) == (0, "connected\n"), done.stderr
        assert server.accept()[0].recv(10) == b"hello\n"


def test_fileargs(build, tmp_path):
    (tmp_path / "a").write_text("one\ntwo\n")
    (tmp_path / "b").write_text("three\n")
    done = run(build("fileargs"), "a", "missing", "b", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "one\nthree\n")
    assert done.stderr == "fileargs: missing: No such file or directory\n"
