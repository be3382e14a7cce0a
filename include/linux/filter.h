/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the policy to filters: the program that holds limits on descriptors, and the one that is capability mode.
 *
 * Both first decide by system-call number alone, so that the kernel's bitmap of always-allowed calls keeps untouched
 * calls free (kernel/seccomp.c, seccomp_is_const_allow), and then look at arguments. Both also answer questions, see
 * question.h.
 */
#ifndef CE_LINUX_FILTER_H
#define CE_LINUX_FILTER_H

#define CE_LIMITS_MAX 256u /* ranges of descriptors in one filter */
#define CE_IOCTLS_MAX 256u /* FreeBSD's IOCTLS_MAX_COUNT, sys/kern/sys_capability.c */

/* The limits that descriptors first..last share. */
struct ce_limit {
	uint32_t first;
	uint32_t last;
	bool writable; /* open for writing */
	uint32_t fcntls;
	uint64_t rights[2]; /* without index bits */
	int32_t ioctls;     /* how many commands are allowed; -1: all */
	const uint32_t *ioctl;
};

/* What capability mode is built for. */
struct ce_mode {
	uint32_t self;     /* process id at entry */
	unsigned landlock; /* ABI in use; 0: none */
	bool lookups;
	uint64_t every[2]; /* rights that every directory descriptor grants */
};

static inline bool ce_has_bits(const uint64_t have[2], const uint64_t want[2])
{
	return (want[0] & ~have[0]) == 0 && (want[1] & ~have[1]) == 0;
}

/* ---- tests -------------------------------------------------------------------------------------------------- */

static inline unsigned ce_filter_pointer(struct ce_bpf *b, unsigned argument, unsigned set, unsigned null)
{
	unsigned high = ce_bpf_if(b, CE_BPF_JEQ, 0, null, set);

	high = ce_bpf_then(b, CE_BPF_LD_DATA, CE_DATA_HIGH(argument), high);
	return ce_bpf_then(b, CE_BPF_LD_DATA, CE_DATA_LOW(argument), ce_bpf_if(b, CE_BPF_JEQ, 0, high, set));
}

static inline unsigned ce_filter_test(struct ce_bpf *b, const struct ce_policy_test *test, uint32_t self, unsigned yes,
				      unsigned no)
{
	unsigned in = test->operation == CE_TEST_NOT_IN ? no : yes;
	unsigned position = test->operation == CE_TEST_NOT_IN ? yes : no;
	unsigned i;

	if (test->operation == CE_TEST_SET)
		return ce_filter_pointer(b, test->argument, yes, no);
	if (test->operation == CE_TEST_NULL)
		return ce_filter_pointer(b, test->argument, no, yes);
	if (test->operation == CE_TEST_SELF)
		position = ce_bpf_if(b, CE_BPF_JEQ, self, in, position);
	for (i = 0; i < test->count; i++)
		position = ce_bpf_if(b, CE_BPF_JEQ, ce_policy_values[test->first + i], in, position);
	if (test->mask != UINT32_MAX)
		position = ce_bpf_then(b, CE_BPF_AND, test->mask, position);
	return ce_bpf_then(b, CE_BPF_LD_DATA, CE_DATA_LOW(test->argument), position);
}

/* All tests of a clause: to `yes` where they hold. */
static inline unsigned ce_filter_clause(struct ce_bpf *b, const struct ce_policy_clause *clause, uint32_t self,
					unsigned yes, unsigned no)
{
	unsigned i;

	for (i = clause->tests; i-- > 0;)
		yes = ce_filter_test(b, &ce_policy_tests[clause->first_test + i], self, yes, no);
	return yes;
}

/* ---- limits on descriptors ---------------------------------------------------------------------------------- */

static inline bool ce_limit_may_map_but_not_execute(const struct ce_limit *limit)
{
	static const uint64_t readable[2] = { CE_WORD0(CAP_MMAP_R), 0 };
	static const uint64_t executable[2] = { CE_WORD0(CAP_MMAP_X), 0 };

	return ce_has_bits(limit->rights, readable) && !ce_has_bits(limit->rights, executable);
}

/* Whether the clause can refuse a call on a descriptor with this limit. */
static inline bool ce_limit_lacks(const struct ce_limit *limit, const struct ce_policy_clause *clause)
{
	static const uint64_t ioctl[2] = { 0, CE_WORD1(CAP_IOCTL) };

	switch (clause->kind) {
	case CE_CLAUSE_NEEDS:
		return (!clause->writable || limit->writable) && (!ce_has_bits(limit->rights, clause->rights) ||
								  (clause->fcntls & ~limit->fcntls) != 0);
	case CE_CLAUSE_IOCTL:
		return limit->ioctls >= 0 || !ce_has_bits(limit->rights, ioctl);
	case CE_CLAUSE_NOEXEC:
		return ce_limit_may_map_but_not_execute(limit);
	default:
		return true;
	}
}

