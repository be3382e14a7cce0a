/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limiting descriptors and reading their limits.
 *
 * On FreeBSD these are its system calls; on Linux seccomp filters, see docs/linux.md for what differs: limits belong to
 * the descriptor's number, and stay with it when it is closed.
 */
#ifndef CE_LIMITING_H_
#define CE_LIMITING_H_

#include "enforcement.h"
#include "sets.h"

/**
 * Limits a descriptor to a set of rights, which it must have.
 *
 * errno: EINVAL (no valid set), EFAULT (NULL), EBADF, ENOTCAPABLE (a right that it does not have), ENOSYS (no Capsicum
 * and nothing like it in this kernel); on Linux also ENOMEM (no room for another filter; earlier limits stand) and
 * EBUSY (another thread has a filter of its own).
 */
CE_API CE_CHECKED_ int ce_limit(int fd, const cap_rights_t *rights)
{
	return cap_rights_limit(fd, rights);
}

/** Reads a descriptor's rights: all of them where it was never limited. errno: EBADF, EFAULT, ENOSYS. */
CE_API int ce_get_rights(int fd, cap_rights_t *rights)
{
	return cap_rights_get(fd, rights);
}

/**
 * Limits a descriptor to n ioctl commands, each of which it must allow; 0 allows none, and commands may then be NULL.
 *
 * errno: EINVAL (more than CE_IOCTLS_MAX), EFAULT, EBADF, ENOTCAPABLE (a command that it does not allow), and
 * ce_limit()'s for the kernel.
 */
CE_API CE_CHECKED_ int ce_limit_ioctls(int fd, const unsigned long *commands, size_t n)
{
	return cap_ioctls_limit(fd, commands, n);
}

/**
 * Reads the ioctl commands that a descriptor allows, at most n of them into commands.
 *
 * Returns how many it allows, which may be more than n, or CAP_IOCTLS_ALL, with commands untouched, where they were
 * never limited. errno: EBADF, EFAULT, ENOSYS.
 */
CE_API ssize_t ce_get_ioctls(int fd, unsigned long *commands, size_t n)
{
	return cap_ioctls_get(fd, commands, n);
}

/**
 * Limits a descriptor to some fcntl commands, an OR of CAP_FCNTL_ flags, each of which it must allow.
 *
 * errno: EINVAL (an unknown flag), EBADF, ENOTCAPABLE (a command that it does not allow), and ce_limit()'s for the
 * kernel.
 */
CE_API CE_CHECKED_ int ce_limit_fcntls(int fd, uint32_t fcntls)
{
	return cap_fcntls_limit(fd, fcntls);
}

/** Reads the fcntl commands that a descriptor allows. errno: EBADF, EFAULT, ENOSYS. */
CE_API int ce_get_fcntls(int fd, uint32_t *fcntls)
{
	return cap_fcntls_get(fd, fcntls);
}

/**
 * Limits n descriptors, each as its entry says. On Linux everything is checked before anything is limited, and all goes
 * into one filter (one for each 256 ranges of numbers that differ; one more for a descriptor that is named again, which
 * is checked after the first). Elsewhere an error leaves those before it limited.
 *
 * errno: EINVAL (an entry that names no rights, or no valid set), and those of ce_limit(), ce_limit_ioctls() and
 * ce_limit_fcntls().
 */
CE_API CE_CHECKED_ int ce_limit_each(const struct ce_descriptor *descriptors, size_t n)
{
#ifdef CE_LINUX_ENFORCES_
	return ce_limits_apply_(descriptors, n);
#else
	size_t i;

	for (i = 0; i < n; i++) {
		const struct ce_descriptor *d = &descriptors[i];

		if (d->rights == NULL)
			return ce_fail_(EINVAL);
		if (d->rights != CE_RIGHTS_KEEP && cap_rights_limit(d->fd, d->rights) != 0)
			return -1;
		if (d->nioctls != CE_IOCTLS_KEEP && cap_ioctls_limit(d->fd, d->ioctls, d->nioctls) != 0)
			return -1;
		if (d->fcntls != CE_FCNTLS_KEEP && cap_fcntls_limit(d->fd, d->fcntls) != 0)
			return -1;
	}
	return 0;
#endif
}

/**
 * Writes to *missing those of the needed rights that a descriptor lacks: an empty set if it has all.
 *
 * errno: EINVAL (needed is no valid set), EBADF, EFAULT (NULL), ENOSYS.
 */
CE_API int ce_missing(int fd, const cap_rights_t *needed, cap_rights_t *missing)
{
	cap_rights_t have;
	cap_rights_t lacking;

	if (needed == NULL || missing == NULL)
		return ce_fail_(EFAULT);
	if (!ce_rights_is_valid(needed))
		return ce_fail_(EINVAL);
	if (cap_rights_get(fd, &have) != 0)
		return -1;
	lacking = *needed;
	if (ce_rights_remove(&lacking, &have) != 0)
		return -1;
	*missing = lacking;
	return 0;
}

#endif
