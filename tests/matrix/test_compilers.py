# SPDX-License-Identifier: BSD-2-Clause
"""The header in every language mode of every compiler at hand: no warning, no symbol that leaks, and it works."""

import errno
import pathlib
import shutil

import pytest
from toolchain import C_STANDARDS, CXX_STANDARDS, WARNINGS, Toolchain, run

MODES = [
    *([compiler, f"-std={standard}"] for compiler in ("gcc", "clang", "musl-gcc") for standard in C_STANDARDS),
    *([compiler, f"-std={standard}"] for compiler in ("g++", "clang++") for standard in CXX_STANDARDS),
]
NATIVE = [[*mode, level] for mode in MODES for level in ("-O0", "-O2")]
# Warnings that only C++ has.
FOR_CXX = {
    "g++": ["-Wold-style-cast", "-Wzero-as-null-pointer-constant", "-Wuseless-cast"],
    "clang++": ["-Wold-style-cast", "-Wzero-as-null-pointer-constant"],
}
FOR_32_BITS = [[*mode, "-m32"] for mode in NATIVE if mode[0] != "musl-gcc"]  # Debian has no musl for 32 bits
COMMANDS = [
    *([*mode, *WARNINGS, *FOR_CXX.get(mode[0], [])] for mode in [*NATIVE, *FOR_32_BITS]),
    *(["tcc", f"-std={standard}", "-Wall", "-Werror"] for standard in ("c99", "c11")),
]

# What the header asks of libc; a system call of ours is a call of syscall().
LIBC = {
    *(
        "__errno_location",
        "___errno_location",
        "bcmp",
        "clone",
        "close",
        "memchr",
        "memcmp",
        "memcpy",
        "memmove",
        "memset",
    ),
    *("strchr", "strcmp", "strcspn", "strerror", "strlen", "strncmp", "strrchr", "strspn", "syscall"),
}
# Weak: the services' library, where it is linked, hears that a filter is coming (include/linux/enforcement/filter.h).
HOOKS = {"ce_before_filter_"}
# What the compilers' own code generation needs.
COMPILER = {"_GLOBAL_OFFSET_TABLE_", "__stack_chk_fail", "__va_arg", "__va_start"}


def symbols(file: pathlib.Path, *options: str) -> set[str]:
    """Return the names that nm lists."""
    return {line.split()[-1] for line in run("nm", *options, file).splitlines()}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command).split(" -W")[0])
def test_compiler(command, tmp_path):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    program = Toolchain(command, tmp_path).program()
    made = symbols(tmp_path / "other_unit.o", "-g", "--defined-only")
    assert {name for name in made if not name.startswith("__x86.get_pc_thunk.")} == {"other_unit"}
    assert symbols(tmp_path / "other_unit.o", "-u") - LIBC - HOOKS - COMPILER == set()
    assert "shared_unit" in symbols(tmp_path / "libshared_unit.so", "-D", "--defined-only")
    assert not {name for name in symbols(tmp_path / "libshared_unit.so", "-D", "--defined-only") if "ce_" in name}
    run(program, errno.ENOSYS if "-m32" in command else 0)
