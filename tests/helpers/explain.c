/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * ce_describe(), ce_next_descriptor() and ce_explain(): the very sentences.
 */
#include <capsicum_easy.h>
#include <criterion/criterion.h>

#include <sys/resource.h>

#include "../linux/child.h"

static void check_description(int fd, const char *expected)
{
	char text[512];
	int length = ce_describe(fd, text, sizeof(text));

	if (length != (int)strlen(expected) || strcmp(text, expected) != 0)
		child_fail(__FILE__, __LINE__, text, 0);
}

static void check_sentence(int error, int fd, const char *call, const char *expected)
{
	char text[512];
	int length;

	errno = 77;
	length = ce_explain(error, fd, call, text, sizeof(text));
	CHECK(errno == 77);
	if (length != (int)strlen(expected) || strcmp(text, expected) != 0)
		child_fail(__FILE__, __LINE__, text, 0);
}

/* A descriptor of this number. */
static int numbered(int number)
{
	int fd = scratch_file();

	CHECK(dup2(fd, number) == number);
	if (fd != number)
		close(fd);
	return number;
}

IN_CHILD(explain, describes_a_descriptor)
{
	const unsigned long commands[] = { 0x5401, 0x5413 };
	int fd = numbered(5);

	check_description(fd, "fd 5: all rights; ioctls all; fcntls all");
	CHECK(ce_limit(fd, CE_SET(CAP_READ, CAP_FSTAT, CAP_FCNTL, CAP_IOCTL)) == 0);
	check_description(fd, "fd 5: CAP_READ, CAP_FCNTL, CAP_FSTAT, CAP_IOCTL; ioctls all; fcntls all");
	CHECK(ce_limit_fcntls(fd, CAP_FCNTL_GETFL | CAP_FCNTL_SETOWN) == 0);
	CHECK(ce_limit_ioctls(fd, commands, 2) == 0);
	check_description(
		fd, "fd 5: CAP_READ, CAP_FCNTL, CAP_FSTAT, CAP_IOCTL; ioctls 0x5401, 0x5413; fcntls GETFL, SETOWN");
	CHECK(ce_limit(fd, CE_SET(CAP_READ)) == 0);
	check_description(fd, "fd 5: CAP_READ; ioctls none; fcntls none");
	CHECK(ce_limit(fd, &(const cap_rights_t)CE_NO_RIGHTS) == 0);
	check_description(fd, "fd 5: no rights; ioctls none; fcntls none");
}

IN_CHILD(explain, describes_as_snprintf_does)
{
	int fd = numbered(5);
	char text[16];
	size_t size;

	CHECK(ce_limit(fd, CE_SET(CAP_READ)) == 0);
	CHECK(ce_describe(fd, NULL, 0) == 40);
	for (size = 1; size <= sizeof(text); size++) {
		memset(text, 'X', sizeof(text));
		CHECK(ce_describe(fd, text, size) == 40);
		CHECK(strlen(text) == size - 1);
		CHECK(strncmp(text, "fd 5: CAP_READ; ioctls none", size - 1) == 0);
		CHECK(size == sizeof(text) || text[size] == 'X');
	}
	CHECK_FAILS(EBADF, ce_describe(77, text, sizeof(text)));
	CHECK_FAILS(EBADF, ce_describe(-1, text, sizeof(text)));
}

IN_CHILD(explain, finds_every_descriptor)
{
	CHECK(ce_enter() == 0);
	CHECK(ce_next_descriptor(0) == 0);
	CHECK(ce_next_descriptor(1) == 1);
	CHECK(ce_next_descriptor(3) == REPORT_FD);
	CHECK(ce_next_descriptor(REPORT_FD + 1) == -1);
	close(0);
	errno = 0;
	CHECK(ce_next_descriptor(0) == 1);
	CHECK(errno == 0);
}

#ifdef __linux__
/* It was open before the limit for open files was lowered. */
IN_CHILD(explain, finds_a_descriptor_above_the_limit)
{
	const struct rlimit lowered = { 256, 256 };

	CHECK(setrlimit(RLIMIT_NOFILE, &lowered) == 0 && lowered.rlim_cur < REPORT_FD);
	CHECK(ce_next_descriptor(3) == REPORT_FD);
}
#endif

IN_CHILD(explain, names_the_missing_right)
{
	int fd = numbered(5);

	CHECK(ce_limit(fd, CE_SET(CAP_WRITE, CAP_FSTAT)) == 0);
	check_sentence(ENOTCAPABLE, fd, "pwrite", "pwrite: fd 5 lacks CAP_SEEK; it has CAP_WRITE, CAP_FSTAT");
	check_sentence(ENOTCAPABLE, fd, "read(2)", "read(2): fd 5 lacks CAP_READ; it has CAP_WRITE, CAP_FSTAT");
	check_sentence(ENOTCAPABLE, fd, "no_such_call",
		       "no_such_call: fd 5 is limited; which right this call needs is not known here, capeasy trace "
		       "finds it out; "
		       "it has CAP_WRITE, CAP_FSTAT");
	check_sentence(ENOTCAPABLE, fd, "fdopen", "fdopen: fd 5 lacks CAP_FCNTL; it has CAP_WRITE, CAP_FSTAT");
	check_sentence(ENOTCAPABLE, fd, "dprintf", "dprintf: fd 5 lacks CAP_SEEK; it has CAP_WRITE, CAP_FSTAT");
	check_sentence(ENOTCAPABLE, 6, "read", "read: fd 6 is not open any more");
	check_sentence(ENOTCAPABLE, -1, "read", "read: fd -1 is not open any more");
	check_sentence(EIO, fd, "write", "write: Input/output error");
}

