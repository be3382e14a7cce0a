/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other threads of the process, as /proc/self/task has them.
 *
 * They are told apart by `status`. `stat` would have the kernel's own flags, but from Linux 7.1 on it takes
 * exec_update_lock (fs/proc/array.c, do_task_stat): a thread that reads it waits for one that puts all threads into a
 * Landlock domain, and that one for it. A name proves nothing, since any thread can change another's.
 */
#ifndef CE_LINUX_PROC_H_
#define CE_LINUX_PROC_H_

#include "child.h"
#include "numbers.h"

#define CE_PROC_MAGIC_ 0x9fa0 /* linux/magic.h, PROC_SUPER_MAGIC */

/* Opens a directory of /proc. Whatever else is mounted there is as good as nothing: ENOENT. errno: see ce_open_plain_.
 */
CE_COLD_ int ce_open_proc_(const char *path)
{
	int64_t file_system[32] = { 0 }; /* struct statfs, which begins with its kind */
	int fd = ce_open_plain_(CE_AT_FDCWD_, path);

	if (fd < 0 ||
	    (syscall(SYS_fstatfs, (long)fd, ce_pointer_(file_system)) == 0 && file_system[0] == CE_PROC_MAGIC_))
		return fd;
	ce_close_(fd);
	return ce_fail_(ENOENT);
}

/*
 * Calls `entry` for each name of an open directory of /proc until it does not return 0. The names are numbers, but for
 * "." and "..".
 */
CE_COLD_ int ce_for_each_number_(int directory, int (*entry)(void *context, int number), void *context)
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

/* Opens "<thread>/<name>" for reading; name: at most 6 characters. */
CE_COLD_ int ce_thread_open_(int tasks, int thread, const char *name)
{
	char path[32], digits[16];
	size_t n = 0, i = 0;

	do
		digits[n++] = (char)('0' + thread % 10);
	while ((thread /= 10) > 0);
	while (n > 0)
		path[i++] = digits[--n];
	path[i++] = '/';
	memcpy(path + i, name, strlen(name) + 1);
	return ce_open_plain_(tasks, path);
}

/* What `status` says of a thread. */
struct ce_thread_ {
	bool memory; /* it has not yet let go of the process's memory: it lives */
	bool deaf;   /* it blocks all signals that can be blocked, as each thread does that the kernel made */
};

/*
 * One line of `status`. No C library lets a program block the two or three signals that it uses itself, and a thread of
 * the kernel's never changes what it blocks (kernel/fork.c, copy_process: args->io_thread, args->user_worker).
 */
CE_COLD_ void ce_thread_line_(struct ce_thread_ *thread, const char *line)
{
	static const char memory[] = "VmPeak:", blocked[] = "SigBlk:\tfffffffffffbfeff"; /* but SIGKILL and SIGSTOP */

	thread->memory = thread->memory || strncmp(line, memory, sizeof(memory) - 1) == 0;
	thread->deaf = thread->deaf || strcmp(line, blocked) == 0;
}

/* Reads `status`, which may be long: a line for all groups is in it. Nothing, if the thread has ended. */
CE_COLD_ void ce_thread_read_(int fd, struct ce_thread_ *thread)
{
	char buffer[512], line[32];
	size_t length = 0;
	long n, i;

	thread->memory = thread->deaf = false;
	while ((n = syscall(SYS_read, (long)fd, ce_pointer_(buffer), (long)sizeof(buffer))) > 0) {
		for (i = 0; i < n; i++) {
			if (buffer[i] != '\n') {
				line[length] = buffer[i];
				length += length < sizeof(line) - 1;
				continue;
			}
			line[length] = '\0';
			ce_thread_line_(thread, line);
			length = 0;
		}
	}
}

/* What a thread that blocks all signals does, told by the function that it sleeps in. */
enum {
	CE_THREAD_HARMLESS_, /* a worker of io_uring's, vhost's or KVM's: does only what system calls ask of it */
	CE_THREAD_POLLING_,
	CE_THREAD_UNCLEAR_ /* it runs; or the C library is starting or ending it */
};

CE_COLD_ int ce_thread_sleeps_in_(const char *function)
{
	if (strncmp(function, "io_wq", 5) == 0 || strncmp(function, "vhost_task", 10) == 0)
		return CE_THREAD_HARMLESS_;
	return strncmp(function, "io_sq_thread", 12) == 0 ? CE_THREAD_POLLING_ : CE_THREAD_UNCLEAR_;
}

struct ce_thread_asked_ {
	int tasks;
	int thread;
};

CE_COLD_ int ce_thread_ask_(void *context)
{
	const struct ce_thread_asked_ *asked = (const struct ce_thread_asked_ *)context;
	char function[32] = { 0 };
	int fd = ce_thread_open_(asked->tasks, asked->thread, "wchan");

	if (fd < 0)
		return CE_THREAD_UNCLEAR_;
	syscall(SYS_read, (long)fd, ce_pointer_(function), (long)(sizeof(function) - 1));
	return ce_thread_sleeps_in_(function);
}

/*
 * For `wchan` the kernel takes that lock too, so a process asks which is none of the threads: waiting for it is
 * interrupted for the domain. It is told nothing of a process that may not be traced (prctl(2), PR_SET_DUMPABLE).
 */
CE_COLD_ int ce_thread_does_(int tasks, int thread)
{
	struct ce_thread_asked_ asked = { tasks, thread };
	int does = CE_THREAD_UNCLEAR_;

	ce_child_run_(ce_thread_ask_, &asked, CE_CHILD_COPIES_, &does);
	return does;
}

/* The threads of the process, but the calling one. */
struct ce_threads_ {
	bool seen; /* /proc could be read; otherwise all others are 0 */
	unsigned living;
	unsigned dying;
	unsigned polling; /* of those that live */
	unsigned unclear;
	int tasks; /* /proc/self/task */
	int self;
};

CE_COLD_ int ce_threads_count_(void *context, int thread)
{
	struct ce_threads_ *threads = (struct ce_threads_ *)context;
	struct ce_thread_ status;
	int fd;

	if (thread == threads->self)
		return 0;
	fd = ce_thread_open_(threads->tasks, thread, "status");
	if (fd < 0)
		return ce_lacks_room_(errno) ? -1 : 0; /* it has ended */
	ce_thread_read_(fd, &status);
	ce_close_(fd);
	if (!status.memory) {
		threads->dying++;
		return 0;
	}
	threads->living++;
	if (status.deaf) {
		const int does = ce_thread_does_(threads->tasks, thread);

		threads->polling += does == CE_THREAD_POLLING_;
		threads->unclear += does == CE_THREAD_UNCLEAR_;
	}
	return 0;
}

/* errno: EMFILE, ENFILE or ENOMEM, if there is no room to look. */
CE_COLD_ int ce_threads_look_(struct ce_threads_ *threads)
{
	int result;

	memset(threads, 0, sizeof(*threads));
	threads->self = (int)syscall(SYS_gettid);
	threads->tasks = ce_open_proc_("/proc/self/task");
	if (threads->tasks < 0)
		return ce_lacks_room_(errno) ? -1 : 0;
	threads->seen = true;
	result = ce_for_each_number_(threads->tasks, ce_threads_count_, threads);
	ce_close_(threads->tasks);
	return result;
}

#endif
