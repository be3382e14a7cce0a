# SPDX-License-Identifier: BSD-2-Clause
"""What limits and capability mode must do to every system call, said a second time, in plain code.

gen/policy says it as stanzas, from which the filters are built; this says it as rules, written from FreeBSD's manual pages
and the measurements (tests/data), not from the stanzas. test_policy.py compares the two, call by call and argument by
argument, so that a slip in either is seen: docs/design.md says why there are three statements of the policy.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ENOSYS, EPERM, EACCES, ECAPMODE, ENOTCAPABLE = 38, 1, 13, 194, 193
ALLOWED = 0

# ---- rights: (word 0, word 1), the bits of <sys/capsicum.h> ---------------------------------------------------------

Rights = tuple[int, int]


def zero(bits: int) -> Rights:
    return bits, 0


def one(bits: int) -> Rights:
    return 0, bits


def both(*rights: Rights) -> Rights:
    result = (0, 0)
    for word0, word1 in rights:
        result = result[0] | word0, result[1] | word1
    return result


READ, WRITE, SEEK = zero(0x1), zero(0x2), zero(0xC)
PREAD, PWRITE = both(SEEK, READ), both(SEEK, WRITE)
MMAP_R, MMAP_W, MMAP_X = zero(0x1D), zero(0x1E), zero(0x3C)
CREATE, FEXECVE, FSYNC, FTRUNCATE, LOOKUP, FCHDIR = (zero(1 << bit) for bit in range(6, 12))
FCHFLAGS, FCHMOD, FCHOWN, FCNTL, FLOCK, FPATHCONF = (zero(1 << bit) for bit in range(12, 18))
FSTAT, FSTATFS, FUTIMES = zero(0x80000), zero(0x100000), zero(0x200000)
LINKAT_TARGET, MKDIRAT, MKFIFOAT, MKNODAT, RENAMEAT_SOURCE, SYMLINKAT, UNLINKAT = (
    zero(1 << bit | 0x400) for bit in range(22, 29)
)
ACCEPT, BIND, CONNECT, GETPEERNAME, GETSOCKNAME, GETSOCKOPT, LISTEN, PEELOFF, SETSOCKOPT, SHUTDOWN = (
    zero(1 << bit) for bit in range(29, 39)
)
LINKAT_SOURCE, RENAMEAT_TARGET = zero(1 << 41 | 0x400), zero(1 << 42 | 0x400)
EVENT, KQUEUE_EVENT, IOCTL = one(0x20), one(0x40), one(0x80)
PDGETPID, PDWAIT, PDKILL = one(0x200), one(0x400), one(0x800)
EXTATTR_DELETE, EXTATTR_GET, EXTATTR_LIST, EXTATTR_SET = (one(1 << bit) for bit in range(12, 16))
KQUEUE_CHANGE = one(0x100000)

#: The flags of cap_fcntls_limit(2).
GETFL, SETFL, GETOWN, SETOWN = 0x8, 0x10, 0x20, 0x40
ALL_FCNTLS = GETFL | SETFL | GETOWN | SETOWN


#: An address, with bits in both halves.
EMPTY_PATH = 0x123000000456


@dataclass
class Limit:
    """What a descriptor is limited to."""

    rights: Rights
    fcntls: int = ALL_FCNTLS
    ioctls: list[int] | None = None  #: None: all

    def __post_init__(self) -> None:
        if not self.has(FCNTL):
            self.fcntls = 0
        if not self.has(IOCTL):
            self.ioctls = []

    def has(self, *rights: Rights) -> bool:
        word0, word1 = both(*rights)
        return word0 & ~self.rights[0] == 0 and word1 & ~self.rights[1] == 0


def without_execution(rights: Rights) -> Rights:
    return rights[0] & ~FEXECVE[0], rights[1]


@dataclass
class Mode:
    """Capability mode: Landlock's ABI (0: not in use) and the rights of each directory to look up from."""

    landlock: int
    directories: list[Rights] = field(default_factory=list)
    executables: list[Rights] = field(default_factory=list)  #: files that can be opened again, to be read and executed
    self_: int = 4242  #: the process that entered
    empty: int = EMPTY_PATH  #: where the C library has the empty path that its fstat(3) gives; 0: it gives none
    seals: bool = True  #: the kernel can make that unchangeable

    def every(self, right: Rights) -> bool:
        """Every file that can be reached was reached through a directory with this right."""
        return self.landlock > 0 and all(Limit(rights).has(right) for rights in self.directories + self.executables)

    def any(self, *rights: Rights) -> bool:
        """There is a directory with each of these rights."""
        return all(any(Limit(had).has(right) for had in self.directories) for right in rights)

    def lookups(self) -> bool:
        return self.landlock > 0 and bool(self.directories)

    def shut(self) -> bool:
        """Paths have no metadata: no directory grants it, nothing can be executed, and the empty path is known."""
        executes = bool(self.executables) or self.any(both(FEXECVE, LOOKUP))
        return (self.seals or self.empty == 0) and not executes and not self.any(both(FSTAT, LOOKUP))

    def is_shut_path(self, address: int) -> bool:
        return self.shut() and (self.empty == 0 or address != self.empty)


