/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * <capsicum_helpers.h>: FreeBSD's names, with FreeBSD's meaning, but ENOSYS is ignored only by a program built with
 * CAPH_IGNORE_ENOSYS. Built both ways.
 */
#include <capsicum_helpers.h>

/* What FreeBSD's includes for its programs: nothing else is included yet. */
struct included {
	struct winsize size;
	struct termios settings;
	nl_catd catalog;
	time_t now;
	char path[MAXPATHLEN];
};

#include <criterion/criterion.h>

#include "../linux/child.h"
#include "kernel.h"

IN_CHILD(caph, limits_a_stream)
{
	cap_rights_t expected, rights;
	uint32_t fcntls;
	int fd = scratch_file();

	caph_stream_rights(&expected, CAPH_READ | CAPH_LOOKUP);
	CHECK(ce_rights_is_set(&expected, CAP_LOOKUP) && !ce_rights_is_set(&expected, CAP_WRITE));
	CHECK(caph_limit_stream(fd, CAPH_READ | CAPH_LOOKUP) == 0);
	CHECK(cap_rights_get(fd, &rights) == 0);
	CHECK(ce_rights_equal(&rights, &expected));
	CHECK(cap_fcntls_get(fd, &fcntls) == 0 && fcntls == CAP_FCNTL_GETFL);
	CHECK_FAILS(EBADF, caph_limit_stream(77, CAPH_READ));
	CHECK(caph_limit_stream(77, CAPH_READ | CAPH_IGNORE_EBADF) == 0);
}

IN_CHILD(caph, limits_standard_streams)
{
	char byte = 'x';
	int fd = scratch_file();

	CHECK(dup2(fd, 0) == 0 && dup2(fd, 1) == 1 && dup2(fd, 2) == 2);
	CHECK(caph_limit_stdin() == 0);
	CHECK_FAILS(ENOTCAPABLE, (int)write(0, &byte, 1));
	CHECK(caph_limit_stdout() == 0);
	CHECK_FAILS(ENOTCAPABLE, (int)read(1, &byte, 1));
	CHECK(caph_limit_stderr() == 0);
	CHECK_FAILS(ENOTCAPABLE, (int)read(2, &byte, 1));
	CHECK(caph_limit_stdio() == 0);
}

IN_CHILD(caph, limits_and_enters)
{
	const unsigned long command = 0x5401;
	cap_rights_t rights;
	int fd = scratch_file();

	cap_rights_init(&rights, CAP_READ, CAP_IOCTL, CAP_FCNTL);
	CHECK(caph_rights_limit(fd, &rights) == 0);
	CHECK(caph_ioctls_limit(fd, &command, 1) == 0);
	CHECK(caph_fcntls_limit(fd, CAP_FCNTL_GETFL) == 0);
	CHECK_FAILS(ENOTCAPABLE, caph_fcntls_limit(fd, CAP_FCNTL_SETFL));
	CHECK_FAILS(ENOTCAPABLE, caph_ioctls_limit(fd, (const unsigned long[]){ 1 }, 1));
	caph_cache_tzdata();
	caph_cache_catpages();
	CHECK(caph_enter() == 0);
	CHECK(cap_sandboxed());
}

/* One call that says ENOSYS is no reason to go on where the system can enforce what was asked for. */
IN_CHILD(caph, ignores_no_failure_of_a_system_that_enforces)
{
	CHECK(ce_enforcement() != 0);
	errno = ENOSYS;
	CHECK(caph_result_(-1) == -1 && errno == ENOSYS);
}

#ifdef CAPH_IGNORE_ENOSYS
#define CHECK_ENOSYS(call) CHECK((call) == 0)
#else
#define CHECK_ENOSYS(call) CHECK_FAILS(ENOSYS, call)
#endif

IN_CHILD(caph, ignores_enosys_only_when_built_to)
{
	cap_rights_t rights;

	if (!take_enforcement_away())
		return;
	cap_rights_init(&rights, CAP_READ);
	CHECK_ENOSYS(caph_enter());
	CHECK_ENOSYS(caph_rights_limit(0, &rights));
	CHECK_ENOSYS(caph_ioctls_limit(0, NULL, 0));
	CHECK_ENOSYS(caph_fcntls_limit(0, 0));
	CHECK_ENOSYS(caph_limit_stream(0, CAPH_READ));
	CHECK_ENOSYS(caph_limit_stdio());
	CHECK_FAILS(EBADF, caph_rights_limit(77, &rights));
	CHECK(!cap_sandboxed());
}
