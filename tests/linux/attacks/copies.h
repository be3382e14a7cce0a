/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Copies of a limited descriptor, calls that no filter sees, and filters of the attacker's own. Part of attacks.c.
 */

static long try_scm_rights(void)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .header = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct msghdr message = {
		.msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};

	memcpy(CMSG_DATA(&control.header), &reader, sizeof(reader));
	return sendmsg(peer, &message, 0);
}

/* A limited number is free again, and a new descriptor lands on it. */
static long write_to_reused_number(void)
{
	close(nothing);
	if (open("/dev/null", O_RDWR) != nothing)
		return 0;
	return write(nothing, "", 1);
}

static long write_to_received_number(void)
{
	close(nothing);
	if (receive(mailbox) != nothing)
		return 0;
	return write(nothing, "", 1);
}

/* A filter of the attacker's own. */
static void install(const struct ce_bpf_insn_ *insn, unsigned short length)
{
	const struct ce_bpf_program_ program = { length, insn };

	MUST(syscall(SYS_seccomp, CE_SECCOMP_SET_MODE_FILTER_, 0L, &program));
}

/* One that does something else about one call. */
static void install_for(long call, uint32_t action)
{
	const struct ce_bpf_insn_ insn[] = {
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_NR_ },
		{ CE_BPF_JEQ_, 0, 1, (uint32_t)call },
		{ CE_BPF_RET_, 0, 0, action },
		{ CE_BPF_RET_, 0, 0, CE_SECCOMP_ALLOW_ },
	};

	install(insn, 4);
}

static long write_under_filter(uint32_t action)
{
	install_for(SYS_pwrite64, action); /* not write, with which this child reports */
	return pwrite(nothing, "x", 1, 0);
}

/* The newest of filters that refuse decides on the errno, and may say 0: then nothing was done all the same. */
static long write_under_lie(void)
{
	install_for(SYS_pwrite64, CE_SECCOMP_ERRNO_);
	errno = ENOTCAPABLE;
	return pwrite(opened, "touched", 7, 0) == 0 && pwrite(reader, "touched", 7, 0) == 0 ? -1 : 0;
}

/* A filter that answers every question with "all": what is read back is a lie, what is enforced is not. */
static long write_after_lies(void)
{
	const struct ce_bpf_insn_ lie[] = {
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_NR_ },
		{ CE_BPF_JEQ_, 0, 3, SYS_prctl },
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_LOW_(0) },
		{ CE_BPF_JEQ_, 0, 1, CE_ASK_ },
		{ CE_BPF_RET_, 0, 0, CE_SECCOMP_ERRNO_ | CE_ANSWER_ | CE_ANSWER_BITS_ },
		{ CE_BPF_RET_, 0, 0, CE_SECCOMP_ALLOW_ },
	};
	static const cap_rights_t all = CE_ALL_RIGHTS;

	install(lie, 6);
	cap_rights_limit(reader, &all);
	cap_rights_limit(reader, CE_SET(CAP_READ, CAP_WRITE));
	return write(reader, "x", 1);
}

static long write_reader(void)
{
	return write(reader, "x", 1);
}

static long cmd_exec(const char *script)
{
	int wait_status = 0;
	pid_t child = fork();

	if (child == 0) {
		execl("/bin/sh", "sh", "-c", script, (char *)NULL);
		_exit(0);
	}
	waitpid(child, &wait_status, 0);
	errno = ENOTCAPABLE;
	return WEXITSTATUS(wait_status) == 42 ? -1 : 0;
}

static long write_after_exec(void)
{
	char script[64];

	snprintf(script, sizeof(script), "(echo x >&%d) 2>/dev/null && exit 0; exit 42", reader);
	return cmd_exec(script);
}

static long open_under_lie(void)
{
	int before = dup(source);

	close(before);
	install_for(SYS_openat, CE_SECCOMP_ERRNO_);
	if (openat(AT_FDCWD, secret, O_RDONLY) != 0)
		return 0;
	errno = ECAPMODE;
	return dup(source) == before ? -1 : 0;
}

static long open_under_filter(void)
{
	install_for(SYS_openat, CE_SECCOMP_ALLOW_);
	return openat(AT_FDCWD, secret, O_RDONLY);
}

static long submit_aio(void)
{
	struct { /* <linux/aio_abi.h>, struct iocb: IOCB_CMD_PWRITE is 1 */
		uint64_t data;
		uint32_t key, rw_flags;
		uint16_t opcode;
		int16_t priority;
		uint32_t fd;
		uint64_t buffer, bytes, offset, unused;
		uint32_t flags, resfd;
	} block = { .opcode = 1, .fd = (uint32_t)reader, .buffer = (uint64_t)(uintptr_t)buffer, .bytes = 1 };
	void *blocks[] = { &block };

	return syscall(SYS_io_submit, aio, 1L, blocks);
}

