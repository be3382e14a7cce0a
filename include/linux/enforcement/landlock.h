/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Landlock: what keeps lookups from a directory descriptor beneath that directory in capability mode.
 *
 * One rule for each directory descriptor held at entry that has CAP_LOOKUP, with the accesses that its rights stand
 * for. Everything that the kernel's Landlock can handle is handled, so what no rule names is refused.
 */
#ifndef CE_LINUX_LANDLOCK_H_
#define CE_LINUX_LANDLOCK_H_

#include "numbers.h"
#include "proc.h"

#define CE_LANDLOCK_THREADS_ 8u /* the ABI from which a domain can cover all threads */

/* The newest ABI to use. A program may define it lower: the filter of capability mode then refuses more instead. */
#ifndef CE_LANDLOCK_MAX
#define CE_LANDLOCK_MAX 10u
#endif

/* What each ABI added; Documentation/userspace-api/landlock.rst. 7 added logging only, 8 the flag for all threads. */
static const struct ce_landlock_level_ {
	unsigned abi;
	struct ce_landlock_ruleset_ handled;
} ce_landlock_levels_[] = {
	{ 1, { 0x1fff, 0, 0 } },	     /* execute, read, write, make and remove */
	{ 2, { CE_LANDLOCK_REFER_, 0, 0 } }, /* rename and link between directories: always refused before */
	{ 3, { CE_LANDLOCK_TRUNCATE_, 0, 0 } },
	{ 4, { 0, 3, 0 } }, /* TCP bind and connect */
	{ 5, { CE_LANDLOCK_IOCTL_DEV_, 0, 0 } },
	{ CE_LANDLOCK_SCOPES_, { 0, 0, 3 } }, /* abstract sockets and signals */
	{ 9, { 1ull << 16, 0, 0 } },	      /* connecting to sockets by path */
	{ 10, { 0, 12, 0 } },		      /* UDP bind, connect and send */
};

/* The accesses that a right of a directory stands for: gen/policy/landlock.policy. */
struct ce_landlock_access_ {
	uint64_t right;
	uint64_t access;
};

#include "linux-landlock.h"

/* The ABI that will be used; 0 where the kernel has no Landlock or it is switched off. Leaves errno alone. */
static inline unsigned ce_landlock_abi_(void)
{
	int saved = errno;
	long abi = syscall((long)CE_NR_LANDLOCK_CREATE_RULESET_, 0L, 0L, (long)CE_LANDLOCK_VERSION_);

	errno = saved;
	if (abi < 0)
		return 0;
	return abi < (long)CE_LANDLOCK_MAX ? (unsigned)abi : CE_LANDLOCK_MAX;
}

/* Everything that this ABI can handle. */
static inline struct ce_landlock_ruleset_ ce_landlock_handled_(unsigned abi)
{
	struct ce_landlock_ruleset_ handled = { 0, 0, 0 };
	size_t i;

	for (i = 0; i < sizeof(ce_landlock_levels_) / sizeof(ce_landlock_levels_[0]); i++) {
		if (ce_landlock_levels_[i].abi > abi)
			break;
		handled.handled_fs |= ce_landlock_levels_[i].handled.handled_fs;
		handled.handled_net |= ce_landlock_levels_[i].handled.handled_net;
		handled.scoped |= ce_landlock_levels_[i].handled.scoped;
	}
	return handled;
}

static inline uint64_t ce_landlock_access_of_(const struct ce_limited_ *limit)
{
	uint64_t access = 0;
	size_t i;

	for (i = 0; i < sizeof(ce_landlock_accesses_) / sizeof(ce_landlock_accesses_[0]); i++)
		if (ce_limit_has_(limit, ce_landlock_accesses_[i].right))
			access |= ce_landlock_accesses_[i].access;
	return access;
}

/* 0 for success, else an errno value: EINVAL for a directory's access on a file, EBADFD on what has no path. */
static inline int ce_landlock_add_(int ruleset, int fd, uint64_t access)
{
	struct ce_landlock_path_ path;

	memset(&path, 0, sizeof(path));
	path.allowed = access;
	path.fd = fd;
	if (syscall((long)CE_NR_LANDLOCK_ADD_RULE_, (long)ruleset, (long)CE_LANDLOCK_PATH_BENEATH_, ce_pointer_(&path),
		    0L) == 0)
		return 0;
	return errno;
}

static inline int ce_landlock_create_(const struct ce_landlock_ruleset_ *handled, unsigned abi)
{
	size_t size = abi >= CE_LANDLOCK_SCOPES_ ? sizeof(*handled) : abi >= 4 ? 16 : 8; /* larger ones: E2BIG */

	return (int)syscall((long)CE_NR_LANDLOCK_CREATE_RULESET_, ce_pointer_(handled), (long)size, 0L);
}

/* ---- every open descriptor ---------------------------------------------------------------------------------- */

/* A ruleset in the making, with what the descriptors seen so far have in common. */
struct ce_landlock_ {
	int ruleset;
	int probe; /* a ruleset only to find out what is a directory */
	uint64_t handled;
	bool directories; /* any to look up from */
	uint64_t every[2];
	uint64_t any[2]; /* of the directories */
};

