/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What capability mode gives on which kernel: the one table that the tests' expectations come from, so that they hold
 * on every kernel that tests/kernels boots. Landlock's levels are those of Documentation/userspace-api/landlock.rst,
 * bounded by CE_LANDLOCK_MAX, with which levels.c makes a kernel look older. FreeBSD has had all of it from the
 * beginning.
 */
#ifndef CE_TESTS_LEVELS_H_
#define CE_TESTS_LEVELS_H_

#include <stdbool.h>
#include <stdio.h>
#include <sys/utsname.h>

enum feature {
	LOOKUPS,	 /* openat() and execveat() beneath directories and of files held; else ECAPMODE */
	MOVES,		 /* renameat() and linkat() from one directory to another; else EXDEV */
	TRUNCATION,	 /* ftruncate() by the right of the file's own directory; else if all directories have it */
	DEVICE_COMMANDS, /* ioctl() on devices likewise; else harmless commands only */
	SIGNALS,	 /* pdkill(), and signals to children by thread; else to the process itself only */
	THREADS,	 /* all of this with threads too; else no lookups, and no signals out */
	UDP_PORTS,	 /* no port of the kernel's choice for a UDP socket either */
	PIDFD_NUMBERS,	 /* PIDFD_GET_INFO; else pdgetpid() needs CAP_FCNTL too, and knows no child made inside */
	SLEEPERS, /* io_uring's workers are known by /proc's wchan; else they are taken for threads that poll: EBUSY */
};

/* By the level of Landlock, or where that says nothing by the version of Linux. */
static const struct {
	unsigned landlock;
	unsigned major, minor;
} features[] = {
	[LOOKUPS] = { 1, 0, 0 },	 /* Linux 5.13 */
	[MOVES] = { 2, 0, 0 },		 /* 5.19 */
	[TRUNCATION] = { 3, 0, 0 },	 /* 6.2 */
	[DEVICE_COMMANDS] = { 5, 0, 0 }, /* 6.10 */
	[SIGNALS] = { 6, 0, 0 },	 /* 6.12 */
	[THREADS] = { 8, 0, 0 },	 /* 7.0 */
	[UDP_PORTS] = { 10, 0, 0 },	 /* 7.2 */
	[PIDFD_NUMBERS] = { 0, 6, 13 },
	[SLEEPERS] = { 0, 5, 16 }, /* before, wchan said 0 on x86 (kernel/sched/core.c, get_wchan) */
};

/* Whether this kernel has it. */
static inline bool has(enum feature feature)
{
#ifdef __linux__
	struct utsname name;
	unsigned major = 0, minor = 0;

	uname(&name);
	sscanf(name.release, "%u.%u", &major, &minor);
	if (major < features[feature].major || (major == features[feature].major && minor < features[feature].minor))
		return false;
	return ce_landlock_abi_() >= features[feature].landlock;
#else
	(void)features[feature];
	return true;
#endif
}

/* What a call must say: ECAPMODE, the filter's answer, where the kernel lacks the feature; else success, or an errno.
 */
#define CHECK_WITH(feature, error, call)             \
	do {                                         \
		if (!has(feature))                   \
			CHECK_FAILS(ECAPMODE, call); \
		else if ((error) == 0)               \
			CHECK((call) != -1);         \
		else                                 \
			CHECK_FAILS(error, call);    \
	} while (0)

#endif
