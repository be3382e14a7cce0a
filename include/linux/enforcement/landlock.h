/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Landlock: what keeps lookups from a directory descriptor beneath that directory in capability mode.
 *
 * One rule for each directory descriptor held at entry that has CAP_LOOKUP, with the accesses that its rights stand
 * for. Everything that the kernel's Landlock can handle is handled, so what no rule names is refused.
 */
#ifndef CE_LINUX_LANDLOCK_H_
#define CE_LINUX_LANDLOCK_H_

#include "filter_mode.h"
#include "proc.h"
#include "requests.h"
#include "table.h"

#define CE_LANDLOCK_THREADS_ 8u /* the ABI from which a domain can cover all threads */
#define CE_LANDLOCK_WALK_ 256	/* a table that is walked, one number after the other */

#ifndef CE_LANDLOCK_MAX
/** The newest ABI to use. A program may define it lower: the filter of capability mode then refuses more instead. */
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

/*
 * Whether the calls that make use of Landlock are to be had too. Without a ruleset they say EBADF; restricting says
 * EPERM first, where there is no no_new_privs yet, and then nothing is known of it.
 */
CE_COLD_ bool ce_landlock_is_open_(void)
{
	const struct ce_landlock_path_ path = { CE_LANDLOCK_READ_DIR_, -1 };

	if (syscall((long)CE_NR_LANDLOCK_ADD_RULE_, -1L, (long)CE_LANDLOCK_PATH_BENEATH_, ce_pointer_(&path), 0L) !=
		    -1 ||
	    errno != EBADF)
		return false;
	if (syscall((long)CE_NR_LANDLOCK_RESTRICT_SELF_, -1L, 0L) != -1 || errno == EBADF)
		return true;
	return errno == EPERM && syscall(SYS_prctl, (long)CE_PR_GET_NO_NEW_PRIVS_, 0L, 0L, 0L, 0L) == 0;
}

/*
 * The ABI that will be used; 0 where the kernel has no Landlock, it is switched off, or a container forbids it. Leaves
 * errno alone.
 */
CE_COLD_ unsigned ce_landlock_abi_(void)
{
	int saved = errno;
	long abi = syscall((long)CE_NR_LANDLOCK_CREATE_RULESET_, 0L, 0L, (long)CE_LANDLOCK_VERSION_);

	if (abi > 0 && !ce_landlock_is_open_())
		abi = 0;
	errno = saved;
	if (abi < 0)
		return 0;
	return abi < (long)CE_LANDLOCK_MAX ? (unsigned)abi : CE_LANDLOCK_MAX;
}

/* Everything that this ABI can handle. */
CE_COLD_ struct ce_landlock_ruleset_ ce_landlock_handled_(unsigned abi)
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

CE_COLD_ uint64_t ce_landlock_access_of_(const struct ce_limited_ *limit)
{
	uint64_t access = 0;
	size_t i;

	for (i = 0; i < sizeof(ce_landlock_accesses_) / sizeof(ce_landlock_accesses_[0]); i++)
		if (ce_limit_has_(limit, ce_landlock_accesses_[i].right))
			access |= ce_landlock_accesses_[i].access;
	return access;
}

/* 0 for success, else an errno value: EINVAL for a directory's access on a file, EBADFD on what has no path. */
CE_COLD_ int ce_landlock_add_(int ruleset, int fd, uint64_t access)
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

CE_COLD_ int ce_landlock_create_(const struct ce_landlock_ruleset_ *handled, unsigned abi)
{
	size_t size = abi >= CE_LANDLOCK_SCOPES_ ? sizeof(*handled) : abi >= 4 ? 16 : 8; /* larger ones: E2BIG */

	return (int)syscall((long)CE_NR_LANDLOCK_CREATE_RULESET_, ce_pointer_(handled), (long)size, 0L);
}

/* ---- every open descriptor ---- */

/* A ruleset in the making, with what the descriptors seen so far have in common. */
struct ce_landlock_ {
	int ruleset;
	int probe; /* a ruleset only to find out what is a directory */
	int list;  /* the directory of /proc that lists the descriptors; -1: none */
	uint64_t handled;
	struct ce_mode_ *mode;
};

/* Whether a descriptor was limited to a set that names CAP_FEXECVE. All rights are no such set. */
CE_APART_ bool ce_limit_is_to_execute_(const struct ce_limited_ *limit)
{
	static const uint64_t all[2] = { CE_BITS_IN_WORD0_(CAP_ALL0), CE_BITS_IN_WORD1_(CAP_ALL1) };

	return !ce_has_bits_(limit->rights, all) && ce_limit_has_(limit, CAP_FEXECVE);
}

/*
 * Whether a file is open for reading. CAP_READ suffices to find out: the kernel looks at how the file was opened before
 * it looks at where to read to, which is nowhere (fs/read_write.c, vfs_read).
 */
CE_COLD_ bool ce_is_readable_(int fd)
{
	return syscall(SYS_read, (long)fd, -4096L, 1L) == -1 && errno == EFAULT;
}

/*
 * Adds a rule, for a descriptor with this limit; what is opened by it has no limits of its own. A descriptor that
 * another thread closed meanwhile, or opened anew, is none to be held at entry: no rule. errno: ENOMEM.
 */
CE_COLD_ int ce_landlock_allow_(struct ce_landlock_ *landlock, int fd, uint64_t access, const struct ce_limited_ *limit,
				bool directory)
{
	struct ce_mode_ *mode = landlock->mode;
	int error = access != 0 ? ce_landlock_add_(landlock->ruleset, fd, access) : 0;
	unsigned word;

	if (error != 0)
		return error == EBADF || error == EBADFD || ce_is_missing_(error) ? 0 : ce_fail_(error);
	mode->lookups = mode->lookups || directory;
	mode->executes = mode->executes || (access & CE_LANDLOCK_EXECUTE_) != 0;
	for (word = 0; word < 2; word++) {
		mode->every[word] &= limit->rights[word];
		mode->any[word] |= directory ? limit->rights[word] : 0;
	}
	return 0;
}

