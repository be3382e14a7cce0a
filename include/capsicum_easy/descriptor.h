/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a descriptor shall be limited to, as data.
 */
#ifndef CE_DESCRIPTOR_H_
#define CE_DESCRIPTOR_H_

#include "base.h"
#include "system.h"

/** In place of a set of rights: leave them as they are. Only for functions whose comment mentions it. */
#define CE_RIGHTS_KEEP ((const cap_rights_t *)-1)
/** The most ioctl commands in one list: FreeBSD's IOCTLS_MAX_COUNT, in sys/kern/sys_capability.c. */
#define CE_IOCTLS_MAX 256u
/** In place of a number of ioctl commands: leave them as they are. */
#define CE_IOCTLS_KEEP SIZE_MAX
/** In place of CAP_FCNTL_ flags: leave them as they are. */
#define CE_FCNTLS_KEEP UINT32_MAX

/**
 * A descriptor and its limits, for ce_limit_each(). What is left out, and so is 0, allows nothing: no ioctl and no
 * fcntl commands. Rights must be named: NULL is EINVAL.
 */
struct ce_descriptor {
	int fd;			     /**< the open descriptor */
	const cap_rights_t *rights;  /**< a set, or CE_RIGHTS_KEEP */
	const unsigned long *ioctls; /**< the only ioctl commands, nioctls of them */
	size_t nioctls;		     /**< CE_IOCTLS_KEEP, or at most CE_IOCTLS_MAX */
	uint32_t fcntls;	     /**< CE_FCNTLS_KEEP, or the only CAP_FCNTL_ commands */
};

#endif
