# SPDX-License-Identifier: BSD-2-Clause
"""A perfect hash for the names: no two of them share a slot, so a lookup compares with one name at most.

The hash looks at the length and a few bytes. Places that every name has are preferred, since the others need a test;
the multiplier is the first of a fixed sequence that spreads the names over the smallest table that works.
"""

from __future__ import annotations

from dataclasses import dataclass

WORD = (1 << 64) - 1
TRIES = 5000  # for each table size
LARGEST = 16  # bits of the largest table


@dataclass(frozen=True)
class PerfectHash:
    """`places`: indices into a name, from its end if negative; `slots`: 1 + index of a name, or 0."""

    places: tuple[int, ...]
    multiplier: int
    bits: int
    slots: tuple[int, ...]


def has(name: str, place: int) -> bool:
    """Return whether a name is long enough to have this place."""
    return -len(name) <= place < len(name)


def base(places: tuple[int, ...]) -> int:
    """Return what a key is multiplied by for each place: one more than a byte has where they are too many for a word."""
    return 256 if len(places) < 8 else 257


def key(name: str, places: tuple[int, ...]) -> int:
    """Return what the hash looks at, as one number: 0 for a place that the name does not have."""
    result = len(name)
    for place in places:
        result = result * base(places) + (ord(name[place]) if has(name, place) else 0) & WORD
    return result


def slot(value: int, multiplier: int, bits: int) -> int:
    """Return the slot of a key: the upper bits of its product."""
    return (value * multiplier & WORD) >> (64 - bits)


def _apart(names: list[str], places: tuple[int, ...]) -> int:
    """Return how many of the names these places tell apart."""
    return len({key(name, places) for name in names})


def _places(names: list[str]) -> tuple[int, ...]:
    """Take the place that tells most apart, until all are; then leave out what was not needed after all."""
    shortest, longest = min(map(len, names)), max(map(len, names))
    candidates = (*range(-shortest, 0), *range(shortest))
    if _apart(names, candidates) < len(names):
        candidates = (*range(-longest, 0), *range(longest))
    places: tuple[int, ...] = ()
    while _apart(names, places) < len(names):
        places += (max(candidates, key=lambda place: _apart(names, (*places, place))),)
    for place in places:
        fewer = tuple(other for other in places if other != place)
        if _apart(names, fewer) == len(names):
            places = fewer
    return places


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
