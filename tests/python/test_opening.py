# SPDX-License-Identifier: BSD-2-Clause
"""opendir(), openat() and open()."""

import errno
import io
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
import warnings

import pycapsicum
import pytest
from conftest import in_child


def content(*arguments, **keywords):
    with pycapsicum.openat(*arguments, **keywords) as file:
        return file.read()


@pytest.fixture
def directory(spam):
    with pycapsicum.opendir(spam.parent, "rw") as opened:
        yield opened


def test_opendir_gives_an_int(tmp_path):
    directory = pycapsicum.opendir(tmp_path)
    assert isinstance(directory, int) and directory > -1
    assert directory.listdir() == []
    assert repr(directory) == str(int(directory))
    os.close(directory)


MODES = {
    "r": "r",
    "w": "w",
    "rw": "rw",
    "r+": "rw",
    os.O_RDONLY: "r",
    os.O_WRONLY | os.O_DIRECTORY: "w",
    os.O_RDWR: "rw",
}


@in_child
@pytest.mark.parametrize("flags, mode", MODES.items())
def test_what_may_be_done_beneath(spam, flags, mode):
    directory = pycapsicum.opendir(spam.parent, flags)
    assert not os.get_inheritable(directory)
    attempts = {
        "r": [
            lambda: content(directory, "spam"),
            lambda: directory.listdir(),
            lambda: list(directory.scandir()),
        ],
        "w": [
            lambda: pycapsicum.openat(directory, "spam", "w").close(),
            lambda: pycapsicum.openat(directory, "new", os.O_WRONLY | os.O_CREAT).close(),
            lambda: os.mkdir("eggs", dir_fd=directory),
            lambda: os.rename("eggs", "bacon", src_dir_fd=directory, dst_dir_fd=directory),
            lambda: os.rmdir("bacon", dir_fd=directory),
            lambda: os.unlink("spam", dir_fd=directory),
        ],
    }
    os.stat("spam", dir_fd=directory)
    for kind, calls in attempts.items():
        for call in calls:
            if kind in mode:
                call()
            else:
                with pytest.raises(OSError) as caught:
                    call()
                assert caught.value.errno == pycapsicum.ENOTCAPABLE
    with pytest.raises(OSError) as caught:
        os.symlink("/etc/passwd", "link", dir_fd=directory)
    assert caught.value.errno == pycapsicum.ENOTCAPABLE


@in_child
def test_a_directory_with_certain_rights(spam):
    for directory in (
        pycapsicum.opendir(spam.parent, rights="CAP_LOOKUP, CAP_FSTATAT"),
        pycapsicum.opendir(".", rights=["CAP_LOOKUP", "CAP_FSTATAT"], dir_fd=os.open(spam.parent, os.O_RDONLY)),
    ):
        os.stat("spam", dir_fd=directory)
        with pytest.raises(PermissionError):
            pycapsicum.openat(directory, "spam")
    with pytest.raises(ValueError, match="nearest is 'CAP_READ'"):
        pycapsicum.opendir("/", rights="CAP_REED")


@in_child
def test_a_limited_directory_is_listed(spam):
    """Inside too, and as often as one likes."""
    directory = pycapsicum.opendir(spam.parent)
    pycapsicum.enter()
    for _ in range(100):
        assert directory.listdir() == ["spam"]
        assert [(entry.name, entry.is_file(), entry.stat().st_size) for entry in directory.scandir()] == [
            ("spam", True, 13)
        ]


@pytest.mark.parametrize("convert", [str, os.fsencode, pathlib.Path])
def test_kinds_of_paths(spam, convert):
    with pycapsicum.opendir(path=convert(spam.parent)) as directory:
        with pycapsicum.openat(directory, convert("spam")) as file:
            assert file.read() == "ham and eggs\n"
            assert file.name == convert("spam")


def test_odd_file_names(tmp_path):
    with pycapsicum.opendir(tmp_path) as directory:
        for name in b"\xff\xfe", "\N{SNOWMAN}".encode(), b"x" * 255:
            (tmp_path / os.fsdecode(name)).write_text("spam")
            assert content(directory, os.fsdecode(name)) == "spam"
            assert content(directory, name) == "spam"


def test_a_directory_closes_with_its_block(tmp_path):
    with pycapsicum.opendir(tmp_path) as directory:
        os.fstat(directory)
    with pytest.raises(OSError) as caught:
        os.fstat(directory)
    assert caught.value.errno == errno.EBADF
    with pytest.raises(pycapsicum.CapsicumError) as caught:
        directory.close()
    assert caught.value.errno == errno.EBADF


