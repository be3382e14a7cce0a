/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses of sockets as text: "tcp:127.0.0.1:80", "udp:[::1]:53", "unix:/path", "unix-dgram:/path". A host is written
 * as a number: names are for whoever calls capeasy to look up.
 */
#include "run.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static bool parse_unix(const char *path, struct given *given)
{
	struct sockaddr_un *address = (struct sockaddr_un *)&given->address;

	if (path[0] == '\0' || strlen(path) >= sizeof(address->sun_path))
		return false;
	address->sun_family = AF_UNIX;
	strcpy(address->sun_path, path);
	given->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1);
	return true;
}

/* "127.0.0.1:80" or "[::1]:80" */
static bool parse_internet(const char *text, struct given *given)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&given->address;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&given->address;
	char host[INET6_ADDRSTRLEN + 2];
	const char *colon = strrchr(text, ':');
	long port = colon != NULL ? strtol(colon + 1, NULL, 10) : 0;
	size_t n = colon != NULL ? (size_t)(colon - text) : 0;

	if (n == 0 || n >= sizeof(host) || port <= 0 || port > 65535)
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	if (host[0] == '[' && host[n - 1] == ']') {
		host[n - 1] = '\0';
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)port);
		given->length = sizeof(*in6);
		return inet_pton(AF_INET6, host + 1, &in6->sin6_addr) == 1;
	}
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)port);
	given->length = sizeof(*in);
	return inet_pton(AF_INET, host, &in->sin_addr) == 1;
}

void run_parse_address(const char *text, struct given *given)
{
	static const struct {
		const char *prefix;
		int type;
		bool (*parse)(const char *text, struct given *given);
	} kinds[] = {
		{ "tcp:", SOCK_STREAM, parse_internet },
		{ "udp:", SOCK_DGRAM, parse_internet },
		{ "unix:", SOCK_STREAM, parse_unix },
		{ "unix-dgram:", SOCK_DGRAM, parse_unix },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const size_t n = strlen(kinds[i].prefix);

		if (strncmp(text, kinds[i].prefix, n) != 0)
			continue;
		given->type = kinds[i].type;
		if (kinds[i].parse(text + n, given))
			return;
	}
	fail(EXIT_FAILED, "'%s' is no address: tcp:HOST:PORT, udp:HOST:PORT, unix:PATH, with a number as HOST", text);
}
