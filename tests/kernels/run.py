# SPDX-License-Identifier: BSD-2-Clause
"""Runs the suites on other kernels, live, in an emulator: builds the tests as static programs, boots each kernel with them
as its first file system, and reads the console.

    run.py [--work DIRECTORY] [--page FILE] [--tests linux/mode,...] [ARCHITECTURE/KERNEL ...]

Without kernels: all of machines.tsv, or those named in the environment's KERNELS. --page puts the table of what was found
between two marks in a page. Exit status: 0, 1 if a test failed, 77 if some kernel could not be had, with the reason.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import guest
from debian import Release, Unavailable

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MARKS = ("<!-- kernels: made by tests/kernels/run.py -->", "<!-- end of kernels -->")
#: Where busybox is taken from, for every kernel.
USERLAND = "bookworm"
MINUTES = 30  # for one kernel to end; emulated arm64 on a busy machine is the slowest

MACHINES = {
    "amd64": ["qemu-system-x86_64", "-cpu", "max", "-append", "console=ttyS0 quiet loglevel=1 panic=-1 no_timer_check"],
    "arm64": [
        "qemu-system-aarch64",
        "-M",
        "virt",
        "-cpu",
        "cortex-a72",
        "-append",
        "console=ttyAMA0 quiet loglevel=1 panic=-1",
    ],
}


@dataclass
class Run:
    """What one kernel's console said."""

    architecture: str
    name: str
    kernel: str = ""
    level: str = ""
    seconds: float = 0
    passed: dict[str, int] = field(default_factory=lambda: {"root": 0, "nobody": 0})
    failed: list[str] = field(default_factory=list)
    conformance: str = ""
    skipped: str = ""

    def row(self) -> str:
        if self.skipped:
            return f"| {self.name} | {self.architecture} | not tried: {self.skipped} | | | |"
        return (
            f"| {self.kernel} | {self.architecture} | {self.level} | {self.passed['root']} and {self.passed['nobody']} | "
            f"{len(self.failed)} | {self.conformance} |"
        )


def read_program(run: Run, who: str, name: str, lines: list[str], status: str) -> None:
    """Count what one program said: a line for each test, or for programs that are one test the exit status."""
    results = [line for line in lines if re.match(r"(not )?ok\b", line)]
    bad = [line for line in results if line.startswith("not ")]
    run.passed[who] += len(results) - len(bad) if results else status == "0"
    if bad or status not in ("0", "77"):
        run.failed.append(
            f"{who}, {name}: exit status {status}\n"
            + "\n".join(f"    {line}" for line in lines if len(lines) < 60 or re.match(r"not |# got|/.*: ", line))
        )


def read_conformance(run: Run, who: str, lines: list[str], directory: Path) -> None:
    answers = directory / f"conformance-{who}.jsonl"
    answers.write_text("".join(line + "\n" for line in lines if line.startswith("{")))
    done = subprocess.run(
        [
            sys.executable,
            "-B",
            ROOT / "tests/linux/conformance.py",
            answers,
            ROOT / "tests/linux/differences.tsv",
            *sorted((ROOT / "tests/data").glob("freebsd-??.?.jsonl")),
        ],
        capture_output=True,
        text=True,
    )
    counts = re.search(r"^\| as FreeBSD \| (\d+) \(.*?\) \|", done.stdout, re.MULTILINE)
    tried = re.match(r"(\d+) operations", done.stdout)
    run.conformance = f"{counts[1]} of {tried[1]}" if counts and tried else "?"
    if done.returncode != 0:
        run.failed.append(f"{who}, conformance: " + done.stderr.strip())


def read_console(run: Run, text: str, directory: Path) -> None:
    who = name = ""
    lines: list[str] = []
    for line in text.replace("\r", "").splitlines():
        word, _, rest = line.partition("@ ")[2].partition(" ") if line.startswith("@ ") else ("", "", "")
        if word == "kernel":
            run.kernel = rest
        elif word == "level":
            run.level = rest
        elif word == "run":
            who, name = rest.split()
            lines = []
        elif word == "exit" and name == "linux-conformance":
            read_conformance(run, who, lines, directory)
        elif word == "exit":
            read_program(run, who, name, lines, rest)
        else:
            lines.append(line)
    if "@ done" not in text:
        run.failed.append(f"the machine did not come to its end; its last words:\n{text[-2000:]}")


