/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FreeBSD's cap_rights_limit(2), cap_ioctls_limit(2), cap_fcntls_limit(2), and what reads the limits back.
 */
#ifndef CE_LINUX_LIBC_LIMITS_H_
#define CE_LINUX_LIBC_LIMITS_H_

#include "requests.h"
#include "rings.h"
#include "threads.h"

/* Whether all of it can be done, before any of it is. */
static inline int ce_limits_check_(const struct ce_descriptor *requests, size_t n)
{
	uint32_t commands[CE_IOCTLS_MAX];
	struct ce_limited_ limit;
	bool looked;
	size_t i;

	if (n > SIZE_MAX / sizeof(*requests))
		return ce_fail_(EFAULT);
	if (ce_check_readable_(requests, n * sizeof(*requests)) != 0)
		return -1;
	for (i = 0; i < n; i++)
		if (ce_check_request_(&requests[i]) != 0 || ce_limit_request_(&requests[i], &limit, commands) < 0)
			return -1;
	return ce_check_rings_(&looked) != 0 || ce_own_table_() != 0 ? -1 : 0;
}

/*
 * Limits descriptors, with one filter for each CE_LIMITS_MAX_ ranges of numbers. Everything is checked before anything
 * is limited; only the kernel's own errors (see cap_rights_limit), and ENOTCAPABLE for a descriptor that was named
 * before, can come in the middle.
 */
static inline int ce_limits_apply_(const struct ce_descriptor *requests, size_t n)
{
	struct ce_limits_ limits;
	size_t i;

	if (ce_limits_check_(requests, n) != 0)
		return -1;
	limits.n = 0;
	limits.commands = 0;
	for (i = 0; i < n; i++)
		if (ce_limits_add_(&limits, &requests[i]) < 0)
			return -1;
	return ce_limits_install_(&limits);
}

/**
 * Limits a descriptor to these rights, as FreeBSD's cap_rights_limit(2).
 *
 * The limit is on the number `fd`, in every thread, over fork and exec, and stays when the descriptor is closed. It
 * sets no_new_privs. Copies of the descriptor (dup, SCM_RIGHTS) are refused from then on.
 *
 * errno: EFAULT, EINVAL (no valid set), EBADF, ENOTCAPABLE (rights it does not have), ENOSYS (the kernel has no seccomp
 * filters), ENOMEM (no more room for filters; earlier limits stand), EBUSY (a thread with a filter of its own, or an
 * io_uring that the kernel polls), EMFILE or ENFILE (no room to look for that).
 */
CE_API int cap_rights_limit(int fd, const cap_rights_t *rights)
{
	const struct ce_descriptor request = { fd, rights, NULL, CE_IOCTLS_KEEP, CE_FCNTLS_KEEP };

	return rights == NULL || rights == CE_RIGHTS_KEEP ? ce_fail_(EFAULT) : ce_limits_apply_(&request, 1);
}

/**
 * Limits a descriptor to these ioctl commands, as FreeBSD's cap_ioctls_limit(2). Linux looks at the low 32 bits.
 *
 * errno: EINVAL (more than CE_IOCTLS_MAX commands), EFAULT, EBADF, ENOTCAPABLE (a command not allowed before), and
 * those of cap_rights_limit for the kernel's side.
 */
CE_API int cap_ioctls_limit(int fd, const cap_ioctl_t *cmds, size_t ncmds)
{
	const struct ce_descriptor request = { fd, CE_RIGHTS_KEEP, cmds, ncmds, CE_FCNTLS_KEEP };

	return ncmds == CE_IOCTLS_KEEP ? ce_fail_(EINVAL) : ce_limits_apply_(&request, 1);
}

/**
 * Limits a descriptor to these fcntl commands (CAP_FCNTL_ flags), as FreeBSD's cap_fcntls_limit(2).
 *
 * errno: EINVAL (an unknown flag), EBADF, ENOTCAPABLE (a command not allowed before), and those of cap_rights_limit for
 * the kernel's side.
 */
CE_API int cap_fcntls_limit(int fd, uint32_t fcntlrights)
{
	const struct ce_descriptor request = { fd, CE_RIGHTS_KEEP, NULL, CE_IOCTLS_KEEP, fcntlrights };

	return fcntlrights == CE_FCNTLS_KEEP ? ce_fail_(EINVAL) : ce_limits_apply_(&request, 1);
}

/** Reads the rights of a descriptor; all rights where it is not limited. errno: EINVAL (version), EFAULT, EBADF. */
CE_API int __cap_rights_get(int version, int fd, cap_rights_t *rights)
{
	uint64_t words[2];

	if (version != CAP_RIGHTS_VERSION)
		return ce_fail_(EINVAL);
	if (ce_check_open_(fd) != 0)
		return -1;
	ce_limit_read_rights_((uint32_t)fd, words);
	if (ce_check_writable_(rights, sizeof(*rights)) != 0)
		return -1;
	rights->cr_rights[0] = CAPRIGHT(0, words[0]);
	rights->cr_rights[1] = CAPRIGHT(1, words[1]);
	return 0;
}

/**
 * Reads the allowed ioctl commands: at most maxcmds into cmds. Returns how many there are, which may be more, or
 * CAP_IOCTLS_ALL where they are not limited. errno: EBADF, EFAULT.
 */
CE_API ssize_t cap_ioctls_get(int fd, cap_ioctl_t *cmds, size_t maxcmds)
{
	uint32_t present[CE_IOCTLS_MAX];
	struct ce_limited_ limit;
	size_t n, i;

	if (ce_check_open_(fd) != 0)
		return -1;
	ce_limit_read_((uint32_t)fd, &limit, present);
	if (limit.ioctls < 0)
		return CAP_IOCTLS_ALL;
	n = cmds == NULL ? 0 : maxcmds < (size_t)limit.ioctls ? maxcmds : (size_t)limit.ioctls;
	if (ce_check_writable_(cmds, n * sizeof(cmds[0])) != 0)
		return -1;
	for (i = 0; i < n; i++)
		cmds[i] = present[i];
	return limit.ioctls;
}

/** Reads the allowed fcntl commands; CAP_FCNTL_ALL where they are not limited. errno: EBADF, EFAULT. */
CE_API int cap_fcntls_get(int fd, uint32_t *fcntlrightsp)
{
	struct ce_limited_ limit;

	if (ce_check_open_(fd) != 0)
		return -1;
	ce_limit_read_((uint32_t)fd, &limit, NULL);
	if (ce_check_writable_int_(fcntlrightsp) != 0)
		return -1;
	*fcntlrightsp = limit.fcntls;
	return 0;
}

#endif
