# SPDX-License-Identifier: BSD-2-Clause
"""Casper: what a program in capability mode cannot do by itself is done by a service that was started before.

Names of hosts and connections (Net, Dns), files (Files), users and groups (Users,
Groups), the system log (Syslog). Each is a context manager over a process of its
own, limited to what was asked for when it was made. Start them before
pycapsicum.enter() and before anything is limited, with one thread.

On FreeBSD the system's libcasper does the work; on Linux this package does it
with the same limits (docs/services.md).

>>> import pycapsicum
>>> from pycapsicum import casper
>>> with casper.Users(names=['root']) as users:
...     pycapsicum.enter()
...     users.getpwnam('root').pw_uid
0
"""

from __future__ import annotations

import errno
import grp
import os
import pwd
import select
import socket
import syslog as _syslog

try:
    from pycapsicum import _casper
except ImportError as error:
    raise ImportError("pycapsicum was built without libcasper, or this system has none") from error

from pycapsicum._capsicum import CapRights
from pycapsicum._errors import asked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self

    from pycapsicum._capsicum import _Path, _Rights
    from pycapsicum._errors import _Result

    Address = Any  # what socket.connect() takes

__all__ = ["Dns", "Files", "Groups", "Net", "Service", "Syslog", "Users"]

#: Of <casper/cap_net.h>.
ADDR2NAME, NAME2ADDR, CONNECT, BIND, CONNECTDNS = 0x01, 0x02, 0x10, 0x20, 0x40
#: Of <casper/cap_fileargs.h>.
FA_OPEN, FA_LSTAT, FA_REALPATH = 1, 2, 4
#: What a file object does with a descriptor: reads, writes, and asks what it is.
FILE_RIGHTS = {"r": ["CAP_READ"], "w": ["CAP_WRITE", "CAP_FTRUNCATE"], "rw": ["CAP_READ", "CAP_WRITE", "CAP_FTRUNCATE"]}
FILE_FLAGS = {"r": os.O_RDONLY, "w": os.O_WRONLY, "rw": os.O_RDWR}


def asked_of(function: Callable[[bytes], _Result], name: _Path) -> _Result:
    """Call the extension for a file, whose name an error bears."""
    try:
        return asked(function, os.fsencode(name))
    except OSError as error:
        error.filename = name
        raise


def found(answer: tuple[int, Any]) -> Any:
    """Return what a lookup found; another code than 0 is socket.gaierror."""
    code, value = answer
    if code != 0:
        raise socket.gaierror(code, value)
    return value


class Service:
    """What all services have in common: closing, and the descriptor of their channel.

    >>> from pycapsicum import casper
    >>> with casper.Dns() as dns:
    ...     dns.fileno() > 2
    True
    """

    _channel: _casper.Channel

    def fileno(self) -> int:
        """Return the descriptor of the channel, which can be limited.

        >>> import pycapsicum
        >>> from pycapsicum import casper
        >>> dns = casper.Dns()
        >>> pycapsicum.CapRights(['CAP_READ', 'CAP_WRITE', 'CAP_GETSOCKOPT']).limit(dns.fileno())
        >>> dns.close()
        """
        return asked(self._channel.fileno)

    def enforcement(self) -> frozenset[str]:
        """Tell what holds the service, besides its limits, if its process is taken over.

        'files': it opens and changes no other files than its work needs (Landlock);
        'calls': it makes no system call that reaches programs, processes or the machine
        (seccomp). What the kernel lacks or a container forbids is not there; on FreeBSD
        neither is.

        >>> from pycapsicum import casper
        >>> with casper.Users() as users:
        ...     users.enforcement() <= {'files', 'calls'}
        True
        """
        flags = asked(self._channel.enforcement)
        return frozenset(name for bit, name in enumerate(("files", "calls")) if flags >> bit & 1)

    def close(self) -> None:
        """End the service. What is asked of it from now on is EBADF.

        >>> from pycapsicum import casper
        >>> casper.Dns().close()
        """
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None, /
    ) -> None:
        self.close()


