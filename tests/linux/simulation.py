# SPDX-License-Identifier: BSD-2-Clause
"""Worlds in which system calls are tried, the calls, and the simulated kernel (simulator.c) that answers them.

A world is some descriptors, limits made of them by the library's own calls, and capability mode or not. For each, every
system call is tried with the arguments that matter to it; statement.py says what the answer must be.
"""

from __future__ import annotations

import ctypes
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import statement as st
from statement import Limit, Mode, Rights

HERE = Path(__file__).parent
ARCHITECTURES = ("x86-64", "aarch64")
AUDIT = {"x86-64": 0xC000003E, "aarch64": 0xC00000B7}
FOREIGN = (0x40000003, 0x40000028, 0xC0000015, 0)  # i386, 32-bit ARM, ppc64, nothing
X32 = 0x40000000
GARBAGE = 0xDEADBEEF00000000
SIGN = 0xFFFFFFFF00000000

Arguments = tuple[int, int, int, int, int, int]


class SystemCall(ctypes.Structure):
    """struct call."""

    _fields_ = [
        ("number", ctypes.c_uint32),
        ("architecture", ctypes.c_uint32),
        ("instruction_pointer", ctypes.c_uint64),
        ("arguments", ctypes.c_uint64 * 6),
    ]


class Descriptor(ctypes.Structure):
    """struct ce_descriptor."""

    _fields_ = [
        ("fd", ctypes.c_int),
        ("rights", ctypes.POINTER(ctypes.c_uint64 * 2)),
        ("ioctls", ctypes.POINTER(ctypes.c_ulong)),
        ("nioctls", ctypes.c_size_t),
        ("fcntls", ctypes.c_uint32),
    ]


KEEP = 2**64 - 1  #: CE_IOCTLS_KEEP


def system_calls() -> dict[str, dict[str, int]]:
    """Name to number by architecture, from the kernel's headers (tests/data), not from the policy."""
    numbers: dict[str, dict[str, int]] = {}
    for text in (HERE.parent / "data" / "linux-syscalls.tsv").read_text(encoding="utf-8").splitlines():
        if not text.startswith("#"):
            name, *columns = text.split("\t")
            numbers[name] = {a: int(n) for a, n in zip(ARCHITECTURES, columns) if n != "-"}
    return numbers


# ---- worlds ---------------------------------------------------------------------------------------------------------

OPEN, DIRECTORY = 1, 4


@dataclass
class World:
    """Each step of `steps` is one ce_limit_each()."""

    name: str
    descriptors: dict[int, int] = field(default_factory=dict)  #: number to OPEN | DIRECTORY
    steps: list[dict[int, Limit]] = field(default_factory=list)
    landlock: int = 7
    threads: bool = False
    mode: Mode | None = None

    def limits(self) -> dict[int, Limit]:
        """What holds in the end: a later step replaces an earlier one's, and never grows."""
        limits: dict[int, Limit] = {}
        for step in self.steps:
            limits.update(step)
        return limits


def without(right_bits: Rights) -> Rights:
    return ALL[0] & ~right_bits[0], ALL[1] & ~right_bits[1]


#: Every right bit of the library's header; test_policy.py compares it with the library's own CAP_ALL.
ALL: Rights = (0xFFFFFFFFFFF, 0x7FFFFF)
SINGLE_BITS: list[Rights] = [st.zero(1 << n) for n in range(44)] + [st.one(1 << n) for n in range(23)]


