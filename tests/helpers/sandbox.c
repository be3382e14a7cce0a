/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * ce_sandbox(): opening, limiting and entering in one call, and what is left when a part of it fails.
 */
#include <capsicum_easy.h>
#include <criterion/criterion.h>

#include "../linux/child.h"
#include "../linux/levels.h"
#include "kernel.h"

/* A directory with a file "in" that says "input". */
static const char *make_directory(void)
{
	static char path[] = "/tmp/ce-sandbox-XXXXXX";
	char name[64];
	int fd;

	CHECK(mkdtemp(path) != NULL);
	snprintf(name, sizeof(name), "%s/in", path);
	fd = open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && write(fd, "input", 5) == 5 && close(fd) == 0);
	return path;
}

/* Capability mode can not remove it: its parent does. */
static void remove_directory(const char *path)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -r %s", path);
	CHECK(system(command) == 0);
}

static const char *directory;
static char input[64];
static char output[64];

static void opens_limits_and_enters(void)
{
	struct ce_opening plan[] = {
		{ .path = directory, .flags = O_DIRECTORY, .descriptor.rights = CE_SET(CAP_LOOKUP, CAP_READ) },
		{ .path = input, .flags = O_RDONLY, .descriptor.rights = CE_SET(CAP_READ) },
		{ .path = output,
		  .flags = O_WRONLY | O_CREAT,
		  .create_mode = 0640,
		  .descriptor.rights = CE_SET(CAP_WRITE) },
		{ .descriptor = { .fd = scratch_file(), .rights = CE_SET(CAP_READ, CAP_WRITE) } },
	};
	char text[8];
	struct stat status;
	size_t failed = 77;
	int i;

	CHECK(ce_sandbox(plan, 4, CE_SANDBOX_STDIO, &failed) == 0);
	CHECK(failed == 4);
	CHECK(ce_sandboxed());
	for (i = 0; i < 3; i++)
		CHECK(fcntl(plan[i].descriptor.fd, F_GETFD) == FD_CLOEXEC);
	CHECK_WITH(LOOKUPS, 0, openat(plan[0].descriptor.fd, "in", O_RDONLY));
	CHECK_WITH(LOOKUPS, ENOTCAPABLE, openat(plan[0].descriptor.fd, "new", O_WRONLY | O_CREAT, 0600));
	CHECK(read(plan[1].descriptor.fd, text, sizeof(text)) == 5);
	CHECK_FAILS(ENOTCAPABLE, (int)lseek(plan[1].descriptor.fd, 0, SEEK_SET));
	CHECK(write(plan[2].descriptor.fd, "out", 3) == 3);
	CHECK_FAILS(ENOTCAPABLE, fstat(plan[2].descriptor.fd, &status));
	CHECK(write(plan[3].descriptor.fd, "x", 1) == 1);
	CHECK_FAILS(has(TRUNCATION) ? ENOTCAPABLE : ECAPMODE, ftruncate(plan[3].descriptor.fd, 0));
	CHECK_FAILS(ENOTCAPABLE, (int)read(1, text, 1));
	CHECK_FAILS(ECAPMODE, open(input, O_RDONLY));
}

IN_CHILD(sandbox, opens_limits_and_enters)
{
	struct stat status;

	directory = make_directory();
	snprintf(input, sizeof(input), "%s/in", directory);
	snprintf(output, sizeof(output), "%s/out", directory);
	umask(022);
	CHECK_CHILD(opens_limits_and_enters);
	CHECK(stat(output, &status) == 0);
	CHECK((status.st_mode & 0777) == 0640);
	CHECK(status.st_size == 3);
	remove_directory(directory);
}

