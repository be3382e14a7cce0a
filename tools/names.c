/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers the calls of a program in capability mode that name files (Linux).
 *
 * Capability mode refuses a path from the root or the working directory. A filter of our own in front of it makes such
 * a call a signal, SIGSYS, and its handler makes the call again beneath the descriptor that is held for that name.
 * Whatever the handler does is a call in capability mode like any other: it can do nothing that the program could not,
 * so this is convenience, not enforcement. A name that is not known here is left to the kernel, which refuses it.
 *
 * The handler runs on the program's stacks and with its thread pointer, so it uses nothing of libc.
 */
#define _GNU_SOURCE
#include "names.h"

#include <capsicum_easy.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define PATH_SIZE 2048 /* of a path in the handler, which may run on a small stack */
#define KERNEL_SIGSET 8
#ifndef SYS_SECCOMP /* of <asm-generic/siginfo.h>: a filter made the signal */
#define SYS_SECCOMP 1
#endif

static struct name names[NAMES_MAX];
static int count;
static struct held_socket sockets[SOCKETS_MAX];
static int socket_count;
static char working[PATH_SIZE];
static bool others_absent;

/* ---- names ---- */

bool names_add(const struct name *name)
{
	if (count == NAMES_MAX)
		return false;
	names[count++] = *name;
	return true;
}

bool names_add_socket(const struct held_socket *held)
{
	if (socket_count == SOCKETS_MAX)
		return false;
	sockets[socket_count++] = *held;
	return true;
}

static unsigned length_of(const char *text)
{
	unsigned n = 0;

	while (text[n] != '\0')
		n++;
	return n;
}

static bool begins_with(const char *text, const char *start, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (text[i] != start[i])
			return false;
	return true;
}

/* Appends one part of a path, or for ".." takes the last one away. */
static bool append(char *out, unsigned size, unsigned *length, const char *part, unsigned n)
{
	unsigned i;

	if (n == 0 || (n == 1 && part[0] == '.'))
		return true;
	if (n == 2 && part[0] == '.' && part[1] == '.') {
		while (*length > 0 && out[--*length] != '/')
			;
		return true;
	}
	if (*length + n + 2 > size)
		return false;
	out[(*length)++] = '/';
	for (i = 0; i < n; i++)
		out[(*length)++] = part[i];
	return true;
}

bool names_normal(char *out, unsigned size, const char *directory, const char *path)
{
	const char *texts[2];
	unsigned length = 0;
	int i;

	texts[0] = path[0] == '/' ? "" : directory;
	texts[1] = path;
	for (i = 0; i < 2; i++) {
		const char *at = texts[i];

		while (*at != '\0') {
			unsigned n = 0;

			while (at[n] != '\0' && at[n] != '/')
				n++;
			if (!append(out, size, &length, at, n))
				return false;
			at += n + (at[n] == '/');
		}
	}
	if (length == 0)
		out[length++] = '/';
	out[length] = '\0';
	return true;
}

struct name *names_find(const char *path)
{
	unsigned length = length_of(path);
	int i;

	for (i = 0; i < count; i++)
		if (length_of(names[i].path) == length && begins_with(path, names[i].path, length))
			return &names[i];
	return NULL;
}

/* The name for a path: its own, or that of the nearest directory above it; *rest is what follows. */
static struct name *find_nearest(const char *path, const char **rest)
{
	struct name *found = names_find(path);
	unsigned best = 0;
	int i;

	*rest = "";
	if (found != NULL && found->kind != NAME_PARENT)
		return found;
	for (i = 0; i < count; i++) {
		unsigned n = length_of(names[i].path);

		if (names[i].kind != NAME_DIRECTORY || !begins_with(path, names[i].path, n))
			continue;
		if (n > best && (path[n] == '/' || n == 1)) {
			best = n;
			found = &names[i];
			*rest = path + n + (path[n] == '/');
		}
	}
	return found;
}

static int narrower = -1;
static unsigned narrower_flags;

