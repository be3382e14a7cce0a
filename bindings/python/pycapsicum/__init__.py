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

from pycapsicum._capsicum import *  # CapRights, the calls, and a constant for each right
from pycapsicum._capsicum import __version__ as __version__
from pycapsicum._errors import CapsicumError as CapsicumError
from pycapsicum._mode import Enforcement as Enforcement
from pycapsicum._mode import enforcement as enforcement
from pycapsicum._mode import enter as enter
from pycapsicum._opening import Directory as Directory
from pycapsicum._opening import openat as openat
from pycapsicum._opening import opendir as opendir
from pycapsicum._words import allows as allows


def prepare() -> None:
    """Read what the interpreter would read late, so that it still works after enter():
    codecs, the source lines that tracebacks show, the time zone, late imports.

    Import what the program itself needs before. It sets TZ where the environment
    does not, and sys.excepthook before Python 3.13.

    >>> import pycapsicum, time
    >>> pycapsicum.prepare()
    >>> pycapsicum.enter()
    >>> time.strftime('%H:%M', time.gmtime(0)), time.strptime('1970', '%Y').tm_yday
    ('00:00', 1)
    """
    from pycapsicum import _preparing

    _preparing.prepare()


for _public in (CapsicumError, Directory, Enforcement, allows, enforcement, enter, openat, opendir):
    _public.__module__ = "pycapsicum"
