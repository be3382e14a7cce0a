/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The system calls that a service gives up: what Landlock says nothing about, and no lookup or opening of a file needs.
 *
 * A list of what is refused, and not of what is allowed: modules of the name service switch run in these processes,
 * and what they call is theirs to choose. What is here reaches other processes, the machine, other names for files, or
 * what a file is besides its contents. Numbers that this system's headers do not have are not refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "casper.h"

/* linux/audit.h: EM_X86_64 or EM_AARCH64, with __AUDIT_ARCH_64BIT and __AUDIT_ARCH_LE. */
#if defined(__x86_64__)
#define NATIVE 0xc000003eu
#elif defined(__aarch64__)
#define NATIVE 0xc00000b7u
#endif

#ifndef NATIVE

int refuse_calls(enum sockets sockets)
{
	(void)sockets; /* a machine whose numbers were never tried: Landlock is what there is */
	return ENOSYS;
}

#else

#define X32_BIT 0x40000000u /* x86-64's second set of numbers */
#define RULES_MAX 200
#define GROUP 12u

/* linux/filter.h and linux/seccomp.h, which not every libc's compiler finds. */
struct instruction {
	uint16_t code;
	uint8_t if_true;
	uint8_t if_false;
	uint32_t value;
};

struct installed {
	unsigned short length;
	struct instruction *code;
};

struct call {
	int number;
	uint32_t machine;
	uint64_t address;
	uint64_t arguments[6];
};

#define MODE_FILTER 2L
#define LD_W_ABS 0x20
#define JMP_JEQ 0x15
#define JMP_JGE 0x35
#define RET 0x06
#define RET_ERRNO 0x00050000u
#define RET_ALLOW 0x7fff0000u
#define LOAD(offset) ((struct instruction){ LD_W_ABS, 0, 0, (uint32_t)(offset) })
#define LOAD_NUMBER LOAD(offsetof(struct call, number))
#define IF_EQUAL(value, then, otherwise) ((struct instruction){ JMP_JEQ, then, otherwise, value })
#define IF_AT_LEAST(value, then, otherwise) ((struct instruction){ JMP_JGE, then, otherwise, value })
#define REFUSE ((struct instruction){ RET, 0, 0, RET_ERRNO | EPERM })
#define ALLOW ((struct instruction){ RET, 0, 0, RET_ALLOW })

/* Refused whatever the arguments. */
static const long always[] = {
	/* other programs, and other processes: their memory, descriptors and signals */
	SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp, SYS_kill,
	SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, 424 /* pidfd_send_signal */,
	434 /* pidfd_open */, 438 /* pidfd_getfd */, 440 /* process_madvise */, 448 /* process_mrelease */,
	SYS_setpriority, SYS_sched_setscheduler, SYS_sched_setparam, SYS_sched_setattr, SYS_ioprio_set,
	SYS_migrate_pages, SYS_move_pages,
	/* System V's objects and message queues, which have names of their own; keys */
	SYS_shmget, SYS_shmat, SYS_shmctl, SYS_semget, SYS_semop, SYS_semctl, SYS_semtimedop, SYS_msgget, SYS_msgsnd,
	SYS_msgrcv, SYS_msgctl, SYS_mq_open, SYS_mq_unlink, SYS_add_key, SYS_request_key, SYS_keyctl,
	/* other trees of files, and files without names */
	SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare, SYS_setns, SYS_open_by_handle_at,
	SYS_name_to_handle_at, SYS_fanotify_init, 428 /* open_tree */, 429 /* move_mount */, 430 /* fsopen */,
	431 /* fsconfig */, 432 /* fsmount */, 433 /* fspick */, 442 /* mount_setattr */, 467 /* open_tree_attr */,
	/* what a file is besides its contents: Landlock leaves it to whoever owns the file */
	SYS_truncate, /* which it leaves before version 3 */
	SYS_fchmod, SYS_fchmodat, 452 /* fchmodat2 */, SYS_fchown, SYS_fchownat, SYS_utimensat, SYS_setxattr,
	SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr, 463 /* setxattrat */,
	466 /* removexattrat */, 469 /* file_setattr */,
#ifdef __x86_64__
	SYS_chmod, SYS_chown, SYS_lchown, SYS_utime, SYS_utimes, SYS_futimesat, SYS_iopl, SYS_ioperm, SYS_uselib,
#endif
	/* the machine, and the kernel's own programs */
	SYS_reboot, SYS_kexec_load, SYS_kexec_file_load, SYS_init_module, SYS_finit_module, SYS_delete_module,
	SYS_swapon, SYS_swapoff, SYS_acct, SYS_quotactl, 443 /* quotactl_fd */, SYS_sethostname, SYS_setdomainname,
	SYS_settimeofday, SYS_clock_settime, SYS_adjtimex, SYS_clock_adjtime, SYS_syslog, SYS_vhangup, SYS_bpf,
	SYS_perf_event_open, SYS_userfaultfd, 425 /* io_uring_setup */, 426 /* io_uring_enter */,
	427 /* io_uring_register */
};

