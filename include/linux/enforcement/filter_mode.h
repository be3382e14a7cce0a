/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The part of a filter that is capability mode.
 */
#ifndef CE_LINUX_FILTER_MODE_H_
#define CE_LINUX_FILTER_MODE_H_

#include "filter_rules.h"
#include "limit.h"

/* Whether a clause applies on this kernel, with these directories. */
CE_COLD_ bool ce_mode_applies_(const struct ce_mode_ *mode, const struct ce_policy_clause_ *clause)
{
	if (clause->below != 0 && mode->landlock >= clause->below)
		return false;
	if (clause->at_least != 0 && mode->landlock < clause->at_least)
		return false;
	if (clause->without_lookups && mode->lookups)
		return false;
	if (clause->when_shut && !mode->shut)
		return false;
	if ((clause->rights[0] | clause->rights[1]) != 0 &&
	    ce_has_bits_(clause->any ? mode->any : mode->every, clause->rights))
		return false;
	return true;
}

CE_COLD_ unsigned ce_filter_mode_clause_(struct ce_bpf_ *b, const struct ce_mode_ *mode,
					 const struct ce_policy_clause_ *clause, unsigned otherwise)
{
	unsigned verdict;

	if (clause->kind == CE_CLAUSE_YES_)
		verdict = ce_bpf_return_(b, CE_SECCOMP_ALLOW_);
	else
		verdict = ce_bpf_errno_(b, clause->error != 0 ? clause->error : ECAPMODE);
	return ce_filter_clause_(b, clause, mode, verdict, otherwise);
}

CE_COLD_ unsigned ce_filter_mode_rule_(struct ce_bpf_ *b, const struct ce_policy_rule_ *rule,
				       const struct ce_mode_ *mode)
{
	bool listed = false; /* only what a "yes" names is allowed */
	unsigned position;
	unsigned i;

	for (i = 0; i < rule->count; i++)
		listed = listed || ce_policy_clauses_[rule->first + i].kind == CE_CLAUSE_YES_;
	position = listed ? ce_bpf_errno_(b, ECAPMODE) : ce_bpf_return_(b, CE_SECCOMP_ALLOW_);
	for (i = rule->count; i-- > 0;)
		if (ce_mode_applies_(mode, &ce_policy_clauses_[rule->first + i]))
			position = ce_filter_mode_clause_(b, mode, &ce_policy_clauses_[rule->first + i], position);
	return position;
}

/* prctl(CE_ASK_, -1): what capability mode enforces. A question about a descriptor is for the other filters. */
CE_COLD_ unsigned ce_filter_mode_question_(struct ce_bpf_ *b, const struct ce_mode_ *mode, unsigned otherwise)
{
	unsigned allow = ce_bpf_return_(b, CE_SECCOMP_ALLOW_);
	unsigned flags = CE_MODE_ENTERED_ | (mode->landlock > 0 ? CE_MODE_LOOKUPS_ : 0) |
			 (mode->landlock >= CE_LANDLOCK_SCOPES_ ? CE_MODE_SIGNALS_ : 0) |
			 (mode->metadata ? CE_MODE_METADATA_ : 0) | mode->lost;
	unsigned position = ce_filter_answer_(b, flags);

	if (mode->threads > 0) {
		position =
			ce_bpf_if_(b, CE_BPF_JEQ_, CE_ASK_MODE_THREADS_, ce_filter_answer_(b, mode->threads), position);
		position = ce_bpf_load_(b, CE_DATA_LOW_(2), position);
	}
	position = ce_bpf_if_(b, CE_BPF_JEQ_, CE_ASK_MODE_, position, allow);
	position = ce_bpf_load_(b, CE_DATA_LOW_(1), position);
	position = ce_bpf_if_(b, CE_BPF_JEQ_, CE_ASK_, position, otherwise);
	return ce_bpf_load_(b, CE_DATA_LOW_(0), position);
}

#endif
