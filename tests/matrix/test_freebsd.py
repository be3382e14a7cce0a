# SPDX-License-Identifier: BSD-2-Clause
"""The header, the C demo and the Python module compile and link for FreeBSD, with the headers of Zig's distribution.

They are FreeBSD 15.0's: their last system call is 598, jail_remove_jd(2), which is the last of releng/15.0's
sys/sys/syscall.h. Nothing is run: no FreeBSD kernel is at hand.
"""

import importlib
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
RELEASES = ROOT / "tests/data/rights-by-release.tsv"


def compiler(language: str, architecture: str, *options: str) -> list[str]:
    """Return the command of Zig's compiler for FreeBSD; its version 14.0 is the oldest that Zig knows."""
    return [*ZIG, language, "-target", f"{architecture}-freebsd", *options, *WARNINGS]


def headers() -> pathlib.Path:
    """Return the directory of FreeBSD's headers: where the compiler finds one of them."""
    preprocessed = run(*compiler("cc", "x86_64"), "-I", HEADER_DIR, "-E", HERE / "main.c")
    line = next(line for line in preprocessed.splitlines() if line.endswith('/sys/capsicum.h" 1 3'))
    return pathlib.Path(line.split('"')[1]).parent.parent


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


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_python_module(architecture, tmp_path):
    """With the headers of this system's Python, whose configuration is that of another 64-bit system."""
    include = shutil.copytree(sysconfig.get_path("include"), tmp_path / f"python{sysconfig.get_python_version()}")
    # Debian's own pyconfig.h only includes the right one of several.
    shutil.copy(f"/usr/include/{sysconfig.get_config_var('MULTIARCH')}/{include.name}/pyconfig.h", include)
    command = [*compiler("cc", architecture), "-fPIC", "-isystem", str(include), '-DPYCAPSICUM_VERSION="0"']
    toolchain = Toolchain(command, tmp_path)
    toolchain.link("pycapsicum.so", toolchain.compile("pycapsicum.o", ROOT / "bindings/python/pycapsicum.c"), "-shared")


def test_system_header_is_that_of_15_0():
    lines = (headers() / "sys/syscall.h").read_text().splitlines()
    calls = dict(line.split()[1:3] for line in lines if line.startswith("#define"))
    assert (calls["SYS_jail_remove_jd"], calls["SYS_MAXSYSCALL"]) == ("598", "599")


def test_system_header_has_the_rights_of_ours():
    """By the generator's reader; FreeBSD 15.1, which ours follows, added none."""
    sys.path.insert(0, str(ROOT / "gen"))
    rights = importlib.import_module("rights")

    def values(header: pathlib.Path) -> dict[str, int]:
        return {right.name: right.value for right in rights.read_rights(header)}

    assert values(headers() / "sys/capsicum.h") == values(ROOT / "include/linux/sys/capsicum.h")