static inline unsigned ce_filter_refuse(struct ce_bpf *b, const struct ce_policy_clause *clause, unsigned pass)
{
	unsigned refuse = ce_bpf_errno(b, clause->error != 0 ? clause->error : ENOTCAPABLE);

	return ce_filter_clause(b, clause, 0, refuse, pass);
}

static inline void ce_sort_u32(uint32_t *values, size_t n)
{
	size_t i, j;

	for (i = 1; i < n; i++) {
		uint32_t value = values[i];

		for (j = i; j > 0 && values[j - 1] > value; j--)
			values[j] = values[j - 1];
		values[j] = value;
	}
}

/* The ioctl command in argument 1 against the limit's list. */
static inline unsigned ce_filter_ioctl(struct ce_bpf *b, const struct ce_limit *limit, unsigned pass)
{
	uint32_t sorted[CE_IOCTLS_MAX];
	struct ce_bpf_case cases[2 * CE_IOCTLS_MAX + 1];
	unsigned refuse = ce_bpf_errno(b, ENOTCAPABLE);
	size_t count = limit->ioctls > 0 ? (size_t)limit->ioctls : 0;
	size_t n = ce_bpf_add_case(cases, 0, 0, refuse);
	size_t i;

	for (i = 0; i < count; i++)
		sorted[i] = limit->ioctl[i];
	ce_sort_u32(sorted, count);
	for (i = 0; i < count; i++) {
		if (i > 0 && sorted[i] == sorted[i - 1])
			continue;
		n = ce_bpf_add_case(cases, n, sorted[i], pass);
		if (sorted[i] != UINT32_MAX)
			n = ce_bpf_add_case(cases, n, sorted[i] + 1, refuse);
	}
	return ce_bpf_then(b, CE_BPF_LD_DATA, CE_DATA_LOW(1), ce_bpf_search(b, cases, n));
}

/* What is left to check once the descriptor in `argument` is known to have this limit; `pass` if nothing. */
static inline unsigned ce_filter_limited(struct ce_bpf *b, const struct ce_policy_rule *rule, unsigned argument,
					 const struct ce_limit *limit, unsigned pass)
{
	unsigned position = pass;
	unsigned i;

	for (i = rule->count; i-- > 0;) {
		const struct ce_policy_clause *clause = &ce_policy_clauses[rule->first + i];

		if (clause->kind == CE_CLAUSE_CLOSED || clause->kind == CE_CLAUSE_NOEXEC)
			continue;
		if (clause->argument != argument || !ce_limit_lacks(limit, clause))
			continue;
		if (clause->kind == CE_CLAUSE_IOCTL)
			position = ce_filter_ioctl(b, limit, position);
		else
			position = ce_filter_refuse(b, clause, position);
	}
	return position;
}

/* Which clauses of a rule can refuse under this limit: equal sets give equal code. */
static inline uint64_t ce_filter_signature(const struct ce_policy_rule *rule, unsigned argument,
					   const struct ce_limit *limit)
{
	uint64_t signature = 0;
	unsigned i;

	for (i = 0; i < rule->count; i++) {
		const struct ce_policy_clause *clause = &ce_policy_clauses[rule->first + i];

		if (clause->argument == argument && ce_limit_lacks(limit, clause))
			signature |= 1ull << i;
	}
	return signature;
}

/* Whether two limits have the same ioctl list, in the same order. */
static inline bool ce_limit_same_ioctls(const struct ce_limit *a, const struct ce_limit *b)
{
	int32_t i;

	if (a->ioctls != b->ioctls)
		return false;
	for (i = 0; i < a->ioctls; i++)
		if (a->ioctl[i] != b->ioctl[i])
			return false;
	return true;
}