#ifdef __linux__
IN_CHILD(sandbox, uses_one_filter_for_all_limits)
{
	struct ce_opening plan[3] = { { .path = "/dev/null", .descriptor.rights = CE_SET(CAP_READ) },
				      { .path = "/dev/null", .descriptor.rights = CE_SET(CAP_FSTAT) },
				      { .path = "/dev/zero", .descriptor.rights = CE_SET(CAP_READ) } };
	int status = open("/proc/self/status", O_RDONLY);
	char text[4096];
	ssize_t length;

	CHECK(ce_sandbox(plan, 3, CE_SANDBOX_STDIO, NULL) == 0);
	length = read(status, text, sizeof(text) - 1);
	CHECK(length > 0);
	text[length] = '\0';
	CHECK(strstr(text, "Seccomp_filters:\t2\n") != NULL); /* the limits, capability mode */
}
#endif

IN_CHILD(sandbox, says_which_entry_failed_and_closes_the_others)
{
	struct ce_opening plan[] = {
		{ .path = "/dev/null", .descriptor.rights = CE_SET(CAP_READ) },
		{ .path = "/dev/no-such-thing", .descriptor.rights = CE_SET(CAP_READ) },
		{ .path = "/dev/zero", .descriptor.rights = CE_SET(CAP_READ) },
	};
	size_t failed = 77;

	CHECK_FAILS(ENOENT, ce_sandbox(plan, 3, CE_SANDBOX_STDIO, &failed));
	CHECK(failed == 1);
	CHECK(plan[0].descriptor.fd == -1);
	CHECK(ce_next_descriptor(3) == REPORT_FD);
	CHECK(!ce_sandboxed());
	CHECK(HAS_FILTERS(0));
}

IN_CHILD(sandbox, an_entry_without_a_path_must_be_open)
{
	struct ce_opening plan[] = { { .descriptor = { .fd = 77, .rights = CE_SET(CAP_READ) } } };
	size_t failed = 77;

	CHECK_FAILS(EBADF, ce_sandbox(plan, 1, 0, &failed));
	CHECK(failed == 0);
	CHECK(!ce_sandboxed());
}

IN_CHILD(sandbox, a_limit_that_fails_leaves_nothing_open)
{
	const cap_rights_t invalid = { { 0, 0 } };
	struct ce_opening plan[] = { { .path = "/dev/null", .descriptor.rights = &invalid } };
	size_t failed = 77;

	CHECK_FAILS(EINVAL, ce_sandbox(plan, 1, CE_SANDBOX_OPTIONAL, &failed));
	CHECK(failed == 1);
	CHECK(ce_next_descriptor(3) == REPORT_FD);
	CHECK(!ce_sandboxed());
}

IN_CHILD(sandbox, takes_256_entries_at_most)
{
	static struct ce_opening plan[CE_OPENINGS_MAX + 1];

	CHECK_FAILS(E2BIG, ce_sandbox(plan, CE_OPENINGS_MAX + 1, 0, NULL));
	CHECK(!ce_sandboxed());
}

IN_CHILD(sandbox, a_system_that_enforces_nothing_is_an_error)
{
	struct ce_opening plan[] = { { .path = "/dev/null", .descriptor.rights = CE_SET(CAP_READ) } };

	if (!take_enforcement_away())
		return;
	CHECK_FAILS(ENOSYS, ce_sandbox(plan, 1, CE_SANDBOX_STDIO, NULL));
	CHECK(plan[0].descriptor.fd == -1);
	CHECK_FAILS(ENOSYS, ce_limit_stdio());
}

IN_CHILD(sandbox, a_system_that_enforces_nothing_is_accepted_when_asked)
{
	struct ce_opening plan[] = { { .path = "/dev/null", .flags = O_RDWR, .descriptor.rights = CE_SET(CAP_READ) } };

	if (!take_enforcement_away())
		return;
	CHECK(ce_sandbox(plan, 1, CE_SANDBOX_STDIO | CE_SANDBOX_OPTIONAL, NULL) == 0);
	CHECK(write(plan[0].descriptor.fd, "x", 1) == 1);
	CHECK(!ce_sandboxed());
}
