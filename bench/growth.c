/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How costs grow, one line for each step: "x value value ...".
 *
 *     growth apart            ce_limit() one by one until it fails: microseconds to limit, nanoseconds of a read() of a
 *                             descriptor without limits; neighbours have different rights
 *     growth made N           ce_open() of N files, one by one, with three sets of rights: nanoseconds for one more,
 *                             for a bare open(), for that read(), filters, and instructions as the kernel counts them
 *     growth libseccomp N     for each of N descriptors one more filter, with rules for all so far, until it fails:
 *                             microseconds, and nanoseconds of that read()
 *     growth together N       N descriptors in one ce_limit_each(): the same; exits with 3 if it is ENOMEM
 *     growth ioctls N         a list of N commands: microseconds to limit and to get it back, nanoseconds of an ioctl()
 *     growth directories N    ce_enter() with N directories open: microseconds
 */
#include <capsicum_easy.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

#include "rivals.h"
#include "samples.h"

#define MOST 10000

static struct ce_descriptor descriptors[MOST];
static int unlimited; /* /dev/zero */
static const cap_rights_t kinds[] = { CE_RIGHTS(CAP_WRITE, CAP_FSTAT), CE_RIGHTS(CAP_READ, CAP_EVENT),
				      CE_RIGHTS(CAP_WRITE, CAP_FSYNC) };

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* Opens n descriptors; their rights differ from those of their neighbours. */
static void open_descriptors(size_t n, const char *path)
{
	size_t i;

	for (i = 0; i < n; i++) {
		descriptors[i].fd = open(path, O_RDONLY | O_CLOEXEC);
		descriptors[i].rights = &kinds[i % 3];
		descriptors[i].nioctls = CE_IOCTLS_KEEP;
		descriptors[i].fcntls = CE_FCNTLS_KEEP;
		if (descriptors[i].fd < 0)
			fail("open");
	}
}

static double elapsed(double start)
{
	return (bench_now(CLOCK_THREAD_CPUTIME_ID) - start) / 1000;
}

/* Nanoseconds of a read() of a descriptor without limits, which passes every filter. */
static double read_cost(void)
{
	const long count = 20000;
	double start;
	char byte;
	long i;

	start = bench_now(CLOCK_THREAD_CPUTIME_ID);
	for (i = 0; i < count; i++)
		if (syscall(SYS_read, unlimited, &byte, 1) != 1)
			fail("read");
	return elapsed(start) * 1000 / (double)count;
}

static int apart(void)
{
	size_t n;

	open_descriptors(MOST, "/dev/zero");
	for (n = 1; n <= MOST; n++) {
		const double start = bench_now(CLOCK_THREAD_CPUTIME_ID);
		double spent;

		if (ce_limit(descriptors[n - 1].fd, descriptors[n - 1].rights) != 0)
			break;
		spent = elapsed(start);
		printf("%zu %.1f %.1f\n", n, spent, read_cost());
	}
	fprintf(stderr, "ends at %zu: %s\n", n, n > MOST ? "not at all" : ce_strerror(errno));
	return 0;
}

/* How many filters, and how many instructions of limits, as the kernel counts them. */
static void print_filters(int status)
{
	static char text[8192];
	const ssize_t length = pread(status, text, sizeof(text) - 1, 0);
	const char *line;

	text[length > 0 ? length : 0] = '\0';
	line = strstr(text, "Seccomp_filters:");
	printf(" %d %u\n", line == NULL ? 0 : atoi(line + strlen("Seccomp_filters:")),
	       ce_answer_(CE_ASK_CLOSED_, CE_ASK_USED_LOW_, 0) | ce_answer_(CE_ASK_CLOSED_, CE_ASK_USED_HIGH_, 0)
									 << CE_ANSWER_WIDTH_);
}

/* Nanoseconds of an open() and a close(), less those of the close() that ends a measurement of making. */
static double bare_cost(void)
{
	const long count = 2000;
	static int fds[2000];
	const double start = bench_now(CLOCK_THREAD_CPUTIME_ID);
	double spent;
	long i;

	for (i = 0; i < count; i++)
		fds[i] = open("/dev/zero", O_RDWR | O_CLOEXEC);
	spent = elapsed(start) * 1000 / (double)count;
	for (i = 0; i < count; i++)
		close(fds[i]);
	return spent;
}

