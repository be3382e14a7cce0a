/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Kernels other than the one that the tests run on, made with filters: on Linux only.
 */
#ifndef CE_TESTS_KERNEL_H
#define CE_TESTS_KERNEL_H

#include "../linux/child.h"
#include "../system.h"

#ifdef __linux__

static inline void install_filter(const struct ce_bpf_insn_ *code, unsigned short length)
{
	const struct ce_bpf_program_ program = { length, code };

	CHECK(syscall(SYS_prctl, CE_PR_SET_NO_NEW_PRIVS_, 1, 0, 0, 0) == 0);
	CHECK(syscall(SYS_seccomp, CE_SECCOMP_SET_MODE_FILTER_, 0, &program) == 0);
}

/* A kernel that enforces nothing; false where there is no way to have one. */
static inline bool take_enforcement_away(void)
{
	static const struct ce_bpf_insn_ code[] = {
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_NR_ },
		{ CE_BPF_JEQ_, 0, 1, SYS_seccomp },
		{ CE_BPF_RET_, 0, 0, CE_SECCOMP_ERRNO_ | ENOSYS },
		{ CE_BPF_RET_, 0, 0, CE_SECCOMP_ALLOW_ },
	};

	install_filter(code, sizeof(code) / sizeof(code[0]));
	return true;
}

#else

static inline bool take_enforcement_away(void)
{
	return false;
}

#endif
#endif