# ---- arguments ------------------------------------------------------------------------------------------------------


def int32(value: int) -> int:
    """An argument as the kernel sees an int."""
    return value & 0xFFFFFFFF


AT_FDCWD = 0xFFFFFF9C
AT_EMPTY_PATH = 0x1000

# ---- limits ---------------------------------------------------------------------------------------------------------

#: The rights that the descriptor in an argument needs, whatever the other arguments are.
NEEDS: dict[str, list[tuple[int, Rights]]] = {
    **dict.fromkeys(("read", "readv", "recvfrom", "recvmsg", "recvmmsg", "getdents", "getdents64"), [(0, READ)]),
    **dict.fromkeys(("write", "writev"), [(0, WRITE)]),
    **dict.fromkeys(("pread64", "preadv", "preadv2"), [(0, PREAD)]),
    **dict.fromkeys(("pwrite64", "pwritev", "pwritev2", "fallocate"), [(0, PWRITE)]),
    "lseek": [(0, SEEK)],
    "tee": [(0, READ), (1, WRITE)],
    "vmsplice": [(0, READ), (0, WRITE)],
    "sendfile": [(0, WRITE), (1, PREAD)],
    "flock": [(0, FLOCK)],
    **dict.fromkeys(("fsync", "fdatasync", "sync_file_range", "syncfs"), [(0, FSYNC)]),
    **dict.fromkeys(("fstat", "cachestat"), [(0, FSTAT)]),
    "fstatfs": [(0, FSTATFS)],
    "ftruncate": [(0, FTRUNCATE)],
    "fchmod": [(0, FCHMOD)],
    "fchown": [(0, FCHOWN)],
    "fchdir": [(0, FCHDIR)],
    "fgetxattr": [(0, EXTATTR_GET)],
    "flistxattr": [(0, EXTATTR_LIST)],
    "fsetxattr": [(0, EXTATTR_SET)],
    "fremovexattr": [(0, EXTATTR_DELETE)],
    # below a directory
    "mkdirat": [(0, MKDIRAT)],
    "symlinkat": [(1, SYMLINKAT)],
    "unlinkat": [(0, UNLINKAT)],
    "linkat": [(0, LINKAT_SOURCE), (2, LINKAT_TARGET)],
    "renameat": [(0, RENAMEAT_SOURCE), (2, RENAMEAT_TARGET), (2, UNLINKAT)],
    "faccessat": [(0, FSTAT), (0, LOOKUP)],
    "readlinkat": [(0, LOOKUP)],
    **dict.fromkeys(("fchmodat", "fchmodat2"), [(0, FCHMOD), (0, LOOKUP)]),
    "fchownat": [(0, FCHOWN), (0, LOOKUP)],
    "setxattrat": [(0, EXTATTR_SET), (0, LOOKUP)],
    "getxattrat": [(0, EXTATTR_GET), (0, LOOKUP)],
    "listxattrat": [(0, EXTATTR_LIST), (0, LOOKUP)],
    "removexattrat": [(0, EXTATTR_DELETE), (0, LOOKUP)],
    "file_getattr": [(0, FSTAT), (0, LOOKUP)],
    "file_setattr": [(0, FCHFLAGS), (0, LOOKUP)],
    "name_to_handle_at": [(0, LOOKUP), (0, FSTAT)],
    # sockets
    "bind": [(0, BIND)],
    "connect": [(0, CONNECT)],
    "listen": [(0, LISTEN)],
    **dict.fromkeys(("accept", "accept4"), [(0, ACCEPT)]),
    "getsockname": [(0, GETSOCKNAME)],
    "getpeername": [(0, GETPEERNAME)],
    "shutdown": [(0, SHUTDOWN)],
    # events
    "epoll_ctl": [(0, KQUEUE_CHANGE), (2, EVENT)],
    **dict.fromkeys(("epoll_wait", "epoll_pwait", "epoll_pwait2"), [(0, KQUEUE_EVENT)]),
    **dict.fromkeys(("signalfd", "signalfd4", "mq_timedsend"), [(0, WRITE)]),
    **dict.fromkeys(("timerfd_gettime", "mq_timedreceive"), [(0, READ)]),
    **dict.fromkeys(("mq_notify", "mq_getsetattr"), [(0, EVENT)]),
    "inotify_add_watch": [(0, one(0x200000))],
    "inotify_rm_watch": [(0, one(0x400000))],
    "pidfd_send_signal": [(0, PDKILL)],
}

