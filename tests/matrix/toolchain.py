# SPDX-License-Identifier: BSD-2-Clause
"""Building the matrix's program with one compiler and one set of options."""

import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
HEADER_DIR = pathlib.Path(os.environ["HEADER_DIR"])  # where the build put capsicum_easy.h

WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wredundant-decls -Werror".split()
C_STANDARDS = ["c99", "c11", "c17", "c2x"]
CXX_STANDARDS = ["c++11", "c++17", "c++20"]


def run(*command: object) -> str:
    """Run a command that must succeed in silence on standard error; return its output."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == "", f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout


class Toolchain:
    """A compiler with the options that every unit is compiled with."""

    def __init__(self, command: list[str], directory: pathlib.Path, header_dir: pathlib.Path = HEADER_DIR) -> None:
        self.command = [*command, "-I", str(header_dir)]
        self.language = ["-x", "c++"] if any(word.startswith("-std=c++") for word in command) else []
        self.directory = directory

    def compile(self, name: str, source: pathlib.Path, *options: str) -> pathlib.Path:
        """Return the object file made of a source."""
        made = self.directory / name
        run(*self.command, *self.language, *options, "-c", source, "-o", made)
        return made

    def link(self, name: str, *arguments: object) -> pathlib.Path:
        """Return the program or library made of object files."""
        made = self.directory / name
        run(*self.command, *arguments, "-o", made)
        return made

    def unit(self, name: str, *options: str) -> pathlib.Path:
        """Return the object file of one more unit with the header, whose function has this name."""
        return self.compile(f"{name}.o", HERE / "other_unit.c", f"-DUNIT={name}", *options)

    def program(self) -> pathlib.Path:
        """Return a program of two units and a shared library beside it."""
        library = self.link("libshared_unit.so", "-shared", self.unit("shared_unit", "-fPIC"))
        main = self.compile("main.o", HERE / "main.c")
        return self.link("program", main, self.unit("other_unit"), library, "-Wl,-rpath,$ORIGIN")
