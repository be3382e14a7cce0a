/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole filters: the program that holds limits on descriptors, and the one that is capability mode.
 *
 * Both first decide by system-call number alone, so that the kernel's bitmap of always-allowed calls keeps untouched
 * calls free (kernel/seccomp.c, seccomp_is_const_allow), and then look at arguments. Both also answer questions, see
 * question.h.
 */
#ifndef CE_LINUX_FILTER_H_
#define CE_LINUX_FILTER_H_

#include "filter_limits.h"
#include "filter_mode.h"
#include "installing.h"

/* Instructions, as the kernel counts them, that limits leave for entering: more than capability mode's filters take. */
#define CE_MODE_ROOM_ 2048u

CE_APART_ unsigned ce_filter_any_rule_(struct ce_bpf_ *b, const struct ce_filter_ *filter,
				       const struct ce_policy_call_ *call)
{
	if (filter->mode != NULL)
		return ce_filter_mode_rule_(b, &ce_policy_rules_[call->mode], filter->mode);
	return ce_filter_rule_(b, &ce_policy_rules_[call->limited], filter);
}

/* Where the code of each rule begins that was written so far. */
struct ce_units_ {
	size_t n;
	unsigned head[CE_POLICY_RULES_];
};

/*
 * The position of the first code that does what the unit just written does, which is then taken back; else the position
 * of the new code. Always taking the same of several lets neighbouring calls share a case.
 */
CE_COLD_ unsigned ce_filter_share_(struct ce_bpf_ *b, struct ce_units_ *units, unsigned position)
{
	const unsigned length = b->unit - b->head;
	size_t i;

	if (position >= b->unit) { /* older code does it alone */
		b->head = b->unit;
		return position;
	}
	if (length == 0) /* the program is full */
		return position;
	for (i = 0; i < units->n; i++) {
		if (units->head[i] + length <= CE_BPF_MAX_ && ce_bpf_same_code_(b, units->head[i], b->head, length)) {
			position = units->head[i] + (position - b->head);
			b->head = b->unit;
			return position;
		}
	}
	units->head[units->n++] = b->head;
	return position;
}

CE_COLD_ unsigned ce_filter_any_question_(struct ce_bpf_ *b, const struct ce_filter_ *filter, unsigned otherwise)
{
	if (filter->mode != NULL)
		return ce_filter_mode_question_(b, filter->mode, otherwise);
	return ce_filter_question_(b, filter, otherwise);
}

/*
 * Writes the whole program. A number that the policy does not know, x32's among them, answers ENOSYS: it could act on a
 * descriptor unseen, and libc falls back. A call of another architecture, as through int 0x80, is refused.
 */
CE_APART_ void ce_filter_build_(struct ce_bpf_ *b, const struct ce_filter_ *filter)
{
	struct ce_bpf_case_ cases[2 * CE_POLICY_CALLS_ + 2];
	struct ce_units_ units;
	unsigned rules[CE_POLICY_RULES_];
	unsigned unknown, position, next = 0;
	size_t count = 0, i;

	ce_bpf_start_(b);
	units.n = 0;
	unknown = filter->closed ? ce_bpf_return_(b, CE_SECCOMP_ALLOW_) : ce_bpf_errno_(b, ENOSYS);
	for (i = 0; i < CE_POLICY_RULES_; i++)
		rules[i] = CE_BPF_MAX_; /* not written yet */
	for (i = 0; i < CE_POLICY_CALLS_; i++) {
		const struct ce_policy_call_ *call = &ce_policy_calls_[i];
		unsigned *rule = &rules[filter->mode != NULL ? call->mode : call->limited];

		if (*rule == CE_BPF_MAX_) {
			b->unit = b->head;
			*rule = ce_filter_share_(b, &units, ce_filter_any_rule_(b, filter, call));
		}
		b->unit = b->head;
		position = call->number == SYS_prctl ? ce_filter_any_question_(b, filter, *rule) : *rule;
		if (call->number != next)
			count = ce_bpf_add_case_(cases, count, next, unknown);
		count = ce_bpf_add_case_(cases, count, call->number, position);
		next = call->number + 1u;
	}
	count = ce_bpf_add_case_(cases, count, next, unknown);
	position = ce_bpf_search_(b, cases, count);
	position = ce_bpf_load_(b, CE_DATA_NR_, position);
	position = ce_bpf_if_(b, CE_BPF_JEQ_, CE_AUDIT_ARCH_, position,
			      ce_bpf_errno_(b, filter->mode != NULL ? ECAPMODE : ENOTCAPABLE));
	ce_bpf_load_(b, CE_DATA_ARCH_, position);
}

/*
 * What a program with Casper's services does before its first limit, and before it enters: <libcasper.h> defines it
 * there. Elsewhere it is NULL, and with tcc, which cannot leave a symbol out.
 */
#ifdef __TINYC__
#define ce_before_filter_ NULL
#else
extern void ce_before_filter_(bool entering) __asm__("ce_before_filter_") __attribute__((weak));
#endif

/* Installs a filter for all threads, for good. errno: as ce_program_install_(); ENOMEM if it is too long for one. */
CE_COLD_ int ce_filter_install_(const struct ce_filter_ *filter)
{
	void (*const volatile before)(bool) = ce_before_filter_; /* volatile: it may be known not to be NULL */
	struct ce_bpf_ b;
	unsigned used, mode = 0;

	ce_filter_build_(&b, filter);
	if (b.full)
		return ce_fail_(ENOMEM);
	if (filter->mode == NULL) {
		used = ce_answer_(CE_ASK_CLOSED_, CE_ASK_USED_LOW_, 0) |
		       ce_answer_(CE_ASK_CLOSED_, CE_ASK_USED_HIGH_, 0) << CE_ANSWER_WIDTH_;
		used += ce_bpf_cost_(&b);
		if (used > CE_BPF_TOTAL_ - CE_MODE_ROOM_ && !ce_ask_(CE_ASK_MODE_, 0, 0, &mode))
			return ce_fail_(ENOMEM);
		ce_filter_say_used_(&b, used);
	}
	if (before != NULL)
		before(filter->mode != NULL);
	return ce_program_install_(b.insn + b.head, CE_BPF_MAX_ - b.head, CE_SECCOMP_FLAG_TSYNC_);
}

#endif
