/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a seccomp program as the kernel would (Documentation/networking/filter.rst). Anything the kernel would not load,
 * and any jump or load out of bounds, ends the test.
 */
#ifndef FUZZ_SIMULATOR_H
#define FUZZ_SIMULATOR_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* struct seccomp_data */
struct call {
	uint32_t number;
	uint32_t architecture;
	uint64_t instruction_pointer;
	uint64_t arguments[6];
};

/* Returns the verdict of insn[0..length). */
static inline uint32_t simulate(const struct ce_bpf_insn *insn, size_t length, const struct call *call)
{
	uint32_t a = 0, x = 0;
	size_t pc = 0;

	while (pc < length) {
		const struct ce_bpf_insn *now = &insn[pc++];
		uint32_t word;

		switch (now->code) {
		case 0x20: /* LD W ABS */
			if (now->k % 4 != 0 || now->k > sizeof(*call) - 4)
				abort();
			memcpy(&word, (const char *)call + now->k, 4);
			a = word;
			break;
		case 0x01: /* LDX IMM */
			x = now->k;
			break;
		case 0x87: /* TXA */
			a = x;
			break;
		case 0x54: /* AND K */
			a &= now->k;
			break;
		case 0x44: /* OR K */
			a |= now->k;
			break;
		case 0x74: /* RSH K */
			if (now->k > 31)
				abort();
			a >>= now->k;
			break;
		case 0x05: /* JA */
			pc += now->k;
			break;
		case 0x15: /* JEQ K */
			pc += a == now->k ? now->jt : now->jf;
			break;
		case 0x35: /* JGE K */
			pc += a >= now->k ? now->jt : now->jf;
			break;
		case 0x06: /* RET K */
			return now->k;
		case 0x16: /* RET A */
			return a;
		default:
			abort();
		}
	}
	abort(); /* the end was passed */
}

/* The errno that a stack of programs returns, newest first; 0 for a call that they allow (kernel/seccomp.c). */
static inline unsigned verdict_of(const uint32_t *verdicts, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (verdicts[i] == CE_SECCOMP_ALLOW)
			continue;
		if ((verdicts[i] & 0xffff0000u) != CE_SECCOMP_ERRNO)
			abort();
		return verdicts[i] & 0xffffu;
	}
	return 0;
}

#endif
