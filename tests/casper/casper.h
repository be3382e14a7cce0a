/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the tests of the services have in common.
 */
#ifndef CE_TESTS_CASPER_H
#define CE_TESTS_CASPER_H

#define WITH_CASPER

#include <capsicum_helpers.h>
#include <criterion/criterion.h>
#include <libcasper.h>

#include "../linux/child.h"

/* The call gives NULL, with just this errno. */
#define CHECK_NULL(error, call)                        \
	(errno = 0, (call) == NULL && errno == (error) \
			    ? (void)0                  \
			    : child_fail(__FILE__, __LINE__, #call " is not " #error, errno))

/* A channel to a service, over a casper that is closed again. */
static inline cap_channel_t *service(const char *name)
{
	cap_channel_t *casper = cap_init();
	cap_channel_t *chan;

	CHECK(casper != NULL);
	chan = cap_service_open(casper, name);
	CHECK(chan != NULL);
	cap_close(casper);
	return chan;
}

/* Limits a channel as far as its client can do with. */
static inline void limit_channel(const cap_channel_t *chan)
{
	cap_rights_t rights;

	CHECK(cap_rights_limit(cap_sock(chan), cap_rights_init(&rights, CAP_READ, CAP_WRITE, CAP_GETSOCKOPT)) == 0);
}

#endif
