/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Other processes. Part of attacks.c.
 */

static long kill_victim(void)
{
	return kill(victim, 0);
}

/* Whether the victim still runs after everything that should have killed it. */
static long signal_by_timer(void)
{
	struct sigevent to_victim = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGKILL };
	int timer;

	to_victim._sigev_un._tid = victim;
	return syscall(SYS_timer_create, CLOCK_MONOTONIC, &to_victim, &timer);
}

static const struct iovec remote = { (void *)0x1000, 8 };

static struct rlimit limit;

TRY(INSIDE, ECAPMODE, kill(victim, 0))
TRY(INSIDE, ECAPMODE, kill(getppid(), 0))
TRY(INSIDE, ECAPMODE, kill(-1, 0))
TRY(INSIDE, ECAPMODE, kill(0, 0))
TRY(INSIDE, ECAPMODE, kill(-getpgrp(), 0))
TRY(INSIDE, EPERM, syscall(SYS_tkill, victim, SIGKILL))
TRY(INSIDE, EPERM, syscall(SYS_tgkill, victim, victim, SIGKILL))
TRY(INSIDE, ECAPMODE, syscall(SYS_rt_sigqueueinfo, victim, SIGKILL, buffer))
TRY(INSIDE, EPERM, syscall(SYS_rt_tgsigqueueinfo, victim, victim, SIGKILL, (siginfo_t[]){ { .si_code = -1 } }))
TRY(INSIDE, EPERM, syscall(SYS_pidfd_send_signal, victim_pidfd, SIGKILL, NULL, 0))
TRY(INSIDE, EINVAL, signal_by_timer())
TRY(INSIDE, ECAPMODE, in_clone(SIGCHLD, kill_victim))
TRY(INSIDE, ECAPMODE, in_clone(CLONE_VFORK | SIGCHLD, open_secret))
TRY(INSIDE, ECAPMODE, in_clone(CLONE_VM | CLONE_FILES | SIGCHLD, open_secret))
TRY(INSIDE, ECAPMODE, in_clone(CLONE_PARENT | SIGCHLD, open_secret))
TRY(INSIDE, ECAPMODE, syscall(SYS_pidfd_open, victim, 0))
TRY(INSIDE, ECAPMODE, ptrace(PTRACE_ATTACH, victim, NULL, NULL))
TRY(INSIDE, ECAPMODE, ptrace(PTRACE_TRACEME, 0, NULL, NULL))
TRY(INSIDE, ECAPMODE, syscall(SYS_process_vm_readv, victim, &vector, 1, &remote, 1, 0))
TRY(INSIDE, ECAPMODE, syscall(SYS_process_vm_writev, victim, &vector, 1, &remote, 1, 0))
TRY(INSIDE, ECAPMODE, syscall(SYS_process_madvise, victim_pidfd, &vector, 1, 0, 0))
TRY(INSIDE, ECAPMODE, syscall(SYS_kcmp, getpid(), victim, 0, 0, 0))
TRY(INSIDE, ECAPMODE, syscall(SYS_move_pages, victim, 0, NULL, NULL, NULL, 0))
TRY(INSIDE, ECAPMODE, syscall(SYS_get_robust_list, victim, buffer, buffer + 8))
TRY(INSIDE, ECAPMODE, syscall(SYS_prlimit64, victim, RLIMIT_NOFILE, NULL, &limit))
TRY(INSIDE, ECAPMODE, syscall(SYS_setpriority, PRIO_PROCESS, victim, 19))
TRY(INSIDE, ECAPMODE, syscall(SYS_setpriority, PRIO_USER, 0, 19))
TRY(INSIDE, ECAPMODE, syscall(SYS_setpriority, PRIO_PGRP, 0, 19))
TRY(INSIDE, ECAPMODE, syscall(SYS_sched_setscheduler, victim, SCHED_OTHER, &(struct sched_param){ 0 }))
TRY(INSIDE, ECAPMODE, syscall(SYS_sched_setaffinity, victim, sizeof(buffer), buffer))
TRY(INSIDE, ECAPMODE, syscall(SYS_ioprio_set, 1, victim, 0))
TRY(INSIDE, ECAPMODE, setpgid(0, getppid()))
