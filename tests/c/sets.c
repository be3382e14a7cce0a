/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Sets of rights: what the functions answer, and what they refuse.
 */
#include <capsicum_easy.h>
#include <criterion/criterion.h>

#define WORD(n) (UINT64_C(1) << (57 + (n)))

static const cap_rights_t empty = CE_NO_RIGHTS;
static const cap_rights_t all = CE_ALL_RIGHTS;

/* Sets that are not valid, each for another reason. */
static const cap_rights_t invalid[] = {
	{ { 0, 0 } },
	{ { CAP_READ, 0 } },
	{ { 0, CAP_EVENT } },
	{ { CAP_EVENT, CAP_READ } },
	{ { CAP_READ, CAP_READ } },
	{ { CAP_EVENT, CAP_EVENT } },
	{ { WORD(0) | WORD(1), WORD(1) } },
	{ { WORD(0), WORD(0) | WORD(1) } },
	{ { WORD(0), WORD(1) | WORD(2) } },
	{ { WORD(2), WORD(1) } },
	{ { WORD(0) | UINT64_C(1) << 62, WORD(1) } },
	{ { WORD(0) | UINT64_C(1) << 63, WORD(1) } },
	{ { WORD(0), WORD(1) | UINT64_C(1) << 62 } },
	{ { UINT64_MAX, UINT64_MAX } },
};
#define INVALID_COUNT (sizeof(invalid) / sizeof(invalid[0]))

/* Values that are no right, each for another reason. */
static const uint64_t no_rights[] = {
	0,
	1,
	WORD(0),
	WORD(1),
	WORD(0) | WORD(1),
	CAP_READ | CAP_EVENT,
	WORD(2) | 1,
	CAP_READ | WORD(2),
	CAP_READ | UINT64_C(1) << 62,
	CAP_UNUSED0_57,
	CAP_UNUSED1_57,
	WORD(1) | 0x800000, /* which no release has used yet, unlike CAP_UNUSED1_22 of older ones */
	CAP_ALL0 + 1,
	CAP_FCNTL_GETFL,
	UINT64_MAX,
};
#define NO_RIGHT_COUNT (sizeof(no_rights) / sizeof(no_rights[0]))

static void assert_words(const cap_rights_t *set, uint64_t word0, uint64_t word1)
{
	cr_assert_eq(set->cr_rights[0], WORD(0) | word0, "%016lx", (unsigned long)set->cr_rights[0]);
	cr_assert_eq(set->cr_rights[1], WORD(1) | word1, "%016lx", (unsigned long)set->cr_rights[1]);
}

/* Asserts that a call failed with EINVAL; errno is set to another value before each call. */
#define assert_einval(call)                  \
	do {                                 \
		errno = 0;                   \
		cr_assert_eq((call), -1);    \
		cr_assert_eq(errno, EINVAL); \
	} while (0)

