/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system-call policy as data. gen/policy is its source and explains what the clauses mean; the generator
 * turns it into the constant tables included at the end.
 */
#ifndef CE_LINUX_POLICY_H_
#define CE_LINUX_POLICY_H_

#include "../../capsicum_easy/system.h"
#include "../../capsicum_easy/base.h"
#include "../../capsicum_easy/constants.h"

/* The rights of each word, without the bits that say which word it is. */
#define CE_BITS_IN_WORD0_(right) (((right)&CE_INDEX_(0)) != 0 ? (right)&CE_BITS_ : 0)
#define CE_BITS_IN_WORD1_(right) (((right)&CE_INDEX_(1)) != 0 ? (right)&CE_BITS_ : 0)

enum { CE_TEST_IN_, CE_TEST_NOT_IN_, CE_TEST_SET_, CE_TEST_SELF_, CE_TEST_NAMED_ };

enum {
	CE_CLAUSE_NEEDS_,
	CE_CLAUSE_REFUSED_,
	CE_CLAUSE_IOCTL_,
	CE_CLAUSE_COPIED_,
	CE_CLAUSE_CLOSED_,
	CE_CLAUSE_NOEXEC_,
	CE_CLAUSE_YES_,
	CE_CLAUSE_NO_
};

struct ce_policy_test_ {
	uint8_t argument;
	uint8_t operation;
	uint8_t count; /* of values */
	uint16_t first;
	uint32_t mask;
};

struct ce_policy_clause_ {
	uint8_t kind;
	uint8_t argument;
	uint16_t first_test;
	uint8_t tests;
	uint8_t without_lookups;
	uint8_t when_shut;
	uint8_t below; /* Landlock ABI; 0: any */
	uint8_t at_least;
	uint8_t any;   /* the gate is what one directory grants, not all */
	uint8_t error; /* 0: ENOTCAPABLE or ECAPMODE */
	uint32_t fcntls;
	uint64_t rights[2];
};

struct ce_policy_rule_ {
	uint16_t first;
	uint16_t count;
};

struct ce_policy_call_ {
	uint16_t number;
	uint16_t limited; /* rules */
	uint16_t mode;
};

#include "linux-policy.h"

#define CE_POLICY_CALLS_ (sizeof(ce_policy_calls_) / sizeof(ce_policy_calls_[0]))
#define CE_POLICY_RULES_ (sizeof(ce_policy_rules_) / sizeof(ce_policy_rules_[0]))

#endif
