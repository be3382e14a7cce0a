/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Writing and reading what is open, by every call that does. Part of attacks.c.
 */

/* A tracer that turns its child's harmless call into a write, at the stop before the call. */
static long write_by_tracer(void)
{
#ifdef __x86_64__
	struct user_regs_struct registers;
	int wait_status;
	pid_t child = fork();

	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(syscall(SYS_getuid, reader, "x", 1) == 1 ? 0 : errno);
	}
	MUST(waitpid(child, &wait_status, 0));
	MUST((int)ptrace(PTRACE_SYSCALL, child, NULL, NULL));
	while (waitpid(child, &wait_status, 0) == child && !WIFEXITED(wait_status)) {
		ptrace(PTRACE_GETREGS, child, NULL, &registers);
		if (registers.orig_rax == SYS_getuid) {
			registers.orig_rax = SYS_write;
			ptrace(PTRACE_SETREGS, child, NULL, &registers);
		}
		ptrace(PTRACE_SYSCALL, child, NULL, NULL);
	}
	errno = WEXITSTATUS(wait_status);
	return errno == 0 ? 0 : -1;
#else
	return write(reader, "x", 1);
#endif
}

/* FD_TO_CLOCKID of linux/posix-timers.h. */
static int clock_of(int fd)
{
	return (int)(~(unsigned)fd << 3 | 3);
}

static const char *mount_option(int fd)
{
	snprintf(buffer, sizeof(buffer), "fd=%d,pgrp=%d,minproto=5,maxproto=5,indirect", fd, (int)getpgrp());
	return buffer;
}

static const struct sigevent by_netlink = { .sigev_notify = SIGEV_THREAD };

/* Writing to what may be read, by every call that writes. */
TRY(LIMITED, ENOTCAPABLE, write(reader, "x", 1))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_write, 0xdeadbeef00000000 | (unsigned)reader, "x", 1))
TRY(LIMITED, ENOTCAPABLE, writev(reader, &vector, 1))
TRY(LIMITED, ENOTCAPABLE, pwrite(reader, "x", 1, 0))
TRY(LIMITED, ENOTCAPABLE, pwritev(reader, &vector, 1, 0))
TRY(LIMITED, ENOTCAPABLE, pwritev2(reader, &vector, 1, -1, 0))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_sendfile, reader, opened, NULL, 1))
TRY(LIMITED, ENOTCAPABLE, splice(source, NULL, reader, NULL, 1, 0))
TRY(LIMITED, ENOTCAPABLE, copy_file_range(opened, NULL, reader, NULL, 1, 0))
TRY(LIMITED, ENOTCAPABLE, fallocate(reader, 0, 0, 100))
TRY(LIMITED, ENOTCAPABLE, fallocate(reader, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 100))
TRY(LIMITED, ENOTCAPABLE, fallocate(writer, 8 /* FALLOC_FL_COLLAPSE_RANGE */, 0, 4096))
TRY(LIMITED, ENOTCAPABLE, ftruncate(reader, 0))
TRY(LIMITED, ENOTCAPABLE, fchmod(reader, 0666))
TRY(LIMITED, ENOTCAPABLE, fchown(reader, 0, 0))
TRY(LIMITED, ENOTCAPABLE, futimens(reader, NULL))
TRY(LIMITED, ENOTCAPABLE, utimensat(reader, "", NULL, AT_EMPTY_PATH))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_fsetxattr, reader, "user.x", "x", 1, 0))
TRY(LIMITED, ENOTCAPABLE, syscall(452 /* fchmodat2 */, reader, "", 0666, AT_EMPTY_PATH))
TRY(LIMITED, ENOTCAPABLE, fchownat(reader, "", 0, 0, AT_EMPTY_PATH))
TRY(LIMITED, ENOTCAPABLE, linkat(reader, "", AT_FDCWD, "copy", AT_EMPTY_PATH))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(reader, 0x40086602 /* FS_IOC_SETFLAGS */))
TRY(LIMITED, ENOTCAPABLE, ioctl(opened, 0x40049409 /* FICLONE */, reader))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0xc0189436 /* FIDEDUPERANGE */))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0x50009417 /* BTRFS_IOC_SNAP_CREATE_V2 */))
TRY(LIMITED, ENOTCAPABLE, ioctl(opened, 0x4c00 /* LOOP_SET_FD */, reader))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0x50009401 /* BTRFS_IOC_SNAP_CREATE */))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0xc038586a /* XFS_IOC_FD_TO_HANDLE */))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0x40182103 /* SECCOMP_IOCTL_NOTIF_ADDFD */))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0x89e0 /* SIOCKCMATTACH */))
TRY(LIMITED, ENOTCAPABLE, write_by_tracer())
TRY(LIMITED, EPERM, ptrace(PTRACE_SEIZE, victim, NULL, 0x200000 /* PTRACE_O_SUSPEND_SECCOMP */))
TRY(LIMITED, ENOTCAPABLE, int80(4, reader, 0, 1))
TRY(LIMITED, ENOSYS, syscall(0x40000000 | SYS_write, reader, "x", 1)) /* x32 */
TRY(LIMITED, ENOSYS, syscall(9999, reader))
TRY(LIMITED, ENOSYS, syscall(-1, reader))

