/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Does on this kernel what was done on FreeBSD's (tests/data/freebsd-*.jsonl), and prints the answers in the same form,
 * one JSON object a line. conformance.py compares them. Every answer comes from a child of its own, in a directory of
 * its own.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include <capsicum_easy.h>

#define FS_IOC_GETFLAGS_ 0x80086601u /* <linux/fs.h> and its kin are not there with every C library */
#define FS_IOC_SETFLAGS_ 0x40086602u
#define FS_NODUMP_FL_ 0x40
#define NR_FILE_SETATTR_ 469

static const cap_rights_t all = CE_ALL_RIGHTS;
static const cap_rights_t none = CE_NO_RIGHTS;

/* The errno of a call that fails, else 0. */
#define ANSWER(call) ((call) == -1 ? errno : 0)

static void broken(const char *what)
{
	perror(what);
	_exit(255);
}

#define MUST(call) ((call) == -1 ? broken(#call) : (void)0)

/* ---- what the operations are done on ---- */

/* Each function makes it in the working directory, and runs before the limit. */

static int other = -1; /* a second descriptor, never limited */
static int dir_other = -1;
static int flags;	   /* of the file, as chattr(1) sees them */
static char outside[4096]; /* an absolute path that is not beneath the directory */
static struct sockaddr_in address;

static int a_file(void)
{
	static char block[8192];
	int fd = open("file", O_RDWR | O_CREAT, 0755);

	memset(block, 'x', sizeof(block));
	MUST(write(fd, block, sizeof(block)));
	MUST(lseek(fd, 0, SEEK_SET));
	other = open("other", O_RDWR | O_CREAT, 0644);
	MUST(write(other, block, sizeof(block)));
	MUST(lseek(other, 0, SEEK_SET));
	return fd;
}

static int a_file_with_attribute(void)
{
	int fd = a_file();

	if (fsetxattr(fd, "user.ce", "v", 1, 0) == -1 && errno != EOPNOTSUPP)
		broken("fsetxattr");
	return fd;
}

static int an_executable(void)
{
	close(a_file());
	return open("file", O_RDONLY);
}

static int a_file_with_flags(void)
{
	int fd = a_file();

	if (ioctl(fd, FS_IOC_GETFLAGS_, &flags) == 0)
		flags |= FS_NODUMP_FL_;
	return fd;
}

static void fill_directory(const char *name)
{
	int fd;

	MUST(mkdir(name, 0755));
	fd = open(name, O_RDONLY | O_DIRECTORY);
	MUST(mkdirat(fd, "sub", 0755));
	MUST(mkdirat(fd, "empty", 0755));
	MUST(openat(fd, "file", O_RDWR | O_CREAT, 0644));
	MUST(openat(fd, "existing", O_RDWR | O_CREAT, 0644));
	MUST(symlinkat("file", fd, "link_in"));
	MUST(symlinkat("../secret", fd, "link_out"));
	close(fd);
}

static int a_directory(void)
{
	int fd;

	fill_directory("dir");
	fill_directory("dir2");
	MUST(open("secret", O_RDWR | O_CREAT, 0644));
	if (realpath("secret", outside) == NULL)
		broken("realpath");
	fd = open("dir", O_RDONLY | O_DIRECTORY);
	dir_other = open("dir2", O_RDONLY | O_DIRECTORY);
	MUST(syscall(SYS_close_range, 3, (unsigned)fd - 1, 0));
	return fd;
}

