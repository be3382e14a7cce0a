/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limits on descriptors: what a descriptor's limits are, what a request makes of them, and how they become a filter.
 *
 * A limit is a seccomp filter about the descriptor's number, for every thread; nothing is remembered in the process.
 * The rules of growing and losing follow sys/kern/sys_capability.c and were compared with a FreeBSD 13.2 kernel's
 * answers.
 */
#ifndef CE_LINUX_REQUESTS_H_
#define CE_LINUX_REQUESTS_H_

#include "../../capsicum_easy/descriptor.h"
#include "filter.h"
#include "libc_sets.h"
#include "memory.h"
#include "rings.h"

CE_APART_ bool ce_limit_has_(const struct ce_limited_ *limit, uint64_t right)
{
	const uint64_t want[2] = { CE_BITS_IN_WORD0_(right), CE_BITS_IN_WORD1_(right) };

	return ce_has_bits_(limit->rights, want);
}

/* What a descriptor may do that was never limited. ioctls: where a list would be. */
static inline void ce_limit_nothing_(uint32_t descriptor, struct ce_limited_ *limit, uint32_t *ioctls)
{
	memset(limit, 0, sizeof(*limit));
	limit->first = descriptor;
	limit->last = descriptor;
	limit->ioctl = ioctls;
	limit->ioctls = -1;
	limit->fcntls = CAP_FCNTL_ALL;
	limit->rights[0] = CE_BITS_IN_WORD0_(CAP_ALL0);
	limit->rights[1] = CE_BITS_IN_WORD1_(CAP_ALL1);
}

/* Losing CAP_IOCTL or CAP_FCNTL empties the lists for good, as in kern_cap_rights_limit. */
CE_APART_ void ce_limit_lists_(struct ce_limited_ *limit)
{
	if (!ce_limit_has_(limit, CAP_IOCTL))
		limit->ioctls = 0;
	if (!ce_limit_has_(limit, CAP_FCNTL))
		limit->fcntls = 0;
}

/*
 * The present limit of a descriptor. ioctls: room for CE_IOCTLS_MAX commands, which the limit points to; NULL: only
 * their number is read. Returns whether there is any limit.
 */
CE_APART_ bool ce_limit_read_(uint32_t descriptor, struct ce_limited_ *limit, uint32_t *ioctls)
{
	unsigned bits = 0;
	int32_t i;

	ce_limit_nothing_(descriptor, limit, ioctls);
	if (!ce_ask_(descriptor, CE_ASK_IOCTLS_, 0, &bits))
		return false;
	if (bits == CE_ANSWER_ALL_)
		limit->ioctls = -1;
	else
		limit->ioctls = bits < CE_IOCTLS_MAX ? (int32_t)bits : (int32_t)CE_IOCTLS_MAX; /* whoever answers */
	ce_ask_all_rights_(descriptor, limit->rights);
	limit->fcntls = (uint32_t)ce_answer_(descriptor, CE_ASK_FCNTLS_, 0) << CE_ASK_FCNTLS_SHIFT_ & CAP_FCNTL_ALL;
	ce_limit_lists_(limit);
	for (i = 0; ioctls != NULL && i < limit->ioctls; i++)
		ioctls[i] = ce_ask_ioctl_(descriptor, (uint32_t)i);
	return true;
}

/* The rights alone, with fewer questions. */
CE_COLD_ void ce_limit_read_rights_(uint32_t descriptor, uint64_t rights[2])
{
	unsigned bits;

	rights[0] = CE_BITS_IN_WORD0_(CAP_ALL0);
	rights[1] = CE_BITS_IN_WORD1_(CAP_ALL1);
	if (ce_ask_(descriptor, CE_ASK_IOCTLS_, 0, &bits))
		ce_ask_all_rights_(descriptor, rights);
}

/*
 * Whether earlier filters can be relied on: they may be those of a program that was built with another policy and then
 * executed this one. descriptor: or CE_ASK_CLOSED_.
 */
