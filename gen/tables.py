# SPDX-License-Identifier: BSD-2-Clause
"""What capsicum_easy.h knows of the rights of a header: the bits that are rights, and tables, constant data in C.

No table holds a pointer, so none needs a relocation: text is found by its offset in a struct of character arrays
(one long literal would exceed the 4095 characters that C99 promises).
"""

from __future__ import annotations

from needs import EVERYTHING, NONE, PLAIN, Need, calls_of
from perfect import base, perfect_hash
from rights import BITS, INDEX_SHIFT, LONGEST_TEXT, OLD_NAMES, Right

NO_RIGHT = 255  # in a row of ce_needs_: nothing is needed
EVERY_RIGHT = 254  # in a row of ce_needs_: everything is
MOST_BYTES = 1 << 16  # an offset into texts is an unsigned short


def literal(text: str) -> str:
    """Return a C string literal: ASCII only, and without trigraphs."""
    result = ""
    for byte in text.encode():
        character = chr(byte)
        if character in '\\"?':
            result += "\\" + character
        else:
            result += character if 32 <= byte < 127 else f"\\{byte:03o}"
    return f'"{result}"'


def constant(value: int) -> str:
    return f"UINT64_C(0x{value:016x})"


class Texts:
    """Strings that share one struct; `reference` gives the offset of each, between `emit` and the next one's."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.texts: dict[str, int] = {}
        self.bytes = 0

    def reference(self, text: str) -> str:
        if text not in self.texts:
            self._add(text)
        return f"CE_AT_(t{self.texts[text]})"

    def _add(self, text: str) -> None:
        size = len(text.encode())
        if size > LONGEST_TEXT:
            raise ValueError(f"the comments make a text of {size} bytes: a string has room for {LONGEST_TEXT}")
        self.bytes += size + 1
        if self.bytes > MOST_BYTES:
            raise ValueError(f"the comments of the rights are too long: the tables have room for {MOST_BYTES} bytes")
        self.texts[text] = len(self.texts)

    def emit(self) -> list[str]:
        return [
            "#undef CE_AT_",
            f"#define CE_AT_(text) (unsigned short)offsetof(struct {self.name}, text)",
            f"static const struct {self.name} {{",
            *(f"\tchar t{index}[{len(text.encode()) + 1}];" for text, index in self.texts.items()),
            f"}} {self.name}text_ = {{",
            *(f"\t{literal(text)}," for text in self.texts),
            "};",
        ]


def _array(declaration: str, rows: list[str]) -> list[str]:
    return [f"static const {declaration} = {{", *(f"\t{row}," for row in rows), "};"]


def _numbers(declaration: str, numbers: list[int] | tuple[int, ...]) -> list[str]:
    rows = [", ".join(str(n) for n in numbers[at : at + 20]) for at in range(0, len(numbers), 20)]
    return _array(declaration, rows)


def primary_and_aliases(known: list[Right]) -> tuple[list[Right], list[Right]]:
    """Return the first name of each value, and the others."""
    first: dict[int, Right] = {}
    for right in known:
        first.setdefault(right.value, right)
    return list(first.values()), [right for right in known if first[right.value] is not right]


def _comment(right: Right, ours: list[Right]) -> str:
    """Return the documentation of a right: what the given header says, or else ours."""
    known = [other.comment for other in ours if other.value == right.value and other.comment]
    return right.comment or next(iter(known), "")


def _names(names: list[Right], rights: list[Right]) -> list[str]:
    longest = max(len(right.name) for right in names)
    return [
        "/* Rights in the header's order, then the other names that some of them have. */",
        f"#define CE_RIGHT_COUNT_ {len(rights)}",
        f"#define CE_NAME_COUNT_ {len(names)}",
        f"#define CE_SHORTEST_NAME_ {min(len(right.name) for right in names)}",
        f"#define CE_LONGEST_NAME_ {longest}",
        *_array("char ce_names_[CE_NAME_COUNT_][CE_LONGEST_NAME_ + 1]", [literal(right.name) for right in names]),
        *_array(
            "uint64_t ce_values_[CE_NAME_COUNT_]", [f"{constant(right.value)} /* {right.name} */" for right in names]
        ),
    ]


def _orders(rights: list[Right]) -> list[str]:
    indices = range(len(rights))
    by_value = sorted(indices, key=lambda at: rights[at].value)
    by_size = sorted(indices, key=lambda at: -bin(rights[at].bits).count("1"))
    return [
        "/* Rights by value, for a binary search. */",
        *_numbers("unsigned char ce_by_value_[CE_RIGHT_COUNT_]", by_value),
        "/* Those with the most bits first: names taken in this order describe a set with the fewest. */",
        *_numbers("unsigned char ce_by_size_[CE_RIGHT_COUNT_]", by_size),
    ]


def _is_of_the_header(name: str) -> str:
    """Return the condition that the header has a name, not that rights-values.h added it."""
    return f"defined({name}) && !defined(CE_ADDED_{name}_)" if name in OLD_NAMES else f"defined({name})"


def _listed(rights: list[Right], aliases: list[Right]) -> list[str]:
    lines = [
        "/* The rights that the header has with which this is compiled. */",
        "static const unsigned char ce_listed_[] = {",
    ]
    for at, right in enumerate(rights):
        names = [right.name, *(alias.name for alias in aliases if alias.value == right.value)]
        lines += ["#if " + " || ".join(_is_of_the_header(name) for name in names), f"\t{at},", "#endif"]
    return [*lines, "};"]


def _byte(place: int, shortest: int) -> str:
    """Return what reads a byte of a name of at least `shortest`: 0 where it is too short, as perfect.key()."""
    at = f"name[{place}]" if place >= 0 else f"name[length - {-place}]"
    if -shortest <= place < shortest:
        return f"(unsigned char){at}"
    needed = place + 1 if place >= 0 else -place
    return f"(length >= {needed} ? (unsigned char){at} : 0u)"


def _hash(names: list[Right]) -> list[str]:
    found = perfect_hash([right.name for right in names])
    shortest = min(len(right.name) for right in names)
    steps = [f"\tkey = key * {base(found.places)} + {_byte(place, shortest)};" for place in found.places]
    return [
        "/* A perfect hash: each name has a slot of its own, with 1 + its index; the other slots have 0. */",
        *_numbers(f"unsigned char ce_slots_[{1 << found.bits}]", found.slots),
        "/* Returns the slot of a name, of which `length` is at least CE_SHORTEST_NAME_. */",
        "static inline size_t ce_slot_(const char *name, size_t length)",
        "{",
        "\tuint64_t key = length;",
        "",
        *steps,
        f"\treturn (size_t)(key * {constant(found.multiplier)} >> {64 - found.bits});",
        "}",
    ]


def _texts(rights: list[Right], known: list[Right], ours: list[Right], needs: list[Need]) -> list[str]:
    docs, calls = Texts("ce_docs_"), Texts("ce_calls_")
    doc_rows = [docs.reference(_comment(right, ours)) for right in rights]
    call_rows = [calls.reference(calls_of(right, known, needs)) for right in rights]
    return [
        "/* What the header says about each right. */",
        *docs.emit(),
        *_array("unsigned short ce_doc_of_[CE_RIGHT_COUNT_]", doc_rows),
        "/* The calls that each right allows. */",
        *calls.emit(),
        *_array("unsigned short ce_calls_of_[CE_RIGHT_COUNT_]", call_rows),
    ]


def _needs(rights: list[Right], known: list[Right], needs: list[Need]) -> list[str]:
    index = {right.value: at for at, right in enumerate(rights)}
    values = {right.name: right.value for right in known}
    texts = Texts("ce_words_")
    rows = []
    for need in needs:
        right = {NONE: NO_RIGHT, PLAIN: NO_RIGHT, EVERYTHING: EVERY_RIGHT}.get(need.right)
        right = index[values[need.right]] if right is None else right
        parts = [texts.reference(" ".join(part)) for part in ((need.call,), need.when, need.unless)]
        rows.append(f"{{ {', '.join(parts)}, {right} }} /* {need.call}: {need.right} */")
    return [
        "/* Which call needs which right: with all of the arguments `when`, and with none of `unless`. */",
        *texts.emit(),
        f"#define CE_NEEDS_NO_RIGHT_ {NO_RIGHT}",
        f"#define CE_NEEDS_EVERY_RIGHT_ {EVERY_RIGHT}",
        *_array("struct ce_need_ {\n\tunsigned short call, when, unless;\n\tunsigned char right;\n} ce_needs_[]", rows),
        "#undef CE_AT_",
    ]


def _checks(names: list[Right]) -> list[str]:
    lines = ["/* The header with which this is compiled must agree. */"]
    for right in names:
        lines += [
            f"#ifdef {right.name}",
            f"CE_STATIC_ASSERT_({right.name} == {constant(right.value)}, "
            f'"{right.name} has another value in this <sys/capsicum.h>");',
            "#endif",
        ]
    return lines


def _old_names(names: list[Right]) -> list[str]:
    """Return definitions of the names that later releases dropped, so that old code still builds."""
    lines = ["/* Names that FreeBSD 10 had and later releases renamed. */"]
    for right in names:
        if right.name in OLD_NAMES:
            lines += [
                f"#ifndef {right.name}",
                f"#define {right.name} {constant(right.value)}",
                f"#define CE_ADDED_{right.name}_",
                "#endif",
            ]
    return lines


def _joined(parts: list[list[str]]) -> str:
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def values(known: list[Right]) -> str:
    """Return rights-values.h, which constant sets need: `known` are all names, the given header's first."""
    masks = [0, 0]
    for right in known:
        masks[right.word] |= right.bits
    return _joined(
        [
            [
                "/* The bit of a right of the first word that says so; those of a word's rights are below it. */",
                f"#define CE_INDEX_SHIFT_ {INDEX_SHIFT}",
                "/* Every bit that is part of a right of some release. */",
                *(
                    f"#define CE_KNOWN{word}_ {constant(1 << (INDEX_SHIFT + word) | masks[word] & BITS)}"
                    for word in (0, 1)
                ),
            ],
            _old_names(_names_in_order(known)),
        ]
    )


def _names_in_order(known: list[Right]) -> list[Right]:
    rights, aliases = primary_and_aliases(known)
    return [*rights, *aliases]


def emit(known: list[Right], ours: list[Right], needs: list[Need]) -> str:
    """Return rights-tables.h: `known` are all names, the given header's first; `ours` those of our own header."""
    rights, aliases = primary_and_aliases(known)
    names = [*rights, *aliases]
    return _joined(
        [
            _names(names, rights),
            _orders(rights),
            _listed(rights, aliases),
            _hash(names),
            _texts(rights, known, ours, needs),
            _needs(rights, known, needs),
            _checks(names),
        ]
    )