@pytest.mark.parametrize("path", [None, 1, 1.5, object()])
def test_what_is_no_path(directory, path):
    with pytest.raises(TypeError, match="expected str, bytes or os.PathLike object"):
        pycapsicum.opendir(path)
    with pytest.raises(TypeError, match="expected str, bytes or os.PathLike object"):
        pycapsicum.openat(directory, path)


def test_a_path_with_a_null(directory):
    with pytest.raises(ValueError, match="embedded null"):
        pycapsicum.opendir("a\0b")
    with pytest.raises(ValueError, match="embedded null"):
        pycapsicum.openat(directory, "a\0b")


@pytest.mark.parametrize("flags", ["", "b", "wr", "a", "R", "br", "ab"])
def test_flags_that_are_none(directory, flags):
    for call in (lambda: pycapsicum.opendir("/", flags), lambda: pycapsicum.openat(directory, "spam", flags)):
        with pytest.raises(ValueError) as caught:
            call()
        assert str(caught.value) == f"flags must be 'r', 'w', 'rw' or an int, not {flags!r}"


@pytest.mark.parametrize("flags", [None, True, 1.0, b"r"])
def test_flags_of_the_wrong_type(directory, flags):
    for call in (lambda: pycapsicum.opendir("/", flags), lambda: pycapsicum.openat(directory, "spam", flags)):
        with pytest.raises(TypeError, match="^flags must be an int, not "):
            call()


@pytest.mark.parametrize("flags", [-1, 1 << 31, 1 << 70])
def test_flags_out_of_range(directory, flags):
    for call in (lambda: pycapsicum.opendir("/", flags), lambda: pycapsicum.openat(directory, "spam", flags)):
        with pytest.raises(ValueError, match=f"^flags out of range: {flags}$"):
            call()


@pytest.mark.parametrize("mode", [-1, 0o10000])
def test_a_mode_out_of_range(directory, mode):
    with pytest.raises(ValueError, match=f"^mode out of range: {mode}$"):
        pycapsicum.openat(directory, "spam", "r", mode)


@pytest.mark.parametrize(
    "path, number, builtin",
    [
        ("nothing", errno.ENOENT, FileNotFoundError),
        ("spam", errno.ENOTDIR, NotADirectoryError),
        ("spam/eggs", errno.ENOTDIR, NotADirectoryError),
    ],
)
def test_opendir_fails(spam, path, number, builtin):
    path = spam.parent / path
    with pytest.raises(builtin) as caught:
        pycapsicum.opendir(path)
    assert isinstance(caught.value, pycapsicum.CapsicumError)
    assert (caught.value.errno, caught.value.filename) == (number, path)


def test_openat_fails(directory, spam):
    (spam.parent / "eggs").mkdir()
    for path, flags, number, builtin in (
        ("nothing", "r", errno.ENOENT, FileNotFoundError),
        ("spam/eggs", "r", errno.ENOTDIR, NotADirectoryError),
        ("eggs", "r", errno.EISDIR, IsADirectoryError),
        ("eggs", "rw", errno.EISDIR, IsADirectoryError),
        ("spam", os.O_CREAT | os.O_EXCL | os.O_WRONLY, errno.EEXIST, FileExistsError),
    ):
        with pytest.raises(builtin) as caught:
            pycapsicum.openat(directory, path, flags)
        assert isinstance(caught.value, pycapsicum.CapsicumError)
        assert (caught.value.errno, caught.value.filename) == (number, path)


@in_child
def test_openat_stays_beneath_its_directory(spam):
    """On Linux a link out of a limited directory is the sandbox's to refuse."""
    (spam.parent / "link").symlink_to("/etc/passwd")
    unlimited, limited = os.open(spam.parent, os.O_RDONLY), pycapsicum.opendir(spam.parent)
    for path in "/etc/passwd", "../" + spam.parent.name + "/spam":
        for directory in unlimited, limited:
            with pytest.raises(PermissionError) as caught:
                pycapsicum.openat(directory, path)
            assert caught.value.errno == pycapsicum.ENOTCAPABLE
    pycapsicum.enter()
    for directory in unlimited, limited:
        with pytest.raises(PermissionError) as caught:
            pycapsicum.openat(directory, "link")
        assert caught.value.errno in (pycapsicum.ENOTCAPABLE, errno.EACCES)


