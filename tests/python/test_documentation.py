# SPDX-License-Identifier: BSD-2-Clause
"""What the module says of itself: each docstring's example is run, in a child, and pydoc shows it all."""

import doctest
import inspect
import pydoc
import sys

import pycapsicum
import pytest
from conftest import run_in_child


def documented():
    """The public names whose docstring must have an example."""
    for name in dir(pycapsicum):
        value = getattr(pycapsicum, name)
        if name.startswith("_") or not callable(value):
            continue
        yield f"pycapsicum.{name}"
        if inspect.isclass(value):
            for method, function in vars(value).items():
                if not method.startswith("_") and (callable(function) or method == "caps"):
                    yield f"pycapsicum.{name}.{method}"


def resolve(name):
    value = pycapsicum
    for part in name.split(".")[1:]:
        value = getattr(value, part)
    return value


# Enforcement has none: only enforcement() makes one, and has the example.
@pytest.mark.parametrize("name", ["pycapsicum", *sorted(set(documented()) - {"pycapsicum.Enforcement"})])
def test_each_has_an_example_that_runs(name):
    test = doctest.DocTestParser().get_doctest(resolve(name).__doc__, {}, name, None, None)
    assert test.examples

    def run():
        assert doctest.DocTestRunner().run(test).failed == 0

    run_in_child(run)


def test_signatures():
    for name in documented():
        if inspect.isroutine(resolve(name)):
            inspect.signature(resolve(name))
    parameters = inspect.signature(pycapsicum.openat).parameters.values()
    plain = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
    assert str(inspect.Signature(plain)) == (
        "(fd, path, flags='r', mode=438, *, binary=False, buffering=-1, "
        "encoding=None, errors=None, newline=None, rights=None)"
    )
    if sys.version_info >= (3, 10):  # 3.9 loses the signatures of such types
        assert str(inspect.signature(pycapsicum.CapRights)) == "(caps=None)"


def test_pydoc():
    page = pydoc.plain(pydoc.render_doc(pycapsicum))
    for name in documented():
        assert name.rsplit(".", 1)[1] in page
    assert pycapsicum.__version__ in page
