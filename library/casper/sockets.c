/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A socket like another one, made in the service for a client that cannot send its own: see <casper/cap_net.h>.
 *
 * The service makes only what capability mode lets a program make by itself: local, TCP and UDP sockets. Options are
 * those of a list, and all of them are harmless in the hands of a client that has been taken over.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "casper.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

/* An option that is carried over, and how large its value is. */
static const struct option {
	int level;
	int name;
	socklen_t size;
} options[] = {
	{ SOL_SOCKET, SO_REUSEADDR, sizeof(int) },
	{ SOL_SOCKET, SO_REUSEPORT, sizeof(int) },
	{ SOL_SOCKET, SO_KEEPALIVE, sizeof(int) },
	{ SOL_SOCKET, SO_BROADCAST, sizeof(int) },
	{ SOL_SOCKET, SO_OOBINLINE, sizeof(int) },
	{ SOL_SOCKET, SO_LINGER, sizeof(struct linger) },
	{ SOL_SOCKET, SO_RCVTIMEO, sizeof(struct timeval) },
	{ SOL_SOCKET, SO_SNDTIMEO, sizeof(struct timeval) },
	{ IPPROTO_TCP, TCP_NODELAY, sizeof(int) },
	{ IPPROTO_TCP, TCP_KEEPIDLE, sizeof(int) },
	{ IPPROTO_TCP, TCP_KEEPINTVL, sizeof(int) },
	{ IPPROTO_TCP, TCP_KEEPCNT, sizeof(int) },
	{ IPPROTO_TCP, TCP_USER_TIMEOUT, sizeof(int) },
	{ IPPROTO_IP, IP_TTL, sizeof(int) },
	{ IPPROTO_IP, IP_TOS, sizeof(int) },
	{ IPPROTO_IPV6, IPV6_V6ONLY, sizeof(int) },
	{ IPPROTO_IPV6, IPV6_UNICAST_HOPS, sizeof(int) },
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))
#define VALUE_MAX sizeof(struct timeval)

/* One of them with its value, as it goes over the wire. */
struct value {
	uint32_t option; /* its place in the list */
	char bytes[VALUE_MAX];
};

static int ask(int s, int name, int *value)
{
	socklen_t size = sizeof(*value);

	return getsockopt(s, SOL_SOCKET, name, value, &size);
}

static void describe_options(int s, nvlist_t *request)
{
	struct value values[OPTIONS];
	size_t count = 0;

	memset(values, 0, sizeof(values));
	for (uint32_t at = 0; at < OPTIONS; at++) {
		socklen_t size = options[at].size;

		if (getsockopt(s, options[at].level, options[at].name, values[count].bytes, &size) == 0)
			values[count++].option = at;
	}
	if (count > 0)
		nvlist_add_binary(request, "options", values, count * sizeof(values[0]));
}

/* Whether a socket has an address of its own already. */
static bool is_bound(int s)
{
	struct sockaddr_storage address = { 0 };
	socklen_t size = sizeof(address);

	if (getsockname(s, (struct sockaddr *)&address, &size) != 0)
		return false;
	if (address.ss_family == AF_INET)
		return ((struct sockaddr_in *)&address)->sin_port != 0;
	if (address.ss_family == AF_INET6)
		return ((struct sockaddr_in6 *)&address)->sin6_port != 0;
	return size > sizeof(sa_family_t);
}

static bool is_connected(int s)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);

	return getpeername(s, (struct sockaddr *)&address, &size) == 0;
}

/* What can be said against connecting or binding a socket before the service is asked. 0 or an errno. */
static int unfit(int s, bool connects, int type)
{
	bool connected = is_connected(s);

	if (!descriptor_may(s, connects))
		return ENOTCAPABLE;
	if (connects && connected && type != SOCK_DGRAM)
		return EISCONN;
	if (is_bound(s) && !(connects && connected))
		return connects ? EOPNOTSUPP : EINVAL;
	return 0;
}

/* Adds to a request what the service needs to know of a socket. 0 or an errno. */
int socket_describe(int s, bool connects, nvlist_t *request)
{
	int domain;
	int type;
	int protocol;
	int flags;
	int error;

	if (ask(s, SO_DOMAIN, &domain) != 0 || ask(s, SO_TYPE, &type) != 0 || ask(s, SO_PROTOCOL, &protocol) != 0)
		return errno;
	error = unfit(s, connects, type);
	if (error != 0)
		return error;
	flags = fcntl(s, F_GETFL); /* a limited socket may not tell; it blocks then, as most do */
	nvlist_add_number(request, "domain", (uint64_t)domain);
	nvlist_add_number(request, "type", (uint64_t)type);
	nvlist_add_number(request, "protocol", (uint64_t)protocol);
	nvlist_add_bool(request, "nonblocking", flags >= 0 && (flags & O_NONBLOCK) != 0);
	describe_options(s, request);
	return 0;
}

/* Puts a socket in the place of the client's. 0 or an errno. The new one stays the caller's to close. */
int socket_replace(int s, int fresh)
{
	int flags = fcntl(s, F_GETFD);

	if (flags < 0 || dup3(fresh, s, (flags & FD_CLOEXEC) != 0 ? O_CLOEXEC : 0) < 0)
		return errno;
	return 0;
}

/* As capability mode: no netlink, no packets, no raw or other protocols. */
static bool kind_allowed(int domain, int type, int protocol)
{
	if (domain == AF_UNIX)
		return type == SOCK_STREAM || type == SOCK_DGRAM || type == SOCK_SEQPACKET;
	if (domain != AF_INET && domain != AF_INET6)
		return false;
	if (type == SOCK_STREAM)
		return protocol == 0 || protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP;
	return type == SOCK_DGRAM && (protocol == 0 || protocol == IPPROTO_UDP || protocol == IPPROTO_UDPLITE);
}

static void set_options(int sock, const nvlist_t *request)
{
	size_t size;
	const char *bytes = nvlist_get_binary(request, "options", &size);
	struct value value;

	for (size_t at = 0; bytes != NULL && at + sizeof(value) <= size; at += sizeof(value)) {
		memcpy(&value, bytes + at, sizeof(value));
		if (value.option < OPTIONS) {
			const struct option *option = &options[value.option];

			(void)setsockopt(sock, option->level, option->name, value.bytes, option->size);
		}
	}
}

/* Makes a socket as a client described it, for an address of this family. 0 or an errno. */
int socket_like(const nvlist_t *request, int family, int *sock)
{
	int domain = (int)nvlist_get_number(request, "domain");
	int type = (int)nvlist_get_number(request, "type");
	int protocol = (int)nvlist_get_number(request, "protocol");
	int nonblocking = dnvlist_get_bool(request, "nonblocking", false) ? SOCK_NONBLOCK : 0;

	if (!kind_allowed(domain, type, protocol))
		return EPROTONOSUPPORT;
	if (family != domain)
		return EAFNOSUPPORT;
	*sock = socket(domain, type | nonblocking | SOCK_CLOEXEC, protocol);
	if (*sock < 0)
		return errno;
	set_options(*sock, request);
	return 0;
}
