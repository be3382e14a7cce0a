/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one system call asks for: the policy, evaluated on its arguments as the filters would. For tools that watch a
 * program (capeasy trace), not for enforcing anything. Linux only, and without system calls.
 */
#ifndef CE_LINUX_SYSTEM_CALL_H_
#define CE_LINUX_SYSTEM_CALL_H_

#include "filter_mode.h"
#include "landlock.h"

/** A system call as a filter sees it. */
struct ce_system_call {
	uint32_t number;       /**< of this architecture */
	uint64_t arguments[6]; /**< as they stand in the registers */
};

/** What a system call asks of one of its descriptors. */
struct ce_system_need {
	int argument;	 /**< 0 to 5: which argument the descriptor is; -1: refused once any descriptor is limited */
	bool refused;	 /**< whatever the rights; the other members are then empty */
	bool mapped;	 /**< refused once a descriptor may be mapped but not executed (argument is -1) */
	bool ioctl;	 /**< the command in argument 1 must be among those that are allowed */
	uint32_t fcntls; /**< CAP_FCNTL_ flags that must be allowed */
	cap_rights_t rights; /**< that it must have */
};

/** As many needs as a call can have: one for each argument, and one of the whole call. */
#define CE_SYSTEM_NEEDS_MAX 7u

/* The policy's row for a call, or NULL. */
static inline const struct ce_policy_call_ *ce_policy_call_of_(uint32_t number)
{
	size_t i;

	for (i = 0; i < CE_POLICY_CALLS_; i++)
		if (ce_policy_calls_[i].number == number)
			return &ce_policy_calls_[i];
	return NULL;
}

static inline bool ce_system_test_holds_(const struct ce_policy_test_ *test, const struct ce_system_call *call,
					 uint32_t self)
{
	const uint64_t argument = call->arguments[test->argument];
	bool in = test->operation == CE_TEST_SELF_ && (uint32_t)argument == self;
	unsigned i;

	if (test->operation == CE_TEST_SET_ || test->operation == CE_TEST_NAMED_)
		return argument != 0;
	for (i = 0; i < test->count; i++)
		in = in || ((uint32_t)argument & test->mask) == ce_policy_values_[test->first + i];
	return test->operation == CE_TEST_NOT_IN_ ? !in : in;
}

static inline bool ce_system_clause_holds_(const struct ce_policy_clause_ *clause, const struct ce_system_call *call,
					   uint32_t self)
{
	unsigned i;

	for (i = 0; i < clause->tests; i++)
		if (!ce_system_test_holds_(&ce_policy_tests_[clause->first_test + i], call, self))
			return false;
	return true;
}

/* The need for an argument, a new one if there is none yet. */
static inline struct ce_system_need *ce_system_need_of_(struct ce_system_need *needs, size_t *n, int argument)
{
	static const struct ce_system_need empty = { -1, false, false, false, 0, CE_NO_RIGHTS };
	size_t i;

	for (i = 0; i < *n; i++)
		if (needs[i].argument == argument)
			return &needs[i];
	needs[*n] = empty;
	needs[*n].argument = argument;
	return &needs[(*n)++];
}

static inline void ce_system_need_add_(struct ce_system_need *need, const struct ce_policy_clause_ *clause)
{
	switch (clause->kind) {
	case CE_CLAUSE_NEEDS_:
		need->rights.cr_rights[0] |= clause->rights[0];
		need->rights.cr_rights[1] |= clause->rights[1];
		need->fcntls |= clause->fcntls;
		break;
	case CE_CLAUSE_IOCTL_:
		need->rights.cr_rights[1] |= CAP_IOCTL;
		need->ioctl = true;
		break;
	case CE_CLAUSE_NOEXEC_:
		need->mapped = true;
		break;
	default:
		need->refused = true;
		break;
	}
}

/**
 * What a system call asks of its descriptors, wherever they are limited: at most CE_SYSTEM_NEEDS_MAX needs are written.
 *
 * Returns how many, which is 0 for a call that asks for nothing; or -1: ENOSYS if the policy does not know the call,
 * EFAULT (NULL). An argument that is no descriptor (AT_FDCWD, or -1 where that is allowed) is the caller's to leave
 * out.
 */
CE_API int ce_system_call_needs(const struct ce_system_call *call, struct ce_system_need needs[CE_SYSTEM_NEEDS_MAX])
{
	const struct ce_policy_call_ *row = call == NULL ? NULL : ce_policy_call_of_(call->number);
	const struct ce_policy_rule_ *rule;
	size_t n = 0;
	unsigned i;

	if (call == NULL || needs == NULL)
		return ce_fail_(EFAULT);
	if (row == NULL)
		return ce_fail_(ENOSYS);
	rule = &ce_policy_rules_[row->limited];
	for (i = 0; i < rule->count; i++) {
		const struct ce_policy_clause_ *clause = &ce_policy_clauses_[rule->first + i];
		const bool whole = clause->kind == CE_CLAUSE_CLOSED_ || clause->kind == CE_CLAUSE_NOEXEC_;

		if (ce_system_clause_holds_(clause, call, 0))
			ce_system_need_add_(ce_system_need_of_(needs, &n, whole ? -1 : (int)clause->argument), clause);
	}
	return (int)n;
}

/**
 * What capability mode answers to a system call of process `self`, on this kernel, if directories with all rights are
 * held: 0 if it lets the call through, else the errno value; EFAULT if `call` is NULL.
 */
CE_API int ce_system_call_in_mode(const struct ce_system_call *call, uint32_t self)
{
	const struct ce_policy_call_ *row = call == NULL ? NULL : ce_policy_call_of_(call->number);
	struct ce_mode_ mode;
	const struct ce_policy_rule_ *rule;
	bool listed = false;
	unsigned i;

	if (row == NULL)
		return call == NULL ? EFAULT : ENOSYS;
	memset(&mode, 0, sizeof(mode));
	mode.landlock = ce_landlock_abi_();
	mode.lookups = mode.executes = true;
	mode.every[0] = mode.every[1] = mode.any[0] = mode.any[1] = UINT64_MAX;
	rule = &ce_policy_rules_[row->mode];
	for (i = 0; i < rule->count; i++) {
		const struct ce_policy_clause_ *clause = &ce_policy_clauses_[rule->first + i];

		listed = listed || clause->kind == CE_CLAUSE_YES_;
		if (ce_mode_applies_(&mode, clause) && ce_system_clause_holds_(clause, call, self))
			return clause->kind == CE_CLAUSE_YES_ ? 0 : clause->error != 0 ? clause->error : ECAPMODE;
	}
	return listed ? ECAPMODE : 0;
}

/** Whether neither limits nor capability mode ever look at a system call's arguments or refuse it. */
CE_API bool ce_system_call_is_free(uint32_t number)
{
	const struct ce_policy_call_ *row = ce_policy_call_of_(number);
	const struct ce_policy_rule_ *mode;

	if (row == NULL)
		return false;
	mode = &ce_policy_rules_[row->mode];
	return ce_policy_rules_[row->limited].count == 0 && mode->count == 1 &&
	       ce_policy_clauses_[mode->first].kind == CE_CLAUSE_YES_ && ce_policy_clauses_[mode->first].tests == 0;
}

#endif
