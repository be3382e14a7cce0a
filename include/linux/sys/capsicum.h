/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What FreeBSD 15.1 gives to programs in <sys/capsicum.h>, for systems that have no such header: the same names, the
 * same values, the same types. The generator reads this file to learn the rights, so each right's comment is also its
 * documentation at run time, and the calls named there answer ce_call_needs() and ce_right_allows(). They were checked
 * against a FreeBSD 13.2 kernel (tests/data/freebsd-13.2.jsonl). How calls are written:
 *
 *   read(2)                          the call needs this right
 *   mknodat(S_IFIFO)                 when it is given this argument
 *   openat(2) (without O_WRONLY)     unless it is given this argument
 *   linkat(2) (source descriptor)    on that one of its descriptors
 *   openat(2)                        in two comments: it needs both rights
 *
 * No right is needed for close(2), dup(2), dup2(2), dup3(2), posix_fadvise(2), fcntl(F_DUPFD), fcntl(F_DUPFD_CLOEXEC),
 * fcntl(F_GETFD), fcntl(F_SETFD), openat(absolute).
 * These arguments need no right of their own: fcntl(F_GETFL), fcntl(F_GETOWN), fcntl(F_SETFL), fcntl(F_SETOWN),
 * lseek(SEEK_CUR), lseek(SEEK_END), lseek(SEEK_SET), mmap(MAP_FIXED), mmap(MAP_PRIVATE), mmap(MAP_SHARED),
 * mmap(PROT_NONE), mprotect(PROT_EXEC), mprotect(PROT_NONE), mprotect(PROT_READ), openat(O_CLOEXEC),
 * openat(O_DIRECTORY), openat(O_EXCL), openat(O_NOCTTY), openat(O_NOFOLLOW), openat(O_NONBLOCK), openat(O_RDONLY),
 * unlinkat(AT_REMOVEDIR).
 * Only a descriptor that was never limited allows openat(outside): a path that leaves the directory, by ".." or by a
 * symbolic link. Lookups from a limited one never do.
 */
#ifndef _SYS_CAPSICUM_H_
#define _SYS_CAPSICUM_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CAP_RIGHTS_VERSION_00 0
#define CAP_RIGHTS_VERSION CAP_RIGHTS_VERSION_00

/*
 * Bits 63 and 62 of the first word hold the version, which is the number of words less two. Bits 61 to 57 of each word
 * have the one bit set that says which word it is. The rights are bits 56 to 0. A set of all zeros is not valid.
 */
struct cap_rights {
	uint64_t cr_rights[CAP_RIGHTS_VERSION + 2];
};
typedef struct cap_rights cap_rights_t;
typedef unsigned long cap_ioctl_t;

#define CAPRIGHT(idx, bit) ((1ULL << (57 + (idx))) | (bit))

/*
 * First word: files, directories and sockets.
 */

/* Allows read(2), readv(2), recv(2), recvfrom(2), recvmsg(2), recvmmsg(2), getdirentries(2), getdents(2), readdir(3),
   openat(2) (without O_WRONLY, O_EXEC), copy_file_range(2) (source descriptor). */
#define CAP_READ CAPRIGHT(0, 0x0000000000000001ULL)
/* Allows write(2), writev(2), send(2), sendto(2), sendmsg(2), sendmmsg(2), openat(O_WRONLY), openat(O_RDWR),
   copy_file_range(2) (target descriptor), sendfile(2) (target descriptor). */
