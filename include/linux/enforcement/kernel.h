/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Linux kernel's side: raw system calls, and the numbers and structures of seccomp and Landlock.
 *
 * Defined here rather than included, because <linux/...> is missing with some C libraries and lacks newer names on
 * older systems. Sources: include/uapi/linux/{filter,seccomp,audit,landlock,prctl}.h of Linux 7.2.
 */
#ifndef CE_LINUX_KERNEL_H_
#define CE_LINUX_KERNEL_H_

#include "../../capsicum_easy/base.h"
#include "../../capsicum_easy/system.h"

#ifdef CE_LINUX_ENFORCES_

#ifdef CE_LINUX_X86_64_
#define CE_AUDIT_ARCH_ 0xc000003eu
#else
#define CE_AUDIT_ARCH_ 0xc00000b7u
#endif

#include <unistd.h>
#include <sys/syscall.h> /* the numbers; not <asm/unistd.h>, which musl lacks */

#ifndef __cplusplus
extern long syscall(long number, ...); /* hidden by <unistd.h> under -std=c99 */
#endif

/* Present in the kernels that we can use them on, but not in every C library's <sys/syscall.h>. */
#define CE_NR_CLOSE_RANGE_ 436
#define CE_NR_OPENAT2_ 437
#define CE_NR_LANDLOCK_CREATE_RULESET_ 444
#define CE_NR_LANDLOCK_ADD_RULE_ 445
#define CE_NR_LANDLOCK_RESTRICT_SELF_ 446

#define CE_AT_FDCWD_ (-100)
#define CE_O_ACCMODE_ 3
#define CE_O_CREAT_ 0100
#define CE_O_CLOEXEC_ 02000000
#define CE_O_TMPFILE_ 020000000 /* without O_DIRECTORY, which belongs to it */
#ifdef CE_LINUX_AARCH64_
#define CE_O_DIRECTORY_ 040000
#else
#define CE_O_DIRECTORY_ 0200000
#endif
#define CE_RESOLVE_BENEATH_ 8u
#define CE_F_GETFD_ 1
#define CE_F_SETFD_ 2
#define CE_F_DUPFD_CLOEXEC_ 1030
#define CE_PROT_READ_ 1
#define CE_PROT_WRITE_ 2
#define CE_MAP_SHARED_ 1
#define CE_MAP_PRIVATE_ 2
#define CE_MAP_ANONYMOUS_ 0x20
#define CE_CLONE_VM_ 0x100
#define CE_CLONE_FILES_ 0x400
#define CE_CLONE_THREAD_ 0x10000
#define CE_RLIMIT_CORE_ 4
#define CE_RLIMIT_NOFILE_ 7

#define CE_PR_SET_NO_NEW_PRIVS_ 38
#define CE_PR_GET_NO_NEW_PRIVS_ 39

#define CE_SECCOMP_SET_MODE_FILTER_ 1
#define CE_SECCOMP_FLAG_TSYNC_ 1
#define CE_SECCOMP_ALLOW_ 0x7fff0000u
#define CE_SECCOMP_ERRNO_ 0x00050000u

/* struct seccomp_data: what a filter sees of a call. Both architectures are little-endian. */
#define CE_DATA_NR_ 0u
#define CE_DATA_ARCH_ 4u
#define CE_DATA_LOW_(argument) (16u + 8u * (argument))
#define CE_DATA_HIGH_(argument) (20u + 8u * (argument))

#define CE_LANDLOCK_VERSION_ 1u
#define CE_LANDLOCK_TSYNC_ 8u
#define CE_LANDLOCK_PATH_BENEATH_ 1
#define CE_LANDLOCK_SCOPES_ 6u /* the ABI from which signals and abstract sockets are confined */

#define CE_LANDLOCK_EXECUTE_ (1ull << 0)
#define CE_LANDLOCK_WRITE_FILE_ (1ull << 1)
#define CE_LANDLOCK_READ_FILE_ (1ull << 2)
#define CE_LANDLOCK_READ_DIR_ (1ull << 3)
#define CE_LANDLOCK_REMOVE_DIR_ (1ull << 4)
#define CE_LANDLOCK_REMOVE_FILE_ (1ull << 5)
#define CE_LANDLOCK_MAKE_CHAR_ (1ull << 6)
#define CE_LANDLOCK_MAKE_DIR_ (1ull << 7)
#define CE_LANDLOCK_MAKE_REG_ (1ull << 8)
#define CE_LANDLOCK_MAKE_SOCK_ (1ull << 9)
#define CE_LANDLOCK_MAKE_FIFO_ (1ull << 10)
#define CE_LANDLOCK_MAKE_BLOCK_ (1ull << 11)
#define CE_LANDLOCK_MAKE_SYM_ (1ull << 12)
#define CE_LANDLOCK_REFER_ (1ull << 13)
#define CE_LANDLOCK_TRUNCATE_ (1ull << 14)
#define CE_LANDLOCK_IOCTL_DEV_ (1ull << 15)

struct ce_landlock_ruleset_ {
	uint64_t handled_fs;
	uint64_t handled_net;
	uint64_t scoped;
};

/* Packed in the kernel: 12 bytes. The trailing padding here does no harm, it reads just those. */
struct ce_landlock_path_ {
	uint64_t allowed;
	int32_t fd;
};

struct ce_bpf_insn_ {
	uint16_t code;
	uint8_t jt;
	uint8_t jf;
	uint32_t k;
};

struct ce_bpf_program_ {
	unsigned short length;
	const struct ce_bpf_insn_ *insn;
};

/* A pointer as an argument of syscall(). */
static inline long ce_pointer_(const void *p)
{
	return (long)(intptr_t)p;
}

/* Closes a descriptor of ours, leaving errno alone. */
static inline void ce_close_(int fd)
{
	int saved = errno;

	if (fd >= 0)
		syscall(SYS_close, (long)fd);
	errno = saved;
}

/* Whether an open failed for want of room: not an answer about what was to be opened. */
static inline bool ce_lacks_room_(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM || error == EAGAIN;
}

/*
 * Whether a call failed because it is not to be had: what a kernel without it says, and what containers' filters say in
 * its place.
 */
static inline bool ce_is_missing_(int error)
{
	return error == ENOSYS || error == EPERM || error == EACCES || error == EINVAL || error == EOPNOTSUPP;
}

#endif /* CE_LINUX_ENFORCES_ */
#endif
