# SPDX-License-Identifier: BSD-2-Clause
"""gcc -fanalyzer, clang-tidy, cppcheck and scan-build over the header and what is made with it."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from common import HERE, ROOT, Completed, at_once, capture, fail, generate, table

SUPPRESSIONS = HERE / "suppressions.tsv"
OF_OTHER_SYSTEMS = {"process_freebsd", "start_freebsd", "start_other", "watch_other"}
SOURCES = [
    *sorted(ROOT.glob("bindings/python/_capsicum/*.c")),
    *sorted(ROOT.glob("examples/*.c")),
    *(path for path in sorted(ROOT.glob("tools/*.c")) if path.stem not in OF_OTHER_SYSTEMS),
]
DIAGNOSTIC = re.compile(r"^(?P<file>[^:\n]+):(?P<line>\d+):(?:\d+:)? (?:warning|error): (?P<text>.*)$", re.MULTILINE)
CHECK = re.compile(r"\[([\w.,=+-]+)\]$")


@dataclass(frozen=True)
class Suppression:
    check: str
    source: str


def unexplained(output: str, known: list[Suppression], used: set[Suppression]) -> list[str]:
    """Return the diagnostics that no suppression explains, and note those that are used."""
    left = []
    for match in DIAGNOSTIC.finditer(output):
        check = CHECK.search(match["text"])
        name = check[1].split(",")[0] if check else ""
        line = Path(match["file"]).read_text(encoding="utf-8").splitlines()[int(match["line"]) - 1]
        fitting = [one for one in known if one.check == name and one.source in line]
        used.update(fitting)
        if not fitting:
            left.append(match[0])
    return left


@dataclass(frozen=True)
class Analysis:
    tool: str
    source: Path
    command: tuple[str | Path, ...]


def analyses(build: Path) -> list[Analysis]:
    whole = build / "whole.c"  # the header as a program of its own, so that what nobody calls is looked at too
    whole.write_text(generate(build).read_text(encoding="utf-8"), encoding="utf-8")
    includes = subprocess.run(
        ["python3-config", "--includes"], capture_output=True, text=True, check=True
    ).stdout.split()
    for script in ("call_names", "ioctl_names", "linux_needs"):  # for tools
        made = subprocess.run(
            [sys.executable, "-B", ROOT / f"gen/{script}.py", "cc"], capture_output=True, text=True, check=True
        )
        (build / f"{script.replace('_', '-')}.h").write_text(made.stdout, encoding="utf-8")
    version = '-DPYCAPSICUM_VERSION="0"'
    flags = ['-DCAPEASY_VERSION="0"', "-std=gnu11", f"-I{build}", f"-I{ROOT / 'include/linux'}", *includes, version]
    commands: dict[str, tuple[str | Path, ...]] = {
        # Not inlined, a function of the header is looked at once a program and not once a call.
        "gcc -fanalyzer": ("gcc", "-O1", "-fno-inline", "-fanalyzer", "-o", "/dev/null", *flags, "-c"),
        # Not the checker that wants Annex K's memcpy_s, which no libc has.
        "scan-build": (
            "scan-build",
            "--use-cc=clang",
            "-o",
            build / "scan-build",
            "-enable-checker",
            "security",
            "-enable-checker",
            "valist",
            "-enable-checker",
            "optin.portability",
            "-disable-checker",
            "security.insecureAPI.DeprecatedOrUnsafeBufferHandling",
            "clang",
            "-Xclang",
            "-analyzer-output=text",
            *flags,
            "-o",
            "/dev/null",
            "-c",
        ),
        "clang-tidy": (
            "clang-tidy",
            "-quiet",
            f"--config-file={ROOT / '.clang-tidy'}",
            *(f"--extra-arg={flag}" for flag in flags),
        ),
        "cppcheck": (
            "cppcheck",
            "--quiet",
            "--std=c11",
            "--enable=warning,portability,performance",
            "--template=gcc",
            "--library=python",
            "-D__linux__",
            "-D__x86_64__",
            version,
            '-DCAPEASY_VERSION="0"',
            f"-I{build}",
        ),
    }
    found = []
    for tool, command in commands.items():
        for source in (whole, *SOURCES):
            options: tuple[str, ...] = ()
            if (tool, source) == ("gcc -fanalyzer", whole):
                options = ("-fkeep-inline-functions", "-fkeep-static-functions")
            elif source != whole:  # what the header does inside is analysed once, not with each program
                declarations = "-DCAPSICUM_EASY_DECLARATIONS="  # as programs define it
                options = (f"--extra-arg={declarations}",) if tool == "clang-tidy" else (declarations,)
            end = ("--",) if tool == "clang-tidy" else ()
            found.append(Analysis(tool, source, (*command, *options, source, *end)))
    return found


def analyse(build: Path) -> None:
    def perform(analysis: Analysis) -> Completed:
        return capture(analysis.command)

    rows = [(check, source) for check, source, _reason in table(SUPPRESSIONS)]
    known = [Suppression(*row) for row in rows]
    used: set[Suppression] = set()
    problems: dict[str, list[str]] = {}
    every = analyses(build)
    for analysis, done in zip(every, at_once(perform, every)):
        found = unexplained(done.stdout + done.stderr, known, used)
        if done.returncode != 0 and not DIAGNOSTIC.search(done.stdout + done.stderr):
            found.append(f"{analysis.tool}: {analysis.source.name}: exit status {done.returncode}: {done.stderr}")
        problems.setdefault(analysis.tool, []).extend(found)
    for tool, found in problems.items():
        print(f"{tool}: {sum(one.tool == tool for one in every)} programs, {len(found)} complaints", flush=True)
    left = [problem for found in problems.values() for problem in found]
    left += [f"{SUPPRESSIONS.name}: nobody says '{one.check}' of '{one.source}'" for one in known if one not in used]
    if left:
        fail("\n".join(dict.fromkeys(left)))
