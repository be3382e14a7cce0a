/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From random bytes to limits and calls: a few steps that each limit some descriptors further, as ce_limit_each()
 * would, or capability mode; and calls whose arguments are likely to matter.
 */
#ifndef FUZZ_STEPS_H
#define FUZZ_STEPS_H

#include <capsicum_easy.h>

#include "statement.h"

#define STEPS 4
#define DESCRIPTORS 24

struct source {
	const uint8_t *at;
	const uint8_t *end;
};

static inline uint64_t take(struct source *source, size_t bytes)
{
	uint64_t value = 0;

	for (; bytes > 0; bytes--)
		value = value << 8 | (source->at < source->end ? *source->at++ : 0);
	return value;
}

/* What is limited after all steps so far, of descriptors 0 to DESCRIPTORS - 1. */
struct scenario {
	struct ce_limited_ limits[DESCRIPTORS];
	uint32_t commands[DESCRIPTORS][CE_IOCTLS_MAX];
	bool limited[DESCRIPTORS];
	bool noexec;
	struct ce_bpf_ programs[STEPS + 1];
	struct ce_bpf_program_ filters[STEPS + 1]; /* the same for the kernel, oldest first */
	size_t steps;
	bool full; /* a filter did not fit: the kernel would not have taken it, and there is nothing to compare */
	bool entered;
	struct ce_mode_ mode;
};

/* Commands that the policy names, and others near them. */
static inline uint32_t take_value(struct source *source)
{
	const size_t count = sizeof(ce_policy_values_) / sizeof(ce_policy_values_[0]);
	const unsigned kind = (unsigned)take(source, 1);
	const uint32_t value = ce_policy_values_[take(source, 2) % count];

	return kind < 192 ? value : kind < 224 ? value + 1 : (uint32_t)take(source, 4);
}

/* Fewer rights, fcntls and commands than before; what is lost stays lost, as in kern_cap_rights_limit. */
static inline void shrink(struct source *source, struct ce_limited_ *limit, uint32_t *commands)
{
	const unsigned what = (unsigned)take(source, 1);
	int32_t i, n = 0;

	limit->rights[0] &= take(source, 8) | ((what & 1) != 0 ? UINT64_MAX : 0);
	limit->rights[1] &= take(source, 8) | ((what & 2) != 0 ? UINT64_MAX : 0);
	limit->fcntls &= (what & 4) != 0 ? CAP_FCNTL_ALL : (uint32_t)take(source, 1);
	if ((what & 8) == 0) {
		const int32_t most = (int32_t)take(source, 1) % ((what & 16) != 0 ? 257 : 6);

		for (i = 0; i < most; i++) {
			const uint32_t command = limit->ioctls < 0 ? take_value(source)
						 : limit->ioctls == 0
							 ? 0
							 : commands[take(source, 1) % (size_t)limit->ioctls];

			if (limit->ioctls != 0)
				commands[n++] = command;
		}
		limit->ioctls = n;
	}
	if (!has(limit, CAP_IOCTL))
		limit->ioctls = 0;
	if (!has(limit, CAP_FCNTL))
		limit->fcntls = 0;
}

static inline void add_filter(struct scenario *scenario, const struct ce_filter_ *filter)
{
	struct ce_bpf_ *program = &scenario->programs[scenario->steps];
	struct ce_bpf_program_ *added = &scenario->filters[scenario->steps++];

	ce_filter_build_(program, filter);
	ce_filter_say_used_(program, 0);
	added->length = (unsigned short)(CE_BPF_MAX_ - program->head);
	added->insn = program->insn + program->head;
	scenario->full = scenario->full || program->full;
}

/* One filter more, that limits some descriptors. */
static inline void limit_step(struct scenario *scenario, struct source *source)
{
	static struct ce_limited_ changed[DESCRIPTORS];
	static uint32_t before_commands[CE_IOCTLS_MAX];
	struct ce_filter_ filter = { NULL, changed, 0, scenario->steps > 0 };
	const uint32_t chosen = (uint32_t)take(source, 3);
	uint32_t fd;

	for (fd = 0; fd < DESCRIPTORS; fd++) {
		struct ce_limited_ *limit = &scenario->limits[fd];
		struct ce_limited_ before;

		if ((chosen >> fd & 1) == 0)
			continue;
		before = *limit;
		memcpy(before_commands, scenario->commands[fd], sizeof(before_commands));
		before.ioctl = before_commands;
		shrink(source, limit, scenario->commands[fd]);
		limit->limited = scenario->limited[fd];
		limit->same_ioctls = ce_limit_same_ioctls_(&before, limit);
		limit->fcntls_before = before.fcntls;
		limit->rights_before[0] = before.rights[0];
		limit->rights_before[1] = before.rights[1];
		/* A number that was not limited before may be a pool; limited further it is none any more. */
		limit->copies = !scenario->limited[fd] && fd > 0 && take(source, 1) % 4 == 0;
		limit->pool = (uint16_t)(limit->copies ? fd : limit->pool);
		scenario->limited[fd] = true;
		scenario->noexec = scenario->noexec || maps_but_does_not_execute(limit);
		filter.n = ce_limits_insert_(changed, filter.n, limit);
	}
	if (filter.n > 0)
		add_filter(scenario, &filter);
}