#: Calls on a path, or with AT_EMPTY_PATH in the argument on the descriptor itself: the right, and where the flags are.
NEEDS_AT: dict[str, tuple[Rights, int]] = {
    "newfstatat": (FSTAT, 3),
    "statx": (FSTAT, 2),
    "faccessat2": (FSTAT, 3),
    "execveat": (FEXECVE, 4),
}

#: No right is enough for these: they would copy the descriptor, or let others be reached through it.
NEVER_ON_LIMITED: dict[str, list[int]] = {
    **dict.fromkeys(("dup", "dup2", "dup3"), [0]),
    **dict.fromkeys(("process_madvise", "process_mrelease", "setns", "open_by_handle_at", "quotactl_fd"), [0]),
    **dict.fromkeys(("open_tree", "fsmount", "fspick", "finit_module", "fsconfig", "openat2"), [0]),
    "move_mount": [0, 2],
    "kexec_file_load": [0, 1],
    "fanotify_mark": [0, 3],
    "perf_event_open": [3],
}

#: Refused as soon as anything is limited: the descriptors are in memory, where no filter sees them.
CLOSED = frozenset("sendmsg sendmmsg io_submit pidfd_getfd bpf mount open_tree_attr mount_setattr".split())
#: The same, answering that there is no such call, so that the C library tries another one.
CLOSED_ENOSYS = frozenset("io_uring_setup io_uring_enter io_uring_register clone3 statmount listmount".split())

CLOCKS = frozenset({"clock_gettime", "clock_getres", "clock_settime", "clock_adjtime"})

FCNTL_NEEDS = {
    3: (GETFL, FCNTL), 4: (SETFL, FCNTL), 8: (SETOWN, FCNTL), 9: (GETOWN, FCNTL), 10: (SETOWN, FCNTL),
    11: (GETOWN, FCNTL), 15: (SETOWN, FCNTL), 16: (GETOWN, FCNTL), 17: (GETOWN, FCNTL),
    1031: (SETFL, FCNTL), 1032: (GETFL, FCNTL),
    **dict.fromkeys((5, 6, 7, 36, 37, 38, 1024, 1025), (0, FLOCK)),
    **dict.fromkeys((1, 2, 1027, 1028, 1033, 1034), (0, (0, 0))),
}  # fmt: skip

#: ioctl commands that name another descriptor, in the argument or in memory: type and number, which is all that some of the
#: kernel's dispatchers look at.
IOCTLS_WITH_DESCRIPTORS = frozenset(
    {
        0x9409, 0x940D, 0x9436, 0x9426, 0x9401, 0x9417,  # btrfs, and every file system: copies, snapshots, sends
        0x660F, 0x586D, 0x5881, 0x5883, 0x586A, 0xF509, 0xCF03, 0xBC10, 0xBC11,  # ext4, XFS, F2FS, CIFS, bcachefs
        0x4C00, 0x4C06, 0x4C0A, 0xAB00,  # loop devices, network block devices
        0x2103, 0xE500, 0xE501, 0x6201,  # seccomp's ADDFD, FUSE, binder
        0x7542, 0x7543, 0x6203, 0x3E03,  # udmabuf, dma-buf, sync files
        0x89E0, 0x89E1, 0x42C8, 0x43C8, 0x48C8,  # KCM, Bluetooth's BNEP, CMTP and HIDP
        0x54E0, 0x54E1, 0x2405, 0x2408, 0x4160,  # tun, perf, ALSA
        0xAF30, 0xAF07, 0xAF20, 0xAF21, 0xAF22, 0xAF77, 0x8116,  # vhost, vduse
        0xAE76, 0xAE79, 0xAEBD, 0xAEC9, 0xAEE1, 0xAEA3, 0xAEBA, 0xAE49,  # KVM
        0x3B68, 0x3B6E, 0x3B71, 0x3B74, 0x3B76, 0x3B8F, 0xA270, 0xA271,  # VFIO, IOMMU, ACRN
        0x4E82, 0x4E83,  # NTSYNC
    }
)  # fmt: skip
#: Of DRM, which did not look at the type before Linux 5.14: PRIME_FD_TO_HANDLE, SYNCOBJ_FD_TO_HANDLE, SYNCOBJ_EVENTFD.
DRM_NUMBERS = frozenset({0x2E, 0xC2, 0xCF})
#: FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR, FAT_IOCTL_SET_ATTRIBUTES: type and number.
CHFLAGS_IOCTLS = frozenset({0x6602, 0x5820, 0x7211})
PIDFD_GET_INFO = 0xFF0B


