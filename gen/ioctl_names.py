# SPDX-License-Identifier: BSD-2-Clause
"""Prints rows for a table of ioctl commands by name: python3 gen/ioctl_names.py CC [ARGUMENT ...]

The compiler lists the macros of the headers that it has; those that look like commands become rows that it computes.
The policy adds the commands that it names itself, with their values.
"""

from __future__ import annotations

import re
import subprocess
import sys

import policy

#: Each is complete by itself. <termios.h> does not go together with Linux's own <asm/termbits.h>.
HEADERS = (
    "asm/termbits.h",
    "asm/ioctls.h",
    "linux/sockios.h",
    "linux/fs.h",
    "linux/fiemap.h",
    "linux/fscrypt.h",
    "linux/fsverity.h",
    "linux/random.h",
    "linux/kd.h",
    "linux/vt.h",
    "linux/if_tun.h",
    "linux/loop.h",
    "linux/rtc.h",
    "linux/input.h",
    "linux/pidfd.h",
    "linux/watchdog.h",
    "linux/hdreg.h",
    "linux/net_tstamp.h",
    "linux/tiocl.h",
    "linux/serial.h",
    "linux/blktrace_api.h",
    "linux/nsfs.h",
    "linux/cdrom.h",
    "linux/perf_event.h",
    "linux/seccomp.h",
    "sys/ttycom.h",
    "sys/filio.h",
    "sys/sockio.h",
    "sys/disk.h",
)

#: A definition is a command if it is made by _IO() and its kin, or if its name says so and it is a plain number.
MADE = re.compile(r"\b_IO[RW]*(_BAD|_NEW)?\s*\(|\b_IOC\s*\(")
NAMED = re.compile(r"(TC|TIO|FIO|SIOC|BLK|CDROM|HDIO|KD|VT_|GIO_|PIO_|LOOP_|RND)[A-Z0-9_]+")
NUMBER = re.compile(r"0x[0-9A-Fa-f]{4}")
#: Names of this form that are arguments or masks.
OTHERS = re.compile(r"(TCOOFF|TCOON|TCIOFF|TCION|TCIFLUSH|TCOFLUSH|TCIOFLUSH|TIOCPKT_.*|TIOCM_.*|TIOCSER_.*)")


def _preprocessed(compiler: list[str], *options: str) -> str:
    source = "".join(f"#if __has_include(<{name}>)\n#include <{name}>\n#endif\n" for name in HEADERS)
    command = [*compiler, "-E", *options, "-x", "c", "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout


def macros(compiler: list[str]) -> dict[str, str]:
    """Return the macros without arguments of all headers that the compiler has, if what they take the size of is defined."""
    defined = set(re.findall(r"\bstruct\s+(\w+)\s*\{", _preprocessed(compiler)))
    found = (re.fullmatch(r"#define (\w+) (.+)", line) for line in _preprocessed(compiler, "-dM").splitlines())
    return {
        match[1]: match[2]
        for match in found
        if match is not None and set(re.findall(r"\bstruct (\w+)", match[2])) <= defined
    }


def is_command(name: str, definition: str) -> bool:
    """Say whether a macro is an ioctl command."""
    if OTHERS.fullmatch(name) or name.startswith("_"):
        return False
    return bool(MADE.search(definition) or (NAMED.fullmatch(name) and NUMBER.fullmatch(definition)))


def of_the_policy() -> dict[str, int]:
    """Return the commands that the policy names: all constants of its part about ioctl, but masks and types."""
    found = re.findall(
        r"^(?:value |\t)([A-Z][A-Z0-9_]+) +(0x[0-9a-f]+) ", policy.sources()["ioctl.policy"], re.MULTILINE
    )
    return {name: int(number, 0) for name, number in found if not name.startswith(("TYPE_", "IOC_"))}


def rows(compiler: list[str]) -> list[str]:
    """Return the rows: by value where only the policy knows a name."""
    known = sorted(name for name, definition in macros(compiler).items() if is_command(name, definition))
    ours = sorted((name, value) for name, value in of_the_policy().items() if name not in known)
    return [*(f'{{ {name}, "{name}" }},' for name in known), *(f'{{ {value:#x}, "{name}" }},' for name, value in ours)]


if __name__ == "__main__":
    print(*(f"#if __has_include(<{name}>)\n#include <{name}>\n#endif" for name in HEADERS), sep="\n")
    print("static const struct {\n\tunsigned long command;\n\tconst char *name;\n} ioctl_names[] = {")
    print(*(f"\t{row}" for row in rows(sys.argv[1:])), "};", sep="\n")
