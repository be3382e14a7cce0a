/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The service system.dns: lookups of hosts, limited by kind and by family.
 *
 * Its limits are flat, as FreeBSD's: type0, type1 ..., family0, family1 ... Where a list was given that is empty,
 * "type" or "family" says so.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "casper.h"
#pragma GCC visibility push(default)
#include <casper/cap_dns.h>
#pragma GCC visibility pop

/* Whether an item belongs to a part: the part's name, alone or followed by a number. */
static bool belongs(const char *name, const char *part)
{
	size_t length = strlen(part);

	return strncmp(name, part, length) == 0 && strspn(name + length, "0123456789") == strlen(name + length);
}

/* A part of the limits as a list of its own; NULL where nothing of it was given. The caller destroys it. */
static nvlist_t *part_of(const nvlist_t *limits, const char *part)
{
	nvlist_t *list = NULL;
	void *cookie = NULL;
	const char *name;
	int type;

	while ((name = nvlist_next(limits, &type, &cookie)) != NULL) {
		if (!belongs(name, part))
			continue;
		if (list == NULL)
			list = nvlist_create(0);
		if (type == NV_TYPE_STRING)
			nvlist_add_string(list, name, cnvlist_get_string(cookie));
		else if (type == NV_TYPE_NUMBER)
			nvlist_add_number(list, name, cnvlist_get_number(cookie));
	}
	return list;
}

static bool allows_type(const nvlist_t *limits, const char *type, const char *old_type)
{
	nvlist_t *types = part_of(limits, "type");
	bool allowed = types == NULL || limits_has_string(types, type) || limits_has_string(types, old_type);

	nvlist_destroy(types);
	return allowed;
}

static bool allows_family(const nvlist_t *limits, int family)
{
	nvlist_t *families = part_of(limits, "family");
	bool allowed = families == NULL || (family != AF_UNSPEC && limits_has_number(families, (uint64_t)family));

	nvlist_destroy(families);
	return allowed;
}

static int dns_name_to_address(const nvlist_t *limits, const char *host, const char *service, int family, bool old_call)
{
	(void)host;
	(void)service;
	(void)old_call;
	return allows_type(limits, "NAME2ADDR", "NAME") && allows_family(limits, family) ? 0 : ENOTCAPABLE;
}

static int dns_address_to_name(const nvlist_t *limits, const struct sockaddr *address, socklen_t length, bool old_call)
{
	(void)length;
	(void)old_call;
	return allows_type(limits, "ADDR2NAME", "ADDR") && allows_family(limits, address->sa_family) ? 0 : ENOTCAPABLE;
}

static int dns_command(const char *cmd, const nvlist_t *limits, nvlist_t *in, nvlist_t *out)
{
	static const struct lookup_policy policy = {
		.name_to_address = dns_name_to_address,
		.address_to_name = dns_address_to_name,
	};

	return lookup_command(&policy, cmd, limits, in, out);
}

static bool is_type(const char *type)
{
	static const char *const types[] = { "NAME2ADDR", "ADDR2NAME", "NAME", "ADDR" };

	for (size_t at = 0; at < sizeof(types) / sizeof(types[0]); at++)
		if (strcmp(types[at], type) == 0)
			return true;
	return false;
}

/* Whether an item is one that limits of dns can have. */
static bool is_limit(const char *name, int type, void *cookie)
{
	if (type == NV_TYPE_NULL)
		return strcmp(name, "type") == 0 || strcmp(name, "family") == 0;
	if (type == NV_TYPE_STRING)
		return belongs(name, "type") && is_type(cnvlist_get_string(cookie));
	return type == NV_TYPE_NUMBER && belongs(name, "family");
}

static bool part_within(const nvlist_t *old, const nvlist_t *wanted, const char *part)
{
	nvlist_t *before = part_of(old, part);
	nvlist_t *after = part_of(wanted, part);
	bool ok = before == NULL || (after != NULL && limits_values_within(before, after));

	nvlist_destroy(before);
	nvlist_destroy(after);
	return ok;
}

static int dns_limit(const nvlist_t *old, const nvlist_t *wanted)
{
	void *cookie = NULL;
	const char *name;
	int type;

	while ((name = nvlist_next(wanted, &type, &cookie)) != NULL)
		if (!is_limit(name, type, cookie))
			return EINVAL;
	return part_within(old, wanted, "type") && part_within(old, wanted, "family") ? 0 : ENOTCAPABLE;
}

const struct service casper_dns = {
	.name = "system.dns",
	.limit = dns_limit,
	.command = dns_command,
	.files = FILES_NAMES,
};

/* The limits there are but for one part, for the caller to add that part to. NULL with errno. */
static nvlist_t *others(const cap_channel_t *chan, const char *part)
{
	nvlist_t *limits;
	nvlist_t *kept;
	void *cookie = NULL;
	const char *name;
	int type;

	if (cap_limit_get(chan, &limits) != 0)
		return NULL;
	kept = nvlist_create(0);
	while ((name = nvlist_next(limits, &type, &cookie)) != NULL) {
		if (belongs(name, part))
			continue;
		if (type == NV_TYPE_STRING)
			nvlist_add_string(kept, name, cnvlist_get_string(cookie));
		else if (type == NV_TYPE_NUMBER)
			nvlist_add_number(kept, name, cnvlist_get_number(cookie));
		else
			nvlist_add_null(kept, name);
	}
	nvlist_destroy(limits);
	return kept;
}

int cap_dns_type_limit(cap_channel_t *chan, const char *const *types, size_t ntypes)
{
	nvlist_t *limits = others(chan, "type");
	char name[32];

	if (limits == NULL)
		return -1;
	if (ntypes == 0)
		nvlist_add_null(limits, "type");
	for (size_t at = 0; at < ntypes; at++) {
		snprintf(name, sizeof(name), "type%zu", at);
		nvlist_add_string(limits, name, types[at]);
	}
	return cap_limit_set(chan, limits);
}

int cap_dns_family_limit(cap_channel_t *chan, const int *families, size_t nfamilies)
{
	nvlist_t *limits = others(chan, "family");
	char name[32];

	if (limits == NULL)
		return -1;
	if (nfamilies == 0)
		nvlist_add_null(limits, "family");
	for (size_t at = 0; at < nfamilies; at++) {
		snprintf(name, sizeof(name), "family%zu", at);
		nvlist_add_number(limits, name, (uint64_t)families[at]);
	}
	return cap_limit_set(chan, limits);
}
