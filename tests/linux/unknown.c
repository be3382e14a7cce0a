/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Calls that the kernel knows and the policy does not: compiled with the header of other_policy.py, which lacks
 * getppid(2).
 */
#include <criterion/criterion.h>

#include "capsicum_other.h"

#include "child.h"

IN_CHILD(unknown, calls_are_refused_once_anything_is_limited)
{
	CHECK(syscall(SYS_getppid) > 0);
	CHECK(cap_rights_limit(scratch_file(), CE_SET(CAP_READ)) == 0);
	CHECK_FAILS(ENOSYS, syscall(SYS_getppid));
	CHECK(cap_rights_limit(scratch_file(), CE_SET(CAP_READ)) == 0);
	CHECK_FAILS(ENOSYS, syscall(SYS_getppid));
}

IN_CHILD(unknown, calls_are_refused_in_capability_mode)
{
	CHECK(cap_enter() == 0);
	CHECK_FAILS(ENOSYS, syscall(SYS_getppid));
}