#define CAP_WRITE CAPRIGHT(0, 0x0000000000000002ULL)
/* The half of CAP_SEEK that asks for a file's position; no kernel accepts it for lseek() without the other half. */
#define CAP_SEEK_TELL CAPRIGHT(0, 0x0000000000000004ULL)
/* Allows lseek(2), openat(O_WRONLY) (without O_APPEND, O_TRUNC), openat(O_RDWR) (without O_APPEND, O_TRUNC). */
#define CAP_SEEK (CAP_SEEK_TELL | 0x0000000000000008ULL)
/* Allows pread(2), preadv(2), aio_read(2), aio_readv(2), sendfile(2) (source descriptor). */
#define CAP_PREAD (CAP_SEEK | CAP_READ)
/* Allows pwrite(2), pwritev(2), aio_write(2), aio_writev(2), posix_fallocate(2). */
#define CAP_PWRITE (CAP_SEEK | CAP_WRITE)
/* Allows mmap(2); what the mapping may be used for needs more. */
#define CAP_MMAP CAPRIGHT(0, 0x0000000000000010ULL)
/* Allows mmap(PROT_READ). */
#define CAP_MMAP_R (CAP_MMAP | CAP_SEEK | CAP_READ)
/* Allows mmap(PROT_WRITE) (without MAP_PRIVATE), mprotect(PROT_WRITE) (without MAP_PRIVATE). */
#define CAP_MMAP_W (CAP_MMAP | CAP_SEEK | CAP_WRITE)
/* Allows mmap(PROT_EXEC). */
#define CAP_MMAP_X (CAP_MMAP | CAP_SEEK | 0x0000000000000020ULL)
/* Allows mmap(PROT_READ | PROT_WRITE) (without MAP_PRIVATE). */
#define CAP_MMAP_RW (CAP_MMAP_R | CAP_MMAP_W)
/* Allows mmap(PROT_READ | PROT_EXEC). */
#define CAP_MMAP_RX (CAP_MMAP_R | CAP_MMAP_X)
/* Allows mmap(PROT_WRITE | PROT_EXEC) (without MAP_PRIVATE). */
#define CAP_MMAP_WX (CAP_MMAP_W | CAP_MMAP_X)
/* Allows mmap(PROT_READ | PROT_WRITE | PROT_EXEC) (without MAP_PRIVATE). */
#define CAP_MMAP_RWX (CAP_MMAP_R | CAP_MMAP_W | CAP_MMAP_X)
/* Allows openat(O_CREAT). */
#define CAP_CREATE CAPRIGHT(0, 0x0000000000000040ULL)
/* Allows fexecve(2), openat(O_EXEC). */
#define CAP_FEXECVE CAPRIGHT(0, 0x0000000000000080ULL)
/* Allows fsync(2), fdatasync(2), aio_fsync(2), openat(O_SYNC), openat(O_FSYNC). */
#define CAP_FSYNC CAPRIGHT(0, 0x0000000000000100ULL)
/* Allows ftruncate(2), openat(O_TRUNC). */
#define CAP_FTRUNCATE CAPRIGHT(0, 0x0000000000000200ULL)

/* Allows paths beneath a directory: openat(2), readlinkat(2). Every right to change something there includes it. */
#define CAP_LOOKUP CAPRIGHT(0, 0x0000000000000400ULL)

/* Allows fchdir(2). */
#define CAP_FCHDIR CAPRIGHT(0, 0x0000000000000800ULL)
/* Allows fchflags(2). */
#define CAP_FCHFLAGS CAPRIGHT(0, 0x0000000000001000ULL)
/* Allows chflagsat(2). */
#define CAP_CHFLAGSAT (CAP_FCHFLAGS | CAP_LOOKUP)
/* Allows fchmod(2). */
#define CAP_FCHMOD CAPRIGHT(0, 0x0000000000002000ULL)
/* Allows fchmodat(2). */
#define CAP_FCHMODAT (CAP_FCHMOD | CAP_LOOKUP)
/* Allows fchown(2). */
#define CAP_FCHOWN CAPRIGHT(0, 0x0000000000004000ULL)
/* Allows fchownat(2). */
#define CAP_FCHOWNAT (CAP_FCHOWN | CAP_LOOKUP)
/* Allows fcntl(2) (without F_GETLK, F_SETLK, F_SETLKW, F_SETLK_REMOTE); cap_fcntls_limit() says which commands. */
#define CAP_FCNTL CAPRIGHT(0, 0x0000000000008000ULL)
/* Allows flock(2), fcntl(F_GETLK), fcntl(F_SETLK), fcntl(F_SETLKW), fcntl(F_SETLK_REMOTE), openat(O_SHLOCK),
   openat(O_EXLOCK). */
