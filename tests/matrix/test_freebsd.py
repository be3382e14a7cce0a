# SPDX-License-Identifier: BSD-2-Clause
"""The header, the C demo and the Python module compile and link for FreeBSD, with the headers of Zig's distribution.

Nothing is run: no FreeBSD kernel is at hand.
"""

import os
import pathlib
import shlex
import shutil
import sys
import sysconfig

import pytest
from toolchain import C_STANDARDS, CXX_STANDARDS, HEADER_DIR, HERE, ROOT, WARNINGS, Toolchain, run

ZIG = shlex.split(os.environ["ZIG"])  # a command such as "python3 -m ziglang"
ARCHITECTURES = ["x86_64", "aarch64", "riscv64"]

sys.path[:0] = [str(ROOT / "gen"), str(ROOT / "tests/gen")]
import releases  # noqa: E402
import rights  # noqa: E402

# The release of a distribution's headers, by their last system call. ziglang 0.15.1 has those of 14.2, says
# https://github.com/ziglang/zig/pull/23835; in 0.17.1 the last is that of releng/15.0's sys/sys/syscall.h.
RELEASE_OF = {"SYS_getrlimitusage": "14.2", "SYS_jail_remove_jd": "15.0"}
RIGHTS_OF = {"14.2": "14.2", "15.0": "15.1"}  # 15.1 added none to those of 15.0


def compiler(language: str, architecture: str, *options: str) -> list[str]:
    """Return the command of Zig's compiler for FreeBSD; its version 14.0 is the oldest that Zig knows."""
    return [*ZIG, language, "-target", f"{architecture}-freebsd", *options, *WARNINGS]


def headers() -> pathlib.Path:
    """Return the directory of FreeBSD's headers: where the compiler finds one of them."""
    preprocessed = run(*compiler("cc", "x86_64"), "-I", HEADER_DIR, "-E", HERE / "main.c")
    line = next(line for line in preprocessed.splitlines() if line.endswith('/sys/capsicum.h" 1 3'))
    return pathlib.Path(line.split('"')[1]).parent.parent


def release() -> str:
    """Return which FreeBSD the headers are of."""
    lines = (headers() / "sys/syscall.h").read_text().splitlines()
    calls = [line.split()[1] for line in lines if line.startswith("#define")]
    assert calls[-1] == "SYS_MAXSYSCALL"
    return RELEASE_OF[calls[-2]]


@pytest.fixture(scope="session")
def own_header(tmp_path_factory):
    """capsicum_easy.h as it would be made on FreeBSD, from FreeBSD's header."""
    directory = tmp_path_factory.mktemp("own")
    run(sys.executable, ROOT / "gen", "--header", headers() / "sys/capsicum.h", "-o", directory / "capsicum_easy.h")
    return directory


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("standard", C_STANDARDS + CXX_STANDARDS)
def test_header(architecture, standard, tmp_path, own_header):
    command = compiler("c++" if standard in CXX_STANDARDS else "cc", architecture, f"-std={standard}")
    for header_dir in (HEADER_DIR, own_header):
        Toolchain(command, tmp_path, header_dir).unit("other_unit")


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_programs(architecture, tmp_path):
    toolchain = Toolchain(compiler("cc", architecture, "-std=c99"), tmp_path)
    for program in (
        toolchain.program(),
        toolchain.link("quick_demo", toolchain.compile("quick_demo.o", ROOT / "examples/quick_demo.c")),
    ):
        assert b"/libexec/ld-elf.so.1" in program.read_bytes()


def test_capeasy(tmp_path):
    """All of it but trace's own watching, which FreeBSD's kernel does, and what starts a program on Linux."""
    zig = [*ZIG, "cc", "-target", "x86_64-freebsd"]
    command = [*zig, "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-I", str(tmp_path), '-DCAPEASY_VERSION="0"']
    for script, arguments in (("ioctl_names", zig), ("linux_needs", [])):
        made = run(sys.executable, "-B", ROOT / f"gen/{script}.py", *arguments)
        (tmp_path / f"{script.replace('_', '-')}.h").write_text(made)
    toolchain = Toolchain(command, tmp_path)
    elsewhere = {"load", "names", "start_other", "watch_calls"}
    paths = sorted((ROOT / "tools").glob("*.c"))
    sources = [path for path in paths if path.stem not in elsewhere and not path.stem.endswith("_linux")]
    program = toolchain.link("capeasy", *(toolchain.compile(f"{source.stem}.o", source) for source in sources))
    assert b"ktrace -t pn" in program.read_bytes()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_python_module(architecture, tmp_path):
    """With the headers of this system's Python, whose configuration is that of another 64-bit system."""
    include = shutil.copytree(sysconfig.get_path("include"), tmp_path / f"python{sysconfig.get_python_version()}")
    # Debian's own pyconfig.h only includes the right one of several.
    shutil.copy(f"/usr/include/{sysconfig.get_config_var('MULTIARCH')}/{include.name}/pyconfig.h", include)
    command = [*compiler("cc", architecture), "-fPIC", "-isystem", str(include), '-DPYCAPSICUM_VERSION="0"']
    made = ["--c", tmp_path / "generated.h", "--stub", tmp_path / "_capsicum.pyi"]
    run(sys.executable, "-B", ROOT / "gen/stub.py", ROOT / "bindings/python/_capsicum.pyi", *made)
    toolchain = Toolchain([*command, "-I", str(tmp_path)], tmp_path)
    objects = [
        toolchain.compile(f"{source.stem}.o", source) for source in (ROOT / "bindings/python/_capsicum").glob("*.c")
    ]
    toolchain.link("_capsicum.so", *objects, "-shared")


@pytest.mark.parametrize("made_from", releases.RELEASES)
def test_header_made_from_another_release(made_from, tmp_path):
    (tmp_path / "capsicum.h").write_text(releases.header(made_from))
    run(sys.executable, ROOT / "gen", "--header", tmp_path / "capsicum.h", "-o", tmp_path / "capsicum_easy.h")
    Toolchain(compiler("cc", "x86_64", "-std=c99"), tmp_path, tmp_path).unit("other_unit")


def test_system_header_has_the_rights_of_its_release():
    """As the generator reads them."""
    found = {right.name: right.value for right in rights.read_rights(headers() / "sys/capsicum.h")}
    assert found == releases.rights(RIGHTS_OF[release()])


def test_system_header_has_the_values_of_its_release(tmp_path):
    """As the compiler reads them."""
    facts = {other: releases.facts(other) for other in releases.RELEASES}
    here = facts[RIGHTS_OF[release()]]
    lines = ["#include <sys/param.h>", "#include <sys/capsicum.h>"]
    for name, fact in here.items():
        value = int(fact[6:], 16) if fact.startswith("value:") else releases.right_value(fact)
        lines.append(f'_Static_assert({name} == {value}ULL, "{name}");')
    for name in {name for names in facts.values() for name in names} - set(here):
        lines += [f"#ifdef {name}", f"#error {name}", "#endif"]
    (tmp_path / "values.c").write_text("\n".join(lines) + "\n")
    Toolchain(compiler("cc", "x86_64", "-std=c11"), tmp_path).compile("values.o", tmp_path / "values.c")
