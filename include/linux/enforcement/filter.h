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
struct ce_limited {
	uint32_t first;
	uint32_t last;
	bool writable; /* may be mapped but not for writing, and was open for writing */
	uint32_t fcntls;
	uint64_t rights[2]; /* without index bits */
	int32_t ioctls;     /* how many commands are allowed; -1: all */
	const uint32_t *ioctl;
	/* What earlier filters hold already, and this one need not repeat. All 0: nothing. */
	bool limited;
	bool same_ioctls;
	uint32_t fcntls_before;
	uint64_t rights_before[2];
};

/* What capability mode is built for. */
struct ce_mode {
	uint32_t self;     /* process id at entry */
	unsigned landlock; /* ABI in use; 0: none */
	bool lookups; /* a directory to look up from is held, and Landlock confines it */
	uint64_t every[2]; /* rights that every descriptor grants by which files can be opened */
	uint64_t any[2];   /* rights that some directory descriptor grants */
};

/* What a filter is for: capability mode, or (mode NULL) limits, sorted by descriptor, not overlapping. */
struct ce_filter {
	const struct ce_mode *mode;
	const struct ce_limited *limits;
	size_t n;    /* 1 to CE_LIMITS_MAX */
	bool closed; /* earlier limits hold what all limits have in common */
};

static inline bool ce_has_bits(const uint64_t have[2], const uint64_t want[2])
{
	return (want[0] & ~have[0]) == 0 && (want[1] & ~have[1]) == 0;
}

/* ---- tests -------------------------------------------------------------------------------------------------- */

static inline unsigned ce_filter_pointer(struct ce_bpf *b, unsigned argument, unsigned set, unsigned null)
{
	unsigned high = ce_bpf_if(b, CE_BPF_JEQ, 0, null, set);

	high = ce_bpf_load(b, CE_DATA_HIGH(argument), high);
	return ce_bpf_load(b, CE_DATA_LOW(argument), ce_bpf_if(b, CE_BPF_JEQ, 0, high, set));
}

