/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections and lookups for a sandboxed program: FreeBSD's <casper/cap_net.h>, for Linux. Service "system.net".
 *
 * The lookups are those of <casper/cap_dns.h>; a program may include both.
 *
 * cap_connect() and cap_bind(): on FreeBSD the service works on the program's own socket. A sandboxed program on Linux
 * cannot hand a descriptor over, so the service makes a new socket of the same kind with the same options, connects or
 * binds it, and the program puts it in the place of its own: same number, same descriptor flags, same limits. What
 * still has the old socket (a copy by dup(2), epoll(7)) keeps the old one; options not in the list in
 * library/casper/sockets.c start anew; a socket that is bound already cannot be connected (EOPNOTSUPP); the socket's
 * kind is asked with getsockopt(2), which a limited socket needs CAP_GETSOCKOPT for.
 */
#ifndef _CAP_NET_H_
#define _CAP_NET_H_

#include <netdb.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <libcasper.h>

#define CAPNET_ADDR2NAME 0x01
#define CAPNET_NAME2ADDR 0x02
#define CAPNET_DEPRECATED_ADDR2NAME 0x04 /* cap_gethostbyaddr() */
#define CAPNET_DEPRECATED_NAME2ADDR 0x08 /* cap_gethostbyname(), cap_gethostbyname2() */
#define CAPNET_CONNECT 0x10
#define CAPNET_BIND 0x20
#define CAPNET_CONNECTDNS 0x40 /* connect to what was looked up on this channel under these limits */

#ifdef __cplusplus
extern "C" {
#endif

struct cap_net_limit;
typedef struct cap_net_limit cap_net_limit_t;

#ifdef WITH_CASPER

struct addrinfo; /* which <netdb.h> hides from strict C */

struct hostent *cap_gethostbyname(cap_channel_t *chan, const char *name);
struct hostent *cap_gethostbyname2(cap_channel_t *chan, const char *name, int af);
struct hostent *cap_gethostbyaddr(cap_channel_t *chan, const void *addr, socklen_t len, int af);
int cap_getaddrinfo(cap_channel_t *chan, const char *hostname, const char *servname, const struct addrinfo *hints,
		    struct addrinfo **res);
int cap_getnameinfo(cap_channel_t *chan, const struct sockaddr *sa, socklen_t salen, char *host, size_t hostlen,
		    char *serv, size_t servlen, int flags);

/**
 * As connect(2) and bind(2). 0, or -1 with their errno, or: ENOTCAPABLE (the limits, or the socket lacks CAP_CONNECT or
 * CAP_BIND, or CAP_GETSOCKOPT), EISCONN, EOPNOTSUPP (bound already), EAFNOSUPPORT (the address is of another family),
 * EPROTONOSUPPORT (not TCP, UDP or local), EPIPE, ENOTCONN (the service has ended). A nonblocking socket whose
 * connection is under way is EINPROGRESS, as usual.
 */
int cap_connect(cap_channel_t *chan, int s, const struct sockaddr *name, socklen_t namelen);
int cap_bind(cap_channel_t *chan, int s, const struct sockaddr *addr, socklen_t addrlen);

/**
 * Limits in the making. mode: of CAPNET_, ORed. The other functions add to a list and return their argument; a kind of
 * which nothing is listed is not limited further. cap_net_limit() sets them, and frees the argument in any case;
 * returns 0, or -1 with ENOTCAPABLE (wider) or EINVAL. A list that was there must be given again, each part of it.
 *
 * name2addr: host and service as they will be written in the lookup, "" or NULL for any. Addresses compare as bytes.
 */
cap_net_limit_t *cap_net_limit_init(cap_channel_t *chan, uint64_t mode);
int cap_net_limit(cap_net_limit_t *limit);
void cap_net_free(cap_net_limit_t *limit);
cap_net_limit_t *cap_net_limit_addr2name_family(cap_net_limit_t *limit, int *family, size_t size);
cap_net_limit_t *cap_net_limit_addr2name(cap_net_limit_t *limit, const struct sockaddr *sa, socklen_t salen);
cap_net_limit_t *cap_net_limit_name2addr_family(cap_net_limit_t *limit, int *family, size_t size);
cap_net_limit_t *cap_net_limit_name2addr(cap_net_limit_t *limit, const char *name, const char *serv);
cap_net_limit_t *cap_net_limit_connect(cap_net_limit_t *limit, const struct sockaddr *sa, socklen_t salen);
cap_net_limit_t *cap_net_limit_bind(cap_net_limit_t *limit, const struct sockaddr *sa, socklen_t salen);

#else

#include <casper/cap_lookups_.h>

static inline int cap_connect(cap_channel_t *chan, int s, const struct sockaddr *name, socklen_t namelen)
{
	(void)chan;
	return connect(s, name, namelen);
}

static inline int cap_bind(cap_channel_t *chan, int s, const struct sockaddr *addr, socklen_t addrlen)
{
	(void)chan;
	return bind(s, addr, addrlen);
}

static inline cap_net_limit_t *cap_net_limit_init(cap_channel_t *chan, uint64_t mode)
{
	(void)chan;
	(void)mode;
	return (cap_net_limit_t *)malloc(1);
}

static inline int cap_net_limit(cap_net_limit_t *limit)
{
	free(limit);
	return 0;
}

static inline void cap_net_free(cap_net_limit_t *limit)
{
	free(limit);
}

static inline cap_net_limit_t *cap_net_limit_addr2name_family(cap_net_limit_t *limit, int *family, size_t size)
{
	(void)family;
	(void)size;
	return limit;
}

static inline cap_net_limit_t *cap_net_limit_addr2name(cap_net_limit_t *limit, const struct sockaddr *sa,
						       socklen_t salen)
{
	(void)sa;
	(void)salen;
	return limit;
}

static inline cap_net_limit_t *cap_net_limit_name2addr_family(cap_net_limit_t *limit, int *family, size_t size)
{
	(void)family;
	(void)size;
	return limit;
}

static inline cap_net_limit_t *cap_net_limit_name2addr(cap_net_limit_t *limit, const char *name, const char *serv)
{
	(void)name;
	(void)serv;
	return limit;
}

static inline cap_net_limit_t *cap_net_limit_connect(cap_net_limit_t *limit, const struct sockaddr *sa, socklen_t salen)
{
	(void)sa;
	(void)salen;
	return limit;
}

static inline cap_net_limit_t *cap_net_limit_bind(cap_net_limit_t *limit, const struct sockaddr *sa, socklen_t salen)
{
	(void)sa;
	(void)salen;
	return limit;
}

#endif /* WITH_CASPER */

#ifdef __cplusplus
}
#endif

#endif /* _CAP_NET_H_ */
