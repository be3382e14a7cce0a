/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FreeBSD's calls where the system does not have them: enforced by Linux, or answering ENOSYS.
 */
#ifndef CE_ENFORCEMENT_H_
#define CE_ENFORCEMENT_H_

#include "system.h"

#if !defined(__FreeBSD__)
#include "../linux/enforcement/libc_sets.h"
#include "../linux/enforcement/kernel.h"
#include "../linux/sys/procdesc.h" /* for both, since the joined header has it once */
#ifdef CE_LINUX_ENFORCES_
#include "../linux/enforcement/libc_limits.h"
#include "../linux/enforcement/moving.h"
#include "../linux/enforcement/entering.h"
#include "../linux/enforcement/procdesc.h"
#include "../linux/enforcement/system_call.h"
#else
#include "../linux/enforcement/unsupported.h"
#endif
#endif

#endif
