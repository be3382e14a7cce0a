# SPDX-License-Identifier: BSD-2-Clause
"""Exceptions that name their cure: the text of an errno that Python does not know, and which right was missing where.

A refusal arrives as OSError(194, "Unknown error 194"). Its text is put right, and a note says what ce_explain() says of
the call and its descriptor, which are read off the innermost lines of the traceback. That may fail, and then only the
text is put right.
"""

from __future__ import annotations

import ast
import linecache
import sys

from pycapsicum._capsicum import ECAPMODE, ENOTCAPABLE, _explain, needs, strerror

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType
    from typing import Any

    from pycapsicum._capsicum import _Descriptor

# The system call behind a name of Python's, where it is another.
CALLS = {
    "readall": "read",
    "readinto": "read",
    "readline": "read",
    "readlines": "read",
    "flush": "write",
    "writelines": "write",
    "close": "write",
    "seek": "lseek",
    "tell": "lseek",
    "truncate": "ftruncate",
    "recv": "recv",
    "sendall": "send",
    "isatty": "ioctl",
    "remove": "unlink",
    "makedirs": "mkdir",
    "Popen": "execve",
    "run": "execve",
    "io_open": "open",
}


def lines_of(traceback: TracebackType) -> Iterator[tuple[str, FrameType]]:
    """Return the source lines of a traceback with their frames, the innermost first."""
    frames = []
    step: TracebackType | None = traceback
    while step is not None:
        line = linecache.getline(step.tb_frame.f_code.co_filename, step.tb_lineno).strip()
        frames.append((line, step.tb_frame))
        step = step.tb_next
    return reversed(frames)


def calls_in(line: str) -> list[ast.Call]:
    """Return the calls that a line makes, as far as it can be understood without the lines around it."""
    for text in (line, f"{line} pass", f"{line})", line.rstrip(":")):
        try:
            tree = ast.parse(text)
        except SyntaxError:
            continue
        return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return []


def value_of(node: ast.expr, frame: FrameType) -> Any:
    """Return what a name, or an attribute of one, stands for in a frame; None if that cannot be told."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return frame.f_locals.get(node.id, frame.f_globals.get(node.id))
    if isinstance(node, ast.Attribute):
        return getattr(value_of(node.value, frame), node.attr, None)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fileno":
        return value_of(node.func.value, frame)
    return None


def descriptor_of(value: Any) -> int:
    """Return the number of a descriptor or an object that has one; -1 of anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    fileno = getattr(value, "fileno", None)
    number = fileno() if callable(fileno) else -1
    return number if isinstance(number, int) else -1


def call_and_descriptor(call: ast.Call, frame: FrameType) -> tuple[str, int]:
    """Return the name of the system call that a call in Python probably made, and on which descriptor."""
    if isinstance(call.func, ast.Attribute):
        name, candidates = call.func.attr, [call.func.value, *call.args]
    elif isinstance(call.func, ast.Name):
        name, candidates = call.func.id, list(call.args)
    else:
        return "", -1
    for keyword in call.keywords:
        if keyword.arg in ("dir_fd", "fd"):
            candidates.insert(0, keyword.value)
    numbers = (descriptor_of(value_of(node, frame)) for node in candidates)
    return CALLS.get(name, name), next((number for number in numbers if number >= 0), -1)


def says_something(errno: int, fd: int, call: str) -> bool:
    """Whether ce_explain() knows more of a call than its name."""
    if errno == ECAPMODE:
        return "; " in _explain(errno, -1, call)  # then it has advice
    try:
        return fd >= 0 and bool(needs(call))
    except ValueError:
        return False


def sentence(error: OSError) -> str | None:
    """Return what ce_explain() says of the innermost call that it knows, and whose descriptor can be told."""
    if error.__traceback__ is None or error.errno is None:
        return None
    for line, frame in lines_of(error.__traceback__):
        for node in calls_in(line):
            name, fd = call_and_descriptor(node, frame)
            if says_something(error.errno, fd, name):
                return _explain(error.errno, fd, name)
    return None


def refusals(error: object) -> Iterator[Any]:
    """Return what the kernel refused among an exception and its causes."""
    seen: set[int] = set()
    while isinstance(error, BaseException) and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, OSError) and error.errno in (ENOTCAPABLE, ECAPMODE):
            yield error
        error = error.__cause__ or error.__context__


def correct(error: object) -> None:
    """Put the text of a refusal right, and those of its causes."""
    for refusal in refusals(error):
        refusal.strerror = strerror(refusal.errno)


def improve(error: BaseException | None) -> None:
    """Put the text of a refusal right, and add what would cure it; likewise for its causes."""
    for refusal in refusals(error):
        if not hasattr(refusal, "__notes__"):
            improve_one(refusal, refusal.errno)


def improve_one(error: OSError, errno: int) -> None:
    text = strerror(errno)
    try:
        note = sentence(error)
    except Exception:  # whatever a fileno() or an attribute raises: a report must not end in another
        note = None
    if note is not None and sys.version_info >= (3, 11):
        error.add_note(note)
    elif note is not None:
        text = f"{text} ({note})"
    error.strerror = text


def explain(error: OSError | int, fd: _Descriptor | None = None, call: str | None = None) -> str:
    """Why a call was refused, and what would cure that, in a sentence.

    error is what the call raised, or its errno; fd and call, which is as needs() takes
    it, may be left out of an exception that has a traceback: they are looked for there.

    >>> import os, pycapsicum
    >>> reading, writing = os.pipe()
    >>> pycapsicum.CapRights('CAP_READ').limit(reading)
    >>> try:
    ...     os.write(reading, b'spam')
    ... except OSError as error:
    ...     pycapsicum.explain(error, reading, 'write').endswith('lacks CAP_WRITE; it has CAP_READ')
    True
    """
    if isinstance(error, OSError):
        found = sentence(error) if call is None else None
        if found is not None:
            return found
        error = error.errno or 0
    return _explain(error, -1 if fd is None else descriptor_of(fd), call or "the call")
