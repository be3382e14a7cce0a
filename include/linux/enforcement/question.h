/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asking the kernel what is limited: the filters that enforce limits also hold the only record of them.
 *
 * A question is prctl(CE_ASK_, descriptor, word, index), an option that no kernel has. Where a filter of ours knows the
 * descriptor it answers with an errno from CE_ANSWER_ on, whose low bits are the answer; otherwise the kernel says
 * EINVAL. Of several filters that return an errno the newest decides (seccomp_run_filters), and limits only shrink, so
 * the newest answer is the truth. Unless two threads limited the same number at the same time: each made its filter of
 * what it found before the other's. What no filter lacks is then the truth of the rights. The record survives fork,
 * exec and a corrupted heap, because it is in the kernel.
 */
#ifndef CE_LINUX_QUESTION_H_
#define CE_LINUX_QUESTION_H_

#include "../../capsicum_easy/constants.h"
#include "kernel.h"

#define CE_ASK_ 0x43415053u /* "CAPS" */

#define CE_ANSWER_ 0x800u /* seccomp returns errno values up to 0xfff; the kernel's own end at 133 */
#define CE_ANSWER_BITS_ 0x7ffu
#define CE_ANSWER_WIDTH_ 11u
#define CE_ANSWER_ALL_ 0x7ffu /* as a number of ioctl commands */

/* Words about a descriptor. A word that a filter does not name is 0. */
#define CE_ASK_WORDS_PER_SET_ 6u /* 57 bits, 11 at a time */
#define CE_ASK_RIGHTS_WORDS_ 12u /* 0 to 11: both words of the rights */
#define CE_ASK_FCNTLS_ 12u
#define CE_ASK_FCNTLS_SHIFT_ 3u /* the lowest is CAP_FCNTL_GETFL, 1 << 3 */
#define CE_ASK_IOCTLS_ 13u	/* how many commands are allowed */
#define CE_ASK_POLICY_ 15u	/* CE_POLICY_ID_ of the library that made the newest filter */
#define CE_ASK_IOCTL_ 16u	/* to 18: a third of the command at the index */
#define CE_ASK_POOL_ 19u	/* the code of the first number of the pool that the descriptor lies in; 0: in none */
#define CE_ASK_SAME_ 20u /* the same, if it has just the limits in arguments 3 to 5, as its pool was made; else 0 */
#define CE_ASK_LACKS_ \
	21u /* 1 from each filter that lacks one of the rights in arguments 3 and 4, not just the newest */

/*
 * In the place of a descriptor: pools with the limits in arguments 3 to 5. The words: the code of the first number of
 * the newest one, how many there are, and the code of the one that is CE_ASK_POOLS_OLDEST_ + that many before it.
 */
#define CE_ASK_POOLS_ 0xfffffffdu
#define CE_ASK_POOLS_NEWEST_ 0u
#define CE_ASK_POOLS_COUNT_ 1u
#define CE_ASK_POOLS_OLDEST_ 2u

/* In the place of a descriptor: whether there is any limit; the answer is as to CE_ASK_POLICY_. */
#define CE_ASK_CLOSED_ 0xfffffffeu
/* Two other words to it: how many instructions all limits take together, as the kernel counts them. */
#define CE_ASK_USED_LOW_ 1u
#define CE_ASK_USED_HIGH_ 2u

/* In the place of a descriptor: the answer is CE_MODE_ flags, and what was lost at entry (capsicum_easy/lost.h). */
#define CE_ASK_MODE_ 0xffffffffu
#define CE_ASK_MODE_THREADS_ 1u /* the word that asks how many threads there were, where that is why */
#define CE_MODE_ENTERED_ 1u
#define CE_MODE_LOOKUPS_ 2u
#define CE_MODE_SIGNALS_ 4u
#define CE_MODE_METADATA_ 8u
#define CE_MODE_LOST_SHIFT_ 4u
#define CE_MODE_LOST_THREADS_ (1u << CE_MODE_LOST_SHIFT_)
#define CE_MODE_LOST_LANDLOCK_ (2u << CE_MODE_LOST_SHIFT_)
#define CE_MODE_LOST_DESCRIPTORS_ (4u << CE_MODE_LOST_SHIFT_)
#define CE_MODE_LOST_PROC_ (8u << CE_MODE_LOST_SHIFT_)

