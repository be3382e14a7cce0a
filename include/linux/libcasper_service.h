/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program's own services for casper: FreeBSD's <libcasper_service.h>, for Linux.
 *
 * CREATE_SERVICE registers a service before main(). It runs in a process that was forked from the program, with one
 * client and no other descriptor than its channel and /dev/null as 0, 1 and 2. It is not confined further, but can
 * enter capability mode: cap_clone() is ECAPMODE from then on, and so is an answer with descriptors.
 */
#ifndef _LIBCASPER_SERVICE_H_
#define _LIBCASPER_SERVICE_H_

#ifndef WITH_CASPER
#define WITH_CASPER
#endif

#include <sys/nv.h>

#include <libcasper.h>

/* Keep the program's 0, 1 and 2, or all of its descriptors, as they were at cap_init(); allow a name twice in limits.
 */
#define CASPER_SERVICE_STDIO 0x00000001
#define CASPER_SERVICE_FD 0x00000002
#define CASPER_SERVICE_NO_UNIQ_LIMITS 0x00000004

#ifdef __cplusplus
extern "C" {
#endif

/* 0 if the new limits may replace the old ones (NULL: none yet), else an errno. */
typedef int service_limit_func_t(const nvlist_t *oldlimits, const nvlist_t *newlimits);

/* Does a command under these limits (NULL: none), adding its answer to nvlout. Returns 0 or an errno. */
typedef int service_command_func_t(const char *cmd, const nvlist_t *limits, nvlist_t *nvlin, nvlist_t *nvlout);

/* errno of -1: EEXIST (the name is taken), EINVAL, ENOMEM (more than 16). name must stay valid. */
int service_register(const char *name, service_limit_func_t *limitfunc, service_command_func_t *commandfunc,
		     uint64_t flags);

#define CREATE_SERVICE(name, limitfunc, commandfunc, flags)                             \
	__attribute__((constructor)) static void casper_register_##commandfunc##_(void) \
	{                                                                               \
		(void)service_register(name, limitfunc, commandfunc, flags);            \
	}

#ifdef __cplusplus
}
#endif

#endif /* _LIBCASPER_SERVICE_H_ */
