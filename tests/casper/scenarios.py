# SPDX-License-Identifier: BSD-2-Clause
"""What FreeBSD's services were asked, asked again: the oracle's calls and setups, in its words."""

from __future__ import annotations

import ctypes
import fcntl
import os
import select
import socket
import stat
import tempfile
from pathlib import Path

from freebsd import SERVICES, Addrinfo, Group, Passwd, Scenario, World, address, errno_name, names, numbers

SCENARIOS: list[tuple[str, Scenario]] = []
#: <sys/capsicum.h>'s, of which each is two words.
READ, WRITE, GETSOCKOPT, CONNECT, EVENT = ((1, 0), (2, 0), (0x400000000, 0), (0x80000000, 0), (0, 0x20))


def scenario(service: str):
    def register(function: Scenario) -> Scenario:
        SCENARIOS.append((service, function))
        return function

    return register


# --- users and groups


def all_entries(world: World, channel, what: str, kind) -> str:
    found = []
    while True:
        entry = getattr(world.c, what)(channel)
        if not entry:
            return " ".join(found)
        found.append(kind.from_address(entry).name.decode())


def count_entries(world: World, call: str, setup: str, channel, kind) -> None:
    text = all_entries(world, channel, "cap_getpwent" if kind is Passwd else "cap_getgrent", kind)
    world.record(call, setup, len(text.split()), 0, text)


def by_r(world: World, call: str, setup: str, channel, name: bytes, size: int, kind) -> None:
    entry, result = kind(), ctypes.c_void_p()
    buffer = ctypes.create_string_buffer(size)
    function = world.c.cap_getpwnam_r if kind is Passwd else world.c.cap_getgrnam_r
    rc = function(channel, name, ctypes.byref(entry), buffer, size, ctypes.byref(result))
    shown = f"result {'the struct' if result.value else 'NULL'}"
    if kind is Group and result.value:
        shown += f" {entry.text()}"
    if rc != 0 or not result.value:
        shown += " (the function's value is shown as rc)"
    if rc == 193:
        shown = "(the function's value is shown as rc)"
    world.record(call, setup, errno_name(rc) if rc else 0, 0, shown)


@scenario("pwd")
def users(w: World) -> None:
    pwd, grp, dns = w.open("pwd", "grp", "dns")
    by_name, uid = w.c.cap_getpwnam, w.c.cap_getpwuid
    w.pointer("cap_getpwnam", "root", lambda: by_name(pwd, b"root"), Passwd)
    w.pointer("cap_getpwnam", "nope", lambda: by_name(pwd, b"nope"))
    ctypes.set_errno(5)
    result = by_name(pwd, b"nope")
    w.record("cap_getpwnam, errno EIO before", "nope", "pointer" if result else "NULL", ctypes.get_errno())
    w.pointer("cap_getpwnam", "NULL", lambda: by_name(pwd, None))
    w.pointer("cap_getpwnam", "empty", lambda: by_name(pwd, b""))
    w.pointer("cap_getpwnam", "channel of grp", lambda: by_name(grp, b"root"))
    w.pointer("cap_getpwnam", "channel of dns", lambda: by_name(dns, b"root"))
    w.pointer("cap_getpwuid", "0 (root and toor)", lambda: uid(pwd, 0), Passwd)
    w.pointer("cap_getpwuid", "4242 (nobody's)", lambda: uid(pwd, 4242))
    w.pointer("cap_getpwuid", "(uid_t)-1", lambda: uid(pwd, 0xFFFFFFFF))
    first, second = by_name(pwd, b"root"), uid(pwd, 1)
    same = "same pointer; first now reads " + Passwd.from_address(first).name.decode() if first == second else ""
    w.record("cap_getpwnam, cap_getpwuid", "is the result one static buffer?", 0, 0, same)
    count_entries(w, "cap_getpwent", "all", pwd, Passwd)
    w.c.cap_setpwent(pwd)
    count_entries(w, "cap_setpwent, then all", "all", pwd, Passwd)
    w.c.cap_endpwent(pwd)
    count_entries(w, "cap_endpwent, then all", "all", pwd, Passwd)
    w.number("cap_setpassent(1)", "all", lambda: w.c.cap_setpassent(pwd, 1), lambda: "1 is success")
    clone = ctypes.c_void_p(w.c.cap_clone(pwd))
    one = Passwd.from_address(w.c.cap_getpwent(pwd)).name.decode()
    two = Passwd.from_address(w.c.cap_getpwent(clone)).name.decode()
    w.record(
        "cap_getpwent",
        "two clones of one service: one position or two?",
        "pointer",
        0,
        f"first {one}, on the clone {two}",
    )
    by_r(w, "cap_getpwnam_r", "root", pwd, b"root", 4096, Passwd)
    by_r(w, "cap_getpwnam_r", "buffer of 8 bytes", pwd, b"root", 8, Passwd)
    by_r(w, "cap_getpwnam_r", "nope", pwd, b"nope", 4096, Passwd)


@scenario("pwd")
def users_killed(w: World) -> None:
    pwd = w.killed(w.open("pwd"))
    setup = "service killed, SIGPIPE ignored"
    w.pointer("cap_getpwnam", setup, lambda: w.c.cap_getpwnam(pwd, b"root"))
    w.number("cap_setpassent", setup, lambda: w.c.cap_setpassent(pwd, 1))
    w.number("cap_pwd_limit_users", setup, lambda: w.c.cap_pwd_limit_users(pwd, names(b"root"), 1, None, 0))


@scenario("pwd")
def user_commands(w: World) -> None:
    pwd = w.open("pwd")
    c, limits = w.c, lambda: w.limits(pwd)
    w.number("cap_pwd_limit_cmds", "{getpwnam}", lambda: c.cap_pwd_limit_cmds(pwd, names(b"getpwnam"), 1), limits)
    setup = "cmds {getpwnam}"
    w.pointer("cap_getpwnam", setup, lambda: c.cap_getpwnam(pwd, b"root"), Passwd)
    w.pointer("cap_getpwuid", setup, lambda: c.cap_getpwuid(pwd, 0))
    by_r(w, "cap_getpwnam_r", setup, pwd, b"root", 4096, Passwd)
    w.pointer("cap_getpwent", setup, lambda: c.cap_getpwent(pwd))
    w.number("cap_setpassent", setup, lambda: c.cap_setpassent(pwd, 1))
    c.cap_setpwent(pwd)
    w.record("cap_setpwent", setup, 0)
    two = names(b"getpwnam", b"getpwuid")
    w.number("cap_pwd_limit_cmds", f"{setup}; wider {{getpwnam, getpwuid}}", lambda: c.cap_pwd_limit_cmds(pwd, two, 2))
    w.number("cap_pwd_limit_cmds", f"{setup}; the same again", lambda: c.cap_pwd_limit_cmds(pwd, two, 1))
    w.number("cap_pwd_limit_cmds", f"{setup}; empty list", lambda: c.cap_pwd_limit_cmds(pwd, None, 0), limits)
    w.pointer("cap_getpwnam", "cmds {}", lambda: c.cap_getpwnam(pwd, b"root"))


def fresh(w: World, service: str, count: int) -> list[ctypes.c_void_p]:
    channels = [ctypes.c_void_p(w.c.cap_service_open(w.casper, f"system.{service}".encode())) for _ in range(count)]
    return channels


@scenario("pwd")
def user_commands_more(w: World) -> None:
    w.open("pwd")
    c = w.c
    a, b, d, e, f, g = fresh(w, "pwd", 6)
    w.number(
        "cap_pwd_limit_cmds",
        "{nope} (unknown)",
        lambda: c.cap_pwd_limit_cmds(a, names(b"nope"), 1),
        lambda: w.limits(a),
    )
    w.pointer("cap_getpwnam", "cmds {nope}", lambda: c.cap_getpwnam(a, b"root"))
    twice = names(b"getpwnam", b"getpwnam")
    w.number(
        "cap_pwd_limit_cmds",
        "{getpwnam, getpwnam} (twice)",
        lambda: c.cap_pwd_limit_cmds(b, twice, 2),
        lambda: w.limits(b),
    )
    w.number(
        "cap_pwd_limit_cmds", "empty list, never limited", lambda: c.cap_pwd_limit_cmds(d, None, 0), lambda: w.limits(d)
    )
    w.pointer("cap_getpwnam", "cmds {} from never limited", lambda: c.cap_getpwnam(d, b"root"))
    setup = "{getpwnam, getpwuid} then narrower {getpwuid}"
    first = c.cap_pwd_limit_cmds(e, names(b"getpwnam", b"getpwuid"), 2)
    w.number(
        "cap_pwd_limit_cmds", setup, lambda: c.cap_pwd_limit_cmds(e, names(b"getpwuid"), 1), lambda: f"first {first}"
    )
    w.pointer("cap_getpwnam", setup, lambda: c.cap_getpwnam(e, b"root"))
    results = [c.cap_pwd_limit_cmds(f, names(b"getpwnam"), 1), c.cap_pwd_limit_fields(f, names(b"pw_name"), 1)]
    w.number(
        "cap_pwd_limit_*",
        "cmds, then fields, then users: all kept?",
        lambda: c.cap_pwd_limit_users(f, names(b"root"), 1, None, 0),
        lambda: f"{results[0]} {results[1]} {w.limits(f)}",
    )
    w.number("cap_limit_set", "empty, never limited", lambda: c.cap_limit_set(g, w.list()), lambda: w.limits(g))
    w.number("cap_limit_set", "an item named foo (nvlist)", lambda: c.cap_limit_set(b, w.list(foo={})))
    w.number("cap_limit_set", "cmds as string", lambda: c.cap_limit_set(b, w.list(cmds=b"getpwnam")))


@scenario("pwd")
def user_fields(w: World) -> None:
    pwd = w.open("pwd")
    c = w.c
    set_fields = lambda channel, *fields: c.cap_pwd_limit_fields(channel, names(*fields), len(fields))
    operator = lambda channel: lambda: c.cap_getpwnam(channel, b"operator")
    w.number(
        "cap_pwd_limit_fields",
        "{pw_name, pw_uid}",
        lambda: set_fields(pwd, b"pw_name", b"pw_uid"),
        lambda: w.limits(pwd),
    )
    setup = "fields {pw_name, pw_uid}"
    w.pointer("cap_getpwnam", setup, operator(pwd), Passwd)
    w.number("cap_pwd_limit_fields", f"{setup}; wider", lambda: set_fields(pwd, b"pw_name", b"pw_uid", b"pw_gid"))
    w.number("cap_pwd_limit_fields", f"{setup}; narrower {{pw_uid}}", lambda: set_fields(pwd, b"pw_uid"))
    w.pointer("cap_getpwnam", "fields {pw_uid}", operator(pwd), Passwd)
    other, third = fresh(w, "pwd", 2)
    w.number("cap_pwd_limit_fields", "{nope} (unknown)", lambda: set_fields(other, b"nope"))
    w.pointer("cap_getpwnam", "fields {nope}", operator(other), Passwd)
    w.number("cap_pwd_limit_fields", "empty list", lambda: set_fields(third))
    w.pointer("cap_getpwnam", "fields {}", operator(third), Passwd)