def limit_worlds() -> Iterator[World]:
    yield World("nothing limited", {3: OPEN, 4: OPEN})
    for part in range(4):  # one filter does not hold them all
        bits = SINGLE_BITS[part::4]
        limits = {100 + n: Limit(without(bit)) for n, bit in enumerate(bits)}
        yield World(f"one right missing {part}", dict.fromkeys(limits, OPEN), [limits])
        limits = {100 + 2 * n: Limit(without(bit)) for n, bit in enumerate(bits)}
        yield World(f"one right missing, apart {part}", dict.fromkeys(limits, OPEN), [limits])
    yield World(
        "no rights", {0: OPEN, 7: OPEN, 1023: OPEN}, [{0: Limit((0, 0)), 7: Limit((0, 0)), 1023: Limit((0, 0))}]
    )
    fcntls = (st.GETFL, st.SETFL, st.GETOWN, st.SETOWN, 0)
    yield World(
        "lists of commands",
        dict.fromkeys(range(3, 13), OPEN),
        [
            {3 + n: Limit(ALL, fcntls=flags) for n, flags in enumerate(fcntls)}
            | {8: Limit(ALL, ioctls=[]), 9: Limit(ALL, ioctls=[0x5451, 0x541B]), 10: Limit(ALL, ioctls=[0x40086602])}
            | {11: Limit(without(st.FCHFLAGS), ioctls=[0x40086602, 0xFFFFFFFF, 0])}
            | {12: Limit(ALL, ioctls=[0x5451, 0x541B, 0x5451, 0x5452, 0x541B, 0x5450, 0x5451, 0x541B])}
        ],
    )
    yield World("mapped", dict.fromkeys((3, 5, 6), OPEN), [
        {3: Limit(st.MMAP_R), 5: Limit(st.both(st.MMAP_R, st.MMAP_W)), 6: Limit(st.both(st.MMAP_R, st.MMAP_X))},
    ])  # fmt: skip
    yield World("executable", {3: OPEN}, [{3: Limit(st.both(st.MMAP_R, st.MMAP_X))}])
    yield World("step by step", dict.fromkeys((3, 4, 5), OPEN), [
        {3: Limit(without(st.WRITE))},
        {4: Limit(without(st.READ), ioctls=[0x541B, 0x5451])},
        {3: Limit((without(st.WRITE)[0] & ~st.LOOKUP[0], ALL[1])), 5: Limit((0, 0))},
        {4: Limit(without(st.READ), fcntls=st.GETFL, ioctls=[0x541B])},
        {4: Limit((0x2, 0x80), ioctls=[0x541B])},
    ])  # fmt: skip
    yield World("mapped later", {3: OPEN, 4: OPEN}, [{3: Limit((0, 0))}, {4: Limit(st.MMAP_R)}])


