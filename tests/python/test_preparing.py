# SPDX-License-Identifier: BSD-2-Clause
"""prepare(): what Python reads late still works after enter(). Each program runs in an interpreter of its own."""

import subprocess
import sys
import textwrap


def run(program, tmp_path, expect=0, **environment):
    """The standard output and error of a program, in a file of its own so that it has source lines."""
    path = tmp_path / "program.py"
    path.write_text(textwrap.dedent(program))
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, timeout=60)
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout, done.stderr


def test_tracebacks_have_source_lines(tmp_path):
    _, errors = run(
        """
        import json, pycapsicum
        pycapsicum.prepare()
        pycapsicum.enter()
        json.loads("{spam")
        """,
        tmp_path,
        expect=1,
    )
    assert 'json.loads("{spam")' in errors
    assert "return _default_decoder.decode(s)" in errors


def test_traceback_module_has_source_lines(tmp_path):
    out, _ = run(
        """
        import pycapsicum, traceback
        pycapsicum.prepare()
        pycapsicum.enter()
        try:
            spam = (1 + 1) / (1 - 1)
        except ZeroDivisionError:
            print(traceback.format_exc())
            print(traceback.format_exc())
        """,
        tmp_path,
    )
    assert out.count("spam = (1 + 1) / (1 - 1)") == 2


def test_an_excepthook_of_ones_own_stays(tmp_path):
    _, errors = run(
        """
        import sys, pycapsicum
        sys.excepthook = lambda *error: print("mine", file=sys.stderr)
        pycapsicum.prepare()
        1 / 0
        """,
        tmp_path,
        expect=1,
    )
    assert errors == "mine\n"


def test_codecs(tmp_path):
    run(
        """
        import encodings.aliases, pycapsicum
        pycapsicum.prepare()
        pycapsicum.enter()
        for codec in sorted(set(encodings.aliases.aliases.values()) - {"mbcs", "oem"}) + ["idna", "punycode"]:
            __import__("codecs").lookup(codec)
        """,
        tmp_path,
    )


def test_dates(tmp_path):
    out, _ = run(
        """
        import datetime, os, time
        os.environ["TZ"] = "XYZ-3"
        import pycapsicum
        pycapsicum.prepare()
        pycapsicum.enter()
        print(time.strftime("%H:%M %Z", time.localtime(0)))
        print(time.strptime("2 Jan 1970", "%d %b %Y").tm_yday)
        print(datetime.datetime.fromtimestamp(0).astimezone().isoformat())
        """,
        tmp_path,
    )
    assert out == "03:00 XYZ\n2\n1970-01-01T03:00:00+03:00\n"


def test_the_time_zone_of_the_system_has_a_name(tmp_path):
    """Without TZ, libc looks at the zone's file for each mktime(), cannot, and falls back to UTC."""
    out, _ = run(
        """
        import os
        os.environ.pop("TZ", None)
        import pycapsicum
        pycapsicum.prepare()
        print(os.environ.get("TZ"), os.path.exists("/etc/localtime"))
        """,
        tmp_path,
    )
    assert out in (":/etc/localtime True\n", "None False\n")


def test_nothing_is_imported_or_opened_afterwards(tmp_path):
    out, _ = run(
        """
        import sys, time, traceback, pycapsicum, warnings
        pycapsicum.prepare()
        sys.addaudithook(lambda event, args: event in ("import", "open") and print(event, args))
        try:
            spam = (1 + 1) / (1 - 1)
        except ZeroDivisionError:
            traceback.print_exc(file=open(sys.stderr.fileno(), "w", closefd=False))
        warnings.warn("spam", stacklevel=1)
        try:
            "spam".eggs
        except AttributeError as error:
            traceback.format_exception(type(error), error, error.__traceback__)
        time.strptime("1970", "%Y")
        time.strftime("%c")
        "\N{SNOWMAN}".encode("idna", "ignore") if False else None
        """,
        tmp_path,
    )
    assert [line for line in out.splitlines() if not line.startswith("open (2,")] == []
