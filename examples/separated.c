/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * separated: reads a configuration that includes other files, with its privileges separated. A worker in capability
 * mode parses; it can open nothing. When it meets "include NAME" it asks a helper, which opens files beneath one
 * directory for reading and passes the descriptor back.
 *
 * Usage: separated DIRECTORY NAME
 *
 * On Linux the helper must not limit a descriptor of its own: a process that did can not pass any (docs/linux.md).
 */
#include <capsicum_easy.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME_LENGTH 128
#define DEPTH 8

static void fail(const char *what)
{
	fprintf(stderr, "separated: %s: %s\n", what, ce_strerror(errno));
	exit(1);
}

/* ---- the helper ---- */

/* Opens a regular file for the worker, or returns -1. ce_openat() sees to it that it is beneath the directory. */
static int open_for_worker(int directory, const char *name)
{
	int fd = ce_openat(directory, name, O_RDONLY | O_NONBLOCK, 0, CE_RIGHTS_KEEP);
	struct stat status;

	if (fd >= 0 && (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Answers with a descriptor, or without one when fd is -1. */
static void send_descriptor(int channel, int fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char found = fd >= 0;
	struct iovec data = { &found, 1 };
	struct msghdr message;
	struct cmsghdr *header;

	memset(&message, 0, sizeof(message));
	memset(&control, 0, sizeof(control));
	message.msg_iov = &data;
	message.msg_iovlen = 1;
	if (fd >= 0) {
		message.msg_control = control.space;
		message.msg_controllen = sizeof(control.space);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	}
	if (sendmsg(channel, &message, 0) != 1)
		fail("answering");
}

/* Serves requests until the worker is gone. */
static void help(int directory, int channel)
{
	char name[NAME_LENGTH + 1];
	ssize_t length;

	while ((length = recv(channel, name, NAME_LENGTH, 0)) > 0) {
		int fd;

		name[length] = '\0';
		fd = open_for_worker(directory, name);
		send_descriptor(channel, fd);
		if (fd >= 0)
			close(fd);
	}
}

/* ---- the worker ---- */

static int receive_descriptor(int channel)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char found = 0;
	struct iovec data = { &found, 1 };
	struct msghdr message;
	struct cmsghdr *header;
	int fd = -1;

	memset(&message, 0, sizeof(message));
	message.msg_iov = &data;
	message.msg_iovlen = 1;
	message.msg_control = control.space;
	message.msg_controllen = sizeof(control.space);
	if (recvmsg(channel, &message, 0) != 1)
		fail("asking the helper");
	header = found ? CMSG_FIRSTHDR(&message) : NULL;
	if (header != NULL && header->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

static int ask_for(int channel, const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length > NAME_LENGTH || send(channel, name, length, 0) != (ssize_t)length)
		return -1;
	return receive_descriptor(channel);
}

static void parse(int channel, const char *name, unsigned depth);

static void parse_line(int channel, char *line, unsigned depth)
{
	static const char include[] = "include ";
	char *value = strchr(line, '=');

	if (line[0] == '#' || line[0] == '\0')
		return;
	if (strncmp(line, include, sizeof(include) - 1) == 0)
		parse(channel, line + sizeof(include) - 1, depth + 1);
	else if (value != NULL)
		printf("%.*s: %s\n", (int)(value - line), line, value + 1);
	else
		printf("not understood: %s\n", line);
}

static void parse(int channel, const char *name, unsigned depth)
{
	char text[8192];
	ssize_t length = -1;
	char *line, *next;
	int fd = depth < DEPTH ? ask_for(channel, name) : -1;

	if (fd >= 0) {
		length = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	if (length < 0) {
		printf("not available: %s\n", name);
		return;
	}
	text[length] = '\0';
	for (line = text; line != NULL; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		parse_line(channel, line, depth);
	}
}

static void work(int channel, const char *name)
{
	struct ce_opening openings[] = { { { channel, CE_SET(CAP_READ, CAP_WRITE), NULL, 0, 0 }, NULL, 0, 0 } };

	if (ce_sandbox(openings, 1, CE_SANDBOX_STDIO, NULL) != 0)
		fail("the sandbox");
	parse(channel, name, 0);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	int channels[2];
	int directory, worker, status;
	pid_t pid;

	if (argc != 3) {
		fprintf(stderr, "usage: separated DIRECTORY NAME\n");
		return 2;
	}
	directory = ce_open_directory(argv[1], CE_RIGHTS_KEEP);
	if (directory < 0)
		fail(argv[1]);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channels) != 0)
		fail("making a channel");
	pid = pdfork(&worker, PD_CLOEXEC);
	if (pid < 0)
		fail("starting the worker");
	if (pid == 0) {
		close(directory);
		close(channels[0]);
		work(channels[1], argv[2]);
		return 0;
	}
	close(channels[1]);
	help(directory, channels[0]);
	if (ce_pdwait(worker, &status) != 0)
		fail("waiting for the worker");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