def mode_worlds() -> Iterator[World]:
    directory = {3: OPEN | DIRECTORY, 4: OPEN, 5: OPEN}
    for landlock in (0, 1, 2, 3, 4, 5, 6, 7, 8, 10):
        directories = [ALL] if landlock else []
        yield World(f"ABI {landlock}", directory, [], landlock, mode=Mode(landlock, directories))
    yield World("ABI 7, threads", directory, [], 7, True, Mode(0))
    yield World("ABI 8, threads", directory, [], 8, True, Mode(8, [ALL]))
    yield World("no directory", {4: OPEN}, mode=Mode(7))
    changing = (st.FCHMOD, st.FCHOWN, st.EXTATTR_SET, st.EXTATTR_DELETE, st.FUTIMES)
    levels = {st.FTRUNCATE: (2, 3), st.IOCTL: (4, 5, 6), **dict.fromkeys(changing, (1, 7))}
    for right, landlock in ((right, landlock) for right, those in levels.items() for landlock in those):
        rights = without(right)
        yield World(
            f"ABI {landlock}, a directory without {right}",
            {3: OPEN | DIRECTORY, 6: OPEN | DIRECTORY},
            [{6: Limit(rights)}],
            landlock,
            mode=Mode(landlock, [ALL, rights]),
        )
    sources = st.both(
        st.CREATE, st.MKDIRAT, st.MKFIFOAT, st.SYMLINKAT, st.UNLINKAT, st.LINKAT_SOURCE, st.RENAMEAT_SOURCE
    )
    targets = st.both(st.MKNODAT, st.LINKAT_TARGET, st.RENAMEAT_TARGET)
    for missing, there in ((sources, targets), (targets, sources)):
        rights = without((missing[0] & ~st.LOOKUP[0], 0))
        yield World(
            f"a directory without {missing}", {3: OPEN | DIRECTORY}, [{3: Limit(rights)}], mode=Mode(7, [rights])
        )
        yield World(f"one directory of two with {missing}", {3: OPEN | DIRECTORY, 6: OPEN | DIRECTORY},
                    [{3: Limit(missing), 6: Limit(there)}], mode=Mode(7, [missing, there]))  # fmt: skip
    program = st.both(st.READ, st.FEXECVE, st.FCNTL)
    yield World(
        "a file to execute",
        {3: OPEN | DIRECTORY, 6: OPEN},
        [{6: Limit(program)}],
        mode=Mode(7, [ALL], [program]),
    )
    stat = without((st.FSTAT[0], 0))
    for name, mode in (
        ("a directory without CAP_FSTAT", Mode(7, [st.without_execution(stat)])),
        ("a C library with fstat of its own", Mode(7, [st.without_execution(stat)], empty=0)),
        ("a kernel that seals nothing", Mode(7, [st.without_execution(stat)], seals=False)),
        ("a directory to execute from", Mode(7, [stat])),
    ):
        yield World(name, {3: OPEN | DIRECTORY}, [{3: Limit(mode.directories[0])}], mode=mode)
    yield World("a file to execute, alone", {6: OPEN}, [{6: Limit(program)}], mode=Mode(7, [], [program]))
    yield World("a directory without CAP_LOOKUP", {3: OPEN | DIRECTORY}, [{3: Limit(without(st.LOOKUP))}], mode=Mode(7))


# ---- calls ----------------------------------------------------------------------------------------------------------

#: What stands where it does not matter: a pointer, nothing, a small number.
FILLER: Arguments = (0x7F0000001000, 0x7F0000002000, 0x1000, 0, 0x7F0000003000, 8)

#: Each command that is named, with other sizes and directions too, and its neighbours; each type, and each number.
NAMED_IOCTLS = st.OWN_IOCTLS | st.IOCTLS_WITH_DESCRIPTORS | st.CHFLAGS_IOCTLS | {st.PIDFD_GET_INFO}
IOCTL_COMMANDS = sorted(
    {command for named in NAMED_IOCTLS for command in (named, named & 0xFFFF, named | 0x40080000, named ^ 0x80000000, named + 1)}
    | {kind << 8 | 1 for kind in range(256)} | {0xFFFF0000 | kind << 8 | 0xFF for kind in (0x54, 0x89, 0x93, 0xFF)}
    | {0x7000 | number for number in range(256)} | {0xC00C0000 | 0x6400 | number for number in st.DRM_NUMBERS}
    | {0x5452, 0x5412, 0x541C, 0x5436, 0x40045436, 0x540E, 0x5410, 0x5422, 0x5437, 0x5441, 0x8901, 0x8902, 0x8913, 0x8914,
       0x8933, 0x8946, 0x894C, 0xB701, 0xFF01, 0xC040FF0B, 0xC050FF0B, 0x40182103, 0x00182103, 0x4B4D, 0, 0xFFFFFFFF}
)  # fmt: skip
LEVELS = [0, 1, 2, 6, 17, 41, 132, 263, 0xFFFFFFFF]
OPTIONS = [*range(84), 95, 96, 97, 101, 102, 103, 104, 105, 110, 111, 112, 122, 123, 127, 128, 129, 1152, 0xFFFFFFFF]
PRCTL_OPTIONS = sorted({*range(90), 0x53564D41, 0x59616D61, 0x41555856, 0xFFFFFFFF})
FCNTL_COMMANDS = [*range(42), *range(1024, 1042), 0xFFFFFFFF]
#: Every flag that means nothing to us.
OPEN_REST = 0xFFFFFFFF & ~(3 | 0x40 | 0x600 | 0x101000 | 0x600000)
OPEN_FLAGS = [
    access | more
    for access in range(4)
    for more in (0, 0x40, 0x80, 0xC0, 0x200, 0x240, 0x400, 0x440, 0x600, 0x1000, 0x101000, 0x200000, 0x210000, 0x410000,
                 0x400000, 0x80000, 0x200200, 0x4000, 0x10000, OPEN_REST, OPEN_REST | 0x40, OPEN_REST | 0x200, OPEN_REST | 0x400,
                 OPEN_REST | 0x1000, OPEN_REST | 0x100000, OPEN_REST | 0x200000, OPEN_REST | 0x400000)
]  # fmt: skip


