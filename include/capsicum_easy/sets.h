/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sets of rights: what cap_rights_set(3) and its kin do, without the abort().
 *
 * libc ends the program when it is given a value that is no right or a set that is not valid; these functions answer -1
 * with EINVAL, and leave the set as it was. They make no system call and allocate nothing.
 */
#ifndef CE_SETS_H_
#define CE_SETS_H_

#include "base.h"
#include "constants.h"

/* The number of a right's word, or -1 if it has not exactly one. */
static inline int ce_word_of_(uint64_t right)
{
	return right >> CE_INDEX_SHIFT_ == 1 ? 0 : right >> CE_INDEX_SHIFT_ == 2 ? 1 : -1;
}

/**
 * Whether a value is a right: of one word, with at least one bit, and with no bit that is not a right in any release
 * known here. Several rights of one word, ORed, are a right.
 */
CE_API bool ce_right_is_valid(uint64_t right)
{
	return !CE_IS_OF_TWO_WORDS_(right) && !CE_IS_EMPTY_(right) && !CE_IS_UNKNOWN_(right);
}

/**
 * Whether a set is well formed: version 0, and an index bit in each word. All functions that take a set check this.
 *
 * Bits that no name is known for are allowed, unlike in cap_rights_is_valid(3): a kernel newer than the program returns
 * them. ce_rights_contains(&all, set), with all = CE_ALL_RIGHTS, tells whether the system's header knows every bit.
 */
CE_API bool ce_rights_is_valid(const cap_rights_t *set)
{
	return set != NULL && ce_word_of_(set->cr_rights[0]) == 0 && ce_word_of_(set->cr_rights[1]) == 1;
}

/** Whether a valid set has no right; false for one that is not valid. */
CE_API bool ce_rights_is_empty(const cap_rights_t *set)
{
	return ce_rights_is_valid(set) && ((set->cr_rights[0] | set->cr_rights[1]) & CE_BITS_) == 0;
}

/** Whether two sets are valid and the same. */
CE_API bool ce_rights_equal(const cap_rights_t *a, const cap_rights_t *b)
{
	return ce_rights_is_valid(a) && ce_rights_is_valid(b) && a->cr_rights[0] == b->cr_rights[0] &&
	       a->cr_rights[1] == b->cr_rights[1];
}

/** Whether `big` has every right of `little`; false if either is not valid. */
CE_API bool ce_rights_contains(const cap_rights_t *big, const cap_rights_t *little)
{
	return ce_rights_is_valid(big) && ce_rights_is_valid(little) &&
	       (little->cr_rights[0] & ~big->cr_rights[0]) == 0 && (little->cr_rights[1] & ~big->cr_rights[1]) == 0;
}

/** Whether a set has every bit of a right; false if either is not valid. */
CE_API bool ce_rights_is_set(const cap_rights_t *set, uint64_t right)
{
	return ce_rights_is_valid(set) && ce_right_is_valid(right) &&
	       (right & ~set->cr_rights[ce_word_of_(right)]) == 0;
}

/**
 * Adds a right to a set.
 *
 * Returns 0, or -1 with EINVAL if the set or the right is not valid.
 */
CE_API int ce_rights_set(cap_rights_t *set, uint64_t right)
{
	if (!ce_rights_is_valid(set) || !ce_right_is_valid(right))
		return ce_fail_(EINVAL);
	set->cr_rights[ce_word_of_(right)] |= right;
	return 0;
}

/**
 * Takes every bit of a right away from a set: CAP_MKDIRAT takes CAP_LOOKUP along, which it includes.
 *
 * Returns 0, or -1 with EINVAL if the set or the right is not valid.
 */
CE_API int ce_rights_clear(cap_rights_t *set, uint64_t right)
{
	if (!ce_rights_is_valid(set) || !ce_right_is_valid(right))
		return ce_fail_(EINVAL);
	set->cr_rights[ce_word_of_(right)] &= ~(right & CE_BITS_);
	return 0;
}

/**
 * Adds all rights of `src` to `dst`.
 *
 * Returns 0, or -1 with EINVAL if either is not valid.
 */
CE_API int ce_rights_merge(cap_rights_t *dst, const cap_rights_t *src)
{
	if (!ce_rights_is_valid(dst) || !ce_rights_is_valid(src))
		return ce_fail_(EINVAL);
	dst->cr_rights[0] |= src->cr_rights[0];
	dst->cr_rights[1] |= src->cr_rights[1];
	return 0;
}

/**
 * Takes all rights of `src` away from `dst`.
 *
 * Returns 0, or -1 with EINVAL if either is not valid.
 */
CE_API int ce_rights_remove(cap_rights_t *dst, const cap_rights_t *src)
{
	if (!ce_rights_is_valid(dst) || !ce_rights_is_valid(src))
		return ce_fail_(EINVAL);
	dst->cr_rights[0] &= ~(src->cr_rights[0] & CE_BITS_);
	dst->cr_rights[1] &= ~(src->cr_rights[1] & CE_BITS_);
	return 0;
}

/**
 * Leaves in `dst` only the rights that `src` has too.
 *
 * Returns 0, or -1 with EINVAL if either is not valid.
 */
CE_API int ce_rights_intersect(cap_rights_t *dst, const cap_rights_t *src)
{
	if (!ce_rights_is_valid(dst) || !ce_rights_is_valid(src))
		return ce_fail_(EINVAL);
	dst->cr_rights[0] &= src->cr_rights[0];
	dst->cr_rights[1] &= src->cr_rights[1];
	return 0;
}

/**
 * Stores in `dst` the rights of the system's header that `src` does not have; the two may be the same set.
 *
 * Returns 0, or -1 with EINVAL if `src` is not valid or `dst` is NULL.
 */
CE_API int ce_rights_complement(cap_rights_t *dst, const cap_rights_t *src)
{
	const cap_rights_t all = CE_ALL_RIGHTS;

	if (dst == NULL || !ce_rights_is_valid(src))
		return ce_fail_(EINVAL);
	dst->cr_rights[0] = all.cr_rights[0] & ~(src->cr_rights[0] & CE_BITS_);
	dst->cr_rights[1] = all.cr_rights[1] & ~(src->cr_rights[1] & CE_BITS_);
	return 0;
}

#endif /* CE_SETS_H_ */
