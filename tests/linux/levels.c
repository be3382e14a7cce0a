/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Landlock's levels: what capability mode gives where Landlock is older, or absent. Compiled once for each level with
 * CE_LANDLOCK_MAX, which makes the library ask for no more; what the kernel has too little of it has anyway.
 */
#define _GNU_SOURCE
#include <criterion/criterion.h>

#include <ftw.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#ifndef CE_LANDLOCK_MAX
#error "the level is missing: the option has another name, and all levels would be the kernel's"
#endif
#include <capsicum_easy.h>

#include "child.h"
#include "levels.h"

/* ---- a directory beneath which everything is tried ---- */

static char path[64];

static int remove_entry(const char *entry, const struct stat *unused, int type, struct FTW *walk)
{
	(void)unused;
	(void)type;
	(void)walk;
	return remove(entry);
}

static void make_tree(void)
{
	int fd;

	strcpy(path, "/tmp/ce-levels-XXXXXX");
	cr_assert_not_null(mkdtemp(path));
	fd = open(path, O_RDONLY | O_DIRECTORY);
	cr_assert(mkdirat(fd, "from", 0777) == 0 && mkdirat(fd, "to", 0777) == 0);
	close(openat(fd, "from/file", O_RDWR | O_CREAT, 0666));
	close(fd);
	cr_assert(ce_landlock_abi_() <= CE_LANDLOCK_MAX);
}

static void remove_tree(void)
{
	nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(levels, .init = make_tree, .fini = remove_tree);

/* Enters with the directory limited to these rights. */
static int enter_with(const cap_rights_t *rights)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	CHECK(fd != -1 && cap_rights_limit(fd, rights) == 0);
	CHECK(cap_enter() == 0);
	return fd;
}

static int enter_with_all(void)
{
	static const cap_rights_t all = CE_ALL_RIGHTS;

	return enter_with(&all);
}

/* A directory opened beneath: it has no limits of its own, so all that keeps it is Landlock and the filter. */
static int open_beneath(int fd, const char *name)
{
	int beneath = openat(fd, name, O_RDONLY | O_CLOEXEC);

	CHECK(beneath != -1);
	return beneath;
}

/* ---- by level ---- */

IN_CHILD(levels, all_enforce_what_they_say)
{
	const unsigned flags = CE_ENFORCE_RIGHTS | CE_ENFORCE_MODE | (has(LOOKUPS) ? CE_ENFORCE_LOOKUPS : 0) |
			       (has(SIGNALS) ? CE_ENFORCE_SIGNALS : 0) | (ce_can_seal_() ? CE_ENFORCE_METADATA : 0);

	CHECK(ce_enforcement() == flags);
	enter_with_all();
	CHECK(ce_enforcement() == flags);
}

IN_CHILD(levels, from_1_look_up)
{
	int fd = enter_with_all();

	CHECK_WITH(LOOKUPS, 0, openat(fd, "from/file", O_RDWR));
	CHECK_WITH(LOOKUPS, 0, mkdirat(fd, "new", 0700));
	CHECK_WITH(LOOKUPS, EACCES, openat(fd, "..", O_RDONLY));
	CHECK_WITH(LOOKUPS, EACCES, openat(fd, "/etc/passwd", O_RDONLY));
	CHECK_FAILS(ECAPMODE, openat(AT_FDCWD, path, O_RDONLY));
}

/* What is executed is a file that nobody may execute: the kernel comes to say so, unless the filter speaks first. */
IN_CHILD(levels, from_1_execute)
{
	int file = scratch_file();

	enter_with_all();
	CHECK_WITH(LOOKUPS, EACCES, syscall(SYS_execveat, file, "", (char *[]){ NULL }, NULL, AT_EMPTY_PATH));
}

IN_CHILD(levels, from_2_rename_between_directories)
{
	int fd = enter_with_all();

	if (has(LOOKUPS) && !has(MOVES))
		CHECK_FAILS(EXDEV, renameat(fd, "from/file", fd, "to/file"));
	else
		CHECK_WITH(LOOKUPS, 0, renameat(fd, "from/file", fd, "to/file"));
}