@scenario("pwd")
def user_list(w: World) -> None:
    pwd = w.open("pwd")
    c = w.c
    by_name, uid = c.cap_getpwnam, c.cap_getpwuid
    only = lambda channel, *users: c.cap_pwd_limit_users(channel, names(*users), len(users), None, 0)
    w.number(
        "cap_pwd_limit_users", "names {root, operator}", lambda: only(pwd, b"root", b"operator"), lambda: w.limits(pwd)
    )
    setup = "users {root, operator}"
    w.pointer("cap_getpwnam root", setup, lambda: by_name(pwd, b"root"), Passwd)
    w.pointer("cap_getpwnam daemon (not in the list)", setup, lambda: by_name(pwd, b"daemon"))
    w.pointer("cap_getpwnam toor (the uid of root)", setup, lambda: by_name(pwd, b"toor"))
    w.pointer("cap_getpwuid 0", setup, lambda: uid(pwd, 0), Passwd)
    w.pointer("cap_getpwuid 1 (not in the list)", setup, lambda: uid(pwd, 1))
    w.pointer("cap_getpwnam nope (no such user)", setup, lambda: by_name(pwd, b"nope"))
    count_entries(w, "cap_getpwent, all", setup, pwd, Passwd)
    by_r(w, "cap_getpwnam_r daemon", setup, pwd, b"daemon", 4096, Passwd)
    w.number("cap_pwd_limit_users", f"{setup}; wider", lambda: only(pwd, b"root", b"operator", b"daemon"))
    w.number("cap_pwd_limit_users", f"{setup}; uid {{0}}", lambda: c.cap_pwd_limit_users(pwd, None, 0, numbers(0), 1))
    w.number("cap_pwd_limit_users", f"{setup}; narrower {{operator}}", lambda: only(pwd, b"operator"))
    w.pointer("cap_getpwnam root", "users {operator}", lambda: by_name(pwd, b"root"))
    w.number("cap_pwd_limit_users", "users {operator}; empty list", lambda: only(pwd), lambda: w.limits(pwd))
    w.pointer("cap_getpwnam operator", "users {}", lambda: by_name(pwd, b"operator"))
    other, third, fourth = fresh(w, "pwd", 3)
    w.number("cap_pwd_limit_users", "uids {0}", lambda: c.cap_pwd_limit_users(other, None, 0, numbers(0), 1))
    w.pointer("cap_getpwnam root", "uids {0}", lambda: by_name(other, b"root"), Passwd)
    w.pointer("cap_getpwnam toor", "uids {0}", lambda: by_name(other, b"toor"), Passwd)
    w.pointer("cap_getpwuid 1", "uids {0}", lambda: uid(other, 1))
    w.number("cap_pwd_limit_users", "uids {0}; name {root}", lambda: only(other, b"root"))
    w.number("cap_pwd_limit_users", "unknown name {nope}", lambda: only(third, b"nope"))
    w.number("cap_pwd_limit_users", "uid (uid_t)-1", lambda: c.cap_pwd_limit_users(fourth, None, 0, numbers(-1), 1))


@scenario("pwd")
def raw_messages(w: World) -> None:
    w.open("pwd")
    a, b, d = fresh(w, "pwd", 3)
    sent = lambda call, setup, channel, **values: w.record(
        call,
        setup,
        "pointer" if (answer := w.raw(channel, **values)) is not None else "NULL",
        0 if answer is not None else ctypes.get_errno(),
        f"error {answer}" if answer is not None else "error",
    )
    sent("raw message", "no cmd at all", a, foo=1)
    w.pointer("cap_getpwnam after it", "no cmd at all", lambda: w.c.cap_getpwnam(a, b"root"))
    sent("raw message", "limit_set without limits", b, cmd=b"limit_set")
    w.pointer("cap_getpwnam after it", "limit_set without limits", lambda: w.c.cap_getpwnam(b, b"root"))
    sent("raw message", "getpwnam without name", d, cmd=b"getpwnam")
    sent("raw message", "unknown cmd", d, cmd=b"nope")
    os.write(w.c.cap_sock(d), b"\xff" * 30)
    w.pointer("raw bytes", "30 bytes of 0xff", lambda: w.c.cap_recv_nvlist(d), lambda _: "answer")
    w.pointer("cap_getpwnam after it", "30 bytes of 0xff", lambda: w.c.cap_getpwnam(d, b"root"))


@scenario("pwd")
def slow_and_large(w: World) -> None:
    pwd = w.open("pwd")
    clone = ctypes.c_void_p(w.c.cap_clone(pwd))
    os.write(w.c.cap_sock(pwd), b"CSP")
    w.pointer(
        "raw bytes", "3 bytes and no more: does a clone still get answers?", lambda: w.c.cap_getpwnam(clone, b"root")
    )
    w.pointer("raw message", "a name of 1 MiB", lambda: w.c.cap_getpwnam(clone, b"x" * (1 << 20)))
    w.pointer("raw message", "a name of 48 MiB", lambda: w.c.cap_getpwnam(clone, b"x" * (48 << 20)))


def rights_of(*rights: tuple[int, int]) -> ctypes.Array[ctypes.c_uint64]:
    words = [0x0200000000000000, 0x0400000000000000]
    for one in rights:
        words = [words[0] | one[0], words[1] | one[1]]
    return (ctypes.c_uint64 * 2)(*words)


@scenario("pwd")
def limited_channels(w: World) -> None:
    w.open("pwd")
    kinds = {"READ": READ, "WRITE": WRITE, "GETSOCKOPT": GETSOCKOPT, "EVENT": EVENT}
    for text in (
        "READ|WRITE",
        "READ|WRITE|GETSOCKOPT",
        "READ|WRITE|EVENT",
        "READ|WRITE|GETSOCKOPT|EVENT",
        "READ|GETSOCKOPT|EVENT",
        "WRITE|GETSOCKOPT|EVENT",
    ):
        (pwd,) = fresh(w, "pwd", 1)
        sock = w.c.cap_sock(pwd)
        assert w.c.cap_rights_limit(sock, rights_of(*(kinds[word] for word in text.split("|")))) == 0
        w.pointer("cap_getpwnam", f"the client's socket limited to {text}", lambda: w.c.cap_getpwnam(pwd, b"root"))


@scenario("grp")
def groups(w: World) -> None:
    grp, pwd = w.open("grp", "pwd")
    by_name, gid = w.c.cap_getgrnam, w.c.cap_getgrgid
    w.pointer("cap_getgrnam", "wheel", lambda: by_name(grp, b"wheel"), Group)
    w.pointer("cap_getgrnam", "nope", lambda: by_name(grp, b"nope"))
    w.pointer("cap_getgrnam", "daemon (no members)", lambda: by_name(grp, b"daemon"), Group)
    w.pointer("cap_getgrgid", "5", lambda: gid(grp, 5), Group)
    w.pointer("cap_getgrgid", "4242", lambda: gid(grp, 4242))
    count_entries(w, "cap_getgrent", "all", grp, Group)
    w.number("cap_setgrent", "all", lambda: w.c.cap_setgrent(grp))
    w.number("cap_setgroupent(1)", "all", lambda: w.c.cap_setgroupent(grp, 1), lambda: "1 is success")
    count_entries(w, "cap_getgrent after them", "all", grp, Group)
    by_r(w, "cap_getgrnam_r", "buffer of 8 bytes", grp, b"wheel", 8, Group)
    by_r(w, "cap_getgrnam_r", "wheel", grp, b"wheel", 4096, Group)
    w.pointer("cap_getgrnam", "channel of pwd", lambda: by_name(pwd, b"wheel"))


@scenario("grp")
def group_limits(w: World) -> None:
    w.open("grp")
    c = w.c
    a, b = fresh(w, "grp", 2)
    w.number(
        "cap_grp_limit_cmds", "{getgrnam}", lambda: c.cap_grp_limit_cmds(a, names(b"getgrnam"), 1), lambda: w.limits(a)
    )
    setup = "cmds {getgrnam}"
    w.pointer("cap_getgrnam", setup, lambda: c.cap_getgrnam(a, b"wheel"), Group)
    w.pointer("cap_getgrgid", setup, lambda: c.cap_getgrgid(a, 0))
    w.pointer("cap_getgrent", setup, lambda: c.cap_getgrent(a))
    for call in ("cap_setgrent", "cap_setgroupent"):
        w.number(call, setup, lambda call=call: getattr(c, call)(a, 1), lambda: "errno ENOTCAPABLE")
    two = names(b"getgrnam", b"getgrgid")
    w.number("cap_grp_limit_cmds", f"{setup}; wider", lambda: c.cap_grp_limit_cmds(a, two, 2))
    w.number("cap_grp_limit_cmds", f"{setup}; empty list", lambda: c.cap_grp_limit_cmds(a, None, 0))
    w.number(
        "cap_grp_limit_fields",
        "{gr_name}",
        lambda: c.cap_grp_limit_fields(b, names(b"gr_name"), 1),
        lambda: w.limits(b),
    )
    w.pointer("cap_getgrnam", "fields {gr_name}", lambda: c.cap_getgrnam(b, b"wheel"), Group)
    w.number(
        "cap_grp_limit_fields",
        "fields {gr_name}; wider",
        lambda: c.cap_grp_limit_fields(b, names(b"gr_name", b"gr_gid"), 2),
    )
    w.number("cap_grp_limit_fields", "fields {gr_name}; empty list", lambda: c.cap_grp_limit_fields(b, None, 0))
    w.pointer("cap_getgrnam", "fields {}", lambda: c.cap_getgrnam(b, b"wheel"), Group)


