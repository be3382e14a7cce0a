/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptors on their way to a pool: new ones, and those that are taken over.
 */
#ifndef CE_LINUX_MOVING_H_
#define CE_LINUX_MOVING_H_

#include "libc_limits.h"
#include "pools.h"
#include "threads.h"

#define CE_NEW_POOLS_MAX_ 32u /* in one filter; more sets than that are limited where they are */
#define CE_LOOKS_AT_FULL_ 5u  /* a millisecond */

/* Blocks of numbers that are occupied until a filter makes pools of them. */
struct ce_blocks_ {
	size_t n;
	uint32_t first[CE_NEW_POOLS_MAX_];
	uint32_t last[CE_NEW_POOLS_MAX_];
};

/* Whether a pool with these limits will be made of one of the blocks. */
static inline bool ce_is_planned_(const struct ce_limits_ *limits, const struct ce_limited_ *wanted)
{
	uint64_t contents[3], other[3];
	size_t i;

	ce_limit_contents_(wanted, contents);
	for (i = 0; i < limits->n; i++) {
		ce_limit_contents_(&limits->limit[i], other);
		if (limits->limit[i].copies && memcmp(contents, other, sizeof(contents)) == 0 &&
		    ce_limit_same_ioctls_(&limits->limit[i], wanted))
			return true;
	}
	return false;
}

/* Plans one more pool with these limits. source: see ce_pool_occupy_. Returns whether there is room. */
static inline bool ce_plan_pool_(struct ce_limits_ *limits, struct ce_blocks_ *blocks, int source,
				 struct ce_limited_ *limit)
{
	if (blocks->n == CE_NEW_POOLS_MAX_ || !ce_pool_occupy_(source, limit))
		return false;
	blocks->first[blocks->n] = limit->first;
	blocks->last[blocks->n++] = limit->last;
	ce_limits_append_(limits, limit);
	return true;
}

/*
 * Plans one more pool for every set whose newest is half full: it comes with that of another set, since each filter
 * costs every later read some 30 ns. Looks at the pools from the end of the table down. Returns 0 or -1.
 */
static inline int ce_plan_others_(struct ce_limits_ *limits, struct ce_blocks_ *blocks, int source)
{
	struct ce_arena_ arenas[2];
	uint32_t number = ce_arenas_(arenas) == 0 ? 0 : arenas[0].end;

	while (number > 0 && ce_is_limited_((int)(number - 1))) {
		const unsigned pool = ce_answer_(--number, CE_ASK_POOL_, 0);
		uint32_t *storage = pool == 0 ? NULL : ce_limits_room_(limits, -1);
		struct ce_limited_ limit;
		uint64_t contents[3];
		bool half_full;

		if (pool == 0)
			continue;
		if (storage == NULL)
			return -1;
		ce_limit_read_(number, &limit, storage);
		ce_limit_contents_(&limit, contents);
		if (!ce_pool_has_((int)number, pool, &limit, contents)) /* limited further */
			continue;
		half_full = ce_check_open_((int)((ce_number_of_(pool) + number) / 2)) == 0;
		number = ce_number_of_(pool);
		if (half_full && ce_ask_contents_(CE_ASK_POOLS_, CE_ASK_POOLS_NEWEST_, contents) == (int)pool &&
		    !ce_is_planned_(limits, &limit) && !ce_plan_pool_(limits, blocks, source, &limit))
			return 0;
	}
	return 0;
}

/*
 * Plans a pool for a request on an unlimited descriptor. Returns 1 if the descriptor can move there, 0 if it stays
 * where it is (nothing is limited, or no pool fits), or -1.
 */
static inline int ce_plan_(struct ce_limits_ *limits, struct ce_blocks_ *blocks, const struct ce_descriptor *request)
{
	uint32_t *storage = ce_limits_room_(limits, -1);
	struct ce_limited_ wanted;
	int change = storage == NULL ? -1 : ce_limit_request_(request, &wanted, storage);

	if (change != 1)
		return change;
	if (ce_is_planned_(limits, &wanted))
		return 1;
	if (!ce_plan_pool_(limits, blocks, request->fd, &wanted))
		return 0;
	/* Only with a large one: in a table that is crowded small pools would bring ever more. */
	if (wanted.older > 0 && wanted.last - wanted.first >= 2 * CE_POOL_FIRST_ &&
	    ce_plan_others_(limits, blocks, request->fd) != 0)
		return -1;
	return 1;
}

