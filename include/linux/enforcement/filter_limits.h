/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The part of a filter that holds limits on descriptors: what each rule of the policy refuses, and the answers to
 * questions about the limits (question.h).
 */
#ifndef CE_LINUX_FILTER_LIMITS_H_
#define CE_LINUX_FILTER_LIMITS_H_

#include "filter_rules.h"
#include "filter_values.h"
#include "limit.h"

/* What a filter is for: capability mode, or (mode NULL) limits, sorted by descriptor, not overlapping. */
struct ce_filter_ {
	const struct ce_mode_ *mode;
	const struct ce_limited_ *limits;
	size_t n;    /* 1 to CE_LIMITS_MAX_ */
	bool closed; /* earlier limits hold what all limits have in common */
};

CE_COLD_ bool ce_may_map_but_not_execute_(const uint64_t rights[2])
{
	static const uint64_t readable[2] = { CE_BITS_IN_WORD0_(CAP_MMAP_R), 0 };
	static const uint64_t executable[2] = { CE_BITS_IN_WORD0_(CAP_MMAP_X), 0 };

	return ce_has_bits_(rights, readable) && !ce_has_bits_(rights, executable);
}

CE_COLD_ bool ce_clause_has_(const struct ce_policy_clause_ *clause, const uint64_t rights[2], uint32_t fcntls)
{
	return ce_has_bits_(rights, clause->rights) && (clause->fcntls & ~fcntls) == 0;
}

/* Whether earlier filters refuse all that the clause refuses under this limit. */
CE_COLD_ bool ce_limit_lacked_(const struct ce_limited_ *limit, const struct ce_policy_clause_ *clause)
{
	if (!limit->limited)
		return false;
	switch (clause->kind) {
	case CE_CLAUSE_NEEDS_:
		return !ce_clause_has_(clause, limit->rights_before, limit->fcntls_before);
	case CE_CLAUSE_IOCTL_:
		return limit->same_ioctls;
	case CE_CLAUSE_COPIED_:
		return limit->pool == 0; /* a pool's own filter lets copies be made */
	case CE_CLAUSE_NOEXEC_:
		return ce_may_map_but_not_execute_(limit->rights_before);
	default:
		return true;
	}
}

/* Whether the clause can refuse a call on a descriptor with this limit, and no earlier filter does. */
CE_COLD_ bool ce_limit_lacks_(const struct ce_limited_ *limit, const struct ce_policy_clause_ *clause)
{
	if (ce_limit_lacked_(limit, clause))
		return false;
	switch (clause->kind) {
	case CE_CLAUSE_NEEDS_:
		return !ce_clause_has_(clause, limit->rights, limit->fcntls);
	case CE_CLAUSE_IOCTL_:
		return limit->ioctls >= 0; /* without CAP_IOCTL it is 0 */
	case CE_CLAUSE_NOEXEC_:
		return ce_may_map_but_not_execute_(limit->rights);
	default:
		return true;
	}
}

/* Whether the clause is about the descriptor in `argument`, and can refuse a call on one with this limit. */
CE_COLD_ bool ce_limit_refuses_(const struct ce_limited_ *limit, const struct ce_policy_clause_ *clause,
				unsigned argument)
{
	return clause->kind != CE_CLAUSE_CLOSED_ && clause->kind != CE_CLAUSE_NOEXEC_ && clause->argument == argument &&
	       ce_limit_lacks_(limit, clause);
}

CE_APART_ unsigned ce_filter_refuse_(struct ce_bpf_ *b, const struct ce_policy_clause_ *clause, unsigned pass)
{
	unsigned refuse = ce_bpf_errno_(b, clause->error != 0 ? clause->error : ENOTCAPABLE);

	return ce_filter_clause_(b, clause, NULL, refuse, pass);
}

/* A copy of the descriptor, to be made at the number in argument 1: within its pool, or not at all. */
CE_COLD_ unsigned ce_filter_copied_(struct ce_bpf_ *b, const struct ce_limited_ *limit, unsigned pass)
{
	struct ce_bpf_case_ cases[3];
	unsigned refuse = ce_bpf_errno_(b, ENOTCAPABLE);
	size_t n = ce_bpf_add_case_(cases, 0, 0, refuse);

	if (!limit->copies)
		return refuse;
	n = ce_bpf_add_case_(cases, n, limit->first, pass);
	n = ce_bpf_add_case_(cases, n, limit->last + 1, refuse);
	return ce_bpf_load_(b, CE_DATA_LOW_(1), ce_bpf_search_(b, cases, n));
}

