/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets, connections, pipes and copies, made and limited in one call, and descriptors that others made. All are
 * closed on exec.
 *
 * On Linux they get numbers that plain open(2) and the like are given last (docs/pools.md). Rights
 * are a set, as for ce_limit(), or CE_RIGHTS_KEEP. errno, beside that of the system's own call: EFAULT, EINVAL (no
 * rights, or no valid set), ENOSYS, those of ce_limit(), EMFILE; on Linux EAGAIN also if another thread took the number
 * meanwhile.
 */
#ifndef CE_MAKING_H_
#define CE_MAKING_H_

#include "place.h"

/**
 * Accepts a connection and limits it to these rights; closes it again if that fails.
 *
 * address and length are accept(2)'s: both NULL, or where the peer's address is written, and its size. Returns a
 * descriptor that the caller owns. errno: see the top; EAGAIN of another thread's doing loses the connection.
 */
CE_API CE_CHECKED_ int ce_accept(int fd, const cap_rights_t *rights, struct sockaddr *address, socklen_t *length)
{
	struct ce_place_ place;

	if (ce_place_begin_(&place, rights, 1, true) != 0)
		return -1;
	return ce_place_end_(&place, ce_system_accept_(fd, address, length), rights);
}

/** Makes a socket, as socket(2), limited to these rights. Returns a descriptor that the caller owns. errno: see the
 * top. */
CE_API CE_CHECKED_ int ce_socket(int domain, int type, int protocol, const cap_rights_t *rights)
{
	struct ce_place_ place;

	if (ce_place_begin_(&place, rights, 1, true) != 0)
		return -1;
	return ce_place_end_(&place, ce_system_socket_(domain, type, protocol), rights);
}

/**
 * Makes two sockets that are connected, as socketpair(2), both limited to these rights. Returns 0, and two descriptors
 * that the caller owns. errno: see the top.
 */
CE_API CE_CHECKED_ int ce_socketpair(int domain, int type, int protocol, const cap_rights_t *rights, int pair[2])
{
	struct ce_place_ place;

	if (ce_place_begin_(&place, rights, 2, true) != 0)
		return -1;
	return ce_place_end_pair_(&place, ce_system_socketpair_(domain, type, protocol, pair), pair, rights, rights);
}

/**
 * Makes a pipe: ends[0] to read from, limited to `reading`, and ends[1] to write to, limited to `writing`. flags: those
 * of pipe2(2), 0 or O_NONBLOCK. Returns 0, and two descriptors that the caller owns. errno: see the top.
 */
CE_API CE_CHECKED_ int ce_pipe(int flags, const cap_rights_t *reading, const cap_rights_t *writing, int ends[2])
{
	struct ce_place_ place;

	if (ce_place_begin_(&place, writing, 2, false) != 0 || ce_place_begin_(&place, reading, 2, true) != 0)
		return -1;
	return ce_place_end_pair_(&place, ce_system_pipe_(flags, ends), ends, reading, writing);
}

/**
 * Copies a descriptor, with its limits. On Linux it must be without limits, or made or taken by these functions and not
 * limited further since.
 *
 * Returns a descriptor that the caller owns. errno: EBADF, EMFILE (also if its pool is full), ENOSYS; on Linux
 * ENOTCAPABLE (it cannot be copied), EAGAIN.
 */
CE_API CE_CHECKED_ int ce_dup(int fd)
{
	return ce_dup_(fd);
}

/**
 * Takes a descriptor over: limits it to these rights, and returns the one to use from now on. On FreeBSD that is the
 * same one; on Linux it usually is another, and fd is closed. It is close-on-exec. Take it before it is locked with
 * fcntl(2), since closing fd ends such locks, and before it is added to an epoll, which knows it by its number.
 *
 * After an error fd is as it was. errno: EINVAL (no valid set, CE_RIGHTS_KEEP too), and those of ce_limit().
 */
CE_API CE_CHECKED_ int ce_take(int fd, const cap_rights_t *rights)
{
	return rights == NULL || rights == CE_RIGHTS_KEEP ? ce_fail_(EINVAL) : ce_take_(fd, rights);
}

#endif
