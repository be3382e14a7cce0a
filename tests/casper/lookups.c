/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Names and addresses of hosts, by system.dns in capability mode. Only names that need no server: numbers and
 * localhost.
 */
#include "casper.h"

#include <arpa/inet.h>
#include <casper/cap_dns.h>
#include <netinet/in.h>

static int lookup(cap_channel_t *chan, int family, const char *host, const char *port)
{
	const struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST };
	struct addrinfo *found = NULL;
	int result;

	errno = 0;
	result = cap_getaddrinfo(chan, host, port, &hints, &found);
	if (result == 0)
		freeaddrinfo(found);
	return result;
}

static int name_of(cap_channel_t *chan, char *host, size_t size)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(80) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	errno = 0;
	return cap_getnameinfo(chan, (struct sockaddr *)&address, sizeof(address), host, size, NULL, 0, NI_NUMERICHOST);
}

#define CHECK_REFUSED(call) CHECK((call) == EAI_SYSTEM && errno == ENOTCAPABLE)

IN_CHILD(dns, answers_as_the_c_library)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_CANONNAME | AI_NUMERICHOST };
	cap_channel_t *dns = service("system.dns");
	struct addrinfo *found = NULL;
	struct addrinfo *untouched = NULL;
	const struct sockaddr_in *address;
	char host[NI_MAXHOST];
	char tiny[3];

	limit_channel(dns);
	CHECK(cap_enter() == 0);
	CHECK(cap_getaddrinfo(dns, "127.0.0.1", "80", &hints, &found) == 0);
	address = (const struct sockaddr_in *)found->ai_addr;
	CHECK(found->ai_next == NULL && found->ai_family == AF_INET && found->ai_socktype == SOCK_STREAM);
	CHECK(found->ai_addrlen == sizeof(*address) && address->sin_port == htons(80));
	CHECK(address->sin_addr.s_addr == htonl(INADDR_LOOPBACK));
	CHECK(strcmp(found->ai_canonname, "127.0.0.1") == 0);
	freeaddrinfo(found);
	CHECK(cap_getaddrinfo(dns, NULL, NULL, NULL, &untouched) == EAI_NONAME && untouched == NULL);
	CHECK(lookup(dns, 99, "127.0.0.1", "80") == EAI_FAMILY);
	CHECK(lookup(dns, AF_INET, "127.0.0.1", "no such service") == EAI_SERVICE);
	CHECK(name_of(dns, host, sizeof(host)) == 0 && strcmp(host, "127.0.0.1") == 0);
	CHECK(name_of(dns, tiny, sizeof(tiny)) == EAI_OVERFLOW);
}

IN_CHILD(dns, bounds_names)
{
	cap_channel_t *dns = service("system.dns");
	static char name[3000000];

	memset(name, 'a', sizeof(name) - 1);
	CHECK(cap_enter() == 0);
	CHECK(lookup(dns, AF_INET, name, "80") == EAI_NONAME);
	CHECK(lookup(dns, AF_INET, "127.0.0.1", name) == EAI_SERVICE);
	CHECK(cap_gethostbyname(dns, name) == NULL && h_errno == HOST_NOT_FOUND);
	CHECK(lookup(dns, AF_INET, "127.0.0.1", "80") == 0);
}

IN_CHILD(dns, answers_the_old_calls)
{
	cap_channel_t *dns = service("system.dns");
	const struct in_addr loopback = { htonl(INADDR_LOOPBACK) };
	const struct hostent *host;

	CHECK(cap_enter() == 0);
	host = cap_gethostbyname(dns, "127.0.0.1");
	CHECK(host != NULL && host->h_addrtype == AF_INET && host->h_length == 4);
	CHECK(memcmp(host->h_addr_list[0], &loopback, 4) == 0 && host->h_addr_list[1] == NULL);
	host = cap_gethostbyname2(dns, "::1", AF_INET6);
	CHECK(host != NULL && host->h_addrtype == AF_INET6 && host->h_length == 16);
	host = cap_gethostbyaddr(dns, &loopback, sizeof(loopback), AF_INET);
	CHECK(host == NULL || host->h_name[0] != '\0');
	CHECK(cap_gethostbyaddr(dns, &loopback, 2, AF_INET) == NULL && h_errno == NETDB_INTERNAL);
	CHECK_NULL(EINVAL, cap_gethostbyname(dns, NULL));
	CHECK(h_errno == NO_RECOVERY);
}

IN_CHILD(dns, limits_kinds)
{
	const char *const types[] = { "NAME2ADDR", "ADDR2NAME" };
	const char *const old_type[] = { "NAME" };
	const char *const unknown[] = { "NOPE" };
	cap_channel_t *dns = service("system.dns");
	char host[NI_MAXHOST];

	CHECK(cap_enter() == 0);
	CHECK_FAILS(EINVAL, cap_dns_type_limit(dns, unknown, 1));
	CHECK(cap_dns_type_limit(dns, types, 2) == 0);
	CHECK(cap_dns_type_limit(dns, types, 1) == 0);
	CHECK(lookup(dns, AF_INET, "127.0.0.1", "80") == 0);
	CHECK_REFUSED(name_of(dns, host, sizeof(host)));
	CHECK(cap_gethostbyaddr(dns, "\177\0\0\1", 4, AF_INET) == NULL && errno == ENOTCAPABLE &&
	      h_errno == NO_RECOVERY);
	CHECK_FAILS(ENOTCAPABLE, cap_dns_type_limit(dns, types, 2));
	CHECK_FAILS(ENOTCAPABLE, cap_dns_type_limit(dns, old_type, 1));
	CHECK_FAILS(ENOTCAPABLE, cap_limit_set(dns, nvlist_create(0)));
	CHECK(cap_dns_type_limit(dns, NULL, 0) == 0); /* on FreeBSD this limits nothing */
	CHECK_REFUSED(lookup(dns, AF_INET, "127.0.0.1", "80"));
}

IN_CHILD(dns, limits_families)
{
	const int families[] = { AF_INET, AF_INET6 };
	const char *const types[] = { "NAME2ADDR" };
	cap_channel_t *dns = service("system.dns");
	cap_channel_t *nothing;

	CHECK(cap_enter() == 0);
	nothing = cap_clone(dns);
	CHECK(cap_dns_family_limit(dns, families, 1) == 0);
	CHECK(lookup(dns, AF_INET, "127.0.0.1", "80") == 0);
	CHECK_REFUSED(lookup(dns, AF_INET6, "::1", "80"));
	CHECK_REFUSED(lookup(dns, AF_UNSPEC, "127.0.0.1", "80"));
	CHECK_FAILS(ENOTCAPABLE, cap_dns_family_limit(dns, families, 2));
	CHECK(cap_dns_type_limit(dns, types, 1) == 0); /* and the families stay */
	CHECK_REFUSED(lookup(dns, AF_INET6, "::1", "80"));
	CHECK(cap_dns_family_limit(nothing, NULL, 0) == 0);
	CHECK_REFUSED(lookup(nothing, AF_INET, "127.0.0.1", "80"));
}
