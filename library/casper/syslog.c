/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The service system.syslog. Nothing in it can be limited.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "casper.h"
#pragma GCC visibility push(default)
#include <casper/cap_syslog.h>
#pragma GCC visibility pop

#define LINE_MAX_ 2048 /* FreeBSD's: what is longer is cut */
#define IDENT_MAX 256  /* RFC 5424 has 48 characters of it */

static int syslog_limit(const nvlist_t *old, const nvlist_t *wanted)
{
	(void)old;
	(void)wanted;
	return EOPNOTSUPP;
}

/* openlog(3) keeps the pointer that it is given. */
static void serve_openlog(const nvlist_t *in)
{
	static char *ident;
	const char *wanted = nvlist_get_string(in, "ident");
	char *copy = wanted == NULL ? NULL : strndup(wanted, IDENT_MAX - 1);

	openlog(copy, (int)nvlist_get_number(in, "option") & ~LOG_PERROR, (int)nvlist_get_number(in, "facility"));
	free(ident);
	ident = copy;
}

/* closelog(3) of Linux leaves the ident where FreeBSD's forgets it. */
static void serve_closelog(void)
{
	nvlist_t *nothing = nvlist_create(0);

	closelog();
	serve_openlog(nothing);
	nvlist_destroy(nothing);
}

static int syslog_command(const char *cmd, const nvlist_t *limits, nvlist_t *in, nvlist_t *out)
{
	const char *message = nvlist_get_string(in, "message");

	(void)limits;
	if (strcmp(cmd, "vsyslog") == 0 && message != NULL)
		syslog((int)nvlist_get_number(in, "priority"), "%.*s", LINE_MAX_ - 1, message);
	else if (strcmp(cmd, "openlog") == 0)
		serve_openlog(in);
	else if (strcmp(cmd, "closelog") == 0)
		serve_closelog();
	else if (strcmp(cmd, "setlogmask") == 0)
		nvlist_add_number(out, "mask", (uint64_t)setlogmask((int)nvlist_get_number(in, "mask")));
	else
		return EINVAL;
	return 0;
}

const struct service casper_syslog = {
	.name = "system.syslog",
	.limit = syslog_limit,
	.command = syslog_command,
	.cloned = closelog, /* a connection of its own */
	.ready = tzset,	    /* the zone's file, for the time in each line */
	.files = FILES_NONE,
	.sockets = SOCKETS_LOCAL,
};

/* The client's side. LOG_PERROR is done here: the service has no descriptor of the program. */

static bool to_stderr;
static bool to_stderr_with_pid;
static char *to_stderr_ident;

static void write_stderr(const char *line)
{
	const char *ident = to_stderr_ident != NULL ? to_stderr_ident : program_invocation_short_name;

	if (to_stderr_with_pid)
		dprintf(STDERR_FILENO, "%s[%d]: %s\n", ident, (int)getpid(), line);
	else
		dprintf(STDERR_FILENO, "%s: %s\n", ident, line);
}

void cap_vsyslog(cap_channel_t *chan, int priority, const char *fmt, va_list ap)
{
	nvlist_t *request = channel_request("vsyslog");
	char line[LINE_MAX_];

	vsnprintf(line, sizeof(line), fmt, ap);
	if (to_stderr)
		write_stderr(line);
	nvlist_add_number(request, "priority", (uint64_t)priority);
	nvlist_add_string(request, "message", line);
	(void)channel_do(chan, request);
}

void cap_syslog(cap_channel_t *chan, int pri, const char *fmt, ...)
{
	va_list arguments;

	va_start(arguments, fmt);
	cap_vsyslog(chan, pri, fmt, arguments);
	va_end(arguments);
}

void cap_openlog(cap_channel_t *chan, const char *ident, int logopt, int facility)
{
	nvlist_t *request = channel_request("openlog");

	free(to_stderr_ident);
	to_stderr_ident = ident == NULL ? NULL : strdup(ident);
	to_stderr = (logopt & LOG_PERROR) != 0;
	to_stderr_with_pid = (logopt & LOG_PID) != 0;
	if (ident != NULL)
		nvlist_add_string(request, "ident", ident);
	nvlist_add_number(request, "option", (uint64_t)logopt);
	nvlist_add_number(request, "facility", (uint64_t)facility);
	(void)channel_do(chan, request);
}

void cap_closelog(cap_channel_t *chan)
{
	free(to_stderr_ident);
	to_stderr_ident = NULL;
	to_stderr = false;
	(void)channel_do(chan, channel_request("closelog"));
}

int cap_setlogmask(cap_channel_t *chan, int maskpri)
{
	nvlist_t *request = channel_request("setlogmask");
	nvlist_t *answer;
	int mask;

	nvlist_add_number(request, "mask", (uint64_t)maskpri);
	answer = channel_ask(chan, request);
	mask = (int)dnvlist_get_number(answer, "mask", 0);
	nvlist_destroy(answer);
	return mask;
}
