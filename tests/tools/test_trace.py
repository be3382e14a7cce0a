# SPDX-License-Identifier: BSD-2-Clause
"""capeasy trace: what it tells of a program, in text, as code and as JSON."""

from __future__ import annotations

import json
import os
import pathlib
import pty
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import time

import pytest
from conftest import CAPEASY, ROOT, capeasy

COMPILER = os.environ.get("CC", "cc").split()


@pytest.fixture
def traced(tmp_path):
    """Compile and trace a program; return the JSON, and the program's output."""

    def run(source: str, *arguments: str, status: int = 0, **options: object) -> tuple[dict, str]:
        (tmp_path / "program.c").write_text("#define _GNU_SOURCE\n" + source)
        command = [*COMPILER, "-w", "-pthread", "-o", tmp_path / "program", tmp_path / "program.c"]
        subprocess.run(command, check=True)
        trace = tmp_path / "trace.json"
        got, output, errors = capeasy("trace", "--json", "-o", trace, tmp_path / "program", *arguments, **options)
        assert (got, errors) == (status, "")
        return json.loads(trace.read_text()), output

    return run


def find(trace: dict, what: str) -> dict:
    """Return the one descriptor with this in its description."""
    (found,) = [thing for thing in trace["descriptors"] if what in thing["what"]]
    return found


def refused(trace: dict) -> list[tuple[str, str, bool]]:
    return [(call["call"], call["text"], call["probe"]) for call in trace["refused"]]


def test_rights_ioctls_and_fcntls_of_a_file(traced, tmp_path):
    (tmp_path / "file").write_text("text")
    trace, _ = traced(
        """
        #include <fcntl.h>
        #include <sys/ioctl.h>
        #include <sys/mman.h>
        #include <sys/stat.h>
        #include <unistd.h>
        int main(int argc, char **argv) {
            struct stat s; char b[9]; int n, fd = open(argv[1], O_RDWR | O_CLOEXEC);
            read(fd, b, 2); pwrite(fd, b, 1, 0); fstat(fd, &s); ftruncate(fd, 3); fcntl(fd, F_GETFL);
            ioctl(fd, FIONREAD, &n); ioctl(fd, TIOCGWINSZ, b); mmap(0, 1, PROT_READ, MAP_PRIVATE, fd, 0);
            return 0;
        }""",
        str(tmp_path / "file"),
    )
    file = find(trace, str(tmp_path / "file"))
    assert file["kind"] == "path"
    assert file["flags"] == ["O_RDWR"]
    assert set(file["rights"]) == {"CAP_MMAP_RW", "CAP_FSTAT", "CAP_FTRUNCATE", "CAP_FCNTL", "CAP_IOCTL"}
    assert (file["ioctls"], file["fcntls"]) == (["FIONREAD"], ["GETFL"])
    (probe,) = [call for call in file["calls"] if call["probe"]]
    assert (probe["call"], probe["command"]) == ("ioctl", "TIOCGWINSZ")


def test_what_capability_mode_refuses(traced, tmp_path):
    trace, _ = traced(
        """
        #include <arpa/inet.h>
        #include <fcntl.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <unistd.h>
        int main(int argc, char **argv) {
            struct stat s; struct sockaddr_in a = { AF_INET, htons(9), { htonl(INADDR_LOOPBACK) } };
            int fd = open("/etc/passwd", O_RDONLY), u = socket(AF_INET, SOCK_DGRAM, 0);
            stat("/no/such file", &s); connect(u, (struct sockaddr *)&a, sizeof a); mkdir(argv[1], 0700); rmdir(argv[1]);
            chdir("/"); close(fd); fd = open("etc/passwd", O_RDONLY);
            return 0;
        }""",
        str(tmp_path / "new"),
    )
    names = [("open", False), ("newfstatat", True), ("connect", True), ("mkdir", False), ("rmdir", False)]
    calls = refused(trace)
    assert [(call.removesuffix("at") if call == "openat" else call, probe) for call, _, probe in calls[:5]] == [
        (call, probe) for call, probe in names
    ]
    assert calls[0][1] == "/etc/passwd"
    assert calls[1][1] == "/no/such file"
    assert calls[2][1] == "127.0.0.1 port 9"
    assert calls[5:] == [("chdir", "/", False)]
    passwd = [call for call in trace["refused"] if call["text"] == "/etc/passwd"]
    assert passwd[0]["cure"] == "look users up before, or ask the service system.pwd"
    connect = next(call for call in trace["refused"] if call["call"] == "connect")
    assert connect["cure"] == (
        "bind or connect the socket before, or ask the service system.net (libcasper); "
        "in libcasper: cap_connect of system.net"
    )
    assert (passwd[0]["times"], passwd[0]["first"] < passwd[0]["last"]) == (2, True)


