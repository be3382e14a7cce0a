/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a descriptor is limited to, as plain data.
 */
#ifndef CE_LINUX_LIMIT_H_
#define CE_LINUX_LIMIT_H_

#include "../../capsicum_easy/base.h"
#include "../../capsicum_easy/descriptor.h"

#define CE_LIMITS_MAX_ 256u /* ranges of descriptors in one filter */

/* The limits that descriptors first..last share. */
struct ce_limited_ {
	uint32_t first;
	uint32_t last;
	uint32_t fcntls;
	uint64_t rights[2]; /* without index bits */
	int32_t ioctls;	    /* how many commands are allowed; -1: all */
	const uint32_t *ioctl;
	/* Pools, pools.h. */
	bool copies;	/* these numbers are a pool, as it was made: copies may be made within it */
	uint16_t pool;	/* the code of the first number of the pool that these lie in; 0: they lie in none */
	uint16_t older; /* how many pools with the same limits there were before this one */
	/* What earlier filters hold already, and this one need not repeat. All 0: nothing. */
	bool limited;
	bool same_ioctls;
	uint32_t fcntls_before;
	uint64_t rights_before[2];
};

static inline bool ce_has_bits_(const uint64_t have[2], const uint64_t want[2])
{
	return (want[0] & ~have[0]) == 0 && (want[1] & ~have[1]) == 0;
}

/* Whether two limits have the same ioctl list, in the same order. */
CE_APART_ bool ce_limit_same_ioctls_(const struct ce_limited_ *a, const struct ce_limited_ *b)
{
	int32_t i;

	if (a->ioctls != b->ioctls)
		return false;
	for (i = 0; i < a->ioctls; i++)
		if (a->ioctl[i] != b->ioctl[i])
			return false;
	return true;
}

/* Whether two limits are alike in all but the descriptors. */
CE_APART_ bool ce_limit_equal_(const struct ce_limited_ *a, const struct ce_limited_ *b)
{
	return a->rights[0] == b->rights[0] && a->rights[1] == b->rights[1] && a->fcntls == b->fcntls &&
	       ce_limit_same_ioctls_(a, b) && a->copies == b->copies && a->pool == b->pool && a->older == b->older &&
	       a->limited == b->limited && a->same_ioctls == b->same_ioctls && a->fcntls_before == b->fcntls_before &&
	       a->rights_before[0] == b->rights_before[0] && a->rights_before[1] == b->rights_before[1];
}

#endif
