/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The service system.fileargs: the files of a command line, opened when they are asked for.
 *
 * Limits are one flat list, as FreeBSD's fileargs_initnv() takes it: "flags", "operations", "mode", "cap_rights", and
 * an item for each name: a null, or for a name of one of the program's own descriptors a copy of it. They are set once.
 * The list may hold a name twice, and a file may be called "flags", so everything is looked up by name and type.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "casper.h"
#pragma GCC visibility push(default)
#include <casper/cap_fileargs.h>
#pragma GCC visibility pop

#define NAME_SIZE 1024u /* FreeBSD's MAXPATHLEN; Linux's paths may be longer, its programs' arguments seldom are */

/* The service's side. */

/* What the process may still do to files is what these flags of open(2) need. */
static enum files files_for(uint64_t flags)
{
	if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE)
		return FILES_CREATE;
	return (flags & (O_ACCMODE | O_TRUNC)) == O_RDONLY ? FILES_READ : FILES_WRITE;
}

static int fileargs_limit(const nvlist_t *old, const nvlist_t *wanted)
{
	if (old != NULL)
		return ENOTCAPABLE;
	if (!nvlist_exists_number(wanted, "flags") || !nvlist_exists_number(wanted, "operations"))
		return EINVAL;
	if (!confine(files_for(nvlist_get_number(wanted, "flags")), SOCKETS_NONE))
		_exit(1);
	return 0;
}

static bool allowed(const nvlist_t *limits, const char *name, unsigned operation)
{
	return (nvlist_get_number(limits, "operations") & operation) != 0 &&
	       (nvlist_exists_null(limits, name) || nvlist_exists_descriptor(limits, name));
}

/* The program's descriptor that a name stands for, or -1. The service has others under these numbers. */
static int own_descriptor(const char *name)
{
	static const char *const prefixes[] = { "/dev/fd/", "/proc/self/fd/" };
	static const char *const standard[] = { "/dev/stdin", "/dev/stdout", "/dev/stderr" };

	for (int fd = 0; fd < 3; fd++)
		if (strcmp(name, standard[fd]) == 0)
			return fd;
	for (size_t at = 0; at < sizeof(prefixes) / sizeof(prefixes[0]); at++) {
		size_t length = strlen(prefixes[at]);
		char *end;
		unsigned long fd;

		if (strncmp(name, prefixes[at], length) != 0 || name[length] < '0' || name[length] > '9')
			continue;
		fd = strtoul(name + length, &end, 10);
		if (*end == '\0' && fd <= INT_MAX)
			return (int)fd;
	}
	return -1;
}

static int serve_open(const nvlist_t *limits, const char *name, nvlist_t *out)
{
	int flags = (int)nvlist_get_number(limits, "flags");
	int own = nvlist_get_descriptor(limits, name);
	size_t size;
	const void *rights = nvlist_get_binary(limits, "cap_rights", &size);
	int fd;

	if (!allowed(limits, name, FA_OPEN))
		return ENOTCAPABLE;
	if (own < 0 && own_descriptor(name) >= 0)
		return ENOENT;
	fd = own >= 0 ? fcntl(own, F_DUPFD_CLOEXEC, 0)
		      : open(name, flags | O_CLOEXEC, (mode_t)dnvlist_get_number(limits, "mode", 0));
	if (fd < 0)
		return errno;
	nvlist_move_descriptor(out, "fd", fd);
	if (rights != NULL)
		nvlist_add_binary(out, "cap_rights", rights, size);
	return 0;
}

static int serve_lstat(const nvlist_t *limits, const char *name, nvlist_t *out)
{
	struct stat status;

	if (!allowed(limits, name, FA_LSTAT))
		return ENOTCAPABLE;
	if (lstat(name, &status) != 0)
		return errno;
	nvlist_add_binary(out, "stat", &status, sizeof(status));
	return 0;
}

static int serve_realpath(const nvlist_t *limits, const char *name, nvlist_t *out)
{
	char *path;

	if (!allowed(limits, name, FA_REALPATH))
		return ENOTCAPABLE;
	path = realpath(name, NULL);
	if (path == NULL)
		return errno;
	nvlist_move_string(out, "path", path);
	return 0;
}