@scenario("grp")
def group_list(w: World) -> None:
    w.open("grp")
    c = w.c
    a, b, d, e = fresh(w, "grp", 4)
    by_name, gid = c.cap_getgrnam, c.cap_getgrgid

    def only(channel, words: tuple[bytes, ...], gids: tuple[int, ...] = ()) -> int:
        return c.cap_grp_limit_groups(channel, names(*words), len(words), numbers(*gids), len(gids))

    w.number("cap_grp_limit_groups", "names {wheel}, gids {5}", lambda: only(a, (b"wheel",), (5,)), lambda: w.limits(a))
    setup = "groups {wheel, 5}"
    w.pointer("cap_getgrnam wheel", setup, lambda: by_name(a, b"wheel"), Group)
    w.pointer("cap_getgrnam operator (5)", setup, lambda: by_name(a, b"operator"), Group)
    w.pointer("cap_getgrnam daemon (not in the list)", setup, lambda: by_name(a, b"daemon"), Group)
    w.pointer("cap_getgrgid 1 (not in the list)", setup, lambda: gid(a, 1), Group)
    count_entries(w, "cap_getgrent, all", setup, a, Group)
    w.number("cap_grp_limit_groups", f"{setup}; wider", lambda: only(a, (b"wheel", b"daemon"), (5,)))
    w.number("cap_grp_limit_groups", f"{setup}; narrower {{wheel}}", lambda: only(a, (b"wheel",)))
    w.number("cap_grp_limit_groups", "groups {wheel}; empty", lambda: only(a, ()), lambda: w.limits(a))
    w.number(
        "cap_grp_limit_groups",
        "names {wheel, operator} only",
        lambda: only(b, (b"wheel", b"operator")),
        lambda: w.limits(b),
    )
    setup = "groups, names {wheel, operator}"
    w.pointer("cap_getgrnam wheel", setup, lambda: by_name(b, b"wheel"), Group)
    w.pointer("cap_getgrnam daemon (not in the list)", setup, lambda: by_name(b, b"daemon"))
    w.pointer("cap_getgrgid 5 (operator)", setup, lambda: gid(b, 5), Group)
    w.pointer("cap_getgrgid 1 (not in the list)", setup, lambda: gid(b, 1))
    count_entries(w, "cap_getgrent, all", setup, b, Group)
    w.number("cap_grp_limit_groups", f"{setup}; gids {{5}}", lambda: only(b, (), (5,)))
    w.number("cap_grp_limit_groups", f"{setup}; wider", lambda: only(b, (b"wheel", b"operator", b"daemon")))
    w.number("cap_grp_limit_groups", "gids {0, 5} only", lambda: only(d, (), (0, 5)), lambda: w.limits(d))
    setup = "groups, gids {0, 5}"
    w.pointer("cap_getgrnam wheel", setup, lambda: by_name(d, b"wheel"), Group)
    w.pointer("cap_getgrnam daemon (not in the list)", setup, lambda: by_name(d, b"daemon"))
    w.number("cap_grp_limit_groups", f"{setup}; name {{wheel}}", lambda: only(d, (b"wheel",)))
    w.number("cap_grp_limit_groups", "unknown {nope}", lambda: only(e, (b"nope",)))


# --- the log and protocols


@scenario("netdb")
def protocols(w: World) -> None:
    netdb, pwd = w.open("netdb", "pwd")
    get = w.c.cap_getprotobyname
    answer = w.raw(netdb, cmd=b"nope")
    w.record("raw message", "unknown cmd", "pointer", 0, f"error {answer}")
    answer = w.raw(netdb, cmd=b"getprotobyname")
    w.record("raw message", "getprotobyname without name", "pointer", 0, f"error {answer}")
    w.pointer("cap_getprotobyname", "tcp", lambda: get(netdb, b"tcp"))
    w.pointer("cap_getprotobyname", "TCP (an alias)", lambda: get(netdb, b"TCP"))
    w.pointer("cap_getprotobyname", "nope", lambda: get(netdb, b"nope"))
    w.pointer("cap_getprotobyname", "NULL", lambda: get(netdb, None))
    w.pointer("cap_getprotobyname", "channel of pwd", lambda: get(pwd, b"tcp"))
    w.number(
        "cap_limit_set",
        "anything at all",
        lambda: w.c.cap_limit_set(netdb, w.list(foo=b"bar")),
        lambda: w.limits(netdb),
    )
    w.number(
        "cap_limit_set",
        "something wider",
        lambda: w.c.cap_limit_set(netdb, w.list(foo2=b"bar")),
        lambda: w.limits(netdb),
    )


@scenario("syslog")
def log(w: World) -> None:
    log, pwd = w.open("syslog", "pwd")
    c = w.c
    answer = w.raw(log, cmd=b"nope")
    w.record("raw message", "unknown cmd", "pointer", 0, f"error {answer}")
    c.cap_syslog(log, 11, b"hello")
    w.record("cap_syslog", "no syslogd", 0)
    w.number("cap_setlogmask", "no syslogd", lambda: c.cap_setlogmask(log, 0xFF), lambda: "the mask before")
    w.number("cap_setlogmask", "LOG_UPTO(LOG_ERR)", lambda: c.cap_setlogmask(log, 15), lambda: "0xff before")
    w.number("cap_setlogmask(0)", "LOG_UPTO(LOG_ERR)", lambda: c.cap_setlogmask(log, 0), lambda: "0xf")
    w.number("cap_limit_set", "anything", lambda: c.cap_limit_set(log, w.list(foo=b"bar")))
    c.cap_syslog(pwd, 11, b"hello")
    w.record("cap_syslog", "channel of pwd", 0)
    w.number("cap_setlogmask", "channel of pwd", lambda: c.cap_setlogmask(pwd, 15))
    setup = "service killed, SIGPIPE ignored"
    dead = w.killed(log)
    c.cap_syslog(dead, 11, b"hello")
    w.record("cap_syslog", setup, 0)
    c.cap_openlog(dead, b"me", 0, 8)
    w.record("cap_openlog", setup, 0)
    w.number("cap_syslog", setup, lambda: c.cap_setlogmask(dead, 15))


# --- names of hosts: the same calls for dns and net


def lookups(w: World, service: str) -> None:
    chan, pwd = w.open(service, "pwd")
    call = "cap_getaddrinfo"
    w.lookup(call, "localhost, 80, STREAM", chan, b"localhost", b"80")
    w.lookup(call, "localhost, http, STREAM, AF_INET", chan, b"localhost", b"http", family=2)
    w.lookup(call, "127.0.0.1, 80, AI_NUMERICHOST", chan, b"127.0.0.1", b"80", flags=4)
    w.lookup(call, "::1, 80", chan, b"::1", b"80")
    w.lookup(call, "NULL, 80, AI_PASSIVE", chan, None, b"80", flags=1)
    w.lookup(call, "NULL, NULL", chan, None, None)
    w.lookup(call, "oracle (in /etc/hosts), NULL, no socktype, AF_INET", chan, b"oracle", None, family=2, socktype=0)
    w.lookup(call, "oracle-alias, AI_CANONNAME", chan, b"oracle-alias", b"80", flags=2)
    w.lookup(call, "nope.invalid (no server answers)", chan, b"nope.invalid", b"80")
    w.lookup(call, "localhost, service nope", chan, b"localhost", b"nope")
    w.lookup(call, "family 99", chan, b"localhost", b"80", family=99)
    w.lookup(call, "flags 0x40000000", chan, b"localhost", b"80", flags=0x40000000)
    w.lookup(call, "a name of 2000 bytes", chan, b"x" * 2000, b"80")
    w.lookup(call, "hints NULL", chan, b"127.0.0.1", b"80", none=1)
    w.lookup(call, "channel of pwd", pwd, b"localhost", b"80")
    w.lookup(call, "channel of casper", w.casper, b"localhost", b"80")
    call, web = "cap_getnameinfo", address("127.0.0.1", 80)
    w.name(call, "127.0.0.1 port 80", chan, web)
    w.name(call, "10.9.8.7 port 7 (unknown)", chan, address("10.9.8.7", 7))
    w.name(call, "flags NI_NAMEREQD, 10.9.8.7", chan, address("10.9.8.7", 7), flags=8)
    w.name(call, "host buffer of 3 bytes", chan, web, size=3)
    host = ctypes.create_string_buffer(1025)
    rc = w.c.cap_getnameinfo(chan, web, len(web), host, 1 << 40, None, 0, 0)
    w.record(call, "hostlen 1 << 40", rc)
    w.name(call, "no host, no service", chan, web, size=0, service=0)
    w.name(call, "sockaddr of 4 bytes", chan, web[:4])
    w.name(call, "family AF_UNIX", chan, b"\1\0" + web[2:])
    w.name(call, "sockaddr of 300 bytes", chan, web + bytes(284))
    c = w.c
    w.host("cap_gethostbyname", "localhost", lambda: c.cap_gethostbyname(chan, b"localhost"))
    w.host("cap_gethostbyname", "oracle-alias", lambda: c.cap_gethostbyname(chan, b"oracle-alias"))
    w.host("cap_gethostbyname", "nope.invalid", lambda: c.cap_gethostbyname(chan, b"nope.invalid"))
    w.host("cap_gethostbyname", "name NULL", lambda: c.cap_gethostbyname(chan, None))
    w.host("cap_gethostbyname2", "localhost, AF_INET6", lambda: c.cap_gethostbyname2(chan, b"localhost", 10))
    w.host("cap_gethostbyname2", "localhost, family 99", lambda: c.cap_gethostbyname2(chan, b"localhost", 99))
    local = socket.inet_aton("127.0.0.1")
    w.host("cap_gethostbyaddr", "127.0.0.1", lambda: c.cap_gethostbyaddr(chan, local, 4, 2))
    w.host("cap_gethostbyaddr", "10.9.8.7", lambda: c.cap_gethostbyaddr(chan, socket.inet_aton("10.9.8.7"), 4, 2))
    w.host("cap_gethostbyaddr", "2 bytes of address", lambda: c.cap_gethostbyaddr(chan, local, 2, 2))


def lookups_killed(w: World, service: str) -> None:
    chan = w.killed(w.open(service))
    setup = "service killed, SIGPIPE ignored"
    w.lookup("cap_getaddrinfo", setup, chan, b"localhost", b"80")
    w.name("cap_getnameinfo", setup, chan, address("127.0.0.1", 80))
    w.host("cap_gethostbyname", setup, lambda: w.c.cap_gethostbyname(chan, b"localhost"))
    w.pointer("cap_clone", setup, lambda: w.c.cap_clone(chan))
    w.number("cap_limit_get", setup, lambda: w.c.cap_limit_get(chan, ctypes.byref(ctypes.c_void_p())))
    ready = select.select([w.c.cap_sock(chan)], [], [], 0)[0]
    w.record("poll of cap_sock", setup, len(ready), 0, "select says readable")
    os.close(w.c.cap_sock(chan))
    w.lookup("cap_getaddrinfo", "socket of the channel closed", chan, b"localhost", b"80")


for SERVICE in ("dns", "net"):
    SCENARIOS.append((SERVICE, lambda w, service=SERVICE: lookups(w, service)))
    SCENARIOS.append((SERVICE, lambda w, service=SERVICE: lookups_killed(w, service)))


