/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The numbers that the kernel gives to new descriptors: always the lowest that is free, which may have limits left
 * over. Whatever is opened here is kept away from those: while a descriptor is made, placeholders occupy them.
 */
#ifndef CE_LINUX_NUMBERS_H_
#define CE_LINUX_NUMBERS_H_

#include "question.h"

/* Numbers with limits left over in a row, before a free one; where there are more the number is taken as it comes. */
#define CE_HELD_MAX_ 64u

/* While a descriptor is made. */
struct ce_place_ {
	bool careful; /* it will not be made again if its number has limits */
	unsigned n;
	int held[CE_HELD_MAX_]; /* placeholders on numbers with limits */
};

/* Something harmless at the lowest free number: an eventfd, which needs no path and no right. errno: EMFILE, ENFILE. */
static inline int ce_placeholder_(void)
{
	return (int)syscall(SYS_eventfd2, 0L, (long)CE_O_CLOEXEC_);
}

static inline void ce_place_release_(struct ce_place_ *place)
{
	while (place->n > 0)
		ce_close_(place->held[--place->n]);
}

/*
 * Makes the next `count` descriptors, one or two, get numbers without limits, where there are some. errno: EMFILE,
 * ENFILE, ENOMEM.
 */
static inline int ce_place_clear_(struct ce_place_ *place, unsigned count)
{
	int free_ones[2];
	unsigned found = 0;
	int fd = 0;

	place->n = 0;
	while (found < count && (fd = ce_placeholder_()) >= 0) {
		if (place->n < CE_HELD_MAX_ && ce_is_limited_(fd))
			place->held[place->n++] = fd;
		else
			free_ones[found++] = fd;
	}
	while (found > 0)
		ce_close_(free_ones[--found]);
	if (fd < 0)
		ce_place_release_(place);
	return fd < 0 ? -1 : 0;
}

/* A new descriptor that is to have no limits (or -1): closed if its number has some. errno: EMFILE, EAGAIN. */
static inline int ce_place_plain_(struct ce_place_ *place, int fd)
{
	const bool crowded = place->n == CE_HELD_MAX_;

	ce_place_release_(place);
	if (fd < 0 || !ce_is_limited_(fd))
		return fd;
	ce_close_(fd);
	return ce_fail_(crowded ? EMFILE : EAGAIN);
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

/*
 * Opens for the library itself, at a number without limits. errno: those of openat, EMFILE, and EAGAIN if another
 * thread took the number meanwhile.
 */
static inline int ce_open_plain_(int dirfd, const char *path)
{
	struct ce_place_ place;

	if (ce_place_clear_(&place, 1) != 0)
		return -1;
	return ce_place_plain_(&place,
			       (int)syscall(SYS_openat, (long)dirfd, ce_pointer_(path), (long)CE_O_CLOEXEC_, 0L));
}

#endif
