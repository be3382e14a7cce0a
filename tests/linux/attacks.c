/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What an attacker with arbitrary code would try: every attempt here is a raw way around a limit or out of capability
 * mode, made live on this kernel, in a child of its own, and must be refused with just this errno. Prints TAP.
 *
 * Root tries them all, then an ordinary user does. Whatever an attempt that succeeds would change is private: mount,
 * UTS, IPC, network and process namespaces of our own where we are root, and arguments that the kernel itself would
 * refuse.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <linux/net_namespace.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <capsicum_easy.h>

#include "levels.h"
#include "private.h"

/* In what an attempt is made. */
enum world {
	LIMITED,	  /* descriptors are limited, and nothing else */
	INSIDE,		  /* the same in capability mode, with a directory to look up from */
	NOWHERE,	  /* capability mode with no directory */
	INSIDE_UNLIMITED, /* capability mode with a directory that has all rights */
	INSIDE_ANOTHER,	  /* as INSIDE, with another directory, which has all rights */
	INSIDE_RENAMING,  /* capability mode with a directory to rename in, and to link into */
	INSIDE_BOTH,	  /* the same, with another directory, which has all rights */
};

#define MUST(call) ((call) == -1 ? (perror(#call), _exit(2)) : (void)0)

/* ---- what is there to attack --------------------------------------------------------------------------------------
 */

static char home[4096];	  /* absolute path of the scratch directory; the working directory */
static char secret[4096]; /* absolute path of a file that no directory held leads to */
static int reader;	  /* "file" open for both, limited to reading it */
static int writer;	  /* "file" open for both, limited to writing it anywhere */
static int nothing;	  /* "file" open for both, limited to nothing */
static int mapper;	  /* "file" open for both, limited to mapping it for reading */
static int directory;	  /* "dir", limited to reading what is beneath it */
static int blind;	  /* "dir", limited to changing it, without looking up */
static int sub;		  /* "dir/sub", opened from it in capability mode: no limits of its own */
static int held;	  /* "dir/sub/file", opened from it for reading */
static int opened;	  /* "dir/sub/opened", not limited */
static int program;	  /* "program"; where the directory has all rights, limited to reading and executing it */
static int outsider;	  /* "secret", open for writing only: what is read is what Landlock lets be opened again */
static int mute;	  /* one end of a stream, limited to reading */
static int peer;	  /* the other end, not limited */
static int deaf;	  /* a pipe's end to read from, limited to nothing */
static int sink;	  /* a pipe's end to write to, not limited */
static int source;	  /* a pipe's end to read from, not limited */
static int memory;	  /* a memfd, limited to reading */
static int socket_none;	  /* a TCP socket, limited to nothing */
static int options;	  /* a TCP socket, limited to reading its options */
static int ruleset;	  /* of Landlock's, limited to nothing */
static int namespace;	  /* this process's network namespace, limited to nothing */
static int netlink;	  /* a netlink socket about networks, not limited */
static int tcp;		  /* a TCP socket, not limited */
static int udp;		  /* a UDP socket, not limited */
static int local;	  /* a stream socket for paths, not limited */
static int letters;	  /* a datagram socket for paths, not limited */
static int events;	  /* an epoll set, limited to nothing */
static int own_events;	  /* an epoll set, not limited */
static int watches;	  /* an inotify set */
static int self_pidfd;
static int victim_pidfd;
static pid_t victim;	  /* a process outside */
static int ring = -1;	  /* an io_uring from before the first limit */
static unsigned long aio; /* an AIO context from before the first limit */
static int mailbox;	  /* where a descriptor for the file waits to be received */
static int home_mailbox;  /* the same for the working directory */

static struct sockaddr_in internet;
static struct sockaddr_un unix_path, abstract;
static char buffer[4096];
static struct iovec vector = { buffer, 1 };
static struct stat status;
static const char *const no_arguments[] = { "x", NULL };
static const uint64_t executing = 1; /* LANDLOCK_ACCESS_FS_EXECUTE */

static int number(int fd)
{
	MUST(fd);
	return fd;
}

static void make_file(const char *path)
{
	int fd = number(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0755));

	MUST(write(fd, "untouched", 9));
	close(fd);
}

