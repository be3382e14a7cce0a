/* SPDX-License-Identifier: BSD-2-Clause */
/* capeasy status: what this system enforces, or what another process is under. */
#include "capeasy.h"

#include <getopt.h>
#include <stdlib.h>

static const struct {
	unsigned flag;
	const char *what;
} lines[] = {
	{ CE_ENFORCE_RIGHTS, "limits on descriptors" },
	{ CE_ENFORCE_MODE, "capability mode" },
	{ CE_ENFORCE_LOOKUPS, "lookups beneath directories in capability mode" },
	{ CE_ENFORCE_SIGNALS, "signals kept in the sandbox after fork" },
	{ CE_ENFORCE_METADATA, "metadata of paths only with CAP_FSTATAT in capability mode" },
	{ CE_ENFORCE_EXACT, "all of it, exactly as FreeBSD" },
};

static int print_system(void)
{
	const unsigned enforced = ce_enforcement();
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		printf("%-4s %s\n", (enforced & lines[i].flag) != 0 ? "yes" : "no", lines[i].what);
	printf("%-4s in capability mode now\n", ce_sandboxed() ? "yes" : "no");
	return (enforced & (CE_ENFORCE_RIGHTS | CE_ENFORCE_MODE)) != (CE_ENFORCE_RIGHTS | CE_ENFORCE_MODE);
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "pid", required_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	int option, pid = 0;

	while ((option = getopt_long(argc, argv, "hp:", options, NULL)) != -1) {
		if (option != 'p')
			common_option(option);
		pid = (int)strtol(optarg, NULL, 10);
		if (pid <= 0)
			misuse("-p: '%s' is no process", optarg);
	}
	if (optind != argc)
		misuse("no argument belongs here");
	return pid != 0 ? print_process(pid) : print_system();
}

const struct command command_status = {
	"status",
	"[-p PID]",
	"Print what this system enforces, or what a process is under.",
	"  -p PID  a process: its mode and its descriptors' limits, as far as the kernel lets anyone ask\n",
	run,
};
