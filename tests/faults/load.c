/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server under load: in capability mode, with up to 10,000 connections open at a time, each a limited descriptor.
 *
 *     load [CONNECTIONS]
 *
 * ce_accept() gives every connection a number in a pool that is limited already, so a few filters are all there ever
 * are (docs/pools.md). The clients are the parent process; all is on the loopback interface, and ends by itself.
 */
#include <capsicum_easy.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 10000
#define SPARE 32
#define SECONDS 600 /* on an emulated machine, of a processor that is not ours, 120 were too few */

static const cap_rights_t connection_rights = CE_RIGHTS(CAP_READ, CAP_WRITE, CAP_EVENT);

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s: %s\n", what, ce_strerror(errno));
	exit(1);
}

/* As many connections as this user may have descriptors for. */
static long affordable(long wanted)
{
	struct rlimit files;

	must(getrlimit(RLIMIT_NOFILE, &files) == 0, "getrlimit");
	files.rlim_cur = files.rlim_max;
	must(setrlimit(RLIMIT_NOFILE, &files) == 0, "setrlimit");
	return files.rlim_cur < (rlim_t)(wanted + SPARE) ? (long)files.rlim_cur - SPARE : wanted;
}

static int filters(int status)
{
	static char text[8192];
	const ssize_t length = pread(status, text, sizeof(text) - 1, 0);
	const char *line;

	must(length > 0, "/proc/self/status");
	text[length] = '\0';
	line = strstr(text, "Seccomp_filters:");
	return line == NULL ? 2 : atoi(line + strlen("Seccomp_filters:")); /* Linux 5.9 */
}

/* Accepts all that wait. */
static long accept_all(int listener, int events)
{
	long count = 0;
	int fd;

	while ((fd = ce_accept(listener, &connection_rights, NULL, NULL)) >= 0) {
		struct epoll_event event = { EPOLLIN, { .fd = fd } };
		struct sockaddr_in address;
		socklen_t size = sizeof(address);

		must(epoll_ctl(events, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
		must(getpeername(fd, (struct sockaddr *)&address, &size) == -1 && errno == ENOTCAPABLE, "limit");
		count++;
	}
	must(errno == EAGAIN, "ce_accept");
	return count;
}

/*
 * Answers a byte with itself; closes at the end, or after a reset (seen once, on an emulated Linux 5.10): the clients
 * tell whether they had their answers. Returns whether it closed.
 */
static bool serve(int fd)
{
	char byte;
	const ssize_t length = read(fd, &byte, 1);

	must(length >= 0 || errno == ECONNRESET, "read");
	if (length <= 0)
		return close(fd) == 0;
	must(write(fd, &byte, 1) == 1, "write");
	return false;
}

/* Serves until as many connections as there will be have been closed. */
static void server(int listener, long connections)
{
	struct epoll_event ready[64], event = { EPOLLIN, { .fd = listener } };
	const int status = open("/proc/self/status", O_RDONLY | O_CLOEXEC), events = epoll_create1(EPOLL_CLOEXEC);
	long accepted = 0, closed = 0;
	int n, i;

	alarm(SECONDS);
	must(epoll_ctl(events, EPOLL_CTL_ADD, listener, &event) == 0, "epoll_ctl");
	must(ce_limit(listener, CE_SET(CAP_ACCEPT, CAP_EVENT)) == 0 && ce_enter() == 0, "ce_enter");
	while (closed < connections) {
		n = epoll_wait(events, ready, 64, -1);
		must(n >= 0, "epoll_wait");
		for (i = 0; i < n; i++) {
			if (ready[i].data.fd == listener)
				accepted += accept_all(listener, events);
			else
				closed += serve(ready[i].data.fd);
		}
	}
	must(accepted == connections, "accepted");
	printf("%ld connections in capability mode, %d filters\n", accepted, filters(status));
	must(filters(status) <= 5, "filters");
	exit(0);
}

/* A byte to every connection, and its answer from every one. */
static void exchange(const int *connections, long n, char byte)
{
	char answer;
	long i;

	for (i = 0; i < n; i++)
		must(send(connections[i], &byte, 1, 0) == 1, "send");
	for (i = 0; i < n; i++)
		must(recv(connections[i], &answer, 1, 0) == 1 && answer == byte, "recv");
}

static void clients(const struct sockaddr_in *address, long n)
{
	static int connections[MOST];
	long i;

	for (i = 0; i < n; i++) {
		connections[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		must(connections[i] >= 0, "socket");
		must(connect(connections[i], (const struct sockaddr *)address, sizeof(*address)) == 0, "connect");
	}
	exchange(connections, n, 'a'); /* all are open now */
	exchange(connections, n, 'b');
	for (i = 0; i < n; i++)
		close(connections[i]);
}

int main(int argc, char **argv)
{
	const long n = affordable(argc > 1 && atol(argv[1]) < MOST ? atol(argv[1]) : MOST);
	struct sockaddr_in address;
	socklen_t size = sizeof(address);
	const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const time_t start = time(NULL);
	pid_t child;
	int status;

	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(listener >= 0 && bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 4096) == 0 &&
		     getsockname(listener, (struct sockaddr *)&address, &size) == 0,
	     "listener");
	alarm(SECONDS);
	child = fork();
	if (child == 0)
		server(listener, n);
	must(child > 0, "fork");
	close(listener);
	clients(&address, n);
	must(waitpid(child, &status, 0) == child && status == 0, "server");
	printf("%ld clients, %ld s\n", n, (long)(time(NULL) - start));
	return 0;
}
