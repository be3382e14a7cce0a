/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * io_uring's polling threads. A ring set up with IORING_SETUP_SQPOLL takes requests from memory without a system call, so
 * no filter sees them; a process that has one cannot be limited. Rings without such a thread need io_uring_enter(2),
 * which limits and capability mode refuse.
 */
#ifndef CE_LINUX_RINGS_H
#define CE_LINUX_RINGS_H

/*
 * Calls `entry` for each name of an open directory of /proc until it does not return 0. The names are numbers, but for
 * "." and "..".
 */
static inline int ce_for_each_number(int directory, int (*entry)(void *context, int number), void *context)
{
	char buffer[2048];
	long length;
	int result = 0;

	while ((length = syscall(SYS_getdents64, (long)directory, ce_pointer(buffer), (long)sizeof(buffer))) > 0) {
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

static inline int ce_count_number(void *context, int number)
{
	(void)number;
	++*(int *)context;
	return 0;
}

/* How many threads /proc counts; -1 if it cannot tell. */
static inline int ce_count_threads(void)
{
	int threads = 0;
	int tasks = ce_open_wanted(CE_AT_FDCWD, "/proc/self/task", CE_O_CLOEXEC, 0, false, NULL);

	if (tasks < 0 || ce_for_each_number(tasks, ce_count_number, &threads) != 0)
		threads = -1;
	ce_close(tasks);
	return threads;
}

/*
 * Whether no other thread or process shares the memory: the kernel answers, since unshare(CLONE_VM) changes nothing and
 * is EINVAL otherwise (kernel/fork.c, check_unshare_flags). Where a container's filter forbids the call /proc counts.
 */
static inline bool ce_is_single_threaded(void)
{
	int saved = errno;
	bool single = syscall(SYS_unshare, (long)CE_CLONE_VM) == 0 || (errno != EINVAL && ce_count_threads() == 1);

	errno = saved;
	return single;
}

/* Writes "<thread>/stat". */
static inline void ce_thread_stat_path(char path[32], int thread)
{
	char digits[16];
	size_t n = 0, i = 0;

	do
		digits[n++] = (char)('0' + thread % 10);
	while ((thread /= 10) > 0);
	while (n > 0)
		path[i++] = digits[--n];
	memcpy(path + i, "/stat", sizeof("/stat"));
}

/*
 * Whether /proc/<pid>/stat, "tid (name) state ppid pgrp session tty tpgid flags ...", is that of a polling thread: one of
 * io_uring's own (PF_IO_WORKER in the flags) that is not a worker. A name is only given once the thread runs.
 */
static inline bool ce_is_polling_stat(const char *stat)
{
	static const char worker[] = "(iou-wrk-";
	const char *name = strchr(stat, '(');
	const char *field = strrchr(stat, ')');
	unsigned long flags = 0;
	int spaces;

	for (spaces = 0; field != NULL && spaces < 7; spaces++)
		field = strchr(field + 1, ' ');
	if (name == NULL || field == NULL)
		return false;
	for (field++; *field >= '0'; field++) /* to the space behind the number */
		flags = flags * 10 + (unsigned long)(*field - '0');
	return (flags & CE_PF_IO_WORKER) != 0 && strncmp(name, worker, sizeof(worker) - 1) != 0;
}

/* 1 if the thread is one that polls for a ring. */
static inline int ce_is_polling_thread(void *context, int thread)
{
	char path[32];
	char stat[256] = { 0 }; /* the flags are well within */
	int fd;

	ce_thread_stat_path(path, thread);
	fd = ce_open_wanted(*(const int *)context, path, CE_O_CLOEXEC, 0, false, NULL);
	if (fd < 0)
		return ce_lacks_room(errno) ? -1 : 0; /* it has ended */
	syscall(SYS_read, (long)fd, ce_pointer(stat), (long)(sizeof(stat) - 1));
	ce_close(fd);
	return ce_is_polling_stat(stat);
}

/*
 * EBUSY if the process has a polling ring. Its thread is one of the process's own from Linux 5.12 on, and found in /proc;
 * before, or without /proc, it is not found. EMFILE, ENFILE or ENOMEM if there is no room to look.
 */
static inline int ce_check_rings(void)
{
	int saved = errno;
	unsigned bits;
	int tasks;
	int found;

	/* The first limit, or entering, has looked, and none can be made since. */
	if (ce_ask(CE_ASK_CLOSED, 0, 0, &bits) || ce_ask(CE_ASK_MODE, 0, 0, &bits) || ce_is_single_threaded())
		return 0;
	tasks = ce_open_wanted(CE_AT_FDCWD, "/proc/self/task", CE_O_CLOEXEC, 0, false, NULL);
	if (tasks < 0 && ce_lacks_room(errno))
		return -1;
	found = tasks < 0 ? 0 : ce_for_each_number(tasks, ce_is_polling_thread, &tasks);
	ce_close(tasks);
	if (found == 0)
		errno = saved;
	return found > 0 ? ce_fail_(EBUSY) : found;
}

#endif
