/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Opening anew, by its path or through /proc, what is held already: the new descriptor has no limits. Each attempt
 * works without the sandbox, with the directory that it starts from, and is refused inside; what is left is in
 * docs/linux-differences.md.
 */
#define _GNU_SOURCE
#include <criterion/criterion.h>

#include <sys/shm.h>

#include <capsicum_easy.h>

#include "child.h"
#include "levels.h"

static int directory; /* held, so that anything can be opened at all */
static char file_path[32];

static void make_file(void)
{
	int fd;

	strcpy(file_path, "/tmp/ce-reopen-XXXXXX");
	fd = mkstemp(file_path);
	cr_assert(fd != -1 && write(fd, "x", 1) == 1 && fchmod(fd, 0755) == 0 && close(fd) == 0);
}

static void remove_file(void)
{
	unlink(file_path);
}

TestSuite(reopening, .init = make_file, .fini = remove_file);

static int open_file(int flags)
{
	int fd = open(file_path, flags | O_CLOEXEC);

	CHECK(fd != -1);
	return fd;
}

static int reopen_by_number(int fd, int flags)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return openat(directory, path, flags | O_CLOEXEC);
}

static int reopen_by_path(int fd, int flags)
{
	(void)fd;
	return openat(directory, file_path, flags | O_CLOEXEC);
}

static void hold_directory(void)
{
	directory = open("/usr/share", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(directory != -1);
}

/* Both ways work now, and neither does after entering. */
static void enter_and_reopen(int fd, int flags, const cap_rights_t *rights_inside)
{
	hold_directory();
	CHECK(close(reopen_by_number(fd, flags)) == 0 && close(reopen_by_path(fd, flags)) == 0);
	CHECK(ce_limit(directory, CE_SET(CAP_LOOKUP, CAP_READ, CAP_WRITE, CAP_SEEK, CAP_FSTAT)) == 0);
	CHECK(cap_enter() == 0);
	if (rights_inside != NULL)
		CHECK(ce_limit(fd, rights_inside) == 0);
	CHECK(reopen_by_number(fd, flags) == -1 && (errno == EACCES || errno == ECAPMODE));
	CHECK(reopen_by_path(fd, flags) == -1 && (errno == EACCES || errno == ECAPMODE));
}

IN_CHILD(reopening, of_an_unlimited_file_is_refused)
{
	enter_and_reopen(open_file(O_RDONLY), O_RDONLY, NULL);
}

IN_CHILD(reopening, of_a_file_limited_inside_is_refused)
{
	enter_and_reopen(open_file(O_RDWR), O_RDONLY, CE_SET(CAP_WRITE));
}

IN_CHILD(reopening, of_a_file_to_be_executed_later_is_refused)
{
	enter_and_reopen(open_file(O_RDONLY), O_RDONLY, CE_SET(CAP_READ, CAP_FEXECVE));
}

IN_CHILD(reopening, of_a_file_limited_before_is_refused)
{
	int fd = open_file(O_RDWR);

	CHECK(ce_limit(fd, CE_SET(CAP_READ, CAP_WRITE, CAP_SEEK, CAP_FCNTL)) == 0);
	enter_and_reopen(fd, O_RDONLY, NULL);
}

IN_CHILD(reopening, of_a_file_with_fewer_commands_is_refused)
{
	int fd = open_file(O_RDONLY);

	CHECK(ce_limit_fcntls(fd, 0) == 0);
	enter_and_reopen(fd, O_RDONLY, NULL);
}

IN_CHILD(reopening, of_a_path_is_refused)
{
	int fd = open_file(O_PATH);

	CHECK(ce_limit(fd, CE_SET(CAP_READ, CAP_FEXECVE)) == 0);
	enter_and_reopen(fd, O_RDONLY, NULL);
}

IN_CHILD(reopening, of_a_file_to_execute_to_write_is_refused)
{
	int fd = open_file(O_RDWR);

	CHECK(ce_limit(fd, CE_SET(CAP_READ, CAP_WRITE, CAP_FEXECVE)) == 0);
	enter_and_reopen(fd, O_RDWR, NULL);
}

/* Standard input, most often. */
IN_CHILD(reopening, of_a_device_is_refused)
{
	int fd = open("/dev/null", O_RDWR);

	hold_directory();
	CHECK(close(reopen_by_number(fd, O_RDWR)) == 0);
	CHECK(cap_enter() == 0);
	CHECK(reopen_by_number(fd, O_RDWR) == -1 && (errno == EACCES || errno == ECAPMODE));
	CHECK(openat(directory, "/dev/null", O_RDONLY) == -1 && (errno == EACCES || errno == ECAPMODE));
}

/* What /proc has of the process itself, but namespaces, is as any file: it takes a directory above it. */
IN_CHILD(reopening, of_what_proc_has_is_refused)
{
	static const char *const names[] = { "mem", "maps", "fdinfo/0", "comm", "task", "fd", "exe", "cwd", "root" };
	const int eventfd = (int)syscall(SYS_eventfd2, 7, 0);
	char path[64];
	size_t i;

	CHECK(eventfd != -1 && ce_limit(eventfd, CE_SET(CAP_EVENT)) == 0);
	hold_directory();
	for (i = 0; i <= sizeof(names) / sizeof(names[0]); i++) {
		if (i < sizeof(names) / sizeof(names[0]))
			snprintf(path, sizeof(path), "/proc/self/%s", names[i]);
		else
			snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", eventfd); /* has the counter */
		CHECK(close(openat(directory, path, O_RDONLY)) == 0);
	}
	CHECK(cap_enter() == 0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "/proc/self/%s", names[i]);
		CHECK(openat(directory, path, O_RDONLY) == -1 && (errno == EACCES || errno == ECAPMODE));
	}
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", eventfd);
	CHECK(openat(directory, path, O_RDONLY) == -1 && (errno == EACCES || errno == ECAPMODE));
}

