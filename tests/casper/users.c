/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The services system.pwd and system.grp, in capability mode where nothing else is said.
 */
#include "casper.h"

#include <casper/cap_grp.h>
#include <casper/cap_pwd.h>

/* The C library's own answer, kept for comparison. */
static bool same_user(const struct passwd *one, const struct passwd *other)
{
	return one != NULL && strcmp(one->pw_name, other->pw_name) == 0 && one->pw_uid == other->pw_uid &&
	       one->pw_gid == other->pw_gid && strcmp(one->pw_passwd, other->pw_passwd) == 0 &&
	       strcmp(one->pw_gecos, other->pw_gecos) == 0 && strcmp(one->pw_dir, other->pw_dir) == 0 &&
	       strcmp(one->pw_shell, other->pw_shell) == 0;
}

IN_CHILD(pwd, answers_as_the_c_library)
{
	cap_channel_t *pwd = service("system.pwd");
	struct passwd *expected = getpwnam("root");
	struct passwd user;
	struct passwd *result;
	char buffer[4096];

	CHECK(cap_enter() == 0);
	CHECK(same_user(cap_getpwnam(pwd, "root"), expected));
	CHECK(same_user(cap_getpwuid(pwd, 0), expected));
	CHECK(cap_getpwnam_r(pwd, "root", &user, buffer, sizeof(buffer), &result) == 0 && result == &user);
	CHECK(same_user(&user, expected));
	CHECK(cap_getpwuid_r(pwd, 0, &user, buffer, 8, &result) == ERANGE && result == NULL);
	CHECK(cap_getpwnam_r(pwd, "no such user", &user, buffer, sizeof(buffer), &result) == 0 && result == NULL);
	CHECK_NULL(EINVAL, cap_getpwnam(pwd, NULL));
	CHECK_NULL(0, cap_getpwnam(pwd, "no such user"));
	CHECK_NULL(0, cap_getpwnam(pwd, ""));
	CHECK_NULL(0, cap_getpwuid(pwd, 4242424));
	errno = EIO;
	CHECK(cap_getpwnam(pwd, "no such user") == NULL && errno == EIO);
}

static int count_users(cap_channel_t *pwd)
{
	int count = 0;

	while (cap_getpwent(pwd) != NULL)
		count++;
	return count;
}

IN_CHILD(pwd, walks)
{
	cap_channel_t *pwd = service("system.pwd");
	cap_channel_t *clone;
	int count = 0;

	for (setpwent(); getpwent() != NULL;)
		count++;
	CHECK(cap_enter() == 0);
	CHECK(count_users(pwd) == count && count_users(pwd) == 0);
	cap_setpwent(pwd);
	CHECK(cap_getpwent(pwd) != NULL);
	clone = cap_clone(pwd); /* begins at the start, and does not move the other */
	CHECK(count_users(clone) == count);
	CHECK(count_users(pwd) == count - 1);
	CHECK(cap_setpassent(pwd, 1) == 1);
	CHECK(count_users(pwd) == count);
	cap_endpwent(pwd);
}

IN_CHILD(pwd, limits_commands)
{
	const char *const one[] = { "getpwnam" };
	const char *const two[] = { "getpwnam", "getpwuid" };
	const char *const twice[] = { "getpwnam", "getpwnam" };
	cap_channel_t *pwd = service("system.pwd");
	struct passwd user;
	struct passwd *result;
	char buffer[4096];

	CHECK(cap_enter() == 0);
	CHECK_FAILS(EEXIST, cap_pwd_limit_cmds(pwd, twice, 2));
	CHECK(cap_pwd_limit_cmds(pwd, one, 1) == 0);
	CHECK(cap_getpwnam(pwd, "root") != NULL);
	CHECK_NULL(ENOTCAPABLE, cap_getpwuid(pwd, 0));
	CHECK_NULL(ENOTCAPABLE, cap_getpwent(pwd));
	CHECK(cap_getpwnam_r(pwd, "root", &user, buffer, sizeof(buffer), &result) == ENOTCAPABLE);
	CHECK(cap_setpassent(pwd, 1) == 0 && errno == ENOTCAPABLE);
	CHECK_FAILS(ENOTCAPABLE, cap_pwd_limit_cmds(pwd, two, 2));
	CHECK(cap_pwd_limit_cmds(pwd, NULL, 0) == 0);
	CHECK_NULL(ENOTCAPABLE, cap_getpwnam(pwd, "root"));
}

IN_CHILD(pwd, limits_fields)
{
	const char *const fields[] = { "pw_name", "pw_uid" };
	cap_channel_t *pwd = service("system.pwd");
	const struct passwd *user;

	CHECK(cap_enter() == 0);
	CHECK(cap_pwd_limit_fields(pwd, fields, 2) == 0);
	user = cap_getpwuid(pwd, 0);
	CHECK(user != NULL && strcmp(user->pw_name, "root") == 0 && user->pw_uid == 0);
	CHECK(user->pw_gid == (gid_t)-1 && user->pw_dir[0] == '\0' && user->pw_passwd[0] == '\0');
	CHECK(cap_pwd_limit_fields(pwd, fields + 1, 1) == 0);
	user = cap_getpwuid(pwd, 0);
	CHECK(user != NULL && user->pw_name[0] == '\0' && user->pw_uid == 0);
	CHECK_FAILS(ENOTCAPABLE, cap_pwd_limit_fields(pwd, fields, 2));
}

