/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The parts of capsicum_easy.h, in the order in which they build on each other. The generator joins them.
 */
#if defined(__cplusplus) && defined(__GNUC__)
/* They are C as well as C++, with C's casts and NULL: of no use to whoever has these warnings on for C++. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wzero-as-null-pointer-constant"
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wuseless-cast"
#endif
#endif

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

#include "base.h"
#include "constants.h"
#include "sets.h"
#include "names.h"
#include "text.h"

#if !defined(__FreeBSD__)
#include "../linux/enforcement/rights.h"
#endif

#include "descriptor.h"
#if !defined(__FreeBSD__)
#include "../linux/enforcement/kernel.h"
#ifdef CE_LINUX_ENFORCES
#include "../linux/enforcement/bpf.h"
#include "../linux/enforcement/policy.h"
#include "../linux/enforcement/question.h"
#include "../linux/enforcement/filter.h"
#include "../linux/enforcement/limits.h"
#include "../linux/enforcement/numbers.h"
#include "../linux/enforcement/rings.h"
#include "../linux/enforcement/table.h"
#include "../linux/enforcement/calls.h"
#include "../linux/enforcement/landlock.h"
#include "../linux/enforcement/mode.h"
#include "../linux/enforcement/procdesc.h"
#else
#include "../linux/enforcement/unsupported.h"
#endif
#endif

#include "descriptors.h"
#include "opening.h"
#include "mode.h"
#include "streams.h"
#include "sandbox.h"
#include "preparing.h"
#include "processes.h"
#include "explain.h"

#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