CE_COLD_ bool ce_is_of_this_policy_(uint32_t descriptor)
{
	unsigned bits = 0;

	return ce_ask_(descriptor, CE_ASK_POLICY_, 0, &bits) && bits == CE_POLICY_ID_;
}

/* EBADF unless the descriptor is open: F_GETFD needs no right. */
static inline int ce_check_open_(int fd)
{
	return syscall(SYS_fcntl, (long)fd, (long)CE_F_GETFD_, 0L) == -1 ? -1 : 0;
}

/* What is wrong with a request whatever the descriptor: EINVAL and EFAULT come before EBADF, as on FreeBSD. */
CE_COLD_ int ce_check_request_(const struct ce_descriptor *request)
{
	if (request->rights != NULL && request->rights != CE_RIGHTS_KEEP &&
	    ce_check_readable_(request->rights, sizeof(*request->rights)) != 0)
		return -1;
	if (request->rights != CE_RIGHTS_KEEP && !cap_rights_is_valid(request->rights))
		return ce_fail_(EINVAL);
	if (request->fcntls != CE_FCNTLS_KEEP && (request->fcntls & ~(uint32_t)CAP_FCNTL_ALL) != 0)
		return ce_fail_(EINVAL);
	if (request->nioctls == CE_IOCTLS_KEEP || request->nioctls == 0)
		return 0;
	if (request->nioctls > CE_IOCTLS_MAX)
		return ce_fail_(EINVAL);
	return ce_check_readable_(request->ioctls, request->nioctls * sizeof(request->ioctls[0]));
}

static inline int ce_limit_rights_to_(struct ce_limited_ *limit, const cap_rights_t *rights)
{
	const uint64_t want[2] = { rights->cr_rights[0] & CE_BITS_, rights->cr_rights[1] & CE_BITS_ };

	if (!ce_has_bits_(limit->rights, want))
		return ce_fail_(ENOTCAPABLE);
	limit->rights[0] = want[0];
	limit->rights[1] = want[1];
	ce_limit_lists_(limit);
	return 0;
}

CE_COLD_ bool ce_u32_contains_(const uint32_t *values, int32_t n, uint32_t value)
{
	int32_t i;

	for (i = 0; i < n; i++)
		if (values[i] == value)
			return true;
	return false;
}

/* Replaces the list, in its own storage, by one that it contains. Linux looks at the low 32 bits of a command. */
CE_COLD_ int ce_limit_ioctls_to_(struct ce_limited_ *limit, uint32_t *storage, const unsigned long *commands, size_t n)
{
	size_t i;

	for (i = 0; limit->ioctls >= 0 && i < n; i++)
		if (!ce_u32_contains_(storage, limit->ioctls, (uint32_t)commands[i]))
			return ce_fail_(ENOTCAPABLE);
	for (i = 0; i < n; i++)
		storage[i] = (uint32_t)commands[i];
	limit->ioctls = (int32_t)n;
	return 0;
}

/*
 * The limit that a request asks for, from the present one. storage: CE_IOCTLS_MAX commands. Returns 1, or 0 if it is
 * the present one, or -1: EBADF, ENOTCAPABLE.
 */
