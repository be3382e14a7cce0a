/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether memory can be read or written, asked of the kernel: a bad pointer shall be EFAULT, as from a system call, and
 * not the end of the program.
 *
 * The calls that are made for it copy to or from the memory before they look at anything else, change nothing, and are
 * allowed in capability mode. A container that refuses them says something else than EFAULT; then nothing is known, and
 * the memory is taken for good.
 */
#ifndef CE_LINUX_MEMORY_H_
#define CE_LINUX_MEMORY_H_

#include "kernel.h"

#define CE_MEMORY_STEP_ 4096u /* no page is smaller */
#define CE_NO_SUCH_HOW_ (-1L) /* rt_sigprocmask(2) reads the set before it says EINVAL */

/* Whether the kernel says EFAULT of the eight bytes at an address, which it reads or overwrites. */
static inline bool ce_is_bad_word_(uintptr_t address, bool written)
{
	int saved = errno;
	long result = written ? syscall(SYS_rt_sigprocmask, 0L, 0L, (long)address, 8L)
			      : syscall(SYS_rt_sigprocmask, CE_NO_SUCH_HOW_, (long)address, 0L, 8L);
	bool bad = result == -1 && errno == EFAULT;

	errno = saved;
	return bad;
}

/* Looks at one word in each page. size: eight or more, or 0. */
CE_APART_ bool ce_is_bad_memory_(const void *memory, size_t size, bool written)
{
	const uintptr_t first = (uintptr_t)memory;
	const uintptr_t last = first + size - 8;
	uintptr_t at;

	if (size == 0)
		return false;
	if (memory == NULL || first + size < first)
		return true;
	for (at = first; at <= last; at = (at | (CE_MEMORY_STEP_ - 1)) + 1)
		if (ce_is_bad_word_(at, written))
			return true;
	/* The last word can lie in one page more. */
	return last < ((last + 7) & ~(uintptr_t)(CE_MEMORY_STEP_ - 1)) && ce_is_bad_word_(last, written);
}

/* EFAULT unless this memory can be read. size: eight or more, or 0. */
static inline int ce_check_readable_(const void *memory, size_t size)
{
	return ce_is_bad_memory_(memory, size, false) ? ce_fail_(EFAULT) : 0;
}

/* EFAULT unless this memory can be written. It is overwritten: the caller stores its result next. size: as above. */
static inline int ce_check_writable_(void *memory, size_t size)
{
	return ce_is_bad_memory_(memory, size, true) ? ce_fail_(EFAULT) : 0;
}

/* The same of an int, which getcpu(2) overwrites. */
static inline int ce_check_writable_int_(void *memory)
{
	int saved = errno;

	if (memory == NULL || (syscall(SYS_getcpu, ce_pointer_(memory), 0L, 0L) == -1 && errno == EFAULT))
		return ce_fail_(EFAULT);
	errno = saved;
	return 0;
}

#endif
