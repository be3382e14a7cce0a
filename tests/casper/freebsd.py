# SPDX-License-Identifier: BSD-2-Clause
"""The services through ctypes, in a world like the one in which FreeBSD's were asked.

A `World` runs each scenario in a process of its own, once outside and once inside capability mode, in a mount namespace
with FreeBSD's users, groups, hosts and services. What a scenario tries is recorded in the form of the oracle.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import socket
import struct
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
ENOTCAPABLE, ECAPMODE = 193, 194
EAI = {-1: "BADFLAGS", -2: "NONAME", -3: "AGAIN", -4: "FAIL", -6: "FAMILY", -7: "SOCKTYPE", -8: "SERVICE"}
EAI |= {-10: "MEMORY", -11: "SYSTEM", -12: "OVERFLOW"}
H_ERRNO = {-1: "-1", 1: "HOST_NOT_FOUND", 2: "TRY_AGAIN", 3: "NO_RECOVERY", 4: "NO_DATA"}
SERVICES = ["dns", "net", "netdb", "pwd", "grp", "fileargs", "syslog", "sysctl"]

USERS = """root::0:0:Charlie &:/root:/bin/csh
toor:*:0:0:Bourne-again Superuser:/root:
daemon:*:1:1:Owner of many system processes:/root:/usr/sbin/nologin
operator:*:2:5:System &:/:/usr/sbin/nologin
"""
MORE_USERS = (
    "bin tty kmem games news man sshd smmsp mailnull bind unbound proxy _pflogd _dhcp uucp pop auditdistd www ntpd"
)
GROUPS = """wheel:*:0:root
daemon:*:1:
kmem:*:2:
sys:*:3:
tty:*:4:
operator:*:5:root
"""
MORE_GROUPS = (
    "mail bin news man games ftp staff sshd smmsp mailnull guest video realtime idletime bind unbound proxy authpf "
    "_pflogd _dhcp uucp dialer network audit www ntpd _ypldap hast tests nogroup nobody"
)
HOSTS = "::1 localhost localhost.my.domain\n127.0.0.1 localhost localhost.my.domain\n10.1.2.3 oracle oracle-alias\n"
FILES = {
    "passwd": USERS
    + "".join(f"{name}:*:{100 + at}:{100 + at}::/:/bin/sh\n" for at, name in enumerate(MORE_USERS.split()))
    + "".join(f"{name}:*:{200 + at}:200::/:/bin/sh\n" for at, name in enumerate("_ypldap hast tests nobody".split())),
    "group": GROUPS + "".join(f"{name}:*:{100 + at}:\n" for at, name in enumerate(MORE_GROUPS.split())),
    "hosts": HOSTS,
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n",
    "resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
    "services": "echo 7/tcp\necho 7/udp\nhttp 80/tcp\nhttp 80/udp\n",
    "protocols": "tcp 6 TCP\nudp 17 UDP\n",
    "gai.conf": "",
}


class Passwd(ctypes.Structure):
    _fields_ = [
        *(("name", ctypes.c_char_p), ("passwd", ctypes.c_char_p), ("uid", ctypes.c_int), ("gid", ctypes.c_int)),
        *(("gecos", ctypes.c_char_p), ("dir", ctypes.c_char_p), ("shell", ctypes.c_char_p)),
    ]

    def text(self) -> str:
        fields = [self.name, self.passwd, self.uid, self.gid, self.gecos, self.dir, self.shell]
        return ":".join(field.decode() if isinstance(field, bytes) else str(field) for field in fields)


class Group(ctypes.Structure):
    _fields_ = [
        *(("name", ctypes.c_char_p), ("passwd", ctypes.c_char_p), ("gid", ctypes.c_int)),
        ("mem", ctypes.POINTER(ctypes.c_char_p)),
    ]

    def text(self) -> str:
        members = ""
        at = 0
        while self.mem[at]:
            members += self.mem[at].decode() + ","
            at += 1
        return f"{self.name.decode()}:{self.passwd.decode()}:{self.gid}:{members}"


class Hostent(ctypes.Structure):
    _fields_ = [
        *(("name", ctypes.c_char_p), ("aliases", ctypes.POINTER(ctypes.c_char_p)), ("family", ctypes.c_int)),
        *(("length", ctypes.c_int), ("addresses", ctypes.POINTER(ctypes.c_void_p))),
    ]

    def text(self) -> str:
        aliases, addresses, at = [], [], 0
        while self.aliases[at]:
            aliases.append(self.aliases[at].decode())
            at += 1
        at = 0
        while self.addresses[at]:
            addresses.append(socket.inet_ntop(self.family, ctypes.string_at(self.addresses[at], self.length)))
            at += 1
        family = {socket.AF_INET: 2, socket.AF_INET6: 28}[self.family]
        return (
            f"{self.name.decode()} family {family} length {self.length} aliases {' '.join(aliases)} "
            f"addresses {' '.join(addresses)}"
        )


class Addrinfo(ctypes.Structure):
    pass


Addrinfo._fields_ = [
    *((name, ctypes.c_int) for name in ("flags", "family", "socktype", "protocol")),
    *(("addrlen", ctypes.c_uint), ("addr", ctypes.c_void_p), ("canonname", ctypes.c_char_p)),
    ("next", ctypes.POINTER(Addrinfo)),
]

POINTERS = [
    *(
        "cap_init cap_wrap cap_clone cap_service_open cap_recv_nvlist cap_xfer_nvlist fileargs_init fileargs_cinit".split()
    ),
    *("fileargs_initnv fileargs_wrap fileargs_unwrap fileargs_fopen fileargs_realpath cap_getprotobyname".split()),
    *(f"cap_gethostby{what}" for what in ("name", "name2", "addr")),
    *("cap_getpwent cap_getpwnam cap_getpwuid cap_getgrent cap_getgrnam cap_getgrgid".split()),
    *(
        f"cap_net_limit_{what}"
        for what in "init addr2name connect bind name2addr addr2name_family name2addr_family".split()
    ),
    *(f"nvlist_{what}" for what in "create clone next get_string get_nvlist take_nvlist".split()),
]
NUMBERS = ["nvlist_get_number", "cnvlist_get_number"]


class Library:
    """libcapsicum_easy: functions by name; Python's integers are passed as C's 64 bits, bytes as strings."""

    def __init__(self, path: str) -> None:
        self._library = ctypes.CDLL(path, use_errno=True)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        freebsd = "nvlist_" in name and not name.startswith("cap_") or name == "cap_init"
        function = getattr(self._library, f"FreeBSD_{name}" if freebsd else name)
        function.restype = ctypes.c_int
        if name in POINTERS:
            function.restype = ctypes.c_void_p
        elif name in NUMBERS:
            function.restype = ctypes.c_uint64
        elif "exists" in name:
            function.restype = ctypes.c_bool

        def call(*arguments: Any) -> Any:
            return function(*(ctypes.c_long(value) if isinstance(value, int) else value for value in arguments))

        return call


def names(*words: bytes | None) -> ctypes.Array[ctypes.c_char_p]:
    return (ctypes.c_char_p * len(words))(*words)


def numbers(*values: int) -> ctypes.Array[ctypes.c_int]:
    return (ctypes.c_int * len(values))(*values)


def errno_name(number: int) -> str:
    special = {0: "0", ENOTCAPABLE: "ENOTCAPABLE", ECAPMODE: "ECAPMODE", errno.EOPNOTSUPP: "EOPNOTSUPP"}
    return special.get(number) or errno.errorcode.get(number, f"errno {number}")


def address(host: str, port: int, padding: bytes = bytes(8)) -> bytes:
    return struct.pack("=H", socket.AF_INET) + struct.pack("!H", port) + socket.inet_aton(host) + padding


class World:
    """One process of one scenario."""

    def __init__(self, library: Library, service: str, inside: bool, output: int) -> None:
        self.c = library
        self.service = service
        self.inside = inside
        self._output = output
        self._entered = False
        self.libc = ctypes.CDLL(None, use_errno=True)

    def enter(self) -> None:
        """From here on what is tried is tried inside, if this is the run for it."""
        if self.inside and not self._entered:
            assert self.c.cap_enter() == 0, os.strerror(ctypes.get_errno())
            self._entered = True

    def open(self, *services: str) -> Any:
        """Channels to services; then enters."""
        casper = self.c.cap_init()
        assert casper, ctypes.get_errno()
        channels = [
            ctypes.c_void_p(self.c.cap_service_open(ctypes.c_void_p(casper), f"system.{name}".encode()))
            for name in services
        ]
        self.casper = ctypes.c_void_p(casper)
        assert all(channel.value for channel in channels)
        self.enter()
        return channels if len(channels) > 1 else channels[0]

    def record(self, call: str, setup: str, rc: object, error: int = 0, detail: str = "") -> None:
        place = "inside" if self.inside else "outside"
        row = {"service": self.service, "call": call, "setup": f"{place}; {setup}" if setup else place}
        row |= {"rc": str(rc), "errno": errno_name(error), "detail": detail}
        os.write(self._output, (json.dumps(row) + "\n").encode())

    def number(self, call: str, setup: str, action: Callable[[], int], detail: Callable[[], str] = lambda: "") -> int:
        ctypes.set_errno(0)
        result = action()
        self.record(call, setup, result, ctypes.get_errno(), detail())
        return result

    def pointer(self, call: str, setup: str, action: Callable[[], int | None], shown: Any = None) -> ctypes.c_void_p:
        """shown: the type of structure that the result is, or what gives a detail in any case."""
        ctypes.set_errno(0)
        result = action()
        error = ctypes.get_errno()
        detail = ""
        if isinstance(shown, type) and result:
            detail = shown.from_address(result).text()
        elif shown is not None and not isinstance(shown, type):
            detail = shown(result)
        self.record(call, setup, "pointer" if result else "NULL", error, detail)
        return ctypes.c_void_p(result)

    def host(self, call: str, setup: str, action: Callable[[], int | None]) -> None:
        location = self.libc["__h_errno_location"]
        location.restype = ctypes.POINTER(ctypes.c_int)
        location()[0] = 0
        ctypes.set_errno(0)
        result = action()
        number = location()[0]
        detail = Hostent.from_address(result).text() if result else f"h_errno {H_ERRNO.get(number, number)}"
        self.record(call, setup, "pointer" if result else "NULL", ctypes.get_errno(), detail)

    def lookup(
        self, call: str, setup: str, channel: Any, host: bytes | None, service: bytes | None, **hints: int
    ) -> None:
        """cap_getaddrinfo(); hints: flags, family, socktype; none=1: no hints at all."""
        wanted = Addrinfo(flags=hints.get("flags", 0), family=hints.get("family", 0), socktype=hints.get("socktype", 1))
        found = ctypes.POINTER(Addrinfo)()
        ctypes.set_errno(0)
        rc = self.c.cap_getaddrinfo(
            channel, host, service, None if hints.get("none") else ctypes.byref(wanted), ctypes.byref(found)
        )
        error = ctypes.get_errno()
        texts = []
        info = found
        while rc == 0 and info:
            raw = ctypes.string_at(info[0].addr, info[0].addrlen)
            family, port = struct.unpack("=H", raw[:2])[0], struct.unpack("!H", raw[2:4])[0]
            name = socket.inet_ntop(family, raw[4:8] if family == socket.AF_INET else raw[8:24])
            text = f"{name} port {port} type {info[0].socktype} proto {info[0].protocol}"
            texts.append(text + (f" canonname {info[0].canonname.decode()}" if info[0].canonname else ""))
            info = info[0].next
        self.record(call, setup, 0 if rc == 0 else f"EAI_{EAI[rc]}", error, ", ".join(texts))

    def name(
        self, call: str, setup: str, channel: Any, raw: bytes, flags: int = 0, size: int = 1025, **more: int
    ) -> None:
        """cap_getnameinfo(); service=0: not asked for."""
        host, service = ctypes.create_string_buffer(1025), ctypes.create_string_buffer(32)
        wants = more.get("service", 1)
        ctypes.set_errno(0)
        rc = self.c.cap_getnameinfo(
            channel, raw, len(raw), host if size else None, size, service if wants else None, 32 if wants else 0, flags
        )
        detail = f"{host.value.decode()} {service.value.decode()}".strip() if rc == 0 else ""
        self.record(call, setup, 0 if rc == 0 else f"EAI_{EAI[rc]}", ctypes.get_errno(), detail)

    def limits(self, channel: Any) -> str:
        """What cap_limit_get() says, in the oracle's form."""
        got = ctypes.c_void_p()
        if self.c.cap_limit_get(channel, ctypes.byref(got)) != 0:
            return ""
        return "limits none (NULL)" if not got.value else f"limits {{{', '.join(self.items(got))}}}"

    def items(self, limits: ctypes.c_void_p) -> list[str]:
        texts = []
        cookie, kind = ctypes.c_void_p(), ctypes.c_int()
        while True:
            name = self.c.nvlist_next(limits, ctypes.byref(kind), ctypes.byref(cookie))
            if not name:
                return texts
            text = ctypes.string_at(name).decode()
            if kind.value == 3:
                text += f"={self.c.nvlist_get_number(limits, text.encode())}"
            elif kind.value == 4:
                text += f"={ctypes.string_at(self.c.nvlist_get_string(limits, text.encode())).decode()}"
            else:
                text += f" (type {kind.value})"
            texts.append(text)

    def list(self, **values: Any) -> ctypes.c_void_p:
        """A list: None is a null, a dictionary a list."""
        made = ctypes.c_void_p(self.c.nvlist_create(0))
        for name, value in values.items():
            key = name.encode()
            if value is None:
                self.c.nvlist_add_null(made, key)
            elif isinstance(value, dict):
                self.c.nvlist_move_nvlist(made, key, self.list(**value))
            elif isinstance(value, bytes):
                self.c.nvlist_add_string(made, key, value)
            else:
                self.c.nvlist_add_number(made, key, value)
        return made

    def raw(self, channel: Any, **values: Any) -> str | None:
        """Sends a request; returns the error in its answer, None if there is none."""
        answer = self.c.cap_xfer_nvlist(channel, self.list(**values))
        if not answer:
            return None
        return errno_name(self.c.nvlist_get_number(ctypes.c_void_p(answer), b"error"))

    def killed(self, channel: ctypes.c_void_p) -> ctypes.c_void_p:
        """A channel whose service has ended, of the same kind as another."""
        one, other = socket.socketpair()
        other.close()
        self.c.cap_close(channel)
        return ctypes.c_void_p(self.c.cap_wrap(one.detach(), 0))


