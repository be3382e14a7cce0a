# SPDX-License-Identifier: BSD-2-Clause
"""Lines and branches of gen/ and of the header that the tests reach, and why some branches are not."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

from common import HERE, ROOT, capture, configure, fail, run, table

UNCOVERED = HERE / "uncovered.tsv"
LEAST = 95  #: per cent of the lines
SUITES = ("rights", "linux", "helpers", "fuzz", "faults", "generator", "docs")
ENFORCEMENT = ROOT / "include/linux/enforcement"
#: Older kernels lack what the tests would reach: the rows of uncovered.tsv are about this one and later.
KERNEL = (6, 13)


class Branch(NamedTuple):
    """One way out of a condition."""

    function: str
    condition: str
    side: str


def analyse(build: Path) -> None:
    out = build / "coverage"
    shutil.rmtree(out, ignore_errors=True)
    (out / "profiles").mkdir(parents=True)
    tests = build / "covered"
    env = run_tests(tests, out)
    problems = report_generator(out, env) + report_header(export(tests, out), tests / "capsicum_easy.h", out)
    if problems:
        fail("\n".join(problems))


def run_tests(tests: Path, out: Path) -> dict[str, str]:
    """Run the tests, gen/ watched by coverage.py in each Python that they start, and the C programs by clang."""
    hook = out / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text("import coverage\n\ncoverage.process_startup()\n", encoding="utf-8")
    configuration = out / "coveragerc"
    configuration.write_text(
        f"[run]\nbranch = True\nparallel = True\nsource = {ROOT / 'gen'}\ndata_file = {out / 'generator'}\n",
        encoding="utf-8",
    )
    env = {
        **os.environ,
        "CC": "clang",
        "PYTHONPATH": str(hook),
        "PYTHONDONTWRITEBYTECODE": "1",
        "COVERAGE_PROCESS_START": str(configuration),
        # %c: written as it runs, in a mapped file, so that a child in capability mode that _exit()s still counts
        "LLVM_PROFILE_FILE": f"{out}/profiles/%p-%4m%c.profraw",
    }
    configure(
        tests,
        "-Dbuildtype=debug",
        "-Db_lundef=false",
        "-Dc_link_args=-fprofile-instr-generate",
        "-Dc_args=-fprofile-instr-generate -fcoverage-mapping -mllvm -runtime-counter-relocation",
        env=env,
    )
    run(["ninja", "-C", tests], env=env, quiet=True)
    run(
        ["meson", "test", "-C", tests, "--no-rebuild", "-t", "5", *(f"--suite={name}" for name in SUITES)],
        env=env,
        quiet=True,
    )
    return env


def report_generator(out: Path, env: dict[str, str]) -> list[str]:
    coverage = ["python3", "-m", "coverage"]
    configuration = f"--rcfile={out / 'coveragerc'}"
    quiet = {**env, "COVERAGE_PROCESS_START": ""}
    run([*coverage, "combine", "-q", configuration], env=quiet)
    run([*coverage, "report", configuration, "--show-missing"], env=quiet)
    run([*coverage, "json", "-q", configuration, "-o", out / "generator.json"], env=quiet)
    totals = json.loads((out / "generator.json").read_text(encoding="utf-8"))["totals"]
    return enough("gen/", totals["covered_lines"], totals["num_statements"])


def enough(what: str, reached: int, lines: int) -> list[str]:
    print(f"{what}: {reached / lines:.1%} of {lines} lines")
    return [] if reached >= lines * LEAST / 100 else [f"{what}: fewer than {LEAST} % of the lines are reached"]


def export(tests: Path, out: Path) -> list[dict[str, Any]]:
    """What clang counted, by function and program."""
    listing = out / "profiles.txt"
    profiles = (path for path in (out / "profiles").glob("*.profraw") if path.stat().st_size > 0)
    listing.write_text("\n".join(map(str, profiles)), encoding="utf-8")
    merged = out / "header.profdata"
    run(["llvm-profdata", "merge", "-sparse", "-failure-mode=all", "-o", merged, f"--input-files={listing}"])
    programs = [path for path in sorted(tests.glob("tests/*/*")) if is_program(path)]
    objects = [option for path in programs[1:] for option in ("-object", str(path))]
    done = capture(["llvm-cov", "export", "-instr-profile", merged, programs[0], *objects, tests / "capsicum_easy.h"])
    if done.returncode != 0:
        fail(done.stderr)
    functions: list[dict[str, Any]] = json.loads(done.stdout)["data"][0]["functions"]
    return functions


def is_program(path: Path) -> bool:
    if not path.is_file() or not os.access(path, os.X_OK):
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def report_header(functions: list[dict[str, Any]], header: Path, out: Path) -> list[str]:
    text = header.read_text(encoding="utf-8").splitlines()
    parts = parts_of(text)
    lines = line_counts(functions, header)
    branches = branch_counts(functions, header, text)
    part_of = {branch: parts[line] for branch, (line, _) in branches.items()}
    for part in sorted(set(parts)):
        of_lines = [count for number, count in lines.items() if parts[number - 1] == part]
        of_branches = [count for branch, (_, count) in branches.items() if part_of[branch] == part]
        if of_lines:
            print(f"  {part:24} lines {share(of_lines)}  branches {share(of_branches)}")
    (out / "header-lines.tsv").write_text(
        "".join(f"{n}\t{parts[n - 1]}\t{text[n - 1]}\n" for n, count in sorted(lines.items()) if count == 0),
        encoding="utf-8",
    )
    missed = sorted(branch for branch, (_, count) in branches.items() if count == 0)
    (out / "header-branches.tsv").write_text(
        "".join("\t".join((part_of[branch], *branch)) + "\n" for branch in missed), encoding="utf-8"
    )
    problems = enough("header", sum(count > 0 for count in lines.values()), len(lines))
    return problems + unexplained({branch for branch in missed if is_enforcement(part_of[branch])})


def parts_of(text: list[str]) -> list[str]:
    """The part of the library that each line of the header came from, by the guard that opens it."""
    part, parts = "tables and platform", []
    for line in text:
        match = re.match(r"#ifndef (CE_\w+)_H$", line)
        part = match[1].lower() if match else part
        parts.append(part)
    return parts


def is_enforcement(part: str) -> bool:
    return any(f"#ifndef {part.upper()}_H\n" in path.read_text(encoding="utf-8") for path in ENFORCEMENT.glob("*.h"))


def share(counts: list[int]) -> str:
    return f"{sum(count > 0 for count in counts) / len(counts):.1%} of {len(counts)}" if counts else "none"


def line_counts(functions: list[dict[str, Any]], header: Path) -> dict[int, int]:
    """How often each line with code was reached: the most of all functions that have it."""
    counts: dict[int, int] = {}
    for function in functions:
        for first, _, last, _, count, file, _, kind in function["regions"]:
            if kind == 0 and function["filenames"][file] == str(header):
                for line in {first, last}:
                    counts[line] = max(counts.get(line, 0), count)
    return counts


def branch_counts(functions: list[dict[str, Any]], header: Path, text: list[str]) -> dict[Branch, tuple[int, int]]:
    """Where each branch is, and how often it was taken in all programs together."""
    counts: dict[Branch, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for function in functions:
        name = function["name"].rpartition(":")[2]
        for line, column, last, end, true, false, file, *_ in function.get("branches", []):
            if function["filenames"][file] != str(header):
                continue
            whole = [*text[line - 1 : last - 1], text[last - 1][: end - 1]]
            condition = " ".join("\n".join([whole[0][column - 1 :], *whole[1:]]).split())
            for side, count in (("true", true), ("false", false)):
                branch = Branch(name, condition, side)
                counts[branch] = (line - 1, counts[branch][1] + count)
    return dict(counts)


def unexplained(missed: set[Branch]) -> list[str]:
    """What is the matter with uncovered.tsv, given the branches that no test takes."""
    release = tuple(int(number) for number in re.findall(r"\d+", os.uname().release)[:2])
    if release < KERNEL or os.geteuid() != 0:
        print(f"{UNCOVERED.name}: not compared, which takes root and Linux {'.'.join(map(str, KERNEL))}")
        return []
    known = {Branch(*row[:3]) for row in table(UNCOVERED)}
    print(f"{UNCOVERED.name}: {len(known)} branches, {len(missed)} are not reached")
    return [f"{one.function}: that '{one.condition}' is {one.side} is not reached, nor explained in {UNCOVERED.name}"
            for one in sorted(missed - known)] + [
        f"{UNCOVERED.name}: {one.function}: that '{one.condition}' is {one.side} is reached" for one in sorted(known - missed)
    ]  # fmt: skip
