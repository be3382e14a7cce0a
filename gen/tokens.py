# SPDX-License-Identifier: BSD-2-Clause
"""C tokens of a header, each with the line it stands on.

Comments are kept: the comment before a right is its documentation. The rest of the translation phases that matter to
a header are here as well: lines joined by a backslash, and comments that span lines inside a directive.
"""

from __future__ import annotations

import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path

PUNCTUATORS = tuple("... <<= >>= << >> <= >= == != && || ## -> ++ -- += -= *= /= %= &= |= ^=".split())
IDENTIFIER_START = "_$abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
LARGEST = 1 << 20  # bytes of a header; the real ones have some 20,000
LONGEST_ERROR = 300  # characters: what a message quotes may be of any length


class HeaderError(Exception):
    """Something wrong in a header, said the way compilers say it."""

    def __init__(self, path: Path | str, line: int, what: str) -> None:
        if len(what) > LONGEST_ERROR:
            what = f"{what[: LONGEST_ERROR // 2]} ... {what[-LONGEST_ERROR // 2 :]}"
        super().__init__(f"{path}:{line}: error: {what}")


@dataclass(frozen=True)
class Token:
    """One token: its kind ("name", "number", "string", "other", "comment", "newline"), text and line."""

    kind: str
    text: str
    line: int
    spaced: bool  # white space stands before it: "#define F (x)" is not "#define F(x)"


def read_header(path: Path) -> str:
    """Return the text of a header; an unreadable one is a HeaderError like any other."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # some devices never end, and a pipe may never begin
            raise HeaderError(path, 1, "cannot be read: not a regular file")
        if status.st_size > LARGEST:
            raise HeaderError(path, 1, f"cannot be read: larger than {LARGEST} bytes")
        data = path.read_bytes()
    except OSError as error:
        raise HeaderError(path, 1, f"cannot be read: {error.strerror}") from None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise HeaderError(path, line, f"not UTF-8: byte 0x{data[error.start]:02x}") from None
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


class Scanner:
    """Walks over the text of one header, a character at a time, and knows the line of each.

    Control characters are refused in comments too, which become C strings and are shown on terminals.
    """

    def __init__(self, path: Path | str, text: str) -> None:
        self.path = path
        self.characters, self.lines = self._join_lines(text)
        self.at = 0

    def _join_lines(self, text: str) -> tuple[str, list[int]]:
        """Take out each backslash before a line's end; every character that stays keeps its line number."""
        characters: list[str] = []
        lines: list[int] = []
        line = 1
        at = 0
        while at < len(text):
            if text.startswith("\\\n", at):
                if at + 2 == len(text):
                    raise self.error("the last line is continued, but the file ends", line)
                at += 2
                line += 1
                continue
            if text[at] == "\\" and at + 1 == len(text):
                raise self.error("the last line is continued, but the file ends", line)
            if text[at] not in "\t\n\v\f" and unicodedata.category(text[at]) == "Cc":
                raise self.error(f"character 0x{ord(text[at]):02x} does not belong in a header", line)
            characters.append(text[at])
            lines.append(line)
            line += text[at] == "\n"
            at += 1
        lines.append(line)
        return "".join(characters), lines

    def error(self, what: str, line: int) -> HeaderError:
        return HeaderError(self.path, line, what)

    def tokens(self) -> list[Token]:
        """Return all tokens; the last one is always a newline."""
        result: list[Token] = []
        spaced = False
        while self.at < len(self.characters):
            character = self.characters[self.at]
            if character in " \t\f\v":
                self.at += 1
                spaced = True
                continue
            token = self._token(spaced)
            result.append(token)
            spaced = token.kind == "comment"
        if not result or result[-1].kind != "newline":
            result.append(self._make("newline", self.at, self.at, False))
        return result

    def _make(self, kind: str, start: int, end: int, spaced: bool) -> Token:
        self.at = end
        return Token(kind, self.characters[start:end], self.lines[start], spaced)

    def _token(self, spaced: bool) -> Token:
        text, start = self.characters, self.at
        if text[start] == "\n":
            return self._make("newline", start, start + 1, spaced)
        if text.startswith("/*", start):
            end = text.find("*/", start + 2)
            if end < 0:
                raise self.error("this comment is never closed", self.lines[start])
            return self._make("comment", start, end + 2, spaced)
        if text.startswith("//", start):
            end = text.find("\n", start)
            return self._make("comment", start, len(text) if end < 0 else end, spaced)
        if text[start] in IDENTIFIER_START:
            return self._make("name", start, self._end_of(start, IDENTIFIER_START + DIGITS), spaced)
        if text[start] in DIGITS:
            return self._make("number", start, self._end_of(start, IDENTIFIER_START + DIGITS + "."), spaced)
        if text[start] in "\"'":
            return self._make("string", start, self._end_of_string(start), spaced)
        for punctuator in PUNCTUATORS:
            if text.startswith(punctuator, start):
                return self._make("other", start, start + len(punctuator), spaced)
        return self._make("other", start, start + 1, spaced)

    def _end_of(self, start: int, allowed: str) -> int:
        end = start
        while end < len(self.characters) and self.characters[end] in allowed:
            end += 1
        return end

    def _end_of_string(self, start: int) -> int:
        """Return where the literal at `start` ends; a lone quote, as in #error's prose, is a token of its own."""
        end = start + 1
        while end < len(self.characters) and self.characters[end] != "\n":
            if self.characters[end] == self.characters[start]:
                return end + 1
            end += 2 if self.characters[end] == "\\" else 1
        return start + 1
