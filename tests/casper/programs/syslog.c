/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A line for the system log, and for standard error: a program for FreeBSD's system.syslog.
 */
#include <capsicum_helpers.h>
#include <err.h>
#include <stdio.h>
#include <syslog.h>

#include <libcasper.h>
#include <casper/cap_syslog.h>

int main(int argc, char *argv[])
{
	cap_channel_t *capcas = cap_init();
	cap_channel_t *capsyslog;

	if (argc != 2 || capcas == NULL)
		err(1, "unable to contact casper");
	capsyslog = cap_service_open(capcas, "system.syslog");
	if (capsyslog == NULL)
		err(1, "unable to open system.syslog service");
	cap_close(capcas);
	if (caph_enter_casper() < 0)
		err(1, "capsicum");
	cap_openlog(capsyslog, "program", LOG_PERROR, LOG_USER);
	cap_syslog(capsyslog, LOG_INFO, "%s", argv[1]);
	cap_closelog(capsyslog);
	printf("logged\n");
	return 0;
}
