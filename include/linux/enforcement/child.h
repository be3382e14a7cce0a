/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that does one thing for this one: it shares the memory, and what the kernel keeps of it ends with it.
 */
#ifndef CE_LINUX_CHILD_H_
#define CE_LINUX_CHILD_H_

#include "kernel.h"

#define CE_SIG_SETMASK_ 2
#define CE_WALL_ 0x40000000 /* __WALL: children without an exit signal too */
#define CE_CHILD_STACK_ 16384u

#if defined(__cplusplus) || defined(_GNU_SOURCE)
#include <sched.h>
#else
extern int clone(int (*body)(void *), void *stack, int flags, void *context, ...); /* <sched.h> hides it */
#endif

/*
 * Runs body(context) in such a process, and returns when it has ended. It has no exit signal, and meets no signal.
 * False if no process can be had (RLIMIT_NPROC). Not CLONE_VFORK: a thread that waits so cannot be put into a Landlock
 * domain.
 */
CE_COLD_ bool ce_child_run_(int (*body)(void *context), void *context)
{
	const uint64_t all = UINT64_MAX;
	uint64_t blocked = 0; /* gcc does not see that the call writes it */
	uint64_t stack[CE_CHILD_STACK_ / sizeof(uint64_t)];
	int pid;

	if (syscall(SYS_rt_sigprocmask, (long)CE_SIG_SETMASK_, ce_pointer_(&all), ce_pointer_(&blocked), 8L) != 0)
		return false;
	/* the stack grows down, and is aligned as both architectures want it */
	pid = clone(body, (void *)((uintptr_t)(stack + CE_CHILD_STACK_ / sizeof(uint64_t)) & ~(uintptr_t)63),
		    CE_CLONE_VM_, context);
	while (pid > 0 && syscall(SYS_wait4, (long)pid, 0L, (long)CE_WALL_, 0L) == -1 && errno == EINTR)
		;
	syscall(SYS_rt_sigprocmask, (long)CE_SIG_SETMASK_, ce_pointer_(&blocked), 0L, 8L);
	return pid > 0;
}

#endif
