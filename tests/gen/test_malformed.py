# SPDX-License-Identifier: BSD-2-Clause
"""What is wrong with a header is said as file:line: error: what, and nothing is written."""

from __future__ import annotations

import os
import resource
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import GEN, INCLUDE, generate, run
from rights import read_rights
from tokens import HeaderError

CAPRIGHT = "#define CAPRIGHT(idx, bit) ((1ULL << (57 + (idx))) | (bit))\n"
READ = "#define CAP_READ CAPRIGHT(0, 0x1ULL)\n"
GOOD = CAPRIGHT + READ  # two lines

# What follows GOOD, the line of the error (the first when it is about all of the header), and a part of its text.
MALFORMED = {
    "comment never closed": ("\n/* Allows\nread(2).\n#define CAP_X CAP_READ\n", 4, "comment is never closed"),
    "parenthesis never closed": ("#define CAP_X (CAP_READ | (2)\n", 3, "parentheses are not balanced"),
    "parenthesis never opened": ("#define CAP_X CAP_READ | 2)\n", 3, "parentheses are not balanced"),
    "call never closed": ("#define CAP_X CAPRIGHT(0, (2)\n", 3, "parentheses are not balanced"),
    "alias of itself": ("#define CAP_X CAP_X\n", 3, "CAP_X is defined by itself"),
    "circle of aliases": (
        "#define CAP_X CAP_Y\n#define CAP_Y (CAP_Z)\n#define CAP_Z CAP_X\n",
        5,
        "CAP_X is defined by itself: CAP_X -> CAP_Y -> CAP_Z -> CAP_X",
    ),
    "two words": (
        "#define CAP_EVENT CAPRIGHT(1, 0x20ULL)\n\n#define CAP_X (CAP_READ | CAP_EVENT)\n",
        5,
        "a right belongs to one word",
    ),
    "a third word": ("#define CAP_X CAPRIGHT(2, 1)\n", 3, "a set has 2 words"),
    "a version": ("#define CAP_X ((1ULL << 62) | 1)\n", 3, "a set has 2 words"),
    "no bit": ("#define CAP_X CAPRIGHT(0, 0ULL)\n", 3, "at least one bit"),
    "unknown name": ("#define CAP_X \\\n\t(CAP_READ |\\\n\t CAP_RAED)\n", 5, "'CAP_RAED' is not defined"),
    "no value": ("#define CAP_X\n", 3, "CAP_X has no value"),
    "no value but a comment": ("#define CAP_X /* to do */\n", 3, "CAP_X has no value"),
    "value ends early": ("#define CAP_X (CAP_READ |\n", 3, "ends too early"),
    "two values": ("#define CAP_X CAP_READ CAP_READ\n", 3, "unexpected '('"),
    "statement": ("#define CAP_X do { } while (0)\n", 3, "'do' is not defined"),
    "string": ('#define CAP_X "CAP_READ"\n', 3, "unexpected '\"CAP_READ\"'"),
    "other value later": ("\n#define CAP_READ CAPRIGHT(0, 0x2ULL)\n", 4, "CAP_READ has another value than on line 2"),
    "other kind later": ("#define CAPRIGHT 1\n", 3, "CAPRIGHT has another value than on line 1"),
    "continued at the end": ("#define CAP_X CAP_READ \\", 3, "the file ends"),
    "continued at the last newline": ("#define CAP_X CAP_READ \\\n", 3, "the file ends"),
    "too large": ("#define CAP_X 0x10000000000000000\n", 3, "does not fit in 64 bits"),
    "far too large": (f"#define CAP_X 1{'0' * 10000}\n", 3, "does not fit in 64 bits"),
    "no integer": ("#define CAP_X 0xULL\n", 3, "'0xULL' is not an integer"),
    "digit of another base": ("#define CAP_X 08\n", 3, "'08' is not an integer"),
    "underscore": ("#define CAP_X 1_0\n", 3, "'1_0' is not an integer"),
    "suffix": ("#define CAP_X 1ULX\n", 3, "'1ULX' is not an integer"),
    "suffix twice": ("#define CAP_X 1lul\n", 3, "'1lul' is not an integer"),
    "fraction": ("#define CAP_X 1.5\n", 3, "'1.5' is not an integer"),
    "shift": ("#define CAP_X (1ULL << 64)\n", 3, "a shift by 64"),
    "shift to the right": ("#define CAP_X (1ULL >> 64)\n", 3, "a shift by 64"),
    "division": ("#define CAP_X (CAP_READ / 0)\n", 3, "division by zero"),
    "remainder": ("#define CAP_X (CAP_READ % (1 - 1))\n", 3, "division by zero"),
    "question without answer": ("#define CAP_X (1 ? CAP_READ)\n", 3, "'?' without ':'"),
    "too few arguments": ("#define CAP_X CAPRIGHT(0)\n", 3, "CAPRIGHT wants 2 arguments, not 1"),
    "too many arguments": ("#define CAP_X CAPRIGHT(0, 1, 2)\n", 3, "CAPRIGHT wants 2 arguments, not 3"),
    "no arguments": ("#define CAP_X CAPRIGHT\n", 3, "CAPRIGHT is used without its arguments"),
    "parameters never closed": ("#define F(a, b\n", 3, "'(' without ')' after F"),
    "parameter": ("#define F(a, 1) a\n", 3, "'1' among the parameters of F"),
    "nothing defined": ("#define\n", 3, "#define wants a name"),
    "number defined": ("#define 1 2\n", 3, "#define wants a name"),
    "nothing undefined": ("#undef\n", 3, "#undef wants a name"),
    "ifdef of nothing": ("#ifdef\n#endif\n", 3, "#ifdef wants a name"),
    "if never closed": ("#if 1\n#define CAP_X CAP_READ\n", 3, "#if is never closed"),
    "endif alone": ("#endif\n", 3, "#endif without #if"),
    "else alone": ("#else\n", 3, "#else without #if"),
    "else twice": ("#if 1\n#else\n#else\n#endif\n", 5, "#else after #else"),
    "elif after else": ("#if 1\n#else\n#elif 1\n#endif\n", 5, "#elif after #else"),
    "if of nothing": ("#if\n#endif\n", 3, "ends too early"),
    "if of nonsense": ("#if 1 +\n#endif\n", 3, "ends too early"),
    "defined of nothing": ("#if defined\n#endif\n", 3, "'defined' wants one name"),
    "defined never closed": ("#if defined(CAP_READ\n#endif\n", 3, "'defined' wants one name"),
    "nested": (f"#define CAP_X {'(' * 5000}1{')' * 5000}\n", 3, "nested more than"),
    "signs": (f"#define CAP_X {'- ' * 5000}1\n", 3, "nested more than"),
    "a chain that is too long": (
        "".join(f"#define CAP_{i} CAP_{i + 1}\n" for i in range(5000)),
        102,
        "more than 100 names deep",
    ),
    "growth": (
        "#define A0 1\n" + "".join(f"#define A{i + 1} A{i} + A{i}\n" for i in range(60)) + "#define CAP_X A60\n",
        16,
        "takes more than 100000 steps",
    ),
    "growth of nothing": (
        "#define A0\n" + "".join(f"#define A{i + 1} A{i} A{i}\n" for i in range(60)) + "#if A60\n#endif\n",
        4,
        "takes more than 100000 steps",
    ),
    "many large values": (
        f"#define A0 ({'0 + ' * 1000}CAP_READ)\n" + "".join(f"#define CAP_{i} A0\n" for i in range(200)),
        29,
        "takes more than 100000 steps",
    ),
    "long name": (f"#define CAP_{'X' * 60} CAPRIGHT(0, 2)\n", 3, "has more than 63 characters"),
    "long comment": (
        f"/* {'x' * 4096} */\n#define CAP_X CAPRIGHT(0, 2)\n",
        4,
        "comment of CAP_X has more than 4095 bytes",
    ),
    "long comment of two-byte characters": (
        f"/* {'é' * 2048} */\n#define CAP_X CAPRIGHT(0, 2)\n",
        4,
        "more than 4095 bytes",
    ),
    "parentheses in a comment": (f"/* {'a(' * 200000} */\n#define CAP_X CAPRIGHT(0, 2)\n", 4, "more than 4095 bytes"),
    "comments": (
        "".join(f"/* {i:04000} */\n#define CAP_{i} CAPRIGHT(0, {i + 2})\n" for i in range(20)),
        1,
        "the comments of the rights are too long: the tables have room for 65536 bytes",
    ),
    "comments of parts": (
        "".join(f"/* c{i}({'x' * 4000}) */\n#define CAP_{i} CAPRIGHT(0, {2 << i})\n" for i in range(2))
        + "#define CAP_X (CAP_0 | CAP_1)\n",
        1,
        "a string has room for 4095",
    ),
    "control character": ("#define CAP_X \x01\n", 3, "0x01 does not belong"),
    "control character in a comment": ("\n/* \x1b[31m */\n", 4, "0x1b does not belong"),
    "control character in a string": ('#define X "\x9b31m"\n', 3, "0x9b does not belong"),
    "NUL": ("\n\0", 4, "0x00 does not belong"),
    "lines of an old Macintosh": ("#define CAP_X\r#define CAP_Y\r", 3, "0x0d does not belong"),
}


