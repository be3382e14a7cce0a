#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A log that its own program can only add to: not read, not cut, not rewrite.

usage: append_log.py FILE

Whoever takes over the program can add lines, and can not take back those that tell how it was done. The standard
library's logging needs to know nothing of it.
"""

import errno
import fcntl
import logging
import os
import sys
from collections.abc import Callable
from typing import TextIO

import pycapsicum


def open_log(path: str) -> TextIO:
    """The file, made if need be, as a text file that can only be written at its end."""
    directory, name = os.path.split(os.path.abspath(path))
    with pycapsicum.opendir(directory, "w") as parent:
        log = pycapsicum.openat(parent, name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, mode=0o600, encoding="utf-8")
    # CAP_SEEK would allow pwrite(2); without fcntl(F_SETFL) O_APPEND cannot be taken off.
    pycapsicum.CapRights(["CAP_WRITE", "CAP_FSYNC"]).limit(log)
    return log


def attempts(log: TextIO, path: str) -> "dict[str, Callable[[], object]]":
    """What an intruder would like to do with the log."""
    descriptor = log.fileno()
    return {
        "read it": lambda: os.read(descriptor, 1),
        "cut it": lambda: os.ftruncate(descriptor, 0),
        "write elsewhere in it": lambda: os.pwrite(descriptor, b"x", 0),
        "write not at its end": lambda: fcntl.fcntl(descriptor, fcntl.F_SETFL, 0),
        "open it again": lambda: open(path, "w"),
        "remove it": lambda: os.unlink(path),
    }


def main(path: str) -> None:
    log = open_log(path)
    logging.basicConfig(stream=log, level=logging.INFO, format="%(levelname)s %(message)s")
    pycapsicum.prepare()
    pycapsicum.enter()

    logging.info("started")
    for name, attempt in attempts(log, path).items():
        try:
            attempt()
        except OSError as error:
            names = {**errno.errorcode, pycapsicum.ENOTCAPABLE: "ENOTCAPABLE", pycapsicum.ECAPMODE: "ECAPMODE"}
            logging.warning("%s: refused, %s", name, names[error.errno or 0])
            print(f"{name}: refused, {names[error.errno or 0]}")
    os.fsync(log.fileno())
    logging.info("ended")
    logging.shutdown()
    log.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
