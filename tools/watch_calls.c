/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the system calls of a watched program to what was seen: the policy says what each asks of its descriptors and
 * whether capability mode has it; here it is found out what these descriptors are, and what the arguments say.
 */
#define _GNU_SOURCE
#include "trace.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "call-names.h"

#define PATH_SIZE 4096
#define NO_FD (-1)

const char *call_name(unsigned number)
{
	static const char *names[1024];
	size_t i;

	if (names[SYS_read] == NULL)
		for (i = 0; i < sizeof(call_names) / sizeof(call_names[0]); i++)
			names[call_names[i].number] = call_names[i].name;
	return number < sizeof(names) / sizeof(names[0]) ? names[number] : NULL;
}

static bool is_call(const struct ce_system_call *call, const char *names)
{
	const char *name = call_name(call->number);
	const size_t length = name != NULL ? strlen(name) : 0;

	while (length > 0 && *names != '\0') {
		const size_t n = strcspn(names, " ");

		if (n == length && memcmp(names, name, n) == 0)
			return true;
		names += n + (names[n] == ' ');
	}
	return false;
}

/* Calls that make, copy or end descriptors, and those that name them in memory. */
bool calls_is_watched(unsigned number)
{
	static const char also[] =
		"close close_range dup dup2 dup3 fcntl pipe pipe2 socket socketpair accept accept4 poll ppoll "
		"select pselect6 chdir fchdir getcwd execve execveat";
	static const char never[] =
		"exit exit_group clone fork vfork futex munmap madvise personality arch_prctl prlimit64 "
		"rt_sigprocmask set_robust_list tgkill clock_gettime clock_getres seccomp";
	const struct ce_system_call call = { number, { 0 } };

	return is_call(&call, also) || (!ce_system_call_is_free(number) && !is_call(&call, never));
}

/* ---- the program's memory ---- */