def flags(*bits: int) -> list[int]:
    """Each of the bits alone, none and all; and the same with every other bit set."""
    rest = 0xFFFFFFFF & ~sum(bits)
    alone = {0, *bits, sum(bits)}
    return sorted(alone | {rest | value for value in alone})


#: Nothing, the empty path, and what differs from it in either half.
PATHS = [
    0,
    st.EMPTY_PATH,
    st.EMPTY_PATH ^ 1,
    st.EMPTY_PATH ^ 1 << 32,
    st.EMPTY_PATH & 0xFFFFFFFF,
    st.EMPTY_PATH >> 32 << 32,
]


#: The values of each argument that a call's answer may depend on, other than descriptors; tried in all combinations.
MATTERS: dict[str, dict[int, list[int]]] = {
    "openat": {2: OPEN_FLAGS},
    "fcntl": {1: FCNTL_COMMANDS, 2: [0, 4242, 4243, 2**32 - 4242, *flags(0x2000)]},
    "timerfd_settime": {3: [0, 0x1000, 1 << 32]},
    "pidfd_send_signal": {3: flags(1, 2, 4)},
    "ioctl": {1: IOCTL_COMMANDS},
    "mmap": {2: [*flags(1, 2, 4), 3, 5, 6], 3: [*flags(1, 0x20), 2, 3, 8, 0x22, 0x8000]},
    **dict.fromkeys(("mprotect", "pkey_mprotect"), {2: [*flags(1, 2, 4), 3, 5, 6]}),
    "personality": {0: [*flags(0x400000), 0x440000, SIGN | 0xFFFFFFFF, 0xFFFFFFFE, 0x20000]},
    **dict.fromkeys(("splice", "copy_file_range"), {1: [0, 0x1000, 1 << 32], 3: [0, 0x1000, 1 << 32]}),
    **dict.fromkeys(("newfstatat", "faccessat2"), {1: PATHS, 3: flags(0x1000)}),
    "fchmodat2": {3: flags(0x1000)},
    **dict.fromkeys(("fchownat", "execveat"), {4: flags(0x1000)}),
    "statx": {1: PATHS, 2: flags(0x1000)},
    **dict.fromkeys(("setxattrat", "getxattrat", "listxattrat", "removexattrat"), {2: flags(0x1000)}),
    **dict.fromkeys(("utimensat", "futimesat", ), {1: [0, 0x1000, 1 << 32]}),
    "mknodat": {2: [n << 12 | rest for n in range(16) for rest in (0, 0o644, 0xFFFF0FFF)]},
    "linkat": {4: [0, 0x400, 0x1000]},
    "renameat2": {4: sorted({*range(8), *flags(1, 2, 4)})},
    "sendto": {4: [0, 0x1000, 1 << 32, SIGN]},
    **dict.fromkeys(("getsockopt", "setsockopt"), {1: LEVELS, 2: OPTIONS}),
    "socket": {0: [*range(48), 0xFFFFFFFF], 1: [*range(8), 10, 0x80001, 0x803, 0x802, 0xF, 0xFFFFFFF1, 0xFFFFFFF3, 0xFFFFFFF5],
               2: [0, 1, 2, 6, 17, 58, 132, 136, 255, 262]},
    "socketpair": {0: [*range(48)], 1: [1, 2]},
    "clone": {0: [0, 17, 0x3D0F00, 0x4111, 0x8000, 0x8011] + [1 << n | 17 for n in range(5, 32)] + [1 << 32, 0xFFFFFFFF & ~0x7E028000]},
    "unshare": {0: [0, *flags(0x400, 0x10000), 0x10500, 0x10000400, 0x100, 0x20000]},
    "waitid": {0: list(range(5)), 1: [4242, 1]},
    **dict.fromkeys(("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"),
                    {0: [0, 1, 4242, 4243, SIGN | 4242, SIGN | (2**32 - 4242), 0xFFFFFFFF, SIGN | 0xFFFFFFFF]}),
    "prctl": {0: PRCTL_OPTIONS, 1: [0, 13, 14, 15, 1]},
    "setrlimit": {0: list(range(16))},
    "prlimit64": {0: [0, 1, 4242, 1 << 32, SIGN | 0xFFFFFFFF], 1: [0, 3, 4, 5, 7], 2: [0, 0x1000, 1 << 32]},
    **dict.fromkeys(("sched_setparam", "sched_setscheduler", "sched_setattr", "sched_setaffinity"),
                    {0: [0, 1, 4242, 1 << 32, SIGN | 0xFFFFFFFF]}),
    "setpriority": {0: [0, 1, 2, 3], 1: [0, 1, 4242, 1 << 32]},
    "seccomp": {0: [0, 1, 2, 3], 1: [*flags(8), 1, 2, 4, 16, 32]},
    "perf_event_open": {4: flags(4)},
    "fsconfig": {1: list(range(10))},
    "madvise": {2: [0, 4, 9, 10, 11, SIGN | 10, 99, 100, 101, 102, SIGN | 100]},
    "fallocate": {1: flags(8)},
    "mq_notify": {1: [0, 0x1000, 1 << 32]},
    "keyctl": {0: [0, 31, 32, 33]},
    **dict.fromkeys(st.CLOCKS, {0: [*range(12), *(2**32 - n for n in range(1, 40)), SIGN | 0xFFFFFFC3, 0x7FFFFFFB, 0x80000003]}),
}  # fmt: skip