static int a_socketpair(void)
{
	int pair[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	MUST(write(pair[1], "hello", 5));
	a_file();
	return pair[0];
}

static int a_pipe_to_read(void)
{
	int ends[2];

	MUST(pipe(ends));
	MUST(write(ends[1], "hello", 5));
	return ends[0];
}

static int a_pipe_to_write(void)
{
	int ends[2];

	MUST(pipe(ends));
	return ends[1];
}

static void loopback(void)
{
	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

static int a_tcp_socket(void)
{
	loopback();
	return socket(AF_INET, SOCK_STREAM, 0);
}

static int a_udp_socket(void)
{
	loopback();
	address.sin_port = htons(9);
	return socket(AF_INET, SOCK_DGRAM, 0);
}

static int a_listener(void)
{
	socklen_t length = sizeof(address);
	int fd = a_tcp_socket();

	MUST(bind(fd, (struct sockaddr *)&address, sizeof(address)));
	MUST(listen(fd, 4));
	MUST(getsockname(fd, (struct sockaddr *)&address, &length));
	return fd;
}

/* A socket and where to connect it to. */
static int a_client(void)
{
	a_listener();
	return socket(AF_INET, SOCK_STREAM, 0);
}

static int a_connection(void)
{
	int fd = a_client();

	MUST(connect(fd, (struct sockaddr *)&address, sizeof(address)));
	return fd;
}

static int a_listener_with_a_caller(void)
{
	int fd = a_listener();

	MUST(connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof(address)));
	return fd;
}

/* ---- the operations: errno, or 0 for success ---- */

struct operation {
	const char *name;
	int (*make)(void);
	int (*run)(int fd);
};

static struct operation operations[256];
static size_t n_operations;

/* Names an operation, once: what it is done on, and the body of a function of its descriptor. */
#define OPERATION(make, name)                                                              \
	static int op_##name(int fd);                                                      \
	__attribute__((constructor)) static void add_##name(void)                          \
	{                                                                                  \
		operations[n_operations++] = (struct operation){ #name, make, op_##name }; \
	}                                                                                  \
	static int op_##name(int fd)

/* The same where it is one call. */
#define OP(make, name, call)         \
	OPERATION(make, name)        \
	{                            \
		return ANSWER(call); \
	}

static char buffer[64];
static const struct iovec vector = { buffer, 1 };
static struct stat status;

OP(a_file, read, read(fd, buffer, 1))
OP(a_file, write, write(fd, buffer, 1))
OP(a_file, readv, readv(fd, &vector, 1))
OP(a_file, writev, writev(fd, &vector, 1))
OP(a_file, pread, pread(fd, buffer, 1, 0))
OP(a_file, pwrite, pwrite(fd, buffer, 1, 0))
OP(a_file, preadv, preadv(fd, &vector, 1, 0))
OP(a_file, pwritev, pwritev(fd, &vector, 1, 0))
OP(a_file, lseek_tell, lseek(fd, 0, SEEK_CUR))
OP(a_file, lseek_set, lseek(fd, 0, SEEK_SET))
OP(a_file, ftruncate, ftruncate(fd, 100))
OP(a_file, fstat, fstat(fd, &status))
OP(a_file, fstatfs, fstatfs(fd, &(struct statfs){ 0 }))
OP(a_file, fchmod, fchmod(fd, 0600))
OP(a_file, fchown, fchown(fd, getuid(), getgid()))
OP(a_file, fsync, fsync(fd))
OP(a_file, fdatasync, fdatasync(fd))
OP(a_file, flock, syscall(SYS_flock, fd, 2 /* LOCK_EX */))
OP(a_file, fcntl_getfl, fcntl(fd, F_GETFL))
OP(a_file, fcntl_setfl, fcntl(fd, F_SETFL, O_NONBLOCK))
OP(a_file, fcntl_getfd, fcntl(fd, F_GETFD))
OP(a_file, fcntl_setfd, fcntl(fd, F_SETFD, FD_CLOEXEC))
OP(a_file, fcntl_getown, fcntl(fd, F_GETOWN))
OP(a_file, fcntl_setown, fcntl(fd, F_SETOWN, getpid()))
OP(a_file, fcntl_dupfd, fcntl(fd, F_DUPFD, 0))
OP(a_file, fcntl_setlk, fcntl(fd, F_SETLK, &(struct flock){ .l_type = F_WRLCK }))
OP(a_file, fcntl_getlk, fcntl(fd, F_GETLK, &(struct flock){ .l_type = F_WRLCK }))
OP(a_file, dup, dup(fd))
OP(a_file, dup2, dup2(fd, 99))
OP(a_file, close, close(fd))
OP(a_file, futimens, futimens(fd, NULL))
OP(a_file, futimes, futimes(fd, NULL))
OP(a_file, posix_fallocate, fallocate(fd, 0, 0, 10)) /* posix_fallocate() would write if it could not */
OP(a_file, ioctl_fionread, ioctl(fd, FIONREAD, &(int){ 0 }))
OP(a_file, ioctl_fionbio, ioctl(fd, FIONBIO, &(int){ 1 }))
OP(a_file, ioctl_fioclex, ioctl(fd, FIOCLEX))
OP(a_file, copy_file_range_in, copy_file_range(fd, &(off_t){ 0 }, other, NULL, 10, 0))
OP(a_file, copy_file_range_out, copy_file_range(other, NULL, fd, &(off_t){ 0 }, 10, 0))
OP(a_file, sendfile_in, sendfile(other, fd, NULL, 10))
OP(a_socketpair, sendfile_out, sendfile(fd, other, NULL, 10))
OP(a_file_with_attribute, xattr_get, fgetxattr(fd, "user.ce", buffer, sizeof(buffer)))
OP(a_file_with_attribute, xattr_set, fsetxattr(fd, "user.ce", "w", 1, 0))
OP(a_file_with_attribute, xattr_list, flistxattr(fd, buffer, sizeof(buffer)))
OP(a_file_with_attribute, xattr_del, fremovexattr(fd, "user.ce"))
OP(an_executable, fexecve, syscall(SYS_execveat, fd, "", (char *[]){ "x", NULL }, (char *[]){ NULL }, AT_EMPTY_PATH))
OP(a_file_with_flags, fchflags, ioctl(fd, FS_IOC_SETFLAGS_, &flags))

OPERATION(a_file, posix_fadvise)
{
	return posix_fadvise(fd, 0, 0, POSIX_FADV_NORMAL);
}

static int map(int fd, int protection, int kind)
{
	return mmap(NULL, 4096, protection, kind, fd, 0) == MAP_FAILED ? -1 : 0;
}

OP(a_file, mmap_none_shared, map(fd, PROT_NONE, MAP_SHARED))
OP(a_file, mmap_r_shared, map(fd, PROT_READ, MAP_SHARED))
OP(a_file, mmap_w_shared, map(fd, PROT_WRITE, MAP_SHARED))
OP(a_file, mmap_rw_shared, map(fd, PROT_READ | PROT_WRITE, MAP_SHARED))
OP(a_file, mmap_r_private, map(fd, PROT_READ, MAP_PRIVATE))
OP(a_file, mmap_w_private, map(fd, PROT_WRITE, MAP_PRIVATE))
OP(a_file, mmap_rw_private, map(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE))
OP(a_file, mmap_rx_private, map(fd, PROT_READ | PROT_EXEC, MAP_PRIVATE))

OPERATION(a_file, mprotect_w_after_r_shared)
{
	void *at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

	return at == MAP_FAILED ? errno : ANSWER(mprotect(at, 4096, PROT_READ | PROT_WRITE));
}

/* poll() itself does not fail: POLLNVAL is what the descriptor's EBADF looks like. */
OPERATION(a_file, poll)
{
	struct pollfd one = { fd, POLLIN, 0 };
	int answer = ANSWER(poll(&one, 1, 0));

	return answer == 0 && (one.revents & POLLNVAL) != 0 ? EBADF : answer;
}

OPERATION(a_file, select)
{
	struct timeval now = { 0, 0 };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	return ANSWER(select(fd + 1, &set, NULL, NULL, &now));
}

OP(a_directory, openat_rdonly, openat(fd, "file", O_RDONLY))
OP(a_directory, openat_wronly, openat(fd, "file", O_WRONLY))
OP(a_directory, openat_wronly_append, openat(fd, "file", O_WRONLY | O_APPEND))
OP(a_directory, openat_rdwr, openat(fd, "file", O_RDWR))
OP(a_directory, openat_rdwr_append, openat(fd, "file", O_RDWR | O_APPEND))
OP(a_directory, openat_creat_wronly, openat(fd, "new", O_WRONLY | O_CREAT, 0600))
OP(a_directory, openat_creat_rdonly, openat(fd, "new", O_RDONLY | O_CREAT, 0600))
OP(a_directory, openat_creat_existing, openat(fd, "file", O_WRONLY | O_CREAT, 0600))
OP(a_directory, openat_creat_excl, openat(fd, "new", O_WRONLY | O_CREAT | O_EXCL, 0600))
OP(a_directory, openat_trunc, openat(fd, "file", O_WRONLY | O_TRUNC))
OP(a_directory, openat_sync, openat(fd, "file", O_WRONLY | O_SYNC))
OP(a_directory, openat_directory, openat(fd, "sub", O_RDONLY | O_DIRECTORY))
OP(a_directory, openat_self, openat(fd, ".", O_RDONLY))
OP(a_directory, openat_dotdot_out, openat(fd, "../secret", O_RDONLY))
OP(a_directory, openat_dotdot_in, openat(fd, "sub/../file", O_RDONLY))
OP(a_directory, openat_absolute, openat(fd, outside, O_RDONLY))
OP(a_directory, openat_symlink_in, openat(fd, "link_in", O_RDONLY))
OP(a_directory, openat_symlink_out, openat(fd, "link_out", O_RDONLY))
OP(a_directory, fstatat, fstatat(fd, "file", &status, 0))
OP(a_directory, faccessat, faccessat(fd, "file", R_OK, 0))
OP(a_directory, fchmodat, fchmodat(fd, "file", 0600, 0))
OP(a_directory, fchownat, fchownat(fd, "file", getuid(), getgid(), 0))
OP(a_directory, utimensat, utimensat(fd, "file", NULL, 0))
OP(a_directory, mkdirat, mkdirat(fd, "new", 0700))
OP(a_directory, mkfifoat, mkfifoat(fd, "new", 0600))
OP(a_directory, mknodat_fifo, mknodat(fd, "new", S_IFIFO | 0600, 0))
OP(a_directory, symlinkat, symlinkat("file", fd, "new"))
OP(a_directory, readlinkat, readlinkat(fd, "link_in", buffer, sizeof(buffer)))
OP(a_directory, unlinkat, unlinkat(fd, "file", 0))
OP(a_directory, unlinkat_dir, unlinkat(fd, "empty", AT_REMOVEDIR))
OP(a_directory, linkat_src, linkat(fd, "file", dir_other, "new", 0))
OP(a_directory, linkat_dst, linkat(dir_other, "file", fd, "new", 0))
OP(a_directory, renameat_src, renameat(fd, "file", dir_other, "new"))
OP(a_directory, renameat_dst, renameat(dir_other, "file", fd, "new"))
OP(a_directory, renameat_dst_existing, renameat(dir_other, "file", fd, "existing"))
OP(a_directory, fchdir, fchdir(fd))
OP(a_directory, readdir, syscall(SYS_getdents64, fd, outside, sizeof(outside)))
OP(a_directory, dir_fstat, fstat(fd, &status))
OP(a_directory, chflagsat, syscall(NR_FILE_SETATTR_, fd, "file", (uint64_t[3]){ 0 }, 24, 0))

OP(a_tcp_socket, bind, bind(fd, (struct sockaddr *)&address, sizeof(address)))
OP(a_client, connect, connect(fd, (struct sockaddr *)&address, sizeof(address)))
OP(a_tcp_socket, listen, listen(fd, 4))
OP(a_listener_with_a_caller, accept, accept(fd, NULL, NULL))
OP(a_listener_with_a_caller, accept4, accept4(fd, NULL, NULL, SOCK_CLOEXEC))
OP(a_connection, getsockname, getsockname(fd, (struct sockaddr *)&address, &(socklen_t){ sizeof(address) }))
OP(a_connection, getpeername, getpeername(fd, (struct sockaddr *)&address, &(socklen_t){ sizeof(address) }))
OP(a_connection, getsockopt, getsockopt(fd, SOL_SOCKET, SO_ERROR, buffer, &(socklen_t){ sizeof(buffer) }))
OP(a_connection, setsockopt, setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &(int){ 1 }, sizeof(int)))
OP(a_connection, shutdown, shutdown(fd, SHUT_RDWR))
OP(a_socketpair, send, send(fd, buffer, 1, 0))
OP(a_socketpair, recv, recv(fd, buffer, 1, 0))
OP(a_socketpair, sendmsg, sendmsg(fd, &(struct msghdr){ .msg_iov = (struct iovec *)&vector, .msg_iovlen = 1 }, 0))
OP(a_socketpair, recvmsg, recvmsg(fd, &(struct msghdr){ .msg_iov = (struct iovec *)&vector, .msg_iovlen = 1 }, 0))
OP(a_udp_socket, sendto_addr, sendto(fd, buffer, 1, 0, (struct sockaddr *)&address, sizeof(address)))
OP(a_socketpair, sock_read, read(fd, buffer, 1))
OP(a_socketpair, sock_write, write(fd, buffer, 1))
OP(a_pipe_to_read, pipe_read, read(fd, buffer, 1))
OP(a_pipe_to_write, pipe_write, write(fd, buffer, 1))

/* ---- calls that take no limited descriptor ---- */

/* Those that would change the machine are only tried inside, where they are refused. */
enum where { OUTSIDE_TOO, ONLY_INSIDE };

struct mode_call {
	const char *name;
	int (*run)(void);
	enum where where;
};

static struct mode_call mode_calls[128];
static size_t n_mode_calls;

/* As OPERATION and OP. */
#define MODE_CALL(where, name)                                                                \
	static int call_##name(void);                                                         \
	__attribute__((constructor)) static void add_call_##name(void)                        \
	{                                                                                     \
		mode_calls[n_mode_calls++] = (struct mode_call){ #name, call_##name, where }; \
	}                                                                                     \
	static int call_##name(void)

#define CALL_WHERE(where, name, call) \
	MODE_CALL(where, name)        \
	{                             \
		return ANSWER(call);  \
	}

#define CALL(name, call) CALL_WHERE(OUTSIDE_TOO, name, call)
#define INSIDE(name, call) CALL_WHERE(ONLY_INSIDE, name, call)

static int unix_socket;
static int tcp_socket;
static int udp_socket;
static struct sockaddr_un local;

/* What must be there before capability mode is entered. */
static void prepare_calls(void)
{
	unix_socket = socket(AF_UNIX, SOCK_STREAM, 0);
	tcp_socket = a_tcp_socket();
	udp_socket = a_udp_socket();
	local.sun_family = AF_UNIX;
	strcpy(local.sun_path, "socket");
	MUST(open("file", O_RDWR | O_CREAT, 0755));
	MUST(syscall(SYS_close_range, 10, ~0u, 0));
}

static void *thread_body(void *unused)
{
	return unused;
}

MODE_CALL(OUTSIDE_TOO, pthread)
{
	pthread_t thread;
	int answer = pthread_create(&thread, NULL, thread_body, NULL);

	return answer != 0 ? answer : pthread_join(thread, NULL);
}

MODE_CALL(OUTSIDE_TOO, fork)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return ANSWER(pid);
}

MODE_CALL(OUTSIDE_TOO, fork_waitpid)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return ANSWER(waitpid(pid, NULL, 0));
}