static bool read_memory(pid_t pid, uint64_t address, void *buffer, size_t size)
{
	const struct iovec local = { buffer, size }, remote = { (void *)(uintptr_t)address, size };

	return process_vm_readv(pid, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

/* A string, up to its NUL or the end of what can be read. */
static bool read_string(pid_t pid, uint64_t address, char *text, size_t size)
{
	size_t length = 0;

	while (address != 0 && length + 1 < size) {
		size_t n = 256 - (address + length) % 256; /* never across a page */

		if (n > size - 1 - length)
			n = size - 1 - length;
		if (!read_memory(pid, address + length, text + length, n))
			return false;
		if (memchr(text + length, '\0', n) != NULL)
			return true;
		length += n;
	}
	return false;
}

static bool read_link(pid_t pid, const char *what, char *text, size_t size)
{
	char path[128];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
	length = readlink(path, text, size - 1);
	if (length < 0)
		return false;
	text[length] = '\0';
	return true;
}

/* ---- descriptors ---- */

static struct thing **slot_of(struct process *process, int fd)
{
	const size_t n = (size_t)fd + 1;

	if (fd < 0 || fd > 1 << 20)
		return NULL;
	if (n > process->ndescriptors) {
		const size_t larger = 2 * n;
		struct thing **list = (struct thing **)realloc(process->descriptors, larger * sizeof(*list));

		if (list == NULL)
			fail(EXIT_FAILED, "%s", strerror(errno));
		memset(list + process->ndescriptors, 0, (larger - process->ndescriptors) * sizeof(*list));
		process->descriptors = list;
		process->ndescriptors = larger;
	}
	return &process->descriptors[fd];
}

static void set_descriptor(struct seen *seen, struct process *process, int fd, struct thing *thing)
{
	struct thing **slot = slot_of(process, fd);

	if (slot == NULL || thing == NULL)
		return;
	*slot = thing;
	thing->opens++;
	thing->moment = seen->now;
}

/* What is behind a link of /proc/PID/fd: "pipe:[123]" is a pipe. */
static const char *described(char *text)
{
	char *number = strstr(text, ":[");

	if (text[0] != '/' && number != NULL)
		*number = '\0';
	if (strncmp(text, "anon_inode:", 11) == 0)
		return text + 11 + (text[11] == '[');
	return text;
}

/* What a descriptor is open on; found out from /proc where its making was not seen. */
static struct thing *thing_of(struct seen *seen, struct process *process, int fd)
{
	struct thing **slot = slot_of(process, fd);
	char what[64], text[PATH_SIZE];

	if (slot == NULL || (*slot == NULL && process->loading && fd > STDERR_FILENO)) /* the loader's own */
		return NULL;
	if (*slot == NULL) {
		snprintf(what, sizeof(what), "fd/%d", fd);
		if (!read_link(process->pid, what, text, sizeof(text)))
			return NULL;
		*slot = seen_thing(seen, described(text), false, -1, fd < 3 ? fd : NO_FD, NULL);
		(*slot)->opens++;
	}
	return *slot;
}

void calls_executed(struct process *process)
{
	char what[64], text[PATH_SIZE];
	size_t fd;

	for (fd = 0; fd < process->ndescriptors; fd++) {
		snprintf(what, sizeof(what), "fd/%zu", fd);
		if (process->descriptors[fd] != NULL && !read_link(process->pid, what, text, sizeof(text)))
			process->descriptors[fd] = NULL;
	}
}

/* ---- paths ---- */

/* Where the paths stand in a call's arguments; dir -1: the working directory. */
static const struct path_call {
	const char *call;
	signed char dir, path, dir2, path2;
} path_calls[] = {
	{ "open creat stat lstat access readlink chdir mkdir rmdir unlink mknod chmod chown lchown truncate statfs "
	  "execve "
	  "utime utimes chroot uselib acct swapon swapoff getxattr lgetxattr setxattr lsetxattr listxattr llistxattr "
	  "removexattr lremovexattr umount2 mq_open mq_unlink",
	  -1, 0, -1, -1 },
	{ "openat openat2 newfstatat statx faccessat faccessat2 readlinkat mkdirat mknodat unlinkat fchmodat fchmodat2 "
	  "fchownat utimensat futimesat execveat name_to_handle_at setxattrat getxattrat listxattrat removexattrat "
	  "file_getattr file_setattr open_tree",
	  0, 1, -1, -1 },
	{ "rename link", -1, 0, -1, 1 },
	{ "symlink", -1, 1, -1, -1 },
	{ "symlinkat", 1, 2, -1, -1 },
	{ "renameat renameat2 linkat", 0, 1, 2, 3 },
	{ "inotify_add_watch", -1, 1, -1, -1 },
};

static const struct path_call *path_call_of(const struct ce_system_call *call)
{
	size_t i;

	for (i = 0; i < sizeof(path_calls) / sizeof(path_calls[0]); i++)
		if (is_call(call, path_calls[i].call))
			return &path_calls[i];
	return NULL;
}

/* Whether a path starts at a descriptor that is held, and does not leave it at once. */
static bool is_beneath(const struct ce_system_call *call, int dir, const char *path)
{
	return dir >= 0 && (int)call->arguments[dir] != AT_FDCWD && path[0] != '/';
}

/* The path of an argument, from the root; "" if it cannot be read. */
static void absolute_path(struct seen *seen, struct process *process, const struct ce_system_call *call, int dir,
			  int at, char *text, size_t size)
{
	char path[PATH_SIZE], base[PATH_SIZE] = "";
	const struct thing *thing;

	text[0] = '\0';
	if (!read_string(process->pid, call->arguments[at], path, sizeof(path)))
		return;
	if (is_beneath(call, dir, path)) {
		thing = thing_of(seen, process, (int)call->arguments[dir]);
		snprintf(base, sizeof(base), "%s", thing != NULL ? thing->what : "?");
	} else if (path[0] != '/' && !read_link(process->pid, "cwd", base, sizeof(base))) {
		return;
	}
	if (strcmp(base, "/") == 0)
		base[0] = '\0';
	snprintf(text, size, "%s%s%s", base, path[0] != '\0' && path[0] != '/' ? "/" : "", path);
}

/* ---- arguments as text ---- */

static void address_text(pid_t pid, uint64_t address, uint64_t length, char *text, size_t size)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} a;
	char host[INET6_ADDRSTRLEN];

	memset(&a, 0, sizeof(a));
	if (length > sizeof(a) || !read_memory(pid, address, &a, (size_t)length))
		snprintf(text, size, "an address");
	else if (a.any.sa_family == AF_INET)
		snprintf(text, size, "%s port %u", inet_ntop(AF_INET, &a.in.sin_addr, host, sizeof(host)),
			 ntohs(a.in.sin_port));
	else if (a.any.sa_family == AF_INET6)
		snprintf(text, size, "%s port %u", inet_ntop(AF_INET6, &a.in6.sin6_addr, host, sizeof(host)),
			 ntohs(a.in6.sin6_port));
	else if (a.any.sa_family == AF_UNIX)
		snprintf(text, size, "%s%.107s", a.un.sun_path[0] == '\0' ? "@" : "",
			 a.un.sun_path + (a.un.sun_path[0] == '\0'));
	else
		snprintf(text, size, "an address of family %d", a.any.sa_family);
}

