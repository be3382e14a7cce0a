/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Names and addresses of hosts: the five lookups, of the client and of the services dns and net.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "casper.h"
#pragma GCC visibility push(default)
#include <casper/cap_dns.h>
#pragma GCC visibility pop

#define NAME_MAX_ \
	NI_MAXHOST /* no host or service has a longer name; libc looks at all of it, some of it on the stack */

#ifndef NETDB_INTERNAL /* musl */
#define NETDB_INTERNAL (-1)
#endif

/* The services' side. What libc says is in "result" and, with EAI_SYSTEM, in "system"; "error" is the service's own. */

static void add_address(nvlist_t *out, const struct addrinfo *info, unsigned number)
{
	nvlist_t *entry = nvlist_create(0);
	char name[16];

	nvlist_add_number(entry, "flags", (uint64_t)info->ai_flags);
	nvlist_add_number(entry, "family", (uint64_t)info->ai_family);
	nvlist_add_number(entry, "socktype", (uint64_t)info->ai_socktype);
	nvlist_add_number(entry, "protocol", (uint64_t)info->ai_protocol);
	nvlist_add_binary(entry, "address", info->ai_addr, info->ai_addrlen);
	if (info->ai_canonname != NULL)
		nvlist_add_string(entry, "canonname", info->ai_canonname);
	snprintf(name, sizeof(name), "%u", number);
	nvlist_move_nvlist(out, name, entry);
}

static void add_result(nvlist_t *out, int result)
{
	nvlist_add_number(out, "result", (uint64_t)result);
	if (result == EAI_SYSTEM)
		nvlist_add_number(out, "system", (uint64_t)errno);
}

static int serve_getaddrinfo(const struct lookup_policy *policy, const nvlist_t *limits, nvlist_t *in, nvlist_t *out)
{
	const char *host = nvlist_get_string(in, "hostname");
	const char *service = nvlist_get_string(in, "servname");
	struct addrinfo hints = { .ai_flags = (int)dnvlist_get_number(in, "flags", 0),
				  .ai_family = (int)dnvlist_get_number(in, "family", AF_UNSPEC),
				  .ai_socktype = (int)dnvlist_get_number(in, "socktype", 0),
				  .ai_protocol = (int)dnvlist_get_number(in, "protocol", 0) };
	struct addrinfo *found = NULL;
	unsigned count = 0;
	int result = policy->name_to_address(limits, host, service, hints.ai_family, false);

	if (result != 0)
		return result;
	if (name_too_long(host) || name_too_long(service))
		result = name_too_long(host) ? EAI_NONAME : EAI_SERVICE;
	else
		result = getaddrinfo(host, service, nvlist_exists_number(in, "flags") ? &hints : NULL, &found);
	add_result(out, result);
	for (const struct addrinfo *info = found; result == 0 && info != NULL; info = info->ai_next) {
		add_address(out, info, count++);
		if (policy->found != NULL)
			policy->found(info->ai_addr, info->ai_addrlen);
	}
	if (result == 0)
		freeaddrinfo(found);
	return 0;
}

static int serve_getnameinfo(const struct lookup_policy *policy, const nvlist_t *limits, nvlist_t *in, nvlist_t *out)
{
	struct sockaddr_storage address = { 0 };
	char host[NI_MAXHOST] = "";
	char service[NI_MAXSERV] = "";
	size_t size;
	const void *bytes = nvlist_get_binary(in, "address", &size);
	bool wants_host = dnvlist_get_bool(in, "host", false);
	bool wants_service = dnvlist_get_bool(in, "service", false);
	int result;

	/* The last byte stays 0: glibc looks for the end of a local address's path (getnameinfo.c, checked_copy). */
	if (bytes == NULL || size >= sizeof(address) || size < sizeof(address.ss_family)) {
		add_result(out, EAI_FAMILY);
		return 0;
	}
	memcpy(&address, bytes, size);
	result = policy->address_to_name(limits, (struct sockaddr *)&address, (socklen_t)size, false);
	if (result != 0)
		return result;
	result = getnameinfo((struct sockaddr *)&address, (socklen_t)size, wants_host ? host : NULL,
			     wants_host ? sizeof(host) : 0, wants_service ? service : NULL,
			     wants_service ? sizeof(service) : 0, (int)dnvlist_get_number(in, "flags", 0));
	add_result(out, result);
	if (result == 0 && wants_host)
		nvlist_add_string(out, "host", host);
	if (result == 0 && wants_service)
		nvlist_add_string(out, "service", service);
	return 0;
}

