/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The service system.net: lookups as in dns, and sockets connected and bound, each limited to what was named.
 *
 * Limits: "mode", and as lists "name2addr" and "addr2name" (family0 ... numbers, and either name0 ... lists of "name"
 * and "serv", or sockaddr0 ... binaries), "connect" and "bind" (sockaddr0 ...). Within a list each kind of item is a
 * part of its own: a part that is there allows what it lists, and new limits must have it too.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "casper.h"
#pragma GCC visibility push(default)
#include <casper/cap_net.h>
#pragma GCC visibility pop

#define ALL_MODES                                                                                          \
	(CAPNET_ADDR2NAME | CAPNET_NAME2ADDR | CAPNET_DEPRECATED_ADDR2NAME | CAPNET_DEPRECATED_NAME2ADDR | \
	 CAPNET_CONNECT | CAPNET_BIND | CAPNET_CONNECTDNS)
#define FOUND_MAX 1024u /* addresses remembered; the oldest is forgotten */

/* What was looked up under the limits of now, for CONNECTDNS. A clone's is its own from the clone on. */
static struct {
	struct sockaddr_storage address;
	socklen_t length;
} found[FOUND_MAX];
static size_t found_count;

static bool mode_allows(const nvlist_t *limits, uint64_t mode)
{
	return limits == NULL || (nvlist_get_number(limits, "mode") & mode) != 0;
}

/* Whether a list has a part of a type: families are numbers, names are lists, addresses are binaries. */
static bool has_part(const nvlist_t *list, int wanted)
{
	void *cookie = NULL;
	int type;

	while (nvlist_next(list, &type, &cookie) != NULL)
		if (type == wanted)
			return true;
	return false;
}

static bool family_allowed(const nvlist_t *list, int family)
{
	return !has_part(list, NV_TYPE_NUMBER) || limits_has_number(list, (uint64_t)family);
}

static bool address_allowed(const nvlist_t *list, const struct sockaddr *address, socklen_t length)
{
	return !has_part(list, NV_TYPE_BINARY) || limits_has_binary(list, address, length);
}

/* "" in the limit is any; a lookup without a name is only allowed by "". */
static bool text_allowed(const char *limit, const char *text)
{
	return limit[0] == '\0' || (text != NULL && strcmp(limit, text) == 0);
}

static bool name_allowed(const nvlist_t *list, const char *host, const char *service)
{
	void *cookie = NULL;
	int type;

	if (!has_part(list, NV_TYPE_NVLIST))
		return true;
	while (nvlist_next(list, &type, &cookie) != NULL) {
		const nvlist_t *pair = type == NV_TYPE_NVLIST ? cnvlist_get_nvlist(cookie) : NULL;

		if (pair != NULL && text_allowed(dnvlist_get_string(pair, "name", ""), host) &&
		    text_allowed(dnvlist_get_string(pair, "serv", ""), service))
			return true;
	}
	return false;
}

static int net_name_to_address(const nvlist_t *limits, const char *host, const char *service, int family, bool old_call)
{
	const nvlist_t *list = nvlist_get_nvlist(limits, "name2addr");
	uint64_t mode = old_call ? CAPNET_DEPRECATED_NAME2ADDR : CAPNET_NAME2ADDR;

	return mode_allows(limits, mode) && family_allowed(list, family) && name_allowed(list, host, service)
		       ? 0
		       : ENOTCAPABLE;
}

/* cap_gethostbyaddr() names no port, so no address of a list is the one that it asks for. */
static int net_address_to_name(const nvlist_t *limits, const struct sockaddr *address, socklen_t length, bool old_call)
{
	const nvlist_t *list = nvlist_get_nvlist(limits, "addr2name");
	uint64_t mode = old_call ? CAPNET_DEPRECATED_ADDR2NAME : CAPNET_ADDR2NAME;
	bool named = old_call ? !has_part(list, NV_TYPE_BINARY) : address_allowed(list, address, length);

	return mode_allows(limits, mode) && family_allowed(list, address->sa_family) && named ? 0 : ENOTCAPABLE;
}

