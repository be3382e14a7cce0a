/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Putting a seccomp filter in force, and whether that can be done at all.
 *
 * A container's own filter may answer EPERM, EACCES, EINVAL or ENOSYS to the calls that it takes. Whatever it says,
 * what it forbids is missing, as in a kernel without it: ENOSYS.
 */
#ifndef CE_LINUX_INSTALLING_H_
#define CE_LINUX_INSTALLING_H_

#include "kernel.h"

/* Whether there is no_new_privs, or can be: with another value than 1 setting it is EINVAL. */
CE_COLD_ bool ce_has_no_new_privs_(void)
{
	const long present = syscall(SYS_prctl, (long)CE_PR_GET_NO_NEW_PRIVS_, 0L, 0L, 0L, 0L);

	return present == 1 ||
	       (present == 0 && syscall(SYS_prctl, (long)CE_PR_SET_NO_NEW_PRIVS_, 0L, 0L, 0L, 0L) == -1 &&
		errno == EINVAL);
}

/* Whether the process can have seccomp filters: the kernel then looks at the program, which is not there. */
CE_APART_ bool ce_has_filters_(void)
{
	int saved = errno;
	bool has = syscall(SYS_seccomp, (long)CE_SECCOMP_SET_MODE_FILTER_, 0L, 0L) == -1 && errno == EFAULT &&
		   ce_has_no_new_privs_();

	errno = saved;
	return has;
}

/* errno: ENOSYS. */
CE_COLD_ int ce_set_no_new_privs_(void)
{
	if (syscall(SYS_prctl, (long)CE_PR_GET_NO_NEW_PRIVS_, 0L, 0L, 0L, 0L) == 1 ||
	    syscall(SYS_prctl, (long)CE_PR_SET_NO_NEW_PRIVS_, 1L, 0L, 0L, 0L) == 0)
		return 0;
	return ce_fail_(ENOSYS);
}

/*
 * Installs a program of so many instructions, for good. flags: CE_SECCOMP_FLAG_TSYNC_ for all threads. errno: ENOSYS
 * without seccomp filters, ENOMEM if it or all filters together are too long for the kernel, EBUSY if another thread
 * has a filter that this one lacks.
 */
CE_COLD_ int ce_program_install_(const struct ce_bpf_insn_ *insn, size_t length, unsigned flags)
{
	struct ce_bpf_program_ program;
	long result;

	program.length = (unsigned short)length;
	program.insn = insn;
	if (ce_set_no_new_privs_() != 0)
		return -1;
	result = syscall(SYS_seccomp, (long)CE_SECCOMP_SET_MODE_FILTER_, (long)flags, ce_pointer_(&program));
	if (result > 0)
		errno = EBUSY; /* the id of a thread that could not be synchronized */
	else if (result < 0 && ce_is_missing_(errno))
		errno = ENOSYS;
	return result == 0 ? 0 : -1;
}

#endif
