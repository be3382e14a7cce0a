/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What FreeBSD gives to programs in <capsicum_helpers.h>, so that its utilities' own sandbox code builds unchanged.
 *
 * FreeBSD's helpers do nothing, and say so to nobody, on a kernel without Capsicum (ENOSYS). Here that is an error,
 * unless the program is built with CAPH_IGNORE_ENOSYS defined.
 */
#ifndef _CAPSICUM_HELPERS_H_
#define _CAPSICUM_HELPERS_H_

#include <sys/param.h>
#include <sys/capsicum.h>
#include <sys/ioctl.h>

/* FreeBSD's includes all of these, and some of its programs rely on it (col). */
#include <errno.h>
#include <nl_types.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <libcasper.h>

#define CAPH_IGNORE_EBADF 0x0001
#define CAPH_READ 0x0002
#define CAPH_WRITE 0x0004
#define CAPH_LOOKUP 0x0008

/* The result of a call, or 0 where ENOSYS is ignored: of a system that can enforce nothing, not of one failed call. */
static inline int caph_result_(int result)
{
#ifdef CAPH_IGNORE_ENOSYS
	if (result != 0 && errno == ENOSYS && ce_enforcement() == 0)
		return 0;
#endif
	return result;
}

static inline unsigned caph_stream_flags_(int flags)
{
	return ((flags & CAPH_READ) != 0 ? CE_STREAM_READ : 0) | ((flags & CAPH_WRITE) != 0 ? CE_STREAM_WRITE : 0) |
	       ((flags & CAPH_LOOKUP) != 0 ? CE_STREAM_LOOKUP : 0) |
	       ((flags & CAPH_IGNORE_EBADF) != 0 ? CE_STREAM_IGNORE_CLOSED : 0);
}

static inline void caph_stream_rights(cap_rights_t *rights, int flags)
{
	*rights = *ce_stream(-1, caph_stream_flags_(flags)).rights;
}

static inline int caph_limit_stream(int fd, int flags)
{
	return caph_result_(ce_limit_stream(fd, caph_stream_flags_(flags)));
}

static inline int caph_limit_stdin(void)
{
	return caph_limit_stream(0, CAPH_READ);
}

static inline int caph_limit_stdout(void)
{
	return caph_limit_stream(1, CAPH_WRITE);
}

static inline int caph_limit_stderr(void)
{
	return caph_limit_stream(2, CAPH_WRITE);
}

static inline int caph_limit_stdio(void)
{
	return caph_result_(ce_limit_stdio());
}

static inline void caph_cache_tzdata(void)
{
	(void)ce_cache_timezone();
}

static inline void caph_cache_catpages(void)
{
	ce_cache_messages();
}

static inline int caph_enter(void)
{
	return caph_result_(cap_enter());
}

/* Enters if the program has Casper's services, built with WITH_CASPER; else it would be left without them, and goes on.
 */
static inline int caph_enter_casper(void)
{
	return CASPER_SUPPORT ? caph_enter() : 0;
}

static inline int caph_rights_limit(int fd, const cap_rights_t *rights)
{
	return caph_result_(cap_rights_limit(fd, rights));
}

static inline int caph_ioctls_limit(int fd, const cap_ioctl_t *cmds, size_t ncmds)
{
	return caph_result_(cap_ioctls_limit(fd, cmds, ncmds));
}

static inline int caph_fcntls_limit(int fd, uint32_t fcntlrights)
{
	return caph_result_(cap_fcntls_limit(fd, fcntlrights));
}

#endif /* _CAPSICUM_HELPERS_H_ */
