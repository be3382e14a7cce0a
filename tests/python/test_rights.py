# SPDX-License-Identifier: BSD-2-Clause
"""CapRights as a value: what it is made of, compares, combines, prints and pickles as."""

import copy
import pickle

import pycapsicum
import pytest
from pycapsicum import CapRights


def test_made_of_nothing():
    assert CapRights().caps == []
    assert CapRights(None).caps == []
    assert CapRights([]).caps == []
    assert CapRights("").caps == []


@pytest.mark.parametrize(
    "caps",
    [
        ["CAP_READ", "CAP_EVENT"],
        ("CAP_EVENT", "CAP_READ"),
        {"CAP_READ", "CAP_EVENT"},
        iter(["CAP_READ", "CAP_EVENT"]),
        "CAP_READ, CAP_EVENT",
        [pycapsicum.CAP_READ, pycapsicum.CAP_EVENT],
        ["CAP_READ", pycapsicum.CAP_EVENT],
        [CapRights("CAP_READ"), "CAP_EVENT"],
        CapRights(["CAP_READ", "CAP_EVENT"]),
    ],
    ids=["list", "tuple", "set", "iterator", "text", "constants", "mixed", "nested", "CapRights"],
)
def test_made_of(caps):
    assert CapRights(caps).caps == ["CAP_READ", "CAP_EVENT"]


def test_made_of_one():
    assert CapRights("CAP_READ").caps == ["CAP_READ"]
    assert CapRights(pycapsicum.CAP_READ).caps == ["CAP_READ"]
    assert CapRights(caps=["CAP_READ"]).caps == ["CAP_READ"]


def test_caps_are_in_the_order_of_the_header():
    assert CapRights(["CAP_READ", "CAP_MMAP", "CAP_LOOKUP"]).caps == ["CAP_READ", "CAP_MMAP", "CAP_LOOKUP"]
    assert CapRights(["CAP_LOOKUP", "CAP_MMAP", "CAP_READ"]).caps == ["CAP_READ", "CAP_MMAP", "CAP_LOOKUP"]


def test_caps_are_all_the_names_that_are_set():
    assert CapRights(["CAP_PREAD"]).caps == ["CAP_READ", "CAP_SEEK_TELL", "CAP_SEEK", "CAP_PREAD"]
    assert CapRights(["CAP_MKDIRAT"]).caps == ["CAP_LOOKUP", "CAP_MKDIRAT"]


def test_made_again():
    rights = CapRights("CAP_READ")
    rights.__init__("CAP_WRITE")
    assert rights.caps == ["CAP_WRITE"]
    rights.__init__()
    assert rights.caps == []


@pytest.mark.parametrize(
    "caps, message",
    [
        ("CAP_REED", "'CAP_REED' is no right; the nearest is 'CAP_READ'"),
        (["CAP_REED"], "'CAP_REED' is no right; the nearest is 'CAP_READ'"),
        ("CAP_IOCTL, REED", "'REED' at position 11 of 'CAP_IOCTL, REED' is no right; the nearest is 'CAP_READ'"),
        ("CAP_READ\0", r"'CAP_READ\x00' is no right"),
        ("\N{SNOWMAN}", "'\N{SNOWMAN}' is no right"),
    ],
)
def test_a_name_that_is_no_right(caps, message):
    with pytest.raises(ValueError) as caught:
        CapRights(caps)
    assert str(caught.value) == message


MIXED = pycapsicum.CAP_READ | pycapsicum.CAP_EVENT  # of different words


@pytest.mark.parametrize("constant", [0, 1, -1, 1 << 64, True, MIXED, 1 << 57 | 1 << 56])
def test_a_constant_that_is_no_right(constant):
    for caps in constant, [constant]:
        with pytest.raises(ValueError, match=f"^{constant!r} is no right"):
            CapRights(caps)


@pytest.mark.parametrize("caps", [b"CAP_READ", bytearray(b"x"), 1.5, [None], [["CAP_READ"]], [b"CAP_READ"], object])
def test_what_no_rights_can_be_made_of(caps):
    with pytest.raises(TypeError, match="^rights are names, CAP_ constants, a CapRights or a list of them, not "):
        CapRights(caps)


