/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Sends a line to a port of this machine: a program for FreeBSD's system.net.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <capsicum_helpers.h>
#include <err.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libcasper.h>
#include <casper/cap_net.h>

int main(int argc, char *argv[])
{
	const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST };
	struct addrinfo *res;
	cap_channel_t *capcas = cap_init();
	cap_channel_t *capnet;
	cap_net_limit_t *limit;
	int error;
	int s;

	if (argc != 2 || capcas == NULL)
		err(1, "unable to contact casper");
	capnet = cap_service_open(capcas, "system.net");
	if (capnet == NULL)
		err(1, "unable to open system.net service");
	cap_close(capcas);
	limit = cap_net_limit_init(capnet, CAPNET_NAME2ADDR | CAPNET_CONNECTDNS);
	if (limit == NULL)
		err(1, "unable to create limits");
	cap_net_limit_name2addr(limit, "127.0.0.1", argv[1]);
	if (cap_net_limit(limit) < 0)
		err(1, "unable to apply limits");
	if (caph_enter_casper() < 0)
		err(1, "capsicum");
	error = cap_getaddrinfo(capnet, "127.0.0.1", argv[1], &hints, &res);
	if (error != 0)
		errx(1, "%s", gai_strerror(error));
	s = socket(res->ai_family, res->ai_socktype, res->ai_protocol);
	if (s < 0 || cap_connect(capnet, s, res->ai_addr, res->ai_addrlen) < 0)
		err(1, "connect");
	if (write(s, "hello\n", 6) != 6)
		err(1, "write");
	printf("connected\n");
	return 0;
}
