/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes the making of filters: random limits, in steps, and capability mode; then random calls, on which the programs,
 * run by an interpreter, must agree with a plain statement of the policy.
 */
#include "steps.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void disagree(const struct call *call, const struct refusals *refusals, unsigned error)
{
	size_t i;

	fprintf(stderr, "call %u (architecture %x):", (unsigned)call->number, (unsigned)call->architecture);
	for (i = 0; i < 6; i++)
		fprintf(stderr, " %llx", (unsigned long long)call->arguments[i]);
	fprintf(stderr, "\nthe programs say %u, the policy", error);
	for (i = 0; i < refusals->n; i++)
		fprintf(stderr, " %u", refusals->errors[i]);
	fprintf(stderr, "%s\n", refusals->n == 0 ? " allows it" : "");
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct scenario scenario;
	struct source source = { data, data + size };

	if (!take_scenario(&scenario, &source))
		return 0;
	do {
		const struct call call = take_call(&source, &scenario);
		const struct refusals refusals = stated(&scenario, &call);
		const unsigned error = run_filters(scenario.filters, scenario.steps, &call);

		if (!agrees(&refusals, error))
			disagree(&call, &refusals, error);
	} while (source.at < source.end);
	return 0;
}
