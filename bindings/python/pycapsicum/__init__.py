# SPDX-License-Identifier: BSD-2-Clause
"""Capsicum: descriptors limited to what they are for, and capability mode.

On FreeBSD its kernel enforces; on Linux the kernel does so by seccomp and
Landlock. Elsewhere every limit raises CapsicumError (ENOSYS).

>>> import os, pycapsicum
>>> reading, writing = os.pipe()
>>> pycapsicum.CapRights(['CAP_READ']).limit(reading)
>>> pycapsicum.enter()
>>> pycapsicum.sandboxed()
True
"""

from __future__ import annotations

from pycapsicum._capsicum import *  # CapRights, the calls, and a constant for each right
from pycapsicum._capsicum import __version__ as __version__
from pycapsicum._capsicum import sandboxed as sandboxed
from pycapsicum._errors import CapsicumError as CapsicumError
from pycapsicum._mode import Enforcement as Enforcement
from pycapsicum._mode import enforcement as enforcement
from pycapsicum._mode import enter as enter
from pycapsicum._mode import limit_stream as limit_stream
from pycapsicum._mode import prepare as prepare
from pycapsicum._mode import sandbox as sandbox
from pycapsicum._opening import Directory as Directory
from pycapsicum._opening import openat as openat
from pycapsicum._opening import opendir as opendir
from pycapsicum._words import allows as allows
from pycapsicum._words import missing as missing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pycapsicum._executor import SandboxExecutor as SandboxExecutor
    from pycapsicum._executor import WorkerCrashed as WorkerCrashed
    from pycapsicum._executor import WorkerTimeout as WorkerTimeout
    from pycapsicum._explaining import explain as explain
    from pycapsicum._making import accept as accept
    from pycapsicum._making import pipe as pipe
    from pycapsicum._making import socket as socket
    from pycapsicum._making import socketpair as socketpair
    from pycapsicum._making import take as take
    from pycapsicum._opening import open as open
    from pycapsicum._processes import Process as Process

# What not every program needs, and where it is; enter() and prepare() load what works in capability mode.
_LATE = {
    "Process": "_processes",
    "SandboxExecutor": "_executor",
    "WorkerCrashed": "_executor",
    "WorkerTimeout": "_executor",
    "accept": "_making",
    "explain": "_explaining",
    "open": "_opening",  # late, so that "import *" leaves Python's own
    "pipe": "_making",
    "socket": "_making",
    "socketpair": "_making",
    "take": "_making",
}

if not TYPE_CHECKING:

    def __getattr__(name):
        """Load a part of the package when it is first used."""
        from importlib import import_module

        if name not in _LATE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            part = import_module(f"pycapsicum.{_LATE[name]}")
        except (ImportError, OSError) as error:
            if not sandboxed():
                raise
            message = f"pycapsicum.{name} cannot be loaded in capability mode: name it before, as by 'from pycapsicum import {name}'"
            raise ImportError(message, name=f"pycapsicum.{name}") from error
        for other, home in _LATE.items():
            if home == _LATE[name]:
                globals()[other] = _as_public(getattr(part, other))
        return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE})


def _as_public(value: Any) -> Any:
    """Let a function or class say that it belongs to the package, where its users find it."""
    value.__module__ = "pycapsicum"
    return value


for _public in (
    CapsicumError,
    Directory,
    Enforcement,
    allows,
    enforcement,
    enter,
    limit_stream,
    missing,
    openat,
    opendir,
    prepare,
    sandbox,
    *[value for value in globals().values() if isinstance(value, type(len))],  # those that are C
):
    _as_public(_public)
