# SPDX-License-Identifier: BSD-2-Clause
"""MemorySanitizer and valgrind over what runs under them."""

from __future__ import annotations

from pathlib import Path

from common import HERE, ROOT, Completed, at_once, capture, configure, fail, generate, run

#: Not text, whose random strings take a minute and are the fuzz target's too; not preparing, where pthread_exit(3) must
#: abort for want of libgcc_s, which a sanitizer has linked in.
TESTS = [
    "linux/limits",
    "linux/mode",
    "linux/accepting",
    "linux/rings",
    "helpers/caph",
    "helpers/explain",
    "helpers/opening",
    "helpers/procdesc",
    "helpers/sandbox",
    "faults/faults",
    "c/names",
    "c/sets",
]
FUZZED = {"names": "2000", "text": "2000", "filter": "500"}


def check(what: str, done: list[Completed]) -> None:
    for one in done:
        if one.returncode != 0:
            fail(f"{what}: {' '.join(one.args)}\n{one.stdout}{one.stderr}")
    print(f"{what}: {len(done)} programs")


def with_sanitizer(build: Path) -> None:
    generate(build)
    compiler = [
        "clang",
        "-g",
        "-O1",
        "-w",
        "-std=gnu11",
        "-D_GNU_SOURCE",
        "-pthread",
        "-fsanitize=memory",
        "-fsanitize-memory-track-origins",
        f"-I{build}",
        f"-I{ROOT / 'include/linux'}",
    ]
    # The library cannot be: it was not compiled with the sanitizer, which takes what it writes for uninitialised.
    shim = [
        f"-I{ROOT / 'tests/stand-in'}",
        "-include",
        str(HERE / "msan/syscall.h"),
        f'-DORACLE="{ROOT / "tests/data/freebsd-13.2-procdesc.jsonl"}"',
    ]
    programs: dict[Path, list[str | Path]] = {}
    for name in TESTS:
        programs[build / f"msan-{name.replace('/', '-')}"] = [*shim, ROOT / f"tests/{name}.c"]
    for name in FUZZED:
        programs[build / f"msan-fuzz-{name}"] = [ROOT / f"tests/fuzz/{name}.c", ROOT / "tests/fuzz/drive.c"]
    commands: list[list[str | Path]] = [[*compiler, *rest, "-o", program] for program, rest in programs.items()]
    check("compiled for MemorySanitizer", at_once(capture, commands))
    arguments = {build / f"msan-fuzz-{name}": ["random", count] for name, count in FUZZED.items()}
    runs: list[list[str | Path]] = [[program, *arguments.get(program, [])] for program in programs]
    check("MemorySanitizer", at_once(capture, runs))


def with_valgrind(build: Path) -> None:
    """Not what limits or enters: valgrind 3.19 knows neither seccomp(2) nor Landlock's calls, and answers ENOSYS."""
    plain = build / "plain"
    configure(plain, "-Dbuildtype=debug")
    tests = [f"tests/c/test_{name}" for name in ("names", "sets", "text")]
    fuzzed = [f"tests/fuzz/fuzz_{name}" for name in FUZZED]
    run(["ninja", "-C", plain, *tests, *fuzzed], quiet=True)
    valgrind = ["valgrind", "-q", "--error-exitcode=9", "--trace-children=yes"]
    # Without the tests of text that try millions.
    commands: list[list[str | Path]] = [[*valgrind, plain / test, "--filter", "!(text)/*"] for test in tests]
    commands += [[*valgrind, plain / program, "random", "30"] for program in fuzzed]
    check("valgrind", at_once(capture, commands))


def analyse(build: Path) -> None:
    with_sanitizer(build)
    with_valgrind(build)
