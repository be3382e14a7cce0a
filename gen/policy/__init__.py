# SPDX-License-Identifier: BSD-2-Clause
"""The Linux policy: what limits and capability mode do to every system call, as stanzas that a person can review.

The stanzas stand beside this file, one theme in each *.policy. A line that starts with '#' is a comment. The rest is:

    value NAME NUMBER  SOURCE            a constant, and the kernel's file that defines it
    set NAME                             values that a condition compares with; what follows is indented by a tab:
        why TEXT                             why they belong together
        MEMBER [NUMBER  REASON]              a constant, a set, or a new constant with its source or reason
    call NAME X86-64 AARCH64             a system call and its numbers ('-': none there); several calls may share what
        limits CLAUSE                        follows, which holds for each of them
        mode CLAUSE
        why TEXT
    access RIGHT                         what Landlock lets a directory with this right be used for
        allows NAME NAME                     names of accesses, as in <linux/landlock.h>
        why TEXT

Values and sets are known to every file, to sets from the next line on. "oracle" in a reason is a measurement on a FreeBSD
kernel (tests/data). A call that no stanza names answers ENOSYS, as soon as anything is limited and in capability mode.

`limits`: what limits on a descriptor do. Any clause that holds refuses the call; "none" stands alone.
    aN RIGHT+RIGHT       the descriptor in argument N needs these rights (CAP_FCNTL_*: the command in its fcntl list)
    aN refused [ERRNO]   refused on a descriptor with any limit
    aN copied            refused on a descriptor with any limit, unless argument 1 lies in the same pool
    aN ioctl             CAP_IOCTL, and the command in argument 1 in the descriptor's ioctl list
    closed [ERRNO]       refused as soon as any descriptor is limited: it would copy a descriptor or act on one unseen
    noexec [ERRNO]       the same, as soon as a descriptor may be mapped but not executed
`mode`: what capability mode does. "yes", "no [ERRNO]" or "ENOSYS", with conditions: "no ..." refuses, "yes ..." allows;
where any "yes" stands the rest is refused, else the rest is allowed. The first that holds decides. Gated by what holds on
entry:
    below N / with N     Landlock's ABI is below / at least N (0: not in use)
    without lookups      Landlock could not be applied to every thread, or no directory with CAP_LOOKUP was held
    unless every RIGHT   not every directory, and file to execute, held at entry grants this right
    unless any RIGHT     no directory held at entry grants this right
    when shut            no directory with CAP_FSTATAT was held, nothing can be executed, and the kernel lets us tell the C
                         library's own empty path from any other: include/linux/enforcement/metadata.h
Conditions: "if TEST and TEST". A test looks at the low 32 bits of an argument, as the kernel does with an int:
    aN == V, aN != V, aN in V V, aN not in V V, each also as aN & MASK ...; aN & MASK: any of these bits;
    aN set: a pointer, all 64 bits; aN named: a pointer that is neither NULL nor that empty path. V is a number, a value, after "in" a set too. "self" is the process that entered.
"""

from __future__ import annotations

from pathlib import Path

from .emitter import emit_accesses as _emit_accesses
from .emitter import emit_calls as _emit_calls
from .model import ARCHITECTURES, Access, Call, Clause, Policy, PolicyError, Test
from .reader import Sources, read_sources

__all__ = [
    "ARCHITECTURES", "DIRECTORY", "Access", "Call", "Clause", "Policy", "PolicyError", "Sources", "Test",
    "emit", "emit_accesses", "read", "sources",
]  # fmt: skip

DIRECTORY = Path(__file__).parent


def sources(directory: Path = DIRECTORY) -> Sources:
    """The text of every file of stanzas, by its name."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(directory.glob("*.policy"))}


def read(texts: Sources | None = None) -> Policy:
    """Read and check all stanzas. Raises PolicyError (`file:line: what`) for whatever is not as said above."""
    return read_sources(sources() if texts is None else texts)


def emit(texts: Sources | None = None) -> str:
    """The calls as C tables, for the types of include/linux/enforcement/policy.h."""
    return _emit_calls(read(texts))


def emit_accesses(texts: Sources | None = None) -> str:
    """What Landlock lets a directory be used for, as a C table for include/linux/enforcement/landlock.h."""
    return _emit_accesses(read(texts))
