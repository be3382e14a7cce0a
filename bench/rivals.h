/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one would write instead of ce_limit_each(): the same limits as a libseccomp filter, and as a filter by hand.
 *
 * Both are made from the policy of capsicum_easy.h, so that they refuse the same calls. libseccomp cannot compare one
 * argument twice in a rule, so tests for "none of these values" are left out: its filters do a little less.
 */
#ifndef BENCH_RIVALS_H
#define BENCH_RIVALS_H

#include <capsicum_easy.h>

#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>

static inline void rival_must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

/* The limit that a set of rights means, on a descriptor without limits. */
static inline struct ce_limited_ rival_limit(int fd, const cap_rights_t *rights)
{
	struct ce_limited_ limit;

	ce_limit_nothing_((uint32_t)fd, &limit, NULL);
	rival_must(ce_limit_rights_to_(&limit, rights) == 0, "rights");
	return limit;
}

/* ---- libseccomp ---- */

/* A test as a comparison of libseccomp's: false if it has none for it. value: which of several. */
static inline bool rival_comparison(const struct ce_policy_test_ *test, unsigned value, struct scmp_arg_cmp *comparison)
{
	const uint32_t *values = &ce_policy_values_[test->first];

	switch (test->operation) {
	case CE_TEST_SET_:
		*comparison = SCMP_CMP64(test->argument, SCMP_CMP_NE, 0, 0);
		return true;
	case CE_TEST_IN_:
		*comparison = SCMP_CMP64(test->argument, SCMP_CMP_MASKED_EQ, test->mask, values[value]);
		return true;
	case CE_TEST_NOT_IN_: /* one bit that is set */
		*comparison = SCMP_CMP64(test->argument, SCMP_CMP_MASKED_EQ, test->mask, test->mask);
		return test->count == 1 && values[0] == 0 && (test->mask & (test->mask - 1)) == 0;
	default:
		return false;
	}
}

/* One rule for each combination of the values that the tests of a clause name, after `n` comparisons so far. */
static inline void rival_add_rules(scmp_filter_ctx filter, unsigned number, const struct ce_policy_clause_ *clause,
				   unsigned test, struct scmp_arg_cmp *comparisons, unsigned n)
{
	const struct ce_policy_test_ *next = &ce_policy_tests_[clause->first_test + test];
	unsigned value, i;

	if (test == clause->tests) {
		int result = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(ENOTCAPABLE), (int)number, n, comparisons);

		rival_must(result == 0 || result == -EEXIST, "seccomp_rule_add_array");
		return;
	}
	for (i = 0; i < n; i++)
		if (comparisons[i].arg == next->argument)
			return;
	for (value = 0; value < (next->operation == CE_TEST_IN_ ? next->count : 1); value++)
		if (rival_comparison(next, value, &comparisons[n]))
			rival_add_rules(filter, number, clause, test + 1, comparisons, n + 1);
}

static inline void rival_add_clause(scmp_filter_ctx filter, unsigned number, const struct ce_policy_clause_ *clause,
				    const struct ce_limited_ *limits, size_t n)
{
	struct scmp_arg_cmp comparisons[8];
	size_t i;

	if (clause->kind == CE_CLAUSE_CLOSED_) {
		rival_add_rules(filter, number, clause, 0, comparisons, 0);
		return;
	}
	for (i = 0; i < n; i++) {
		if (!ce_limit_refuses_(&limits[i], clause, clause->argument))
			continue;
		comparisons[0] = SCMP_CMP64(clause->argument, SCMP_CMP_MASKED_EQ, UINT32_MAX, limits[i].first);
		rival_add_rules(filter, number, clause, 0, comparisons, 1);
	}
}