@scenario("dns")
def dns_types(w: World) -> None:
    w.open("dns")
    c = w.c
    limit = lambda channel, *types: c.cap_dns_type_limit(channel, names(*types), len(types))
    twin = {b"NAME2ADDR": b"NAME", b"NAME": b"NAME2ADDR", b"ADDR2NAME": b"ADDR", b"ADDR": b"ADDR2NAME"}
    for kind in (b"NAME2ADDR", b"ADDR2NAME", b"NAME", b"ADDR"):
        (chan,) = fresh(w, "dns", 1)
        text = f"{{{kind.decode()}}}"
        w.number("cap_dns_type_limit", text, lambda: limit(chan, kind), lambda: w.limits(chan))
        setup = f"types {text}"
        w.lookup("cap_getaddrinfo", setup, chan, b"127.0.0.1", b"80")
        w.host("cap_gethostbyname", setup, lambda: c.cap_gethostbyname(chan, b"localhost"))
        w.name("cap_getnameinfo", setup, chan, address("127.0.0.1", 80))
        w.host("cap_gethostbyaddr", setup, lambda: c.cap_gethostbyaddr(chan, socket.inet_aton("127.0.0.1"), 4, 2))
        w.number("cap_dns_type_limit", f"{setup}; the same again", lambda: limit(chan, kind))
        w.number("cap_dns_type_limit", f"{setup}; wider, all four", lambda: limit(chan, *twin))
        w.number("cap_dns_type_limit", f"{setup}; {{{twin[kind].decode()}}} instead", lambda: limit(chan, twin[kind]))
        w.number("cap_dns_type_limit", f"{setup}; empty list", lambda: limit(chan), lambda: w.limits(chan))
    a, b, d, e = fresh(w, "dns", 4)
    first = limit(a, b"NAME2ADDR", b"ADDR2NAME")
    w.number(
        "cap_dns_type_limit",
        "{NAME2ADDR, ADDR2NAME}, then narrower {ADDR2NAME}",
        lambda: limit(a, b"ADDR2NAME"),
        lambda: f"first {first}; {w.limits(a)}",
    )
    w.number("cap_dns_type_limit", "empty list, never limited", lambda: limit(b), lambda: w.limits(b))
    w.lookup("cap_getaddrinfo", "empty list, never limited", b, b"127.0.0.1", b"80")
    w.number("cap_dns_type_limit", "unknown name {NOPE}", lambda: limit(d, b"NOPE"), lambda: w.limits(d))
    w.number("cap_dns_type_limit", "{NAME2ADDR, NOPE}", lambda: limit(d, b"NAME2ADDR", b"NOPE"), lambda: w.limits(d))
    w.number("cap_dns_type_limit", "{name2addr} in small letters", lambda: limit(d, b"name2addr"), lambda: w.limits(d))
    w.number("cap_dns_type_limit", "a NULL name", lambda: limit(d, None), lambda: w.limits(d))
    w.number("cap_limit_set", "an item named foo", lambda: c.cap_limit_set(d, w.list(foo=b"bar")))
    w.number("cap_limit_set", "empty, never limited", lambda: c.cap_limit_set(e, w.list()), lambda: w.limits(e))
    answer = w.raw(e, cmd=b"nope")
    w.record("raw message", "unknown cmd", "pointer", 0, f"error {answer}")
    f, g = fresh(w, "dns", 2)
    limit(g, b"ADDR2NAME")
    w.lookup(
        "cap_getaddrinfo", "two services of one casper, the one's limits are not the other's", f, b"127.0.0.1", b"80"
    )
    w.lookup("cap_getaddrinfo", "the limited one of the two", g, b"127.0.0.1", b"80")


@scenario("net")
def net_two(w: World) -> None:
    w.open("net")
    f, g = fresh(w, "net", 2)
    w.c.cap_net_limit(ctypes.c_void_p(w.c.cap_net_limit_init(g, 1)))
    w.lookup(
        "cap_getaddrinfo", "two services of one casper, the one's limits are not the other's", f, b"127.0.0.1", b"80"
    )
    w.lookup("cap_getaddrinfo", "the limited one of the two", g, b"127.0.0.1", b"80")


@scenario("dns")
def dns_families(w: World) -> None:
    w.open("dns")
    c = w.c
    limit = lambda channel, *families: c.cap_dns_family_limit(channel, numbers(*families), len(families))
    a, b, d, e, f = fresh(w, "dns", 5)
    w.number("cap_dns_family_limit", "{AF_INET}", lambda: limit(a, 2), lambda: w.limits(a))
    setup = "families {AF_INET}"
    w.lookup("cap_getaddrinfo, AF_INET", setup, a, b"127.0.0.1", b"80", family=2)
    w.lookup("cap_getaddrinfo, AF_INET6", setup, a, b"::1", b"80", family=10)
    w.lookup("cap_getaddrinfo, AF_UNSPEC", setup, a, b"127.0.0.1", b"80")
    w.lookup("cap_getaddrinfo, no hints", setup, a, b"127.0.0.1", b"80", none=1)
    w.name("cap_getnameinfo of an IPv4 address", setup, a, address("127.0.0.1", 80))
    w.name("cap_getnameinfo of an IPv6 address", setup, a, b"\x0a\0" + bytes(26))
    w.host("cap_gethostbyname2, AF_INET6", setup, lambda: c.cap_gethostbyname2(a, b"localhost", 10))
    w.number("cap_dns_family_limit", f"{setup}; wider {{AF_INET, AF_INET6}}", lambda: limit(a, 2, 10))
    w.number("cap_dns_family_limit", f"{setup}; {{AF_UNSPEC}}", lambda: limit(a, 0))
    w.number(
        "cap_dns_type_limit",
        f"{setup}; types {{NAME2ADDR}}",
        lambda: c.cap_dns_type_limit(a, names(b"NAME2ADDR"), 1),
        lambda: w.limits(a),
    )
    w.lookup("cap_getaddrinfo, AF_INET6", f"{setup}; types {{NAME2ADDR}}", a, b"::1", b"80", family=10)
    w.number("cap_dns_family_limit", f"{setup}; empty list", lambda: limit(a), lambda: w.limits(a))
    setup = "{AF_INET, AF_INET6}, then narrower {AF_INET6}"
    first = limit(b, 2, 10)
    w.lookup("cap_getaddrinfo, AF_UNSPEC, both families allowed", setup, b, b"127.0.0.1", b"80")
    w.number("cap_dns_family_limit", setup, lambda: limit(b, 10), lambda: f"first {first}; {w.limits(b)}")
    w.number("cap_dns_family_limit", "{AF_UNSPEC}", lambda: limit(d, 0), lambda: w.limits(d))
    w.lookup("cap_getaddrinfo, AF_UNSPEC, families {AF_UNSPEC}", "{AF_UNSPEC}", d, b"127.0.0.1", b"80")
    w.lookup("cap_getaddrinfo, AF_INET, families {AF_UNSPEC}", "{AF_UNSPEC}", d, b"127.0.0.1", b"80", family=2)
    w.number("cap_dns_family_limit", "{99}", lambda: limit(e, 99), lambda: w.limits(e))
    w.number("cap_dns_family_limit", "{-1}", lambda: limit(f, -1), lambda: w.limits(f))


# --- connections


class Net:
    """Two listening ports, and what is done with them over a channel."""

    def __init__(self, w: World) -> None:
        self.w = w
        self.servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        self.ports = [server.getsockname()[1] for server in self.servers]
        self.port = str(self.ports[0]).encode()

    def connect(self, call: str, setup: str, channel, raw: bytes | None = None, sock: int | None = None) -> None:
        raw = address("127.0.0.1", self.ports[0]) if raw is None else raw
        sock = socket.socket().detach() if sock is None else sock
        rc = self.w.number(call, setup, lambda: self.w.c.cap_connect(channel, sock, raw or None, len(raw)))
        assert rc in (0, -1)

    def bind(self, call: str, setup: str, channel, raw: bytes, sock: int | None = None) -> int:
        sock = socket.socket().detach() if sock is None else sock
        self.w.number(call, setup, lambda: self.w.c.cap_bind(channel, sock, raw, len(raw)))
        return sock

    def limit(self, channel, mode: int, *parts) -> int:
        """parts: (what, arguments ...) of cap_net_limit_*()."""
        c = self.w.c
        limit = ctypes.c_void_p(c.cap_net_limit_init(channel, mode))
        for what, *arguments in parts:
            getattr(c, f"cap_net_limit_{what}")(limit, *arguments)
        return c.cap_net_limit(limit)

    def lookup(self, call: str, setup: str, channel, host: bytes | None, service: bytes | None, **hints: int) -> None:
        self.w.lookup(call, setup, channel, host, service, **({"family": 2} | hints))


@scenario("net")
def connections(w: World) -> None:
    net = Net(w)
    closed = socket.create_server(("127.0.0.1", 0))
    closed_port = closed.getsockname()[1]
    closed.close()
    chan, pwd = w.open("net", "pwd")
    sock = socket.socket().detach()
    net.connect("cap_connect", "to a port where somebody listens", chan, sock=sock)
    net.connect("cap_connect", "a connected socket again", chan, sock=sock)
    net.connect("cap_connect", "to a port where nobody listens", chan, address("127.0.0.1", closed_port))
    inet, local = socket.socket(), socket.socket(socket.AF_UNIX)
    inet.setblocking(False)
    net.connect("cap_connect", "nonblocking socket", chan, sock=inet.detach())
    path = b"\1\0" + f"{tempfile.gettempdir()}/sock-{os.getpid()}".encode() + b"\0"
    net.bind("cap_bind", "AF_UNIX, /tmp/oracle2.sock", chan, path, local.fileno())
    w.libc.listen(local.fileno(), 1)
    net.connect("cap_connect", "AF_UNIX socket, absolute path", chan, path, socket.socket(socket.AF_UNIX).detach())
    limited, allowed = socket.socket().detach(), socket.socket().detach()
    w.c.cap_rights_limit(limited, rights_of(READ, WRITE))
    w.c.cap_rights_limit(allowed, rights_of(READ, WRITE, CONNECT))
    net.connect("cap_connect", "socket limited to READ|WRITE", chan, sock=limited)
    net.connect("cap_connect", "socket limited to READ|WRITE|CONNECT", chan, sock=allowed)
    net.connect("cap_connect", "UDP socket", chan, sock=socket.socket(type=socket.SOCK_DGRAM).detach())
    net.connect("cap_connect", "a pipe", chan, sock=os.pipe()[0])
    net.connect("cap_connect", "descriptor -1", chan, sock=-1)
    net.connect("cap_connect", "descriptor 77, not open", chan, sock=77)
    net.connect("cap_connect", "address NULL, length 0", chan, b"")
    net.connect("cap_connect", "address of 4 bytes", chan, address("127.0.0.1", 9)[:4])
    net.connect("cap_connect", "channel of pwd", pwd)
    net.bind("cap_bind", "127.0.0.1 port 0", chan, address("127.0.0.1", 0))
    net.bind("cap_bind", "an address that is not ours", chan, address("192.0.2.1", 0))
    setup = "port 81 then the same again from another socket"
    raw = address("127.0.0.1", closed_port)
    bound = net.bind("cap_bind", setup, chan, raw)
    net.bind("cap_bind", setup, chan, raw)
    w.number("listen after cap_bind", setup, lambda: w.libc.listen(bound, 1))
    net.connect("cap_connect", "service killed, SIGPIPE ignored", w.killed(chan))


MODES = {"ADDR2NAME": 1, "NAME2ADDR": 2, "DEPRECATED_ADDR2NAME": 4, "DEPRECATED_NAME2ADDR": 8}
MODES |= {"CONNECT": 0x10, "BIND": 0x20, "CONNECTDNS": 0x40, "0": 0}


