/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Process descriptors: FreeBSD's pdfork(2), pdrfork(2), pdgetpid(2), pdkill(2) and pdwait(2) over Linux's pidfds.
 *
 * What differs from FreeBSD (tests/data/freebsd-15.0-procdesc.jsonl has its answers, tests/helpers/procdesc.c ours):
 * - Closing the last descriptor neither ends the child nor frees what is left of it: wait for it with ce_pdwait(). What
 *   ends a child without PD_DAEMON is the end of its parent, unless a thread other than the first called pdfork().
 * - waitpid(2) finds the child by its number only with __WALL, which ce_pdwait() does not need. (With a C library that
 *   does not show where it keeps its thread id, such as musl, the child is an ordinary one: waitpid(-1) finds it, and
 *   its end sends SIGCHLD.)
 * - poll(2) shows an ended child as POLLIN, not POLLHUP.
 * - read(2) is EINVAL, not EOPNOTSUPP; pdgetpid() of a child that was waited for is ESRCH.
 * - Landlock keeps the signals of a process in capability mode among those that it started inside (ABI 6 and later):
 *   pdkill() on one from before is EPERM, and that one does not end with its parent.
 * - A child that replaces its program after a limit or in capability mode keeps both, as everything does.
 */
#ifndef CE_LINUX_PROCDESC_H_
#define CE_LINUX_PROCDESC_H_

#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>

#include "../sys/procdesc.h"
#include "child.h"
#include "memory.h"
#include "numbers.h"

#define CE_NR_PIDFD_SEND_SIGNAL_ 424
#define CE_NR_PIDFD_OPEN_ 434
#define CE_CLONE_PIDFD_ 0x1000
#define CE_CLONE_CHILD_CLEARTID_ 0x200000
#define CE_CLONE_CHILD_SETTID_ 0x1000000
#define CE_SIGKILL_ 9
#define CE_PR_SET_PDEATHSIG_ 1
#define CE_PR_GET_TID_ADDRESS_ 40
#define CE_F_SETFD_ 2
#define CE_F_SETOWN_ 8
#define CE_F_GETOWN_ 9
#define CE_P_PIDFD_ 3
#define CE_WNOHANG_ 1
#define CE_WEXITED_ 4
#define CE_WNOWAIT_ 0x1000000
#define CE_PIDFD_GET_INFO_ 0xc040ff0bu /* _IOWR(0xFF, 11, 64 bytes), linux/pidfd.h, from 6.13 on */
#define CE_PIDFD_INFO_PID_ 1
#define CE_NO_DESCRIPTOR_ 0x7fffffff
#define CE_THREAD_RECORD_ 256 /* words that are looked at: fewer than stand there */

/* ---- making one ---- */

/*
 * Whether the kernel has all that a process descriptor needs: waiting by it came last, in 5.4. clone(2) without the
 * flag for it would succeed before 5.2, and give none.
 */
static inline bool ce_has_pidfds_(void)
{
	const long options = CE_WEXITED_ | CE_WNOHANG_;

	return syscall(SYS_waitid, (long)CE_P_PIDFD_, (long)CE_NO_DESCRIPTOR_, 0L, options, 0L) == -1 && errno == EBADF;
}

/*
 * What glibc 2.43 gives to the kernel to clear is another word of the thread's record, 856 bytes behind the id
 * (measured on x86-64, where the record has 720 before it). NULL unless just one word there is the id.
 */
static inline int *ce_thread_id_before_(int *address, int id)
{
	int *at, *found = NULL;

	for (at = address - CE_THREAD_RECORD_; at < address; at++) {
		if (*at != id)
			continue;
		if (found != NULL)
			return NULL;
		found = at;
	}
	return found;
}

/*
 * Where libc keeps the calling thread's id, for the kernel to clear when the thread ends; NULL if it does not show. A
 * child made by clone(2) must find its own id there, or raise(3) and abort(3) would aim at the parent.
 */
