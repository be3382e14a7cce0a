/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files and directories, opened and limited in one call. All are closed on exec.
 */
#ifndef CE_OPENING_H_
#define CE_OPENING_H_

#include "place.h"

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

/*
 * Opens and limits. A file that is opened only, neither made nor emptied, can be opened again if its first number turns
 * out to have limits.
 */
static inline int ce_open_limited_(int dirfd, const char *path, int flags, unsigned mode, bool beneath,
				   const cap_rights_t *rights)
{
	bool careful = (flags & (O_CREAT | O_TRUNC)) != 0;
	struct ce_place_ place;
	int fd;

	for (;;) {
		if (ce_place_begin_(&place, rights, 1, careful) != 0)
			return -1;
		fd = ce_place_end_(&place, ce_system_openat_(dirfd, path, flags, mode, beneath), rights);
		if (fd >= 0 || errno != EAGAIN || careful)
			return fd;
		careful = true;
	}
}

/**
 * Opens a file and limits it to these rights.
 *
 * flags: O_ flags of open(2), close-on-exec comes by itself; mode: permissions of a file that O_CREAT makes, less the
 * umask; rights: a set, as for ce_limit(), or CE_RIGHTS_KEEP. On Linux the descriptor gets a number that plain open(2)
 * is given last, so that its limits are in nobody's way when it is closed (docs/pools.md).
 *
 * Returns a descriptor that the caller owns. errno: EFAULT, EINVAL (no rights, or no valid set), ECAPMODE in capability
 * mode, ENOSYS, those of open(2) and of ce_limit(); on Linux EAGAIN also if another thread took the number meanwhile.
 */
CE_API CE_CHECKED_ int ce_open(const char *path, int flags, unsigned mode, const cap_rights_t *rights)
{
	return path == NULL ? ce_fail_(EFAULT) : ce_open_limited_(CE_CWD_, path, flags, mode, false, rights);
}

/**
 * Opens a directory for looking things up beneath it, and limits it to these rights: CAP_LOOKUP, and what shall be done
 * with what is found. As ce_open() otherwise.
 */
CE_API CE_CHECKED_ int ce_open_directory(const char *path, const cap_rights_t *rights)
{
	return ce_open(path, O_RDONLY | CE_DIRECTORY_, 0, rights);
}

/**
 * Opens a file beneath a directory and limits it to these rights. As ce_open() otherwise.
 *
 * A path that leads out of the directory is ENOTCAPABLE, through a symbolic link too. On Linux, with a limited
 * directory or in capability mode, this function looks only at the path's own words, not at links. In capability mode
 * Landlock keeps lookups beneath the directories held: EACCES.
 *
 * errno: those of ce_open(), ENOTCAPABLE (the path leads out, or the directory lacks a right that the flags need),
 * ECAPMODE (AT_FDCWD in capability mode), EACCES (Linux: beneath no directory held when capability mode was entered).
 */
CE_API CE_CHECKED_ int ce_openat(int dirfd, const char *path, int flags, unsigned mode, const cap_rights_t *rights)
{
	if (path == NULL)
		return ce_fail_(EFAULT);
	if (ce_path_leaves_(path))
		return ce_fail_(ENOTCAPABLE);
	return ce_open_limited_(dirfd, path, flags, mode, true, rights);
}

#endif