def test_threads_forks_and_execs(traced, tmp_path):
    """All share what is told: a thread's read, a child's write, and what the program that it executes does."""
    trace, output = traced(
        """
        #include <fcntl.h>
        #include <pthread.h>
        #include <sys/wait.h>
        #include <unistd.h>
        static void *thread(void *fd) { char b; read(*(int *)fd, &b, 1); return 0; }
        int main(int argc, char **argv) {
            int ends[2], fd = open("/etc/passwd", O_RDONLY); pthread_t t;
            pthread_create(&t, 0, thread, &fd); pthread_join(t, 0);
            pipe(ends);
            if (fork() == 0) { write(ends[1], "x", 1); execl("/bin/cat", "cat", argv[1], (char *)0); }
            char b; read(ends[0], &b, 1); wait(0);
            return 0;
        }""",
        str(ROOT / "VERSION"),
    )
    assert output == (ROOT / "VERSION").read_text()
    assert "CAP_READ" in find(trace, "/etc/passwd")["rights"]
    assert find(trace, "reading end of a pipe")["rights"] == ["CAP_READ"]
    assert find(trace, "writing end of a pipe")["rights"] == ["CAP_WRITE"]
    assert "CAP_READ" in find(trace, str(ROOT / "VERSION"))["rights"]
    assert [call for call, text, _ in refused(trace) if text == "/bin/cat"] == ["execve"]


def test_connections_of_which_listener(traced):
    trace, _ = traced(
        """
        #include <arpa/inet.h>
        #include <poll.h>
        #include <sys/socket.h>
        #include <unistd.h>
        int main(void) {
            struct sockaddr_in a = { AF_INET, 0, { htonl(INADDR_LOOPBACK) } }; socklen_t n = sizeof a;
            int s = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET, SOCK_STREAM, 0); char b;
            bind(s, (struct sockaddr *)&a, n); listen(s, 1); getsockname(s, (struct sockaddr *)&a, &n);
            connect(c, (struct sockaddr *)&a, n); write(c, "x", 1);
            struct pollfd p = { s, POLLIN }; poll(&p, 1, -1);
            int d = accept(s, 0, 0); read(d, &b, 1); shutdown(d, SHUT_RDWR);
            return 0;
        }"""
    )
    listener = find(trace, "bound to")
    assert set(listener["rights"]) == {"CAP_ACCEPT", "CAP_BIND", "CAP_GETSOCKNAME", "CAP_LISTEN", "CAP_EVENT"}
    assert [call["call"] for call in listener["calls"] if call["only_on_freebsd"]] == ["poll"]
    connection = find(trace, "connection accepted")
    assert connection["from"] == listener["what"]
    assert set(connection["rights"]) == {"CAP_READ", "CAP_SHUTDOWN"}
    assert set(find(trace, "connected to")["rights"]) == {"CAP_WRITE", "CAP_CONNECT"}


def test_what_limits_refuse_whatever_the_rights(traced):
    trace, _ = traced(
        """
        #include <sys/socket.h>
        #include <unistd.h>
        int main(void) { struct msghdr m = { 0 }; int p[2]; socketpair(AF_UNIX, SOCK_DGRAM, 0, p); sendmsg(p[0], &m, 0);
            close(dup(p[0])); return 0; }"""
    )
    assert [(call["call"], call["what"], call["way_out"]) for call in trace["closed"]] == [
        ("sendmsg", None, "write or send, which have no address and pass no descriptor"),
        ("dup", "socket pair", "copy it before it is limited, or use ce_dup()"),
    ]


def test_file_beneath_a_held_directory(traced):
    """It needs rights of the directory, and no name."""
    trace, _ = traced(
        """
        #include <fcntl.h>
        #include <unistd.h>
        int main(void) { char b; int d = open("/etc", O_RDONLY | O_DIRECTORY), f = openat(d, "passwd", O_RDONLY);
            read(f, &b, 1); return 0; }"""
    )
    (directory,) = [thing for thing in trace["descriptors"] if thing["what"] == "/etc"]
    assert set(directory["rights"]) == {"CAP_READ", "CAP_LOOKUP"}
    assert find(trace, "/etc/passwd")["from"] == "/etc"
    assert [text for _, text, _ in refused(trace)] == ["/etc"]


