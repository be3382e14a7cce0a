# SPDX-License-Identifier: BSD-2-Clause
"""A perfect hash for the names: no two of them share a slot, so a lookup compares with one name at most.

The hash looks at the length and a few bytes, at places that every name has. The places are the fewest that tell the
names apart; the multiplier is the first of a fixed sequence that spreads them over the smallest table that works.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

WORD = (1 << 64) - 1
MOST_PLACES = 6  # with the length they fill 56 of the key's 64 bits
TRIES = 3000  # for each table size
LARGEST = 16  # bits of the largest table


@dataclass(frozen=True)
class PerfectHash:
    """`places`: indices into a name, from its end if negative; `slots`: 1 + index of a name, or 0."""

    places: tuple[int, ...]
    multiplier: int
    bits: int
    slots: tuple[int, ...]


def key(name: str, places: tuple[int, ...]) -> int:
    """Return what the hash looks at, as one number."""
    result = len(name)
    for place in places:
        result = result << 8 | ord(name[place])
    return result


def slot(value: int, multiplier: int, bits: int) -> int:
    """Return the slot of a key: the upper bits of its product."""
    return (value * multiplier & WORD) >> (64 - bits)


def _places(names: list[str]) -> tuple[int, ...]:
    shortest = min(len(name) for name in names)
    candidates = [place for at in range(1, shortest + 1) for place in (-at, shortest - at)]
    for count in range(MOST_PLACES + 1):
        for places in combinations(candidates, count):
            if len({key(name, places) for name in names}) == len(names):
                return places
    raise ValueError(f"no {MOST_PLACES} bytes that every name has tell these {len(names)} apart")


def _multipliers() -> list[int]:
    """Return a fixed sequence of odd 64-bit numbers (the high bits of a linear congruential generator)."""
    state, result = 1, []
    for _ in range(TRIES):
        state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 128)
        result.append((state >> 64 ^ state) & WORD | 1)
    return result


def perfect_hash(names: list[str]) -> PerfectHash:
    """Return a perfect hash of `names`, which are all different; always the same for the same names."""
    places = _places(names)
    keys = [key(name, places) for name in names]
    for bits in range(len(names).bit_length(), LARGEST + 1):
        for multiplier in _multipliers():
            used = [slot(value, multiplier, bits) for value in keys]
            if len(set(used)) == len(used):
                slots = [0] * (1 << bits)
                for index, at in enumerate(used):
                    slots[at] = index + 1
                return PerfectHash(places, multiplier, bits, tuple(slots))
    raise ValueError(f"no perfect hash of {LARGEST} bits for {len(names)} names")