/* The documented gap: what is to be executed is opened by its path by the kernel too. */
IN_CHILD(reopening, of_a_file_to_execute_to_read_is_not)
{
	int fd = open_file(O_RDONLY);

	CHECK(ce_limit(fd, CE_SET(CAP_READ, CAP_FEXECVE)) == 0);
	hold_directory();
	CHECK(cap_enter() == 0);
	CHECK_FAILS(ENOTCAPABLE, lseek(fd, 0, SEEK_SET));
	if (ce_landlock_abi_() == 0)
		return;
	CHECK(lseek(reopen_by_path(fd, O_RDONLY), 0, SEEK_SET) == 0);
}

/* The documented gap: Landlock does not mediate what is on no file system that can be mounted. */
IN_CHILD(reopening, of_what_has_no_file_system_is_not)
{
	int memory = (int)syscall(SYS_memfd_create, "memory", 0), ends[2];

	CHECK(memory != -1 && write(memory, "x", 1) == 1 && pipe(ends) == 0);
	CHECK(ce_limit(memory, CE_SET(CAP_FSTAT)) == 0 && ce_limit(ends[0], CE_SET(CAP_FSTAT)) == 0);
	hold_directory();
	CHECK(cap_enter() == 0);
	if (ce_landlock_abi_() == 0)
		return;
	CHECK(reopen_by_number(memory, O_RDWR) != -1 && reopen_by_number(ends[0], O_RDWR) != -1);
	CHECK(openat(directory, "/proc/self/ns/uts", O_RDONLY) != -1);
}

/* On FreeBSD as here: whoever leaves a directory open has it, however it was opened. */
/* Root can open what is mapped, to write too, though the mapping never can be written and no descriptor is left. */
IN_CHILD(reopening, of_shared_memory_mapped_for_reading_is_not)
{
	const size_t size = (size_t)sysconf(_SC_PAGESIZE);
	const int segment = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);
	const char *mapped = shmat(segment, NULL, SHM_RDONLY);
	char path[80];
	int fd;

	if (segment == -1) /* a kernel without them */
		return;
	CHECK(shmctl(segment, IPC_RMID, NULL) == 0 && mapped != (void *)-1);
	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx", (unsigned long)mapped,
		 (unsigned long)mapped + size);
	hold_directory();
	fd = openat(directory, path, O_RDWR | O_CLOEXEC);
	if (fd == -1) /* an ordinary user, or root of a container */
		return;
	close(fd);
	CHECK(ce_enter() == 0);
	fd = openat(directory, path, O_RDWR | O_CLOEXEC);
	CHECK(fd == -1 ? !has(LOOKUPS) : pwrite(fd, "x", 1, 0) == 1 && *mapped == 'x');
}

IN_CHILD(reopening, from_a_directory_opened_by_path_only_is_possible)
{
	directory = open("/usr", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(directory != -1 && cap_enter() == 0);
	if (ce_landlock_abi_() > 0)
		CHECK(openat(directory, "share", O_RDONLY) != -1);
	CHECK(openat(directory, "../etc/passwd", O_RDONLY) == -1 && (errno == EACCES || errno == ECAPMODE));
}