static inline int *ce_thread_id_address_(void)
{
	const int id = (int)syscall(SYS_gettid);
	int *address = NULL;

	if (syscall(SYS_prctl, (long)CE_PR_GET_TID_ADDRESS_, ce_pointer_(&address), 0L, 0L, 0L) != 0 || address == NULL)
		return NULL;
	if (*address == id)
		return address;
#ifdef __GLIBC__
	return ce_thread_id_before_(address, id);
#else
	return NULL;
#endif
}

/*
 * Forks by a raw clone(2), which makes the descriptor in the same step; capability mode has no other way to get one.
 * There is no exit signal, so the child is not among those of waitpid(-1). files: CE_CLONE_FILES_, or 0.
 */
static inline pid_t ce_pdfork_clone_(int *fd, long files, const void *thread_id)
{
	const long flags = CE_CLONE_PIDFD_ | CE_CLONE_CHILD_SETTID_ | CE_CLONE_CHILD_CLEARTID_ | files;

#ifdef CE_LINUX_AARCH64_ /* the last two arguments change places */
	return (pid_t)syscall(SYS_clone, flags, 0L, ce_pointer_(fd), 0L, ce_pointer_(thread_id));
#else
	return (pid_t)syscall(SYS_clone, flags, 0L, ce_pointer_(fd), ce_pointer_(thread_id), 0L);
#endif
}

static inline int ce_pidfd_open_(pid_t pid)
{
	return (int)syscall((long)CE_NR_PIDFD_OPEN_, (long)pid, 0L);
}

/*
 * Forks by libc's fork(3), after a look whether a descriptor can be had at all. A child that ended and was waited for
 * by another thread meanwhile is lost: ESRCH. Where another thread took the last free number meanwhile, the child goes
 * on without a descriptor: to end it by its number could hit another process.
 */
static inline pid_t ce_pdfork_open_(int *fd)
{
	int probe = ce_pidfd_open_((pid_t)syscall(SYS_getpid));
	pid_t pid;

	if (probe < 0)
		return -1;
	ce_close_(probe);
	pid = fork();
	if (pid > 0) {
		*fd = ce_pidfd_open_(pid);
		if (*fd < 0)
			return -1;
	}
	return pid;
}

/* What the child does first: it shall end with its parent, which may have ended already. */
static inline void ce_pdfork_bind_(pid_t parent)
{
	syscall(SYS_prctl, (long)CE_PR_SET_PDEATHSIG_, (long)CE_SIGKILL_, 0L, 0L, 0L);
	if ((pid_t)syscall(SYS_getppid) != parent)
		_exit(128 + CE_SIGKILL_);
}

/* What the parent does last. */
static inline void ce_pdfork_finish_(int fd, pid_t pid, int flags)
{
	syscall(SYS_fcntl, (long)fd, (long)CE_F_SETOWN_, (long)pid); /* for pdgetpid() before Linux 6.13 */
	if ((flags & PD_CLOEXEC) == 0)
		syscall(SYS_fcntl, (long)fd, (long)CE_F_SETFD_, 0L);
}

/* files: CE_CLONE_FILES_, to share the table of descriptors, or 0. */
static inline pid_t ce_pdfork_(int *fdp, int flags, long files)
{
	const pid_t self = (pid_t)syscall(SYS_getpid);
	const bool bind = (flags & PD_DAEMON) == 0 && (pid_t)syscall(SYS_gettid) == self;
	const void *thread_id = ce_thread_id_address_();
	struct ce_place_ place;
	int fd = -1;
	pid_t pid;

	if ((flags & ~PD_ALLOWED_AT_FORK) != 0 || (files != 0 && thread_id == NULL))
		return ce_fail_(EINVAL);
	if (ce_check_writable_int_(fdp) != 0)
		return -1;
	if (!ce_has_pidfds_())
		return ce_fail_(ENOSYS);
	if (ce_place_clear_(&place, 1) != 0)
		return -1;
	pid = thread_id != NULL ? ce_pdfork_clone_(&fd, files, thread_id) : ce_pdfork_open_(&fd);
	ce_place_release_(&place);
	if (pid == 0) {
		*fdp = -1; /* what looking at the memory left in it is no descriptor */
		if (bind)
			ce_pdfork_bind_(self);
	}
	if (pid > 0) {
		ce_pdfork_finish_(fd, pid, flags);
		*fdp = fd;
	}
	return pid;
}

