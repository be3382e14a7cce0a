/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The number of a protocol: a program for FreeBSD's system.netdb.
 */
#include <capsicum_helpers.h>
#include <err.h>
#include <netdb.h>
#include <stdio.h>

#include <libcasper.h>
#include <casper/cap_netdb.h>

int main(int argc, char *argv[])
{
	cap_channel_t *capcas = cap_init();
	cap_channel_t *capnetdb;
	const struct protoent *protocol;

	if (argc != 2 || capcas == NULL)
		err(1, "unable to contact casper");
	capnetdb = cap_service_open(capcas, "system.netdb");
	if (capnetdb == NULL)
		err(1, "unable to open system.netdb service");
	cap_close(capcas);
	if (caph_enter_casper() < 0)
		err(1, "capsicum");
	protocol = cap_getprotobyname(capnetdb, argv[1]);
	if (protocol == NULL)
		errx(1, "%s: no such protocol", argv[1]);
	printf("%d\n", protocol->p_proto);
	return 0;
}
