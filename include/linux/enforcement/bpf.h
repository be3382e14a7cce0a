/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small assembler for classic BPF, the language of seccomp filters.
 *
 * A program is written from its end to its beginning: jumps only go forward, so every target exists, and its distance
 * is known, when the jump to it is written. Functions that write code return its position, which is a target.
 */
#ifndef CE_LINUX_BPF_H_
#define CE_LINUX_BPF_H_

#include "kernel.h"

#define CE_BPF_MAX_ 4096u /* BPF_MAXINSNS: the kernel takes no longer program */

#define CE_BPF_REACH_ 250u /* of a jump's 255: the other branch may first need a step in between */

#define CE_BPF_LD_DATA_ 0x20u	/* BPF_LD | BPF_W | BPF_ABS: A = data at k */
#define CE_BPF_LDX_CONST_ 0x01u /* BPF_LDX | BPF_IMM: X = k */
#define CE_BPF_TXA_ 0x87u	/* BPF_MISC | BPF_TXA: A = X */
#define CE_BPF_AND_ 0x54u
#define CE_BPF_OR_ 0x44u
#define CE_BPF_RSH_ 0x74u
#define CE_BPF_JA_ 0x05u
#define CE_BPF_JEQ_ 0x15u
#define CE_BPF_JGE_ 0x35u
#define CE_BPF_RET_ 0x06u   /* BPF_RET | BPF_K */
#define CE_BPF_RET_A_ 0x16u /* BPF_RET | BPF_A */

struct ce_bpf_ {
	unsigned head; /* position of the first instruction; the program is insn[head..CE_BPF_MAX_) */
	unsigned unit; /* where the code that is being written ends: it does not jump further */
	bool full;     /* did not fit: the program must not be used */
	struct ce_bpf_insn_ insn[CE_BPF_MAX_];
};

/* A range of values, from `from` up to the next case's, and where it leads. */
struct ce_bpf_case_ {
	uint32_t from;
	unsigned target;
};

static inline void ce_bpf_start_(struct ce_bpf_ *b)
{
	b->head = CE_BPF_MAX_;
	b->unit = CE_BPF_MAX_;
	b->full = false;
}

static inline unsigned ce_bpf_emit_(struct ce_bpf_ *b, unsigned code, unsigned jt, unsigned jf, uint32_t k)
{
	if (b->head == 0) {
		b->full = true;
		return 0;
	}
	b->head--;
	b->insn[b->head].code = (uint16_t)code;
	b->insn[b->head].jt = (uint8_t)jt;
	b->insn[b->head].jf = (uint8_t)jf;
	b->insn[b->head].k = k;
	return b->head;
}

/* Makes the next instruction fall through to target. */
static inline void ce_bpf_continue_at_(struct ce_bpf_ *b, unsigned target)
{
	if (target != b->head)
		ce_bpf_emit_(b, CE_BPF_JA_, 0, 0, target - b->head);
}

/* Whether the instruction at a position only leads to target, or is the same verdict. */
static inline bool ce_bpf_same_effect_(const struct ce_bpf_ *b, unsigned position, unsigned target)
{
	const struct ce_bpf_insn_ *insn = &b->insn[position];

	if (insn->code == CE_BPF_JA_)
		return position + 1 + insn->k == target;
	return insn->code == CE_BPF_RET_ && b->insn[target].code == CE_BPF_RET_ && insn->k == b->insn[target].k;
}

/* A position with the effect of target that a conditional jump, whose distances are 8 bits, can reach. */
static inline unsigned ce_bpf_within_reach_(struct ce_bpf_ *b, unsigned target)
{
	unsigned i;

	if (target - b->head <= CE_BPF_REACH_)
		return target;
	for (i = b->head; i <= b->head + CE_BPF_REACH_; i++)
		if (ce_bpf_same_effect_(b, i, target))
			return i;
	return ce_bpf_emit_(b, CE_BPF_JA_, 0, 0, target - b->head);
}

/* A verdict; one that the code being written has already, where it is near. */
static inline unsigned ce_bpf_return_(struct ce_bpf_ *b, uint32_t action)
{
	unsigned i;

	for (i = b->head; i < b->unit && i < b->head + CE_BPF_REACH_; i++)
		if (b->insn[i].code == CE_BPF_RET_ && b->insn[i].k == action)
			return i;
	return ce_bpf_emit_(b, CE_BPF_RET_, 0, 0, action);
}

static inline unsigned ce_bpf_errno_(struct ce_bpf_ *b, unsigned error)
{
	return ce_bpf_return_(b, CE_SECCOMP_ERRNO_ | error);
}

/* One instruction without a jump, followed by what is at next. */
static inline unsigned ce_bpf_then_(struct ce_bpf_ *b, unsigned code, uint32_t k, unsigned next)
{
	ce_bpf_continue_at_(b, next);
	return ce_bpf_emit_(b, code, 0, 0, k);
}

/* Loads 32 bits of the call's data, followed by what is at next. */
static inline unsigned ce_bpf_load_(struct ce_bpf_ *b, uint32_t offset, unsigned next)
{
	return ce_bpf_then_(b, CE_BPF_LD_DATA_, offset, next);
}

/* Where code that has already loaded this may go on instead of at target. */
static inline unsigned ce_bpf_after_load_(const struct ce_bpf_ *b, uint32_t offset, unsigned target)
{
	return b->insn[target].code == CE_BPF_LD_DATA_ && b->insn[target].k == offset ? target + 1 : target;
}

/* Compares the accumulator with k. */
static inline unsigned ce_bpf_if_(struct ce_bpf_ *b, unsigned code, uint32_t k, unsigned yes, unsigned no)
{
	if (yes == no)
		return yes;
	yes = ce_bpf_within_reach_(b, yes);
	no = ce_bpf_within_reach_(b, no);
	return ce_bpf_emit_(b, code, yes - b->head, no - b->head, k);
}

/* Binary search of the accumulator. The first case must start at 0; `from` must rise. */
static inline unsigned ce_bpf_search_(struct ce_bpf_ *b, const struct ce_bpf_case_ *cases, size_t n)
{
	size_t half = n / 2;
	unsigned low, high;

	if (n == 1)
		return cases[0].target;
	high = ce_bpf_search_(b, cases + half, n - half);
	low = ce_bpf_search_(b, cases, half);
	return ce_bpf_if_(b, CE_BPF_JGE_, cases[half].from, high, low);
}

/* Appends a case unless it leads where the one before it does; returns the new count. */
static inline size_t ce_bpf_add_case_(struct ce_bpf_case_ *cases, size_t n, uint32_t from, unsigned target)
{
	if (n > 0 && cases[n - 1].from == from)
		n--;
	if (n > 0 && cases[n - 1].target == target)
		return n;
	cases[n].from = from;
	cases[n].target = target;
	return n + 1;
}

#endif
