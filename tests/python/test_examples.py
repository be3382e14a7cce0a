# SPDX-License-Identifier: BSD-2-Clause
"""Each example runs, and prints what the kernel refused."""

import hashlib
import http.server
import pathlib
import re
import subprocess
import sys
import threading

from conftest import require_casper

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"


def run(name, *arguments, **options):
    """The lines that an example prints."""
    command = [sys.executable, EXAMPLES / name, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_quick_demo(tmp_path):
    (tmp_path / "foo").write_text("ham\neggs\n")
    lines, every, only, *refusals = run("quick_demo.py", tmp_path)
    assert lines == "['ham\\n', 'eggs\\n']"
    assert re.fullmatch(r"\['CAP_READ', 'CAP_WRITE', 'CAP_SEEK_TELL'\] and (7\d|8\d) more", every)
    assert only == "['CAP_READ']"
    assert [line.split(" refused: ")[1].split()[0] for line in refusals] == [
        "ENOTCAPABLE",
        "ENOTCAPABLE",
        "ENOTCAPABLE",
        "ECAPMODE",
        "ENOTCAPABLE",
        "ENOTCAPABLE",
        "ENOTCAPABLE",
        "ECAPMODE",
    ]
    assert [line.split()[0] for line in refusals] == ["write", "seek", "get", "open", "open", "raw", "raw", "raw"]
    assert (tmp_path / "foo").read_text() == "ham\neggs\n"


def test_quick_demo_makes_its_file(tmp_path):
    assert run("quick_demo.py", tmp_path)[0] == "['hello from foo\\n']"


def test_parse_untrusted(tmp_path):
    (tmp_path / "good").write_text('{"ham": 1, "eggs": [2]}')
    (tmp_path / "bad").write_text("[1, 2")
    (tmp_path / "deep").write_text("[" * 100_000)
    refused = (
        "  tried from inside: refused 5 of 5: read /etc/passwd (Not permitted in capability mode), "
        "write the file (Capabilities insufficient), delete it (Not permitted in capability mode), "
        "run a shell (Not permitted in capability mode), signal its parent (Not permitted in capability mode)"
    )
    lines = run("parse_untrusted.py", "good", "bad", "deep", "missing", cwd=tmp_path)
    assert lines[0:2] == ["good: dict of 2", refused]
    assert lines[2].startswith("bad: no JSON: Expecting") and lines[3] == refused
    assert lines[4].startswith("deep: no JSON: ") and lines[5] == refused
    assert lines[6:] == ["missing: No such file or directory"]
    assert (tmp_path / "good").read_text() == '{"ham": 1, "eggs": [2]}'


def test_worker(tmp_path):
    for name in "ham", "eggs", "spam":
        (tmp_path / name).write_text(name)
    assert run("worker.py", "ham", "eggs", "spam", cwd=tmp_path) == [
        f"{name}: {hashlib.sha256(name.encode()).hexdigest()[:16]}, refused: write truncate chmod open connect"
        for name in ("ham", "eggs", "spam")
    ]
    assert (tmp_path / "ham").read_text() == "ham"


def test_append_log(tmp_path):
    (tmp_path / "log").write_text("INFO before\n")
    refused = [
        "read it: refused, ENOTCAPABLE",
        "cut it: refused, ENOTCAPABLE",
        "write elsewhere in it: refused, ENOTCAPABLE",
        "write not at its end: refused, ENOTCAPABLE",
        "open it again: refused, ECAPMODE",
        "remove it: refused, ECAPMODE",
    ]
    assert run("append_log.py", "log", cwd=tmp_path) == refused
    assert (tmp_path / "log").read_text().splitlines() == [
        "INFO before",
        "INFO started",
        *(f"WARNING {line}" for line in refused),
        "INFO ended",
    ]


def test_limited_server(tmp_path):
    (tmp_path / "ham").write_text("eggs\n")
    assert run("limited_server.py", tmp_path) == [
        "ham: eggs",
        "/etc/passwd: refused: Capabilities insufficient",
        f"../{tmp_path.name}: refused: Capabilities insufficient",
        "?: refused: listen elsewhere, connect out, set options, read /etc/passwd",
    ]
    assert run("limited_server.py", tmp_path, "ham", "ham", "spam")[:3] == [
        "ham: eggs",
        "ham: eggs",
        "spam: refused: No such file or directory",
    ]


class Page(http.server.BaseHTTPRequestHandler):
    """Answers every request with one line."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"a page")

    def log_message(self, *_):
        pass


def test_services():
    require_casper()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        lines = run("services.py", "127.0.0.1", str(server.server_port))
        server.shutdown()
    pages = [line for line in lines if line.endswith(": a page")]
    assert lines[0] == "user 0 is root"
    assert pages[:2] == ["http.client: a page", "asyncio: a page"]
    assert lines[1 + len(pages) :] == [
        "connect to another port: refused, CapsicumError",
        "connect to another host: refused, CapsicumError",
        "tell a secret in a name to look up: refused, CapsicumError",
        "connect without the service: refused, OSError",
        "open /etc/passwd: refused, OSError",
        "find another user: refused, KeyError",
        "start another service: refused, CapsicumError",
    ]