def test_an_iterator_that_fails():
    def failing():
        yield "CAP_READ"
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        CapRights(failing())


def test_set_and_clear():
    rights = CapRights()
    assert rights.set(["CAP_READ", "CAP_EVENT"]) is None
    assert rights.caps == ["CAP_READ", "CAP_EVENT"]
    assert rights.clear(["CAP_READ", "CAP_FLOCK"]) is None
    assert rights.caps == ["CAP_EVENT"]


def test_clear_takes_every_bit_of_a_name():
    rights = CapRights(["CAP_MKDIRAT", "CAP_READ"])
    rights.clear(["CAP_MKDIRAT"])
    assert rights.caps == ["CAP_READ"]


def test_a_failure_leaves_the_rights_alone():
    rights = CapRights("CAP_READ")
    for change in rights.set, rights.clear, rights.merge, rights.remove, rights.__init__:
        with pytest.raises(ValueError):
            change(["CAP_READ", "CAP_WRITE", "CAP_NONSENSE"])
        assert rights.caps == ["CAP_READ"]


def test_is_set_means_all_of_them():
    rights = CapRights(["CAP_READ", "CAP_EVENT"])
    assert rights.is_set(["CAP_READ"]) is True
    assert rights.is_set(["CAP_READ", "CAP_EVENT"]) is True
    assert rights.is_set(["CAP_READ", "CAP_WRITE"]) is False
    assert rights.is_set(["CAP_WRITE", "CAP_READ"]) is False
    assert rights.is_set(["CAP_SEEK"]) is False
    assert rights.is_set([]) is True
    assert rights.is_set("CAP_READ, CAP_EVENT") is True


def test_is_set_of_a_part_is_not_the_whole():
    assert CapRights("CAP_SEEK_TELL").is_set(["CAP_SEEK"]) is False
    assert CapRights("CAP_SEEK").is_set(["CAP_SEEK_TELL"]) is True


def test_is_valid():
    assert CapRights().is_valid() is True
    assert CapRights("CAP_READ").is_valid() is True


def test_merge_remove_contains():
    rights, other = CapRights(["CAP_READ"]), CapRights(["CAP_MMAP", "CAP_EVENT"])
    assert rights.merge(other) is None
    assert rights.caps == ["CAP_READ", "CAP_MMAP", "CAP_EVENT"]
    assert rights.contains(other) is True
    assert other.contains(rights) is False
    assert rights.contains(CapRights()) is True
    assert rights.remove(other) is None
    assert rights.caps == ["CAP_READ"]
    assert other.caps == ["CAP_MMAP", "CAP_EVENT"]


def test_documented_argument_names():
    rights = CapRights()
    rights.set(caplist=["CAP_READ"])
    rights.clear(caplist=["CAP_WRITE"])
    assert rights.is_set(caplist=["CAP_READ"])
    rights.merge(otherCR=CapRights("CAP_WRITE"))
    rights.remove(otherCR=CapRights("CAP_READ"))
    assert rights.contains(otherCR=CapRights("CAP_WRITE"))


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda rights: rights.set(), r"set\(\) missing required argument 'caplist'"),
        (lambda rights: rights.set([], []), r"set\(\) takes at most 1 argument \(2 given\)"),
        (lambda rights: rights.set([], caplist=[]), r"set\(\) (takes at most 1 argument|got multiple values)"),
        (lambda rights: rights.set(list=[]), r"set\(\) missing required argument 'caplist'|invalid keyword argument"),
        (lambda rights: CapRights([], []), "takes at most 1 argument"),
        (lambda rights: CapRights(rights=[]), "invalid keyword argument|unexpected keyword argument"),
    ],
)
def test_wrong_arguments(call, message):
    with pytest.raises(TypeError, match=message):
        call(CapRights())