static void add_host(nvlist_t *out, const struct hostent *host)
{
	nvlist_t *aliases = nvlist_create(NV_FLAG_NO_UNIQUE);
	nvlist_t *addresses = nvlist_create(NV_FLAG_NO_UNIQUE);

	nvlist_add_string(out, "name", host->h_name);
	nvlist_add_number(out, "family", (uint64_t)host->h_addrtype);
	nvlist_add_number(out, "length", (uint64_t)host->h_length);
	for (char **alias = host->h_aliases; alias != NULL && *alias != NULL; alias++)
		nvlist_add_string(aliases, "", *alias);
	for (char **address = host->h_addr_list; *address != NULL; address++)
		nvlist_add_binary(addresses, "", *address, (size_t)host->h_length);
	nvlist_move_nvlist(out, "aliases", aliases);
	nvlist_move_nvlist(out, "addresses", addresses);
}

/* Tells the policy the addresses, with port 0: any. */
static void note_host(const struct lookup_policy *policy, const struct hostent *host)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	for (char **address = host->h_addr_list; policy->found != NULL && *address != NULL; address++) {
		if (host->h_addrtype == AF_INET) {
			memcpy(&v4.sin_addr, *address, sizeof(v4.sin_addr));
			policy->found((struct sockaddr *)&v4, sizeof(v4));
		} else if (host->h_addrtype == AF_INET6) {
			memcpy(&v6.sin6_addr, *address, sizeof(v6.sin6_addr));
			policy->found((struct sockaddr *)&v6, sizeof(v6));
		}
	}
}

static int serve_gethostbyname(const struct lookup_policy *policy, const nvlist_t *limits, nvlist_t *in, nvlist_t *out)
{
	const char *name = nvlist_get_string(in, "name");
	int family = (int)dnvlist_get_number(in, "family", AF_INET);
	const struct hostent *host = NULL;
	int error = name == NULL ? EINVAL : policy->name_to_address(limits, name, NULL, family, true);

	if (error != 0)
		return error;
	if (name_too_long(name))
		h_errno = HOST_NOT_FOUND;
	else
		host = gethostbyname2(name, family);
	nvlist_add_number(out, "result", host != NULL ? 0 : (uint64_t)h_errno);
	if (host != NULL) {
		add_host(out, host);
		note_host(policy, host);
	}
	return 0;
}

static int serve_gethostbyaddr(const struct lookup_policy *policy, const nvlist_t *limits, nvlist_t *in, nvlist_t *out)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	int family = (int)dnvlist_get_number(in, "family", AF_UNSPEC);
	size_t size;
	const void *bytes = nvlist_get_binary(in, "address", &size);
	const struct hostent *host;
	int error;

	if (bytes == NULL || size != (family == AF_INET ? sizeof(v4.sin_addr) : sizeof(v6.sin6_addr)) ||
	    (family != AF_INET && family != AF_INET6)) {
		nvlist_add_number(out, "result", (uint64_t)NETDB_INTERNAL);
		return 0;
	}
	memcpy(&v4.sin_addr, bytes, sizeof(v4.sin_addr));
	memcpy(&v6.sin6_addr, bytes, family == AF_INET ? 0 : size);
	error = family == AF_INET ? policy->address_to_name(limits, (struct sockaddr *)&v4, sizeof(v4), true)
				  : policy->address_to_name(limits, (struct sockaddr *)&v6, sizeof(v6), true);
	if (error != 0)
		return error;
	host = gethostbyaddr(bytes, (socklen_t)size, family);
	nvlist_add_number(out, "result", host != NULL ? 0 : (uint64_t)h_errno);
	if (host != NULL)
		add_host(out, host);
	return 0;
}