def check(path: Path, tmp_path: Path, line: int, what: str) -> None:
    output = tmp_path / "output" / "capsicum_easy.h"
    output.parent.mkdir()
    made = generate(output, "--header", path)
    assert made.returncode == 1
    assert made.stdout == ""
    assert len(made.stderr.splitlines()) == 1
    assert made.stderr.startswith(f"{path}:{line}: error: ")
    assert what in made.stderr
    assert os.listdir(output.parent) == []


@pytest.mark.parametrize("kind", MALFORMED)
def test_malformed(tmp_path: Path, kind: str) -> None:
    text, line, what = MALFORMED[kind]
    path = tmp_path / "capsicum.h"
    path.write_text(GOOD + text)
    check(path, tmp_path, line, what)


def test_the_same_without_the_mistake(tmp_path: Path) -> None:
    path = tmp_path / "capsicum.h"
    path.write_text(GOOD)
    assert generate(tmp_path / "capsicum_easy.h", "--header", path).returncode == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "/* empty */",
        CAPRIGHT,
        "#define CAP_FCNTL_GETFL 8\n",
        "#define CAP_ALL0 1\n",
        f"#ifdef _KERNEL\n{GOOD}#endif\n",
        "#include <sys/capsicum.h>\n",
    ],
)
def test_no_rights(tmp_path: Path, text: str) -> None:
    path = tmp_path / "capsicum.h"
    path.write_text(text)
    check(path, tmp_path, 1, "no rights are defined here")


