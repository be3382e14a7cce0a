# SPDX-License-Identifier: BSD-2-Clause
"""Real programs do real work in capability mode: servers, parsers, databases. bindings/python/README.md has what each needs.

They come from PyPI, so these tests run only where PYCAPSICUM_PROGRAMS says that they are installed. Each program runs in
an interpreter of its own; what it prints is looked at here.
"""

import http.client
import importlib.util
import pathlib
import signal
import subprocess
import sys
import textwrap
import threading

import pytest

PACKAGES = ("PIL", "cryptography", "gunicorn", "lxml", "numpy", "pandas", "requests", "uvicorn")
REQUESTS = 1000


def test_all_packages_are_there():
    assert [name for name in PACKAGES if importlib.util.find_spec(name) is None] == []


def write(tmp_path, name, program):
    (tmp_path / name).write_text(textwrap.dedent(program))
    return tmp_path / name


def run(tmp_path, program, *arguments):
    """The lines that a program prints; it must succeed, and write nothing to standard error."""
    command = [sys.executable, "-W", "error::RuntimeWarning", write(tmp_path, "program.py", program), *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout.splitlines()


class Server:
    """A server program that prints its port, and ends at SIGTERM."""

    def __init__(self, tmp_path, *command):
        self.errors = tmp_path / "errors"
        with open(self.errors, "w") as errors:
            self.process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=errors, text=True)

    def __enter__(self):
        line = self.process.stdout.readline()
        assert line, self.errors.read_text()
        self.port = int(line)
        return self

    def __exit__(self, *exc_info):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.process.stdout.close()


def ask(port, count):
    """So many requests over one connection; what was answered, without repetitions."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    answers = set()
    for _ in range(count):
        connection.request("GET", "/")
        response = connection.getresponse()
        answers.add((response.status, response.read()))
    connection.close()
    return answers


def ask_at_once(port, count, clients=4):
    """The same from several clients, each with connections of its own and some that serve for one request only."""
    answers = []

    def client():
        answers.append(ask(port, count // clients - 50))
        answers.extend(ask(port, 1) for _ in range(50))

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 51 * clients
    return set().union(*answers)


def test_gunicorn(tmp_path):
    """Its worker enters when it is ready; threads come with the first requests."""
    write(
        tmp_path,
        "application.py",
        """
        import pycapsicum

        def application(environment, start_response):
            try:
                open("/etc/passwd")
            except OSError as error:
                answer = pycapsicum.strerror(error.errno).encode()
            start_response("200 OK", [("Content-Length", str(len(answer)))])
            return [answer]
        """,
    )
    write(
        tmp_path,
        "settings.py",
        """
        import pycapsicum

        bind, threads, workers, keepalive = "127.0.0.1:0", 4, 1, 60

        def post_worker_init(worker):
            pycapsicum.prepare()
            pycapsicum.enter()
            print(worker.sockets[0].getsockname()[1], flush=True)
        """,
    )
    with Server(tmp_path, sys.executable, "-m", "gunicorn", "-c", "settings.py", "application:application") as server:
        assert ask_at_once(server.port, REQUESTS) == {(200, b"Not permitted in capability mode")}
    assert "Error" not in server.errors.read_text()


def test_uvicorn(tmp_path):
    """It enters when the application starts; the socket is open by then."""
    write(
        tmp_path,
        "application.py",
        """
        import socket, uvicorn, pycapsicum

        async def application(scope, receive, send):
            if scope["type"] == "lifespan":
                await receive()
                pycapsicum.prepare()
                pycapsicum.enter()
                await send({"type": "lifespan.startup.complete"})
                return
            try:
                open("/etc/passwd")
            except OSError as error:
                answer = pycapsicum.strerror(error.errno).encode()
            length = str(len(answer)).encode()
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
            await send({"type": "http.response.body", "body": answer})

        listener = socket.create_server(("127.0.0.1", 0))
        print(listener.getsockname()[1], flush=True)
        uvicorn.Server(uvicorn.Config(application, log_level="warning")).run([listener])
        """,
    )
    with Server(tmp_path, sys.executable, "application.py") as server:
        assert ask_at_once(server.port, REQUESTS) == {(200, b"Not permitted in capability mode")}
    assert server.errors.read_text() == ""


ANSWER = """
import http.server, threading

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"spam")

    def log_message(self, *args):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
