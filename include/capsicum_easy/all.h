/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The parts of capsicum_easy.h, in the order in which they build on each other. The generator joins them.
 */
#if defined(__FreeBSD__)
#include <sys/param.h>
#if __FreeBSD_version < 1002000
#include <sys/capability.h>
#else
#include <sys/capsicum.h>
#endif
#else
#include "../freebsd/sys/capsicum.h"
#endif

#include "base.h"
#include "constants.h"
#include "sets.h"
#include "names.h"
#include "text.h"

#if !defined(__FreeBSD__)
#include "../linux/rights.h"
#endif

#include "descriptor.h"
#if !defined(__FreeBSD__)
#include "../linux/kernel.h"
#ifdef CE_LINUX_ENFORCES
#include "../linux/bpf.h"
#include "../linux/policy.h"
#include "../linux/question.h"
#include "../linux/filter.h"
#include "../linux/limits.h"
#include "../linux/numbers.h"
#include "../linux/landlock.h"
#include "../linux/mode.h"
#else
#include "../linux/unsupported.h"
#endif
#endif

#include "descriptors.h"
#include "opening.h"
#include "mode.h"
