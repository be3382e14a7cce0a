/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where new descriptors go: on Linux into pools of numbers that are limited already (linux/enforcement/pools.h), on
 * FreeBSD wherever the kernel puts them.
 */
#ifndef CE_PLACE_H_
#define CE_PLACE_H_

#include "enforcement.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef CE_LINUX_ENFORCES_

struct ce_place_ {
	char unused;
};

/* Before n descriptors are made. errno: EINVAL (rights), ENOSYS. */
static inline int ce_place_begin_(struct ce_place_ *place, const cap_rights_t *rights, unsigned n, bool careful)
{
	place->unused = 0;
	(void)n;
	(void)careful;
	if (rights == NULL)
		return ce_fail_(EINVAL);
#if defined(__FreeBSD__)
	return 0;
#else
	return ce_fail_(ENOSYS);
#endif
}

/* After a descriptor was made, or was not (-1): limits it, or closes it. Returns the one to use. */
static inline int ce_place_end_(struct ce_place_ *place, int fd, const cap_rights_t *rights)
{
	(void)place;
	if (fd >= 0 && rights != CE_RIGHTS_KEEP && cap_rights_limit(fd, rights) != 0) {
		int error = errno;

		close(fd);
		return ce_fail_(error);
	}
	return fd;
}

static inline int ce_take_(int fd, const cap_rights_t *rights)
{
	return cap_rights_limit(fd, rights) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? fd : -1;
}

static inline int ce_dup_(int fd)
{
#if defined(__FreeBSD__)
	return fcntl(fd, F_DUPFD_CLOEXEC, 0);
#else
	(void)fd;
	return ce_fail_(ENOSYS);
#endif
}

#endif

/*
 * After two descriptors were made, or were not (result -1): limits both, or closes both. Where none was made `pair` is
 * left alone, which may be no memory. errno: as ce_place_end_.
 */
static inline int ce_place_end_pair_(struct ce_place_ *place, int result, int pair[2], const cap_rights_t *first,
				     const cap_rights_t *second)
{
	int other, error;

	if (result != 0)
		return ce_place_end_(place, -1, first);
	other = pair[1];
	pair[0] = ce_place_end_(place, pair[0], first);
	pair[1] = pair[0] >= 0 ? ce_place_end_(place, other, second) : -1;
	if (pair[1] >= 0)
		return 0;
	error = errno;
	close(pair[0] >= 0 ? pair[0] : other);
	return ce_fail_(error);
}

/* ---- the system's own calls, close-on-exec ---- */

/* Linux's by number: strict C hides some of libc's. */
#if defined(CE_LINUX_ENFORCES_)

#define CE_CWD_ CE_AT_FDCWD_
#define CE_DIRECTORY_ CE_O_DIRECTORY_

static inline int ce_system_openat_(int dirfd, const char *path, int flags, unsigned mode, bool beneath)
{
	return ce_open_raw_(dirfd, path, flags | CE_O_CLOEXEC_, mode, beneath);
}

static inline int ce_system_accept_(int fd, struct sockaddr *address, socklen_t *length)
{
	return (int)syscall(SYS_accept4, (long)fd, ce_pointer_(address), ce_pointer_(length), (long)CE_O_CLOEXEC_);
}

static inline int ce_system_socket_(int domain, int type, int protocol)
{
	return (int)syscall(SYS_socket, (long)domain, (long)(type | CE_O_CLOEXEC_), (long)protocol);
}

static inline int ce_system_socketpair_(int domain, int type, int protocol, int pair[2])
{
	return (int)syscall(SYS_socketpair, (long)domain, (long)(type | CE_O_CLOEXEC_), (long)protocol,
			    ce_pointer_(pair));
}

static inline int ce_system_pipe_(int flags, int ends[2])
{
	return (int)syscall(SYS_pipe2, ce_pointer_(ends), (long)(flags | CE_O_CLOEXEC_));
}

#elif defined(__FreeBSD__)

#define CE_CWD_ AT_FDCWD
#define CE_DIRECTORY_ O_DIRECTORY

static inline int ce_system_openat_(int dirfd, const char *path, int flags, unsigned mode, bool beneath)
{
#ifdef O_RESOLVE_BENEATH /* FreeBSD 13; before, only the limits of the directory keep lookups beneath it */
	if (beneath)
		flags |= O_RESOLVE_BENEATH;
#else
	(void)beneath;
#endif
	return openat(dirfd, path, flags | O_CLOEXEC, mode);
}

static inline int ce_system_accept_(int fd, struct sockaddr *address, socklen_t *length)
{
	return accept4(fd, address, length, SOCK_CLOEXEC);
}

static inline int ce_system_socket_(int domain, int type, int protocol)
{
	return socket(domain, type | SOCK_CLOEXEC, protocol);
}

static inline int ce_system_socketpair_(int domain, int type, int protocol, int pair[2])
{
	return socketpair(domain, type | SOCK_CLOEXEC, protocol, pair);
}

static inline int ce_system_pipe_(int flags, int ends[2])
{
	return pipe2(ends, flags | O_CLOEXEC);
}

#else /* never called: ce_place_begin_() has failed */

#define CE_CWD_ (-1)
#define CE_DIRECTORY_ 0

static inline int ce_system_openat_(int dirfd, const char *path, int flags, unsigned mode, bool beneath)
{
	(void)dirfd, (void)path, (void)flags, (void)mode, (void)beneath;
	return ce_fail_(ENOSYS);
}

static inline int ce_system_accept_(int fd, struct sockaddr *address, socklen_t *length)
{
	(void)fd, (void)address, (void)length;
	return ce_fail_(ENOSYS);
}

static inline int ce_system_socket_(int domain, int type, int protocol)
{
	(void)domain, (void)type, (void)protocol;
	return ce_fail_(ENOSYS);
}

static inline int ce_system_socketpair_(int domain, int type, int protocol, int pair[2])
{
	(void)domain, (void)type, (void)protocol, (void)pair;
	return ce_fail_(ENOSYS);
}

static inline int ce_system_pipe_(int flags, int ends[2])
{
	(void)flags, (void)ends;
	return ce_fail_(ENOSYS);
}

#endif

#endif
