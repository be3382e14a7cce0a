/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The five lookups that <casper/cap_dns.h> and <casper/cap_net.h> have in common, for programs without WITH_CASPER.
 */
#ifndef CASPER_CAP_LOOKUPS_H_
#define CASPER_CAP_LOOKUPS_H_

static inline struct hostent *cap_gethostbyname(cap_channel_t *chan, const char *name)
{
	(void)chan;
	return gethostbyname(name);
}

static inline struct hostent *cap_gethostbyname2(cap_channel_t *chan, const char *name, int type)
{
	(void)chan;
	return gethostbyname2(name, type);
}

static inline struct hostent *cap_gethostbyaddr(cap_channel_t *chan, const void *addr, socklen_t len, int type)
{
	(void)chan;
	return gethostbyaddr(addr, len, type);
}

static inline int cap_getaddrinfo(cap_channel_t *chan, const char *hostname, const char *servname,
				  const struct addrinfo *hints, struct addrinfo **res)
{
	(void)chan;
	return getaddrinfo(hostname, servname, hints, res);
}

static inline int cap_getnameinfo(cap_channel_t *chan, const struct sockaddr *sa, socklen_t salen, char *host,
				  size_t hostlen, char *serv, size_t servlen, int flags)
{
	(void)chan;
	return getnameinfo(sa, salen, host, (socklen_t)hostlen, serv, (socklen_t)servlen, flags);
}

#endif