#define CAP_FLOCK CAPRIGHT(0, 0x0000000000010000ULL)
/* Allows fpathconf(2). */
#define CAP_FPATHCONF CAPRIGHT(0, 0x0000000000020000ULL)
/* Allows a mounted UFS file system to be checked in the background. */
#define CAP_FSCK CAPRIGHT(0, 0x0000000000040000ULL)
/* Allows fstat(2). */
#define CAP_FSTAT CAPRIGHT(0, 0x0000000000080000ULL)
/* Allows fstatat(2), faccessat(2). */
#define CAP_FSTATAT (CAP_FSTAT | CAP_LOOKUP)
/* Allows fstatfs(2). */
#define CAP_FSTATFS CAPRIGHT(0, 0x0000000000100000ULL)
/* Allows futimens(2), futimes(2). */
#define CAP_FUTIMES CAPRIGHT(0, 0x0000000000200000ULL)
/* Allows utimensat(2), futimesat(2). */
#define CAP_FUTIMESAT (CAP_FUTIMES | CAP_LOOKUP)
/* Allows linkat(2) (target descriptor): the directory that gets the new name. */
#define CAP_LINKAT_TARGET (CAP_LOOKUP | 0x0000000000400000ULL)
/* Allows mkdirat(2). */
#define CAP_MKDIRAT (CAP_LOOKUP | 0x0000000000800000ULL)
/* Allows mkfifoat(2), mknodat(S_IFIFO). */
#define CAP_MKFIFOAT (CAP_LOOKUP | 0x0000000001000000ULL)
/* Allows mknodat(2) (without S_IFIFO). */
#define CAP_MKNODAT (CAP_LOOKUP | 0x0000000002000000ULL)
/* Allows renameat(2) (source descriptor): the directory that loses the name. */
#define CAP_RENAMEAT_SOURCE (CAP_LOOKUP | 0x0000000004000000ULL)
/* Allows symlinkat(2). */
#define CAP_SYMLINKAT (CAP_LOOKUP | 0x0000000008000000ULL)
/* Allows unlinkat(2), funlinkat(2), renameat(existing): onto a name that exists and is replaced. */
#define CAP_UNLINKAT (CAP_LOOKUP | 0x0000000010000000ULL)

/* Allows accept(2), accept4(2). */
#define CAP_ACCEPT CAPRIGHT(0, 0x0000000020000000ULL)
/* Allows bind(2). */
#define CAP_BIND CAPRIGHT(0, 0x0000000040000000ULL)
/* Allows connect(2), sendto(address), sendmsg(address). */
#define CAP_CONNECT CAPRIGHT(0, 0x0000000080000000ULL)
/* Allows getpeername(2). */
#define CAP_GETPEERNAME CAPRIGHT(0, 0x0000000100000000ULL)
/* Allows getsockname(2). */
#define CAP_GETSOCKNAME CAPRIGHT(0, 0x0000000200000000ULL)
/* Allows getsockopt(2). */
#define CAP_GETSOCKOPT CAPRIGHT(0, 0x0000000400000000ULL)
/* Allows listen(2). */
#define CAP_LISTEN CAPRIGHT(0, 0x0000000800000000ULL)
/* Allows sctp_peeloff(2). */
#define CAP_PEELOFF CAPRIGHT(0, 0x0000001000000000ULL)
#define CAP_RECV CAP_READ
#define CAP_SEND CAP_WRITE
/* Allows setsockopt(2). */
#define CAP_SETSOCKOPT CAPRIGHT(0, 0x0000002000000000ULL)
/* Allows shutdown(2). */
#define CAP_SHUTDOWN CAPRIGHT(0, 0x0000004000000000ULL)

/* Allows bindat(2). */
#define CAP_BINDAT (CAP_LOOKUP | 0x0000008000000000ULL)
/* Allows connectat(2). */
#define CAP_CONNECTAT (CAP_LOOKUP | 0x0000010000000000ULL)
/* Allows linkat(2) (source descriptor): the directory that has the old name. */
#define CAP_LINKAT_SOURCE (CAP_LOOKUP | 0x0000020000000000ULL)
/* Allows renameat(2) (target descriptor): the directory that gets the name. */
#define CAP_RENAMEAT_TARGET (CAP_LOOKUP | 0x0000040000000000ULL)
/* Allows fchroot(2). */
#define CAP_FCHROOT CAPRIGHT(0, 0x0000080000000000ULL)