def ioctl_names_descriptor(command: int) -> bool:
    kind, number = command >> 8 & 0xFF, command & 0xFF
    return command & 0xFFFF in IOCTLS_WITH_DESCRIPTORS or number in DRM_NUMBERS or kind == 0x93  # autofs


#: Options, by level, that concern the socket itself: they neither choose where it sends or receives, nor rule what others
#: get, nor load modules, nor make descriptors.
OWN_OPTIONS: dict[int, frozenset[int]] = {
    0: frozenset({1, 2, 6, 7, 8, 10, 11, 12, 13, 20, 21, 25, 26}),
    1: frozenset({2, 7, 8, 9, 10, 13, 18, 20, 21, 29, 35, 37, 40, 42, 47, 60, 63, 64, 65, 66, 67}),
    6: frozenset({*range(1, 11), 12, 16, 18, 23, 25, 27, 36}),
    17: frozenset({1, 103, 104}),
    41: frozenset({16, 23, 24, 25, 26, 31, 49, 51, 53, 56, 58, 60, 62, 66, 67, 70, 73, 74, 77}),
}
#: What may be asked besides.
TOLD_OPTIONS: dict[int, frozenset[int]] = {
    0: frozenset({14, 80}),
    1: frozenset({1, 3, 4, 5, 6, 11, 12, 14, 15, 16, 17, 19, 25, 28, 30, 31, 34, 36, 38, 39, 55, 57, 59}),
    6: frozenset({11, 13, 26, 28, 31, 35}),
    41: frozenset({80}),
    263: frozenset({6}),  # PACKET_STATISTICS
}
#: With a BPF program's descriptor in memory: SO_ATTACH_BPF, SO_ATTACH_REUSEPORT_EBPF, PACKET_FANOUT_DATA; and the tables of
#: the packet filter, with such programs in their rules: IPT, ARPT, EBT, IP6T.
OPTIONS_WITH_DESCRIPTORS = frozenset({(1, 50), (1, 52), (263, 22), (0, 64), (0, 96), (0, 128), (41, 64)})


def option_is_own(level: int, option: int) -> bool:
    return option in OWN_OPTIONS.get(level, ())


def openat_needs(flags: int) -> list[Rights]:
    """FreeBSD's flags_to_rights() (sys/kern/vfs_syscalls.c), measured as openat_*."""
    access = flags & 3
    needs = [LOOKUP]
    if access in (0, 2, 3):
        needs.append(READ)
    if access != 0:
        needs.append(WRITE)
        if not flags & 0x600:  # neither O_APPEND nor O_TRUNC
            needs.append(SEEK)
    if flags & (0x40 | 0x400000):  # O_CREAT, O_TMPFILE
        needs.append(CREATE)
    if flags & 0x200:
        needs.append(FTRUNCATE)
    if flags & 0x101000:
        needs.append(FSYNC)
    return needs


def mmap_needs(protection: int, flags: int) -> list[Rights]:
    """A mapping that mprotect(2) cannot make more of than the descriptor allows."""
    needs = [MMAP_R]
    if protection & 4:
        needs.append(MMAP_X)
    if flags & 1:
        needs.append(MMAP_W)
    return needs


def renameat2_needs(position: int, flags: int) -> list[Rights]:
    """RENAME_NOREPLACE 1, RENAME_EXCHANGE 2 (a rename each way), RENAME_WHITEOUT 4 (leaves a device node behind)."""
    if position == 0:
        needs = [RENAMEAT_SOURCE] + ([RENAMEAT_TARGET, UNLINKAT] if flags & 2 else [])
        return needs + ([MKNODAT] if flags & 4 else [])
    needs = [RENAMEAT_TARGET] + ([RENAMEAT_SOURCE] if flags & 2 else [])
    return needs + ([] if flags & 1 else [UNLINKAT])