static int fileargs_command(const char *cmd, const nvlist_t *limits, nvlist_t *in, nvlist_t *out)
{
	const char *name = nvlist_get_string(in, "name");

	if (name == NULL)
		return EINVAL;
	if (strcmp(cmd, "open") == 0)
		return serve_open(limits, name, out);
	if (strcmp(cmd, "lstat") == 0)
		return serve_lstat(limits, name, out);
	if (strcmp(cmd, "realpath") == 0)
		return serve_realpath(limits, name, out);
	return EINVAL;
}

const struct service casper_fileargs = {
	.name = "system.fileargs",
	.limit = fileargs_limit,
	.command = fileargs_command,
	.keeps_place = true,
	.flags = CASPER_SERVICE_NO_UNIQ_LIMITS,
};

/* The client's side. */

struct fileargs {
	cap_channel_t *chan; /* NULL: an empty list, which needs no service */
	int flags;
};

static fileargs_t *fileargs_new(cap_channel_t *chan, int flags)
{
	fileargs_t *fa = malloc(sizeof(*fa));

	if (fa != NULL) {
		fa->chan = chan;
		fa->flags = flags;
	}
	return fa;
}

/* One that is not open, or is limited and cannot be copied, stays a name: serve_open() says that there is no such file.
 */
static void add_name(nvlist_t *limits, const char *name)
{
	int own = own_descriptor(name);
	int copy = own < 0 || nvlist_exists_descriptor(limits, name) ? -1 : fcntl(own, F_DUPFD_CLOEXEC, 0);

	if (copy >= 0)
		nvlist_move_descriptor(limits, name, copy);
	else
		nvlist_add_null(limits, name);
}

/* The list that the service shall have: the caller's, with descriptors in place of their names. */
static nvlist_t *completed(nvlist_t *limits)
{
	nvlist_t *list = nvlist_create(NV_FLAG_NO_UNIQUE);
	void *cookie = NULL;
	const char *name;
	size_t size;
	const void *rights = nvlist_get_binary(limits, "cap_rights", &size);
	int type;

	if (!nvlist_exists_number(limits, "flags") || !nvlist_exists_number(limits, "operations"))
		nvlist_set_error(list, EINVAL);
	nvlist_set_error(list, nvlist_error(limits));
	nvlist_add_number(list, "flags", nvlist_get_number(limits, "flags"));
	nvlist_add_number(list, "operations", nvlist_get_number(limits, "operations"));
	if (nvlist_exists_number(limits, "mode"))
		nvlist_add_number(list, "mode", nvlist_get_number(limits, "mode"));
	if (rights != NULL)
		nvlist_add_binary(list, "cap_rights", rights, size);
	while ((name = nvlist_next(limits, &type, &cookie)) != NULL)
		if (type == NV_TYPE_NULL)
			add_name(list, name);
	return list;
}

/* Takes the channel and the list over. */
static fileargs_t *fileargs_over(cap_channel_t *chan, nvlist_t *limits)
{
	fileargs_t *fa = NULL;
	int flags = (int)nvlist_get_number(limits, "flags");
	nvlist_t *list = chan == NULL ? NULL : completed(limits);

	if (list != NULL && cap_limit_set(chan, list) == 0)
		fa = fileargs_new(chan, flags);
	if (fa == NULL)
		cap_close(chan);
	nvlist_destroy(limits);
	return fa;
}

fileargs_t *fileargs_initnv(nvlist_t *limits)
{
	if (limits == NULL)
		return fileargs_new(NULL, 0);
	return fileargs_over(channel_of_service(casper_fileargs.name), limits);
}

fileargs_t *fileargs_cinitnv(cap_channel_t *cas, nvlist_t *limits)
{
	if (limits == NULL)
		return fileargs_new(NULL, 0);
	return fileargs_over(cap_service_open(cas, casper_fileargs.name), limits);
}

/* NULL for no names at all; an error shows in the list. */
static nvlist_t *limits_of(int argc, char *argv[], int flags, mode_t mode, const cap_rights_t *rights, int operations)
{
	nvlist_t *limits = argc <= 0 || argv == NULL ? NULL : nvlist_create(NV_FLAG_NO_UNIQUE);

	if (limits == NULL)
		return NULL;
	nvlist_add_number(limits, "flags", (uint64_t)flags);
	nvlist_add_number(limits, "operations", (uint64_t)operations);
	nvlist_add_number(limits, "mode", mode);
	if (rights != NULL)
		nvlist_add_binary(limits, "cap_rights", rights, sizeof(*rights));
	for (int at = 0; at < argc; at++) {
		if (argv[at] != NULL && strlen(argv[at]) >= NAME_SIZE)
			nvlist_set_error(limits, ENAMETOOLONG);
		nvlist_add_null(limits, argv[at]);
	}
	return limits;
}

