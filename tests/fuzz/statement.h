/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the policy says about a call, stated plainly: every clause is looked at, for every limited descriptor. The
 * filters must come to the same verdict by searching, sharing and leaving out.
 */
#ifndef FUZZ_STATEMENT_H
#define FUZZ_STATEMENT_H

#include "../linux/seccomp.h"

/* Which errnos a call may be refused with, as it stands in the policy. */
struct refusals {
	unsigned errors[64];
	size_t n;
};

static inline void refuse(struct refusals *refusals, unsigned error)
{
	if (refusals->n == sizeof(refusals->errors) / sizeof(refusals->errors[0]))
		abort();
	refusals->errors[refusals->n++] = error;
}

static inline bool test_holds(const struct ce_policy_test_ *test, const struct call *call, const struct ce_mode_ *mode)
{
	const uint64_t whole = call->arguments[test->argument];
	const uint32_t value = (uint32_t)whole & test->mask;
	bool in = false;
	unsigned i;

	for (i = 0; i < test->count; i++)
		in = in || ce_policy_values_[test->first + i] == value;
	switch (test->operation) {
	case CE_TEST_IN_:
		return in;
	case CE_TEST_NOT_IN_:
		return !in;
	case CE_TEST_SET_:
		return whole != 0;
	case CE_TEST_NAMED_:
		return mode->empty == 0 || whole != mode->empty;
	default:
		return (uint32_t)whole == mode->self;
	}
}

static inline bool tests_hold(const struct ce_policy_clause_ *clause, const struct call *call,
			      const struct ce_mode_ *mode)
{
	unsigned i;

	for (i = 0; i < clause->tests; i++)
		if (!test_holds(&ce_policy_tests_[clause->first_test + i], call, mode))
			return false;
	return true;
}

static inline bool lists(const struct ce_limited_ *limit, uint32_t command)
{
	int32_t i;

	for (i = 0; i < limit->ioctls; i++)
		if (limit->ioctl[i] == command)
			return true;
	return limit->ioctls < 0;
}

static inline bool has(const struct ce_limited_ *limit, uint64_t right)
{
	const uint64_t bits = right & CE_BITS_;

	return (limit->rights[(right >> 57 & 1) != 0 ? 0 : 1] & bits) == bits;
}

/* Whether a clause refuses a call because of one limited descriptor. */
static inline bool clause_refuses(const struct ce_policy_clause_ *clause, const struct call *call,
				  const struct ce_limited_ *limit)
{
	switch (clause->kind) {
	case CE_CLAUSE_CLOSED_:
		return true;
	case CE_CLAUSE_NOEXEC_:
		return false; /* about what was allowed once: limits_say() */
	default:
		break;
	}
	if ((uint32_t)call->arguments[clause->argument] != limit->first)
		return false;
	switch (clause->kind) {
	case CE_CLAUSE_NEEDS_:
		return ((clause->rights[0] & ~limit->rights[0]) != 0 || (clause->rights[1] & ~limit->rights[1]) != 0 ||
			(clause->fcntls & ~limit->fcntls) != 0);
	case CE_CLAUSE_IOCTL_:
		return !lists(limit, (uint32_t)call->arguments[1]);
	case CE_CLAUSE_COPIED_:
		return !limit->copies || (uint32_t)call->arguments[1] != limit->first;
	default:
		return true;
	}
}

static inline const struct ce_policy_call_ *known_call(uint32_t number)
{
	size_t i;

	for (i = 0; i < CE_POLICY_CALLS_; i++)
		if (ce_policy_calls_[i].number == number)
			return &ce_policy_calls_[i];
	return NULL;
}

/* Whether arguments 3 to 5 of a question are the limits of a pool. */
static inline bool names_contents(const struct ce_limited_ *limit, const struct call *call)
{
	uint64_t contents[3];

	ce_limit_contents_(limit, contents);
	return limit->copies && memcmp(contents, &call->arguments[3], sizeof(contents)) == 0;
}

/* The answer to a question about a limited descriptor, as an errno (question.h). */
static inline unsigned answer_about(const struct ce_limited_ *limit, const struct call *call)
{
	const uint32_t word = (uint32_t)call->arguments[2], index = (uint32_t)call->arguments[3];
	unsigned bits = 0;

	if (word < CE_ASK_RIGHTS_WORDS_)
		bits = (unsigned)(limit->rights[word / 6] >> (word % 6 * 11)) & 0x7ff;
	else if (word == CE_ASK_FCNTLS_)
		bits = limit->fcntls >> 3;
	else if (word == CE_ASK_IOCTLS_)
		bits = limit->ioctls < 0 ? 0x7ff : (unsigned)limit->ioctls;
	else if (word == CE_ASK_POLICY_)
		bits = CE_POLICY_ID_;
	else if (word == CE_ASK_POOL_)
		bits = limit->pool;
	else if (word == CE_ASK_LACKS_)
		bits = 1;
	else if (word == CE_ASK_SAME_)
		bits = names_contents(limit, call) ? limit->pool : 0;
	else if (word >= CE_ASK_IOCTL_ && word < CE_ASK_POOL_ && limit->ioctls > 0 && index < (uint32_t)limit->ioctls)
		bits = limit->ioctl[index] >> (word == CE_ASK_IOCTL_ ? 0 : word == CE_ASK_IOCTL_ + 1 ? 11 : 22) & 0x7ff;
	return 0x800 | bits;
}

