# SPDX-License-Identifier: BSD-2-Clause
"""The module in more than one interpreter, more than once in one, and taken out again: nothing of it is global."""

import gc
import importlib.util
import subprocess
import sys
import sysconfig
import weakref

import pycapsicum
import pytest

SUBINTERPRETER = """
import {interpreters} as interpreters
interpreter = interpreters.create()
for number in range(3):
    interpreters.run_string(interpreter, '''
import pycapsicum
rights = pycapsicum.CapRights("CAP_READ")
assert (rights | pycapsicum.CapRights("CAP_WRITE")).caps == ["CAP_READ", "CAP_WRITE"]
try:
    pycapsicum.opendir("/no such directory")
except pycapsicum.CapsicumError as error:
    assert isinstance(error, FileNotFoundError)
else:
    raise AssertionError
''')
interpreters.destroy(interpreter)
import pycapsicum
assert pycapsicum.CapRights("CAP_READ").caps == ["CAP_READ"]
"""


def test_in_a_subinterpreter():
    """Python 3.12 and later give each a GIL of its own, and refuse a module that does not say it can do with that."""
    interpreters = "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
    subprocess.run([sys.executable, "-c", SUBINTERPRETER.format(interpreters=interpreters)], check=True, timeout=60)


def another():
    """A second module object of the extension."""
    spec = importlib.util.find_spec("pycapsicum._capsicum")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_second_module_is_another():
    other = another()
    assert other is not pycapsicum._capsicum
    assert other.CapRights is not pycapsicum.CapRights
    with pytest.raises(OSError) as caught:  # nobody has told it the class of its errors
        other.ioctls_get((1 << 31) - 1)
    assert not isinstance(caught.value, pycapsicum.CapsicumError)
    # The memory of both is alike, so that they understand each other all the same.
    assert other.CapRights("CAP_READ") == pycapsicum.CapRights("CAP_READ")


def test_a_module_goes_away():
    class Mine(OSError):
        pass

    module = another()
    module._set_error(Mine)
    classes = [weakref.ref(value) for value in (module.CapRights, Mine)]
    module.CapRights("CAP_READ")
    with pytest.raises(Mine):
        module.ioctls_get((1 << 31) - 1)
    del module, Mine
    gc.collect()
    if sysconfig.get_config_var("Py_GIL_DISABLED") and sys.version_info < (3, 14):
        return  # classes are immortal in such a build of 3.13, once it has threads
    assert [reference() for reference in classes] == [None, None]


def test_types_belong_to_the_heap():
    """Py_TPFLAGS_HEAPTYPE: a static type would be shared by all interpreters."""
    for value in vars(pycapsicum).values():
        if isinstance(value, type):
            assert value.__flags__ & (1 << 9), value


if sysconfig.get_config_var("Py_GIL_DISABLED"):

    def test_the_module_does_not_bring_the_gil_back():
        assert not sys._is_gil_enabled()