static void refused_text(struct seen *seen, struct process *process, const struct ce_system_call *call, char *text,
			 size_t size)
{
	const struct path_call *paths = path_call_of(call);
	const uint64_t *a = call->arguments;
	size_t used;

	text[0] = '\0';
	if (paths != NULL) {
		absolute_path(seen, process, call, paths->dir, paths->path, text, size);
		used = strlen(text);
		if (paths->path2 >= 0 && used + 4 < size) {
			strcpy(text + used, " to ");
			absolute_path(seen, process, call, paths->dir2, paths->path2, text + used + 4, size - used - 4);
		}
	} else if (is_call(call, "connect bind")) {
		address_text(process->pid, a[1], a[2], text, size);
	} else if (is_call(call, "sendto") && a[4] != 0) {
		address_text(process->pid, a[4], a[5], text, size);
	} else if (is_call(call, "ioctl")) {
		snprintf(text, size, "%s", command_text((unsigned long)a[1]));
	} else if (is_call(call, "socket")) {
		snprintf(text, size, "family %d, type %d, protocol %d", (int)a[0], (int)a[1] & 0xf, (int)a[2]);
	} else if (is_call(call, "kill wait4 prctl")) {
		snprintf(text, size, "%d", (int)a[0]);
	}
}

/* ---- results ---- */

/* Whether a failure says nothing about rights: the call was made, and could have gone well. */
static bool is_passing(long result)
{
	static const int errors[] = { EAGAIN, EINPROGRESS, EALREADY,  EINTR,  EPIPE,	    ENOSPC,
				      EIO,    ECONNRESET,  ETIMEDOUT, EDQUOT, ECONNREFUSED, ENOBUFS };
	size_t i;

	if (result >= 0 || result <= -512) /* ERESTARTSYS and its kin */
		return true;
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (result == -errors[i])
			return true;
	return false;
}

static bool is_open_call(const struct ce_system_call *call)
{
	return is_call(call, "open creat openat openat2");
}

static bool is_look_call(const struct ce_system_call *call)
{
	return is_call(call, "stat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat chdir");
}

static int open_flags(pid_t pid, const struct ce_system_call *call)
{
	uint64_t flags = 0;

	if (is_call(call, "open"))
		return (int)call->arguments[1];
	if (is_call(call, "creat"))
		return O_CREAT | O_WRONLY | O_TRUNC;
	if (is_call(call, "openat"))
		return (int)call->arguments[2];
	return read_memory(pid, call->arguments[2], &flags, sizeof(flags)) ? (int)flags : 0;
}

static void on_open(struct seen *seen, struct process *process, const struct ce_system_call *call, long result)
{
	const struct path_call *paths = path_call_of(call);
	char path[2 * PATH_SIZE], given[PATH_SIZE];
	const struct thing *directory = NULL;
	struct thing *thing;

	absolute_path(seen, process, call, paths->dir, paths->path, path, sizeof(path));
	if (result < 0) {
		if (result == -ENOENT || result == -ENOTDIR)
			seen_looked(seen, path, false, false);
		return;
	}
	if (read_string(process->pid, call->arguments[paths->path], given, sizeof(given)) &&
	    is_beneath(call, paths->dir, given))
		directory = thing_of(seen, process, (int)call->arguments[paths->dir]);
	thing = seen_thing(seen, path, true, open_flags(process->pid, call) & ~O_CLOEXEC, NO_FD, directory);
	set_descriptor(seen, process, (int)result, thing);
}

