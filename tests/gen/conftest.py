# SPDX-License-Identifier: BSD-2-Clause
"""Makes headers, and programs that answer from them, for the tests of the generator."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import releases

ROOT = Path(__file__).resolve().parent.parent.parent
GEN = ROOT / "gen"
INCLUDE = ROOT / "include"
sys.path.insert(0, str(GEN))

STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Werror"]

# The parts that need no kernel, for compiling against headers that Linux's enforcement is not made for.
RIGHTS_ONLY = """\
#include "base.h"
#include "constants.h"
#include "sets.h"
#include "names.h"
#include "text.h"
"""


def run(*arguments: str | Path, text: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program to its end and return what it wrote."""
    return subprocess.run(
        [str(argument) for argument in arguments],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        **options,
    )


def generate(output: Path, *options: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run the generator as a user does."""
    return run(sys.executable, "-B", GEN, *options, "-o", output, **more)


class Driver:
    """A program over one generated header: answers questions (questions.c)."""

    def __init__(self, program: Path) -> None:
        self.program = program

    def ask(self, *questions: str) -> list[str]:
        answer = run(self.program, text="".join(question + "\n" for question in questions))
        assert answer.returncode == 0, answer.stderr
        lines = answer.stdout.splitlines()
        assert len(lines) == len(questions)
        return lines


@pytest.fixture(scope="session")
def whole_header(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a capsicum_easy.h: the build's (CE_BUILD), or one made here."""
    if "CE_BUILD" in os.environ:
        return Path(os.environ["CE_BUILD"])
    directory = tmp_path_factory.mktemp("whole")
    made = generate(directory / "capsicum_easy.h")
    assert made.returncode == 0, made.stderr
    return directory


@pytest.fixture(scope="session")
def driver(whole_header: Path, tmp_path_factory: pytest.TempPathFactory) -> Driver:
    """The driver over our own header."""
    program = tmp_path_factory.mktemp("driver") / "driver"
    built = run(
        "cc", "-std=c99", *STRICT, "-O1", f"-I{whole_header}", Path(__file__).with_name("questions.c"), "-o", program
    )
    assert built.returncode == 0, built.stderr
    return Driver(program)


@pytest.fixture(scope="session")
def rights_parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An include directory for the generator with the parts that need no kernel."""
    parts = tmp_path_factory.mktemp("parts")
    (parts / "capsicum_easy").mkdir()
    for part in (INCLUDE / "capsicum_easy").iterdir():
        shutil.copy(part, parts / "capsicum_easy")
    (parts / "capsicum_easy/all.h").write_text(RIGHTS_ONLY)
    # The header to compile with is found by -I, whichever release's it is.
    (parts / "capsicum_easy/system.h").write_text("#include <sys/capsicum.h>\n")
    (parts / "linux").symlink_to(INCLUDE / "linux")
    return parts


@pytest.fixture(scope="session")
def rights_flags(rights_parts: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Compiler options to use these parts with our own <sys/capsicum.h>."""
    directory = tmp_path_factory.mktemp("rights")
    made = generate(directory / "capsicum_easy.h", "--include", rights_parts)
    assert made.returncode == 0, made.stderr
    # Without the functions: these parts are included by it no more than FreeBSD's includes them.
    ours = (INCLUDE / "linux/sys/capsicum.h").read_text(encoding="utf-8")
    (directory / "sys").mkdir()
    (directory / "sys/capsicum.h").write_text(ours.replace("#include <capsicum_easy.h>\n", ""), encoding="utf-8")
    return [f"-I{directory}"]


@pytest.fixture(scope="session")
def cross_driver(rights_parts: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Driver]:
    """Gives the driver over the tables of one release, compiled with the header of another."""
    directory = tmp_path_factory.mktemp("cross")
    made: dict[tuple[str, str], Driver] = {}
    for release in releases.RELEASES:
        (directory / release / "sys").mkdir(parents=True)
        (directory / release / "sys/capsicum.h").write_text(releases.header(release, compiled=True))
        (directory / f"from-{release}").mkdir()
        (directory / f"{release}.h").write_text(releases.header(release))
        generated = generate(
            directory / f"from-{release}/capsicum_easy.h",
            "--include",
            rights_parts,
            "--header",
            directory / f"{release}.h",
        )
        assert generated.returncode == 0, generated.stderr

    def give(tables: str, compiled_with: str) -> Driver:
        if (tables, compiled_with) not in made:
            program = directory / f"driver-{tables}-{compiled_with}"
            built = run(
                "cc",
                "-std=c99",
                *STRICT,
                f"-I{directory}/from-{tables}",
                f"-I{directory}/{compiled_with}",
                Path(__file__).with_name("questions.c"),
                "-o",
                program,
            )
            assert built.returncode == 0, built.stderr
            made[tables, compiled_with] = Driver(program)
        return made[tables, compiled_with]

    return give