IN_CHILD(pwd, limits_users)
{
	const char *const names[] = { "root", "daemon" };
	uid_t uids[] = { 0 };
	cap_channel_t *pwd = service("system.pwd");
	cap_channel_t *by_number;
	nvlist_t *foreign = nvlist_create(0);

	CHECK(cap_enter() == 0);
	by_number = cap_clone(pwd);
	CHECK(cap_pwd_limit_users(pwd, names, 2, NULL, 0) == 0);
	CHECK(cap_getpwnam(pwd, "root") != NULL && cap_getpwuid(pwd, 0) != NULL);
	CHECK_NULL(0, cap_getpwnam(pwd, "bin"));
	CHECK_NULL(0, cap_getpwuid(pwd, 2));
	CHECK(count_users(pwd) == 2);
	CHECK_FAILS(ENOTCAPABLE, cap_pwd_limit_users(pwd, NULL, 0, uids, 1));
	CHECK(cap_pwd_limit_users(pwd, names, 1, NULL, 0) == 0);
	CHECK_NULL(0, cap_getpwnam(pwd, "daemon"));
	CHECK_FAILS(ENOTCAPABLE, cap_pwd_limit_users(pwd, names, 2, NULL, 0));
	CHECK(cap_pwd_limit_users(pwd, NULL, 0, NULL, 0) == 0);
	CHECK_NULL(0, cap_getpwnam(pwd, "root"));

	CHECK(cap_pwd_limit_users(by_number, NULL, 0, uids, 1) == 0);
	CHECK(cap_getpwnam(by_number, "root") != NULL);
	CHECK_NULL(0, cap_getpwnam(by_number, "daemon"));
	CHECK_FAILS(ENOTCAPABLE, cap_pwd_limit_users(by_number, names, 1, NULL, 0));
	CHECK_FAILS(ENOTCAPABLE, cap_limit_set(by_number, nvlist_create(0)));
	nvlist_add_string(foreign, "foo", "bar");
	CHECK_FAILS(EINVAL, cap_limit_set(by_number, foreign));
}

IN_CHILD(grp, answers_as_the_c_library)
{
	cap_channel_t *grp = service("system.grp");
	struct group *expected = getgrgid(0);
	const struct group *group;
	struct group own;
	struct group *result;
	char buffer[4096];

	CHECK(cap_enter() == 0);
	group = cap_getgrgid(grp, 0);
	CHECK(group != NULL && strcmp(group->gr_name, expected->gr_name) == 0 && group->gr_gid == 0);
	CHECK(strcmp(group->gr_passwd, expected->gr_passwd) == 0);
	CHECK(cap_getgrnam_r(grp, expected->gr_name, &own, buffer, sizeof(buffer), &result) == 0 && result == &own);
	CHECK(cap_getgrgid_r(grp, 0, &own, buffer, 8, &result) == ERANGE && result == NULL);
	CHECK_NULL(0, cap_getgrnam(grp, "no such group"));
	CHECK(cap_setgrent(grp) == 1 && cap_setgroupent(grp, 1) == 1 && cap_getgrent(grp) != NULL);
	cap_endgrent(grp);
}

/* FreeBSD gives EEXIST where both names and numbers are given. */
IN_CHILD(grp, limits_groups_by_name_and_number)
{
	const char *const names[] = { "daemon" };
	const char *const fields[] = { "gr_name" };
	gid_t gids[] = { 0 };
	cap_channel_t *grp = service("system.grp");
	const struct group *group;
	int count = 0;

	CHECK(cap_enter() == 0);
	CHECK(cap_grp_limit_groups(grp, names, 1, gids, 1) == 0);
	CHECK(cap_getgrgid(grp, 0) != NULL && cap_getgrnam(grp, "daemon") != NULL);
	CHECK_NULL(0, cap_getgrnam(grp, "bin"));
	while (cap_getgrent(grp) != NULL)
		count++;
	CHECK(count == 2);
	CHECK(cap_grp_limit_fields(grp, fields, 1) == 0);
	group = cap_getgrgid(grp, 0);
	CHECK(group != NULL && group->gr_gid == (gid_t)-1 && group->gr_mem[0] == NULL);
	CHECK(cap_grp_limit_groups(grp, names, 1, NULL, 0) == 0);
	CHECK_NULL(0, cap_getgrgid(grp, 0));
	CHECK_FAILS(ENOTCAPABLE, cap_grp_limit_groups(grp, names, 1, gids, 1));
	CHECK(cap_grp_limit_cmds(grp, NULL, 0) == 0);
	CHECK_NULL(ENOTCAPABLE, cap_getgrnam(grp, "daemon"));
}