/* Reading what may not be read. */
TRY(LIMITED, ENOTCAPABLE, read(nothing, buffer, 1))
TRY(LIMITED, ENOTCAPABLE, readv(nothing, &vector, 1))
TRY(LIMITED, ENOTCAPABLE, pread(nothing, buffer, 1, 0))
TRY(LIMITED, ENOTCAPABLE, pread(reader, buffer, 1, 0))
TRY(LIMITED, ENOTCAPABLE, preadv2(nothing, &vector, 1, -1, 0))
TRY(LIMITED, ENOTCAPABLE, lseek(reader, 0, SEEK_SET))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_sendfile, sink, nothing, NULL, 1))
TRY(LIMITED, ENOTCAPABLE, splice(nothing, NULL, sink, NULL, 1, 0))
TRY(LIMITED, ENOTCAPABLE, splice(deaf, NULL, sink, NULL, 1, 0))
TRY(LIMITED, ENOTCAPABLE, splice(reader, &(loff_t){ 0 }, sink, NULL, 1, 0))
TRY(LIMITED, ENOTCAPABLE, tee(deaf, sink, 1, 0))
TRY(LIMITED, ENOTCAPABLE, vmsplice(deaf, &vector, 1, 0))
TRY(LIMITED, ENOTCAPABLE, copy_file_range(nothing, NULL, opened, NULL, 1, 0))
TRY(LIMITED, ENOTCAPABLE, fstat(nothing, &status))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_statx, nothing, "", AT_EMPTY_PATH, 0, buffer))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_fgetxattr, nothing, "user.x", buffer, 1))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_execveat, nothing, "", no_arguments, NULL, AT_EMPTY_PATH))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_finit_module, nothing, "", 0))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_prctl, PR_SET_MM, PR_SET_MM_EXE_FILE, nothing, 0, 0))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_prctl, PR_SET_MM, PR_SET_MM_MAP, buffer, 0, 0))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_bpf, 0, NULL, 0))
TRY(LIMITED, ENOTCAPABLE, setsockopt(udp, SOL_SOCKET, SO_ATTACH_BPF, &nothing, sizeof(nothing)))
TRY(LIMITED, ENOTCAPABLE, setsockopt(udp, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &nothing, sizeof(nothing)))
TRY(LIMITED, ENOTCAPABLE, mount("none", "dir", "autofs", 0, mount_option(deaf)))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_fsconfig, opened, 1 /* FSCONFIG_SET_STRING */, "fd", "3", 0))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_mq_notify, opened, &by_netlink))
TRY(LIMITED, ENOSYS, syscall(457 /* statmount */, buffer, buffer, sizeof(buffer), 0))
TRY(LIMITED, ENOSYS, syscall(458 /* listmount */, buffer, buffer, 1, 0))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_keyctl, 32 /* KEYCTL_WATCH_KEY */, -1, deaf, 1))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_clock_gettime, clock_of(nothing), buffer))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_clock_getres, clock_of(nothing), buffer))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_clock_settime, clock_of(nothing), &impossible))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_clock_adjtime, clock_of(nothing), buffer))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_setns, nothing, 0))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_process_madvise, nothing, &vector, 1, 0, 0))