def test_a_link_out_of_a_directory(spam):
    """In a process without limits."""
    run = """
import os, sys, pycapsicum
os.symlink("/etc/passwd", sys.argv[1] + "/link")
try:
    pycapsicum.openat(os.open(sys.argv[1], os.O_RDONLY), "link")
except PermissionError as error:
    assert error.errno == pycapsicum.ENOTCAPABLE
else:
    raise AssertionError
"""
    subprocess.run([sys.executable, "-c", run, spam.parent], check=True)


def test_failures_leave_no_descriptor(directory, spam):
    (spam.parent / "eggs").mkdir()
    before = os.listdir("/dev/fd")
    for call in (
        lambda: pycapsicum.openat(directory, "eggs"),
        lambda: pycapsicum.openat(directory, "spam", encoding="no such encoding"),
        lambda: pycapsicum.openat(directory, "spam", newline="x"),
        lambda: pycapsicum.openat(directory, "spam", encoding=5),
    ):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ResourceWarning)
            with pytest.raises((OSError, LookupError, ValueError, TypeError)):
                call()
        assert caught == []
    assert os.listdir("/dev/fd") == before


def test_a_refusing_audit_hook_leaves_no_descriptor(spam):
    run = """
import os, sys, pycapsicum
def hook(event, args):
    if event == "open" and isinstance(args[0], int):
        raise KeyError("mine")
directory = pycapsicum.opendir(sys.argv[1])
before = os.listdir("/dev/fd")
sys.addaudithook(hook)
try:
    pycapsicum.openat(directory, "spam")
except KeyError:
    assert os.listdir("/dev/fd") == before
else:
    raise AssertionError
"""
    subprocess.run([sys.executable, "-c", run, spam.parent], check=True)


def test_reading(directory):
    with pycapsicum.openat(directory, "spam", "r") as file:
        assert isinstance(file, io.TextIOWrapper)
        assert file.readlines() == ["ham and eggs\n"]
        assert (file.mode, file.readable(), file.writable()) == ("r", True, False)
        assert not os.get_inheritable(file.fileno())
    assert file.closed


def test_writing(directory, spam):
    with pycapsicum.openat(directory, "spam", "w") as file:
        assert (file.mode, file.readable(), file.writable()) == ("w", False, True)
        file.write("egg")
    assert spam.read_text() == "egg and eggs\n"


@pytest.mark.parametrize(
    "flags, kind",
    [("rb", io.BufferedReader), ("wb", io.BufferedWriter), ("rwb", io.BufferedRandom), ("r+b", io.BufferedRandom)],
)
def test_bytes(directory, spam, flags, kind):
    with pycapsicum.openat(directory, "spam", flags) as file:
        assert (type(file), file.name) == (kind, "spam")
    assert spam.read_text() == "ham and eggs\n"


def test_binary_by_keyword(directory, spam):
    with pycapsicum.openat(directory, "new", os.O_CREAT | os.O_RDWR, binary=True) as file:
        file.write(b"\0\xff")
        file.seek(0)
        assert file.read() == b"\0\xff"
    with pycapsicum.openat(directory, "new", "r", binary=True, buffering=0) as file:
        assert isinstance(file, io.FileIO) and file.readall() == b"\0\xff"
    with pycapsicum.openat(directory, "spam", "rb", buffering=4) as file:
        assert file.peek() == b"ham "


@pytest.mark.parametrize("keywords", [{"encoding": "utf-8"}, {"errors": "strict"}, {"newline": ""}])
def test_bytes_have_no_text_options(directory, keywords):
    with pytest.raises(ValueError, match="^encoding, errors and newline are for text$"):
        pycapsicum.openat(directory, "spam", "rb", **keywords)


def test_text_is_buffered(directory, spam):
    with pytest.raises(ValueError, match="^text cannot be unbuffered$"):
        pycapsicum.openat(directory, "spam", "w", buffering=0)
    with pycapsicum.openat(directory, "spam", "w", buffering=1) as file:
        file.write("spam\n")
        assert spam.read_text().startswith("spam\n")


def test_reading_and_writing(directory, spam):
    with pycapsicum.openat(directory, "spam", "rw") as file:
        assert (file.mode, file.readable(), file.writable()) == ("r+", True, True)
        assert file.readline() == "ham and eggs\n"
        file.write("bacon\n")
        file.seek(0)
        assert file.read() == "ham and eggs\nbacon\n"
        file.seek(0)
        file.write("egg")
    assert spam.read_text() == "egg and eggs\nbacon\n"


