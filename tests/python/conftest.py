# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of pycapsicum share: running a test in a child, since limits and capability mode are for good."""

import functools
import importlib
import importlib.metadata
import os
import traceback
from collections.abc import Callable
from typing import Any

import pytest


def mypy_version() -> tuple[int, ...]:
    """The version of mypy, or none."""
    try:
        return tuple(map(int, importlib.metadata.version("mypy").split(".")))
    except importlib.metadata.PackageNotFoundError:
        return ()


# Debian 12's mypy 1.0 knows too little of typing_extensions for the stubs: they are checked where a newer one is.
collect_ignore = [] if mypy_version() >= (1, 18) else ["test_types.py"]
if "CE_BUILD" not in os.environ:  # only meson knows where it put the header
    collect_ignore += ["test_builds.py", "test_parity.py"]
if "PYCAPSICUM_PROGRAMS" not in os.environ:
    collect_ignore.append("test_programs.py")
if "PYCAPSICUM_PYTHONS" not in os.environ:
    collect_ignore.append("test_packaging.py")


def require_casper() -> None:
    """Skip the test, or its file, where pycapsicum was built without libcasper."""
    try:
        importlib.import_module("pycapsicum.casper")
    except ImportError as error:  # which pytest.importorskip() takes for a fault, from pytest 9.1 on
        pytest.skip(str(error), allow_module_level=True)


def run_in_child(function: Callable[[], object]) -> None:
    """Run function in a forked child; its failure is a failure here, with the child's traceback."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            function()
            status = 0
        except BaseException:
            os.write(writing, traceback.format_exc().encode())
        finally:
            os._exit(status)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:
        report = pipe.read()
    _, status = os.waitpid(child, 0)
    assert status == 0, f"the child ended with status {status}\n{report}"


def in_child(test: Callable[..., None]) -> Callable[..., None]:
    """The decorator of a test that limits or enters."""

    @functools.wraps(test)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        run_in_child(lambda: test(*args, **kwargs))

    return wrapper


@pytest.fixture
def spam(tmp_path):
    """A file in a directory of its own, which holds one line."""
    path = tmp_path / "spam"
    path.write_text("ham and eggs\n")
    return path