def refused_on(name: str, position: int, limit: Limit, a: tuple[int, ...]) -> bool:
    """Whether a descriptor with this limit, in this argument, is one that the call must not have."""
    if position in NEVER_ON_LIMITED.get(name, ()):
        return True
    needs = [rights for where, rights in NEEDS.get(name, ()) if where == position]
    if name in NEEDS_AT and position == 0:
        right, flags_at = NEEDS_AT[name]
        needs += [right] if a[flags_at] & AT_EMPTY_PATH else [right, LOOKUP]
    elif name in ("splice", "copy_file_range") and position in (0, 2):
        needs += [READ if position == 0 else WRITE] + ([SEEK] if a[position + 1] else [])
    elif name == "fallocate" and position == 0:
        needs += [FTRUNCATE] if a[1] & 8 else []  # FALLOC_FL_COLLAPSE_RANGE
    elif name == "openat" and position == 0:
        if a[2] & 0x200000:  # O_PATH
            return True
        needs += openat_needs(a[2])
    elif name == "mmap" and position == 4:
        if not a[3] & 0x20:  # MAP_ANONYMOUS
            needs += mmap_needs(a[2], a[3])
    elif name in ("utimensat", "futimesat") and position == 0:
        needs += [FUTIMES, LOOKUP] if a[1] else [FUTIMES]
    elif name == "mknodat" and position == 0:
        needs.append(MKFIFOAT if a[2] & 0xF000 == 0x1000 else MKNODAT)
    elif name == "renameat2" and position in (0, 2):
        needs += renameat2_needs(position, a[4])
    elif name == "sendto" and position == 0:
        needs += [WRITE] + ([CONNECT] if a[4] else [])
    elif name == "getsockopt" and position == 0:
        option = int32(a[1]), int32(a[2])
        needs += [GETSOCKOPT] + ([PEELOFF] if option in ((132, 102), (132, 122)) else [])
        needs += [GETPEERNAME] if option == (1, 28) else [READ] if option == (6, 35) else []  # TCP_ZEROCOPY_RECEIVE
        needs += [CONNECT] if option == (132, 111) else []  # SCTP_SOCKOPT_CONNECTX3
    elif name == "setsockopt" and position == 0:
        needs += [SETSOCKOPT] + ([] if option_is_own(int32(a[1]), int32(a[2])) else [CONNECT])
    elif name == "timerfd_settime" and position == 0:
        needs += [WRITE] + ([READ] if a[3] else [])  # the old value
    elif name == "fcntl" and position == 0:
        if int32(a[1]) not in FCNTL_NEEDS:
            return True
        flag, right = FCNTL_NEEDS[int32(a[1])]
        needs.append(right)
        if flag & ~limit.fcntls:
            return True
    elif name == "ioctl" and position == 0:
        command = int32(a[1])
        if command & 0xFFFF == PIDFD_GET_INFO:  # pdgetpid(2)
            return not limit.has(PDGETPID)
        if limit.ioctls is not None and command not in limit.ioctls:
            return True
        needs += [IOCTL] + ([FCHFLAGS] if command & 0xFFFF in CHFLAGS_IOCTLS else [])
    elif name == "waitid" and position == 1 and int32(a[0]) == 3:  # P_PIDFD
        needs.append(PDWAIT)
    elif name == "perf_event_open" and position == 1:
        return bool(a[4] & 4)  # PERF_FLAG_PID_CGROUP: then it is no process
    elif name == "fsconfig" and position == 4:
        return int32(a[1]) in (3, 4, 5)  # FSCONFIG_SET_PATH, SET_PATH_EMPTY, SET_FD
    elif name == "prctl" and position == 2:
        return int32(a[0]) == 35  # PR_SET_MM: PR_SET_MM_EXE_FILE's descriptor
    elif name == "keyctl" and position == 2:
        return int32(a[0]) == 32  # KEYCTL_WATCH_KEY
    return not limit.has(*needs)


def is_descriptor_clock(clock: int) -> bool:
    """FD_TO_CLOCKID of linux/posix-timers.h: the complement of a descriptor's number, and CLOCKFD in the low bits."""
    return bool(clock >> 31) and clock & 7 == 3


