/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The address of a host: a program for FreeBSD's system.dns.
 */
#include <sys/socket.h>
#include <capsicum_helpers.h>
#include <err.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include <libcasper.h>
#include <casper/cap_dns.h>

int main(int argc, char *argv[])
{
	const char *const types[] = { "NAME2ADDR" };
	const int families[] = { AF_INET };
	const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
	struct addrinfo *res;
	char host[NI_MAXHOST];
	cap_channel_t *capcas = cap_init();
	cap_channel_t *capdns;
	int error;

	if (argc != 2 || capcas == NULL)
		err(1, "unable to contact casper");
	capdns = cap_service_open(capcas, "system.dns");
	if (capdns == NULL)
		err(1, "unable to open system.dns service");
	cap_close(capcas);
	if (cap_dns_type_limit(capdns, types, 1) < 0 || cap_dns_family_limit(capdns, families, 1) < 0)
		err(1, "unable to limit access to system.dns service");
	if (caph_limit_stdio() < 0 || caph_enter_casper() < 0)
		err(1, "capsicum");
	error = cap_getaddrinfo(capdns, argv[1], NULL, &hints, &res);
	if (error != 0)
		errx(1, "%s: %s", argv[1], gai_strerror(error));
	getnameinfo(res->ai_addr, res->ai_addrlen, host, sizeof(host), NULL, 0, NI_NUMERICHOST);
	printf("%s\n", host);
	freeaddrinfo(res);
	cap_close(capdns);
	return 0;
}
