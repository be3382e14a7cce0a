/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Watching a program with ptrace(2): its threads, what it forks and executes.
 *
 * A program that is started here gets a seccomp filter that stops it at the calls that matter, and no others, so that
 * the rest runs at full speed. PTRACE_SEIZE leaves stopping and continuing by a terminal as it is.
 */
#define _GNU_SOURCE
#include "trace.h"

#include <elf.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC)

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#define BREAKPOINT 0xccUL
#define BREAKPOINT_MASK 0xffUL
#define BREAKPOINT_SIZE 1
#else
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#define BREAKPOINT 0xd4200000UL /* brk #0 */
#define BREAKPOINT_MASK 0xffffffffUL
#define BREAKPOINT_SIZE 0
#endif

/* A thread. */
struct task {
	pid_t tid;
	struct process *process;
	bool known;   /* its first stop was seen */
	bool stopped; /* until something continues it */
	bool calling; /* the result of `call` is wanted */
	struct ce_system_call call;
	struct task *next;
};

static struct {
	struct task *tasks;
	struct seen *seen;
	pid_t first;
	bool every_call; /* no filter: stop at each */
	bool begun;	 /* what is seen is the program's, not our own before execve(2) */
	int status;
} watching;

static volatile sig_atomic_t ended, from_terminal;

/* ptrace(2) with arguments that are what they seem; <sys/ptrace.h> and <linux/ptrace.h> do not go together. */
static long ptrace_request(int request, pid_t tid, void *address, void *data)
{
	return syscall(SYS_ptrace, (long)request, (long)tid, (long)address, (long)data);
}

/* ---- tasks ---- */

static struct task *find_task(pid_t tid)
{
	struct task *task;

	for (task = watching.tasks; task != NULL; task = task->next)
		if (task->tid == tid)
			return task;
	return NULL;
}

/* A number in a line of /proc/TID/status, or -1. */
static long status_of(pid_t tid, const char *word)
{
	char path[64], line[256];
	long number = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	file = fopen(path, "r");
	while (file != NULL && number < 0 && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, word, strlen(word)) == 0)
			number = strtol(line + strlen(word), NULL, 10);
	if (file != NULL)
		fclose(file);
	return number;
}

static struct process *new_process(pid_t pid, const struct process *parent)
{
	struct process *process = (struct process *)allocate(sizeof(*process));

	process->pid = pid;
	if (parent != NULL) { /* fork: the same descriptors, from now on by themselves */
		process->loading = parent->loading;
		process->entry = parent->entry;
		process->entry_word = parent->entry_word;
		process->ndescriptors = parent->ndescriptors;
		process->descriptors = (struct thing **)allocate((parent->ndescriptors + 1) * sizeof(struct thing *));
		memcpy(process->descriptors, parent->descriptors, parent->ndescriptors * sizeof(struct thing *));
	}
	return process;
}

/* pid: of the process that the thread belongs to; 0: not known. */
static struct task *add_task(pid_t tid, pid_t pid, const struct process *parent)
{
	struct task *task = find_task(tid);
	struct task *other;

	if (task != NULL)
		return task;
	if (pid == 0)
		pid = (pid_t)status_of(tid, "Tgid:");
	task = (struct task *)allocate(sizeof(*task));
	task->tid = tid;
	for (other = watching.tasks; other != NULL && task->process == NULL; other = other->next)
		if (other->process->pid == pid)
			task->process = other->process;
	if (task->process == NULL)
		task->process = new_process(pid > 0 ? pid : tid, parent);
	task->process->threads++;
	task->next = watching.tasks;
	watching.tasks = task;
	return task;
}

static void remove_task(pid_t tid)
{
	struct task **at;

	for (at = &watching.tasks; *at != NULL; at = &(*at)->next) {
		struct task *task = *at;

		if (task->tid != tid)
			continue;
		*at = task->next;
		if (--task->process->threads == 0) {
			free(task->process->descriptors);
			free(task->process);
		}
		free(task);
		return;
	}
}

/* ---- the moment when a program's own code begins ---- */

static unsigned long entry_of(pid_t pid)
{
	unsigned long vector[128] = { 0 };
	char path[64];
	size_t i;
	int fd;
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/auxv", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, vector, sizeof(vector));
	if (fd >= 0)
		close(fd);
	for (i = 0; length > 0 && i + 1 < (size_t)length / sizeof(vector[0]); i += 2)
		if (vector[i] == AT_ENTRY)
			return vector[i + 1];
	return 0;
}