def closed(name: str, a: tuple[int, ...]) -> int:
    """The errno of a call that no process may make once anything is limited."""
    if name in CLOSED_ENOSYS:
        return ENOSYS
    refused = (
        name in CLOSED
        or (name == "ioctl" and ioctl_names_descriptor(int32(a[1])))
        or (name == "prctl" and int32(a[0]) == 35 and int32(a[1]) == 14)  # PR_SET_MM_MAP
        or (name == "seccomp" and int32(a[0]) == 1 and a[1] & 8)  # a filter with a listener
        or (name == "setsockopt" and (int32(a[1]), int32(a[2])) in OPTIONS_WITH_DESCRIPTORS)
        or (name == "socket" and int32(a[0]) in (24, 44))  # AF_PPPOX, AF_XDP: the address has a descriptor in it
        or (name == "fsconfig" and int32(a[1]) == 1)  # FSCONFIG_SET_STRING: an option that names descriptors
        or (name == "mq_notify" and a[1] != 0)  # SIGEV_THREAD: a netlink socket
        or (name in CLOCKS and is_descriptor_clock(int32(a[0])))
    )
    return ENOTCAPABLE if refused else ALLOWED


def makes_executable(name: str, a: tuple[int, ...]) -> bool:
    if name in ("mprotect", "pkey_mprotect"):
        return bool(a[2] & 4)
    return name == "personality" and int32(a[0]) != 0xFFFFFFFF and bool(a[0] & 0x400000)


def limits_answer(name: str, a: tuple[int, ...], limits: dict[int, Limit]) -> int:
    """What the limits on descriptors say to a call."""
    if not limits:
        return ALLOWED
    if name == "openat2" and int32(a[0]) in limits:
        return ENOSYS  # callers try openat
    if any(int32(a[i]) in limits and refused_on(name, i, limits[int32(a[i])], a) for i in range(6)):
        return ENOTCAPABLE
    if makes_executable(name, a) and any(limit.has(MMAP_R) and not limit.has(MMAP_X) for limit in limits.values()):
        return EACCES
    return closed(name, a)


# ---- capability mode ------------------------------------------------------------------------------------------------

#: What acts only on the process itself, its memory, and descriptors that it holds: FreeBSD's list, in Linux's words.
FREE = frozenset(
    """
    read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek getdents getdents64 sendfile splice tee
    vmsplice copy_file_range fadvise64 readahead flock fsync fdatasync sync_file_range syncfs sync cachestat fstat
    fstatfs fgetxattr flistxattr close close_range dup dup2 dup3

    mmap mprotect pkey_mprotect munmap mremap brk msync mincore remap_file_pages mlock mlock2 munlock mlockall
    munlockall mbind set_mempolicy get_mempolicy set_mempolicy_home_node pkey_alloc pkey_free mseal map_shadow_stack
    memfd_create memfd_secret membarrier

    listen accept accept4 getsockname getpeername shutdown recvfrom recvmsg recvmmsg pipe pipe2

    poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2
    signalfd signalfd4 timerfd_create timerfd_settime timerfd_gettime inotify_init inotify_init1 inotify_rm_watch
    mq_timedsend mq_timedreceive mq_notify mq_getsetattr

    fork vfork exit exit_group wait4 waitid arch_prctl set_tid_address set_robust_list futex futex_waitv futex_wake futex_wait
    futex_requeue rseq rseq_slice_yield restart_syscall uretprobe uprobe

    getpid gettid getppid getpgid getpgrp getsid setsid getuid geteuid getgid getegid getresuid getresgid getgroups setuid
    setgid setreuid setregid setresuid setresgid setfsuid setfsgid capget capset getrlimit getrusage times
    getpriority sched_yield sched_getparam sched_getscheduler sched_getattr sched_getaffinity sched_get_priority_max
    sched_get_priority_min sched_rr_get_interval getcpu umask lsm_get_self_attr
    landlock_create_ruleset landlock_add_rule landlock_restrict_self

    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack pause alarm getitimer
    setitimer timer_create timer_settime timer_gettime timer_getoverrun timer_delete nanosleep clock_nanosleep clock_gettime
    clock_getres gettimeofday time uname sysinfo getrandom
    """.split()
)

#: Changes to a file that Landlock does not mediate: only if every directory that could have led to it allows them.
CHANGES = {
    "fchmod": FCHMOD,
    "fchown": FCHOWN,
    "fsetxattr": EXTATTR_SET,
    "fremovexattr": EXTATTR_DELETE,
}

