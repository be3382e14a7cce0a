/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Linux kernel's side: raw system calls, and the numbers and structures of seccomp and Landlock.
 *
 * Defined here rather than included, because <linux/...> is missing with some C libraries and lacks newer names on older
 * systems. Sources: include/uapi/linux/{filter,seccomp,audit,landlock,prctl}.h of Linux 7.2.
 */
#ifndef CE_LINUX_KERNEL_H
#define CE_LINUX_KERNEL_H

#if defined(__linux__) && defined(__x86_64__) && !defined(__ILP32__)
#define CE_LINUX_X86_64 1
#define CE_AUDIT_ARCH 0xc000003eu
#elif defined(__linux__) && defined(__aarch64__) && defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define CE_LINUX_AARCH64 1
#define CE_AUDIT_ARCH 0xc00000b7u
#endif

/* Set where the kernel can enforce rights for us. Other architectures answer ENOSYS: their policy was never reviewed. */
#if defined(CE_LINUX_X86_64) || defined(CE_LINUX_AARCH64)
#define CE_LINUX_ENFORCES 1
#endif

#ifdef CE_LINUX_ENFORCES

#include <unistd.h>
#include <sys/syscall.h> /* the numbers; not <asm/unistd.h>, which musl lacks */

#ifndef __cplusplus
extern long syscall(long number, ...); /* hidden by <unistd.h> under -std=c99 */
#endif

/* Present in the kernels that we can use them on, but not in every C library's <sys/syscall.h>. */
#define CE_NR_OPENAT2 437
#define CE_NR_LANDLOCK_CREATE_RULESET 444
#define CE_NR_LANDLOCK_ADD_RULE 445
#define CE_NR_LANDLOCK_RESTRICT_SELF 446

#define CE_AT_FDCWD (-100)
#define CE_O_ACCMODE 3
#define CE_O_WRONLY 1
#define CE_O_PATH 010000000
#define CE_O_CREAT 0100
#define CE_O_CLOEXEC 02000000
#define CE_O_TMPFILE 020000000 /* without O_DIRECTORY, which belongs to it */
#ifdef CE_LINUX_AARCH64
#define CE_O_DIRECTORY 040000
#else
#define CE_O_DIRECTORY 0200000
#endif
#define CE_RESOLVE_BENEATH 8u
#define CE_F_GETFD 1
#define CE_F_GETFL 3
#define CE_PROT_READ 1
#define CE_PROT_WRITE 2
#define CE_MAP_SHARED 1
#define CE_CLONE_VM 0x100
#define CE_CLONE_FILES 0x400
#define CE_CLONE_THREAD 0x10000
#define CE_RLIMIT_CORE 4
#define CE_PF_IO_WORKER 0x10u /* include/linux/sched.h, shown by /proc/<pid>/stat */

#define CE_PR_SET_NO_NEW_PRIVS 38

#define CE_SECCOMP_SET_MODE_FILTER 1
#define CE_SECCOMP_FLAG_TSYNC 1
#define CE_SECCOMP_ALLOW 0x7fff0000u
#define CE_SECCOMP_ERRNO 0x00050000u

/* struct seccomp_data: what a filter sees of a call. Both architectures are little-endian. */
#define CE_DATA_NR 0u
#define CE_DATA_ARCH 4u
#define CE_DATA_LOW(argument) (16u + 8u * (argument))
#define CE_DATA_HIGH(argument) (20u + 8u * (argument))

#define CE_LANDLOCK_VERSION 1u
#define CE_LANDLOCK_TSYNC 8u
#define CE_LANDLOCK_PATH_BENEATH 1
#define CE_LANDLOCK_SCOPES 6u /* the ABI from which signals and abstract sockets are confined */

#define CE_LANDLOCK_EXECUTE (1ull << 0)
#define CE_LANDLOCK_WRITE_FILE (1ull << 1)
#define CE_LANDLOCK_READ_FILE (1ull << 2)
#define CE_LANDLOCK_READ_DIR (1ull << 3)
#define CE_LANDLOCK_REMOVE_DIR (1ull << 4)
#define CE_LANDLOCK_REMOVE_FILE (1ull << 5)
#define CE_LANDLOCK_MAKE_CHAR (1ull << 6)
#define CE_LANDLOCK_MAKE_DIR (1ull << 7)
#define CE_LANDLOCK_MAKE_REG (1ull << 8)
#define CE_LANDLOCK_MAKE_SOCK (1ull << 9)
#define CE_LANDLOCK_MAKE_FIFO (1ull << 10)
#define CE_LANDLOCK_MAKE_BLOCK (1ull << 11)
#define CE_LANDLOCK_MAKE_SYM (1ull << 12)
#define CE_LANDLOCK_REFER (1ull << 13)
#define CE_LANDLOCK_TRUNCATE (1ull << 14)
#define CE_LANDLOCK_IOCTL_DEV (1ull << 15)

struct ce_landlock_ruleset {
	uint64_t handled_fs;
	uint64_t handled_net;
	uint64_t scoped;
};

/* Packed in the kernel: 12 bytes. The trailing padding here does no harm, it reads just those. */
struct ce_landlock_path {
	uint64_t allowed;
	int32_t fd;
};

struct ce_bpf_insn {
	uint16_t code;
	uint8_t jt;
	uint8_t jf;
	uint32_t k;
};

struct ce_bpf_program {
	unsigned short length;
	const struct ce_bpf_insn *insn;
};

/* A pointer as an argument of syscall(). */
static inline long ce_pointer(const void *p)
{
	return (long)(intptr_t)p;
}

#endif /* CE_LINUX_ENFORCES */
#endif