def test_text(tmp_path):
    status, output, errors = capeasy("trace", "cat", "/etc/passwd")
    assert (status, output) == (0, pathlib.Path("/etc/passwd").read_text())
    for line in ("capeasy trace 1: cat /etc/passwd", "Descriptors, and what their calls needed:",
                 "Capability mode would have refused:", "If it entered capability mode:",
                 "For capeasy run --trace-file:"):  # fmt: skip
        assert f"\n{line}\n" in f"\n{errors}", line
    assert "    -p /etc/passwd:CAP_READ, CAP_FSTAT; ioctls none; fcntls none; flags O_RDONLY; times 1\n" in errors
    assert "openat(/etc/passwd), call " in errors
    assert (
        ": open it before, or beneath a directory descriptor with openat; in libcasper: fileargs_open of system.fileargs, for files"
        in errors
    )
    assert "will be refused" not in errors
    assert ": nothing would be refused\n" in errors


def test_text_for_run_lets_a_program_complain(tmp_path):
    """What it is refused then is told before, and by itself."""
    (tmp_path / "file").write_text("1\n1\n")
    trace = tmp_path / "trace.txt"
    assert capeasy("trace", "-o", trace, "uniq", "file", cwd=tmp_path)[:2] == (0, "1\n")
    assert "    -l 2=CAP_WRITE; ioctls none; fcntls none\n" in trace.read_text()
    assert re.search(f"    # this will be refused: dup[23] of {tmp_path}/file\n", trace.read_text())
    status, output, errors = capeasy("run", "--trace-file", trace, "uniq", "file", cwd=tmp_path)
    assert (status, output) == (1, "")
    assert errors.startswith("uniq: file: ")


def test_temporary_file_without_a_name(tmp_path):
    script = (
        f"import tempfile\nwith tempfile.TemporaryFile(dir={str(tmp_path)!r}) as f: f.write(b'text'); print(f.tell())"
    )
    trace = tmp_path / "trace.txt"
    program = [sys.executable, "-I", "-c", script]
    assert capeasy("trace", "-o", trace, *program, cwd=tmp_path)[:2] == (0, "4\n")
    assert re.search(f"    -p {tmp_path}:CAP_PWRITE, .*; flags O_TMPFILE.O_RDWR", trace.read_text())
    assert capeasy("run", "--trace-file", trace, *program, cwd=tmp_path) == (0, "4\n", "")


def test_a_program_writes_no_line_of_its_own(tmp_path):
    """Neither for run, which would give it what the line says, nor past the comment of the code."""
    script = (
        "import os, sys, socket\n"
        "for call in (os.stat, os.mkdir, open, os.rmdir, socket.socket(socket.AF_UNIX).connect):\n"
        "  try: call(sys.argv[1])\n"
        "  except OSError: pass\n"
    )
    hostile = f"{tmp_path}/x\n    -p /etc:READ\n*/ #error\n\\"
    for report in ([], ["--c"], ["--python"]):
        trace = tmp_path / "trace"
        assert capeasy("trace", "-o", trace, *report, sys.executable, "-I", "-c", script, hostile)[0] == 0
        text = trace.read_text()
        assert not any(line.startswith("    -p /etc:READ") for line in text.splitlines())
        if report == ["--c"]:
            assert text.index("*/\n#include") == text.index("*/")
        elif report == ["--python"]:
            compile(text, "trace", "exec")


def test_text_of_what_run_cannot_give(tmp_path):
    _, _, errors = capeasy("trace", "mkdir", tmp_path / "new")
    assert f"    # this will be refused: mkdir({tmp_path}/new)\n" in errors
    _, _, errors = capeasy("trace", "find", ".", "-name", "new", cwd=tmp_path)
    assert "    fchdir(), call " in errors
    assert "refused: fchdir" not in errors  # run remembers the directory


def test_exit_status():
    assert capeasy("trace", "-o", "/dev/null", "sh", "-c", "exit 7") == (7, "", "")
    assert capeasy("trace", "-o", "/dev/null", "sh", "-c", "kill -9 $$")[0] == 137
    status, _, errors = capeasy("trace", "/no/such/program")
    assert (status, errors) == (127, "capeasy trace: /no/such/program: No such file or directory\n")
    status, _, errors = capeasy("trace", "-o", "/no/such/directory/file", "true")
    assert (status, errors) == (1, "capeasy trace: /no/such/directory/file: No such file or directory\n")