/* An error in the list, before a process is started for it. */
static bool refused(nvlist_t *limits)
{
	int error = limits == NULL ? 0 : nvlist_error(limits);

	if (error == 0)
		return false;
	nvlist_destroy(limits);
	errno = error;
	return true;
}

fileargs_t *fileargs_init(int argc, char *argv[], int flags, mode_t mode, cap_rights_t *rightsp, int operations)
{
	nvlist_t *limits = limits_of(argc, argv, flags, mode, rightsp, operations);

	return refused(limits) ? NULL : fileargs_initnv(limits);
}

fileargs_t *fileargs_cinit(cap_channel_t *cas, int argc, char *argv[], int flags, mode_t mode, cap_rights_t *rightsp,
			   int operations)
{
	nvlist_t *limits = limits_of(argc, argv, flags, mode, rightsp, operations);

	return refused(limits) ? NULL : fileargs_cinitnv(cas, limits);
}

static nvlist_t *ask(const fileargs_t *fa, const char *command, const char *name)
{
	if (name == NULL || fa->chan == NULL) {
		errno = name == NULL ? EINVAL : ENOTCAPABLE;
		return NULL;
	}
	return channel_ask(fa->chan, channel_request_name(command, name));
}

/* The descriptor in an answer, limited to the rights in it. Takes the answer. */
static int descriptor_in(nvlist_t *answer)
{
	size_t size;
	const void *bytes = nvlist_get_binary(answer, "cap_rights", &size);
	cap_rights_t rights;
	int fd = nvlist_take_descriptor(answer, "fd");

	if (fd >= 0 && bytes != NULL && size == sizeof(rights)) {
		memcpy(&rights, bytes, sizeof(rights));
		fd = descriptor_limited(fd, &rights);
	}
	nvlist_destroy(answer);
	return fd;
}

int fileargs_open(fileargs_t *fa, const char *name)
{
	nvlist_t *answer = ask(fa, "open", name);

	return answer == NULL ? -1 : descriptor_in(answer);
}

FILE *fileargs_fopen(fileargs_t *fa, const char *name, const char *mode)
{
	int fd = fileargs_open(fa, name);
	FILE *file = fd < 0 ? NULL : fdopen(fd, mode);

	if (fd >= 0 && file == NULL) {
		int error = errno;

		close(fd);
		errno = error;
	}
	return file;
}

int fileargs_lstat(fileargs_t *fa, const char *name, struct stat *sb)
{
	nvlist_t *answer;
	const void *bytes;
	size_t size;

	if (sb == NULL) {
		errno = EFAULT;
		return -1;
	}
	answer = ask(fa, "lstat", name);
	if (answer == NULL)
		return -1;
	bytes = nvlist_get_binary(answer, "stat", &size);
	if (bytes != NULL && size == sizeof(*sb))
		memcpy(sb, bytes, size);
	else
		errno = EBADMSG;
	nvlist_destroy(answer);
	return bytes != NULL && size == sizeof(*sb) ? 0 : -1;
}

char *fileargs_realpath(fileargs_t *fa, const char *pathname, char *reserved_path)
{
	nvlist_t *answer = ask(fa, "realpath", pathname);
	const char *path = nvlist_get_string(answer, "path");
	char *result = NULL;

	if (path != NULL && reserved_path == NULL)
		result = strdup(path);
	else if (path != NULL && strlen(path) < PATH_MAX)
		result = strcpy(reserved_path, path);
	else if (answer != NULL)
		errno = ENAMETOOLONG;
	nvlist_destroy(answer);
	return result;
}

void fileargs_free(fileargs_t *fa)
{
	if (fa != NULL)
		cap_close(fa->chan);
	free(fa);
}

fileargs_t *fileargs_wrap(cap_channel_t *chan, int fdflags)
{
	return chan == NULL ? NULL : fileargs_new(chan, fdflags);
}

cap_channel_t *fileargs_unwrap(fileargs_t *fa, int *fdflags)
{
	cap_channel_t *chan = fa == NULL ? NULL : fa->chan;

	if (fa != NULL && fdflags != NULL)
		*fdflags = fa->flags;
	free(fa);
	return chan;
}