#: prctl(2) options about the caller itself.
PRCTL_SELF = frozenset(
    {1, 2, 3, 4, 7, 8, 15, 16, 21, 22, 23, 24, 27, 28, 29, 30, 38, 39, 40, 41, 42, 47, 50, 51, 52, 53, 54, 55, 56, 63, 64,
     65, 66, 0x53564D41}
)  # fmt: skip

#: ioctl commands that concern what is open and nothing beyond it. First what is harmless on any device.
DEVICE_IOCTLS = frozenset(
    {0x5450, 0x5451, 0x5421, 0x541B, *range(0x5401, 0x5409), 0x5413, 0x540F,
     0x802C542A, 0x402C542B, 0x402C542C, 0x402C542D}
)  # fmt: skip
OWN_IOCTLS = DEVICE_IOCTLS | frozenset(
    {
        0x5409, 0x5425, 0x540A, 0x540B, 0x5427, 0x5428,  # a terminal's line: drain, break, flow, flush
        0x5411, 0x5429, 0x5424, 0x5414, 0x5415, 0x5416, 0x5417, 0x5418,  # what is left, session, window, modem
        0x5420, 0x80045430, 0x40045431, 0x80045439,  # a master: packets, number, lock
        0x894B, 0x8905, 0x8903, 0x8904, 0x8906, 0x8907, 0x80108906, 0x80108907,  # a socket: left, mark, owner, stamps
        0x8910, 0x8912,  # interfaces by number, addresses: nothing by name
        0x5460, 2, 0x1260, 0x80081272, 0x1268, 0x127B, 0x125E,  # sizes
    }
)  # fmt: skip


def ioctl_allowed(command: int, mode: Mode) -> bool:
    if command & 0xFFFF == PIDFD_GET_INFO:  # pdgetpid(2)
        return True
    if mode.landlock < 5 and not mode.every(IOCTL) and command not in DEVICE_IOCTLS:
        return False
    return command in OWN_IOCTLS


#: fcntl commands that concern the descriptor or its file: nothing that signals (leases, F_NOTIFY, F_SETSIG, owners).
OWN_FCNTLS = frozenset({0, 1, 2, 3, 5, 6, 7, 9, 11, 16, 17, 36, 37, 38, 1025, 1027, 1028, 1030, 1031, 1032, 1033, 1034})


def fcntl_allowed(command: int, argument: int, mode: Mode) -> bool:
    if command == 4:  # F_SETFL, but for O_ASYNC
        return not argument & 0x2000
    if command == 8:  # F_SETOWN
        return argument == mode.self_
    return command in OWN_FCNTLS


def socket_allowed(family: int, kind: int, protocol: int) -> bool:
    """UNIX stream, datagram and seqpacket; TCP, UDP and their kin."""
    if family not in (1, 2, 10) or kind & 0xF not in (1, 2, 5) or protocol not in (0, 6, 17, 136, 262):
        return False
    return family == 1 or kind & 0xF != 5


def getsockopt_allowed(level: int, option: int) -> bool:
    """What may be set may be asked, and some more: nothing that connects, makes descriptors of processes, or looks into the
    packet filter, but for the address that a redirected connection was meant for (80)."""
    return option_is_own(level, option) or option in TOLD_OPTIONS.get(level, ())


def openat_allowed(directory: int, flags: int, mode: Mode) -> bool:
    if not mode.lookups() or directory == AT_FDCWD:
        return False
    if flags & 0x200000 or flags & 3 == 3:  # O_PATH and access mode 3 open anything, for Landlock sees no access
        return False
    return not (flags & 0x200 and mode.landlock < 3 and not mode.every(FTRUNCATE))