/* The ioctl command in argument 1 against the limit's list. */
CE_COLD_ unsigned ce_filter_ioctl_(struct ce_bpf_ *b, const struct ce_limited_ *limit, unsigned pass)
{
	uint32_t sorted[CE_IOCTLS_MAX];
	struct ce_bpf_case_ cases[2 * CE_IOCTLS_MAX + 1];
	unsigned refuse = ce_bpf_errno_(b, ENOTCAPABLE);
	size_t count = limit->ioctls > 0 ? (size_t)limit->ioctls : 0;
	size_t n = ce_bpf_add_case_(cases, 0, 0, refuse);
	size_t i;

	for (i = 0; i < count; i++)
		sorted[i] = limit->ioctl[i];
	ce_sort_u32_(sorted, count);
	for (i = 0; i < count; i++) {
		if (i > 0 && sorted[i] == sorted[i - 1])
			continue;
		n = ce_bpf_add_case_(cases, n, sorted[i], pass);
		if (sorted[i] != UINT32_MAX)
			n = ce_bpf_add_case_(cases, n, sorted[i] + 1, refuse);
	}
	return ce_bpf_load_(b, CE_DATA_LOW_(1), ce_bpf_search_(b, cases, n));
}

/*
 * Which clauses of a rule can refuse under this limit, a bit each, without those that refuse nothing that another does
 * not refuse: equal sets give equal code.
 */
CE_APART_ uint64_t ce_filter_clauses_(const struct ce_policy_rule_ *rule, unsigned argument,
				      const struct ce_limited_ *limit)
{
	uint64_t clauses = 0;
	unsigned i, j;

	for (i = 0; i < rule->count; i++)
		if (ce_limit_refuses_(limit, &ce_policy_clauses_[rule->first + i], argument))
			clauses |= 1ull << i;
	for (i = 0; i < rule->count; i++)
		for (j = 0; (clauses >> i & 1) != 0 && j < rule->count; j++)
			if (j != i && (clauses >> j & 1) != 0 &&
			    ce_clause_covers_(&ce_policy_clauses_[rule->first + j],
					      &ce_policy_clauses_[rule->first + i]))
				clauses &= ~(1ull << i);
	return clauses;
}

/* What is left to check once the descriptor in an argument is known to have this limit; `pass` if nothing. */
CE_COLD_ unsigned ce_filter_limited_(struct ce_bpf_ *b, const struct ce_policy_rule_ *rule, uint64_t clauses,
				     const struct ce_limited_ *limit, unsigned pass)
{
	const unsigned compared = ce_rule_compared_(rule, clauses);
	unsigned position = pass;
	unsigned i;

	if (compared < 6)
		return ce_filter_values_(b, rule, clauses, compared, pass);
	for (i = rule->count; i-- > 0;) {
		const struct ce_policy_clause_ *clause = &ce_policy_clauses_[rule->first + i];

		if ((clauses >> i & 1) == 0)
			continue;
		if (clause->kind == CE_CLAUSE_COPIED_)
			position = ce_filter_copied_(b, limit, position);
		else if (clause->kind == CE_CLAUSE_IOCTL_)
			position = ce_filter_clause_(b, clause, NULL, ce_filter_ioctl_(b, limit, position), position);
		else
			position = ce_filter_refuse_(b, clause, position);
	}
	return position;
}

/* Whether two limits, with the same clauses of a rule, give the same code. */
CE_COLD_ bool ce_filter_alike_(const struct ce_policy_rule_ *rule, const struct ce_limited_ *a,
			       const struct ce_limited_ *b)
{
	return ce_limit_same_ioctls_(a, b) &&
	       ((!a->copies && !b->copies) || ce_policy_clauses_[rule->first].kind != CE_CLAUSE_COPIED_);
}

/* The descriptor in `argument` against every limit. */
CE_COLD_ unsigned ce_filter_argument_(struct ce_bpf_ *b, const struct ce_policy_rule_ *rule, unsigned argument,
				      const struct ce_limited_ *limits, size_t n, unsigned pass)
{
	struct ce_bpf_case_ cases[2 * CE_LIMITS_MAX_ + 1];
	unsigned targets[CE_LIMITS_MAX_];
	uint64_t clauses[CE_LIMITS_MAX_];
	size_t count = ce_bpf_add_case_(cases, 0, 0, pass);
	size_t i, j;

	for (i = 0; i < n; i++) {
		clauses[i] = ce_filter_clauses_(rule, argument, &limits[i]);
		for (j = 0; j < i; j++)
			if (clauses[j] == clauses[i] && ce_filter_alike_(rule, &limits[j], &limits[i]))
				break;
		targets[i] = j < i ? targets[j] : ce_filter_limited_(b, rule, clauses[i], &limits[i], pass);
		count = ce_bpf_add_case_(cases, count, limits[i].first, targets[i]);
		count = ce_bpf_add_case_(cases, count, limits[i].last + 1, pass);
	}
	if (count == 1)
		return pass;
	return ce_bpf_load_(b, CE_DATA_LOW_(argument), ce_bpf_search_(b, cases, count));
}