static void on_look(struct seen *seen, struct process *process, const struct ce_system_call *call, long result)
{
	const struct path_call *paths = path_call_of(call);
	char path[2 * PATH_SIZE], given[PATH_SIZE];

	if (!read_string(process->pid, call->arguments[paths->path], given, sizeof(given)) || given[0] == '\0' ||
	    is_beneath(call, paths->dir, given))
		return;
	absolute_path(seen, process, call, paths->dir, paths->path, path, sizeof(path));
	if (result >= 0 || result == -EINVAL || result == -EACCES) /* readlink of a file, access that is denied */
		seen_looked(seen, path, true, !is_call(call, "readlink readlinkat"));
	else if (result == -ENOENT || result == -ENOTDIR)
		seen_looked(seen, path, false, false);
}

static const char *family_name(int family)
{
	return family == AF_INET    ? "AF_INET"
	       : family == AF_INET6 ? "AF_INET6"
	       : family == AF_UNIX  ? "AF_UNIX"
				    : "AF_...";
}

static const char *type_name(int type)
{
	type &= 0xf;
	return type == SOCK_STREAM ? "SOCK_STREAM" : type == SOCK_DGRAM ? "SOCK_DGRAM" : "SOCK_...";
}

static void on_socket(struct seen *seen, struct process *process, const struct ce_system_call *call, long result)
{
	char what[80];
	int pair[2];

	snprintf(what, sizeof(what), "socket %s %s", family_name((int)call->arguments[0]),
		 type_name((int)call->arguments[1]));
	if (is_call(call, "socket")) {
		set_descriptor(seen, process, (int)result, seen_new_thing(seen, what));
		thing_of(seen, process, (int)result)->nonblocking = (call->arguments[1] & SOCK_NONBLOCK) != 0;
	} else if (read_memory(process->pid, call->arguments[3], pair, sizeof(pair))) {
		struct thing *thing = seen_thing(seen, "socket pair", false, -1, NO_FD, NULL);

		set_descriptor(seen, process, pair[0], thing);
		set_descriptor(seen, process, pair[1], thing);
	}
}

static void on_pipe(struct seen *seen, struct process *process, const struct ce_system_call *call)
{
	int ends[2];

	if (!read_memory(process->pid, call->arguments[0], ends, sizeof(ends)))
		return;
	set_descriptor(seen, process, ends[0], seen_thing(seen, "reading end of a pipe", false, -1, NO_FD, NULL));
	set_descriptor(seen, process, ends[1], seen_thing(seen, "writing end of a pipe", false, -1, NO_FD, NULL));
}

static void on_accept(struct seen *seen, struct process *process, const struct ce_system_call *call, long result)
{
	const struct thing *listener = thing_of(seen, process, (int)call->arguments[0]);

	set_descriptor(seen, process, (int)result, seen_thing(seen, "connection accepted", false, -1, NO_FD, listener));
}

/* The address as run takes it. */
static char *address_of(const struct thing *thing, const char *text)
{
	const bool stream = strstr(thing->what, "SOCK_STREAM") != NULL;
	const char *port = strstr(text, " port ");

	if (port == NULL)
		return print_text("%s:%s", stream ? "unix" : "unix-dgram", text);
	return print_text(memchr(text, ':', (size_t)(port - text)) != NULL ? "%s:[%.*s]:%s" : "%s:%.*s:%s",
			  stream ? "tcp" : "udp", (int)(port - text), text, port + 6);
}

/* A socket is better known by where it listens or connects. */
static void on_address(struct seen *seen, struct process *process, const struct ce_system_call *call)
{
	struct thing *thing = thing_of(seen, process, (int)call->arguments[0]);
	struct thing **slot = slot_of(process, (int)call->arguments[0]);
	char text[160];
	size_t i;

	if (thing == NULL || thing->address != NULL || strncmp(thing->what, "socket AF_", 10) != 0)
		return;
	address_text(process->pid, call->arguments[1], call->arguments[2], text, sizeof(text));
	thing->bound = is_call(call, "bind");
	thing->address = address_of(thing, text);
	thing->what = print_text("%s, %s %s", thing->what, thing->bound ? "bound to" : "connected to", text);
	for (i = 0; i < seen->nthings; i++) {
		if (seen->things[i] == thing || seen->things[i]->merged ||
		    strcmp(seen->things[i]->what, thing->what) != 0)
			continue;
		seen_merge(seen->things[i], thing);
		*slot = seen->things[i];
		return;
	}
}

static bool makes_copy(const struct ce_system_call *call)
{
	return is_call(call, "dup dup2 dup3") ||
	       (is_call(call, "fcntl") &&
		((int)call->arguments[1] == F_DUPFD || (int)call->arguments[1] == F_DUPFD_CLOEXEC));
}