MODE_CALL(OUTSIDE_TOO, shm_open_named)
{
	char name[64];
	int answer;

	snprintf(name, sizeof(name), "/ce-test-%d", (int)getpid());
	answer = ANSWER(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600));
	shm_unlink(name);
	return answer;
}

MODE_CALL(OUTSIDE_TOO, setrlimit)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == -1 ? errno : ANSWER(setrlimit(RLIMIT_NOFILE, &limit));
}

/* As the FreeBSD program did: "not in capability mode" is EINVAL. */
MODE_CALL(OUTSIDE_TOO, cap_getmode)
{
	unsigned mode = 2;
	int answer = ANSWER(cap_getmode(&mode));

	return answer != 0 ? answer : mode == 1 ? 0 : EINVAL;
}

MODE_CALL(OUTSIDE_TOO, cap_sandboxed)
{
	cap_sandboxed();
	return 0;
}

static struct timespec moment;
static struct sched_param parameter;

CALL(open_absolute, open("/etc/passwd", O_RDONLY))
CALL(open_relative, open("file", O_RDONLY))
CALL(openat_fdcwd, openat(AT_FDCWD, "missing", O_RDONLY))
CALL(creat, creat("new", 0600))
CALL(stat, stat("file", &status))
CALL(lstat, lstat("file", &status))
CALL(access, access("file", R_OK))
CALL(chdir, chdir("."))
CALL(chroot, chroot("."))
CALL(mkdir, mkdir("new", 0700))
CALL(unlink, unlink("missing"))
CALL(rename, rename("missing", "new"))
CALL(readlink, readlink("file", buffer, sizeof(buffer)))
CALL(symlink, symlink("file", "new"))
CALL(chmod, chmod("missing", 0600))
CALL(truncate, truncate("missing", 0))
CALL(utimes, utimes("missing", NULL))
CALL(statfs, statfs(".", &(struct statfs){ 0 }))
CALL(execve, execve("./missing", (char *[]){ "x", NULL }, (char *[]){ NULL }))
CALL(kill_self_0, kill(getpid(), 0))
CALL(kill_parent_0, kill(getppid(), 0))
CALL(kill_init_0, kill(1, 0))
CALL(killpg_0, killpg(getpgrp(), 0))
CALL(raise_0, raise(0))
CALL(getpid, getpid())
CALL(getuid, (int)getuid() >= 0 ? 0 : -1)
CALL(socket_tcp, socket(AF_INET, SOCK_STREAM, 0))
CALL(socket_udp, socket(AF_INET, SOCK_DGRAM, 0))
CALL(socket_unix, socket(AF_UNIX, SOCK_STREAM, 0))
CALL(socketpair, socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){ 0 }))
CALL(pipe, pipe((int[2]){ 0 }))
CALL(bind_inet, bind(tcp_socket, (struct sockaddr *)&(struct sockaddr_in){ .sin_family = AF_INET }, sizeof(address)))
CALL(connect_inet, connect(tcp_socket, (struct sockaddr *)&address, sizeof(address)))
CALL(sendto_inet, sendto(udp_socket, buffer, 1, 0, (struct sockaddr *)&address, sizeof(address)))
CALL(listen_unbound, listen(tcp_socket, 1))
CALL(bind_unix, bind(unix_socket, (struct sockaddr *)&local, sizeof(local)))
CALL(connect_unix, connect(unix_socket, (struct sockaddr *)&local, sizeof(local)))
CALL(shm_open_anon, memfd_create("anonymous", 0))
CALL(gethostname, gethostname(outside, sizeof(outside)))
INSIDE(sethostname, sethostname("never", 5))
CALL(getrlimit, getrlimit(RLIMIT_NOFILE, &(struct rlimit){ 0 }))
CALL(getrusage, getrusage(RUSAGE_SELF, &(struct rusage){ 0 }))
CALL(clock_gettime, clock_gettime(CLOCK_REALTIME, &moment))
INSIDE(clock_settime, clock_settime(CLOCK_REALTIME, &moment))
CALL(nanosleep, nanosleep(&moment, NULL))
CALL(sched_yield, sched_yield())
CALL(umask, umask(022) == (mode_t)-1 ? -1 : 0)
CALL(setuid_self, setuid(getuid()))
CALL(setgid_self, setgid(getgid()))
CALL(getpriority, getpriority(PRIO_PROCESS, 0))
CALL(setpriority, setpriority(PRIO_PROCESS, 0, 10))
CALL(setsid, setsid())
CALL(getpgid_other, getpgid(getppid()))
CALL(getsid_0, getsid(0))
CALL(mmap_anon, map(-1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS))
CALL(mmap_anon_exec, map(-1, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS))
CALL(mlock, mlock(buffer, 1))
CALL(sync, (sync(), 0))
CALL(sigaction, sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL))
CALL(sched_getparam_other, sched_getparam(getppid(), &parameter))
CALL(getgroups, getgroups(0, NULL))
CALL(cap_enter_again, cap_enter())
INSIDE(mount, mount("none", "missing", "missing", 0, NULL))
INSIDE(ptrace, (int)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL))

