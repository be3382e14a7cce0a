/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The service system.netdb: protocols by name. It has nothing to limit: limits are refused rather than taken and
 * ignored.
 */
#include <errno.h>
#include <string.h>

#include "casper.h"
#pragma GCC visibility push(default)
#include <casper/cap_netdb.h>
#pragma GCC visibility pop

static int netdb_limit(const nvlist_t *old, const nvlist_t *wanted)
{
	(void)old;
	(void)wanted;
	return EOPNOTSUPP;
}

static int netdb_command(const char *cmd, const nvlist_t *limits, nvlist_t *in, nvlist_t *out)
{
	const char *name = nvlist_get_string(in, "name");
	const struct protoent *protocol;
	nvlist_t *aliases;

	(void)limits;
	if (strcmp(cmd, "getprotobyname") != 0 || name == NULL)
		return EINVAL;
	protocol = name_too_long(name) ? NULL : getprotobyname(name);
	if (protocol == NULL)
		return ENOENT;
	aliases = nvlist_create(NV_FLAG_NO_UNIQUE);
	for (char **alias = protocol->p_aliases; alias != NULL && *alias != NULL; alias++)
		nvlist_add_string(aliases, "", *alias);
	nvlist_add_string(out, "name", protocol->p_name);
	nvlist_add_number(out, "number", (uint64_t)protocol->p_proto);
	nvlist_move_nvlist(out, "aliases", aliases);
	return 0;
}

const struct service casper_netdb = {
	.name = "system.netdb",
	.limit = netdb_limit,
	.command = netdb_command,
	.files = FILES_NAMES,
};

static int build_protocol(const nvlist_t *answer, void *result, char *buffer, size_t size)
{
	struct arena arena = { .at = buffer, .left = size };
	struct protoent *protocol = result;

	protocol->p_proto = (int)nvlist_get_number(answer, "number");
	protocol->p_aliases = arena_array(&arena, nvlist_get_nvlist(answer, "aliases"));
	protocol->p_name = arena_string(&arena, dnvlist_get_string(answer, "name", ""));
	return protocol->p_aliases == NULL || protocol->p_name == NULL ? ERANGE : 0;
}

struct protoent *cap_getprotobyname(cap_channel_t *chan, const char *name)
{
	static struct protoent protocol;
	static char *buffer;
	static size_t size;
	nvlist_t *answer = channel_ask(chan, channel_request_name("getprotobyname", name));
	int error;

	if (answer == NULL)
		return NULL;
	error = build_growing(build_protocol, answer, &protocol, &buffer, &size);
	nvlist_destroy(answer);
	if (error != 0)
		errno = error;
	return error == 0 ? &protocol : NULL;
}
