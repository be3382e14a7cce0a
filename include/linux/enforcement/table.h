/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of descriptors. Filters reach the threads of one process, but another one may share its table (clone(2)
 * with CLONE_FILES): through it what one of them opens can be used by the other, limited or not, in capability mode or
 * not.
 */
#ifndef CE_LINUX_TABLE_H
#define CE_LINUX_TABLE_H

/*
 * Gives a process with one thread a table of its own, a copy, as execve(2) does. Nothing changes if it has one already.
 * With CLONE_THREAD the kernel refuses (EINVAL) one of several threads, which would be parted from the others
 * (kernel/fork.c, check_unshare_flags). Then, and where a container's filter forbids the call, the table stays shared.
 * errno: ENOMEM, EMFILE.
 */
static inline int ce_own_table(void)
{
	int saved = errno;

	if (syscall(SYS_unshare, (long)(CE_CLONE_THREAD | CE_CLONE_FILES)) == -1 && ce_lacks_room(errno))
		return -1;
	errno = saved;
	return 0;
}

#endif