IN_CHILD(explain, says_what_is_refused_beyond_rights)
{
	int fd = numbered(5);

	CHECK(ce_limit(fd, CE_SET(CAP_FCNTL, CAP_IOCTL)) == 0);
	check_sentence(ENOTCAPABLE, fd, "fcntl(F_SETFL)",
		       "fcntl(F_SETFL): fd 5 has CAP_FCNTL, but this command is not among those it is limited to");
	check_sentence(ENOTCAPABLE, fd, "ioctl",
		       "ioctl: fd 5 has CAP_IOCTL, but this command is not among those it is limited to");
	CHECK(ce_limit_fcntls(fd, 0) == 0);
	check_sentence(
		ENOTCAPABLE, fd, "fdopen",
		"fdopen: fd 5 has CAP_FCNTL, but not its command F_GETFL: CAP_FCNTL_GETFL, as ce_stream() leaves it");
	check_sentence(ENOTCAPABLE, fd, "isatty",
		       "isatty: fd 5 has CAP_IOCTL, but not the command for it, as ce_stream() leaves it");
	check_sentence(
		ENOTCAPABLE, fd, "dup",
		"dup: fd 5 can not be copied: limits belong to the number (docs/linux.md); ce_dup copies what was "
		"made or taken with its limits");
}

IN_CHILD(explain, shows_the_way_out)
{
	check_sentence(
		ENOMEM, 5, "ce_limit",
		"ce_limit: Cannot allocate memory; no room for another filter: limit what is known together with "
		"ce_limit_each, and the rest with ce_take or as it is made, which needs no filter for each");
	check_sentence(EBUSY, 5, "ce_enter",
		       "ce_enter: Device or resource busy; another thread has a seccomp filter of its own, or io_uring "
		       "polls for this process: limit and enter before that begins");
	check_sentence(
		EMFILE, 5, "ce_accept",
		"ce_accept: Too many open files; no number without limits is free: close some, raise the soft limit "
		"(RLIMIT_NOFILE), or limit with ce_take instead of ce_limit, which leaves limits behind");
	check_sentence(ENOMEM, 5, "read", "read: Cannot allocate memory");
}

IN_CHILD(explain, says_what_is_refused_beyond_known_rights)
{
	int fd = numbered(5);

	CHECK(ce_limit(fd, CE_SET(CAP_LOOKUP, CAP_READ, CAP_WRITE)) == 0);
	check_sentence(ENOTCAPABLE, fd, "openat",
		       "openat: fd 5 is a directory that the path leaves, or the flags ask for more rights");
	check_sentence(ENOTCAPABLE, fd, "read",
		       "read: fd 5 has the rights that this call is known to need; an argument asks for more");
	check_sentence(EACCES, fd, "openat", "openat: Permission denied");
	CHECK(ce_enter() == 0);
	check_sentence(EACCES, fd, "openat",
		       "openat: Permission denied; perhaps the path leaves the directory, or this was not among the "
		       "directory's rights when capability mode was entered");
}

IN_CHILD(explain, advises_in_capability_mode)
{
	check_sentence(ECAPMODE, -1, "open",
		       "open: capability mode does not permit it; open it before, or beneath a directory descriptor "
		       "with openat");
	check_sentence(
		ECAPMODE, -1, "connect(2)",
		"connect(2): capability mode does not permit it; bind or connect the socket before, or ask the service "
		"system.net (libcasper)");
	check_sentence(ECAPMODE, -1, "mount", "mount: capability mode does not permit it");
	check_sentence(ECAPMODE, -1, "getaddrinfo",
		       "getaddrinfo: capability mode does not permit it; look the name up before, or ask the service "
		       "system.net "
		       "or system.dns (libcasper)");
}

IN_CHILD(explain, advises_about_calls)
{
	CHECK(strcmp(ce_call_advice("getcwd(2)"), "keep a directory descriptor") == 0);
	CHECK(ce_call_advice("read") == NULL);
	CHECK(ce_call_advice("") == NULL);
	CHECK(ce_call_advice(NULL) == NULL);
}

IN_CHILD(explain, lists_calls)
{
	const char *before = "";
	cap_rights_t rights;
	size_t i;

	for (i = 0; ce_call_name_at(i) != NULL; i++) {
		CHECK(strcmp(before, ce_call_name_at(i)) < 0);
		before = ce_call_name_at(i);
		CHECK(ce_call_needs(before, &rights) == 0);
	}
	CHECK(i > 100);
	CHECK(ce_call_name_at(i + 1) == NULL);
}