/* Below, nothing tells a file from which directory it came: truncating is refused unless all directories allow it. */
IN_CHILD(levels, from_3_truncate_where_it_is_allowed)
{
	int file = scratch_file();
	int fd = enter_with(CE_SET(CAP_LOOKUP, CAP_READ, CAP_WRITE, CAP_SEEK));

	CHECK_WITH(TRUNCATION, 0, ftruncate(file, 10));
	if (!has(LOOKUPS))
		return;
	CHECK_WITH(TRUNCATION, EACCES, openat(open_beneath(fd, "from"), "file", O_WRONLY | O_TRUNC));
	CHECK_WITH(TRUNCATION, EACCES, ftruncate(openat(open_beneath(fd, "from"), "file", O_WRONLY), 10));
}

IN_CHILD(levels, below_3_truncate_if_all_directories_allow_it)
{
	int file = scratch_file();
	int fd = enter_with(CE_SET(CAP_LOOKUP, CAP_READ, CAP_WRITE, CAP_SEEK, CAP_FTRUNCATE));

	CHECK_WITH(LOOKUPS, 0, ftruncate(file, 10));
	CHECK_WITH(LOOKUPS, 0, openat(fd, "from/file", O_WRONLY | O_TRUNC));
}

/* /dev/null answers ENOTTY to what it does not know; below level 5 all but harmless commands are refused. */
IN_CHILD(levels, from_5_command_devices_where_it_is_allowed)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int devices = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int n;

	CHECK(null != -1 && devices != -1);
	CHECK(cap_rights_limit(devices, CE_SET(CAP_LOOKUP, CAP_READ, CAP_WRITE, CAP_SEEK)) == 0);
	enter_with_all();
	CHECK_WITH(DEVICE_COMMANDS, ENOTTY, ioctl(null, TIOCOUTQ, &n));
	CHECK_FAILS(ECAPMODE, ioctl(null, 0x1234, 0));
	CHECK(ioctl(null, FIOCLEX) == 0);
	CHECK_FAILS(ENOTTY, ioctl(null, TCGETS, &n));
	if (has(LOOKUPS))
		CHECK_WITH(DEVICE_COMMANDS, EACCES, ioctl(openat(devices, "null", O_RDONLY), TIOCOUTQ, &n));
}

static void expect_signals_in_child(void)
{
	CHECK(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
	if (has(SIGNALS))
		CHECK(raise(SIGUSR1) == 0);
	else
		CHECK(raise(SIGUSR1) != 0 && errno == ECAPMODE);
}

IN_CHILD(levels, from_6_signal_inside_the_sandbox)
{
	pid_t outside = bystander();
	int outside_fd = (int)syscall(SYS_pidfd_open, outside, 0);
	pid_t inside;
	int pair[2], report[2];
	char answer = 0;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && pipe(report) == 0);
	enter_with_all();
	CHECK_FAILS(ECAPMODE, kill(outside, 0));
	CHECK_WITH(SIGNALS, EPERM, syscall(SYS_tkill, outside, SIGKILL));
	CHECK_WITH(SIGNALS, EPERM, syscall(SYS_tgkill, outside, outside, SIGKILL));
	CHECK_WITH(SIGNALS, EPERM, syscall(SYS_pidfd_send_signal, outside_fd, SIGKILL, NULL, 0));
	CHECK(fcntl(pair[0], F_SETOWN, getpid()) == 0); /* whoever else it would be: refused on every level */
	CHECK_FAILS(ECAPMODE, fcntl(pair[0], F_SETOWN, outside));
	CHECK_FAILS(ECAPMODE, fcntl(pair[0], F_SETSIG, SIGUSR1));
	CHECK_FAILS(ECAPMODE, ioctl(pair[0], 0x8901 /* FIOSETOWN */, &outside));
	CHECK(signal(SIGUSR1, SIG_IGN) != SIG_ERR && raise(SIGUSR1) == 0);
	inside = fork();
	if (inside == 0) {
		expect_signals_in_child();
		_exit(write(report[1], "y", 1) == 1 ? 0 : 1);
	}
	CHECK(read(report[0], &answer, 1) == 1 && answer == 'y');
}

