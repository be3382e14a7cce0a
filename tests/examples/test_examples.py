# SPDX-License-Identifier: BSD-2-Clause
"""Each example does its work, and holds an attacker who has taken it over through what it reads."""

from __future__ import annotations

import contextlib
import gzip
import os
import pathlib
import queue
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator

import pytest
from conftest import ESCAPED, FREEBSD, filters

ATTACK = b"ATTACK\n"


def only(name):
    """Give a test the example of this name."""
    return pytest.mark.parametrize("example", [name], indirect=True)


def write(path: pathlib.Path, data: bytes) -> pathlib.Path:
    path.write_bytes(data)
    return path


@contextlib.contextmanager
def running(program: pathlib.Path, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A program that goes on until it is stopped."""
    command = [str(program), *map(str, arguments)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


# zcat


@only("zcat")
def test_zcat_decompresses(example, tmp_path):
    text = os.urandom(100_000) + bytes(1_000_000)
    one = write(tmp_path / "one.gz", gzip.compress(text))
    two = write(tmp_path / "two.gz", gzip.compress(b"hello ") + gzip.compress(b"world\n"))
    done = example.run(one, two)
    assert (done.returncode, done.stdout, done.stderr) == (0, text + b"hello world\n", b"")
    assert example.run(data=two.read_bytes()).stdout == b"hello world\n"


@only("zcat")
@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"no gzip file", b"incorrect header check"),
        (gzip.compress(b"x" * 1000)[:-9], b"unexpected end of file"),
        (gzip.compress(b"x" * 1000)[:-5] + b"xxxxx", b"incorrect data check"),
        (b"", b"unexpected end of file"),
    ],
)
def test_zcat_complains(example, tmp_path, data, why):
    bad = write(tmp_path / "bad.gz", data)
    done = example.run(bad)
    assert (done.returncode, done.stderr) == (1, b"zcat: %s: %s\n" % (str(bad).encode(), why))


@only("zcat")
def test_zcat_names_the_missing_file(example, tmp_path):
    done = example.run(write(tmp_path / "a.gz", gzip.compress(b"")), tmp_path / "none.gz")
    assert (done.returncode, done.stderr) == (1, f"zcat: {tmp_path}/none.gz: No such file or directory\n".encode())


@only("zcat")
def test_zcat_holds(example, tmp_path):
    example.attack(
        write(tmp_path / "a.gz", gzip.compress(ATTACK, 0)),
        own={
            "write to the file": "ENOTCAPABLE",
            "empty the file": "ENOTCAPABLE",
            "change the file's mode": "ENOTCAPABLE",
            "map the file": "ENOTCAPABLE",
            "copy the descriptor": "ENOTCAPABLE",
            "read standard output": "ENOTCAPABLE",
        },
    )


# filetype


@only("filetype")
@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"", "empty"),
        (b"plain\n", "ASCII text"),
        ("größer\n".encode(), "UTF-8 text"),
        (("ü" * 4096).encode()[: 4096 + 1], "UTF-8 text"),
        (b"\xff\xfe\x00", "data"),
        (b"a\0b", "data"),
        (b"#!/bin/sh\necho\n", "script for /bin/sh"),
        (gzip.compress(b""), "gzip data"),
        (b"%PDF-1.7\n", "PDF document"),
        (b"PK\x03\x04....", "zip archive"),
        (b"\xff\xd8\xff\xe0", "JPEG image"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\2\x80\0\0\1\xe0", "PNG image, 640 x 480"),
        (b"\x89PNG\r\n\x1a\n", "data"),
        (bytes(257) + b"ustar\0", "tar archive"),
        (b"\x7fELF\2\1" + bytes(12) + b"\xb7\0", "ELF 64-bit, AArch64"),
        (b"\x7fELF\1\2" + bytes(12) + b"\0\x28", "ELF 32-bit, ARM"),
        (b"\x7fELF", "data"),
    ],
)
def test_filetype_guesses(example, tmp_path, data, answer):
    file = write(tmp_path / "file", data)
    done = example.run(file)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, f"{file}: {answer}\n", b"")


@only("filetype")
def test_filetype_does_not_wait_for_a_pipe(example, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    assert example.run(tmp_path / "fifo").stdout == f"{tmp_path}/fifo: empty\n".encode()


@only("filetype")
def test_filetype_holds(example, tmp_path):
    example.attack(
        write(tmp_path / "file", ATTACK),
        own={
            "write to the file": "ENOTCAPABLE",
            "change the file's owner": "ENOTCAPABLE",
            "lock the file": "ENOTCAPABLE",
            "write to standard input": "ENOTCAPABLE",
            "pass the file to somebody": "ECAPMODE",
        },
    )


# httpd


@pytest.fixture
def site(tmp_path):
    root = tmp_path / "site"
    (root / "sub").mkdir(parents=True)
    write(root / "index.html", b"<p>hello\n")
    write(root / "sub" / "a b.bin", bytes(range(256)) * 1000)
    write(tmp_path / "secret", b"secret\n")
    (root / "link").symlink_to("/etc/passwd")
    (root / "up").symlink_to("../secret")
    (root / "inside").symlink_to("index.html")
    return root


needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def curl(url: str, *arguments: str) -> tuple[int, bytes]:
    """Return the status and the body."""
    options = ["-s", "--path-as-is", "--noproxy", "*", "-m", "20", "-w", "%{stderr}%{http_code}"]
    done = subprocess.run(["curl", *options, *arguments, url], capture_output=True, check=False)
    return int(done.stderr or 0), done.stdout


@needs_curl
@only("httpd")
def test_httpd_serves(example, site):
    with running(example.program, site) as server:
        url = server.stdout.readline().strip()
        for _ in range(3):  # numbers are used again and again
            assert curl(url) == (200, b"<p>hello\n")
            assert curl(f"{url}sub/a%20b.bin?query") == (200, bytes(range(256)) * 1000)
            assert curl(f"{url}inside") == (200, b"<p>hello\n")
            assert curl(f"{url}none")[0] == 404
            assert curl(f"{url}index.html/x")[0] == 404
            assert curl(f"{url}sub")[0] == 404
            assert curl(f"{url}../secret")[0] == 403
            assert curl(f"{url}%2e%2e/secret")[0] == 403
            assert curl(f"{url}%2fetc/passwd")[0] == 403
            assert curl(f"{url}link")[0] == 403
            assert curl(f"{url}up")[0] == 403
            assert curl(url, "-X", "DELETE")[0] == 400
        assert FREEBSD or filters(server.pid) == 4  # start, mode, connections, files
        assert server.poll() is None


@needs_curl
@only("httpd")
def test_httpd_holds(example, site):
    own = {
        "open ../secret": "EACCES",
        "open a link to /etc/passwd": "EACCES",
        "create a file to serve": "ENOTCAPABLE",
        "write to a file served": "ENOTCAPABLE",
        "remove a file served": "ENOTCAPABLE",
        "make a directory": "ENOTCAPABLE",
        "go to the directory": "ECAPMODE",
        "turn the connection around": "ENOTCAPABLE",
    }
    with running(example.attacked, site) as server:
        url = server.stdout.readline().strip()
        curl(url)
        assert curl(f"{url}ATTACK") == (0, b"")
        example.check(server.stderr.read(), server.wait(), own)
    if FREEBSD:  # no program can be run there that only believes to be in a sandbox
        return
    with running(example.unprotected, site) as server:
        url = server.stdout.readline().strip()
        curl(url)
        curl(f"{url}ATTACK")
        assert server.wait() == ESCAPED
    assert (site / "index.html").read_bytes() == b"<p>hello\n"


# separated


@pytest.fixture
def settings(tmp_path):
    directory = tmp_path / "settings"
    directory.mkdir()
    write(directory / "main", b"# comment\nname=one\ninclude more\ninclude none\nname=last\nnonsense\n")
    write(directory / "more", b"colour=blue\n")
    write(directory / "loop", b"include loop\n")
    write(directory / "attack", b"include evil\n")
    write(directory / "evil", ATTACK)
    write(directory / "ways", b"include ../secret\ninclude link\ninclude /etc/passwd\ninclude .\n")
    write(tmp_path / "secret", b"secret=1\n")
    (directory / "link").symlink_to("/etc/passwd")
    return directory


@only("separated")
def test_separated_parses(example, settings):
    done = example.run(settings, "main")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines() == [
        "name: one",
        "colour: blue",
        "not available: none",
        "name: last",
        "not understood: nonsense",
    ]
    assert example.run(settings, "loop").stdout == b"not available: loop\n"


@only("separated")
def test_separated_gives_nothing_else(example, settings):
    done = example.run(settings, "ways")
    assert done.stdout.decode().splitlines() == [
        f"not available: {name}" for name in ("../secret", "link", "/etc/passwd", ".")
    ]


@only("separated")
def test_separated_holds(example, settings):
    example.attack(
        settings,
        "attack",
        own={
            "ask for ../secret": "EPERM",
            "ask for a link to /etc/passwd": "EPERM",
            "ask for the directory": "EPERM",
            "write to the file included": "EBADF",
            "open the file for writing": "ECAPMODE",
            "send a descriptor to the helper": "ECAPMODE",
            "shut the channel down": "ENOTCAPABLE",
        },
    )


# follow


def append(path: pathlib.Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


@only("follow")
def test_follow_prints_what_comes(example, tmp_path):
    log = write(tmp_path / "log", b"before\n")
    with running(example.program, "-a", tmp_path, "log") as follow:
        assert follow.stdout.readline() == "before\n"
        append(log, b"appended\n")
        assert follow.stdout.readline() == "appended\n"
        append(log, b"\033]0;evil\a\n")
        assert follow.stdout.readline() == "?]0;evil?\n"
        for turn in range(3):
            log.rename(tmp_path / f"log.{turn}")
            write(log, b"rotated %d\n" % turn)
            assert follow.stdout.readline() == f"rotated {turn}\n"
        write(log, b"emptied\n")
        assert follow.stdout.readline() == "emptied\n"
        assert FREEBSD or filters(follow.pid) <= 4  # start, mode, two numbers for the log


@only("follow")
def test_follow_starts_at_the_end(example, tmp_path):
    log = write(tmp_path / "log", b"before\n")
    with running(example.program, tmp_path, "log") as follow:
        # When it has begun cannot be seen on every system: what it prints is whole lines that were appended, none before.
        lines = queue.SimpleQueue()
        threading.Thread(target=lambda: lines.put(follow.stdout.readline()), daemon=True).start()
        for _ in range(200):
            append(log, b"appended\n")
            with contextlib.suppress(queue.Empty):
                assert lines.get(timeout=0.1) == "appended\n"
                return
        raise AssertionError("nothing was printed")


@only("follow")
def test_follow_holds(example, tmp_path):
    write(tmp_path / "secret", b"secret\n")
    logs = tmp_path / "logs"
    logs.mkdir()
    write(logs / "log", b"line\n" + ATTACK)
    example.attack(
        "-a",
        logs,
        "log",
        own={
            "empty the log": "ENOTCAPABLE",
            "write to the log": "ENOTCAPABLE",
            "remove the log": "ENOTCAPABLE",
            "rename the log": "ENOTCAPABLE",
            "open ../secret": "EACCES",
            "touch the log": "ENOTCAPABLE",
            "watch another directory": "ECAPMODE",
        },
    )
    assert (logs / "log").read_bytes() == b"line\n" + ATTACK


# uniq


@only("uniq")
@pytest.mark.parametrize(
    ("options", "output"),
    [
        ([], b"a\nb\na\n"),
        (["-c"], b"   2 a\n   1 b\n   1 a\n"),
        (["-d"], b"a\n"),
        (["-u"], b"b\na\n"),
    ],
)
def test_uniq_works_unchanged(example, tmp_path, options, output):
    text = b"a\na\nb\na\n"
    file = write(tmp_path / "in", text)
    assert example.run(*options, data=text).stdout == output
    assert example.run(*options, file).stdout == output
    assert example.run(*options, file, tmp_path / "out").returncode == 0
    assert (tmp_path / "out").read_bytes() == output


@only("uniq")
def test_uniq_holds(example, tmp_path):
    example.attack(
        write(tmp_path / "in", ATTACK),
        own={
            "write to the input": "ENOTCAPABLE",
            "seek in the input": "ENOTCAPABLE",
            "read the output": "ENOTCAPABLE",
            "change the output's mode": "ENOTCAPABLE",
            "make the output non-blocking": "ENOTCAPABLE",
        },
    )


# logresolve: in each line a service is asked for the name


def local_name() -> str:
    """Return what this machine calls 127.0.0.1: that address itself if it has no name for it."""
    try:
        return socket.getnameinfo(("127.0.0.1", 0), socket.NI_NAMEREQD)[0]
    except socket.gaierror:
        return "127.0.0.1"


@only("logresolve")
def test_logresolve_resolves(example, tmp_path):
    log = write(tmp_path / "log", b"127.0.0.1 - - GET /\nno address\n\n999.1.1.1 x\n")
    done = example.run(log, tmp_path / "missing")
    expected = f"{local_name()} - - GET /\nno address\n\n999.1.1.1 x\n".encode()
    error = f"logresolve: {tmp_path}/missing: No such file or directory\n".encode()
    assert (done.returncode, done.stdout, done.stderr) == (1, expected, error)


@only("logresolve")
def test_logresolve_holds(example, tmp_path):
    example.attack(
        write(tmp_path / "log", ATTACK),
        own={
            "open another file by the service": "ENOTCAPABLE",
            "look at a file by the service": "ENOTCAPABLE",
            "name files to the service again": "ENOTCAPABLE",
            "tell a secret in a name to look up": "ENOTCAPABLE",
            "widen what can be looked up": "ENOTCAPABLE",
            "open another service": "EINVAL",
            "start another casper": "ECAPMODE",
            "write to the log": "ENOTCAPABLE",
            "widen the log's rights": "ENOTCAPABLE",
        },
    )
