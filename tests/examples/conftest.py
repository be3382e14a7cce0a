# SPDX-License-Identifier: BSD-2-Clause
"""Runs the examples that meson built, and the same programs with an attacker inside."""

from __future__ import annotations

import os
import pathlib
import platform
import re
import subprocess

import pytest

HELD, ESCAPED = 8, 9  # tests/examples/attacker.h

FREEBSD = platform.system() == "FreeBSD"
#: What is no escape on FreeBSD: a copy of a descriptor has its limits.
ALLOWED_ON_FREEBSD = {"copy the descriptor"}

# What attack_system() in attacker.h tries.
EVERYWHERE = {
    "open /etc/passwd": "ECAPMODE",
    "create /tmp/attack": "ECAPMODE",
    "unlink /tmp/attack": "ECAPMODE",
    "open /proc/self/fd/0 again": "ECAPMODE",
    "connect to a server": "ECAPMODE",
    "bind a port": "ECAPMODE",
    "signal the parent": "ECAPMODE",
    "trace the parent": "ECAPMODE",
    "run /bin/true": "ECAPMODE",
}
TEXTS = {
    "ECAPMODE": "Not permitted in capability mode",
    "ENOTCAPABLE": "Capabilities insufficient",
    "EACCES": "Permission denied",
    "EPERM": "Operation not permitted",
    "EBADF": "Bad file descriptor",
    "EINVAL": "Invalid argument",
}


def filters(pid: int) -> int:
    """Return how many seccomp filters a process has: on Linux only."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"Seccomp_filters:\t(\d+)", status)
    assert found is not None
    return int(found[1])


class Example:
    """One example, by its name."""

    def __init__(self, name: str) -> None:
        self.program = pathlib.Path(os.environ["EXAMPLES"]) / name
        attacks = pathlib.Path(os.environ["ATTACKS"])
        self.attacked = attacks / f"attacked_{name}"
        self.unprotected = attacks / f"unprotected_{name}"

    def run(self, *arguments: object, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run the example itself."""
        return subprocess.run(
            [self.program, *map(str, arguments)], input=data, capture_output=True, timeout=60, check=False
        )

    def check(self, errors: str, status: int, own: dict[str, str]) -> None:
        """All attempts were refused, each with its errno, and no others were made."""
        tried = {**EVERYWHERE, **own}
        if FREEBSD:  # whose kernel may refuse with any errno: the others are measured by it
            lines = re.sub(r"^(refused: [^:]*): .*$", r"\1", errors, flags=re.MULTILINE).splitlines()
            assert lines == [*(f"refused: {what}" for what in tried if what not in ALLOWED_ON_FREEBSD), "held"]
        else:
            expected = [f"refused: {what}: {TEXTS[error]}" for what, error in tried.items()]
            assert errors.splitlines() == [*expected, "held"]
        assert status == HELD

    def attack(self, *arguments: object, own: dict[str, str], data: bytes = b"") -> None:
        """The attacker inside is refused everything; without the sandbox the first attempt succeeds."""
        for program in (self.attacked,) if FREEBSD else (self.attacked, self.unprotected):
            done = subprocess.run(
                [program, *map(str, arguments)], input=data, capture_output=True, timeout=60, check=False
            )
            if program == self.attacked:
                self.check(done.stderr.decode(), done.returncode, own)
            else:
                assert done.stderr == b"escaped: open /etc/passwd: it worked\n"
                assert done.returncode == ESCAPED


@pytest.fixture
def example(request):
    return Example(request.param)
