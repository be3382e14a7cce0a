/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * follow: prints what is appended to a log, as tail -F does, also when the log is rotated. It holds the log's
 * directory, for looking up and reading, and nothing else. Bytes that a terminal would obey are shown as "?".
 *
 * Usage: follow [-a] DIRECTORY NAME   (-a: from the beginning)
 */
#include <capsicum_easy.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define INTERVAL 100000000 /* nanoseconds between looks */

/* On FreeBSD a file has its rights from its directory; here it is limited to them when it is opened. */
static const cap_rights_t directory_rights = CE_RIGHTS(CAP_LOOKUP, CAP_READ, CAP_SEEK, CAP_FSTAT);
static const cap_rights_t file_rights = CE_RIGHTS(CAP_READ, CAP_SEEK, CAP_FSTAT);

static void fail(const char *what)
{
	fprintf(stderr, "follow: %s: %s\n", what, ce_strerror(errno));
	exit(1);
}

/* Each time round the same number with the same limits is used again: no new filter on Linux. */
static int open_log(int directory, const char *name)
{
	return ce_openat(directory, name, O_RDONLY | O_NONBLOCK, 0, &file_rights);
}

static void print_safely(char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if ((text[i] >= 0 && text[i] < ' ' && text[i] != '\n' && text[i] != '\t') || text[i] == 0x7f)
			text[i] = '?';
	fwrite(text, 1, length, stdout);
	fflush(stdout);
}

static void print_rest(int log, const char *name)
{
	char text[16384];
	ssize_t length;

	while ((length = read(log, text, sizeof(text))) > 0)
		print_safely(text, (size_t)length);
	if (length < 0)
		fail(name);
}

static bool is_same_file(int a, int b)
{
	struct stat first, second;

	return fstat(a, &first) == 0 && fstat(b, &second) == 0 && first.st_ino == second.st_ino &&
	       first.st_dev == second.st_dev;
}

/* The log under its name now: the same descriptor, or another one where it was rotated. */
static int follow_rotation(int directory, const char *name, int log)
{
	int now = open_log(directory, name);

	if (now < 0)
		return log; /* in the middle of a rotation */
	if (is_same_file(log, now)) {
		close(now);
		return log;
	}
	print_rest(log, name);
	close(log);
	return now;
}

/* Starts again where the file was emptied. */
static void follow_truncation(int log)
{
	struct stat status;

	if (fstat(log, &status) == 0 && lseek(log, 0, SEEK_CUR) > status.st_size)
		lseek(log, 0, SEEK_SET);
}

int main(int argc, char **argv)
{
	const bool all = argc > 1 && strcmp(argv[1], "-a") == 0;
	const struct timespec interval = { 0, INTERVAL };
	struct ce_opening openings[] = { { { -1, &directory_rights, NULL, 0, 0 }, NULL, O_DIRECTORY, 0 } };
	const char *name;
	int directory, log;

	if (argc != (all ? 4 : 3)) {
		fprintf(stderr, "usage: follow [-a] DIRECTORY NAME\n");
		return 2;
	}
	openings[0].path = argv[argc - 2];
	name = argv[argc - 1];
	if (ce_sandbox(openings, 1, CE_SANDBOX_STDIO, NULL) != 0)
		fail(argv[argc - 2]);
	directory = openings[0].descriptor.fd;
	log = open_log(directory, name);
	if (log < 0)
		fail(name);
	if (!all)
		lseek(log, 0, SEEK_END);
	for (;;) {
		print_rest(log, name);
		log = follow_rotation(directory, name, log);
		follow_truncation(log);
		nanosleep(&interval, NULL);
	}
}