def mode_allows(name: str, a: tuple[int, ...], mode: Mode) -> bool:
    """Whether capability mode allows a call."""
    i = [int32(value) for value in a]
    signals = mode.landlock >= 6  # Landlock keeps signals in the sandbox
    if name in FREE:
        return True
    if name in CHANGES:
        return mode.every(CHANGES[name])
    match name:
        case "madvise":
            return i[2] not in (100, 101) and not (
                i[2] == 10 and mode.shut()
            )  # MADV_HWPOISON, _SOFT_OFFLINE, _DONTFORK
        case "fallocate":
            return not a[1] & 8 or mode.every(FTRUNCATE)
        case "ftruncate":
            return mode.landlock >= 3 or mode.every(FTRUNCATE)
        case "utimensat" | "futimesat":
            return a[1] == 0 and mode.every(FUTIMES)
        case "openat":
            return openat_allowed(i[0], a[2], mode)
        case "mkdirat" | "unlinkat":
            return mode.lookups() and i[0] != AT_FDCWD
        case "symlinkat":
            return mode.lookups() and i[1] != AT_FDCWD
        case "mknodat":
            return mode.lookups() and i[0] != AT_FDCWD and a[2] & 0xF000 not in (0x2000, 0x6000)
        case "linkat" | "renameat":
            return mode.lookups() and AT_FDCWD not in (i[0], i[2])
        case "renameat2":
            return mode.lookups() and AT_FDCWD not in (i[0], i[2]) and not a[4] & 4
        case "newfstatat" | "statx" | "faccessat2":
            return i[0] != AT_FDCWD and not mode.is_shut_path(a[1])
        case "faccessat":
            return i[0] != AT_FDCWD and not mode.shut()
        case "execveat":
            return mode.landlock > 0 and i[0] != AT_FDCWD and bool(a[4] & AT_EMPTY_PATH) and not mode.shut()
        case "fcntl":
            return fcntl_allowed(i[1], i[2], mode)
        case "ioctl":
            return ioctl_allowed(i[1], mode)
        case "socket":
            return socket_allowed(*i[:3])
        case "socketpair":
            return i[0] == 1
        case "getsockopt":
            return getsockopt_allowed(i[1], i[2])
        case "setsockopt":
            return option_is_own(i[1], i[2])
        case "sendto":
            return a[4] == 0
        case "unshare":
            return i[0] == 0x10400  # CLONE_THREAD and CLONE_FILES: a copy of its own descriptors, as fork makes
        case "clone":
            return not a[0] & 0x7E028000  # namespaces; CLONE_PARENT
        case "kill" | "rt_sigqueueinfo":
            return i[0] == mode.self_
        case "tkill":
            return signals
        case "pidfd_send_signal":  # given a directory of /proc, it reaches any process
            return signals and not a[3] & 4  # PIDFD_SIGNAL_PROCESS_GROUP
        case "tgkill" | "rt_tgsigqueueinfo":
            return signals or i[0] == mode.self_
        case "prctl":
            return i[0] in PRCTL_SELF
        case "personality":
            return i[0] == 0xFFFFFFFF
        case "setrlimit":
            return i[0] != 4  # RLIMIT_CORE: FreeBSD dumps no core in capability mode
        case "prlimit64":
            return i[0] == 0 and (i[1] != 4 or a[2] == 0)
        case "sched_setparam" | "sched_setscheduler" | "sched_setattr" | "sched_setaffinity":
            return i[0] == 0
        case "setpriority":
            return i[0] == 0 and i[1] == 0
        case "seccomp":
            return not a[1] & 8
    return False


def some_directory_needs(name: str, a: tuple[int, ...]) -> list[Rights]:
    """What Landlock does not tell from other rights: some directory must grant each, or there is none to do it in."""
    match name:
        case "openat":
            return [CREATE] if a[2] & (0x40 | 0x400000) else []  # O_CREAT, O_TMPFILE
        case "mknodat":
            return [MKFIFOAT if a[2] & 0xF000 == 0x1000 else MKNODAT]
        case "linkat":
            return [LINKAT_SOURCE, LINKAT_TARGET]
        case "renameat" | "renameat2":
            return [RENAMEAT_SOURCE, RENAMEAT_TARGET]
    return {"mkdirat": [MKDIRAT], "symlinkat": [SYMLINKAT], "unlinkat": [UNLINKAT]}.get(name, [])


def mode_answer(name: str, a: tuple[int, ...], mode: Mode | None) -> int:
    if mode is None:
        return ALLOWED
    if mode_allows(name, a, mode):
        return ALLOWED if mode.any(*some_directory_needs(name, a)) else ENOTCAPABLE
    if name in ("clone3", "openat2", "io_uring_setup", "io_uring_enter", "io_uring_register"):
        return ENOSYS  # the C library and others then do without
    if name in ("sethostname", "setdomainname"):
        return EPERM
    if mode.shut() and int32(a[0]) != AT_FDCWD:
        if name == "statx":
            return ENOSYS  # as above
        if name in ("newfstatat", "faccessat", "faccessat2") and mode.lookups():
            return ENOTCAPABLE
        if name == "execveat" and mode.landlock > 0 and a[4] & AT_EMPTY_PATH:
            return EACCES
    return ECAPMODE