/* Puts a descriptor into a socket; it stays there until it is received from the one returned. */
static int post(int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .header = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct msghdr message = {
		.msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	int pair[2];

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	MUST(sendmsg(pair[0], &message, 0));
	return pair[1];
}

static void make_sockets(void)
{
	int pair[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	mute = pair[0];
	peer = pair[1];
	MUST(write(peer, "hello", 5));
	socket_none = number(socket(AF_INET, SOCK_STREAM, 0));
	options = number(socket(AF_INET, SOCK_STREAM, 0));
	tcp = number(socket(AF_INET, SOCK_STREAM, 0));
	udp = number(socket(AF_INET, SOCK_DGRAM, 0));
	local = number(socket(AF_UNIX, SOCK_STREAM, 0));
	letters = number(socket(AF_UNIX, SOCK_DGRAM, 0));
	netlink = number(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
	namespace = number(open("/proc/self/ns/net", O_RDONLY));
	internet.sin_family = AF_INET;
	internet.sin_port = htons(9);
	internet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	unix_path.sun_family = abstract.sun_family = AF_UNIX;
	strcpy(unix_path.sun_path, "socket");
	strcpy(abstract.sun_path + 1, "ce-attack");
}

/* It ends when nobody holds the other end of its pipe any more: a signal from inside would not reach it. */
static void make_victim(void)
{
	int leash[2];

	MUST(pipe(leash));
	victim = fork();
	if (victim == 0) {
		close(leash[1]);
		_exit((int)read(leash[0], buffer, 1));
	}
	close(leash[0]);
}

static void make_everything(bool with_directory)
{
	uint32_t parameters[30] = { 0 };
	int ends[2], current;

	MUST(mkdir("dir", 0755));
	MUST(mkdir("dir/sub", 0755));
	MUST(mkdir("dir/sub/empty", 0755));
	MUST(mkdir("other", 0755));
	make_file("dir/sub/file");
	make_file("dir/sub/opened");
	make_file("file");
	make_file("secret");
	make_file("program");
	MUST(symlink("../secret", "dir/out"));
	if (realpath("secret", secret) == NULL || getcwd(home, sizeof(home)) == NULL)
		_exit(2);
	make_victim();
	reader = number(open("file", O_RDWR));
	writer = number(open("file", O_RDWR));
	nothing = number(open("file", O_RDWR));
	mapper = number(open("file", O_RDWR));
	opened = number(open("dir/sub/opened", O_RDWR));
	outsider = number(open("secret", O_WRONLY));
	program = number(open("program", O_RDONLY));
	MUST(pipe(ends));
	deaf = ends[0];
	MUST(write(ends[1], "hello", 5));
	MUST(pipe(ends));
	source = ends[0];
	sink = ends[1];
	MUST(write(sink, "hello", 5));
	memory = number(memfd_create("memory", 0));
	make_sockets();
	events = number(epoll_create1(0));
	own_events = number(epoll_create1(0));
	watches = number((int)syscall(SYS_inotify_init1, 0));
	self_pidfd = number((int)syscall(SYS_pidfd_open, getpid(), 0));
	victim_pidfd = number((int)syscall(SYS_pidfd_open, victim, 0));
	blind = number(open("dir", O_RDONLY | O_DIRECTORY));
	ruleset = number((int)syscall(SYS_landlock_create_ruleset, &executing, sizeof(executing), 0));
	ring = (int)syscall(SYS_io_uring_setup, 1, parameters); /* -1 where the system forbids it */
	syscall(SYS_io_setup, 1, &aio);
	mailbox = post(reader);
	current = number(open(".", O_RDONLY | O_DIRECTORY));
	home_mailbox = post(current);
	close(current); /* held at entry, it would be a directory to look up from */
	if (with_directory)
		directory = number(open("dir", O_RDONLY | O_DIRECTORY));
}

static void limit_everything(bool directory_too)
{
	static const cap_rights_t none = CE_NO_RIGHTS;
	const struct ce_descriptor each[] = {
#define LIMIT(fd, rights) { fd, rights, NULL, CE_IOCTLS_KEEP, CE_FCNTLS_KEEP }
		LIMIT(reader, CE_SET(CAP_READ, CAP_FCNTL, CAP_IOCTL)),
		LIMIT(writer, CE_SET(CAP_PWRITE)),
		LIMIT(blind, CE_SET(CAP_FSTAT, CAP_FCHMOD, CAP_FCHOWN, CAP_EXTATTR_SET)),
		LIMIT(nothing, &none),
		LIMIT(mapper, CE_SET(CAP_MMAP_R)),
		LIMIT(mute, CE_SET(CAP_READ)),
		LIMIT(deaf, &none),
		LIMIT(memory, CE_SET(CAP_READ)),
		LIMIT(socket_none, &none),
		LIMIT(options, CE_SET(CAP_GETSOCKOPT)),
		LIMIT(events, &none),
		LIMIT(ruleset, &none),
		LIMIT(namespace, &none),
		LIMIT(directory, CE_SET(CAP_LOOKUP, CAP_READ, CAP_FSTAT)),
	};

	MUST(ce_limit_each(each, sizeof(each) / sizeof(each[0]) - !directory_too));
}

static void prepare(enum world world)
{
	make_everything(world != NOWHERE);
	limit_everything(world == LIMITED || world == INSIDE || world == INSIDE_ANOTHER);
	if (world == LIMITED)
		return;
	if (world == INSIDE_ANOTHER || world == INSIDE_BOTH)
		number(open("other", O_RDONLY | O_DIRECTORY));
	if (world == INSIDE_RENAMING || world == INSIDE_BOTH)
		MUST(ce_limit(directory, CE_SET(CAP_LOOKUP, CAP_READ, CAP_RENAMEAT_SOURCE, CAP_RENAMEAT_TARGET,
						CAP_LINKAT_TARGET)));
	if (world == INSIDE_UNLIMITED)
		MUST(ce_limit(program, CE_SET(CAP_READ, CAP_FEXECVE, CAP_FCNTL)));
	MUST(cap_enter());
	if (world == NOWHERE)
		return;
	sub = number(openat(directory, "sub", O_RDONLY | O_DIRECTORY));
	held = number(openat(directory, "sub/file", O_RDONLY));
}

/* ---- attempts that take more than one call. Each returns -1 with errno, or what must not be. ----------------------
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

static long receive(int from)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr message = {
		.msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	int fd = -1;

	MUST(recvmsg(from, &message, 0));
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
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

/* What a call gives in a new process of some kind, through memory that both share. */
struct errand {
	long (*run)(void);
	long result;
	int error;
	volatile int done;
};

static int run_errand(void *argument)
{
	struct errand *errand = argument;

	errand->result = errand->run();
	errand->error = errno;
	errand->done = 1;
	syscall(SYS_exit, 0);
	return 0;
}

/* flags: CLONE_VFORK and so on. Waiting for children is refused in capability mode, so the errand's memory is watched.
 */
static long in_clone(int flags, long (*run)(void))
{
	struct errand *errand = mmap(NULL, 65536 * 4, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct timespec moment = { 0, 1000000 };
	int i;

	errand->run = run;
	if (clone(run_errand, (char *)errand + 65536 * 4, flags, errand) == -1)
		return -1;
	for (i = 0; i < 5000 && !errand->done; i++)
		nanosleep(&moment, NULL);
	errno = errand->error;
	return errand->done ? errand->result : 0;
}

static long do_nothing(void)
{
	return 0;
}

static long write_reader(void)
{
	return write(reader, "x", 1);
}

static long open_secret(void)
{
	return open(secret, O_RDONLY);
}

static long kill_victim(void)
{
	return kill(victim, 0);
}

static long signal_parent(void)
{
	return syscall(SYS_tgkill, getppid(), getppid(), 0);
}

static long map_then_execute(bool with_key)
{
	void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, mapper, 0);

	MUST((long)at);
	return with_key ? syscall(SYS_pkey_mprotect, at, 4096, PROT_READ | PROT_EXEC, -1)
			: mprotect(at, 4096, PROT_READ | PROT_EXEC);
}

/* A mapping that has moved is of the same file still. */
static long move_then_execute(void)
{
	void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, mapper, 0);

	MUST((long)at);
	at = mremap(at, 4096, 8192, MREMAP_MAYMOVE);
	MUST((long)at);
	return mprotect(at, 4096, PROT_READ | PROT_EXEC);
}

/* Whether the victim still runs after everything that should have killed it. */
static long signal_by_timer(void)
{
	struct sigevent to_victim = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGKILL };
	int timer;

	to_victim._sigev_un._tid = victim;
	return syscall(SYS_timer_create, CLOCK_MONOTONIC, &to_victim, &timer);
}

static long signal_by_owner(void)
{
	int pair[2];
	struct timespec moment = { 0, 50000000 };
	struct pollfd ended = { victim_pidfd, POLLIN, 0 };

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	if (fcntl(pair[0], F_SETSIG, SIGKILL) == -1 || fcntl(pair[0], F_SETOWN, victim) == -1)
		return -1;
	MUST(fcntl(pair[0], F_SETFL, O_ASYNC));
	MUST(write(pair[1], "x", 1));
	nanosleep(&moment, NULL);
	errno = EPERM; /* what the kernel says where there is somebody to say it to */
	return poll(&ended, 1, 0) == 0 ? -1 : 0;
}

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

/* The 32-bit entry to the kernel, whose numbers are others: 4 is write, 5 open. */
static long int80(long call, long first, long second, long third)
{
#ifdef __x86_64__
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(call), "b"(first), "c"(second), "d"(third)
			 : "memory", "r8", "r9", "r10", "r11");
	if (result >= 0)
		return result;
	errno = (int)-result;
	return -1;
#else
	(void)call;
	(void)first;
	(void)second;
	(void)third;
	errno = cap_sandboxed() ? ECAPMODE : ENOTCAPABLE; /* no such entry here */
	return -1;
#endif
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

static long ioctl_of(int fd, unsigned long command)
{
	return syscall(SYS_ioctl, fd, command, 0L);
}

static long reopen(int from, int fd, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return openat(from, path, flags);
}

static long change_program(void)
{
	char path[sizeof(home) + 16];

	snprintf(path, sizeof(path), "%s/program", home);
	return fchmod(number(openat(directory, path, O_RDONLY)), 0777);
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

/* A link of one's own making leads nowhere else. */
static long open_through_new_link(const char *to)
{
	MUST(symlinkat(to, directory, "new"));
	return openat(directory, "new", O_RDONLY);
}

/* The kernel opens the interpreter of a script by its path. */
static long execute_script(void)
{
	int script = number(memfd_create("script", 0));

	MUST(write(script, "#!/bin/sh\n", 10));
	return syscall(SYS_execveat, script, "", no_arguments, NULL, AT_EMPTY_PATH);
}

/* Sending fails for want of an address, and yet the socket has a port then. */
static long get_udp_port(void)
{
	struct sockaddr_in name = { 0 };

	send(udp, "x", 1, 0);
	MUST(getsockname(udp, (struct sockaddr *)&name, &(socklen_t){ sizeof(name) }));
	return name.sin_port != 0 ? 0 : -1;
}

static long link_from_proc(int fd, int to)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return linkat(to, path, to, "new", AT_SYMLINK_FOLLOW);
}

static long open_memory_of(int from, pid_t process)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)process);
	return openat(from, path, O_RDWR);
}

static long send_to(int fd, int flags, const void *address, size_t length)
{
	return sendto(fd, "x", 1, flags, address, (socklen_t)length);
}