def test_timeout(tmp_path):
    trace = tmp_path / "trace.json"
    assert capeasy("trace", "--json", "--timeout", "1", "-o", trace, "sleep", "1000")[0] == 137
    assert json.loads(trace.read_text())["stopped"] == "the time was up"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_interrupted(tmp_path, number):
    """What was seen is written, and the program does not stay behind."""
    trace = tmp_path / "trace.json"
    command = [CAPEASY, "trace", "--json", "-o", trace, "sh", "-c", "echo $$; exec sleep 1000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.send_signal(number)
        process.wait()
    assert find(json.loads(trace.read_text()), "pipe")["rights"] == ["CAP_WRITE"]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_without_proc(tmp_path):
    """It says so, instead of telling what is not true."""
    linked = subprocess.run(["ldd", CAPEASY], capture_output=True, text=True)
    if os.geteuid() != 0 or "statically linked" not in linked.stdout:
        return  # only root may have a root directory without it, and with sanitizers capeasy needs libraries
    shutil.copy(CAPEASY, tmp_path / "capeasy")
    done = subprocess.run(
        ["chroot", tmp_path, "/capeasy", "trace", "/capeasy", "--version"], capture_output=True, text=True
    )
    message = "capeasy trace: /proc cannot be read (No such file or directory): mount it, or nothing can be told\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", message)


def test_running_process(tmp_path):
    """Its threads are watched until the watch ends, and it goes on as if nothing had been."""
    script = (
        "import os, sys, threading\n"
        "def work():\n"
        "  while True: os.pread(fd, 1, 0); os.stat('/etc')\n"
        "fd = os.open('/etc/passwd', os.O_RDONLY)\n"
        "threading.Thread(target=work, daemon=True).start()\n"
        "print('ready', flush=True); sys.stdin.readline(); print('done')\n"
    )
    trace = tmp_path / "trace.json"
    command = [sys.executable, "-I", "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        assert capeasy("trace", "--json", "-o", trace, "-p", process.pid, "--timeout", "1")[0] == 0
        process.stdin.write("\n")
        process.stdin.close()
        assert process.stdout.read() == "done\n"
    told = json.loads(trace.read_text())
    assert told["program"] == command
    assert find(told, "/etc/passwd")["rights"] == ["CAP_PREAD"]
    assert ("newfstatat", "/etc", False) in refused(told)
    assert capeasy("trace", "-p", 2**22 + 1)[0] == 1


def test_terminal(tmp_path):
    """A program that reads the terminal and stops by it can be used."""
    pid, terminal = pty.fork()
    if pid == 0:
        script = "read x; echo got $x; echo $$ > pid; kill -STOP $$; echo on; tty"
        os.chdir(tmp_path)
        os.execv(CAPEASY, [CAPEASY, "trace", "-o", "trace.txt", "sh", "-c", script])
    text = b""

    def wait_for(word: bytes) -> None:
        nonlocal text
        while word not in text:
            text += os.read(terminal, 1000)

    os.write(terminal, b"line\n")
    wait_for(b"got line")
    file = tmp_path / "pid"
    while not file.exists() or not file.read_text().strip():
        time.sleep(0.01)
    child = int(file.read_text())
    while pathlib.Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] not in "tT":
        time.sleep(0.01)
    time.sleep(0.1)
    os.kill(child, signal.SIGCONT)
    wait_for(b"/dev/pts")
    assert b"\non\r" in text
    assert os.waitpid(pid, 0)[1] == 0
    os.close(terminal)


HANDLES_STOPS = """
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTSTP])
print("ready", flush=True)
signal.sigwait([signal.SIGTSTP])
os.stat("/")
print("leaving", flush=True)
os.kill(os.getpid(), signal.SIGTSTP)
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTSTP])
print("back", flush=True)
print("got", input(), flush=True)
"""


