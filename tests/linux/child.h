/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests that limit descriptors or enter capability mode, each in a child of its own: IN_CHILD(suite, name) { ... } is a
 * Criterion test whose body runs in a forked process. CHECK() there says where it failed and ends the child.
 */
#ifndef CE_TESTS_CHILD_H
#define CE_TESTS_CHILD_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Seconds; a busy or an emulated machine is slow. */
#define PATIENCE 600

/* Where a child reports: a number that no test limits, out of the way of those that the tests open. */
#define REPORT_FD 1000

static inline void child_fail(const char *file, int line, const char *what, int error)
{
	dprintf(REPORT_FD, "%s:%d: %s (errno %d, %s)\n", file, line, what, error, strerror(error));
	_exit(1);
}

#define CHECK(condition) ((condition) ? (void)0 : child_fail(__FILE__, __LINE__, #condition, errno))

/* The call fails, with just this errno. */
#define CHECK_FAILS(error, call) \
	(errno = 0,              \
	 (call) == -1 && errno == (error) ? (void)0 : child_fail(__FILE__, __LINE__, #call " is not " #error, errno))

/* Runs the body in a child that keeps no descriptor but the standard ones; returns what waitpid() says of it. */
static inline int child_status(void (*body)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		alarm(PATIENCE); /* nothing here waits: a test that hangs has failed */
		dup2(STDERR_FILENO, REPORT_FD);
		syscall(SYS_close_range, STDERR_FILENO + 1, REPORT_FD - 1, 0);
		syscall(SYS_close_range, REPORT_FD + 1, ~0U, 0);
		body();
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	return status;
}

/* A process inside a test: what it does next is checked as the test's own. */
#define CHECK_CHILD(body) CHECK(child_wait(fork_run(body)) == 0)

static inline pid_t fork_run(void (*body)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		body();
		_exit(0);
	}
	return pid;
}

static inline int child_wait(pid_t pid)
{
	int status = -1;

	return waitpid(pid, &status, 0) == pid ? status : -1;
}

/*
 * A process that does nothing, and ends when this one does: it reads from a pipe, because a signal from inside a
 * sandbox (PR_SET_PDEATHSIG too) would not reach it.
 */
static inline pid_t bystander(void)
{
	int leash[2];
	pid_t pid;

	CHECK(pipe(leash) == 0);
	pid = fork();
	if (pid == 0) {
		char byte;

		close(leash[1]);
		_exit((int)read(leash[0], &byte, 1));
	}
	close(leash[0]);
	return pid;
}

/* A new, empty file that has no name any more. */
static inline int scratch_file(void)
{
	char path[] = "/tmp/ce-test-XXXXXX";
	int fd = mkstemp(path);

	if (fd >= 0)
		unlink(path);
	return fd;
}

/* How many seccomp filters this thread has. */
static inline int filter_count(void)
{
	char text[4096];
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *line;

	close(fd);
	if (length <= 0)
		return -1;
	text[length] = '\0';
	line = strstr(text, "Seccomp_filters:");
	return line == NULL ? -1 : atoi(line + strlen("Seccomp_filters:"));
}

#define IN_CHILD(suite, name)                                  \
	static void suite##_##name(void);                      \
	Test(suite, name)                                      \
	{                                                      \
		cr_assert_eq(child_status(suite##_##name), 0); \
	}                                                      \
	static void suite##_##name(void)

#endif
