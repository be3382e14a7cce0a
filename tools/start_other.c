/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starting a program in capability mode where this is neither Linux on an architecture that we enforce on nor FreeBSD.
 */
#include "run.h"

const bool run_has_names = false;

void run_prepare(struct plan *plan, char **argv)
{
	(void)plan;
	fail(EXIT_NOT_STARTED, "%s: this system has no capability mode", argv[0]);
}

void run_start(struct plan *plan)
{
	(void)plan;
	fail(EXIT_NOT_STARTED, "this system has no capability mode");
}
