# SPDX-License-Identifier: BSD-2-Clause
"""Real programs, as Debian has them, under capeasy run: each does its work, and cannot do more than it was given."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import shutil
import subprocess

import pytest
from conftest import capeasy

NULL = ("-p", "/dev/null:READ, WRITE, FSTAT, SEEK, EVENT, FCNTL; ioctls none; fcntls GETFL")
LIBRARY = subprocess.run(
    ["/usr/bin/python3", "-c", "import os; print(os.path.dirname(os.__file__))"],
    capture_output=True,
    text=True,
    check=True,
).stdout.strip()
PYTHON = ("-p", LIBRARY, "-p", "/usr/lib/python3")


@dataclasses.dataclass(frozen=True)
class Work:
    """What a program does with what it is given, and how it tries to do more: read the secret, or write."""

    name: str
    given: tuple[str, ...]
    argv: tuple[str, ...]
    more: tuple[str, ...]
    text: str | None = None  # what it reads as its input


WORKS = (
    Work("sort", ("-p", "data"), ("sort", "-r", "data"), ("sort", "secret")),
    Work("sort writes", (), ("sort", "-r"), ("sort", "-o", "new"), "2\n1\n"),
    Work("gzip", ("-p", "data"), ("gzip", "-nc", "data"), ("gzip", "data")),
    Work("awk", ("-p", "data"), ("awk", "{ s += $1 } END { print s }", "data"),
         ("awk", 'BEGIN { while ((getline line < "secret") > 0) print line; print "x" > "new" }')),
    Work("sed", ("-p", "data"), ("sed", "s/1/one/", "data"), ("sed", "-i", "s/1/one/", "data")),
    Work("sed reads", (), ("sed", "s/1/one/"), ("sed", "r secret"), "1\n"),
    Work("grep", ("-p", "data"), ("grep", "2", "data"), ("grep", "-r", "e", ".")),
    Work("ls", ("-p", "data"), ("ls", "-ln", "--time-style=+x", "data"), ("ls", "-ln", "secret")),
    Work("find", ("-p", "."), ("find", ".", "-name", "data"), ("find", ".", "-name", "secret", "-exec", "cat", "{}", ";")),
    Work("wc", ("-p", "data"), ("wc", "data"), ("wc", "secret")),
    Work("jq", ("-p", "data"), ("jq", "-s", "add", "data"), ("jq", ".", "secret")),
    Work("openssl", ("-p", "data"), ("openssl", "dgst", "-sha256", "data"), ("openssl", "enc", "-base64", "-in", "secret")),
    Work("bc", (), ("bc", "-q"), ("bc", "secret"), "2 ^ 70\n"),
    Work("perl", NULL, ("perl", "-e", "print 6 * 7"),
         ("perl", "-e", 'open(F, "secret") and print <F>; open(G, ">new"); system("cat secret"); exec("cat", "secret")')),
    Work("file", ("-p", "/usr/share/misc/magic.mgc", "-p", "/usr/lib/file/magic.mgc", "-p", "data"), ("file", "data"),
         ("file", "-m", "secret", "data")),
    Work("python3", PYTHON, ("/usr/bin/python3", "-I", "-c", "import json; print(json.dumps([1]))"),
         ("/usr/bin/python3", "-I", "-c", "import os; print(open('secret').read()); os.system('cat secret')")),
    Work("sqlite3", ("-p", "data.db:READ, SEEK, FSTAT, FLOCK, FCNTL; ioctls none; fcntls none"),
         ("sqlite3", "-readonly", "data.db", "select sum(n) from t"),
         ("sqlite3", "-readonly", "data.db", "attach 'secret' as s; select readfile('secret')")),
    Work("git log", ("-p", "repository", *NULL), ("git", "-C", "repository", "log", "--format=%s"),
         ("git", "-C", "repository", "commit", "--allow-empty", "-m", "more")),
    Work("sh", (), ("sh", "-c", "for i in 1 2; do echo $((i * 2)); done; x=$(echo sub); echo $x; test -n a && pwd"),
         ("sh", "-c", "read x < secret; echo $x; echo y > new; cat secret; exec cat secret")),
)  # fmt: skip


@pytest.fixture
def place(tmp_path: pathlib.Path) -> pathlib.Path:
    """A directory with what the programs read, and with what they must not see."""
    (tmp_path / "data").write_text("1\n2\n3\n")
    (tmp_path / "secret").write_text("the secret\n")
    script = """
        git init -q repository && cd repository && git config user.name x && git config user.email x@y
        git commit -q --allow-empty -m first && cd ..
        ! command -v sqlite3 > /dev/null || sqlite3 data.db 'create table t(n); insert into t values (1), (41)'
    """
    environment = {**os.environ, "HOME": "/nonexistent", "GIT_CONFIG_GLOBAL": "/dev/null"}
    subprocess.run(["sh", "-c", script], cwd=tmp_path, env=environment, check=True)
    return tmp_path


def contents(place: pathlib.Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(place.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_program(place, work):
    if shutil.which(work.argv[0]) is None:
        pytest.skip(f"no {work.argv[0]}")
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": "/nonexistent"}
    options = {"cwd": place, "env": environment}
    text = (work.text or "").encode()
    plain = subprocess.run(work.argv, input=text, capture_output=True, check=True, **options)
    assert plain.stdout
    before = contents(place)

    def run(argv: tuple[str, ...]) -> subprocess.CompletedProcess[bytes]:
        command = [os.environ["CAPEASY"], "run", "-A", *work.given, *argv]
        return subprocess.run(command, input=text, capture_output=True, check=False, **options)

    done = run(work.argv)
    assert (done.returncode, done.stdout, done.stderr) == (0, plain.stdout, plain.stderr)
    more = run(work.more)
    assert b"the secret" not in more.stdout
    assert contents(place) == before


def test_names_beneath_a_directory(tmp_path):
    """All forms of a call with a name reach what was given, by every way to write it, and nothing else."""
    (tmp_path / "held/sub").mkdir(parents=True)
    (tmp_path / "held/sub/file").write_text("text")
    (tmp_path / "other").write_text("other")
    (tmp_path / "held/link").symlink_to("sub/file")
    (tmp_path / "held/out").symlink_to(tmp_path / "other")
    script = """