@scenario("net")
def net_modes(w: World) -> None:
    net = Net(w)
    w.open("net")
    for name, mode in MODES.items():
        (chan,) = fresh(w, "net", 1)
        setup = f"mode {name} only"
        w.number("cap_net_limit", setup, lambda: net.limit(chan, mode), lambda: w.limits(chan))
        net.lookup("cap_getaddrinfo", setup, chan, b"127.0.0.1", net.port)
        w.host("cap_gethostbyname", setup, lambda: w.c.cap_gethostbyname(chan, b"localhost"))
        w.name("cap_getnameinfo", setup, chan, address("127.0.0.1", 80))
        w.host("cap_gethostbyaddr", setup, lambda: w.c.cap_gethostbyaddr(chan, socket.inet_aton("127.0.0.1"), 4, 2))
        net.connect("cap_connect", setup, chan)
        net.bind("cap_bind", setup, chan, address("127.0.0.1", 0))
        w.number("cap_net_limit", f"{setup}; the same again", lambda: net.limit(chan, mode))
        w.number("cap_net_limit", f"{setup}; wider, all modes", lambda: net.limit(chan, 0x7F))
        w.number("cap_net_limit", f"{setup}; mode 0", lambda: net.limit(chan, 0), lambda: w.limits(chan))
    (chan,) = fresh(w, "net", 1)
    w.number("cap_net_limit", "mode with unknown bits 0x1000|NAME2ADDR", lambda: net.limit(chan, 0x1002))
    a, b, d = fresh(w, "net", 3)
    w.pointer("cap_net_limit_init", "mode 0x7f and cap_net_free", lambda: w.c.cap_net_limit_init(a, 0x7F))
    w.number("cap_limit_set", "no mode", lambda: w.c.cap_limit_set(a, w.list(connect={})), lambda: w.limits(a))
    w.number("cap_limit_set", "mode as string", lambda: w.c.cap_limit_set(b, w.list(mode=b"x")))
    w.number(
        "cap_limit_set", "an item named foo (nvlist) beside mode", lambda: w.c.cap_limit_set(d, w.list(mode=1, foo={}))
    )


@scenario("net")
def net_names(w: World) -> None:
    net = Net(w)
    w.open("net")
    a, b, d, e, f, g = fresh(w, "net", 6)
    n2a = lambda host, service: ("name2addr", host, service)
    family = lambda *values: ("name2addr_family", numbers(*values), len(values))
    setup, both = "name2addr {localhost:PORT}", 2 | 8
    w.number("cap_net_limit", setup, lambda: net.limit(a, both, n2a(b"localhost", net.port)), lambda: w.limits(a))
    net.lookup("cap_getaddrinfo localhost PORT", setup, a, b"localhost", net.port)
    net.lookup("cap_getaddrinfo localhost another port", setup, a, b"localhost", b"9")
    net.lookup("cap_getaddrinfo localhost NULL", setup, a, b"localhost", None)
    net.lookup("cap_getaddrinfo oracle PORT", setup, a, b"oracle", net.port)
    net.lookup("cap_getaddrinfo NULL PORT", setup, a, None, net.port)
    net.lookup("cap_getaddrinfo LOCALHOST PORT", setup, a, b"LOCALHOST", net.port)
    w.host("cap_gethostbyname localhost", setup, lambda: w.c.cap_gethostbyname(a, b"localhost"))
    w.number("cap_net_limit", f"{setup}; wider, any host", lambda: net.limit(a, both, n2a(b"", net.port)))
    w.number(
        "cap_net_limit",
        f"{setup}; wider, localhost and oracle",
        lambda: net.limit(a, both, n2a(b"localhost", net.port), n2a(b"oracle", net.port)),
    )
    w.number(
        "cap_net_limit",
        f"{setup}; wider, localhost with any service",
        lambda: net.limit(a, both, n2a(b"localhost", b"")),
    )
    w.number(
        "cap_net_limit",
        f"{setup}; the same with family {{AF_INET}}",
        lambda: net.limit(a, both, n2a(b"localhost", net.port), family(2)),
    )
    setup = "name2addr {localhost, any service}"
    w.number("cap_net_limit", setup, lambda: net.limit(b, both, n2a(b"localhost", b"")))
    net.lookup("cap_getaddrinfo localhost PORT", setup, b, b"localhost", net.port)
    net.lookup("cap_getaddrinfo oracle PORT", setup, b, b"oracle", net.port)
    w.host("cap_gethostbyname localhost", setup, lambda: w.c.cap_gethostbyname(b, b"localhost"))
    w.host("cap_gethostbyname oracle", setup, lambda: w.c.cap_gethostbyname(b, b"oracle"))
    setup = "name2addr {any host, http}"
    w.number("cap_net_limit", setup, lambda: net.limit(d, both, n2a(b"", b"http")))
    net.lookup("cap_getaddrinfo localhost http", setup, d, b"localhost", b"http")
    net.lookup("cap_getaddrinfo localhost 80", setup, d, b"localhost", b"80")
    setup = "name2addr family {AF_INET}"
    w.number("cap_net_limit", setup, lambda: net.limit(e, both, family(2)))
    net.lookup("cap_getaddrinfo AF_INET", setup, e, b"localhost", net.port)
    net.lookup("cap_getaddrinfo AF_INET6", setup, e, b"localhost", net.port, family=10)
    net.lookup("cap_getaddrinfo AF_UNSPEC", setup, e, b"localhost", net.port, family=0)
    w.host("cap_gethostbyname2 AF_INET6", setup, lambda: w.c.cap_gethostbyname2(e, b"localhost", 10))
    w.number("cap_net_limit", f"{setup}; wider {{AF_INET, AF_INET6}}", lambda: net.limit(e, both, family(2, 10)))
    wider = f"{setup}; wider: a host list only, no family"
    w.number("cap_net_limit", wider, lambda: net.limit(e, both, n2a(b"localhost", net.port)))
    net.lookup("cap_getaddrinfo AF_INET6 after it", wider, e, b"localhost", net.port, family=10)
    hole = "name2addr {localhost:PORT}, then family {AF_INET} only, no host list"
    first = net.limit(f, both, n2a(b"localhost", net.port))
    w.number("cap_net_limit", hole, lambda: net.limit(f, both, family(2)), lambda: f"first {first}")
    net.lookup("cap_getaddrinfo oracle 80 after it", hole, f, b"oracle", b"80")
    hole = "addr2name {127.0.0.1:80}, then family {AF_INET} only, no address list"
    web = address("127.0.0.1", 80)
    first = net.limit(g, 1, ("addr2name", web, len(web)))
    w.number(
        "cap_net_limit", hole, lambda: net.limit(g, 1, ("addr2name_family", numbers(2), 1)), lambda: f"first {first}"
    )
    w.name("cap_getnameinfo 127.0.0.1 81 after it", hole, g, address("127.0.0.1", 81))


@scenario("net")
def net_addresses(w: World) -> None:
    net = Net(w)
    mine = socket.create_server(("127.0.0.1", 0))
    free = address("127.0.0.1", mine.getsockname()[1])
    mine.close()
    w.open("net")
    a, b, d, e, f, g, h = fresh(w, "net", 7)
    one, two = (address("127.0.0.1", port) for port in net.ports)
    web = address("127.0.0.1", 80)
    hole = "connect {127.0.0.1:PORT}, then an item connect without sockaddr"
    first = net.limit(a, 0x10, ("connect", one, 16))
    w.number(
        "cap_net_limit", hole, lambda: w.c.cap_limit_set(a, w.list(mode=0x10, connect={})), lambda: f"first {first}"
    )
    net.connect("cap_connect to another port after it", hole, a, two)
    setup = "addr2name {127.0.0.1:80}"
    w.number("cap_net_limit", setup, lambda: net.limit(b, 1 | 4, ("addr2name", web, 16)))
    w.name("cap_getnameinfo 127.0.0.1 80", setup, b, web)
    w.name("cap_getnameinfo 127.0.0.1 81", setup, b, address("127.0.0.1", 81))
    w.host("cap_gethostbyaddr 127.0.0.1", setup, lambda: w.c.cap_gethostbyaddr(b, socket.inet_aton("127.0.0.1"), 4, 2))
    setup = "addr2name family {AF_INET6}"
    w.number("cap_net_limit", setup, lambda: net.limit(d, 1 | 4, ("addr2name_family", numbers(10), 1)))
    w.name("cap_getnameinfo 127.0.0.1 80", setup, d, web)
    w.host("cap_gethostbyaddr 127.0.0.1", setup, lambda: w.c.cap_gethostbyaddr(d, socket.inet_aton("127.0.0.1"), 4, 2))
    setup = "connect {127.0.0.1:PORT}"
    w.number("cap_net_limit", setup, lambda: net.limit(e, 0x10, ("connect", one, 16)))
    net.connect("cap_connect PORT", setup, e)
    net.connect("cap_connect another port", setup, e, two)
    net.connect("cap_connect PORT, sin_zero not zero", setup, e, one[:8] + b"\1" * 8)
    w.number(
        "cap_net_limit",
        f"{setup}; wider, two ports",
        lambda: net.limit(e, 0x10, ("connect", one, 16), ("connect", two, 16)),
    )
    w.number("cap_net_limit", f"{setup}; wider, no list", lambda: net.limit(e, 0x10))
    w.number("cap_net_limit", f"{setup}; adding mode BIND", lambda: net.limit(e, 0x30, ("connect", one, 16)))
    w.number("cap_net_limit", f"{setup}; mode 0 with the same list", lambda: net.limit(e, 0, ("connect", one, 16)))
    setup = "connect, two addresses, then narrower"
    first = net.limit(f, 0x10, ("connect", one, 16), ("connect", two, 16))
    net.connect("cap_connect to the second of two", setup, f, two)
    w.number("cap_net_limit", setup, lambda: net.limit(f, 0x10, ("connect", one, 16)), lambda: f"first {first}")
    net.connect("cap_connect to the one taken away", setup, f, two)
    setup = "connect list but mode without CONNECT"
    w.number("cap_net_limit", setup, lambda: net.limit(g, 2, ("connect", one, 16)))
    net.connect("cap_connect", setup, g)
    setup = "bind {127.0.0.1:8282}"
    w.number("cap_net_limit", setup, lambda: net.limit(h, 0x20, ("bind", free, 16)))
    net.bind("cap_bind 8282", setup, h, free)
    net.bind("cap_bind 8283", setup, h, address("127.0.0.1", 1))


