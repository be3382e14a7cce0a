/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Choosing the number of a new descriptor. Limits stay with a number when it is closed, so a number that the kernel
 * would hand out next may be limited: such numbers are kept occupied while a descriptor is opened.
 */
#ifndef CE_LINUX_NUMBERS_H_
#define CE_LINUX_NUMBERS_H_

#include "requests.h"

#define CE_NUMBERS_MAX_ 1024u

/*
 * Whether a number may be handed out: it is not limited, or has just the limits that `wanted` would give to what will
 * be open there, for writing or not.
 */
static inline bool ce_number_suits_(int fd, const cap_rights_t *wanted, bool writable)
{
	struct ce_limited_ limit;
	struct ce_limited_ fresh;

	if (!ce_limit_read_((uint32_t)fd, &limit, NULL))
		return true;
	if (wanted == NULL)
		return false;
	ce_limit_nothing_((uint32_t)fd, &fresh, NULL);
	if (ce_limit_rights_to_(&fresh, wanted) != 0)
		return false;
	fresh.writable = writable && ce_limit_maps_read_only_(&fresh);
	return ce_limit_equal_(&fresh, &limit);
}

/* Occupies the free numbers below the first one that suits. Returns how many, or -1: EMFILE, ENFILE, ENOMEM. */
static inline int ce_numbers_occupy_(int *occupied, const cap_rights_t *wanted, bool writable)
{
	size_t n = 0;

	for (;;) {
		int fd = (int)syscall(SYS_epoll_create1, (long)CE_O_CLOEXEC_);

		if (fd >= 0 && ce_number_suits_(fd, wanted, writable)) {
			ce_close_(fd);
			return (int)n;
		}
		if (fd >= 0 && n < CE_NUMBERS_MAX_) {
			occupied[n++] = fd;
			continue;
		}
		if (fd >= 0)
			errno = EMFILE;
		ce_close_(fd);
		while (n > 0)
			ce_close_(occupied[--n]);
		return -1;
	}
}

/*
 * openat(2); with `beneath`, openat2(2) with RESOLVE_BENEATH, ENOTCAPABLE if the path leads out. Kernels before 5.6
 * have no openat2, and our filters refuse it, since its flags are in memory: then the directory's limits and, in
 * capability mode, Landlock decide.
 */
static inline int ce_open_raw_(int dirfd, const char *path, int flags, unsigned mode, bool beneath)
{
	bool creates = (flags & (CE_O_CREAT_ | CE_O_TMPFILE_)) != 0; /* openat2 takes no mode otherwise */
	const uint64_t how[3] = { (uint64_t)(unsigned)flags, creates ? mode & 07777u : 0, CE_RESOLVE_BENEATH_ };
	int fd;

	if (beneath) {
		fd = (int)syscall((long)CE_NR_OPENAT2_, (long)dirfd, ce_pointer_(path), ce_pointer_(how),
				  (long)sizeof(how));
		if (fd >= 0 || errno != ENOSYS)
			return fd < 0 && errno == EXDEV ? ce_fail_(ENOTCAPABLE) : fd;
	}
	return (int)syscall(SYS_openat, (long)dirfd, ce_pointer_(path), (long)flags, (long)mode);
}

/* Ends what ce_numbers_occupy_ began. Returns the new descriptor, or closes it if its number does not suit: EAGAIN. */
static inline int ce_numbers_release_(const int *occupied, int n, int fd, const cap_rights_t *wanted, bool writable)
{
	while (n > 0)
		ce_close_(occupied[--n]);
	if (fd >= 0 && !ce_number_suits_(fd, wanted, writable)) {
		ce_close_(fd);
		return ce_fail_(EAGAIN);
	}
	return fd;
}

/*
 * Opens without ever returning a number with limits left over, except just those of `wanted` (may be NULL). errno:
 * those of openat, EMFILE, and EAGAIN if another thread took the number meanwhile.
 */
static inline int ce_open_wanted_(int dirfd, const char *path, int flags, unsigned mode, bool beneath,
				  const cap_rights_t *wanted)
{
	bool writable = (flags & CE_O_ACCMODE_) != 0;
	int occupied[CE_NUMBERS_MAX_];
	int n = ce_numbers_occupy_(occupied, wanted, writable);

	if (n < 0)
		return -1;
	return ce_numbers_release_(occupied, n, ce_open_raw_(dirfd, path, flags, mode, beneath), wanted, writable);
}

/* accept4(2), as ce_open_wanted_. */
static inline int ce_accept_wanted_(int listener, const cap_rights_t *wanted)
{
	int occupied[CE_NUMBERS_MAX_];
	int n = ce_numbers_occupy_(occupied, wanted, false); /* a socket cannot be mapped */
	int fd;

	if (n < 0)
		return -1;
	fd = (int)syscall(SYS_accept4, (long)listener, 0L, 0L, (long)CE_O_CLOEXEC_);
	return ce_numbers_release_(occupied, n, fd, wanted, false);
}

#endif
