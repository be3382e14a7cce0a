# SPDX-License-Identifier: BSD-2-Clause
"""Which modules the functions of a loaded package import late, to be imported while that is still possible.

Found by running each package and looking at what it imports when it works; tests/python/test_late.py does so again.
"""

from __future__ import annotations

import fnmatch
import importlib
import pkgutil
import sys

# What the interpreter and the library's core import only when they show an error, convert a date or end; not every
# version of Python has each.
ALWAYS = (
    "_colorize",
    "_strptime",
    "_suggestions",
    "ast",
    "atexit",
    "contextlib",
    "datetime",
    "keyword",
    "locale",
    "pwd",
    "stringprep",
    "textwrap",
    "tokenize",
    "tracemalloc",
    "unicodedata",
    "warnings",
)

# Where this is loaded, these too. A name may be a pattern.
LATE = {
    "PIL.Image": (
        "PIL.*ImagePlugin",
        "PIL.ImageChops",
        "PIL.ImageColor",
        "PIL.ImageFile",
        "PIL.ImageOps",
        "PIL.ImagePalette",
        "PIL.ImageSequence",
        "PIL.JpegPresets",
        "PIL.PdfParser",
        "PIL.features",
        "copy",
    ),
    "argparse": ("shutil",),
    "ast": ("_ast_unparse",),
    "asyncio": ("concurrent.futures.thread",),
    "cProfile": ("pstats",),
    "concurrent.futures": ("concurrent.futures.thread",),
    "concurrent.futures.process": (
        "multiprocessing.popen_fork",
        "multiprocessing.resource_tracker",
        "multiprocessing.synchronize",
    ),
    "email": ("email.generator", "email.message", "email.parser"),
    "email.message": ("email.generator", "email.policy"),
    "jinja2": ("jinja2.debug",),
    "multiprocessing": (
        "multiprocessing.connection",
        "multiprocessing.pool",
        "multiprocessing.popen_fork",
        "multiprocessing.queues",
        "multiprocessing.resource_tracker",
        "multiprocessing.synchronize",
    ),
    "numpy": ("numpy.fft", "numpy.ma", "numpy.random", "numpy.strings"),
    "openpyxl": ("openpyxl.packaging.extended",),
    "pandas": ("pandas.io.formats.csvs", "pandas.io.formats.string"),
    "pdb": ("readline",),
    "platform": ("subprocess",),
    "pypdf": ("pypdf.filters",),
    "random": ("_sha2",),
    "requests": ("netrc", "shlex"),
    "tarfile": ("bz2", "gzip", "lzma"),
    "uuid": ("hashlib",),
    "xml.dom.minidom": ("xml.dom.expatbuilder",),
    "xml.sax": ("xml.sax.expatreader",),
}


def expand(name: str) -> list[str]:
    """Return the modules that a pattern of one package stands for."""
    if not any(character in name for character in "*?["):
        return [name]
    package = sys.modules[name.partition(".")[0]]
    found = [module.name for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")]
    return fnmatch.filter(found, name)


def load(names: tuple[str, ...]) -> None:
    """Import what there is of these."""
    for pattern in names:
        for name in expand(pattern):
            try:
                importlib.import_module(name)
            except ImportError:
                pass


def load_late_parts() -> None:
    """Import what the loaded packages would import late, and what those would, until nothing is new."""
    done: set[str] = set()
    while todo := (LATE.keys() & sys.modules.keys()) - done:
        done |= todo
        for name in sorted(todo):
            load(LATE[name])