static void remember(const struct sockaddr *address, socklen_t length)
{
	size_t at = found_count++ % FOUND_MAX;

	if (length > sizeof(found[at].address))
		return;
	memset(&found[at].address, 0, sizeof(found[at].address));
	memcpy(&found[at].address, address, length);
	found[at].length = length;
}

/* The same address; a port of 0 in what was found stands for any: gethostbyname() knows none. */
static bool is_found(const struct sockaddr_storage *one, const struct sockaddr_storage *address, socklen_t length)
{
	struct sockaddr_storage other = *address;

	if (other.ss_family == AF_INET && ((const struct sockaddr_in *)one)->sin_port == 0)
		((struct sockaddr_in *)&other)->sin_port = 0;
	else if (other.ss_family == AF_INET6 && ((const struct sockaddr_in6 *)one)->sin6_port == 0)
		((struct sockaddr_in6 *)&other)->sin6_port = 0;
	return memcmp(one, &other, length) == 0;
}

static bool was_found(const struct sockaddr_storage *address, socklen_t length)
{
	size_t count = found_count < FOUND_MAX ? found_count : FOUND_MAX;

	for (size_t at = 0; at < count; at++)
		if (found[at].length == length && is_found(&found[at].address, address, length))
			return true;
	return false;
}

/* Whether the limits allow to connect or bind to an address. */
static bool socket_allowed(const nvlist_t *limits, bool connects, const struct sockaddr_storage *address,
			   socklen_t length)
{
	const char *name = connects ? "connect" : "bind";

	if (connects && limits != NULL && mode_allows(limits, CAPNET_CONNECTDNS) && was_found(address, length))
		return true;
	return mode_allows(limits, connects ? CAPNET_CONNECT : CAPNET_BIND) &&
	       address_allowed(nvlist_get_nvlist(limits, name), (const struct sockaddr *)address, length);
}

/* For connect and bind: a new socket as the client describes it, connected or bound to the address that it names. */
static int serve_socket(bool connects, const nvlist_t *limits, nvlist_t *in, nvlist_t *out)
{
	struct sockaddr_storage address = { 0 };
	size_t length;
	const void *bytes = nvlist_get_binary(in, "address", &length);
	int sock;
	int error;

	if (bytes == NULL || length < sizeof(sa_family_t) || length > sizeof(address))
		return EINVAL;
	memcpy(&address, bytes, length);
	if (!socket_allowed(limits, connects, &address, (socklen_t)length))
		return ENOTCAPABLE;
	error = socket_like(in, address.ss_family, &sock);
	if (error != 0)
		return error;
	if (connects && connect(sock, (struct sockaddr *)&address, (socklen_t)length) != 0)
		error = errno;
	else if (!connects && bind(sock, (struct sockaddr *)&address, (socklen_t)length) != 0)
		error = errno;
	if (error == EINPROGRESS) {
		nvlist_add_bool(out, "in progress", true);
		error = 0;
	}
	nvlist_move_descriptor(out, "socket", sock);
	return error;
}

static int net_command(const char *cmd, const nvlist_t *limits, nvlist_t *in, nvlist_t *out)
{
	static const struct lookup_policy policy = {
		.name_to_address = net_name_to_address,
		.address_to_name = net_address_to_name,
		.found = remember,
	};

	if (strcmp(cmd, "connect") == 0 || strcmp(cmd, "bind") == 0)
		return serve_socket(cmd[0] == 'c', limits, in, out);
	return lookup_command(&policy, cmd, limits, in, out);
}

/* A pair of names in new limits is within the old ones if one of those allows as much. */
static bool pair_within(const nvlist_t *old, const nvlist_t *pair)
{
	void *cookie = NULL;
	const char *host = dnvlist_get_string(pair, "name", "");
	const char *service = dnvlist_get_string(pair, "serv", "");
	int type;

	while (nvlist_next(old, &type, &cookie) != NULL) {
		const nvlist_t *one = type == NV_TYPE_NVLIST ? cnvlist_get_nvlist(cookie) : NULL;

		if (one != NULL && text_allowed(dnvlist_get_string(one, "name", ""), host) &&
		    text_allowed(dnvlist_get_string(one, "serv", ""), service))
			return true;
	}
	return false;
}

