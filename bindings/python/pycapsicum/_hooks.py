# SPDX-License-Identifier: BSD-2-Clause
"""Where Python reports what nobody caught: with source lines, which its own hooks would open again, and with the cure. And
where logging makes records of what somebody did catch: with the right text.

A hook that the program has set itself stays.
"""

from __future__ import annotations

import _thread
import sys
import threading
import traceback

from pycapsicum._explaining import correct, improve

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from types import TracebackType
    from typing import Any


def report(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """In the place of sys.excepthook."""
    improve(error)
    traceback.print_exception(kind, error, trace)


def report_thread(args: threading.ExceptHookArgs) -> None:
    """In the place of threading.excepthook."""
    if args.exc_type is SystemExit or sys.stderr is None:
        return
    print(f"Exception in thread {args.thread.name if args.thread else '?'}:", file=sys.stderr, flush=True)
    report(args.exc_type, args.exc_value, args.exc_traceback)


def report_unraisable(args: sys.UnraisableHookArgs) -> None:
    """In the place of sys.unraisablehook."""
    if sys.stderr is None:
        return
    message = args.err_msg or "Exception ignored in"
    print(f"{message}: {args.object!r}" if args.object is not None else f"{message}:", file=sys.stderr, flush=True)
    report(args.exc_type, args.exc_value, args.exc_traceback)


def record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """In the place of logging.LogRecord, as logging.setLogRecordFactory() has it."""
    made: logging.LogRecord = sys.modules["logging"].LogRecord(*args, **kwargs)
    for values in ((made.msg,), made.args, made.exc_info):
        for value in values if isinstance(values, tuple) else ():
            correct(value)
    return made


def correct_records() -> None:
    logging = sys.modules.get("logging")
    if logging is not None and logging.getLogRecordFactory() is logging.LogRecord:
        logging.setLogRecordFactory(record)


def install() -> None:
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = report
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = report_unraisable
    if threading.excepthook is _thread._excepthook:
        threading.excepthook = report_thread
    correct_records()
