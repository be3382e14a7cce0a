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
#include <linux/filter.h>
#include <linux/net_namespace.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
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
#include <sys/timerfd.h>
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
	OUTSIDE,	  /* nothing is limited: what the attempt does where nobody refuses it */
	LIMITED,	  /* descriptors are limited, and nothing else */
	INSIDE,		  /* the same in capability mode, with a directory to look up from */
	NOWHERE,	  /* capability mode with no directory */
	INSIDE_UNLIMITED, /* capability mode with a directory that has all rights */
	INSIDE_ANOTHER,	  /* as INSIDE, with another directory, which has all rights */
	INSIDE_RENAMING,  /* capability mode with a directory to rename in, and to link into */
	INSIDE_BOTH,	  /* the same, with another directory, which has all rights */
};

#define MUST(call) ((call) == -1 ? (perror(#call), _exit(2)) : (void)0)

/* ---- what is there to attack ---- */

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
static int named;	  /* another descriptor of the victim, limited to telling its number */
static pid_t victim;	  /* a process outside */
static int ring = -1;	  /* an io_uring from before the first limit */
static unsigned long aio; /* an AIO context from before the first limit */
static int async[2];	  /* a socket pair, not limited */
static int owned[2];	  /* another, the owner of whose first end is the victim */
static int watched;	  /* where a directory whose owner is the victim waits to be received */
static int leased;	  /* "leased", a file whose owner is the victim */
static int master;	  /* a pseudo-terminal's master */
static int terminal;	  /* its slave: in its foreground are we and the victim */
static int udp6;	  /* a UDP socket for IPv6, not limited */
static int setter;	  /* another, limited to writing and setting options */
static int sharing;	  /* a UDP socket that shares its port with others */
static int own_namespace; /* this process's network namespace, not limited */
static int read_only;	  /* "file" open for reading, limited to mapping it for reading */
static int timer;	  /* a timer, limited to setting it */
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
	own_namespace = number(open("/proc/self/ns/net", O_RDONLY));
	udp6 = number(socket(AF_INET6, SOCK_DGRAM, 0));
	setter = number(socket(AF_INET6, SOCK_DGRAM, 0));
	sharing = number(socket(AF_INET, SOCK_DGRAM, 0));
	MUST(setsockopt(sharing, SOL_SOCKET, SO_REUSEPORT, &(int){ 1 }, sizeof(int)));
	MUST(bind(sharing, (struct sockaddr *)&(struct sockaddr_in){ .sin_family = AF_INET }, sizeof(internet)));
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
	signal(SIGHUP, SIG_DFL); /* nohup(1) ignores it; here, since a signal may come before the victim first runs */
	victim = fork();
	if (victim == 0) {
		close(leash[1]);
		_exit((int)read(leash[0], buffer, 1));
	}
	close(leash[0]);
}

/* Descriptors that the victim gets signals of, if somebody makes them signal. */
static void make_owned(void)
{
	int directory_of_victim;

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, async));
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, owned));
	MUST(mkdir("watched", 0755));
	directory_of_victim = number(open("watched", O_RDONLY | O_DIRECTORY));
	leased = number(open("leased", O_RDWR | O_CREAT, 0600));
	MUST(fcntl(owned[0], F_SETOWN, victim));
	MUST(fcntl(directory_of_victim, F_SETOWN, victim));
	watched = post(directory_of_victim);
	close(directory_of_victim); /* held at entry, it would be a directory to look up from */
	MUST(fcntl(leased, F_SETOWN, victim));
}

/* The controlling terminal of our session. */
static void make_terminal(void)
{
	char path[64];

	master = number(posix_openpt(O_RDWR | O_NOCTTY));
	MUST(unlockpt(master));
	MUST(ptsname_r(master, path, sizeof(path)) == 0 ? 0 : -1);
	terminal = number(open(path, O_RDWR));
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
	make_owned();
	make_terminal();
	read_only = number(open("file", O_RDONLY));
	timer = number(timerfd_create(CLOCK_MONOTONIC, 0));
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
	named = number((int)syscall(SYS_pidfd_open, victim, 0));
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
		LIMIT(read_only, CE_SET(CAP_MMAP_R)),
		LIMIT(timer, CE_SET(CAP_WRITE)),
		LIMIT(setter, CE_SET(CAP_WRITE, CAP_SETSOCKOPT)),
		LIMIT(ruleset, &none),
		LIMIT(namespace, &none),
		LIMIT(named, CE_SET(CAP_PDGETPID)),
		LIMIT(directory, CE_SET(CAP_LOOKUP, CAP_READ, CAP_FSTAT)),
	};

	MUST(ce_limit_each(each, sizeof(each) / sizeof(each[0]) - !directory_too));
}

