# SPDX-License-Identifier: BSD-2-Clause
"""A set is written with the fewest names, whatever the set."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import releases
from conftest import Driver


def groups(values: set[int]) -> list[tuple[int, list[int]]]:
    """Return the word and the members of each group of rights that have bits in common, directly or through others."""
    found: list[tuple[int, list[int]]] = []
    for value in values:
        word, bits = (value >> 57) - 1, value & ((1 << 57) - 1)
        members = [bits]
        for group in [g for g in found if g[0] == word and any(bits & other for other in g[1])]:
            found.remove(group)
            members += group[1]
        found.append((word, members))
    return found


def subsets(bits: int) -> list[int]:
    """Return all subsets of some bits, in ascending order."""
    result = [0]
    while (subset := (result[-1] - bits) & bits) != 0:
        result.append(subset)
    return result


def fewest(members: list[int]) -> dict[int, int]:
    """Return how many members it takes at least to make each set that they can make."""
    best = {0: 0}
    edge = [0]
    while edge:
        following = []
        for made in edge:
            for member in members:
                if made | member not in best:
                    best[made | member] = best[made] + 1
                    following.append(made | member)
        edge = following
    return best


@pytest.mark.parametrize("release", releases.RELEASES)
def test_fewest_names_for_every_set(cross_driver: Callable[[str, str], Driver], release: str) -> None:
    """Groups have no bit in common, so what is the fewest in each is the fewest for all of them together."""
    driver = cross_driver(release, release)
    everywhere = {value for r in releases.RELEASES for value in releases.rights(r).values()}
    sets = 0
    for word, members in groups(everywhere):
        bits = 0
        for member in members:
            bits |= member
        best = fewest(members)
        counted = [int(count) for count in driver.ask(f"names {word} {bits}")[0].split()]
        for subset, count in zip(subsets(bits), counted, strict=True):
            made = 0
            for member in members:
                if member & ~subset == 0:
                    made |= member
            assert count == best[made], (word, hex(subset))
        sets += len(counted)
    assert sets > 196_000  # the two large groups have 16 and 17 bits


def test_groups() -> None:
    index = 1 << 57
    found = groups({index | 1, index | 2 | 4, index | 8 | 16, index | 1 | 4, index | 32, 2 * index | 1})
    assert sorted((word, sorted(members)) for word, members in found) == [
        (0, [1, 5, 6]),
        (0, [24]),
        (0, [32]),
        (1, [1]),
    ]


@pytest.mark.parametrize(
    "names,written",
    [
        ("CAP_READ CAP_SEEK", "CAP_PREAD"),
        ("read | seek, write", "CAP_PREAD, CAP_PWRITE"),
        ("CAP_SEEK_TELL, CAP_READ", "CAP_READ, CAP_SEEK_TELL"),
        ("CAP_FSTAT, CAP_LOOKUP, CAP_READ", "CAP_READ, CAP_FSTATAT"),
        ("CAP_SOCK_CLIENT, CAP_SOCK_SERVER", "CAP_SOCK_CLIENT, CAP_SOCK_SERVER"),
        ("CAP_POLL_EVENT, CAP_LINKAT, CAP_RECV", "CAP_READ, CAP_LINKAT_TARGET, CAP_EVENT"),
        ("0x200000000000008", "0x0200000000000008"),
        ("0x0400000000000001, 0x200000800000000a", "errno 22"),
        ("0x0600000000000008", "errno 22"),
        ("0x0200000000000000", "errno 22"),
        (
            "0x020000000000000b, 0x05ffffffffffffff",
            "CAP_READ, CAP_WRITE, 0x0200000000000008, 0x05ffffffff800000, every",
        ),
        ("", ""),
    ],
)
def test_examples(driver: Driver, names: str, written: str) -> None:
    answer = driver.ask(f"parse {names}")[0]
    if not answer.startswith("errno"):
        answer = driver.ask(f"format {answer}")[0]
    if written.endswith("every"):
        every = driver.ask(f"format {1 << 57} {(1 << 58) | 0x7FFFFF}")[0]
        first, second = written.removesuffix(", every").split(", 0x", 1)
        written = f"{first}, {every}, 0x{second}"
    assert answer == written


@pytest.mark.parametrize(
    "typo,name",
    [
        ("CAP_RAED", "CAP_READ"),
        ("raed", "CAP_READ"),
        ("Cap_Wirte", "CAP_WRITE"),
        ("CAP_STAT", "CAP_FSTAT"),
        ("CAP_SENDD", "CAP_SEND"),
        ("unlink", "CAP_UNLINKAT"),
        ("mkdir", "CAP_MKDIRAT"),
        ("CAP_RENAMEAT_SOURCEE", "CAP_RENAMEAT_SOURCE"),
        ("extattr_gets", "CAP_EXTATTR_GET"),
        ("CAP_READ", "CAP_READ"),
        ("CAP_FSTATATAT", "CAP_FSTATAT"),
        ("_READ", "CAP_READ"),
        ("CAP_FCHMDOAT", "CAP_FCHMODAT"),
        ("CAP_", "(none)"),
        ("", "(none)"),
        ("x", "(none)"),
        ("CAP_FROBNICATE", "(none)"),
        ("hello", "(none)"),
        ("0x12", "(none)"),
        ("CAP_" + 60 * "X", "(none)"),
        (3000 * "read", "(none)"),
    ],
)
def test_nearest_name(driver: Driver, typo: str, name: str) -> None:
    assert driver.ask(f"nearest {typo[:4000]}") == [name]
