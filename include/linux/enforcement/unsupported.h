/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FreeBSD's calls on systems whose kernel we cannot make enforce them: ENOSYS, never a silent success.
 */
#ifndef CE_UNSUPPORTED_H_
#define CE_UNSUPPORTED_H_

#include "../../capsicum_easy/descriptor.h"

#include "../sys/procdesc.h"

CE_API int cap_rights_limit(int fd, const cap_rights_t *rights)
{
	(void)fd;
	(void)rights;
	return ce_fail_(ENOSYS);
}

CE_API int __cap_rights_get(int version, int fd, cap_rights_t *rights)
{
	(void)version;
	(void)fd;
	(void)rights;
	return ce_fail_(ENOSYS);
}

CE_API int cap_ioctls_limit(int fd, const cap_ioctl_t *cmds, size_t ncmds)
{
	(void)fd;
	(void)cmds;
	(void)ncmds;
	return ce_fail_(ENOSYS);
}

CE_API ssize_t cap_ioctls_get(int fd, cap_ioctl_t *cmds, size_t maxcmds)
{
	(void)fd;
	(void)cmds;
	(void)maxcmds;
	return ce_fail_(ENOSYS);
}

CE_API int cap_fcntls_limit(int fd, uint32_t fcntlrights)
{
	(void)fd;
	(void)fcntlrights;
	return ce_fail_(ENOSYS);
}

CE_API int cap_fcntls_get(int fd, uint32_t *fcntlrightsp)
{
	(void)fd;
	(void)fcntlrightsp;
	return ce_fail_(ENOSYS);
}

CE_API int cap_enter(void)
{
	return ce_fail_(ENOSYS);
}

CE_API int cap_getmode(unsigned *modep)
{
	(void)modep;
	return ce_fail_(ENOSYS);
}

CE_API bool cap_sandboxed(void)
{
	return false;
}

CE_API pid_t pdfork(int *fdp, int flags)
{
	(void)fdp;
	(void)flags;
	return ce_fail_(ENOSYS);
}

CE_API pid_t pdrfork(int *fdp, int flags, int rfflags)
{
	(void)fdp;
	(void)flags;
	(void)rfflags;
	return ce_fail_(ENOSYS);
}

CE_API int pdwait(int fd, int *status, int options, struct __wrusage *usage, void *info)
{
	(void)fd;
	(void)status;
	(void)options;
	(void)usage;
	(void)info;
	return ce_fail_(ENOSYS);
}

CE_API int pdgetpid(int fd, pid_t *pidp)
{
	(void)fd;
	(void)pidp;
	return ce_fail_(ENOSYS);
}

CE_API int pdkill(int fd, int signal)
{
	(void)fd;
	(void)signal;
	return ce_fail_(ENOSYS);
}

static inline int ce_pdwait_raw_(int fd, int *status)
{
	(void)fd;
	(void)status;
	return ce_fail_(ENOSYS);
}

#endif