/* A breakpoint where the loader, when it is done, goes on. */
static void await_entry(struct task *task)
{
	struct process *process = task->process;
	long word = 0;

	process->entry = entry_of(process->pid);
	if (ptrace_request(PTRACE_PEEKTEXT, task->tid, (void *)process->entry, &word) != 0)
		process->entry = 0;
	process->entry_word = word;
	word = (long)(((unsigned long)word & ~BREAKPOINT_MASK) | BREAKPOINT);
	process->loading = process->entry != 0 &&
			   ptrace_request(PTRACE_POKETEXT, task->tid, (void *)process->entry, (void *)word) == 0;
	if (!process->loading)
		process->entry = 0;
}

/* Whether a SIGTRAP was the breakpoint; it is then gone, and the program goes on as if it had never been. */
static bool is_entry(struct task *task)
{
	struct process *process = task->process;
	struct user_regs_struct registers;
	struct iovec vector = { &registers, sizeof(registers) };
#if defined(__x86_64__)
	unsigned long long *at = &registers.rip;
#else
	unsigned long long *at = &registers.pc;
#endif

	if (process->entry == 0 || ptrace_request(PTRACE_GETREGSET, task->tid, (void *)NT_PRSTATUS, &vector) != 0 ||
	    *at != process->entry + BREAKPOINT_SIZE)
		return false;
	*at = process->entry;
	ptrace_request(PTRACE_SETREGSET, task->tid, (void *)NT_PRSTATUS, &vector);
	ptrace_request(PTRACE_POKETEXT, task->tid, (void *)process->entry, (void *)process->entry_word);
	process->entry = 0;
	process->loading = false;
	if (watching.seen->start == 0)
		watching.seen->start = watching.seen->now;
	return true;
}

/* ---- stops ---- */

static void go_on(struct task *task, int signal)
{
	const int request = watching.every_call || task->calling ? PTRACE_SYSCALL : PTRACE_CONT;

	ptrace_request(request, task->tid, NULL, (void *)(long)signal);
}

static void before_call(struct task *task, const struct ptrace_syscall_info *info)
{
	const unsigned long long *arguments =
		info->op == PTRACE_SYSCALL_INFO_SECCOMP ? info->seccomp.args : info->entry.args;
	size_t i;

	task->call.number = (uint32_t)(info->op == PTRACE_SYSCALL_INFO_SECCOMP ? info->seccomp.nr : info->entry.nr);
	for (i = 0; i < 6; i++)
		task->call.arguments[i] = arguments[i];
	watching.seen->now++;
	task->calling =
		watching.begun && info->arch == ARCHITECTURE && calls_before(watching.seen, task->process, &task->call);
}

