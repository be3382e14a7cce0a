# SPDX-License-Identifier: BSD-2-Clause
"""Whether trace is right: a program confined to what it said does the same work, and with any right less it does not.

`python3 tests/tools/proof.py` prints the table of docs/trace.md; CAPEASY is the tool.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

CAPEASY = os.environ["CAPEASY"]
#: A copy of it in each directory, since an ordinary user may not reach where it was built.
COPY = "./capeasy"
ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "HOME": "/nonexistent"}

#: What rights are made of, as far as programs here have them.
PARTS = {
    "CAP_PREAD": ("CAP_SEEK", "CAP_READ"),
    "CAP_PWRITE": ("CAP_SEEK", "CAP_WRITE"),
    "CAP_MMAP_R": ("CAP_MMAP", "CAP_SEEK", "CAP_READ"),
    "CAP_MMAP_W": ("CAP_MMAP", "CAP_SEEK", "CAP_WRITE"),
    "CAP_MMAP_X": ("CAP_MMAP", "CAP_SEEK", "0x0000000000000040"),
}

#: Asked for by FreeBSD alone: poll's list of descriptors is in memory, which no filter on Linux sees.
NOT_ON_LINUX = ("CAP_EVENT",)


@dataclasses.dataclass(frozen=True)
class Program:
    """A real program and its work, in a directory that `make` has prepared."""

    name: str
    argv: tuple[str, ...]
    stdin: str = os.devnull
    gives_up_root: bool = False  # by a call that capability mode does not have: not run as root then


PROGRAMS = (
    Program("gzip", ("gzip", "-dc"), "text.gz"),
    Program("xz", ("xz", "-dc"), "text.xz"),
    Program("bzip2", ("bzip2", "-dc", "text.bz2")),
    Program("sort", ("sort", "-rn", "text")),
    Program("awk", ("awk", "{ s += $1 } END { print s }", "text")),
    Program("jq", ("jq", ".a[1]", "data.json")),
    Program("sqlite3", ("sqlite3", "-readonly", "data.db", "select sum(n) from t")),
    Program("openssl dgst", ("openssl", "dgst", "-sha256", "text")),
    Program("tcpdump -r", ("tcpdump", "-n", "-r", "data.pcap"), gives_up_root=True),
    Program("grep", ("grep", "-c", "7", "text")),
    Program("wc", ("wc", "text")),
    Program("bc", ("bc", "-q"), "sums"),
    Program("file", ("file", "text.gz")),
    Program("python3", ("/usr/bin/python3", "-I", "script.py", "text")),
    Program("perl", ("perl", "-ne", "$s += $_; END { print $s }", "text")),
)


def make(directory: pathlib.Path) -> None:
    """Write what the programs work on; any user may work there."""
    directory.chmod(0o777)
    shutil.copy(CAPEASY, directory / COPY)
    (directory / "text").write_text("".join(f"{n}\n" for n in range(500)))
    (directory / "sums").write_text("1 + 2\n2 ^ 100\n")
    (directory / "data.json").write_text('{"a": [1, {"b": 2}]}\n')
    (directory / "script.py").write_text("import json, sys\nprint(json.dumps(sum(map(int, open(sys.argv[1])))))\n")
    header = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")
    packet = bytes.fromhex("ffffffffffff000000000001080045000014000100004011000001020304050607080001000200000000")
    (directory / "data.pcap").write_bytes(header + bytes(8) + len(packet).to_bytes(4, "little") * 2 + packet)
    script = (
        "gzip -kn text; xz -k text; bzip2 -k text; sqlite3 data.db 'create table t(n); insert into t values (1), (41)'"
    )
    subprocess.run(["sh", "-c", script], cwd=directory, check=True)


@dataclasses.dataclass
class Proof:
    """What came of one program."""

    same: bool = False
    rights: int = 0
    noticed: int = 0  # with it taken away the output or the status was another
    refused: int = 0  # the same output, but a call was refused that was not before
    unnoticed: list[str] = dataclasses.field(default_factory=list)


class Trial:
    """Runs one program in one directory."""

    def __init__(self, program: Program, directory: pathlib.Path) -> None:
        self.program = program
        self.directory = directory

    def run(self, *before: str) -> tuple[int, bytes, bytes]:
        nobody = {"user": 65534, "group": 65534, "extra_groups": []} if self.program.gives_up_root else {}
        with open(self.directory / self.program.stdin, "rb") as stdin:
            done = subprocess.run(
                [*before, *self.program.argv],
                cwd=self.directory,
                env=ENVIRONMENT,
                stdin=stdin,
                capture_output=True,
                check=False,
                timeout=60,
                **(nobody if os.geteuid() == 0 else {}),
            )
        return done.returncode, done.stdout, done.stderr

    def trace(self) -> list[str]:
        """Return the lines for run."""
        self.run(COPY, "trace", "-o", "trace.txt")
        return (self.directory / "trace.txt").read_text().splitlines()

    def confined(self, lines: list[str], *before: str) -> tuple[int, bytes, bytes]:
        (self.directory / "less.txt").write_text("\n".join(lines) + "\n")
        return self.run(*before, COPY, "run", "--trace-file", "less.txt")

    def refusals(self, lines: list[str]) -> set[str]:
        """Return the calls of the program that were refused, without what differs from run to run."""
        self.confined(lines, "strace", "-f", "-e", "signal=none", "-e", "status=failed", "-o", "strace.txt")
        text = (self.directory / "strace.txt").read_text()
        refused = re.findall(r"^\d+ +(?!rt_sigreturn)(.*)\(errno 19[34]\)", text, re.MULTILINE)
        return {re.sub(r"0x[0-9a-f]+|less.txt", "", line) for line in refused}


def one_right_less(rights: str) -> Iterator[tuple[str, str]]:
    """Yield each right of a list, and the list without it."""
    names = [part for name in rights.split(", ") for part in PARTS.get(name, (name,))]
    for name in dict.fromkeys(names):
        if name not in NOT_ON_LINUX and name != "none":
            rest = [other for other in dict.fromkeys(names) if other != name]
            yield name, ", ".join(rest) or "none"


def less(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield what can be taken away, one at a time, and what is then left."""
    for at, line in enumerate(lines):
        match = re.fullmatch(
            r"    -([lpcb]) (.*?[=:])((?:CAP_|none|0x)[^;]*); ioctls ([^;]*); fcntls ([^;]*)(.*)", line
        )
        if match is None:
            continue
        option, what, rights, ioctls, fcntls, rest = match.groups()
        parts = [(name, f"{left}; ioctls {ioctls}; fcntls {fcntls}") for name, left in one_right_less(rights)]
        for name in ioctls.split(", "):
            left = ", ".join(other for other in ioctls.split(", ") if other != name) or "none"
            parts += [(name, f"{rights}; ioctls {left}; fcntls {fcntls}")] if name != "none" else []
        for name in fcntls.split(", "):
            left = ", ".join(other for other in fcntls.split(", ") if other != name) or "none"
            parts += [(name, f"{rights}; ioctls {ioctls}; fcntls {left}")] if name != "none" else []
        for name, limits in parts:
            if (what, name) == ("2=", "CAP_WRITE"):
                continue  # which is there for what a program says of a refusal
            yield f"{what}{name}", [*lines[:at], f"    -{option} {what}{limits}{rest}", *lines[at + 1 :]]


def prove(program: Program, directory: pathlib.Path) -> Proof:
    """Trace a program, confine it to that, then take away one right after the other."""
    trial, proof = Trial(program, directory), Proof()
    expected = trial.run()
    lines = trial.trace()
    proof.same = trial.confined(lines) == expected
    refused = functools.cache(lambda: trial.refusals(lines))
    for what, left in less(lines):
        proof.rights += 1
        if trial.confined(left) != expected:
            proof.noticed += 1
        elif trial.refusals(left) - refused():
            proof.refused += 1
        else:
            proof.unnoticed.append(what)
    return proof


def main() -> None:
    print(
        "| program | same output | rights, ioctls, fcntls | without one: other output | the same, but a call refused | no change |"
    )
    print("|---|---|---|---|---|---|")
    for program in PROGRAMS:
        with tempfile.TemporaryDirectory() as directory:
            make(pathlib.Path(directory))
            proof = prove(program, pathlib.Path(directory))
        print(
            f"| {program.name} | {'yes' if proof.same else 'NO'} | {proof.rights} | {proof.noticed} | {proof.refused} | "
            f"{', '.join(proof.unnoticed) or 'none'} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