void names_narrow(int ruleset, unsigned flags)
{
	narrower = ruleset;
	narrower_flags = flags;
}

void names_loaded(void)
{
	extern long names_call(long number, ...) __attribute__((visibility("hidden")));
	int i, kept = 0;

	if (narrower >= 0) {
		if (names_call(SYS_landlock_restrict_self, (long)narrower, (long)narrower_flags) != 0)
			names_call(SYS_exit_group, 126L); /* EXIT_NOT_STARTED: the program's own code has not begun */
		names_call(SYS_close, (long)narrower);
	}
	for (i = 0; i < count; i++) {
		if (names[i].loading) {
			for (; names[i].copies >= 0; names[i].copies--)
				names_call(SYS_close, (long)names[i].fd + names[i].copies);
		} else {
			names[kept++] = names[i];
		}
	}
	count = kept;
}

/* ---- system calls ---- */

/* The one place from which a call goes to the kernel unseen by our filter: it knows the address. */
#if defined(__x86_64__)
__asm__(".text\n"
	".hidden names_call\n.globl names_call\n.type names_call, @function\n"
	"names_call:\n"
	"\tmov %rdi, %rax\n\tmov %rsi, %rdi\n\tmov %rdx, %rsi\n\tmov %rcx, %rdx\n\tmov %r8, %r10\n\tmov %r9, %r8\n"
	"\tmov 8(%rsp), %r9\n\tsyscall\n"
	".hidden names_called\n.globl names_called\n"
	"names_called:\n\tret\n");
#define ARCHITECTURE AUDIT_ARCH_X86_64
#else
__asm__(".text\n"
	".hidden names_call\n.globl names_call\n.type names_call, %function\n"
	"names_call:\n"
	"\tmov x8, x0\n\tmov x0, x1\n\tmov x1, x2\n\tmov x2, x3\n\tmov x3, x4\n\tmov x4, x5\n\tmov x5, x6\n\tsvc 0\n"
	".hidden names_called\n.globl names_called\n"
	"names_called:\n\tret\n");
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif
extern long names_call(long number, ...) __attribute__((visibility("hidden")));
extern const char names_called[] __attribute__((visibility("hidden")));

/* A call in the form that names a directory's descriptor, which all of them have. */
struct call {
	long number;
	long arguments[6];
};

