/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How far the table of descriptors reaches, so that all of them can be found by their numbers: /proc may not be there,
 * and RLIMIT_NOFILE may be lower than what was open before.
 */
#ifndef CE_LINUX_TABLE_H_
#define CE_LINUX_TABLE_H_

#include "kernel.h"

#define CE_TABLE_LEAST_ 64u /* NR_OPEN_DEFAULT, include/linux/fdtable.h: no table is smaller */
#define CE_TABLE_MOST_ (1u << 30)
#define CE_TABLE_SET_ 4096u /* numbers of which a set is small */

/* Whether select(2), given a set of just this number, finds it within the table, and not open. */
CE_COLD_ bool ce_table_lacks_(unsigned number, long set)
{
	const long none[2] = { 0, 0 };

	((uint64_t *)(uintptr_t)set)[number / 64] = 1ull << number % 64;
	return syscall(SYS_pselect6, (long)number + 1, set, 0L, 0L, ce_pointer_(none), 0L) == -1 && errno == EBADF;
}

/*
 * Whether the table has a place for this number. select(2) looks at no number beyond the table, and says EBADF for one
 * within that is not open (fs/select.c, core_sys_select and max_select_fd).
 */
CE_COLD_ bool ce_table_has_(unsigned number)
{
	const long size = (long)(number / 64) * 8 + 8;
	uint64_t small[CE_TABLE_SET_ / 64] = { 0 };
	long set;
	bool has;

	if (syscall(SYS_fcntl, (long)number, (long)CE_F_GETFD_, 0L) != -1)
		return true;
	if (number < CE_TABLE_SET_)
		return ce_table_lacks_(number, ce_pointer_(small));
	set = syscall(SYS_mmap, 0L, size, (long)(CE_PROT_READ_ | CE_PROT_WRITE_),
		      (long)(CE_MAP_PRIVATE_ | CE_MAP_ANONYMOUS_), -1L, 0L);
	if (set == -1)
		return false;
	has = ce_table_lacks_(number, set);
	syscall(SYS_munmap, set, size);
	return has;
}

/* A number below which all descriptors are: at most twice the table's size. Leaves errno alone. */
CE_COLD_ unsigned ce_table_end_(void)
{
	int saved = errno;
	unsigned end = CE_TABLE_LEAST_;

	while (end < CE_TABLE_MOST_ && ce_table_has_(end))
		end *= 2;
	errno = saved;
	return end;
}

#endif
