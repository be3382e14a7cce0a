/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * io_uring: a ring that the kernel polls takes requests that no filter sees, so nothing may be limited beside one.
 */
#include <capsicum_easy.h>
#include <criterion/criterion.h>

#include <dirent.h>
#include <pthread.h>
#include <sys/mman.h>

#include "child.h"
#include "levels.h"

/* struct io_uring_params, by its words: flags and sq_thread_idle are the third and fifth. */
static int make_ring(uint32_t flags)
{
	uint32_t params[30] = { 0 };

	params[2] = flags;
	params[4] = 10000; /* ms before the kernel's thread sleeps */
	return (int)syscall(SYS_io_uring_setup, 4, params);
}

#define SQPOLL 2u /* IORING_SETUP_SQPOLL */

IN_CHILD(rings, polling_one_is_busy)
{
	int ring = make_ring(SQPOLL);

	CHECK(ring >= 0);
	CHECK_FAILS(EBUSY, ce_limit(STDIN_FILENO, CE_SET(CAP_READ)));
	CHECK_FAILS(EBUSY, ce_enter());
	CHECK(!ce_sandboxed());
	CHECK(filter_count() == 0);
}

static void enter_beside_it(void)
{
	CHECK(ce_enter() == 0);
}

/* A documented gap: it does what it is asked as the process that made it. */
IN_CHILD(rings, polling_one_of_a_parent_is_not_found)
{
	CHECK(make_ring(SQPOLL) >= 0);
	CHECK_CHILD(enter_beside_it);
}

IN_CHILD(rings, closed_one_is_not)
{
	int ring = make_ring(SQPOLL);
	int tries = 0;

	CHECK(ring >= 0);
	close(ring);
	/* The kernel ends its thread some time after. */
	while (ce_limit(STDIN_FILENO, CE_SET(CAP_READ)) != 0) {
		CHECK(errno == EBUSY && ++tries < 1000);
		usleep(10000);
	}
}

static void *wait_for_the_end(void *unused)
{
	pause();
	return unused;
}

static void start_thread(void)
{
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, wait_for_the_end, NULL) == 0);
}

/* Gives all threads but the first the name that a ring's workers have. */
static void rename_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *task;

	CHECK(tasks != NULL);
	while ((task = readdir(tasks)) != NULL) {
		char path[300];
		int comm;

		if (atoi(task->d_name) == 0 || atoi(task->d_name) == getpid())
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", task->d_name);
		comm = open(path, O_WRONLY | O_CLOEXEC);
		CHECK(comm != -1 && write(comm, "iou-wrk-1", 9) == 9);
		close(comm);
	}
	closedir(tasks);
}

IN_CHILD(rings, polling_one_cannot_hide_its_name)
{
	CHECK(make_ring(SQPOLL) >= 0);
	start_thread();
	rename_threads();
	CHECK_FAILS(EBUSY, ce_limit(STDIN_FILENO, CE_SET(CAP_READ)));
	CHECK_FAILS(EBUSY, ce_enter());
}

/* Made by another thread after entering has looked: it looks again once nobody can make one. */
IN_CHILD(rings, polling_one_made_while_entering_is_busy)
{
	bool looked;

	start_thread();
	CHECK(ce_check_rings_(&looked) == 0 && looked);
	CHECK(make_ring(SQPOLL) >= 0);
	CHECK_FAILS(EBUSY, ce_end_rings_());
	CHECK_FAILS(ENOSYS, make_ring(0));
}

IN_CHILD(rings, none_made_while_entering_is_no_failure)
{
	start_thread();
	CHECK(ce_end_rings_() == 0);
	CHECK_FAILS(ENOSYS, make_ring(SQPOLL));
	CHECK(ce_enter() == 0);
}

/* The same for the first limit, which stays. */
IN_CHILD(rings, polling_one_made_while_limiting_is_busy)
{
	const struct ce_descriptor request = { STDIN_FILENO, CE_SET(CAP_READ), NULL, CE_IOCTLS_KEEP, CE_FCNTLS_KEEP };
	struct ce_limits_ limits = { 0 };

	start_thread();
	CHECK(ce_limits_add_(&limits, &request) == 0);
	CHECK(make_ring(SQPOLL) >= 0);
	CHECK_FAILS(EBUSY, ce_limits_install_(&limits));
	CHECK_FAILS(ENOSYS, make_ring(0));
	CHECK(filter_count() == 1);
}

/* Neither the ring's descriptor nor a mapping of it is needed for it to be found. */
IN_CHILD(rings, polling_one_without_descriptor_is_busy)
{
	int ring = make_ring(SQPOLL);
	void *held = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring, 0);

	CHECK(ring >= 0 && held != MAP_FAILED);
	close(ring);
	usleep(100000); /* time to end its thread, if nothing held it */
	CHECK_FAILS(EBUSY, ce_limit(STDIN_FILENO, CE_SET(CAP_READ)));
}

