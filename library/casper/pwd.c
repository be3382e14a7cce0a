/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The service system.pwd: the database of users.
 *
 * Limits: cmds and fields are lists of names; users has user0, user1 ... (strings) and uid0, uid1 ... (numbers), and
 * allows whoever has one of these names or one of these numbers.
 */
#include <errno.h>
#include <string.h>

#include "casper.h"
#pragma GCC visibility push(default)
#include <casper/cap_pwd.h>
#pragma GCC visibility pop

static bool user_allowed(const nvlist_t *limits, const struct passwd *user)
{
	const nvlist_t *users = nvlist_get_nvlist(limits, "users");

	return users == NULL || limits_has_string(users, user->pw_name) || limits_has_number(users, user->pw_uid);
}

static void add_user(nvlist_t *out, const nvlist_t *limits, const struct passwd *user)
{
	const struct {
		const char *field;
		const char *value;
	} strings[] = { { "pw_name", user->pw_name },
			{ "pw_passwd", user->pw_passwd },
			{ "pw_gecos", user->pw_gecos },
			{ "pw_dir", user->pw_dir },
			{ "pw_shell", user->pw_shell } };

	for (size_t at = 0; at < sizeof(strings) / sizeof(strings[0]); at++) {
		const char *value = strings[at].value;

		if (value != NULL && database_allows_field(limits, strings[at].field))
			nvlist_add_string(out, strings[at].field, value);
	}
	if (database_allows_field(limits, "pw_uid"))
		nvlist_add_number(out, "pw_uid", user->pw_uid);
	if (database_allows_field(limits, "pw_gid"))
		nvlist_add_number(out, "pw_gid", user->pw_gid);
	nvlist_add_bool(out, "found", true);
}

static int serve_user(nvlist_t *out, const nvlist_t *limits, const struct passwd *user)
{
	if (user == NULL)
		return database_not_found(errno);
	if (user_allowed(limits, user))
		add_user(out, limits, user);
	return 0;
}

static struct walk walk; /* see casper.h */

static const void *next_user(void)
{
	return getpwent();
}

static void break_off(void)
{
	endpwent();
	walk.broken_off = true;
}

static void end_walk(void)
{
	endpwent();
	walk = (struct walk){ 0 };
}

static int serve_next(nvlist_t *out, const nvlist_t *limits)
{
	const struct passwd *user;

	do
		user = database_walk(&walk, next_user);
	while (user != NULL && !user_allowed(limits, user));
	return serve_user(out, limits, user);
}

static int pwd_command(const char *cmd, const nvlist_t *limits, nvlist_t *in, nvlist_t *out)
{
	const nvlist_t *cmds = nvlist_get_nvlist(limits, "cmds");
	const char *name = nvlist_get_string(in, "name");

	if (cmds != NULL && !nvlist_exists_null(cmds, cmd))
		return ENOTCAPABLE;
	errno = 0;
	if (strcmp(cmd, "getpwent") == 0 || strcmp(cmd, "getpwent_r") == 0)
		return serve_next(out, limits);
	if ((strcmp(cmd, "getpwnam") == 0 || strcmp(cmd, "getpwnam_r") == 0) && name != NULL)
		return serve_user(out, limits, name_too_long(name) ? NULL : getpwnam(name));
	if ((strcmp(cmd, "getpwuid") == 0 || strcmp(cmd, "getpwuid_r") == 0) && nvlist_exists_number(in, "uid"))
		return serve_user(out, limits, getpwuid((uid_t)nvlist_get_number(in, "uid")));
	if (strcmp(cmd, "setpassent") != 0 && strcmp(cmd, "setpwent") != 0 && strcmp(cmd, "endpwent") != 0)
		return EINVAL;
	end_walk();
	return 0;
}

static int pwd_limit(const nvlist_t *old, const nvlist_t *wanted)
{
	return database_limit(old, wanted, "users");
}

const struct service casper_pwd = {
	.name = "system.pwd",
	.limit = pwd_limit,
	.command = pwd_command,
	.cloning = break_off,
	.cloned = end_walk,
	.files = FILES_NAMES,
};

/* The client's side. */