static long make(const struct call *call)
{
	const long *a = call->arguments;

	return names_call(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

#ifdef __x86_64__
/* The older forms without a descriptor; one or two paths come first. */
static const struct {
	short number;
	short at;
	short paths;
	short flag_at; /* where the new form has this flag */
	int flag;
} older[] = {
	{ SYS_open, SYS_openat, 1, 0, 0 },
	{ SYS_stat, SYS_newfstatat, 1, 3, 0 },
	{ SYS_lstat, SYS_newfstatat, 1, 3, AT_SYMLINK_NOFOLLOW },
	{ SYS_access, SYS_faccessat, 1, 0, 0 },
	{ SYS_readlink, SYS_readlinkat, 1, 0, 0 },
	{ SYS_mkdir, SYS_mkdirat, 1, 0, 0 },
	{ SYS_rmdir, SYS_unlinkat, 1, 2, AT_REMOVEDIR },
	{ SYS_unlink, SYS_unlinkat, 1, 2, 0 },
	{ SYS_mknod, SYS_mknodat, 1, 0, 0 },
	{ SYS_rename, SYS_renameat, 2, 0, 0 },
	{ SYS_link, SYS_linkat, 2, 4, 0 },
};

static void modernize(struct call *call)
{
	const long a[6] = { call->arguments[0], call->arguments[1], call->arguments[2], call->arguments[3] };
	const struct call creat = { SYS_openat, { AT_FDCWD, a[0], O_CREAT | O_WRONLY | O_TRUNC, a[1] } };
	const struct call symlink = { SYS_symlinkat, { a[0], AT_FDCWD, a[1] } };
	unsigned i;

	if (call->number == SYS_creat)
		*call = creat;
	else if (call->number == SYS_symlink)
		*call = symlink;
	for (i = 0; i < sizeof(older) / sizeof(older[0]); i++) {
		struct call new = { older[i].at, { AT_FDCWD, a[0], a[1], a[2], a[3] } };

		if (older[i].number != call->number)
			continue;
		if (older[i].paths == 2) {
			new.arguments[2] = AT_FDCWD;
			new.arguments[3] = a[1];
		}
		if (older[i].flag_at != 0)
			new.arguments[older[i].flag_at] = older[i].flag;
		*call = new;
		return;
	}
}
#else
static void modernize(struct call *call)
{
	(void)call;
}
#endif

/* ---- one name ---- */

static long stat_of(int fd, struct stat *status)
{
	return names_call(SYS_fstat, (long)fd, (long)status);
}

/* A file that we made is none to the program, before it makes it itself. */
static bool is_unmade(const struct name *name)
{
	return __atomic_load_n(&name->created, __ATOMIC_RELAXED);
}

static long may_open(struct name *name, long flags)
{
	const long access = flags & O_ACCMODE, had = name->flags & O_ACCMODE;
	struct stat status;

	if ((flags & O_CREAT) == 0 && is_unmade(name))
		return -ENOENT;
	if ((flags & O_TMPFILE) == O_DIRECTORY && stat_of(name->fd, &status) == 0 && !S_ISDIR(status.st_mode))
		return -ENOTDIR;
	if (access != had && had != O_RDWR)
		return -ENOTCAPABLE;
	if ((flags & O_CREAT) != 0 && !__atomic_exchange_n(&name->created, false, __ATOMIC_RELAXED) &&
	    (flags & O_EXCL) != 0)
		return -EEXIST;
	return 0;
}

/* Gives the program one of the copies. */
static long open_file(struct name *name, long flags)
{
	long error = may_open(name, flags);
	long fd;

	if (error != 0)
		return error;
	fd = __atomic_fetch_add(&name->given, 1, __ATOMIC_RELAXED);
	if (fd >= name->copies)
		return -EMFILE;
	fd += name->fd + 1;
	if ((flags & O_TRUNC) != 0 && (name->flags & O_TRUNC) == 0)
		error = names_call(SYS_ftruncate, fd, 0L);
	if (error == 0 && (flags & O_APPEND) != 0 && (name->flags & O_APPEND) == 0)
		error = names_call(SYS_fcntl, fd, (long)F_SETFL, (long)O_APPEND);
	if (error == 0)
		names_call(SYS_fcntl, fd, (long)F_SETFD, (long)((flags & O_CLOEXEC) != 0 ? FD_CLOEXEC : 0));
	return error < 0 ? error : fd;
}

/* What access(2) says of the file's mode and of how it was opened. */
static long access_of(const struct name *name, long wanted)
{
	struct stat status;
	long error = stat_of(name->fd, &status);

	if (error < 0)
		return error;
	if ((wanted & W_OK) != 0 && (name->flags & O_ACCMODE) == O_RDONLY)
		return -EACCES;
	return (wanted & X_OK) != 0 && (status.st_mode & 0111) == 0 ? -EACCES : 0;
}

/* Whether a call asks about a name, and does nothing to it. */
static bool is_question(long number)
{
	return number == SYS_newfstatat || number == SYS_statx || number == SYS_faccessat || number == SYS_faccessat2 ||
	       number == SYS_readlinkat;
}

/* A call on the name itself; false if there is no such call, and the kernel has the word. */
static bool serve_itself(struct name *name, const struct call *call, long *result)
{
	const long *a = call->arguments;

	if (call->number == SYS_openat && name->kind == NAME_FILE)
		*result = open_file(name, a[2]);
	else if (is_unmade(name) && is_question(call->number))
		*result = -ENOENT;
	else if (call->number == SYS_newfstatat)
		*result = stat_of(name->fd, (struct stat *)a[2]);
	else if (call->number == SYS_statx)
		*result = names_call(SYS_statx, (long)name->fd, (long)"", a[2] | AT_EMPTY_PATH, a[3], a[4]);
	else if (call->number == SYS_faccessat || call->number == SYS_faccessat2)
		*result = access_of(name, a[2]);
	else if (call->number == SYS_readlinkat)
		*result = -EINVAL; /* no symbolic link: what it leads to is held */
	else
		return false;
	return true;
}

/* readlink of what is no link says so; capability mode does not show where one leads. */
static bool serve_readlink(const struct call *call, long *result)
{
	struct stat status;
	long error = names_call(SYS_newfstatat, call->arguments[0], call->arguments[1], (long)&status,
				(long)AT_SYMLINK_NOFOLLOW);

	if (error == 0 && S_ISLNK(status.st_mode))
		return false;
	*result = error < 0 ? error : -EINVAL;
	return true;
}

/* ---- the call ---- */

static bool is_working_directory(long fd)
{
	return (int)fd == AT_FDCWD;
}

/*
 * Puts a held directory in the place of the working directory for the path that argument `at` + 1 has. 1 if the call
 * was answered; 0 if it is to be made; -1 if the name is not known.
 */
static int resolve(struct call *call, int at, char path[PATH_SIZE], long *result)
{
	struct name *name;
	const char *rest;

	if (!is_working_directory(call->arguments[at]))
		return 0;
	if (!names_normal(path, PATH_SIZE, working, (const char *)call->arguments[at + 1]))
		return -1;
	name = find_nearest(path, &rest);
	*result = -ENOENT;
	if (name == NULL)
		return others_absent ? 1 : -1;
	if (name->kind == NAME_ABSENT) {
		return call->number == SYS_openat && (call->arguments[2] & O_CREAT) != 0 ? -1 : 1;
	}
	if (name->kind != NAME_DIRECTORY)
		return serve_itself(name, call, result) ? 1 : -1;
	call->arguments[at] = name->fd;
	call->arguments[at + 1] = (long)(rest[0] != '\0' ? rest : ".");
	return call->number == SYS_readlinkat && serve_readlink(call, result) ? 1 : 0;
}

static __attribute__((noinline)) long serve_two_names(struct call *call)
{
	char paths[2][PATH_SIZE];
	const struct call original = *call;
	long result = 0;
	int first = resolve(call, 0, paths[0], &result);
	int second = first == 0 ? resolve(call, 2, paths[1], &result) : 0;

	if (first == 1 || second == 1)
		return result;
	return make(first < 0 || second < 0 ? &original : call);
}

static __attribute__((noinline)) long serve_name(struct call *call)
{
	char path[PATH_SIZE];
	const struct call original = *call;
	long result = 0;
	int state = resolve(call, call->number == SYS_symlinkat ? 1 : 0, path, &result);

	return state == 1 ? result : make(state < 0 ? &original : call);
}

/* The working directory is a name that is remembered here: capability mode has none. */
static __attribute__((noinline)) long change_directory(struct call *call)
{
	char path[PATH_SIZE];
	struct stat status;
	struct name *name;
	const char *rest;
	long error;
	unsigned i;

	if (!names_normal(path, PATH_SIZE, working, (const char *)call->arguments[0]))
		return make(call);
	name = find_nearest(path, &rest);
	if (name == NULL && !others_absent)
		return make(call);
	if (name == NULL || name->kind == NAME_ABSENT)
		return -ENOENT;
	error = rest[0] == '\0' ? stat_of(name->fd, &status)
				: names_call(SYS_newfstatat, (long)name->fd, (long)rest, (long)&status, 0L);
	if (error < 0 || !S_ISDIR(status.st_mode))
		return error < 0 ? error : -ENOTDIR;
	for (i = 0; i == 0 || path[i - 1] != '\0'; i++)
		working[i] = path[i];
	return 0;
}

static bool is_same_file(int a, int b)
{
	struct stat first, second;

	return stat_of(a, &first) == 0 && stat_of(b, &second) == 0 && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}

/*
 * To the directory of a descriptor, if it has a name here: it is one that was given for a name, or may be asked what it
 * is. Otherwise the kernel has the word, and capability mode refuses.
 */
static __attribute__((noinline)) long change_to_descriptor(const struct call *call)
{
	const int fd = (int)call->arguments[0];
	struct stat status;
	unsigned j;
	int i;

	for (i = 0; i < count; i++) {
		const struct name *name = &names[i];

		if (name->kind == NAME_FILE ? fd <= name->fd || fd > name->fd + name->copies
					    : name->kind != NAME_DIRECTORY || !is_same_file(fd, name->fd))
			continue;
		if (stat_of(fd, &status) == 0 && !S_ISDIR(status.st_mode))
			return -ENOTDIR;
		if (length_of(name->path) >= PATH_SIZE)
			return -ENAMETOOLONG;
		for (j = 0; j == 0 || name->path[j - 1] != '\0'; j++)
			working[j] = name->path[j];
		return 0;
	}
	return make(call);
}

/* Extended attributes, which capability mode has no way to: what was given has none, as where a file system has none.
 */
static __attribute__((noinline)) long ask_attributes(const struct call *call)
{
	char path[PATH_SIZE];
	const struct name *name;
	const char *rest;

	if (!names_normal(path, PATH_SIZE, working, (const char *)call->arguments[0]))
		return make(call);
	name = find_nearest(path, &rest);
	if (name == NULL && !others_absent)
		return make(call);
	return name == NULL || name->kind == NAME_ABSENT || is_unmade(name) ? -ENOENT : -EOPNOTSUPP;
}

static bool asks_attributes(long number)
{
	return number == SYS_getxattr || number == SYS_lgetxattr || number == SYS_listxattr || number == SYS_llistxattr;
}

static long get_working_directory(char *buffer, unsigned long size)
{
	unsigned length = length_of(working) + 1;
	unsigned i;

	if (size < length)
		return -ERANGE;
	for (i = 0; i < length; i++)
		buffer[i] = working[i];
	return (long)length;
}

/* ---- sockets ---- */

/* One that was connected or bound before, of this kind, if there is any left. */
static long open_socket(const struct call *call)
{
	const long type = call->arguments[1];
	int i;

	for (i = 0; i < socket_count; i++) {
		struct held_socket *held = &sockets[i];

		if (held->domain != call->arguments[0] || held->type != (type & 0xf) ||
		    __atomic_exchange_n(&held->given, true, __ATOMIC_RELAXED))
			continue;
		if ((type & SOCK_NONBLOCK) != 0) /* where its limits do not allow that, it was opened so */
			names_call(SYS_fcntl, (long)held->fd, (long)F_SETFL, (long)(O_RDWR | O_NONBLOCK));
		names_call(SYS_fcntl, (long)held->fd, (long)F_SETFD,
			   (long)((type & SOCK_CLOEXEC) != 0 ? FD_CLOEXEC : 0));
		return held->fd;
	}
	return make(call);
}

/* connect and bind were done, if the address is the one. */
static long name_socket(const struct call *call, bool binds)
{
	const char *address = (const char *)call->arguments[1];
	int i;

	for (i = 0; i < socket_count; i++) {
		const struct held_socket *held = &sockets[i];

		if (held->fd == (int)call->arguments[0] && held->given && held->bound == binds &&
		    (unsigned long)call->arguments[2] >= held->length &&
		    begins_with(address, (const char *)&held->address, held->length))
			return 0;
	}
	return make(call);
}

/* ---- signals: ours must stay unblocked, and keep its handler ---- */

static uint64_t without_ours(uint64_t set)
{
	return set & ~(UINT64_C(1) << (SIGSYS - 1));
}

static long set_mask(ucontext_t *context, const long *a)
{
	uint64_t mask, set;

	if (a[3] != KERNEL_SIGSET || a[0] < SIG_BLOCK || a[0] > SIG_SETMASK)
		return -EINVAL;
	__builtin_memcpy(&mask, &context->uc_sigmask, sizeof(mask));
	__builtin_memcpy(&set, (const void *)a[1], sizeof(set));
	if (a[2] != 0)
		__builtin_memcpy((void *)a[2], &mask, sizeof(mask));
	mask = without_ours(a[0] == SIG_BLOCK ? mask | set : a[0] == SIG_UNBLOCK ? mask & ~set : set);
	__builtin_memcpy(&context->uc_sigmask, &mask, sizeof(mask));
	return 0;
}

static long set_action(const long *a)
{
	struct {
		long handler, flags, restorer;
		uint64_t mask;
	} action = { 0, 0, 0, 0 };

	if (a[0] == SIGSYS) {
		if (a[2] != 0)
			__builtin_memcpy((void *)a[2], &action, sizeof(action));
		return 0;
	}
	__builtin_memcpy(&action, (const void *)a[1], sizeof(action));
	action.mask = without_ours(action.mask);
	return names_call(SYS_rt_sigaction, a[0], (long)&action, a[2], a[3]);
}

static long serve(struct call *call, ucontext_t *context)
{
	if (call->number == SYS_rt_sigprocmask)
		return set_mask(context, call->arguments);
	if (call->number == SYS_rt_sigaction)
		return set_action(call->arguments);
	if (call->number == SYS_chdir)
		return change_directory(call);
	if (call->number == SYS_getcwd)
		return get_working_directory((char *)call->arguments[0], (unsigned long)call->arguments[1]);
	if (call->number == SYS_fchdir)
		return change_to_descriptor(call);
	if (asks_attributes(call->number))
		return ask_attributes(call);
	if (call->number == SYS_socket)
		return open_socket(call);
	if (call->number == SYS_connect || call->number == SYS_bind)
		return name_socket(call, call->number == SYS_bind);
	if (call->number == SYS_newfstatat && (call->arguments[3] & AT_EMPTY_PATH) != 0 &&
	    (call->arguments[1] == 0 || ((const char *)call->arguments[1])[0] == '\0'))
		return names_call(SYS_fstat, call->arguments[0], call->arguments[2]);
	modernize(call);
	if (call->number == SYS_renameat || call->number == SYS_renameat2 || call->number == SYS_linkat)
		return serve_two_names(call);
	return serve_name(call);
}

static void handle(int signal, siginfo_t *info, void *context)
{
	ucontext_t *state = (ucontext_t *)context;
#ifdef __x86_64__
	greg_t *r = state->uc_mcontext.gregs;
	struct call call = { info->si_syscall,
			     { r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10], r[REG_R8], r[REG_R9] } };
	greg_t *result = &r[REG_RAX];
#else
	unsigned long long *r = state->uc_mcontext.regs;
	struct call call = { info->si_syscall,
			     { (long)r[0], (long)r[1], (long)r[2], (long)r[3], (long)r[4], (long)r[5] } };
	unsigned long long *result = &r[0];
#endif

	(void)signal;
	if (info->si_code == SYS_SECCOMP)
		*result = serve(&call, state);
}

/* ---- the filter ---- */

static const short with_descriptor[] = {
	SYS_openat,  SYS_newfstatat, SYS_statx,	   SYS_faccessat, SYS_faccessat2, SYS_readlinkat,
	SYS_mkdirat, SYS_mknodat,    SYS_unlinkat, SYS_renameat,  SYS_renameat2,  SYS_linkat,
};

static const short always[] = {
#ifdef __x86_64__
	SYS_open,  SYS_creat,  SYS_stat,   SYS_lstat,	 SYS_access,	SYS_readlink,  SYS_mkdir,
	SYS_rmdir, SYS_unlink, SYS_mknod,  SYS_rename,	 SYS_link,	SYS_symlink,
#endif
	SYS_chdir, SYS_fchdir, SYS_getcwd, SYS_getxattr, SYS_lgetxattr, SYS_listxattr, SYS_llistxattr,
};

static const short of_sockets[] = { SYS_socket, SYS_connect, SYS_bind };

struct program {
	struct sock_filter code[160];
	unsigned short length;
};

static void emit(struct program *program, unsigned short code, unsigned value, unsigned char yes, unsigned char no)
{
	const struct sock_filter instruction = { code, yes, no, value };

	program->code[program->length++] = instruction;
}

static void emit_load(struct program *program, size_t offset)
{
	emit(program, BPF_LD | BPF_W | BPF_ABS, (unsigned)offset, 0, 0);
}

static void emit_trap(struct program *program, long number)
{
	emit(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1);
	emit(program, BPF_RET | BPF_K, SECCOMP_RET_TRAP, 0, 0);
}

/* The same, only if an argument is `value`, or is not. */
static void emit_trap_if_argument(struct program *program, long number, int argument, unsigned value, bool equal)
{
	emit(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 4);
	emit_load(program, offsetof(struct seccomp_data, args) + 8 * (size_t)argument);
	emit(program, BPF_JMP | BPF_JEQ | BPF_K, value, equal ? 1 : 0, equal ? 0 : 1);
	emit(program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	emit(program, BPF_RET | BPF_K, SECCOMP_RET_TRAP, 0, 0);
}

/*
 * fstat(3) of glibc is newfstatat with an empty path. Capability mode lets only the empty path of the C library pass
 * that this process has; the program has a library of its own. fstat(2) is the same, and needs no path.
 */
static void emit_trap_of_empty_path(struct program *program)
{
	emit(program, BPF_JMP | BPF_JEQ | BPF_K, SYS_newfstatat, 0, 4);
	emit_load(program, offsetof(struct seccomp_data, args) + 8 * (size_t)3);
	emit(program, BPF_JMP | BPF_JSET | BPF_K, AT_EMPTY_PATH, 0, 1);
	emit(program, BPF_RET | BPF_K, SECCOMP_RET_TRAP, 0, 0);
	emit_load(program, offsetof(struct seccomp_data, nr));
}

static void build(struct program *program)
{
	const uint64_t ours = (uint64_t)(uintptr_t)names_called;
	size_t i;

	program->length = 0;
	emit_load(program, offsetof(struct seccomp_data, arch));
	emit(program, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
	emit(program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	emit_load(program, offsetof(struct seccomp_data, instruction_pointer));
	emit(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)ours, 0, 3);
	emit_load(program, offsetof(struct seccomp_data, instruction_pointer) + 4);
	emit(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(ours >> 32), 0, 1);
	emit(program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	emit_load(program, offsetof(struct seccomp_data, nr));
	for (i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		emit_trap(program, always[i]);
	for (i = 0; socket_count > 0 && i < sizeof(of_sockets) / sizeof(of_sockets[0]); i++)
		emit_trap(program, of_sockets[i]);
	emit_trap_of_empty_path(program);
	for (i = 0; i < sizeof(with_descriptor) / sizeof(with_descriptor[0]); i++)
		emit_trap_if_argument(program, with_descriptor[i], 0, (unsigned)AT_FDCWD, true);
	emit_trap_if_argument(program, SYS_symlinkat, 1, (unsigned)AT_FDCWD, true);
	emit_trap_if_argument(program, SYS_rt_sigprocmask, 1, 0, false);
	emit_trap_if_argument(program, SYS_rt_sigaction, 1, 0, false);
	emit(program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

int names_serve(const char *working_directory, bool others_are_absent)
{
	struct program program;
	struct sock_fprog filter = { 0, program.code };
	struct sigaction action;

	if (!names_normal(working, sizeof(working), "", working_directory)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	others_absent = others_are_absent;
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = handle;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART;
	if (sigaction(SIGSYS, &action, NULL) != 0)
		return -1;
	build(&program);
	filter.len = program.length;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}