/* ---- one child for each answer ---- */

static int remove_entry(const char *path, const struct stat *unused, int type, struct FTW *walk)
{
	(void)unused;
	(void)type;
	(void)walk;
	return remove(path);
}

/* Runs body(argument) in a child in an empty directory; what it returns, 0 to 254. Standard output stays open to it. */
static int in_child(int (*body)(const void *), const void *argument)
{
	char path[] = "/tmp/ce-conformance-XXXXXX";
	int result = -1;
	pid_t pid;

	if (mkdtemp(path) == NULL)
		broken("mkdtemp");
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(30);
		MUST(syscall(SYS_close_range, 3, ~0u, 0));
		MUST(chdir(path));
		_exit(body(argument));
	}
	waitpid(pid, &result, 0);
	nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	if (!WIFEXITED(result) || WEXITSTATUS(result) == 255) {
		fprintf(stderr, "conformance: a probe broke (status %d)\n", result);
		exit(1);
	}
	return WEXITSTATUS(result);
}

static const char *answer_name(int error)
{
	static char number[16];

	switch (error) {
#define NAME(e) \
	case e: \
		return #e;
	case 0:
		return "ok";
		NAME(ENOTCAPABLE)
		NAME(ECAPMODE)
		NAME(EACCES)
		NAME(EBADF)
		NAME(EINVAL)
		NAME(ENODATA)
		NAME(ENOENT)
		NAME(ENOEXEC)
		NAME(ENOSYS)
		NAME(ENOTTY)
		NAME(EOPNOTSUPP)
		NAME(EPERM)
		NAME(EXDEV)
		NAME(ECONNREFUSED)
#undef NAME
	}
	snprintf(number, sizeof(number), "errno %d", error);
	return number;
}

