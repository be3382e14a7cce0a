/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What functions of the C library need of the descriptor beneath: with just what ce_call_needs() says they work, and
 * without any one of these rights they do not. As glibc has them; another libc may ask for less or more.
 */
#define _GNU_SOURCE
#include <capsicum_easy.h>
#include <criterion/criterion.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

#include "../linux/child.h"

/* A descriptor, and a stream on it that was made before it was limited. */
struct subject {
	int fd;
	FILE *stream;
	DIR *directory;
};

static bool with_fdopen(const struct subject *s)
{
	return fdopen(s->fd, "r") != NULL;
}

static bool with_fgets(const struct subject *s)
{
	char line[16];

	return fgets(line, sizeof(line), s->stream) != NULL;
}

static bool with_getline(const struct subject *s)
{
	char *line = NULL;
	size_t size = 0;

	return getline(&line, &size, s->stream) > 0;
}

static bool with_fprintf(const struct subject *s)
{
	return fprintf(s->stream, "x") == 1 && fflush(s->stream) == 0;
}

static bool with_dprintf(const struct subject *s)
{
	return dprintf(s->fd, "x") == 1;
}

static bool with_ftell(const struct subject *s)
{
	return ftell(s->stream) >= 0;
}

static bool with_fdopendir(const struct subject *s)
{
	return fdopendir(s->fd) != NULL;
}

static bool with_readdir(const struct subject *s)
{
	return readdir(s->directory) != NULL;
}

static bool with_lockf(const struct subject *s)
{
	return lockf(s->fd, F_LOCK, 1) == 0;
}

static bool with_isatty(const struct subject *s)
{
	errno = 0;
	return isatty(s->fd) != 0 || errno == ENOTTY;
}

static const struct {
	const char *call;
	bool (*works)(const struct subject *s);
	char kind; /* 'f': a descriptor, 's': a stream, 'd': a directory, 'D': its stream */
} cases[] = {
	{ "fdopen", with_fdopen, 'f' },	      { "fgets", with_fgets, 's' },	{ "getline", with_getline, 's' },
	{ "fprintf", with_fprintf, 's' },     { "dprintf", with_dprintf, 'f' }, { "ftell", with_ftell, 's' },
	{ "fdopendir", with_fdopendir, 'd' }, { "readdir", with_readdir, 'D' }, { "lockf", with_lockf, 'f' },
	{ "isatty", with_isatty, 'f' },
};

static struct subject make_subject(char kind)
{
	struct subject s = { -1, NULL, NULL };

	if (kind == 'd' || kind == 'D') {
		s.fd = open("/", O_RDONLY | O_DIRECTORY);
		s.directory = kind == 'D' ? fdopendir(s.fd) : NULL;
		return s;
	}
	s.fd = scratch_file();
	CHECK(write(s.fd, "line\n", 5) == 5 && lseek(s.fd, 0, SEEK_SET) == 0);
	s.stream = kind == 's' ? fdopen(s.fd, "r+") : NULL;
	return s;
}

/* In a process of its own, since a limit on a number stays. */
static bool works_with(size_t i, const cap_rights_t *rights)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		const struct subject s = make_subject(cases[i].kind);

		_exit(ce_limit(s.fd, rights) == 0 && cases[i].works(&s) ? 0 : 1);
	}
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	return WEXITSTATUS(status) == 0;
}

/* dprintf() asks where the descriptor stands in glibc before 2.37 (libio/iovdprintf.c); what is said serves every one.
 */
static bool is_for_another_libc(const char *call)
{
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 37)
	return strcmp(call, "dprintf") == 0;
#else
	(void)call;
	return false;
#endif
}

IN_CHILD(library_calls, need_what_is_said_and_no_less)
{
	size_t i, at;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cap_rights_t needed;

		CHECK(ce_call_needs(cases[i].call, &needed) == 0);
		if (!works_with(i, &needed))
			child_fail(__FILE__, __LINE__, cases[i].call, 0);
		for (at = 0; at < ce_right_count(); at++) {
			const uint64_t right = ce_right_by_name(ce_right_name_at(at));
			cap_rights_t less = needed;

			if (!ce_rights_is_set(&needed, right) || ce_rights_clear(&less, right) != 0)
				continue;
			if (works_with(i, &less) && !is_for_another_libc(cases[i].call)) {
				fprintf(stderr, "%s works without %s\n", cases[i].call, ce_right_name_at(at));
				child_fail(__FILE__, __LINE__, "a right too many", 0);
			}
		}
	}
}
