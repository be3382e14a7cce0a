/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Choosing the number of a new descriptor. Limits stay with a number when it is closed, so a number that the kernel would
 * hand out next may be limited: such numbers are kept occupied while a descriptor is opened.
 */
#ifndef CE_LINUX_NUMBERS_H
#define CE_LINUX_NUMBERS_H

#define CE_NUMBERS_MAX 1024u

/* Closes a descriptor of ours, leaving errno alone. */
static inline void ce_close(int fd)
{
	int saved = errno;

	if (fd >= 0)
		syscall(SYS_close, (long)fd);
	errno = saved;
}

/* Whether an open failed for want of room: not an answer about what was to be opened. */
static inline bool ce_lacks_room(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM || error == EAGAIN;
}

/*
 * Whether a number may be handed out: it is not limited, or has just the limits that `wanted` would give to what will be
 * open there, for writing or not.
 */
static inline bool ce_number_suits(int fd, const cap_rights_t *wanted, bool writable)
{
	struct ce_limited limit;
	struct ce_limited fresh;

	if (!ce_limit_read((uint32_t)fd, &limit, NULL))
		return true;
	if (wanted == NULL)
		return false;
	ce_limit_nothing((uint32_t)fd, &fresh, NULL);
	if (ce_limit_rights(&fresh, wanted) != 0)
		return false;
	fresh.writable = writable && ce_limit_maps_read_only(&fresh);
	return ce_limit_equal(&fresh, &limit);
}

/* Occupies the free numbers below the first one that suits. Returns how many, or -1: EMFILE, ENFILE, ENOMEM. */
static inline int ce_numbers_occupy(int *occupied, const cap_rights_t *wanted, bool writable)
{
	size_t n = 0;

	for (;;) {
		int fd = (int)syscall(SYS_epoll_create1, (long)CE_O_CLOEXEC);

		if (fd >= 0 && ce_number_suits(fd, wanted, writable)) {
			ce_close(fd);
			return (int)n;
		}
		if (fd >= 0 && n < CE_NUMBERS_MAX) {
			occupied[n++] = fd;
			continue;
		}
		if (fd >= 0)
			errno = EMFILE;
		ce_close(fd);
		while (n > 0)
			ce_close(occupied[--n]);
		return -1;
	}
}

/*
 * openat(2); with `beneath`, openat2(2) with RESOLVE_BENEATH, ENOTCAPABLE if the path leads out. Kernels before 5.6 have
 * no openat2, and our filters refuse it, since its flags are in memory: then the directory's limits and, in capability
 * mode, Landlock decide.
 */
static inline int ce_open_raw(int dirfd, const char *path, int flags, unsigned mode, bool beneath)
{
	bool creates = (flags & (CE_O_CREAT | CE_O_TMPFILE)) != 0; /* openat2 takes no mode otherwise */
	const uint64_t how[3] = { (uint64_t)(unsigned)flags, creates ? mode & 07777u : 0, CE_RESOLVE_BENEATH };
	int fd;

	if (beneath) {
		fd = (int)syscall((long)CE_NR_OPENAT2, (long)dirfd, ce_pointer(path), ce_pointer(how), (long)sizeof(how));
		if (fd >= 0 || errno != ENOSYS)
			return fd < 0 && errno == EXDEV ? ce_fail_(ENOTCAPABLE) : fd;
	}
	return (int)syscall(SYS_openat, (long)dirfd, ce_pointer(path), (long)flags, (long)mode);
}

/* Ends what ce_numbers_occupy began. Returns the new descriptor, or closes it if its number does not suit: EAGAIN. */
static inline int ce_numbers_release(const int *occupied, int n, int fd, const cap_rights_t *wanted, bool writable)
{
	while (n > 0)
		ce_close(occupied[--n]);
	if (fd >= 0 && !ce_number_suits(fd, wanted, writable)) {
		ce_close(fd);
		return ce_fail_(EAGAIN);
	}
	return fd;
}

/*
 * Opens without ever returning a number with limits left over, except just those of `wanted` (may be NULL). errno: those
 * of openat, EMFILE, and EAGAIN if another thread took the number meanwhile.
 */
static inline int ce_open_wanted(int dirfd, const char *path, int flags, unsigned mode, bool beneath,
				 const cap_rights_t *wanted)
{
	bool writable = (flags & CE_O_ACCMODE) != 0;
	int occupied[CE_NUMBERS_MAX];
	int n = ce_numbers_occupy(occupied, wanted, writable);

	if (n < 0)
		return -1;
	return ce_numbers_release(occupied, n, ce_open_raw(dirfd, path, flags, mode, beneath), wanted, writable);
}

/* accept4(2), as ce_open_wanted. */
static inline int ce_accept_wanted(int listener, const cap_rights_t *wanted)
{
	int occupied[CE_NUMBERS_MAX];
	int n = ce_numbers_occupy(occupied, wanted, false); /* a socket cannot be mapped */
	int fd;

	if (n < 0)
		return -1;
	fd = (int)syscall(SYS_accept4, (long)listener, 0L, 0L, (long)CE_O_CLOEXEC);
	return ce_numbers_release(occupied, n, fd, wanted, false);
}

#endif