/* For a descriptor that gets a rule: what is opened by that rule has no limits of its own. */
static inline void ce_landlock_count_(struct ce_landlock_ *landlock, const struct ce_limited_ *limit)
{
	landlock->every[0] &= limit->rights[0];
	landlock->every[1] &= limit->rights[1];
}

/* Whether a file is open for reading; false where its limits do not let the kernel say. */
static inline bool ce_is_readable_(int fd)
{
	int saved = errno;
	long flags = syscall(SYS_fcntl, (long)fd, (long)CE_F_GETFL_, 0L);

	errno = saved;
	return flags != -1 && (flags & CE_O_ACCMODE_) != CE_O_WRONLY_ && (flags & CE_O_PATH_) == 0;
}

/*
 * The rule for one descriptor. A file that can be read and executed may be so by path too, since fexecve(2) is checked
 * like an execution by path, which reads the file. Whether it is a directory is asked of Landlock, since fstat needs a
 * right.
 */
static inline int ce_landlock_add_descriptor_(struct ce_landlock_ *landlock, int fd)
{
	struct ce_limited_ limit;
	uint64_t access = 0;
	int kind;
	int error;

	ce_limit_read_((uint32_t)fd, &limit, NULL);
	kind = ce_landlock_add_(landlock->probe, fd, CE_LANDLOCK_READ_DIR_);
	if (kind == 0 && ce_limit_has_(&limit, CAP_LOOKUP)) {
		access = ce_landlock_access_of_(&limit) & landlock->handled;
		landlock->directories = true;
		landlock->any[0] |= limit.rights[0];
		landlock->any[1] |= limit.rights[1];
		ce_landlock_count_(landlock, &limit);
	} else if (kind == EINVAL && ce_limit_has_(&limit, CAP_FEXECVE) && ce_limit_has_(&limit, CAP_READ) &&
		   ce_is_readable_(fd)) {
		access = CE_LANDLOCK_EXECUTE_ | CE_LANDLOCK_READ_FILE_;
		ce_landlock_count_(landlock, &limit);
	}
	error = access != 0 ? ce_landlock_add_(landlock->ruleset, fd, access) : 0;
	if (error == 0)
		return 0;
	errno = error;
	return -1;
}

/* Where every descriptor is listed, and what to do with it. */
struct ce_landlock_list_ {
	struct ce_landlock_ *landlock;
	int fd;
};

static inline int ce_landlock_add_entry_(void *context, int fd)
{
	const struct ce_landlock_list_ *list = (const struct ce_landlock_list_ *)context;

	if (fd == list->fd || fd == list->landlock->ruleset || fd == list->landlock->probe)
		return 0;
	return ce_landlock_add_descriptor_(list->landlock, fd);
}

/*
 * Every descriptor in /proc/self/fd. Without /proc no directory gets a rule and nothing can be looked up: stricter, and
 * `every` then claims nothing.
 */
static inline int ce_landlock_add_all_(struct ce_landlock_ *landlock)
{
	struct ce_landlock_list_ list = { landlock, -1 };
	int result;

	list.fd = ce_open_wanted_(CE_AT_FDCWD_, "/proc/self/fd", CE_O_CLOEXEC_, 0, false, NULL);
	if (list.fd < 0 && ce_lacks_room_(errno))
		return -1;
	if (list.fd < 0) {
		landlock->every[0] = landlock->every[1] = 0;
		return 0;
	}
	result = ce_for_each_number_(list.fd, ce_landlock_add_entry_, &list);
	ce_close_(list.fd);
	return result;
}

/*
 * Restricts the calling thread, or with all_threads (from ABI 8 on) the process. Fills in what capability mode's filter
 * wants to know of the directories.
 */
static inline int ce_landlock_restrict_(unsigned abi, bool all_threads, struct ce_mode_ *mode)
{
	const struct ce_landlock_ruleset_ handled = ce_landlock_handled_(abi);
	struct ce_landlock_ landlock;
	int result = -1;

	landlock.handled = handled.handled_fs;
	landlock.directories = false;
	landlock.every[0] = landlock.every[1] = UINT64_MAX;
	landlock.any[0] = landlock.any[1] = 0;
	landlock.ruleset = ce_landlock_create_(&handled, abi);
	landlock.probe = ce_landlock_create_(&handled, abi);
	if (landlock.ruleset >= 0 && landlock.probe >= 0 && ce_landlock_add_all_(&landlock) == 0 &&
	    syscall((long)CE_NR_LANDLOCK_RESTRICT_SELF_, (long)landlock.ruleset,
		    all_threads ? (long)CE_LANDLOCK_TSYNC_ : 0L) == 0)
		result = 0;
	ce_close_(landlock.probe);
	ce_close_(landlock.ruleset);
	mode->landlock = abi;
	mode->lookups = landlock.directories;
	mode->every[0] = landlock.every[0];
	mode->every[1] = landlock.every[1];
	mode->any[0] = landlock.any[0];
	mode->any[1] = landlock.any[1];
	return result;
}

#endif