static int build_user(const nvlist_t *answer, void *result, char *buffer, size_t size)
{
	struct arena arena = { .at = buffer, .left = size };
	struct passwd *user = result;

	user->pw_uid = (uid_t)dnvlist_get_number(answer, "pw_uid", (uint64_t)-1);
	user->pw_gid = (gid_t)dnvlist_get_number(answer, "pw_gid", (uint64_t)-1);
	user->pw_name = arena_string(&arena, dnvlist_get_string(answer, "pw_name", ""));
	user->pw_passwd = arena_string(&arena, dnvlist_get_string(answer, "pw_passwd", ""));
	user->pw_gecos = arena_string(&arena, dnvlist_get_string(answer, "pw_gecos", ""));
	user->pw_dir = arena_string(&arena, dnvlist_get_string(answer, "pw_dir", ""));
	user->pw_shell = arena_string(&arena, dnvlist_get_string(answer, "pw_shell", ""));
	return user->pw_name == NULL || user->pw_passwd == NULL || user->pw_gecos == NULL || user->pw_dir == NULL ||
			       user->pw_shell == NULL
		       ? ERANGE
		       : 0;
}

static struct passwd *ask_user(const cap_channel_t *chan, nvlist_t *request)
{
	static struct passwd user;
	static struct growing memory;

	return database_ask(chan, request, build_user, &user, &memory) ? &user : NULL;
}

static int ask_user_r(const cap_channel_t *chan, nvlist_t *request, struct passwd *entry, char *buffer, size_t size,
		      struct passwd **result)
{
	bool found;
	int error = database_ask_r(chan, request, build_user, entry, buffer, size, &found);

	*result = found ? entry : NULL;
	return error;
}

struct passwd *cap_getpwent(cap_channel_t *chan)
{
	return ask_user(chan, channel_request("getpwent"));
}

struct passwd *cap_getpwnam(cap_channel_t *chan, const char *login)
{
	return ask_user(chan, channel_request_name("getpwnam", login));
}

struct passwd *cap_getpwuid(cap_channel_t *chan, uid_t uid)
{
	return ask_user(chan, database_request_number("getpwuid", "uid", uid));
}

int cap_getpwent_r(cap_channel_t *chan, struct passwd *pwd, char *buffer, size_t bufsize, struct passwd **result)
{
	return ask_user_r(chan, channel_request("getpwent_r"), pwd, buffer, bufsize, result);
}

int cap_getpwnam_r(cap_channel_t *chan, const char *name, struct passwd *pwd, char *buffer, size_t bufsize,
		   struct passwd **result)
{
	return ask_user_r(chan, channel_request_name("getpwnam_r", name), pwd, buffer, bufsize, result);
}

int cap_getpwuid_r(cap_channel_t *chan, uid_t uid, struct passwd *pwd, char *buffer, size_t bufsize,
		   struct passwd **result)
{
	return ask_user_r(chan, database_request_number("getpwuid_r", "uid", uid), pwd, buffer, bufsize, result);
}

int cap_setpassent(cap_channel_t *chan, int stayopen)
{
	(void)stayopen; /* Linux has no setpassent(3); its files stay open in any case */
	return channel_do(chan, channel_request("setpassent")) == 0;
}

void cap_setpwent(cap_channel_t *chan)
{
	(void)channel_do(chan, channel_request("setpwent"));
}

void cap_endpwent(cap_channel_t *chan)
{
	(void)channel_do(chan, channel_request("endpwent"));
}

int cap_pwd_limit_cmds(cap_channel_t *chan, const char *const *cmds, size_t ncmds)
{
	return limits_replace(chan, "cmds", limits_of_names(cmds, ncmds));
}

int cap_pwd_limit_fields(cap_channel_t *chan, const char *const *fields, size_t nfields)
{
	return limits_replace(chan, "fields", limits_of_names(fields, nfields));
}

int cap_pwd_limit_users(cap_channel_t *chan, const char *const *names, size_t nnames, uid_t *uids, size_t nuids)
{
	return limits_replace(chan, "users", database_entries("user", names, nnames, "uid", uids, nuids));
}