/* One line at 1, 3, 10, 30 and so on: the mean of all that were made since the line before. */
static int made(size_t most)
{
	const int status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	size_t n, line = 1, before = 0, steps = 0;
	double start = bench_now(CLOCK_THREAD_CPUTIME_ID);

	for (n = 1; n <= most; n++) {
		if (ce_open("/dev/zero", O_RDWR, 0, &kinds[n % 3]) < 0)
			fail("ce_open");
		if (n != line && n != most)
			continue;
		printf("%zu %.0f", n, elapsed(start) * 1000 / (double)(n - before));
		printf(" %.0f %.1f", bare_cost(), read_cost());
		print_filters(status);
		before = n;
		line = steps % 2 == 0 ? line * 3 : line / 3 * 10;
		steps++;
		start = bench_now(CLOCK_THREAD_CPUTIME_ID);
	}
	return 0;
}

static int rebuilt(size_t most)
{
	static struct ce_limited_ limits[MOST];
	size_t n;

	for (n = 0; n < most; n++) {
		const int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
		const double start = bench_now(CLOCK_THREAD_CPUTIME_ID);
		double spent;

		limits[n] = rival_limit(fd, &kinds[n % 3]);
		rival_libseccomp(limits, n + 1, 1);
		spent = elapsed(start);
		printf("%zu %.1f %.1f\n", n + 1, spent, read_cost());
		fflush(stdout); /* it ends the program when the kernel takes no more */
	}
	return 0;
}

static int together(size_t n)
{
	double start, spent;

	open_descriptors(n, "/dev/zero");
	start = bench_now(CLOCK_THREAD_CPUTIME_ID);
	if (ce_limit_each(descriptors, n) != 0)
		return errno == ENOMEM ? 3 : 1;
	spent = elapsed(start);
	printf("%zu %.1f %.1f\n", n, spent, read_cost());
	return 0;
}

static int ioctls(size_t n)
{
	unsigned long commands[256];
	double start, limiting, getting;
	const long count = 20000;
	long i;
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC), unread;

	for (i = 0; i < (long)n; i++)
		commands[i] = FIONREAD + 7ul * (unsigned long)i;
	start = bench_now(CLOCK_THREAD_CPUTIME_ID);
	if (ce_limit_ioctls(fd, commands, n) != 0)
		fail("ce_limit_ioctls");
	limiting = elapsed(start);
	start = bench_now(CLOCK_THREAD_CPUTIME_ID);
	if (ce_get_ioctls(fd, commands, 256) != (ssize_t)n)
		fail("ce_get_ioctls");
	getting = elapsed(start);
	start = bench_now(CLOCK_THREAD_CPUTIME_ID);
	for (i = 0; i < count; i++)
		(void)syscall(SYS_ioctl, fd, commands[n - 1], &unread);
	printf("%zu %.1f %.1f %.1f\n", n, limiting, getting, elapsed(start) * 1000 / (double)count);
	return 0;
}

static int directories(size_t n)
{
	double start;

	open_descriptors(n, "/usr");
	start = bench_now(CLOCK_THREAD_CPUTIME_ID);
	if (ce_enter() != 0)
		fail("ce_enter");
	printf("%zu %.1f\n", n, elapsed(start));
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	const size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	const struct rlimit files = { 20000, 20000 };

	unlimited = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	if (setrlimit(RLIMIT_NOFILE, &files) != 0 || unlimited < 0)
		fail("setrlimit");
	if (strcmp(what, "apart") == 0)
		return apart();
	if (strcmp(what, "made") == 0 && n > 0 && n <= MOST)
		return made(n);
	if (strcmp(what, "libseccomp") == 0 && n > 0 && n <= MOST)
		return rebuilt(n);
	if (strcmp(what, "together") == 0 && n > 0 && n <= MOST)
		return together(n);
	if (strcmp(what, "ioctls") == 0 && n > 0 && n <= 256)
		return ioctls(n);
	if (strcmp(what, "directories") == 0 && n <= MOST)
		return directories(n);
	fprintf(stderr, "usage: growth apart | made N | libseccomp N | together N | ioctls N | directories N\n");
	return 2;
}
