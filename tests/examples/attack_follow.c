/* SPDX-License-Identifier: BSD-2-Clause */
/* The tailer, taken over by a line in the log: it goes for the log, to remove its traces, and for its neighbours. */
#include "attacker.h"

static int logs;

static ssize_t read_and_attack(int fd, void *data, size_t size)
{
	ssize_t length = read(fd, data, size);

	if (is_attack(data, length)) {
		attack_system();
		try("empty the log", ftruncate(fd, 0), ENOTCAPABLE);
		try("write to the log", openat(logs, "log", O_WRONLY | O_APPEND), ENOTCAPABLE);
		try("remove the log", unlinkat(logs, "log", 0), ENOTCAPABLE);
		try("rename the log", renameat(logs, "log", logs, "log.1"), ENOTCAPABLE);
		try("open ../secret", openat(logs, "../secret", O_RDONLY), EACCES);
		try("touch the log", futimens(fd, NULL), ENOTCAPABLE);
		try("watch another directory", (long)ce_open_directory("/etc", CE_RIGHTS_KEEP), ECAPMODE);
		finish_attack();
	}
	return length;
}

/* The attacker knows the directory's descriptor. */
static int open_and_note(int directory, const char *path, int flags, unsigned mode, const cap_rights_t *rights)
{
	logs = directory;
	return ce_openat(directory, path, flags, mode, rights);
}

#define read read_and_attack
#define ce_openat open_and_note
#include "../../examples/follow.c"
