/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A client that has been taken over, against its services: what is no message, floods, slow bytes, descriptors, names
 * that are not what they seem, other clients' services, and services that are killed.
 */
#include "casper.h"

#include <casper/cap_fileargs.h>
#include <casper/cap_grp.h>
#include <casper/cap_net.h>
#include <casper/cap_pwd.h>
#include <dirent.h>
#include <poll.h>
#include <sys/prctl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "../../library/casper/casper.h"

#define MESSAGE_MAX 1024u
#ifdef __SANITIZE_ADDRESS__
#define KEEPS_FREED true
#else
#define KEEPS_FREED false
#endif

/* A field of /proc/PID/status as a number, or -1. */
static long status_of(pid_t pid, const char *field)
{
	char path[64];
	char line[256];
	long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, field, strlen(field)) == 0)
			value = strtol(line + strlen(field), NULL, 10);
	if (file != NULL)
		fclose(file);
	return value;
}

static bool is_called(pid_t pid, const char *name)
{
	char path[64];
	char comm[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	file = fopen(path, "r");
	if (file != NULL) {
		CHECK(fscanf(file, "%31s", comm) == 1);
		fclose(file);
	}
	return strcmp(comm, name) == 0;
}

/* The process of this name whose parent this is. */
static pid_t child_called(pid_t parent, const char *name)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	pid_t found = -1;

	CHECK(proc != NULL);
	while (found < 0 && (entry = readdir(proc)) != NULL) {
		pid_t pid = (pid_t)atoi(entry->d_name);

		if (pid > 0 && status_of(pid, "PPid:") == parent && is_called(pid, name))
			found = pid;
	}
	closedir(proc);
	return found;
}

/* A casper of which this process is the parent, since nobody else will be. */
static cap_channel_t *casper_of_ours(pid_t *pid)
{
	cap_channel_t *chan;

	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L) == 0);
	chan = cap_init();
	*pid = child_called(getpid(), "casper");
	CHECK(chan != NULL && *pid > 0);
	return chan;
}

/* The process that serves a channel, once it has its name. */
static pid_t server_of(const cap_channel_t *chan, pid_t parent, const char *name)
{
	nvlist_t *limits;
	pid_t pid;

	CHECK(cap_limit_get(chan, &limits) == 0);
	nvlist_destroy(limits);
	pid = child_called(parent, name);
	CHECK(pid > 0);
	return pid;
}

static int descriptors_of(pid_t pid, char *text, size_t size)
{
	char path[300];
	char link[256];
	int count = 0;
	DIR *directory;
	struct dirent *entry;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	directory = opendir(path);
	CHECK(directory != NULL);
	text[0] = '\0';
	while ((entry = readdir(directory)) != NULL) {
		ssize_t length;

		snprintf(path, sizeof(path), "/proc/%d/fd/%s", (int)pid, entry->d_name);
		length = readlink(path, link, sizeof(link) - 1);
		if (entry->d_name[0] == '.' || length < 0)
			continue;
		link[length] = '\0';
		count++;
		snprintf(text + strlen(text), size - strlen(text), "%.*s ", strncmp(link, "socket", 6) == 0 ? 6 : 255,
			 link);
	}
	closedir(directory);
	return count;
}

static const char *const services[] = { "system.dns",	"system.fileargs", "system.grp",   "system.net",
					"system.netdb", "system.pwd",	   "system.syslog" };

/* Whatever the client has open, a service has its channel and /dev/null; casper too. */
IN_CHILD(attacks, find_nothing_in_a_service)
{
	char text[4096];
	pid_t casper;
	cap_channel_t *chan;

	CHECK(open("/etc/passwd", O_RDONLY) == 3 && dup2(3, 500) == 500);
	chan = casper_of_ours(&casper);
	CHECK(descriptors_of(casper, text, sizeof(text)) == 4);
	CHECK(!(strstr(text, "passwd") != NULL));
	for (size_t at = 0; at < sizeof(services) / sizeof(services[0]); at++) {
		cap_channel_t *one = cap_service_open(chan, services[at]);
		pid_t pid = server_of(one, casper, services[at]);

		CHECK(descriptors_of(pid, text, sizeof(text)) == 4);
		CHECK((strstr(text, "socket") != NULL) && !(strstr(text, "passwd") != NULL));
		CHECK(status_of(pid, "NoNewPrivs:") == (strcmp(services[at], "system.fileargs") == 0 ? 0 : 1));
		CHECK(status_of(pid, "Seccomp:") == (strcmp(services[at], "system.fileargs") == 0 ? 0 : 2));
	}
}

