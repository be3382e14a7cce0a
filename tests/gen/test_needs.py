# SPDX-License-Identifier: BSD-2-Clause
"""Which right a call needs: every operation that was tried on a FreeBSD 13.2 kernel comes out as it did there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import needs
import pytest
import releases
from conftest import Driver
from rights import Right

ERRNO = {"ENOENT": 2, "EINVAL": 22}

# How an operation of the measurement is asked for; one that is not here has the name of its call.
QUESTIONS = {
    "lseek_tell": ["lseek(SEEK_CUR)"],
    "lseek_set": ["lseek(SEEK_SET)"],
    "fcntl_getfl": ["fcntl(F_GETFL)"],
    "fcntl_setfl": ["fcntl(F_SETFL)"],
    "fcntl_getfd": ["fcntl(F_GETFD)"],
    "fcntl_setfd": ["fcntl(F_SETFD)"],
    "fcntl_getown": ["fcntl(F_GETOWN)"],
    "fcntl_setown": ["fcntl(F_SETOWN)"],
    "fcntl_dupfd": ["fcntl(F_DUPFD)"],
    "fcntl_setlk": ["fcntl(F_SETLK)"],
    "fcntl_getlk": ["fcntl(F_GETLK)"],
    "mmap_none_shared": ["mmap(PROT_NONE, MAP_SHARED)"],
    "mmap_r_shared": ["mmap(PROT_READ, MAP_SHARED)"],
    "mmap_w_shared": ["mmap(PROT_WRITE, MAP_SHARED)"],
    "mmap_rw_shared": ["mmap(PROT_READ | PROT_WRITE, MAP_SHARED)"],
    "mmap_r_private": ["mmap(PROT_READ, MAP_PRIVATE)"],
    "mmap_w_private": ["mmap(PROT_WRITE, MAP_PRIVATE)"],
    "mmap_rw_private": ["mmap(PROT_READ | PROT_WRITE, MAP_PRIVATE)"],
    "mmap_rx_private": ["mmap(PROT_READ | PROT_EXEC, MAP_PRIVATE)"],
    "mprotect_w_after_r_shared": ["mmap(PROT_READ, MAP_SHARED)", "mprotect(PROT_WRITE)"],
    "ioctl_fionread": ["ioctl"],
    "ioctl_fionbio": ["ioctl"],
    "ioctl_fioclex": ["ioctl"],
    "copy_file_range_in": ["copy_file_range(source)"],
    "copy_file_range_out": ["copy_file_range(target)"],
    "sendfile_in": ["sendfile(source)"],
    "sendfile_out": ["sendfile(target)"],
    "xattr_get": ["extattr_get_fd"],
    "xattr_set": ["extattr_set_fd"],
    "xattr_list": ["extattr_list_fd"],
    "xattr_del": ["extattr_delete_fd"],
    "openat_rdonly": ["openat(O_RDONLY)"],
    "openat_wronly": ["openat(O_WRONLY)"],
    "openat_wronly_append": ["openat(O_WRONLY | O_APPEND)"],
    "openat_rdwr": ["openat(O_RDWR)"],
    "openat_rdwr_append": ["openat(O_RDWR | O_APPEND)"],
    "openat_creat_wronly": ["openat(O_CREAT | O_WRONLY)"],
    "openat_creat_rdonly": ["openat(O_CREAT | O_RDONLY)"],
    "openat_creat_existing": ["openat(O_CREAT | O_WRONLY)"],
    "openat_creat_excl": ["openat(O_CREAT | O_EXCL | O_WRONLY)"],
    "openat_trunc": ["openat(O_WRONLY | O_TRUNC)"],
    "openat_sync": ["openat(O_WRONLY | O_SYNC)"],
    "openat_directory": ["openat(O_RDONLY | O_DIRECTORY)"],
    "openat_self": ["openat(O_RDONLY)"],
    "openat_dotdot_out": ["openat(O_RDONLY, outside)"],
    "openat_symlink_out": ["openat(O_RDONLY, outside)"],
    "openat_dotdot_in": ["openat(O_RDONLY)"],
    "openat_symlink_in": ["openat(O_RDONLY)"],
    "openat_absolute": ["openat(O_RDONLY, absolute)"],
    "mknodat_fifo": ["mknodat(S_IFIFO)"],
    "unlinkat_dir": ["unlinkat(AT_REMOVEDIR)"],
    "linkat_src": ["linkat(source)"],
    "linkat_dst": ["linkat(target)"],
    "renameat_src": ["renameat(source)"],
    "renameat_dst": ["renameat(target)"],
    "renameat_dst_existing": ["renameat(target, existing)"],
    "dir_fstat": ["fstat"],
    "sock_read": ["read"],
    "sock_write": ["write"],
    "pipe_read": ["read"],
    "pipe_write": ["write"],
    "sendto_addr": ["sendto(address)"],
}

OPERATIONS = [
    line for line in map(json.loads, (releases.DATA / "freebsd-13.2.jsonl").read_text().splitlines()) if "op" in line
]
ALL_13_2 = [1 << 57 | 0x7FFFFFFFFFF, 1 << 58 | 0x1FFFFF]


def needed(driver: Driver, *questions: str) -> list[int]:
    """Return both words of what the questions together say is needed."""
    words = [0, 0]
    for answer in driver.ask(*(f"for {question}" for question in questions)):
        for at, word in enumerate(answer.split()):
            words[at] |= int(word, 16)
    return words


def test_every_question_is_about_an_operation() -> None:
    assert len(OPERATIONS) == 119
    assert set(QUESTIONS) <= {operation["op"] for operation in OPERATIONS}


@pytest.mark.parametrize("operation", OPERATIONS, ids=[operation["op"] for operation in OPERATIONS])
def test_measured_on_freebsd(driver: Driver, operation: dict[str, Any]) -> None:
    measured = [1 << 57, 1 << 58]
    for word, bit, _answer in operation["needs"]:
        measured[word] |= int(bit, 16)
    questions = QUESTIONS.get(operation["op"], [operation["op"]])
    found = needed(driver, *questions)
    if any("outside" in question for question in questions):
        assert found == [1 << 57 | 0xFFFFFFFFFFF, 1 << 58 | 0x7FFFFF]  # all there are: more in 15.1 than in 13.2
        found = [word & every for word, every in zip(found, ALL_13_2)]
    assert found == measured


@pytest.mark.parametrize("release", releases.RELEASES)
def test_the_same_on_every_release(cross_driver: Callable[[str, str], Driver], driver: Driver, release: str) -> None:
    questions = [
        f"for {question}"
        for operation in OPERATIONS
        for question in QUESTIONS.get(operation["op"], [operation["op"]])
        if "outside" not in question
    ]
    assert cross_driver(release, release).ask(*questions) == driver.ask(*questions)


@pytest.mark.parametrize(
    "question,names",
    [
        ("pwrite", "CAP_PWRITE"),
        ("pwrite(2)", "CAP_PWRITE"),
        ("pwrite()", "CAP_PWRITE"),
        ("openat", "CAP_READ, CAP_LOOKUP"),
        ("openat(2)", "CAP_READ, CAP_LOOKUP"),
        ("openat( O_RDWR|O_CREAT|O_CLOEXEC , 0 )", "CAP_PREAD, CAP_PWRITE, CAP_CREATE, CAP_LOOKUP"),
        ("openat(O_EXEC)", "CAP_FEXECVE, CAP_LOOKUP"),
        ("openat(O_WRONLY | O_CREAT, absolute)", ""),
        ("openat(O_RDONLY | O_EXLOCK)", "CAP_READ, CAP_LOOKUP, CAP_FLOCK"),
        ("renameat", "CAP_RENAMEAT_SOURCE, CAP_RENAMEAT_TARGET"),
        ("linkat", "CAP_LINKAT_TARGET, CAP_LINKAT_SOURCE"),
        ("sendfile", "CAP_PREAD, CAP_PWRITE"),
        ("kevent", "CAP_KQUEUE"),
        ("kevent(eventlist)", "CAP_KQUEUE_EVENT"),
        ("kevent(changelist)", "CAP_KQUEUE_CHANGE"),
        ("mknodat", "CAP_MKNODAT"),
        ("mmap(PROT_READ | PROT_WRITE | PROT_EXEC)", "CAP_MMAP_RWX"),
        ("mmap(PROT_WRITE | PROT_EXEC, MAP_PRIVATE)", "CAP_MMAP_X"),
        ("fcntl", "CAP_FCNTL"),
        ("fcntl(F_SETLKW)", "CAP_FLOCK"),
        ("fchroot", "CAP_FCHROOT"),
        ("close", ""),
    ],
)
def test_questions(driver: Driver, question: str, names: str) -> None:
    words = needed(driver, question)
    written = driver.ask(f"format {words[0]} {words[1]}")[0]
    assert sorted(written.split(", ")) == sorted(names.split(", "))


@pytest.mark.parametrize(
    "question,error",
    [
        ("nosuchcall", "ENOENT"),
        ("", "ENOENT"),
        ("rea", "ENOENT"),
        ("readd", "ENOENT"),
        ("READ", "ENOENT"),
        (" read", "ENOENT"),
        ("read ", "ENOENT"),
        ("(read)", "ENOENT"),
        ("read(O_RDONLY)", "ENOENT"),
        ("openat(O_CREATE)", "ENOENT"),
        ("openat(fd, O_CREAT)", "ENOENT"),
        ("openat(O_CREAT | O_TYPO)", "ENOENT"),
        ("linkat(existing)", "ENOENT"),
        ("read(", "EINVAL"),
        ("read(2", "EINVAL"),
        ("read(2) ", "EINVAL"),
        ("read((2)", "EINVAL"),
        ("read(2))(", "EINVAL"),
        ("read(2)(3)", "EINVAL"),
        ("(", "EINVAL"),
    ],
)
def test_questions_without_an_answer(driver: Driver, question: str, error: str) -> None:
    assert driver.ask(f"for {question}") == [f"errno {ERRNO[error]}"]


@pytest.mark.parametrize(
    "name,expected",
    [
        (
            "CAP_READ",
            "copy_file_range(2) (source descriptor), getdents(2), getdirentries(2), "
            "openat(2) (without O_WRONLY, O_EXEC), read(2), readdir(3), readv(2), recv(2), recvfrom(2), "
            "recvmmsg(2), recvmsg(2)",
        ),
        (
            "CAP_RECV",
            "copy_file_range(2) (source descriptor), getdents(2), getdirentries(2), "
            "openat(2) (without O_WRONLY, O_EXEC), read(2), readdir(3), readv(2), recv(2), recvfrom(2), "
            "recvmmsg(2), recvmsg(2)",
        ),
        ("CAP_KQUEUE", "kevent(2) (without changelist), kevent(2) (without eventlist)"),
        ("CAP_SEEK_TELL", ""),
        ("CAP_UNLINKAT", "funlinkat(2), renameat(existing), unlinkat(2)"),
    ],
)
def test_calls_of_a_right(driver: Driver, name: str, expected: str) -> None:
    value = driver.ask(f"value {name}")[0]
    assert driver.ask(f"calls {value}") == [expected]
    assert driver.ask("calls 0") == ["(none)"]


def test_both_ways_agree(driver: Driver) -> None:
    """Each plain call in a right's list needs that right, and each right is in the list of the calls that need it."""
    for name in driver.ask("list")[0].split():
        value = int(driver.ask(f"value {name}")[0], 16)
        for call in driver.ask(f"calls {value}")[0].split(", "):
            if call.endswith("(2)") and call[:-3].isidentifier() and not name.startswith("CAP_SOCK_"):
                words = needed(driver, call)
                assert value & ~(words[0] | words[1]) == 0, (name, call)


