/* SPDX-License-Identifier: BSD-2-Clause */
/* A program with services, taken over by a line: it goes for other files, for names, and for wider limits. */
#include "attacker.h"

#include <netdb.h>

static void attack_services(FILE *stream);

static ssize_t getline_and_attack(char **line, size_t *size, FILE *stream)
{
	ssize_t length = getline(line, size, stream);

	if (is_attack(*line, length)) {
		attack_system();
		attack_services(stream);
		finish_attack();
	}
	return length;
}

#define getline getline_and_attack
#include "../../examples/logresolve.c"

/* A lookup that a refusal of says with EAI_SYSTEM. */
static long try_lookup(const char *host)
{
	struct addrinfo *found;

	return cap_getaddrinfo(dns, host, NULL, NULL, &found) == 0 ? 0 : -1;
}

static void attack_services(FILE *stream)
{
	static const char *const types[] = { "ADDR2NAME", "NAME2ADDR" };
	cap_rights_t all;

	try("open another file by the service", fileargs_open(files, "/etc/passwd"), ENOTCAPABLE);
	try("look at a file by the service", fileargs_lstat(files, "/etc/passwd", &(struct stat){ 0 }), ENOTCAPABLE);
	try("name files to the service again", cap_limit_set(fileargs_unwrap(files, NULL), nvlist_create(0)),
	    ENOTCAPABLE);
	try("tell a secret in a name to look up", try_lookup("secret.invalid"), ENOTCAPABLE);
	try("widen what can be looked up", cap_dns_type_limit(dns, types, 2), ENOTCAPABLE);
	try("open another service", cap_service_open(dns, "system.net") == NULL ? -1 : 0, EINVAL);
	try("start another casper", cap_init() == NULL ? -1 : 0, ECAPMODE);
	try("write to the log", write(fileno(stream), "x", 1), ENOTCAPABLE);
	CAP_ALL(&all);
	try("widen the log's rights", cap_rights_limit(fileno(stream), &all), ENOTCAPABLE);
}