Scenario = Callable[[World], None]


def bind_files() -> None:
    """Puts FILES in the place of /etc's, for this process and its children."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWNS if user == 0 else CLONE_NEWNS | CLONE_NEWUSER) != 0:
        raise PermissionError("no mount namespace to be had")
    if user != 0:
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    with tempfile.TemporaryDirectory() as directory:
        for name, text in FILES.items():
            path = Path(directory, name)
            path.write_text(text)
            if (
                Path("/etc", name).exists()
                and libc.mount(bytes(path), f"/etc/{name}".encode(), None, MS_BIND, None) != 0
            ):
                raise OSError(ctypes.get_errno(), f"mount /etc/{name}")


def run(library: Library, service: str, scenario: Scenario, inside: bool) -> list[dict[str, str]]:
    """What a scenario records, in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            scenario(World(library, service, inside, writing))
            os._exit(0)
        except BaseException:  # noqa: BLE001 - the process ends here in any case
            traceback.print_exc()
            os._exit(1)
    os.close(writing)
    with open(reading) as stream:
        rows = [json.loads(line) for line in stream]
    status = os.waitpid(child, 0)[1]
    if status != 0:
        rows.append({"service": service, "call": scenario.__name__, "setup": "", "rc": f"died {status}", "errno": ""})
    return rows