/* The descriptor in `argument` against every limit. */
static inline unsigned ce_filter_argument(struct ce_bpf *b, const struct ce_policy_rule *rule, unsigned argument,
					  const struct ce_limit *limits, size_t n, unsigned pass)
{
	struct ce_bpf_case cases[2 * CE_LIMITS_MAX + 1];
	unsigned targets[CE_LIMITS_MAX];
	uint64_t signatures[CE_LIMITS_MAX];
	size_t count = ce_bpf_add_case(cases, 0, 0, pass);
	size_t i, j;

	for (i = 0; i < n; i++) {
		signatures[i] = ce_filter_signature(rule, argument, &limits[i]);
		for (j = 0; j < i; j++)
			if (signatures[j] == signatures[i] && ce_limit_same_ioctls(&limits[j], &limits[i]))
				break;
		targets[i] = j < i ? targets[j] : ce_filter_limited(b, rule, argument, &limits[i], pass);
		count = ce_bpf_add_case(cases, count, limits[i].first, targets[i]);
		count = ce_bpf_add_case(cases, count, limits[i].last + 1, pass);
	}
	if (count == 1)
		return pass;
	return ce_bpf_then(b, CE_BPF_LD_DATA, CE_DATA_LOW(argument), ce_bpf_search(b, cases, count));
}

/* A whole rule under these limits; `pass` where it refuses nothing. */
static inline unsigned ce_filter_rule(struct ce_bpf *b, const struct ce_policy_rule *rule,
				      const struct ce_limit *limits, size_t n, unsigned pass)
{
	unsigned arguments = 0;
	unsigned position = pass;
	unsigned i;

	for (i = rule->count; i-- > 0;) {
		const struct ce_policy_clause *clause = &ce_policy_clauses[rule->first + i];
		size_t j = 0;

		if (clause->kind != CE_CLAUSE_CLOSED && clause->kind != CE_CLAUSE_NOEXEC) {
			arguments |= 1u << clause->argument;
			continue;
		}
		while (j < n && !ce_limit_lacks(&limits[j], clause))
			j++;
		if (j < n)
			position = ce_filter_refuse(b, clause, position);
	}
	for (i = 6; i-- > 0;)
		if ((arguments & 1u << i) != 0)
			position = ce_filter_argument(b, rule, i, limits, n, position);
	return position;
}

/* ---- answers to questions (question.h) ---------------------------------------------------------------------- */

static inline unsigned ce_filter_answer(struct ce_bpf *b, unsigned bits)
{
	return ce_bpf_errno(b, CE_ANSWER | bits);
}

/* One third of the ioctl command in X. */
static inline unsigned ce_filter_answer_part(struct ce_bpf *b, unsigned part)
{
	unsigned position = ce_bpf_emit(b, CE_BPF_RET_A, 0, 0, 0);

	position = ce_bpf_then(b, CE_BPF_OR, CE_SECCOMP_ERRNO | CE_ANSWER, position);
	position = ce_bpf_then(b, CE_BPF_AND, CE_ANSWER_BITS, position);
	position = ce_bpf_then(b, CE_BPF_RSH, part * CE_ANSWER_WIDTH, position);
	return ce_bpf_then(b, CE_BPF_TXA, 0, position);
}

/* The commands of the ioctl list: the index is in argument 3. */
static inline unsigned ce_filter_answer_ioctls(struct ce_bpf *b, const struct ce_limit *limit, unsigned otherwise)
{
	struct ce_bpf_case cases[CE_IOCTLS_MAX + 1];
	unsigned part0 = ce_filter_answer_part(b, 0);
	unsigned part1 = ce_filter_answer_part(b, 1);
	unsigned part2 = ce_filter_answer_part(b, 2);
	unsigned parts = ce_bpf_if(b, CE_BPF_JEQ, CE_ASK_IOCTL + 1, part1, part2);
	uint32_t i;

	parts = ce_bpf_if(b, CE_BPF_JEQ, CE_ASK_IOCTL, part0, parts);
	parts = ce_bpf_then(b, CE_BPF_LD_DATA, CE_DATA_LOW(2), parts);
	for (i = 0; i < (uint32_t)limit->ioctls; i++) {
		cases[i].from = i;
		cases[i].target = ce_bpf_then(b, CE_BPF_LDX_CONST, limit->ioctl[i], parts);
	}
	cases[i].from = i;
	cases[i].target = otherwise;
	return ce_bpf_then(b, CE_BPF_LD_DATA, CE_DATA_LOW(3), ce_bpf_search(b, cases, i + 1));
}

static inline unsigned ce_filter_answer_word(struct ce_bpf *b, uint32_t word, unsigned bits, unsigned otherwise)
{
	if (bits == 0) /* as any word that is not answered otherwise */
		return otherwise;
	return ce_bpf_if(b, CE_BPF_JEQ, word, ce_filter_answer(b, bits), otherwise);
}