def boot(run: Run, release: str, work: Path, initramfs: Path) -> Run:
    """Boot one kernel and read what it prints until it switches itself off."""
    directory = work / f"{run.architecture}-{run.name}"
    directory.mkdir(exist_ok=True)
    try:
        image = Release(work, release, run.architecture).kernel()
    except Unavailable as reason:
        run.skipped = str(reason)
        return run
    machine = MACHINES[run.architecture]
    command = [
        *machine,
        "-m",
        "1024",
        "-smp",
        "2",
        "-nographic",
        "-no-reboot",
        "-nic",
        "none",
        "-kernel",
        str(image),
        "-initrd",
        str(initramfs),
    ]
    before = time.monotonic()
    with (directory / "console").open("wb") as console:
        try:
            subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT, timeout=60 * MINUTES
            )
        except subprocess.TimeoutExpired:
            pass
    run.seconds = time.monotonic() - before
    read_console(run, (directory / "console").read_text(encoding="utf-8", errors="replace"), directory)
    return run


def prepared(architecture: str, work: Path, tests: Sequence[str]) -> Path:
    """Return the first file system for an architecture, or say why there is none."""
    emulator = MACHINES[architecture][0]
    if shutil.which(emulator) is None:
        raise Unavailable(f"{emulator} is not installed")
    directory = work / architecture
    guest.build(architecture, directory, tests)
    return guest.archive(architecture, directory, Release(work, USERLAND, architecture))


def chosen(names: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return (name, architecture, release) of the kernels to run; those that emulate slowest first."""
    rows = [line.split("\t") for line in (HERE / "machines.tsv").read_text().splitlines() if not line.startswith("#")]
    known = {f"{architecture}/{name}": (name, architecture, release) for name, architecture, release in rows}
    unknown = set(names) - known.keys()
    if unknown:
        sys.exit(f"{', '.join(sorted(unknown))}: not in machines.tsv, which has {', '.join(known)}")
    return sorted(
        (row for key, row in known.items() if not names or key in names), key=lambda row: row[1], reverse=True
    )


def table(runs: list[Run]) -> str:
    head = [
        "| kernel | architecture | Landlock | tests passed, as root and as a user | failed | answers as FreeBSD's |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *(run.row() for run in runs)])


def write_page(path: Path, text: str) -> None:
    before, found, rest = path.read_text(encoding="utf-8").partition(MARKS[0])
    _, ended, after = rest.partition(MARKS[1])
    if not found or not ended:
        sys.exit(f"{path}: the marks of the table of kernels are missing")
    path.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, default=Path("build-kernels"))
    parser.add_argument("--page", type=Path)
    parser.add_argument("--tests", type=lambda text: text.split(","), default=guest.TESTS, metavar="TEST,...")
    parser.add_argument("kernels", nargs="*", default=os.environ.get("KERNELS", "").split())
    options = parser.parse_args()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)

    kernels = chosen(options.kernels)
    initramfs: dict[str, Path] = {}
    runs = {row: Run(row[1], row[0]) for row in kernels}
    for architecture in sorted({row[1] for row in kernels}):
        try:
            initramfs[architecture] = prepared(architecture, work, options.tests)
        except Unavailable as reason:
            for run in runs.values():
                run.skipped = str(reason) if run.architecture == architecture else run.skipped
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        list(
            pool.map(
                lambda row: boot(runs[row], row[2], work, initramfs[row[1]]),
                [row for row in kernels if row[1] in initramfs],
            )
        )
    done = [runs[row] for row in sorted(runs, key=lambda row: row[1])]
    for run in done:
        print(
            *(f"{run.architecture} {run.name}: {text}" for text in run.failed), sep="\n", end="\n" if run.failed else ""
        )
        print(f"{run.architecture} {run.name}: {run.seconds:.0f} s")
    print(table(done))
    if options.page is not None:
        write_page(options.page, table(done))
    failed = any(run.failed for run in done)
    return 1 if failed else 77 if any(run.skipped for run in done) else 0


if __name__ == "__main__":
    sys.exit(main())
