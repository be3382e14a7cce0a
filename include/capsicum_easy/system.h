/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system's <sys/capsicum.h>: FreeBSD's own there, ours elsewhere.
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

#endif
