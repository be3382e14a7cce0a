# SPDX-License-Identifier: BSD-2-Clause
"""What pycapsicum.prepare() does: read now what an interpreter reads late, since no path can be opened later."""

import encodings.aliases
import importlib
import linecache
import os
import sys
import time
import traceback

# What the standard library imports only when it shows an error or converts a date; not every version has each.
LATE_IMPORTS = (
    "_colorize",
    "_strptime",
    "_suggestions",
    "ast",
    "contextlib",
    "datetime",
    "keyword",
    "locale",
    "stringprep",
    "textwrap",
    "tokenize",
    "tracemalloc",
    "unicodedata",
    "warnings",
)
LOCAL_TIME = "/etc/localtime"


def import_late_modules() -> None:
    """Import LATE_IMPORTS and every codec."""
    codecs = sorted({f"encodings.{codec}" for codec in encodings.aliases.aliases.values()})
    for name in (*LATE_IMPORTS, *codecs, "encodings.idna", "encodings.punycode", "encodings.utf_8_sig"):
        try:
            importlib.import_module(name)
        except ImportError:
            pass


def cache_sources() -> None:
    """Keep the source of every loaded module for tracebacks.

    An entry without the file's time is one that linecache.checkcache() leaves alone; the others it drops as soon as it
    cannot look at the file.
    """
    for module in list(sys.modules.values()):
        name = getattr(module, "__dict__", {}).get("__file__")
        if isinstance(name, str) and name.endswith(".py") and (lines := linecache.getlines(name)):
            linecache.cache[name] = (sum(map(len, lines)), None, lines, name)


def show_errors_from_cache() -> None:
    """Before 3.13 the interpreter's own excepthook opens the source again."""
    if sys.version_info < (3, 13) and sys.excepthook is sys.__excepthook__:
        sys.excepthook = traceback.print_exception


def read_time_zone() -> None:
    """Name the time zone's file, which libc then has no reason to look at again for each conversion."""
    if "TZ" not in os.environ and os.path.exists(LOCAL_TIME):
        os.environ["TZ"] = f":{LOCAL_TIME}"
    time.tzset()


def prepare() -> None:
    """Do all of it."""
    import_late_modules()
    cache_sources()
    show_errors_from_cache()
    read_time_zone()
