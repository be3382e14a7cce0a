# SPDX-License-Identifier: BSD-2-Clause
"""The generator reads the header of every release, and what it makes is right with the header of any other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import preprocessor
import pytest
import releases
import rights
from conftest import INCLUDE, STRICT, Driver, generate, run

PAIRS = [(tables, compiled) for tables in releases.RELEASES for compiled in releases.RELEASES]


@pytest.fixture
def release_header(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / "capsicum.h"
    path.write_text(releases.header(request.param))
    return path


def test_the_data_covers_all_releases() -> None:
    assert [len(releases.rights(release)) for release in releases.RELEASES] == [81, 83, 83, 83, 86]


@pytest.mark.parametrize("release_header,release", [(r, r) for r in releases.RELEASES], indirect=["release_header"])
def test_rights_equal_what_a_compiler_made_of_the_real_header(release_header: Path, release: str) -> None:
    assert {right.name: right.value for right in rights.read_rights(release_header)} == releases.rights(release)


@pytest.mark.parametrize("release_header,release", [(r, r) for r in releases.RELEASES], indirect=["release_header"])
def test_every_other_value_too(release_header: Path, release: str) -> None:
    header = preprocessor.preprocess(release_header)
    for name, fact in releases.facts(release).items():
        value = int(fact[6:], 16) if fact.startswith("value:") else releases.right_value(fact)
        if (release, name) == ("10.4", "CAP_FCNTL_ALL"):
            value = 0x78  # the table has the value that is left when the BSD names are hidden: see below
        assert header.value_of(name) == value, name


def test_hidden_bsd_names_choose_the_other_branch(tmp_path: Path) -> None:
    path = tmp_path / "capsicum.h"
    path.write_text(releases.header("10.4"))
    header = preprocessor.preprocess(path, {**preprocessor.PLATFORM, "__BSD_VISIBLE": "0"})
    assert "CAP_FCNTL_GETOWN" not in header.macros
    assert f"value:{hex(header.value_of('CAP_FCNTL_ALL'))}" == releases.facts("10.4")["CAP_FCNTL_ALL"]


def test_our_own_header_is_that_of_15_1() -> None:
    ours = INCLUDE / "linux/sys/capsicum.h"
    assert {right.name: right.value for right in rights.read_rights(ours)} == releases.rights("15.1")
    header = preprocessor.preprocess(ours)
    for name, fact in releases.facts("15.1").items():
        assert header.value_of(name) == (
            int(fact[6:], 16) if ":0x" in fact and fact.startswith("value:") else releases.right_value(fact)
        ), name


def test_our_own_header_documents_every_right_and_gives_flags_as_numbers() -> None:
    header = preprocessor.preprocess(INCLUDE / "linux/sys/capsicum.h", platform={})
    assert [header.value_of(f"CAP_FCNTL_{name}") for name in ("GETFL", "SETFL", "GETOWN", "SETOWN")] == [8, 16, 32, 64]
    silent = [right.name for right in rights.rights_of(header) if not right.comment]
    assert silent == ["CAP_RECV", "CAP_SEND"]  # other names of CAP_READ and CAP_WRITE


@pytest.mark.parametrize("release_header", ["13.2"], indirect=True)
def test_comments_become_documentation(release_header: Path) -> None:
    comments = {right.name: right.comment for right in rights.read_rights(release_header)}
    assert comments["CAP_READ"] == "Allows for openat(O_RDONLY), read(2), readv(2)."
    assert comments["CAP_SEEK"] == "Allows for lseek(2)."  # behind it on the line
    assert comments["CAP_PREAD"] == ""
    assert comments["CAP_PWRITE"] == (
        "Allows for aio_write(2), openat(O_WRONLY) (without O_APPEND), pwrite(2), pwritev(2)."
    )  # of two lines
    assert comments["CAP_PDWAIT"] == "Allows for pdwait4(2)."  # of two paragraphs
    assert comments["CAP_LOOKUP"] == "Lookups - used to constrain *at() calls."


def test_forms_that_no_release_has(tmp_path: Path) -> None:
    path = tmp_path / "capsicum.h"
    path.write_text(
        "\ufeff#define CAPRIGHT(i, b) ((1ULL << (57 + (i))) | (b))\r\n"
        "#  define CAP_A /* inside\r\n the directive */ CAPRIGHT(0, 010) // Octal.\r\n"
        "#define CAP_B \\\r\n  CAPR\\\r\nIGHT(1, 1uLL << 3)\r\n"
        "#define TWICE(x) x + x\n#define PLAIN 1 | 2\n"
        "#define CAP_C CAPRIGHT(0, (PLAIN & 2))\n"  # text, not value: 1 | (2 & 2)
        "#define CAP_D CAPRIGHT(0, TWICE(2) * 3)\n"  # 2 + (2 * 3)
        "#define CAP_E (1 ? CAP_A : CAP_B)\n"
        "#define CAP_F CAPRIGHT(0, ~0ULL / 3 % 0x100 ^ -1 & 0xf - !1)\n"
        "#if defined(CAP_A) && !defined CAP_Z && (1 << 3) == 8 && NOT_DEFINED < 1\n#define CAP_G CAP_A\n"
        "#elif 1\n#define CAP_G CAP_B\n#endif\n"
        "#if 0\n#if 1\n#define CAP_H CAP_A\n#else\n#define CAP_H CAP_B\n#endif\n#elif 2 > 1\n#define CAP_H CAP_C\n"
        "#else\n#define CAP_H CAP_D\n#endif\n"
        "#define CAP_I CAP_A\n#undef CAP_I\n#define CAP_I CAP_B\n"
        "#define CAP_A CAPRIGHT(0, 8)\n"  # again, with the same value
        "#define CAP_J CAPRIGHT(0, 1 << 1 + 2)\n"
        "#define CAP_K CAPRIGHT(0, (0ULL - 1 >> 60) + (1ULL << 63 << 1))\n"  # of 64 bits
        f"#define CAP_L CAPRIGHT(0, {' + '.join(['1'] * 200)})\n"
        '#define TEXT "a\\" /* b"\n'
        "#define NOTHING() 1\n"
        "#define CAP_M CAPRIGHT(0, NOTHING( ))\n"
        "/* About something else. */\n\n#define CAP_N CAPRIGHT(0, 2)\n"
        "#define CAP_LIMIT 256\n#define CAP_CALL(x) x\n#define NOT_CAP_READ CAP_A\n#pragma once\n#\n"
    )
    word0, word1 = 1 << 57, 1 << 58
    assert {right.name: right.value for right in rights.read_rights(path)} == {
        "CAP_A": word0 | 8,
        "CAP_B": word1 | 8,
        "CAP_C": word0 | 3,
        "CAP_D": word0 | 8,
        "CAP_E": word0 | 8,
        "CAP_F": word0 | ((0x55 ^ (0xF)) & 0xFFFFFFFFFFFFFFF),
        "CAP_G": word0 | 8,
        "CAP_H": word0 | 3,
        "CAP_I": word1 | 8,
        "CAP_J": word0 | 8,
        "CAP_K": word0 | 15,
        "CAP_L": word0 | 200,
        "CAP_M": word0 | 1,
        "CAP_N": word0 | 2,
    }
    assert [right.comment for right in rights.read_rights(path)] == ["Octal."] + 13 * [""]


@pytest.mark.parametrize("tables,compiled", PAIRS)
def test_tables_of_one_release_with_the_header_of_another(
    cross_driver: Callable[[str, str], Driver], tables: str, compiled: str
) -> None:
    driver = cross_driver(tables, compiled)
    there = releases.rights(compiled)
    everywhere = {name: value for release in releases.RELEASES for name, value in releases.rights(release).items()}
    values = driver.ask(*(f"value {name}" for name in everywhere))
    assert values == [hex(value) for value in everywhere.values()]

    listed = driver.ask("list")[0].split()
    assert {everywhere[name] for name in listed} == set(there.values())
    assert len(listed) == len(set(there.values()))

    for value in sorted(set(there.values())):
        name = driver.ask(f"name {value}")[0]
        assert everywhere[name] == value
    assert driver.ask("name 0", f"name {1 << 57 | 3}", f"name {(1 << 64) - 1}") == ["(none)"] * 3


@pytest.mark.parametrize("release", releases.RELEASES)
def test_rights_come_in_the_header_s_order_under_their_first_name(
    cross_driver: Callable[[str, str], Driver], release: str
) -> None:
    order = [
        line.split()[1]
        for line in releases.header(release).splitlines()
        if line.startswith("#define\tCAP_") and line.split()[1] in releases.rights(release)
    ]
    assert cross_driver(release, release).ask("list")[0].split() == [
        name for name in order if name not in ("CAP_RECV", "CAP_SEND", "CAP_POLL_EVENT")
    ]


@pytest.mark.parametrize("release", releases.RELEASES)
def test_documentation_is_the_given_header_s_or_else_ours(
    cross_driver: Callable[[str, str], Driver], release: str
) -> None:
    driver = cross_driver(release, release)
    values = releases.rights(release)
    asked = [f"doc {values[name]}" for name in ("CAP_READ", "CAP_PREAD")]
    assert driver.ask(*asked, "doc 0") == [
        "Allows for openat(O_RDONLY), read(2), readv(2).",
        "Allows pread(2), preadv(2), aio_read(2), aio_readv(2), sendfile(2) (source descriptor).",
        "(none)",
    ]


# The functions that FreeBSD declares in <sys/capsicum.h>: result, name, parameters.
PROTOTYPES = """\
cap_rights_t *(__cap_rights_init)(int, cap_rights_t *, ...)
cap_rights_t *(__cap_rights_set)(cap_rights_t *, ...)
cap_rights_t *(__cap_rights_clear)(cap_rights_t *, ...)
bool (__cap_rights_is_set)(const cap_rights_t *, ...)
bool (cap_rights_is_empty)(const cap_rights_t *)
bool (cap_rights_is_valid)(const cap_rights_t *)
cap_rights_t *(cap_rights_merge)(cap_rights_t *, const cap_rights_t *)
cap_rights_t *(cap_rights_remove)(cap_rights_t *, const cap_rights_t *)
bool (cap_rights_contains)(const cap_rights_t *, const cap_rights_t *)
int (cap_enter)(void)
bool (cap_sandboxed)(void)
int (cap_getmode)(unsigned int *)
int (cap_rights_limit)(int, const cap_rights_t *)
int (__cap_rights_get)(int, int, cap_rights_t *)
int (cap_ioctls_limit)(int, const cap_ioctl_t *, size_t)
ssize_t (cap_ioctls_get)(int, cap_ioctl_t *, size_t)
int (cap_fcntls_limit)(int, uint32_t)
int (cap_fcntls_get)(int, uint32_t *)
"""


@pytest.mark.parametrize("first", ["sys/capsicum.h", "capsicum_easy.h"])
@pytest.mark.parametrize("compiler", [["gcc", "-std=c99"], ["clang", "-std=c2x"], ["g++", "-std=c++11"]], ids=" ".join)
def test_code_for_freebsd_s_header_builds_with_ours(
    whole_header: Path, tmp_path: Path, compiler: list[str], first: str
) -> None:
    pointers = [
        line.replace("(", "(*const p_", 1) + f" = {line.split('(')[1].split(')')[0]};"
        for line in PROTOTYPES.splitlines()
    ]
    names = [line.split("(")[1].split(")")[0] for line in PROTOTYPES.splitlines()]
    values = {name: fact for name, fact in releases.facts("15.1").items() if fact.startswith("value:")}
    source = tmp_path / ("use.cc" if "++" in compiler[0] else "use.c")
    source.write_text(
        "\n".join(
            [
                f"#include <{first}>",
                "#include <sys/capsicum.h>",
                "#include <capsicum_easy.h>",
                "int main(void) {",
                "\tcap_rights_t set, other;",
                "\tint count = 0;",
                *(f"\t{pointer}" for pointer in pointers),
                *(f"\t(void)p_{name};" for name in names),
                "\tCAP_ALL(&set);",
                "\tCAP_NONE(&other);",
                "\tcount += cap_rights_init(&other, CAP_READ, CAP_EVENT) == &other;",
                "\tcount += cap_rights_is_set(&other, CAP_READ, CAP_EVENT) && CAPVER(&set) == CAP_RIGHTS_VERSION;",
                "\tcount += CAP_IOCTLS_ALL == (ssize_t)(SIZE_MAX >> 1);",
                *(f"\tcount += {name} == {fact[6:]};" for name, fact in values.items()),
                f"\treturn count == {3 + len(values)} ? 0 : 1;",
                "}",
                "",
            ]
        )
    )
    built = run(*compiler, *STRICT, f"-I{whole_header}", f"-I{INCLUDE}/linux", source, "-o", tmp_path / "use")
    assert built.returncode == 0, built.stderr
    assert run(tmp_path / "use").returncode == 0


def test_old_names_still_build(whole_header: Path, tmp_path: Path) -> None:
    source = tmp_path / "old.c"
    source.write_text(
        "#include <capsicum_easy.h>\n"
        "static const cap_rights_t old = CE_RIGHTS(CAP_LINKAT, CAP_RENAMEAT, CAP_POLL_EVENT);\n"
        "int main(void) { return ce_rights_is_set(&old, CAP_LINKAT_TARGET) ? 0 : 1; }\n"
    )
    built = run("cc", "-std=c99", f"-I{whole_header}", source, "-o", tmp_path / "old")
    assert built.returncode == 0, built.stderr
    assert run(tmp_path / "old").returncode == 0


@pytest.mark.parametrize("compiler", ["gcc", "clang", "g++", "clang++"])
def test_a_header_that_disagrees_does_not_compile(rights_parts: Path, tmp_path: Path, compiler: str) -> None:
    (tmp_path / "given.h").write_text(releases.header("13.2"))
    (tmp_path / "sys").mkdir()
    other = releases.header("13.2", compiled=True)
    (tmp_path / "sys/capsicum.h").write_text(
        other.replace("CAPRIGHT(0, 0x0000000000002000ULL)", "CAPRIGHT(0, 0x0100000000002000ULL)")
    )
    generated = generate(tmp_path / "capsicum_easy.h", "--include", rights_parts, "--header", tmp_path / "given.h")
    assert generated.returncode == 0, generated.stderr
    (tmp_path / "use.c").write_text("#include <capsicum_easy.h>\n")
    built = run(
        compiler, "-fsyntax-only", f"-I{tmp_path}", "-x", "c++" if "++" in compiler else "c", tmp_path / "use.c"
    )
    assert built.returncode != 0
    assert "CAP_FCHMOD has another value in this <sys/capsicum.h>" in built.stderr
    assert "CAP_FCHMODAT has another value in this <sys/capsicum.h>" in built.stderr
    assert "CAP_FCHOWN has" not in built.stderr


def test_a_right_that_no_release_has_yet(rights_parts: Path, tmp_path: Path) -> None:
    text = (
        releases.header("15.1", compiled=True)
        .replace(
            "#define\tCAP_POLL_EVENT",
            "/* Allows for newcall(2) and read(2). */\n"
            "#define CAP_NEW CAPRIGHT(1, 0x0000000000800000ULL)\n#define\tCAP_POLL_EVENT",
        )
        .replace("0x00000000007FFFFFULL", "0x0000000000FFFFFFULL")
    )
    (tmp_path / "sys").mkdir()
    (tmp_path / "sys/capsicum.h").write_text(text)
    generated = generate(
        tmp_path / "capsicum_easy.h", "--include", rights_parts, "--header", tmp_path / "sys/capsicum.h"
    )
    assert generated.returncode == 0, generated.stderr
    built = run("cc", f"-I{tmp_path}", Path(__file__).with_name("questions.c"), "-o", tmp_path / "driver")
    assert built.returncode == 0, built.stderr
    new = 1 << 58 | 0x800000
    driver = Driver(tmp_path / "driver")
    assert driver.ask("value CAP_NEW", f"name {new}", f"calls {new}", "for newcall", "for read", "parse new") == [
        hex(new),
        "CAP_NEW",
        "newcall(2)",
        f"{hex(1 << 57)} {hex(new)}",
        f"{hex(1 << 57 | 1)} {hex(1 << 58)}",
        f"{hex(1 << 57)} {hex(new)}",
    ]
    assert driver.ask("list")[0].split()[-1] == "CAP_NEW"