/* Whether a list keeps each part that was there, and each item of it was there. */
static bool list_within(const nvlist_t *old, const nvlist_t *wanted)
{
	static const int parts[] = { NV_TYPE_NUMBER, NV_TYPE_NVLIST, NV_TYPE_BINARY };
	void *cookie = NULL;
	bool ok = true;
	size_t size;
	int type;

	for (size_t at = 0; at < sizeof(parts) / sizeof(parts[0]); at++)
		if (has_part(old, parts[at]) && !has_part(wanted, parts[at]))
			return false;
	while (ok && nvlist_next(wanted, &type, &cookie) != NULL) {
		if (!has_part(old, type))
			continue;
		if (type == NV_TYPE_NUMBER)
			ok = limits_has_number(old, cnvlist_get_number(cookie));
		else if (type == NV_TYPE_NVLIST)
			ok = pair_within(old, cnvlist_get_nvlist(cookie));
		else {
			const void *bytes = cnvlist_get_binary(cookie, &size);

			ok = limits_has_binary(old, bytes, size);
		}
	}
	return ok;
}

/* What an item of a list may be. A list without items would limit nothing, and so is none. */
static bool list_valid(const nvlist_t *list, bool names)
{
	void *cookie = NULL;
	int type;

	if (nvlist_empty(list))
		return false;
	while (nvlist_next(list, &type, &cookie) != NULL)
		if (type != NV_TYPE_NUMBER && type != (names ? NV_TYPE_NVLIST : NV_TYPE_BINARY))
			return false;
	return true;
}

static const char *const lists[] = { "name2addr", "addr2name", "connect", "bind" };
#define LISTS (sizeof(lists) / sizeof(lists[0]))

static bool limits_valid(const nvlist_t *wanted)
{
	void *cookie = NULL;
	const char *name;
	int type;

	while ((name = nvlist_next(wanted, &type, &cookie)) != NULL) {
		size_t at = 0;

		while (at < LISTS && strcmp(lists[at], name) != 0)
			at++;
		if (at == LISTS ? strcmp(name, "mode") != 0 || type != NV_TYPE_NUMBER
				: type != NV_TYPE_NVLIST || !list_valid(cnvlist_get_nvlist(cookie), at == 0))
			return false;
	}
	return nvlist_exists_number(wanted, "mode");
}

static int net_limit(const nvlist_t *old, const nvlist_t *wanted)
{
	if (!limits_valid(wanted))
		return EINVAL;
	if (old != NULL && (nvlist_get_number(wanted, "mode") & ~nvlist_get_number(old, "mode")) != 0)
		return ENOTCAPABLE;
	for (size_t at = 0; at < LISTS; at++) {
		if (!limits_part_kept(old, wanted, lists[at]))
			return ENOTCAPABLE;
		if (!list_within(nvlist_get_nvlist(old, lists[at]), nvlist_get_nvlist(wanted, lists[at])))
			return ENOTCAPABLE;
	}
	found_count = 0; /* what was looked up under wider limits does not count under these */
	return 0;
}

static void net_cloned(void)
{
	found_count = 0;
}

const struct service casper_net = {
	.name = "system.net",
	.limit = net_limit,
	.command = net_command,
	.cloned = net_cloned,
	.files = FILES_SOCKETS,
};

/* The client's side. */

static int ask_socket(const cap_channel_t *chan, const char *command, int s, const struct sockaddr *name,
		      socklen_t length)
{
	nvlist_t *request = channel_request(command);
	nvlist_t *answer;
	bool in_progress;
	int error = socket_describe(s, command[0] == 'c', request);

	nvlist_add_binary(request, "address", name, length);
	if (error != 0)
		nvlist_set_error(request, error);
	answer = channel_ask(chan, request);
	if (answer == NULL)
		return -1;
	in_progress = dnvlist_get_bool(answer, "in progress", false);
	error = socket_replace(s, nvlist_get_descriptor(answer, "socket"));
	nvlist_destroy(answer);
	if (error == 0 && in_progress)
		error = EINPROGRESS;
	errno = error != 0 ? error : errno;
	return error == 0 ? 0 : -1;
}

