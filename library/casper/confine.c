/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What a service's process gives up: all that its work does not need and that can be given up without hindering it.
 *
 * None enters capability mode or limits its channel: each answers cap_clone() with a descriptor, and capability mode
 * and limits on Linux refuse sendmsg(2), whose descriptors a filter cannot see. So Landlock takes files away instead,
 * and filter.c system calls: a service executes nothing, reads only where databases of names are, or what it is for,
 * writes no file but those it is for, changes none's owner or mode, reaches no other process, and gains no privilege.
 * Where the kernel lacks one of these, or a container forbids it, a service runs without, and says so to a client that
 * asks: its limits are what protects, as on FreeBSD. Where one fails for another reason the service does not begin.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "casper.h"

/* linux/landlock.h, as far as it is used here; Debian 12's lacks the later ones. */
#define NR_CREATE_RULESET 444L
#define NR_ADD_RULE 445L
#define NR_RESTRICT_SELF 446L
#define RULE_PATH_BENEATH 1L
#define QUERY_VERSION 1L
#define FS_WRITE_FILE (1u << 1)
#define FS_READ_FILE (1u << 2)
#define FS_READ_DIR (1u << 3)
#define FS_MAKE_REG (1u << 8)
#define FS_MAKE_SOCK (1u << 9)
#define FS_TRUNCATE (1u << 14)
#define SCOPE_ABSTRACT_UNIX_SOCKET (1u << 0)
#define SCOPE_SIGNAL (1u << 1)

struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

struct __attribute__((packed)) path_beneath {
	uint64_t access;
	int32_t beneath;
};

/*
 * The kinds of access to files that each version of Landlock knows: linux/landlock.h. The last, ioctls of devices since
 * version 5, is left alone: a device that fileargs opens is its client's to use.
 */
static uint64_t known_accesses(long version)
{
	static const unsigned char bits[] = { 13, 14, 15 };

	return (1ull << bits[version < 3 ? version - 1 : 2]) - 1;
}

static uint64_t allowed_accesses(enum files files)
{
	static const uint64_t allowed[] = {
		[FILES_NONE] = 0,
		[FILES_NAMES] = FS_READ_FILE | FS_READ_DIR,
		[FILES_SOCKETS] = FS_READ_FILE | FS_READ_DIR | FS_MAKE_SOCK,
		[FILES_READ] = FS_READ_FILE | FS_READ_DIR,
		[FILES_WRITE] = FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_TRUNCATE,
		[FILES_CREATE] = FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_TRUNCATE | FS_MAKE_REG,
	};

	return allowed[files];
}

static bool allow_beneath(int ruleset, uint64_t access, const char *path, bool directory)
{
	struct path_beneath rule = { .access = access, .beneath = open(path, O_PATH | O_CLOEXEC) };
	bool ok;

	if (!directory)
		rule.access &= FS_READ_FILE;
	ok = rule.beneath >= 0 && syscall(NR_ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0L) == 0;
	if (rule.beneath >= 0)
		close(rule.beneath);
	return ok;
}

/*
 * Where systems keep the C library's databases, its modules and what these read: not where users keep theirs. A file of
 * the second list can be a link to somewhere else. What is not there needs no rule.
 */
static void allow_names(int ruleset, uint64_t access)
{
	static const char *const directories[] = { "/etc",     "/usr",	     "/lib",	"/lib64",     "/lib32",
						   "/bin",     "/opt",	     "/run",	"/var/lib",   "/var/db",
						   "/var/run", "/var/cache", "/var/yp", "/nix/store", "/gnu/store" };
	static const char *const files[] = { "/etc/hosts",     "/etc/resolv.conf", "/etc/nsswitch.conf",
					     "/etc/passwd",    "/etc/group",	   "/etc/services",
					     "/etc/protocols", "/etc/host.conf",   "/etc/gai.conf",
					     "/etc/localtime", "/dev/null",	   "/dev/urandom" };

	for (size_t at = 0; at < sizeof(directories) / sizeof(directories[0]); at++)
		allow_beneath(ruleset, access, directories[at], true);
	for (size_t at = 0; at < sizeof(files) / sizeof(files[0]); at++)
		allow_beneath(ruleset, access, files[at], false);
}

static bool allow(int ruleset, enum files files, uint64_t access)
{
	if (files == FILES_NAMES || files == FILES_SOCKETS)
		allow_names(ruleset, access & (FS_READ_FILE | FS_READ_DIR));
	if (files == FILES_SOCKETS)
		return allow_beneath(ruleset, FS_MAKE_SOCK, "/", true);
	return access == 0 || files == FILES_NAMES || allow_beneath(ruleset, access, "/", true);
}

static unsigned given_up;

/* Whether an errno says that the kernel lacks a call for confining, or that a container forbids it. */
static bool is_missing(int error)
{
	return error == ENOSYS || error == EOPNOTSUPP || error == EPERM || error == EACCES || error == EINVAL;
}

/* The log's socket is a file, wherever it is; what modules of lookups connect to is theirs to choose. */
static uint64_t scopes(long version, enum sockets sockets)
{
	if (version < 6)
		return 0;
	return SCOPE_SIGNAL | (sockets == SOCKETS_LOCAL ? SCOPE_ABSTRACT_UNIX_SOCKET : 0);
}

static bool take_files(enum files files, enum sockets sockets)
{
	long version = syscall(NR_CREATE_RULESET, NULL, 0L, QUERY_VERSION);
	struct ruleset attributes = { 0 };
	bool taken;
	int ruleset;

	if (version < 1)
		return is_missing(errno);
	attributes.fs = known_accesses(version);
	attributes.scoped = scopes(version, sockets);
	ruleset = (int)syscall(NR_CREATE_RULESET, &attributes,
			       version >= 6 ? sizeof(attributes) : sizeof(attributes.fs), 0L);
	if (ruleset < 0)
		return false;
	taken = allow(ruleset, files, allowed_accesses(files) & attributes.fs) &&
		syscall(NR_RESTRICT_SELF, ruleset, 0L) == 0;
	close(ruleset);
	if (taken && (attributes.fs & FS_TRUNCATE) != 0)
		given_up |= CE_SERVICE_FILES;
	return taken;
}

static bool take_calls(enum sockets sockets)
{
	int error = refuse_calls(sockets);

	if (error == 0)
		given_up |= CE_SERVICE_CALLS;
	return error == 0 || is_missing(error);
}

bool confine(enum files files, enum sockets sockets)
{
	static enum files now = FILES_ANY;

	if (files == now)
		return true;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0 || !take_files(files, sockets) || !take_calls(sockets))
		return false;
	now = files;
	return true;
}

unsigned confinement(void)
{
	return given_up;
}
