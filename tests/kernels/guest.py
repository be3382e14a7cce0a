# SPDX-License-Identifier: BSD-2-Clause
"""What is put into the emulated machine: the tests as static programs, busybox, and `init`, in one archive."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from debian import Release, Unavailable

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ORACLE = ROOT / "tests/data/freebsd-13.2-procdesc.jsonl"

#: Compiler, package with what it needs, and the dynamic loader of each architecture. Not gcc-aarch64-linux-gnu, which
#: removes gcc-multilib.
TOOLS = {
    "amd64": (["gcc"], "libc6-dev", "/lib64/ld-linux-x86-64.so.2"),
    "arm64": (
        ["clang", "--target=aarch64-linux-gnu", "-fuse-ld=lld"],
        "libc6-dev-arm64-cross libgcc-12-dev-arm64-cross lld",
        "/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1",
    ),
}

#: The tests that ask something of the kernel. Not helpers/preparing: it is about the C library, and needs a dynamic one.
#: Not faults/calls: what it makes fail it makes fail by filters of its own, for many minutes here.
TESTS = [
    "c/names",
    "c/sets",
    "linux/accepting",
    "linux/attacks",
    "linux/conformance",
    "linux/entering",
    "linux/exec",
    "linux/levels",
    "linux/limits",
    "linux/metadata",
    "linux/mode",
    "linux/pointers",
    "linux/pools",
    "linux/reopening",
    "linux/rings",
    "linux/tables",
    "linux/unknown",
    "helpers/caph",
    "helpers/explain",
    "helpers/opening",
    "helpers/procdesc",
    "helpers/sandbox",
    "helpers/streams",
    "faults/faults",
    "faults/load",
]
#: Programs that exec.c executes, by the names that it has for them.
GUESTS = {
    "static-guest": ["-static"],
    "static-guest-of-another-policy": ["-static", "-DOTHER_POLICY"],
    "dynamic-guest": [],
}


def _defines() -> list[str]:
    landlock = (ROOT / "include/linux/enforcement/landlock.h").read_text(encoding="utf-8")
    (newest,) = re.findall(r"^#define CE_LANDLOCK_MAX (\w+)$", landlock, re.MULTILINE)  # levels.c must be told
    guests = [f'-D{name.upper().replace("-", "_")}="/tests/{name}"' for name in GUESTS]
    return [*guests, f"-DCE_LANDLOCK_MAX={newest}", f'-DORACLE="/tests/{ORACLE.name}"']


def _compile(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")


def build(architecture: str, directory: Path, tests: Sequence[str]) -> None:
    """Compile the tests, two at a time, into directory/tests."""
    compiler, packages, loader = TOOLS[architecture]
    if shutil.which(compiler[0]) is None or not Path(loader).exists():
        raise Unavailable(f"for {architecture} these are needed: {compiler[0]} {packages}")
    programs = directory / "tests/programs"
    shutil.rmtree(directory, ignore_errors=True)
    programs.mkdir(parents=True)
    header = directory / "capsicum_easy.h"
    subprocess.run([sys.executable, "-B", ROOT / "gen", "-o", header], check=True)
    subprocess.run(
        [sys.executable, "-B", ROOT / "tests/linux/other_policy.py", header, directory / "capsicum_other.h"], check=True
    )
    common = [
        *compiler,
        "-O1",
        "-DEMULATED",
        "-w",
        "-s",
        "-std=gnu11",
        "-D_GNU_SOURCE",
        "-pthread",
        f"-I{directory}",
        f"-I{ROOT / 'include/linux'}",
        f"-I{ROOT / 'tests/stand-in'}",
        f"-I{ROOT / 'tests/linux'}",
        *_defines(),
    ]
    commands = [
        [*common, "-static", str(ROOT / f"tests/{test}.c"), "-o", str(programs / test.replace("/", "-"))]
        for test in tests
    ]
    commands += [
        [*common, *options, str(ROOT / "tests/linux/guest.c"), "-o", str(directory / "tests" / name)]
        for name, options in GUESTS.items()
    ]
    commands += [[*common, "-static", str(HERE / "landlock.c"), "-o", str(directory / "tests/level")]]
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        list(pool.map(_compile, commands))
    shutil.copy(ORACLE, directory / "tests")


def _entry(name: str, mode: int, data: bytes = b"", device: tuple[int, int] = (0, 0)) -> bytes:
    """One file of an archive in the form "newc" (Documentation/driver-api/early-userspace/buffer-format.rst)."""
    path = name.encode() + b"\0"
    numbers = [0, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(path), 0]
    head = b"070701" + b"".join(b"%08x" % number for number in numbers) + path
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def _entries(architecture: str, directory: Path, release: Release) -> Iterator[bytes]:
    loader = TOOLS[architecture][2]
    for name in (
        "bin",
        "dev",
        "etc",
        "lib",
        "lib64",
        "mnt",
        "proc",
        "root",
        "run",
        "sbin",
        "sys",
        "tests",
        "tests/programs",
        "tmp",
        "usr",
        "usr/bin",
        "usr/share",
        "var",
    ):
        yield _entry(name, stat.S_IFDIR | (0o1777 if name == "tmp" else 0o755))
    yield _entry("dev/console", stat.S_IFCHR | 0o600, device=(5, 1))
    yield _entry("dev/null", stat.S_IFCHR | 0o666, device=(1, 3))
    yield _entry(
        "etc/passwd",
        stat.S_IFREG | 0o644,
        b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/sh\n",
    )
    yield _entry("etc/group", stat.S_IFREG | 0o644, b"root:x:0:\nnogroup:x:65534:\n")
    yield _entry("etc/hosts", stat.S_IFREG | 0o644, b"127.0.0.1 localhost\n")
    yield _entry("init", stat.S_IFREG | 0o755, (HERE / "init").read_bytes())
    busybox = release.unpacked("busybox-static")
    yield _entry("bin/busybox", stat.S_IFREG | 0o755, (busybox / "bin/busybox").read_bytes())
    where = Path("/lib") if architecture == "arm64" else Path("/lib64")
    yield _entry(f"{where.name}/{Path(loader).name}", stat.S_IFREG | 0o755, Path(loader).read_bytes())
    libc = Path("/lib/x86_64-linux-gnu") if architecture == "amd64" else Path(loader).parent
    yield _entry("lib/libc.so.6", stat.S_IFREG | 0o755, (libc / "libc.so.6").read_bytes())
    for path in sorted((directory / "tests").rglob("*")):
        if path.is_file():
            yield _entry(
                f"tests/{path.relative_to(directory / 'tests')}",
                stat.S_IFREG | path.stat().st_mode & 0o777,
                path.read_bytes(),
            )
    yield _entry("TRAILER!!!", 0)


def archive(architecture: str, directory: Path, release: Release) -> Path:
    """Return the archive that the kernel unpacks into its first file system."""
    path = directory / "initramfs.cpio"
    with path.open("wb") as out:
        for entry in _entries(architecture, directory, release):
            out.write(entry)
    return path