@in_child
def test_limited_from_the_start(directory):
    """In a loop longer than there is room for filters on Linux."""
    rights = pycapsicum.CapRights()
    for _ in range(500):
        with pycapsicum.openat(directory, "spam", rights=["CAP_READ", "CAP_SEEK"]) as file:
            assert file.read() == "ham and eggs\n"
            rights.get(file)
            assert rights == pycapsicum.CapRights("CAP_READ, CAP_SEEK")
    with pycapsicum.openat(directory, "spam", "rw", rights="CAP_READ, CAP_WRITE") as file:
        assert (file.readline(), file.seekable()) == ("ham and eggs\n", False)
        file.write("bacon")
        file.flush()
    with pytest.raises(ValueError, match="nearest is 'CAP_READ'"):
        pycapsicum.openat(directory, "spam", rights="CAP_REED")
    with pytest.raises(TypeError):
        pycapsicum.openat(directory, "spam", rights=1.5)


@in_child
def test_both_ways_limited_to_reading(directory, spam):
    """What the documented demo leaves behind: nothing but the seeking and writing itself needs CAP_SEEK, CAP_WRITE."""
    spam.write_text("ham\n" * 10_000)
    with pycapsicum.openat(directory, "spam", "rw") as file:
        assert file.readline() == "ham\n"
        pycapsicum.CapRights(["CAP_READ"]).limit(file)
        assert file.readline() == "ham\n"
        assert file.read() == "ham\n" * 9_998
        assert file.read() == ""
        for call in (lambda: file.seek(0), lambda: file.tell(), lambda: file.truncate(0)):
            with pytest.raises(OSError) as caught:
                call()
            assert caught.value.errno == pycapsicum.ENOTCAPABLE
        file.flush()
    assert file.closed


@in_child
def test_both_ways_limited_to_writing(directory, spam):
    with open(spam) as reader, pycapsicum.openat(directory, "spam", "rw") as file:
        pycapsicum.CapRights(["CAP_WRITE"]).limit(file)
        file.write("egg")
        file.flush()
        file.write("s")
        with pytest.raises(OSError) as caught:
            file.read()
        assert caught.value.errno == pycapsicum.ENOTCAPABLE
        file.close()
        assert reader.read() == "eggsand eggs\n"


@in_child
def test_a_refused_write_is_not_forgotten(directory, spam):
    file = pycapsicum.openat(directory, "spam", "rw")
    pycapsicum.CapRights(["CAP_READ"]).limit(file)
    file.write("egg")
    for call in file.flush, file.close:
        with pytest.raises(OSError) as caught:
            call()
        assert caught.value.errno == pycapsicum.ENOTCAPABLE


@in_child
def test_the_position_is_known_without_seeking(directory, spam):
    """Through the buffer, which finds places in what it has read by the position that it believes in."""
    spam.write_bytes(bytes(range(200)) * 100)
    with pycapsicum.openat(directory, "spam", "rw") as file:
        binary = file.buffer
        assert binary.read(100) == bytes(range(100))
        binary.seek(5000)
        assert binary.read(10) == bytes(range(10))
        assert binary.raw.seek(0, os.SEEK_CUR) == os.lseek(file.fileno(), 0, os.SEEK_CUR)
        binary.write(b"x" * 100)
        binary.flush()
        at = os.lseek(file.fileno(), 0, os.SEEK_CUR)
        pycapsicum.CapRights(["CAP_READ"]).limit(file)
        assert at == 5110 and binary.raw.seek(0, os.SEEK_CUR) == at
        assert binary.raw.read(3) == bytes([110, 111, 112]) and binary.raw.seek(0, os.SEEK_CUR) == at + 3
        assert len(binary.read()) == 20000 - at - 3 and binary.raw.seek(0, os.SEEK_CUR) == 20000


def test_creating(directory, spam):
    old = os.umask(0o022)
    try:
        with pycapsicum.openat(directory, "new", os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode=0o660) as file:
            file.write("spam")
        pycapsicum.openat(directory, "other", os.O_CREAT | os.O_WRONLY).close()
    finally:
        os.umask(old)
    assert (spam.parent / "new").read_text() == "spam"
    assert (spam.parent / "new").stat().st_mode & 0o777 == 0o640
    assert (spam.parent / "other").stat().st_mode & 0o777 == 0o644