/* An operation, and what is done to its descriptor first. */
struct probe {
	const struct operation *operation;
	const cap_rights_t *rights; /* NULL: not limited */
	bool enter;
};

static int run_probe(const void *argument)
{
	const struct probe *probe = argument;
	int fd = probe->operation->make();

	MUST(fd);
	if (probe->rights != NULL)
		MUST(cap_rights_limit(fd, probe->rights));
	if (probe->enter)
		MUST(cap_enter());
	return probe->operation->run(fd);
}

static int answer(const struct operation *operation, const cap_rights_t *rights, bool enter)
{
	const struct probe probe = { operation, rights, enter };

	return in_child(run_probe, &probe);
}

/* Every single right bit without which the operation does not end as it does without a limit. */
static void print_needs(const struct operation *operation, int unlimited)
{
	const char *separator = "";
	int word, bit;

	for (word = 0; word < 2; word++) {
		for (bit = 0; bit < 57; bit++) {
			cap_rights_t rights = all;
			int result;

			if ((all.cr_rights[word] >> bit & 1) == 0)
				continue;
			rights.cr_rights[word] &= ~(1ull << bit);
			result = answer(operation, &rights, false);
			if (result == unlimited)
				continue;
			printf("%s[%d,\"0x%llx\",\"%s\"]", separator, word, 1ull << bit, answer_name(result));
			separator = ",";
		}
	}
}