#: Where descriptors can stand. A limited one anywhere else must not matter.
DESCRIPTOR_ARGUMENTS: dict[str, set[int]] = {
    **{name: {position for position, _ in needs} for name, needs in st.NEEDS.items()},
    **dict.fromkeys(st.NEEDS_AT, {0}),
    **{name: set(positions) for name, positions in st.NEVER_ON_LIMITED.items()},
    **dict.fromkeys(("splice", "copy_file_range", "renameat2"), {0, 2}),
    **dict.fromkeys(
        (
            "openat",
            "utimensat",
            "futimesat",
            "mknodat",
            "sendto",
            "getsockopt",
            "setsockopt",
            "timerfd_settime",
            "fcntl",
            "ioctl",
        ),
        {0},
    ),
    "mmap": {4},
    "waitid": {1},
    "perf_event_open": {1, 3},
    "fsconfig": {0, 4},
    "prctl": {2},
    "keyctl": {2},
}


def numbers_for(world: World) -> list[int]:
    """Descriptors worth trying: each limited one, its neighbours, others, and what only looks like one."""
    limited = world.limits()
    near = {number + step for number in limited for step in (-1, 1) if number + step >= 0}
    return sorted({*limited, *near, *world.descriptors, 2, 2048}) + [
        0xFFFFFFFF,
        SIGN | 0xFFFFFFFF,
        0xFFFFFF9C,
        SIGN | 0xFFFFFF9C,
    ]


def with_argument(arguments: Arguments, position: int, value: int) -> Arguments:
    return (*arguments[:position], value, *arguments[position + 1 :])  # type: ignore[return-value]