/**
 * Forks, and stores in *fdp a descriptor for the child, as FreeBSD's pdfork(2). flags: PD_DAEMON and PD_CLOEXEC, ORed.
 *
 * Returns 0 in the child, where *fdp is -1, and the child's number in the parent. In the child no handlers
 * of pthread_atfork(3) run, and with other threads in the parent it may only call what is safe in a signal handler.
 *
 * errno: EINVAL (flags), EFAULT, EAGAIN, ENOMEM, EMFILE, ENOSYS (Linux before 5.4); ECAPMODE in capability mode with a
 * C library that does not show where it keeps its thread id, such as musl.
 */
CE_API pid_t pdfork(int *fdp, int flags)
{
	return ce_pdfork_(fdp, flags, 0);
}

/**
 * As pdfork(), with the flags of FreeBSD's rfork(2): RFPROC and RFPROCDESC, with RFFDG for a table of descriptors of
 * the child's own, without it for a shared one; or RFSPAWN alone. The others, which FreeBSD has, are EINVAL.
 *
 * errno: as pdfork(); EINVAL also for a shared table with a C library such as musl.
 */
CE_API pid_t pdrfork(int *fdp, int flags, int rfflags)
{
	const int needed = RFPROC | RFPROCDESC;

	if ((unsigned)rfflags == RFSPAWN || rfflags == (needed | RFFDG))
		return ce_pdfork_(fdp, flags, 0);
	return rfflags == needed ? ce_pdfork_(fdp, flags, CE_CLONE_FILES_) : ce_fail_(EINVAL);
}

/* ---- using one ---- */

/* waitid(2) of the process of a descriptor; info: NULL, or struct siginfo's 32 words. EBADF for no number at all. */
static inline int ce_pidfd_wait_(int fd, int32_t *info, int options, struct rusage *usage)
{
	if (fd < 0)
		return ce_fail_(EBADF); /* the kernel's EINVAL */
	return (int)syscall(SYS_waitid, (long)CE_P_PIDFD_, (long)fd, ce_pointer_(info), (long)(options | CE_WALL_),
			    ce_pointer_(usage));
}

/* 0 for a child that was not waited for, EBADF for what is no process descriptor, else what keeps it from being told.
 */
static inline int ce_pidfd_look_(int fd)
{
	return ce_pidfd_wait_(fd, NULL, CE_WEXITED_ | CE_WNOHANG_ | CE_WNOWAIT_, NULL) == 0 ? 0 : errno;
}

/**
 * The number of the process that a descriptor stands for, as FreeBSD's pdgetpid(2); needs CAP_PDGETPID. Before
 * Linux 6.13 it needs CAP_FCNTL with CAP_FCNTL_GETOWN, and a descriptor that pdfork() made outside capability mode.
 *
 * errno: EFAULT, EBADF (no process descriptor), ENOTCAPABLE, ESRCH (it has ended and was waited for), ECAPMODE (made in
 * capability mode, before Linux 6.13).
 */
CE_API int pdgetpid(int fd, pid_t *pidp)
{
	uint32_t info[16] = { CE_PIDFD_INFO_PID_ }; /* struct pidfd_info: a mask of 64 bits, cgroupid, pid */
	long pid;
	int look;

	if (pidp == NULL)
		return ce_fail_(EFAULT);
	if (syscall(SYS_ioctl, (long)fd, (long)CE_PIDFD_GET_INFO_, ce_pointer_(info)) == 0) {
		pid = (long)info[4];
	} else {
		if (errno != ENOTTY && errno != EINVAL && errno != ECAPMODE)
			return -1;
		look = ce_pidfd_look_(fd);
		if (look == EBADF)
			return ce_fail_(EBADF);
		pid = syscall(SYS_fcntl, (long)fd, (long)CE_F_GETOWN_, 0L);
		if (pid < 0)
			return -1;
		if (pid == 0) /* waited for; or nobody could write it down, in capability mode */
			return ce_fail_(look == 0 && ce_answer_(CE_ASK_MODE_, 0, 0) != 0 ? ECAPMODE : ESRCH);
	}
	if (ce_check_writable_int_(pidp) != 0)
		return -1;
	*pidp = (pid_t)pid;
	return 0;
}

