/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The number of a group: a program for FreeBSD's system.grp.
 */
#include <capsicum_helpers.h>
#include <err.h>
#include <grp.h>
#include <stdio.h>

#include <libcasper.h>
#include <casper/cap_grp.h>

int main(int argc, char *argv[])
{
	const char *const cmds[] = { "getgrnam" };
	cap_channel_t *capcas = cap_init();
	cap_channel_t *capgrp;
	const struct group *group;

	if (argc != 2 || capcas == NULL)
		err(1, "unable to contact casper");
	capgrp = cap_service_open(capcas, "system.grp");
	if (capgrp == NULL)
		err(1, "unable to open system.grp service");
	cap_close(capcas);
	if (cap_grp_limit_cmds(capgrp, cmds, 1) < 0)
		err(1, "unable to limit access to system.grp service");
	if (caph_enter_casper() < 0)
		err(1, "capsicum");
	group = cap_getgrnam(capgrp, argv[1]);
	if (group == NULL)
		errx(1, "%s: no such group", argv[1]);
	printf("%s %d\n", group->gr_name, (int)group->gr_gid);
	return 0;
}
