/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The number of a user: a program for FreeBSD's system.pwd.
 */
#include <capsicum_helpers.h>
#include <err.h>
#include <pwd.h>
#include <stdio.h>

#include <libcasper.h>
#include <casper/cap_pwd.h>

int main(int argc, char *argv[])
{
	const char *const cmds[] = { "getpwnam" };
	const char *const fields[] = { "pw_name", "pw_uid" };
	cap_channel_t *capcas = cap_init();
	cap_channel_t *cappwd;
	const struct passwd *user;

	if (argc != 2 || capcas == NULL)
		err(1, "unable to contact casper");
	cappwd = cap_service_open(capcas, "system.pwd");
	if (cappwd == NULL)
		err(1, "unable to open system.pwd service");
	cap_close(capcas);
	if (cap_pwd_limit_cmds(cappwd, cmds, 1) < 0 || cap_pwd_limit_fields(cappwd, fields, 2) < 0)
		err(1, "unable to limit access to system.pwd service");
	if (caph_enter_casper() < 0)
		err(1, "capsicum");
	user = cap_getpwnam(cappwd, argv[1]);
	if (user == NULL)
		errx(1, "%s: no such user", argv[1]);
	printf("%s %d\n", user->pw_name, (int)user->pw_uid);
	return 0;
}