int lookup_command(const struct lookup_policy *policy, const char *cmd, const nvlist_t *limits, nvlist_t *in,
		   nvlist_t *out)
{
	if (strcmp(cmd, "getaddrinfo") == 0)
		return serve_getaddrinfo(policy, limits, in, out);
	if (strcmp(cmd, "getnameinfo") == 0)
		return serve_getnameinfo(policy, limits, in, out);
	if (strcmp(cmd, "gethostbyname") == 0)
		return serve_gethostbyname(policy, limits, in, out);
	if (strcmp(cmd, "gethostbyaddr") == 0)
		return serve_gethostbyaddr(policy, limits, in, out);
	return EINVAL;
}

/* The client's side. */

/* The answer to a lookup that returns codes of EAI_; NULL with that code in *result. */
static nvlist_t *ask_eai(const cap_channel_t *chan, nvlist_t *request, int *result)
{
	nvlist_t *answer = channel_ask(chan, request);

	*result = EAI_SYSTEM;
	if (answer == NULL)
		return NULL;
	*result = (int)dnvlist_get_number(answer, "result", (uint64_t)EAI_FAIL);
	if (*result == EAI_SYSTEM)
		errno = (int)dnvlist_get_number(answer, "system", EINVAL);
	if (*result == 0)
		return answer;
	nvlist_destroy(answer);
	return NULL;
}

/* One entry, with the address behind it in the same allocation: what freeaddrinfo(3) of glibc expects. */
static struct addrinfo *address_of(const nvlist_t *entry)
{
	size_t size;
	const void *address = nvlist_get_binary(entry, "address", &size);
	const char *canonname = nvlist_get_string(entry, "canonname");
	struct addrinfo *info = address == NULL ? NULL : calloc(1, sizeof(*info) + size);

	if (info == NULL)
		return NULL;
	info->ai_flags = (int)nvlist_get_number(entry, "flags");
	info->ai_family = (int)nvlist_get_number(entry, "family");
	info->ai_socktype = (int)nvlist_get_number(entry, "socktype");
	info->ai_protocol = (int)nvlist_get_number(entry, "protocol");
	info->ai_addrlen = (socklen_t)size;
	info->ai_addr = memcpy(info + 1, address, size);
	info->ai_canonname = canonname == NULL ? NULL : strdup(canonname);
	if (canonname != NULL && info->ai_canonname == NULL) {
		free(info);
		return NULL;
	}
	return info;
}

static int addresses_of(const nvlist_t *answer, struct addrinfo **res)
{
	struct addrinfo *first = NULL;
	struct addrinfo **last = &first;
	void *cookie = NULL;
	int type;

	while (nvlist_next(answer, &type, &cookie) != NULL) {
		if (type != NV_TYPE_NVLIST)
			continue;
		*last = address_of(cnvlist_get_nvlist(cookie));
		if (*last == NULL) {
			if (first != NULL)
				freeaddrinfo(first);
			return EAI_MEMORY;
		}
		last = &(*last)->ai_next;
	}
	*res = first;
	return first == NULL ? EAI_FAIL : 0;
}

int cap_getaddrinfo(cap_channel_t *chan, const char *hostname, const char *servname, const struct addrinfo *hints,
		    struct addrinfo **res)
{
	nvlist_t *request = channel_request("getaddrinfo");
	nvlist_t *answer;
	int result;