def test_what_a_comment_can_say() -> None:
    text = (
        "Allows for one(2), two(O_A | O_B) (without O_C, O_D), three(2) (source directory descriptor) and four(3) "
        "(sometimes); five() and *at() are prose, as is six(2"
    )
    assert [(need.call, need.when, need.unless) for need in needs.needs_of_text(text, "CAP_X")] == [
        ("one", (), ()),
        ("two", ("O_A", "O_B"), ("O_C", "O_D")),
        ("three", (), ("target",)),
        ("four", (), ()),
    ]


def test_a_call_is_not_taken_from_a_right_that_includes_the_one_it_needs() -> None:
    small, large = Right("CAP_S", 1 << 57 | 1, "Allows for new(2)."), Right("CAP_L", 1 << 57 | 3, "Allows for new(2).")
    for order in ([small, large], [large, small]):
        assert [need.right for need in needs.needs(order, [], []) if need.call == "new"] == ["CAP_S"]


def test_our_comments_come_before_those_of_the_given_header() -> None:
    ours, given = Right("CAP_A", 1 << 57 | 1, "Allows one(2)."), Right("CAP_B", 1 << 57 | 2, "Allows one(2), two(2).")
    assert [(need.call, need.right) for need in needs.needs([given], [ours], [])] == [
        ("one", "CAP_A"),
        ("two", "CAP_B"),
    ]