@scenario("net")
def net_looked_up(w: World) -> None:
    net = Net(w)
    w.open("net")
    a, b, d, e = fresh(w, "net", 4)
    two = address("127.0.0.1", net.ports[1])
    setup = "NAME2ADDR|CONNECTDNS, name2addr {localhost:PORT}"
    w.number("cap_net_limit", setup, lambda: net.limit(a, 0x42, ("name2addr", b"localhost", net.port)))
    net.connect("cap_connect PORT before any lookup", setup, a)
    net.lookup("cap_getaddrinfo", setup, a, b"localhost", net.port)
    net.connect("cap_connect PORT after the lookup", setup, a)
    net.connect("cap_connect another port after the lookup", setup, a, two)
    setup = "DEPRECATED_NAME2ADDR|CONNECTDNS"
    w.number("cap_net_limit", setup, lambda: net.limit(b, 0x48))
    net.connect("cap_connect before", setup, b)
    w.host("cap_gethostbyname", setup, lambda: w.c.cap_gethostbyname(b, b"localhost"))
    net.connect("cap_connect PORT after gethostbyname (sin_len 16)", setup, b)
    setup = "lookup before the limit, then CONNECTDNS"
    net.lookup("cap_net_limit", setup, d, b"localhost", net.port)
    w.number("cap_net_limit", setup, lambda: net.limit(d, 0x40))
    net.connect("cap_connect to what was looked up before the limit", setup, d)
    setup = "CONNECTDNS, lookup by a clone of the channel"
    clone = ctypes.c_void_p(w.c.cap_clone(e))
    w.number("cap_net_limit", setup, lambda: net.limit(clone, 0x40), lambda: "limit of the clone")
    net.lookup("cap_net_limit", setup, e, b"localhost", net.port)
    net.connect("cap_connect by the clone, which cannot look up", setup, clone)


# --- files


class Files:
    """The oracle's directory, its working directory, and lists of its files."""

    def __init__(self, w: World) -> None:
        self.w = w
        self.home = Path(tempfile.mkdtemp(prefix="ce-fa-"))
        os.chdir(self.home)
        for name, text in (("a", "AAA"), ("b", "BBB"), ("c", "CCC"), ("secret", "SECRET")):
            Path(name).write_text(text)
        os.mkdir("d")
        Path("d/x").write_text("X")
        for name, target in (("link", "a"), ("out", self.home / "secret"), ("dangling", "gone"), ("loop", "loop")):
            os.symlink(target, name)

    def init(self, *listed: bytes, flags: int = os.O_RDONLY, mode: int = 0, operations: int = 7, rights=None):
        fa = self.w.c.fileargs_init(len(listed), names(*listed), flags, mode, rights, operations)
        return ctypes.c_void_p(fa)

    def open(self, setup: str, fa, name: bytes, call: str = "fileargs_open") -> int:
        ctypes.set_errno(0)
        fd = self.w.c.fileargs_open(fa, name)
        error = ctypes.get_errno()
        text = ""
        if fd >= 0:
            try:
                text = f"reads {os.read(fd, 9).decode()}".strip()
            except OSError as failed:
                text = f"reads {errno_name(failed.errno)}"
        self.w.record(call, setup, 0 if fd >= 0 else -1, error if fd < 0 else 0, text)
        return fd

    def lstat(self, setup: str, fa, name: bytes | None, call: str = "fileargs_lstat") -> None:
        status = ctypes.create_string_buffer(144)
        kinds = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink"}

        def kind() -> str:
            mode = int.from_bytes(status.raw[24:28], "little") if os.uname().machine == "x86_64" else 0
            return kinds.get(stat.S_IFMT(mode), "")

        self.w.number(call, setup, lambda: self.w.c.fileargs_lstat(fa, name, status), kind)

    def realpath(self, setup: str, fa, name: bytes | None) -> None:
        shown = lambda path: ctypes.string_at(path).decode().replace(str(self.home), "/tmp/fa") if path else ""
        self.w.pointer("fileargs_realpath", setup, lambda: self.w.c.fileargs_realpath(fa, name, None), shown)


def outsider():
    """Something that evaluates text in a process that stays outside."""
    asked, asking = os.pipe()
    done, doing = os.pipe()
    if os.fork() == 0:
        os.close(asking)
        while text := os.read(asked, 4096):
            eval(text.decode())
            os.write(doing, b"1")
        os._exit(0)

    def change(text: str) -> None:
        os.write(asking, text.encode())
        assert os.read(done, 1) == b"1"

    return change


LISTED = (b"a", b"b", b"d", b"link", b"out", b"dangling", b"loop", b"missing")


@scenario("fileargs")
def file_names(w: World) -> None:
    files = Files(w)
    fa = files.init(*LISTED)
    other = files.init(b"a", b"d/x", str(files.home / "b").encode(), b"b")
    w.enter()
    for setup, name in (
        *(
            ("a", b"a"),
            ("b", b"b"),
            ("d, a directory", b"d"),
            ("link -> a", b"link"),
            ("out -> /etc/fa-secret", b"out"),
        ),
        *(("dangling link", b"dangling"), ("link to itself", b"loop"), ("listed but missing", b"missing")),
        *(("c, not listed", b"c"), ("/etc/passwd, not listed", b"/etc/passwd"), ("empty name", b"")),
    ):
        files.open(setup, fa, name)
    for setup, name in (
        *(("a", b"a"), ("d", b"d"), ("link -> a", b"link"), ("dangling", b"dangling"), ("missing", b"missing")),
        ("c, not listed", b"c"),
    ):
        files.lstat(setup, fa, name)
    for setup, name in (
        *(("a", b"a"), ("link -> a", b"link"), ("dangling", b"dangling"), ("loop", b"loop")),
        *(("missing", b"missing"), ("c, not listed", b"c")),
    ):
        files.realpath(setup, fa, name)
    for setup, name in (
        *(("listed a, asked ./a", b"./a"), ("listed d/x, asked d//x", b"d//x"), ("listed d/x, asked d/./x", b"d/./x")),
        *(("listed a, asked /tmp/fa/a", str(files.home / "a").encode()), ("listed a, asked a/", b"a/")),
        *(
            ("listed /tmp/fa/b, asked the same", str(files.home / "b").encode()),
            ("listed a, asked a with blanks", b" a "),
        ),
    ):
        files.open(setup, other, name)


@scenario("fileargs")
def file_times(w: World) -> None:
    """What happens to files between the list and the asking."""
    files = Files(w)
    fa = files.init(b"a", b"b", b"c", b"later")
    again = files.init(b"a", b"a", b"b", b"b")
    absolute = files.init(str(files.home / "b").encode())
    gone = files.init(b"a", b"x")
    change = outsider()
    os.chdir("d")
    w.enter()
    files.open("a first", fa, b"a")
    change('Path("new").write_text("XXX"), os.rename("new", "b"), os.remove("c")')
    files.open("b was replaced (renamed over) after a was opened", fa, b"b")
    files.open("c was removed after a was opened", fa, b"c")
    files.open("c again", fa, b"c")
    files.open("b again", fa, b"b")
    files.open("missing at the first open, made later", fa, b"a")
    files.open("later, still missing", fa, b"later")
    change('Path("later").write_text("LATER"), Path("b").write_text("BBB")')
    files.open("later, made meanwhile", fa, b"later")
    for setup in ("listed a a b b: a", "listed a a b b: a again"):
        files.open(setup, again, b"a")
    for setup in ("listed a a b b: b", "listed a a b b: b again", "listed a a b b: b a third time"):
        files.open(setup, again, b"b")
    files.open("listed /tmp/fa/b, asked b", absolute, b"b")
    files.open("a, client now in d", gone, b"a")
    files.open("x, which is in d", gone, b"x")


@scenario("fileargs")
def file_operations(w: World) -> None:
    files = Files(w)
    lists = {
        name: files.init(b"a", b"b", operations=value)
        for name, value in (("FA_OPEN only", 1), ("FA_LSTAT only", 2), ("FA_REALPATH only", 4))
    }
    none = files.init(b"a", operations=0)
    unknown = files.init(b"a", operations=0x101)
    w.enter()
    for setup, fa in lists.items():
        files.open(setup, fa, b"a")
        files.lstat(setup, fa, b"a")
        files.realpath(setup, fa, b"a")
    files.open("0", none, b"a")
    files.open("0x100 (unknown bit) with FA_OPEN", unknown, b"a")
    fa = lists["FA_OPEN only"]
    w.number("fileargs_open", "name NULL", lambda: w.c.fileargs_open(fa, None))
    files.lstat("name NULL", fa, None)
    w.number("fileargs_lstat", "sb NULL", lambda: w.c.fileargs_lstat(fa, b"a", None))
    files.realpath("name NULL", fa, None)


@scenario("fileargs")
def file_flags(w: World) -> None:
    files = Files(w)
    c = w.c
    reading = files.init(b"a", b"b")
    both = files.init(b"a", b"d", flags=os.O_RDWR)
    nofollow = files.init(b"a", b"link", flags=os.O_NOFOLLOW)
    os.umask(0)
    create = files.init(b"new", b"a", flags=os.O_CREAT | os.O_RDWR, mode=0o640)
    exclusive = files.init(b"fresh", flags=os.O_CREAT | os.O_EXCL | os.O_RDWR, mode=0o640)
    trunc = files.init(b"a", b"b", flags=os.O_TRUNC | os.O_RDWR)
    sizes = os.open("b", os.O_RDONLY)
    w.enter()
    files.open("O_RDWR, a", both, b"a")
    files.open("O_RDWR, directory", both, b"d")
    files.open("O_NOFOLLOW: link", nofollow, b"link")
    files.open("O_NOFOLLOW: a", nofollow, b"a")
    fd = c.fileargs_open(create, b"new")
    mode = os.fstat(fd).st_mode & 0o777
    w.record("fileargs_open", "O_CREAT|O_RDWR mode 0640, umask 0 of the client after init", 0, 0, f"mode {mode:04o}")
    files.open("O_CREAT|O_RDWR, new again", create, b"new")
    files.open("O_CREAT|O_RDWR, a", create, b"a")
    files.open("O_CREAT|O_EXCL, first", exclusive, b"fresh")
    files.open("O_CREAT|O_EXCL, second", exclusive, b"fresh")
    flags = [fcntl.fcntl(c.fileargs_open(reading, name), fcntl.F_GETFD) for name in (b"a", b"b", b"b")]
    w.record(
        "fileargs_open",
        "FD_CLOEXEC",
        0,
        0,
        f"flags O_RDONLY: F_GETFD of a (first opened) {flags[0]}, of b (was ready) {flags[1]}, of b again {flags[2]}",
    )
    w.record(
        "fileargs_open",
        "FD_CLOEXEC, flags O_CLOEXEC",
        0,
        0,
        f"F_GETFD of a (first opened) {flags[0]}, of b (was ready) {flags[1]}",
    )
    files.open("a, first", reading, b"a")
    files.open("a, second", reading, b"a")
    for which in ("first", "second", "third"):
        files.open(f"b, {which}", reading, b"b")
    w.pointer("fileargs_fopen", "r", lambda: c.fileargs_fopen(reading, b"a", b"r"))
    w.pointer("fileargs_fopen", "w on O_RDONLY", lambda: c.fileargs_fopen(reading, b"a", b"w"))
    w.pointer("fileargs_fopen", "not listed", lambda: c.fileargs_fopen(reading, b"c", b"r"))
    c.fileargs_open(trunc, b"a")
    w.record(
        "fileargs_open",
        "O_TRUNC: are the others truncated too?",
        0,
        0,
        f"only a was asked for; size of b now {os.fstat(sizes).st_size} (was 3)",
    )


