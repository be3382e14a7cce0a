/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Other processes that get at the table of descriptors. Some share it: clone(2) with CLONE_FILES, and no threads. No
 * filter made later reaches these, so limiting and entering give a process a table of its own; one with threads keeps
 * it, which is a gap. Others of the same user take descriptors from it, which is one too.
 */
#define _GNU_SOURCE
#include <criterion/criterion.h>

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>

#include <capsicum_easy.h>

#include "child.h"

struct sharer {
	int question; /* a number is written here, */
	int answer;   /* and what a write to it says there comes back here: 0 or an errno */
};

/* Until a number is negative: the other end of the pipe is open here as well. */
static void answer_questions(int question, int answer)
{
	int fd;

	alarm(60);
	while (read(question, &fd, sizeof(fd)) == sizeof(fd) && fd >= 0) {
		int error = write(fd, "", 1) == 1 ? 0 : errno;

		CHECK(write(answer, &error, sizeof(error)) == sizeof(error));
	}
	_exit(0);
}

static struct sharer share_table(void)
{
	int questions[2], answers[2];
	long pid;

	CHECK(pipe(questions) == 0 && pipe(answers) == 0);
	pid = syscall(SYS_clone, (long)(CLONE_FILES | SIGCHLD), 0L, 0L, 0L, 0L); /* fork, but for the table */
	if (pid == 0)
		answer_questions(questions[0], answers[1]);
	CHECK(pid > 0);
	return (struct sharer){ questions[1], answers[0] };
}

static int write_there(struct sharer sharer, int fd)
{
	int error = -1;

	CHECK(write(sharer.question, &fd, sizeof(fd)) == sizeof(fd));
	CHECK(read(sharer.answer, &error, sizeof(error)) == sizeof(error));
	return error;
}

static void dismiss(struct sharer sharer)
{
	const int end = -1;

	CHECK(write(sharer.question, &end, sizeof(end)) == sizeof(end));
}

/* Whether what is opened here is open there: not a number that was open when the tables were parted. */
static bool shares(struct sharer sharer)
{
	int ends[2];
	int error;

	CHECK(pipe(ends) == 0);
	error = write_there(sharer, ends[1]);
	CHECK(error == 0 || error == EBADF);
	close(ends[0]);
	close(ends[1]);
	return error == 0;
}

IN_CHILD(tables, are_parted_by_each_limit)
{
	int first = scratch_file(), second = scratch_file();
	struct sharer before = share_table();
	struct sharer between;

	CHECK(shares(before));
	CHECK(cap_rights_limit(first, CE_SET(CAP_READ)) == 0);
	CHECK(!shares(before));
	CHECK(write_there(before, first) == 0); /* it has what it had, as after fork */
	between = share_table();
	CHECK(shares(between));
	CHECK(write_there(between, first) == ENOTCAPABLE);
	CHECK(cap_rights_limit(second, CE_SET(CAP_READ)) == 0);
	CHECK(!shares(between));
	dismiss(before);
	dismiss(between);
}

IN_CHILD(tables, are_parted_by_entering_and_inside)
{
	struct sharer before = share_table();
	struct sharer inside;
	int fd = scratch_file();

	CHECK(cap_enter() == 0);
	CHECK(!shares(before));
	inside = share_table();
	CHECK(shares(inside));
	CHECK(cap_rights_limit(fd, CE_SET(CAP_READ)) == 0);
	CHECK(!shares(inside));
	dismiss(before);
	dismiss(inside);
}

static pthread_barrier_t barrier;

static void *be_there(void *unused)
{
	pthread_barrier_wait(&barrier);
	return unused;
}

/* The documented gap: a table of its own would part the calling thread from the others. */
IN_CHILD(tables, of_a_process_with_threads_stay_shared)
{
	int fd = scratch_file();
	struct sharer sharer = share_table();
	pthread_t thread;

	CHECK(pthread_barrier_init(&barrier, NULL, 2) == 0);
	CHECK(pthread_create(&thread, NULL, be_there, NULL) == 0);
	CHECK(cap_rights_limit(fd, CE_SET(CAP_READ)) == 0);
	CHECK_FAILS(ENOTCAPABLE, write(fd, "", 1));
	CHECK(shares(sharer));
	CHECK(write_there(sharer, fd) == 0);
	CHECK(cap_enter() == 0);
	CHECK(shares(sharer));
	pthread_barrier_wait(&barrier);
	CHECK(pthread_join(thread, NULL) == 0);
	dismiss(sharer);
}

/* Writes to a copy of this descriptor of the process, when told to: "may not have it" is an answer as well. */
static void take_and_write(int go, int process, int fd)
{
	char byte;
	int copy;

	CHECK(read(go, &byte, 1) == 1);
	copy = (int)syscall(SYS_pidfd_getfd, process, fd, 0);
	_exit(copy == -1 ? errno : write(copy, "", 1) == 1 ? 0 : 255);
}

/* The documented gap, where the system lets processes of one user at each other (Yama, containers). */
IN_CHILD(tables, are_open_to_others_of_the_user)
{
	int fd = scratch_file(), process = (int)syscall(SYS_pidfd_open, getpid(), 0);
	int go[2], status;
	pid_t other;

	CHECK(process != -1 && pipe(go) == 0);
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	other = fork();
	if (other == 0)
		take_and_write(go[0], process, fd);
	CHECK(cap_rights_limit(fd, CE_SET(CAP_READ)) == 0);
	CHECK_FAILS(ENOTCAPABLE, write(fd, "", 1));
	CHECK(write(go[1], "", 1) == 1);
	status = child_wait(other);
	CHECK(status == 0 || status == W_EXITCODE(EPERM, 0));
}