static void print_operation(const struct operation *operation)
{
	int unlimited = answer(operation, NULL, false);

	printf("{\"op\":\"%s\",\"unlimited\":\"%s\",", operation->name, answer_name(unlimited));
	printf("\"no_rights\":\"%s\",", answer_name(answer(operation, &none, false)));
	printf("\"all_rights\":\"%s\",", answer_name(answer(operation, &all, false)));
	printf("\"capmode\":\"%s\",\"needs\":[", answer_name(answer(operation, NULL, true)));
	print_needs(operation, unlimited);
	printf("]}\n");
}

static int run_outside(const void *argument)
{
	prepare_calls();
	return ((const struct mode_call *)argument)->run();
}

static int run_inside(const void *argument)
{
	prepare_calls();
	MUST(cap_enter());
	return ((const struct mode_call *)argument)->run();
}

static void print_mode_call(const struct mode_call *call)
{
	printf("{\"mode\":\"%s\",", call->name);
	if (call->where == OUTSIDE_TOO)
		printf("\"outside\":\"%s\",", answer_name(in_child(run_outside, call)));
	printf("\"inside\":\"%s\"}\n", answer_name(in_child(run_inside, call)));
}

/* ---- the rules of limiting: one child prints all lines ---- */

static void print_rights(int fd)
{
	cap_rights_t rights;

	MUST(cap_rights_get(fd, &rights));
	printf("\"rights\":[\"0x%" PRIx64 "\",\"0x%" PRIx64 "\"]", rights.cr_rights[0], rights.cr_rights[1]);
}