/* Refused where an argument is this, or with `unless` where it is anything else. */
struct rule {
	long call;
	unsigned argument;
	uint32_t value;
	bool unless;
};

static const struct rule by_argument[] = {
	{ SYS_prlimit64, 0, 0, true },	   /* another process's limits */
	{ SYS_fcntl, 1, F_SETOWN, false }, /* a signal sent by a descriptor */
	{ SYS_fcntl, 1, F_SETOWN_EX, false },
	{ SYS_fcntl, 1, F_SETSIG, false },
	{ SYS_ioctl, 1, 0x8901 /* FIOSETOWN */, false },
	{ SYS_ioctl, 1, 0x8902 /* SIOCSPGRP */, false },
	{ SYS_ioctl, 1, TIOCSTI, false }, /* what a terminal's user did not type */
};

/* The log's socket is all that syslog connects to; fileargs connects to nothing. Both make pairs, for their clones. */
static const struct rule local_only[] = { { SYS_socket, 0, AF_UNIX, true } };
static const long no_server[] = { SYS_bind, SYS_listen, SYS_accept, SYS_accept4 };
static const long no_socket[] = { SYS_socket, SYS_connect };

struct program {
	struct instruction code[RULES_MAX * 2];
	unsigned short length;
};

static void add(struct program *program, struct instruction instruction)
{
	program->code[program->length++] = instruction;
}

static int by_number(const void *one, const void *other)
{
	const long numbers[] = { *(const long *)one, *(const long *)other };

	return (numbers[0] > numbers[1]) - (numbers[0] < numbers[1]);
}

/*
 * Refuses some calls in the order of their numbers; others pass behind with two comparisons. When a filter is installed
 * the kernel tries it on every number (kernel/seccomp.c, seccomp_cache_prepare), which is most of what that costs.
 */
static void add_group(struct program *program, const long *calls, size_t count)
{
	add(program, IF_AT_LEAST((uint32_t)calls[count - 1] + 1, (uint8_t)(count + 2), 0));
	add(program, IF_AT_LEAST((uint32_t)calls[0], 0, (uint8_t)(count + 1)));
	for (size_t at = 0; at < count; at++)
		add(program, IF_EQUAL((uint32_t)calls[at], (uint8_t)(count - 1 - at), at == count - 1 ? 1 : 0));
	add(program, REFUSE);
}

/* All these begin and end with the call's number in the accumulator. */
static void add_calls(struct program *program, const long *calls, size_t count)
{
	long sorted[RULES_MAX];

	memcpy(sorted, calls, count * sizeof(*calls));
	qsort(sorted, count, sizeof(*sorted), by_number);
	for (size_t at = 0; at < count; at += GROUP)
		add_group(program, sorted + at, count - at < GROUP ? count - at : GROUP);
}

static void add_rules(struct program *program, const struct rule *rules, size_t count)
{
	for (size_t at = 0; at < count; at++) {
		const struct rule *rule = &rules[at];
		const size_t argument = offsetof(struct call, arguments) + rule->argument * sizeof(uint64_t);

		add(program, IF_EQUAL((uint32_t)rule->call, 0, 4));
		add(program, LOAD(argument)); /* the lower half: these are ints, and the machines little-endian */
		add(program, IF_EQUAL(rule->value, rule->unless ? 1 : 0, rule->unless ? 0 : 1));
		add(program, REFUSE);
		add(program, LOAD_NUMBER);
	}
}

#define ALL(array) array, sizeof(array) / sizeof((array)[0])

int refuse_calls(enum sockets sockets)
{
	struct program program = { .length = 0 };
	struct installed installed = { .code = program.code };

	_Static_assert(sizeof(always) / sizeof(always[0]) < RULES_MAX - 40, "the program's size");
	add(&program, LOAD(offsetof(struct call, machine)));
	add(&program, IF_EQUAL(NATIVE, 1, 0));
	add(&program, REFUSE);
	add(&program, LOAD_NUMBER);
	add(&program, IF_AT_LEAST(X32_BIT, 0, 1));
	add(&program, REFUSE);
	add_calls(&program, ALL(always));
	add_rules(&program, ALL(by_argument));
	if (sockets != SOCKETS_ANY)
		add_calls(&program, ALL(no_server));
	if (sockets == SOCKETS_LOCAL)
		add_rules(&program, ALL(local_only));
	if (sockets == SOCKETS_NONE)
		add_calls(&program, ALL(no_socket));
	add(&program, ALLOW);
	installed.length = program.length;
	return prctl(PR_SET_SECCOMP, MODE_FILTER, &installed, 0L, 0L) == 0 ? 0 : errno;
}

#endif