class Dns(Service):
    """Names and addresses of hosts, by the functions of the socket module.

    hosts: the (host, service) pairs that may be looked up, '' for any; None: all.
    names: whether names may be looked up; addresses: whether the names of
    addresses may. families: the address families; AF_UNSPEC is then refused.

    >>> import pycapsicum
    >>> from pycapsicum import casper
    >>> with casper.Dns(hosts=[('127.0.0.1', '')]) as dns:
    ...     pycapsicum.enter()
    ...     [entry[4] for entry in dns.getaddrinfo('127.0.0.1', 80, type=1)]
    [('127.0.0.1', 80)]
    """

    def __init__(
        self,
        hosts: Iterable[tuple[str, str | int]] | None = None,
        *,
        names: bool = True,
        addresses: bool = True,
        families: Iterable[int] = (),
    ) -> None:
        mode = (NAME2ADDR if names else 0) | (ADDR2NAME if addresses else 0)
        self._start(mode, hosts, families, (), ())

    def _start(
        self,
        mode: int,
        hosts: Iterable[tuple[str, str | int]] | None,
        families: Iterable[int],
        connect: Iterable[Address],
        bind: Iterable[Address],
    ) -> None:
        pairs = tuple((host, str(service)) for host, service in (() if hosts is None else hosts))
        if hosts is not None and not pairs:
            mode &= ~NAME2ADDR
        self._channel = asked(_casper.open_service, "system.net")
        try:
            asked(self._channel.limit_net, mode, pairs, tuple(families), tuple(connect), tuple(bind))
        except BaseException:
            self.close()
            raise

    def getaddrinfo(
        self,
        host: str | bytes | None,
        port: str | int | None,
        family: int = 0,
        type: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> list[Any]:
        """Look up a host and a service, as socket.getaddrinfo(), in whose place it can stand.

        >>> from pycapsicum import casper
        >>> with casper.Dns() as dns:
        ...     dns.getaddrinfo('::1', 'no such service')
        Traceback (most recent call last):
        ...
        socket.gaierror: [Errno -8] Servname not supported for ai_socktype
        """
        name = host.decode("ascii") if isinstance(host, bytes) else host
        service = None if port is None else str(port)
        if name is not None and not name.isascii():
            name = name.encode("idna").decode("ascii")
        entries = found(asked(self._channel.getaddrinfo, name, service, family, type, proto, flags))
        return [
            (socket.AddressFamily(kind) if kind in FAMILIES else kind, SOCKET_KINDS.get(sort, sort), *rest)
            for kind, sort, *rest in entries
        ]

    def getnameinfo(self, sockaddr: Address, flags: int) -> tuple[str, str]:
        """Look up the name of an address, as socket.getnameinfo().

        >>> import socket
        >>> from pycapsicum import casper
        >>> with casper.Dns() as dns:
        ...     dns.getnameinfo(('127.0.0.1', 9), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)
        ('127.0.0.1', '9')
        """
        answer: tuple[str, str] = found(asked(self._channel.getnameinfo, sockaddr, flags))
        return answer


FAMILIES = set(map(int, socket.AddressFamily))
SOCKET_KINDS = {int(kind): kind for kind in socket.SocketKind}


class Net(Dns):
    """Lookups, and sockets connected or bound to what was named.

    hosts: the (host, service) pairs that may be looked up and connected to.
    connect, bind: numeric addresses, as tuples of the socket module, or paths of
    local sockets. None stands for any; what is not given is not allowed.

    >>> import socket, pycapsicum
    >>> from pycapsicum import casper
    >>> server = socket.create_server(('127.0.0.1', 0))
    >>> with casper.Net(hosts=[('127.0.0.1', server.getsockname()[1])]) as net:
    ...     pycapsicum.enter()
    ...     client = net.create_connection(server.getsockname())
    >>> client.getpeername() == server.getsockname()
    True
    """

    def __init__(
        self,
        hosts: Iterable[tuple[str, str | int]] | None = (),
        *,
        connect: Iterable[Address] | None = (),
        bind: Iterable[Address] | None = (),
        families: Iterable[int] = (),
    ) -> None:
        peers = None if connect is None else tuple(connect)
        places = None if bind is None else tuple(bind)
        mode = NAME2ADDR | CONNECTDNS
        mode |= CONNECT if peers is None or peers else 0
        mode |= BIND if places is None or places else 0
        self._start(mode, hosts, families, peers or (), places or ())

    def connect(self, sock: socket.socket, address: Address) -> None:
        """Connect a socket, as its own connect(); the address is a numeric one, or was found by getaddrinfo().

        On Linux the socket is another one afterwards, under the same number.

        >>> import socket
        >>> from pycapsicum import casper
        >>> with casper.Net(connect=[('127.0.0.1', 9)]) as net, socket.socket() as sock:
        ...     net.connect(sock, ('127.0.0.1', 10))
        Traceback (most recent call last):
        ...
        pycapsicum.CapsicumError: [Errno 193] Capabilities insufficient
        """
        timeout = sock.gettimeout()
        if timeout is None or timeout == 0:
            asked(self._channel.connect, sock.fileno(), address)
            return
        try:
            asked(self._channel.connect, sock.fileno(), address)
        except BlockingIOError:
            self._wait_connected(sock, timeout)

    @staticmethod
    def _wait_connected(sock: socket.socket, timeout: float) -> None:
        """Wait for a connection that is under way: a socket with a timeout does not block."""
        poll = select.poll()
        poll.register(sock, select.POLLOUT)
        if not poll.poll(timeout * 1000):
            raise TimeoutError("timed out")
        error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error != 0:
            raise OSError(error, os.strerror(error))

    def bind(self, sock: socket.socket, address: Address) -> None:
        """Bind a socket, as its own bind().

        >>> import socket
        >>> from pycapsicum import casper
        >>> with casper.Net(bind=[('127.0.0.1', 0)]) as net, socket.socket() as sock:
        ...     net.bind(sock, ('127.0.0.1', 0))
        ...     sock.getsockname()[0]
        '127.0.0.1'
        """
        asked(self._channel.bind, sock.fileno(), address)

    def create_connection(
        self,
        address: tuple[str, int | str],
        timeout: Any = None,
        source_address: Address | None = None,
        *,
        socket_options: Iterable[tuple[Any, ...]] | None = None,
    ) -> socket.socket:
        """Return a socket that is connected, as socket.create_connection(), in whose place it can stand.

        socket_options are for urllib3, whose function of this name takes them.

        >>> import socket
        >>> from pycapsicum import casper
        >>> server = socket.create_server(('127.0.0.1', 0))
        >>> with casper.Net(hosts=None) as net:
        ...     net.create_connection(server.getsockname()).close()
        """
        if source_address is not None:
            raise OSError(errno.EOPNOTSUPP, "a source address is not to be had from a service")
        failed = OSError(errno.ENOENT, "getaddrinfo returns an empty list")
        host, port = address[:2]
        families = (socket.AF_INET6, socket.AF_INET)
        for family, kind, protocol, _, found_address in self._addresses(host, port, families):
            sock = socket.socket(family, kind, protocol)
            try:
                for option in socket_options or ():
                    sock.setsockopt(*option)
                if timeout is not None and isinstance(timeout, (int, float)):
                    sock.settimeout(timeout)
                self.connect(sock, found_address)
                return sock
            except OSError as error:
                failed = error
                sock.close()
        raise failed

    def _addresses(self, host: str, port: int | str, families: Iterable[int]) -> list[Any]:
        """Return the addresses of all families that may be asked for: AF_UNSPEC is refused where they are limited."""
        try:
            return self.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
        except PermissionError:
            entries = []
            for family in families:
                try:
                    entries += self.getaddrinfo(host, port, family, socket.SOCK_STREAM)
                except (PermissionError, socket.gaierror):
                    continue
            if not entries:
                raise
            return entries


class Files(Service):
    """Files that are named beforehand, and opened when they are asked for: those of a command line.

    flags: 'r', 'w', 'rw' or an int as for os.open(); mode: for files that O_CREAT
    makes. rights: what each file is limited to; None: what file objects need.

    >>> import pycapsicum
    >>> from pycapsicum import casper
    >>> with casper.Files(['/etc/passwd']) as files:
    ...     pycapsicum.enter()
    ...     with files.open('/etc/passwd') as file:
    ...         'root' in file.read()
    True
    """

    def __init__(
        self, names: Iterable[_Path], flags: str | int = "r", mode: int = 0o666, *, rights: _Rights | None = None
    ) -> None:
        number = FILE_FLAGS[flags] if isinstance(flags, str) else flags
        access = {os.O_RDONLY: "r", os.O_WRONLY: "w", os.O_RDWR: "rw"}[number & os.O_ACCMODE]
        usual = ["CAP_FSTAT", "CAP_SEEK", "CAP_FCNTL", "CAP_IOCTL", *FILE_RIGHTS[access]]
        text = ", ".join(CapRights(usual if rights is None else rights).caps)
        self._access = access
        listed = tuple(os.fsencode(name) for name in names)
        self._channel = asked(_casper.open_files, listed, number, mode, text, FA_OPEN | FA_LSTAT | FA_REALPATH)

    def open(
        self,
        name: _Path,
        *,
        binary: bool = False,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> Any:
        """Open a file of the list; the name must be one of it, to the byte.

        >>> from pycapsicum import casper
        >>> with casper.Files(['/etc/passwd']) as files:
        ...     files.open('/etc/group')
        Traceback (most recent call last):
        ...
        pycapsicum.CapsicumError: [Errno 193] Capabilities insufficient: '/etc/group'
        """
        fd = self.open_fd(name)
        mode = {"r": "r", "w": "w", "rw": "r+"}[self._access]
        try:
            return open(fd, mode + ("b" if binary else ""), -1, encoding, errors, newline)
        except BaseException:
            os.close(fd)
            raise

    def open_fd(self, name: _Path) -> int:
        """Open a file of the list, and return its descriptor.

        >>> import os
        >>> from pycapsicum import casper
        >>> with casper.Files(['/etc/passwd'], rights=['CAP_READ']) as files:
        ...     fd = files.open_fd('/etc/passwd')
        >>> os.read(fd, 4)
        b'root'
        """
        return asked_of(self._channel.open, name)

    def lstat(self, name: _Path) -> os.stat_result:
        """Tell what os.lstat() does of a name of the list.

        >>> from pycapsicum import casper
        >>> with casper.Files(['/etc/passwd']) as files:
        ...     files.lstat('/etc/passwd').st_size > 0
        True
        """
        return os.stat_result(asked_of(self._channel.lstat, name))

    def realpath(self, name: _Path) -> str:
        """Return what os.path.realpath() does for a name of the list, which must exist.

        >>> from pycapsicum import casper
        >>> with casper.Files(['/etc/../etc/passwd']) as files:
        ...     files.realpath('/etc/../etc/passwd').endswith('passwd')
        True
        """
        return os.fsdecode(asked_of(self._channel.realpath, name))


class Entries(Service):
    """What Users and Groups have in common."""

    _group: bool
    _service: str
    _fields: dict[str, Any]

    def _start(self, names: Iterable[str] | None, numbers: Iterable[int] | None, fields: Iterable[str] | None) -> None:
        self._channel = asked(_casper.open_service, self._service)
        try:
            if names is not None or numbers is not None:
                asked(self._channel.limit_entries, self._group, tuple(names or ()), tuple(numbers or ()))
            if fields is not None:
                asked(self._channel.limit_fields, self._group, tuple(fields))
        except BaseException:
            self.close()
            raise

    def _one(self, what: str | int, name: str | None, number: int) -> Any:
        entry = asked(self._channel.entry, self._group, name, number, False)
        if entry is None:
            raise KeyError(f"not found: {what!r}")
        return entry

    def _all(self) -> list[Any]:
        asked(self._channel.rewind, self._group)
        entries = []
        while (entry := asked(self._channel.entry, self._group, None, 0, True)) is not None:
            entries.append(entry)
        return entries


class Users(Entries):
    """The database of users, by the functions of the pwd module.

    names, uids: which users there are (None and None: all); fields: which of
    their fields ('pw_name' and so on); others are '' or -1.

    >>> import pycapsicum
    >>> from pycapsicum import casper
    >>> with casper.Users(uids=[0], fields=['pw_name']) as users:
    ...     pycapsicum.enter()
    ...     users.getpwuid(0)
    pwd.struct_passwd(pw_name='root', pw_passwd='', pw_uid=-1, pw_gid=-1, pw_gecos='', pw_dir='', pw_shell='')
    """

    _group = False
    _service = "system.pwd"

    def __init__(
        self,
        names: Iterable[str] | None = None,
        uids: Iterable[int] | None = None,
        fields: Iterable[str] | None = None,
    ) -> None:
        self._start(names, uids, fields)

    def getpwnam(self, name: str) -> pwd.struct_passwd:
        """Find a user by name.

        >>> from pycapsicum import casper
        >>> with casper.Users() as users:
        ...     users.getpwnam('no such user')
        Traceback (most recent call last):
        ...
        KeyError: "not found: 'no such user'"
        """
        return user_of(self._one(name, name, 0))

    def getpwuid(self, uid: int) -> pwd.struct_passwd:
        """Find a user by number.

        >>> from pycapsicum import casper
        >>> with casper.Users() as users:
        ...     users.getpwuid(0).pw_name
        'root'
        """
        return user_of(self._one(uid, None, uid))

    def getpwall(self) -> list[pwd.struct_passwd]:
        """List all users, of those that are allowed.

        >>> from pycapsicum import casper
        >>> with casper.Users(names=['root']) as users:
        ...     [user.pw_name for user in users.getpwall()]
        ['root']
        """
        return [user_of(entry) for entry in self._all()]


def user_of(entry: tuple[Any, ...]) -> pwd.struct_passwd:
    return pwd.struct_passwd((*entry[:2], *map(signed, entry[2:4]), *entry[4:]))


def group_of(entry: tuple[Any, ...]) -> grp.struct_group:
    return grp.struct_group((*entry[:2], signed(entry[2]), entry[3]))


def signed(number: int) -> int:
    """Return -1 for a number that was withheld."""
    return -1 if number == 0xFFFFFFFF else number


class Groups(Entries):
    """The database of groups, by the functions of the grp module; see Users.

    >>> import pycapsicum
    >>> from pycapsicum import casper
    >>> with casper.Groups(gids=[0]) as groups:
    ...     pycapsicum.enter()
    ...     groups.getgrgid(0).gr_gid
    0
    """

    _group = True
    _service = "system.grp"

    def __init__(
        self,
        names: Iterable[str] | None = None,
        gids: Iterable[int] | None = None,
        fields: Iterable[str] | None = None,
    ) -> None:
        self._start(names, gids, fields)

    def getgrnam(self, name: str) -> grp.struct_group:
        """Find a group by name.

        >>> from pycapsicum import casper
        >>> with casper.Groups() as groups:
        ...     groups.getgrnam('daemon').gr_name
        'daemon'
        """
        return group_of(self._one(name, name, 0))

    def getgrgid(self, gid: int) -> grp.struct_group:
        """Find a group by number.

        >>> from pycapsicum import casper
        >>> with casper.Groups(names=['daemon']) as groups:
        ...     groups.getgrgid(0)
        Traceback (most recent call last):
        ...
        KeyError: 'not found: 0'
        """
        return group_of(self._one(gid, None, gid))

    def getgrall(self) -> list[grp.struct_group]:
        """List all groups, of those that are allowed.

        >>> from pycapsicum import casper
        >>> with casper.Groups(names=['daemon']) as groups:
        ...     [group.gr_name for group in groups.getgrall()]
        ['daemon']
        """
        return [group_of(entry) for entry in self._all()]


class Syslog(Service):
    """The system log, by the functions of the syslog module.

    >>> import syslog, pycapsicum
    >>> from pycapsicum import casper
    >>> with casper.Syslog('me', syslog.LOG_PID) as log:
    ...     pycapsicum.enter()
    ...     log.syslog(syslog.LOG_INFO, 'hello')
    """

    def __init__(self, ident: str | None = None, option: int = 0, facility: int = _syslog.LOG_USER) -> None:
        self._channel = asked(_casper.open_service, "system.syslog")
        asked(self._channel.openlog, ident, option, facility)

    def syslog(self, priority: int, message: str) -> None:
        """Log a line. It is lost without a word where nobody listens, as with syslog.syslog().

        >>> import syslog
        >>> from pycapsicum import casper
        >>> with casper.Syslog() as log:
        ...     log.syslog(syslog.LOG_DEBUG, '100%')
        """
        asked(self._channel.syslog, priority, message)

    def setlogmask(self, maskpri: int) -> int:
        """Set which priorities are logged, and return the mask before.

        >>> import syslog
        >>> from pycapsicum import casper
        >>> with casper.Syslog() as log:
        ...     log.setlogmask(syslog.LOG_UPTO(syslog.LOG_ERR))
        255
        """
        return asked(self._channel.setlogmask, maskpri)
