/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that does one thing for this one. What the kernel keeps of it, a filter say, ends with it.
 */
#ifndef CE_LINUX_CHILD_H_
#define CE_LINUX_CHILD_H_

#include "kernel.h"

#define CE_SIG_SETMASK_ 2
#define CE_WALL_ 0x40000000 /* __WALL: children without an exit signal too */
#define CE_CHILD_STACK_ 16384u
#define CE_CHILD_SHARES_ (CE_CLONE_VM_ | 0x4000) /* CLONE_VFORK: whatever becomes of waiting, it has ended */
#define CE_CHILD_COPIES_ 0

#if defined(__cplusplus) || defined(_GNU_SOURCE)
#include <sched.h>
#else
extern int clone(int (*body)(void *), void *stack, int flags, void *context, ...); /* <sched.h> hides it */
#endif

/*
 * Runs body(context) in such a process, which has no exit signal and meets no signal, and waits for its end. memory:
 * CE_CHILD_SHARES_, or CE_CHILD_COPIES_. *result: what the body returned, 0 to 255; as it was where that is not known.
 * False if no process can be had (RLIMIT_NPROC).
 *
 * A thread that waits for one which shares the memory cannot be put into a Landlock domain meanwhile, so that one must
 * not wait for anything itself.
 */
CE_COLD_ bool ce_child_run_(int (*body)(void *context), void *context, int memory, int *result)
{
	const uint64_t all = UINT64_MAX;
	uint64_t blocked = 0; /* gcc does not see that the call writes it */
	uint64_t stack[CE_CHILD_STACK_ / sizeof(uint64_t)];
	int pid, status = -1;

	if (syscall(SYS_rt_sigprocmask, (long)CE_SIG_SETMASK_, ce_pointer_(&all), ce_pointer_(&blocked), 8L) != 0)
		return false;
	/* the stack grows down, and is aligned as both architectures want it */
	pid = clone(body, (void *)((uintptr_t)(stack + CE_CHILD_STACK_ / sizeof(uint64_t)) & ~(uintptr_t)63), memory,
		    context);
	while (pid > 0 && syscall(SYS_wait4, (long)pid, ce_pointer_(&status), (long)CE_WALL_, 0L) == -1 &&
	       errno == EINTR)
		;
	syscall(SYS_rt_sigprocmask, (long)CE_SIG_SETMASK_, ce_pointer_(&blocked), 0L, 8L);
	if ((status & 0x7f) == 0)
		*result = status >> 8;
	return pid > 0;
}

#endif