/*
 * Asks with all that a call can hold; contents are arguments 3 to 5. The sixth argument is no prctl(2)'s, but filters
 * see it. Returns the bits, or -1 if there is no answer. Leaves errno alone.
 */
static inline int ce_ask_contents_(uint32_t descriptor, uint32_t word, const uint64_t contents[3])
{
	int saved = errno;
	int bits = -1;

	if (syscall(SYS_prctl, (long)CE_ASK_, (long)descriptor, (long)word, (long)contents[0], (long)contents[1],
		    (long)contents[2]) == -1 &&
	    errno >= (int)CE_ANSWER_)
		bits = errno & (int)CE_ANSWER_BITS_;
	errno = saved;
	return bits;
}

/* True if there was an answer; *bits is untouched otherwise. Leaves errno alone. */
CE_APART_ bool ce_ask_(uint32_t descriptor, uint32_t word, uint32_t index, unsigned *bits)
{
	int saved = errno;
	bool answered = syscall(SYS_prctl, (long)CE_ASK_, (long)descriptor, (long)word, (long)index, 0L) == -1 &&
			errno >= (int)CE_ANSWER_;

	if (answered)
		*bits = (unsigned)errno & CE_ANSWER_BITS_;
	errno = saved;
	return answered;
}

/* The bits of an answer; 0 if there is none. */
static inline unsigned ce_answer_(uint32_t descriptor, uint32_t word, uint32_t index)
{
	unsigned bits = 0;

	ce_ask_(descriptor, word, index, &bits);
	return bits;
}

/* Whether a number has limits, open or not. */
static inline bool ce_is_limited_(int fd)
{
	unsigned bits;

	return ce_ask_((uint32_t)fd, CE_ASK_IOCTLS_, 0, &bits);
}

/* One 57-bit word of the rights of a limited descriptor. No question is asked about bits that no right has. */
static inline uint64_t ce_ask_rights_(uint32_t descriptor, unsigned set)
{
	static const uint64_t known[2] = { CE_MASK0_ & CE_BITS_, CE_MASK1_ & CE_BITS_ };
	uint64_t rights = 0;
	unsigned word;

	for (word = 0; word < CE_ASK_WORDS_PER_SET_; word++)
		if (known[set] >> (word * CE_ANSWER_WIDTH_) & CE_ANSWER_BITS_)
			rights |= (uint64_t)ce_answer_(descriptor, set * CE_ASK_WORDS_PER_SET_ + word, 0)
				  << (word * CE_ANSWER_WIDTH_);
	return rights & CE_BITS_; /* the last word has room for more, whoever answers */
}

/* Whether some limit of a number lacks one of these rights. */
static inline bool ce_is_lacking_(uint32_t descriptor, uint64_t rights0, uint64_t rights1)
{
	const uint64_t contents[3] = { rights0, rights1, 0 };

	return ce_ask_contents_(descriptor, CE_ASK_LACKS_, contents) == 1;
}

/* The rights of a limited descriptor. */
CE_APART_ void ce_ask_all_rights_(uint32_t descriptor, uint64_t rights[2])
{
	uint64_t right;

	rights[0] = ce_ask_rights_(descriptor, 0);
	rights[1] = ce_ask_rights_(descriptor, 1);
	if (!ce_is_lacking_(descriptor, rights[0], rights[1]))
		return;
	for (right = 1; right <= CE_BITS_; right <<= 1) {
		if ((rights[0] & right) != 0 && ce_is_lacking_(descriptor, right, 0))
			rights[0] &= ~right;
		if ((rights[1] & right) != 0 && ce_is_lacking_(descriptor, 0, right))
			rights[1] &= ~right;
	}
}

/* The ioctl command at an index of the list of a limited descriptor. */
static inline uint32_t ce_ask_ioctl_(uint32_t descriptor, uint32_t index)
{
	uint32_t command = 0;
	unsigned part;

	for (part = 0; part < 3; part++)
		command |= (uint32_t)ce_answer_(descriptor, CE_ASK_IOCTL_ + part, index) << (part * CE_ANSWER_WIDTH_);
	return command;
}

#endif