/* The files' service is confined by its list, which says what for; a clone of it is too. */
IN_CHILD(attacks, find_the_files_service_confined_by_its_list)
{
	char *listed[] = { (char[]){ "/etc/hosts" } };
	pid_t casper;
	cap_channel_t *chan = casper_of_ours(&casper);
	cap_channel_t *clone;
	fileargs_t *fa = fileargs_cinit(chan, 1, listed, O_RDONLY, 0, NULL, FA_OPEN);
	pid_t pid = child_called(casper, "system.fileargs");

	CHECK(fa != NULL && fileargs_open(fa, "/etc/hosts") >= 0);
	clone = cap_clone(fileargs_unwrap(fa, NULL));
	CHECK(clone != NULL);
	CHECK(status_of(pid, "NoNewPrivs:") == 1 && status_of(pid, "Seccomp:") == 2);
	pid = server_of(clone, pid, "system.fileargs");
	CHECK(status_of(pid, "NoNewPrivs:") == 1 && status_of(pid, "Seccomp:") == 2);
}

/* The bytes of a list as a message; the test then breaks them. */
static size_t message(uint8_t *bytes, const nvlist_t *list)
{
	int fds[WIRE_FDS_MAX];
	uint8_t *packed;
	size_t size;
	size_t nfds;

	CHECK(wire_pack(list, 7, &packed, &size, fds, &nfds) == 0 && size <= MESSAGE_MAX);
	memcpy(bytes, packed, size);
	free(packed);
	return size;
}

static nvlist_t *request(void)
{
	nvlist_t *list = nvlist_create(0);

	nvlist_add_string(list, "cmd", "getpwuid");
	nvlist_add_number(list, "uid", 0);
	return list;
}

/* Sends bytes on a channel of its own; the service must close it without an answer, and serve others as before. */
static void must_be_cut_off(cap_channel_t *pwd, const uint8_t *bytes, size_t size)
{
	cap_channel_t *clone = cap_clone(pwd);
	uint8_t answer;

	CHECK(clone != NULL && write(cap_sock(clone), bytes, size) == (ssize_t)size);
	CHECK(recv(cap_sock(clone), &answer, 1, 0) <= 0);
	cap_close(clone);
	CHECK(cap_getpwuid(pwd, 0) != NULL);
}

/* A message with one field set to something else. The header is 16 bytes; an item's type is at 0, name length 2,
 * size 4. */
static void must_not_pass(cap_channel_t *pwd, size_t at, uint32_t value, size_t width)
{
	uint8_t bytes[MESSAGE_MAX];
	nvlist_t *list = request();
	size_t size = message(bytes, list);

	memcpy(bytes + at, &value, width);
	must_be_cut_off(pwd, bytes, size);
	nvlist_destroy(list);
}

IN_CHILD(attacks, with_what_is_no_message)
{
	cap_channel_t *pwd = service("system.pwd");
	const size_t item = WIRE_HEADER;
	uint8_t bytes[MESSAGE_MAX];
	nvlist_t *list = nvlist_create(0);
	size_t size;

	must_not_pass(pwd, 0, 0xffffffff, 4);	     /* another magic */
	must_not_pass(pwd, 4, WIRE_SIZE_MAX + 1, 4); /* too large */
	must_not_pass(pwd, 4, 64u << 20, 4);
	must_not_pass(pwd, 4, 0xffffffff, 4);
	must_not_pass(pwd, 4, 3, 4);	 /* too small for an item; the rest is no header */
	must_not_pass(pwd, 12, 1, 2);	 /* a descriptor that is not there */
	must_not_pass(pwd, 14, 0x40, 2); /* flags */
	must_not_pass(pwd, item, 0, 1);	 /* types */
	must_not_pass(pwd, item, NV_TYPE_DESCRIPTOR, 1);
	must_not_pass(pwd, item, 77, 1);
	must_not_pass(pwd, item + 1, 1, 1);	 /* what must be 0 */
	must_not_pass(pwd, item + 2, 0xffff, 2); /* the name's length */
	must_not_pass(pwd, item + 2, 40, 2);
	must_not_pass(pwd, item + 4, 0xffffffff, 4); /* the value's */
	must_not_pass(pwd, item + 4, 9000, 4);
	must_not_pass(pwd, item, NV_TYPE_NULL, 1); /* which has no value */
	must_not_pass(pwd, item, NV_TYPE_BOOL, 1);
	must_not_pass(pwd, item + 8, 0, 1); /* a NUL in a name and in a string */
	must_not_pass(pwd, item + 11, 0, 1);
	nvlist_add_number(list, "cmd", 1);
	size = message(bytes, list);
	must_be_cut_off(pwd, bytes, size); /* no command */
}

