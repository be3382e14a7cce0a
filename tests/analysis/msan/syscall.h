/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For MemorySanitizer, which does not see what a raw system call writes: one that fills memory says so here. Included
 * before anything else (-include).
 */
#ifndef CE_MSAN_SYSCALL_H
#define CE_MSAN_SYSCALL_H

#include <sanitizer/msan_interface.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

__attribute__((no_sanitize("memory"))) static inline long msan_syscall(long number, ...)
{
	long a[6], result;
	va_list list;
	int i;

	va_start(list, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	result = syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	if ((number == SYS_getdents64 || number == SYS_read) && result > 0)
		__msan_unpoison((void *)a[1], (size_t)result);
	return result;
}
#define syscall msan_syscall

#endif
