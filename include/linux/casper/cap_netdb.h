/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Protocols by name for a sandboxed program: FreeBSD's <casper/cap_netdb.h>, for Linux. Service "system.netdb".
 */
#ifndef _CAP_NETDB_H_
#define _CAP_NETDB_H_

#include <netdb.h>

#include <libcasper.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef WITH_CASPER

/* As getprotobyname(3). NULL with errno ENOENT (none), EINVAL, EPIPE, ENOTCONN; the result lies in one buffer of the
 * process. */
struct protoent *cap_getprotobyname(cap_channel_t *chan, const char *name);

#else

static inline struct protoent *cap_getprotobyname(cap_channel_t *chan, const char *name)
{
	(void)chan;
	return getprotobyname(name);
}

#endif /* WITH_CASPER */

#ifdef __cplusplus
}
#endif

#endif /* _CAP_NETDB_H_ */
