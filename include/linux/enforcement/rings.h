/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * io_uring's polling threads. A ring set up with IORING_SETUP_SQPOLL takes requests from memory without a system call,
 * so no filter sees them; a process that has one cannot be limited. Rings without such a thread need io_uring_enter(2),
 * which limits and capability mode refuse.
 */
#ifndef CE_LINUX_RINGS_H_
#define CE_LINUX_RINGS_H_

#include "threads.h"

/*
 * EBUSY if the process has a polling ring. Its thread is one of the process's own from Linux 5.12 on, and found in
 * /proc; before, or without /proc, it is not found. What a thread does that the C library is starting or ending shows
 * in a moment; one that goes on running is taken for one that polls. *looked: false where there was no /proc. EMFILE,
 * ENFILE or ENOMEM if there is no room to look.
 */
CE_APART_ int ce_check_rings_(bool *looked)
{
	struct ce_threads_ others;
	int saved = errno;
	unsigned looks, bits;

	*looked = true;
	/* The first limit, or entering, has looked, and none can be made since. */
	if (ce_ask_(CE_ASK_CLOSED_, 0, 0, &bits) || ce_ask_(CE_ASK_MODE_, 0, 0, &bits) || ce_is_single_threaded_())
		return 0;
	for (looks = 0; looks < CE_LOOKS_; looks++) {
		if (ce_threads_look_(&others) != 0)
			return -1;
		*looked = others.seen;
		if (others.polling > 0)
			break;
		if (others.unclear == 0) {
			errno = saved;
			return 0;
		}
		ce_wait_between_looks_();
	}
	return ce_fail_(EBUSY);
}

#endif