static void limit_line(const char *what, long long rc)
{
	int error = rc == -1 ? errno : 0;

	printf("{\"limit\":\"%s\",\"rc\":%lld,\"errno\":\"%s\"}\n", what, rc, answer_name(error));
}

static void fcntls_line(const char *what, int fd)
{
	uint32_t fcntls = 0;
	int rc = cap_fcntls_get(fd, &fcntls);

	limit_line(what, rc == -1 ? -1 : (long long)fcntls);
}

static void print_rights_lines(void)
{
	const cap_rights_t zero = { { 0, 0 } };
	const cap_rights_t unused = { { CAPRIGHT(0, 1ull << 55), CAPRIGHT(1, 0) } };
	cap_rights_t rights;
	int fd = a_file();

	printf("{\"limit\":\"rights of a new descriptor\",");
	print_rights(fd);
	printf("}\n");
	fcntls_line("fcntls_get new", fd);
	limit_line("ioctls_get new", cap_ioctls_get(fd, NULL, 0));
	limit_line("rights_limit shrink", cap_rights_limit(fd, CE_SET(CAP_READ, CAP_WRITE)));
	limit_line("rights_limit same", cap_rights_limit(fd, CE_SET(CAP_READ, CAP_WRITE)));
	limit_line("rights_limit grow", cap_rights_limit(fd, CE_SET(CAP_READ, CAP_WRITE, CAP_SEEK)));
	limit_line("rights_limit bad fd", cap_rights_limit(-1, CE_SET(CAP_READ)));
	limit_line("rights_limit closed fd", cap_rights_limit(500, CE_SET(CAP_READ)));
	limit_line("rights_limit all-zero struct", cap_rights_limit(fd, &zero));
	limit_line("rights_get bad fd", cap_rights_get(-1, &rights));
	limit_line("rights_limit unused bit", cap_rights_limit(fd, &unused));
}

static void print_ioctls_lines(void)
{
	const unsigned long commands[] = { FIOCLEX, FIONCLEX, FIONREAD };
	unsigned long back[2];
	int fd = a_file();

	limit_line("ioctls_limit 2", cap_ioctls_limit(fd, commands, 2));
	limit_line("ioctls_get 2", cap_ioctls_get(fd, back, 2));
	limit_line("ioctls_get 2 into 1", cap_ioctls_get(fd, back, 1));
	limit_line("ioctls_get 2 count only", cap_ioctls_get(fd, NULL, 0));
	limit_line("ioctls_limit grow", cap_ioctls_limit(fd, commands, 3));
	limit_line("ioctls_limit shrink", cap_ioctls_limit(fd, commands, 1));
	limit_line("ioctl allowed cmd", ioctl(fd, commands[0]));
	limit_line("ioctl other cmd", ioctl(fd, commands[1]));
	limit_line("ioctls_limit none", cap_ioctls_limit(fd, NULL, 0));
	limit_line("ioctls_get none", cap_ioctls_get(fd, back, 2));
	limit_line("ioctl after none", ioctl(fd, commands[0]));
}

static void print_fcntls_lines(void)
{
	int fd = a_file();

	limit_line("fcntls_limit GETFL", cap_fcntls_limit(fd, CAP_FCNTL_GETFL));
	fcntls_line("fcntls_get", fd);
	limit_line("fcntl GETFL", fcntl(fd, F_GETFL) == -1 ? -1 : 0);
	limit_line("fcntl SETFL", fcntl(fd, F_SETFL, 0));
	limit_line("fcntls_limit grow", cap_fcntls_limit(fd, CAP_FCNTL_GETFL | CAP_FCNTL_SETFL));
	limit_line("fcntls_limit bad bit", cap_fcntls_limit(fd, 1));
	limit_line("fcntls_limit none", cap_fcntls_limit(fd, 0));
}

