# SPDX-License-Identifier: BSD-2-Clause
"""What a process that is not trusted may send back: values as JSON, never objects, whose unpickling would run its code.

A value is None, a bool, int, float or str, which are JSON's own, or an object with one member that says what else it is.
"""

from __future__ import annotations

import base64
import builtins
import json
import traceback

from pycapsicum._errors import CapsicumError
from pycapsicum._explaining import improve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

COLLECTIONS = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
ALIKE = 100  # more keys of one hash than chance would have


class NoResult(Exception):
    """What a process sent is not what dump() or dump_error() makes."""


class RemoteTraceback(Exception):
    """The cause of an exception that came from another process: its traceback there, as text."""

    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'


def pack(value: object) -> Any:
    """Return what json.dumps() takes for a value; TypeError for an object of another type."""
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": base64.b64encode(value).decode("ascii")}
    if kind in COLLECTIONS.values():
        return {kind.__name__: [pack(item) for item in value]}  # type: ignore[attr-defined]
    if kind is dict:
        return {"dict": [[pack(key), pack(item)] for key, item in value.items()]}  # type: ignore[attr-defined]
    raise TypeError(
        "a sandboxed process can return None, bool, int, float, str, bytes, and list, tuple, set, frozenset and dict "
        f"of these, not {kind.__name__}: an object's class would run in the process that trusts it"
    )


def unpack(packed: Any) -> Any:
    """Return the value; ValueError, TypeError, KeyError or IndexError for what pack() did not make."""
    if not isinstance(packed, dict):
        if isinstance(packed, list):
            raise ValueError("a bare list")
        return packed
    ((kind, content),) = packed.items()
    if kind == "bytes":
        return base64.b64decode(content, validate=True)
    if kind == "dict":
        return dict(zip(keys([key for key, _ in content]), [unpack(item) for _, item in content]))
    if kind in ("set", "frozenset"):
        return COLLECTIONS[kind](keys(content))
    return COLLECTIONS[kind](unpack(item) for item in content)


def keys(packed: list[Any]) -> list[Any]:
    """Return the values; ValueError where many have one hash, which would keep a dict or set of them busy for hours.

    That of a number, and of a tuple of numbers, can be chosen (docs.python.org/3/library/stdtypes.html, "Hashing of
    numeric types").
    """
    values = [unpack(item) for item in packed]
    hashes = sorted(map(hash, values))
    if any(one == other for one, other in zip(hashes, hashes[ALIKE:])):
        raise ValueError("keys that were chosen to have one hash")
    return values


def builtin_class(error: BaseException) -> str:
    """Return the name of the first class of an exception that every Python has."""
    names: list[str] = [kind.__name__ for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind]
    return names[0]


def pack_error(error: BaseException) -> dict[str, Any]:
    improve(error)
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    is_refusal = isinstance(error, OSError) and error.errno is not None
    arguments = (error.errno, error.strerror, error.filename) if is_refusal else error.args  # type: ignore[attr-defined]
    try:
        packed = [pack(argument) for argument in arguments]
    except TypeError:
        packed = [str(error)]
    return {
        "class": "OSError" if is_refusal else builtin_class(error),
        "args": packed,
        "traceback": text,
        "notes": list(getattr(error, "__notes__", ())),
    }


def unpack_error(packed: dict[str, Any]) -> Exception:
    """Return the exception, of a class of Python's own and no other."""
    kind = getattr(builtins, packed["class"])
    if not issubclass(kind, Exception):
        raise ValueError(f"a process cannot raise {kind.__name__} in another")
    arguments = [unpack(argument) for argument in packed["args"]]
    try:
        error: Exception = CapsicumError(*arguments) if kind is OSError and len(arguments) == 3 else kind(*arguments)
    except TypeError:
        error = RuntimeError(f"{packed['class']}: {arguments}")
    for note in packed["notes"]:
        if hasattr(error, "add_note"):
            error.add_note(note)
    error.__cause__ = RemoteTraceback(str(packed["traceback"]))
    return error


def dump(result: object) -> bytes:
    return json.dumps({"result": pack(result)}).encode("ascii")


def dump_error(error: BaseException) -> bytes:
    return json.dumps({"error": pack_error(error)}).encode("ascii")


def load(data: bytes) -> Any:
    """Return the result that a process sent, or raise what it raised; NoResult for what is neither."""
    try:
        ((kind, content),) = json.loads(data).items()
        result = unpack_error(content) if kind == "error" else unpack(content)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise NoResult(f"what is no result: {error}") from None
    if kind == "error":
        raise result
    return result
