/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every part uses: the standard headers, two errno names, and the compiler differences.
 */
#ifndef CE_BASE_H_
#define CE_BASE_H_

#include "options.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__FreeBSD__)
#include <sys/cdefs.h>
#if !__BSD_VISIBLE
#error "FreeBSD's <sys/capsicum.h> needs what _POSIX_C_SOURCE and _XOPEN_SOURCE hide: do not define them"
#endif
#endif

/*
 * FreeBSD's two errnos of Capsicum. Its numbers, 93 and 94, are protocol errors on Linux, so there they are a
 * hundred higher, far from Linux's last one, 134. ce_strerror() has text for them.
 */
#ifndef ENOTCAPABLE
/** The descriptor lacks a right; FreeBSD's own, 93, where there is one. */
#define ENOTCAPABLE 193
#endif
#ifndef ECAPMODE
/** Refused in capability mode; FreeBSD's own, 94, where there is one. */
#define ECAPMODE 194
#endif

/* A check at compile time, with a text that the compiler shows, in every language and mode that has one. */
#if defined(__cplusplus)
#define CE_STATIC_ASSERT_(condition, text) static_assert(condition, text)
#elif (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L && !defined(__TINYC__)) || defined(__GNUC__)
#define CE_STATIC_ASSERT_(condition, text) __extension__ _Static_assert(condition, text)
#else
#define CE_STATIC_ASSERT_(condition, text) extern char ce_static_assert_[(condition) ? 1 : -1]
#endif

/* On functions that protect only if they succeed: whoever ignores the result gets a warning. */
#if defined(__GNUC__)
#define CE_CHECKED_ __attribute__((__warn_unused_result__))
#else
#define CE_CHECKED_
#endif

/*
 * Functions that run a few times in a program's life, for size, and those of them that stay functions: since several
 * others call them, or so that the public one that calls them is small, and is not optimised with them. The header then
 * takes half the time to compile (bench/header.py). GCC warns of an inline function that may not be inlined, and
 * without optimisation it keeps others that nobody calls.
 */
#ifdef __GNUC__
#define CE_COLD_ static inline __attribute__((__cold__))
#else
#define CE_COLD_ static inline
#endif
#if defined(__clang__)
#define CE_APART_ CE_COLD_ __attribute__((__noinline__))
#elif defined(__GNUC__) && defined(__OPTIMIZE__)
#define CE_APART_ static __attribute__((__cold__, __noinline__, __unused__))
#else
#define CE_APART_ CE_COLD_
#endif

/* Sets errno and returns -1. */
CE_APART_ int ce_fail_(int error)
{
	errno = error;
	return -1;
}

#endif /* CE_BASE_H_ */
