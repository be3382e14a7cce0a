# SPDX-License-Identifier: BSD-2-Clause
"""What the analyses share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

T = TypeVar("T")
Completed = subprocess.CompletedProcess[str]


def fail(text: str) -> None:
    print(text, file=sys.stderr)
    sys.exit(1)


def run(command: Sequence[str | Path], env: dict[str, str] | None = None, quiet: bool = False) -> None:
    """Run a command that must succeed. quiet: show what it printed only if it does not."""
    done = subprocess.run(
        [str(part) for part in command],
        env=env,
        text=True,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
    )
    if done.returncode != 0:
        fail(f"{done.stdout or ''}{' '.join(map(str, command))}: exit status {done.returncode}")


def capture(command: Sequence[str | Path]) -> Completed:
    return subprocess.run([str(part) for part in command], text=True, capture_output=True)


def at_once(work: Callable[[T], Completed], things: Sequence[T]) -> list[Completed]:
    """Do the work for each thing, as many at a time as there are processors."""
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return list(pool.map(work, things))


def generate(build: Path) -> Path:
    """Make the header, and what the Python extension includes; return the header."""
    header = build / "capsicum_easy.h"
    run(["python3", "-B", ROOT / "gen", "-o", header])
    made = ["--c", build / "generated.h", "--stub", build / "_capsicum.pyi"]
    run(["python3", "-B", ROOT / "gen/stub.py", ROOT / "bindings/python/_capsicum.pyi", *made])
    return header


def configure(build: Path, *options: str, env: dict[str, str] | None = None) -> None:
    if not (build / "build.ninja").exists():
        run(["meson", "setup", build, ROOT, "-Dpython=false", *options], env=env, quiet=True)


def table(path: Path) -> list[list[str]]:
    """The rows of a file of tab-separated columns, without its comments."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]
