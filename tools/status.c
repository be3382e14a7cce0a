/* SPDX-License-Identifier: BSD-2-Clause */
/* capeasy status: what this system enforces. */
#include "capeasy.h"

#include <getopt.h>

static const struct {
	unsigned flag;
	const char *what;
} lines[] = {
	{ CE_ENFORCE_RIGHTS, "limits on descriptors" },
	{ CE_ENFORCE_MODE, "capability mode" },
	{ CE_ENFORCE_LOOKUPS, "lookups beneath directories in capability mode" },
	{ CE_ENFORCE_SIGNALS, "signals kept in the sandbox after fork" },
	{ CE_ENFORCE_EXACT, "all of it, exactly as FreeBSD" },
};

static int run(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
	const unsigned enforced = ce_enforcement();
	int option = getopt_long(argc, argv, "h", options, NULL);
	size_t i;

	if (option != -1)
		common_option(option);
	if (optind != argc)
		misuse("no argument belongs here");
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		printf("%-4s %s\n", (enforced & lines[i].flag) != 0 ? "yes" : "no", lines[i].what);
	printf("%-4s in capability mode now\n", ce_sandboxed() ? "yes" : "no");
	return (enforced & (CE_ENFORCE_RIGHTS | CE_ENFORCE_MODE)) != (CE_ENFORCE_RIGHTS | CE_ENFORCE_MODE);
}

const struct command command_status = {
	"status", "", "Print what this system enforces.", "", run,
};