/* struct io_uring_params: sq_off.tail at 44, sq_off.array at 64; struct io_uring_sqe: opcode, flags, fd, addr, len. */
static void let_a_worker_read(int ring, const uint32_t *params, int from)
{
	static char byte;
	char *queue = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring, 0);
	unsigned char *entry = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring, 0x10000000);
	const uint64_t address = (uintptr_t)&byte;
	const uint32_t length = 1;

	CHECK(queue != MAP_FAILED && entry != MAP_FAILED);
	entry[0] = 22; /* IORING_OP_READ */
	entry[1] = 16; /* IOSQE_ASYNC: by a worker */
	memcpy(entry + 4, &from, 4);
	memcpy(entry + 16, &address, 8);
	memcpy(entry + 24, &length, 4);
	*(uint32_t *)(queue + params[16]) = 0;
	*(uint32_t *)(queue + params[11]) = 1;
	CHECK(syscall(SYS_io_uring_enter, ring, 1, 0, 0, NULL, 0) == 1);
}

static unsigned threads_of_the_kernel(void)
{
	struct ce_threads_ others;

	CHECK(ce_threads_look_(&others) == 0 && others.seen);
	return others.living;
}

/* A ring without polling stays allowed when it has workers: they do nothing by themselves. */
IN_CHILD(rings, workers_are_not)
{
	uint32_t params[30] = { 0 };
	int ring = (int)syscall(SYS_io_uring_setup, 4, params);
	int ends[2], tries = 0;

	CHECK(ring >= 0 && pipe(ends) == 0);
	let_a_worker_read(ring, params, ends[0]);
	while (threads_of_the_kernel() == 0)
		CHECK(usleep(1000) == 0 && ++tries < 1000);
	if (has(SLEEPERS))
		CHECK(ce_limit(STDIN_FILENO, CE_SET(CAP_READ)) == 0);
	else
		CHECK_FAILS(EBUSY, ce_limit(STDIN_FILENO, CE_SET(CAP_READ)));
}

static void *block_all_and_wait(void *pipe_end)
{
	const uint64_t all = UINT64_MAX;

	CHECK(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, 8) == 0);
	CHECK(write(*(int *)pipe_end, "x", 1) == 1);
	return wait_for_the_end(NULL);
}

/* What no C library lets a thread do: it cannot be told from one of the kernel's, so nothing is limited beside it. */
IN_CHILD(rings, thread_that_blocks_all_signals_is_busy)
{
	pthread_t thread;
	int ends[2];
	char byte;

	CHECK(pipe(ends) == 0 && pthread_create(&thread, NULL, block_all_and_wait, &ends[1]) == 0);
	CHECK(read(ends[0], &byte, 1) == 1);
	CHECK_FAILS(EBUSY, ce_limit(STDIN_FILENO, CE_SET(CAP_READ)));
}

/* fs/proc/array.c, proc_pid_status(): a name may hold anything but the end of a line. */
Test(rings, are_found_by_what_proc_says_of_a_thread)
{
	struct ce_thread_ thread = { false, false };

	ce_thread_line_(&thread, "Name:\tSigBlk:\tfffffffffffbfeff");
	ce_thread_line_(&thread, "SigBlk:\tfffffffe7ffbfeff");
	ce_thread_line_(&thread, "SigIgn:\tfffffffffffbfeff");
	cr_expect(!thread.deaf && !thread.memory);
	ce_thread_line_(&thread, "SigBlk:\tfffffffffffbfeff");
	cr_expect(thread.deaf && !thread.memory);
	ce_thread_line_(&thread, "VmPeak:\t    3892 kB");
	cr_expect(thread.deaf && thread.memory);
	cr_expect_eq(ce_thread_sleeps_in_("io_wq_worker"), CE_THREAD_HARMLESS_);
	cr_expect_eq(ce_thread_sleeps_in_("io_wqe_worker"), CE_THREAD_HARMLESS_); /* Linux before 6.5 */
	cr_expect_eq(ce_thread_sleeps_in_("vhost_task_fn"), CE_THREAD_HARMLESS_);
	cr_expect_eq(ce_thread_sleeps_in_("io_sq_thread"), CE_THREAD_POLLING_);
	cr_expect_eq(ce_thread_sleeps_in_("0"), CE_THREAD_UNCLEAR_);
	cr_expect_eq(ce_thread_sleeps_in_(""), CE_THREAD_UNCLEAR_);
}

IN_CHILD(rings, entering_is_refused_once_anything_is_limited)
{
	int ring = make_ring(0);

	CHECK(ring >= 0);
	CHECK(ce_limit(STDIN_FILENO, CE_SET(CAP_READ)) == 0);
	CHECK_FAILS(ENOSYS, syscall(SYS_io_uring_enter, ring, 0, 0, 0, NULL, 0));
	CHECK_FAILS(ENOSYS, syscall(SYS_io_uring_register, ring, 0, NULL, 0));
	CHECK_FAILS(ENOSYS, make_ring(0));
}