/* What a connected client does with its socket. */
#define CAP_SOCK_CLIENT                                                                                         \
	(CAP_CONNECT | CAP_GETPEERNAME | CAP_GETSOCKNAME | CAP_GETSOCKOPT | CAP_PEELOFF | CAP_RECV | CAP_SEND | \
	 CAP_SETSOCKOPT | CAP_SHUTDOWN)
/* What a server does with the socket that it listens on, and with those that it accepts. */
#define CAP_SOCK_SERVER                                                                                          \
	(CAP_ACCEPT | CAP_BIND | CAP_GETPEERNAME | CAP_GETSOCKNAME | CAP_GETSOCKOPT | CAP_LISTEN | CAP_PEELOFF | \
	 CAP_RECV | CAP_SEND | CAP_SETSOCKOPT | CAP_SHUTDOWN)

/* Every right of the first word, and the first and last bit that are still free there. */
#define CAP_ALL0 CAPRIGHT(0, 0x00000FFFFFFFFFFFULL)
#define CAP_UNUSED0_57 CAPRIGHT(0, 0x0100000000000000ULL)

/*
 * Second word: everything else.
 */

/* Allows mac_get_fd(3). */
#define CAP_MAC_GET CAPRIGHT(1, 0x0000000000000001ULL)
/* Allows mac_set_fd(3). */
#define CAP_MAC_SET CAPRIGHT(1, 0x0000000000000002ULL)
/* Allows sem_getvalue(3). */
#define CAP_SEM_GETVALUE CAPRIGHT(1, 0x0000000000000004ULL)
/* Allows sem_post(3). */
#define CAP_SEM_POST CAPRIGHT(1, 0x0000000000000008ULL)
/* Allows sem_wait(3), sem_trywait(3). */
#define CAP_SEM_WAIT CAPRIGHT(1, 0x0000000000000010ULL)
/* Allows poll(2), ppoll(2), select(2), pselect(2), and the descriptor to be watched by a kqueue. */
#define CAP_EVENT CAPRIGHT(1, 0x0000000000000020ULL)
/* Allows kevent(2) (without changelist): taking events out of a kqueue. */
#define CAP_KQUEUE_EVENT CAPRIGHT(1, 0x0000000000000040ULL)
/* Allows ioctl(2); cap_ioctls_limit() says which commands. */
#define CAP_IOCTL CAPRIGHT(1, 0x0000000000000080ULL)
/* Allows a terminal's traffic to be hooked by the kernel. */
#define CAP_TTYHOOK CAPRIGHT(1, 0x0000000000000100ULL)
/* Allows pdgetpid(2). */
#define CAP_PDGETPID CAPRIGHT(1, 0x0000000000000200ULL)
/* Allows pdwait4(2), where the kernel has it. */
#define CAP_PDWAIT CAPRIGHT(1, 0x0000000000000400ULL)
/* Allows pdkill(2). */
#define CAP_PDKILL CAPRIGHT(1, 0x0000000000000800ULL)
/* Allows extattr_delete_fd(2). */
#define CAP_EXTATTR_DELETE CAPRIGHT(1, 0x0000000000001000ULL)
/* Allows extattr_get_fd(2). */
#define CAP_EXTATTR_GET CAPRIGHT(1, 0x0000000000002000ULL)
/* Allows extattr_list_fd(2). */
#define CAP_EXTATTR_LIST CAPRIGHT(1, 0x0000000000004000ULL)
/* Allows extattr_set_fd(2). */
#define CAP_EXTATTR_SET CAPRIGHT(1, 0x0000000000008000ULL)
/* Allows acl_valid_fd_np(3). */
#define CAP_ACL_CHECK CAPRIGHT(1, 0x0000000000010000ULL)
/* Allows acl_delete_fd_np(3). */
#define CAP_ACL_DELETE CAPRIGHT(1, 0x0000000000020000ULL)
/* Allows acl_get_fd(3), acl_get_fd_np(3). */
#define CAP_ACL_GET CAPRIGHT(1, 0x0000000000040000ULL)
/* Allows acl_set_fd(3), acl_set_fd_np(3). */
#define CAP_ACL_SET CAPRIGHT(1, 0x0000000000080000ULL)
/* Allows kevent(2) (without eventlist): saying which events a kqueue shall watch for. */
#define CAP_KQUEUE_CHANGE CAPRIGHT(1, 0x0000000000100000ULL)
/* Allows both uses of a kqueue. */
#define CAP_KQUEUE (CAP_KQUEUE_EVENT | CAP_KQUEUE_CHANGE)
/* Allows inotify_add_watch(2), inotify_add_watch_at(2). */
#define CAP_INOTIFY_ADD CAPRIGHT(1, 0x0000000000200000ULL)
/* Allows inotify_rm_watch(2). */
#define CAP_INOTIFY_RM CAPRIGHT(1, 0x0000000000400000ULL)

