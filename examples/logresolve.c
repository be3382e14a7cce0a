/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logresolve: names in the place of addresses at the start of each line of web servers' logs, which strangers write.
 *
 * Files and names come from Casper's services, each limited to what it is for: the files of the command line, for
 * reading, and names of addresses. Unchanged on FreeBSD.
 *
 * Usage: logresolve FILE...
 */
#define WITH_CASPER
#include <sys/types.h>
#include <sys/socket.h>

#include <capsicum_helpers.h>
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libcasper.h>
#include <casper/cap_dns.h>
#include <casper/cap_fileargs.h>

static cap_channel_t *dns;
static fileargs_t *files;

static void start_services(int argc, char *argv[])
{
	static const char *const types[] = { "ADDR2NAME" };
	cap_channel_t *casper = cap_init();
	cap_rights_t rights;

	if (casper == NULL)
		err(1, "casper");
	dns = cap_service_open(casper, "system.dns");
	if (dns == NULL || cap_dns_type_limit(dns, types, 1) != 0)
		err(1, "system.dns");
	cap_rights_init(&rights, CAP_READ, CAP_FSTAT, CAP_FCNTL);
	files = fileargs_cinit(casper, argc, argv, O_RDONLY, 0, &rights, FA_OPEN);
	if (files == NULL)
		err(1, "system.fileargs");
	cap_close(casper); /* or whoever takes this program over could open more services */
}

/* The name of a numeric address, or the address itself. */
static const char *name_of(const char *address)
{
	static char name[NI_MAXHOST];
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	int result = EAI_NONAME;

#ifdef __FreeBSD__
	v4.sin_len = sizeof(v4);
	v6.sin6_len = sizeof(v6);
#endif
	if (inet_pton(AF_INET, address, &v4.sin_addr) == 1)
		result = cap_getnameinfo(dns, (struct sockaddr *)&v4, sizeof(v4), name, sizeof(name), NULL, 0,
					 NI_NAMEREQD);
	else if (inet_pton(AF_INET6, address, &v6.sin6_addr) == 1)
		result = cap_getnameinfo(dns, (struct sockaddr *)&v6, sizeof(v6), name, sizeof(name), NULL, 0,
					 NI_NAMEREQD);
	return result == 0 ? name : address;
}

static void resolve(FILE *log)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, log) > 0) {
		size_t length = strcspn(line, " \n");
		char end = line[length];

		line[length] = '\0';
		fputs(name_of(line), stdout);
		line[length] = end;
		fputs(line + length, stdout);
	}
	free(line);
}

int main(int argc, char *argv[])
{
	bool failed = false;

	start_services(argc - 1, argv + 1);
	caph_cache_catpages();
	if (caph_limit_stdio() != 0 || caph_enter_casper() != 0)
		err(1, "capsicum");
	for (argv++; *argv != NULL; argv++) {
		FILE *log = fileargs_fopen(files, *argv, "r");

		if (log == NULL) {
			warn("%s", *argv);
			failed = true;
			continue;
		}
		resolve(log);
		fclose(log);
	}
	return failed;
}