/* A call, before or after. */
static void on_call(struct task *task)
{
	struct ptrace_syscall_info info;

	if (ptrace_request(PTRACE_GET_SYSCALL_INFO, task->tid, (void *)sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_SECCOMP || info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		before_call(task, &info);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT && task->calling) {
		task->calling = false;
		calls_after(watching.seen, task->process, &task->call, (long)info.exit.rval);
	}
}

static void on_child(struct task *task, bool thread)
{
	unsigned long child = 0;

	if (ptrace_request(PTRACE_GETEVENTMSG, task->tid, NULL, &child) == 0)
		add_task((pid_t)child, thread ? 0 : (pid_t)child, task->process);
}

/* The thread that executes takes the process's id, and the others are gone. */
static struct task *on_exec(struct task *task)
{
	const pid_t tid = task->tid;
	unsigned long former = 0;
	struct task *executing;

	ptrace_request(PTRACE_GETEVENTMSG, tid, NULL, &former);
	executing = find_task((pid_t)former);
	if (executing != NULL && executing != task) {
		remove_task(tid);
		executing->tid = tid;
		task = executing;
	}
	task->calling = false;
	watching.begun = true;
	calls_executed(task->process);
	await_entry(task);
	return task;
}

static bool is_stop_signal(int signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/*
 * Stops itself with the program, when a terminal has stopped all of it: the shell waits for this process, and continues
 * both. Not before: a program that handles ^Z calls what is watched before it stops.
 */
static void stop_with_program(void)
{
	const pid_t group = getpgrp();
	const struct task *task;

	if (watching.every_call || getpgid(watching.first) != group)
		return;
	for (task = watching.tasks; task != NULL; task = task->next)
		if (!task->stopped && getpgid(task->tid) == group)
			return;
	raise(SIGSTOP);
}

static void on_stop(pid_t tid, int status)
{
	const int event = status >> 16, signal = WSTOPSIG(status);
	struct task *task = find_task(tid);

	if (task == NULL)
		task = add_task(tid, 0, NULL);
	task->stopped = false;
	switch (event) {
	case PTRACE_EVENT_SECCOMP:
		on_call(task);
		break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		on_child(task, event == PTRACE_EVENT_CLONE);
		break;
	case PTRACE_EVENT_EXEC:
		task = on_exec(task);
		break;
	case PTRACE_EVENT_STOP:
		if (is_stop_signal(signal)) {
			ptrace_request(PTRACE_LISTEN, tid, NULL, NULL);
			task->stopped = true;
			if (signal != SIGSTOP)
				stop_with_program();
			return;
		}
		break;
	default:
		if (signal == (SIGTRAP | 0x80)) {
			on_call(task);
		} else if (signal != SIGTRAP || !is_entry(task)) {
			go_on(task, signal);
			return;
		}
	}
	go_on(task, 0);
}

/* ---- starting ---- */

static void emit(struct sock_fprog *program, unsigned short code, unsigned value, unsigned char yes, unsigned char no)
{
	const struct sock_filter instruction = { code, yes, no, value };

	program->filter[program->len++] = instruction;
}

/* Stops at one call; where `mask` is not 0, only if argument `argument` has one of these bits, or none (`without`). */
static void emit_stop(struct sock_fprog *program, unsigned number, size_t argument, unsigned mask, bool without)
{
	emit(program, BPF_JMP | BPF_JEQ | BPF_K, number, 0, mask == 0 ? 1 : 4);
	if (mask != 0) {
		emit(program, BPF_LD | BPF_W | BPF_ABS, (unsigned)(offsetof(struct seccomp_data, args) + 8 * argument),
		     0, 0);
		emit(program, BPF_JMP | BPF_JSET | BPF_K, mask, without ? 0 : 1, without ? 1 : 0);
		emit(program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	}
	emit(program, BPF_RET | BPF_K, SECCOMP_RET_TRACE, 0, 0);
}

static bool install_filter(void)
{
	static struct sock_filter code[2048];
	struct sock_fprog program = { 0, code };
	unsigned number;

	emit(&program, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0, 0);
	emit(&program, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
	emit(&program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	emit(&program, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
	for (number = 0; number < 512; number++) {
		if (call_name(number) == NULL || !calls_is_watched(number))
			continue;
		if (number == SYS_mmap)
			emit_stop(&program, number, 3, MAP_ANONYMOUS, true);
		else if (number == SYS_mprotect)
			emit_stop(&program, number, 2, PROT_EXEC, false);
		else
			emit_stop(&program, number, 0, 0, false);
	}
	emit(&program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
		return true;
	/* Not root: then without new privileges, which ptrace(2) does not grant anyway. */
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* The child: waits until it is watched, then executes. */
__attribute__((noreturn)) static void be_program(int ready, char **argv)
{
	char byte;

	if (read(ready, &byte, 1) == 1 && install_filter()) {
		close(ready);
		execvp(argv[0], argv);
	}
	warn("%s: %s", argv[0], ce_strerror(errno));
	_exit(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_STARTED);
}

static void start(char **argv)
{
	int ready[2];
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) != 0)
		fail(EXIT_FAILED, "%s", ce_strerror(errno));
	pid = fork();
	if (pid < 0)
		fail(EXIT_FAILED, "%s", ce_strerror(errno));
	if (pid == 0) {
		close(ready[1]);
		be_program(ready[0], argv);
	}
	close(ready[0]);
	if (ptrace_request(PTRACE_SEIZE, pid, NULL,
			   (void *)(long)(OPTIONS | PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL)) != 0) {
		int error = errno;

		kill(pid, SIGKILL);
		fail(EXIT_NOT_STARTED, "watching: %s", ce_strerror(error));
	}
	watching.first = pid;
	add_task(pid, pid, NULL);
	if (write(ready[1], "", 1) != 1)
		fail(EXIT_FAILED, "%s", ce_strerror(errno));
	close(ready[1]);
}

/* The arguments that a process was started with, as far as they are there; NULL if they are not. */
static char **argv_of(pid_t pid)
{
	char path[64], *text = (char *)allocate(65536); /* enough to tell by, and ends with a NUL */
	char **argv = NULL;
	size_t n = 0, at = 0, length;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	file = fopen(path, "r");
	length = file != NULL ? fread(text, 1, 65535, file) : 0;
	if (file != NULL)
		fclose(file);
	for (; at < length; at += strlen(text + at) + 1) {
		argv = (char **)grown(argv, n, sizeof(*argv));
		argv[n++] = text + at;
	}
	return n > 0 ? (char **)grown(argv, n, sizeof(*argv)) : NULL;
}

/* Takes over all threads of a process that runs. */
static void attach(pid_t pid)
{
	char path[64];
	struct dirent *entry;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	if (tasks == NULL)
		fail(EXIT_FAILED, "process %d: %s", (int)pid, ce_strerror(errno == ENOENT ? ESRCH : errno));
	while ((entry = readdir(tasks)) != NULL) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (tid <= 0)
			continue;
		if (ptrace_request(PTRACE_SEIZE, tid, NULL, (void *)(long)OPTIONS) != 0) {
			if (errno == ESRCH)
				continue;
			fail(EXIT_FAILED, "process %d: %s", (int)pid, ce_strerror(errno));
		}
		add_task(tid, pid, NULL);
		ptrace_request(PTRACE_INTERRUPT, tid, NULL, NULL);
	}
	closedir(tasks);
	watching.first = pid;
	watching.every_call = true;
	watching.begun = true;
}

/* ---- ending ---- */

static void on_signal(int signal, siginfo_t *info, void *context)
{
	(void)context;
	ended = signal;
	from_terminal = info->si_code == SI_KERNEL;
}

/* A terminal stops this process too: stop_with_program() does it, when it is time. */
static void on_terminal_stop(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
}

static void catch_signal(int signal, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action;

	if (sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
		return; /* the program too is to ignore it */
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = handler;
	action.sa_flags = SA_SIGINFO;
	sigaction(signal, &action, NULL);
}

static void catch_signals(const struct watch_options *options)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGALRM };
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		catch_signal(ends[i], on_signal);
	if (options->pid == 0) {
		catch_signal(SIGTSTP, on_terminal_stop);
		catch_signal(SIGTTIN, on_terminal_stop);
	}
	if (options->timeout > 0)
		alarm(options->timeout);
}

/* Leaves a program that was not started here as it is, and ends the other. A call that still waits would have gone on.
 */
static void leave(void)
{
	struct task *task;

	for (task = watching.tasks; task != NULL; task = task->next)
		if (task->calling)
			calls_after(watching.seen, task->process, &task->call, -EINTR);
	if (watching.every_call) {
		for (task = watching.tasks; task != NULL; task = task->next)
			ptrace_request(PTRACE_INTERRUPT, task->tid, NULL, NULL);
		for (task = watching.tasks; task != NULL; task = task->next) {
			int status;

			if (waitpid(task->tid, &status, __WALL) > 0 && WIFSTOPPED(status))
				ptrace_request(PTRACE_DETACH, task->tid, NULL,
					       (void *)(long)(status >> 16 == 0 && WSTOPSIG(status) != SIGTRAP &&
									      WSTOPSIG(status) != (SIGTRAP | 0x80)
								      ? WSTOPSIG(status)
								      : 0));
		}
		return;
	}
	watching.status = 128 + SIGKILL;
	for (task = watching.tasks; task != NULL; task = task->next)
		kill(task->process->pid, SIGKILL);
	while (waitpid(-1, NULL, __WALL) > 0)
		;
}

static void on_end(pid_t tid, int status)
{
	if (tid == watching.first)
		watching.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	remove_task(tid);
}

int watch(const struct watch_options *options, struct seen *seen)
{
	int status, interrupts = 0;
	pid_t tid;

	if (access("/proc/self/auxv", R_OK) != 0)
		fail(EXIT_FAILED, "/proc cannot be read (%s): mount it, or nothing can be told", ce_strerror(errno));
	watching.seen = seen;
	seen->argv = options->pid != 0 ? argv_of(options->pid) : options->argv;
	catch_signals(options);
	if (options->pid != 0)
		attach(options->pid);
	else
		start(options->argv);
	while (watching.tasks != NULL) {
		tid = waitpid(-1, &status, __WALL);
		if (tid > 0 && WIFSTOPPED(status))
			on_stop(tid, status);
		else if (tid > 0)
			on_end(tid, status);
		else if (errno != EINTR)
			break;
		if (ended == SIGINT && options->pid == 0 && interrupts++ == 0) {
			ended = 0; /* the program decides: a terminal has sent it there too */
			if (!from_terminal)
				kill(watching.first, SIGINT);
		} else if (ended != 0) {
			seen->stopped = ended == SIGALRM ? "the time was up" : "it was interrupted";
			leave();
			break;
		}
	}
	if (!watching.begun) /* it has said why */
		exit(watching.status);
	return watching.status;
}