static void enter_and_crash(void)
{
	CHECK(chdir(path) == 0);
	enter_with_all(); /* a core could be written into this directory */
	abort();
}

/* FreeBSD dumps none either. A limit of 0 would give a core to a program outside, where one of 1 gives none. */
IN_CHILD(levels, dump_no_core)
{
	const struct rlimit none = { 0, 0 };
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct rlimit limit;
	int status;
	rlim_t least;

	CHECK(getrlimit(RLIMIT_CORE, &limit) == 0);
	least = limit.rlim_max == 0 ? 0 : 1; /* a limit of 0 may have to stay */
	limit.rlim_cur = limit.rlim_max;
	CHECK(setrlimit(RLIMIT_CORE, &limit) == 0);
	status = child_wait(fork_run(enter_and_crash));
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && !WCOREDUMP(status));
	enter_with_all();
	CHECK(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur <= 1 && limit.rlim_cur >= least);
	CHECK(limit.rlim_max == limit.rlim_cur);
	CHECK_FAILS(ECAPMODE, setrlimit(RLIMIT_CORE, &unlimited));
	CHECK_FAILS(ECAPMODE, setrlimit(RLIMIT_CORE, &none));
	CHECK_FAILS(ECAPMODE, setrlimit(RLIMIT_CORE, &limit));
	CHECK_FAILS(ECAPMODE, syscall(SYS_setrlimit, RLIMIT_CORE, &unlimited));
	CHECK_FAILS(ECAPMODE, syscall(SYS_prlimit64, 0, RLIMIT_CORE, &unlimited, NULL));
	CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0 && setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

IN_CHILD(levels, leave_a_core_limit_of_zero)
{
	const struct rlimit none = { 0, 0 };
	struct rlimit limit;

	CHECK(setrlimit(RLIMIT_CORE, &none) == 0);
	if (geteuid() == 0)
		CHECK(setuid(65534) == 0); /* who may not raise it */
	CHECK(cap_enter() == 0);
	CHECK(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0);
}

/* The documented gap: what is opened beneath a directory is bounded by all that are held above it. */
IN_CHILD(levels, add_the_rights_of_directories_up)
{
	int reading = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	CHECK(reading != -1 && cap_rights_limit(reading, CE_SET(CAP_LOOKUP, CAP_READ)) == 0);
	enter_with_all();
	CHECK_WITH(LOOKUPS, ENOTCAPABLE, openat(reading, "from/file", O_WRONLY));
	if (has(LOOKUPS))
		CHECK(openat(open_beneath(reading, "from"), "file", O_WRONLY) != -1);
}

/* The documented gap: Landlock keeps the rights that a directory had at entry. */
IN_CHILD(levels, keep_the_rights_of_entry)
{
	int fd = enter_with_all();

	CHECK(cap_rights_limit(fd, CE_SET(CAP_LOOKUP, CAP_READ)) == 0);
	CHECK_FAILS(ENOTCAPABLE, openat(fd, "from/file", O_WRONLY));
	if (has(LOOKUPS))
		CHECK(openat(open_beneath(fd, "from"), "file", O_WRONLY) != -1);
}

/* At every level: what Landlock never mediates. */
IN_CHILD(levels, never_change_files_without_the_right)
{
	int file = scratch_file();
	int fd = enter_with(CE_SET(CAP_LOOKUP, CAP_READ));

	CHECK_FAILS(ECAPMODE, fchmod(file, 0600));
	CHECK_FAILS(ECAPMODE, fchown(file, getuid(), getgid()));
	CHECK_FAILS(ECAPMODE, futimens(file, NULL));
	CHECK_FAILS(ECAPMODE, fchmodat(fd, "from", 0700, 0));
}

IN_CHILD(levels, change_files_if_all_directories_allow_it)
{
	int file = scratch_file();

	enter_with(CE_SET(CAP_LOOKUP, CAP_READ, CAP_FCHMOD, CAP_FCHOWN, CAP_FUTIMES));
	CHECK_WITH(LOOKUPS, 0, fchmod(file, 0600));
	CHECK_WITH(LOOKUPS, 0, fchown(file, getuid(), getgid()));
	CHECK_WITH(LOOKUPS, 0, futimens(file, NULL));
}
