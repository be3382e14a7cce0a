/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capability mode: FreeBSD's cap_enter(2), cap_getmode(2) and cap_sandboxed(3).
 *
 * Entering is no_new_privs, a Landlock domain, then a seccomp filter for all threads, in this order: the filter is what
 * allows lookups, so the domain that confines them must stand first. With threads a filter comes before all of it that
 * lets none make an io_uring meanwhile (rings.h).
 */
#ifndef CE_LINUX_ENTERING_H_
#define CE_LINUX_ENTERING_H_

#include "filter.h"
#include "landlock.h"
#include "metadata.h"
#include "rings.h"

/* The answer of capability mode's own filter: CE_MODE_ flags, 0 outside. */
CE_COLD_ unsigned ce_mode_flags_(void)
{
	return ce_answer_(CE_ASK_MODE_, 0, 0);
}

/*
 * No core dumps, as on FreeBSD (kern.capmode_coredump): the kernel would write a file by its path, or start a program
 * of root's. One byte is less than any core, and keeps it from that program too, which a limit of 0 does not
 * (fs/coredump.c). Where the limit is 0 for good it stays so. errno: EPERM, if a filter forbids the call.
 */
CE_COLD_ int ce_forbid_cores_(void)
{
	const uint64_t one[2] = { 1, 1 };
	uint64_t present[2] = { 1, 1 };

	if (syscall(SYS_prlimit64, 0L, (long)CE_RLIMIT_CORE_, ce_pointer_(one), 0L) == 0)
		return 0;
	syscall(SYS_prlimit64, 0L, (long)CE_RLIMIT_CORE_, 0L, ce_pointer_(present));
	return present[1] == 0 ? 0 : ce_fail_(EPERM);
}

/* How many threads the process has, as an answer to a question; 0 where /proc does not tell. */
CE_COLD_ unsigned ce_count_threads_(void)
{
	struct ce_threads_ others;
	unsigned threads;

	if (ce_threads_look_(&others) != 0 || !others.seen)
		return 0;
	threads = others.living + others.dying + 1;
	return threads < CE_ANSWER_BITS_ ? threads : CE_ANSWER_BITS_;
}

/* The domain, as far as this kernel has one for these threads. */
CE_COLD_ int ce_enter_domain_(struct ce_mode_ *mode)
{
	const unsigned abi = ce_landlock_abi_();
	bool single;

	if (abi == 0) {
		mode->lost |= CE_MODE_LOST_LANDLOCK_;
		return 0;
	}
	single = abi >= CE_LANDLOCK_THREADS_ ? ce_is_single_threaded_() : ce_becomes_single_threaded_();
	if (single || abi >= CE_LANDLOCK_THREADS_)
		return ce_landlock_restrict_(abi, !single, mode);
	mode->lost |= CE_MODE_LOST_THREADS_;
	mode->threads = ce_count_threads_();
	return 0;
}

/* Whether paths shall have no metadata: nobody holds a directory that grants it, and nothing is to be executed. */
CE_COLD_ int ce_enter_shut_(struct ce_mode_ *mode)
{
	static const uint64_t granting[2] = { CE_BITS_IN_WORD0_(CAP_FSTATAT), 0 };
	int shut;

	if (ce_has_bits_(mode->any, granting)) {
		mode->metadata = ce_can_seal_();
		return 0;
	}
	if (mode->executes)
		return 0;
	shut = ce_empty_learn_(&mode->empty);
	mode->metadata = mode->shut = shut > 0;
	return shut < 0 ? -1 : 0;
}

/* Every step of entering, in order. */
CE_APART_ int ce_enter_steps_(void)
{
	struct ce_mode_ mode;
	struct ce_filter_ filter = { &mode, NULL, 0, false };
	bool looked;

	if (!ce_has_filters_())
		return ce_fail_(ENOSYS);
	memset(&mode, 0, sizeof(mode));
	if (ce_check_rings_(&looked) != 0 || ce_own_table_() != 0)
		return -1;
	mode.lost = looked ? 0 : CE_MODE_LOST_PROC_;
	if (ce_set_no_new_privs_() != 0 || ce_end_rings_() != 0 || ce_enter_domain_(&mode) != 0 ||
	    ce_enter_shut_(&mode) != 0 || ce_forbid_cores_() != 0)
		return -1;
	mode.self = (uint32_t)syscall(SYS_getpid);
	return ce_filter_install_(&filter);
}

/**
 * Enters capability mode, for the process and for good; again is no error. What the process then may do is
 * docs/linux.md's table. With more than one thread, and Landlock before ABI 8, lookups from directories are refused
 * too; so they are with RLIMIT_NOFILE 0.
 *
 * errno: ENOSYS (no seccomp filters, or a container forbids them), ENOMEM, EBUSY (a thread with a filter of its own, or
 * an io_uring that the kernel polls), E2BIG (16 Landlock domains already), EMFILE or ENFILE (no room to look), EPERM (a
 * filter that forbids prlimit(2)). After an error the process may be more restricted than before, but is not in
 * capability mode.
 */
CE_API int cap_enter(void)
{
	if (ce_mode_flags_() != 0 || ce_enter_steps_() == 0)
		return 0;
	/* Another thread may have entered meanwhile, and the whole process with it: a step was then refused for that.
	 */
	return ce_mode_flags_() != 0 ? 0 : -1;
}

/** Writes 1 to *modep in capability mode, else 0. errno: EFAULT. */
CE_API int cap_getmode(unsigned *modep)
{
	if (ce_check_writable_int_(modep) != 0)
		return -1;
	*modep = ce_mode_flags_() != 0;
	return 0;
}

/** Whether the process is in capability mode. Never fails. */
CE_API bool cap_sandboxed(void)
{
	return ce_mode_flags_() != 0;
}

#endif