def test_strings_neither_create_nor_truncate(directory, spam):
    for flags in "w", "rw":
        with pytest.raises(FileNotFoundError):
            pycapsicum.openat(directory, "new", flags)
        pycapsicum.openat(directory, "spam", flags).close()
    assert spam.read_text() == "ham and eggs\n"


def test_truncating(directory, spam):
    pycapsicum.openat(directory, "spam", os.O_WRONLY | os.O_TRUNC).close()
    assert spam.read_text() == ""


@pytest.mark.parametrize("access, mode", [(os.O_WRONLY, "a"), (os.O_RDWR, "a+")])
def test_appending(directory, spam, access, mode):
    with pycapsicum.openat(directory, "spam", access | os.O_APPEND) as file:
        assert (file.mode, file.tell()) == (mode, 13)
        file.write("bacon")
    assert spam.read_text() == "ham and eggs\nbacon"


def test_text_options(directory, spam):
    spam.write_bytes(b"\xe4\r\n\xff")
    with pycapsicum.openat(directory, "spam", encoding="utf-8", errors="replace", newline="") as file:
        assert (file.encoding, file.errors) == ("utf-8", "replace")
        assert file.read() == "\N{REPLACEMENT CHARACTER}\r\n\N{REPLACEMENT CHARACTER}"
    with pycapsicum.openat(directory, "spam", encoding="latin-1") as file:
        assert file.read() == "\xe4\n\xff"


def test_documented_argument_names(directory):
    assert content(fd=directory, path="spam", flags="r", mode=0o600) == "ham and eggs\n"
    with pycapsicum.opendir(path="/", flags="r") as root:
        assert not os.get_inheritable(root)


@pytest.mark.parametrize(
    "call",
    [
        lambda: pycapsicum.opendir(),
        lambda: pycapsicum.opendir("/", "r", 0),
        lambda: pycapsicum.opendir("/", mode=0),
        lambda: pycapsicum.openat(0),
        lambda: pycapsicum.openat(0, "x", "r", 0o600, "utf-8"),
        lambda: pycapsicum.openat(0, "x", path="x"),
    ],
)
def test_wrong_arguments(call):
    with pytest.raises(TypeError, match=r"open(at|dir)\(\)"):
        call()


def test_the_directory_can_be_any_descriptor(directory, spam):
    class Holder:
        def fileno(self):
            return directory

    assert content(Holder(), "spam") == "ham and eggs\n"
    with pycapsicum.opendir(".", dir_fd=Holder()) as same:
        assert os.path.sameopenfile(same, directory)


def test_the_working_directory(directory, monkeypatch, spam):
    monkeypatch.chdir(spam.parent)
    at_fdcwd = -100
    assert content(at_fdcwd, "./spam", "rw") == "ham and eggs\n"
    for number in -1, -99:
        with pytest.raises(ValueError, match="^file descriptor out of range"):
            pycapsicum.openat(number, "spam")


def test_opendir_beneath(directory, spam):
    (spam.parent / "eggs").mkdir()
    (spam.parent / "eggs" / "bacon").write_text("bacon")
    with pycapsicum.opendir("eggs", dir_fd=directory) as inner:
        assert content(inner, "bacon") == "bacon"
        assert not os.get_inheritable(inner)
    with pytest.raises(NotADirectoryError):
        pycapsicum.opendir("spam", dir_fd=directory)
    with pytest.raises(PermissionError):
        pycapsicum.opendir("/", dir_fd=directory)


@in_child
def test_inside_capability_mode(spam):
    (spam.parent / "eggs").mkdir()
    (spam.parent / "eggs" / "bacon").write_text("bacon")
    directory = pycapsicum.opendir(spam.parent, "rw")
    pycapsicum.enter()
    with pycapsicum.openat(directory, "spam", "rw") as file:
        assert file.readlines() == ["ham and eggs\n"]
        file.write("bacon\n")
    with pycapsicum.openat(directory, "new", os.O_CREAT | os.O_RDWR, mode=0o600) as file:
        file.write("new")
        file.seek(0)
        assert file.read() == "new"
    with pycapsicum.opendir("eggs", dir_fd=directory) as inner:
        assert content(inner, "bacon") == "bacon"
    for path in "/etc/passwd", "../x":
        with pytest.raises(PermissionError) as caught:
            pycapsicum.openat(directory, path)
        assert caught.value.errno == pycapsicum.ENOTCAPABLE
    with pytest.raises(PermissionError) as caught:
        pycapsicum.opendir("/")
    assert caught.value.errno == pycapsicum.ECAPMODE
    with pytest.raises(PermissionError) as caught:
        pycapsicum.openat(-100, "spam")
    assert caught.value.errno == pycapsicum.ECAPMODE