/**
 * Sends a signal to the process of a descriptor, or only looks whether it could with 0, as FreeBSD's pdkill(2); needs
 * CAP_PDKILL.
 *
 * errno: EBADF (no process descriptor), EINVAL (no such signal), ENOTCAPABLE, ESRCH (it has ended and was waited for),
 * EPERM, ENOSYS (Linux before 5.1).
 */
CE_API int pdkill(int fd, int signal)
{
	return (int)syscall((long)CE_NR_PIDFD_SEND_SIGNAL_, (long)fd, (long)signal, 0L, 0L);
}

/* A status in waitpid(2)'s form, from struct siginfo: si_code at [2]; si_status, behind si_pid and si_uid, at [6]. */
static inline int ce_status_of_(const int32_t *info)
{
	switch (info[2]) {
	case 1: /* CLD_EXITED */
		return (info[6] & 0xff) << 8;
	case 2: /* CLD_KILLED */
		return info[6] & 0x7f;
	case 3: /* CLD_DUMPED */
		return (info[6] & 0x7f) | 0x80;
	case 6: /* CLD_CONTINUED */
		return 0xffff;
	default: /* CLD_STOPPED, CLD_TRAPPED */
		return (info[6] & 0xff) << 8 | 0x7f;
	}
}

/* What went wrong in waiting, as FreeBSD's pdwait(2) says it: EINVAL for what is open but no process, ESRCH for none.
 */
static inline int ce_pdwait_fail_(int fd)
{
	if (errno == EBADF && fd >= 0 && syscall(SYS_fcntl, (long)fd, (long)CE_F_GETFD_, 0L) != -1)
		return ce_fail_(EINVAL);
	return errno == ECHILD ? ce_fail_(ESRCH) : -1;
}

/**
 * Waits for the process of a descriptor, as FreeBSD's pdwait(2) does from 15.1 on; needs CAP_PDWAIT. options are those
 * of waitid(2): WEXITED, WSTOPPED, WCONTINUED, one at least, WNOHANG and WNOWAIT.
 *
 * *status is as waitpid(2)'s, *usage what the process and its children have used, all in wru_self, *info a siginfo_t;
 * each may be NULL.
 *
 * errno: EBADF, EINVAL (options, or no process descriptor), ESRCH (no child of this process, or waited for already),
 * EAGAIN (WNOHANG, and nothing has happened), EFAULT (what was waited for is then lost), EINTR, ENOTCAPABLE, ENOSYS
 * (Linux before 5.4).
 */
CE_API int pdwait(int fd, int *status, int options, struct __wrusage *usage, void *info)
{
	int32_t what[32] = { 0 }; /* siginfo_t */
	struct __wrusage used;

	memset(&used, 0, sizeof(used));
	if (!ce_has_pidfds_())
		return ce_fail_(ENOSYS);
	if (ce_pidfd_wait_(fd, what, options, &used.wru_self) != 0)
		return ce_pdwait_fail_(fd);
	if (what[4] == 0) /* si_pid */
		return ce_fail_(EAGAIN);
	if ((status != NULL && ce_check_writable_int_(status) != 0) ||
	    (usage != NULL && ce_check_writable_(usage, sizeof(used)) != 0) ||
	    (info != NULL && ce_check_writable_(info, sizeof(what)) != 0))
		return -1;
	if (status != NULL)
		*status = ce_status_of_(what);
	if (usage != NULL)
		*usage = used;
	if (info != NULL)
		memcpy(info, what, sizeof(what));
	return 0;
}

/* Waits for the child of a descriptor, and writes its status in waitpid(2)'s form. See ce_pdwait(). */
static inline int ce_pdwait_raw_(int fd, int *status)
{
	int32_t what[32] = { 0 };

	if (ce_pidfd_wait_(fd, what, CE_WEXITED_, NULL) != 0 || ce_check_writable_int_(status) != 0)
		return -1;
	*status = ce_status_of_(what);
	return 0;
}

#endif
