#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The quick demo of pycapsicum's documentation, line by line, and after it what the kernel refuses.

usage: quick_demo.py [DIRECTORY]

It reads the file foo in DIRECTORY (/tmp by default), and makes it first if it is not there.
"""

import ctypes
import errno
import os
import platform
import sys
from collections.abc import Callable

import pycapsicum as p

# Numbers of system calls, to go around every library, pycapsicum included.
SYSTEM_CALLS = {
    ("Linux", "x86_64"): {"write": 1, "lseek": 8, "openat": 257},
    ("Linux", "aarch64"): {"write": 64, "lseek": 62, "openat": 56},
    ("FreeBSD", "amd64"): {"write": 4, "lseek": 478, "openat": 499},
    ("FreeBSD", "arm64"): {"write": 4, "lseek": 478, "openat": 499},
}[platform.system(), platform.machine()]
AT_FDCWD = -100
ERRORS = {**errno.errorcode, p.ENOTCAPABLE: "ENOTCAPABLE", p.ECAPMODE: "ECAPMODE"}

libc = ctypes.CDLL(None, use_errno=True)


def raw(name: str, *arguments: "int | bytes") -> None:
    """Make a system call by its number."""
    values = [a if isinstance(a, bytes) else ctypes.c_long(a) for a in arguments]
    if libc.syscall(ctypes.c_long(SYSTEM_CALLS[name]), *values) == -1:
        error = ctypes.get_errno()
        raise OSError(error, p.strerror(error))


def must_be_refused(what: str, call: Callable[[], object]) -> None:
    """Print how the kernel refuses a call; end the program if it does not."""
    try:
        call()
    except OSError as error:
        number = error.errno or 0
        print(f"{what:44} refused: {ERRORS[number]} ({p.strerror(number)})")
    else:
        sys.exit(f"{what} was NOT refused")


def main(directory: str = "/tmp") -> None:
    with open(os.path.join(directory, "foo"), "a", encoding="ascii") as foo:
        if foo.tell() == 0:
            foo.write("hello from foo\n")

    # get a descriptor for the directory
    t = p.opendir(directory, "rw")

    # enter capability mode
    p.enter()

    # create a new CapRights object
    a = p.CapRights()

    # use openat to open a file in the directory
    x = p.openat(t, "foo", "rw")

    # x is a Python file object
    print(x.readlines())

    # get the rights on x
    a.get(x)

    # print them: all of them, of which the documented demo prints every one
    print(a.caps[:3], "and", len(a.caps) - 3, "more")

    # make a new CapRights, set to CAP_READ
    b = p.CapRights(["CAP_READ"])

    # set these rights on x
    b.limit(x)

    # get the rights from x
    a.get(x)

    # print them: ['CAP_READ']
    print(a.caps)

    # The documented demo ends here. From now on, the kernel refuses the rest.
    fd = x.fileno()
    must_be_refused("write to foo", lambda: os.write(fd, b"spam"))
    must_be_refused("seek in foo", lambda: os.lseek(fd, 0, os.SEEK_SET))
    must_be_refused("get all the rights back", lambda: p.CapRights(["CAP_READ", "CAP_WRITE"]).limit(x))
    must_be_refused("open /etc/passwd", lambda: open("/etc/passwd"))
    must_be_refused("open /etc/passwd from the directory", lambda: p.openat(t, "/etc/passwd", "r"))
    must_be_refused("raw system call write to foo", lambda: raw("write", fd, b"spam", 4))
    must_be_refused("raw system call lseek in foo", lambda: raw("lseek", fd, 0, os.SEEK_SET))
    must_be_refused("raw system call openat /etc/passwd", lambda: raw("openat", AT_FDCWD, b"/etc/passwd", 0, 0))
    x.close()


if __name__ == "__main__":
    main(*sys.argv[1:2])
