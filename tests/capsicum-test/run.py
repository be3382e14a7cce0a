#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Builds google/capsicum-test on Linux and runs it: tests/capsicum-test/run.py CHECKOUT BUILD [PATTERN]

CHECKOUT is a clone of https://github.com/google/capsicum-test, BUILD a build directory of this project. Each test runs in
a process of its own, since one that enters capability mode or limits would take the next with it. What fails must stand in
failing.tsv with its reason, and what stands there must fail. As root: half of the tests change their user.
"""

from __future__ import annotations

import contextlib
import fnmatch
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SECONDS = 10
OPTIONS = ["-std=gnu++17", "-O1", "-w", "-pthread", "-Igtest-1.10.0/include", "-Igtest-1.10.0"]
STATIC = ("mini-me", "mini-me.64")


def build(checkout: Path, library: Path) -> Path:
    """The suite's program. Its sources stay as they are, but for headers of a kernel that never was."""
    out = library / "capsicum-test"
    (out / "linux").mkdir(parents=True, exist_ok=True)
    (out / "linux/capsicum.h").write_text("")  # port.h has what it should say
    includes = [f"-I{out}", f"-I{library}", f"-I{ROOT / 'include/linux'}", "-include", str(HERE / "port.h")]
    sources = sorted(checkout.glob("*.cc"))
    objects = [out / f"{source.stem}.o" for source in sources]
    gtest = out / "gtest-all.o"
    if not gtest.exists():
        subprocess.run(["c++", *OPTIONS, "-c", "gtest-1.10.0/src/gtest-all.cc", "-o", gtest], cwd=checkout, check=True)
    for source, target in zip(sources, objects):
        subprocess.run(["c++", *OPTIONS, *includes, "-c", source, "-o", target], cwd=checkout, check=True)
    links = [f"-L{library / 'library'}", "-lcapsicum_easy", f"-Wl,-rpath,{library / 'library'}", "-lrt", "-pthread"]
    program = out / "capsicum-test"
    subprocess.run(["c++", *objects, gtest, "-o", program, *links], check=True)
    for name in STATIC:
        subprocess.run(["cc", "-w", "-static", "-o", out / name, checkout / "mini-me.c"], check=True)
    for name, mode in (("mini-me.noexec", 0o644), ("mini-me.setuid", 0o4755)):
        (out / name).write_bytes((out / "mini-me").read_bytes())
        (out / name).chmod(mode)
    return program


def tests(program: Path) -> list[str]:
    listed = subprocess.run([program, "--gtest_list_tests"], capture_output=True, text=True, check=True)
    names, group = [], ""
    for line in listed.stdout.splitlines():
        if re.fullmatch(r"\w+\.", line):
            group = line
        elif re.fullmatch(r"  \w+", line):
            names.append(group + line.strip())
    return names


def result(program: Path, name: str) -> str:
    """ "" if the test passed, else what it said. What it leaves running is ended."""
    command = [program, "-u", "nobody", f"--gtest_filter={name}"]
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        process = subprocess.Popen(
            command, cwd=program.parent, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
        try:
            status = process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            status = SECONDS
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        output.seek(0)
        said = output.read()
    if status == 0 and "[  PASSED  ] 1 test" in said:
        return ""
    return said or f"status {status}"


def expected() -> dict[str, str]:
    rows = (line.split("\t") for line in (HERE / "failing.tsv").read_text(encoding="utf-8").splitlines())
    return {row[0]: row[-1] for row in rows if not row[0].startswith("#")}


def main() -> int:
    checkout, library = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    pattern = sys.argv[3] if len(sys.argv) > 3 else "*"
    if os.geteuid() != 0:
        print("run.py: as root, please", file=sys.stderr)
        return 2
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored where a shell started this in the background
    program = build(checkout, library)
    known, wrong, passed, names = expected(), 0, 0, fnmatch.filter(tests(program), pattern)
    for name in names:
        said = result(program, name)
        passed += not said
        if bool(said) != (name in known):
            wrong += 1
            print(f"{'fails, which no row explains' if said else 'passes, though a row says it fails'}: {name}\n{said}")
    print(f"{passed} of {len(names)} pass")
    return 1 if wrong else 0


sys.exit(main())