/* A copy of a limited descriptor would have no limits. */
TRY(LIMITED, ENOTCAPABLE, dup(reader))
TRY(LIMITED, ENOTCAPABLE, dup2(reader, 99))
#ifdef SYS_dup2 /* else libc only asks whether it is open */
TRY(LIMITED, ENOTCAPABLE, dup2(reader, reader))
#endif
TRY(LIMITED, ENOTCAPABLE, dup3(reader, 99, O_CLOEXEC))
TRY(LIMITED, ENOTCAPABLE, fcntl(reader, F_DUPFD, 0))
TRY(LIMITED, ENOTCAPABLE, fcntl(reader, F_DUPFD_CLOEXEC, 0))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_dup, 0xdeadbeef00000000 | (unsigned)reader))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_fcntl, 0xdeadbeef00000000 | (unsigned)reader, 0xffffffff00000000, 0))
TRY(LIMITED, ENOTCAPABLE, fcntl(reader, 1026 /* F_NOTIFY */, 1))
TRY(LIMITED, ENOTCAPABLE, fcntl(reader, 4711, 0))
TRY(LIMITED, ENOTCAPABLE, try_scm_rights())
TRY(LIMITED, ENOTCAPABLE, sendmmsg(peer, NULL, 0, 0))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_pidfd_getfd, self_pidfd, reader, 0))
TRY(INSIDE, ECAPMODE, syscall(SYS_pidfd_getfd, victim_pidfd, 0, 0))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_seccomp, 1, 8 /* SECCOMP_FILTER_FLAG_NEW_LISTENER */, NULL))
TRY(LIMITED, ENOSYS, syscall(SYS_clone3, NULL, 0))
TRY(LIMITED, ENOTCAPABLE, in_clone(SIGCHLD, write_reader))
TRY(LIMITED, ENOTCAPABLE, in_clone(CLONE_VFORK | SIGCHLD, write_reader))
TRY(LIMITED, ENOTCAPABLE, in_clone(CLONE_FILES | SIGCHLD, write_reader))
TRY(LIMITED, ENOTCAPABLE, in_clone(CLONE_VM | CLONE_FILES | SIGCHLD, write_reader))
TRY(LIMITED, ENOTCAPABLE, write_after_exec())
TRY(LIMITED, ENOTCAPABLE, write_to_reused_number())
TRY(LIMITED, ENOTCAPABLE, write_to_received_number())
TRY(INSIDE, ENOTCAPABLE, write_to_received_number())

/* Asynchronous calls, which no filter sees. */
TRY(LIMITED, ENOSYS, syscall(SYS_io_uring_setup, 1, buffer))
TRY(LIMITED, ENOSYS, syscall(SYS_io_uring_enter, ring, 1, 1, 0, NULL, 0))
TRY(LIMITED, ENOSYS, syscall(SYS_io_uring_register, ring, 0, NULL, 0))
TRY(LIMITED, ENOTCAPABLE, submit_aio())
TRY(INSIDE, ENOSYS, syscall(SYS_io_uring_setup, 1, buffer))
TRY(INSIDE, ECAPMODE, syscall(SYS_io_setup, 1, &aio))
TRY(INSIDE, ECAPMODE, submit_aio())
TRY(INSIDE, ECAPMODE, syscall(SYS_io_pgetevents, aio, 0, 1, NULL, NULL, NULL))

/* Filters of the attacker's own only add to ours. */
TRY(LIMITED, ENOTCAPABLE, write_under_filter(0x7fff0000 /* ALLOW */))
TRY(LIMITED, ENOTCAPABLE, write_under_filter(0x7ffc0000 /* LOG */))
TRY(LIMITED, ENOTCAPABLE, write_under_filter(0x7ff00000 /* TRACE */))
TRY(LIMITED, ENOTCAPABLE, write_under_lie())
TRY(LIMITED, ENOTCAPABLE, write_after_lies())
TRY(LIMITED, ENOTCAPABLE, cap_rights_limit(reader, CE_SET(CAP_READ, CAP_WRITE)))
TRY(LIMITED, ENOTCAPABLE, cap_ioctls_limit(nothing, &(unsigned long){ 1 }, 1))
TRY(INSIDE, ECAPMODE, open_under_filter())
TRY(INSIDE, ECAPMODE, open_under_lie())
TRY(INSIDE, ECAPMODE, syscall(SYS_seccomp, 1, 8, NULL))