/* Whether a clause that is about no descriptor in particular applies because of these limits. */
CE_COLD_ bool ce_filter_closes_(const struct ce_filter_ *filter, const struct ce_policy_clause_ *clause)
{
	size_t i;

	if (clause->kind == CE_CLAUSE_CLOSED_)
		return !filter->closed;
	if (clause->kind != CE_CLAUSE_NOEXEC_)
		return false;
	for (i = 0; i < filter->n; i++)
		if (ce_limit_lacks_(&filter->limits[i], clause))
			return true;
	return false;
}

/* A whole rule under these limits. */
CE_COLD_ unsigned ce_filter_rule_(struct ce_bpf_ *b, const struct ce_policy_rule_ *rule,
				  const struct ce_filter_ *filter)
{
	unsigned arguments = 0;
	unsigned position = ce_bpf_return_(b, CE_SECCOMP_ALLOW_);
	unsigned i;

	for (i = rule->count; i-- > 0;) {
		const struct ce_policy_clause_ *clause = &ce_policy_clauses_[rule->first + i];

		if (ce_filter_closes_(filter, clause))
			position = ce_filter_refuse_(b, clause, position);
		arguments |= 1u << clause->argument;
	}
	for (i = 6; i-- > 0;)
		if ((arguments & 1u << i) != 0)
			position = ce_filter_argument_(b, rule, i, filter->limits, filter->n, position);
	return position;
}

/* One third of the ioctl command in X. */
CE_COLD_ unsigned ce_filter_answer_part_(struct ce_bpf_ *b, unsigned part)
{
	unsigned position = ce_bpf_emit_(b, CE_BPF_RET_A_, 0, 0, 0);

	position = ce_bpf_then_(b, CE_BPF_OR_, CE_SECCOMP_ERRNO_ | CE_ANSWER_, position);
	position = ce_bpf_then_(b, CE_BPF_AND_, CE_ANSWER_BITS_, position);
	position = ce_bpf_then_(b, CE_BPF_RSH_, part * CE_ANSWER_WIDTH_, position);
	return ce_bpf_then_(b, CE_BPF_TXA_, 0, position);
}

/* The commands of the ioctl list: the index is in argument 3. */
CE_COLD_ unsigned ce_filter_answer_ioctls_(struct ce_bpf_ *b, const struct ce_limited_ *limit, unsigned otherwise)
{
	struct ce_bpf_case_ cases[CE_IOCTLS_MAX + 1];
	unsigned part0 = ce_filter_answer_part_(b, 0);
	unsigned part1 = ce_filter_answer_part_(b, 1);
	unsigned part2 = ce_filter_answer_part_(b, 2);
	unsigned parts = ce_bpf_if_(b, CE_BPF_JEQ_, CE_ASK_IOCTL_ + 1, part1, part2);
	uint32_t i;

	parts = ce_bpf_if_(b, CE_BPF_JEQ_, CE_ASK_IOCTL_, part0, parts);
	parts = ce_bpf_load_(b, CE_DATA_LOW_(2), parts);
	for (i = 0; i < (uint32_t)limit->ioctls; i++) {
		cases[i].from = i;
		cases[i].target = ce_bpf_then_(b, CE_BPF_LDX_CONST_, limit->ioctl[i], parts);
	}
	cases[i].from = i;
	cases[i].target = otherwise;
	return ce_bpf_load_(b, CE_DATA_LOW_(3), ce_bpf_search_(b, cases, i + 1));
}

CE_COLD_ unsigned ce_filter_answer_word_(struct ce_bpf_ *b, uint32_t word, unsigned bits, unsigned otherwise)
{
	if (bits == 0) /* as any word that is not answered otherwise */
		return otherwise;
	return ce_bpf_if_(b, CE_BPF_JEQ_, word, ce_filter_answer_(b, bits), otherwise);
}

/*
 * The limits of a pool in three words: all that is compared of them, but for the ioctl commands themselves, of which
 * there is only a checksum (FNV-1a).
 */
