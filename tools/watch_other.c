/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Watching a program where this is not Linux on an architecture that we enforce on: FreeBSD's kernel does it itself.
 */
#include "trace.h"

int watch(const struct watch_options *options, struct seen *seen)
{
	(void)options;
	(void)seen;
	fail(EXIT_FAILED,
	     "not on this system; on FreeBSD: ktrace -t pn PROGRAM; kdump > FILE; capeasy trace --kdump FILE");
}