"""


def test_requests(tmp_path):
    """Over a connection that it made before; a new one is refused."""
    write(tmp_path, "server.py", ANSWER)
    with Server(tmp_path, sys.executable, "server.py") as server:
        lines = run(
            tmp_path,
            """
            import sys, requests, pycapsicum
            url = f"http://127.0.0.1:{sys.argv[1]}/"
            with requests.Session() as session:
                session.get(url)
                pycapsicum.prepare()
                pycapsicum.enter()
                print({session.get(url).text for _ in range(100)})
                try:
                    requests.get(url)
                except requests.ConnectionError as error:
                    print(f"[Errno {pycapsicum.ECAPMODE}]" in str(error))
            """,
            str(server.port),
        )
    assert lines == ["{'spam'}", "True"]


def test_pillow(tmp_path):
    """Images that nobody vouches for, each decoded in a process of its own."""
    lines = run(
        tmp_path,
        """
        import io, pycapsicum
        from PIL import Image

        def encoded(kind):
            file = io.BytesIO()
            Image.new("RGB", (40, 30), (200, 0, 0)).save(file, kind)
            return file.getvalue()

        def decode(data):
            with Image.open(io.BytesIO(data)) as image:
                return image.format, image.size, image.convert("RGB").resize((1, 1)).tobytes()

        kinds = ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "PPM"]
        with pycapsicum.SandboxExecutor(timeout=60) as executor:
            for kind, size, pixel in executor.map(decode, map(encoded, kinds)):
                print(kind, size, abs(pixel[0] - 200) < 5)
            print(type(executor.submit(decode, b"spam").exception()).__name__)
            print(type(executor.submit(decode, encoded("PNG")[:60]).exception()).__name__)
        """,
    )
    assert lines[:7] == [f"{kind} (40, 30) True" for kind in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "PPM")]
    assert lines[7:] == ["OSError", "OSError"]


def test_numpy_with_threads(tmp_path):
    """Those of its linear algebra start with the import, and are in capability mode too."""
    lines = run(
        tmp_path,
        """
        import os
        os.environ["OPENBLAS_NUM_THREADS"] = "4"
        import numpy, pycapsicum
        print(len(os.listdir("/proc/self/task")) > 1)
        pycapsicum.prepare()
        pycapsicum.enter()
        a = numpy.arange(250_000.0).reshape(500, 500) / 1e5
        print(numpy.allclose((a @ a)[3], a[3] @ a), numpy.allclose(numpy.linalg.solve(a + numpy.eye(500), a),
              numpy.linalg.inv(a + numpy.eye(500)) @ a))
        print(len(numpy.random.default_rng(5).random(3)), abs(numpy.fft.ifft(numpy.fft.fft([1, 2])) - [1, 2]).max() < 1e-9)
        print(numpy.ma.masked_less([1, 5], 3).sum(), numpy.strings.upper(numpy.array(["ham"]))[0])
        """,
    )
    assert lines == ["True", "True True", "3 True", "5 HAM"]


@pytest.mark.parametrize("journal", ["memory", "wal"])
def test_sqlite3(tmp_path, journal):
    """A database that was opened before. A journal that is made and removed at each transaction cannot be."""
    lines = run(
        tmp_path,
        f"""
        import sqlite3, pycapsicum
        database = sqlite3.connect("file.db")
        database.execute("pragma journal_mode={journal}")
        database.execute("pragma temp_store=memory")
        database.execute("create table t (a, b)")
        database.commit()
        pycapsicum.prepare()
        pycapsicum.enter()
        with database:
            database.executemany("insert into t values (?, ?)", ((i, str(i)) for i in range(10_000)))
        print(*database.execute("select count(*), sum(a) from t"))
        print(*database.execute("select b from t order by b desc limit 1"))
        try:
            sqlite3.connect("other.db").execute("create table t (a)")
        except sqlite3.OperationalError as error:
            print(error)
        """,
    )
    assert lines == ["(10000, 49995000)", "('9999',)", "unable to open database file"]


def test_lxml(tmp_path):
    """A document that would have another file included is refused it by the kernel."""
    lines = run(
        tmp_path,
        """
        import lxml.etree, lxml.html, pycapsicum
        pycapsicum.prepare()
        pycapsicum.enter()
        print(len(lxml.etree.fromstring("<a>" + "<b/>" * 1000 + "</a>").xpath("//b")))
        print(lxml.html.fromstring("<p>ham <b>eggs").text_content())
        evil = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
        parser = lxml.etree.XMLParser(load_dtd=True, no_network=False, resolve_entities=True)
        try:
            print("root:" in (lxml.etree.fromstring(evil, parser).text or ""))
        except lxml.etree.XMLSyntaxError:
            print("refused")
        """,
    )
    assert lines[:2] == ["1000", "ham eggs"] and lines[2] in ("False", "refused")


def test_pandas(tmp_path):
    """A table in a file that is handed to a process which can do nothing else."""
    (tmp_path / "table.csv").write_text(
        "name,count,day\n" + "".join(f"n{i % 7},{i},2026-01-0{i % 9 + 1}\n" for i in range(5000))
    )
    lines = run(
        tmp_path,
        """
        import pandas, pycapsicum

        def summary(file):
            table = pandas.read_csv(file, parse_dates=["day"])
            total = table.groupby("name")["count"].sum()
            return len(table), int(total["n3"]), str(table["day"].max().date()), table.head(1).to_csv(index=False)

        with pycapsicum.SandboxExecutor(timeout=100) as executor, open("table.csv", "rb") as file:
            rights = "CAP_READ, CAP_SEEK, CAP_FSTAT, CAP_FCNTL"
            print(*executor.submit_holding({file: rights}, summary, file).result())
        """,
    )
    total = sum(i for i in range(5000) if i % 7 == 3)
    assert lines[0].startswith(f"5000 {total} 2026-01-09 name,count,day")


def test_asyncio_with_tls(tmp_path):
    """Contexts that were made before, for the certificates are files."""
    lines = run(
        tmp_path,
        """
        import asyncio, datetime, ssl, pycapsicum
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "spam")])
        now = datetime.datetime(2026, 1, 1)
        certificate = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(36500))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("spam")]), False).sign(key, hashes.SHA256())
        )
        with open("pem", "wb") as file:
            file.write(certificate.public_bytes(serialization.Encoding.PEM))
            file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                         serialization.NoEncryption()))

        server_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        server_context.load_cert_chain("pem")
        client_context = ssl.create_default_context(cafile="pem")

        async def answer(reader, writer):
            while line := await reader.readline():
                writer.write(line.upper())
            writer.close()

        async def main():
            server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=server_context)
            reader, writer = await asyncio.open_connection(
                *server.sockets[0].getsockname(), ssl=client_context, server_hostname="spam"
            )
            pycapsicum.prepare()
            pycapsicum.enter()
            for i in range(100):
                writer.write(b"ham %d\\n" % i)
                assert await reader.readline() == b"HAM %d\\n" % i
            print(writer.get_extra_info("ssl_object").version(), await asyncio.to_thread(sum, [1, 2]))
            writer.close()
            server.close()

        asyncio.run(main())
        """,
    )
    assert lines == ["TLSv1.3 3"]


def test_logging_with_rotation(tmp_path):
    """Into a directory that is held, by the handler of the page."""
    page = (pathlib.Path(__file__).parents[2] / "bindings/python/README.md").read_text()
    (handler,) = (block for block in page.split("```") if "class HeldRotatingFileHandler" in block)
    (tmp_path / "logs").mkdir()
    write(tmp_path, "held.py", handler.removeprefix("python\n"))
    run(
        tmp_path,
        """
        import logging, held, pycapsicum
        directory = pycapsicum.opendir("logs", "rw")
        handler = held.HeldRotatingFileHandler(directory, "log", maxBytes=1000, backupCount=3)
        logging.basicConfig(handlers=[handler], format="%(message)s", level="INFO")
        pycapsicum.prepare()
        pycapsicum.enter()
        for i in range(1000):
            logging.info("line %d", i)
        """,
    )
    files = [tmp_path / "logs" / name for name in ("log.3", "log.2", "log.1", "log")]
    assert {path.name for path in (tmp_path / "logs").iterdir()} == {path.name for path in files}
    lines = "".join(path.read_text() for path in files).splitlines()
    assert lines == [f"line {i}" for i in range(1000 - len(lines), 1000)] and len(lines) > 300


def test_multiprocessing(tmp_path):
    """A pool that was started before, whose workers enter too."""
    lines = run(
        tmp_path,
        """
        import multiprocessing, os, pycapsicum

        def attempt(number):
            try:
                os.listdir("/")
            except OSError as error:
                return error.errno == pycapsicum.ECAPMODE and number * 2

        if __name__ == "__main__":
            pycapsicum.prepare()
            pool = multiprocessing.Pool(2, initializer=pycapsicum.enter)
            pycapsicum.enter()
            print(pool.map(attempt, range(5)), flush=True)
            pool.close()
            os._exit(0)  # it cannot end its workers, who do so by themselves
        """,
    )
    assert lines == ["[0, 2, 4, 6, 8]"]


def test_zoneinfo(tmp_path):
    """Zones that were asked for before are kept; others are not there."""
    lines = run(
        tmp_path,
        """
        import datetime, zoneinfo, pycapsicum
        zoneinfo.ZoneInfo("Europe/Berlin")
        pycapsicum.prepare()
        pycapsicum.enter()
        print(datetime.datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")).utcoffset())
        try:
            zoneinfo.ZoneInfo("Asia/Tokyo")
        except Exception as error:
            print(type(error).__name__)
        """,
    )
    assert lines[0] == "2:00:00"
    assert lines[1] in ("ZoneInfoNotFoundError", "PermissionError", "OSError")