IN_CHILD(attacks, with_lists_in_lists)
{
	cap_channel_t *pwd = service("system.pwd");
	nvlist_t *list = request();
	uint8_t bytes[MESSAGE_MAX];

	for (int depth = 0; depth < 9; depth++) {
		nvlist_t *outer = nvlist_create(0);

		nvlist_move_nvlist(outer, "in", list);
		list = outer;
	}
	errno = 0;
	CHECK(cap_xfer_nvlist(pwd, list) == NULL && errno == EMSGSIZE);
	/* By hand: each level is an item of the header's 8 bytes, no name, and the inner one's flags. */
	for (int levels = 9; levels < 80; levels += 35) {
		size_t size = WIRE_HEADER;
		uint32_t header[4] = { 0x31505343u, 0, 7, 0 };

		for (int level = levels; level > 0; level--) {
			const uint32_t inner = (uint32_t)(level - 1) * 9 + 1;
			const uint8_t head[4] = { NV_TYPE_NVLIST, 0, 0, 0 };

			memcpy(bytes + size, head, 4);
			memcpy(bytes + size + 4, &inner, 4);
			bytes[size + 8] = 0;
			size += 9;
		}
		header[1] = (uint32_t)(size - WIRE_HEADER);
		memcpy(bytes, header, sizeof(header));
		must_be_cut_off(pwd, bytes, size);
	}
}

/* A message that stops half way holds up nobody else, and takes no more memory than what came. */
IN_CHILD(attacks, with_slow_bytes)
{
	pid_t casper;
	cap_channel_t *chan = casper_of_ours(&casper);
	cap_channel_t *pwd = cap_service_open(chan, "system.pwd");
	cap_channel_t *slow = cap_clone(pwd);
	const uint32_t header[4] = { 0x31505343u, WIRE_SIZE_MAX, 7, 0 };
	pid_t pid = server_of(pwd, casper, "system.pwd");
	pid_t slow_pid = server_of(slow, pid, "system.pwd");
	long before = status_of(slow_pid, "VmData:");

	CHECK(before > 0 && write(cap_sock(slow), header, 3) == 3);
	CHECK(cap_getpwuid(pwd, 0) != NULL);
	CHECK(write(cap_sock(slow), (const uint8_t *)header + 3, 13) == 13 && write(cap_sock(slow), "x", 1) == 1);
	CHECK(cap_getpwuid(pwd, 0) != NULL);
	CHECK(status_of(slow_pid, "VmData:") < before + 1024);
	CHECK(cap_getpwuid(cap_clone(pwd), 0) != NULL);
}

/* Requests whose answers nobody reads: the one channel stops, others do not, and its process ends with the client's
 * end. */
IN_CHILD(attacks, with_a_flood)
{
	pid_t casper;
	cap_channel_t *chan = casper_of_ours(&casper);
	cap_channel_t *pwd = cap_service_open(chan, "system.pwd");
	cap_channel_t *flood = cap_clone(pwd);
	uint8_t bytes[MESSAGE_MAX];
	nvlist_t *list = request();
	size_t size = message(bytes, list);
	int sent = 0;

	CHECK(fcntl(cap_sock(flood), F_SETFL, O_NONBLOCK) == 0);
	while (sent < 100000 && write(cap_sock(flood), bytes, size) == (ssize_t)size)
		sent++;
	CHECK(sent > 100 && sent < 100000);
	CHECK(cap_getpwuid(pwd, 0) != NULL);
	cap_close(flood);
	cap_close(pwd);
	cap_close(chan);
	while (waitpid(-1, NULL, 0) > 0)
		continue; /* some of them were waited for by their services */
	CHECK(errno == ECHILD);
}

IN_CHILD(attacks, with_a_large_name)
{
	pid_t casper;
	cap_channel_t *chan = casper_of_ours(&casper);
	cap_channel_t *pwd = cap_service_open(chan, "system.pwd");
	pid_t pid = server_of(pwd, casper, "system.pwd");
	char *name = calloc(1, 64u << 20);
	long before;

	memset(name, 'x', (64u << 20) - 1);
	CHECK_NULL(EMSGSIZE, cap_getpwnam(pwd, name));
	name[4u << 20] = '\0';
	CHECK_NULL(0, cap_getpwnam(pwd, name));
	before = status_of(pid, "VmRSS:");
	for (int times = 0; times < 20; times++)
		CHECK_NULL(0, cap_getpwnam(pwd, name));
	CHECK(KEEPS_FREED || status_of(pid, "VmRSS:") < before + 8192);
}