def test_equality():
    assert CapRights("CAP_READ") == CapRights(["CAP_READ"])
    assert not CapRights("CAP_READ") != CapRights(["CAP_READ"])
    assert CapRights("CAP_READ") != CapRights("CAP_WRITE")
    assert CapRights("CAP_READ") != CapRights("CAP_READ, CAP_EVENT")
    assert CapRights("CAP_READ") != "CAP_READ"
    assert CapRights("CAP_READ") != ["CAP_READ"]


def test_order_is_inclusion():
    little, big, other = CapRights("CAP_READ"), CapRights("CAP_READ, CAP_EVENT"), CapRights("CAP_WRITE")
    assert little <= big and little < big and big >= little and big > little
    assert not (big <= little or big < little or little >= big or little > big)
    assert little <= little and little >= little
    assert not (little < little or little > little)
    assert not (little <= other or little >= other or little < other or little > other)
    with pytest.raises(TypeError):
        little <= "CAP_READ"


def test_operators():
    left, right = CapRights("CAP_READ, CAP_EVENT"), CapRights("CAP_READ, CAP_WRITE")
    assert (left | right).caps == ["CAP_READ", "CAP_WRITE", "CAP_EVENT"]
    assert (left & right).caps == ["CAP_READ"]
    assert (left - right).caps == ["CAP_EVENT"]
    assert left.caps == ["CAP_READ", "CAP_EVENT"] and right.caps == ["CAP_READ", "CAP_WRITE"]


def test_operators_in_place():
    rights = same = CapRights("CAP_READ")
    rights |= CapRights("CAP_WRITE, CAP_EVENT")
    assert rights is same and rights.caps == ["CAP_READ", "CAP_WRITE", "CAP_EVENT"]
    rights -= CapRights("CAP_WRITE")
    assert rights is same and rights.caps == ["CAP_READ", "CAP_EVENT"]
    rights &= CapRights("CAP_EVENT")
    assert rights is same and rights.caps == ["CAP_EVENT"]


@pytest.mark.parametrize("other", ["CAP_READ", pycapsicum.CAP_READ, ["CAP_READ"], None])
def test_operators_want_rights(other):
    rights = CapRights()
    for operation in (
        lambda: rights | other,
        lambda: other | rights,
        lambda: rights & other,
        lambda: rights - other,
        lambda: rights.__ior__(other) + 1,
    ):
        with pytest.raises(TypeError):
            operation()


def test_container():
    rights = CapRights("CAP_PREAD")
    assert "CAP_READ" in rights
    assert pycapsicum.CAP_SEEK in rights
    assert CapRights("CAP_READ") in rights
    assert "CAP_WRITE" not in rights
    assert list(rights) == rights.caps
    assert len(rights) == len(rights.caps) == 4
    assert rights and not CapRights()
    with pytest.raises(ValueError, match="nearest is 'CAP_READ'"):
        "CAP_REED" in rights
    with pytest.raises(TypeError):
        None in rights


def test_they_change_so_they_have_no_hash():
    with pytest.raises(TypeError, match="unhashable"):
        hash(CapRights())


def test_text():
    assert str(CapRights("CAP_EVENT,CAP_READ")) == "CAP_READ, CAP_EVENT"
    assert str(CapRights(["CAP_READ", "CAP_SEEK"])) == "CAP_PREAD"
    assert repr(CapRights("CAP_READ, CAP_EVENT")) == "CapRights('CAP_READ, CAP_EVENT')"
    assert repr(CapRights()) == "CapRights('')"
    assert eval(repr(CapRights("CAP_READ"))) == CapRights("CAP_READ")


class Named(CapRights):
    """A subclass with an attribute."""

    def __init__(self, caps=None, name="nobody"):
        super().__init__(caps)
        self.name = name