static inline unsigned ce_filter_test(struct ce_bpf *b, const struct ce_policy_test *test, uint32_t self, unsigned yes,
				      unsigned no)
{
	const uint32_t offset = CE_DATA_LOW(test->argument);
	unsigned in, position, i;

	if (test->operation == CE_TEST_SET)
		return ce_filter_pointer(b, test->argument, yes, no);
	if (test->mask == UINT32_MAX) { /* the accumulator will still hold the argument */
		yes = ce_bpf_after_load(b, offset, yes);
		no = ce_bpf_after_load(b, offset, no);
	}
	in = test->operation == CE_TEST_NOT_IN ? no : yes;
	position = test->operation == CE_TEST_NOT_IN ? yes : no;
	if (test->operation == CE_TEST_SELF)
		position = ce_bpf_if(b, CE_BPF_JEQ, self, in, position);
	for (i = 0; i < test->count; i++)
		position = ce_bpf_if(b, CE_BPF_JEQ, ce_policy_values[test->first + i], in, position);
	if (test->mask != UINT32_MAX)
		position = ce_bpf_then(b, CE_BPF_AND, test->mask, position);
	return ce_bpf_load(b, offset, position);
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

static inline bool ce_may_map_but_not_execute(const uint64_t rights[2])
{
	static const uint64_t readable[2] = { CE_WORD0(CAP_MMAP_R), 0 };
	static const uint64_t executable[2] = { CE_WORD0(CAP_MMAP_X), 0 };

	return ce_has_bits(rights, readable) && !ce_has_bits(rights, executable);
}

static inline bool ce_clause_has(const struct ce_policy_clause *clause, const uint64_t rights[2], uint32_t fcntls)
{
	return ce_has_bits(rights, clause->rights) && (clause->fcntls & ~fcntls) == 0;
}

/* Whether earlier filters refuse all that the clause refuses under this limit. */
static inline bool ce_limit_lacked(const struct ce_limited *limit, const struct ce_policy_clause *clause)
{
	if (!limit->limited)
		return false;
	switch (clause->kind) {
	case CE_CLAUSE_NEEDS:
		return !clause->writable && !ce_clause_has(clause, limit->rights_before, limit->fcntls_before);
	case CE_CLAUSE_IOCTL:
		return limit->same_ioctls;
	case CE_CLAUSE_NOEXEC:
		return ce_may_map_but_not_execute(limit->rights_before);
	default:
		return true;
	}
}

/* Whether the clause can refuse a call on a descriptor with this limit, and no earlier filter does. */
static inline bool ce_limit_lacks(const struct ce_limited *limit, const struct ce_policy_clause *clause)
{
	if (ce_limit_lacked(limit, clause))
		return false;
	switch (clause->kind) {
	case CE_CLAUSE_NEEDS:
		return (!clause->writable || limit->writable) && !ce_clause_has(clause, limit->rights, limit->fcntls);
	case CE_CLAUSE_IOCTL:
		return limit->ioctls >= 0; /* without CAP_IOCTL it is 0 */
	case CE_CLAUSE_NOEXEC:
		return ce_may_map_but_not_execute(limit->rights);
	default:
		return true;
	}
}

/* Whether the clause is about the descriptor in `argument`, and can refuse a call on one with this limit. */
static inline bool ce_limit_refuses(const struct ce_limited *limit, const struct ce_policy_clause *clause,
				    unsigned argument)
{
	return clause->kind != CE_CLAUSE_CLOSED && clause->kind != CE_CLAUSE_NOEXEC && clause->argument == argument &&
	       ce_limit_lacks(limit, clause);
}

/* Whether a clause that can refuse a call does so whatever the other arguments are. */
static inline bool ce_clause_refuses_all(const struct ce_policy_clause *clause)
{
	return clause->tests == 0 && clause->kind != CE_CLAUSE_IOCTL;
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
static inline unsigned ce_filter_ioctl(struct ce_bpf *b, const struct ce_limited *limit, unsigned pass)
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
	return ce_bpf_load(b, CE_DATA_LOW(1), ce_bpf_search(b, cases, n));
}

/* What is left to check once the descriptor in `argument` is known to have this limit; `pass` if nothing. */
static inline unsigned ce_filter_limited(struct ce_bpf *b, const struct ce_policy_rule *rule, unsigned argument,
					 const struct ce_limited *limit, unsigned pass)
{
	unsigned position = pass;
	unsigned i;

	for (i = 0; i < rule->count; i++) {
		const struct ce_policy_clause *clause = &ce_policy_clauses[rule->first + i];

		if (ce_limit_refuses(limit, clause, argument) && ce_clause_refuses_all(clause))
			return ce_filter_refuse(b, clause, pass); /* whatever the other clauses say */
	}
	for (i = rule->count; i-- > 0;) {
		const struct ce_policy_clause *clause = &ce_policy_clauses[rule->first + i];

		if (!ce_limit_refuses(limit, clause, argument))
			continue;
		if (clause->kind == CE_CLAUSE_IOCTL)
			position = ce_filter_clause(b, clause, 0, ce_filter_ioctl(b, limit, position), position);
		else
			position = ce_filter_refuse(b, clause, position);
	}
	return position;
}

/* Which clauses of a rule can refuse under this limit: equal sets give equal code. */
static inline uint64_t ce_filter_signature(const struct ce_policy_rule *rule, unsigned argument,
					   const struct ce_limited *limit)
{
	uint64_t signature = 0;
	unsigned i;

	for (i = 0; i < rule->count; i++)
		if (ce_limit_refuses(limit, &ce_policy_clauses[rule->first + i], argument))
			signature |= 1ull << i;
	return signature;
}

/* Whether two limits have the same ioctl list, in the same order. */
static inline bool ce_limit_same_ioctls(const struct ce_limited *a, const struct ce_limited *b)
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
					  const struct ce_limited *limits, size_t n, unsigned pass)
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
	return ce_bpf_load(b, CE_DATA_LOW(argument), ce_bpf_search(b, cases, count));
}

/* Whether a clause that is about no descriptor in particular applies because of these limits. */
static inline bool ce_filter_closes(const struct ce_filter *filter, const struct ce_policy_clause *clause)
{
	size_t i;

	if (clause->kind == CE_CLAUSE_CLOSED)
		return !filter->closed;
	if (clause->kind != CE_CLAUSE_NOEXEC)
		return false;
	for (i = 0; i < filter->n; i++)
		if (ce_limit_lacks(&filter->limits[i], clause))
			return true;
	return false;
}

