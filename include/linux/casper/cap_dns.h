/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names and addresses of hosts for a sandboxed program: FreeBSD's <casper/cap_dns.h>, for Linux. Service "system.dns".
 *
 * The lookups are those of the C library, in the service, and answer as it does there. A refusal, or a service that has
 * ended, is EAI_SYSTEM with the reason in errno (ENOTCAPABLE, EPIPE, ENOTCONN); of the old calls NULL, h_errno
 * NO_RECOVERY and the same errno. FreeBSD gives numbers there that read as EAI_BADFLAGS or EAI_MEMORY.
 *
 * The functions work on a channel of "system.net" too.
 */
#ifndef _CAP_DNS_H_
#define _CAP_DNS_H_

#include <netdb.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <libcasper.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef WITH_CASPER

struct addrinfo; /* which <netdb.h> hides from strict C */

/* Results lie in one buffer of the process, until the next of these three calls. */
struct hostent *cap_gethostbyname(cap_channel_t *chan, const char *name);
struct hostent *cap_gethostbyname2(cap_channel_t *chan, const char *name, int type);
struct hostent *cap_gethostbyaddr(cap_channel_t *chan, const void *addr, socklen_t len, int type);

/* The caller frees *res with freeaddrinfo(3), of glibc; on failure it is left alone. */
int cap_getaddrinfo(cap_channel_t *chan, const char *hostname, const char *servname, const struct addrinfo *hints,
		    struct addrinfo **res);
int cap_getnameinfo(cap_channel_t *chan, const struct sockaddr *sa, socklen_t salen, char *host, size_t hostlen,
		    char *serv, size_t servlen, int flags);

/**
 * Leaves only these kinds of lookups: "NAME2ADDR" and "ADDR2NAME", or their older spellings "NAME" and "ADDR", which
 * cannot replace one another when narrowing. No names: no lookup. Returns 0, or -1 with ENOTCAPABLE (wider), EINVAL.
 */
int cap_dns_type_limit(cap_channel_t *chan, const char *const *types, size_t ntypes);

/**
 * Leaves only these address families. AF_UNSPEC asks for all, so it is refused under any list, in lookups without hints
 * too. No families: no lookup. Returns 0, or -1 with ENOTCAPABLE (wider).
 */
int cap_dns_family_limit(cap_channel_t *chan, const int *families, size_t nfamilies);

#else

#include <casper/cap_lookups_.h>

static inline int cap_dns_type_limit(cap_channel_t *chan, const char *const *types, size_t ntypes)
{
	(void)chan;
	(void)types;
	(void)ntypes;
	return 0;
}

static inline int cap_dns_family_limit(cap_channel_t *chan, const int *families, size_t nfamilies)
{
	(void)chan;
	(void)families;
	(void)nfamilies;
	return 0;
}

#endif /* WITH_CASPER */

#ifdef __cplusplus
}
#endif

#endif /* _CAP_DNS_H_ */