/* Everything that can be asked about one limit: the word is in argument 2. */
static inline unsigned ce_filter_answers(struct ce_bpf *b, const struct ce_limit *limit)
{
	unsigned zero = ce_filter_answer(b, 0);
	unsigned position = zero;
	uint32_t word;

	if (limit->ioctls > 0)
		position = ce_bpf_if(b, CE_BPF_JGE, CE_ASK_IOCTL, ce_filter_answer_ioctls(b, limit, zero), zero);
	position = ce_filter_answer_word(b, CE_ASK_IOCTLS, limit->ioctls < 0 ? CE_ANSWER_ALL : (unsigned)limit->ioctls,
					 position);
	position = ce_filter_answer_word(b, CE_ASK_FCNTLS, limit->fcntls >> CE_ASK_FCNTLS_SHIFT, position);
	for (word = CE_ASK_RIGHTS_WORDS; word-- > 0;) {
		uint64_t bits = limit->rights[word / CE_ASK_WORDS_PER_SET] >>
				(word % CE_ASK_WORDS_PER_SET * CE_ANSWER_WIDTH);

		position = ce_filter_answer_word(b, word, (unsigned)(bits & CE_ANSWER_BITS), position);
	}
	return ce_bpf_then(b, CE_BPF_LD_DATA, CE_DATA_LOW(2), position);
}

/* Whether two limits differ in nothing that can be asked. */
static inline bool ce_limit_equal(const struct ce_limit *a, const struct ce_limit *b)
{
	return a->rights[0] == b->rights[0] && a->rights[1] == b->rights[1] && a->fcntls == b->fcntls &&
	       a->writable == b->writable && ce_limit_same_ioctls(a, b);
}

/* prctl(CE_ASK, descriptor, word, index); other calls of prctl go on at `otherwise`. */
static inline unsigned ce_filter_question(struct ce_bpf *b, const struct ce_limit *limits, size_t n,
					  unsigned unlimited, unsigned otherwise)
{
	struct ce_bpf_case cases[2 * CE_LIMITS_MAX + 1];
	unsigned targets[CE_LIMITS_MAX];
	size_t count = ce_bpf_add_case(cases, 0, 0, unlimited);
	unsigned position;
	size_t i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < i; j++)
			if (ce_limit_equal(&limits[j], &limits[i]))
				break;
		targets[i] = j < i ? targets[j] : ce_filter_answers(b, &limits[i]);
		count = ce_bpf_add_case(cases, count, limits[i].first, targets[i]);
		count = ce_bpf_add_case(cases, count, limits[i].last + 1, unlimited);
	}
	position = ce_bpf_then(b, CE_BPF_LD_DATA, CE_DATA_LOW(1), ce_bpf_search(b, cases, count));
	position = ce_bpf_if(b, CE_BPF_JEQ, CE_ASK, position, otherwise);
	return ce_bpf_then(b, CE_BPF_LD_DATA, CE_DATA_LOW(0), position);
}

/* ---- capability mode ----------------------------------------------------------------------------------------- */

/* Whether a clause applies on this kernel, with these directories. */
static inline bool ce_mode_applies(const struct ce_mode *mode, const struct ce_policy_clause *clause)
{
	if (clause->below != 0 && mode->landlock >= clause->below)
		return false;
	if (clause->at_least != 0 && mode->landlock < clause->at_least)
		return false;
	if (clause->without_lookups && mode->lookups)
		return false;
	if ((clause->rights[0] | clause->rights[1]) != 0 && ce_has_bits(mode->every, clause->rights))
		return false;
	return true;
}

static inline unsigned ce_filter_mode_clause(struct ce_bpf *b, const struct ce_mode *mode,
					     const struct ce_policy_clause *clause, unsigned otherwise)
{
	unsigned verdict;

	if (clause->kind == CE_CLAUSE_YES)
		verdict = ce_bpf_return(b, CE_SECCOMP_ALLOW);
	else
		verdict = ce_bpf_errno(b, clause->error != 0 ? clause->error : ECAPMODE);
	return ce_filter_clause(b, clause, mode->self, verdict, otherwise);
}

static inline unsigned ce_filter_mode_rule(struct ce_bpf *b, const struct ce_policy_rule *rule,
					   const struct ce_mode *mode)
{
	bool listed = false; /* only what a "yes" names is allowed */
	unsigned position;
	unsigned i;

	for (i = 0; i < rule->count; i++)
		listed = listed || ce_policy_clauses[rule->first + i].kind == CE_CLAUSE_YES;
	position = listed ? ce_bpf_errno(b, ECAPMODE) : ce_bpf_return(b, CE_SECCOMP_ALLOW);
	for (i = rule->count; i-- > 0;)
		if (ce_mode_applies(mode, &ce_policy_clauses[rule->first + i]))
			position = ce_filter_mode_clause(b, mode, &ce_policy_clauses[rule->first + i], position);
	return position;
}

