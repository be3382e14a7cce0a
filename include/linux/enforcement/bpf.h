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

#define CE_BPF_TOTAL_ 32768u /* kernel/seccomp.c, MAX_INSNS_PER_PATH: of all filters of a process together */
#define CE_BPF_MAX_ 4096u    /* BPF_MAXINSNS: the kernel takes no longer program */

#define CE_BPF_REACH_ 250u /* of a jump's 255: the other branch may first need a step in between */
#define CE_BPF_CHAIN_ 6u   /* cases that are compared one after the other: shorter than a tree of them, and as fast */

#define CE_BPF_REMEMBERED_ 64u /* verdicts, and steps */

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
	unsigned unit; /* where the code that is being written ends */
	bool full;     /* did not fit: the program must not be used */
	unsigned used; /* position of the answers that say how many instructions are used; CE_BPF_MAX_: none */
	/* Where the last verdict, and the last step on the way to a target, may be: by bits of them. */
	unsigned returns[CE_BPF_REMEMBERED_], steps[CE_BPF_REMEMBERED_];
	struct ce_bpf_insn_ insn[CE_BPF_MAX_];
};

/* A range of values, from `from` up to the next case's, and where it leads. */
struct ce_bpf_case_ {
	uint32_t from;
	unsigned target;
};

CE_COLD_ void ce_bpf_start_(struct ce_bpf_ *b)
{
	b->head = CE_BPF_MAX_;
	b->unit = CE_BPF_MAX_;
	b->full = false;
	b->used = CE_BPF_MAX_;
	memset(b->returns, 0, sizeof(b->returns));
	memset(b->steps, 0, sizeof(b->steps));
}

CE_COLD_ unsigned ce_bpf_emit_(struct ce_bpf_ *b, unsigned code, unsigned jt, unsigned jf, uint32_t k)
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
CE_COLD_ void ce_bpf_continue_at_(struct ce_bpf_ *b, unsigned target)
{
	if (target != b->head)
		ce_bpf_emit_(b, CE_BPF_JA_, 0, 0, target - b->head);
}

/* Whether an instruction is this verdict, or leads to target and no further: code is CE_BPF_RET_ or CE_BPF_JA_. */
CE_COLD_ bool ce_bpf_is_(const struct ce_bpf_ *b, unsigned position, unsigned code, uint32_t k)
{
	const struct ce_bpf_insn_ *insn = &b->insn[position];

	return insn->code == code && (code == CE_BPF_JA_ ? position + 1 + insn->k : insn->k) == k;
}

/*
 * The nearest verdict or step of this kind, which is the last that was written. Where that was taken back, or another
 * is remembered in its place, it is looked for. CE_BPF_MAX_ if a jump reaches none.
 */
CE_COLD_ unsigned ce_bpf_nearest_(const struct ce_bpf_ *b, unsigned remembered, unsigned code, uint32_t k)
{
	const unsigned end = b->head + CE_BPF_REACH_ < CE_BPF_MAX_ ? b->head + CE_BPF_REACH_ : CE_BPF_MAX_;
	unsigned i = remembered;

	if (i == 0) /* none was written */
		return CE_BPF_MAX_;
	for (i = i >= b->head && ce_bpf_is_(b, i, code, k) ? i : b->head; i < end; i++)
		if (ce_bpf_is_(b, i, code, k))
			return i;
	return CE_BPF_MAX_;
}

/* A verdict, a new one if a jump reaches none that is there. */
CE_COLD_ unsigned ce_bpf_return_(struct ce_bpf_ *b, uint32_t action)
{
	unsigned *const last = &b->returns[(action ^ action >> 5) % CE_BPF_REMEMBERED_];
	const unsigned known = ce_bpf_nearest_(b, *last, CE_BPF_RET_, action);

	return *last = known < CE_BPF_MAX_ ? known : ce_bpf_emit_(b, CE_BPF_RET_, 0, 0, action);
}

/* A position with the effect of target that a conditional jump, whose distances are 8 bits, can reach. */
CE_COLD_ unsigned ce_bpf_within_reach_(struct ce_bpf_ *b, unsigned target)
{
	const uint32_t k = b->insn[target].k;
	unsigned *const last = &b->steps[target % CE_BPF_REMEMBERED_];
	unsigned known = CE_BPF_MAX_;

	if (target - b->head <= CE_BPF_REACH_)
		return target;
	if (b->insn[target].code == CE_BPF_RET_)
		known = ce_bpf_nearest_(b, b->returns[(k ^ k >> 5) % CE_BPF_REMEMBERED_], CE_BPF_RET_, k);
	if (known < CE_BPF_MAX_)
		return known;
	known = ce_bpf_nearest_(b, *last, CE_BPF_JA_, target);
	return *last = known < CE_BPF_MAX_ ? known : ce_bpf_emit_(b, CE_BPF_JA_, 0, 0, target - b->head);
}

CE_APART_ unsigned ce_bpf_errno_(struct ce_bpf_ *b, unsigned error)
{
	return ce_bpf_return_(b, CE_SECCOMP_ERRNO_ | error);
}

/* One instruction without a jump, followed by what is at next. */
CE_COLD_ unsigned ce_bpf_then_(struct ce_bpf_ *b, unsigned code, uint32_t k, unsigned next)
{
	ce_bpf_continue_at_(b, next);
	return ce_bpf_emit_(b, code, 0, 0, k);
}

/* Loads 32 bits of the call's data, followed by what is at next. */
CE_APART_ unsigned ce_bpf_load_(struct ce_bpf_ *b, uint32_t offset, unsigned next)
{
	return ce_bpf_then_(b, CE_BPF_LD_DATA_, offset, next);
}

