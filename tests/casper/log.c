/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The services system.syslog and system.netdb. Lines are read in a mount namespace of the test's own, where /dev/log is
 * its socket; where there can be none, what can be seen without is checked.
 */
#include "casper.h"

#include <casper/cap_netdb.h>
#include <casper/cap_syslog.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>

static bool write_to(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	return file != NULL && fputs(text, file) >= 0 && fclose(file) == 0;
}

/* Leaves the process its user and group in a new user namespace, or it could make no file in a new file system. */
static bool map_ids(unsigned user, unsigned group)
{
	char users[40];
	char groups[40];

	snprintf(users, sizeof(users), "%u %u 1", user, user);
	snprintf(groups, sizeof(groups), "%u %u 1", group, group);
	return write_to("/proc/self/uid_map", users) && write_to("/proc/self/setgroups", "deny") &&
	       write_to("/proc/self/gid_map", groups);
}

static int log_socket(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	const struct timeval patience = { .tv_sec = 5 };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	CHECK(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0);
	return fd;
}

/* A socket in the place of /dev/log, or -1: an empty /dev of the process's own, with /dev/null. */
static int listen_for_lines(void)
{
	int null = open("/dev/null", O_RDWR);
	const unsigned user = geteuid();
	const unsigned group = getegid();
	int file;

	if (null < 0 || unshare(user == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) != 0 ||
	    (user != 0 && !map_ids(user, group)) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("none", "/dev", "tmpfs", 0, NULL) != 0)
		return -1;
	file = open("/dev/null", O_RDWR | O_CREAT, 0666); /* a file is as good */
	close(file);
	return log_socket();
}

static const char *line(int fd)
{
	static char buffer[8192];
	ssize_t length = recv(fd, buffer, sizeof(buffer) - 1, 0);

	CHECK(length > 0);
	buffer[length] = '\0';
	return buffer;
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

IN_CHILD(syslog, logs)
{
	int log = listen_for_lines();
	cap_channel_t *chan;
	char text[3001];
	const char *got;

	if (log < 0)
		return;
	program_invocation_short_name = (char[]){ "prog" };
	chan = service("system.syslog");
	limit_channel(chan);
	CHECK(cap_enter() == 0);
	cap_syslog(chan, LOG_USER | LOG_ERR, "hello %d", 1);
	got = line(log);
	CHECK(starts(got, "<11>") && strstr(got, "prog: hello 1") != NULL);
	cap_openlog(chan, "me", LOG_PID, LOG_LOCAL3);
	cap_syslog(chan, LOG_ERR, "%%s %s", "x");
	got = line(log);
	CHECK(starts(got, "<155>") && strstr(got, " me[") != NULL && strstr(got, "]: %s x") != NULL);
	CHECK(cap_setlogmask(chan, LOG_UPTO(LOG_ERR)) == 0xff);
	cap_syslog(chan, LOG_INFO, "not this");
	cap_syslog(chan, LOG_ERR, "but this");
	CHECK(strstr(line(log), "but this") != NULL);
	CHECK(cap_setlogmask(chan, 0) == LOG_UPTO(LOG_ERR));
	cap_closelog(chan);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	cap_syslog(chan, LOG_ERR, "%s", text);
	got = line(log);
	CHECK(strstr(got, "prog: x") != NULL && strlen(strrchr(got, ' ') + 1) == 2047);
}

/* A client that has been taken over leaves out what cap_syslog() and cap_openlog() do. */
IN_CHILD(syslog, cuts_what_is_long)
{
	int log = listen_for_lines();
	nvlist_t *ident = nvlist_create(0);
	nvlist_t *message = nvlist_create(0);
	char text[100001];
	const char *got;
	cap_channel_t *chan;

	if (log < 0)
		return;
	chan = service("system.syslog");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	nvlist_add_string(ident, "cmd", "openlog");
	nvlist_add_string(ident, "ident", text);
	CHECK(cap_xfer_nvlist(chan, ident) != NULL);
	nvlist_add_string(message, "cmd", "vsyslog");
	nvlist_add_string(message, "message", text);
	CHECK(cap_xfer_nvlist(chan, message) != NULL);
	got = line(log);
	CHECK(strlen(strrchr(got, ' ') + 1) == 2047 && strspn(strchr(got, 'x'), "x") == 255);
}

/* The reason why it is not in capability mode: it connects to a daemon that was started again. */
IN_CHILD(syslog, logs_to_a_daemon_that_was_restarted)
{
	int log = listen_for_lines();
	cap_channel_t *chan;

	if (log < 0)
		return;
	chan = service("system.syslog");
	cap_syslog(chan, LOG_ERR, "before");
	CHECK(strstr(line(log), "before") != NULL);
	CHECK(close(log) == 0 && unlink("/dev/log") == 0);
	log = log_socket();
	cap_syslog(chan, LOG_ERR, "after");
	CHECK(strstr(line(log), "after") != NULL);
}

IN_CHILD(syslog, writes_to_the_program_s_standard_error)
{
	cap_channel_t *chan = service("system.syslog");
	char text[100] = "";
	char expected[100];
	int ends[2];

	CHECK(pipe(ends) == 0 && dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
	CHECK(cap_enter() == 0);
	cap_openlog(chan, "me", LOG_PERROR, LOG_USER);
	cap_syslog(chan, LOG_ERR, "to stderr");
	CHECK(read(ends[0], text, sizeof(text) - 1) > 0 && strcmp(text, "me: to stderr\n") == 0);
	cap_openlog(chan, "me", LOG_PERROR | LOG_PID, LOG_USER);
	cap_syslog(chan, LOG_ERR, "with a number");
	memset(text, 0, sizeof(text));
	snprintf(expected, sizeof(expected), "me[%d]: with a number\n", (int)getpid());
	CHECK(read(ends[0], text, sizeof(text) - 1) > 0 && strcmp(text, expected) == 0);
}

IN_CHILD(syslog, outlives_its_service)
{
	int pair[2];
	cap_channel_t *chan;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	chan = cap_wrap(pair[0], 0);
	close(pair[1]);
	cap_openlog(chan, "me", 0, LOG_USER);
	cap_syslog(chan, LOG_ERR, "nobody hears");
	CHECK(cap_setlogmask(chan, 1) == 0 && errno == EPIPE);
	cap_closelog(chan);
	CHECK_FAILS(EOPNOTSUPP, cap_limit_set(service("system.syslog"), nvlist_create(0)));
}

IN_CHILD(netdb, knows_protocols)
{
	cap_channel_t *netdb = service("system.netdb");
	const struct protoent *expected = getprotobyname("tcp");
	const struct protoent *protocol;

	CHECK(cap_enter() == 0);
	protocol = cap_getprotobyname(netdb, "tcp");
	CHECK((protocol == NULL) == (expected == NULL)); /* there may be no /etc/protocols */
	CHECK(protocol == NULL || (protocol->p_proto == 6 && strcmp(protocol->p_name, "tcp") == 0));
	CHECK_NULL(ENOENT, cap_getprotobyname(netdb, "no such protocol"));
	CHECK_NULL(EINVAL, cap_getprotobyname(netdb, NULL));
	CHECK_FAILS(EOPNOTSUPP, cap_limit_set(netdb, nvlist_create(0)));
}
