# SPDX-License-Identifier: BSD-2-Clause
"""What trace says is enough, and none of it is too much: proof.py, over real programs."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from conftest import CAPEASY, capeasy
from proof import PROGRAMS, Program, make, prove


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_program(program, tmp_path):
    """Confined to it the program does the same; without any one right it does not, or a call of it is refused."""
    if shutil.which(program.argv[0]) is None or shutil.which("strace") is None:
        pytest.skip(f"no {program.argv[0]}, or no strace")
    directory = tmp_path / "work"
    directory.mkdir()
    for parent in (tmp_path, *tmp_path.parents[:2]):
        if os.geteuid() == 0:
            parent.chmod(0o755)
    make(directory)
    proof = prove(program, directory)
    assert proof.same
    assert proof.rights > 0
    assert proof.unnoticed == []


SERVER = [sys.executable, "-I", "-m", "http.server", "--bind", "127.0.0.1"]
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": "/nonexistent"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(url: str) -> bytes:
    """Get a page from a server that may just be starting."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.read()
        except urllib.error.URLError:
            time.sleep(0.05)
    raise AssertionError(f"no answer from {url}")


@contextlib.contextmanager
def started(command: list, directory: pathlib.Path) -> Iterator[None]:
    """A server, which is ended whatever happens."""
    with subprocess.Popen(command, cwd=directory, env=ENVIRONMENT, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def serve(directory: pathlib.Path, command: list, requests: int) -> list[bytes]:
    """Start a server, and return its answers."""
    with started(command, directory):
        return [fetch(f"http://127.0.0.1:{command[-1]}/text") for _ in range(requests)]


def test_server_under_load(tmp_path):
    """A web server of Python's, unchanged, in capability mode, with the socket that run binds for it."""
    (tmp_path / "text").write_text("text")
    command = [*SERVER, str(free_port())]
    assert serve(tmp_path, [CAPEASY, "trace", "-o", tmp_path / "trace.txt", *command], 30) == [b"text"] * 30
    assert f"    -b tcp:127.0.0.1:{command[-1]}:CAP_ACCEPT, " in (tmp_path / "trace.txt").read_text()
    confined = [CAPEASY, "run", "--trace-file", tmp_path / "trace.txt", *command]
    assert serve(tmp_path, confined, 30) == [b"text"] * 30


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_client_of_a_server(tmp_path):
    """curl, with the connection that run makes for it; to another port it has none."""
    (tmp_path / "text").write_text("text")
    port = free_port()
    with started([*SERVER, str(port)], tmp_path):
        fetch(f"http://127.0.0.1:{port}/text")
        curl = ["curl", "-s", "--max-time", "20", f"http://127.0.0.1:{port}/text"]
        trace = tmp_path / "trace.txt"
        assert capeasy("trace", "-o", trace, *curl, env=ENVIRONMENT)[:2] == (0, "text")
        assert capeasy("run", "--trace-file", trace, *curl, env=ENVIRONMENT) == (0, "text", "")
        other = f"http://127.0.0.1:{free_port()}/text"
        assert capeasy("run", "--trace-file", trace, *curl[:-1], other, env=ENVIRONMENT)[:2] == (7, "")
        without = [line for line in trace.read_text().splitlines(True) if not line.startswith("    -c ")]
        trace.write_text("".join(without))
        assert capeasy("run", "--trace-file", trace, *curl, env=ENVIRONMENT)[:2] == (7, "")


@pytest.mark.skipif(shutil.which("curl") is None or shutil.which("strace") is None, reason="no curl, or no strace")
def test_client_with_one_right_less(tmp_path):
    """As each program of the table, but that the server must be there each time."""
    make(tmp_path)
    port = free_port()
    url = f"http://127.0.0.1:{port}/text"
    with started([*SERVER, str(port)], tmp_path):
        fetch(url)
        proof = prove(Program("curl", ("curl", "-s", "--max-time", "20", url)), tmp_path)
    assert proof.same
    assert proof.rights > 0
    assert proof.unnoticed == []
