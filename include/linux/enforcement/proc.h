/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the directories of /proc whose names are numbers: threads and descriptors.
 */
#ifndef CE_LINUX_PROC_H_
#define CE_LINUX_PROC_H_

#include "kernel.h"

/*
 * Calls `entry` for each name of an open directory of /proc until it does not return 0. The names are numbers, but for
 * "." and "..".
 */
static inline int ce_for_each_number_(int directory, int (*entry)(void *context, int number), void *context)
{
	char buffer[2048];
	long length;
	int result = 0;

	while ((length = syscall(SYS_getdents64, (long)directory, ce_pointer_(buffer), (long)sizeof(buffer))) > 0) {
		long at;
		uint16_t record;

		/* struct linux_dirent64: the record's length at 16, its name at 19 */
		for (at = 0; at < length && result == 0; at += record) {
			const char *name = buffer + at + 19;
			int number = 0;

			memcpy(&record, buffer + at + 16, sizeof(record));
			if (*name == '.')
				continue;
			for (; *name != '\0'; name++)
				number = number * 10 + (*name - '0');
			result = entry(context, number);
		}
		if (result != 0)
			return result;
	}
	return length < 0 ? -1 : 0;
}

#endif