static bool lookups;		 /* are possible in capability mode */
static bool enforces_everything; /* or else the filter refuses in Landlock's stead, and more */

static void prepare(enum world world)
{
	make_everything(world != NOWHERE);
	if (world == OUTSIDE)
		return;
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
	sub = held = -1;
	if (world == NOWHERE || !lookups)
		return;
	sub = number(openat(directory, "sub", O_RDONLY | O_DIRECTORY));
	held = number(openat(directory, "sub/file", O_RDONLY));
}

/* ---- what attempts of several themes do ---- */

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

static long open_secret(void)
{
	return open(secret, O_RDONLY);
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

static const struct timespec impossible = { 0, -1 };

/* ---- the attempts ---- */

struct attempt {
	const char *what;
	enum world world;
	int expected; /* errno; 0: it must succeed, as a documented gap or as what a sandbox is to allow */
	long (*run)(void);
	bool as_root; /* an ordinary user could not */
};

static struct attempt attempts[1024];
static int n_attempts;

/* One attempt: where it is made, the errno that it must get, and the call. */
#define TRY(world, error, call) TRY_AS(__COUNTER__, world, error, false, #call, call)

/* The same, which succeeds where nothing is limited: else the attempt would show nothing. */
#define TRY_BOTH(world, error, call)                        \
	TRY_AS(__COUNTER__, OUTSIDE, 0, false, #call, call) \
	TRY_AS(__COUNTER__, world, error, false, #call, call)
#define TRY_BOTH_AS_ROOT(world, error, call)               \
	TRY_AS(__COUNTER__, OUTSIDE, 0, true, #call, call) \
	TRY_AS(__COUNTER__, world, error, true, #call, call)

#define TRY_AS(n, world, error, as_root, text, call) TRY_NAMED(n, world, error, as_root, text, call)
#define TRY_NAMED(n, world, error, as_root, text, call)                                                \
	static long attempt_##n(void)                                                                  \
	{                                                                                              \
		return (long)(call);                                                                   \
	}                                                                                              \
	__attribute__((constructor)) static void add_attempt_##n(void)                                 \
	{                                                                                              \
		attempts[n_attempts++] = (struct attempt){ text, world, error, attempt_##n, as_root }; \
	}

#include "attacks/copies.h"
#include "attacks/files.h"
#include "attacks/memory.h"
#include "attacks/sockets.h"
#include "attacks/directories.h"
#include "attacks/names.h"
#include "attacks/processes.h"
#include "attacks/signals.h"
#include "attacks/ioctls.h"
#include "attacks/options.h"
#include "attacks/system.h"
#include "attacks/gaps.h"

/* ---- running them ---- */

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

struct outcome {
	long result;
	int error;
};

/* An expected errno of 0 is a documented gap. */
static bool is_as_expected(const struct attempt *attempt, const struct outcome *outcome)
{
	if (outcome->result != -1)
		return attempt->expected == 0;
	if (attempt->world == OUTSIDE && !enforces_everything)
		return true; /* an older kernel lacks what would be attacked */
	return outcome->error == attempt->expected ||
	       (!enforces_everything && (outcome->error == ECAPMODE || outcome->error == EXDEV)) ||
	       (!lookups && outcome->error == EBADF); /* what could not be opened */
}

/* An attempt under way. */
struct run {
	const struct attempt *attempt;
	int report;   /* where the outcome goes */
	int ready[2]; /* a pipe that the thread waits at until everything is limited */
};

static void make_attempt(const struct run *run)
{
	struct outcome outcome;

	errno = 0;
	outcome.result = run->attempt->run();
	outcome.error = errno;
	if (write(run->report, &outcome, sizeof(outcome)) != sizeof(outcome))
		_exit(2);
	_exit(0);
}

static void *make_attempt_later(void *argument)
{
	const struct run *run = argument;

	if (read(run->ready[0], buffer, 1) == 1)
		make_attempt(run);
	return NULL;
}

/* Makes an attempt; with `threaded` in a thread that was there before anything was limited. */
static void run_attempt(const struct attempt *attempt, int report, bool threaded)
{
	struct run run = { attempt, report, { -1, -1 } };
	pthread_t thread;

	alarm(30);
	MUST(setsid());
	if (threaded) {
		MUST(pipe(run.ready));
		MUST(-pthread_create(&thread, NULL, make_attempt_later, &run));
	}
	prepare(attempt->world);
	signal(SIGUSR1, SIG_IGN); /* the victim does not */
	signal(SIGIO, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (!threaded)
		make_attempt(&run);
	MUST(write(run.ready[1], "x", 1));
	pthread_join(thread, NULL);
	_exit(2);
}

static const char *const world_names[] = { "outside",
					   "limited",
					   "inside",
					   "inside, no directory",
					   "inside, all rights",
					   "inside, another directory",
					   "inside, renaming",
					   "inside, both" };

/* Makes one attempt in a child, in an empty directory of its own. Whether it was as expected. */
static bool judge(const struct attempt *attempt, const char *who, bool threaded)
{
	char path[] = "/tmp/ce-attacks-XXXXXX";
	struct outcome outcome = { 0, 0 };
	int report[2], wait_status;
	bool reported, good;
	pid_t child;

	if (mkdtemp(path) == NULL || pipe(report) == -1 || chdir(path) == -1)
		abort();
	fflush(stdout);
	child = fork();
	if (child == 0) {
		dup2(report[1], 900);
		syscall(SYS_close_range, 3, 899, 0);
		syscall(SYS_close_range, 901, ~0u, 0);
		run_attempt(attempt, 900, threaded);
	}
	close(report[1]);
	reported = read(report[0], &outcome, sizeof(outcome)) == sizeof(outcome);
	waitpid(child, &wait_status, 0);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (reported)
		good = is_as_expected(attempt, &outcome);
	else /* it could not even begin, where nothing can be looked up */
		good = !lookups && wait_status == W_EXITCODE(2, 0);
	if (attempt->world != OUTSIDE && !(is_untouched("file") && is_untouched("secret")))
		good = false;
	close(report[0]);
	if (chdir("/") == -1)
		abort();
	nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	printf("%s - %s, %s: %s\n", good ? "ok" : "not ok", who, world_names[attempt->world], attempt->what);
	if (!good)
		printf("# got %ld, errno %d (%s); expected errno %d; status %#x\n", outcome.result, outcome.error,
		       strerror(outcome.error), attempt->expected, (unsigned)wait_status);
	return good;
}

/* All of them; in a second thread those only that tell it apart from the first. */
static int run_all(const char *who, bool threaded, int *total)
{
	int bad = 0, i;

	lookups = has(LOOKUPS) && (!threaded || has(THREADS));
	enforces_everything = has(SIGNALS) && (!threaded || has(THREADS));
	for (i = 0; i < n_attempts; i++) {
		const struct attempt *attempt = &attempts[i];

		if ((attempt->as_root && geteuid() != 0) ||
		    (threaded && attempt->world != LIMITED && attempt->world != INSIDE && attempt->world != NOWHERE))
			continue;
		bad += !judge(attempt, who, threaded);
		++*total;
	}
	return bad;
}

/* So that there is a network to attack. */
static void raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = number(socket(AF_INET, SOCK_DGRAM, 0));

	MUST(ioctl(fd, 0x8914 /* SIOCSIFFLAGS */, &request));
	close(fd);
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
	raise_loopback();
}

int main(void)
{
	int total = 0, bad = 0;
	bool root = geteuid() == 0;

	if (root) {
		go_private();
		bad += run_all("root", false, &total);
		MUST(setgroups(0, NULL));
		MUST(setresgid(65534, 65534, 65534));
		MUST(setresuid(65534, 65534, 65534));
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* as a process of that user's own */
	}
	bad += run_all("user", false, &total);
	bad += run_all("user, second thread", true, &total);
	printf("1..%d\n", total);
	return bad != 0;
}
