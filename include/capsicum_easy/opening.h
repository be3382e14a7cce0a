/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * New descriptors: directories, files beneath them, accepted connections. All are closed on exec.
 */
#ifndef CE_OPENING_H_
#define CE_OPENING_H_

#include "enforcement.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* The access mode for "r", "w", "rw"; -1 with EINVAL for anything else. */
static inline int ce_open_mode_(const char *mode)
{
	if (mode != NULL && strcmp(mode, "r") == 0)
		return O_RDONLY;
	if (mode != NULL && strcmp(mode, "w") == 0)
		return O_WRONLY;
	if (mode != NULL && strcmp(mode, "rw") == 0)
		return O_RDWR;
	return ce_fail_(EINVAL);
}

/*
 * Whether a path leads out of the directory that it starts in by its own words: absolute, or with more ".." than names
 * before them. A symbolic link may still lead out; that is the kernel's to see.
 */
static inline bool ce_path_leaves_(const char *path)
{
	int depth = 0;

	if (path[0] == '/')
		return true;
	while (*path != '\0') {
		size_t length = strcspn(path, "/");

		if (length == 2 && path[0] == '.' && path[1] == '.')
			depth--;
		else if (length > 0 && !(length == 1 && path[0] == '.'))
			depth++;
		if (depth < 0)
			return true;
		path += length;
		path += strspn(path, "/");
	}
	return false;
}

/* The system's own open, with everything that opening here means. wanted: rights to choose a number for, or NULL. */
static inline int ce_open_(int dirfd, const char *path, int flags, unsigned create_mode, bool beneath,
			   const cap_rights_t *wanted)
{
#if defined(__FreeBSD__)
	(void)wanted;
	flags |= O_CLOEXEC;
#ifdef O_RESOLVE_BENEATH /* FreeBSD 13; before, only the limits of the directory keep lookups beneath it */
	if (beneath)
		flags |= O_RESOLVE_BENEATH;
#else
	(void)beneath;
#endif
	return openat(dirfd, path, flags, create_mode);
#elif defined(CE_LINUX_ENFORCES_)
	return ce_open_wanted_(dirfd, path, flags | CE_O_CLOEXEC_, create_mode, beneath, wanted);
#else
	(void)dirfd;
	(void)path;
	(void)flags;
	(void)create_mode;
	(void)beneath;
	(void)wanted;
	return ce_fail_(ENOSYS);
#endif
}

/* Limits a descriptor that was just made, or closes it. rights NULL: not at all. */
static inline int ce_limit_new_(int fd, const cap_rights_t *rights)
{
	if (fd >= 0 && rights != NULL && cap_rights_limit(fd, rights) != 0) {
		int error = errno;

		close(fd);
		return ce_fail_(error);
	}
	return fd;
}

/**
 * Opens a directory, for looking things up beneath it.
 *
 * mode is "r", "w" or "rw" and says what the caller means to do there; a directory itself is always opened for reading.
 * Returns a descriptor that the caller owns. errno: EINVAL (another mode), EFAULT, ENOTDIR and the rest of open(2);
 * ECAPMODE in capability mode; ENOSYS.
 */
CE_API int ce_opendir(const char *path, const char *mode)
{
	if (path == NULL)
		return ce_fail_(EFAULT);
	if (ce_open_mode_(mode) < 0)
		return -1;
#if defined(CE_LINUX_ENFORCES_)
	return ce_open_(CE_AT_FDCWD_, path, CE_O_DIRECTORY_, 0, false, NULL);
#elif defined(__FreeBSD__)
	return ce_open_(AT_FDCWD, path, O_DIRECTORY, 0, false, NULL);
#else
	return ce_fail_(ENOSYS);
#endif
}

/**
 * Opens a file beneath a directory and limits it to these rights (NULL: not at all); closes it again if that fails.
 *
 * As ce_openat() otherwise. On Linux a free number that already has just these limits is preferred, so that a loop
 * which opens, limits and closes does not need a new filter each time round. errno: also those of ce_limit().
 */
CE_API int ce_openat_limited(int dirfd, const char *path, const char *mode, int flags, unsigned create_mode,
			     const cap_rights_t *rights)
{
	int access = mode != NULL ? ce_open_mode_(mode) : 0;

	if (path == NULL)
		return ce_fail_(EFAULT);
	if (access < 0)
		return -1;
	if (ce_path_leaves_(path))
		return ce_fail_(ENOTCAPABLE);
	return ce_limit_new_(ce_open_(dirfd, path, access | flags, create_mode, true, rights), rights);
}

/**
 * Opens a file beneath a directory.
 *
 * mode: "r", "w" or "rw", or NULL where flags say it; flags: further O_ flags of open(2), such as O_CREAT; create_mode:
 * permissions for a file that O_CREAT makes, less the umask. A path that leads out of the directory is ENOTCAPABLE,
 * through a symbolic link too, except on Linux with a limited directory or in capability mode, where only the path's
 * own words are looked at. Landlock then keeps it beneath the directories held, in capability mode: EACCES.
 *
 * Returns a descriptor that the caller owns. errno: EINVAL (another mode), EFAULT, ENOTCAPABLE (the path leads out, or
 * the directory lacks a right that the flags need), ECAPMODE (AT_FDCWD in capability mode), EACCES (Linux: beneath no
 * directory held when capability mode was entered), EMFILE, ENOSYS and the rest of openat(2).
 */
CE_API int ce_openat(int dirfd, const char *path, const char *mode, int flags, unsigned create_mode)
{
	return ce_openat_limited(dirfd, path, mode, flags, create_mode, NULL);
}

/**
 * Accepts a connection and limits it to these rights (NULL: not at all); closes it again if that fails.
 *
 * On Linux the connection never gets a number with other limits left over, and a free number that already has just
 * these is preferred, so that a server does not need a new filter for each connection.
 *
 * Returns a descriptor that the caller owns. errno: those of accept(2) and ce_limit(), EMFILE, ENOSYS; on Linux EAGAIN
 * also if another thread took the number meanwhile, which loses the connection.
 */
CE_API int ce_accept(int fd, const cap_rights_t *rights)
{
#if defined(__FreeBSD__)
	return ce_limit_new_(accept4(fd, NULL, NULL, SOCK_CLOEXEC), rights);
#elif defined(CE_LINUX_ENFORCES_)
	return ce_limit_new_(ce_accept_wanted_(fd, rights), rights);
#else
	(void)fd;
	(void)rights;
	return ce_fail_(ENOSYS);
#endif
}

#endif
