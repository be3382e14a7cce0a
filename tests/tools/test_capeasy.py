# SPDX-License-Identifier: BSD-2-Clause
"""The capeasy tool: what it prints, how it exits, and what a program that it runs can still do."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CAPEASY = os.environ["CAPEASY"]
INSIDE = os.environ["INSIDE"]
STREAM = "CAP_FCNTL, CAP_FSTAT, CAP_EVENT, CAP_IOCTL; ioctls 0x5401, 0x802c542a, 0x5413; fcntls GETFL"

needs_static = pytest.mark.skipif(not INSIDE, reason="no static libc")


def capeasy(*arguments: object, **options: object) -> tuple[int, str, str]:
    """Return the exit status, the output and the errors."""
    options.setdefault("stdin", subprocess.DEVNULL)
    command = [CAPEASY, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **options)
    return done.returncode, done.stdout, done.stderr


def test_usage():
    for arguments in (
        [],
        ["nonsense"],
        ["need"],
        ["show"],
        ["show", "a", "b"],
        ["diff", "a"],
        ["status", "x"],
        ["fds", "x"],
        ["run"],
        ["run", "-x"],
        ["run", "-L"],
    ):
        status, output, errors = capeasy(*arguments)
        assert (status, output) == (2, ""), arguments
        assert "usage: capeasy rights" in errors


def test_rights():
    status, output, errors = capeasy("rights")
    names = [line for line in output.splitlines() if not line.startswith(" ")]
    assert (status, errors) == (0, "")
    assert len(names) == len(set(names)) == 83
    assert names[:2] == ["CAP_READ", "CAP_WRITE"]
    assert capeasy("rights", "CAP_FCHDIR", "CAP_FSYNC")[1].startswith("CAP_FCHDIR\n    Allows fchdir(2).\nCAP_FSYNC\n")
    assert capeasy("rights", "CAP_FCHDRI") == (
        1,
        "",
        "capeasy: there is no right CAP_FCHDRI; did you mean CAP_FCHDIR?\n",
    )
    assert capeasy("rights", "x") == (1, "", "capeasy: there is no right x\n")


def test_need():
    assert capeasy("need", "pwrite", "openat(O_WRONLY | O_APPEND)", "close") == (
        0,
        "pwrite: CAP_PWRITE\nopenat(O_WRONLY | O_APPEND): CAP_WRITE, CAP_LOOKUP\nclose: no right\n",
        "",
    )
    assert capeasy("need", "pwritt") == (1, "", "capeasy: pwritt: not a call that is known here\n")
    assert capeasy("need", "read)")[0] == 1


def test_show():
    assert capeasy("show", "seek|READ  cap_event") == (0, "CAP_PREAD, CAP_EVENT\n", "")
    assert capeasy("show", "read, sekk") == (1, "", "capeasy: 'sekk' is no right; did you mean CAP_SEEK?\n")
    assert capeasy("show", "read, qqqqqqqqqq") == (1, "", "capeasy: 'qqqqqqqqqq' is no right\n")


def test_diff():
    assert capeasy("diff", "read write", "read seek") == (1, "- CAP_WRITE\n+ CAP_SEEK\n", "")
    assert capeasy("diff", "pread", "seek, read") == (0, "", "")
    assert capeasy("diff", "read", "") == (1, "- CAP_READ\n", "")
    assert capeasy("diff", "", "read") == (1, "+ CAP_READ\n", "")


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


def test_run_limits_only(tmp_path):
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


def test_run_finds_programs_and_passes_the_status_on():
    assert capeasy("run", "-L", "sh", "-c", "exit 7") == (7, "", "")
    assert capeasy("run", "-L", "sh", "-c", "echo $0", "-l")[1] == "-l\n"  # a program's options stay its own
    assert capeasy("run", "-L", "no-such-program-here")[0] == 127


def test_run_complains(tmp_path):
    assert capeasy("run", "-d", tmp_path, "true")[0] == 2
    assert capeasy("run", "-d", "5=/no/such/directory", "true") == (
        1,
        "",
        "capeasy: /no/such/directory: No such file or directory\n",
    )
    assert capeasy("run", "-l", "77=READ", "true") == (1, "", "capeasy: fd 77: Bad file descriptor\n")
    assert capeasy("run", "-l", "0=REED", "true") == (1, "", "capeasy: 'REED' is no right; did you mean CAP_READ?\n")


def test_run_says_why_a_dynamic_program_does_not_start():
    status, output, errors = capeasy("run", "sh", "-c", "echo out")
    assert (status, output) == (126, "")
    assert errors.endswith(
        ": only a statically linked program can start in capability mode; -L limits descriptors only\n"
    )


@needs_static
def test_run_in_capability_mode(tmp_path):
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
def test_run_with_more_rights(tmp_path):
    (tmp_path / "file").write_text("text")
    _, output, _ = capeasy("run", "-d", f"5={tmp_path}:lookup,read,write,seek,create", INSIDE)
    assert "new file in the directory: yes" in output
    assert (tmp_path / "new").exists()


@pytest.mark.skipif(shutil.which("groff") is None, reason="no groff")
def test_manual_has_no_errors():
    command = ["groff", "-mdoc", "-ww", "-Tascii", "-P-cbou", ROOT / "tools/capeasy.1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    for command in ("rights", "need", "show", "diff", "status", "fds", "run"):
        assert f"capeasy {command}" in done.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
@pytest.mark.parametrize(
    ("words", "reply"),
    [("capeasy s", "show status"), ("capeasy show CAP_FCHM", "CAP_FCHMOD CAP_FCHMODAT"), ("capeasy run -", "-L -d -l")],
)
def test_completion(words, reply):
    script = f"""
    source '{ROOT}/tools/capeasy.bash'
    COMP_WORDS=({words}) COMP_CWORD=$(({len(words.split())} - 1))
    _capeasy
    echo "${{COMPREPLY[@]}}"
    """
    environment = {**os.environ, "PATH": f"{os.path.dirname(CAPEASY)}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.split() == reply.split()