def test_open_by_path(spam, tmp_path):
    with pycapsicum.open(spam, rights="CAP_READ, CAP_FSTAT") as file:
        assert file.read() == "ham and eggs\n" and file.name == spam and file.mode == "r"
        assert pycapsicum.missing(file, "CAP_READ, CAP_WRITE, CAP_FSTAT").caps == ["CAP_WRITE"]
    with pycapsicum.open(
        tmp_path / "new", os.O_WRONLY | os.O_CREAT, 0o600, binary=True, buffering=0, rights="CAP_WRITE"
    ) as file:
        assert file.write(b"spam") == 4
        with pytest.raises(OSError) as caught:
            os.fchmod(file.fileno(), 0o644)
        assert caught.value.errno == pycapsicum.ENOTCAPABLE
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600
    with pycapsicum.open(spam, "r+b", rights=None) as file:
        assert pycapsicum.missing(file, "CAP_WRITE, CAP_FCHMOD").caps == []
    with pytest.raises(TypeError, match="rights"):
        pycapsicum.open(spam)
    with pytest.raises(FileNotFoundError) as missing:
        pycapsicum.open(tmp_path / "none", rights="CAP_READ")
    assert missing.value.filename == tmp_path / "none"


def test_a_fifo_for_both(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    with pycapsicum.opendir(tmp_path, "rw") as directory, pycapsicum.openat(directory, "fifo", "rw") as file:
        assert (file.name, file.seekable(), file.readable(), file.writable()) == ("fifo", False, True, True)
        file.write("spam\n")
        file.flush()
        assert file.readline() == "spam\n"
        pycapsicum.CapRights().get(file)
    assert file.closed


@pytest.fixture
def alarm():
    """Make SIGALRM arrive soon, and tell how often it was handled."""
    arrived = []
    old = signal.signal(signal.SIGALRM, lambda *args: arrived.append(args))
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    yield arrived
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, old)


def open_writer_later(path, seconds):
    def write():
        time.sleep(seconds)
        path.write_text("spam")

    thread = threading.Thread(target=write)
    thread.start()
    return thread


def test_signals_do_not_interrupt_an_open(tmp_path, alarm):
    os.mkfifo(tmp_path / "fifo")
    thread = open_writer_later(tmp_path / "fifo", 0.2)
    with pycapsicum.opendir(tmp_path) as directory:
        assert content(directory, "fifo") == "spam"
    thread.join()
    assert len(alarm) == 1


def test_a_handler_that_raises_ends_an_open(tmp_path):
    class Enough(Exception):
        pass

    def stop(*args):
        raise Enough

    os.mkfifo(tmp_path / "fifo")
    old = signal.signal(signal.SIGALRM, stop)
    try:
        with pycapsicum.opendir(tmp_path) as directory:
            with pytest.raises(Enough):
                signal.setitimer(signal.ITIMER_REAL, 0.05)
                pycapsicum.openat(directory, "fifo")
    finally:
        signal.signal(signal.SIGALRM, old)


def test_other_threads_run_during_an_open(tmp_path):
    """A writer in another thread can come only if the first has let go of the GIL."""
    os.mkfifo(tmp_path / "fifo")
    thread = open_writer_later(tmp_path / "fifo", 0)
    with pycapsicum.opendir(tmp_path) as directory:
        assert content(directory, "fifo") == "spam"
    thread.join()


def test_audit_hooks_see_the_path(directory):
    run = "import sys, pycapsicum; sys.addaudithook(lambda *e: print(e)); pycapsicum.opendir('/tmp')"
    out = subprocess.run([sys.executable, "-c", run], check=True, capture_output=True, text=True).stdout
    assert "('open', ('/tmp', None, " in out


def test_import_of_all_leaves_pythons_own_open():
    script = "from pycapsicum import *; assert open('/dev/null').read() == ''; import pycapsicum; pycapsicum.open"
    subprocess.run([sys.executable, "-c", script], check=True)
