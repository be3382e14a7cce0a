# SPDX-License-Identifier: BSD-2-Clause
"""Imports in capability mode. Each program runs in an interpreter of its own."""

import subprocess
import sys
import textwrap

import pytest


def run(program, tmp_path):
    """The standard output of a program, which must succeed."""
    path = tmp_path / "program.py"
    path.write_text("import pycapsicum, sys\n" + textwrap.dedent(program))
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_error_says_why(tmp_path):
    out = run(
        """
        pycapsicum.prepare()
        pycapsicum.enter()
        for name in ("antigravity", "no_such_module", "json.tool", "email.mime.text"):
            try:
                __import__(name)
            except ModuleNotFoundError as error:
                print(error.name, error, sep=": ")
        """,
        tmp_path,
    )
    assert out.splitlines() == [
        f"{name}: {name} was not imported before capability mode"
        for name in ("antigravity", "no_such_module", "json", "email")
    ]


def test_what_is_loaded_or_built_in_is_there(tmp_path):
    run(
        """
        import json
        pycapsicum.prepare()
        pycapsicum.enter()
        import json, json.decoder, _imp, _sre, errno, itertools
        """,
        tmp_path,
    )


def test_outside_nothing_changes(tmp_path):
    run("pycapsicum.prepare(); import wave; assert wave.__file__", tmp_path)


def test_twice_is_once(tmp_path):
    run(
        """
        before = len(sys.meta_path)
        pycapsicum.prepare()
        pycapsicum.prepare()
        assert len(sys.meta_path) == before + 1
        """,
        tmp_path,
    )


def test_declined(tmp_path):
    run("before = list(sys.meta_path); pycapsicum.prepare(imports=False); assert sys.meta_path == before", tmp_path)


def test_other_finders_are_asked(tmp_path):
    """Those that need no path, wherever they stand: six has one at the end."""
    run(
        """
        import importlib.abc, importlib.util

        class Loader(importlib.abc.InspectLoader):
            def get_source(self, name):
                return "spam = 5"

        class Failing(importlib.abc.MetaPathFinder):
            def find_spec(self, name, path, target=None):
                open("/etc/passwd")

        class Finder(importlib.abc.MetaPathFinder):
            def find_spec(self, name, path, target=None):
                return importlib.util.spec_from_loader(name, Loader()) if name == "eggs" else None

        pycapsicum.prepare()
        sys.meta_path += [Failing(), Finder()]
        pycapsicum.enter()
        import eggs
        assert eggs.spam == 5
        """,
        tmp_path,
    )


@pytest.fixture
def library(tmp_path):
    """A directory of modules."""
    package = tmp_path / "library" / "eggs"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("from . import bacon\n")
    (package / "bacon.py").write_text('# coding: latin-1\nsalt = "\xe4"\n', encoding="latin-1")
    (package / "late.py").write_text("def fail():\n    1 / 0  # here\n")
    (tmp_path / "library" / "spam.py").write_text("import eggs.bacon as other\n")
    return tmp_path / "library"


def test_from_a_directory_that_is_held(tmp_path, library):
    run(
        f"""
        sys.path.insert(0, {str(library)!r})
        pycapsicum.prepare(import_from=[{str(library)!r}])
        pycapsicum.enter()
        import spam, eggs.late, traceback
        assert spam.other.salt == "\\xe4" and spam.__file__ == {str(library / "spam.py")!r}
        assert eggs.__path__ == [{str(library / "eggs")!r}]
        try:
            eggs.late.fail()
        except ZeroDivisionError:
            assert "1 / 0  # here" in traceback.format_exc()
        try:
            import eggs.nothing
        except ModuleNotFoundError as error:
            assert str(error) == "eggs.nothing was not imported before capability mode"
        else:
            raise AssertionError
        """,
        tmp_path,
    )


def test_the_rest_of_a_package_that_is_loaded(tmp_path, library):
    run(
        f"""
        sys.path.insert(0, {str(library)!r})
        import eggs
        pycapsicum.prepare(import_from=[{str(library)!r}])
        pycapsicum.enter()
        import eggs.late
        """,
        tmp_path,
    )
