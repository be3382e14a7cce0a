# SPDX-License-Identifier: BSD-2-Clause
"""Constant sets: what compiles, what does not and says why, and that they cost nothing when the program runs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import releases
from conftest import STRICT, run

C = [
    ["gcc", "-std=c99"],
    ["gcc", "-std=c2x"],
    ["clang", "-std=c99"],
    ["clang", "-std=c17"],
    ["tcc"],
    ["musl-gcc", "-std=c11"],
]
CXX = [["g++", "-std=c++11"], ["g++", "-std=c++20"], ["clang++", "-std=c++11"], ["clang++", "-std=c++17"]]
COMPILERS = [words for words in C + CXX if shutil.which(words[0])]

MISTAKES = {
    "ORed": ("CAP_READ | CAP_EVENT", "separate.rights.with.commas"),
    "ORed in a list": ("CAP_READ, CAP_WRITE, CAP_SEEK | CAP_KQUEUE, CAP_FSTAT", "separate.rights.with.commas"),
    "zero": ("0", "value.is.no.right"),
    "zero of the right type": ("CAP_READ, 0ULL", "value.is.no.right"),
    "no bit": ("CAPRIGHT(0, 0ULL)", "value.is.no.right"),
    "a flag of another call": ("CAP_FCNTL_GETFL", "value.is.no.right"),
    "bits without a word": ("CAP_READ & 0xff", "value.is.no.right"),
    "unknown bit": ("CAP_READ, CAPRIGHT(0, 0x0100000000000000ULL)", "value.has.bits.that.are.no.right"),
    "unknown bit of the second word": ("CAP_UNUSED1_22", "value.has.bits.that.are.no.right"),
    "third word": ("CAP_READ | CAPRIGHT(2, 1ULL)", "value.has.bits.that.are.no.right"),
    "a version": ("CAP_READ | 1ULL << 62", "value.has.bits.that.are.no.right"),
    "negative": ("-1", "separate.rights.with.commas|narrow"),
    "variable": ("variable", "variable|constant"),
    "typing error": ("CAP_RAED", "CAP_RAED"),
    "49": (", ".join(["CAP_READ"] * 49), "CE_RIGHTS_takes_48_rights_at_most_"),
    "96": (", ".join(["CAP_READ"] * 96), "CE_RIGHTS_takes_48_rights_at_most_"),
}


def compile_text(compiler: list[str], flags: list[str], text: str, tmp_path: Path, *options: str) -> tuple[int, str]:
    source = tmp_path / ("use.cc" if "++" in compiler[0] else "use.c")
    source.write_text(text)
    strict = [] if compiler[0] == "tcc" else STRICT
    made = run(*compiler, *strict, *options, *flags, "-c", source, "-o", tmp_path / "use.o")
    return made.returncode, made.stderr


@pytest.mark.parametrize("compiler", COMPILERS, ids=" ".join)
@pytest.mark.parametrize("kind", MISTAKES)
def test_mistakes_do_not_compile_and_say_why(
    rights_flags: list[str], tmp_path: Path, compiler: list[str], kind: str
) -> None:
    rights, message = MISTAKES[kind]
    for use in (
        f"static const cap_rights_t set = CE_RIGHTS({rights});\nreturn ce_rights_is_valid(&set);",
        f"return ce_rights_is_valid(CE_SET({rights}));",
    ):
        status, said = compile_text(
            compiler,
            rights_flags,
            f"""\
#include <capsicum_easy.h>
int f(unsigned long variable);
int f(unsigned long variable) {{ (void)variable; {use} }}
""",
            tmp_path,
        )
        assert status != 0
        assert re.search(message, said), said


def all_uses(rights: str) -> str:
    return f"""\
