/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions on sets that FreeBSD's libc has (cap_rights_init(3)), for systems without it.
 *
 * Where libc calls abort(), these set errno to EINVAL and return NULL or false, and make the set that they were to
 * change all zeros. That is no valid set, so whatever is done with it next fails as well: never a limit that is looser
 * than the one that was meant.
 */
#ifndef CE_LINUX_LIBC_SETS_H_
#define CE_LINUX_LIBC_SETS_H_

#include <stdarg.h>

#include "../../capsicum_easy/sets.h"

/* Returns `set` if `result` is 0, otherwise NULL after making it invalid. */
static inline cap_rights_t *ce_set_or_null_(cap_rights_t *set, int result)
{
	if (result == 0)
		return set;
	if (set != NULL)
		memset(set, 0, sizeof(*set));
	return NULL;
}

/* Adds the rights of a list that ends with 0. As in libc, bits that are no right of this release may be among them. */
static inline int ce_rights_set_list_(cap_rights_t *set, va_list list)
{
	uint64_t right;

	if (!ce_rights_is_valid(set))
		return ce_fail_(EINVAL);
	while ((right = va_arg(list, unsigned long long)) != 0) {
		if (ce_word_of_(right) < 0)
			return ce_fail_(EINVAL);
		set->cr_rights[ce_word_of_(right)] |= right;
	}
	return 0;
}

/* Takes away the rights of a list that ends with 0. */
static inline int ce_rights_clear_list_(cap_rights_t *set, va_list list)
{
	uint64_t right;

	if (!ce_rights_is_valid(set))
		return ce_fail_(EINVAL);
	while ((right = va_arg(list, unsigned long long)) != 0) {
		if (ce_word_of_(right) < 0)
			return ce_fail_(EINVAL);
		set->cr_rights[ce_word_of_(right)] &= ~(right & CE_BITS_);
	}
	return 0;
}

/** cap_rights_init(): makes a set with the rights listed. NULL and EINVAL for another version or for no right. */
CE_API cap_rights_t *__cap_rights_init(int version, cap_rights_t *rights, ...)
{
	const cap_rights_t none = CE_NO_RIGHTS;
	va_list list;
	int result;

	if (version != CAP_RIGHTS_VERSION_00 || rights == NULL)
		return ce_set_or_null_(rights, ce_fail_(EINVAL));
	*rights = none;
	va_start(list, rights);
	result = ce_rights_set_list_(rights, list);
	va_end(list);
	return ce_set_or_null_(rights, result);
}

/** cap_rights_set(): adds the rights listed. NULL and EINVAL if the set or one of them is not valid. */
CE_API cap_rights_t *__cap_rights_set(cap_rights_t *rights, ...)
{
	va_list list;
	int result;

	va_start(list, rights);
	result = ce_rights_set_list_(rights, list);
	va_end(list);
	return ce_set_or_null_(rights, result);
}

/** cap_rights_clear(): takes the rights listed away. NULL and EINVAL if the set or one of them is not valid. */
CE_API cap_rights_t *__cap_rights_clear(cap_rights_t *rights, ...)
{
	va_list list;
	int result;

	va_start(list, rights);
	result = ce_rights_clear_list_(rights, list);
	va_end(list);
	return ce_set_or_null_(rights, result);
}

/** cap_rights_is_set(): whether a set has all rights listed. false and EINVAL if the set or one is not valid. */
CE_API bool __cap_rights_is_set(const cap_rights_t *rights, ...)
{
	cap_rights_t wanted = CE_NO_RIGHTS;
	va_list list;
	int result;

	va_start(list, rights);
	result = ce_rights_set_list_(&wanted, list);
	va_end(list);
	if (!ce_rights_is_valid(rights))
		result = ce_fail_(EINVAL);
	return result == 0 && ce_rights_contains(rights, &wanted);
}

/** Whether a set has no right; false and EINVAL if it is not valid. */
CE_API bool cap_rights_is_empty(const cap_rights_t *rights)
{
	if (!ce_rights_is_valid(rights))
		return ce_fail_(EINVAL) == 0;
	return ce_rights_is_empty(rights);
}

/** Whether a set is well formed and has no bit that is not a right. */
CE_API bool cap_rights_is_valid(const cap_rights_t *rights)
{
	const cap_rights_t all = CE_ALL_RIGHTS;

	return ce_rights_contains(&all, rights);
}

/** Adds all rights of `src` to `dst`, and returns it. NULL and EINVAL if either is not valid. */
CE_API cap_rights_t *cap_rights_merge(cap_rights_t *dst, const cap_rights_t *src)
{
	if (!cap_rights_is_valid(dst) || !cap_rights_is_valid(src))
		return ce_set_or_null_(dst, ce_fail_(EINVAL));
	return ce_set_or_null_(dst, ce_rights_merge(dst, src));
}

/** Takes all rights of `src` away from `dst`, and returns it. NULL and EINVAL if either is not valid. */
CE_API cap_rights_t *cap_rights_remove(cap_rights_t *dst, const cap_rights_t *src)
{
	if (!cap_rights_is_valid(dst) || !cap_rights_is_valid(src))
		return ce_set_or_null_(dst, ce_fail_(EINVAL));
	return ce_set_or_null_(dst, ce_rights_remove(dst, src));
}

/** Whether `big` has every right of `little`. false and EINVAL if either is not valid. */
CE_API bool cap_rights_contains(const cap_rights_t *big, const cap_rights_t *little)
{
	if (!ce_rights_is_valid(big) || !ce_rights_is_valid(little))
		return ce_fail_(EINVAL) == 0;
	return ce_rights_contains(big, little);
}

#endif /* CE_LINUX_LIBC_SETS_H_ */