def combinations(name: str) -> Iterator[Arguments]:
    """FILLER with every combination of the values that matter."""
    matters = MATTERS.get(name, {})
    for values in itertools.product(*matters.values()):
        arguments = FILLER
        for position, value in zip(matters, values):
            arguments = with_argument(arguments, position, value)
        yield arguments


def some_of_each_answer(name: str, calls: list[Arguments], world: World, chance: random.Random) -> list[Arguments]:
    """Of many calls, some for each answer that the limits must give: a right that is missing shows at few descriptors."""
    by_answer: dict[int, list[Arguments]] = {}
    for arguments in calls:
        by_answer.setdefault(st.limits_answer(name, arguments, world.limits()), []).append(arguments)
    return [call for alike in by_answer.values() for call in chance.sample(alike, min(3, len(alike)))]


def calls_of(name: str, world: World) -> Iterator[Arguments]:
    """What to try of one system call in a world."""
    positions = DESCRIPTOR_ARGUMENTS.get(name, set())
    numbers = numbers_for(world)
    limited = sorted(world.limits())
    chance = random.Random(f"{name} {world.name}")  # the same on every run
    every_combination = list(combinations(name))
    few, many = len(every_combination) < 40, len(every_combination) >= 400
    for arguments in every_combination:
        yield arguments
        for position in positions:
            calls = [with_argument(arguments, position, number) for number in (numbers if few else limited)]
            yield from some_of_each_answer(name, calls, world, chance) if many else calls
            yield with_argument(arguments, position, chance.choice(numbers))
    # All descriptors at once, what does not matter set to anything, limited numbers where no descriptor stands.
    free = [position for position in range(6) if position not in positions and position not in MATTERS.get(name, {})]
    for _ in range(min(60 + 2 * len(every_combination), 500)):
        arguments = chance.choice(every_combination)
        for position in positions:
            arguments = with_argument(arguments, position, chance.choice(numbers))
        yield arguments
        if not POINTERS.get(name):
            yield tuple(value & 0xFFFFFFFF | GARBAGE for value in arguments)  # type: ignore[misc]
        for position in free:
            arguments = with_argument(arguments, position, chance.choice([*limited, 0, 2**64 - 1]))
        yield arguments


#: Calls with an argument that is looked at in all its 64 bits: a pointer that may be absent.
POINTERS = dict.fromkeys(
    (
        "newfstatat",
        "statx",
        "faccessat2",
        "splice",
        "copy_file_range",
        "utimensat",
        "futimesat",
        "sendto",
        "prlimit64",
        "mq_notify",
    ),
    True,
)


@dataclass
class Trial:
    """All calls to try in one world, and what must be answered; for an architecture."""

    world: World
    names: list[str]
    calls: ctypes.Array[SystemCall]
    expected: ctypes.Array[ctypes.c_int]


def answer(name: str, arguments: Arguments, world: World) -> int:
    """What must be answered: of two filters that refuse a call the newer one says why, and capability mode is newer."""
    return st.mode_answer(name, arguments, world.mode) or st.limits_answer(name, arguments, world.limits())


def trial(world: World, architecture: str) -> Trial:
    numbers = system_calls()
    names: list[str] = []
    rows: list[tuple[int, int, Arguments]] = []
    expected: list[int] = []

    def add(name: str, number: int, arguments: Arguments, error: int, audit: int = AUDIT[architecture]) -> None:
        names.append(f"{name}{tuple(map(hex, arguments))}")
        rows.append((number, audit, arguments))
        expected.append(error)

    for name, number in ((n, by[architecture]) for n, by in numbers.items() if architecture in by):
        for arguments in dict.fromkeys(calls_of(name, world)):
            add(name, number, arguments, answer(name, arguments, world))
    anything = bool(world.mode or world.limits())
    known = {by[architecture] for by in numbers.values() if architecture in by}
    unknown = [number for number in range(1100) if number not in known] + [X32 | number for number in range(600)]
    for number in [*unknown, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]:
        add(f"unknown {number:#x}", number, FILLER, st.ENOSYS if anything else st.ALLOWED)
    foreign = st.ECAPMODE if world.mode else st.ENOTCAPABLE
    for audit, number in itertools.product(
        (*FOREIGN, *(a for a in AUDIT.values() if a != AUDIT[architecture])), range(0, 500, 7)
    ):
        add(f"architecture {audit:#x} {number}", number, FILLER, foreign if anything else st.ALLOWED, audit)

    calls = (SystemCall * len(rows))()
    for call, (number, audit, arguments) in zip(calls, rows):
        call.number, call.architecture = number, audit
        call.arguments[:] = arguments
    return Trial(world, names, calls, (ctypes.c_int * len(rows))(*expected))


