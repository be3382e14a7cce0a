/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was lost when capability mode was entered: what it has elsewhere, and could not have here. The kernel remembers
 * it, so whoever finds that nothing can be opened can ask why. Nothing is ever lost on FreeBSD.
 */
#ifndef CE_LOST_H_
#define CE_LOST_H_

#include "enforcement.h"
#include "text.h"

/** With other threads Landlock before Linux 7.0 cannot confine the process: no lookups, no signals. */
#define CE_LOST_THREADS 1u
/** The kernel has no Landlock, or a container forbids it: no lookups, no signals but to the process itself. */
#define CE_LOST_LANDLOCK 2u
/** Landlock needs a descriptor, and RLIMIT_NOFILE is 0: as without Landlock. */
#define CE_LOST_DESCRIPTORS 4u
/** There was no /proc to look at the other threads in: an io_uring that the kernel polls would not have been found. */
#define CE_LOST_PROC 8u

/**
 * What was lost at entry: CE_LOST_ flags, ORed; 0 if nothing was, and outside capability mode. Leaves errno alone.
 *
 * Ask after entering if the program needs directories: ce_enter() succeeds, since a loss only makes it stricter.
 */
CE_API unsigned ce_lost(void)
{
#ifdef CE_LINUX_ENFORCES_
	return ce_mode_flags_() >> CE_MODE_LOST_SHIFT_;
#else
	return 0;
#endif
}

#ifdef CE_LINUX_ENFORCES_
static inline void ce_write_lost_threads_(struct ce_writer_ *out)
{
	const unsigned threads = ce_answer_(CE_ASK_MODE_, CE_ASK_MODE_THREADS_, 0);

	if (threads < 2) {
		ce_write_(out, "this process shared its memory when it entered");
	} else {
		ce_write_(out, "this process had ");
		ce_write_number_(out, threads, 10);
		ce_write_(out, " threads when it entered");
	}
	ce_write_(out, ", and this kernel confines one (Linux 7.0 confines all): enter before any is started");
}

static inline void ce_write_lost_(struct ce_writer_ *out)
{
	const unsigned lost = ce_lost();

	if ((lost & CE_LOST_THREADS) != 0)
		ce_write_lost_threads_(out);
	if ((lost & CE_LOST_LANDLOCK) != 0)
		ce_write_(out, "this kernel has no Landlock, or a container forbids it, so nothing can be opened");
	if ((lost & CE_LOST_DESCRIPTORS) != 0)
		ce_write_(out, "RLIMIT_NOFILE was 0 when this process entered, so nothing can be opened");
	if ((lost & CE_LOST_PROC) != 0)
		ce_write_(out, "; without /proc its other threads could not be looked at");
}
#else
static inline void ce_write_lost_(struct ce_writer_ *out)
{
	(void)out;
}
#endif

/**
 * Says in words what was lost at entry: "this process had 2 threads when it entered, and this kernel confines one ...".
 * Empty if nothing was.
 *
 * As snprintf(3): at most size bytes with the final NUL are stored, buffer may be NULL if size is 0, and the length of
 * the whole text is returned. errno: EFAULT (no buffer).
 */
CE_API int ce_explain_lost(char *buffer, size_t size)
{
	struct ce_writer_ out = ce_writer_to_(buffer, size);

	if (buffer == NULL && size != 0)
		return ce_fail_(EFAULT);
	ce_write_lost_(&out);
	return ce_write_end_(&out);
}

#endif