CE_COLD_ void ce_limit_contents_(const struct ce_limited_ *limit, uint64_t contents[3])
{
	uint32_t sum = 2166136261u;
	int32_t i;

	for (i = 0; i < limit->ioctls; i++)
		sum = (sum ^ limit->ioctl[i]) * 16777619u;
	contents[0] = limit->rights[0];
	contents[1] = limit->rights[1];
	contents[2] = (uint64_t)sum << 32 |
		      (uint64_t)(limit->ioctls < 0 ? CE_ANSWER_ALL_ : (unsigned)limit->ioctls) << 16 |
		      limit->fcntls >> CE_ASK_FCNTLS_SHIFT_ << CE_ANSWER_WIDTH_ | CE_POLICY_ID_;
}

/* Whether arguments 3 to 5 are the limits of a pool. */
CE_COLD_ unsigned ce_filter_contents_(struct ce_bpf_ *b, const struct ce_limited_ *limit, unsigned same, unsigned other)
{
	uint64_t contents[3];
	unsigned i;

	ce_limit_contents_(limit, contents);
	for (i = 3; i-- > 0;) {
		same = ce_bpf_if_(b, CE_BPF_JEQ_, (uint32_t)(contents[i] >> 32), same, other);
		same = ce_bpf_load_(b, CE_DATA_HIGH_(3 + i), same);
		same = ce_bpf_if_(b, CE_BPF_JEQ_, (uint32_t)contents[i], same, other);
		same = ce_bpf_load_(b, CE_DATA_LOW_(3 + i), same);
	}
	return same;
}

/* Questions about pools with certain limits: answered by those that have them. */
CE_COLD_ unsigned ce_filter_pools_(struct ce_bpf_ *b, const struct ce_filter_ *filter, unsigned otherwise)
{
	unsigned position = otherwise;
	size_t i;

	for (i = 0; i < filter->n; i++) {
		const struct ce_limited_ *limit = &filter->limits[i];
		unsigned found = otherwise;

		if (!limit->copies)
			continue;
		found = ce_filter_answer_word_(b, CE_ASK_POOLS_OLDEST_ + limit->older, limit->pool, found);
		found = ce_filter_answer_word_(b, CE_ASK_POOLS_COUNT_, limit->older + 1u, found);
		found = ce_filter_answer_word_(b, CE_ASK_POOLS_NEWEST_, limit->pool, found);
		position = ce_filter_contents_(b, limit, ce_bpf_load_(b, CE_DATA_LOW_(2), found), position);
	}
	return position;
}

/* Whether the limit lacks one of the rights in arguments 3 and 4; if not, earlier ones may. */
CE_COLD_ unsigned ce_filter_lacks_(struct ce_bpf_ *b, const struct ce_limited_ *limit)
{
	static const uint64_t known[2] = { CE_MASK0_ & CE_BITS_, CE_MASK1_ & CE_BITS_ };
	const unsigned lacks = ce_filter_answer_(b, 1);
	unsigned position = ce_bpf_return_(b, CE_SECCOMP_ALLOW_);
	unsigned half;

	for (half = 0; half < 4; half++) {
		const uint64_t missing = known[half / 2] & ~limit->rights[half / 2];
		const uint32_t bits = (uint32_t)(half % 2 != 0 ? missing >> 32 : missing);
		const unsigned argument = 3 + half / 2;

		if (bits == 0)
			continue;
		position = ce_bpf_then_(b, CE_BPF_AND_, bits, ce_bpf_if_(b, CE_BPF_JEQ_, 0, position, lacks));
		position = ce_bpf_load_(b, half % 2 != 0 ? CE_DATA_HIGH_(argument) : CE_DATA_LOW_(argument), position);
	}
	return position;
}

