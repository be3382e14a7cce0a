/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a clause of the policy to BPF: the tests of a call's arguments, and a verdict.
 */
#ifndef CE_LINUX_FILTER_RULES_H_
#define CE_LINUX_FILTER_RULES_H_

#include "bpf.h"
#include "policy.h"
#include "question.h"

#define CE_VALUES_IN_A_ROW_ 6u

/* What capability mode is built for. */
struct ce_mode_ {
	uint32_t self;	   /* process id at entry */
	unsigned landlock; /* ABI in use; 0: none */
	bool lookups;	   /* a directory to look up from is held, and Landlock confines it */
	bool executes;	   /* something is held to be executed, or to look up from what can be */
	bool metadata;	   /* that of paths takes a directory which grants it */
	bool shut;	   /* and there is none: paths have no metadata, but for the empty one */
	uint64_t empty;	   /* its address in the C library; 0: it needs none */
	uint64_t every[2]; /* rights that every descriptor grants by which files can be opened */
	uint64_t any[2];   /* rights that some directory descriptor grants */
	unsigned lost;	   /* CE_MODE_LOST_ flags */
	unsigned threads;  /* how many there were, where that is why; at most CE_ANSWER_BITS_ */
};

/* Whether a pointer is one value, all of whose bits count. */
CE_COLD_ unsigned ce_filter_address_(struct ce_bpf_ *b, unsigned argument, uint64_t address, unsigned yes, unsigned no)
{
	unsigned high = ce_bpf_if_(b, CE_BPF_JEQ_, (uint32_t)(address >> 32), yes, no);

	high = ce_bpf_load_(b, CE_DATA_HIGH_(argument), high);
	return ce_bpf_load_(b, CE_DATA_LOW_(argument), ce_bpf_if_(b, CE_BPF_JEQ_, (uint32_t)address, high, no));
}

/* The last index of the run of neighbours that begins at an index. */
CE_COLD_ unsigned ce_values_run_(const uint32_t *values, unsigned n, unsigned first)
{
	while (first + 1 < n && values[first + 1] == values[first] + 1)
		first++;
	return first;
}

/* Whether the accumulator is one of a run of neighbours. */
CE_COLD_ unsigned ce_filter_run_(struct ce_bpf_ *b, const uint32_t *values, unsigned n, unsigned in, unsigned out)
{
	unsigned i;

	if (n > 2)
		return ce_bpf_if_(b, CE_BPF_JGE_, values[0], ce_bpf_if_(b, CE_BPF_JGE_, values[n - 1] + 1, out, in),
				  out);
	for (i = n; i-- > 0;)
		out = ce_bpf_if_(b, CE_BPF_JEQ_, values[i], in, out);
	return out;
}

/* Whether the accumulator is one of some rising values; many are halved first, so that few are looked at. */
CE_APART_ unsigned ce_filter_one_of_(struct ce_bpf_ *b, const uint32_t *values, unsigned n, unsigned in, unsigned out)
{
	unsigned half = n > CE_VALUES_IN_A_ROW_ ? ce_values_run_(values, n, n / 2) + 1 : n;
	unsigned run, high;

	if (half < n) {
		high = ce_filter_one_of_(b, values + half, n - half, in, out);
		return ce_bpf_if_(b, CE_BPF_JGE_, values[half], high, ce_filter_one_of_(b, values, half, in, out));
	}
	if (n == 0)
		return out;
	run = ce_values_run_(values, n, 0) + 1;
	return ce_filter_run_(b, values, run, in, ce_filter_one_of_(b, values + run, n - run, in, out));
}

/* mode: what it is built for; limits have none, and no test that looks at it. */
CE_COLD_ unsigned ce_filter_test_(struct ce_bpf_ *b, const struct ce_policy_test_ *test, const struct ce_mode_ *mode,
				  unsigned yes, unsigned no)
{
	const uint32_t offset = CE_DATA_LOW_(test->argument);
	unsigned in, position;

	if (test->operation == CE_TEST_SET_)
		return ce_filter_address_(b, test->argument, 0, no, yes);
	/* NULL is an address like any other: root can map the page there, and put a path into it */
	if (test->operation == CE_TEST_NAMED_)
		return mode->empty != 0 ? ce_filter_address_(b, test->argument, mode->empty, no, yes) : yes;
	if (test->mask == UINT32_MAX) { /* the accumulator will still hold the argument */
		yes = ce_bpf_after_load_(b, offset, yes);
		no = ce_bpf_after_load_(b, offset, no);
	}
	in = test->operation == CE_TEST_NOT_IN_ ? no : yes;
	position = test->operation == CE_TEST_NOT_IN_ ? yes : no;
	if (test->operation == CE_TEST_SELF_)
		position = ce_bpf_if_(b, CE_BPF_JEQ_, mode->self, in, position);
	position = ce_filter_one_of_(b, &ce_policy_values_[test->first], test->count, in, position);
	if (test->mask != UINT32_MAX)
		position = ce_bpf_then_(b, CE_BPF_AND_, test->mask, position);
	return ce_bpf_load_(b, offset, position);
}

/* All tests of a clause: to `yes` where they hold. */
CE_COLD_ unsigned ce_filter_clause_(struct ce_bpf_ *b, const struct ce_policy_clause_ *clause,
				    const struct ce_mode_ *mode, unsigned yes, unsigned no)
{
	unsigned i;

	for (i = clause->tests; i-- > 0;)
		yes = ce_filter_test_(b, &ce_policy_tests_[clause->first_test + i], mode, yes, no);
	return yes;
}

/* An answer to a question, question.h. */
CE_APART_ unsigned ce_filter_answer_(struct ce_bpf_ *b, unsigned bits)
{
	return ce_bpf_errno_(b, CE_ANSWER_ | bits);
}

#endif
