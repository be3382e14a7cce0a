/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a process shares with others: its memory with threads, its table of descriptors with processes made by clone(2)
 * with CLONE_FILES. Filters reach the threads of one process; through a shared table what one process opens can be used
 * by the other, limited or not, in capability mode or not.
 */
#ifndef CE_LINUX_THREADS_H_
#define CE_LINUX_THREADS_H_

#include "numbers.h"
#include "proc.h"

static inline int ce_count_number_(void *context, int number)
{
	(void)number;
	++*(int *)context;
	return 0;
}

/* How many threads /proc counts; -1 if it cannot tell. */
static inline int ce_count_threads_(void)
{
	int threads = 0;
	int tasks = ce_open_wanted_(CE_AT_FDCWD_, "/proc/self/task", CE_O_CLOEXEC_, 0, false, NULL);

	if (tasks < 0 || ce_for_each_number_(tasks, ce_count_number_, &threads) != 0)
		threads = -1;
	ce_close_(tasks);
	return threads;
}

/*
 * Whether no other thread or process shares the memory: the kernel answers, since unshare(CLONE_VM) changes nothing and
 * is EINVAL otherwise (kernel/fork.c, check_unshare_flags). Where a container's filter forbids the call /proc counts.
 */
static inline bool ce_is_single_threaded_(void)
{
	int saved = errno;
	bool single = syscall(SYS_unshare, (long)CE_CLONE_VM_) == 0 || (errno != EINVAL && ce_count_threads_() == 1);

	errno = saved;
	return single;
}

/*
 * Gives a process with one thread a table of its own, a copy, as execve(2) does. Nothing changes if it has one already.
 * With CLONE_THREAD the kernel refuses (EINVAL) one of several threads, which would be parted from the others
 * (kernel/fork.c, check_unshare_flags). Then, and where a container's filter forbids the call, the table stays shared.
 * errno: ENOMEM, EMFILE.
 */
static inline int ce_own_table_(void)
{
	int saved = errno;

	if (syscall(SYS_unshare, (long)(CE_CLONE_THREAD_ | CE_CLONE_FILES_)) == -1 && ce_lacks_room_(errno))
		return -1;
	errno = saved;
	return 0;
}

#endif