# ---- the simulated kernel -------------------------------------------------------------------------------------------


class Simulator:
    """simulator.c, built as a shared library for one architecture."""

    def __init__(self, path: str) -> None:
        self.library = ctypes.CDLL(path)
        self.library.sim_all_rights.restype = ctypes.c_uint64
        self.library.sim_restricted.restype = self.library.sim_cores.restype = ctypes.c_bool

    def all_rights(self) -> Rights:
        word0, word1 = (int(self.library.sim_all_rights(word)) & (1 << 57) - 1 for word in (0, 1))
        return word0, word1

    def limit(self, limits: dict[int, Limit]) -> int:
        """ce_limit_each(): 0 or an errno."""
        each = (Descriptor * len(limits))()
        for entry, (number, limit) in zip(each, limits.items()):
            entry.fd, entry.fcntls, entry.nioctls = number, limit.fcntls, KEEP
            entry.rights = ctypes.pointer((ctypes.c_uint64 * 2)(limit.rights[0] | 1 << 57, limit.rights[1] | 1 << 58))
            if limit.ioctls is not None:
                entry.ioctls = (ctypes.c_ulong * len(limit.ioctls))(*limit.ioctls)
                entry.nioctls = len(limit.ioctls)
        return int(self.library.sim_limit(each, ctypes.c_size_t(len(each))))

    def get(self, number: int) -> tuple[Rights, int, int | None]:
        """Rights, fcntl flags, and how many ioctl commands (None: all)."""
        words, fcntls, ioctls = (ctypes.c_uint64 * 2)(), ctypes.c_uint32(), ctypes.c_long()
        assert self.library.sim_get(number, words, ctypes.byref(fcntls), ctypes.byref(ioctls)) == 0
        count = None if ioctls.value == 2**63 - 1 else ioctls.value
        return (words[0] & (1 << 57) - 1, words[1] & (1 << 57) - 1), fcntls.value, count

    def build(self, world: World) -> None:
        """Makes the world with the library's own calls."""
        self.library.sim_reset(ctypes.c_uint(world.landlock), ctypes.c_bool(world.threads))
        for number, kind in world.descriptors.items():
            self.library.sim_descriptor(number, ctypes.c_uint(kind))
        for step in world.steps:
            assert self.limit(step) == 0, world.name
        if world.mode is not None:
            self.library.sim_paths(ctypes.c_ulong(world.mode.empty), ctypes.c_bool(world.mode.seals))
            assert self.library.sim_enter() == 0, world.name

    def mistakes(self, trial: Trial) -> list[str]:
        """What is answered otherwise than the statement says."""
        self.build(trial.world)
        return self.answers(trial)

    def answers(self, trial: Trial) -> list[str]:
        """The same of the filters that are there already."""
        errors = (ctypes.c_int * len(trial.calls))()
        self.library.sim_verdicts(ctypes.c_size_t(len(trial.calls)), trial.calls, errors)
        if bytes(errors) == bytes(trial.expected):
            return []
        return [
            f"{trial.world.name}: {name} is {got}, should be {expected}"
            for name, got, expected in zip(trial.names, errors, trial.expected)
            if got != expected
        ]