def test_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "capsicum.h"
    path.write_bytes(GOOD.encode() + b"\n/* caf\xe9 */\n")
    check(path, tmp_path, 4, "not UTF-8: byte 0xe9")


def test_directory(tmp_path: Path) -> None:
    (tmp_path / "directory").mkdir()
    check(tmp_path / "directory", tmp_path, 1, "cannot be read: not a regular file")


def test_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # which nobody writes to
    check(tmp_path / "pipe", tmp_path, 1, "cannot be read: not a regular file")


def test_large(tmp_path: Path) -> None:
    path = tmp_path / "capsicum.h"
    path.write_text(GOOD)
    os.truncate(path, 1 << 21)
    check(path, tmp_path, 1, "cannot be read: larger than 1048576 bytes")


def test_circular_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("link")
    check(tmp_path / "link", tmp_path, 1, "cannot be read: Too many levels of symbolic links")


def test_missing(tmp_path: Path) -> None:
    check(tmp_path / "missing.h", tmp_path, 1, "cannot be read: No such file or directory")


def test_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "capsicum.h"
    path.write_text(GOOD)
    path.chmod(0)
    if os.geteuid() != 0:
        check(path, tmp_path, 1, "cannot be read: Permission denied")
        return
    # Root reads everything, and somebody else may not be able to run the generator where it is.
    monkeypatch.chdir(tmp_path)
    os.seteuid(65534)
    try:
        with pytest.raises(HeaderError, match="^capsicum.h:1: error: cannot be read: Permission denied$"):
            read_rights(Path("capsicum.h"))
    finally:
        os.seteuid(0)


