/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * httpd: serves the files of a directory over HTTP/1.0, on this machine only. It binds its socket, opens the directory
 * and enters capability mode: whatever a request does to it, it can accept connections and read beneath the directory.
 * Thousands of clients may be connected at once; each connection and each file has its own few rights.
 *
 * Usage: httpd DIRECTORY [PORT]   (default: a port that is free; it is printed)
 */
#include <capsicum_easy.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST 16384 /* connections at a time; one more, and the one that has waited longest is closed */

/* What is done with a connection; on FreeBSD it has its rights from the listening socket. */
static const cap_rights_t connection_rights = CE_RIGHTS(CAP_READ, CAP_WRITE, CAP_EVENT, CAP_SHUTDOWN);
static const cap_rights_t listener_rights = CE_RIGHTS(CAP_ACCEPT, CAP_READ, CAP_WRITE, CAP_EVENT, CAP_SHUTDOWN);
static const cap_rights_t directory_rights = CE_RIGHTS(CAP_LOOKUP, CAP_READ, CAP_FSTAT);
static const cap_rights_t file_rights = CE_RIGHTS(CAP_READ, CAP_FSTAT);

static void fail(const char *what)
{
	fprintf(stderr, "httpd: %s: %s\n", what, ce_strerror(errno));
	exit(1);
}

static int listen_on(uint16_t port)
{
	struct sockaddr_in address;
	socklen_t length = sizeof(address);
	const int yes = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(port);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 4096) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) != 0)
		fail("listening");
	printf("http://127.0.0.1:%d/\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

static bool write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, data, length);

		if (written <= 0)
			return false;
		data += written;
		length -= (size_t)written;
	}
	return true;
}

static void answer(int connection, const char *status, long long length)
{
	char head[160];
	int size = snprintf(head, sizeof(head), "HTTP/1.0 %s\r\nContent-Length: %lld\r\nConnection: close\r\n\r\n",
			    status, length);

	write_all(connection, head, (size_t)size);
}

static void send_file(int connection, int file)
{
	char buffer[65536];
	struct stat status;
	ssize_t length;

	if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
		answer(connection, "404 Not Found", 0);
		return;
	}
	answer(connection, "200 OK", (long long)status.st_size);
	while ((length = read(file, buffer, sizeof(buffer))) > 0)
		if (!write_all(connection, buffer, (size_t)length))
			return;
}

static int hexadecimal(char c)
{
	const char *digits = "0123456789abcdef0123456789ABCDEF";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)((at - digits) % 16) : -1;
}

/* Decodes %20 and its kin in place. */
static void decode(char *path)
{
	char *to = path;

	while (*path != '\0') {
		if (path[0] == '%' && hexadecimal(path[1]) >= 0 && hexadecimal(path[2]) >= 0) {
			*to++ = (char)(hexadecimal(path[1]) * 16 + hexadecimal(path[2]));
			path += 3;
		} else {
			*to++ = *path++;
		}
	}
	*to = '\0';
}

/* The path of "GET /path HTTP/1.0", relative to the directory; NULL for anything else. */
static char *requested_path(char *request)
{
	char *path = request + 5;

	if (strncmp(request, "GET /", 5) != 0)
		return NULL;
	path[strcspn(path, " ?#\r\n")] = '\0';
	decode(path);
	return path[0] != '\0' ? path : strcpy(path, "index.html");
}

static const char *status_of(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return "404 Not Found";
	case EACCES:
	case ENOTCAPABLE: /* it leads out of the directory */
		return "403 Forbidden";
	default:
		return "500 Internal Server Error";
	}
}

static void serve(int directory, int connection)
{
	char request[4096 + sizeof("index.html")];
	ssize_t length;
	char *path;
	int file;

	length = read(connection, request, 4096);
	if (length <= 0)
		return;
	request[length] = '\0';
	path = requested_path(request);
	if (path == NULL) {
		answer(connection, "400 Bad Request", 0);
		return;
	}
	file = ce_openat(directory, path, O_RDONLY | O_NONBLOCK, 0, &file_rights);
	if (file < 0) {
		answer(connection, status_of(errno), 0);
		return;
	}
	send_file(connection, file);
	close(file);
}

/* The listening socket, then connections whose requests have not come, in the order in which they were accepted. */
static struct pollfd waiting[1 + MOST];
static size_t n_waiting = 1;

static void forget(size_t i)
{
	shutdown(waiting[i].fd, SHUT_WR);
	close(waiting[i].fd);
	waiting[i].fd = -1;
}

/* Closes the gaps that forget() left. */
static void forget_gaps(void)
{
	size_t i, n = 1;

	for (i = 1; i < n_waiting; i++)
		if (waiting[i].fd >= 0)
			waiting[n++] = waiting[i];
	n_waiting = n;
}

static void accept_all(void)
{
	int connection;

	while (n_waiting <= MOST && (connection = ce_accept(waiting[0].fd, &connection_rights, NULL, NULL)) >= 0) {
		const struct pollfd next = { connection, POLLIN, 0 };

		waiting[n_waiting++] = next;
	}
	if (n_waiting > MOST || ((errno == EMFILE || errno == ENFILE) && n_waiting > 1))
		forget(1);
	else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		fail("accepting");
}

/* As many descriptors as this user may have. */
static void raise_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		fail("the limit for descriptors");
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) != 0)
		fail("the limit for descriptors");
}

int main(int argc, char **argv)
{
	struct ce_opening openings[] = {
		{ { -1, &directory_rights, NULL, 0, 0 }, argc > 1 ? argv[1] : ".", O_DIRECTORY, 0 },
		{ { -1, &listener_rights, NULL, 0, 0 }, NULL, 0, 0 },
	};

	signal(SIGPIPE, SIG_IGN);
	raise_limit();
	openings[1].descriptor.fd = listen_on(argc > 2 ? (uint16_t)atoi(argv[2]) : 0);
	if (ce_sandbox(openings, 2, CE_SANDBOX_STDIO, NULL) != 0)
		fail("the sandbox");
	waiting[0].fd = openings[1].descriptor.fd;
	waiting[0].events = POLLIN;
	for (;;) {
		size_t i;

		if (poll(waiting, (nfds_t)n_waiting, -1) < 0 && errno != EINTR)
			fail("waiting");
		for (i = 1; i < n_waiting; i++) {
			if (waiting[i].revents == 0)
				continue;
			serve(openings[0].descriptor.fd, waiting[i].fd);
			forget(i);
		}
		if (waiting[0].revents != 0)
			accept_all();
		forget_gaps();
	}
}
