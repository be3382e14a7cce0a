/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pools: blocks of numbers that one filter limited beforehand, all alike, for descriptors that the library makes
 * limited.
 *
 * The kernel gives to a new descriptor the lowest number that is free. Pools therefore lie at the end of the table,
 * where a plain open() comes last, so it never meets a number with limits left over:
 *
 *     0 1 2 3 4 5 ...  plain descriptors  ...        | pool B | pool A |
 *                                                                 the soft limit for descriptors
 *
 * select(2) can name them where that limit is FD_SETSIZE (1,024), as it is unless it was raised, which only a program
 * without select(2) may do (0pointer.net/blog/file-descriptor-limits.html). Pools are found by asking the kernel;
 * nothing about them is kept in the process.
 */
#ifndef CE_LINUX_POOLS_H_
#define CE_LINUX_POOLS_H_

#include "numbers.h"
#include "requests.h"

#define CE_TABLE_SMALL_ 65536u	 /* a larger table costs memory, and time at every fork */
#define CE_TABLE_MAX_ (1u << 22) /* what a code can say */
#define CE_POOL_FIRST_ 64u	 /* numbers that a set's first pool has at most */
#define CE_POOL_DOUBLINGS_ 8u	 /* a pool is twice the one before it, so often at most */

/* ---- a number in the bits of an answer ---- */

/* Numbers below 256 are their own codes; larger ones are rounded down to eight binary digits. */

static inline unsigned ce_number_code_(uint32_t number)
{
	unsigned shift = 0;

	while (number >> shift >= 256)
		shift++;
	return shift == 0 ? number : (shift + 1) << 7 | (number >> shift & 127);
}

static inline uint32_t ce_number_of_(unsigned code)
{
	return code < 256 ? code : (128 | (code & 127)) << ((code >> 7) - 1);
}

/* ---- finding ---- */

/* Whether a number has just these limits, and is in the state in which its pool was made; list: see ce_limit_contents_.
 */
static inline bool ce_pool_has_(int number, unsigned pool, const struct ce_limited_ *limit, const uint64_t contents[3])
{
	uint32_t commands[CE_IOCTLS_MAX];
	struct ce_limited_ present;

	if (ce_ask_contents_((uint32_t)number, CE_ASK_SAME_, contents) != (int)pool)
		return false;
	if (limit->ioctls <= 0)
		return true;
	return ce_limit_read_((uint32_t)number, &present, commands) && ce_limit_same_ioctls_(&present, limit);
}

/*
 * Puts a copy of an unlimited descriptor into a pool. Numbers there that were limited further are passed over. Returns
 * its number, or -1: ENOTCAPABLE (it is limited), ENOSPC (the pool is full).
 */
static inline int ce_pool_enter_(int source, unsigned pool, const struct ce_limited_ *limit, const uint64_t contents[3])
{
	uint32_t from = ce_number_of_(pool);

	for (;;) {
		int fd = (int)syscall(SYS_fcntl, (long)source, (long)CE_F_DUPFD_CLOEXEC_, (long)from);
		bool inside;

		if (fd < 0)
			return errno == ENOTCAPABLE
				       ? -1
				       : ce_fail_(ENOSPC); /* EMFILE; EINVAL: the soft limit is lower now */
		if (ce_pool_has_(fd, pool, limit, contents))
			return fd;
		inside = ce_answer_((uint32_t)fd, CE_ASK_POOL_, 0) == pool;
		ce_close_(fd);
		if (!inside)
			return ce_fail_(ENOSPC);
		from = (uint32_t)fd + 1;
	}
}

/* How many pools with these limits there are. */
static inline unsigned ce_pools_count_(const uint64_t contents[3])
{
	int count = ce_ask_contents_(CE_ASK_POOLS_, CE_ASK_POOLS_COUNT_, contents);

	return count > 0 ? (unsigned)count : 0;
}

/* As ce_pool_enter_, into the newest pool with these limits that has room. ENOSPC: there is none. */
static inline int ce_pools_enter_(int source, const struct ce_limited_ *limit)
{
	uint64_t contents[3];
	int pool, fd;
	unsigned older;

	ce_limit_contents_(limit, contents);
	pool = ce_ask_contents_(CE_ASK_POOLS_, CE_ASK_POOLS_NEWEST_, contents);
	if (pool <= 0)
		return ce_fail_(ENOSPC);
	fd = ce_pool_enter_(source, (unsigned)pool, limit, contents);
	if (fd >= 0 || errno != ENOSPC)
		return fd;
	for (older = ce_pools_count_(contents); older-- > 1;) {
		pool = ce_ask_contents_(CE_ASK_POOLS_, CE_ASK_POOLS_OLDEST_ + older - 1, contents);
		fd = pool <= 0 ? ce_fail_(ENOSPC) : ce_pool_enter_(source, (unsigned)pool, limit, contents);
		if (fd >= 0 || errno != ENOSPC)
			return fd;
	}
	return ce_fail_(ENOSPC);
}

/* ---- where a new pool lies ---- */

/* A part of the table that ends with pools: how many numbers a set's first one gets, and its second. */
struct ce_arena_ {
	uint32_t end;
	uint32_t first;
	uint32_t second; /* each later one gets twice as many as the one before */
};

