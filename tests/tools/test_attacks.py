# SPDX-License-Identifier: BSD-2-Clause
"""Programs of every kind, and loaders of an attacker's, that try to run code of theirs outside capability mode.

Each is run plainly too, where all that it tries succeeds: so the attempts are real.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

import pytest
from conftest import capeasy

SOURCE = pathlib.Path(__file__).with_name("escape.c")
COMPILER = os.environ.get("CC", "cc").split()
GLIBC = ["relocation", "preinit", "constructor"]


def compiled(directory: pathlib.Path, *arguments: str, compiler: list[str] = COMPILER) -> pathlib.Path:
    """Build the attacker; skip where this compiler cannot."""
    output = directory / "attack"
    command = [*compiler, "-O1", *arguments, "-o", str(output), str(SOURCE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"cannot compile: {done.stderr.splitlines()[0]}")
    return output


def attempts(output: str) -> set[str]:
    """Return from where it got out."""
    return {line.removeprefix("out from ") for line in output.splitlines() if line.startswith("out from ")}


def check(program: pathlib.Path, reached: list[str]) -> None:
    """All that is tried succeeds outside, nothing under run, and every place was reached there too."""
    plain = subprocess.run([program], capture_output=True, text=True, check=True)
    assert attempts(plain.stdout) >= {*reached, "main"}
    status, output, errors = capeasy("run", program)
    assert (status, errors) == (0, "")
    assert attempts(output) == set()
    assert f"reached {' '.join(reached)}\n" in output


def test_dynamic(tmp_path):
    check(compiled(tmp_path), GLIBC)


def test_not_relocatable(tmp_path):
    check(compiled(tmp_path, "-no-pie"), GLIBC)


def test_static(tmp_path):
    check(compiled(tmp_path, "-static"), GLIBC)


def test_static_relocatable(tmp_path):
    check(compiled(tmp_path, "-static-pie"), GLIBC)


@pytest.mark.skipif(shutil.which("musl-gcc") is None, reason="no musl")
@pytest.mark.parametrize("arguments", [[], ["-static"]])
def test_musl(tmp_path, arguments):
    check(compiled(tmp_path, *arguments, compiler=["musl-gcc"]), ["constructor"])


def test_set_user_id(tmp_path):
    """The bit has no effect, and no loader's rule about it either; only root can make it mean another user."""
    program = compiled(tmp_path)
    if os.geteuid() == 0:
        os.chown(program, 65534, 65534)
    program.chmod(0o6755)
    plain = subprocess.run([program], capture_output=True, text=True, check=True)
    assert f"same user {int(os.geteuid() != 0)}" in plain.stdout
    status, output, _ = capeasy("run", program)
    assert status == 0
    assert attempts(output) == set()
    assert "same user 1" in output


def test_cleared_environment(tmp_path):
    program = compiled(tmp_path)
    status, output, errors = capeasy("run", program, env={})
    assert (status, errors, attempts(output)) == (0, "", set())


def test_loader_of_an_attackers(tmp_path):
    """What a program names as its loader is just more code: it runs in capability mode."""
    (tmp_path / "loader").mkdir()
    loader = compiled(tmp_path / "loader", "-static", "-no-pie", "-nostdlib", "-nostartfiles", "-DFREESTANDING")
    program = compiled(tmp_path, f"-Wl,--dynamic-linker={loader}")
    plain = subprocess.run([program], capture_output=True, text=True, check=False)
    status, output, _ = capeasy("run", program)
    assert attempts(plain.stdout) >= {"main"}
    assert status == 0
    assert "reached" in output
    assert attempts(output) == set()


def test_preloaded_library_of_an_attackers(tmp_path):
    """LD_PRELOAD is the loader's, which runs inside; a library that was not given is not even found."""
    library = tmp_path / "library.so"
    command = [*COMPILER, "-O1", "-shared", "-fPIC", "-DPRELOADED", "-o", str(library), str(SOURCE)]
    subprocess.run(command, check=True)
    program = compiled(tmp_path)
    environment = {**os.environ, "LD_PRELOAD": str(library)}
    status, output, errors = capeasy("run", program, env=environment)
    assert (status, attempts(output)) == (0, set())
    assert "cannot be preloaded" in errors
    status, output, errors = capeasy("run", "-p", f"{library}:READ, SEEK, FSTAT, MMAP_RX", program, env=environment)
    assert (status, errors, attempts(output)) == (0, "", set())


def test_loader_that_is_missing(tmp_path):
    program = compiled(tmp_path, "-Wl,--dynamic-linker=/no/such/loader")
    assert capeasy("run", program) == (
        126,
        "",
        f"capeasy run: {program}: its loader /no/such/loader: No such file or directory\n",
    )


def test_libraries_are_gone_when_the_program_begins(tmp_path):
    """The directories that the loader read from are held no longer: a program finds nothing there by name."""
    status, output, errors = capeasy("run", "cat", "/etc/ld.so.cache")
    assert (status, output) == (1, "")
    assert "/etc/ld.so.cache" in errors
    status, output, _ = capeasy(
        "run", "sh", "-c", "for f in 3 4 5 6 64 65 255 256 257 258 259; do read x <&$f && echo $x; done"
    )
    assert output == ""


READER = """\
#include <fcntl.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		printf("%d\\n", openat(5, argv[i], O_RDONLY) >= 0);
}
"""


def test_libraries_are_out_of_reach_from_a_directory(tmp_path):
    """A directory is given, from which any path could be looked up that capability mode still allows."""
    source, program, libraries, given = (tmp_path / name for name in ("reader.c", "reader", "libraries", "given"))
    source.write_text(READER)
    subprocess.run([*COMPILER, "-o", program, source], check=True)
    for directory in (libraries, given):
        directory.mkdir()
        (directory / "file").touch()
    environment = {**os.environ, "LD_LIBRARY_PATH": str(libraries)}
    paths = ["file", libraries / "file", "/usr/lib/os-release"]
    plain = subprocess.run(
        ["sh", "-c", f'exec {program} "$@" 5< {given}', "sh", *paths], capture_output=True, check=True
    )
    assert plain.stdout == b"1\n1\n1\n"
    for limits in ("", ":LOOKUP, READ"):
        assert capeasy("run", "-d", f"5={given}{limits}", program, *paths, env=environment) == (0, "1\n0\n0\n", "")
