/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What a service's process gives up: all that its work does not need and that can be given up without hindering it.
 *
 * A service looks things up by name, for which the C library opens files and sockets of its choice, and hands
 * descriptors to its client; capability mode on Linux refuses both. So a service is confined by Landlock instead: it
 * executes nothing, writes no file or none but those it is for, sends no signal out, and gains no privilege. Where
 * Landlock is missing a service runs without: its limits are what protects, as on FreeBSD.
 */
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
#define SCOPE_SIGNAL (1u << 1)

struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

struct __attribute__((packed)) path_beneath {
	uint64_t access;
	int32_t directory;
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
		[FILES_SOCKETS] = FS_READ_FILE | FS_READ_DIR | FS_MAKE_SOCK,
		[FILES_READ] = FS_READ_FILE | FS_READ_DIR,
		[FILES_WRITE] = FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_TRUNCATE,
		[FILES_CREATE] = FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_TRUNCATE | FS_MAKE_REG,
	};

	return allowed[files];
}

static bool allow_everywhere(int ruleset, uint64_t access)
{
	struct path_beneath rule = { .access = access, .directory = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) };
	bool ok = rule.directory >= 0 && syscall(NR_ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0L) == 0;

	if (rule.directory >= 0)
		close(rule.directory);
	return ok;
}

void confine(enum files files)
{
	static enum files now = FILES_ANY;
	long version = syscall(NR_CREATE_RULESET, NULL, 0L, QUERY_VERSION);
	struct ruleset attributes = { 0 };
	uint64_t access;
	int ruleset;

	if (files == now)
		return;
	now = files;
	prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	if (version < 1)
		return;
	attributes.fs = known_accesses(version);
	attributes.scoped = version >= 6 ? SCOPE_SIGNAL : 0;
	access = allowed_accesses(files) & attributes.fs;
	ruleset = (int)syscall(NR_CREATE_RULESET, &attributes,
			       version >= 6 ? sizeof(attributes) : sizeof(attributes.fs), 0L);
	if (ruleset < 0)
		return;
	if (access == 0 || allow_everywhere(ruleset, access))
		syscall(NR_RESTRICT_SELF, ruleset, 0L);
	close(ruleset);
}
