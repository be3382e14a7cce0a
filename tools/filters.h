/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capability mode and limits that another process is under, on Linux, from its filters: for capeasy status -p.
 */
#ifndef CAPEASY_FILTERS_H
#define CAPEASY_FILTERS_H

#include <stdbool.h>
#include <stddef.h>

struct filter_answers {
	int error; /* the filters could not be asked */
	bool sandboxed;
	char lost[512]; /* as ce_explain_lost() has it */
	size_t nlimits;
	char limits[]; /* of each descriptor, as ce_describe() has it: "" if it could not be told */
};

/*
 * Asks the filters of a process, or of a thread, what ce_sandboxed() and ce_describe() say of these descriptors there.
 * NULL if the kernel does not let it be asked: *why is the reason. The answers are never freed.
 */
const struct filter_answers *filters_ask(int pid, const int *descriptors, size_t n, const char **why);

/* A line of /proc/PID/status that begins with a word: what follows it, in a static buffer, or NULL (process_linux.c).
 */
const char *process_status(int pid, const char *word);

#endif
