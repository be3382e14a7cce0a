# SPDX-License-Identifier: BSD-2-Clause
"""capeasy's manners, and the commands that answer questions: what they print and how they exit."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys

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
    assert capeasy("TRACE")[2].endswith("; did you mean trace?\n")
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
    lines = on_terminal("show", "all", columns=40).splitlines()
    assert len(lines) > 10
    assert all(len(line) <= 40 for line in lines)
    assert " ".join(lines) == capeasy("show", "all")[1].rstrip()


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
        "capeasy rights: 'read,fsync' is not one right; capeasy show prints sets\n",
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
    assert "  metadata of paths only with CAP_FSTATAT in capability mode\n" in output
    assert output.endswith("no   in capability mode now\n")


def may_ask_filters() -> bool:
    """Whether the kernel tells us another process's: with CAP_SYS_ADMIN, and under no filter."""
    fields = dict(line.split(":\t", 1) for line in open("/proc/self/status", encoding="utf-8"))
    return int(fields["CapEff"], 16) >> 21 & 1 == 1 and int(fields["Seccomp"]) == 0


def status_of(command: list[object]) -> list[str]:
    """Return what status says of a program that copies lines, which goes on after that."""
    words = [str(word) for word in command]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("before\n")
        process.stdin.flush()
        assert process.stdout.readline() == "before\n"  # it is confined, and in its own code
        status, output, errors = capeasy("status", "-p", process.pid)
        assert (status, errors) == (0, "")
        assert process.communicate("after\n", timeout=60) == ("after\n", None)
        assert process.returncode == 0
    return output.splitlines()


STREAM = "CAP_PWRITE, CAP_FCNTL, CAP_FSTAT, CAP_EVENT, CAP_IOCTL; ioctls TCGETS, TCGETS2, TIOCGWINSZ; fcntls GETFL"
NOT_ASKED = "?    in capability mode: only a user with CAP_SYS_ADMIN may ask its filters"


def test_status_of_a_process():
    """Its mode and the newest of its limits, to whoever may ask; to others, what cannot be asked."""
    run = [CAPEASY, "run", "-L", "-l", "0=READ, FSTAT, WRITE"]
    lines = status_of([*run, CAPEASY, "run", "-L", "-l", "0=READ, FSTAT", "cat"])
    inside = status_of([CAPEASY, "run", "-l", "0=READ, FSTAT, EVENT", "cat"])
    assert re.fullmatch("yes  filters, which limits and capability mode are made of: [0-9]+", lines[1])
    assert lines[2] == "no   new privileges by set-user-ID programs"
    descriptors = [re.sub(r"pipe:\[\d+\]", "pipe", line) for line in lines if line.startswith("fd ")]
    if not may_ask_filters():
        assert lines[0] == inside[0] == NOT_ASKED
        assert lines[3].startswith("?    limits of its descriptors: ")
        assert descriptors[:2] == ["fd 0, pipe", "fd 1, pipe"]
        return
    assert lines[0] == "no   in capability mode, as its filters answer"
    assert (
        inside[0].split(";")[0] == "yes  in capability mode, as its filters answer"
    )  # kernels before 7.0 may have lost something
    assert descriptors[:2] == ["fd 0, pipe: CAP_READ, CAP_FSTAT; ioctls none; fcntls none", f"fd 1, pipe: {STREAM}"]
    assert any(
        re.fullmatch(r"fd 0, .*: CAP_READ, CAP_FSTAT, CAP_EVENT; ioctls none; fcntls none", line) for line in inside
    )


def test_status_of_a_process_without_filters():
    lines = status_of(["cat"])
    assert lines[:2] == ["no   in capability mode", "no   filters, which limits and capability mode are made of"]
    assert re.fullmatch(r"fd 0, pipe:\[\d+\]", lines[3])


# A filter that ends whoever calls prctl(2), as every question does.
FOREIGN = """
import ctypes, struct, sys
number = {"x86_64": 157, "aarch64": 167}[sys.argv[1]]
code = struct.pack("HBBI" * 4, 0x20, 0, 0, 0, 0x15, 0, 1, number, 6, 0, 0, 0x80000000, 6, 0, 0, 0x7FFF0000)
held = ctypes.create_string_buffer(code)
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 4, ctypes.addressof(held)))
prctl = ctypes.CDLL(None).prctl
assert prctl(38, 1, 0, 0, 0) == 0 and prctl(22, 2, program) == 0
for line in sys.stdin:
    print(line, end="", flush=True)
"""


def test_status_of_a_process_with_a_filter_of_another_maker():
    lines = status_of([sys.executable, "-c", FOREIGN, os.uname().machine])
    if may_ask_filters():
        assert lines[0] == "?    in capability mode: a filter of another maker ends whoever asks"
    else:
        assert lines[0] == NOT_ASKED
    assert lines[1].startswith("yes  filters")