/* A whole rule under these limits. */
static inline unsigned ce_filter_rule(struct ce_bpf *b, const struct ce_policy_rule *rule,
				      const struct ce_filter *filter)
{
	unsigned arguments = 0;
	unsigned position = ce_bpf_return(b, CE_SECCOMP_ALLOW);
	unsigned i;

	for (i = rule->count; i-- > 0;) {
		const struct ce_policy_clause *clause = &ce_policy_clauses[rule->first + i];

		if (ce_filter_closes(filter, clause))
			position = ce_filter_refuse(b, clause, position);
		arguments |= 1u << clause->argument;
	}
	for (i = 6; i-- > 0;)
		if ((arguments & 1u << i) != 0)
			position = ce_filter_argument(b, rule, i, filter->limits, filter->n, position);
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
static inline unsigned ce_filter_answer_ioctls(struct ce_bpf *b, const struct ce_limited *limit, unsigned otherwise)
{
	struct ce_bpf_case cases[CE_IOCTLS_MAX + 1];
	unsigned part0 = ce_filter_answer_part(b, 0);
	unsigned part1 = ce_filter_answer_part(b, 1);
	unsigned part2 = ce_filter_answer_part(b, 2);
	unsigned parts = ce_bpf_if(b, CE_BPF_JEQ, CE_ASK_IOCTL + 1, part1, part2);
	uint32_t i;

	parts = ce_bpf_if(b, CE_BPF_JEQ, CE_ASK_IOCTL, part0, parts);
	parts = ce_bpf_load(b, CE_DATA_LOW(2), parts);
	for (i = 0; i < (uint32_t)limit->ioctls; i++) {
		cases[i].from = i;
		cases[i].target = ce_bpf_then(b, CE_BPF_LDX_CONST, limit->ioctl[i], parts);
	}
	cases[i].from = i;
	cases[i].target = otherwise;
	return ce_bpf_load(b, CE_DATA_LOW(3), ce_bpf_search(b, cases, i + 1));
}

static inline unsigned ce_filter_answer_word(struct ce_bpf *b, uint32_t word, unsigned bits, unsigned otherwise)
{
	if (bits == 0) /* as any word that is not answered otherwise */
		return otherwise;
	return ce_bpf_if(b, CE_BPF_JEQ, word, ce_filter_answer(b, bits), otherwise);
}

/* Everything that can be asked about one limit: the word is in argument 2. */
static inline unsigned ce_filter_answers(struct ce_bpf *b, const struct ce_limited *limit)
{
	unsigned zero = ce_filter_answer(b, 0);
	unsigned position = zero;
	uint32_t word;

	if (limit->ioctls > 0)
		position = ce_bpf_if(b, CE_BPF_JGE, CE_ASK_IOCTL, ce_filter_answer_ioctls(b, limit, zero), zero);
	position = ce_filter_answer_word(b, CE_ASK_IOCTLS, limit->ioctls < 0 ? CE_ANSWER_ALL : (unsigned)limit->ioctls,
					 position);
	position = ce_filter_answer_word(b, CE_ASK_POLICY, CE_POLICY_ID, position);
	position = ce_filter_answer_word(b, CE_ASK_WRITABLE, limit->writable, position);
	position = ce_filter_answer_word(b, CE_ASK_FCNTLS, limit->fcntls >> CE_ASK_FCNTLS_SHIFT, position);
	for (word = CE_ASK_RIGHTS_WORDS; word-- > 0;) {
		uint64_t bits = limit->rights[word / CE_ASK_WORDS_PER_SET] >>
				(word % CE_ASK_WORDS_PER_SET * CE_ANSWER_WIDTH);

		position = ce_filter_answer_word(b, word, (unsigned)(bits & CE_ANSWER_BITS), position);
	}
	return ce_bpf_load(b, CE_DATA_LOW(2), position);
}

/* Whether two limits are alike in all but the descriptors. */
static inline bool ce_limit_equal(const struct ce_limited *a, const struct ce_limited *b)
{
	return a->rights[0] == b->rights[0] && a->rights[1] == b->rights[1] && a->fcntls == b->fcntls &&
	       a->writable == b->writable && ce_limit_same_ioctls(a, b) && a->limited == b->limited &&
	       a->same_ioctls == b->same_ioctls && a->fcntls_before == b->fcntls_before &&
	       a->rights_before[0] == b->rights_before[0] && a->rights_before[1] == b->rights_before[1];
}

/* prctl(CE_ASK, descriptor, word, index); other calls of prctl go on at `otherwise`. */
static inline unsigned ce_filter_question(struct ce_bpf *b, const struct ce_filter *filter, unsigned otherwise)
{
	struct ce_bpf_case cases[2 * CE_LIMITS_MAX + 3];
	unsigned targets[CE_LIMITS_MAX];
	unsigned unlimited = ce_bpf_return(b, CE_SECCOMP_ALLOW);
	size_t count = ce_bpf_add_case(cases, 0, 0, unlimited);
	unsigned position;
	size_t i, j;

	for (i = 0; i < filter->n; i++) {
		for (j = 0; j < i; j++)
			if (ce_limit_equal(&filter->limits[j], &filter->limits[i]))
				break;
		targets[i] = j < i ? targets[j] : ce_filter_answers(b, &filter->limits[i]);
		count = ce_bpf_add_case(cases, count, filter->limits[i].first, targets[i]);
		count = ce_bpf_add_case(cases, count, filter->limits[i].last + 1, unlimited);
	}
	count = ce_bpf_add_case(cases, count, CE_ASK_CLOSED, ce_filter_answer(b, CE_POLICY_ID));
	count = ce_bpf_add_case(cases, count, CE_ASK_CLOSED + 1, unlimited);
	position = ce_bpf_load(b, CE_DATA_LOW(1), ce_bpf_search(b, cases, count));
	position = ce_bpf_if(b, CE_BPF_JEQ, CE_ASK, position, otherwise);
	return ce_bpf_load(b, CE_DATA_LOW(0), position);
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
	if ((clause->rights[0] | clause->rights[1]) != 0 &&
	    ce_has_bits(clause->any ? mode->any : mode->every, clause->rights))
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
	unsigned flags = CE_MODE_ENTERED | (mode->landlock > 0 ? CE_MODE_LOOKUPS : 0) |
			 (mode->landlock >= CE_LANDLOCK_SCOPES ? CE_MODE_SIGNALS : 0);
	unsigned position = ce_bpf_if(b, CE_BPF_JEQ, CE_ASK_MODE, ce_filter_answer(b, flags), allow);

	position = ce_bpf_load(b, CE_DATA_LOW(1), position);
	position = ce_bpf_if(b, CE_BPF_JEQ, CE_ASK, position, otherwise);
	return ce_bpf_load(b, CE_DATA_LOW(0), position);
}

/* ---- whole programs ----------------------------------------------------------------------------------------- */

static inline unsigned ce_filter_any_rule(struct ce_bpf *b, const struct ce_filter *filter,
					  const struct ce_policy_call *call)
{
	if (filter->mode != NULL)
		return ce_filter_mode_rule(b, &ce_policy_rules[call->mode], filter->mode);
	return ce_filter_rule(b, &ce_policy_rules[call->limited], filter);
}

/*
 * The position of the first code that equals the unit just written, which is then taken back; else the position
 * of the new code. A rule's code only jumps inside itself, so equal instructions mean the same wherever they stand, and
 * always taking the same of several lets neighbouring calls share a case.
 */
static inline unsigned ce_filter_share(struct ce_bpf *b, unsigned position)
{
	const unsigned length = b->unit - b->head;
	unsigned i;

	if (length == 0) /* the program is full */
		return position;
	for (i = CE_BPF_MAX - length; i >= b->unit; i--) {
		if (memcmp(&b->insn[i], &b->insn[b->head], length * sizeof(b->insn[0])) == 0) {
			position = i + (position - b->head);
			b->head = b->unit;
			break;
		}
	}
	return position;
}

static inline unsigned ce_filter_any_question(struct ce_bpf *b, const struct ce_filter *filter, unsigned otherwise)
{
	if (filter->mode != NULL)
		return ce_filter_mode_question(b, filter->mode, otherwise);
	return ce_filter_question(b, filter, otherwise);
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
	unknown = filter->closed ? ce_bpf_return(b, CE_SECCOMP_ALLOW) : ce_bpf_errno(b, ENOSYS);
	for (i = 0; i < CE_POLICY_RULES; i++)
		rules[i] = CE_BPF_MAX; /* not written yet */
	for (i = 0; i < CE_POLICY_CALLS; i++) {
		const struct ce_policy_call *call = &ce_policy_calls[i];
		unsigned *rule = &rules[filter->mode != NULL ? call->mode : call->limited];

		if (*rule == CE_BPF_MAX) {
			b->unit = b->head;
			*rule = ce_filter_share(b, ce_filter_any_rule(b, filter, call));
		}
		b->unit = b->head;
		position = call->number == SYS_prctl ? ce_filter_any_question(b, filter, *rule) : *rule;
		if (call->number != next)
			count = ce_bpf_add_case(cases, count, next, unknown);
		count = ce_bpf_add_case(cases, count, call->number, position);
		next = call->number + 1u;
	}
	count = ce_bpf_add_case(cases, count, next, unknown);
	position = ce_bpf_search(b, cases, count);
	position = ce_bpf_load(b, CE_DATA_NR, position);
	position = ce_bpf_if(b, CE_BPF_JEQ, CE_AUDIT_ARCH, position,
			     ce_bpf_errno(b, filter->mode != NULL ? ECAPMODE : ENOTCAPABLE));
	ce_bpf_load(b, CE_DATA_ARCH, position);
}

#endif
