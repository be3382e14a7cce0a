/* SPDX-License-Identifier: BSD-2-Clause */
/* The services of Casper that do a call's work, as words. */
#include "services.h"

#include "capeasy.h"

#include <string.h>

#define CALLS (sizeof(service_calls) / sizeof(service_calls[0]))

const char *service_call_at(size_t i)
{
	return i < CALLS ? service_calls[i].call : NULL;
}

const char *services_of(const char *call)
{
	static char text[256];
	size_t length = 0, i;

	for (i = 0; i < CALLS; i++) {
		if (strcmp(service_calls[i].call, call) != 0)
			continue;
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s of %s%s",
					   length == 0 ? "ask a service (libcasper): " : ", ",
					   service_calls[i].function, service_calls[i].service,
					   strcmp(service_calls[i].service, "system.fileargs") == 0
						   ? ", for files of the command line"
						   : "");
	}
	return length != 0 ? text : NULL;
}
