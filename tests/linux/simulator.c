/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A kernel made of memory: runs the library's own calls (ce_limit, cap_enter, ...), keeps the filters that they
 * install, and says what these answer to a system call. Nothing is installed in this process. test_policy.py drives it.
 *
 * Compiled once with SIMULATE_X86_64 and once with SIMULATE_AARCH64, by whatever compiler is there: only the numbers of
 * system calls and the architecture's own differ in what the library builds.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#undef __x86_64__
#undef __aarch64__
#undef SYS_prctl /* the one number that the filters themselves are built with */
#if defined(SIMULATE_X86_64)
#define __x86_64__ 1
#define SYS_prctl 157
#elif defined(SIMULATE_AARCH64)
#define __aarch64__ 1
#define SYS_prctl 167
#endif

static long simulated_syscall(long number, ...);
static int simulated_fstat(int fd, struct stat *status);
static int simulated_clone(int (*body)(void *), void *stack, int flags, void *context, ...);
#define syscall simulated_syscall
#define fstat simulated_fstat
#define clone simulated_clone
#include <capsicum_easy.h>
#undef syscall
#undef fstat
#undef clone

#include "seccomp.h"

#define FILTERS 128
#define DESCRIPTORS 1024
#define RULESET 1001 /* numbers that the library gets from the simulated kernel itself */
#define PROBE_NUMBER 1003
#define EMPTY 1004 /* a directory */

/* What a descriptor is. */
enum { CLOSED = 0, OPEN = 1, DIRECTORY = 4 };

static struct {
	unsigned filters;
	struct ce_bpf_program_ filter[FILTERS]; /* oldest first */
	struct ce_bpf_insn_ insn[FILTERS][CE_BPF_MAX_];
	unsigned char descriptor[DESCRIPTORS];
	unsigned landlock; /* ABI */
	bool threads;
	bool restricted; /* a Landlock domain is in force */
	bool cores;	 /* can be dumped */
	uint64_t empty;	 /* the path that fstat(3) gives; 0: it gives none */
	bool seals;
} kernel;

/* ---- the calls that the library makes ---- */

static long fail(int error)
{
	errno = error;
	return -1;
}

static bool is_open(long fd)
{
	return fd >= 0 && fd < DESCRIPTORS && kernel.descriptor[fd] != CLOSED;
}

static long install(const struct ce_bpf_program_ *program)
{
	if (program == NULL)
		return fail(EFAULT);
	if (kernel.filters == FILTERS)
		return fail(ENOMEM);
	memcpy(kernel.insn[kernel.filters], program->insn, program->length * sizeof(program->insn[0]));
	kernel.filter[kernel.filters].insn = kernel.insn[kernel.filters];
	kernel.filter[kernel.filters].length = program->length;
	kernel.filters++;
	return 0;
}

static long ask(const long *argument)
{
	const struct call call = { SYS_prctl,
				   CE_AUDIT_ARCH_,
				   0,
				   { (uint64_t)argument[0], (uint64_t)argument[1], (uint64_t)argument[2],
				     (uint64_t)argument[3], (uint64_t)argument[4], (uint64_t)argument[5] } };
	unsigned error = run_filters(kernel.filter, kernel.filters, &call);

	return fail(error != 0 ? (int)error : EINVAL);
}

/* The C library's, which asks by a path where it has one. */
static int simulated_fstat(int fd, struct stat *status)
{
	const struct call call = {
		CE_NR_NEWFSTATAT_, CE_AUDIT_ARCH_, 0, { (uint32_t)fd, kernel.empty, (uintptr_t)status, 0x1000 }
	};
	unsigned error = kernel.empty != 0 ? run_filters(kernel.filter, kernel.filters, &call) : 0;

	return (int)fail(error != 0 ? (int)error : EBADF);
}

/* A process that shares the memory: its filters end with it. */
static int simulated_clone(int (*body)(void *), void *stack, int flags, void *context, ...)
{
	const unsigned filters = kernel.filters;

	(void)stack;
	(void)flags;
	body(context);
	kernel.filters = filters;
	return 4243;
}

static long landlock_rule(const struct ce_landlock_path_ *path)
{
	const uint64_t of_files = CE_LANDLOCK_EXECUTE_ | CE_LANDLOCK_WRITE_FILE_ | CE_LANDLOCK_READ_FILE_ |
				  CE_LANDLOCK_TRUNCATE_ | CE_LANDLOCK_IOCTL_DEV_;

	if (!is_open(path->fd))
		return fail(EBADF);
	if ((kernel.descriptor[path->fd] & DIRECTORY) == 0 && (path->allowed & ~of_files) != 0)
		return fail(EINVAL);
	return 0;
}

/* Memory where the library looks how far the table of descriptors reaches. */
static long map(const long *argument)
{
	static uint64_t set[DESCRIPTORS / 64 * 2];

	return argument[4] == -1 ? (long)(intptr_t)set : fail(EACCES);
}

static long control(const long *argument)
{
	if (argument[0] == CE_PR_GET_NO_NEW_PRIVS_)
		return 0;
	if (argument[0] == CE_PR_SET_NO_NEW_PRIVS_)
		return argument[1] == 1 ? 0 : fail(EINVAL);
	return ask(argument);
}