/*
 * As ce_pools_enter_, before one more pool would be made. One that another thread just made is full of its placeholders
 * for a moment, so a full one is looked at again, as often as `looks` says: threads would else make ever larger pools
 * for the same few descriptors.
 */
static inline int ce_pools_enter_later_(int fd, const struct ce_limited_ *wanted, unsigned *looks)
{
	uint64_t contents[3];
	int entered = ce_pools_enter_(fd, wanted);

	ce_limit_contents_(wanted, contents);
	while (entered < 0 && *looks > 0 && ce_pools_count_(contents) > 0) {
		(*looks)--;
		ce_wait_between_looks_();
		entered = ce_pools_enter_(fd, wanted);
	}
	return entered;
}

/* Moves a descriptor into a pool that exists, for a request on it. Returns 1, or 0 if none has room. */
static inline int ce_move_(struct ce_descriptor *request, unsigned *looks)
{
	uint32_t storage[CE_IOCTLS_MAX];
	struct ce_limited_ wanted;
	int fd;

	if (ce_is_limited_(request->fd))
		return 0;
	if (ce_limit_request_(request, &wanted, storage) != 1)
		return 0;
	fd = ce_pools_enter_later_(request->fd, &wanted, looks);
	if (fd < 0)
		return 0;
	ce_close_(request->fd);
	request->fd = fd;
	return 1;
}

/* What becomes of a request. */
enum { CE_STAYS_, CE_MOVES_, CE_MOVED_ };

/* Puts everything into one filter: new pools, and limits on the numbers that stay. */
static inline int ce_limit_and_plan_(struct ce_descriptor *requests, unsigned char *fates, size_t n,
				     struct ce_blocks_ *blocks)
{
	struct ce_limits_ limits;
	size_t i;

	limits.n = 0;
	limits.commands = 0;
	for (i = 0; i < n; i++) {
		int planned = 0;

		if (fates[i] == CE_MOVED_)
			continue;
		if (fates[i] == CE_MOVES_ && !ce_is_limited_(requests[i].fd))
			planned = ce_plan_(&limits, blocks, &requests[i]);
		fates[i] = planned == 1 ? CE_MOVES_ : CE_STAYS_;
		if (planned < 0 || (planned == 0 && ce_limits_add_(&limits, &requests[i]) < 0))
			return -1;
	}
	return ce_limits_install_(&limits);
}

/*
 * Limits descriptors as ce_limits_apply_ does; those whose fate is CE_MOVES_ may get another number, in a pool, and are
 * closed at the old one. All of it takes one filter. After an error some may have moved.
 */
static inline int ce_limits_move_(struct ce_descriptor *requests, unsigned char *fates, size_t n)
{
	unsigned looks = CE_LOOKS_AT_FULL_;
	struct ce_blocks_ blocks;
	size_t i;
	int result;

	if (ce_limits_check_(requests, n) != 0)
		return -1;
	for (i = 0; i < n; i++)
		if (fates[i] == CE_MOVES_ && ce_move_(&requests[i], &looks) == 1)
			fates[i] = CE_MOVED_;
	blocks.n = 0;
	result = ce_limit_and_plan_(requests, fates, n, &blocks);
	for (i = 0; i < blocks.n; i++)
		ce_block_release_(blocks.first[i], blocks.last[i] + 1);
	for (i = 0; i < n && result == 0; i++)
		if (fates[i] == CE_MOVES_ && ce_move_(&requests[i], &looks) != 1)
			result = ce_limits_apply_(&requests[i], 1); /* other threads filled it already */
	return result;
}

/* ---- making ---- */

/* The request for a set of rights, as ce_limit() understands it. */
static inline struct ce_descriptor ce_request_of_(int fd, const cap_rights_t *rights)
{
	const struct ce_descriptor request = { fd, rights, NULL, CE_IOCTLS_KEEP, CE_FCNTLS_KEEP };

	return request;
}

/*
 * Before n descriptors, one or two, are made. careful: keeps the kernel from choosing a number with limits; otherwise
 * the end says EAGAIN if it did, and they can be made again. errno: EFAULT, EINVAL (rights), EMFILE, ENFILE, ENOMEM.
 */
static inline int ce_place_begin_(struct ce_place_ *place, const cap_rights_t *rights, unsigned n, bool careful)
{
	place->careful = careful;
	place->n = 0;
	if (rights != NULL && rights != CE_RIGHTS_KEEP && ce_check_readable_(rights, sizeof(*rights)) != 0)
		return -1;
	if (rights != CE_RIGHTS_KEEP && !cap_rights_is_valid(rights))
		return ce_fail_(EINVAL);
	return careful ? ce_place_clear_(place, n) : 0;
}

