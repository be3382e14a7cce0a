# SPDX-License-Identifier: BSD-2-Clause
"""Samples of what operations in Python cost, ours and the naive binding's: "name value" lines, nanoseconds.

operations.py names FILE     writes the table of names that naive.py reads
operations.py measure        prints the samples
"""

from __future__ import annotations

import json
import os
import sys
import timeit
from collections.abc import Callable
from pathlib import Path

import pycapsicum

FOUR = ["CAP_READ", "CAP_SEEK", "CAP_FSTAT", "CAP_EVENT"]
REPEATS = 15


def write_names(path: Path) -> None:
    """Every right of this system, by name."""
    everything = pycapsicum.CapRights(name for name in dir(pycapsicum) if is_right(name))
    path.write_text(json.dumps({name: getattr(pycapsicum, name) for name in everything.caps}), encoding="utf-8")


def is_right(name: str) -> bool:
    return name.startswith("CAP_") and not name.startswith(("CAP_FCNTL_", "CAP_IOCTLS_"))


def measure(name: str, operation: Callable[[], object]) -> None:
    timer = timeit.Timer(operation)
    number, _ = timer.autorange()
    number = max(1, number // 20)
    for seconds in timer.repeat(REPEATS, number):
        print(f"{name} {seconds / number * 1e9:.1f}")


def measure_module(prefix: str, module: object, everything: list[str]) -> None:
    rights_type = module.CapRights  # type: ignore[attr-defined]
    full, four = rights_type(everything), rights_type(FOUR)
    held = rights_type()
    descriptor = os.open("/dev/null", os.O_RDONLY)
    four.limit(descriptor)
    measure(f"{prefix} construct", lambda: rights_type(FOUR))
    measure(f"{prefix} is_set", lambda: full.is_set(FOUR))
    measure(f"{prefix} contains", lambda: full.contains(four))
    measure(f"{prefix} caps", lambda: full.caps)
    measure(f"{prefix} get", lambda: held.get(descriptor))


def main() -> None:
    if sys.argv[1] == "names":
        write_names(Path(sys.argv[2]))
        return
    import naive

    everything = list(naive.NAMES)
    if sorted(naive.CapRights(everything).caps) != sorted(pycapsicum.CapRights(everything).caps):
        sys.exit("the two bindings disagree about a full set")
    measure_module("pycapsicum", pycapsicum, everything)
    measure_module("naive", naive, everything)


main()
