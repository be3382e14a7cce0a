# SPDX-License-Identifier: BSD-2-Clause
"""The generated tables: constant, the same each time, found by a perfect hash."""

from __future__ import annotations

import os
from pathlib import Path

import perfect
import pytest
import releases
import rights
import tables
from conftest import INCLUDE, ROOT, STRICT, Driver, generate, run
from rights import Right

USES_EVERYTHING = """\
#include <capsicum_easy.h>
uint64_t by_name(const char *name) { return ce_right_by_name(name); }
const char *name(uint64_t right) { return ce_right_name(right); }
const char *doc(uint64_t right) { return ce_right_doc(right); }
const char *calls(uint64_t right) { return ce_right_allows(right); }
const char *at(size_t i) { return ce_right_name_at(i); }
uint64_t value_at(size_t i) { return ce_right_at(i); }
const char *nearest(const char *typo) { return ce_right_nearest(typo); }
int needed(const char *call, cap_rights_t *set) { return ce_call_needs(call, set); }
int parse(cap_rights_t *set, const char *text) { return ce_rights_parse(text, set, NULL); }
int format(char *buffer, size_t size, const cap_rights_t *set) { return ce_rights_format(set, buffer, size); }
const cap_rights_t *constant(void) { return CE_SET(CAP_READ, CAP_EVENT); }
"""


@pytest.mark.parametrize(
    "compiler", [["gcc", "-O2"], ["gcc", "-O0"], ["clang", "-O2"], ["g++", "-O2", "-x", "c++"]], ids=" ".join
)
def test_constant_data_without_relocations(whole_header: Path, tmp_path: Path, compiler: list[str]) -> None:
    (tmp_path / "use.c").write_text(USES_EVERYTHING)
    built = run(*compiler, "-fPIC", f"-I{whole_header}", "-c", tmp_path / "use.c", "-o", tmp_path / "use.o")
    assert built.returncode == 0, built.stderr
    relocated = [
        line.split("'")[1]
        for line in run("readelf", "-rW", tmp_path / "use.o").stdout.splitlines()
        if line.startswith("Relocation section")
    ]
    assert any(section.startswith(".rela.text") for section in relocated)
    assert [section for section in relocated if not section.startswith((".rela.text", ".rela.eh_frame"))] == []

    sections = [
        line[line.index("]") + 1 :].split()
        for line in run("readelf", "-SW", tmp_path / "use.o").stdout.splitlines()
        if line.lstrip().startswith("[")
    ]
    sizes = {words[0]: int(words[4], 16) for words in sections if len(words) > 6 and words[0] != "Name"}
    assert sizes[".rodata"] > 10_000
    for section, size in sizes.items():
        assert not (section.startswith((".data", ".bss", ".init", ".ctors")) and size), (section, size)


def test_the_same_output_each_time(tmp_path: Path) -> None:
    outputs = []
    for number, directory in enumerate((tmp_path, Path("/"))):
        made = generate(tmp_path / f"{number}.h", cwd=directory, env={**os.environ, "PYTHONHASHSEED": str(number)})
        assert made.returncode == 0, made.stderr
        outputs.append((tmp_path / f"{number}.h").read_bytes())
    assert outputs[0] == outputs[1]
    assert str(ROOT).encode() not in outputs[0]
    assert outputs[0].isascii()


def test_the_banner_says_how_it_was_made(tmp_path: Path) -> None:
    (tmp_path / "given.h").write_text(releases.header("13.2"))
    assert generate(tmp_path / "ours.h").returncode == 0
    assert generate(tmp_path / "theirs.h", "--header", tmp_path / "given.h").returncode == 0
    version = (ROOT / "VERSION").read_text().strip()
    for name, header in (("ours.h", "include/linux/sys/capsicum.h"), ("theirs.h", "given.h")):
        banner = (tmp_path / name).read_text().split("*/")[0]
        assert f"capsicum_easy.h {version}\n" in banner
        assert f"python3 gen --header {header} -o capsicum_easy.h\n" in banner


def test_the_banner_survives_any_name(tmp_path: Path) -> None:
    header = tmp_path / os.fsdecode(b"a\xff\n*b.h")
    header.write_text(releases.header("13.2"))
    made = generate(tmp_path / "made.h", "--header", header)
    assert made.returncode == 0, made.stderr
    assert "python3 gen --header a___b.h -o capsicum_easy.h\n" in (tmp_path / "made.h").read_text()


def test_each_part_is_there_once_and_nothing_is_included_by_quotes(whole_header: Path) -> None:
    text = (whole_header / "capsicum_easy.h").read_text()
    assert '#include "' not in text and "#include <capsicum_easy.h>" not in text
    for part in [*(INCLUDE / "capsicum_easy").glob("*.h"), *INCLUDE.rglob("linux/**/*.h")]:
        guard = [line for line in part.read_text().splitlines() if line.startswith("#define") and line.endswith("_H")]
        for line in guard:
            assert text.count(line + "\n") == 1, part


def test_the_output_goes_through_a_symbolic_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.h").symlink_to("real/header.h")
    umask = os.umask(0o027)
    try:
        assert generate(tmp_path / "link.h").returncode == 0
    finally:
        os.umask(umask)
    assert (tmp_path / "link.h").is_symlink()
    assert (tmp_path / "real/header.h").stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path / "real") == ["header.h"]


def compiled_driver(rights_parts: Path, directory: Path) -> Driver:
    """The driver over the tables made from the <sys/capsicum.h> in a directory."""
    made = generate(directory / "capsicum_easy.h", "--include", rights_parts, "--header", directory / "sys/capsicum.h")
    assert made.returncode == 0, made.stderr
    built = run(
        "cc", "-std=c99", *STRICT, f"-I{directory}", Path(__file__).with_name("questions.c"), "-o", directory / "driver"
    )
    assert built.returncode == 0, built.stderr
    return Driver(directory / "driver")


