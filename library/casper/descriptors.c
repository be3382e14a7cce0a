/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the services' client side asks of Capsicum itself. Alone in including it, so that it is compiled in once.
 */
#include <errno.h>
#include <sys/capsicum.h>
#include <unistd.h>

#include "casper.h"

bool descriptor_in_capability_mode(void)
{
	return cap_sandboxed();
}

/* Whether a socket's limits let it be connected, or bound. */
bool descriptor_may(int fd, bool connects)
{
	cap_rights_t rights;

	if (cap_rights_get(fd, &rights) != 0)
		return true; /* not here to judge: the call itself will say what is wrong */
	return connects ? cap_rights_is_set(&rights, CAP_CONNECT) : cap_rights_is_set(&rights, CAP_BIND);
}

/* Limits a descriptor that just arrived, or closes it. Returns the one to use, or -1 with errno. */
int descriptor_limited(int fd, const struct cap_rights *rights)
{
	int taken = ce_take(fd, rights); /* to where a limit harms nobody who gets the number next */
	int error = errno;

	if (taken < 0)
		close(fd);
	errno = error;
	return taken;
}
