# SPDX-License-Identifier: BSD-2-Clause
"""Imports in capability mode: an ImportError that says why, and modules beneath directories that are held.

Without this an import raises OSError with the errno ECAPMODE, which no "except ImportError" catches.
"""

from __future__ import annotations

import os
import sys
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import decode_source, spec_from_loader

from pycapsicum._capsicum import sandboxed
from pycapsicum._opening import openat, opendir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import CodeType, ModuleType

    from pycapsicum._opening import Directory


class HeldLoader(InspectLoader):
    """Loads a module from a source file, of whose path the first characters are the directory that is held."""

    def __init__(self, directory: Directory, path: str, beneath: int, package: bool) -> None:
        self.directory, self.path, self.beneath, self.package = directory, path, path[beneath:], package

    def exists(self) -> bool:
        try:
            openat(self.directory, self.beneath, "rb").close()
        except OSError:
            return False
        return True

    def is_package(self, fullname: str) -> bool:
        return self.package

    def get_source(self, fullname: str) -> str:
        with openat(self.directory, self.beneath, "rb") as file:
            return decode_source(file.read())

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_source(fullname), self.path)


class Finder(MetaPathFinder):
    """Stands before the finder of paths, and in its place once the process is in capability mode."""

    def __init__(self) -> None:
        self.held: dict[str, Directory] = {}  # by path, as it stands in sys.path

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not sandboxed():
            return None
        spec = self.find_beneath(fullname, path) or self.ask_others(fullname, path, target)
        if spec is None:
            raise ModuleNotFoundError(f"{fullname} was not imported before capability mode", name=fullname)
        return spec

    def ask_others(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        """Ask the finders that come after this one, but for those that look into directories."""
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            try:
                spec = None if finder is PathFinder else finder.find_spec(fullname, path, target)
            except OSError:
                continue
            if spec is not None:
                return spec
        return None

    def find_beneath(self, fullname: str, path: Sequence[str] | None) -> ModuleSpec | None:
        """Find the source file of a module beneath a directory that is held."""
        name = fullname.rpartition(".")[2]
        for entry in self.held if path is None else path:
            for top, directory in self.held.items():
                if f"{entry}/".startswith(f"{top}/"):
                    for file, is_package in ((f"{name}/__init__.py", True), (f"{name}.py", False)):
                        loader = HeldLoader(directory, f"{entry}/{file}", len(top) + 1, is_package)
                        if loader.exists():
                            return spec_of(fullname, loader)
        return None


def spec_of(fullname: str, loader: HeldLoader) -> ModuleSpec | None:
    spec = spec_from_loader(fullname, loader, origin=loader.path, is_package=loader.package)
    if spec is not None:
        spec.has_location = True
        if loader.package:
            spec.submodule_search_locations = [os.path.dirname(loader.path)]
    return spec


def install(directories: Iterable[str]) -> None:
    """Put the finder in its place, once, and hold these directories of sys.path for it."""
    finder = next((finder for finder in sys.meta_path if isinstance(finder, Finder)), None)
    if finder is None:
        finder = Finder()
        where = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else len(sys.meta_path)
        sys.meta_path.insert(where, finder)
    for directory in directories:
        name = os.path.abspath(directory)
        if name not in finder.held:
            finder.held[name] = opendir(name)