@scenario("fileargs")
def file_lists(w: World) -> None:
    files = Files(w)
    c = w.c
    empty = w.pointer("fileargs_init", "argc 0", lambda: c.fileargs_init(0, None, 0, 0, None, 7))
    w.pointer("fileargs_init", "argc -1", lambda: c.fileargs_init(-1, None, 0, 0, None, 7))
    w.pointer("fileargs_init", "a name of 1024 bytes (MAXPATHLEN)", lambda: files.init(b"x" * 1024).value)
    w.pointer("fileargs_init", "a NULL name in the list", lambda: files.init(None).value)
    nothing = w.pointer("fileargs_init", "a name with a NUL rest, empty name", lambda: files.init(b"").value)
    Path("flags").write_text("FLAGS")
    Path("error").write_text("E")
    Path("fd").write_text("F")
    named = files.init(b"flags", b"a")
    fields = files.init(b"error", b"cmd", b"fd", b"a")
    nv = lambda **more: w.list(**({"flags": 0, "operations": 1} | more))
    plain = w.pointer("fileargs_initnv", "flags, operations, a", lambda: c.fileargs_initnv(nv(a=None)))
    w.pointer("fileargs_initnv", "no flags", lambda: c.fileargs_initnv(w.list(operations=1)))
    w.pointer("fileargs_initnv", "no operations", lambda: c.fileargs_initnv(w.list(flags=0)))
    unique = w.pointer("fileargs_initnv", "created without NV_FLAG_NO_UNIQUE", lambda: c.fileargs_initnv(nv(a=None)))
    w.pointer("fileargs_initnv", "NULL", lambda: c.fileargs_initnv(None))
    w.pointer("fileargs_wrap", "NULL", lambda: c.fileargs_wrap(None, 0))
    casper = ctypes.c_void_p(c.cap_init())
    listed = names(b"a")
    cinit = w.pointer("fileargs_cinit", "on casper", lambda: c.fileargs_cinit(casper, 1, listed, 0, 0, None, 7))
    raw = ctypes.c_void_p(c.cap_service_open(casper, b"system.fileargs"))
    unlimited = w.pointer(
        "fileargs_wrap", "a channel never limited, then fileargs_open", lambda: c.fileargs_wrap(raw, 0)
    )
    c.cap_service_limit(casper, names(b"system.pwd"), 1)
    w.pointer(
        "fileargs_cinit", "casper limited to {system.pwd}", lambda: c.fileargs_cinit(casper, 1, listed, 0, 0, None, 7)
    )
    pwd = ctypes.c_void_p(c.cap_service_open(casper, b"system.pwd"))
    wrong = ctypes.c_void_p(c.fileargs_wrap(pwd, 0))
    many = [f"f{at}".encode() for at in range(3000)]
    Path("f2999").write_text("AAA")
    long = w.pointer("fileargs_init", "3000 names, the last one opened", lambda: files.init(*many).value)
    existing = [f"e{at}".encode() for at in range(300)]
    for name in existing:
        Path(os.fsdecode(name)).write_text("E")
    all_there = files.init(*existing)
    two = files.init(b"a", b"b")
    w.enter()
    for setup, fa in (("argc 0", empty),):
        files.open(setup, fa, b"a")
        files.lstat(setup, fa, b"a")
        files.realpath(setup, fa, b"a")
    files.open("a name with a NUL rest, empty name", nothing, b"", "fileargs_open of the empty name")
    files.open("a file named flags in the list", named, b"flags", "fileargs_open of a file named flags")
    files.open("a file named flags in the list", named, b"a", "fileargs_open of a, beside one named flags")
    files.open("a file named error, cmd, fd in the list", fields, b"a")
    files.open("a file named error, cmd, fd in the list", fields, b"error", "fileargs_open of one named error")
    files.open("a file named error, cmd, fd in the list", fields, b"fd", "fileargs_open of one named fd")
    files.open("flags, operations, a", plain, b"a")
    files.open("created without NV_FLAG_NO_UNIQUE", unique, b"a")
    files.open("on casper", cinit, b"a")
    files.open(
        "a channel never limited, then fileargs_open", unlimited, b"a", "fileargs_open on a service without limits"
    )
    files.open("channel of pwd", wrong, b"a")
    files.open("3000 names, the last one opened", long, b"f2999")
    for setup, order in (
        ("300 existing files, each opened and closed in order", existing),
        ("300 existing files, in reverse order", existing[::-1]),
    ):
        opened = 0
        for name in order:
            fd = c.fileargs_open(all_there, name)
            opened += fd >= 0
            os.close(fd) if fd >= 0 else None
        w.record("fileargs_open", setup, 0, 0, f"{opened} of 300 opened")
    clone_of = ctypes.c_void_p(c.fileargs_unwrap(two, None))
    clone = ctypes.c_void_p(c.cap_clone(clone_of))
    original = ctypes.c_void_p(c.fileargs_wrap(clone_of, 0))
    other = ctypes.c_void_p(c.fileargs_wrap(clone, 0))
    files.open("two clients of one service", original, b"a", "cap_clone")
    files.open("two clients of one service", other, b"a", "fileargs_open on the clone")
    files.open("b", other, b"b", "fileargs_open on the clone")
    files.open("c, not listed", other, b"c", "fileargs_open on the clone")
    w.number(
        "cap_limit_set", "a second time, narrower", lambda: c.cap_limit_set(clone, nv(a=None)), lambda: w.limits(clone)
    )
    answer = w.raw(clone, cmd=b"nope", name=b"a")
    w.record("raw message", "unknown cmd", "pointer", 0, f"error {answer}")
    setup = "service killed, SIGPIPE ignored"
    dead = ctypes.c_void_p(c.fileargs_wrap(w.killed(clone_of), 0))
    files.open(setup, dead, b"a")
    files.lstat(setup, dead, b"a")
    files.realpath(setup, dead, b"a")


@scenario("fileargs")
def file_rights(w: World) -> None:
    files = Files(w)
    some = files.init(b"a", b"b", rights=rights_of((0x8000D, 0)))
    writing = files.init(b"a", rights=rights_of(WRITE))
    none = files.init(b"a", rights=rights_of())
    w.enter()
    for which, name in (("a", b"a"), ("b", b"b"), ("a again", b"a")):
        files.open(f"rights {{READ, SEEK, FSTAT}}: {which}", some, name)
    files.open("rights {WRITE} and O_RDONLY", writing, b"a")
    files.open("rights empty", none, b"a")


@scenario("fileargs")
def file_sharing(w: World) -> None:
    files = Files(w)
    c = w.c
    fa = files.init(b"a", b"b", b"out", b"grows")
    Path("grows").write_text("AAA")
    status, size = ctypes.create_string_buffer(144), os.open("grows", os.O_WRONLY | os.O_APPEND)
    w.enter()
    files.realpath("out -> /etc/fa-secret", fa, b"out")
    read_size = lambda: (
        int.from_bytes(status.raw[48:56], "little") if c.fileargs_lstat(fa, b"grows", status) == 0 else -1
    )
    read_size()
    os.write(size, b"AAAAAAAA")
    setup = "from what was read before: file changed after the first lstat"
    w.record("fileargs_lstat", setup, 0, 0, f"size of b {read_size()} (is 11)")
    w.record("fileargs_lstat", setup, 0, 0, f"b again: size {read_size()}")
    buffer = ctypes.create_string_buffer(4096)
    w.pointer("fileargs_realpath", "with a buffer", lambda: c.fileargs_realpath(fa, b"a", buffer))
    flags = ctypes.c_int()
    chan = ctypes.c_void_p(c.fileargs_unwrap(fa, ctypes.byref(flags)))
    fa = w.pointer(
        "fileargs_unwrap, fileargs_wrap", "", lambda: c.fileargs_wrap(chan, 0), lambda _: f"flags {flags.value}"
    )
    files.open("", fa, b"a", "fileargs_open after it")
    files.open("b", fa, b"b", "fileargs_open after it")
    child = os.fork()
    for who in ("in the child",) if child == 0 else ("in the parent afterwards",):
        if child != 0:
            os.wait3(0) if not w.inside else None
        files.open("child opens", fa, b"a", f"fileargs_open {who}")
        files.open("child opens", fa, b"b", f"fileargs_open {who}")
    if child == 0:
        os._exit(0)
    files.open("service killed after the first open, b was ready", fa, b"a")
    dead = ctypes.c_void_p(c.fileargs_wrap(w.killed(chan), 0))
    files.open("b, service killed after a was opened", dead, b"b")
    files.open("b again", dead, b"b")


@scenario("fileargs")
def files_of_another_user(w: World) -> None:
    """With a casper from before: what the client may do itself later does not count."""
    files = Files(w)
    Path("a").chmod(0o600)
    fa = files.init(b"a")
    if os.geteuid() == 0 and not w.inside:
        os.setuid(65534)
        w.service = "casper"
        try:
            os.close(os.open(files.home / "a", os.O_RDONLY))
        except OSError as failed:
            w.record(
                "uid",
                "setuid(65534) after cap_init, fileargs on a 0600 file of root",
                -1,
                failed.errno,
                "the client itself",
            )
        w.enter()
        w.number(
            "fileargs_open",
            "setuid(65534) after cap_init, fileargs on a 0600 file of root",
            lambda: min(w.c.fileargs_open(fa, b"a"), 0),
        )


# --- casper itself