static long simulated_syscall(long number, ...)
{
	long argument[6];
	va_list list_of;
	int i;

	va_start(list_of, number);
	for (i = 0; i < 6; i++)
		argument[i] = va_arg(list_of, long); /* more than were passed: never looked at */
	va_end(list_of);
	switch (number) {
	case SYS_prctl:
		return control(argument);
	case SYS_seccomp:
		return install((const struct ce_bpf_program_ *)argument[2]);
	case SYS_unshare:
		return kernel.threads ? fail(EINVAL) : 0;
	case SYS_getpid:
		return 4242;
	case SYS_fcntl:
		if (!is_open(argument[0]))
			return fail(EBADF);
		return 0;
	case SYS_read: /* tried, into no memory, to see whether a file is open for reading */
		return fail(is_open(argument[0]) ? EFAULT : EBADF);
	case SYS_pselect6:
		return argument[0] <= DESCRIPTORS ? fail(EBADF) : 0;
	case SYS_mmap:
		return map(argument);
	case SYS_prlimit64:
		kernel.cores = false;
		return 0;
	case SYS_munmap:
	case SYS_close:
	case SYS_nanosleep:
	case SYS_wait4:
		return 0;
	case SYS_madvise: /* tried to see whether memory can be written */
		return fail(EINVAL);
	case CE_NR_MSEAL_:
		return kernel.seals ? 0 : fail(ENOSYS);
	case SYS_rt_sigprocmask: /* tried to see whether memory can be read */
	case SYS_getcpu:
		return 0;
	case SYS_gettid:
	case SYS_eventfd2:
		return PROBE_NUMBER;
	case SYS_openat: /* no list of descriptors, which are then tried one by one */
		return strcmp((const char *)argument[1], "/proc/thread-self/fd") == 0 ? fail(ENOENT) : EMPTY;
	case SYS_fstatfs:
		*(int64_t *)argument[1] = CE_PROC_MAGIC_;
		return 0;
	case SYS_getdents64:
		return 0;
	case CE_NR_LANDLOCK_CREATE_RULESET_:
		if (kernel.landlock == 0)
			return fail(ENOSYS);
		return argument[2] != 0 ? (long)kernel.landlock : RULESET;
	case CE_NR_LANDLOCK_ADD_RULE_:
		return argument[0] == RULESET ? landlock_rule((const struct ce_landlock_path_ *)argument[2])
					      : fail(EBADF);
	case CE_NR_LANDLOCK_RESTRICT_SELF_:
		if (argument[0] != RULESET)
			return fail(EBADF);
		kernel.restricted = true;
		return 0;
	default:
		abort(); /* the library makes a call that the simulation does not know */
	}
}

/* ---- for test_policy.py ---- */

#define EXPORT __attribute__((visibility("default")))

/* A kernel with nothing installed. Landlock's ABI, 0 for none; threads: whether the process has more than one. */
EXPORT void sim_reset(unsigned landlock, bool threads)
{
	memset(&kernel, 0, sizeof(kernel));
	kernel.landlock = landlock;
	kernel.threads = threads;
	kernel.cores = true;
}

/* Where the C library has an empty path: memory is put there. */
EXPORT void sim_paths(uint64_t empty, bool seals)
{
	const uintptr_t page = (uintptr_t)empty & ~(uintptr_t)4095;

	kernel.empty = empty;
	kernel.seals = seals;
	if (empty != 0 &&
	    mmap((void *)page, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		abort();
}

EXPORT void sim_descriptor(int fd, unsigned kind)
{
	kernel.descriptor[fd] = (unsigned char)kind;
}

/* ce_limit_each(): 0 or errno. */
EXPORT int sim_limit(const struct ce_descriptor *each, size_t n)
{
	return ce_limit_each(each, n) == 0 ? 0 : errno;
}

EXPORT int sim_enter(void)
{
	return ce_enter() == 0 ? 0 : errno;
}

EXPORT bool sim_restricted(void)
{
	return kernel.restricted;
}

EXPORT bool sim_cores(void)
{
	return kernel.cores;
}

EXPORT unsigned sim_filters(void)
{
	return kernel.filters;
}

EXPORT unsigned sim_length(unsigned filter)
{
	return kernel.filter[filter].length;
}

/* What is read back of a descriptor. */
EXPORT int sim_get(int fd, uint64_t words[2], uint32_t *fcntls, long *ioctls)
{
	cap_rights_t rights;

	if (ce_get_rights(fd, &rights) != 0 || ce_get_fcntls(fd, fcntls) != 0)
		return errno;
	words[0] = rights.cr_rights[0];
	words[1] = rights.cr_rights[1];
	*ioctls = ce_get_ioctls(fd, NULL, 0);
	return 0;
}

/* Makes the filters so far those of a library with another policy. */
EXPORT void sim_age(void)
{
	unsigned i, at;

	for (i = 0; i < kernel.filters; i++)
		for (at = 0; at < kernel.filter[i].length; at++)
			if (kernel.insn[i][at].k == (CE_SECCOMP_ERRNO_ | CE_ANSWER_ | CE_POLICY_ID_))
				kernel.insn[i][at].k ^= 1;
}

/* Takes the oldest filters away. */
EXPORT void sim_forget(unsigned filters)
{
	unsigned i;

	kernel.filters -= filters;
	for (i = 0; i < kernel.filters; i++) {
		kernel.filter[i].length = kernel.filter[i + filters].length;
		memcpy(kernel.insn[i], kernel.insn[i + filters], sizeof(kernel.insn[i]));
	}
}

EXPORT unsigned sim_architecture(void)
{
	return CE_AUDIT_ARCH_;
}

EXPORT uint64_t sim_all_rights(unsigned word)
{
	static const cap_rights_t all = CE_ALL_RIGHTS;

	return all.cr_rights[word];
}

/* The errno of each of n calls, 0 where it is allowed. */
EXPORT void sim_verdicts(size_t n, const struct call *calls, int *errors)
{
	size_t i;

	for (i = 0; i < n; i++)
		errors[i] = (int)run_filters(kernel.filter, kernel.filters, &calls[i]);
}
