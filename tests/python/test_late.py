# SPDX-License-Identifier: BSD-2-Clause
"""After prepare() the standard library works without importing anything: each package is run, and what it imports seen.

What fails here on a new version of Python belongs into LATE of pycapsicum/_late.py.
"""

import subprocess
import sys
import textwrap

import pytest

# What a program imports, and what it then does.
WORK = {
    "argparse": "argparse.ArgumentParser().format_help()",
    "ast": "ast.literal_eval('1'); ast.unparse(ast.parse('1'))",
    "asyncio": """
        async def answer(reader, writer):
            writer.write(await reader.read(1))
            writer.close()

        async def main():
            await asyncio.to_thread(abs, 1)
            server = await asyncio.start_server(answer, "localhost", 0)
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
            writer.write(b"x")
            assert await reader.read(1) == b"x"
            writer.close()
            server.close()
            await asyncio.wait_for(asyncio.gather(asyncio.sleep(0)), 5)

        asyncio.run(main())
        """,
    "cProfile": "cProfile.run('1', '/dev/null')",
    "concurrent.futures": """
        with concurrent.futures.ThreadPoolExecutor(2) as executor:
            assert list(executor.map(abs, [-1])) == [1]
        """,
    "concurrent.futures.process": """
        with concurrent.futures.process.ProcessPoolExecutor(1, FORK) as executor:
            assert list(executor.map(abs, [-1])) == [1]
        """,
    "configparser": "configparser.ConfigParser().read_string('[a]\\nb=1')",
    "csv": "csv.Sniffer().sniff('a,b\\n1,2\\n')",
    "datetime": "datetime.datetime.strptime('1970', '%Y').strftime('%c')",
    "decimal": "format(decimal.Decimal('1.1') / 3, 'n')",
    "email": "email.message_from_string('Subject: x\\n\\nbody').as_string()",
    "email.message": """
        message = email.message.EmailMessage()
        message.set_content("\\N{SNOWMAN}")
        message["Subject"] = "\\N{SNOWMAN}"
        message.add_attachment(b"x", maintype="a", subtype="b")
        message.as_bytes()
        """,
    "getpass": "getpass.getuser()",
    "http.server, http.client, threading": """
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        connection = http.client.HTTPConnection(*server.server_address)
        connection.request("GET", "/")
        assert connection.getresponse().status == 501
        server.shutdown()
        """,
    "inspect": "inspect.getsource(inspect.getsource)",
    "json": """
        try:
            json.loads("{")
        except ValueError as error:
            str(error), json.dumps({"a": 1.5}, indent=1)
        """,
    "locale": "locale.format_string('%d', 1000, grouping=True)",
    "logging": """
        logging.basicConfig()
        try:
            1 / 0
        except ZeroDivisionError:
            logging.exception("spam")
        logging.error("%s %s", 1)
        """,
    "logging.handlers": "logging.handlers.MemoryHandler(1).close()",
    "multiprocessing": """
        with FORK.Pool(1) as pool:
            assert pool.map(abs, [-1]) == [1]
        queue = FORK.Queue()
        queue.put(1)
        assert queue.get() == 1
        child = FORK.Process(target=abs, args=(1,))
        child.start()
        child.join()
        """,
    "pickle": "pickle.loads(pickle.dumps([1, {2}, print]))",
    "platform": "platform.platform()",
    "pprint": "pprint.pformat(['spam' * 10] * 10)",
    "random": "random.seed('x'); random.shuffle([1, 2]); random.SystemRandom().random()",
    "re": "re.compile('(a|b)+', re.I).sub('x', 'ab')",
    "sqlite3": "sqlite3.connect(':memory:').execute('select 1').fetchall()",
    "ssl": "ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)",
    "statistics": "statistics.median([1, 2, 3])",
    "subprocess": "subprocess.run(['true'])",
    "tarfile, io": """
        made = io.BytesIO()
        for kind in "gz", "bz2", "xz":
            tarfile.open(fileobj=made, mode=f"w:{kind}").close()
        """,
    "tempfile": "tempfile.TemporaryFile().close(); tempfile.TemporaryDirectory().cleanup()",
    "threading": "threading.Thread(target=abs, args=[1]).start()",
    "unittest": "unittest.TestCase().assertEqual({'a': 1}, {'a': 1})",
    "urllib.request": """
        try:
            urllib.request.urlopen("http://127.0.0.1:1/")
        except OSError:
            pass
        """,
    "uuid": "uuid.uuid4(); uuid.uuid5(uuid.NAMESPACE_DNS, 'x')",
    "xml.dom.minidom": "xml.dom.minidom.parseString('<a/>').toxml()",
    "xml.etree.ElementTree": "xml.etree.ElementTree.fromstring('<a><b/></a>').find('b')",
    "xml.sax": "xml.sax.parseString('<a/>', xml.sax.ContentHandler())",
    "zipfile, io": "zipfile.ZipFile(io.BytesIO(), 'w', zipfile.ZIP_LZMA).writestr('a', 'b')",
    "zoneinfo": "zoneinfo.ZoneInfo.no_cache('UTC')",
}

# Python 3.14 has another way to start a process, which cannot be used inside: by a server, whose socket has a name.
PROGRAM = """
import sys, {names}, pycapsicum
if "multiprocessing" in sys.modules:
    FORK = sys.modules["multiprocessing"].get_context("fork")

def work():
{work}

if __name__ == "__main__":
    pycapsicum.prepare()
    before = set(sys.modules)
    work()
    print("late:", *sorted(set(sys.modules) - before))
"""


@pytest.mark.parametrize("names", WORK)
def test_nothing_is_imported_late(names, tmp_path):
    work = textwrap.indent(textwrap.dedent(WORK[names]), "    ")
    (tmp_path / "program.py").write_text(PROGRAM.format(names=names, work=work))
    done = subprocess.run([sys.executable, "program.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "late:"


def test_it_says_what_it_loaded():
    run = (
        "import asyncio, sys, pycapsicum; before = set(sys.modules); loaded = pycapsicum.prepare()\n"
        "assert 'concurrent.futures.thread' in loaded and set(loaded) == set(sys.modules) - before\n"
        "assert pycapsicum.prepare() == []"
    )
    subprocess.run([sys.executable, "-c", run], check=True)
