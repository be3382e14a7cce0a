/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The filters of another process, asked. The kernel gives copies of them to a tracer with CAP_SYS_ADMIN that is under
 * no filter (kernel/seccomp.c, seccomp_get_filter). A child of ours puts itself under the copies and asks the library:
 * so the kernel evaluates them, whoever made them, and limits are read as they are everywhere.
 */
#include "filters.h"

#include "capeasy.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c
#endif

#define FILTERS_MAX 8192  /* all have at most 32,768 instructions, and the kernel counts 4 more for each */
#define DESCRIPTION 16384 /* of one descriptor, at most */
#define ADMINISTRATOR 21  /* CAP_SYS_ADMIN */

struct filters {
	size_t n;
	struct sock_fprog programs[FILTERS_MAX]; /* the oldest first */
};

/* ---- copies ---- */

static const char needs_administrator[] = "only a user with CAP_SYS_ADMIN may ask its filters";

/* Whether the kernel would refuse; the process is then not stopped for nothing. */
static const char *refused_to_us(void)
{
	const char *line = process_status((int)getpid(), "CapEff:");

	if (line != NULL && (strtoull(line, NULL, 16) >> ADMINISTRATOR & 1) == 0)
		return needs_administrator;
	line = process_status((int)getpid(), "Seccomp:");
	if (line != NULL && strcmp(line, "0") != 0)
		return "whoever is under a filter may not ask another's, and capeasy is";
	return NULL;
}

/* Stops a process. Returns 0 and the signal that it must be given when it goes on, or -1. */
static int stop(pid_t pid, int *signal)
{
	int status;

	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) != 0)
		return -1;
	if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) != 0 || waitpid(pid, &status, __WALL) != pid ||
	    !WIFSTOPPED(status))
		return -1;
	*signal = status >> 16 == 0 ? WSTOPSIG(status) : 0;
	return 0;
}

/* Copies the filters of a stopped process; 0, or an errno. */
static int copy_filters(pid_t pid, struct filters *filters)
{
	struct sock_fprog *program;
	long length;

	for (filters->n = 0; filters->n < FILTERS_MAX; filters->n++) {
		program = &filters->programs[filters->n];
		length = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, (void *)filters->n, NULL);
		if (length < 0)
			return errno == ENOENT ? 0 : errno;
		program->len = (unsigned short)length;
		program->filter = (struct sock_filter *)allocate((size_t)length * sizeof(program->filter[0]));
		if (ptrace(PTRACE_SECCOMP_GET_FILTER, pid, (void *)filters->n, program->filter) != length)
			return errno;
	}
	return E2BIG;
}

static const struct filters *filters_of(pid_t pid, const char **why)
{
	struct filters *filters;
	int signal, error;

	*why = refused_to_us();
	if (*why != NULL)
		return NULL;
	if (stop(pid, &signal) != 0) {
		*why = "it cannot be traced: it has ended, another traces it, or the system forbids it";
		return NULL;
	}
	filters = (struct filters *)allocate(sizeof(*filters));
	error = copy_filters(pid, filters);
	ptrace(PTRACE_DETACH, pid, NULL, (void *)(intptr_t)signal);
	if (error == EIO)
		*why = "this kernel was built without CONFIG_CHECKPOINT_RESTORE";
	else if (error == EACCES) /* the capability is one of a user namespace */
		*why = needs_administrator;
	else if (error != 0)
		*why = ce_strerror(error);
	return error == 0 ? filters : NULL;
}

/* ---- questions ---- */

/* ce_describe() speaks of open descriptors only. */
static void open_all(const int *descriptors, size_t n)
{
	const struct rlimit most = { (rlim_t)descriptors[n - 1] + 64, (rlim_t)descriptors[n - 1] + 64 };
	int any = open("/", O_RDONLY | O_CLOEXEC);
	size_t i;

	setrlimit(RLIMIT_NOFILE, &most);
	for (i = 0; i < n; i++)
		if (fcntl(descriptors[i], F_GETFD) == -1)
			dup2(any, descriptors[i]);
}

static int put_under(const struct filters *filters)
{
	size_t i;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return errno;
	for (i = 0; i < filters->n; i++)
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filters->programs[i]) != 0)
			return errno;
	return 0;
}

/* In a child, which writes nothing but this memory: its descriptors are limited as the other's. */
static void ask(const struct filters *filters, const int *descriptors, size_t n, struct filter_answers *answers)
{
	char *text = answers->limits;
	int length;
	size_t i;

	if (n > 0)
		open_all(descriptors, n);
	answers->error = put_under(filters);
	if (answers->error != 0)
		return;
	answers->sandboxed = ce_sandboxed();
	ce_explain_lost(answers->lost, sizeof(answers->lost));
	for (i = 0; i < n; i++) {
		length = ce_describe(descriptors[i], text, DESCRIPTION);
		if (length < 0 || length >= DESCRIPTION)
			*text = '\0';
		text += strlen(text) + 1;
	}
	answers->nlimits = n;
}

const struct filter_answers *filters_ask(int pid, const int *descriptors, size_t n, const char **why)
{
	const struct filters *filters = filters_of(pid, why);
	struct filter_answers *answers;
	int status;
	pid_t child;

	if (filters == NULL)
		return NULL;
	answers = (struct filter_answers *)mmap(NULL, sizeof(*answers) + n * DESCRIPTION, PROT_READ | PROT_WRITE,
						MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (answers == MAP_FAILED)
		fail(EXIT_FAILED, "%s", ce_strerror(errno));
	child = fork();
	if (child == 0) {
		ask(filters, descriptors, n, answers);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		fail(EXIT_FAILED, "%s", ce_strerror(errno));
	if (answers->error != 0)
		*why = "a filter of another maker forbids to be under a copy of it";
	else if (status != 0)
		*why = "a filter of another maker ends whoever asks";
	return answers->error == 0 && status == 0 ? answers : NULL;
}