def test_copies():
    rights = CapRights("CAP_READ, CAP_EVENT")
    for same in (rights.copy(), CapRights(rights), copy.copy(rights), copy.deepcopy(rights)):
        assert same == rights and same is not rights
        same.clear(["CAP_READ"])
        assert rights.caps == ["CAP_READ", "CAP_EVENT"]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(protocol):
    rights = CapRights("CAP_READ, CAP_EVENT")
    assert pickle.loads(pickle.dumps(rights, protocol)) == rights
    named = pickle.loads(pickle.dumps(Named("CAP_READ", "spam"), protocol))
    assert (type(named), named.caps, named.name) == (Named, ["CAP_READ"], "spam")


def test_subclass():
    named = Named(["CAP_READ"], name="spam")
    assert repr(named) == "Named('CAP_READ')"
    assert named == CapRights("CAP_READ")
    assert type(named | CapRights("CAP_WRITE")) is CapRights
    assert type(named.copy()) is Named
    assert copy.copy(named).name == "spam"
    assert CapRights([named]) == named


def test_names_of_other_releases():
    assert CapRights(["CAP_RENAMEAT"]) == CapRights(["CAP_RENAMEAT_SOURCE"])
    assert CapRights(["CAP_POLL_EVENT"]).caps == ["CAP_EVENT"]
    assert pycapsicum.CAP_LINKAT == pycapsicum.CAP_LINKAT_TARGET


NOT_RIGHTS = {"CAP_IOCTLS_ALL"} | {name for name in dir(pycapsicum) if name.startswith("CAP_FCNTL_")}
NAMES = {name for name in dir(pycapsicum) if name.startswith("CAP_")} - NOT_RIGHTS


def test_every_right_is_a_constant():
    assert len(NAMES) >= 80  # in FreeBSD 13
    for name in NAMES:
        assert CapRights([getattr(pycapsicum, name)]) == CapRights([name])
    assert set(CapRights(NAMES).caps) <= NAMES
    assert len(CapRights(NAMES)) >= 80


def test_needs():
    assert pycapsicum.needs("pwrite") == CapRights("CAP_PWRITE")
    assert pycapsicum.needs(call="read(2)") == CapRights("CAP_READ")
    appending = pycapsicum.needs("openat(O_WRONLY | O_CREAT | O_APPEND)")
    assert appending == CapRights("CAP_WRITE, CAP_CREATE, CAP_LOOKUP")
    assert pycapsicum.needs("renameat(source)") == CapRights("CAP_RENAMEAT_SOURCE")
    assert pycapsicum.needs("close") == CapRights()


@pytest.mark.parametrize("call", ["", "spam", "read(", "read(O_SPAM)", "READ"])
def test_needs_no_call(call):
    with pytest.raises(ValueError, match="^no call is known as "):
        pycapsicum.needs(call)


@pytest.mark.parametrize("call", [None, 1, b"read"])
def test_needs_what_is_no_text(call):
    with pytest.raises(TypeError, match=r"^needs\(\) argument 1 must be str, not "):
        pycapsicum.needs(call)


def test_allows():
    assert pycapsicum.allows("CAP_FSTAT") == ["fstat(2)"]
    assert pycapsicum.allows(right=pycapsicum.CAP_ACCEPT) == ["accept(2)", "accept4(2)"]
    assert pycapsicum.allows(CapRights("CAP_EVENT")) == ["poll(2)", "ppoll(2)", "pselect(2)", "select(2)"]
    assert "fcntl(2) (without F_GETLK, F_SETLK, F_SETLKW, F_SETLK_REMOTE)" in pycapsicum.allows("CAP_FCNTL")
    assert pycapsicum.allows("CAP_TTYHOOK") == []


def test_allows_and_needs_agree():
    for name in NAMES:
        for call in pycapsicum.allows(name):
            if " (" not in call:
                assert CapRights(name) & pycapsicum.needs(call)


@pytest.mark.parametrize("right", ["", "CAP_READ, CAP_EVENT", [], ["CAP_READ", "CAP_FSTAT"], CapRights()])
def test_allows_wants_one_right(right):
    with pytest.raises(ValueError, match="is not one right with a name$"):
        pycapsicum.allows(right)
    with pytest.raises(ValueError, match="nearest is 'CAP_READ'"):
        pycapsicum.allows("CAP_REED")