static ssize_t send_descriptors(int sock, const uint8_t *bytes, size_t size, size_t count)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(253 * sizeof(int))];
	} control = { 0 };
	struct iovec part = { (void *)(uintptr_t)bytes, size };
	struct msghdr sent = { .msg_iov = &part,
			       .msg_iovlen = 1,
			       .msg_control = &control,
			       .msg_controllen = CMSG_SPACE(count * sizeof(int)) };
	struct cmsghdr *item = CMSG_FIRSTHDR(&sent);

	item->cmsg_level = SOL_SOCKET;
	item->cmsg_type = SCM_RIGHTS;
	item->cmsg_len = CMSG_LEN(count * sizeof(int));
	for (size_t at = 0; at < count; at++)
		memcpy(CMSG_DATA(item) + at * sizeof(int), &(int){ STDERR_FILENO }, sizeof(int));
	return sendmsg(sock, &sent, MSG_NOSIGNAL);
}

/* Descriptors that were not asked for are closed, with the channel if there are more than the message says. */
IN_CHILD(attacks, with_descriptors)
{
	pid_t casper;
	cap_channel_t *chan = casper_of_ours(&casper);
	cap_channel_t *pwd = cap_service_open(chan, "system.pwd");
	pid_t pid = server_of(pwd, casper, "system.pwd");
	uint8_t bytes[MESSAGE_MAX];
	char text[4096];
	nvlist_t *list = request();
	size_t size = message(bytes, list);
	int before;

	CHECK(cap_getpwuid(pwd, 0) != NULL);
	before = descriptors_of(pid, text, sizeof(text));
	for (int times = 0; times < 1000; times++) {
		nvlist_t *with = request();
		nvlist_t *answer;

		nvlist_add_descriptor(with, "fd", STDERR_FILENO);
		answer = cap_xfer_nvlist(pwd, with);
		CHECK(answer != NULL && nvlist_get_number(answer, "error") == 0);
		nvlist_destroy(answer);
	}
	CHECK(descriptors_of(pid, text, sizeof(text)) == before);
	for (size_t count = 1; count < 250; count += 80) {
		cap_channel_t *clone = cap_clone(pwd);
		uint8_t byte;

		CHECK(send_descriptors(cap_sock(clone), bytes, size, count) == (ssize_t)size);
		CHECK(recv(cap_sock(clone), &byte, 1, 0) <= 0);
		cap_close(clone);
	}
	CHECK(cap_getpwuid(pwd, 0) != NULL && descriptors_of(pid, text, sizeof(text)) == before);
}

/* One client's service is not another's: commands of one, sent to the other, are none. */
IN_CHILD(attacks, on_other_services)
{
	static const char *const commands[] = { "open",	 "getaddrinfo", "connect", "vsyslog",
						"lstat", "getgrent",	"nope",	   "" };
	cap_channel_t *pwd = service("system.pwd");

	CHECK(cap_enter() == 0);
	for (size_t at = 0; at < sizeof(commands) / sizeof(commands[0]); at++) {
		nvlist_t *list = nvlist_create(0);
		nvlist_t *answer;

		nvlist_add_string(list, "cmd", commands[at]);
		nvlist_add_string(list, "service", "system.net");
		nvlist_add_string(list, "name", "/etc/passwd");
		answer = cap_xfer_nvlist(pwd, list);
		CHECK(answer != NULL && nvlist_get_number(answer, "error") == EINVAL);
		CHECK(nvlist_get_descriptor(answer, "fd") == -1 && nvlist_get_descriptor(answer, "sock") == -1);
		nvlist_destroy(answer);
	}
}

static int open_raw(cap_channel_t *chan, const void *name, size_t size)
{
	uint8_t bytes[MESSAGE_MAX];
	nvlist_t *list = nvlist_create(0);
	nvlist_t *answer;
	size_t length;
	int error;

	nvlist_add_string(list, "cmd", "open");
	nvlist_add_binary(list, "name", name, size);
	length = message(bytes, list);
	bytes[WIRE_HEADER + 8 + 3 + 4] = NV_TYPE_STRING; /* behind "cmd" and "open" */
	CHECK(write(cap_sock(chan), bytes, length) == (ssize_t)length);
	answer = cap_recv_nvlist(chan);
	error = answer == NULL ? -1 : (int)nvlist_get_number(answer, "error");
	nvlist_destroy(answer);
	return error;
}