static void print_losing_lines(void)
{
	const unsigned long command = FIOCLEX;
	int fd = a_file();

	MUST(cap_rights_limit(fd, CE_SET(CAP_READ)));
	fcntls_line("after losing CAP_FCNTL: fcntls_get", fd);
	limit_line("after losing CAP_IOCTL: ioctls_get", cap_ioctls_get(fd, NULL, 0));
	limit_line("after losing CAP_FCNTL: fcntls_limit", cap_fcntls_limit(fd, CAP_FCNTL_GETFL));
	limit_line("after losing CAP_IOCTL: ioctls_limit", cap_ioctls_limit(fd, &command, 1));
	limit_line("fcntls_limit 0 without CAP_FCNTL", cap_fcntls_limit(fd, 0));
}

static void print_many_ioctls_lines(void)
{
	const unsigned long twice[] = { FIOCLEX, FIOCLEX };
	unsigned long commands[257];
	size_t i;
	int fd = a_file();

	for (i = 0; i < 257; i++)
		commands[i] = i + 1;
	limit_line("ioctls_limit 256", cap_ioctls_limit(fd, commands, 256));
	limit_line("ioctls_limit 257 fresh", cap_ioctls_limit(a_file(), commands, 257));
	fd = a_file();
	limit_line("ioctls_limit duplicates", cap_ioctls_limit(fd, twice, 2));
	limit_line("ioctls_get duplicates", cap_ioctls_get(fd, commands, 2));
}

static int run_limit_lines(const void *unused)
{
	(void)unused;
	print_rights_lines();
	print_ioctls_lines();
	print_fcntls_lines();
	print_losing_lines();
	print_many_ioctls_lines();
	fflush(stdout);
	return 0;
}

/* ---- descriptors made from limited ones ---- */

static void derived_line(const char *what, int fd)
{
	printf("{\"derived\":\"%s\",\"result\":\"%s\"", what, answer_name(ANSWER(fd)));
	if (fd != -1) {
		printf(",");
		print_rights(fd);
	}
	printf("}\n");
}

static void parent_line(const char *what, int fd)
{
	printf("{\"derived\":\"%s\",", what);
	print_rights(fd);
	printf("}\n");
}

/* Sends a descriptor to ourselves; what comes back, or -1. */
static int passed(int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .header = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct msghdr message = { .msg_iov = (struct iovec *)&vector,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	int pair[2];

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	if (sendmsg(pair[0], &message, 0) == -1)
		return -1;
	MUST(recvmsg(pair[1], &message, 0));
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

static int run_derived_lines(const void *unused)
{
	const cap_rights_t directory = { { 0x20000000008040dull, 0x400000000000000ull } };
	const cap_rights_t socket_rights = { { 0x200000020000003ull, 0x400000000000000ull } };
	int listener = a_listener_with_a_caller();
	int fd = a_directory();

	(void)unused;
	listener = a_listener_with_a_caller();
	MUST(cap_rights_limit(fd, &directory));
	parent_line("parent directory", fd);
	derived_line("openat file", openat(fd, "file", O_RDONLY));
	derived_line("openat directory", openat(fd, "sub", O_RDONLY | O_DIRECTORY));
	derived_line("dup", dup(fd));
	derived_line("dup2", dup2(fd, 99));
	derived_line("fcntl F_DUPFD", fcntl(fd, F_DUPFD, 0));
	derived_line("SCM_RIGHTS", passed(fd));
	MUST(cap_rights_limit(listener, &socket_rights));
	parent_line("parent socket", listener);
	derived_line("accept", accept(listener, NULL, NULL));
	fflush(stdout);
	return 0;
}

static int run_reuse_line(const void *unused)
{
	int fd = a_file();
	int again;

	(void)unused;
	MUST(cap_rights_limit(fd, CE_SET(CAP_READ)));
	MUST(close(fd));
	again = open("file", O_RDWR);
	printf("{\"reuse\":\"number of a closed limited descriptor\",\"same_number\":%s,",
	       again == fd ? "true" : "false");
	print_rights(again);
	printf("}\n");
	fflush(stdout);
	return 0;
}

int main(void)
{
	size_t i;

	printf("{\"enforcement\":%u}\n", ce_enforcement());
	for (i = 0; i < n_mode_calls; i++)
		print_mode_call(&mode_calls[i]);
	in_child(run_limit_lines, NULL);
	in_child(run_derived_lines, NULL);
	in_child(run_reuse_line, NULL);
	for (i = 0; i < n_operations; i++)
		print_operation(&operations[i]);
	return 0;
}
