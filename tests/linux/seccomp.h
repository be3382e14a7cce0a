/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel makes of seccomp filters (Documentation/networking/filter.rst, kernel/seccomp.c), without installing
 * any. Opcodes by their numbers in <linux/bpf_common.h>; an instruction that the kernel would not take, and a jump or a
 * load out of bounds, ends the test.
 */
#ifndef CE_TESTS_SECCOMP_H
#define CE_TESTS_SECCOMP_H

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

static inline uint32_t load_from_call(const struct call *call, uint32_t offset)
{
	uint32_t word;

	if (offset % 4 != 0 || offset > sizeof(*call) - 4)
		abort();
	memcpy(&word, (const char *)call + offset, 4);
	return word;
}

/* What a filter returns. */
static inline uint32_t run_filter(const struct ce_bpf_program_ *filter, const struct call *call)
{
	uint32_t a = 0, x = 0;
	size_t pc = 0;

	while (pc < filter->length) {
		const struct ce_bpf_insn_ *now = &filter->insn[pc++];

		switch (now->code) {
		case 0x20: /* LD W ABS */
			a = load_from_call(call, now->k);
			break;
		case 0x01: /* LDX IMM */
			x = now->k;
			break;
		case 0x07: /* TAX */
			x = a;
			break;
		case 0x7c: /* RSH X */
			if (x > 31)
				abort();
			a >>= x;
			break;
		case 0x45: /* JSET K */
			pc += (a & now->k) != 0 ? now->jt : now->jf;
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

/* The errno that filters, oldest first, give together: of several the newest filter's. 0: they allow the call. */
static inline unsigned run_filters(const struct ce_bpf_program_ *filters, size_t n, const struct call *call)
{
	while (n-- > 0) {
		const uint32_t result = run_filter(&filters[n], call);

		if (result == CE_SECCOMP_ALLOW_)
			continue;
		if ((result & 0xffff0000u) != CE_SECCOMP_ERRNO_)
			abort();
		return result & 0xffffu;
	}
	return 0;
}

#endif