/* Puts a new descriptor into a pool that has room. Returns the one to use, or -1: EAGAIN, ENOSPC, and fd is still open.
 */
static inline int ce_place_pool_(int fd, const cap_rights_t *rights)
{
	struct ce_limited_ wanted;
	int moved;

	ce_limit_nothing_(0, &wanted, NULL);
	if (ce_limit_rights_to_(&wanted, rights) != 0)
		return -1;
	moved = ce_pools_enter_(fd, &wanted);
	if (moved >= 0)
		ce_close_(fd);
	else if (errno == ENOTCAPABLE)
		errno = EAGAIN;
	return moved;
}

/*
 * After a descriptor was made, or was not (-1): puts it into a pool, limits it where it is if there is no room for one,
 * or closes it. Returns the one to use. errno: those of ce_limit(), EMFILE, EAGAIN (its number has other limits).
 */
static inline int ce_place_end_(struct ce_place_ *place, int fd, const cap_rights_t *rights)
{
	struct ce_descriptor request = ce_request_of_(fd, rights);
	unsigned char fate = CE_MOVES_;
	const bool crowded = place->n == CE_HELD_MAX_;
	int moved;

	ce_place_release_(place);
	if (fd < 0 || (rights == CE_RIGHTS_KEEP && !ce_is_limited_(fd)))
		return fd;
	moved = rights == CE_RIGHTS_KEEP ? ce_fail_(EAGAIN) : ce_place_pool_(fd, rights);
	if (moved < 0 && rights != CE_RIGHTS_KEEP && (place->careful || errno != EAGAIN) &&
	    ce_limits_move_(&request, &fate, 1) == 0)
		moved = request.fd;
	if (moved < 0 && (errno == ENOTCAPABLE || errno == EAGAIN))
		errno = crowded ? EMFILE : EAGAIN;
	if (moved < 0)
		ce_close_(fd);
	return moved;
}

/* A copy of a descriptor with its limits: in its pool, where the filter lets it. errno: EBADF, ENOTCAPABLE, EMFILE. */
static inline int ce_dup_(int fd)
{
	const unsigned pool = ce_answer_((uint32_t)fd, CE_ASK_POOL_, 0);
	uint32_t commands[CE_IOCTLS_MAX];
	struct ce_limited_ limit;
	struct ce_place_ place;
	uint64_t contents[3];
	int placeholder, number;

	if (ce_check_open_(fd) != 0)
		return -1;
	if (!ce_limit_read_((uint32_t)fd, &limit, commands)) {
		if (ce_place_clear_(&place, 1) != 0)
			return -1;
		fd = (int)syscall(SYS_fcntl, (long)fd, (long)CE_F_DUPFD_CLOEXEC_, 0L);
		return ce_place_end_(&place, fd, CE_RIGHTS_KEEP);
	}
	ce_limit_contents_(&limit, contents);
	if (pool == 0 || !ce_pool_has_(fd, pool, &limit, contents)) /* alone, or limited further */
		return ce_fail_(ENOTCAPABLE);
	if (ce_place_clear_(&place, 1) != 0)
		return -1;
	placeholder = ce_placeholder_(); /* at a number without limits, so it can be copied */
	number = placeholder < 0 ? -1 : ce_pool_enter_(placeholder, pool, &limit, contents);
	if (placeholder >= 0 && number < 0)
		errno = EMFILE;
	ce_close_(placeholder);
	ce_place_release_(&place);
	if (number >= 0 && syscall(SYS_dup3, (long)fd, (long)number, (long)CE_O_CLOEXEC_) < 0) {
		ce_close_(number);
		return -1;
	}
	return number;
}

/* Limits a descriptor and moves it. Returns the one to use, or -1, and fd is as it was. errno: those of ce_limit(). */
static inline int ce_take_(int fd, const cap_rights_t *rights)
{
	struct ce_descriptor request = ce_request_of_(fd, rights);
	unsigned char fate = CE_MOVES_;

	if (ce_limits_move_(&request, &fate, 1) != 0)
		return -1;
	syscall(SYS_fcntl, (long)request.fd, (long)CE_F_SETFD_, 1L); /* FD_CLOEXEC, if it stayed */
	return request.fd;
}

#endif