static long send_message_to(int fd, void *address, size_t length)
{
	struct msghdr message = {
		.msg_name = address, .msg_namelen = (socklen_t)length, .msg_iov = &vector, .msg_iovlen = 1
	};

	return sendmsg(fd, &message, 0);
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

/* A rule about one limited descriptor for another. */
static long allow_in_ruleset(void)
{
	const uint32_t rule[3] = { 1, 0, (uint32_t)directory }; /* struct landlock_path_beneath_attr, which is packed */

	return syscall(SYS_landlock_add_rule, ruleset, 1 /* LANDLOCK_RULE_PATH_BENEATH */, rule, 0);
}

/* Whether the kernel knows a network namespace: by its descriptor, whose number is in the message. */
static long ask_of_namespace(void)
{
	struct {
		struct nlmsghdr header;
		uint32_t family; /* struct rtgenmsg, which is one byte, and what aligns the attribute */
		struct rtattr attribute;
		int32_t descriptor;
	} message = { .header = { sizeof(message), RTM_GETNSID, NLM_F_REQUEST, 1, 0 },
		      .attribute = { RTA_LENGTH(sizeof(int32_t)), NETNSA_FD },
		      .descriptor = namespace };
	struct nlmsghdr *answer = (struct nlmsghdr *)(void *)buffer;

	MUST(send(netlink, &message, sizeof(message), 0));
	MUST(recv(netlink, buffer, sizeof(buffer), 0));
	if (answer->nlmsg_type != NLMSG_ERROR)
		return 0;
	errno = -((struct nlmsgerr *)NLMSG_DATA(answer))->error;
	return -1;
}

static const uint32_t file_handle[8] = { 8, 1 };
static const uint64_t how[3] = { O_RDONLY, 0, 0 };
static const struct iovec remote = { (void *)0x1000, 8 };
static const struct timespec impossible = { 0, -1 };
static const struct sigevent by_netlink = { .sigev_notify = SIGEV_THREAD };
static struct epoll_event event;
static struct rlimit limit;

/* ---- the attempts -------------------------------------------------------------------------------------------------
 */

struct outcome {
	const char *what;
	enum world world;
	int expected; /* errno; 0: a documented gap, which must be one */
	long result;
	int error;
};

/* Makes the attempt of this number; false if there is none. */
static bool attempt(int wanted, struct outcome *outcome)
{
	int at = 0;

#define TRY(world_, error_, call)               \
	do {                                    \
		if (at++ != wanted)             \
			break;                  \
		outcome->what = #call;          \
		outcome->world = world_;        \
		outcome->expected = error_;     \
		prepare(world_);                \
		errno = 0;                      \
		outcome->result = (long)(call); \
		outcome->error = errno;         \
		return true;                    \
	} while (0)

	/* A copy of a limited descriptor would have no limits. */
	TRY(LIMITED, ENOTCAPABLE, dup(reader));
	TRY(LIMITED, ENOTCAPABLE, dup2(reader, 99));
	TRY(LIMITED, ENOTCAPABLE, dup2(reader, reader));
	TRY(LIMITED, ENOTCAPABLE, dup3(reader, 99, O_CLOEXEC));
	TRY(LIMITED, ENOTCAPABLE, fcntl(reader, F_DUPFD, 0));
	TRY(LIMITED, ENOTCAPABLE, fcntl(reader, F_DUPFD_CLOEXEC, 0));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_dup, 0xdeadbeef00000000 | (unsigned)reader));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_fcntl, 0xdeadbeef00000000 | (unsigned)reader, 0xffffffff00000000, 0));
	TRY(LIMITED, ENOTCAPABLE, fcntl(reader, 1026 /* F_NOTIFY */, 1));
	TRY(LIMITED, ENOTCAPABLE, fcntl(reader, 4711, 0));
	TRY(LIMITED, ENOTCAPABLE, try_scm_rights());
	TRY(LIMITED, ENOTCAPABLE, sendmmsg(peer, NULL, 0, 0));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_pidfd_getfd, self_pidfd, reader, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_pidfd_getfd, victim_pidfd, 0, 0));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_seccomp, 1, 8 /* SECCOMP_FILTER_FLAG_NEW_LISTENER */, NULL));
	TRY(LIMITED, ENOSYS, in_clone(SIGCHLD, do_nothing) == 0 ? syscall(SYS_clone3, NULL, 0) : 0);
	TRY(LIMITED, ENOTCAPABLE, in_clone(SIGCHLD, write_reader));
	TRY(LIMITED, ENOTCAPABLE, in_clone(CLONE_VFORK | SIGCHLD, write_reader));
	TRY(LIMITED, ENOTCAPABLE, in_clone(CLONE_FILES | SIGCHLD, write_reader));
	TRY(LIMITED, ENOTCAPABLE, in_clone(CLONE_VM | CLONE_FILES | SIGCHLD, write_reader));
	TRY(LIMITED, ENOTCAPABLE, write_after_exec());
	TRY(LIMITED, ENOTCAPABLE, write_to_reused_number());
	TRY(LIMITED, ENOTCAPABLE, write_to_received_number());
	TRY(INSIDE, ENOTCAPABLE, write_to_received_number());

	/* Asynchronous calls, which no filter sees. */
	TRY(LIMITED, ENOSYS, syscall(SYS_io_uring_setup, 1, buffer));
	TRY(LIMITED, ENOSYS, syscall(SYS_io_uring_enter, ring, 1, 1, 0, NULL, 0));
	TRY(LIMITED, ENOSYS, syscall(SYS_io_uring_register, ring, 0, NULL, 0));
	TRY(LIMITED, ENOTCAPABLE, submit_aio());
	TRY(INSIDE, ENOSYS, syscall(SYS_io_uring_setup, 1, buffer));
	TRY(INSIDE, ECAPMODE, syscall(SYS_io_setup, 1, &aio));
	TRY(INSIDE, ECAPMODE, submit_aio());
	TRY(INSIDE, ECAPMODE, syscall(SYS_io_pgetevents, aio, 0, 1, NULL, NULL, NULL));

	/* Writing to what may be read, by every call that writes. */
	TRY(LIMITED, ENOTCAPABLE, write(reader, "x", 1));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_write, 0xdeadbeef00000000 | (unsigned)reader, "x", 1));
	TRY(LIMITED, ENOTCAPABLE, writev(reader, &vector, 1));
	TRY(LIMITED, ENOTCAPABLE, pwrite(reader, "x", 1, 0));
	TRY(LIMITED, ENOTCAPABLE, pwritev(reader, &vector, 1, 0));
	TRY(LIMITED, ENOTCAPABLE, pwritev2(reader, &vector, 1, -1, 0));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_sendfile, reader, opened, NULL, 1));
	TRY(LIMITED, ENOTCAPABLE, splice(source, NULL, reader, NULL, 1, 0));
	TRY(LIMITED, ENOTCAPABLE, copy_file_range(opened, NULL, reader, NULL, 1, 0));
	TRY(LIMITED, ENOTCAPABLE, fallocate(reader, 0, 0, 100));
	TRY(LIMITED, ENOTCAPABLE, fallocate(reader, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 100));
	TRY(LIMITED, ENOTCAPABLE, fallocate(writer, 8 /* FALLOC_FL_COLLAPSE_RANGE */, 0, 4096));
	TRY(LIMITED, ENOTCAPABLE, ftruncate(reader, 0));
	TRY(LIMITED, ENOTCAPABLE, fchmod(reader, 0666));
	TRY(LIMITED, ENOTCAPABLE, fchown(reader, 0, 0));
	TRY(LIMITED, ENOTCAPABLE, futimens(reader, NULL));
	TRY(LIMITED, ENOTCAPABLE, utimensat(reader, "", NULL, AT_EMPTY_PATH));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_fsetxattr, reader, "user.x", "x", 1, 0));
	TRY(LIMITED, ENOTCAPABLE, syscall(452 /* fchmodat2 */, reader, "", 0666, AT_EMPTY_PATH));
	TRY(LIMITED, ENOTCAPABLE, fchownat(reader, "", 0, 0, AT_EMPTY_PATH));
	TRY(LIMITED, ENOTCAPABLE, linkat(reader, "", AT_FDCWD, "copy", AT_EMPTY_PATH));
	TRY(LIMITED, ENOTCAPABLE, ioctl_of(reader, 0x40086602 /* FS_IOC_SETFLAGS */));
	TRY(LIMITED, ENOTCAPABLE, ioctl(opened, 0x40049409 /* FICLONE */, reader));
	TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0xc0189436 /* FIDEDUPERANGE */));
	TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0x50009417 /* BTRFS_IOC_SNAP_CREATE_V2 */));
	TRY(LIMITED, ENOTCAPABLE, ioctl(opened, 0x4c00 /* LOOP_SET_FD */, reader));
	TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0x50009401 /* BTRFS_IOC_SNAP_CREATE */));
	TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0xc038586a /* XFS_IOC_FD_TO_HANDLE */));
	TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0x40182103 /* SECCOMP_IOCTL_NOTIF_ADDFD */));
	TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0x89e0 /* SIOCKCMATTACH */));
	TRY(LIMITED, ENOTCAPABLE, write_by_tracer());
	TRY(LIMITED, EPERM, ptrace(PTRACE_SEIZE, victim, NULL, 0x200000 /* PTRACE_O_SUSPEND_SECCOMP */));
	TRY(LIMITED, ENOTCAPABLE, int80(4, reader, 0, 1));
	TRY(LIMITED, ENOSYS, syscall(0x40000000 | SYS_write, reader, "x", 1)); /* x32 */
	TRY(LIMITED, ENOSYS, syscall(9999, reader));
	TRY(LIMITED, ENOSYS, syscall(-1, reader));

	/* Reading what may not be read. */
	TRY(LIMITED, ENOTCAPABLE, read(nothing, buffer, 1));
	TRY(LIMITED, ENOTCAPABLE, readv(nothing, &vector, 1));
	TRY(LIMITED, ENOTCAPABLE, pread(nothing, buffer, 1, 0));
	TRY(LIMITED, ENOTCAPABLE, pread(reader, buffer, 1, 0));
	TRY(LIMITED, ENOTCAPABLE, preadv2(nothing, &vector, 1, -1, 0));
	TRY(LIMITED, ENOTCAPABLE, lseek(reader, 0, SEEK_SET));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_sendfile, sink, nothing, NULL, 1));
	TRY(LIMITED, ENOTCAPABLE, splice(nothing, NULL, sink, NULL, 1, 0));
	TRY(LIMITED, ENOTCAPABLE, splice(deaf, NULL, sink, NULL, 1, 0));
	TRY(LIMITED, ENOTCAPABLE, splice(reader, &(loff_t){ 0 }, sink, NULL, 1, 0));
	TRY(LIMITED, ENOTCAPABLE, tee(deaf, sink, 1, 0));
	TRY(LIMITED, ENOTCAPABLE, vmsplice(deaf, &vector, 1, 0));
	TRY(LIMITED, ENOTCAPABLE, copy_file_range(nothing, NULL, opened, NULL, 1, 0));
	TRY(LIMITED, ENOTCAPABLE, fstat(nothing, &status));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_statx, nothing, "", AT_EMPTY_PATH, 0, buffer));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_fgetxattr, nothing, "user.x", buffer, 1));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_execveat, nothing, "", no_arguments, NULL, AT_EMPTY_PATH));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_finit_module, nothing, "", 0));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_prctl, PR_SET_MM, PR_SET_MM_EXE_FILE, nothing, 0, 0));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_prctl, PR_SET_MM, PR_SET_MM_MAP, buffer, 0, 0));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_bpf, 0, NULL, 0));
	TRY(LIMITED, ENOTCAPABLE, setsockopt(udp, SOL_SOCKET, SO_ATTACH_BPF, &nothing, sizeof(nothing)));
	TRY(LIMITED, ENOTCAPABLE, setsockopt(udp, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &nothing, sizeof(nothing)));
	TRY(LIMITED, ENOTCAPABLE, mount("none", "dir", "autofs", 0, mount_option(deaf)));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_fsconfig, opened, 1 /* FSCONFIG_SET_STRING */, "fd", "3", 0));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_mq_notify, opened, &by_netlink));
	TRY(LIMITED, ENOSYS, syscall(457 /* statmount */, buffer, buffer, sizeof(buffer), 0));
	TRY(LIMITED, ENOSYS, syscall(458 /* listmount */, buffer, buffer, 1, 0));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_keyctl, 32 /* KEYCTL_WATCH_KEY */, -1, deaf, 1));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_clock_gettime, clock_of(nothing), buffer));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_clock_getres, clock_of(nothing), buffer));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_clock_settime, clock_of(nothing), &impossible));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_clock_adjtime, clock_of(nothing), buffer));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_setns, nothing, 0));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_process_madvise, nothing, &vector, 1, 0, 0));

	/* Mapping, then changing the mapping. */
	TRY(LIMITED, ENOTCAPABLE, mmap(NULL, 4096, PROT_NONE, MAP_SHARED, nothing, 0));
	TRY(LIMITED, ENOTCAPABLE, mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, reader, 0));
	TRY(LIMITED, ENOTCAPABLE, mmap(NULL, 4096, PROT_READ, MAP_SHARED, mapper, 0)); /* open for writing */
	TRY(LIMITED, ENOTCAPABLE, mmap(NULL, 4096, PROT_READ, MAP_SHARED_VALIDATE, mapper, 0));
	TRY(LIMITED, ENOTCAPABLE, mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, mapper, 0));
	TRY(LIMITED, ENOTCAPABLE, mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE, mapper, 0));
	TRY(LIMITED, ENOTCAPABLE,
	    syscall(SYS_mmap, 0, 4096, PROT_READ, MAP_SHARED, 0xdeadbeef00000000 | (unsigned)mapper, 0));
	TRY(LIMITED, EACCES, map_then_execute(false));
	TRY(LIMITED, EACCES, map_then_execute(true));
	TRY(LIMITED, EACCES, move_then_execute());
	TRY(LIMITED, EACCES, syscall(SYS_personality, 0x400000 /* READ_IMPLIES_EXEC */));

	/* Sockets and events. */
	TRY(LIMITED, ENOTCAPABLE, write(mute, "x", 1));
	TRY(LIMITED, ENOTCAPABLE, send(mute, "x", 1, 0));
	TRY(LIMITED, ENOTCAPABLE, shutdown(mute, SHUT_RDWR));
	TRY(LIMITED, ENOTCAPABLE, bind(socket_none, (struct sockaddr *)&internet, sizeof(internet)));
	TRY(LIMITED, ENOTCAPABLE, connect(socket_none, (struct sockaddr *)&internet, sizeof(internet)));
	TRY(LIMITED, ENOTCAPABLE, send_to(socket_none, MSG_FASTOPEN, &internet, sizeof(internet)));
	TRY(LIMITED, ENOTCAPABLE, listen(socket_none, 1));
	TRY(LIMITED, ENOTCAPABLE, accept(socket_none, NULL, NULL));
	TRY(LIMITED, ENOTCAPABLE, getsockname(socket_none, (struct sockaddr *)&internet, &(socklen_t){ 16 }));
	TRY(LIMITED, ENOTCAPABLE, getsockopt(socket_none, SOL_SOCKET, SO_TYPE, buffer, &(socklen_t){ 4 }));
	TRY(LIMITED, ENOTCAPABLE, setsockopt(socket_none, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, 4));
	TRY(LIMITED, ENOTCAPABLE, recv(socket_none, buffer, 1, 0));
	TRY(LIMITED, ENOTCAPABLE, getsockopt(options, SOL_SOCKET, SO_PEERNAME, buffer, &(socklen_t){ 16 }));
	TRY(LIMITED, ENOTCAPABLE,
	    getsockopt(options, IPPROTO_TCP, 35 /* TCP_ZEROCOPY_RECEIVE */, buffer, &(socklen_t){ 64 }));
	TRY(LIMITED, ENOTCAPABLE, epoll_ctl(own_events, EPOLL_CTL_ADD, deaf, &event));
	TRY(LIMITED, ENOTCAPABLE, epoll_ctl(events, EPOLL_CTL_ADD, source, &event));
	TRY(LIMITED, ENOTCAPABLE, epoll_wait(events, &event, 1, 0));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_fanotify_mark, opened, 1, 1L, nothing, NULL));

	/* Beneath a limited directory. */
	TRY(LIMITED, ENOTCAPABLE, openat(directory, "sub/file", O_WRONLY));
	TRY(LIMITED, ENOTCAPABLE, openat(directory, "sub/file", O_RDWR));
	TRY(LIMITED, ENOTCAPABLE, openat(directory, "sub/file", 3));
	TRY(LIMITED, ENOTCAPABLE, openat(directory, "sub/file", O_RDONLY | O_TRUNC));
	TRY(LIMITED, ENOTCAPABLE, openat(directory, "new", O_RDONLY | O_CREAT, 0600));
	TRY(LIMITED, ENOTCAPABLE, openat(directory, ".", O_TMPFILE | O_RDWR, 0600));
	TRY(LIMITED, ENOTCAPABLE, openat(directory, "sub", O_PATH));
	TRY(LIMITED, ENOTCAPABLE, openat(directory, "sub", O_PATH | O_DIRECTORY));
	TRY(LIMITED, ENOSYS, syscall(SYS_openat2, directory, "sub/file", how, sizeof(how)));
	TRY(LIMITED, ENOTCAPABLE, mkdirat(directory, "new", 0700));
	TRY(LIMITED, ENOTCAPABLE, mknodat(directory, "new", S_IFREG | 0600, 0));
	TRY(LIMITED, ENOTCAPABLE, symlinkat("/", directory, "new"));
	TRY(LIMITED, ENOTCAPABLE, unlinkat(directory, "sub/file", 0));
	TRY(LIMITED, ENOTCAPABLE, linkat(directory, "sub/file", AT_FDCWD, "copy", 0));
	TRY(LIMITED, ENOTCAPABLE, linkat(AT_FDCWD, "file", directory, "copy", 0));
	TRY(LIMITED, ENOTCAPABLE, renameat(directory, "sub/file", AT_FDCWD, "copy"));
	TRY(LIMITED, ENOTCAPABLE, renameat(AT_FDCWD, "file", directory, "copy"));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_renameat2, AT_FDCWD, "file", directory, "sub/file", 2));
	TRY(LIMITED, ENOTCAPABLE, fchmodat(directory, "sub/file", 0666, 0));
	TRY(LIMITED, ENOTCAPABLE, fchownat(directory, "sub/file", 0, 0, 0));
	TRY(LIMITED, ENOTCAPABLE, utimensat(directory, "sub/file", NULL, 0));
	TRY(LIMITED, ENOTCAPABLE, syscall(452 /* fchmodat2 */, blind, "sub", 0755, AT_EMPTY_PATH));
	TRY(LIMITED, ENOTCAPABLE, fchownat(blind, "sub", (uid_t)-1, (gid_t)-1, AT_EMPTY_PATH));
	TRY(LIMITED, ENOTCAPABLE, syscall(463 /* setxattrat */, blind, "sub", AT_EMPTY_PATH, "user.x", NULL, 0));
	TRY(LIMITED, ENOTCAPABLE, fstatat(blind, "sub", &status, 0));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_execveat, directory, "sub/file", no_arguments, NULL, 0));
	TRY(LIMITED, ENOTCAPABLE, fchdir(directory));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_open_tree, directory, "", AT_EMPTY_PATH | 1 /* OPEN_TREE_CLONE */));
	TRY(LIMITED, ENOTCAPABLE,
	    syscall(SYS_move_mount, directory, "", AT_FDCWD, ".", 4 /* MOVE_MOUNT_F_EMPTY_PATH */));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_mount_setattr, directory, "", AT_EMPTY_PATH, NULL, 0));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_fspick, directory, "", 8));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_name_to_handle_at, nothing, "", buffer, buffer + 64, AT_EMPTY_PATH));
	TRY(LIMITED, ENOTCAPABLE, syscall(SYS_open_by_handle_at, directory, file_handle, O_RDONLY));

	/* Filters of the attacker's own only add to ours. */
	TRY(LIMITED, ENOTCAPABLE, write_under_filter(0x7fff0000 /* ALLOW */));
	TRY(LIMITED, ENOTCAPABLE, write_under_filter(0x7ffc0000 /* LOG */));
	TRY(LIMITED, ENOTCAPABLE, write_under_filter(0x7ff00000 /* TRACE */));
	TRY(LIMITED, ENOTCAPABLE, write_under_lie());
	TRY(LIMITED, ENOTCAPABLE, write_after_lies());
	TRY(LIMITED, ENOTCAPABLE, cap_rights_limit(reader, CE_SET(CAP_READ, CAP_WRITE)));
	TRY(LIMITED, ENOTCAPABLE, cap_ioctls_limit(nothing, &(unsigned long){ 1 }, 1));
	TRY(INSIDE, ECAPMODE, open_under_filter());
	TRY(INSIDE, ECAPMODE, open_under_lie());
	TRY(INSIDE, ECAPMODE, syscall(SYS_seccomp, 1, 8, NULL));

	/* Names in the global namespace. */
	TRY(INSIDE, ECAPMODE, open_secret());
	TRY(INSIDE, ECAPMODE, open("dir/sub/file", O_RDONLY));
	TRY(INSIDE, ECAPMODE, openat(AT_FDCWD, secret, O_RDONLY));
	TRY(INSIDE, ECAPMODE, syscall(SYS_openat, 0x1234567800000000 | 0xffffff9c, secret, O_RDONLY));
	TRY(INSIDE, ECAPMODE, syscall(SYS_openat, 0xffffff9cUL, secret, O_RDONLY));
	TRY(INSIDE, ECAPMODE, creat("new", 0600));
	TRY(INSIDE, ECAPMODE, truncate(secret, 0));
	TRY(INSIDE, ECAPMODE, rename(secret, "new"));
	TRY(INSIDE, ECAPMODE, link(secret, "new"));
	TRY(INSIDE, ECAPMODE, symlink(secret, "new"));
	TRY(INSIDE, ECAPMODE, unlink(secret));
	TRY(INSIDE, ECAPMODE, mkdir("new", 0700));
	TRY(INSIDE, ECAPMODE, chmod(secret, 0666));
	TRY(INSIDE, ECAPMODE, lchown(secret, 0, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_setxattr, secret, "user.x", "x", 1, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_getxattr, secret, "user.x", buffer, 1));
	TRY(INSIDE, ECAPMODE, readlink("dir/out", buffer, sizeof(buffer)));
	TRY(INSIDE, ECAPMODE, syscall(SYS_statfs, secret, buffer));
	TRY(INSIDE, ECAPMODE, execve("/bin/sh", (char *const *)no_arguments, NULL));
	TRY(INSIDE, ECAPMODE, chdir("/"));
	TRY(INSIDE, ECAPMODE, syscall(SYS_getcwd, buffer, sizeof(buffer)));
	TRY(INSIDE, ECAPMODE, chroot("."));
	TRY(INSIDE, ECAPMODE, syscall(SYS_pivot_root, ".", "."));
	TRY(INSIDE, ECAPMODE, shm_open("/ce-attack", O_RDWR, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_mq_open, "ce-attack", 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_shmget, 1, 1, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_semget, 1, 1, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_msgget, 1, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_acct, secret));
	TRY(INSIDE, ECAPMODE, syscall(SYS_swapon, secret, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_quotactl, 0, NULL, 0, NULL));
	TRY(INSIDE, ECAPMODE, syscall(SYS_inotify_add_watch, watches, secret, 2));
	TRY(INSIDE, ECAPMODE, syscall(SYS_fanotify_init, 0, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_fanotify_mark, opened, 1, 2L, AT_FDCWD, secret));
	TRY(INSIDE, ECAPMODE, int80(5, 0, 0, 0));
	TRY(INSIDE, ENOSYS, syscall(0x40000000 | SYS_open_tree, secret, 0, 0));
	TRY(INSIDE, ENOSYS, syscall(9999, secret));

	/* Out of the directory. */
	TRY(INSIDE, EACCES, openat(directory, secret, O_RDONLY));
	TRY(INSIDE, EACCES, openat(directory, "../secret", O_RDONLY));
	TRY(INSIDE, EACCES, openat(directory, "out", O_RDONLY)); /* a symbolic link */
	TRY(INSIDE, EACCES, openat(sub, "../../secret", O_RDONLY));
	TRY(INSIDE, EACCES, openat(opened, secret, O_RDONLY)); /* an absolute path needs no directory */
	TRY(INSIDE, EACCES, openat(-1, secret, O_RDONLY));
	TRY(INSIDE, EACCES, openat((int)receive(home_mailbox), "secret", O_RDONLY));
	TRY(INSIDE, EACCES, openat(directory, "/", O_RDONLY | O_DIRECTORY));
	TRY(INSIDE, EACCES, openat(directory, "..", O_RDONLY | O_DIRECTORY));
	TRY(INSIDE, EACCES, openat(sub, "/proc/self/mem", O_RDWR));
	TRY(INSIDE, EACCES, openat(directory, "/proc/self/cwd/secret", O_RDONLY));
	TRY(INSIDE, EACCES, openat(directory, "/proc/self/root/etc/passwd", O_RDONLY));
	TRY(INSIDE, EACCES, reopen(directory, reader, O_RDONLY));
	TRY(INSIDE, EACCES, reopen(sub, reader, O_RDWR));
	TRY(INSIDE, EACCES, open_memory_of(sub, victim));
	TRY(INSIDE, EACCES, openat(sub, "/dev/tty", O_RDWR));
	TRY(INSIDE, ECAPMODE, openat(directory, "sub", O_PATH));
	TRY(INSIDE, ECAPMODE, openat(sub, secret, O_PATH));
	TRY(INSIDE, ECAPMODE, openat(sub, secret, 3)); /* neither reading nor writing: Landlock sees no access */
	TRY(INSIDE_UNLIMITED, ECAPMODE, openat(sub, secret, 3));
	TRY(INSIDE, ENOSYS, syscall(SYS_openat2, sub, secret, how, sizeof(how)));
	TRY(INSIDE_UNLIMITED, ENOSYS, syscall(SYS_openat2, sub, secret, how, sizeof(how)));
	TRY(INSIDE, ECAPMODE, fchdir(directory));
	TRY(INSIDE, ECAPMODE, readlinkat(sub, "/proc/self/cwd", buffer, sizeof(buffer)));
	TRY(INSIDE, ECAPMODE, syscall(SYS_name_to_handle_at, sub, secret, buffer, buffer + 64, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_open_by_handle_at, sub, file_handle, O_RDONLY));
	TRY(INSIDE_UNLIMITED, EACCES, openat(directory, secret, O_RDONLY));
	TRY(INSIDE_UNLIMITED, ECAPMODE, change_program());
	TRY(INSIDE_UNLIMITED, EACCES, openat(directory, "../new", O_WRONLY | O_CREAT, 0600));
	TRY(INSIDE_UNLIMITED, EXDEV, linkat(directory, "../secret", directory, "new", 0));
	TRY(INSIDE_UNLIMITED, EXDEV, link_from_proc(outsider, directory));
	TRY(INSIDE_UNLIMITED, EACCES, renameat(directory, "../secret", directory, "new"));
	TRY(INSIDE_UNLIMITED, EACCES, renameat(directory, "sub/file", directory, "../new"));
	TRY(INSIDE_UNLIMITED, EACCES, syscall(SYS_renameat2, directory, "sub/file", directory, "../secret", 2));
	TRY(INSIDE_UNLIMITED, EACCES, open_through_new_link("../secret"));
	TRY(INSIDE_UNLIMITED, EACCES, open_through_new_link(secret));
	TRY(INSIDE_UNLIMITED, EACCES, symlinkat("/", directory, "../new"));
	TRY(INSIDE_UNLIMITED, EACCES, mkdirat(directory, "../new", 0700));
	TRY(INSIDE_UNLIMITED, EACCES, unlinkat(directory, "../secret", 0));
	TRY(INSIDE_UNLIMITED, ECAPMODE, mknodat(directory, "new", S_IFCHR | 0600, 0x103));
	TRY(INSIDE_UNLIMITED, ECAPMODE, mknodat(directory, "new", S_IFBLK | 0600, 0x700));
	TRY(INSIDE_UNLIMITED, ECAPMODE, syscall(SYS_renameat2, directory, "sub", directory, "new", 4 /* WHITEOUT */));
	TRY(INSIDE_UNLIMITED, ECAPMODE, fchmodat(directory, "../secret", 0666, 0));
	TRY(INSIDE_UNLIMITED, ECAPMODE, syscall(452 /* fchmodat2 */, directory, "../secret", 0666, 0));
	TRY(INSIDE_UNLIMITED, ECAPMODE, fchownat(directory, "../secret", 0, 0, 0));
	TRY(INSIDE_UNLIMITED, ECAPMODE, utimensat(directory, "../secret", NULL, 0));
	TRY(INSIDE_UNLIMITED, ECAPMODE, syscall(463 /* setxattrat */, directory, "../secret", 0, "user.x", NULL, 0));
	TRY(INSIDE_UNLIMITED, ECAPMODE, syscall(469 /* file_setattr */, directory, "../secret", buffer, 24, 0));
	TRY(INSIDE_UNLIMITED, EACCES, syscall(SYS_execveat, directory, "/bin/sh", no_arguments, NULL, AT_EMPTY_PATH));
	TRY(INSIDE_UNLIMITED, EACCES, execute_script());
	TRY(INSIDE_UNLIMITED, ECAPMODE, syscall(SYS_execveat, directory, "sub/file", no_arguments, NULL, 0));

	/* What is opened beneath a limited directory has no limits of its own: Landlock and the filter keep it. */
	TRY(INSIDE, EACCES, openat(sub, "file", O_WRONLY));
	TRY(INSIDE, EACCES, openat(sub, "file", O_RDWR));
	TRY(INSIDE, EACCES, openat(sub, "file", O_RDONLY | O_TRUNC));
	TRY(INSIDE, ENOTCAPABLE, openat(sub, "new", O_RDONLY | O_CREAT, 0600));
	TRY(INSIDE_ANOTHER, EACCES, openat(sub, "new", O_RDONLY | O_CREAT, 0600));
	TRY(INSIDE, ENOTCAPABLE, openat(sub, ".", O_TMPFILE | O_RDWR, 0600));
	TRY(INSIDE_ANOTHER, EACCES, openat(sub, ".", O_TMPFILE | O_RDWR, 0600));
	TRY(INSIDE, EACCES, reopen(sub, held, O_RDWR));
	TRY(INSIDE, ENOTCAPABLE, mkdirat(sub, "new", 0700));
	TRY(INSIDE_ANOTHER, EACCES, mkdirat(sub, "new", 0700));
	TRY(INSIDE, ENOTCAPABLE, mkfifoat(sub, "new", 0600));
	TRY(INSIDE_ANOTHER, EACCES, mkfifoat(sub, "new", 0600));
	TRY(INSIDE, ENOTCAPABLE, symlinkat("/", sub, "new"));
	TRY(INSIDE_ANOTHER, EACCES, symlinkat("/", sub, "new"));
	TRY(INSIDE, ENOTCAPABLE, unlinkat(sub, "file", 0));
	TRY(INSIDE_ANOTHER, EACCES, unlinkat(sub, "file", 0));
	TRY(INSIDE, ENOTCAPABLE, unlinkat(sub, "empty", AT_REMOVEDIR));
	TRY(INSIDE_ANOTHER, EACCES, unlinkat(sub, "empty", AT_REMOVEDIR));
	TRY(INSIDE, ENOTCAPABLE, renameat(sub, "file", sub, "new"));
	TRY(INSIDE_ANOTHER, EACCES, renameat(sub, "file", sub, "new"));
	TRY(INSIDE, ENOTCAPABLE, linkat(sub, "file", sub, "new", 0));
	TRY(INSIDE_ANOTHER, EACCES, linkat(sub, "file", sub, "new", 0));
	TRY(INSIDE_RENAMING, ENOTCAPABLE, openat(sub, "new", O_RDONLY | O_CREAT, 0600));
	TRY(INSIDE_RENAMING, ENOTCAPABLE, mknodat(sub, "new", S_IFREG | 0600, 0));
	TRY(INSIDE_RENAMING, ENOTCAPABLE, mkdirat(sub, "new", 0700));
	TRY(INSIDE_RENAMING, ENOTCAPABLE, mkfifoat(sub, "new", 0600));
	TRY(INSIDE_RENAMING, ENOTCAPABLE, symlinkat("/", sub, "new"));
	TRY(INSIDE_RENAMING, ENOTCAPABLE, unlinkat(sub, "file", 0));
	TRY(INSIDE_RENAMING, ENOTCAPABLE, unlinkat(sub, "empty", AT_REMOVEDIR));
	TRY(INSIDE_RENAMING, ENOTCAPABLE, linkat(sub, "file", sub, "new", 0));
	TRY(INSIDE, EACCES, syscall(SYS_execveat, held, "", no_arguments, NULL, AT_EMPTY_PATH));
	TRY(INSIDE, ECAPMODE, fallocate(opened, 8 /* FALLOC_FL_COLLAPSE_RANGE */, 0, 4096));
	TRY(INSIDE, ECAPMODE, fchmod(held, 0666));
	TRY(INSIDE, ECAPMODE, fchmod(sub, 0777));
	TRY(INSIDE, ECAPMODE, fchown(held, 0, 0));
	TRY(INSIDE, ECAPMODE, futimens(held, NULL));
	TRY(INSIDE, ECAPMODE, syscall(SYS_fsetxattr, held, "user.x", "x", 1, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_fremovexattr, held, "user.x"));
	TRY(INSIDE, ECAPMODE, ioctl_of(held, 0x40086602 /* FS_IOC_SETFLAGS */));
	TRY(INSIDE, ECAPMODE, ioctl_of(held, 0x401c5820 /* FS_IOC_FSSETXATTR */));
	TRY(INSIDE, ECAPMODE, ioctl_of(held, 0xc0045877 /* FIFREEZE */));
	TRY(INSIDE, ECAPMODE, ioctl_of(sub, 0x50009401 /* BTRFS_IOC_SNAP_CREATE */));
	TRY(INSIDE, ECAPMODE, ioctl_of(held, 0x40047211 /* FAT_IOCTL_SET_ATTRIBUTES */));
	TRY(INSIDE, ECAPMODE, ioctl_of(sub, 0x40186f04 /* OCFS2_IOC_REFLINK */));

	/* With no directory there is nothing to look up, not even pipes and memfds in /proc. */
	TRY(NOWHERE, ECAPMODE, openat(opened, secret, O_RDONLY));
	TRY(NOWHERE, ECAPMODE, reopen(opened, deaf, O_RDONLY));
	TRY(NOWHERE, ECAPMODE, reopen(opened, memory, O_RDWR));
	TRY(NOWHERE, ECAPMODE, openat(opened, "/proc/self/ns/user", O_RDONLY));
	TRY(NOWHERE, ECAPMODE, mkdirat(opened, "new", 0700));

	/* Other processes. */
	TRY(INSIDE, ECAPMODE, kill(victim, 0));
	TRY(INSIDE, ECAPMODE, kill(getppid(), 0));
	TRY(INSIDE, ECAPMODE, kill(-1, 0));
	TRY(INSIDE, ECAPMODE, kill(0, 0));
	TRY(INSIDE, ECAPMODE, kill(-getpgrp(), 0));
	TRY(INSIDE, EPERM, syscall(SYS_tkill, victim, SIGKILL));
	TRY(INSIDE, EPERM, syscall(SYS_tgkill, victim, victim, SIGKILL));
	TRY(INSIDE, ECAPMODE, syscall(SYS_rt_sigqueueinfo, victim, SIGKILL, buffer));
	TRY(INSIDE, EPERM, syscall(SYS_rt_tgsigqueueinfo, victim, victim, SIGKILL, (siginfo_t[]){ { .si_code = -1 } }));
	TRY(INSIDE, EPERM, syscall(SYS_pidfd_send_signal, victim_pidfd, SIGKILL, NULL, 0));
	TRY(INSIDE, ECAPMODE, signal_by_owner());
	TRY(INSIDE, EINVAL, signal_by_timer());
	TRY(INSIDE, ECAPMODE, in_clone(SIGCHLD, kill_victim));
	TRY(INSIDE, ECAPMODE, in_clone(CLONE_VFORK | SIGCHLD, open_secret));
	TRY(INSIDE, ECAPMODE, in_clone(CLONE_VM | CLONE_FILES | SIGCHLD, open_secret));
	TRY(INSIDE, ECAPMODE, in_clone(CLONE_PARENT | SIGCHLD, open_secret));
	TRY(INSIDE, ECAPMODE, syscall(SYS_pidfd_open, victim, 0));
	TRY(INSIDE, ECAPMODE, ptrace(PTRACE_ATTACH, victim, NULL, NULL));
	TRY(INSIDE, ECAPMODE, ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	TRY(INSIDE, ECAPMODE, syscall(SYS_process_vm_readv, victim, &vector, 1, &remote, 1, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_process_vm_writev, victim, &vector, 1, &remote, 1, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_process_madvise, victim_pidfd, &vector, 1, 0, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_kcmp, getpid(), victim, 0, 0, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_move_pages, victim, 0, NULL, NULL, NULL, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_get_robust_list, victim, buffer, buffer + 8));
	TRY(INSIDE, ECAPMODE, syscall(SYS_prlimit64, victim, RLIMIT_NOFILE, NULL, &limit));
	TRY(INSIDE, ECAPMODE, syscall(SYS_setpriority, PRIO_PROCESS, victim, 19));
	TRY(INSIDE, ECAPMODE, syscall(SYS_setpriority, PRIO_USER, 0, 19));
	TRY(INSIDE, ECAPMODE, syscall(SYS_setpriority, PRIO_PGRP, 0, 19));
	TRY(INSIDE, ECAPMODE, syscall(SYS_sched_setscheduler, victim, SCHED_OTHER, &(struct sched_param){ 0 }));
	TRY(INSIDE, ECAPMODE, syscall(SYS_sched_setaffinity, victim, sizeof(buffer), buffer));
	TRY(INSIDE, ECAPMODE, syscall(SYS_ioprio_set, 1, victim, 0));
	TRY(INSIDE, ECAPMODE, setpgid(0, getppid()));

	/* Addresses. */
	TRY(INSIDE, ECAPMODE, bind(tcp, (struct sockaddr *)&internet, sizeof(internet)));
	TRY(INSIDE, ECAPMODE, connect(tcp, (struct sockaddr *)&internet, sizeof(internet)));
	TRY(INSIDE, ECAPMODE, send_to(tcp, MSG_FASTOPEN, &internet, sizeof(internet)));
	TRY(INSIDE, ECAPMODE, send_to(udp, 0, &internet, sizeof(internet)));
	TRY(INSIDE, ECAPMODE, send_to(letters, 0, &unix_path, sizeof(unix_path)));
	TRY(INSIDE, ECAPMODE, send_to(letters, 0, &abstract, sizeof(abstract)));
	TRY(INSIDE, ECAPMODE, send_message_to(udp, &internet, sizeof(internet)));
	TRY(INSIDE, ECAPMODE, sendmmsg(udp, NULL, 0, 0));
	TRY(INSIDE, ECAPMODE, bind(local, (struct sockaddr *)&unix_path, sizeof(unix_path)));
	TRY(INSIDE, ECAPMODE, connect(local, (struct sockaddr *)&unix_path, sizeof(unix_path)));
	TRY(INSIDE, ECAPMODE, bind(local, (struct sockaddr *)&abstract, sizeof(abstract)));
	TRY(INSIDE, ECAPMODE, connect(local, (struct sockaddr *)&abstract, sizeof(abstract)));
	TRY(INSIDE, ECAPMODE, socket(AF_NETLINK, SOCK_RAW, 0));
	TRY(INSIDE, ECAPMODE, socket(AF_PACKET, SOCK_RAW, 0));
	TRY(INSIDE, ECAPMODE, socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	TRY(INSIDE, ECAPMODE, socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
	TRY(INSIDE, ECAPMODE, socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP));
	TRY(INSIDE, ECAPMODE, socket(38 /* AF_ALG */, SOCK_SEQPACKET, 0));
	TRY(INSIDE, ECAPMODE, socket(40 /* AF_VSOCK */, SOCK_STREAM, 0));
	TRY(INSIDE, ECAPMODE, socket(41 /* AF_KCM */, SOCK_DGRAM, 0));
	TRY(INSIDE, ECAPMODE,
	    setsockopt(tcp, IPPROTO_SCTP, 110 /* SCTP_SOCKOPT_CONNECTX */, &internet, sizeof(internet)));
	TRY(INSIDE, ECAPMODE,
	    getsockopt(tcp, IPPROTO_SCTP, 111 /* SCTP_SOCKOPT_CONNECTX3 */, buffer, &(socklen_t){ 16 }));
	TRY(INSIDE, ECAPMODE, setsockopt(udp, SOL_IP, 64 /* IPT_SO_SET_REPLACE */, buffer, 4));
	TRY(INSIDE, ECAPMODE, setsockopt(udp, SOL_IP, 1154 /* IP_VS_SO_SET_ADD */, buffer, 4));
	TRY(INSIDE, ECAPMODE, setsockopt(udp, SOL_IPV6, 64 /* IP6T_SO_SET_REPLACE */, buffer, 4));
	TRY(INSIDE, ECAPMODE, setsockopt(peer, SOL_SOCKET, 76 /* SO_PASSPIDFD */, &(int){ 1 }, 4));
	TRY(INSIDE, ECAPMODE, getsockopt(peer, SOL_SOCKET, 77 /* SO_PEERPIDFD */, buffer, &(socklen_t){ 4 }));
	TRY(INSIDE, ECAPMODE, setsockopt(peer, SOL_SOCKET, SO_PASSCRED, &(int){ 1 }, 4));
	TRY(INSIDE, ECAPMODE, setsockopt(udp, SOL_IPV6, 27 /* IPV6_JOIN_ANYCAST */, buffer, 20));
	TRY(INSIDE, ECAPMODE, setsockopt(tcp, IPPROTO_TCP, 13 /* TCP_CONGESTION */, "none such", 9));
	TRY(INSIDE, ECAPMODE, setsockopt(tcp, IPPROTO_TCP, 31 /* TCP_ULP */, "none such", 9));
	TRY(INSIDE, ECAPMODE,
	    getsockopt(udp, SOL_IP, 64 /* IPT_SO_GET_INFO */, strcpy(buffer, "filter"), &(socklen_t){ 84 }));
	TRY(INSIDE, ECAPMODE,
	    getsockopt(udp, SOL_IPV6, 64 /* IP6T_SO_GET_INFO */, strcpy(buffer, "filter"), &(socklen_t){ 84 }));
	TRY(INSIDE, ECAPMODE, ioctl_of(udp, 0x8914 /* SIOCSIFFLAGS */));
	TRY(INSIDE, ECAPMODE, ioctl_of(udp, 0x8916 /* SIOCSIFADDR */));
	TRY(INSIDE, ECAPMODE, ioctl_of(udp, 0x890b /* SIOCADDRT */));
	TRY(INSIDE, ECAPMODE, ioctl_of(udp, 0x894c /* SIOCGSKNS */));
	TRY(INSIDE, ECAPMODE, ioctl_of(local, 0x89e0 /* SIOCUNIXFILE */));
	TRY(INSIDE, ECAPMODE, ioctl_of(udp, 0x8b04 /* SIOCSIWFREQ */));
	TRY(INSIDE, ECAPMODE, ioctl(opened, TIOCSTI, "x"));
	TRY(INSIDE, ECAPMODE, ioctl(opened, TIOCLINUX, "x"));
	TRY(INSIDE, ECAPMODE, ioctl_of(opened, TIOCSSERIAL));
	TRY(INSIDE, ECAPMODE, ioctl(opened, TIOCSETD, &(int){ 1 /* N_SLIP */ }));
	TRY(INSIDE, ECAPMODE, ioctl_of(opened, 0x4b47 /* KDSKBENT */));

	/* Namespaces and mounts. */
	TRY(INSIDE, ECAPMODE, unshare(CLONE_NEWUSER));
	TRY(INSIDE, ECAPMODE, unshare(CLONE_NEWNS));
	TRY(INSIDE, ECAPMODE, in_clone(CLONE_NEWUSER | SIGCHLD, open_secret));
	TRY(INSIDE, ECAPMODE, in_clone(CLONE_NEWPID | SIGCHLD, open_secret));
	TRY(INSIDE, ECAPMODE, in_clone(CLONE_NEWNET | SIGCHLD, open_secret));
	TRY(INSIDE, ENOSYS, syscall(SYS_clone3, buffer, 88));
	TRY(INSIDE, ECAPMODE, setns(victim_pidfd, CLONE_NEWUSER));
	TRY(INSIDE, ECAPMODE, mount("none", ".", "tmpfs", 0, NULL));
	TRY(INSIDE, ECAPMODE, umount2(".", MNT_DETACH));
	TRY(INSIDE, ECAPMODE, syscall(SYS_open_tree, directory, "", AT_EMPTY_PATH | 1));
	TRY(INSIDE, ECAPMODE, syscall(SYS_fsopen, "tmpfs", 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_fsconfig, opened, 0, "source", "x", 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_fspick, directory, "", 8 /* FSPICK_EMPTY_PATH */));
	TRY(INSIDE, ECAPMODE, syscall(SYS_fsmount, opened, 0, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_move_mount, directory, "", directory, "", 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_mount_setattr, directory, "", AT_EMPTY_PATH, buffer, 32));
	TRY(INSIDE, ECAPMODE, syscall(457 /* statmount */, buffer, buffer, sizeof(buffer), 0));
	TRY(INSIDE, ECAPMODE, syscall(458 /* listmount */, buffer, buffer, 1, 0));
	TRY(INSIDE, ECAPMODE, syscall(467 /* open_tree_attr */, directory, "", AT_EMPTY_PATH | 1, buffer, 32));

	/* The kernel's own doors. */
	TRY(INSIDE, ECAPMODE, syscall(SYS_keyctl, 0, -1, 1));
	TRY(INSIDE, ECAPMODE, syscall(SYS_add_key, "user", "x", "x", 1, -1));
	TRY(INSIDE, ECAPMODE, syscall(SYS_request_key, "user", "x", NULL, -1));
	TRY(INSIDE, ECAPMODE, syscall(SYS_bpf, 0, NULL, 0));
	TRY(INSIDE, ECAPMODE, madvise(NULL, 0, 100 /* MADV_HWPOISON */));
	TRY(INSIDE, ECAPMODE, madvise(NULL, 0, 101 /* MADV_SOFT_OFFLINE */));
	TRY(INSIDE, ECAPMODE, syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_userfaultfd, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_init_module, NULL, 0, ""));
	TRY(INSIDE, ECAPMODE, syscall(SYS_finit_module, opened, "", 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_kexec_load, 0, 0, NULL, ~0UL));
	TRY(INSIDE, ECAPMODE, syscall(SYS_reboot, 0, 0, 0, NULL));
	TRY(INSIDE, ECAPMODE, syscall(SYS_syslog, 10, NULL, 0));
	TRY(INSIDE, ECAPMODE, syscall(SYS_clock_settime, CLOCK_REALTIME, &impossible));
	TRY(INSIDE, ECAPMODE, syscall(SYS_settimeofday, &impossible, NULL));
	TRY(INSIDE, ECAPMODE, syscall(SYS_clock_adjtime, CLOCK_REALTIME, NULL));
	TRY(INSIDE, ECAPMODE, syscall(SYS_adjtimex, NULL));
	TRY(INSIDE, EPERM, sethostname("x", 1));
	TRY(INSIDE, EPERM, setdomainname("x", 1));
	TRY(INSIDE, ECAPMODE, syscall(SYS_personality, 0x0040000 /* ADDR_NO_RANDOMIZE */));
	TRY(INSIDE, ECAPMODE, prctl(PR_SET_MM, PR_SET_MM_BRK, 0, 0, 0));
	TRY(INSIDE, ECAPMODE, prctl(0x59616d61 /* PR_SET_PTRACER */, -1, 0, 0, 0));
	TRY(INSIDE, ECAPMODE, prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	TRY(INSIDE, ECAPMODE, prctl(59 /* PR_SET_SYSCALL_USER_DISPATCH */, 0, 0, 0, 0));
	TRY(INSIDE, ECAPMODE, setgroups(0, NULL));
#ifdef SYS_iopl
	TRY(INSIDE, ECAPMODE, syscall(SYS_iopl, 3));
	TRY(INSIDE, ECAPMODE, syscall(SYS_ioperm, 0x80, 1, 1));
	TRY(INSIDE, ECAPMODE, syscall(SYS_modify_ldt, 0, NULL, 0));
#endif

	/* The documented gaps: they must be just these, and open. */
	TRY(INSIDE, 0, fstatat(directory, secret, &status, 0));
	TRY(INSIDE, 0, get_udp_port());
	TRY(INSIDE, 0, openat(sub, "..", O_RDONLY | O_DIRECTORY));
	TRY(INSIDE_BOTH, 0, unlinkat(sub, "empty", AT_REMOVEDIR));
	TRY(INSIDE_BOTH, 0, mkdirat(sub, "new", 0700));
	TRY(INSIDE, 0, reopen(directory, deaf, O_RDONLY));
	TRY(INSIDE, 0, reopen(sub, memory, O_RDWR));
	TRY(LIMITED, 0, reopen(AT_FDCWD, reader, O_RDWR));
	TRY(LIMITED, 0, openat(directory, "../secret", O_RDONLY));
	TRY(LIMITED, 0, allow_in_ruleset());
	TRY(LIMITED, 0, ask_of_namespace());
	TRY(INSIDE, 0, ask_of_namespace());
	TRY(INSIDE, 0, in_clone(SIGCHLD, signal_parent));
	TRY(LIMITED, 0, fstatat(blind, "sub", &status, AT_EMPTY_PATH));
#undef TRY
	return false;
}

/* ---- running them -------------------------------------------------------------------------------------------------
 */

static int remove_entry(const char *path, const struct stat *unused, int type, struct FTW *walk)
{
	(void)unused;
	(void)type;
	(void)walk;
	return remove(path);
}

/* Whether the file that every attempt was after is as it was. */
static bool is_untouched(const char *path)
{
	char text[16] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = read(fd, text, sizeof(text));

	close(fd);
	return length == 9 && memcmp(text, "untouched", 9) == 0;
}

static bool enforces_everything; /* or else the filter refuses in Landlock's stead, and more */

/* An expected errno of 0 is a documented gap. */
static bool is_as_expected(const struct outcome *outcome)
{
	if (outcome->result != -1)
		return outcome->expected == 0;
	return outcome->error == outcome->expected ||
	       (!enforces_everything && (outcome->error == ECAPMODE || outcome->error == EXDEV));
}

static void run_attempt(int wanted, int report)
{
	struct outcome outcome = { 0 };

	alarm(30);
	if (!attempt(wanted, &outcome))
		_exit(3);
	if (write(report, &outcome, sizeof(outcome)) != sizeof(outcome))
		_exit(2);
	_exit(0);
}

static const char *const world_names[] = {
	"limited",	    "inside",	   "inside, no directory", "inside, all rights", "inside, another directory",
	"inside, renaming", "inside, both"
};

/* One attempt, in a child, in an empty directory of its own. Returns 1 if it was as expected, 0 if not, -1 at the end.
 */
static int judge(int wanted, const char *who)
{
	char path[] = "/tmp/ce-attacks-XXXXXX";
	struct outcome outcome = { 0 };
	int report[2], wait_status;
	bool good;
	pid_t child;

	if (mkdtemp(path) == NULL || pipe(report) == -1 || chdir(path) == -1)
		abort();
	fflush(stdout);
	child = fork();
	if (child == 0) {
		dup2(report[1], 900);
		syscall(SYS_close_range, 3, 899, 0);
		syscall(SYS_close_range, 901, ~0u, 0);
		run_attempt(wanted, 900);
	}
	close(report[1]);
	if (read(report[0], &outcome, sizeof(outcome)) != sizeof(outcome))
		memset(&outcome, 0, sizeof(outcome));
	waitpid(child, &wait_status, 0);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	good = outcome.what != NULL && is_untouched("file") && is_untouched("secret") && is_as_expected(&outcome);
	close(report[0]);
	if (chdir("/") == -1)
		abort();
	nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	if (wait_status == W_EXITCODE(3, 0))
		return -1;
	printf("%s - %s, %s: %s\n", good ? "ok" : "not ok", who, world_names[outcome.world],
	       outcome.what == NULL ? "the attempt broke" : outcome.what);
	if (!good)
		printf("# got %ld, errno %d (%s); expected errno %d; status %#x\n", outcome.result, outcome.error,
		       strerror(outcome.error), outcome.expected, (unsigned)wait_status);
	return good;
}

static int run_all(const char *who, int *total)
{
	int bad = 0, i, result;

	for (i = 0; (result = judge(i, who)) != -1; i++)
		bad += result == 0;
	*total += i;
	return bad;
}

/* Namespaces of our own, with a /proc for the one of processes. A root that may not have them cannot do much harm. */
static void go_private(void)
{
	int wait_status;
	pid_t child;

	if (!unshare_mounts(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWPID))
		return;
	child = fork();
	if (child != 0) {
		waitpid(child, &wait_status, 0);
		exit(WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 1);
	}
	MUST(mount("proc", "/proc", "proc", 0, NULL));
}

int main(void)
{
	int total = 0, bad = 0;
	bool root = geteuid() == 0;

	if (!has(LOOKUPS)) {
		printf("1..0 # SKIP this kernel has no Landlock, so that nothing can be held to attack from\n");
		return 0;
	}
	enforces_everything = has(SIGNALS);
	if (root) {
		go_private();
		bad += run_all("root", &total);
		MUST(setgroups(0, NULL));
		MUST(setresgid(65534, 65534, 65534));
		MUST(setresuid(65534, 65534, 65534));
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* as a process of that user's own */
	}
	bad += run_all("user", &total);
	printf("1..%d\n", total);
	return bad != 0;
}