def test_fds(tmp_path):
    with open(tmp_path / "file", "w", encoding="utf-8") as file:
        _, output, _ = capeasy("fds", pass_fds=[file.fileno()])
        numbers = [0, 1, 2, file.fileno()]
    assert output == "".join(f"fd {fd}: all rights; ioctls all; fcntls all\n" for fd in numbers)


# Calls


def test_need():
    """As this system has it: with what to do about it, for functions of the C library too."""
    assert capeasy("need", "pwrite", "openat(O_WRONLY | O_APPEND)", "close", "dprintf", "mmap(PROT_EXEC)") == (
        0,
        "pwrite: CAP_PWRITE\nopenat(O_WRONLY | O_APPEND): CAP_WRITE, CAP_LOOKUP\nclose: no right\ndprintf: CAP_PWRITE\n"
        "mmap(PROT_EXEC): CAP_MMAP_RX\n",
        "",
    )
    status, output, errors = capeasy("need", "dup", "sendmsg", "fopen", "open", "epoll_ctl", "fcntl(F_DUPFD)")
    assert (status, errors) == (0, "")
    assert [line.split("; ")[0] for line in output.splitlines()] == [
        "dup: refused on a descriptor with any limit",
        "sendmsg: refused as soon as any descriptor is limited",
        "fopen: no right",
        "open: no right",
        "epoll_ctl: argument 1 CAP_KQUEUE_CHANGE",
        "fcntl(F_DUPFD): refused on a descriptor with any limit",
    ]
    assert "; open it before; or openat beneath a directory descriptor, then fdopen; in libcasper: " in output
    assert "open: no right; not in capability mode; " in output
    assert capeasy("need", "PWrite", "OpenAt(O_WRONLY)") == (
        0, "pwrite: CAP_PWRITE\nopenat(O_WRONLY): CAP_PWRITE, CAP_LOOKUP\n", "")  # fmt: skip
    assert capeasy("need", "--freebsd", "dup", "sendmsg", "mmap") == (
        0, "dup: no right\nsendmsg: CAP_WRITE\nmmap: CAP_MMAP\n", "")  # fmt: skip
    assert capeasy("need", "pwritt") == (
        1, "", "capeasy need: pwritt: not a call that is known here; did you mean pwrite?\n")  # fmt: skip
    assert capeasy("need", "qqqqqqqqqqqqqq")[2] == "capeasy need: qqqqqqqqqqqqqq: not a call that is known here\n"
    assert capeasy("need", "read)")[0] == 1


def test_need_names_services():
    """Each function of each service that does the call, and of which there is nothing else to say too."""
    assert capeasy("need", "getpwnam", "getaddrinfo", "getpwuid_r", "syslog", "connect") == (
        0,
        "getpwnam: no right; look it up before, or ask the service system.pwd (libcasper); in libcasper: "
        "cap_getpwnam of system.pwd\n"
        "getaddrinfo: no right; look the name up before, or ask the service system.net or system.dns (libcasper); in libcasper: "
        "cap_getaddrinfo of system.dns, cap_getaddrinfo of system.net\n"
        "getpwuid_r: no right; in libcasper: cap_getpwuid_r of system.pwd\n"
        "syslog: no right; not in capability mode; openlog with LOG_NDELAY before, or ask the service "
        "system.syslog (libcasper); in libcasper: cap_syslog of system.syslog\n"
        "connect: CAP_CONNECT; not in capability mode; bind or connect the socket before, or ask "
        "the service system.net (libcasper); in libcasper: cap_connect of system.net\n",
        "",
    )
    assert capeasy("need", "--freebsd", "getpwnam", "open", "read")[1] == (
        "getpwnam: no right; in libcasper: cap_getpwnam of system.pwd\n"
        "open: no right; in libcasper: fileargs_open of system.fileargs, for files of the command line\n"
        "read: CAP_READ\n"
    )
    assert capeasy("need", "getpwuid_q")[2].endswith("; did you mean getpwuid_r?\n")


def test_need_knows_every_call_of_the_policy():
    status, output, _ = capeasy("need", "--list")
    names = output.splitlines()
    assert status == 0
    assert names == sorted(set(names))
    assert len(names) > 400
    status, output, errors = capeasy("need", *names)
    assert (status, errors) == (0, "")
    assert len(output.splitlines()) == len(names)