/*
 * The rule for one number. Whether it is a directory is asked of Landlock, since fstat needs a right.
 *
 * A file that can be read and executed may be so by path too, since fexecve(2) is checked like an execution by path,
 * which reads the file. That takes a limit that says so: any other file can then not be opened anew, whatever it is
 * limited to, now or later.
 */
CE_COLD_ int ce_landlock_add_descriptor_(struct ce_landlock_ *landlock, int fd)
{
	const int kind = ce_landlock_add_(landlock->probe, fd, CE_LANDLOCK_READ_DIR_);
	struct ce_limited_ limit;

	if (kind != 0 && kind != EINVAL)
		return 0;
	ce_limit_read_((uint32_t)fd, &limit, NULL);
	if (kind == 0 && ce_limit_has_(&limit, CAP_LOOKUP))
		return ce_landlock_allow_(landlock, fd, ce_landlock_access_of_(&limit) & landlock->handled, &limit,
					  true);
	if (kind == 0 || !ce_limit_is_to_execute_(&limit))
		return 0;
	landlock->mode->executes = true;
	if (!ce_limit_has_(&limit, CAP_READ) || !ce_is_readable_(fd))
		return 0;
	return ce_landlock_allow_(landlock, fd, CE_LANDLOCK_EXECUTE_ | CE_LANDLOCK_READ_FILE_, &limit, false);
}

/* 0, or 1 with errno. */
CE_COLD_ int ce_landlock_add_number_(void *context, int fd)
{
	struct ce_landlock_ *landlock = (struct ce_landlock_ *)context;

	if (fd == landlock->ruleset || fd == landlock->probe || fd == landlock->list)
		return 0;
	return ce_landlock_add_descriptor_(landlock, fd) != 0;
}

/*
 * Those that /proc lists for this thread, which may have a table of its own. As ce_landlock_add_number_(), or -1 if
 * there is no list or no more of it.
 */
CE_COLD_ int ce_landlock_add_listed_(struct ce_landlock_ *landlock)
{
	int result;

	landlock->list = ce_open_proc_("/proc/thread-self/fd");
	if (landlock->list < 0)
		return -1;
	result = ce_for_each_number_(landlock->list, ce_landlock_add_number_, landlock);
	syscall(SYS_close, (long)landlock->list);
	landlock->list = -1;
	return result;
}

/* A walk takes a quarter of a microsecond a number, the list two a descriptor: the list is for tables with holes. */
CE_COLD_ int ce_landlock_add_all_(struct ce_landlock_ *landlock)
{
	const int end = (int)ce_table_end_();
	int result = end > CE_LANDLOCK_WALK_ ? ce_landlock_add_listed_(landlock) : -1;
	int fd;

	if (result >= 0)
		return -result;
	for (fd = 0; fd < end; fd++)
		if (ce_check_open_(fd) == 0 && ce_landlock_add_number_(landlock, fd) != 0)
			return -1;
	return 0;
}

/* Whether no descriptor can be had, for as long as the limit stays as it is. */
CE_COLD_ bool ce_has_no_descriptors_(void)
{
	uint64_t limit[2] = { 1, 1 };

	return syscall(SYS_prlimit64, 0L, (long)CE_RLIMIT_NOFILE_, 0L, ce_pointer_(limit)) == 0 && limit[0] == 0;
}

/*
 * Whether entering goes on without Landlock: where it is not to be had, and with RLIMIT_NOFILE 0, which programs for
 * FreeBSD set just before they enter. Nothing can be opened then.
 */
CE_COLD_ bool ce_goes_without_landlock_(int error)
{
	return ce_is_missing_(error) || (error == EMFILE && ce_has_no_descriptors_());
}

CE_COLD_ void ce_mode_without_landlock_(struct ce_mode_ *mode, unsigned lost)
{
	mode->lost |= lost;
	mode->landlock = 0;
	mode->lookups = mode->executes = false;
	mode->every[0] = mode->every[1] = mode->any[0] = mode->any[1] = 0;
}

/*
 * Restricts the calling thread, or with all_threads (from ABI 8 on) the process. Fills in what capability mode's filter
 * wants to know of the directories.
 */
CE_APART_ int ce_landlock_restrict_(unsigned abi, bool all_threads, struct ce_mode_ *mode)
{
	const struct ce_landlock_ruleset_ handled = ce_landlock_handled_(abi);
	struct ce_landlock_ landlock = { -1, -1, -1, handled.handled_fs, mode };
	int result = -1;
	int error;

	mode->landlock = abi;
	mode->every[0] = mode->every[1] = UINT64_MAX;
	landlock.ruleset = ce_landlock_create_(&handled, abi);
	if (landlock.ruleset >= 0)
		landlock.probe = ce_landlock_create_(&handled, abi);
	if (landlock.probe >= 0 && ce_landlock_add_all_(&landlock) == 0 &&
	    syscall((long)CE_NR_LANDLOCK_RESTRICT_SELF_, (long)landlock.ruleset,
		    all_threads ? (long)CE_LANDLOCK_TSYNC_ : 0L) == 0)
		result = 0;
	error = errno;
	if (result != 0 && ce_goes_without_landlock_(error)) {
		ce_mode_without_landlock_(mode, error == EMFILE ? CE_MODE_LOST_DESCRIPTORS_ : CE_MODE_LOST_LANDLOCK_);
		result = 0;
	}
	errno = error;
	ce_close_(landlock.probe);
	ce_close_(landlock.ruleset);
	return result;
}

#endif
