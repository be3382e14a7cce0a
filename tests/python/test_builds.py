# SPDX-License-Identifier: BSD-2-Clause
"""The module built in other ways: without a warning, for the debug interpreter, and with sanitizers.

CE_BUILD, which meson sets, is the directory of capsicum_easy.h.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

TESTS = pathlib.Path(__file__).parent
SOURCES = TESTS.parents[1] / "bindings" / "python"
HEADER = os.environ["CE_BUILD"]
WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Werror".split()
# Debian's headers of the debug interpreter are links, which gcc must not look behind to find pyconfig.h.
GENERATED = os.path.join(HEADER, "bindings/python/pycapsicum")  # what gen/stub.py made
COMMON = ["-fno-canonical-system-headers", '-DPYCAPSICUM_VERSION="0"', f"-I{HEADER}", f"-I{GENERATED}"]


def compile_module(compiler, python, *flags):
    ask = "import sysconfig; print(sysconfig.get_path('include'))"
    include = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True).stdout.strip()
    common = COMMON if compiler == "gcc" else COMMON[1:]
    command = [compiler, *WARNINGS, *flags, *common, "-isystem", include, *sorted((SOURCES / "_capsicum").glob("*.c"))]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def make_package(path, python, *flags):
    """A package that this interpreter can import, compiled with these flags."""
    ask = "import sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'))"
    suffix = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True).stdout.strip()
    shutil.copytree(SOURCES / "pycapsicum", path / "pycapsicum")
    compile_module("gcc", python, "-shared", "-fPIC", "-g", *flags, "-o", path / "pycapsicum" / f"_capsicum{suffix}")


def run_tests(path, python, *arguments, **environment):
    """This directory's tests on the package in path, less those that know only one build."""
    environment = {**os.environ, "PYTHONPATH": str(path), "PYTHONDONTWRITEBYTECODE": "1", **environment}
    del environment["CE_BUILD"]
    ignore = [f"--ignore={TESTS / name}" for name in ("test_types.py", "test_builds.py")]
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *ignore, *arguments, TESTS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("standard", ["c99", "c11", "c17", "c2x"])
@pytest.mark.parametrize("compiler", [name for name in ("gcc", "clang") if shutil.which(name)])
def test_no_warning(compiler, standard):
    compile_module(compiler, sys.executable, f"-std={standard}", "-fsyntax-only")


def test_nothing_is_global(tmp_path):
    """It exports its initialisation, and what it writes to is CPython's: the descriptions of module and types."""
    make_package(tmp_path, sys.executable, "-O2", "-fvisibility=hidden")
    (library,) = (tmp_path / "pycapsicum").glob("_capsicum.*.so")
    exported = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True)
    assert [line.split()[2] for line in exported.stdout.splitlines()] == ["PyInit__capsicum"]
    symbols = subprocess.run(["nm", library], check=True, capture_output=True, text=True).stdout.splitlines()
    zeroed = [line.split()[2] for line in symbols if line.split()[1] in "bB"]
    assert [name for name in zeroed if not name.startswith("completed.")] == []  # the compiler's own


if shutil.which("python3-dbg") and sys.executable == "/usr/bin/python3":

    def test_under_the_debug_interpreter(tmp_path):
        """Its assertions hold, and it counts every reference."""
        make_package(tmp_path, "python3-dbg", "-O0")
        ask = "import sys; sys.gettotalrefcount(); import pycapsicum"
        subprocess.run(["python3-dbg", "-c", ask], check=True, env={**os.environ, "PYTHONPATH": str(tmp_path)})
        run_tests(tmp_path, "python3-dbg", "-W", "error::ResourceWarning", PYCAPSICUM_ROUNDS="500")


def sanitizers():
    """The libraries to load first, since the interpreter has no sanitizer itself."""
    libraries = []
    for name in "libasan.so", "libubsan.so":
        found = subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True).stdout.strip()
        if os.path.isabs(found):
            libraries.append(found)
    return libraries


LEAK = """
import test_memory, pathlib, sys, tempfile
with tempfile.TemporaryDirectory() as name:
    calls = test_memory.make_calls(pathlib.Path(name))
    for call in calls.values():
        for _ in range(100):
            call()
"""

if len(sanitizers()) == 2:

    def test_with_sanitizers(tmp_path):
        make_package(tmp_path, sys.executable, "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined")
        preload = {"LD_PRELOAD": " ".join(sanitizers()), "PYTHONMALLOC": "malloc"}
        # tracemalloc's figures mean nothing with an allocator that keeps what is freed.
        run_tests(tmp_path, sys.executable, "-k", "not no_memory", ASAN_OPTIONS="detect_leaks=0", **preload)
        leaking = subprocess.run(
            [sys.executable, "-c", LEAK],
            cwd=TESTS,
            capture_output=True,
            text=True,
            env={
                **os.environ,
                **preload,
                "ASAN_OPTIONS": "detect_leaks=1:fast_unwind_on_malloc=0",
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONPATH": str(tmp_path),
            },
        )
        # What is allocated once, when the module is imported, may stay: Python 3.13 frees less of it than others.
        reports = re.split(r"(?m)^(?=Direct leak|Indirect leak)", leaking.stderr)
        many = [report for report in reports[1:] if int(re.search(r"in (\d+) object", report)[1]) >= 50]
        assert not [report for report in many if "pycapsicum" in report], leaking.stderr
        assert leaking.returncode == 0 or "LeakSanitizer" in leaking.stderr, leaking.stderr
