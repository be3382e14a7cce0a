# SPDX-License-Identifier: BSD-2-Clause
"""The value of a constant expression in a header.

Every value is an unsigned 64-bit integer, the type of every right.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tokens import HeaderError, Token

LIMIT = 1 << 64
DEEPEST = 50  # nested parentheses, signs and conditions; the real headers have four
SUFFIXES = ("", "u", "l", "ul", "lu", "ll", "ull", "llu")
BASES = {"0x": 16, "0b": 2}


def _shift(left: int, right: int, direction: int) -> int:
    if right >= 64:
        raise ValueError(f"a shift by {right} leaves nothing of 64 bits")
    return left << right if direction > 0 else left >> right


def _quotient(left: int, right: int) -> int:
    if right == 0:
        raise ValueError("division by zero")
    return left // right


# Operator: how tightly it binds, and what it does.
BINARY: dict[str, tuple[int, Callable[[int, int], int]]] = {
    "||": (1, lambda a, b: int(a != 0 or b != 0)),
    "&&": (2, lambda a, b: int(a != 0 and b != 0)),
    "|": (3, lambda a, b: a | b),
    "^": (4, lambda a, b: a ^ b),
    "&": (5, lambda a, b: a & b),
    "==": (6, lambda a, b: int(a == b)),
    "!=": (6, lambda a, b: int(a != b)),
    "<": (7, lambda a, b: int(a < b)),
    ">": (7, lambda a, b: int(a > b)),
    "<=": (7, lambda a, b: int(a <= b)),
    ">=": (7, lambda a, b: int(a >= b)),
    "<<": (8, lambda a, b: _shift(a, b, 1)),
    ">>": (8, lambda a, b: _shift(a, b, -1)),
    "+": (9, lambda a, b: a + b),
    "-": (9, lambda a, b: a - b),
    "*": (10, lambda a, b: a * b),
    "/": (10, _quotient),
    "%": (10, lambda a, b: a - _quotient(a, b) * b),
}

UNARY: dict[str, Callable[[int], int]] = {
    "-": lambda a: -a,
    "+": lambda a: a,
    "~": lambda a: ~a,
    "!": lambda a: int(a == 0),
}


def integer(text: str) -> int:
    """Return the value of an integer constant; ValueError says what is wrong with it."""
    digits = text.lower().rstrip("ul")
    suffix = text.lower()[len(digits) :]
    base = BASES.get(digits[:2], 8 if digits.startswith("0") else 10)
    figures = digits[2:] if digits[:2] in BASES else digits
    if suffix not in SUFFIXES or not figures or not all(c in "0123456789abcdef"[:base] for c in figures):
        raise ValueError(f"'{text}' is not an integer")
    figures = figures.lstrip("0") or "0"
    if len(figures) > 64 or int(figures, base) >= LIMIT:
        raise ValueError(f"'{text}' does not fit in 64 bits")
    return int(figures, base)


class Evaluator:
    """Evaluates one list of tokens in which every macro has been expanded already."""

    def __init__(self, path: Path | str, line: int, tokens: list[Token]) -> None:
        self.path = path
        self.line = line  # where to report an expression that ends too early
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    def value(self) -> int:
        """Return the value of the whole list."""
        result = self._conditional()
        if self._next() == ")":
            raise self._error("')' without '(': the parentheses are not balanced")
        if self.at < len(self.tokens):
            raise self._error(f"unexpected '{self._next()}'")
        return result

    def _error(self, what: str) -> HeaderError:
        line = self.tokens[self.at].line if self.at < len(self.tokens) else self.line
        return HeaderError(self.path, line, what)

    def _next(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def _accept(self, text: str) -> bool:
        found = self._next() == text
        self.at += found
        return found

    def _nested(self, part: Callable[[], int]) -> int:
        """Return the value of a part that may hold others of its kind."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._error(f"nested more than {DEEPEST} deep")
        result = part()
        self.depth -= 1
        return result

    def _conditional(self) -> int:
        condition = self._binary(1)
        if not self._accept("?"):
            return condition
        chosen = self._nested(self._conditional)
        if not self._accept(":"):
            raise self._error("'?' without ':'")
        other = self._nested(self._conditional)
        return chosen if condition else other

    def _binary(self, loosest: int) -> int:
        left = self._operand()
        while self._next() in BINARY and BINARY[self._next()][0] >= loosest:
            operator = self.tokens[self.at]
            level, function = BINARY[operator.text]
            self.at += 1
            right = self._binary(level + 1)
            try:
                left = function(left, right) % LIMIT
            except ValueError as error:
                raise HeaderError(self.path, operator.line, str(error)) from None
        return left

    def _operand(self) -> int:
        if self.at == len(self.tokens):
            raise self._error("the expression ends too early")
        token = self.tokens[self.at]
        if token.text in UNARY:
            self.at += 1
            return UNARY[token.text](self._nested(self._operand)) % LIMIT
        if self._accept("("):
            result = self._nested(self._conditional)
            if not self._accept(")"):
                raise self._error("'(' without ')': the parentheses are not balanced")
            return result
        if token.kind == "name":
            raise self._error(f"'{token.text}' is not defined")
        if token.kind != "number":
            raise self._error(f"unexpected '{token.text}'")
        try:
            result = integer(token.text)
        except ValueError as error:
            raise self._error(str(error)) from None
        self.at += 1
        return result
