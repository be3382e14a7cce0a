/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capeasy trace: which rights does a program need? It runs unconfined and is watched; what limits and capability mode
 * would have made of its calls is told from the policy that they are built from.
 */
#include "trace.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static void (*report_of(int option))(FILE *, const struct seen *)
{
	return option == 'c' ? report_c : option == 'y' ? report_python : option == 'j' ? report_json : NULL;
}

static long number_of(const char *text, const char *what)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (end == text || *end != '\0' || number <= 0 || number > 1 << 30)
		misuse("%s: '%s' is no such number", what, text);
	return number;
}

static FILE *open_output(const char *path)
{
	FILE *out = path != NULL ? fopen(path, "we") : stderr;

	if (out == NULL)
		fail(EXIT_FAILED, "%s: %s", path, ce_strerror(errno));
	return out;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "output", required_argument, NULL, 'o' },
		{ "pid", required_argument, NULL, 'p' },
		{ "timeout", required_argument, NULL, 't' },
		{ "c", no_argument, NULL, 'c' },
		{ "python", no_argument, NULL, 'y' },
		{ "json", no_argument, NULL, 'j' },
		{ "kdump", required_argument, NULL, 'k' },
		{ NULL, 0, NULL, 0 },
	};
	void (*report)(FILE *, const struct seen *) = report_text;
	struct watch_options watched = { 0, 0, NULL };
	struct seen seen;
	const char *output = NULL, *kdump = NULL;
	FILE *out;
	int option, status;

	while ((option = getopt_long(argc, argv, "+ho:p:", options, NULL)) != -1) {
		if (option == 'o')
			output = optarg;
		else if (option == 'k')
			kdump = optarg;
		else if (option == 'p')
			watched.pid = (pid_t)number_of(optarg, "-p");
		else if (option == 't')
			watched.timeout = (unsigned)number_of(optarg, "--timeout");
		else if (report_of(option) != NULL)
			report = report_of(option);
		else
			common_option(option);
	}
	if (kdump != NULL)
		return report_kdump(output != NULL ? open_output(output) : stdout, kdump);
	if ((watched.pid != 0) == (optind < argc))
		misuse(optind < argc ? "a program or a process, not both" : "which program?");
	memset(&seen, 0, sizeof(seen));
	watched.argv = watched.pid == 0 ? argv + optind : NULL;
	out = open_output(output);
	status = watch(&watched, &seen);
	report(out, &seen);
	if (fflush(out) != 0)
		fail(EXIT_FAILED, "%s: %s", output != NULL ? output : "standard error", ce_strerror(errno));
	return status;
}

const struct command command_trace = {
	"trace",
	"[-o FILE] [--c | --python | --json] [--timeout SECONDS] {PROGRAM [ARGUMENT ...] | -p PID}",
	"Run a program, and tell which rights its descriptors needed and what capability mode would have refused.",
	"  -o FILE            writes there, not to standard error; capeasy run --trace-file reads it\n"
	"  -p PID             watches a process that runs already\n"
	"  --timeout SECONDS  ends the watch then\n"
	"  --c, --python      writes the code that confines the program to this\n"
	"  --json             writes it for tools\n"
	"  --kdump FILE       reads what FreeBSD's kdump(1) printed after ktrace -t p PROGRAM\n",
	run,
};