static void on_result(struct seen *seen, struct process *process, const struct ce_system_call *call, long result)
{
	if (is_open_call(call))
		on_open(seen, process, call, result);
	else if (is_look_call(call))
		on_look(seen, process, call, result);
	else if (is_call(call, "connect bind") && (result >= 0 || result == -EINPROGRESS))
		on_address(seen, process, call);
	else if (result < 0)
		return;
	else if (is_call(call, "socket socketpair"))
		on_socket(seen, process, call, result);
	else if (is_call(call, "pipe pipe2"))
		on_pipe(seen, process, call);
	else if (is_call(call, "accept accept4"))
		on_accept(seen, process, call, result);
	else if (makes_copy(call))
		set_descriptor(seen, process, (int)result, thing_of(seen, process, (int)call->arguments[0]));
}

/* A look at what lies beneath a descriptor is no matter of names. */
static bool looks_by_name(const struct ce_system_call *call)
{
	const struct path_call *paths = is_look_call(call) ? path_call_of(call) : NULL;

	return paths != NULL && (paths->dir < 0 || (int)call->arguments[paths->dir] == AT_FDCWD);
}

static bool has_result(const struct ce_system_call *call)
{
	return is_open_call(call) || looks_by_name(call) || makes_copy(call) ||
	       is_call(call, "socket socketpair pipe pipe2 accept accept4 connect bind");
}

/* ---- needs ---- */

/* Lists of descriptors in memory, which no filter sees: FreeBSD asks for CAP_EVENT of each. */
static void on_waiting(struct seen *seen, struct process *process, const struct ce_system_call *call)
{
	struct pollfd list[64];
	fd_set set;
	uint64_t n = call->arguments[0], i, at;

	if (is_call(call, "poll ppoll")) {
		n = call->arguments[1] < 64 ? call->arguments[1] : 64;
		if (!read_memory(process->pid, call->arguments[0], list, (size_t)n * sizeof(list[0])))
			return;
	}
	for (at = 1; at <= (is_call(call, "poll ppoll") ? 1 : 3); at++) {
		if (!is_call(call, "poll ppoll") &&
		    (n > FD_SETSIZE || call->arguments[at] == 0 ||
		     !read_memory(process->pid, call->arguments[at], &set, sizeof(set))))
			continue;
		for (i = 0; i < n; i++) {
			const int fd = is_call(call, "poll ppoll") ? list[i].fd
				       : FD_ISSET((int)i, &set)	   ? (int)i
								   : NO_FD;
			struct thing *thing = thing_of(seen, process, fd);
			struct use *use;

			if (thing == NULL)
				continue;
			use = seen_use(thing, call_name(call->number), 0);
			use->event_only = use->succeeded = true;
			use->times++;
			ce_rights_set(&thing->rights, CAP_EVENT);
		}
	}
}

static unsigned long command_of(const struct ce_system_call *call)
{
	return is_call(call, "ioctl") ? (uint32_t)call->arguments[1] : 0;
}

/* Counts one need before the call; whether the result has to be seen to know if it is one. */
static bool count_need(struct seen *seen, struct process *process, const struct ce_system_call *call,
		       const struct ce_system_need *need)
{
	struct thing *thing = need->argument < 0 ? NULL : thing_of(seen, process, (int)call->arguments[need->argument]);
	struct use *use;

	if (need->argument < 0 && need->mapped) { /* the loader does so with what it mapped to execute */
		seen->executes = seen->executes || !process->loading;
		return false;
	}
	if (need->refused) {
		if (need->argument < 0 || thing != NULL)
			seen_closed(seen, call_name(call->number), thing);
		return false;
	}
	if (thing == NULL)
		return false;
	use = seen_use(thing, call_name(call->number), command_of(call));
	use->times++;
	return !use->succeeded || !ce_rights_contains(&thing->rights, &need->rights) ||
	       (need->fcntls & ~thing->fcntls) != 0;
}

static void add_need(struct seen *seen, struct process *process, const struct ce_system_call *call,
		     const struct ce_system_need *need, long result)
{
	struct thing *thing = need->argument < 0 || need->refused
				      ? NULL
				      : thing_of(seen, process, (int)call->arguments[need->argument]);
	struct use *use;

	if (thing == NULL)
		return;
	use = seen_use(thing, call_name(call->number), command_of(call));
	if (!is_passing(result)) {
		use->error = (int)-result;
		return;
	}
	use->succeeded = true;
	ce_rights_merge(&thing->rights, &need->rights);
	thing->fcntls |= need->fcntls;
	if (need->ioctl)
		seen_ioctl(thing, command_of(call));
}

