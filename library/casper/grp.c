/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The service system.grp: the database of groups. Limits as in pwd.c: cmds, fields, and groups with group0 ... and gid0
 * ...
 */
#include <errno.h>
#include <string.h>

#include "casper.h"
#pragma GCC visibility push(default)
#include <casper/cap_grp.h>
#pragma GCC visibility pop

static bool group_allowed(const nvlist_t *limits, const struct group *group)
{
	const nvlist_t *groups = nvlist_get_nvlist(limits, "groups");

	return groups == NULL || limits_has_string(groups, group->gr_name) || limits_has_number(groups, group->gr_gid);
}

static void add_group(nvlist_t *out, const nvlist_t *limits, const struct group *group)
{
	nvlist_t *members = nvlist_create(NV_FLAG_NO_UNIQUE);

	if (database_allows_field(limits, "gr_name"))
		nvlist_add_string(out, "gr_name", group->gr_name);
	if (database_allows_field(limits, "gr_passwd") && group->gr_passwd != NULL)
		nvlist_add_string(out, "gr_passwd", group->gr_passwd);
	if (database_allows_field(limits, "gr_gid"))
		nvlist_add_number(out, "gr_gid", group->gr_gid);
	if (database_allows_field(limits, "gr_mem"))
		for (char **member = group->gr_mem; member != NULL && *member != NULL; member++)
			nvlist_add_string(members, "", *member);
	nvlist_move_nvlist(out, "gr_mem", members);
	nvlist_add_bool(out, "found", true);
}

static int serve_group(nvlist_t *out, const nvlist_t *limits, const struct group *group)
{
	if (group == NULL)
		return database_not_found(errno);
	if (group_allowed(limits, group))
		add_group(out, limits, group);
	return 0;
}

static struct walk walk; /* see casper.h */

static const void *next_group(void)
{
	return getgrent();
}

static void break_off(void)
{
	endgrent();
	walk.broken_off = true;
}

static void end_walk(void)
{
	endgrent();
	walk = (struct walk){ 0 };
}

static int serve_next(nvlist_t *out, const nvlist_t *limits)
{
	const struct group *group;

	do
		group = database_walk(&walk, next_group);
	while (group != NULL && !group_allowed(limits, group));
	return serve_group(out, limits, group);
}

static int grp_command(const char *cmd, const nvlist_t *limits, nvlist_t *in, nvlist_t *out)
{
	const nvlist_t *cmds = nvlist_get_nvlist(limits, "cmds");
	const char *name = nvlist_get_string(in, "name");

	if (cmds != NULL && !nvlist_exists_null(cmds, cmd))
		return ENOTCAPABLE;
	errno = 0;
	if (strcmp(cmd, "getgrent") == 0 || strcmp(cmd, "getgrent_r") == 0)
		return serve_next(out, limits);
	if ((strcmp(cmd, "getgrnam") == 0 || strcmp(cmd, "getgrnam_r") == 0) && name != NULL)
		return serve_group(out, limits, name_too_long(name) ? NULL : getgrnam(name));
	if ((strcmp(cmd, "getgrgid") == 0 || strcmp(cmd, "getgrgid_r") == 0) && nvlist_exists_number(in, "gid"))
		return serve_group(out, limits, getgrgid((gid_t)nvlist_get_number(in, "gid")));
	if (strcmp(cmd, "setgroupent") != 0 && strcmp(cmd, "setgrent") != 0 && strcmp(cmd, "endgrent") != 0)
		return EINVAL;
	end_walk();
	return 0;
}

static int grp_limit(const nvlist_t *old, const nvlist_t *wanted)
{
	return database_limit(old, wanted, "groups");
}

const struct service casper_grp = {
	.name = "system.grp",
	.limit = grp_limit,
	.command = grp_command,
	.cloning = break_off,
	.cloned = end_walk,
	.files = FILES_NAMES,
};

/* The client's side. */

static int build_group(const nvlist_t *answer, void *result, char *buffer, size_t size)
{
	struct arena arena = { .at = buffer, .left = size };
	struct group *group = result;

	group->gr_gid = (gid_t)dnvlist_get_number(answer, "gr_gid", (uint64_t)-1);
	group->gr_mem = arena_array(&arena, nvlist_get_nvlist(answer, "gr_mem"));
	group->gr_name = arena_string(&arena, dnvlist_get_string(answer, "gr_name", ""));
	group->gr_passwd = arena_string(&arena, dnvlist_get_string(answer, "gr_passwd", ""));
	return group->gr_mem == NULL || group->gr_name == NULL || group->gr_passwd == NULL ? ERANGE : 0;
}

static struct group *ask_group(const cap_channel_t *chan, nvlist_t *request)
{
	static struct group group;
	static struct growing memory;

	return database_ask(chan, request, build_group, &group, &memory) ? &group : NULL;
}

static int ask_group_r(const cap_channel_t *chan, nvlist_t *request, struct group *entry, char *buffer, size_t size,
		       struct group **result)
{
	bool found;
	int error = database_ask_r(chan, request, build_group, entry, buffer, size, &found);

	*result = found ? entry : NULL;
	return error;
}

struct group *cap_getgrent(cap_channel_t *chan)
{
	return ask_group(chan, channel_request("getgrent"));
}

struct group *cap_getgrnam(cap_channel_t *chan, const char *name)
{
	return ask_group(chan, channel_request_name("getgrnam", name));
}

struct group *cap_getgrgid(cap_channel_t *chan, gid_t gid)
{
	return ask_group(chan, database_request_number("getgrgid", "gid", gid));
}

int cap_getgrent_r(cap_channel_t *chan, struct group *grp, char *buffer, size_t bufsize, struct group **result)
{
	return ask_group_r(chan, channel_request("getgrent_r"), grp, buffer, bufsize, result);
}

int cap_getgrnam_r(cap_channel_t *chan, const char *name, struct group *grp, char *buffer, size_t bufsize,
		   struct group **result)
{
	return ask_group_r(chan, channel_request_name("getgrnam_r", name), grp, buffer, bufsize, result);
}

int cap_getgrgid_r(cap_channel_t *chan, gid_t gid, struct group *grp, char *buffer, size_t bufsize,
		   struct group **result)
{
	return ask_group_r(chan, database_request_number("getgrgid_r", "gid", gid), grp, buffer, bufsize, result);
}

int cap_setgroupent(cap_channel_t *chan, int stayopen)
{
	(void)stayopen; /* Linux has no setgroupent(3); its files stay open in any case */
	return channel_do(chan, channel_request("setgroupent")) == 0;
}

int cap_setgrent(cap_channel_t *chan)
{
	return channel_do(chan, channel_request("setgrent")) == 0;
}

void cap_endgrent(cap_channel_t *chan)
{
	(void)channel_do(chan, channel_request("endgrent"));
}

int cap_grp_limit_cmds(cap_channel_t *chan, const char *const *cmds, size_t ncmds)
{
	return limits_replace(chan, "cmds", limits_of_names(cmds, ncmds));
}

int cap_grp_limit_fields(cap_channel_t *chan, const char *const *fields, size_t nfields)
{
	return limits_replace(chan, "fields", limits_of_names(fields, nfields));
}

int cap_grp_limit_groups(cap_channel_t *chan, const char *const *names, size_t nnames, const gid_t *gids, size_t ngids)
{
	return limits_replace(chan, "groups", database_entries("group", names, nnames, "gid", gids, ngids));
}