#include <capsicum_easy.h>
int use(const cap_rights_t *set);
int f(void);
int g(void);
static const cap_rights_t in_file = CE_RIGHTS({rights});
static const cap_rights_t *const address = &in_file;
static const cap_rights_t list[] = {{ CE_RIGHTS({rights}), CE_NO_RIGHTS, CE_ALL_RIGHTS }};
#ifdef __cplusplus
constexpr cap_rights_t constant = CE_RIGHTS({rights});
static_assert(constant.cr_rights[0] >> 57 == 1 && constant.cr_rights[1] >> 57 == 2, "index bits");
constexpr const cap_rights_t *set_address = CE_SET({rights});
int i(void);
int i(void) {{ return use(set_address); }}
#endif
int f(void)
{{
	static const cap_rights_t in_function = CE_RIGHTS({rights});
	cap_rights_t automatic = CE_RIGHTS({rights});

	return use(&in_function) + use(&automatic) + use(address) + use(&list[1]) + use(CE_SET({rights}));
}}
inline int h(void)
{{
	return use(CE_SET({rights})) != 0 ? use(CE_SET(CAP_READ)) : use(CE_SET(CAP_WRITE));
}}
int g(void)
{{
	return h();
}}
"""


@pytest.mark.parametrize("compiler", COMPILERS, ids=" ".join)
@pytest.mark.parametrize("count", [1, 2, 32, 48])
def test_any_number_of_rights_up_to_48(
    rights_flags: list[str], tmp_path: Path, compiler: list[str], count: int
) -> None:
    names = [*releases.rights("15.1")][: count - 1] + ["CAP_EVENT"]
    text = all_uses(", ".join(names))
    if compiler[0] == "tcc":
        text = text.replace("inline int h", "static inline int h")
    else:
        text = text.replace("inline int h", "extern inline int h" if "++" not in compiler[0] else "inline int h")
        text = text.replace("int g(void);", "int g(void);\nint h(void);")
    status, said = compile_text(compiler, rights_flags, text, tmp_path)
    assert status == 0, said


@pytest.mark.parametrize("compiler", COMPILERS, ids=" ".join)
def test_values(rights_flags: list[str], tmp_path: Path, compiler: list[str]) -> None:
    names = releases.rights("15.1")
    lines = ["#include <capsicum_easy.h>", "int main(void) {", "\tint wrong = 0;"]
    for name, value in names.items():
        words = [1 << 57 | (value if value >> 57 == 1 else 0), 1 << 58 | (value if value >> 57 == 2 else 0)]
        lines += [
            "\t{",
            f"\t\tstatic const cap_rights_t set = CE_RIGHTS({name});",
            f"\t\tconst cap_rights_t *const other = CE_SET({name});",
            f"\t\twrong += set.cr_rights[0] != {words[0]}u || set.cr_rights[1] != {words[1]}u;",
            "\t\twrong += memcmp(other, &set, sizeof(set)) != 0;",
            "\t}",
        ]
    bits = [f"CAPRIGHT({word}, {1 << bit}u)" for word, count in ((0, 44), (1, 4)) for bit in range(count)]
    lines += [
        "\t{",
        f"\t\tstatic const cap_rights_t set = CE_RIGHTS({', '.join(bits)});",
        f"\t\twrong += set.cr_rights[0] != {1 << 57 | (1 << 44) - 1}u || set.cr_rights[1] != {1 << 58 | 15}u;",
        "\t}",
        "\treturn wrong;",
        "}",
    ]
    status, said = compile_text(compiler, rights_flags, "\n".join(lines) + "\n", tmp_path)
    assert status == 0, said
    linked = run(compiler[0], tmp_path / "use.o", "-o", tmp_path / "use")
    assert linked.returncode == 0, linked.stderr
    assert run(tmp_path / "use").returncode == 0


@pytest.mark.parametrize("compiler", COMPILERS, ids=" ".join)
def test_sets_in_the_initialiser_of_an_automatic_variable(
    rights_flags: list[str], tmp_path: Path, compiler: list[str]
) -> None:
    """clang 14 left such a set all zeros, in C and without optimisation, when its address was a constant expression."""
    status, said = compile_text(
        compiler,
        rights_flags,
        """\
#include <capsicum_easy.h>
struct limit { int fd; const cap_rights_t *set; };
int main(void)
{
	const struct limit one = { 0, CE_SET(CAP_READ) };
	struct limit two[] = { { 1, CE_SET(CAP_WRITE) }, { 2, CE_SET(CAP_EVENT, CAP_READ) } };

	return ce_rights_is_set(one.set, CAP_READ) && ce_rights_is_set(two[0].set, CAP_WRITE) &&
	       ce_rights_is_set(two[1].set, CAP_EVENT) && ce_rights_is_set(two[1].set, CAP_READ) ? 0 : 1;
}
""",
        tmp_path,
    )
    assert status == 0, said
    linked = run(compiler[0], tmp_path / "use.o", "-o", tmp_path / "use")
    assert linked.returncode == 0, linked.stderr
    assert run(tmp_path / "use").returncode == 0


def instructions(disassembly: str, function: str) -> list[str]:
    """Return the mnemonics of a function, without padding and the landing pad of indirect branches."""
    body = disassembly.split(f"<{function}>:\n")[1].split("\n\n")[0]
    words = [line.split("\t")[2].split()[0] for line in body.splitlines() if line.count("\t") >= 2]
    end = next(at for at, word in enumerate(words) if word.startswith("jmp") or word == "ret")
    return [word for word in words[: end + 1] if word != "endbr64"]


@pytest.mark.parametrize(
    "compiler", [words for words in COMPILERS if words[0] in ("gcc", "clang", "g++", "clang++")], ids=" ".join
)
def test_a_constant_set_is_not_built_at_run_time(rights_flags: list[str], tmp_path: Path, compiler: list[str]) -> None:
    text = """\
#include <capsicum_easy.h>
#ifdef __cplusplus
extern "C" {
#endif
int limit(int fd, const cap_rights_t *set);
int named(int fd);
int unnamed(int fd);
static const cap_rights_t set = CE_RIGHTS(CAP_READ, CAP_SOCK_SERVER, CAP_EVENT, CAP_KQUEUE, CAP_FSTATAT);
int named(int fd) { return limit(fd, &set); }
int unnamed(int fd) { return limit(fd, CE_SET(CAP_READ, CAP_SOCK_SERVER, CAP_EVENT, CAP_KQUEUE, CAP_FSTATAT)); }
#ifdef __cplusplus
}
#endif
"""
    status, said = compile_text(compiler, rights_flags, text, tmp_path, "-O2", "-fPIC")
    assert status == 0, said
    disassembly = run("objdump", "-d", "--no-show-raw-insn", tmp_path / "use.o").stdout
    disassembly = re.sub(r"^( *[0-9a-f]+:)\s*", r"\1\t\t", disassembly, flags=re.MULTILINE)
    for function in ("named", "unnamed"):
        assert instructions(disassembly, function) == ["lea", "jmp"], disassembly
