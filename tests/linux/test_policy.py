# SPDX-License-Identifier: BSD-2-Clause
"""The filters that the library builds, run by a simulated kernel (simulator.c) and compared with statement.py; the policy
against the kernel's own list of system calls."""

from __future__ import annotations

import os
import random
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
import simulation
import statement as st
from simulation import OPEN, Simulator, World
from statement import Limit, Rights

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "gen"))

import policy  # noqa: E402

#: Where the numbers are in the system's headers, and in those that Zig brings, which are newer.
HEADERS = {
    "x86-64": ["x86_64-linux-gnu/asm/unistd_64.h", "asm/unistd_64.h", "x86-linux-any/asm/unistd_64.h"],
    "aarch64": [
        "aarch64-linux-gnu/asm/unistd_64.h",
        "aarch64-linux-gnu/asm/unistd.h",
        "aarch64-linux-any/asm/unistd_64.h",
    ],
}


@pytest.fixture(scope="module", params=simulation.ARCHITECTURES)
def architecture(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def simulator(architecture: str) -> Simulator:
    return Simulator(os.environ["SIMULATOR_" + architecture.replace("-", "_").upper()])


WORLDS = [*simulation.limit_worlds(), *simulation.mode_worlds()]


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_filters_answer_as_stated(world: World, architecture: str, simulator: Simulator) -> None:
    mistakes = simulator.mistakes(simulation.trial(world, architecture))
    assert not mistakes, "\n".join([f"{len(mistakes)} mistakes", *mistakes[:20]])


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_limits_are_read_back(world: World, simulator: Simulator) -> None:
    simulator.build(world)
    limits = world.limits()
    for number in world.descriptors:
        limit = limits.get(number, Limit(simulation.ALL))
        count = None if limit.ioctls is None else len(limit.ioctls)
        assert simulator.get(number) == (limit.rights, limit.fcntls, count)


def test_all_rights_are_those_of_the_statement(simulator: Simulator) -> None:
    assert simulator.all_rights() == simulation.ALL


def test_landlock_confines_and_no_core_is_dumped(simulator: Simulator) -> None:
    for world in simulation.mode_worlds():
        simulator.build(world)
        assert world.mode is not None
        assert simulator.library.sim_restricted() == (world.mode.landlock > 0)
        assert not simulator.library.sim_cores()


def random_subset(chance: random.Random, rights: Rights) -> Rights:
    return rights[0] & chance.getrandbits(44), rights[1] & chance.getrandbits(23)


@pytest.mark.parametrize("seed", range(20))
def test_limits_only_shrink(seed: int, simulator: Simulator, architecture: str) -> None:
    """Random limits, on descriptors that have some: what grows is refused, what shrinks is what is read back."""
    chance = random.Random(seed)
    simulator.library.sim_reset(7, False)
    present: dict[int, Limit] = {}
    for number in range(3, 9):
        simulator.library.sim_descriptor(number, OPEN)
        present[number] = Limit(simulation.ALL)
    for _ in range(40):
        number = chance.randrange(3, 9)
        before = present[number]
        commands = before.ioctls if before.ioctls is not None else [0x5451, 0x541B, 0x5421, 0x89E0]
        wanted = Limit(
            random_subset(chance, chance.choice((before.rights, before.rights, simulation.ALL))),
            fcntls=before.fcntls & chance.choice((0x78, 0x18, 8)),
            ioctls=chance.sample(commands, chance.randrange(len(commands) + 1)) + chance.choice(([], [], [0x1234])),
        )
        grows = not before.has(wanted.rights) or (
            before.ioctls is not None and before.has(st.IOCTL) and not set(wanted.ioctls or []) <= set(before.ioctls)
        )
        error = simulator.limit({number: wanted})
        assert error == (st.ENOTCAPABLE if grows else 0)
        if not grows:
            present[number] = wanted
        for other, limit in present.items():
            count = None if limit.ioctls is None else len(limit.ioctls)
            assert simulator.get(other) == (limit.rights, limit.fcntls, count)


def test_equal_limits_need_no_filter(simulator: Simulator) -> None:
    world = next(world for world in WORLDS if world.name == "lists of commands")
    simulator.build(world)
    assert simulator.library.sim_filters() == 1
    assert simulator.limit(world.steps[0]) == 0
    assert simulator.library.sim_filters() == 1


def test_a_command_that_is_listed_twice_is_looked_for_once(simulator: Simulator) -> None:
    def length(commands: Iterable[int]) -> int:
        simulator.build(World("a list", {3: OPEN}, [{3: Limit(simulation.ALL, ioctls=list(commands))}]))
        return int(simulator.library.sim_length(0))

    assert length([1] * 256) < length(range(1, 513, 2)) - 255


def test_filters_of_another_policy_are_not_relied_on(simulator: Simulator, architecture: str) -> None:
    """A filter does not repeat what earlier ones refuse; but these may come from a program with an older policy."""
    first, second = Limit(st.both(st.READ, st.WRITE, st.MMAP_R)), Limit(st.both(st.READ, st.MMAP_R))
    world = World("aged", {3: OPEN}, [{3: first}])
    simulator.build(world)
    assert simulator.limit({3: second}) == 0
    relying = simulator.library.sim_length(1)
    simulator.build(world)
    simulator.library.sim_age()
    assert simulator.limit({3: second}) == 0
    assert simulator.library.sim_length(1) > relying
    simulator.library.sim_forget(1)
    alone = simulation.trial(World("alone", {3: OPEN}, [{3: second}]), architecture)
    assert simulator.answers(alone) == []


def test_an_equal_limit_of_another_policy_is_made_anew(simulator: Simulator, architecture: str) -> None:
    """It is refused by the other policy's filter only, which may refuse less."""
    limit = Limit(st.both(st.READ, st.WRITE, st.MMAP_R))
    world = World("aged", {3: OPEN}, [{3: limit}])
    simulator.build(world)
    simulator.library.sim_age()
    assert simulator.limit({3: limit}) == 0
    simulator.library.sim_forget(1)
    alone = simulation.trial(World("alone", {3: OPEN}, [{3: limit}]), architecture)
    assert simulator.answers(alone) == []


# ---- the kernel's system calls --------------------------------------------------------------------------------------


def numbers_in_header(path: Path) -> dict[str, int]:
    return {
        name: int(number)
        for name, number in re.findall(r"^#define __NR_(\w+)\s+(\d+)\s*$", path.read_text(encoding="utf-8"), re.M)
    }


def include_directories() -> list[Path]:
    """The system's, and those of the Zig compiler that the tests may have been given."""
    directories = [Path("/usr/include")]
    if os.environ.get("ZIG"):
        answer = subprocess.run(
            [*shlex.split(os.environ["ZIG"]), "env"], capture_output=True, text=True, check=True
        ).stdout
        match = re.search(r'lib_dir\W+"([^"]+)"', answer)
        assert match is not None, answer
        directories.append(Path(match[1]) / "libc" / "include")
    return directories


def test_table_knows_every_call_of_the_kernel_headers(architecture: str) -> None:
    table = {call.name: call.numbers[architecture] for call in policy.read().calls}
    found = [
        header
        for directory in include_directories()
        for header in (directory / name for name in HEADERS[architecture])
        if header.exists()
    ]
    if not found:
        pytest.skip(f"no kernel headers for {architecture}")
    for header in found:
        numbers = numbers_in_header(header)
        if not numbers and "#include <asm/unistd_64.h>" in header.read_text(encoding="utf-8"):
            continue  # from Linux 6.11 on it has none itself, and that one is looked at too
        assert len(numbers) > 250, f"{header} is not what it seems"
        unknown = {name: number for name, number in numbers.items() if table.get(name) != number}
        assert not unknown, f"{header} has calls that gen/policy has not, or with other numbers"


def test_table_has_the_numbers_of_linux(architecture: str) -> None:
    """The list in tests/data came from Linux 7.2's headers, and the table knows these calls and no others."""
    numbers = {name: by.get(architecture) for name, by in simulation.system_calls().items()}
    assert {call.name: call.numbers[architecture] for call in policy.read().calls} == numbers


def test_rules_fit_a_signature() -> None:
    """filter.h keeps one bit for each clause of a rule."""
    assert max(len(call.limited) for call in policy.read().calls) <= 64
