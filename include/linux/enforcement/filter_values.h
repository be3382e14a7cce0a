/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules made shorter: clauses that others cover, and clauses that all compare one argument, as fcntl's do its command,
 * which become one search among values.
 */
#ifndef CE_LINUX_FILTER_VALUES_H_
#define CE_LINUX_FILTER_VALUES_H_

#include "filter_rules.h"

#define CE_VALUES_MAX_ 256u /* in one search; a rule that names more has its clauses tested one by one */

CE_APART_ void ce_sort_u32_(uint32_t *values, size_t n)
{
	size_t i, j;

	for (i = 1; i < n; i++) {
		uint32_t value = values[i];

		for (j = i; j > 0 && values[j - 1] > value; j--)
			values[j] = values[j - 1];
		values[j] = value;
	}
}

CE_COLD_ bool ce_test_equal_(const struct ce_policy_test_ *a, const struct ce_policy_test_ *b)
{
	return a->argument == b->argument && a->operation == b->operation && a->mask == b->mask &&
	       a->count == b->count &&
	       memcmp(&ce_policy_values_[a->first], &ce_policy_values_[b->first],
		      a->count * sizeof(ce_policy_values_[0])) == 0;
}

CE_COLD_ bool ce_clause_makes_test_(const struct ce_policy_clause_ *clause, const struct ce_policy_test_ *test)
{
	unsigned i;

	for (i = 0; i < clause->tests; i++)
		if (ce_test_equal_(&ce_policy_tests_[clause->first_test + i], test))
			return true;
	return false;
}

/*
 * Whether a clause need not be looked at beside another that refuses as well: the other asks for fewer things, and
 * refuses all that it refuses. Of two that ask for the same the first in the table counts.
 */
CE_COLD_ bool ce_clause_covers_(const struct ce_policy_clause_ *other, const struct ce_policy_clause_ *clause)
{
	unsigned i;

	if (other->kind == CE_CLAUSE_IOCTL_ || other->kind == CE_CLAUSE_COPIED_ || other->error != clause->error ||
	    other->tests > clause->tests || (other->tests == clause->tests && other > clause))
		return false;
	for (i = 0; i < other->tests; i++)
		if (!ce_clause_makes_test_(clause, &ce_policy_tests_[other->first_test + i]))
			return false;
	return true;
}

/* Whether a clause refuses by one comparison of a whole argument with values. */
CE_COLD_ bool ce_clause_compares_(const struct ce_policy_clause_ *clause)
{
	const struct ce_policy_test_ *test = &ce_policy_tests_[clause->first_test];

	return clause->kind != CE_CLAUSE_IOCTL_ && clause->tests == 1 && test->mask == UINT32_MAX &&
	       (test->operation == CE_TEST_IN_ || test->operation == CE_TEST_NOT_IN_);
}

/* The argument that these clauses of a rule, two or more, all compare with values; 6 if there is none. */
CE_COLD_ unsigned ce_rule_compared_(const struct ce_policy_rule_ *rule, uint64_t clauses)
{
	unsigned compared = 6, n = 0, values = 0;
	unsigned i;

	for (i = 0; i < rule->count; i++) {
		const struct ce_policy_clause_ *clause = &ce_policy_clauses_[rule->first + i];

		if ((clauses >> i & 1) == 0)
			continue;
		if (!ce_clause_compares_(clause) ||
		    (n++ > 0 && ce_policy_tests_[clause->first_test].argument != compared))
			return 6;
		compared = ce_policy_tests_[clause->first_test].argument;
		values += ce_policy_tests_[clause->first_test].count;
	}
	return n > 1 && values <= CE_VALUES_MAX_ ? compared : 6;
}

/* Whether a test holds for a value; known false: for one that no test names. */
CE_COLD_ bool ce_test_holds_(const struct ce_policy_test_ *test, uint32_t value, bool known)
{
	unsigned i;

	for (i = 0; known && i < test->count; i++)
		if (ce_policy_values_[test->first + i] == value)
			return test->operation == CE_TEST_IN_;
	return test->operation == CE_TEST_NOT_IN_;
}

/* Where a value of the compared argument leads: to what the first clause that holds says. */
CE_COLD_ unsigned ce_filter_value_(struct ce_bpf_ *b, const struct ce_policy_rule_ *rule, uint64_t clauses,
				   uint32_t value, bool known, unsigned pass)
{
	unsigned i;

	for (i = 0; i < rule->count; i++) {
		const struct ce_policy_clause_ *clause = &ce_policy_clauses_[rule->first + i];

		if ((clauses >> i & 1) != 0 && ce_test_holds_(&ce_policy_tests_[clause->first_test], value, known))
			return ce_bpf_errno_(b, clause->error != 0 ? clause->error : ENOTCAPABLE);
	}
	return pass;
}

/* All values that these clauses name, sorted; returns how many. */
CE_COLD_ size_t ce_rule_values_(const struct ce_policy_rule_ *rule, uint64_t clauses, uint32_t *values)
{
	size_t n = 0;
	unsigned i, j;

	for (i = 0; i < rule->count; i++) {
		const struct ce_policy_test_ *test = &ce_policy_tests_[ce_policy_clauses_[rule->first + i].first_test];

		for (j = 0; (clauses >> i & 1) != 0 && j < test->count; j++)
			values[n++] = ce_policy_values_[test->first + j];
	}
	ce_sort_u32_(values, n);
	return n;
}

/* These clauses, which ce_rule_compared_() found to compare one argument. */
CE_COLD_ unsigned ce_filter_values_(struct ce_bpf_ *b, const struct ce_policy_rule_ *rule, uint64_t clauses,
				    unsigned argument, unsigned pass)
{
	uint32_t values[CE_VALUES_MAX_];
	struct ce_bpf_case_ cases[2 * CE_VALUES_MAX_ + 1];
	const size_t n = ce_rule_values_(rule, clauses, values);
	const unsigned others = ce_filter_value_(b, rule, clauses, 0, false, pass);
	size_t count = ce_bpf_add_case_(cases, 0, 0, others);
	size_t i;

	for (i = 0; i < n; i++) {
		if (i > 0 && values[i] == values[i - 1])
			continue;
		count = ce_bpf_add_case_(cases, count, values[i],
					 ce_filter_value_(b, rule, clauses, values[i], true, pass));
		if (values[i] != UINT32_MAX)
			count = ce_bpf_add_case_(cases, count, values[i] + 1, others);
	}
	return ce_bpf_load_(b, CE_DATA_LOW_(argument), ce_bpf_search_(b, cases, count));
}

#endif