import errno, os, sys
held, other = sys.argv[1], sys.argv[2]
def name(call, *arguments):
    try:
        return call(*arguments)
    except OSError as error:
        return errno.errorcode.get(error.errno, error.errno)
print(open(held + "/sub/file").read(), open(held + "/./sub//../sub/file").read(), open("held/sub/file").read())
print(sorted(os.listdir(held)), os.path.realpath("held/sub/file") == held + "/sub/file")
print(name(os.stat, held + "/sub/file").st_size, name(os.lstat, held + "/sub").st_nlink, os.access(held + "/sub/file", os.R_OK))
print(name(os.stat, held + "/none"), name(os.readlink, held + "/sub/file"), name(os.readlink, held))
os.chdir("held/sub")
print(os.getcwd() == held + "/sub", open("file").read(), open("../link").read())
print(name(open, "../../other"), name(open, other), name(open, "../out"), name(os.readlink, "../link"))
print(name(open, "new", "w"), name(os.mkdir, "new"), name(os.unlink, "file"), name(os.rename, "file", "../x"))
print(name(os.chdir, "/etc"), os.getcwd() == held + "/sub")
top, sub = os.open(held, os.O_RDONLY), os.open(".", os.O_RDONLY)
print(name(os.fchdir, top), os.getcwd() == held, name(os.fchdir, sub), name(os.fchdir, os.open("sub/file", os.O_RDONLY)))
"""
    status, output, errors = capeasy(
        "run", "-p", "held", *PYTHON, "-A", "/usr/bin/python3", "-I", "-c", script, tmp_path / "held", tmp_path / "other",
        cwd=tmp_path,
    )  # fmt: skip
    assert (status, errors) == (0, "")
    assert output.splitlines() == [
        "text text text",
        "['link', 'out', 'sub'] True",
        "4 2 True",
        "ENOENT EINVAL EINVAL",
        "True text text",
        "ENOENT ENOENT EACCES 194",
        "193 193 193 193",
        "ENOENT True",
        "None True 194 194",
    ]


def test_names_that_may_be_written(tmp_path):
    """What the set of a directory allows is done there, by every call that takes names."""
    (tmp_path / "held").mkdir()
    script = """
import os
open("held/a", "w").write("text")
os.mkdir("held/sub")
os.rename("held/a", "held/sub/b")
os.link("held/sub/b", "held/c")
os.symlink("c", "held/link")
os.unlink("held/sub/b")
os.rmdir("held/sub")
os.truncate("held/c", 2)
"""
    rights = (
        "LOOKUP, READ, SEEK, FSTATAT, WRITE, CREATE, FTRUNCATE, MKDIRAT, RENAMEAT_SOURCE, RENAMEAT_TARGET, UNLINKAT, "
    )
    rights += "LINKAT_SOURCE, LINKAT_TARGET, SYMLINKAT"
    status, output, errors = capeasy(
        "run", "-p", f"held:{rights}", *PYTHON, "-A", "/usr/bin/python3", "-I", "-c", script, cwd=tmp_path
    )
    assert (status, output) == (1, "")
    assert errors.endswith("error 194: 'held/c'\n")  # capability mode has no truncate(2)
    assert sorted(path.name for path in (tmp_path / "held").iterdir()) == ["c", "link"]


def test_file_is_given_as_often_as_said(tmp_path):
    (tmp_path / "file").write_text("text\n")
    script = "for i in 1 2 3 4 5; do read x < file && echo $x; done"
    _, output, _ = capeasy("run", "-p", "file", "sh", "-c", script, cwd=tmp_path)
    assert output == ""  # a limited descriptor cannot be copied to standard input
    script = "import sys\nfor i in range(5): print(open('file').read(), end='')"
    status, output, errors = capeasy(
        "run", "-p", "file", *PYTHON, "-A", "/usr/bin/python3", "-I", "-c", script, cwd=tmp_path
    )
    assert (status, output) == (1, "text\n" * 4)
    assert "Too many open files" in errors


def test_file_is_created(tmp_path):
    limits = "WRITE, SEEK, CREATE, FTRUNCATE, FSTAT"
    script = "open('new', 'w').write('text')"
    arguments = ["run", "-p", f"new:{limits}", *PYTHON, "-A", "/usr/bin/python3", "-I", "-c", script]
    assert capeasy(*arguments, cwd=tmp_path) == (0, "", "")
    assert (tmp_path / "new").read_text() == "text"


def test_file_that_is_to_be_created_is_not_there_before(tmp_path):
    """cp asks whether it is a directory, and what it is, and only then makes it: each open that is refused takes none."""
    (tmp_path / "old").write_text("text")
    given = ["-p", "old", "-p", "new:WRITE, CREATE, FTRUNCATE, FSTAT; flags O_WRONLY|O_CREAT|O_EXCL; times 1"]
    assert capeasy("run", "-A", *given, "cp", "old", "new", cwd=tmp_path) == (0, "", "")
    assert (tmp_path / "new").read_text() == "text"
