/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a sandbox costs to enter, in microseconds of wall time, each with a fork() around it:
 *
 *     entering COUNT             "fork": nothing in it; "enter": cap_enter(); "exec": /bin/true
 *     entering COUNT BWRAP       bubblewrap in front of /bin/true, everything unshared
 */
#include <capsicum_easy.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "samples.h"

static void leave_at_once(char **argv)
{
	(void)argv;
	_exit(0);
}

static void enter(char **argv)
{
	(void)argv;
	_exit(ce_enter() == 0 ? 0 : 1);
}

static void execute(char **argv)
{
	execv(argv[0], argv);
	_exit(1);
}

static void measure(const char *name, long count, void (*child)(char **), char **argv)
{
	long i;

	for (i = -1; i < count; i++) {
		const double start = bench_now(CLOCK_MONOTONIC);
		const pid_t pid = fork();
		int status;

		if (pid == 0)
			child(argv);
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
			fprintf(stderr, "%s failed\n", name);
			exit(1);
		}
		if (i >= 0)
			printf("%s %.1f\n", name, (bench_now(CLOCK_MONOTONIC) - start) / 1000);
	}
}

int main(int argc, char **argv)
{
	char *program[] = { "/bin/true", NULL };
	const long count = argc > 1 ? atol(argv[1]) : 0;

	if (argc == 2) {
		measure("fork", count, leave_at_once, NULL);
		measure("enter", count, enter, NULL);
		measure("exec", count, execute, program);
	} else if (argc == 3) {
		char *sandbox[] = { argv[2], "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/",
				    "--dev", "/dev",	      "/bin/true",	   NULL };

		measure("bubblewrap", count, execute, sandbox);
	} else {
		fprintf(stderr, "usage: entering COUNT [BWRAP]\n");
		return 2;
	}
	return 0;
}