/* optimize: libseccomp's 1, rules in order, or 2, a binary tree of call numbers. */
static inline void rival_libseccomp(const struct ce_limited_ *limits, size_t n, uint32_t optimize)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	size_t i;
	unsigned j;

	rival_must(filter != NULL && seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, optimize) == 0 &&
			   seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0,
		   "seccomp_init");
	for (i = 0; i < CE_POLICY_CALLS_; i++) {
		const struct ce_policy_rule_ *rule = &ce_policy_rules_[ce_policy_calls_[i].limited];

		for (j = 0; j < rule->count; j++)
			rival_add_clause(filter, ce_policy_calls_[i].number, &ce_policy_clauses_[rule->first + j],
					 limits, n);
	}
	rival_must(seccomp_load(filter) == 0, "seccomp_load");
	seccomp_release(filter);
}

/* ---- by hand ---- */

/* Which descriptors a call refuses whatever its other arguments are, in its first: enough for a fair chain. */
static inline size_t rival_refused(const struct ce_policy_rule_ *rule, const struct ce_limited_ *limits, size_t n,
				   uint32_t *refused)
{
	size_t count = 0, i;
	unsigned j;

	for (i = 0; i < n; i++)
		for (j = 0; j < rule->count; j++)
			if (ce_limit_refuses_(&limits[i], &ce_policy_clauses_[rule->first + j], 0)) {
				refused[count++] = limits[i].first;
				break;
			}
	return count;
}

/* One call after the other, one descriptor after the other, as filters in textbooks. */
static inline void rival_by_hand(const struct ce_limited_ *limits, size_t n)
{
	struct ce_bpf_insn_ insn[CE_BPF_MAX_];
	struct ce_bpf_program_ program = { 0, insn };
	uint32_t refused[CE_LIMITS_MAX_];
	unsigned short length = 0;
	size_t i, j, count;

#define RIVAL_EMIT(code, jt, jf, k)                                                                     \
	do {                                                                                            \
		const struct ce_bpf_insn_ next = { code, (uint8_t)(jt), (uint8_t)(jf), (uint32_t)(k) }; \
		insn[length++] = next;                                                                  \
	} while (0)
	RIVAL_EMIT(CE_BPF_LD_DATA_, 0, 0, CE_DATA_ARCH_);
	RIVAL_EMIT(CE_BPF_JEQ_, 1, 0, CE_AUDIT_ARCH_);
	RIVAL_EMIT(CE_BPF_RET_, 0, 0, CE_SECCOMP_ERRNO_ | ENOTCAPABLE);
	RIVAL_EMIT(CE_BPF_LD_DATA_, 0, 0, CE_DATA_NR_);
	for (i = 0; i < CE_POLICY_CALLS_; i++) {
		count = rival_refused(&ce_policy_rules_[ce_policy_calls_[i].limited], limits, n, refused);
		if (count == 0)
			continue;
		RIVAL_EMIT(CE_BPF_JEQ_, 0, 2 * count + 2, ce_policy_calls_[i].number);
		RIVAL_EMIT(CE_BPF_LD_DATA_, 0, 0, CE_DATA_LOW_(0));
		for (j = 0; j < count; j++) {
			RIVAL_EMIT(CE_BPF_JEQ_, 0, 1, refused[j]);
			RIVAL_EMIT(CE_BPF_RET_, 0, 0, CE_SECCOMP_ERRNO_ | ENOTCAPABLE);
		}
		RIVAL_EMIT(CE_BPF_RET_, 0, 0, CE_SECCOMP_ALLOW_);
	}
	RIVAL_EMIT(CE_BPF_RET_, 0, 0, CE_SECCOMP_ALLOW_);
#undef RIVAL_EMIT
	program.length = length;
	rival_must(syscall(SYS_prctl, (long)CE_PR_SET_NO_NEW_PRIVS_, 1L, 0L, 0L, 0L) == 0 &&
			   syscall(SYS_seccomp, (long)CE_SECCOMP_SET_MODE_FILTER_, (long)CE_SECCOMP_FLAG_TSYNC_,
				   ce_pointer_(&program)) == 0,
		   "seccomp");
}

#endif