int cap_connect(cap_channel_t *chan, int s, const struct sockaddr *name, socklen_t namelen)
{
	return ask_socket(chan, "connect", s, name, namelen);
}

int cap_bind(cap_channel_t *chan, int s, const struct sockaddr *addr, socklen_t addrlen)
{
	return ask_socket(chan, "bind", s, addr, addrlen);
}

struct cap_net_limit {
	cap_channel_t *chan;
	uint64_t mode;
	nvlist_t *lists[LISTS];
};

enum { NAME2ADDR, ADDR2NAME, CONNECT, BIND };

cap_net_limit_t *cap_net_limit_init(cap_channel_t *chan, uint64_t mode)
{
	cap_net_limit_t *limit = calloc(1, sizeof(*limit));

	if (limit != NULL) {
		limit->chan = chan;
		limit->mode = mode;
	}
	return limit;
}

void cap_net_free(cap_net_limit_t *limit)
{
	for (size_t at = 0; limit != NULL && at < LISTS; at++)
		nvlist_destroy(limit->lists[at]);
	free(limit);
}

int cap_net_limit(cap_net_limit_t *limit)
{
	nvlist_t *limits = nvlist_create(0);
	cap_channel_t *chan = limit->chan;

	nvlist_add_number(limits, "mode", limit->mode & ALL_MODES);
	for (size_t at = 0; at < LISTS; at++)
		if (limit->lists[at] != NULL)
			nvlist_add_nvlist(limits, lists[at], limit->lists[at]);
	cap_net_free(limit);
	return cap_limit_set(chan, limits);
}

/* The list to add to, and in `name` a name that it does not have yet. An error shows in the list. */
static nvlist_t *list_of(cap_net_limit_t *limit, unsigned which, const char *kind, char name[32])
{
	unsigned number = 0;

	if (limit->lists[which] == NULL)
		limit->lists[which] = nvlist_create(0);
	do
		snprintf(name, 32, "%s%u", kind, number++);
	while (nvlist_exists(limit->lists[which], name));
	return limit->lists[which];
}

static cap_net_limit_t *add_families(cap_net_limit_t *limit, unsigned which, const int *families, size_t size)
{
	char name[32];

	for (size_t at = 0; at < size; at++) {
		nvlist_t *list = list_of(limit, which, "family", name);

		nvlist_add_number(list, name, (uint64_t)families[at]);
	}
	return limit;
}

static cap_net_limit_t *add_address(cap_net_limit_t *limit, unsigned which, const struct sockaddr *sa, socklen_t salen)
{
	char name[32];
	nvlist_t *list = list_of(limit, which, "sockaddr", name);

	nvlist_add_binary(list, name, sa, salen);
	return limit;
}

cap_net_limit_t *cap_net_limit_addr2name_family(cap_net_limit_t *limit, int *family, size_t size)
{
	return add_families(limit, ADDR2NAME, family, size);
}

cap_net_limit_t *cap_net_limit_name2addr_family(cap_net_limit_t *limit, int *family, size_t size)
{
	return add_families(limit, NAME2ADDR, family, size);
}

cap_net_limit_t *cap_net_limit_addr2name(cap_net_limit_t *limit, const struct sockaddr *sa, socklen_t salen)
{
	return add_address(limit, ADDR2NAME, sa, salen);
}

cap_net_limit_t *cap_net_limit_connect(cap_net_limit_t *limit, const struct sockaddr *sa, socklen_t salen)
{
	return add_address(limit, CONNECT, sa, salen);
}

cap_net_limit_t *cap_net_limit_bind(cap_net_limit_t *limit, const struct sockaddr *sa, socklen_t salen)
{
	return add_address(limit, BIND, sa, salen);
}

cap_net_limit_t *cap_net_limit_name2addr(cap_net_limit_t *limit, const char *name, const char *serv)
{
	nvlist_t *pair = nvlist_create(0);
	char item[32];
	nvlist_t *list = list_of(limit, NAME2ADDR, "name", item);

	nvlist_add_string(pair, "name", name == NULL ? "" : name);
	nvlist_add_string(pair, "serv", serv == NULL ? "" : serv);
	nvlist_move_nvlist(list, item, pair);
	return limit;
}