@scenario("casper")
def casper_itself(w: World) -> None:
    c = w.c
    casper = ctypes.c_void_p(c.cap_init())
    w.record("cap_init", "", "pointer", 0) if not w.inside else None
    null = os.open("/dev/null", os.O_RDWR)
    w.enter()
    w.pointer(
        "cap_service_open",
        "on a wrapped /dev/null",
        lambda: c.cap_service_open(ctypes.c_void_p(c.cap_wrap(null, 0)), b"system.pwd"),
    )
    opened = {name: c.cap_service_open(casper, f"system.{name}".encode()) for name in SERVICES}
    w.record(
        "cap_service_open",
        "every service, opened before",
        "pointer",
        0,
        ", ".join(f"system.{name}: {'ok' if channel else 'ENOENT'}" for name, channel in opened.items()),
    )
    pwd, dns = ctypes.c_void_p(opened["pwd"]), ctypes.c_void_p(opened["dns"])
    for setup, name in (
        ("unknown name system.nope", b"system.nope"),
        ("empty name", b""),
        ("name NULL", None),
        ("name dns (no system.)", b"dns"),
        ("name core.casper", b"core.casper"),
        ("a name of 100000 bytes", b"x" * 100000),
    ):
        w.pointer("cap_service_open", setup, lambda name=name: c.cap_service_open(casper, name))
    w.pointer("cap_service_open", "on a service's channel", lambda: c.cap_service_open(dns, b"system.pwd"))
    w.pointer("cap_service_open", "on a service's channel (pwd)", lambda: c.cap_service_open(pwd, b"system.pwd"))
    late = ctypes.c_void_p(c.cap_service_open(casper, b"system.pwd"))
    used = c.cap_getpwuid(late, 0)
    w.record(
        "cap_service_open",
        "service opened after entering, then used (pwd)",
        "pointer",
        0,
        f"uid {Passwd.from_address(used).uid}",
    )
    for setup, fd in (("-1", -1), ("a number that is not open (77)", 77)):
        w.pointer("cap_wrap", setup, lambda fd=fd: c.cap_wrap(fd, 0))
    w.pointer("cap_wrap", "a pipe", lambda: c.cap_wrap(os.pipe()[0], 0))
    w.pointer("cap_wrap", "flags 0x80", lambda: c.cap_wrap(0, 0x80))
    one, other = socket.socketpair()
    other.close()
    w.pointer(
        "cap_service_open",
        "on a wrapped socket whose peer is closed, SIGPIPE ignored",
        lambda: c.cap_service_open(ctypes.c_void_p(c.cap_wrap(one.detach(), 0)), b"system.pwd"),
    )
    flags = ctypes.c_int()
    sock = c.cap_unwrap(dns, ctypes.byref(flags))
    w.pointer(
        "cap_unwrap, cap_wrap",
        "a service's channel",
        lambda: c.cap_wrap(sock, flags.value),
        lambda _: f"flags {flags.value}",
    )
    files = ctypes.c_void_p(opened["fileargs"])
    w.number(
        "cap_channel_flags",
        "dns, fileargs",
        lambda: c.cap_channel_flags(pwd),
        lambda: f"fileargs: {c.cap_channel_flags(files)}",
    )
    c.cap_close(ctypes.c_void_p(opened["grp"]))
    again = c.cap_service_open(casper, b"system.grp")
    w.record(
        "cap_close(service)",
        "does another one live on, can it be opened again?",
        "pointer",
        0,
        f"opened again: {'ok' if again else 'no'}",
    )
    answer = w.raw(casper, cmd=b"nope")
    w.record("raw message", "unknown cmd to casper", "pointer", 0, f"error {answer}")
    clone = ctypes.c_void_p(c.cap_clone(casper))
    answer = w.raw(clone, foo=1)
    w.record(
        "raw message", "no cmd at all to casper", "NULL" if answer is None else "pointer", ctypes.get_errno(), "error"
    )
    w.pointer("cap_service_open after it", "no cmd at all to casper", lambda: c.cap_service_open(clone, b"system.pwd"))
    clone = ctypes.c_void_p(c.cap_clone(casper))
    c.cap_close(casper)
    w.pointer("cap_service_open on the clone", "pwd, original closed", lambda: c.cap_service_open(clone, b"system.pwd"))
    sock = c.cap_unwrap(clone, ctypes.byref(flags))
    clone = ctypes.c_void_p(c.cap_wrap(sock, 0))
    w.pointer(
        "cap_unwrap, cap_wrap",
        "casper's channel: then open dns, SIGPIPE ignored",
        lambda: c.cap_service_open(clone, b"system.dns"),
        lambda _: f"flags {flags.value}",
    )
    os.close(sock)
    w.pointer("cap_service_open", "socket of the channel closed", lambda: c.cap_service_open(clone, b"system.pwd"))
    dead = w.killed(ctypes.c_void_p(c.cap_wrap(os.dup(0), 0)))
    w.pointer("cap_service_open", "casper was killed, SIGPIPE ignored", lambda: c.cap_service_open(dead, b"system.pwd"))
    w.pointer("casper's services", "casper killed while pwd is open", lambda: c.cap_getpwuid(pwd, 0))
    w.pointer("cap_close(casper)", "dns and pwd open: do they live on?", lambda: c.cap_getpwuid(pwd, 0))


@scenario("casper")
def casper_limits(w: World) -> None:
    c = w.c
    casper, other, third = (ctypes.c_void_p(c.cap_init()) for _ in range(3))
    ok = [bool(c.cap_service_open(channel, b"system.pwd")) for channel in (casper, other)]
    w.enter()
    w.record(
        "cap_init", "twice: two caspers", "pointer" if all(ok) else "NULL", 0, "open on the first ok, on the second ok"
    )
    limit = lambda channel, *services: c.cap_service_limit(channel, names(*services), len(services))
    show = lambda: w.limits(casper)
    opened = lambda name: lambda: c.cap_service_open(casper, name)
    w.record("cap_limit_get", "never limited", 0, 0, w.limits(casper).replace("none (NULL)", "NULL"))
    w.number("cap_service_limit", "{dns, pwd}", lambda: limit(casper, b"system.dns", b"system.pwd"), show)
    call = "cap_service_open, {dns, pwd} allowed"
    w.pointer(call, "dns", opened(b"system.dns"))
    w.pointer(call, "grp (not in the list)", opened(b"system.grp"))
    w.pointer(call, "system.nope (not in the list, no such service)", opened(b"system.nope"))
    call = "cap_service_limit, {dns, pwd} before"
    w.number(call, "narrower {pwd}", lambda: limit(casper, b"system.pwd"), show)
    w.number(call, "wider {dns, pwd}, now {pwd}", lambda: limit(casper, b"system.dns", b"system.pwd"), show)
    w.number(call, "unknown name, now {pwd}", lambda: limit(casper, b"system.nope"), show)
    clone = w.pointer(
        "cap_clone",
        "of casper limited to {pwd}",
        lambda: c.cap_clone(casper),
        lambda made: f"limits of the clone {w.limits(ctypes.c_void_p(made))[7:]}",
    )
    w.pointer("cap_service_open on the clone", "grp", lambda: c.cap_service_open(clone, b"system.grp"))
    w.number(call, "empty list, now {pwd}", lambda: limit(casper), show)
    w.pointer("cap_service_open, {} allowed", "pwd", opened(b"system.pwd"))
    w.number(
        "cap_service_limit",
        "unknown name, never limited",
        lambda: limit(other, b"system.nope"),
        lambda: w.limits(other),
    )
    w.pointer(
        "cap_service_open", "system.nope with {system.nope} allowed", lambda: c.cap_service_open(other, b"system.nope")
    )
    w.number(
        "cap_service_limit", "a name twice", lambda: limit(third, b"system.pwd", b"system.pwd"), lambda: w.limits(third)
    )
    w.number("cap_service_limit", "a NULL name", lambda: limit(third, None))
    w.number(
        "cap_limit_set",
        "casper, a string instead of null",
        lambda: c.cap_limit_set(third, w.list(**{"system.pwd": b"x"})),
        lambda: w.limits(third),
    )
    w.number("cap_limit_set", "casper, NULL limits", lambda: c.cap_limit_set(third, None))
    pwd = ctypes.c_void_p(c.cap_service_open(third, b"system.pwd"))
    clone = ctypes.c_void_p(c.cap_clone(pwd))
    w.number(
        "cap_clone",
        "of pwd, limits set on the clone only",
        lambda: c.cap_pwd_limit_cmds(clone, names(b"getpwuid"), 1),
        lambda: (
            f"original: {'ok' if c.cap_getpwnam(pwd, b'root') else 'NULL'}, "
            f"clone: {'ok' if c.cap_getpwnam(clone, b'root') else 'NULL ENOTCAPABLE'}"
        ),
    )
    w.number(
        "cap_pwd_limit_cmds on the clone, wider",
        "",
        lambda: c.cap_pwd_limit_cmds(clone, names(b"getpwuid", b"getpwnam"), 2),
    )
    w.pointer(
        "cap_clone of the limited clone", "", lambda: c.cap_clone(clone), lambda made: w.limits(ctypes.c_void_p(made))
    )
    c.cap_close(pwd)
    w.pointer("use of the clone after cap_close of the original", "", lambda: c.cap_getpwuid(clone, 0))


@scenario("casper")
def casper_and_processes(w: World) -> None:
    c = w.c
    casper = ctypes.c_void_p(c.cap_init())
    pwd = ctypes.c_void_p(c.cap_service_open(casper, b"system.pwd"))
    w.enter()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        made = c.cap_service_open(casper, b"system.grp")
        os.write(writing, b"1" if made else b"0")
        c.cap_close(casper)
        wrong = sum(Passwd.from_address(c.cap_getpwuid(pwd, 1)).uid != 1 for _ in range(300))
        os.write(writing, str(wrong).encode() + b"\n")
        os._exit(0)
    wrong = sum(Passwd.from_address(c.cap_getpwuid(pwd, 2)).uid != 2 for _ in range(300))
    os.close(writing)
    text = open(reading).read()
    w.record(
        "fork",
        "child opens a service on the parent's channel",
        "pointer" if text[0] == "1" else "NULL",
        0,
        "in the child",
    )
    setup = "two processes use one service's channel at the same time, 300 calls each"
    for who, count in (("child", int(text[1:])), ("parent", wrong)):
        w.record("fork", setup, 0, 0, f"{who}: answers meant for the other {count}, failures 0 (last errno 0)")
    w.pointer(
        "fork, parent after the child",
        "child opens a service on the parent's channel",
        lambda: c.cap_service_open(casper, b"system.pwd"),
    )
    w.pointer(
        "fork", "child calls cap_close(casper), parent then opens", lambda: c.cap_service_open(casper, b"system.pwd")
    )


@scenario("casper")
def casper_inside(w: World) -> None:
    if w.inside:
        w.enter()
        casper = w.pointer("cap_init", "called in capability mode", lambda: w.c.cap_init())
        for name in SERVICES:
            w.record(
                "cap_service_open",
                f"cap_init in capability mode; system.{name}",
                "pointer" if casper.value else "NULL",
                ctypes.get_errno(),
            )


@scenario("casper")
def casper_as_programs_do(w: World) -> None:
    if w.inside:
        casper = ctypes.c_void_p(w.c.cap_init())
        w.enter()
        pwd = ctypes.c_void_p(w.c.cap_service_open(casper, b"system.pwd"))
        w.pointer(
            "cap_service_open",
            "in the way that programs do it: cap_init, enter, open pwd, use",
            lambda: w.c.cap_getpwuid(pwd, 0),
        )


@scenario("pwd")
def users_of_an_inside_casper(w: World) -> None:
    if w.inside:
        w.enter()
        w.pointer("cap_getpwnam", "cap_init in capability mode, SIGPIPE ignored", lambda: w.c.cap_init())


@scenario("fileargs")
def files_of_an_inside_casper(w: World) -> None:
    if w.inside:
        w.enter()
        w.pointer(
            "fileargs_init, fileargs_open",
            "cap_init in capability mode",
            lambda: w.c.fileargs_init(1, names(b"a"), 0, 0, None, 7),
            lambda _: "fileargs_init",
        )


__all__ = ["SCENARIOS", "Addrinfo"]
