/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What differs between the systems that the tests run on, each with FreeBSD's answer. What a test may take for granted
 * on one system only stands here and nowhere else.
 */
#ifndef CE_TESTS_SYSTEM_H_
#define CE_TESTS_SYSTEM_H_

#include <stdbool.h>

#if defined(__FreeBSD__)
#include <unistd.h>

/* Limits are the kernel's own: there are no filters to count. */
#define HAS_FILTERS(n) ((void)(n), true)
/* A number that was limited and closed is like any other. */
#define NUMBERS_STAY_LIMITED false
/* wait4(2) is allowed in capability mode from FreeBSD 15 on, whatever the headers were. */
static inline bool waits_inside(void)
{
	return getosreldate() >= 1500000;
}

/* What ce_pdwait() needs, and says of what is no process. */
#define WAITING CAP_EVENT
#define NO_PROCESS EINVAL

#else

#define HAS_FILTERS(n) (filter_count() == (n))
#define NUMBERS_STAY_LIMITED true
#define WAITING CAP_PDWAIT
#define NO_PROCESS EBADF

#endif
#endif