/* Everything that can be asked about one limit: the word is in argument 2. */
CE_COLD_ unsigned ce_filter_answers_(struct ce_bpf_ *b, const struct ce_limited_ *limit)
{
	unsigned zero = ce_filter_answer_(b, 0);
	unsigned position = zero;
	uint32_t word;

	if (limit->ioctls > 0) {
		position = ce_bpf_if_(b, CE_BPF_JGE_, CE_ASK_IOCTL_, ce_filter_answer_ioctls_(b, limit, zero), zero);
		position = ce_bpf_if_(b, CE_BPF_JGE_, CE_ASK_POOL_, zero, position);
	}
	position = ce_filter_answer_word_(b, CE_ASK_IOCTLS_,
					  limit->ioctls < 0 ? CE_ANSWER_ALL_ : (unsigned)limit->ioctls, position);
	position = ce_filter_answer_word_(b, CE_ASK_POLICY_, CE_POLICY_ID_, position);
	position = ce_filter_answer_word_(b, CE_ASK_FCNTLS_, limit->fcntls >> CE_ASK_FCNTLS_SHIFT_, position);
	for (word = CE_ASK_RIGHTS_WORDS_; word-- > 0;) {
		uint64_t bits = limit->rights[word / CE_ASK_WORDS_PER_SET_] >>
				(word % CE_ASK_WORDS_PER_SET_ * CE_ANSWER_WIDTH_);

		position = ce_filter_answer_word_(b, word, (unsigned)(bits & CE_ANSWER_BITS_), position);
	}
	position = ce_filter_answer_word_(b, CE_ASK_POOL_, limit->pool, position);
	position = ce_bpf_if_(b, CE_BPF_JEQ_, CE_ASK_LACKS_, ce_filter_lacks_(b, limit), position);
	if (limit->copies)
		position = ce_bpf_if_(b, CE_BPF_JEQ_, CE_ASK_SAME_,
				      ce_filter_contents_(b, limit, ce_filter_answer_(b, limit->pool), zero), position);
	return ce_bpf_load_(b, CE_DATA_LOW_(2), position);
}

/* What can be asked in the place of a descriptor; how much is used is filled in when the program is finished. */
CE_COLD_ unsigned ce_filter_closed_(struct ce_bpf_ *b)
{
	unsigned policy = ce_filter_answer_(b, CE_POLICY_ID_);
	unsigned high = ce_bpf_emit_(b, CE_BPF_RET_, 0, 0, CE_SECCOMP_ERRNO_); /* what no other code shares */
	unsigned low = ce_bpf_emit_(b, CE_BPF_RET_, 0, 0, CE_SECCOMP_ERRNO_);
	unsigned position = ce_bpf_if_(b, CE_BPF_JEQ_, CE_ASK_USED_HIGH_, high, policy);

	b->used = low; /* and the next */
	return ce_bpf_load_(b, CE_DATA_LOW_(2), ce_bpf_if_(b, CE_BPF_JEQ_, CE_ASK_USED_LOW_, low, position));
}

/* Says in a finished program how many instructions are used. */
CE_COLD_ void ce_filter_say_used_(struct ce_bpf_ *b, unsigned used)
{
	if (b->used == CE_BPF_MAX_ || b->full)
		return;
	b->insn[b->used].k = CE_SECCOMP_ERRNO_ | CE_ANSWER_ | (used & CE_ANSWER_BITS_);
	b->insn[b->used + 1].k = CE_SECCOMP_ERRNO_ | CE_ANSWER_ | (used >> CE_ANSWER_WIDTH_ & CE_ANSWER_BITS_);
}

/* prctl(CE_ASK_, descriptor, word, index); other calls of prctl go on at `otherwise`. */
CE_COLD_ unsigned ce_filter_question_(struct ce_bpf_ *b, const struct ce_filter_ *filter, unsigned otherwise)
{
	struct ce_bpf_case_ cases[2 * CE_LIMITS_MAX_ + 4];
	unsigned targets[CE_LIMITS_MAX_];
	unsigned unlimited = ce_bpf_return_(b, CE_SECCOMP_ALLOW_);
	size_t count = ce_bpf_add_case_(cases, 0, 0, unlimited);
	unsigned position;
	size_t i, j;

	for (i = 0; i < filter->n; i++) {
		for (j = 0; j < i; j++)
			if (ce_limit_equal_(&filter->limits[j], &filter->limits[i]))
				break;
		targets[i] = j < i ? targets[j] : ce_filter_answers_(b, &filter->limits[i]);
		count = ce_bpf_add_case_(cases, count, filter->limits[i].first, targets[i]);
		count = ce_bpf_add_case_(cases, count, filter->limits[i].last + 1, unlimited);
	}
	count = ce_bpf_add_case_(cases, count, CE_ASK_POOLS_, ce_filter_pools_(b, filter, unlimited));
	count = ce_bpf_add_case_(cases, count, CE_ASK_CLOSED_, ce_filter_closed_(b));
	count = ce_bpf_add_case_(cases, count, CE_ASK_CLOSED_ + 1, unlimited);
	position = ce_bpf_load_(b, CE_DATA_LOW_(1), ce_bpf_search_(b, cases, count));
	position = ce_bpf_if_(b, CE_BPF_JEQ_, CE_ASK_, position, otherwise);
	return ce_bpf_load_(b, CE_DATA_LOW_(0), position);
}

#endif
