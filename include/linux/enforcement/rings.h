/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * io_uring's polling threads. A ring set up with IORING_SETUP_SQPOLL takes requests from memory without a system call,
 * so no filter sees them; a process that has one cannot be limited. Rings without such a thread need io_uring_enter(2),
 * which limits and capability mode refuse.
 */
#ifndef CE_LINUX_RINGS_H_
#define CE_LINUX_RINGS_H_

#include "numbers.h"
#include "threads.h"

/* Writes "<thread>/stat". */
static inline void ce_thread_stat_path_(char path[32], int thread)
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
 * Whether /proc/<pid>/stat, "tid (name) state ppid pgrp session tty tpgid flags ...", is that of a polling thread: one
 * of io_uring's own (PF_IO_WORKER in the flags) that is not a worker. A name is only given once the thread runs.
 */
static inline bool ce_is_polling_stat_(const char *stat)
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
	return (flags & CE_PF_IO_WORKER_) != 0 && strncmp(name, worker, sizeof(worker) - 1) != 0;
}

/* 1 if the thread is one that polls for a ring. */
static inline int ce_is_polling_thread_(void *context, int thread)
{
	char path[32];
	char stat[256] = { 0 }; /* the flags are well within */
	int fd;

	ce_thread_stat_path_(path, thread);
	fd = ce_open_wanted_(*(const int *)context, path, CE_O_CLOEXEC_, 0, false, NULL);
	if (fd < 0)
		return ce_lacks_room_(errno) ? -1 : 0; /* it has ended */
	syscall(SYS_read, (long)fd, ce_pointer_(stat), (long)(sizeof(stat) - 1));
	ce_close_(fd);
	return ce_is_polling_stat_(stat);
}

/*
 * EBUSY if the process has a polling ring. Its thread is one of the process's own from Linux 5.12 on, and found in
 * /proc; before, or without /proc, it is not found. EMFILE, ENFILE or ENOMEM if there is no room to look.
 */
static inline int ce_check_rings_(void)
{
	int saved = errno;
	unsigned bits;
	int tasks;
	int found;

	/* The first limit, or entering, has looked, and none can be made since. */
	if (ce_ask_(CE_ASK_CLOSED_, 0, 0, &bits) || ce_ask_(CE_ASK_MODE_, 0, 0, &bits) || ce_is_single_threaded_())
		return 0;
	tasks = ce_open_wanted_(CE_AT_FDCWD_, "/proc/self/task", CE_O_CLOEXEC_, 0, false, NULL);
	if (tasks < 0 && ce_lacks_room_(errno))
		return -1;
	found = tasks < 0 ? 0 : ce_for_each_number_(tasks, ce_is_polling_thread_, &tasks);
	ce_close_(tasks);
	if (found == 0)
		errno = saved;
	return found > 0 ? ce_fail_(EBUSY) : found;
}

#endif