	if (hostname != NULL)
		nvlist_add_string(request, "hostname", hostname);
	if (servname != NULL)
		nvlist_add_string(request, "servname", servname);
	if (hints != NULL) {
		nvlist_add_number(request, "flags", (uint64_t)hints->ai_flags);
		nvlist_add_number(request, "family", (uint64_t)hints->ai_family);
		nvlist_add_number(request, "socktype", (uint64_t)hints->ai_socktype);
		nvlist_add_number(request, "protocol", (uint64_t)hints->ai_protocol);
	}
	answer = ask_eai(chan, request, &result);
	if (answer != NULL)
		result = addresses_of(answer, res);
	nvlist_destroy(answer);
	return result;
}

/* Copies an answer into a buffer of the caller, who may not have asked. */
static bool copy_out(const nvlist_t *answer, const char *name, char *buffer, size_t size)
{
	const char *text = nvlist_get_string(answer, name);

	if (text == NULL || buffer == NULL || size == 0)
		return true;
	if (strlen(text) >= size)
		return false;
	strcpy(buffer, text);
	return true;
}

int cap_getnameinfo(cap_channel_t *chan, const struct sockaddr *sa, socklen_t salen, char *host, size_t hostlen,
		    char *serv, size_t servlen, int flags)
{
	nvlist_t *request = channel_request("getnameinfo");
	nvlist_t *answer;
	int result;

	nvlist_add_binary(request, "address", sa, salen);
	nvlist_add_bool(request, "host", host != NULL && hostlen > 0);
	nvlist_add_bool(request, "service", serv != NULL && servlen > 0);
	nvlist_add_number(request, "flags", (uint64_t)flags);
	answer = ask_eai(chan, request, &result);
	if (answer != NULL && (!copy_out(answer, "host", host, hostlen) || !copy_out(answer, "service", serv, servlen)))
		result = EAI_OVERFLOW;
	nvlist_destroy(answer);
	return result;
}

static int build_host(const nvlist_t *answer, void *result, char *buffer, size_t size)
{
	struct arena arena = { .at = buffer, .left = size };
	struct hostent *host = result;

	host->h_addrtype = (int)nvlist_get_number(answer, "family");
	host->h_length = (int)nvlist_get_number(answer, "length");
	host->h_name = arena_string(&arena, dnvlist_get_string(answer, "name", ""));
	host->h_aliases = arena_array(&arena, nvlist_get_nvlist(answer, "aliases"));
	host->h_addr_list = arena_array(&arena, nvlist_get_nvlist(answer, "addresses"));
	return host->h_name == NULL || host->h_aliases == NULL || host->h_addr_list == NULL ? ERANGE : 0;
}

static struct hostent *ask_host(const cap_channel_t *chan, nvlist_t *request)
{
	static struct hostent host;
	static char *buffer;
	static size_t size;
	nvlist_t *answer = channel_ask(chan, request);
	int result = answer == NULL ? NO_RECOVERY : (int)dnvlist_get_number(answer, "result", NO_RECOVERY);

	if (result == 0) {
		int error = build_growing(build_host, answer, &host, &buffer, &size);

		if (error != 0) {
			errno = error;
			result = NETDB_INTERNAL;
		}
	}
	nvlist_destroy(answer);
	if (result == 0)
		return &host;
	h_errno = result;
	return NULL;
}

struct hostent *cap_gethostbyname2(cap_channel_t *chan, const char *name, int type)
{
	nvlist_t *request = channel_request("gethostbyname");

	nvlist_add_string(request, "name", name);
	nvlist_add_number(request, "family", (uint64_t)type);
	return ask_host(chan, request);
}

struct hostent *cap_gethostbyname(cap_channel_t *chan, const char *name)
{
	return cap_gethostbyname2(chan, name, AF_INET);
}

struct hostent *cap_gethostbyaddr(cap_channel_t *chan, const void *addr, socklen_t len, int type)
{
	nvlist_t *request = channel_request("gethostbyaddr");

	nvlist_add_binary(request, "address", addr, len);
	nvlist_add_number(request, "family", (uint64_t)type);
	return ask_host(chan, request);
}