def test_too_many_names(tmp_path: Path) -> None:
    path = tmp_path / "capsicum.h"
    path.write_text(CAPRIGHT + "".join(f"#define CAP_{i} CAPRIGHT(0, {i + 1})\n" for i in range(255)))
    check(path, tmp_path, 1, "have room for")


def test_what_was_there_stays_when_something_is_wrong(tmp_path: Path) -> None:
    output = tmp_path / "capsicum_easy.h"
    output.write_text("before")
    (tmp_path / "bad.h").write_text("#define CAP_READ (\n")
    assert generate(output, "--header", tmp_path / "bad.h").returncode == 1
    assert output.read_text() == "before"
    assert sorted(os.listdir(tmp_path)) == ["bad.h", "capsicum_easy.h"]


def test_output_that_cannot_be_written(tmp_path: Path) -> None:
    made = generate(tmp_path / "missing" / "capsicum_easy.h")
    assert made.returncode == 1
    assert made.stderr == (f"{tmp_path}/missing/capsicum_easy.h: error: cannot be written: No such file or directory\n")
    (tmp_path / "directory").mkdir()
    made = generate(tmp_path / "directory")
    assert made.returncode == 1
    assert made.stderr == f"{tmp_path}/directory: error: cannot be written: Is a directory\n"
    assert os.listdir(tmp_path) == ["directory"]
    (tmp_path / "link").symlink_to("link")
    made = generate(tmp_path / "link")
    assert made.returncode == 1
    assert made.stderr == f"{tmp_path}/link: error: cannot be written: Too many levels of symbolic links\n"
    assert (tmp_path / "link").is_symlink()


def test_no_room_for_the_output(tmp_path: Path) -> None:
    made = generate(
        tmp_path / "capsicum_easy.h",
        env={**os.environ, "COVERAGE_PROCESS_START": ""},  # it would want to write a file too
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000)),
    )
    assert made.returncode == 1
    assert made.stderr == f"{tmp_path}/capsicum_easy.h: error: cannot be written: File too large\n"
    assert os.listdir(tmp_path) == []


def test_a_pipe_or_device_is_written_to_and_stays(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_text()), daemon=True)
    reader.start()
    made = generate(tmp_path / "pipe")
    reader.join(timeout=10)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "pipe").is_fifo()
    assert read[0].endswith("#endif /* CE_CODE_ */\n")
    assert os.listdir(tmp_path) == ["pipe"]


@pytest.mark.parametrize("link", [None, os.symlink, os.link])
def test_the_header_is_not_overwritten(tmp_path: Path, link: Callable[[Path, Path], None] | None) -> None:
    header = output = tmp_path / "capsicum.h"
    header.write_text(GOOD)
    if link is not None:
        output = tmp_path / "capsicum_easy.h"
        link(header, output)
    made = generate(output, "--header", header)
    assert made.returncode == 1
    assert made.stderr == f"{output}: error: cannot be written: it is the header that was read\n"
    assert header.read_text() == GOOD


def test_a_part_that_is_missing(tmp_path: Path) -> None:
    (tmp_path / "capsicum_easy").mkdir()
    (tmp_path / "linux").symlink_to(INCLUDE / "linux")
    (tmp_path / "capsicum_easy/all.h").write_text('\n#include "lost.h"\n')
    made = generate(tmp_path / "capsicum_easy.h", "--include", tmp_path)
    assert made.returncode == 1
    assert made.stderr == f"{tmp_path}/capsicum_easy/all.h:2: error: there is no {tmp_path}/capsicum_easy/lost.h\n"


def test_a_generator_without_its_own_files(tmp_path: Path) -> None:
    shutil.copytree(GEN, tmp_path / "gen")
    made = run(sys.executable, "-B", tmp_path / "gen", "--include", INCLUDE, "-o", tmp_path / "capsicum_easy.h")
    assert made.returncode == 1
    assert made.stderr == f"{tmp_path}/VERSION: error: cannot be read: No such file or directory\n"


def test_usage() -> None:
    for options in ("", "-o", "--header x", "-o x y"):
        made = run(sys.executable, "-B", GEN, *options.split())
        assert made.returncode == 2
        assert "usage: python3 gen" in made.stderr