static uint64_t random_word(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static cap_rights_t random_set(void)
{
	const uint64_t bits = WORD(0) - 1;
	cap_rights_t set;

	set.cr_rights[0] = WORD(0) | (random_word() & random_word() & bits);
	set.cr_rights[1] = WORD(1) | (random_word() & random_word() & bits);
	return set;
}

Test(sets, layout)
{
	cr_assert_eq(sizeof(cap_rights_t), 16);
	cr_assert_eq(empty.cr_rights[0], WORD(0));
	cr_assert_eq(empty.cr_rights[1], WORD(1));
	cr_assert_eq(all.cr_rights[0], CAP_ALL0);
	cr_assert_eq(all.cr_rights[1], CAP_ALL1);
}

Test(sets, constant_sets_hold_what_they_list)
{
	static const cap_rights_t constant = CE_RIGHTS(CAP_READ, CAP_KQUEUE, CAP_MKDIRAT, CAP_READ);
	static const cap_rights_t nothing = CE_RIGHTS();

	assert_words(&constant, 0x800401, 0x100040);
	assert_words(CE_SET(CAP_READ, CAP_EVENT), 1, 0x20);
	assert_words(CE_SET(CAP_READ), 1, 0);
	assert_words(CE_SET(CAP_EVENT), 0, 0x20);
	assert_words(CE_SET(), 0, 0);
	assert_words(&nothing, 0, 0);
}

Test(sets, rights_that_are_valid)
{
	cr_assert(ce_right_is_valid(CAP_READ));
	cr_assert(ce_right_is_valid(CAP_EVENT));
	cr_assert(ce_right_is_valid(CAP_SOCK_SERVER));
	cr_assert(ce_right_is_valid(CAP_ALL0));
	cr_assert(ce_right_is_valid(CAP_ALL1));
	cr_assert(ce_right_is_valid(CAP_READ | CAP_WRITE));
	cr_assert(ce_right_is_valid(WORD(0) | 8), "a bit of CAP_SEEK without a name of its own");
	for (size_t i = 0; i < NO_RIGHT_COUNT; i++)
		cr_assert_not(ce_right_is_valid(no_rights[i]), "%zu", i);
}

Test(sets, sets_that_are_valid)
{
	const cap_rights_t unknown = { { WORD(1) - 1, WORD(1) | (WORD(0) - 1) } };

	cr_assert(ce_rights_is_valid(&empty));
	cr_assert(ce_rights_is_valid(&all));
	cr_assert(ce_rights_is_valid(&unknown), "a newer kernel may return any bit");
	cr_assert_not(ce_rights_contains(&all, &unknown));
	cr_assert_not(ce_rights_is_valid(NULL));
	for (size_t i = 0; i < INVALID_COUNT; i++)
		cr_assert_not(ce_rights_is_valid(&invalid[i]), "%zu", i);
}

Test(sets, questions_about_invalid_sets_are_answered_no)
{
	for (size_t i = 0; i < INVALID_COUNT; i++) {
		cr_assert_not(ce_rights_is_empty(&invalid[i]));
		cr_assert_not(ce_rights_equal(&invalid[i], &invalid[i]));
		cr_assert_not(ce_rights_equal(&empty, &invalid[i]));
		cr_assert_not(ce_rights_contains(&invalid[i], &empty));
		cr_assert_not(ce_rights_contains(&all, &invalid[i]));
		cr_assert_not(ce_rights_is_set(&invalid[i], CAP_READ));
	}
	cr_assert_not(ce_rights_is_empty(NULL));
	cr_assert_not(ce_rights_equal(NULL, NULL));
	cr_assert_not(ce_rights_contains(NULL, &empty));
	cr_assert_not(ce_rights_contains(&all, NULL));
	cr_assert_not(ce_rights_is_set(NULL, CAP_READ));
	for (size_t i = 0; i < NO_RIGHT_COUNT; i++)
		cr_assert_not(ce_rights_is_set(&all, no_rights[i]), "%zu", i);
}

Test(sets, invalid_sets_are_refused_and_nothing_changes)
{
	for (size_t i = 0; i < INVALID_COUNT; i++) {
		cap_rights_t bad = invalid[i];
		cap_rights_t good = *CE_SET(CAP_READ);

		assert_einval(ce_rights_set(&bad, CAP_READ));
		assert_einval(ce_rights_clear(&bad, CAP_READ));
		assert_einval(ce_rights_merge(&bad, &good));
		assert_einval(ce_rights_merge(&good, &bad));
		assert_einval(ce_rights_remove(&bad, &good));
		assert_einval(ce_rights_remove(&good, &bad));
		assert_einval(ce_rights_intersect(&bad, &good));
		assert_einval(ce_rights_intersect(&good, &bad));
		assert_einval(ce_rights_complement(&good, &bad));
		cr_assert_eq(memcmp(&bad, &invalid[i], sizeof(bad)), 0);
		assert_words(&good, 1, 0);
	}
}

Test(sets, no_set_at_all_is_refused)
{
	cap_rights_t set = empty;

	assert_einval(ce_rights_set(NULL, CAP_READ));
	assert_einval(ce_rights_clear(NULL, CAP_READ));
	assert_einval(ce_rights_merge(NULL, &set));
	assert_einval(ce_rights_merge(&set, NULL));
	assert_einval(ce_rights_remove(NULL, &set));
	assert_einval(ce_rights_remove(&set, NULL));
	assert_einval(ce_rights_intersect(NULL, &set));
	assert_einval(ce_rights_intersect(&set, NULL));
	assert_einval(ce_rights_complement(NULL, &set));
	assert_einval(ce_rights_complement(&set, NULL));
	assert_words(&set, 0, 0);
}

Test(sets, values_that_are_no_right_are_refused)
{
	for (size_t i = 0; i < NO_RIGHT_COUNT; i++) {
		cap_rights_t set = *CE_SET(CAP_READ, CAP_EVENT);

		assert_einval(ce_rights_set(&set, no_rights[i]));
		assert_einval(ce_rights_clear(&set, no_rights[i]));
		assert_words(&set, 1, 0x20);
	}
}

Test(sets, add_and_clear)
{
	cap_rights_t set = empty;

	cr_assert_eq(ce_rights_set(&set, CAP_PREAD), 0);
	assert_words(&set, 0xd, 0);
	cr_assert_eq(ce_rights_set(&set, CAP_KQUEUE), 0);
	assert_words(&set, 0xd, 0x100040);
	cr_assert_eq(ce_rights_set(&set, CAP_KQUEUE), 0);
	assert_words(&set, 0xd, 0x100040);
	cr_assert_eq(ce_rights_clear(&set, CAP_KQUEUE_EVENT), 0);
	assert_words(&set, 0xd, 0x100000);
	cr_assert_eq(ce_rights_clear(&set, CAP_WRITE), 0);
	assert_words(&set, 0xd, 0x100000);
	cr_assert_eq(ce_rights_clear(&set, CAP_PWRITE), 0);
	assert_words(&set, 0x1, 0x100000);
}

Test(sets, clear_takes_every_bit_of_a_right)
{
	cap_rights_t set = *CE_SET(CAP_MKDIRAT, CAP_UNLINKAT);

	cr_assert_eq(ce_rights_clear(&set, CAP_MKDIRAT), 0);
	assert_words(&set, 0x10000000, 0);
	cr_assert_not(ce_rights_is_set(&set, CAP_LOOKUP));
	cr_assert_not(ce_rights_is_set(&set, CAP_UNLINKAT));
}

Test(sets, has_means_every_bit)
{
	const cap_rights_t *set = CE_SET(CAP_READ, CAP_SEEK_TELL, CAP_EVENT);

	cr_assert(ce_rights_is_set(set, CAP_READ));
	cr_assert(ce_rights_is_set(set, CAP_RECV));
	cr_assert(ce_rights_is_set(set, CAP_EVENT));
	cr_assert_not(ce_rights_is_set(set, CAP_SEEK));
	cr_assert_not(ce_rights_is_set(set, CAP_PREAD));
	cr_assert_not(ce_rights_is_set(set, CAP_KQUEUE));
	cr_assert(ce_rights_is_set(set, CAP_READ | CAP_SEEK_TELL));
}

Test(sets, merge_remove_intersect_complement)
{
	cap_rights_t set = *CE_SET(CAP_READ, CAP_EVENT);

	cr_assert_eq(ce_rights_merge(&set, CE_SET(CAP_WRITE, CAP_IOCTL)), 0);
	assert_words(&set, 3, 0xa0);
	cr_assert_eq(ce_rights_remove(&set, CE_SET(CAP_PREAD, CAP_EVENT)), 0);
	assert_words(&set, 2, 0x80);
	cr_assert_eq(ce_rights_intersect(&set, CE_SET(CAP_PWRITE)), 0);
	assert_words(&set, 2, 0);
	cr_assert_eq(ce_rights_complement(&set, &set), 0);
	assert_words(&set, (CAP_ALL0 & ~CAP_WRITE) & (WORD(0) - 1), CAP_ALL1 & (WORD(0) - 1));
	cr_assert_eq(ce_rights_complement(&set, &all), 0);
	cr_assert(ce_rights_is_empty(&set));
	cr_assert_eq(ce_rights_complement(&set, &empty), 0);
	cr_assert(ce_rights_equal(&set, &all));
}

Test(sets, a_set_with_itself)
{
	cap_rights_t set = *CE_SET(CAP_READ, CAP_EVENT);

	cr_assert_eq(ce_rights_merge(&set, &set), 0);
	cr_assert_eq(ce_rights_intersect(&set, &set), 0);
	assert_words(&set, 1, 0x20);
	cr_assert(ce_rights_equal(&set, &set));
	cr_assert_eq(ce_rights_remove(&set, &set), 0);
	cr_assert(ce_rights_is_empty(&set));
}

Test(sets, comparisons)
{
	const cap_rights_t *small = CE_SET(CAP_READ, CAP_EVENT);
	const cap_rights_t *large = CE_SET(CAP_READ, CAP_SEEK, CAP_EVENT, CAP_IOCTL);

	cr_assert(ce_rights_contains(large, small));
	cr_assert_not(ce_rights_contains(small, large));
	cr_assert(ce_rights_contains(small, small));
	cr_assert(ce_rights_contains(small, &empty));
	cr_assert_not(ce_rights_contains(CE_SET(CAP_READ), small), "the second word counts");
	cr_assert_not(ce_rights_contains(CE_SET(CAP_EVENT), small), "the first word counts");
	cr_assert(ce_rights_equal(small, CE_SET(CAP_EVENT, CAP_READ)));
	cr_assert_not(ce_rights_equal(small, CE_SET(CAP_READ)));
	cr_assert_not(ce_rights_equal(small, CE_SET(CAP_EVENT)));
	cr_assert(ce_rights_is_empty(&empty));
	cr_assert_not(ce_rights_is_empty(CE_SET(CAP_READ)));
	cr_assert_not(ce_rights_is_empty(CE_SET(CAP_EVENT)));
}

Test(sets, laws_of_sets)
{
	for (int i = 0; i < 100000; i++) {
		const cap_rights_t a = random_set();
		const cap_rights_t b = random_set();
		cap_rights_t both = a, common = a, less = a, again;

		cr_assert_eq(ce_rights_merge(&both, &b), 0);
		cr_assert_eq(ce_rights_intersect(&common, &b), 0);
		cr_assert_eq(ce_rights_remove(&less, &b), 0);
		assert_words(&both, (a.cr_rights[0] | b.cr_rights[0]) & (WORD(0) - 1),
			     (a.cr_rights[1] | b.cr_rights[1]) & (WORD(0) - 1));
		cr_assert(ce_rights_contains(&both, &a) && ce_rights_contains(&both, &b));
		cr_assert(ce_rights_contains(&a, &common) && ce_rights_contains(&b, &common));
		cr_assert(ce_rights_contains(&a, &less));
		again = less;
		cr_assert_eq(ce_rights_intersect(&again, &b), 0);
		cr_assert(ce_rights_is_empty(&again));
		cr_assert_eq(ce_rights_merge(&less, &common), 0);
		cr_assert(ce_rights_equal(&less, &a));
		cr_assert_eq(ce_rights_contains(&a, &b), ce_rights_equal(&both, &a));
	}
}

#ifndef __FreeBSD__
/*
 * FreeBSD's own functions, where we have to bring them: the same results, but no abort().
 */

static void assert_refused(cap_rights_t *result, const cap_rights_t *set)
{
	cr_assert_null(result);
	cr_assert_eq(errno, EINVAL);
	cr_assert_eq(set->cr_rights[0], 0);
	cr_assert_eq(set->cr_rights[1], 0);
	errno = 0;
}

Test(libc, init_set_clear_is_set)
{
	cap_rights_t set;

	cr_assert_eq(cap_rights_init(&set, CAP_READ, CAP_EVENT), &set);
	assert_words(&set, 1, 0x20);
	cr_assert_eq(cap_rights_init(&set), &set);
	assert_words(&set, 0, 0);
	cr_assert_eq(cap_rights_set(&set, CAP_PREAD, CAP_KQUEUE, CAP_READ), &set);
	assert_words(&set, 0xd, 0x100040);
	cr_assert(cap_rights_is_set(&set, CAP_PREAD));
	cr_assert(cap_rights_is_set(&set, CAP_READ, CAP_KQUEUE_EVENT, CAP_SEEK));
	cr_assert_not(cap_rights_is_set(&set, CAP_READ, CAP_WRITE));
	cr_assert_not(cap_rights_is_set(&set, CAP_WRITE, CAP_READ));
	cr_assert_not(cap_rights_is_set(&set, CAP_READ, CAP_EVENT));
	cr_assert_eq(cap_rights_clear(&set, CAP_SEEK_TELL, CAP_KQUEUE_EVENT), &set);
	assert_words(&set, 9, 0x100000);
}

Test(libc, whole_sets)
{
	cap_rights_t a, b;

	CAP_ALL(&a);
	CAP_NONE(&b);
	cr_assert(ce_rights_equal(&a, &all) && ce_rights_equal(&b, &empty));
	cr_assert(cap_rights_is_valid(&a) && cap_rights_is_valid(&b));
	cr_assert(cap_rights_is_empty(&b));
	cr_assert_not(cap_rights_is_empty(&a));
	cr_assert(cap_rights_contains(&a, &b));
	cr_assert_not(cap_rights_contains(&b, &a));
	cr_assert_eq(cap_rights_merge(&b, CE_SET(CAP_READ, CAP_EVENT)), &b);
	assert_words(&b, 1, 0x20);
	cr_assert_eq(cap_rights_remove(&b, CE_SET(CAP_READ)), &b);
	assert_words(&b, 0, 0x20);
	cr_assert_eq(CAPVER(&a), 0);
	cr_assert_eq(CAPARSIZE(&a), 2);
	cr_assert_eq(CAPIDXBIT(CAP_READ), 1);
	cr_assert_eq(CAPIDXBIT(CAP_EVENT), 2);
}

Test(libc, unknown_bits)
{
	cap_rights_t set;

	cr_assert_eq(cap_rights_init(&set, CAP_UNUSED0_57), &set, "as in libc, limiting to it is what fails");
	cr_assert_not(cap_rights_is_valid(&set));
	cr_assert(ce_rights_is_valid(&set));
	errno = 0;
	assert_refused(cap_rights_merge(&set, CE_SET(CAP_READ)), &set);
}

Test(libc, what_libc_aborts_on_makes_the_set_invalid)
{
	static const uint64_t values[] = { 1, CAP_READ | CAP_EVENT, WORD(2) | 1, CAP_READ | UINT64_C(1) << 62, ~0ULL };
	cap_rights_t set;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		assert_refused(cap_rights_init(&set, CAP_READ, values[i], CAP_WRITE), &set);
		cap_rights_init(&set, CAP_READ);
		assert_refused(cap_rights_set(&set, CAP_WRITE, values[i]), &set);
		cap_rights_init(&set, CAP_READ);
		assert_refused(cap_rights_clear(&set, values[i]), &set);
		cap_rights_init(&set, CAP_READ);
		errno = 0;
		cr_assert_not(cap_rights_is_set(&set, values[i]));
		cr_assert_eq(errno, EINVAL);
		assert_words(&set, 1, 0);
	}
	cr_assert_null(__cap_rights_init(1, &set, CAP_READ, 0ULL));
	cr_assert_null(__cap_rights_init(0, NULL, CAP_READ, 0ULL));
}