/* prctl(CE_ASK, -1): what capability mode enforces. A question about a descriptor is for the other filters. */
static inline unsigned ce_filter_mode_question(struct ce_bpf *b, const struct ce_mode *mode, unsigned otherwise)
{
	unsigned allow = ce_bpf_return(b, CE_SECCOMP_ALLOW);
	unsigned flags = CE_MODE_ENTERED | (mode->lookups ? CE_MODE_LOOKUPS : 0) |
			 (mode->landlock >= CE_LANDLOCK_SCOPES ? CE_MODE_SIGNALS : 0);
	unsigned position = ce_bpf_if(b, CE_BPF_JEQ, CE_ASK_MODE, ce_filter_answer(b, flags), allow);

	position = ce_bpf_then(b, CE_BPF_LD_DATA, CE_DATA_LOW(1), position);
	position = ce_bpf_if(b, CE_BPF_JEQ, CE_ASK, position, otherwise);
	return ce_bpf_then(b, CE_BPF_LD_DATA, CE_DATA_LOW(0), position);
}

/* ---- whole programs ----------------------------------------------------------------------------------------- */

/* What a filter is for: capability mode, or (mode NULL) limits, sorted by descriptor, not overlapping. */
struct ce_filter {
	const struct ce_mode *mode;
	const struct ce_limit *limits;
	size_t n; /* 1 to CE_LIMITS_MAX */
};

static inline unsigned ce_filter_any_rule(struct ce_bpf *b, const struct ce_filter *filter,
					  const struct ce_policy_call *call)
{
	if (filter->mode != NULL)
		return ce_filter_mode_rule(b, &ce_policy_rules[call->mode], filter->mode);
	return ce_filter_rule(b, &ce_policy_rules[call->limited], filter->limits, filter->n,
			      ce_bpf_return(b, CE_SECCOMP_ALLOW));
}

static inline unsigned ce_filter_any_question(struct ce_bpf *b, const struct ce_filter *filter, unsigned otherwise)
{
	if (filter->mode != NULL)
		return ce_filter_mode_question(b, filter->mode, otherwise);
	return ce_filter_question(b, filter->limits, filter->n, ce_bpf_return(b, CE_SECCOMP_ALLOW), otherwise);
}

/*
 * Writes the whole program. A number that the policy does not know, x32's among them, answers ENOSYS: it could act on a
 * descriptor unseen, and libc falls back. A call of another architecture, as through int 0x80, is refused.
 */
static inline void ce_filter_build(struct ce_bpf *b, const struct ce_filter *filter)
{
	struct ce_bpf_case cases[2 * CE_POLICY_CALLS + 2];
	unsigned rules[CE_POLICY_RULES];
	unsigned unknown, position, next = 0;
	size_t count = 0, i;

	ce_bpf_start(b);
	unknown = ce_bpf_errno(b, ENOSYS);
	for (i = 0; i < CE_POLICY_RULES; i++)
		rules[i] = CE_BPF_MAX; /* not written yet */
	for (i = 0; i < CE_POLICY_CALLS; i++) {
		const struct ce_policy_call *call = &ce_policy_calls[i];
		unsigned *rule = &rules[filter->mode != NULL ? call->mode : call->limited];

		if (*rule == CE_BPF_MAX)
			*rule = ce_filter_any_rule(b, filter, call);
		position = call->number == SYS_prctl ? ce_filter_any_question(b, filter, *rule) : *rule;
		if (call->number != next)
			count = ce_bpf_add_case(cases, count, next, unknown);
		count = ce_bpf_add_case(cases, count, call->number, position);
		next = call->number + 1u;
	}
	count = ce_bpf_add_case(cases, count, next, unknown);
	position = ce_bpf_search(b, cases, count);
	position = ce_bpf_then(b, CE_BPF_LD_DATA, CE_DATA_NR, position);
	position = ce_bpf_if(b, CE_BPF_JEQ, CE_AUDIT_ARCH, position,
			     ce_bpf_errno(b, filter->mode != NULL ? ECAPMODE : ENOTCAPABLE));
	ce_bpf_then(b, CE_BPF_LD_DATA, CE_DATA_ARCH, position);
}

#endif
