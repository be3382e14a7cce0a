# SPDX-License-Identifier: BSD-2-Clause
"""What prepare() does: read now what an interpreter reads late, since no path can be opened later."""

from __future__ import annotations

import encodings.aliases
import linecache
import os
import sys
import time

from pycapsicum import _hooks, _imports, _late

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LOCAL_TIME = "/etc/localtime"


def import_codecs() -> None:
    """Import every codec."""
    codecs = sorted({f"encodings.{codec}" for codec in encodings.aliases.aliases.values()})
    _late.load((*codecs, "encodings.idna", "encodings.punycode", "encodings.utf_8_sig"))


def cache_sources() -> None:
    """Keep the source of every loaded module for tracebacks.

    An entry without the file's time is one that linecache.checkcache() leaves alone; the others it drops as soon as it
    cannot look at the file.
    """
    for module in list(sys.modules.values()):
        name = getattr(module, "__dict__", {}).get("__file__")
        if isinstance(name, str) and name.endswith(".py") and (lines := linecache.getlines(name)):
            linecache.cache[name] = (sum(map(len, lines)), None, lines, name)


def read_time_zone() -> None:
    """Name the time zone's file, which libc then has no reason to look at again for each conversion."""
    if "TZ" not in os.environ and os.path.exists(LOCAL_TIME):
        os.environ["TZ"] = f":{LOCAL_TIME}"
    time.tzset()


def prepare(hooks: bool, imports: bool, import_from: Iterable[str]) -> None:
    """Do all of it."""
    _late.load(_late.ALWAYS)
    import_codecs()
    _late.load_late_parts()
    if hooks:
        _hooks.install()
    if imports:
        _imports.install(import_from)
    cache_sources()
    read_time_zone()
