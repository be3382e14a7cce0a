/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole sandbox in one call: open these, limit these, enter capability mode.
 */
#ifndef CE_SANDBOX_H_
#define CE_SANDBOX_H_

#include "limiting.h"
#include "mode.h"
#include "opening.h"
#include "streams.h"

#include <fcntl.h>
#include <unistd.h>

/** Limit the standard streams too, as ce_limit_stdio() does. */
#define CE_SANDBOX_STDIO 1u
/**
 * Where the system enforces nothing (ENOSYS, and ce_enforcement() is 0), go on without a sandbox: everything is opened,
 * nothing is limited. Where the system can enforce, an error is still an error.
 */
#define CE_SANDBOX_OPTIONAL 2u

/** The most entries for one ce_sandbox(). */
#define CE_OPENINGS_MAX 256u

/**
 * Something that a sandboxed program works with, and its limits. Rights must be named, CE_RIGHTS_KEEP leaves all; other
 * members left out are 0, which allows nothing: no ioctl and no fcntl commands.
 *
 *     struct ce_opening logs = { .path = "/var/log", .flags = O_DIRECTORY,
 *                                .descriptor.rights = CE_SET(CAP_LOOKUP, CAP_READ, CAP_FSTAT) };
 *
 * fdopen(3) asks more of a descriptor than read(2) does; ce_stream() names all that stdio needs:
 *
 *     struct ce_opening list = { .path = "list.txt", .descriptor = ce_stream(-1, CE_STREAM_READ) };
 */
struct ce_opening {
	struct ce_descriptor descriptor; /**< with a path, its fd is stored here */
	const char *path;		 /**< what to open; NULL: the descriptor is open already */
	int flags;			 /**< of open(2); close-on-exec comes by itself */
	unsigned create_mode;		 /**< permissions of a file that O_CREAT makes, less the umask */
};

static inline int ce_open_path_(const char *path, int flags, unsigned create_mode)
{
#if defined(CE_LINUX_ENFORCES_) || defined(__FreeBSD__)
	return ce_open(path, flags, create_mode, CE_RIGHTS_KEEP);
#else
#ifdef O_CLOEXEC
	flags |= O_CLOEXEC;
#endif
	return open(path, flags, create_mode);
#endif
}

/* Closes what was opened by path, leaving errno alone. */
static inline void ce_close_openings_(struct ce_opening *openings, size_t n)
{
	int saved = errno;

	while (n-- > 0) {
		if (openings[n].path == NULL)
			continue;
		close(openings[n].descriptor.fd);
		openings[n].descriptor.fd = -1;
	}
	errno = saved;
}

/* Opens an entry that has a path; false, with errno, if it is not open then. */
static inline bool ce_open_one_(struct ce_opening *opening)
{
	if (opening->path == NULL)
		return fcntl(opening->descriptor.fd, F_GETFD) != -1;
	opening->descriptor.fd = ce_open_path_(opening->path, opening->flags, opening->create_mode);
	return opening->descriptor.fd >= 0;
}

/* Opens entries and copies their limits. Returns how many are open: n, or the index of the one that failed. */
static inline size_t ce_open_each_(struct ce_opening *openings, size_t n, struct ce_descriptor *descriptors)
{
	size_t i;

	for (i = 0; i < n && ce_open_one_(&openings[i]); i++)
		descriptors[i] = openings[i].descriptor;
	return i;
}

/* Whether every entry names its rights. */
static inline bool ce_name_rights_(const struct ce_opening *openings, size_t n)
{
	while (n-- > 0)
		if (openings[n].descriptor.rights == NULL)
			return false;
	return true;
}

/* EFAULT unless there are entries to read, and a place for the index of one; only Linux tells more than NULL. */
static inline int ce_check_openings_(const struct ce_opening *openings, size_t n, size_t *failed)
{
#if defined(CE_LINUX_ENFORCES_)
	if (failed != NULL && ce_check_writable_(failed, sizeof(*failed)) != 0)
		return -1;
	return ce_check_readable_(openings, n * sizeof(*openings));
#else
	(void)failed;
	return openings == NULL && n > 0 ? ce_fail_(EFAULT) : 0;
#endif
}

/* Limits descriptors, the first n of which belong to entries: what was opened by path may get another number. */
static inline int ce_limit_openings_(struct ce_opening *openings, size_t n, struct ce_descriptor *descriptors,
				     size_t limits)
{
#if defined(CE_LINUX_ENFORCES_)
	unsigned char fates[CE_OPENINGS_MAX + 3];
	int result;
	size_t i;

	for (i = 0; i < limits; i++)
		fates[i] = i < n && openings[i].path != NULL ? CE_MOVES_ : CE_STAYS_;
	result = ce_limits_move_(descriptors, fates, limits);
	for (i = 0; i < n; i++)
		openings[i].descriptor.fd = descriptors[i].fd;
	return result;
#else
	(void)openings;
	(void)n;
	return ce_limit_each(descriptors, limits);
#endif
}

/**
 * Opens what is to be opened, limits all of it, with one filter on Linux, and enters capability mode; flags are
 * CE_SANDBOX_ flags, ORed.
 *
 * After an error what was opened here is closed again, but limits that were set remain, on Linux on those numbers; the
 * process is not in capability mode. *failed (may be NULL) says which entry could not be opened, or n if the
 * failure came after opening.
 *
 * errno: E2BIG (more than CE_OPENINGS_MAX entries: open the rest before with ce_open(), which limits them), EFAULT,
 * EINVAL (an entry that names no rights), EBADF, those of open(2), of ce_limit_each() and of ce_enter().
 */
CE_API CE_CHECKED_ int ce_sandbox(struct ce_opening *openings, size_t n, unsigned flags, size_t *failed)
{
	struct ce_descriptor descriptors[CE_OPENINGS_MAX + 3];
	size_t limits = n;
	size_t opened;

	memset(descriptors, 0, sizeof(descriptors));
	if (ce_check_openings_(openings, n <= CE_OPENINGS_MAX ? n : 0, failed) != 0)
		return -1;
	if (failed != NULL)
		*failed = n;
	if (n > CE_OPENINGS_MAX)
		return ce_fail_(E2BIG);
	if (!ce_name_rights_(openings, n))
		return ce_fail_(EINVAL);
	opened = ce_open_each_(openings, n, descriptors);
	if (failed != NULL)
		*failed = opened;
	if ((flags & CE_SANDBOX_STDIO) != 0)
		limits += ce_stdio_(descriptors + n);
	if (opened == n && ce_limit_openings_(openings, n, descriptors, limits) == 0 && ce_enter() == 0)
		return 0;
	if (opened == n && errno == ENOSYS && (flags & CE_SANDBOX_OPTIONAL) != 0 && ce_enforcement() == 0)
		return 0;
	ce_close_openings_(openings, opened);
	return -1;
}

#endif