def test_explain():
    text = """
12 openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = -1 (errno 194)
[pid 7] pwrite64(5, "x", 1, 0) = -1 ENOTCAPABLE (Capabilities insufficient)
write(2, "Unknown error 194", 17) = 17
read(0, "", 1) = 0
cat: x: Not permitted in capability mode
dup2: [Errno 193] Unknown error 193
"""
    done = subprocess.run([CAPEASY, "explain"], input=text, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert lines[0].startswith("12 openat(")
    assert lines[1] == (
        "  openat: capability mode does not permit it; open it before, or beneath a directory descriptor with openat"
    )
    assert lines[3].startswith("  pwrite64: fd 5 ")
    assert lines[5].startswith("  Not permitted in capability mode; the line does not say of which call")
    assert lines[7].startswith(
        "  dup2: the descriptor is limited, and this call is refused whatever its rights; copy it"
    )
    assert len(lines) == 8
    assert capeasy("explain", "/no/such/file")[::2] == (
        1, "capeasy explain: /no/such/file: No such file or directory\n")  # fmt: skip


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (
            '7 openat(3, "O_RDWR) \\", x", O_WRONLY|O_CREAT|O_TRUNC, 0666) = -1 (errno 193)',
            "openat(O_WRONLY | O_CREAT | O_TRUNC): fd 3 lacks one of CAP_WRITE, CAP_CREATE, CAP_FTRUNCATE, CAP_LOOKUP, or ",
        ),
        ("fcntl(4, F_GETFL) = -1 ENOTCAPABLE", "fcntl(F_GETFL): fd 4 lacks one of CAP_FCNTL, or "),
        ("column: write error: Unknown error 193", "perhaps write: the descriptor lacks one of CAP_WRITE"),
        ("thread: write: Unknown error 193", "write: the descriptor lacks one of CAP_WRITE"),
        (
            'utimensat(AT_FDCWD, "x", NULL, 0) = -1 (errno 194)',
            "utimensat: .* permit it; open it before, then fstatfs, f",
        ),
    ],
)
def test_explain_by_arguments(line, answer):
    """A tracer prints what decides which rights a call needs; a word of a sentence need not be a call."""
    done = subprocess.run([CAPEASY, "explain"], input=f"{line}\n", capture_output=True, text=True, check=True)
    pattern = "  " + re.escape(answer).replace(r"\.\*", ".*")
    assert re.match(pattern, done.stdout.splitlines()[1])


NO_ROOM = "no room for another filter: limit what is known together with ce_limit_each, and the rest with ce_take"
BUSY = "another thread has a seccomp filter of its own, or io_uring polls for this process"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (
            "7 seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=9}) = -1 ENOMEM (Cannot allocate memory)",
            f"seccomp: .*; {NO_ROOM}",
        ),
        ("ce_limit: Cannot allocate memory", f"ce_limit: .*; {NO_ROOM}"),
        ("CapsicumError: [Errno 12] Cannot allocate memory", f"if a call that limits or enters .*; {NO_ROOM}"),
        ("7 seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, {len=9}) = 8", f"seccomp: .*; {BUSY}"),
        ("cap_enter: Resource busy", f"cap_enter: .*; {BUSY}"),
        ('7 openat(3, "x", O_RDONLY) = -1 EMFILE (Too many open files)', "the process has as many .*RLIMIT_NOFILE"),
        ("[pid 7] <... openat resumed>) = -1 EMFILE (Too many open files)", "the process has as many .*RLIMIT_NOFILE"),
        ("7 rt_sigreturn({mask=[]}) = -1 EMFILE (Too many open files)", "capeasy run .* how often .*; times N"),
        ("ce_open: Too many open files", "ce_open: .*no number without limits is free"),
        ("cat: f: Too many open files", "the process has as many .* capeasy run .* times N"),
        ("7 seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, {len=9}) = 0", None),
        ("7 seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, {len=9}) = 8", None),
        ("7 mmap(NULL, 4096, PROT_READ, 0, -1, 0) = -1 ENOMEM (Cannot allocate memory)", None),
        ("<... mmap resumed>) = -1 ENOMEM (Cannot allocate memory)", None),
        ('7 umount("/mnt") = -1 EBUSY (Device or resource busy)', None),
    ],
)
def test_explain_what_there_was_no_room_for(line, answer):
    """As ce_explain() says it; of calls that have nothing to do with limits, nothing."""
    done = subprocess.run([CAPEASY, "explain"], input=f"{line}\n", capture_output=True, text=True, check=True)
    if answer is None:
        assert done.stdout == ""
        return
    first, second = done.stdout.splitlines()
    assert first == line
    assert re.match(f"  {answer}", second)


def test_status_of_no_process():
    assert capeasy("status", "-p", 2**22 + 1) == (1, "", "capeasy status: process 4194305: No such process\n")


# Completions