/* Every right of the second word, and the first and last bit that are still free there. */
#define CAP_ALL1 CAPRIGHT(1, 0x00000000007FFFFFULL)
#define CAP_UNUSED1_22 CAPRIGHT(1, 0x0000000000800000ULL)
#define CAP_UNUSED1_57 CAPRIGHT(1, 0x0100000000000000ULL)

/* The name that CAP_EVENT had first. */
#define CAP_POLL_EVENT CAP_EVENT

/*
 * Whole sets, and the parts of a right or a set.
 */
#define CAP_ALL(rights)                                                                         \
	do {                                                                                    \
		(rights)->cr_rights[0] = ((UINT64_C(0) + CAP_RIGHTS_VERSION) << 62) | CAP_ALL0; \
		(rights)->cr_rights[1] = CAP_ALL1;                                              \
	} while (0)
#define CAP_NONE(rights)                                                                                 \
	do {                                                                                             \
		(rights)->cr_rights[0] = ((UINT64_C(0) + CAP_RIGHTS_VERSION) << 62) | CAPRIGHT(0, 0ULL); \
		(rights)->cr_rights[1] = CAPRIGHT(1, 0ULL);                                              \
	} while (0)
#define CAPRVER(right) ((int)((right) >> 62))
#define CAPVER(rights) CAPRVER((rights)->cr_rights[0])
#define CAPARSIZE(rights) (CAPVER(rights) + 2)
#define CAPIDXBIT(right) ((int)(((right) >> 57) & 0x1F))

/*
 * fcntl(2) commands for cap_fcntls_limit(). FreeBSD writes 1 << F_GETFL and so on; these are the numbers that this
 * gives there, because F_GETOWN and F_SETOWN are others on Linux and a stored or printed set must mean the same.
 */
#define CAP_FCNTL_GETFL 0x08
#define CAP_FCNTL_SETFL 0x10
#define CAP_FCNTL_GETOWN 0x20
#define CAP_FCNTL_SETOWN 0x40
#define CAP_FCNTL_ALL (CAP_FCNTL_GETFL | CAP_FCNTL_SETFL | CAP_FCNTL_GETOWN | CAP_FCNTL_SETOWN)

/* What cap_ioctls_get() returns for a descriptor whose ioctl(2) commands are not limited: SSIZE_MAX, by a name that
   strict C does not hide. */
#define CAP_IOCTLS_ALL PTRDIFF_MAX

/*
 * Sets: a list of rights of either word, which these macros end with the 0 that the functions look for.
 */
#define cap_rights_init(...) __cap_rights_init(CAP_RIGHTS_VERSION, __VA_ARGS__, 0ULL)
#define cap_rights_set(...) __cap_rights_set(__VA_ARGS__, 0ULL)
#define cap_rights_clear(...) __cap_rights_clear(__VA_ARGS__, 0ULL)
#define cap_rights_is_set(...) __cap_rights_is_set(__VA_ARGS__, 0ULL)

/*
 * Descriptors.
 */
#define cap_rights_get(fd, rights) __cap_rights_get(CAP_RIGHTS_VERSION, (fd), (rights))

/*
 * The functions, with FreeBSD's prototypes: __cap_rights_init, __cap_rights_set, __cap_rights_clear,
 * __cap_rights_is_set, cap_rights_is_empty, cap_rights_is_valid, cap_rights_merge, cap_rights_remove,
 * cap_rights_contains, cap_enter, cap_sandboxed, cap_getmode, cap_rights_limit, __cap_rights_get, cap_ioctls_limit,
 * cap_ioctls_get, cap_fcntls_limit and cap_fcntls_get.
 */
#include <capsicum_easy.h>

#endif /* _SYS_CAPSICUM_H_ */