Test(libc, invalid_sets)
{
	for (size_t i = 0; i < INVALID_COUNT; i++) {
		cap_rights_t set = invalid[i];
		cap_rights_t good = *CE_SET(CAP_READ);

		cr_assert_not(cap_rights_is_valid(&set));
		errno = 0;
		cr_assert_not(cap_rights_is_empty(&set));
		cr_assert_eq(errno, EINVAL);
		errno = 0;
		cr_assert_not(cap_rights_is_set(&set, CAP_READ));
		cr_assert_eq(errno, EINVAL);
		errno = 0;
		cr_assert_not(cap_rights_contains(&set, &good));
		cr_assert_eq(errno, EINVAL);
		errno = 0;
		cr_assert_not(cap_rights_contains(&good, &set));
		cr_assert_eq(errno, EINVAL);
		errno = 0;
		assert_refused(cap_rights_merge(&good, &set), &good);
		good = *CE_SET(CAP_READ);
		assert_refused(cap_rights_remove(&good, &set), &good);
		good = *CE_SET(CAP_READ);
		assert_refused(cap_rights_remove(&set, &good), &set);
		set = invalid[i];
		assert_refused(cap_rights_merge(&set, &good), &set);
		set = invalid[i];
		assert_refused(cap_rights_set(&set, CAP_READ), &set);
		set = invalid[i];
		assert_refused(cap_rights_clear(&set, CAP_READ), &set);
	}
	cr_assert_null(cap_rights_set(NULL, CAP_READ));
	cr_assert_null(cap_rights_merge(NULL, &all));
	cr_assert_not(cap_rights_is_valid(NULL));
}
#endif