/* Names that would be taken for others: with a NUL in them, of the limits' own items, above and beside what is listed.
 */
IN_CHILD(attacks, on_names_of_files)
{
	static const char *const others[] = { "flags", "operations",  "mode",	     "cap_rights",  "/etc/../etc/hosts",
					      ".",     "/etc/hosts/", "//etc/hosts", "/etc/passwd", "/etc" };
	char *listed[] = { (char[]){ "/etc/hosts" } };
	fileargs_t *fa = fileargs_init(1, listed, O_RDONLY, 0, NULL, FA_OPEN);
	cap_channel_t *chan;

	CHECK(fa != NULL && cap_enter() == 0);
	CHECK(fileargs_open(fa, "/etc/hosts") >= 0);
	for (size_t at = 0; at < sizeof(others) / sizeof(others[0]); at++)
		CHECK_FAILS(ENOTCAPABLE, fileargs_open(fa, others[at]));
	chan = fileargs_unwrap(fa, NULL);
	CHECK(open_raw(chan, "/etc/hosts", 10) == 0);
	CHECK(open_raw(chan, "/etc/passwd", 11) == ENOTCAPABLE);
	CHECK(open_raw(chan, "/etc/hosts\0/../passwd", 21) == -1);
}

/* What the service hands out is open as the list says, so that a client that limits nothing cannot write all the same.
 */