static void note_input(struct seen *seen, struct process *process, const struct ce_system_call *call)
{
	const struct thing *thing;
	size_t i;

	if (seen->input != 0 || process->loading ||
	    !is_call(call, "read readv pread64 preadv recvfrom recvmsg accept accept4"))
		return;
	thing = thing_of(seen, process, (int)call->arguments[0]);
	if (thing == NULL)
		return;
	for (i = 1; thing->is_path && seen->argv != NULL && seen->argv[i] != NULL; i++)
		if (strstr(thing->what, seen->argv[i]) != NULL)
			break;
	if (thing->is_path && (seen->argv == NULL || seen->argv[i] == NULL))
		return;
	seen->input = seen->now;
	seen->input_what = thing->what;
}

static bool is_refused(const struct process *process, const struct ce_system_call *call)
{
	const int answer = ce_system_call_in_mode(call, (uint32_t)process->pid);

	/* ENOSYS says that there is no such call, and libraries fall back on an older one. */
	return answer != 0 && (answer != ENOSYS || path_call_of(call) != NULL);
}

/* What a call does to descriptors that it ends, whatever its result. */
static void on_close(struct process *process, const struct ce_system_call *call)
{
	const int fd = is_call(call, "dup2 dup3") ? (int)call->arguments[1] : (int)call->arguments[0];
	struct thing **slot = is_call(call, "close dup2 dup3") ? slot_of(process, fd) : NULL;
	uint64_t i;

	if (slot != NULL && !(is_call(call, "dup2 dup3") && call->arguments[0] == call->arguments[1]))
		*slot = NULL;
	if (is_call(call, "close_range") && (call->arguments[2] & CLOSE_RANGE_CLOEXEC) == 0)
		for (i = call->arguments[0]; i < process->ndescriptors && i <= call->arguments[1]; i++)
			process->descriptors[i] = NULL;
}

static void note_refusal(struct seen *seen, struct process *process, const struct ce_system_call *call, long result)
{
	char text[2 * PATH_SIZE + 8];

	refused_text(seen, process, call, text, sizeof(text));
	seen_refusal(seen, call_name(call->number), text, is_passing(result) ? 0 : (int)-result,
		     is_call(call, "connect") ? thing_of(seen, process, (int)call->arguments[0]) : NULL);
}

/* What the loader does to load: capeasy run has all of that, and so has a program that enters later. */
static bool is_loading(struct seen *seen, const struct process *process, const struct ce_system_call *call)
{
	const struct path_call *paths = process->loading ? path_call_of(call) : NULL;
	char path[PATH_SIZE];

	if (paths == NULL || !read_string(process->pid, call->arguments[paths->path], path, sizeof(path)) ||
	    !is_library(path))
		return false;
	seen->loaded += is_open_call(call);
	return true;
}

bool calls_before(struct seen *seen, struct process *process, const struct ce_system_call *call)
{
	struct ce_system_need needs[CE_SYSTEM_NEEDS_MAX];
	const int n = ce_system_call_needs(call, needs);
	bool wanted = has_result(call) || is_refused(process, call);
	int i;

	if (is_loading(seen, process, call))
		return false;
	note_input(seen, process, call);
	for (i = 0; i < n; i++)
		wanted = count_need(seen, process, call, &needs[i]) || wanted;
	if (is_call(call, "poll ppoll select pselect6"))
		on_waiting(seen, process, call);
	on_close(process, call);
	if (is_call(call, "execve execveat")) { /* it does not come back */
		note_refusal(seen, process, call, 0);
		return false;
	}
	return wanted;
}

void calls_after(struct seen *seen, struct process *process, const struct ce_system_call *call, long result)
{
	struct ce_system_need needs[CE_SYSTEM_NEEDS_MAX];
	const int n = ce_system_call_needs(call, needs);
	int i;

	on_result(seen, process, call, result);
	for (i = 0; i < n; i++)
		add_need(seen, process, call, &needs[i], result);
	if (is_refused(process, call))
		note_refusal(seen, process, call, result);
}
