# SPDX-License-Identifier: BSD-2-Clause
"""Measures capsicum_easy against what one would use instead, and writes docs/benchmarks.md and its charts.

meson compile -C BUILD bench

Everything that is compared is measured in the same run, in turns, so that what else the machine does falls on all alike.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
ROUNDS = 5

Samples = dict[str, list[float]]
Bars = list[tuple[str, tuple[float, float]]]


@dataclass(frozen=True)
class Options:
    build: Path
    python_path: str
    library: Path
    bwrap: str


# Running and counting.


def output_of(*command: str | Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, **(env or {})},
    )
    return done.stdout


def samples_of(text: str, into: Samples, prefix: str = "") -> None:
    for line in text.splitlines():
        name, value = line.rsplit(" ", 1)
        into[prefix + name].append(float(value))


def median(values: list[float]) -> float:
    return statistics.median(values)


def spread(values: list[float]) -> str:
    """The median, and the quartiles around it."""
    low, _, high = statistics.quantiles(values, n=4)
    return f"{number(median(values))} ({number(low)} to {number(high)})"


def number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def ratio(value: float, base: float) -> str:
    return f"{value / base:.2f}" if value / base < 10 else f"{value / base:.0f}"


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows), ""]


# The parts.


def collected(program: Path, method: str, outcome: str, rounds: int) -> int:
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, method, outcome, str(rounds)],
        capture_output=True,
        text=True,
        check=True,
    )
    match = re.search(r"Collected : (\d+)", done.stderr)
    if match is None:
        sys.exit(f"callgrind says nothing: {done.stderr}")
    return int(match[1])


def names(options: Options) -> list[str]:
    program = options.build / "bench_names"
    methods = ("capsicum_easy", "gperf", "bsearch", "scan")
    outcomes = ("hit", "miss")
    count = int(output_of(program, "scan", "hit", "1").split()[1])
    times: Samples = defaultdict(list)
    for _ in range(ROUNDS):
        for method in methods:
            for outcome in outcomes:
                text = output_of(program, method, outcome).split("names ")[0]
                samples_of(text, times, f"{method} {outcome} ")
    instructions = {
        (method, outcome): (collected(program, method, outcome, 11) - collected(program, method, outcome, 1))
        / 10
        / count
        for method in methods
        for outcome in outcomes
    }
    rows = []
    for method in methods:
        row = [method]
        for outcome in outcomes:
            used = instructions[method, outcome]
            row += [
                ratio(used, instructions["capsicum_easy", outcome]),
                f"{used:.0f}",
                spread([value / count for value in times[f"{method} {outcome} round"]]),
            ]
        rows.append(row)
    return [
        "## A right by its name",
        "",
        f"All {count} names, each once a round. Instructions are callgrind's, the time is nanoseconds for one lookup. A miss",
        "differs from a name in its last letter.",
        "",
        *table(["method", "hit, ratio", "instructions", "time", "miss, ratio", "instructions", "time"], rows),
    ]


def disassembly(program: Path, function: str) -> list[str]:
    text = output_of(
        "objdump", "--no-show-raw-insn", "--no-addresses", f"--disassemble={function}", "-M", "intel", program
    )
    lines = text.split(f"<{function}>:")[1].strip().splitlines()
    body = [
        line.strip().split(" #")[0].strip() for line in lines if line.strip() and not line.startswith("Disassembly")
    ]
    return [line for line in body if not line.startswith(("nop", "xchg   ax,ax", "cs nop"))]


def sets(options: Options) -> list[str]:
    program = options.build / "bench_sets"
    times: Samples = defaultdict(list)
    for _ in range(ROUNDS):
        samples_of(output_of(program), times)
    base = median(times["constant"])
    labels = {
        "constant": "`CE_SET(...)`, a constant",
        "variadic": "`cap_rights_init(&set, ...)`, as libc has it",
        "text": '`ce_rights_parse("...")`',
    }
    constant = disassembly(program, "limit_constant")
    return [
        "## A set of four rights, handed to a function",
        "",
        "Nanoseconds, the call included.",
        "",
        *table(
            ["how", "ratio", "time"],
            [[label, ratio(median(times[key]), base), spread(times[key])] for key, label in labels.items()],
        ),
        f"`limit(fd, CE_SET(...))` compiles to {len(constant)} instructions that only pass an address; the variadic call to",
        f"{len(disassembly(program, 'limit_variadic'))}, and it calls a function that walks the list.",
        "",
        "```",
        *constant,
        "```",
        "",
    ]


CONFIGURATIONS = (
    ("none", 0, "no filter"),
    ("together", 1, "1 limited"),
    ("together", 3, "3 limited, in one call"),
    ("together", 10, "10 limited, in one call"),
    ("apart", 3, "3 limited, one by one"),
    ("apart", 10, "10 limited, one by one"),
    ("mode", 0, "capability mode"),
    ("mode", 3, "capability mode, 3 limited"),
    ("libseccomp", 1, "libseccomp, 1 limited"),
    ("libseccomp", 3, "libseccomp, 3 limited"),
    ("libseccomp", 10, "libseccomp, 10 limited"),
    ("tree", 1, "libseccomp's binary tree, 1 limited"),
    ("tree", 3, "libseccomp's binary tree, 3 limited"),
    ("tree", 10, "libseccomp's binary tree, 10 limited"),
    ("hand", 1, "a linear filter by hand, 1 limited"),
    ("hand", 3, "a linear filter by hand, 3 limited"),
    ("hand", 10, "a linear filter by hand, 10 limited"),
)


def calls(options: Options) -> tuple[list[str], Bars]:
    times: Samples = defaultdict(list)
    for _ in range(ROUNDS):
        for how, limited, label in CONFIGURATIONS:
            samples_of(output_of(options.build / "bench_calls", how, str(limited)), times, f"{label} ")
    measured = ("read", "preadv2", "getppid")
    base = {call: median(times[f"no filter {call}"]) for call in measured}
    rows, bars = [], []
    for _, _, label in CONFIGURATIONS:
        cost = {call: median(times[f"{label} {call}"]) for call in measured}
        rows.append(
            [
                label,
                *(ratio(cost[call], base[call]) for call in measured),
                *(spread(times[f"{label} {call}"]) for call in measured),
            ]
        )
        bars.append((label, (cost["read"] - base["read"], cost["preadv2"] - base["preadv2"])))
    return [
        "## What a system call costs",
        "",
        "The times are nanoseconds of processor time for three calls, while other descriptors are limited, two of three of them",
        "without CAP_READ. `read()` reads one byte of a descriptor without limits. `preadv2()` does the same; its number is high, so",
        "a linear filter comes to it late. No filter looks at `getppid()`.",
        "",
        "The libseccomp and the linear filters express the same limits, made from the same policy. libseccomp's are a little",
        "weaker: it cannot compare one argument with several values that it must not have. The linear ones look at a call's first",
        "argument only.",
        "",
        "With the first filter of any kind every call costs the kernel's way into seccomp. getppid() then costs the same however",
        "many filters there are: the kernel allows it by its bitmap.",
        "",
        *table(["limits", "read, ratio", "preadv2, ratio", "getppid, ratio", "read", "preadv2", "getppid"], rows),
    ], bars


def entering(options: Options) -> list[str]:
    times: Samples = defaultdict(list)
    for _ in range(ROUNDS):
        samples_of(output_of(options.build / "bench_entering", "40"), times)
        samples_of(output_of(options.build / "bench_entering", "20", options.bwrap), times)
    base = median(times["enter"])
    labels = {
        "fork": "fork and exit",
        "enter": "fork, `cap_enter()`, exit",
        "exec": "fork, exec of /bin/true",
        "bubblewrap": "bubblewrap, everything unshared, exec of /bin/true",
    }
    own = base - median(times["fork"])
    return [
        "## Entering a sandbox",
        "",
        "Microseconds of wall time, from `fork()` to `waitpid()`.",
        "",
        *table(
            ["how", "ratio", "time"],
            [[label, ratio(median(times[key]), base), spread(times[key])] for key, label in labels.items()],
        ),
        f"`cap_enter()` itself takes what lies between the first two, {number(own)}.",
        "",
    ]


def import_times(options: Options, env: dict[str, str]) -> Samples:
    """Milliseconds to import a module, in interpreters of their own."""
    times: Samples = defaultdict(list)
    for _ in range(10 * ROUNDS):
        for module in ("fcntl", "pycapsicum", "naive"):
            code = (
                f"import time; start = time.perf_counter(); import {module}; "
                "print('import', (time.perf_counter() - start) * 1e3)"
            )
            samples_of(output_of(sys.executable, "-c", code, env=env), times, f"{module} ")
    return times


def python(options: Options) -> list[str]:
    table_file = options.build / "naive-names.json"
    env = {
        "PYTHONPATH": f"{options.python_path}{os.pathsep}{HERE}",
        "NAIVE_LIBRARY": str(options.library),
        "NAIVE_NAMES": str(table_file),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    output_of(sys.executable, HERE / "operations.py", "names", table_file, env=env)
    times: Samples = defaultdict(list)
    for _ in range(ROUNDS):
        samples_of(output_of(sys.executable, HERE / "operations.py", "measure", env=env), times)
    labels = {
        "construct": "`CapRights([four names])`",
        "is_set": "`full.is_set([four names])`",
        "contains": "`full.contains(four)`",
        "caps": "`full.caps`",
        "get": "`rights.get(fd)`, limited",
    }
    rows = [
        [
            label,
            ratio(median(times[f"naive {key}"]), median(times[f"pycapsicum {key}"])),
            spread(times[f"pycapsicum {key}"]),
            spread(times[f"naive {key}"]),
        ]
        for key, label in labels.items()
    ]
    imports = import_times(options, env)
    base = median(imports["fcntl import"])
    return [
        "## Python",
        "",
        "Nanoseconds. The naive binding (bench/naive.py) is what ctypes gives over the same library in 40 lines.",
        "",
        *table(["operation", "naive / pycapsicum", "pycapsicum", "naive"], rows),
        "Milliseconds to import, each in an interpreter of its own:",
        "",
        *table(
            ["module", "more than fcntl", "time"],
            [
                [f"`{name}`", number(median(imports[f"{name} import"]) - base), spread(imports[f"{name} import"])]
                for name in ("fcntl", "pycapsicum", "naive")
            ],
        ),
    ]


def services(options: Options) -> list[str]:
    times: Samples = defaultdict(list)
    for _ in range(3 * ROUNDS):
        samples_of(output_of(options.build / "bench_casper"), times)
    pairs = {
        "number": ("`getaddrinfo()` of a number", "`cap_getaddrinfo()`"),
        "name": ("`getaddrinfo()` of a name in /etc/hosts", "`cap_getaddrinfo()`"),
        "file": ("`open()` and `close()`", "`fileargs_open()` and `close()`"),
    }
    labels = {
        "exec": "fork, exec of /bin/true, wait",
        "init": "`cap_init()`, `cap_close()`",
        "open service": "`cap_service_open()`, `cap_close()`",
        "clone": "`cap_clone()`, `cap_close()`",
        "clone of many": "`cap_clone()`, the mean of a thousand that stay open",
        "one client": "`cap_getpwuid()`, one client",
        "many clients": "`cap_getpwuid()`, of each of a thousand clients",
    }
    base = median(times["exec"])
    rows = [
        [alone, spread(times[f"{key} alone"]), by, spread(times[f"{key} service"])]
        for key, (alone, by) in pairs.items()
    ]
    return [
        "## Services",
        "",
        "Microseconds of wall time. What a program does by itself, and what a service does for it:",
        "",
        *table(["alone", "time", "by a service", "time"], rows),
        "To start one, and a thousand clients of one service, each of which has a process of its own:",
        "",
        *table(
            ["what", "ratio", "time"],
            [[label, ratio(median(times[key]), base), spread(times[key])] for key, label in labels.items()],
        ),
    ]


Series = list[list[float]]


def growth_rows(options: Options, what: str, steps: tuple[int, ...]) -> Series:
    """The medians of each column, one row a step."""
    rows: Series = []
    for step in steps:
        runs = [output_of(options.build / "bench_growth", what, str(step)).split() for _ in range(ROUNDS)]
        rows.append([median([float(value) for value in column]) for column in zip(*runs)])
    return rows


def most_together(options: Options) -> int:
    """How many descriptors one ce_limit_each() can limit: found by halving."""
    fits, fails = 1, 4097
    while fails - fits > 1:
        middle = (fits + fails) // 2
        done = subprocess.run([options.build / "bench_growth", "together", str(middle)], stdout=subprocess.DEVNULL)
        fits, fails = (middle, fails) if done.returncode == 0 else (fits, middle)
    return fits


def until_full(options: Options, *arguments: str) -> tuple[Series, str]:
    """What one program prints for one descriptor more and one more, and what it says when no more fit."""
    done = subprocess.run([options.build / "bench_growth", *arguments], capture_output=True, text=True, check=False)
    return [[float(value) for value in line.split()] for line in done.stdout.splitlines()], done.stderr.strip()


def growth(options: Options) -> tuple[list[str], dict[str, Series]]:
    one_by_one, end = until_full(options, "apart")
    rebuilt, _ = until_full(options, "libseccomp", "10000")
    made, _ = until_full(options, "made", "10000")

    def shown(found: Series) -> Series:
        return [row for row in found if row[0] in (1, 3, 10, 30, 100) or row is found[-1]]

    most = most_together(options)
    steps = tuple(step for step in (1, 3, 10, 30, 100, 300, 1000, 3000) if step < most)
    series = {
        "together": growth_rows(options, "together", (*steps, most)),
        "ioctls": growth_rows(options, "ioctls", (1, 4, 16, 64, 128, 256)),
        "directories": growth_rows(options, "directories", (1, 5, 20, 50, 100, 200)),
    }

    def rows(found: Series) -> list[list[str]]:
        return [[f"{row[0]:.0f}", *(number(value) for value in row[1:])] for row in found]

    text = [
        "## How it grows",
        "",
        "Medians; microseconds of processor time to limit, nanoseconds for the call.",
        "",
        "Descriptors that are limited as they are made, with `ce_open()` and three sets of rights in turn. The second column is",
        "nanoseconds to make one more. The third is what a bare `open()` takes then. Rows in which new pools are made include the",
        "time for their filters. The read() is of a descriptor without limits. The kernel takes 32,768 instructions in all",
        "filters of a process ([pools](pools.md)).",
        "",
        *table(["descriptors", "to make one", "a bare open()", "a read()", "filters", "instructions"], rows(made)),
        f"Limited one by one with `ce_limit()`, a filter each: {end}. Every filter is run for each call, so this is also",
        "where reads get slow.",
        "",
        *table(["descriptors", "to limit the last", "a read()"], rows(shown(one_by_one))),
        f"libseccomp, a new filter for all so far each time: ends at {len(rebuilt) + 1}.",
        "",
        *table(["descriptors", "to limit the last", "a read()"], rows(shown(rebuilt))),
        f"Limited in one `ce_limit_each()`; neighbours have different rights, so no ranges can be joined. More than {most} do",
        "not fit:",
        "",
        *table(["descriptors", "to limit all", "a read()"], rows(series["together"])),
        "A list of ioctl commands; FreeBSD takes 256 at most, and so do we:",
        "",
        *table(["commands", "to limit", "to get the list", "an ioctl()"], rows(series["ioctls"])),
        "Directories that are open when capability mode is entered, each with a Landlock rule:",
        "",
        *table(["directories", "to enter"], rows(series["directories"])),
    ]
    return text, {"apart": one_by_one, **series}


# The page.


def draw(path: Path, bars: Bars, series: dict[str, Series]) -> None:
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plot
    from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "capsicum_easy", "font.size": 9})
    figure, (left, right) = plot.subplots(1, 2, figsize=(11, 4.5), gridspec_kw={"width_ratios": [3, 2]})
    colours = ["#4c72b0" if not label.startswith(("libseccomp", "a linear")) else "#b0b0b0" for label, _ in bars]
    left.barh([label for label, _ in bars], [costs[1] for _, costs in bars], color=colours, alpha=0.5)
    left.barh([label for label, _ in bars], [costs[0] for _, costs in bars], color=colours)
    left.invert_yaxis()
    left.set_xlabel("nanoseconds that limits add to read() (dark), preadv2() (light)")
    for key, label in (("apart", "one by one"), ("together", "in one call")):
        right.plot([row[0] for row in series[key]], [row[2] for row in series[key]], marker=".", label=label)
    right.set_xscale("log")
    right.set_yscale("log")
    # By itself matplotlib labels powers of ten only, and of those there may be one.
    for axis, steps in ((right.xaxis, (1,)), (right.yaxis, (1, 2, 5))):
        axis.set_major_locator(LogLocator(subs=steps))
        axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axis.set_minor_locator(NullLocator())
    right.set_xlabel("limited descriptors")
    right.set_ylabel("nanoseconds of a read()")
    right.legend(frameon=False)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None, "Creator": None})


def machine() -> list[str]:
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    compiler = output_of("cc", "--version").splitlines()[0]
    load = os.getloadavg()[0]
    return [
        f"Measured on {time.strftime('%Y-%m-%d')} on {model[1] if model else platform.processor()}, {os.cpu_count()} processors,",
        f"Linux {platform.release()} {platform.machine()}, {compiler}, Python {platform.python_version()}; the load was {load:.1f}",
        "when it began, from other programs. Times are medians, with the quartiles in parentheses; a ratio is of the medians, to",
        f"the row with 1.00. Everything in a table was measured in turns, {ROUNDS} rounds of it.",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True, help="where the programs are")
    parser.add_argument("--python-path", required=True, help="where pycapsicum is")
    parser.add_argument("--library", type=Path, required=True, help="libcapsicum_easy.so")
    parser.add_argument("--bwrap", default="bwrap")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where to write benchmarks.md and .svg")
    given = parser.parse_args()
    options = Options(given.build, given.python_path, given.library, given.bwrap)
    head = machine()
    call_text, bars = calls(options)
    growth_text, series = growth(options)
    parts = [
        names(options),
        sets(options),
        call_text,
        entering(options),
        python(options),
        services(options),
        growth_text,
    ]
    page = [
        "<!-- SPDX-License-Identifier: BSD-2-Clause -->",
        "<!-- Written by bench/run.py: meson compile -C BUILD bench -->",
        "# Benchmarks",
        "",
        *head,
        "",
        "![What limits add to a read, and how it grows](benchmarks.svg)",
        "",
        *(line for part in parts for line in part),
    ]
    given.docs.mkdir(exist_ok=True)
    draw(given.docs / "benchmarks.svg", bars, series)
    (given.docs / "benchmarks.md").write_text("\n".join(page).rstrip() + "\n", encoding="utf-8")
    print("\n".join(line for part in parts for line in part))
    # What other pages have.
    build = given.build.parent
    for script, argument, name in (
        ("header.py", build, "using.md"),
        ("programs.py", build / "tools/capeasy", "comparison.md"),
        ("trace.py", build / "tools/capeasy", "trace.md"),
    ):
        subprocess.run([sys.executable, "-B", HERE / script, argument, "--page", given.docs / name], check=True)


if __name__ == "__main__":
    main()
