# SPDX-License-Identifier: BSD-2-Clause
"""What nobody caught is reported with source lines and with what would cure it. Each program has an interpreter."""

import subprocess
import sys
import textwrap

import pycapsicum
import pytest
from conftest import in_child

SANDBOXED = """
import os, sys, threading, pycapsicum
reading, writing = os.pipe()
pycapsicum.CapRights("CAP_READ").limit(reading)
{more}
pycapsicum.prepare({options})
pycapsicum.enter()
"""


def errors(program, tmp_path, more="", options=""):
    """What a program that is in capability mode writes to standard error."""
    path = tmp_path / "program.py"
    path.write_text(SANDBOXED.format(more=more, options=options) + textwrap.dedent(program))
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, timeout=60)
    assert "Unknown error" not in done.stderr or options
    return done.stderr


def test_opening_by_name(tmp_path):
    text = errors("open('/etc/passwd')", tmp_path)
    assert "Not permitted in capability mode" in text and "open it before" in text
    assert "open('/etc/passwd')" in text


@pytest.mark.parametrize(
    "call, report",
    [
        ("os.write(reading, b'x')", "write: fd {} lacks CAP_WRITE; it has CAP_READ"),
        ("os.lseek(fd=reading, position=0, how=0) if 0 else os.lseek(reading, 0, 0)", "lseek: fd {} lacks CAP_SEEK"),
        ("os.fstat(holder.fileno())", "fstat: fd {} lacks CAP_FSTAT"),
        ("pycapsicum.CapRights(['CAP_READ', 'CAP_WRITE']).limit(reading)", "Capabilities insufficient"),
        ("holder.file.seek(1)", "lseek: fd {} lacks CAP_SEEK"),
    ],
)
def test_a_missing_right(tmp_path, call, report):
    more = """
print(reading)
class Holder:
    file = open(reading, "rb", buffering=0, closefd=False)
    def fileno(self):
        return reading
holder = Holder()
"""
    path = tmp_path / "program.py"
    path.write_text(SANDBOXED.format(more=more, options="") + call)
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, timeout=60)
    assert report.format(done.stdout.strip()) in done.stderr, done.stderr
    assert call in done.stderr and "Unknown error" not in done.stderr


def test_deep_in_a_library(tmp_path):
    text = errors(
        "import json; json.dump([1] * 10, sys.stdout); sys.stdout.flush()",
        tmp_path,
        more="import json; pycapsicum.CapRights('CAP_READ').limit(1)",
    )
    assert "write: fd 1 lacks CAP_WRITE; it has CAP_READ" in text


def test_in_a_thread(tmp_path):
    text = errors(
        """
        def work():
            os.write(reading, b"x")
        thread = threading.Thread(target=work, name="worker")
        thread.start()
        thread.join()
        """,
        tmp_path,
    )
    assert text.startswith("Exception in thread worker:\n")
    assert 'os.write(reading, b"x")' in text and "lacks CAP_WRITE" in text


def test_a_thread_may_exit(tmp_path):
    assert errors("thread = threading.Thread(target=sys.exit)\nthread.start()\nthread.join()", tmp_path) == ""


def test_ignored_exceptions(tmp_path):
    text = errors(
        """
        class Holder:
            def __del__(self):
                os.write(reading, b"x")
        Holder()
        """,
        tmp_path,
    )
    assert text.startswith("Exception ignored ") and " <function Holder.__del__ at 0x" in text
    assert 'os.write(reading, b"x")' in text and "lacks CAP_WRITE" in text


def test_what_is_logged(tmp_path):
    text = errors(
        """
        try:
            open("/etc/passwd")
        except OSError as error:
            logging.error("it was %s", error)
        for log in logging.error, logging.exception:
            try:
                open("/etc/passwd")
            except OSError as error:
                log(error)
        try:
            os.write(reading, b"x")
        except OSError:
            logging.exception("mine")
        logging.error("%(spam)s", {"spam": 1})
        """,
        tmp_path,
        more="import logging",
    )
    assert text.startswith("ERROR:root:it was [Errno ") and text.endswith("\nERROR:root:1\n")
    assert text.count("Not permitted in capability mode: '/etc/passwd'\n") == 4
    assert text.count("Capabilities insufficient\n") == 1


def test_a_record_factory_of_ones_own_stays(tmp_path):
    more = "import logging; logging.setLogRecordFactory(lambda *args: logging.LogRecord(*args))"
    program = "print(logging.getLogRecordFactory() is pycapsicum._hooks.record, file=sys.stderr)"
    assert errors(program, tmp_path, more) == "False\n"
    assert errors(program, tmp_path, "import logging") == "True\n"


def test_the_cause_too(tmp_path):
    text = errors("try:\n    open('/etc/passwd')\nexcept OSError as error:\n    raise KeyError(1) from error", tmp_path)
    assert "Not permitted in capability mode" in text


def test_what_cannot_be_looked_at_is_left_out(tmp_path):
    text = errors(
        "holder.spam(holder.fd, *[])",
        tmp_path,
        more="""
class Holder:
    @property
    def fd(self):
        raise SystemExit if False else KeyError("mine")
    def spam(self, *args):
        os.write(*[reading, b"x"])
holder = Holder()
""",
    )
    assert "KeyError: 'mine'" in text


def test_declined(tmp_path):
    text = errors("print(sys.excepthook is sys.__excepthook__, file=sys.stderr)", tmp_path, options="hooks=False")
    assert text == "True\n"


def test_hooks_of_ones_own_stay(tmp_path):
    more = "threading.excepthook = sys.unraisablehook = lambda args: print('mine', file=sys.stderr)"
    program = "thread = threading.Thread(target=open, args=('/',))\nthread.start()\nthread.join()"
    assert errors(program, tmp_path, more) == "mine\n"


@in_child
def test_explain(spam):
    file = open(spam)
    pycapsicum.CapRights("CAP_READ").limit(file)
    sentence = f"lseek: fd {file.fileno()} lacks CAP_SEEK; it has CAP_READ"
    with pytest.raises(OSError) as caught:
        file.buffer.raw.seek(5)
    assert pycapsicum.explain(caught.value) == sentence
    assert pycapsicum.explain(caught.value, file, "lseek") == sentence
    assert pycapsicum.explain(pycapsicum.ENOTCAPABLE, file.fileno(), "lseek") == sentence
    assert "open it before" in pycapsicum.explain(pycapsicum.ECAPMODE, call="open")
    assert pycapsicum.explain(2) == "the call: No such file or directory"


@in_child
def test_describe_and_missing(spam):
    with open(spam) as file:
        pycapsicum.CapRights("CAP_READ, CAP_SEEK").limit(file)
        assert pycapsicum.describe(file).startswith(f"fd {file.fileno()}: CAP_PREAD; ioctls ")
        assert pycapsicum.missing(file, ["CAP_READ", "CAP_WRITE"]) == pycapsicum.CapRights("CAP_WRITE")
        assert not pycapsicum.missing(file, "CAP_PREAD")
    with pytest.raises(pycapsicum.CapsicumError):
        pycapsicum.missing((1 << 31) - 1, "CAP_READ")
