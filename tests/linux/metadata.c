/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Metadata of paths in capability mode: refused for every path without a directory of CAP_FSTATAT, while fstat(3) and
 * what the C library does with it go on working. Each attempt is a raw system call that tells something without the
 * sandbox.
 */
#define _GNU_SOURCE
#include <criterion/criterion.h>

#include <sys/mman.h>
#include <sys/resource.h>

#include <capsicum_easy.h>

#include "child.h"

static int directory, file;
static char told[512]; /* a struct stat or statx */

static bool seals(void)
{
	return (ce_enforcement() & CE_ENFORCE_METADATA) != 0;
}

static void enter_with(const cap_rights_t *rights)
{
	directory = open("/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	CHECK(directory != -1 && file != -1 && ce_limit(directory, rights) == 0);
	CHECK(cap_enter() == 0);
}

static long raw_stat(int fd, const char *path, int flags)
{
	return syscall(SYS_newfstatat, fd, path, told, flags);
}

static long raw_statx(int fd, const char *path, int flags)
{
	return syscall(SYS_statx, fd, path, flags, 0xfff, told);
}

/* Everything that tells of a path, from outside the directory, from within it, and of what is not there. */
static void ask_of_paths(const int *expected_of_stat)
{
	static const char *const paths[] = { "/etc/shadow", "/bin/sh", "passwd", "../usr", "no such file" };
	const int error = *expected_of_stat;
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		CHECK_FAILS(error, raw_stat(directory, paths[i], 0));
		CHECK_FAILS(error, raw_stat(directory, paths[i], AT_EMPTY_PATH));
		CHECK_FAILS(error, raw_stat(directory, paths[i], AT_SYMLINK_NOFOLLOW));
		CHECK_FAILS(error, raw_stat(file, paths[i], 0));
		CHECK_FAILS(ENOSYS, raw_statx(directory, paths[i], 0));
		CHECK_FAILS(ENOSYS, raw_statx(file, paths[i], AT_EMPTY_PATH));
		CHECK_FAILS(error, syscall(SYS_faccessat, directory, paths[i], R_OK));
		CHECK_FAILS(error, syscall(SYS_faccessat2, directory, paths[i], R_OK, AT_EMPTY_PATH));
		CHECK_FAILS(error, syscall(SYS_faccessat2, file, paths[i], R_OK, 0));
#ifdef SYS_stat
		CHECK_FAILS(ECAPMODE, syscall(SYS_stat, paths[i], told));
		CHECK_FAILS(ECAPMODE, syscall(SYS_lstat, paths[i], told));
		CHECK_FAILS(ECAPMODE, syscall(SYS_access, paths[i], R_OK));
#endif
	}
}