/* A first pool costs little to make. A second one of a large table is for thousands, so that few filters do for them.
 */
static inline struct ce_arena_ ce_arena_up_to_(uint32_t end)
{
	const uint32_t share = end / 32 > 0 ? end / 32 : 1;
	const struct ce_arena_ arena = { end, share < CE_POOL_FIRST_ ? share : CE_POOL_FIRST_,
					 share < CE_POOL_FIRST_ ? 2 * share : end / 6 };

	return arena;
}

static inline unsigned ce_arenas_(struct ce_arena_ arenas[2])
{
	uint64_t limit[2] = { 0, 0 };
	uint32_t end;
	unsigned n = 0;

	if (syscall(SYS_prlimit64, 0L, (long)CE_RLIMIT_NOFILE_, 0L, ce_pointer_(limit)) != 0)
		return 0;
	end = limit[0] < CE_TABLE_MAX_ ? (uint32_t)limit[0] : CE_TABLE_MAX_;
	if (end > CE_TABLE_SMALL_)
		arenas[n++] = ce_arena_up_to_(CE_TABLE_SMALL_);
	arenas[n++] = ce_arena_up_to_(end);
	return n;
}

/* Closes the placeholders in a block of numbers. */
static inline void ce_block_release_(uint32_t first, uint32_t end)
{
	int saved = errno;

	if (first < end && syscall((long)CE_NR_CLOSE_RANGE_, (long)first, (long)(end - 1), 0L) != 0)
		while (first < end)
			syscall(SYS_close, (long)first++);
	errno = saved;
}

/*
 * Occupies numbers from end - 1 down to `first`, as far as they are free and have no limits: each placeholder is a copy
 * of the one above it, which the kernel makes only where that one has none. Nobody else can be given such a number
 * then, nor make a pool of it. Returns the lowest that is occupied; end if none is.
 */
static inline uint32_t ce_block_occupy_(int source, uint32_t first, uint32_t end)
{
	uint32_t lowest = end;

	while (lowest > first) {
		int fd = (int)syscall(SYS_fcntl, (long)source, (long)CE_F_DUPFD_CLOEXEC_, (long)(lowest - 1));

		if (fd != (int)(lowest - 1)) {
			ce_close_(fd);
			break;
		}
		source = fd;
		lowest--;
	}
	if (lowest < end && ce_is_limited_((int)lowest)) {
		ce_close_((int)lowest);
		lowest++;
	}
	return lowest;
}

/* The end of the numbers below `end` that no limits are at the end of. */
static inline uint32_t ce_arena_skip_(uint32_t end, uint32_t floor)
{
	while (end > floor && ce_is_limited_((int)(end - 1))) {
		const uint32_t pool = ce_number_of_(ce_answer_(end - 1, CE_ASK_POOL_, 0));

		end = pool != 0 && pool < end ? pool : end - 1;
	}
	return end;
}

/*
 * Occupies a block for a pool in an arena, for at least a quarter of the numbers that it should have, half of what is
 * left of the arena above `floor` at most. Its first number has a code. Returns whether there is room.
 */
static inline bool ce_arena_occupy_(const struct ce_arena_ *arena, int source, uint32_t wanted,
				    struct ce_limited_ *block)
{
	const uint32_t floor = (uint32_t)source + 1;
	uint32_t end = ce_arena_skip_(arena->end, floor);

	while (end > floor + 1 && wanted > 0) {
		const uint32_t size = wanted < (end - floor) / 2 ? wanted : (end - floor) / 2;
		const uint32_t lowest = ce_block_occupy_(source, ce_number_of_(ce_number_code_(end - size)), end);
		uint32_t first = ce_number_of_(ce_number_code_(lowest));

		if (first < lowest)
			first = ce_number_of_(ce_number_code_(lowest) + 1);
		if (first < end && (end - first) * 4 >= size) {
			ce_block_release_(lowest, first);
			block->first = first;
			block->last = end - 1;
			return true;
		}
		ce_block_release_(lowest, end);
		end = ce_arena_skip_(lowest - 1, floor);
	}
	return false;
}

/*
 * Occupies a block for one more pool with these limits, and says in them where it is. source: an unlimited descriptor,
 * at a number that was the lowest free one. Returns whether there is room.
 */
static inline bool ce_pool_occupy_(int source, struct ce_limited_ *limit)
{
	struct ce_arena_ arenas[2];
	const unsigned n = ce_arenas_(arenas);
	uint64_t contents[3];
	unsigned i, doublings;

	ce_limit_contents_(limit, contents);
	limit->older = (uint16_t)ce_pools_count_(contents);
	doublings = limit->older < CE_POOL_DOUBLINGS_ ? limit->older : CE_POOL_DOUBLINGS_;
	for (i = 0; i < n; i++) {
		const uint32_t wanted = doublings == 0 ? arenas[i].first : arenas[i].second << (doublings - 1);

		if (ce_arena_occupy_(&arenas[i], source, wanted, limit)) {
			limit->copies = true;
			limit->pool = (uint16_t)ce_number_code_(limit->first);
			return true;
		}
	}
	return false;
}

#endif