def completing() -> dict[str, str]:
    """Return an environment in which capeasy is found."""
    return {**os.environ, "PATH": f"{os.path.dirname(CAPEASY)}:{os.environ['PATH']}", "TERM": "dumb"}


def words_of_bash(line: str) -> list[str]:
    """Split a line as bash does for completion, at "=" and ":" too."""
    return re.findall(r"[=:]+|[^ =:]+|(?<= )$", line)


def complete(shell: str, line: str) -> list[str]:
    """Return what a shell would offer for the last word of a line."""
    words = words_of_bash(line)
    scripts = {
        "bash": f"""
            source '{ROOT}/tools/capeasy.bash'
            COMP_WORDS=({" ".join(repr(word) for word in words)}) COMP_CWORD={len(words) - 1}
            _capeasy capeasy {words[-1]!r} {words[-2]!r}
            printf '%s\\n' "${{COMPREPLY[@]}}" """,
        "fish": f"source '{ROOT}/tools/capeasy.fish'; complete -C '{line}'",
    }
    command = [shell, *(["--norc"] if shell == "bash" else ["--no-config"]), "-c", scripts[shell]]
    done = subprocess.run(command, capture_output=True, text=True, env=completing(), check=True)
    return [reply.split("\t")[0] for reply in done.stdout.splitlines()]


@pytest.mark.parametrize("shell", ["bash", "fish"])
@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("capeasy s", ["show", "status"]),
        ("capeasy show CAP_FCHM", ["CAP_FCHMOD", "CAP_FCHMODAT"]),
        ("capeasy show CAP_READ,CAP_FCHM", ["CAP_READ,CAP_FCHMOD", "CAP_READ,CAP_FCHMODAT"]),
        ("capeasy show CAP_READ,FCHM", ["CAP_READ,FCHMOD", "CAP_READ,FCHMODAT"]),
        ("capeasy diff all read,fchmoda", ["read,FCHMODAT"]),
        ("capeasy need open epoll_ct", ["epoll_ctl", "epoll_ctl_old"]),
        ("capeasy need EPOLL_CT", ["epoll_ctl", "epoll_ctl_old"]),
        ("capeasy run --tr", ["--trace-file"]),
        ("capeasy trace --py", ["--python"]),
        ("capeasy run -l 0=READ,FCHMODA", ["READ,FCHMODAT"]),
        ("capeasy run -p /etc/passwd:READ -l 0=READ -L gzexe", ["gzexe"]),
    ],
)
def test_completion(shell, line, reply):
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell}")
    got = sorted(complete(shell, line))
    if shell == "bash" and line[-1].islower():  # bash keeps the case, fish has one
        reply = [word.lower() for word in reply]
    assert [word.removeprefix("0=") for word in got] == reply  # which is a word by itself in bash


def test_completion_of_zsh(tmp_path):
    """What a line is after the completion key."""
    if shutil.which("zsh") is None:
        pytest.skip("no zsh")
    lines = {
        "capeasy stat": "capeasy status ",
        "capeasy show CAP_FCHMODA": "capeasy show CAP_FCHMODAT,",
        "capeasy show CAP_READ,fchmoda": "capeasy show CAP_READ,FCHMODAT,",
        "capeasy need open EPOLL_CT": "capeasy need open epoll_ctl",
        "capeasy run --tr": "capeasy run --trace-file ",
        "capeasy trace --py": "capeasy trace --python ",
        "capeasy run -p /etc/passwd:FCHMODA": "capeasy run -p /etc/passwd:FCHMODAT,",
        "capeasy run -l 0=READ -L gzex": "capeasy run -l 0=READ -L gzexe ",
    }
    (tmp_path / "_capeasy").symlink_to(ROOT / "tools/capeasy.zsh")
    reading, writing = os.pipe()
    (tmp_path / "setup").write_text(f"""
        fpath=({tmp_path} $fpath); autoload -Uz compinit; compinit -D -u
        tell() {{ zle complete-word; print -r -- $BUFFER >&{writing}; BUFFER= }}
        zle -N tell; bindkey '^I' tell; print ready >&{writing}
    """)
    ours, theirs = pty.openpty()
    command = ["zsh", "-f", "-i"]
    streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs, "pass_fds": [writing]}
    with subprocess.Popen(command, env=completing(), start_new_session=True, **streams) as shell, open(reading) as told:
        os.close(theirs)
        os.close(writing)
        os.write(ours, f"source {tmp_path}/setup\n".encode())
        try:
            assert told.readline() == "ready\n"
            for line, completed in lines.items():
                os.write(ours, f"{line}\t".encode())
                assert told.readline() == f"{completed}\n"
        finally:
            shell.kill()
            os.close(ours)
