/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Metadata of paths in capability mode: stat(2) and its kin are refused for every path, but not for a descriptor
 * itself.
 *
 * A filter cannot read a path, and the C library's fstat(3) may be newfstatat(fd, "", ..., AT_EMPTY_PATH), which asks
 * for the descriptor itself by an empty path (glibc 2.33 to 2.38; musl, and glibc before and after, have fstat(2)).
 * That path is a constant of the library's: it is known by its address, once mseal(2) has made the page that it is in
 * unchangeable. A program that is executed has pages of its own, so this and executing exclude each other.
 */
#ifndef CE_LINUX_METADATA_H_
#define CE_LINUX_METADATA_H_

#include "bpf.h"
#include "child.h"
#include "installing.h"
#include "question.h"

#include <sys/stat.h>

#define CE_NR_MSEAL_ 462 /* Linux 6.10 */
#ifdef CE_LINUX_X86_64_
#define CE_NR_NEWFSTATAT_ 262
#else
#define CE_NR_NEWFSTATAT_ 79
#endif
#define CE_MADV_POPULATE_WRITE_ 23L

/*
 * A number that no descriptor has. Asked about by newfstatat(2), the filter below answers with some bits of the address
 * of the path: how far these are shifted is in the low bits, and whether they are of the address's upper half.
 */
#define CE_EMPTY_ASK_ 0x43415040u
#define CE_EMPTY_SHIFT_ 0x1fu
#define CE_EMPTY_UPPER_ 0x20u

#define CE_BPF_JSET_ 0x45u
#define CE_BPF_TAX_ 0x07u   /* BPF_MISC | BPF_TAX: X = A */
#define CE_BPF_RSH_X_ 0x7cu /* BPF_ALU | BPF_RSH | BPF_X: A >>= X */

/* The filter that answers: it allows everything else. flags: of seccomp(2). errno: as ce_program_install_(). */
CE_COLD_ int ce_empty_install_(unsigned flags)
{
	static const struct ce_bpf_insn_ answer[] = {
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_ARCH_ },
		{ CE_BPF_JEQ_, 0, 17, CE_AUDIT_ARCH_ },
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_NR_ },
		{ CE_BPF_JEQ_, 0, 15, CE_NR_NEWFSTATAT_ },
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_LOW_(0) },
		{ CE_BPF_AND_, 0, 0, ~(CE_EMPTY_SHIFT_ | CE_EMPTY_UPPER_) },
		{ CE_BPF_JEQ_, 0, 12, CE_EMPTY_ASK_ },
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_LOW_(0) },
		{ CE_BPF_AND_, 0, 0, CE_EMPTY_SHIFT_ },
		{ CE_BPF_TAX_, 0, 0, 0 },
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_LOW_(0) },
		{ CE_BPF_JSET_, 0, 2, CE_EMPTY_UPPER_ },
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_HIGH_(1) },
		{ CE_BPF_JA_, 0, 0, 1 },
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_LOW_(1) },
		{ CE_BPF_RSH_X_, 0, 0, 0 },
		{ CE_BPF_AND_, 0, 0, CE_ANSWER_BITS_ },
		{ CE_BPF_OR_, 0, 0, CE_SECCOMP_ERRNO_ | CE_ANSWER_ },
		{ CE_BPF_RET_A_, 0, 0, 0 },
		{ CE_BPF_RET_, 0, 0, CE_SECCOMP_ALLOW_ },
	};

	return ce_program_install_(answer, sizeof(answer) / sizeof(answer[0]), flags);
}

/* Asks by the C library's own fstat(3). False if there is no answer: nobody gives one, or it uses another call. */
CE_COLD_ bool ce_empty_bits_(uint32_t which, unsigned shift, uint64_t *address)
{
	struct stat status;

	if (fstat((int)(CE_EMPTY_ASK_ | which), &status) == 0 || errno < (int)CE_ANSWER_)
		return false;
	*address |= (uint64_t)((unsigned)errno & CE_ANSWER_BITS_) << shift;
	return true;
}

/* What was found out. */
struct ce_empty_ {
	bool known;	  /* whether the C library gives a path is known, and which */
	uint64_t address; /* of the path; 0: it gives none */
};

/* Asks for the whole address, where the filter is in force. */
CE_COLD_ void ce_empty_ask_(struct ce_empty_ *empty)
{
	unsigned shift;

	for (shift = 0; shift < 32; shift += CE_ANSWER_WIDTH_) {
		if (!ce_empty_bits_(shift, shift, &empty->address) ||
		    !ce_empty_bits_(CE_EMPTY_UPPER_ | shift, 32 + shift, &empty->address)) {
			empty->known = errno == EBADF; /* what fstat(2) says of that number */
			empty->address = 0;
			return;
		}
	}
	empty->known = true;
}

/* In a child, so that the filter does not stay. */
CE_COLD_ int ce_empty_child_(void *context)
{
	if (ce_empty_install_(0) == 0)
		ce_empty_ask_((struct ce_empty_ *)context);
	return 0;
}

/* Whether there is an empty path at an address, for good. */
CE_COLD_ bool ce_empty_seal_(uint64_t address)
{
	const long size = sysconf(_SC_PAGESIZE);
	const long page = (long)address & -size;

	if (size <= 0 || *(const char *)(uintptr_t)address != '\0')
		return false;
	/* EINVAL: it cannot be written, which sealing would not change */
	if (syscall(SYS_madvise, page, size, CE_MADV_POPULATE_WRITE_) == 0 || errno != EINVAL)
		return false;
	return syscall((long)CE_NR_MSEAL_, page, size, 0L) == 0;
}

/*
 * Finds out what the C library's fstat(3) needs: *address of its empty path, 0 if it needs none. Returns whether
 * metadata of paths can be refused without taking fstat(3) away, or -1 with errno: as ce_program_install_(). Where no
 * process can be had (RLIMIT_NPROC) the filter stays in this one.
 */
CE_COLD_ int ce_empty_learn_(uint64_t *address)
{
	struct ce_empty_ empty = { false, 0 };
	int result;

	if (!ce_child_run_(ce_empty_child_, &empty, CE_CHILD_SHARES_, &result)) {
		if (ce_empty_install_(CE_SECCOMP_FLAG_TSYNC_) != 0)
			return -1;
		ce_empty_ask_(&empty);
	}
	*address = empty.address;
	return empty.known && (empty.address == 0 || ce_empty_seal_(empty.address));
}

/* Whether the kernel can seal memory; what entering finds out besides is about the C library. */
CE_COLD_ bool ce_can_seal_(void)
{
	int saved = errno;
	bool can = syscall((long)CE_NR_MSEAL_, 0L, 0L, 0L) == 0;

	errno = saved;
	return can;
}

#endif
