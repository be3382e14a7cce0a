/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Namespaces, mounts, and the kernel's own doors. Part of attacks.c.
 */

/* Namespaces and mounts. */
TRY(INSIDE, ECAPMODE, unshare(CLONE_NEWUSER))
TRY(INSIDE, ECAPMODE, unshare(CLONE_NEWNS))
TRY(INSIDE, ECAPMODE, in_clone(CLONE_NEWUSER | SIGCHLD, open_secret))
TRY(INSIDE, ECAPMODE, in_clone(CLONE_NEWPID | SIGCHLD, open_secret))
TRY(INSIDE, ECAPMODE, in_clone(CLONE_NEWNET | SIGCHLD, open_secret))
TRY(INSIDE, ENOSYS, syscall(SYS_clone3, buffer, 88))
TRY(INSIDE, ECAPMODE, setns(victim_pidfd, CLONE_NEWUSER))
TRY(INSIDE, ECAPMODE, mount("none", ".", "tmpfs", 0, NULL))
TRY(INSIDE, ECAPMODE, umount2(".", MNT_DETACH))
TRY(INSIDE, ECAPMODE, syscall(SYS_open_tree, directory, "", AT_EMPTY_PATH | 1))
TRY(INSIDE, ECAPMODE, syscall(SYS_fsopen, "tmpfs", 0))
TRY(INSIDE, ECAPMODE, syscall(SYS_fsconfig, opened, 0, "source", "x", 0))
TRY(INSIDE, ECAPMODE, syscall(SYS_fspick, directory, "", 8 /* FSPICK_EMPTY_PATH */))
TRY(INSIDE, ECAPMODE, syscall(SYS_fsmount, opened, 0, 0))
TRY(INSIDE, ECAPMODE, syscall(SYS_move_mount, directory, "", directory, "", 0))
TRY(INSIDE, ECAPMODE, syscall(SYS_mount_setattr, directory, "", AT_EMPTY_PATH, buffer, 32))
TRY(INSIDE, ECAPMODE, syscall(457 /* statmount */, buffer, buffer, sizeof(buffer), 0))
TRY(INSIDE, ECAPMODE, syscall(458 /* listmount */, buffer, buffer, 1, 0))
TRY(INSIDE, ECAPMODE, syscall(467 /* open_tree_attr */, directory, "", AT_EMPTY_PATH | 1, buffer, 32))

/* The kernel's own doors. */
TRY(INSIDE, ECAPMODE, syscall(SYS_keyctl, 0, -1, 1))
TRY(INSIDE, ECAPMODE, syscall(SYS_add_key, "user", "x", "x", 1, -1))
TRY(INSIDE, ECAPMODE, syscall(SYS_request_key, "user", "x", NULL, -1))
TRY(INSIDE, ECAPMODE, syscall(SYS_bpf, 0, NULL, 0))
TRY(INSIDE, ECAPMODE, madvise(NULL, 0, 100 /* MADV_HWPOISON */))
TRY(INSIDE, ECAPMODE, madvise(NULL, 0, 101 /* MADV_SOFT_OFFLINE */))
TRY(INSIDE, ECAPMODE, syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0))
TRY(INSIDE, ECAPMODE, syscall(SYS_userfaultfd, 0))
TRY(INSIDE, ECAPMODE, syscall(SYS_init_module, NULL, 0, ""))
TRY(INSIDE, ECAPMODE, syscall(SYS_finit_module, opened, "", 0))
TRY(INSIDE, ECAPMODE, syscall(SYS_kexec_load, 0, 0, NULL, ~0UL))
TRY(INSIDE, ECAPMODE, syscall(SYS_reboot, 0, 0, 0, NULL))
TRY(INSIDE, ECAPMODE, syscall(SYS_syslog, 10, NULL, 0))
TRY(INSIDE, ECAPMODE, syscall(SYS_clock_settime, CLOCK_REALTIME, &impossible))
TRY(INSIDE, ECAPMODE, syscall(SYS_settimeofday, &impossible, NULL))
TRY(INSIDE, ECAPMODE, syscall(SYS_clock_adjtime, CLOCK_REALTIME, NULL))
TRY(INSIDE, ECAPMODE, syscall(SYS_adjtimex, NULL))
TRY(INSIDE, EPERM, sethostname("x", 1))
TRY(INSIDE, EPERM, setdomainname("x", 1))
TRY(INSIDE, ECAPMODE, syscall(SYS_personality, 0x0040000 /* ADDR_NO_RANDOMIZE */))
TRY(INSIDE, ECAPMODE, prctl(PR_SET_MM, PR_SET_MM_BRK, 0, 0, 0))
TRY(INSIDE, ECAPMODE, prctl(0x59616d61 /* PR_SET_PTRACER */, -1, 0, 0, 0))
TRY(INSIDE, ECAPMODE, prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
TRY(INSIDE, ECAPMODE, prctl(59 /* PR_SET_SYSCALL_USER_DISPATCH */, 0, 0, 0, 0))
TRY(INSIDE, ECAPMODE, setgroups(0, NULL))
#ifdef SYS_iopl
TRY(INSIDE, ECAPMODE, syscall(SYS_iopl, 3))
TRY(INSIDE, ECAPMODE, syscall(SYS_ioperm, 0x80, 1, 1))
TRY(INSIDE, ECAPMODE, syscall(SYS_modify_ldt, 0, NULL, 0))
#endif