IN_CHILD(attacks, on_the_mode_of_files)
{
	char *listed[] = { (char[]){ "/etc/hosts" } };
	cap_rights_t rights;
	fileargs_t *fa = fileargs_init(1, listed, O_RDONLY, 0, cap_rights_init(&rights, CAP_READ), FA_OPEN);
	nvlist_t *list = nvlist_create(0);
	nvlist_t *answer;
	int fd;

	CHECK(fa != NULL && cap_enter() == 0);
	nvlist_add_string(list, "cmd", "open");
	nvlist_add_string(list, "name", "/etc/hosts");
	nvlist_add_number(list, "flags", O_RDWR);
	answer = cap_xfer_nvlist(fileargs_unwrap(fa, NULL), list);
	fd = nvlist_get_descriptor(answer, "fd");
	CHECK(fd >= 0 && (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
	CHECK_FAILS(EBADF, (int)write(fd, "x", 1));
	CHECK_FAILS(EINVAL, ftruncate(fd, 0));
}

/* A socket of a kind that capability mode does not let a program make. */
IN_CHILD(attacks, on_kinds_of_sockets)
{
	static const int kinds[][3] = { { AF_NETLINK, SOCK_RAW, 0 },	{ AF_INET, SOCK_RAW, 1 },
					{ AF_PACKET, SOCK_DGRAM, 0 },	{ AF_INET, SOCK_STREAM, 132 },
					{ AF_INET, SOCK_SEQPACKET, 0 }, { 99, 99, 99 } };
	cap_channel_t *net = service("system.net");
	const struct sockaddr address = { .sa_family = AF_INET };

	CHECK(cap_enter() == 0);
	for (size_t at = 0; at < sizeof(kinds) / sizeof(kinds[0]); at++) {
		nvlist_t *list = nvlist_create(0);
		nvlist_t *answer;

		nvlist_add_string(list, "cmd", "bind");
		nvlist_add_number(list, "domain", (uint64_t)kinds[at][0]);
		nvlist_add_number(list, "type", (uint64_t)kinds[at][1]);
		nvlist_add_number(list, "protocol", (uint64_t)kinds[at][2]);
		nvlist_add_binary(list, "address", &address, sizeof(address));
		answer = cap_xfer_nvlist(net, list);
		CHECK(answer != NULL && nvlist_get_number(answer, "error") == EPROTONOSUPPORT);
		nvlist_destroy(answer);
	}
}

/* A killed process is gone for its client when the other end of the channel is closed. */
static void kill_service(pid_t pid, const cap_channel_t *chan)
{
	struct pollfd closed = { .fd = cap_sock(chan), .events = POLLIN };

	CHECK(kill(pid, SIGKILL) == 0 && poll(&closed, 1, 60000) == 1);
}

IN_CHILD(attacks, that_kill_services)
{
	pid_t casper;
	cap_channel_t *chan = casper_of_ours(&casper);
	cap_channel_t *pwd = cap_service_open(chan, "system.pwd");
	cap_channel_t *clone = cap_clone(pwd);
	pid_t pid = server_of(pwd, casper, "system.pwd");

	kill_service(pid, pwd);
	CHECK_NULL(EPIPE, cap_getpwuid(pwd, 0));
	CHECK_NULL(EPIPE, cap_getpwuid(pwd, 0));
	CHECK(cap_getpwuid(clone, 0) != NULL);
	CHECK(cap_getpwuid(cap_service_open(chan, "system.pwd"), 0) != NULL);
	kill_service(casper, chan);
	CHECK_NULL(EPIPE, cap_service_open(chan, "system.pwd"));
	CHECK(cap_getpwuid(clone, 0) != NULL);
}

/* Requests that each service answers, with an error or not, and a descriptor that none asked for. */
static void ask_in_vain(cap_channel_t *chan, int times)
{
	static const char *const commands[] = { "getpwuid", "getgrgid", "getaddrinfo", "lstat", "nope" };

	for (int at = 0; at < times; at++) {
		nvlist_t *list = nvlist_create(0);
		nvlist_t *answer;

		nvlist_add_string(list, "cmd", commands[at % 5]);
		nvlist_add_number(list, "uid", 0);
		nvlist_add_number(list, "gid", 0);
		nvlist_add_string(list, "name", "127.0.0.1");
		nvlist_add_nvlist(list, "hints", list);
		nvlist_add_descriptor(list, "fd", STDERR_FILENO);
		answer = cap_xfer_nvlist(chan, list);
		CHECK(answer != NULL && nvlist_exists_number(answer, "error"));
		nvlist_destroy(answer);
	}
}

IN_CHILD(attacks, leak_nothing_in_any_service)
{
	pid_t casper;
	cap_channel_t *chan = casper_of_ours(&casper);
	char text[4096];

	for (size_t at = 0; at < sizeof(services) / sizeof(services[0]); at++) {
		cap_channel_t *one = cap_service_open(chan, services[at]);
		pid_t pid = server_of(one, casper, services[at]);
		int open;
		long data;

		ask_in_vain(one, 100);
		open = descriptors_of(pid, text, sizeof(text));
		data = status_of(pid, "VmData:");
		ask_in_vain(one, 2000);
		CHECK(descriptors_of(pid, text, sizeof(text)) == open);
		CHECK(KEEPS_FREED || status_of(pid, "VmData:") <= data + 256);
	}
}

/* No service takes a request that it cannot finish for granted: its client hears of its end while it waits. */
IN_CHILD(attacks, that_kill_a_service_at_work)
{
	pid_t casper;
	cap_channel_t *chan = casper_of_ours(&casper);

	for (size_t at = 0; at < sizeof(services) / sizeof(services[0]); at++) {
		cap_channel_t *one = cap_service_open(chan, services[at]);
		pid_t pid = server_of(one, casper, services[at]);
		nvlist_t *list = request();
		pid_t killer;

		CHECK(kill(pid, SIGSTOP) == 0);
		killer = fork();
		if (killer == 0) {
			usleep(50000);
			_exit(kill(pid, SIGKILL) == 0 ? 0 : 1);
		}
		CHECK_NULL(ENOTCONN, cap_xfer_nvlist(one, list));
		CHECK(waitpid(killer, NULL, 0) == killer);
		CHECK_NULL(EPIPE, cap_clone(one));
	}
}

/* Limits that were given are not taken back by a list without them, of any service that has limits. */
IN_CHILD(attacks, on_limits_by_hand)
{
	static const struct {
		const char *service;
		const char *item;
	} limited[] = { { "system.pwd", "cmds" },
			{ "system.grp", "groups" },
			{ "system.net", "mode" },
			{ "system.dns", "type" },
			{ "system.fileargs", "flags" } };

	for (size_t at = 0; at < sizeof(limited) / sizeof(limited[0]); at++) {
		cap_channel_t *one = service(limited[at].service);
		nvlist_t *list = nvlist_create(0);
		nvlist_t *got;

		if (at < 2)
			nvlist_move_nvlist(list, limited[at].item, nvlist_create(0));
		else if (at == 3)
			nvlist_add_null(list, limited[at].item);
		else
			nvlist_add_number(list, limited[at].item, 0);
		if (strcmp(limited[at].item, "flags") == 0)
			nvlist_add_number(list, "operations", 0);
		CHECK(cap_limit_set(one, list) == 0);
		CHECK(cap_limit_set(one, nvlist_create(0)) == -1);
		CHECK(cap_limit_set(cap_clone(one), nvlist_create(0)) == -1);
		CHECK(cap_limit_get(one, &got) == 0 && nvlist_exists(got, limited[at].item));
		nvlist_destroy(got);
	}
}

/*
 * What is left of a service's powers to whoever takes it over. Where there is no Landlock, files are as before.
 */
static void check_calls_are_refused(int file)
{
	struct rlimit limits;

	CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 1);
	CHECK_FAILS(EPERM, execl("/bin/true", "true", (char *)NULL));
	CHECK_FAILS(EPERM, kill(getpid(), 0));
	CHECK_FAILS(EPERM, (int)syscall(SYS_shmget, 0, 0, 0));
	CHECK_FAILS(EPERM, (int)syscall(SYS_perf_event_open, NULL, -1, -1, -1, 0));
	CHECK_FAILS(EPERM, (int)syscall(SYS_keyctl, -1, 0, 0, 0, 0));
	CHECK_FAILS(EPERM, (int)syscall(469L, -1, NULL, NULL, 0, 0)); /* file_setattr(2), the last of the list */
	CHECK_FAILS(EPERM, (int)syscall(SYS_tgkill, getpid(), getpid(), 0));
	CHECK_FAILS(EPERM, (int)syscall(434L, getpid(), 0)); /* pidfd_open(2) */
	CHECK_FAILS(EPERM, (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	CHECK_FAILS(EPERM, (int)process_vm_readv(getpid(), NULL, 0, NULL, 0, 0));
	CHECK_FAILS(EPERM, unshare(0));
	CHECK_FAILS(EPERM, (int)syscall(425L, 1, NULL)); /* io_uring_setup(2) */
	CHECK_FAILS(EPERM, (int)syscall(SYS_bpf, -1, NULL, 0));
	CHECK_FAILS(EPERM, truncate("/dev/null", 0));
	CHECK_FAILS(EPERM, fchmod(file, 0600));
	CHECK_FAILS(EPERM, fchown(file, (uid_t)-1, (gid_t)-1));
	CHECK_FAILS(EPERM, futimens(file, NULL));
	CHECK_FAILS(EPERM, fcntl(file, F_SETOWN, getpid()));
	CHECK_FAILS(EPERM, (int)syscall(SYS_prlimit64, getppid(), RLIMIT_CPU, NULL, &limits));
	CHECK(getrlimit(RLIMIT_CPU, &limits) == 0);
}

static long landlock_version(void)
{
	return syscall(444L, NULL, 0L, 1L); /* landlock_create_ruleset(2) */
}

/* A local socket without a file, of another process, which would be a way to a desktop's daemons. */
static void check_abstract_sockets(int listening, bool refused)
{
	struct sockaddr_un address;
	socklen_t size = sizeof(address);
	int sock = socket(AF_UNIX, SOCK_STREAM, 0);

	CHECK(getsockname(listening, (struct sockaddr *)&address, &size) == 0 && sock >= 0);
	if (refused)
		CHECK_FAILS(EPERM, connect(sock, (struct sockaddr *)&address, size));
	else
		CHECK(connect(sock, (struct sockaddr *)&address, size) == 0);
}

static void check_sockets(enum sockets sockets)
{
	int pair[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0); /* for a clone */
	CHECK((socket(AF_UNIX, SOCK_DGRAM, 0) >= 0) == (sockets != SOCKETS_NONE));
	CHECK((socket(AF_INET, SOCK_STREAM, 0) >= 0) == (sockets == SOCKETS_ANY));
	if (sockets == SOCKETS_ANY)
		CHECK(listen(socket(AF_INET, SOCK_STREAM, 0), 1) == 0);
	else
		CHECK_FAILS(EPERM, listen(pair[0], 1));
}

static void check_confined(enum files files, enum sockets sockets)
{
	int file = scratch_file();
	int listening = socket(AF_UNIX, SOCK_STREAM, 0);
	char path[64];

	CHECK(bind(listening, &(struct sockaddr){ .sa_family = AF_UNIX }, sizeof(sa_family_t)) == 0 &&
	      listen(listening, 5) == 0); /* unix(7): the kernel chooses the name */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	CHECK(confine(files, sockets));
	check_calls_are_refused(file);
	check_sockets(sockets);
	if (sockets != SOCKETS_NONE)
		check_abstract_sockets(listening, sockets == SOCKETS_LOCAL && landlock_version() >= 6);
	if (landlock_version() < 1)
		return;
	CHECK_FAILS(EACCES, open("/tmp/ce-confined", O_WRONLY | O_CREAT, 0600));
	CHECK_FAILS(EACCES, mkdir("/tmp/ce-confined", 0700));
	if (files == FILES_NONE)
		CHECK_FAILS(EACCES, open("/etc/passwd", O_RDONLY));
	else
		CHECK(open("/etc/passwd", O_RDONLY) >= 0);
	if (files != FILES_WRITE)
		CHECK_FAILS(EACCES, open(path, O_WRONLY));
	if (files == FILES_NONE || files == FILES_NAMES)
		CHECK_FAILS(EACCES, open(path, O_RDONLY)); /* a file of the user's */
	else
		CHECK(open(path, O_RDONLY) >= 0);
}

IN_CHILD(attacks, from_inside_a_service_of_names)
{
	check_confined(FILES_NAMES, SOCKETS_ANY);
}

IN_CHILD(attacks, from_inside_syslog)
{
	check_confined(FILES_NONE, SOCKETS_LOCAL);
}

IN_CHILD(attacks, from_inside_fileargs)
{
	check_confined(FILES_READ, SOCKETS_NONE);
}

/* Once more, and to less: a service may give up more when it learns what it is for. */
IN_CHILD(attacks, from_inside_a_service_that_gave_up_more)
{
	check_confined(FILES_WRITE, SOCKETS_NONE);
	CHECK(confine(FILES_NONE, SOCKETS_NONE));
	if (landlock_version() >= 1)
		CHECK_FAILS(EACCES, open("/etc/passwd", O_RDONLY));
}

/* A call fails from now on, in this process and all that it starts; prctl(2) where it installs a filter. */
static void refuse(unsigned number, unsigned error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == 0 && prctl(PR_SET_SECCOMP, 2L, &program, 0L, 0L) == 0);
}

#define LANDLOCK 444u /* landlock_create_ruleset(2), the first of its calls */

static int full_enforcement(void)
{
	return CE_SERVICE_CALLS | (landlock_version() >= 3 ? CE_SERVICE_FILES : 0);
}

IN_CHILD(attacks, meet_services_that_say_what_holds_them)
{
	char *listed[] = { (char[]){ "/etc/hosts" } };
	cap_channel_t *chan = cap_init();
	fileargs_t *fa = fileargs_cinit(chan, 1, listed, O_RDONLY, 0, NULL, FA_OPEN);

	CHECK(fa != NULL && ce_service_enforcement(chan) == 0);
	CHECK(ce_service_enforcement(fileargs_unwrap(fa, NULL)) == full_enforcement());
	for (size_t at = 0; at < sizeof(services) / sizeof(services[0]); at++) {
		cap_channel_t *one = cap_service_open(chan, services[at]);
		const int expected = strcmp(services[at], "system.fileargs") == 0 ? 0 : full_enforcement();

		CHECK(ce_service_enforcement(one) == expected);
		CHECK(ce_service_enforcement(cap_clone(one)) == expected);
	}
}

/* As in a container that forbids Landlock or filters: the service is as free as FreeBSD's, and says so. */
IN_CHILD(attacks, meet_services_where_landlock_is_forbidden)
{
	cap_channel_t *chan;

	refuse(LANDLOCK, EPERM);
	chan = service("system.pwd");
	CHECK(cap_getpwuid(chan, getuid()) != NULL && ce_service_enforcement(chan) == CE_SERVICE_CALLS);
}

IN_CHILD(attacks, meet_services_where_filters_are_forbidden)
{
	const int files = full_enforcement() & CE_SERVICE_FILES;
	cap_channel_t *chan;

	refuse(SYS_prctl, EINVAL);
	chan = service("system.pwd");
	CHECK(cap_getpwuid(chan, getuid()) != NULL && ce_service_enforcement(chan) == files);
}

/* What fails is not taken for what the system lacks: the service does not begin. */
IN_CHILD(attacks, meet_no_service_that_could_not_be_confined)
{
	cap_channel_t *chan;

	refuse(LANDLOCK, ENOMEM);
	chan = service("system.pwd");
	CHECK(cap_getpwuid(chan, getuid()) == NULL); /* it ends before or while it is asked */
	CHECK_NULL(EPIPE, cap_getpwuid(chan, getuid()));
	CHECK_FAILS(EPIPE, ce_service_enforcement(chan));
}
