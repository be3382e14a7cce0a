/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How this file is used: what a program may define before it includes it.
 */
#ifndef CE_OPTIONS_H_
#define CE_OPTIONS_H_

/*
 * Nothing: every unit that includes the file gets functions of its own, and there is nothing to link. A unit compiles
 * what it calls, which takes about half a second.
 *
 * CAPSICUM_EASY_DECLARATIONS: only the declarations, which cost no more than <stdio.h>. The functions come from
 * libcapsicum_easy (pkg-config: libcapsicum_easy), or from one unit of the program that defines
 *
 * CAPSICUM_EASY_IMPLEMENTATION: as well as the declarations, the functions, for the whole program.
 *
 * CE_LANDLOCK_MAX: on Linux, the newest ABI of Landlock to use, to try what an older kernel gives; 0 for none.
 *
 * CE_API: what stands before each public function, such as an attribute for its visibility. It is chosen by the two
 * above unless the program defines it.
 */
#ifndef CE_API
#if !defined(CAPSICUM_EASY_DECLARATIONS) && !defined(CAPSICUM_EASY_IMPLEMENTATION)
/** What stands before each public function. */
#define CE_API static inline
#elif defined(__cplusplus)
#define CE_API extern "C"
#else
#define CE_API extern
#endif
#endif

#endif
