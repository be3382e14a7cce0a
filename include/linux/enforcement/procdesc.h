/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Process descriptors: FreeBSD's pdfork(2), pdgetpid(2) and pdkill(2) over Linux's pidfds.
 *
 * What differs from FreeBSD (tests/data/freebsd-13.2-procdesc.jsonl has its answers, tests/helpers/procdesc.c ours):
 * - Closing the last descriptor neither ends the child nor frees what is left of it: wait for it with ce_pdwait(). What
 *   ends a child without PD_DAEMON is the end of its parent, unless a thread other than the first called pdfork().
 * - The child counts among those of waitpid(-1), and its end sends SIGCHLD.
 * - poll(2) shows an ended child as POLLIN, not POLLHUP.
 * - read(2) is EINVAL, not EOPNOTSUPP; pdgetpid() of a child that was waited for is ESRCH.
 * - Landlock keeps the signals of a process in capability mode among those that it started inside (ABI 6 and later):
 *   pdkill() on one from before is EPERM, and that one does not end with its parent.
 * - A child that replaces its program after a limit or in capability mode keeps both, as everything does.
 */
#ifndef CE_LINUX_PROCDESC_H_
#define CE_LINUX_PROCDESC_H_

#include <sys/types.h>
#include <unistd.h>

#include "../sys/procdesc.h"
#include "kernel.h"
#include "numbers.h"

#define CE_NR_PIDFD_SEND_SIGNAL_ 424
#define CE_NR_PIDFD_OPEN_ 434
#define CE_CLONE_PIDFD_ 0x1000
#define CE_CLONE_CHILD_CLEARTID_ 0x200000
#define CE_CLONE_CHILD_SETTID_ 0x1000000
#define CE_SIGKILL_ 9
#define CE_SIGCHLD_ 17
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

/*
 * Where libc keeps the calling thread's id, for the kernel to clear when the thread ends; NULL if it does not show. A
 * child made by clone(2) must find its own id there, or raise(3) and abort(3) would aim at the parent.
 */
static inline void *ce_thread_id_address_(void)
{
	int *address = NULL;

	if (syscall(SYS_prctl, (long)CE_PR_GET_TID_ADDRESS_, ce_pointer_(&address), 0L, 0L, 0L) != 0)
		return NULL;
	return address != NULL && *address == (int)syscall(SYS_gettid) ? address : NULL;
}

/* Forks by a raw clone(2), which makes the descriptor in the same step; capability mode has no other way to get one. */
static inline pid_t ce_pdfork_clone_(int *fd, const void *thread_id)
{
	const long flags = CE_CLONE_PIDFD_ | CE_CLONE_CHILD_SETTID_ | CE_CLONE_CHILD_CLEARTID_ | CE_SIGCHLD_;

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

/**
 * Forks, and stores in *fdp a descriptor for the child, as FreeBSD's pdfork(2). flags: PD_DAEMON and PD_CLOEXEC, ORed.
 *
 * Returns 0 in the child, which has no such descriptor, and the child's number in the parent. In the child no handlers
 * of pthread_atfork(3) run, and with other threads in the parent it may only call what is safe in a signal handler.
 *
 * errno: EINVAL (flags), EFAULT, EAGAIN, ENOMEM, EMFILE, ENOSYS (Linux before 5.2); ECAPMODE in capability mode with a
 * C library that does not show where it keeps its thread id, such as musl.
 */
CE_API pid_t pdfork(int *fdp, int flags)
{
	const pid_t self = (pid_t)syscall(SYS_getpid);
	const bool bind = (flags & PD_DAEMON) == 0 && (pid_t)syscall(SYS_gettid) == self;
	const void *thread_id = ce_thread_id_address_();
	struct ce_place_ place;
	pid_t pid;

	if ((flags & ~PD_ALLOWED_AT_FORK) != 0)
		return ce_fail_(EINVAL);
	if (fdp == NULL)
		return ce_fail_(EFAULT);
	if (ce_place_clear_(&place, 1) != 0)
		return -1;
	pid = thread_id != NULL ? ce_pdfork_clone_(fdp, thread_id) : ce_pdfork_open_(fdp);
	ce_place_release_(&place);
	if (pid == 0 && bind)
		ce_pdfork_bind_(self);
	if (pid > 0) {
		syscall(SYS_fcntl, (long)*fdp, (long)CE_F_SETOWN_, (long)pid); /* for pdgetpid() before Linux 6.13 */
		if ((flags & PD_CLOEXEC) == 0)
			syscall(SYS_fcntl, (long)*fdp, (long)CE_F_SETFD_, 0L);
	}
	return pid;
}

static inline bool ce_is_pidfd_(int fd)
{
	const long options = CE_WEXITED_ | CE_WNOHANG_ | CE_WNOWAIT_;

	return syscall(SYS_waitid, (long)CE_P_PIDFD_, (long)fd, 0L, options, 0L) == 0 || errno != EBADF;
}

/**
 * The number of the process that a descriptor stands for, as FreeBSD's pdgetpid(2); needs CAP_PDGETPID. Before
 * Linux 6.13 it needs CAP_FCNTL with CAP_FCNTL_GETOWN, and a descriptor of pdfork() from before entering.
 *
 * errno: EFAULT, EBADF (no process descriptor), ENOTCAPABLE, ESRCH (it has ended and was waited for; before Linux 6.13
 * also a child made in capability mode).
 */
CE_API int pdgetpid(int fd, pid_t *pidp)
{
	uint32_t info[16] = { CE_PIDFD_INFO_PID_ }; /* struct pidfd_info: a mask of 64 bits, cgroupid, pid */
	long owner;

	if (pidp == NULL)
		return ce_fail_(EFAULT);
	if (syscall(SYS_ioctl, (long)fd, (long)CE_PIDFD_GET_INFO_, ce_pointer_(info)) == 0) {
		*pidp = (pid_t)info[4];
		return 0;
	}
	if (errno != ENOTTY && errno != EINVAL && errno != ECAPMODE) /* the last: Landlock below ABI 5 */
		return -1;
	if (!ce_is_pidfd_(fd))
		return ce_fail_(EBADF);
	owner = syscall(SYS_fcntl, (long)fd, (long)CE_F_GETOWN_, 0L);
	if (owner <= 0)
		return owner == 0 ? ce_fail_(ESRCH) : -1;
	*pidp = (pid_t)owner;
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

/* Waits for the child of a descriptor, and writes its status in waitpid(2)'s form. See ce_pdwait(). */
static inline int ce_pdwait_raw_(int fd, int *status)
{
	int32_t info[32] = { 0 }; /* siginfo_t: si_code at [2]; si_status, behind si_pid and si_uid, at [6] */

	if (syscall(SYS_waitid, (long)CE_P_PIDFD_, (long)fd, ce_pointer_(info), (long)CE_WEXITED_, 0L) != 0)
		return -1;
	if (info[2] == 1) /* CLD_EXITED */
		*status = (info[6] & 0xff) << 8;
	else
		*status = (info[6] & 0x7f) | (info[2] == 3 ? 0x80 : 0); /* CLD_DUMPED */
	return 0;
}

#endif
