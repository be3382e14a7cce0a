# SPDX-License-Identifier: BSD-2-Clause
"""The macros of a header: follows #define, #undef and #if the way a C preprocessor does.

#include is not followed: a <sys/capsicum.h> defines every right itself, and what it takes from other headers is few
and fixed (PLATFORM).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from expressions import Evaluator
from tokens import HeaderError, Scanner, Token, read_header

# What <sys/fcntl.h> and <sys/cdefs.h> give on every FreeBSD; a program sees the BSD names unless it asks not to.
PLATFORM = {"F_GETFL": "3", "F_SETFL": "4", "F_GETOWN": "5", "F_SETOWN": "6", "__BSD_VISIBLE": "1"}
MOST_STEPS = 100_000  # tokens to look at while macros are replaced, in a whole header; the real ones take 8,000
DEEPEST = 100  # macros within macros or their arguments; the real headers have five


@dataclass(frozen=True)
class Macro:
    """One #define: `parameters` is None for a plain name; `comment` is what the header says about it."""

    name: str
    parameters: tuple[str, ...] | None
    body: tuple[Token, ...]
    line: int
    comment: str = ""


@dataclass
class Branch:
    """One open #if: whether its present branch counts, and whether any branch before it did."""

    line: int
    outer: bool
    active: bool
    taken: bool
    otherwise: bool = False  # #else has been seen


def comment_text(token: Token) -> str:
    """Return the first paragraph of a comment as one line, without its decoration."""
    text = token.text[2:-2] if token.text.startswith("/*") else token.text[2:]
    lines = [line.strip().removeprefix("*").strip() for line in text.strip().split("\n")]
    paragraph = "\n".join(lines).strip().split("\n\n")[0]
    return " ".join(paragraph.split())


