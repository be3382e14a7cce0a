# SPDX-License-Identifier: BSD-2-Clause
"""Each function of the C header has its counterpart in the package, or a reason to have none."""

import os
import re
from pathlib import Path

import pycapsicum
import pytest

COUNTERPARTS = {
    "ce_accept": "accept",
    "ce_call_needs": "needs",
    "ce_describe": "describe",
    "ce_dup": "dup",
    "ce_enforcement": "enforcement",
    "ce_enter": "enter",
    "ce_explain": "explain",
    "ce_explain_lost": "explain_lost",
    "ce_get_fcntls": "fcntls_get",
    "ce_get_ioctls": "ioctls_get",
    "ce_get_rights": "CapRights.get",
    "ce_getmode": "getmode",
    "ce_limit": "CapRights.limit",
    "ce_limit_each": "sandbox",
    "ce_limit_fcntls": "fcntls_limit",
    "ce_limit_ioctls": "ioctls_limit",
    "ce_limit_stdio": "limit_stdio",
    "ce_limit_stream": "limit_stream",
    "ce_missing": "missing",
    "ce_open": "open",
    "ce_open_directory": "opendir",
    "ce_openat": "openat",
    "ce_pdwait": "Process.wait",
    "ce_pipe": "pipe",
    "ce_prepare": "prepare",
    "ce_right_allows": "allows",
    "ce_rights_clear": "CapRights.clear",
    "ce_rights_contains": "CapRights.contains",
    "ce_rights_equal": "CapRights.__eq__",
    "ce_rights_format": "CapRights.__str__",
    "ce_rights_intersect": "CapRights.__and__",
    "ce_rights_is_empty": "CapRights.__bool__",
    "ce_rights_is_set": "CapRights.is_set",
    "ce_rights_is_valid": "CapRights.is_valid",
    "ce_rights_merge": "CapRights.merge",
    "ce_rights_next": "CapRights.__iter__",
    "ce_rights_parse": "CapRights",
    "ce_rights_remove": "CapRights.remove",
    "ce_rights_set": "CapRights.set",
    "ce_sandbox": "sandbox",
    "ce_sandboxed": "sandboxed",
    "ce_socket": "socket",
    "ce_socketpair": "socketpair",
    "ce_strerror": "strerror",
    "ce_take": "take",
}
WITHOUT = {
    "a right is a constant of the module, by its name": (
        "ce_right_at",
        "ce_right_by_name",
        "ce_right_by_name_n",
        "ce_right_count",
        "ce_right_is_valid",
        "ce_right_name",
        "ce_right_name_at",
    ),
    "an error about a name says the nearest": ("ce_right_nearest",),
    "docs/which-right.md and capeasy show say it": ("ce_right_doc",),
    "what a descriptor without limits has, minus the set": ("ce_rights_complement",),
    "prepare() reads what Python's libraries read late": (
        "ce_cache_libc",
        "ce_cache_locale",
        "ce_cache_messages",
        "ce_cache_timezone",
    ),
    "explain() says it of a call that was refused, explain_lost() of what was lost": ("ce_call_advice", "ce_lost"),
    "capeasy need lists the calls": ("ce_call_name_at",),
    "the policy by number is for tools that watch system calls": (
        "ce_system_call_in_mode",
        "ce_system_call_is_free",
        "ce_system_call_needs",
    ),
    "os.listdir('/dev/fd') before capability mode": ("ce_next_descriptor",),
    "limit_stream() limits at once; an entry of a list is C's": ("ce_stream",),
}


def public_functions() -> set[str]:
    header = Path(os.environ["CE_BUILD"], "capsicum_easy.h").read_text(encoding="utf-8")
    return set(re.findall(r"(?m)^CE_API (?:CE_CHECKED_ )?[\w *]*?\b(ce_\w+)\(", header))


def test_each_function_of_the_header_has_a_counterpart_or_a_reason():
    assert {*COUNTERPARTS, *(name for names in WITHOUT.values() for name in names)} == public_functions()


@pytest.mark.parametrize("name", sorted(set(COUNTERPARTS.values())))
def test_the_counterpart_is_there(name):
    found = pycapsicum
    for part in name.split("."):
        found = getattr(found, part)
    assert callable(found) and found.__doc__
