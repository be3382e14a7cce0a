/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a process shares with others: its memory with threads, its table of descriptors with processes made by clone(2)
 * with CLONE_FILES. Filters reach the threads of one process; through a shared table what one process opens can be used
 * by the other, limited or not, in capability mode or not.
 */
#ifndef CE_LINUX_THREADS_H_
#define CE_LINUX_THREADS_H_

#include "proc.h"

#define CE_LOOKS_ 2500u		  /* how often something that is going away is looked for: half a second */
#define CE_LOOKS_AT_LIVING_ 10u	  /* the same, where it is not known to go */
#define CE_BETWEEN_LOOKS_ 200000L /* nanoseconds */

CE_COLD_ void ce_wait_between_looks_(void)
{
	const long pause[2] = { 0, CE_BETWEEN_LOOKS_ }; /* struct timespec */

	syscall(SYS_nanosleep, ce_pointer_(pause), 0L);
}

/*
 * Whether no other thread or process shares the memory: the kernel answers, since unshare(CLONE_VM) changes nothing and
 * is EINVAL otherwise (kernel/fork.c, check_unshare_flags). Where a container's filter forbids the call /proc counts.
 */
CE_COLD_ bool ce_is_single_threaded_(void)
{
	struct ce_threads_ others;
	int saved = errno;
	bool single = syscall(SYS_unshare, (long)CE_CLONE_VM_) == 0;

	if (!single && errno != EINVAL)
		single = ce_threads_look_(&others) == 0 && others.seen && others.living + others.dying == 0;
	errno = saved;
	return single;
}

/*
 * The same, but waits for threads that are about to be gone: pthread_join(3) returns before the kernel has released the
 * thread. One that has let go of the memory is known to go; just before that it looks as any other.
 */
CE_COLD_ bool ce_becomes_single_threaded_(void)
{
	struct ce_threads_ others;
	int saved = errno;
	unsigned looks = 0;

	while (!ce_is_single_threaded_()) {
		if (looks >= CE_LOOKS_ || (looks >= CE_LOOKS_AT_LIVING_ && (ce_threads_look_(&others) != 0 ||
									    others.living > 0 || others.dying == 0))) {
			errno = saved;
			return false;
		}
		looks++;
		ce_wait_between_looks_();
	}
	errno = saved;
	return true;
}

/*
 * Gives a process with one thread a table of its own, a copy, as execve(2) does. Nothing changes if it has one already.
 * With CLONE_THREAD the kernel refuses (EINVAL) one of several threads, which would be parted from the others
 * (kernel/fork.c, check_unshare_flags). Then, and where a container's filter forbids the call, the table stays shared.
 * errno: ENOMEM, EMFILE.
 */
CE_COLD_ int ce_own_table_(void)
{
	int saved = errno;

	if (syscall(SYS_unshare, (long)(CE_CLONE_THREAD_ | CE_CLONE_FILES_)) == -1 && ce_lacks_room_(errno))
		return -1;
	errno = saved;
	return 0;
}

#endif