/* Of one question only those limits say something that lack one of the rights that it names. */
static inline bool is_answered(const struct ce_limited_ *limit, const struct call *call)
{
	return (uint32_t)call->arguments[2] != CE_ASK_LACKS_ ||
	       (call->arguments[3] & ~limit->rights[0] & CE_MASK0_ & CE_BITS_) != 0 ||
	       (call->arguments[4] & ~limit->rights[1] & CE_MASK1_ & CE_BITS_) != 0;
}

static inline bool is_question(const struct call *call)
{
	return call->number == SYS_prctl && (uint32_t)call->arguments[0] == CE_ASK_;
}

/* Whether a file may be mapped but not executed. */
static inline bool maps_but_does_not_execute(const struct ce_limited_ *limit)
{
	return has(limit, CAP_MMAP_R) && !has(limit, CAP_MMAP_X);
}

/* Under limits. noexec: one of them did allow to map a file but not to execute it, now or before. */
static inline void limits_say(const struct ce_limited_ *limits, size_t n, bool noexec, const struct call *call,
			      struct refusals *refusals)
{
	const struct ce_policy_call_ *known = known_call(call->number);
	const struct ce_policy_rule_ *rule;
	size_t i;
	unsigned j;

	if (call->architecture != CE_AUDIT_ARCH_) {
		refuse(refusals, ENOTCAPABLE);
		return;
	}
	if (known == NULL) {
		refuse(refusals, ENOSYS);
		return;
	}
	if (is_question(call)) {
		for (i = 0; i < n; i++)
			if ((uint32_t)call->arguments[1] == limits[i].first && is_answered(&limits[i], call))
				refuse(refusals, answer_about(&limits[i], call));
		if ((uint32_t)call->arguments[1] == CE_ASK_CLOSED_)
			refuse(refusals,
			       CE_ANSWER_ | ((uint32_t)call->arguments[2] - CE_ASK_USED_LOW_ < 2 ? 0 : CE_POLICY_ID_));
		return;
	}
	rule = &ce_policy_rules_[known->limited];
	for (j = 0; j < rule->count; j++) {
		const struct ce_policy_clause_ *clause = &ce_policy_clauses_[rule->first + j];
		bool refused = clause->kind == CE_CLAUSE_NOEXEC_ && noexec;

		for (i = 0; i < n; i++)
			refused = refused || clause_refuses(clause, call, &limits[i]);
		if (refused && tests_hold(clause, call, NULL))
			refuse(refusals, clause->error != 0 ? clause->error : ENOTCAPABLE);
	}
}

/* Whether a clause of capability mode is there at all, on this kernel and with these directories. */
static inline bool clause_is_there(const struct ce_policy_clause_ *clause, const struct ce_mode_ *mode)
{
	const bool gated = clause->rights[0] != 0 || clause->rights[1] != 0;
	const uint64_t *granted = clause->any != 0 ? mode->any : mode->every;
	const bool grants = (clause->rights[0] & ~granted[0]) == 0 && (clause->rights[1] & ~granted[1]) == 0;

	return (clause->below == 0 || mode->landlock < clause->below) &&
	       (clause->at_least == 0 || mode->landlock >= clause->at_least) &&
	       (!clause->without_lookups || !mode->lookups) && (!clause->when_shut || mode->shut) &&
	       (!gated || !grants);
}

static inline unsigned mode_answers(const struct ce_mode_ *mode, uint32_t word)
{
	if (mode->threads > 0 && word == CE_ASK_MODE_THREADS_)
		return mode->threads;
	return CE_MODE_ENTERED_ | (mode->landlock > 0 ? CE_MODE_LOOKUPS_ : 0) |
	       (mode->landlock >= 6 ? CE_MODE_SIGNALS_ : 0) | (mode->metadata ? CE_MODE_METADATA_ : 0) | mode->lost;
}

/* In capability mode: the first clause that holds decides. */
static inline void mode_says(const struct ce_mode_ *mode, const struct call *call, struct refusals *refusals)
{
	const struct ce_policy_call_ *known = known_call(call->number);
	const struct ce_policy_rule_ *rule;
	bool listed = false;
	unsigned j;

	if (call->architecture != CE_AUDIT_ARCH_) {
		refuse(refusals, ECAPMODE);
		return;
	}
	if (known == NULL) {
		refuse(refusals, ENOSYS);
		return;
	}
	if (is_question(call)) {
		if ((uint32_t)call->arguments[1] == CE_ASK_MODE_)
			refuse(refusals, CE_ANSWER_ | mode_answers(mode, (uint32_t)call->arguments[2]));
		return;
	}
	rule = &ce_policy_rules_[known->mode];
	for (j = 0; j < rule->count; j++) {
		const struct ce_policy_clause_ *clause = &ce_policy_clauses_[rule->first + j];

		listed = listed || clause->kind == CE_CLAUSE_YES_;
		if (!clause_is_there(clause, mode) || !tests_hold(clause, call, mode))
			continue;
		if (clause->kind != CE_CLAUSE_YES_)
			refuse(refusals, clause->error != 0 ? clause->error : ECAPMODE);
		return;
	}
	if (listed)
		refuse(refusals, ECAPMODE);
}

/* Whether a verdict is one that the statement allows. */
static inline bool agrees(const struct refusals *refusals, unsigned error)
{
	size_t i;

	for (i = 0; i < refusals->n; i++)
		if (refusals->errors[i] == error)
			return true;
	return refusals->n == 0 && error == 0;
}

#endif