@pytest.mark.parametrize(
    "script", [HANDLES_STOPS, "print('ready', flush=True); print('got', input())"], ids=["handled", "default"]
)
def test_stopped_by_a_terminal(tmp_path, script):
    """A shell sees it stop when the program has, which may have things to do before, and continues both."""
    pid, terminal = pty.fork()
    if pid == 0:
        job = 'set -m; "$0" trace -o trace.txt "$@"; echo shell; fg; echo status $?'
        os.chdir(tmp_path)
        os.execvp("bash", ["bash", "-c", job, CAPEASY, sys.executable, "-I", "-c", script])
    text = b""
    for word, key in ((b"ready", b"\x1a"), (b"trace -o trace.txt", b"line\n"), (b"status", b"")):
        while word not in text:
            assert select.select([terminal], [], [], 60)[0], text
            text += os.read(terminal, 1000)
        os.write(terminal, key)
    order = [b"ready", b"leaving", b"shell", b"back", b"got line", b"status 0"]
    if script != HANDLES_STOPS:
        order = [b"ready", b"shell", b"got line", b"status 0"]
    places = [text.find(word) for word in order]
    assert -1 not in places
    assert places == sorted(places)
    assert os.waitpid(pid, 0)[1] == 0
    os.close(terminal)


def test_code_in_c(tmp_path):
    """It compiles, enters, and leaves just what was used."""
    (tmp_path / "a b").write_text("text")
    code = tmp_path / "sandbox.c"
    assert capeasy("trace", "--c", "-o", code, "cat", tmp_path / "a b", env={**os.environ, "LC_ALL": "C"})[0] == 0
    main = """
#include <stdio.h>
int main(void) { if (enter_sandbox() != 0) { perror("enter"); return 1; }
	printf("%d %d\\n", ce_sandboxed(), open("/etc/passwd", 0)); return 0; }
"""
    (tmp_path / "main.c").write_text(code.read_text() + main)
    include = os.environ["INCLUDE"]
    command = [*COMPILER, "-Wall", "-Werror", "-isystem", include, tmp_path / "main.c", "-o", tmp_path / "main"]
    subprocess.run(command, check=True)
    done = subprocess.run([tmp_path / "main"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 -1\n", "")


def test_code_in_python(tmp_path):
    """It runs, and names what was opened."""
    if os.environ["PYCAPSICUM"] == "":
        pytest.skip("this build has no pycapsicum")
    (tmp_path / "file").write_text("text")
    code = tmp_path / "sandbox.py"
    assert capeasy("trace", "--python", "-o", code, "cat", tmp_path / "file")[0] == 0
    text = code.read_text()
    assert f'os.open("{tmp_path}/file", os.O_RDONLY' in text
    assert 'pycapsicum.take(fd, ["CAP_READ", "CAP_FSTAT"])' in text
    use = f"""
import pycapsicum
fd = enter_sandbox()['{tmp_path}/file']
print(os.read(fd, 9), pycapsicum.sandboxed(), pycapsicum.missing(fd, 'CAP_READ, CAP_FSTAT, CAP_WRITE'))
"""
    environment = {**os.environ, "PYTHONPATH": os.environ["PYCAPSICUM"]}
    done = subprocess.run(
        [sys.executable, "-c", text + use], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "b'text' True CAP_WRITE\n", "")


def test_kdump():
    data = ROOT / "tests/data/kdump"
    status, output, errors = capeasy("trace", "--kdump", data / "kdump-outside.txt")
    assert (status, errors) == (0, "")
    assert '    system call not allowed: mkdir, 1 time: use the call with "at" and a directory' in output
    assert "    openat: restricted VFS lookup: /etc/passwd, " in output
    assert "look users up before" in output
    status, output, _ = capeasy("trace", "--kdump", data / "kdump-inside.txt")
    assert status == 0
    assert "    attempt to increase capabilities from CAP_READ to CAP_READ,CAP_WRITE, 1 time\n" in output
    assert "    operation requires CAP_MMAP_R, descriptor holds CAP_READ, 1 time\n" in output
    assert "kdump cannot print which" in output
    status, _, errors = capeasy("trace", "--kdump", ROOT / "VERSION")
    assert status == 1
    assert "ktrace -t pn makes them" in errors


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace")
def test_is_not_slower_than_strace(tmp_path):
    """Side by side, in processor time, the best of several rounds: a program that makes many small reads."""
    command = ["dd", "if=/dev/zero", "of=/dev/null", "bs=1", "count=5000"]

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    def best(*before: str) -> float:
        times = []
        for _ in range(3):
            start = spent()
            subprocess.run([*before, *command], capture_output=True, check=True)
            times.append(spent() - start)
        return min(times)

    assert best(CAPEASY, "trace", "-o", os.devnull) <= best("strace", "-f", "-o", os.devnull)


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace")
def test_bench_measures_every_program():
    command = [sys.executable, "-B", ROOT / "bench/trace.py", CAPEASY]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines()]
    assert [len(row) for row in rows] == [5] * 6
    assert all(float(cell) > 0 for row in rows[2:] for cell in row[1:])