@dataclass
class Preprocessor:
    """Reads one header; afterwards `macros` has what is defined at its end, in the order of definition."""

    path: Path | str
    text: str
    platform: dict[str, str] = field(default_factory=lambda: dict(PLATFORM))
    macros: dict[str, Macro] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.given = {name: Scanner(self.path, text).tokens()[:-1] for name, text in self.platform.items()}
        self.branches: list[Branch] = []
        self.steps = 0
        self.depth = 1  # the macro itself, those being replaced in it, and arguments within arguments
        self.comment: Token | None = None  # the comment that ended on the line before
        self._read()

    def error(self, line: int, what: str) -> HeaderError:
        return HeaderError(self.path, line, what)

    def value_of(self, name: str) -> int:
        """Return the value of a plain macro."""
        macro = self.macros[name]
        if not macro.body:
            raise self.error(macro.line, f"{name} has no value")
        return self._evaluate(list(macro.body), macro.line, (name,))

    # Lines.

    def _read(self) -> None:
        line: list[Token] = []
        for token in Scanner(self.path, self.text).tokens():
            if token.kind != "newline":
                line.append(token)
                continue
            self._line(line)
            line = []
        if self.branches:
            raise self.error(self.branches[-1].line, "this #if is never closed")

    def _line(self, line: list[Token]) -> None:
        words = [token for token in line if token.kind != "comment"]
        if words and words[0].text == "#":
            self._directive(words[1:], words[0].line, line)
        comments = [token for token in line if token.kind == "comment"]
        self.comment = comments[-1] if comments and not words else None

    def _active(self) -> bool:
        return not self.branches or self.branches[-1].active

    def _directive(self, words: list[Token], line: int, whole: list[Token]) -> None:
        name = words[0].text if words else ""
        if name in ("if", "ifdef", "ifndef"):
            self._if(words, line)
        elif name in ("elif", "else", "endif"):
            self._else(words, line)
        elif self._active() and name == "define":
            self._define(words[1:], line, whole)
        elif self._active() and name == "undef":
            self.macros.pop(self._name(words[1:], line, "#undef"), None)

    # Conditions.

    def _if(self, words: list[Token], line: int) -> None:
        outer = self._active()
        active = outer and self._condition(words, line)
        self.branches.append(Branch(line, outer, active, active))

    def _else(self, words: list[Token], line: int) -> None:
        kind = words[0].text
        if not self.branches:
            raise self.error(line, f"#{kind} without #if")
        branch = self.branches[-1]
        if kind == "endif":
            self.branches.pop()
            return
        if branch.otherwise:
            raise self.error(line, f"#{kind} after #else")
        branch.otherwise = kind == "else"
        branch.active = branch.outer and not branch.taken and (kind == "else" or self._condition(words, line))
        branch.taken = branch.taken or branch.active

    def _condition(self, words: list[Token], line: int) -> bool:
        kind = words[0].text
        if kind in ("ifdef", "ifndef"):
            return self._is_defined(self._name(words[1:], line, f"#{kind}")) == (kind == "ifdef")
        expanded = self._expand(self._resolve_defined(words[1:], line), ())
        plain = [self._number("0", t.line) if t.kind == "name" else t for t in expanded]
        return Evaluator(self.path, line, plain).value() != 0

    def _resolve_defined(self, words: list[Token], line: int) -> list[Token]:
        """Replace each `defined X` and `defined(X)` by 1 or 0."""
        result: list[Token] = []
        rest = iter(words)
        for word in rest:
            if word.text != "defined":
                result.append(word)
                continue
            name = next(rest, None)
            parenthesis = name is not None and name.text == "("
            if parenthesis:
                name = next(rest, None)
            if name is None or name.kind != "name" or (parenthesis and getattr(next(rest, None), "text", "") != ")"):
                raise self.error(line, "'defined' wants one name")
            result.append(self._number(str(int(self._is_defined(name.text))), word.line))
        return result

    def _is_defined(self, name: str) -> bool:
        return name in self.macros or name in self.given

    @staticmethod
    def _number(text: str, line: int) -> Token:
        return Token("number", text, line, True)

    def _name(self, words: list[Token], line: int, directive: str) -> str:
        if not words or words[0].kind != "name":
            raise self.error(line, f"{directive} wants a name")
        return words[0].text

    # Definitions.

    def _define(self, words: list[Token], line: int, whole: list[Token]) -> None:
        name = self._name(words, line, "#define")
        parameters: tuple[str, ...] | None = None
        body = words[1:]
        if body and body[0].text == "(" and not body[0].spaced:
            parameters, body = self._parameters(name, body[1:], line)
        macro = Macro(name, parameters, tuple(body), line, self._comment_of(whole))
        before = self.macros.get(name)
        if before is not None:
            self._check_same(before, macro)
            return
        self.macros[name] = macro

    def _parameters(self, name: str, words: list[Token], line: int) -> tuple[tuple[str, ...], list[Token]]:
        names: list[str] = []
        for at, word in enumerate(words):
            if word.text == ")":
                return tuple(names), words[at + 1 :]
            if word.kind == "name" or word.text == "...":
                names.append(word.text)
            elif word.text != ",":
                raise self.error(line, f"'{word.text}' among the parameters of {name}")
        raise self.error(line, f"'(' without ')' after {name}")

    def _comment_of(self, whole: list[Token]) -> str:
        """Return the comment that ends on the line before the directive, or else one that follows it."""
        if self.comment is not None:
            return comment_text(self.comment)
        return comment_text(whole[-1]) if whole[-1].kind == "comment" else ""

    def _check_same(self, before: Macro, macro: Macro) -> None:
        same = [t.text for t in before.body] == [t.text for t in macro.body] and before.parameters == macro.parameters
        if not same and before.parameters is None and macro.parameters is None and before.body and macro.body:
            same = self._evaluate(list(before.body), before.line, (before.name,)) == self._evaluate(
                list(macro.body), macro.line, (macro.name,)
            )
        if not same:
            raise self.error(macro.line, f"{macro.name} has another value than on line {before.line}")

    # Values.

    def _evaluate(self, tokens: list[Token], line: int, inside: tuple[str, ...]) -> int:
        return Evaluator(self.path, line, self._expand(tokens, inside)).value()

    def _expand(self, tokens: list[Token], inside: tuple[str, ...]) -> list[Token]:
        """Return the tokens with every macro replaced; `inside` are the macros that are being replaced already."""
        result: list[Token] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            at += 1
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise self.error(token.line, f"replacing this header's macros takes more than {MOST_STEPS} steps")
            macro = self.macros.get(token.text) if token.kind == "name" else None
            if macro is None:
                result.extend(self.given.get(token.text, [token]))
                continue
            if macro.name in inside:
                raise self.error(token.line, f"{macro.name} is defined by itself: {' -> '.join((*inside, macro.name))}")
            if self.depth == DEEPEST:
                raise self.error(token.line, f"{macro.name} is more than {DEEPEST} names deep")
            self.depth += 1
            body = list(macro.body)
            if macro.parameters is not None:
                if at == len(tokens) or tokens[at].text != "(":
                    raise self.error(token.line, f"{macro.name} is used without its arguments")
                arguments, at = self._arguments(macro, tokens, at + 1)
                body = self._substituted(macro, [self._expand(a, inside) for a in arguments], token.line)
            expanded = self._expand(body, (*inside, macro.name))
            self.depth -= 1
            self.steps += len(expanded)
            # What is wrong with a macro's value is wrong where it is used; but an unknown name stays where it stands.
            result.extend(t if t.kind == "name" else replace(t, line=token.line) for t in expanded)
        return result

    def _arguments(self, macro: Macro, tokens: list[Token], at: int) -> tuple[list[list[Token]], int]:
        """Return the arguments of a call, and the index after its closing parenthesis."""
        arguments: list[list[Token]] = [[]]
        depth = 0
        for index in range(at, len(tokens)):
            token = tokens[index]
            if token.text == ")" and depth == 0:
                return arguments, index + 1
            if token.text == "," and depth == 0:
                arguments.append([])
                continue
            depth += (token.text == "(") - (token.text == ")")
            arguments[-1].append(token)
        raise self.error(tokens[at - 1].line, f"'(' without ')' after {macro.name}: the parentheses are not balanced")

    def _substituted(self, macro: Macro, arguments: list[list[Token]], line: int) -> list[Token]:
        """Return the body of a macro with its arguments in place."""
        parameters = macro.parameters or ()
        if arguments == [[]] and not parameters:
            arguments = []  # F() has no argument, not an empty one
        if len(arguments) != len(parameters):
            raise self.error(line, f"{macro.name} wants {len(parameters)} arguments, not {len(arguments)}")
        values = dict(zip(parameters, arguments))
        return [part for token in macro.body for part in values.get(token.text, [token])]


def preprocess(path: Path, platform: dict[str, str] | None = None) -> Preprocessor:
    """Read the header at `path`."""
    return Preprocessor(path, read_header(path), dict(PLATFORM if platform is None else platform))