CE_APART_ int ce_limit_request_(const struct ce_descriptor *request, struct ce_limited_ *limit, uint32_t *storage)
{
	uint32_t before_ioctl[CE_IOCTLS_MAX];
	struct ce_limited_ before;
	bool limited, reliable;

	if (ce_check_open_(request->fd) != 0)
		return -1;
	limited = ce_limit_read_((uint32_t)request->fd, limit, storage);
	limit->pool = limited ? (uint16_t)ce_answer_((uint32_t)request->fd, CE_ASK_POOL_, 0) : 0;
	memcpy(before_ioctl, storage, limit->ioctls > 0 ? (size_t)limit->ioctls * sizeof(storage[0]) : 0);
	before = *limit;
	before.ioctl = before_ioctl;
	if (request->rights != CE_RIGHTS_KEEP && ce_limit_rights_to_(limit, request->rights) != 0)
		return -1;
	if (request->nioctls != CE_IOCTLS_KEEP &&
	    ce_limit_ioctls_to_(limit, storage, request->ioctls, request->nioctls) != 0)
		return -1;
	if (request->fcntls != CE_FCNTLS_KEEP) {
		if ((request->fcntls & ~limit->fcntls) != 0)
			return ce_fail_(ENOTCAPABLE);
		limit->fcntls = request->fcntls;
	}
	reliable = limited && ce_is_of_this_policy_((uint32_t)request->fd);
	if (ce_limit_equal_(&before, limit) && (reliable || !limited))
		return 0;
	limit->limited = reliable;
	limit->same_ioctls = ce_limit_same_ioctls_(&before, limit);
	limit->fcntls_before = before.fcntls;
	limit->rights_before[0] = before.rights[0];
	limit->rights_before[1] = before.rights[1];
	return 1;
}

/* Puts a limit in its place by descriptor, joined with its neighbour where they are alike; returns the new count. */
CE_APART_ size_t ce_limits_insert_(struct ce_limited_ *limits, size_t n, const struct ce_limited_ *limit)
{
	size_t i = n;

	while (i > 0 && limits[i - 1].first > limit->first)
		i--;
	if (i > 0 && limits[i - 1].last + 1 == limit->first && ce_limit_equal_(&limits[i - 1], limit)) {
		limits[i - 1].last = limit->last;
		return n;
	}
	memmove(&limits[i + 1], &limits[i], (n - i) * sizeof(limits[0]));
	limits[i] = *limit;
	return n + 1;
}

/* The limits that go into the next filter, and their ioctl lists. */
struct ce_limits_ {
	size_t n;
	size_t commands;
	struct ce_limited_ limit[CE_LIMITS_MAX_];
	uint32_t command[4 * CE_IOCTLS_MAX];
};

CE_APART_ int ce_limits_install_(struct ce_limits_ *limits)
{
	struct ce_filter_ filter = { NULL, limits->limit, limits->n, ce_is_of_this_policy_(CE_ASK_CLOSED_) };
	const bool looks = limits->n > 0 && !ce_has_no_rings_();
	int result = limits->n > 0 ? ce_filter_install_(&filter) : 0;
	bool looked;

	limits->n = 0;
	limits->commands = 0;
	/* Only now can another thread make no ring any more. */
	return result == 0 && looks ? ce_look_for_rings_(&looked) : result;
}

/*
 * The next limit's place for its ioctl commands. What is full, or already holds this descriptor (-1: none), is
 * installed first; NULL if that fails.
 */
CE_COLD_ uint32_t *ce_limits_room_(struct ce_limits_ *limits, int fd)
{
	size_t i = 0;

	while (i < limits->n &&
	       (fd < 0 || (uint32_t)fd < limits->limit[i].first || limits->limit[i].last < (uint32_t)fd))
		i++;
	if ((i < limits->n || limits->n == CE_LIMITS_MAX_ ||
	     limits->commands + CE_IOCTLS_MAX > sizeof(limits->command) / sizeof(limits->command[0])) &&
	    ce_limits_install_(limits) != 0)
		return NULL;
	return limits->command + limits->commands;
}

/* Adds a limit whose commands are in their place. */
CE_COLD_ void ce_limits_append_(struct ce_limits_ *limits, const struct ce_limited_ *limit)
{
	limits->n = ce_limits_insert_(limits->limit, limits->n, limit);
	if (limit->ioctls > 0)
		limits->commands += (size_t)limit->ioctls;
}

/* Adds one request. */
CE_COLD_ int ce_limits_add_(struct ce_limits_ *limits, const struct ce_descriptor *request)
{
	uint32_t *storage = ce_limits_room_(limits, request->fd);
	struct ce_limited_ limit;
	int change = storage == NULL ? -1 : ce_limit_request_(request, &limit, storage);

	if (change == 1)
		ce_limits_append_(limits, &limit);
	return change < 0 ? -1 : 0;
}

#endif
