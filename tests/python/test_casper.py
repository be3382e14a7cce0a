# SPDX-License-Identifier: BSD-2-Clause
"""pycapsicum.casper: the services in capability mode, what they refuse, and as which exception."""

import doctest
import errno
import os
import socket
import sys
import syslog
import threading

import pycapsicum
import pytest
from conftest import in_child, require_casper, run_in_child

require_casper()

from pycapsicum import casper  # noqa: E402


def documented():
    """The module, and its public classes and methods."""
    yield "casper", casper.__doc__
    for name in casper.__all__:
        yield name, getattr(casper, name).__doc__
        for method, function in vars(getattr(casper, name)).items():
            if not method.startswith("_") and callable(function):
                yield f"{name}.{method}", function.__doc__


@pytest.mark.parametrize(("name", "text"), list(documented()))
def test_each_has_an_example_that_runs(name, text):
    test = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    assert test.examples

    def run():
        assert doctest.DocTestRunner().run(test).failed == 0

    run_in_child(run)


@pytest.fixture
def server():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@in_child
def test_connects_to_what_was_named(server):
    host, port = server.getsockname()
    other = socket.create_server(("127.0.0.1", 0))
    with casper.Net(hosts=[(host, port)]) as net:
        pycapsicum.CapRights(["CAP_READ", "CAP_WRITE", "CAP_GETSOCKOPT"]).limit(net.fileno())
        pycapsicum.enter()
        with net.create_connection((host, port), 5) as client:
            client.sendall(b"hello")
            assert server.accept()[0].recv(9) == b"hello"
        with pytest.raises(PermissionError) as refused:
            net.create_connection(other.getsockname())
        assert refused.value.errno == pycapsicum.ENOTCAPABLE and isinstance(refused.value, pycapsicum.CapsicumError)
        with socket.socket() as sock, pytest.raises(PermissionError):
            net.connect(sock, other.getsockname())
        with socket.socket() as sock, pytest.raises(PermissionError):
            net.bind(sock, ("127.0.0.1", 0))


@in_child
def test_says_what_the_system_says():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        closed = listening.getsockname()
    with casper.Net(hosts=None, connect=None, bind=None) as net:
        pycapsicum.enter()
        for timeout in (None, 5):
            with pytest.raises(ConnectionRefusedError):
                net.create_connection(closed, timeout)
        with socket.socket() as sock:
            net.bind(sock, ("127.0.0.1", 0))
            with pytest.raises(OSError) as taken, socket.socket() as other:
                net.bind(other, sock.getsockname())
            assert taken.value.errno == errno.EADDRINUSE
        with socket.socket() as sock, pytest.raises(ValueError):
            net.connect(sock, ("localhost", 1))
        with pytest.raises(socket.gaierror) as unknown:
            net.getaddrinfo("127.0.0.1", "no such service")
        assert unknown.value.errno == socket.EAI_SERVICE


@in_child
def test_families(server):
    host, port = server.getsockname()
    with casper.Net(hosts=[(host, port)], families=[socket.AF_INET]) as net:
        pycapsicum.enter()
        with pytest.raises(PermissionError):
            net.getaddrinfo("::1", port, socket.AF_INET6)
        net.create_connection((host, port)).close()


@in_child
def test_local_sockets(tmp_path):
    path = str(tmp_path / "socket")
    with casper.Net(bind=[path], connect=[path]) as net:
        pycapsicum.enter()
        with socket.socket(socket.AF_UNIX) as listening, socket.socket(socket.AF_UNIX) as client:
            net.bind(listening, path)
            listening.listen()
            net.connect(client, path)


@in_child
def test_files(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("größer\n", encoding="utf-8")
    two.write_text("two")
    with casper.Files([one], "rw") as files:
        pycapsicum.enter()
        with files.open(one, encoding="utf-8") as file:
            assert file.read() == "größer\n"
        with files.open(one, binary=True) as file:
            file.write(b"new")
        with pytest.raises(PermissionError) as refused:
            files.open(two)
        assert refused.value.filename == two
        assert files.lstat(one).st_size == len("größer\n".encode())
        assert files.realpath(one) == os.fsdecode(one)
        fd = files.open_fd(one)
        held = pycapsicum.CapRights()
        held.get(fd)
        assert "CAP_READ" in held and "CAP_FCHMOD" not in held
    with pytest.raises(OSError) as closed:
        files.open(one)
    assert closed.value.errno == errno.EBADF


@in_child
def test_users_and_groups():
    with casper.Users(names=["root"]) as users, casper.Groups(names=["daemon"], gids=[0], fields=["gr_name"]) as groups:
        pycapsicum.enter()
        assert users.getpwnam("root").pw_uid == 0
        assert [user.pw_name for user in users.getpwall()] == ["root"]
        with pytest.raises(KeyError):
            users.getpwnam("daemon")
        assert groups.getgrgid(0).gr_gid == -1
        assert sorted(group.gr_name for group in groups.getgrall())[0] == "daemon"


@in_child
def test_syslog(capfd):
    with casper.Syslog("me", syslog.LOG_PERROR) as log:
        pycapsicum.enter()
        log.syslog(syslog.LOG_INFO, "100%s")
        assert log.setlogmask(syslog.LOG_UPTO(syslog.LOG_ERR)) == 0xFF
    assert capfd.readouterr().err == "me: 100%s\n"
    with pytest.raises(OSError):
        log.syslog(syslog.LOG_INFO, "closed")


@in_child
def test_threads_get_their_own_answers():
    with casper.Users() as users:
        wrong = []

        def ask(uid):
            wrong.extend(uid for _ in range(200) if users.getpwuid(uid).pw_uid != uid)

        threads = [threading.Thread(target=ask, args=(uid,)) for uid in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []


@in_child
@pytest.mark.skipif(sys.platform != "linux", reason="FreeBSD's services are held by their limits alone")
def test_services_say_what_holds_them():
    """As tests/casper/attacks.c, which takes both means away."""
    services = [casper.Users(), casper.Net(), casper.Syslog(), casper.Files(["/etc/passwd"])]
    pycapsicum.enter()
    assert len({service.enforcement() for service in services}) == 1
    assert "calls" in services[0].enforcement()
    services[0].close()
    with pytest.raises(OSError) as closed:
        services[0].enforcement()
    assert closed.value.errno == errno.EBADF


@in_child
def test_too_late():
    pycapsicum.enter()
    with pytest.raises(PermissionError) as late:
        casper.Dns()
    assert late.value.errno == pycapsicum.ECAPMODE


def test_a_service_that_failed_to_start_is_gone():
    with pytest.raises(TypeError):
        casper.Net(hosts=[("localhost", 80)], connect=[("127.0.0.1",)])
    with pytest.raises(OSError) as unknown:
        casper.asked(casper._casper.open_service, "system.nope")
    assert unknown.value.errno == errno.ENOENT
