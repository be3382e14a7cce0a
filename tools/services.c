/* SPDX-License-Identifier: BSD-2-Clause */
/* What to do about a call: before entering, or by the services of Casper that do its work. */
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
		length += (size_t)snprintf(
			text + length, sizeof(text) - length, "%s%s of %s%s", length == 0 ? "in libcasper: " : ", ",
			service_calls[i].function, service_calls[i].service,
			strcmp(service_calls[i].service, "system.fileargs") == 0 ? ", for files of the command line"
										 : "");
	}
	return length != 0 ? text : NULL;
}

const char *advice_of(const char *call)
{
	static char text[512];
	const char *advice = ce_call_advice(call), *services = services_of(call);

	if (advice == NULL || services == NULL)
		return advice != NULL ? advice : services;
	snprintf(text, sizeof(text), "%s; %s", advice, services);
	return text;
}
