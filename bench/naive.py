# SPDX-License-Identifier: BSD-2-Clause
"""The binding one would write in an afternoon: ctypes over the C functions, and a table of names. What pycapsicum is
measured against; it has no errors to speak of, and none of the checks."""

import ctypes
import json
import os
import pathlib

_library = ctypes.CDLL(os.environ["NAIVE_LIBRARY"], use_errno=True)
_init, _set, _is_set, _get = (_library[f"__cap_rights_{name}"] for name in ("init", "set", "is_set", "get"))


class _Rights(ctypes.Structure):
    _fields_ = [("cr_rights", ctypes.c_uint64 * 2)]


NAMES: dict[str, int] = json.loads(pathlib.Path(os.environ["NAIVE_NAMES"]).read_text(encoding="utf-8"))


class CapRights:
    def __init__(self, caps=()):
        self._rights = _Rights()
        _init(0, ctypes.byref(self._rights), ctypes.c_uint64(0))
        self.set(caps)

    def set(self, caps):
        for cap in caps:
            _set(ctypes.byref(self._rights), ctypes.c_uint64(NAMES[cap]), ctypes.c_uint64(0))

    def is_set(self, caps):
        return all(_is_set(ctypes.byref(self._rights), ctypes.c_uint64(NAMES[cap]), ctypes.c_uint64(0)) for cap in caps)

    def contains(self, other):
        return bool(_library.cap_rights_contains(ctypes.byref(self._rights), ctypes.byref(other._rights)))

    @property
    def caps(self):
        return [name for name in NAMES if self.is_set([name])]

    def limit(self, fd):
        if _library.cap_rights_limit(fd, ctypes.byref(self._rights)) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def get(self, fd):
        if _get(0, fd, ctypes.byref(self._rights)) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