def every_name() -> list[str]:
    ours = rights.read_rights(INCLUDE / "linux/sys/capsicum.h")
    return [right.name for right in rights.with_other_releases(ours, ours)]


def test_every_name_of_every_release_is_known() -> None:
    assert set(every_name()) == {name for release in releases.RELEASES for name in releases.rights(release)}


@pytest.mark.parametrize(
    "names",
    [
        every_name(),
        every_name()[:1],
        ["A", "B"],
        ["CAP_A", "CAP_AB", "CAP_BA"],
        [f"CAP_{i:x}" for i in range(254)],
        # Told apart only where the shortest has no byte; only by as many places as names.
        ["CAP_A", "CAP_AA", "CAP_AAAAAAAAAAAAAAAA", "CAP_AAAAAAAAAABAAAAA"],
        ["CAP_", "CAP_EXTATTR_GET_LINKAT", "CAP_EXTATTR_SET_LINKAT"],
        ["A" * at + "B" + "A" * (11 - at) for at in range(12)],
    ],
)
def test_perfect_hash(names: list[str]) -> None:
    found = perfect.perfect_hash(names)
    assert len(found.slots) == 1 << found.bits
    for index, name in enumerate(names):
        assert found.slots[perfect.slot(perfect.key(name, found.places), found.multiplier, found.bits)] == index + 1
    assert sum(slot != 0 for slot in found.slots) == len(names)
    assert len(found.places) <= max(6, len(names) - 1)


def test_no_larger_table_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perfect, "LARGEST", 1)
    with pytest.raises(ValueError, match="no perfect hash of 1 bits for 3 names"):
        perfect.perfect_hash(["A", "B", "C"])


def test_as_much_text_as_there_is_room_for() -> None:
    texts = tables.Texts("x")
    for at in range(16):
        assert texts.reference(f"{at:04}{'x' * 4091}") == f"CE_AT_(t{at})"
    with pytest.raises(ValueError, match="room for 65536 bytes"):
        texts.reference("")
    assert texts.reference(f"0015{'x' * 4091}") == "CE_AT_(t15)"


def test_long_documentation(rights_parts: Path, tmp_path: Path) -> None:
    (tmp_path / "sys").mkdir()
    comments = [f"{at:04}{'x' * 4091}" for at in range(14)]
    text = releases.header("15.1", compiled=True)
    lines = [
        f"/* {comment} */\n#define CAP_{at} CAPRIGHT(1, {1 << 30 + at}ULL)\n" for at, comment in enumerate(comments)
    ]
    (tmp_path / "sys/capsicum.h").write_text(text + "".join(lines))
    driver = compiled_driver(rights_parts, tmp_path)
    assert driver.ask(*(f"doc {1 << 58 | 1 << 30 + at}" for at in range(14))) == comments


def test_near_misses_are_no_names(driver: Driver) -> None:
    known = set(every_name())
    wrong = [
        other
        for name in known
        for other in (
            *(name[:length] for length in range(len(name))),
            name[1:],
            name + "X",
            name + " ",
            " " + name,
            name.lower(),
            name.replace("A", "B"),
            *(name[:at] + chr(ord(name[at]) ^ 1) + name[at + 1 :] for at in range(len(name))),
        )
        if other not in known
    ]
    assert len(wrong) > 2000
    assert "CAP_CREA" in wrong  # which has the slot of the name that it begins
    assert set(driver.ask(*(f"value {name}" for name in wrong))) == {"0x0"}


def test_names_longer_than_the_shortest(rights_parts: Path, tmp_path: Path) -> None:
    """The compiled hash, too, reads nothing where a name is too short."""
    (tmp_path / "sys").mkdir()
    names = ["CAP_A", "CAP_AA", "CAP_AAAAAAAAAAAAAAAA", "CAP_AAAAAAAAAABAAAAA"]
    added = "".join(f"#define {name} {1 << 58 | 1 << 30 + at:#x}ULL\n" for at, name in enumerate(names))
    (tmp_path / "sys/capsicum.h").write_text(releases.header("15.1", compiled=True) + added)
    driver = compiled_driver(rights_parts, tmp_path)
    assert driver.ask(*(f"value {name}" for name in names)) == [hex(1 << 58 | 1 << 30 + at) for at in range(len(names))]
    assert driver.ask("value CAP_AAA", "value CAP_B") == ["0x0", "0x0"]


def test_documentation_with_anything_in_it(rights_parts: Path, tmp_path: Path) -> None:
    comment = 'Says "this" \\and\\ that??/ 100%, caf\u00e9.'
    (tmp_path / "sys").mkdir()
    text = releases.header("15.1", compiled=True)
    (tmp_path / "sys/capsicum.h").write_text(
        text.replace("/* Allows for mac_get_fd(3). */", f"/* {comment} */"), encoding="utf-8"
    )
    assert compiled_driver(rights_parts, tmp_path).ask(f"doc {1 << 58 | 1}") == [comment]


def test_no_literal_is_longer_than_c99_promises(whole_header: Path) -> None:
    assert max(map(len, (whole_header / "capsicum_easy.h").read_text().splitlines())) < 4095


def test_first_names_and_order() -> None:
    known = [Right("CAP_A", 1 << 57 | 1), Right("CAP_B", 1 << 58 | 1), Right("CAP_C", 1 << 57 | 1)]
    first, aliases = tables.primary_and_aliases(known)
    assert [right.name for right in first] == ["CAP_A", "CAP_B"]
    assert [right.name for right in aliases] == ["CAP_C"]
