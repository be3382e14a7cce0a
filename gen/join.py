# SPDX-License-Identifier: BSD-2-Clause
"""Joins the parts of the library into one header."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from sides import split
from tokens import HeaderError

# The header that is being made: a part may include it for the benefit of those who use the part alone.
WHOLE = "<capsicum_easy.h>"
# The generated parts that are declarations.
DECLARED = ("rights-values.h",)


def _included(line: str) -> str:
    """Return what an #include line names, with its quotes or angle brackets; "" for any other line."""
    words = line.strip().removeprefix("#").split(maxsplit=1)
    if not line.lstrip().startswith("#") or len(words) != 2 or words[0] != "include":
        return ""
    end = words[1].find(">" if words[1].startswith("<") else '"', 1)
    return words[1][: end + 1]


class Joiner:
    """Puts each part where it is first included; `made` are the parts that exist only as generated text."""

    def __init__(self, made: dict[str, str], shown: Callable[[Path], str], line_marks: bool) -> None:
        self.made = made
        self.shown = shown  # how a part's path is written in the marks
        self.line_marks = line_marks  # also as #line, for compilers
        self.parts: dict[Path, list[str]] = {}  # the files that were read, and their lines
        self.seen: set[Path] = set()

    def join(self, path: Path, declarations: bool) -> list[str]:
        """Return the declarations of all parts, or their code: what `path` includes, each marked with its origin."""
        self.seen = {path.resolve()}
        return self._join(path, declarations)

    def _join(self, path: Path, declarations: bool) -> list[str]:
        result: list[str] = []
        origin, expected = False, 0  # whether the lines before are this part's, and the number of the next one
        for number, line in split(path, self._read(path), declarations):
            included = self._included(path, number, line, declarations)
            if included is not None:
                result += included
                origin = origin and not included
                continue
            if not origin:
                result += ["", f"/* ==== {self.shown(path)} ==== */"]
            if self.line_marks and (not origin or number != expected):
                result.append(f'#line {number} "{self.shown(path)}"')
            elif number != expected:
                result.append("")
            result.append(line)
            origin, expected = True, number + 1
        return result

    def _read(self, path: Path) -> list[str]:
        if path.resolve() not in self.parts:
            try:
                self.parts[path.resolve()] = path.read_text(encoding="utf-8").splitlines()
            except (OSError, UnicodeDecodeError) as error:
                raise HeaderError(path, 1, f"cannot be read: {error}") from None
        return self.parts[path.resolve()]

    def _included(self, path: Path, number: int, line: str, declarations: bool) -> list[str] | None:
        """Return what stands in the place of an #include, nothing if it stands already; None for any other line."""
        name = _included(line)
        if name == WHOLE:
            return []
        if not name.startswith('"'):
            return None
        name = name.strip('"')
        other = Path(name) if name in self.made else (path.parent / name).resolve()
        if other in self.seen:
            return []
        self.seen.add(other)
        if name in self.made:
            return ["", *self.made[name].splitlines()] if declarations == (name in DECLARED) else []
        if not other.exists():
            raise HeaderError(path, number, f"there is no {path.parent / name}")
        return self._join(other, declarations)


def without_blank_runs(lines: list[str]) -> list[str]:
    """Return the lines with at most one blank line between others; taken-out #includes leave some behind."""
    return [line for line, before in zip(lines, ["", *lines]) if line.strip() or before.strip()]


def _is_special(path: Path) -> bool:
    """Whether there is something other than a file, which a file must not replace: a device, a pipe, a directory."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return False


def write_atomically(path: Path, text: str) -> None:
    """Write a file that is complete or not there at all; into a device or a pipe, write as it comes."""
    if _is_special(path):
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        return
    path = path.resolve()  # through a symbolic link, which is to stay one
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
