/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limits on descriptors: FreeBSD's cap_rights_limit(2), cap_ioctls_limit(2), cap_fcntls_limit(2) and what reads them back.
 *
 * A limit is a seccomp filter about the descriptor's number, for every thread; nothing is remembered in the process. The
 * rules of growing and losing follow sys/kern/sys_capability.c and were compared with a FreeBSD 13.2 kernel's answers.
 */
#ifndef CE_LINUX_LIMITS_H
#define CE_LINUX_LIMITS_H

/*
 * Installs a filter for all threads, for good. errno: ENOSYS without seccomp filters in the kernel, ENOMEM if the filter
 * or all filters together are too long for the kernel, EBUSY if another thread has a filter that this one lacks.
 */
static inline int ce_filter_install(const struct ce_filter *filter)
{
	struct ce_bpf b;
	struct ce_bpf_program program;
	long result;

	ce_filter_build(&b, filter);
	if (b.full)
		return ce_fail_(ENOMEM);
	program.length = (unsigned short)(CE_BPF_MAX - b.head);
	program.insn = b.insn + b.head;
	if (syscall(SYS_prctl, (long)CE_PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
		return -1;
	result = syscall(SYS_seccomp, (long)CE_SECCOMP_SET_MODE_FILTER, (long)CE_SECCOMP_FLAG_TSYNC,
			 ce_pointer(&program));
	if (result > 0)
		errno = EBUSY; /* the id of a thread that could not be synchronized */
	else if (result < 0 && errno == EINVAL)
		errno = ENOSYS; /* what a kernel without filters answers */
	return result == 0 ? 0 : -1;
}

static inline bool ce_limit_has(const struct ce_range *limit, uint64_t right)
{
	const uint64_t want[2] = { CE_WORD0(right), CE_WORD1(right) };

	return ce_has_bits(limit->rights, want);
}

/*
 * The present limit of a descriptor. ioctls: room for CE_IOCTLS_MAX commands, which the limit points to; NULL: only
 * their number is read. Returns whether there is any limit.
 */
static inline bool ce_limit_read(uint32_t descriptor, struct ce_range *limit, uint32_t *ioctls)
{
	unsigned bits = 0;
	int32_t i;

	memset(limit, 0, sizeof(*limit));
	limit->first = descriptor;
	limit->last = descriptor;
	limit->ioctl = ioctls;
	limit->ioctls = -1;
	limit->fcntls = CAP_FCNTL_ALL;
	limit->rights[0] = CE_WORD0(CAP_ALL0);
	limit->rights[1] = CE_WORD1(CAP_ALL1);
	if (!ce_ask(descriptor, CE_ASK_IOCTLS, 0, &bits))
		return false;
	limit->ioctls = bits == CE_ANSWER_ALL ? -1 : (int32_t)bits;
	limit->rights[0] = ce_ask_rights(descriptor, 0);
	limit->rights[1] = ce_ask_rights(descriptor, 1);
	limit->fcntls = 0;
	if (ce_ask(descriptor, CE_ASK_FCNTLS, 0, &bits))
		limit->fcntls = (uint32_t)bits << CE_ASK_FCNTLS_SHIFT;
	for (i = 0; ioctls != NULL && i < limit->ioctls; i++)
		ioctls[i] = ce_ask_ioctl(descriptor, (uint32_t)i);
	return true;
}

/* EBADF unless the descriptor is open: F_GETFD needs no right. */
static inline int ce_check_open(int fd)
{
	return syscall(SYS_fcntl, (long)fd, (long)CE_F_GETFD, 0L) == -1 ? -1 : 0;
}

/*
 * Whether a file might be written through this descriptor. Without CAP_FCNTL the kernel will not say, and the answer is
 * the careful one.
 */
static inline bool ce_is_writable(int fd)
{
	int saved = errno;
	long flags = syscall(SYS_fcntl, (long)fd, (long)CE_F_GETFL, 0L);

	errno = saved;
	return flags == -1 || (flags & CE_O_ACCMODE) != 0;
}

/* A set of rights as a caller may pass it: valid, and nothing that this header does not know. */
static inline int ce_check_rights(const cap_rights_t *rights)
{
	if (!ce_rights_is_valid(rights) || (CE_WORD0(rights->cr_rights[0]) & ~CE_WORD0(CAP_ALL0)) != 0 ||
	    (CE_WORD1(rights->cr_rights[1]) & ~CE_WORD1(CAP_ALL1)) != 0)
		return ce_fail_(EINVAL);
	return 0;
}

/* What is wrong with a request whatever the descriptor: EINVAL and EFAULT come before EBADF, as on FreeBSD. */
static inline int ce_check_request(const struct ce_descriptor *request)
{
	if (request->rights != NULL && ce_check_rights(request->rights) != 0)
		return -1;
	if (request->fcntls != CE_FCNTLS_KEEP && (request->fcntls & ~(uint32_t)CAP_FCNTL_ALL) != 0)
		return ce_fail_(EINVAL);
	if (request->nioctls == CE_IOCTLS_KEEP || request->nioctls == 0)
		return 0;
	if (request->nioctls > CE_IOCTLS_MAX)
		return ce_fail_(EINVAL);
	return request->ioctls == NULL ? ce_fail_(EFAULT) : 0;
}

/* Losing CAP_IOCTL or CAP_FCNTL empties the lists for good, as in kern_cap_rights_limit. */
static inline int ce_limit_rights(struct ce_range *limit, const cap_rights_t *rights)
{
	const uint64_t want[2] = { rights->cr_rights[0] & CE_WORD_MASK, rights->cr_rights[1] & CE_WORD_MASK };

	if (!ce_has_bits(limit->rights, want))
		return ce_fail_(ENOTCAPABLE);
	limit->rights[0] = want[0];
	limit->rights[1] = want[1];
	if (!ce_limit_has(limit, CAP_IOCTL))
		limit->ioctls = 0;
	if (!ce_limit_has(limit, CAP_FCNTL))
		limit->fcntls = 0;
	return 0;
}

static inline bool ce_u32_contains(const uint32_t *values, int32_t n, uint32_t value)
{
	int32_t i;

	for (i = 0; i < n; i++)
		if (values[i] == value)
			return true;
	return false;
}

/* Replaces the list, in its own storage, by one that it contains. Linux looks at the low 32 bits of a command. */
static inline int ce_limit_ioctls(struct ce_range *limit, uint32_t *storage, const unsigned long *commands, size_t n)
{
	size_t i;

	for (i = 0; limit->ioctls >= 0 && i < n; i++)
		if (!ce_u32_contains(storage, limit->ioctls, (uint32_t)commands[i]))
			return ce_fail_(ENOTCAPABLE);
	for (i = 0; i < n; i++)
		storage[i] = (uint32_t)commands[i];
	limit->ioctls = (int32_t)n;
	return 0;
}

/*
 * The limit that a request asks for, from the present one. storage: CE_IOCTLS_MAX commands. Returns 1, or 0 if it is the
 * present one, or -1: EBADF, ENOTCAPABLE.
 */
static inline int ce_limit_request(const struct ce_descriptor *request, struct ce_range *limit, uint32_t *storage)
{
	uint32_t before_ioctl[CE_IOCTLS_MAX];
	struct ce_range before;
	bool limited;

	if (ce_check_open(request->fd) != 0)
		return -1;
	limited = ce_limit_read((uint32_t)request->fd, limit, storage);
	memcpy(before_ioctl, storage, limit->ioctls > 0 ? (size_t)limit->ioctls * sizeof(storage[0]) : 0);
	before = *limit;
	before.ioctl = before_ioctl;
	if (request->rights != NULL && ce_limit_rights(limit, request->rights) != 0)
		return -1;
	if (request->nioctls != CE_IOCTLS_KEEP &&
	    ce_limit_ioctls(limit, storage, request->ioctls, request->nioctls) != 0)
		return -1;
	if (request->fcntls != CE_FCNTLS_KEEP) {
		if ((request->fcntls & ~limit->fcntls) != 0)
			return ce_fail_(ENOTCAPABLE);
		limit->fcntls = request->fcntls;
	}
	if (ce_limit_equal(&before, limit))
		return 0;
	limit->limited = limited;
	limit->same_ioctls = ce_limit_same_ioctls(&before, limit);
	limit->fcntls_before = before.fcntls;
	limit->rights_before[0] = before.rights[0];
	limit->rights_before[1] = before.rights[1];
	return 1;
}

/* Puts a limit in its place by descriptor, joined with its neighbour where they are alike; returns the new count. */
static inline size_t ce_limits_insert(struct ce_range *limits, size_t n, const struct ce_range *limit)
{
	size_t i = n;

	while (i > 0 && limits[i - 1].first > limit->first)
		i--;
	if (i > 0 && limits[i - 1].last + 1 == limit->first && ce_limit_equal(&limits[i - 1], limit)) {
		limits[i - 1].last = limit->last;
		return n;
	}
	memmove(&limits[i + 1], &limits[i], (n - i) * sizeof(limits[0]));
	limits[i] = *limit;
	return n + 1;
}

/* The limits that go into the next filter, and their ioctl lists. */
struct ce_limits {
	size_t n;
	size_t commands;
	struct ce_range limit[CE_LIMITS_MAX];
	uint32_t command[4 * CE_IOCTLS_MAX];
};

static inline int ce_limits_install(struct ce_limits *limits)
{
	unsigned bits;
	struct ce_filter filter = { NULL, limits->limit, limits->n, ce_ask(CE_ASK_CLOSED, 0, 0, &bits) };
	int result = limits->n > 0 ? ce_filter_install(&filter) : 0;

	limits->n = 0;
	limits->commands = 0;
	return result;
}

/* Adds one request; what is full, or already holds this descriptor, is installed first. */
static inline int ce_limits_add(struct ce_limits *limits, const struct ce_descriptor *request)
{
	struct ce_range limit;
	size_t i;
	int change;

	for (i = 0; i < limits->n; i++)
		if (limits->limit[i].first <= (uint32_t)request->fd && (uint32_t)request->fd <= limits->limit[i].last)
			break;
	if ((i < limits->n || limits->n == CE_LIMITS_MAX ||
	     limits->commands + CE_IOCTLS_MAX > sizeof(limits->command) / sizeof(limits->command[0])) &&
	    ce_limits_install(limits) != 0)
		return -1;
	change = ce_limit_request(request, &limit, limits->command + limits->commands);
	if (change != 1)
		return change;
	limit.writable = ce_is_writable(request->fd);
	limits->n = ce_limits_insert(limits->limit, limits->n, &limit);
	if (limit.ioctls > 0)
		limits->commands += (size_t)limit.ioctls;
	return 0;
}

/*
 * Limits descriptors, with one filter for each CE_LIMITS_MAX ranges of numbers. Everything is checked before anything is
 * limited; only the kernel's own errors (see cap_rights_limit) can come in the middle.
 */
static inline int ce_limits_apply(const struct ce_descriptor *requests, size_t n)
{
	struct ce_limits limits;
	size_t i;

	for (i = 0; i < n; i++) {
		struct ce_range limit;

		if (ce_check_request(&requests[i]) != 0 || ce_limit_request(&requests[i], &limit, limits.command) < 0)
			return -1;
	}
	limits.n = 0;
	limits.commands = 0;
	for (i = 0; i < n; i++)
		if (ce_limits_add(&limits, &requests[i]) < 0)
			return -1;
	return ce_limits_install(&limits);
}

/* ---- FreeBSD's calls ---------------------------------------------------------------------------------------- */

/**
 * Limits a descriptor to these rights, as FreeBSD's cap_rights_limit(2).
 *
 * The limit is on the number `fd`, in every thread, over fork and exec, and stays when the descriptor is closed. It sets
 * no_new_privs. Copies of the descriptor (dup, SCM_RIGHTS) are refused from then on.
 *
 * errno: EFAULT, EINVAL (no valid set), EBADF, ENOTCAPABLE (rights it does not have), ENOSYS (the kernel has no seccomp
 * filters), ENOMEM (no more room for filters; earlier limits stand), EBUSY (threads with different filters).
 */
CE_LIBC_API int cap_rights_limit(int fd, const cap_rights_t *rights)
{
	const struct ce_descriptor request = { fd, rights, NULL, CE_IOCTLS_KEEP, CE_FCNTLS_KEEP };

	return rights == NULL ? ce_fail_(EFAULT) : ce_limits_apply(&request, 1);
}

/**
 * Limits a descriptor to these ioctl commands, as FreeBSD's cap_ioctls_limit(2). Linux looks at the low 32 bits.
 *
 * errno: EINVAL (more than 256 commands), EFAULT, EBADF, ENOTCAPABLE (a command not allowed before), and those of
 * cap_rights_limit for the kernel's side.
 */
CE_LIBC_API int cap_ioctls_limit(int fd, const cap_ioctl_t *cmds, size_t ncmds)
{
	const struct ce_descriptor request = { fd, NULL, cmds, ncmds, CE_FCNTLS_KEEP };

	return ncmds == CE_IOCTLS_KEEP ? ce_fail_(EINVAL) : ce_limits_apply(&request, 1);
}

/**
 * Limits a descriptor to these fcntl commands (CAP_FCNTL_ flags), as FreeBSD's cap_fcntls_limit(2).
 *
 * errno: EINVAL (an unknown flag), EBADF, ENOTCAPABLE (a command not allowed before), and those of cap_rights_limit for
 * the kernel's side.
 */
CE_LIBC_API int cap_fcntls_limit(int fd, uint32_t fcntlrights)
{
	const struct ce_descriptor request = { fd, NULL, NULL, CE_IOCTLS_KEEP, fcntlrights };

	return fcntlrights == CE_FCNTLS_KEEP ? ce_fail_(EINVAL) : ce_limits_apply(&request, 1);
}

/** Reads the rights of a descriptor; all rights where it is not limited. errno: EINVAL (version), EFAULT, EBADF. */
CE_LIBC_API int __cap_rights_get(int version, int fd, cap_rights_t *rights)
{
	struct ce_range limit;

	if (version != CAP_RIGHTS_VERSION)
		return ce_fail_(EINVAL);
	if (ce_check_open(fd) != 0)
		return -1;
	if (rights == NULL)
		return ce_fail_(EFAULT);
	ce_limit_read((uint32_t)fd, &limit, NULL);
	rights->cr_rights[0] = CAPRIGHT(0, limit.rights[0]);
	rights->cr_rights[1] = CAPRIGHT(1, limit.rights[1]);
	return 0;
}

/**
 * Reads the allowed ioctl commands: at most maxcmds into cmds. Returns how many there are, which may be more, or
 * CAP_IOCTLS_ALL where they are not limited. errno: EBADF, EFAULT.
 */
CE_LIBC_API ssize_t cap_ioctls_get(int fd, cap_ioctl_t *cmds, size_t maxcmds)
{
	uint32_t present[CE_IOCTLS_MAX];
	struct ce_range limit;
	size_t i;

	if (ce_check_open(fd) != 0)
		return -1;
	ce_limit_read((uint32_t)fd, &limit, present);
	if (limit.ioctls < 0)
		return CAP_IOCTLS_ALL;
	for (i = 0; cmds != NULL && i < maxcmds && i < (size_t)limit.ioctls; i++)
		cmds[i] = present[i];
	return limit.ioctls;
}

/** Reads the allowed fcntl commands; CAP_FCNTL_ALL where they are not limited. errno: EBADF, EFAULT. */
CE_LIBC_API int cap_fcntls_get(int fd, uint32_t *fcntlrightsp)
{
	struct ce_range limit;

	if (ce_check_open(fd) != 0)
		return -1;
	if (fcntlrightsp == NULL)
		return ce_fail_(EFAULT);
	ce_limit_read((uint32_t)fd, &limit, NULL);
	*fcntlrightsp = limit.fcntls;
	return 0;
}

#endif
