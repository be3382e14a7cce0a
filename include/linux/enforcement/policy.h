/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system-call policy as data. gen/linux-syscalls.tsv is its source and explains what the clauses mean; the
 * generator turns it into the constant tables included at the end.
 */
#ifndef CE_LINUX_POLICY_H
#define CE_LINUX_POLICY_H

/* The rights of each word, without the bits that say which word it is. */
#define CE_WORD_MASK ((1ull << 57) - 1)
#define CE_WORD0(right) (((right) >> 57 & 1) != 0 ? (right) & CE_WORD_MASK : 0)
#define CE_WORD1(right) (((right) >> 58 & 1) != 0 ? (right) & CE_WORD_MASK : 0)

enum { CE_TEST_IN, CE_TEST_NOT_IN, CE_TEST_SET, CE_TEST_SELF };

enum {
	CE_CLAUSE_NEEDS,
	CE_CLAUSE_REFUSED,
	CE_CLAUSE_IOCTL,
	CE_CLAUSE_CLOSED,
	CE_CLAUSE_NOEXEC,
	CE_CLAUSE_YES,
	CE_CLAUSE_NO
};

struct ce_policy_test {
	uint8_t argument;
	uint8_t operation;
	uint8_t count; /* of values */
	uint16_t first;
	uint32_t mask;
};

struct ce_policy_clause {
	uint8_t kind;
	uint8_t argument;
	uint16_t first_test;
	uint8_t tests;
	uint8_t writable;
	uint8_t without_lookups;
	uint8_t below; /* Landlock ABI; 0: any */
	uint8_t at_least;
	uint8_t any;   /* the gate is what one directory grants, not all */
	uint8_t error; /* 0: ENOTCAPABLE or ECAPMODE */
	uint32_t fcntls;
	uint64_t rights[2];
};

struct ce_policy_rule {
	uint16_t first;
	uint16_t count;
};

struct ce_policy_call {
	uint16_t number;
	uint16_t limited; /* rules */
	uint16_t mode;
};

#include "linux-policy.h"

#define CE_POLICY_CALLS (sizeof(ce_policy_calls) / sizeof(ce_policy_calls[0]))
#define CE_POLICY_RULES (sizeof(ce_policy_rules) / sizeof(ce_policy_rules[0]))

#endif
