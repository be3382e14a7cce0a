/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * io_uring's polling threads. A ring set up with IORING_SETUP_SQPOLL takes requests from memory without a system call,
 * so no filter sees them; a process that has one cannot be limited. Rings without such a thread need io_uring_enter(2),
 * which limits and capability mode refuse.
 */
#ifndef CE_LINUX_RINGS_H_
#define CE_LINUX_RINGS_H_

#include "bpf.h"
#include "installing.h"
#include "question.h"
#include "threads.h"

#define CE_NR_IO_URING_SETUP_ 425

/*
 * EBUSY if the process has a polling ring. Its thread is one of the process's own from Linux 5.12 on, and found in
 * /proc; before, or without /proc, it is not found. What a thread does that the C library is starting or ending shows
 * in a moment; one that goes on running is taken for one that polls. *looked: false where there was no /proc. EMFILE,
 * ENFILE or ENOMEM if there is no room to look.
 */
CE_APART_ int ce_look_for_rings_(bool *looked)
{
	struct ce_threads_ others;
	int saved = errno;
	unsigned looks;

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

/* Whether there is none for certain: the first limit, or entering, has looked, and none can be made since. */
CE_COLD_ bool ce_has_no_rings_(void)
{
	unsigned bits;

	return ce_ask_(CE_ASK_CLOSED_, 0, 0, &bits) || ce_ask_(CE_ASK_MODE_, 0, 0, &bits) || ce_is_single_threaded_();
}

/* As ce_look_for_rings_, where it is not known. */
CE_APART_ int ce_check_rings_(bool *looked)
{
	*looked = true;
	return ce_has_no_rings_() ? 0 : ce_look_for_rings_(looked);
}

/*
 * Before entering: lets nobody make a ring any more, and looks whether a thread made one since the last look. Inside,
 * where rings are refused, looking would be too late. A thread that is just making one is still missed.
 */
CE_COLD_ int ce_end_rings_(void)
{
	static const struct ce_bpf_insn_ without[] = {
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_NR_ }, /* of 32-bit calls too; x32's is refused by the next filter */
		{ CE_BPF_JEQ_, 0, 1, CE_NR_IO_URING_SETUP_ },
		{ CE_BPF_RET_, 0, 0, CE_SECCOMP_ERRNO_ | ENOSYS },
		{ CE_BPF_RET_, 0, 0, CE_SECCOMP_ALLOW_ },
	};
	bool looked;

	if (ce_has_no_rings_())
		return 0;
	if (ce_program_install_(without, sizeof(without) / sizeof(without[0]), CE_SECCOMP_FLAG_TSYNC_) != 0)
		return -1;
	return ce_look_for_rings_(&looked);
}

#endif