/* Where code that has already loaded this may go on instead of at target. */
CE_APART_ unsigned ce_bpf_after_load_(const struct ce_bpf_ *b, uint32_t offset, unsigned target)
{
	return b->insn[target].code == CE_BPF_LD_DATA_ && b->insn[target].k == offset ? target + 1 : target;
}

/* Compares the accumulator with k. */
CE_APART_ unsigned ce_bpf_if_(struct ce_bpf_ *b, unsigned code, uint32_t k, unsigned yes, unsigned no)
{
	if (yes == no)
		return yes;
	yes = ce_bpf_within_reach_(b, yes);
	no = ce_bpf_within_reach_(b, no);
	return ce_bpf_emit_(b, code, yes - b->head, no - b->head, k);
}

/* Whether a case is a single value amid a range that leads elsewhere. */
CE_COLD_ bool ce_bpf_is_single_(const struct ce_bpf_case_ *cases, size_t n, size_t i)
{
	return i > 0 && i + 1 < n && cases[i + 1].from == cases[i].from + 1 &&
	       cases[i - 1].target == cases[i + 1].target;
}

/* A few cases, each with one comparison that falls through: single values, then ranges from the highest down. */
CE_COLD_ unsigned ce_bpf_chain_(struct ce_bpf_ *b, const struct ce_bpf_case_ *cases, size_t n)
{
	unsigned position = cases[0].target;
	size_t i;

	for (i = 1; i < n; i++) {
		if (ce_bpf_is_single_(cases, n, i))
			i++; /* the rest of the range around it is no range of its own */
		else
			position = ce_bpf_if_(b, CE_BPF_JGE_, cases[i].from, cases[i].target, position);
	}
	for (i = 1; i < n; i++) {
		if (!ce_bpf_is_single_(cases, n, i))
			continue;
		position = ce_bpf_if_(b, CE_BPF_JEQ_, cases[i].from, cases[i].target, position);
		i++;
	}
	return position;
}

/* Search of the accumulator, binary down to chains. The first case must start at 0; `from` must rise. */
CE_APART_ unsigned ce_bpf_search_(struct ce_bpf_ *b, const struct ce_bpf_case_ *cases, size_t n)
{
	size_t half = n / 2;
	unsigned low, high;

	if (n <= CE_BPF_CHAIN_)
		return ce_bpf_chain_(b, cases, n);
	high = ce_bpf_search_(b, cases + half, n - half);
	low = ce_bpf_search_(b, cases, half);
	return ce_bpf_if_(b, CE_BPF_JGE_, cases[half].from, high, low);
}

/* Appends a case unless it leads where the one before it does; returns the new count. */
CE_APART_ size_t ce_bpf_add_case_(struct ce_bpf_case_ *cases, size_t n, uint32_t from, unsigned target)
{
	if (n > 0 && cases[n - 1].from == from)
		n--;
	if (n > 0 && cases[n - 1].target == target)
		return n;
	cases[n].from = from;
	cases[n].target = target;
	return n + 1;
}

/* ---- finished programs ---- */

/* Whether two jumps, from code at i and at j, lead to one place, or to the same within code of this length. */
CE_COLD_ bool ce_bpf_same_target_(unsigned i, unsigned target, unsigned j, unsigned other, unsigned length)
{
	return target == other || (target - i < length && target - i == other - j);
}

/* Whether instruction k of the code at i does what instruction k of the code at j does. */
CE_COLD_ bool ce_bpf_same_step_(const struct ce_bpf_ *b, unsigned i, unsigned j, unsigned k, unsigned length)
{
	const struct ce_bpf_insn_ *one = &b->insn[i + k];
	const struct ce_bpf_insn_ *two = &b->insn[j + k];
	const unsigned next = k + 1;

	if (one->code != two->code)
		return false;
	if (one->code == CE_BPF_JA_)
		return ce_bpf_same_target_(i, i + next + one->k, j, j + next + two->k, length);
	if (one->k != two->k)
		return false;
	if (one->code == CE_BPF_RET_ || one->code == CE_BPF_RET_A_)
		return true;
	return ce_bpf_same_target_(i, i + next + one->jt, j, j + next + two->jt, length) &&
	       ce_bpf_same_target_(i, i + next + one->jf, j, j + next + two->jf, length);
}

/* Whether the code at i does what the code at j does, which may share what comes behind it. */
CE_COLD_ bool ce_bpf_same_code_(const struct ce_bpf_ *b, unsigned i, unsigned j, unsigned length)
{
	unsigned k;

	for (k = 0; k < length; k++)
		if (!ce_bpf_same_step_(b, i, j, k, length))
			return false;
	return true;
}

/*
 * How many of the 32,768 instructions for all filters of a process the kernel counts for this one: after translating it
 * (net/core/filter.c, bpf_convert_filter), and 4 more (kernel/seccomp.c, seccomp_attach_filter). A return is two, and
 * so is a jump that never falls through; a comparison with a number that looks negative takes one more.
 */
CE_COLD_ unsigned ce_bpf_cost_(const struct ce_bpf_ *b)
{
	unsigned cost = 3 + 4; /* three that start every program */
	unsigned i;

	for (i = b->head; i < CE_BPF_MAX_; i++) {
		const struct ce_bpf_insn_ *insn = &b->insn[i];
		bool jump = insn->code == CE_BPF_JEQ_ || insn->code == CE_BPF_JGE_;

		cost += insn->code == CE_BPF_RET_ || (jump && insn->jt != 0 && insn->jf != 0) ? 2 : 1;
		cost += jump && insn->k > INT32_MAX ? 1 : 0;
	}
	return cost;
}

#endif
