/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system: its <sys/capsicum.h>, FreeBSD's own there and ours elsewhere, and whether Linux can enforce limits.
 */
#ifndef CE_SYSTEM_H_
#define CE_SYSTEM_H_

#if defined(__FreeBSD__)
#include <sys/param.h>
#if __FreeBSD_version < 1002000
#include <sys/capability.h>
#else
#include <sys/capsicum.h>
#endif
#else
#include "../linux/sys/capsicum.h"
#endif

#if defined(__linux__) && defined(__x86_64__) && !defined(__ILP32__)
#define CE_LINUX_X86_64_ 1
#elif defined(__linux__) && defined(__aarch64__) && defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define CE_LINUX_AARCH64_ 1
#endif

/* Set where Linux enforces limits for us. Other architectures answer ENOSYS: their policy was never reviewed. */
#if defined(CE_LINUX_X86_64_) || defined(CE_LINUX_AARCH64_)
#define CE_LINUX_ENFORCES_ 1
#endif

#endif