IN_CHILD(metadata, of_paths_is_there_without_the_sandbox)
{
	directory = open("/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(raw_stat(directory, "/bin/sh", 0) == 0 && raw_stat(directory, "passwd", AT_EMPTY_PATH) == 0);
	CHECK(raw_statx(directory, "passwd", 0) == 0 && syscall(SYS_faccessat, directory, "passwd", R_OK) == 0);
}

IN_CHILD(metadata, of_paths_is_refused_without_a_directory_that_grants_it)
{
	static const int refused = ENOTCAPABLE, without_lookups = ECAPMODE;

	if (!seals())
		return;
	enter_with(CE_SET(CAP_LOOKUP, CAP_READ));
	CHECK(seals());
	ask_of_paths((ce_enforcement() & CE_ENFORCE_LOOKUPS) != 0 ? &refused : &without_lookups);
}

IN_CHILD(metadata, of_paths_is_refused_without_a_directory)
{
	static const int refused = ECAPMODE;

	if (!seals())
		return;
	directory = open("/usr", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	CHECK(ce_limit(directory, CE_SET(CAP_FSTAT, CAP_READ)) == 0 && cap_enter() == 0);
	CHECK(seals());
	ask_of_paths(&refused);
}

IN_CHILD(metadata, of_descriptors_is_told_as_before)
{
	struct stat status;
	FILE *stream;

	enter_with(CE_SET(CAP_LOOKUP, CAP_READ));
	CHECK(fstat(file, &status) == 0 && S_ISREG(status.st_mode));
	CHECK_FAILS(ENOTCAPABLE, fstat(directory, &status));
	CHECK_FAILS(EBADF, fstat(-1, &status));
	CHECK_FAILS(EBADF, fstat(999, &status));
	CHECK(syscall(SYS_fstat, file, told) == 0);
	stream = fdopen(file, "r");
	CHECK(stream != NULL && fgetc(stream) != EOF);
}

/* Without Landlock no path is looked up at all. */
static bool lookups_hold(void)
{
	return (ce_enforcement() & CE_ENFORCE_LOOKUPS) != 0;
}

/* The empty path is known by its address, and any other address is refused, whatever stands there. */
IN_CHILD(metadata, of_an_empty_path_is_told_of_one_address)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const bool refusing = seals();

	CHECK(page != MAP_FAILED);
	enter_with(CE_SET(CAP_LOOKUP, CAP_READ));
	if (!refusing)
		return;
	CHECK(raw_stat(file, page, AT_EMPTY_PATH) == -1);
	CHECK(raw_stat(file, page + 1, AT_EMPTY_PATH) == -1);
	CHECK(raw_statx(file, page, AT_EMPTY_PATH) == -1);
	/* Root can map the page at NULL. */
	CHECK_FAILS(lookups_hold() ? ENOTCAPABLE : ECAPMODE, raw_stat(file, NULL, AT_EMPTY_PATH));
	CHECK_FAILS(lookups_hold() ? ENOTCAPABLE : ECAPMODE, raw_stat(file, NULL, 0));
	CHECK_FAILS(ECAPMODE, raw_stat(AT_FDCWD, NULL, AT_EMPTY_PATH));
}

/* Where the empty path is, as entering finds it out. */
static uint64_t empty_path(void)
{
	struct ce_empty_ empty = { false, 0 };
	int result;

	CHECK(ce_set_no_new_privs_() == 0 && empty.address == 0);
	CHECK(ce_child_run_(ce_empty_child_, &empty, CE_CHILD_SHARES_, &result) && empty.known);
	return empty.address;
}

IN_CHILD(metadata, of_an_empty_path_that_cannot_be_written)
{
	const uint64_t address = empty_path();
	char *const page = (char *)(uintptr_t)(address & ~UINT64_C(4095));
	struct stat status;

	CHECK(filter_count() <= 0);
	if (address == 0 || !seals())
		return;
	CHECK(*(const char *)(uintptr_t)address == '\0');
	enter_with(CE_SET(CAP_LOOKUP, CAP_READ));
	CHECK_FAILS(EPERM, mprotect(page, 4096, PROT_READ | PROT_WRITE));
	CHECK_FAILS(EPERM, munmap(page, 4096));
	CHECK(mremap(page, 4096, 8192, MREMAP_MAYMOVE) == MAP_FAILED && errno == EPERM);
	CHECK(mmap(page, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED);
	CHECK(errno == EPERM);
	CHECK(madvise(page, 4096, MADV_DONTNEED) == 0 || errno == EPERM);
	CHECK_FAILS(ECAPMODE, madvise(page, 4096, MADV_DONTFORK)); /* a child would have no page there */
	CHECK(raw_stat(file, (const char *)(uintptr_t)address, AT_EMPTY_PATH) == 0 && fstat(file, &status) == 0);
	CHECK(raw_stat(file, (const char *)(uintptr_t)(address | UINT64_C(1) << 62), AT_EMPTY_PATH) == -1);
	CHECK(errno == ENOTCAPABLE || errno == ECAPMODE);
}

IN_CHILD(metadata, of_paths_follows_the_directory)
{
	struct stat status;

	enter_with(CE_SET(CAP_LOOKUP, CAP_FSTAT));
	if (ce_landlock_abi_() > 0)
		CHECK(fstatat(directory, "passwd", &status, 0) == 0 && S_ISREG(status.st_mode));
}

/* A memfd is on no file system that Landlock knows: it could be executed, and put a path where the empty one was. */
IN_CHILD(metadata, is_not_won_by_executing)
{
	int memory = (int)syscall(SYS_memfd_create, "program", 0x10 /* MFD_EXEC, from Linux 6.3 on */);
	const bool refusing = seals();

	if (memory == -1)
		memory = (int)syscall(SYS_memfd_create, "program", 0);
	CHECK(write(memory, "x", 1) == 1 && fchmod(memory, 0700) == 0);
	CHECK_FAILS(ENOEXEC, syscall(SYS_execveat, memory, "", (char *[]){ NULL }, NULL, AT_EMPTY_PATH));
	enter_with(CE_SET(CAP_LOOKUP, CAP_READ));
	if (refusing && ce_landlock_abi_() > 0)
		CHECK_FAILS(EACCES, syscall(SYS_execveat, memory, "", (char *[]){ NULL }, NULL, AT_EMPTY_PATH));
}

/* What is held to be executed keeps the gap open, and ce_enforcement() says so. */
IN_CHILD(metadata, is_not_refused_where_something_is_to_be_executed)
{
	const int program = open("/bin/sh", O_RDONLY | O_CLOEXEC);

	CHECK(ce_limit(program, CE_SET(CAP_READ, CAP_FEXECVE)) == 0);
	enter_with(CE_SET(CAP_LOOKUP, CAP_READ));
	if (ce_landlock_abi_() == 0)
		return;
	CHECK(!seals());
	CHECK(raw_stat(file, "/etc/passwd", 0) == 0);
}

/* The gap: an errno tells something of a path. That of O_NOATIME, whose a file is. */
IN_CHILD(metadata, of_paths_shows_in_the_errno_of_openat)
{
	directory = open("/usr", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(ce_limit(directory, CE_SET(CAP_LOOKUP, CAP_READ)) == 0 && cap_enter() == 0);
	if (!lookups_hold())
		return;
	CHECK_FAILS(EACCES, openat(directory, "/etc/passwd", O_RDONLY));
	CHECK_FAILS(ENOENT, openat(directory, "/etc/no such file", O_RDONLY));
	CHECK_FAILS(ENOTDIR, openat(directory, "/etc/passwd", O_RDONLY | O_DIRECTORY));
	CHECK_FAILS(ELOOP, openat(directory, "/proc/self", O_RDONLY | O_NOFOLLOW));
	CHECK_FAILS(geteuid() == 0 ? EACCES : EPERM, openat(directory, "/etc/passwd", O_RDONLY | O_NOATIME));
}

static void forbid_processes(void)
{
	const struct rlimit none = { 0, 0 };

	CHECK(setrlimit(RLIMIT_NPROC, &none) == 0);
	if (geteuid() == 0)
		CHECK(setgid(65534) == 0 && setuid(65534) == 0);
}

/* As OpenSSH does before it enters: the address is then asked for in the process itself. */
IN_CHILD(metadata, needs_no_other_process)
{
	struct stat status;
	const bool refusing = seals();

	forbid_processes();
	CHECK(fork() == -1);
	enter_with(CE_SET(CAP_LOOKUP, CAP_READ));
	CHECK(seals() == refusing && fstat(file, &status) == 0);
	if (refusing)
		CHECK_FAILS(ECAPMODE, raw_stat(AT_FDCWD, "/etc/passwd", 0));
}