static inline void enter_step(struct scenario *scenario, struct source *source)
{
	const struct ce_filter_ filter = { &scenario->mode, NULL, 0, false };

	scenario->mode.self = (uint32_t)take(source, 2);
	scenario->mode.landlock = (unsigned)take(source, 1) % 11;
	scenario->mode.lookups = take(source, 1) % 2 != 0;
	scenario->mode.every[0] = take(source, 8) & CE_BITS_;
	scenario->mode.every[1] = take(source, 8) & CE_BITS_;
	scenario->mode.any[0] = take(source, 8) & CE_BITS_;
	scenario->mode.any[1] = take(source, 8) & CE_BITS_;
	scenario->mode.shut = take(source, 1) % 2 != 0;
	scenario->mode.metadata = take(source, 1) % 2 != 0;
	scenario->mode.empty = take(source, 1) % 2 != 0 ? take(source, 8) : 0;
	scenario->mode.lost = (unsigned)take(source, 1) % 16 << CE_MODE_LOST_SHIFT_;
	scenario->mode.threads = (unsigned)take(source, 1);
	scenario->entered = true;
	add_filter(scenario, &filter);
}

/* Reads a scenario; false if it is none (a filter that did not fit). */
static inline bool take_scenario(struct scenario *scenario, struct source *source)
{
	const unsigned plan = (unsigned)take(source, 1);
	unsigned i;
	uint32_t fd;

	memset(scenario, 0, sizeof(*scenario));
	for (fd = 0; fd < DESCRIPTORS; fd++)
		ce_limit_nothing_(fd, &scenario->limits[fd], scenario->commands[fd]);
	for (i = 0; i < plan % (STEPS + 1); i++)
		limit_step(scenario, source);
	if ((plan & 0x80) != 0)
		enter_step(scenario, source);
	return scenario->steps > 0 && !scenario->full;
}

static inline uint64_t take_argument(struct source *source, const struct scenario *scenario)
{
	const unsigned kind = (unsigned)take(source, 1);
	const uint64_t garbage = (kind & 8) != 0 ? take(source, 4) << 32 : 0;

	switch (kind % 8) {
	case 0:
	case 1:
	case 2:
		return garbage | take(source, 1) % (DESCRIPTORS + 2);
	case 3:
	case 4:
		return garbage | take_value(source);
	case 5:
		return (kind & 16) != 0 ? UINT64_C(0xffffffffffffff9c) : scenario->mode.self;
	case 6:
		return (kind & 16) == 0 ? garbage : (kind & 32) == 0 ? 0 : scenario->mode.empty;
	default:
		return take(source, 8);
	}
}

/* Changes arguments so that the tests of one clause of a rule hold, and its descriptor is one that may be limited. */
static inline void aim(struct source *source, const struct ce_policy_rule_ *rule, struct call *call)
{
	const struct ce_policy_clause_ *clause;
	unsigned i;

	if (rule->count == 0)
		return;
	clause = &ce_policy_clauses_[rule->first + take(source, 1) % rule->count];
	call->arguments[clause->argument] = take(source, 1) % DESCRIPTORS;
	if (clause->kind == CE_CLAUSE_COPIED_)
		call->arguments[1] = call->arguments[0] + take(source, 1) % 3 - 1;
	for (i = 0; i < clause->tests; i++) {
		const struct ce_policy_test_ *test = &ce_policy_tests_[clause->first_test + i];
		uint64_t *argument = &call->arguments[test->argument];

		if (test->operation == CE_TEST_IN_)
			*argument = ce_policy_values_[test->first + take(source, 1) % test->count];
		else if (test->operation == CE_TEST_NOT_IN_)
			*argument |= test->mask;
		else
			*argument = take(source, 1) + 1;
	}
}

static inline struct call take_call(struct source *source, const struct scenario *scenario)
{
	static const uint32_t special[] = { CE_ASK_CLOSED_, CE_ASK_MODE_ };
	const unsigned kind = (unsigned)take(source, 1);
	const struct ce_policy_call_ *chosen = &ce_policy_calls_[take(source, 2) % CE_POLICY_CALLS_];
	struct call call = { 0, CE_AUDIT_ARCH_, 0, { 0, 0, 0, 0, 0, 0 } };
	unsigned i;

	call.number = chosen->number;
	for (i = 0; i < 6; i++)
		call.arguments[i] = take_argument(source, scenario);
	if (kind >= 128)
		aim(source, &ce_policy_rules_[kind % 2 != 0 ? chosen->limited : chosen->mode], &call);
	if (kind < 8)
		call.number = (uint32_t)take(source, 4);
	else if (kind < 12)
		call.number |= 0x40000000u; /* x32 */
	else if (kind < 16)
		call.architecture = (uint32_t)take(source, 4);
	else if (kind < 64) { /* a question */
		call.number = SYS_prctl;
		call.arguments[0] = CE_ASK_;
		if (kind < 20)
			call.arguments[1] = special[kind % 2];
		call.arguments[2] = take(source, 1) % 22;
		call.arguments[3] = take(source, 1);
		if (call.arguments[2] == CE_ASK_SAME_ && call.arguments[1] < DESCRIPTORS)
			ce_limit_contents_(&scenario->limits[call.arguments[1]], &call.arguments[3]);
	}
	return call;
}

/* What the statement says about a call: the limits of all steps together, and capability mode. */
static inline struct refusals stated(const struct scenario *scenario, const struct call *call)
{
	static struct ce_limited_ present[DESCRIPTORS];
	struct refusals refusals;
	size_t n = 0;
	uint32_t fd;

	refusals.n = 0;
	for (fd = 0; fd < DESCRIPTORS; fd++)
		if (scenario->limited[fd])
			present[n++] = scenario->limits[fd];
	if (n > 0)
		limits_say(present, n, scenario->noexec, call, &refusals);
	if (scenario->entered)
		mode_says(&scenario->mode, call, &refusals);
	return refusals;
}

#endif
