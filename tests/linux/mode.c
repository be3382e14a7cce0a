/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Entering capability mode on Linux: what it does to the process, its children and its threads, what it costs, and what
 * happens where it cannot be entered.
 */
#define _GNU_SOURCE
#include <criterion/criterion.h>

#include <pthread.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <time.h>

#include <capsicum_easy.h>

#include "child.h"
#include "levels.h"
#include "private.h"

static int directory;

/* A directory beneath which every user can open something. */
static void hold_a_directory(void)
{
	directory = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(directory != -1);
}

static bool has_lookups(void)
{
	int fd = openat(directory, "status", O_RDONLY | O_CLOEXEC);

	CHECK(fd != -1 || errno == ECAPMODE);
	close(fd);
	return fd != -1;
}

static void expect_inside(void)
{
	unsigned mode = 0;

	CHECK(cap_sandboxed());
	CHECK(cap_getmode(&mode) == 0 && mode == 1);
	CHECK_FAILS(ECAPMODE, open("/", O_RDONLY));
}

IN_CHILD(mode, is_entered_once)
{
	unsigned mode = 2;
	unsigned before = ce_enforcement();

	CHECK(!cap_sandboxed());
	CHECK(cap_getmode(&mode) == 0 && mode == 0);
	CHECK_FAILS(EFAULT, cap_getmode(NULL));
	CHECK(filter_count() == 0);
	hold_a_directory();
	CHECK(cap_enter() == 0);
	expect_inside();
	CHECK(ce_enforcement() == before);
	CHECK(cap_enter() == 0);
	expect_inside();
}

/* Two limits and capability mode are three filters, read from a descriptor that was opened before. */
IN_CHILD(mode, is_one_filter)
{
	int status_fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	char text[4096];
	ssize_t length;

	CHECK(cap_rights_limit(scratch_file(), CE_SET(CAP_READ)) == 0);
	CHECK(cap_enter() == 0 && cap_enter() == 0);
	length = read(status_fd, text, sizeof(text) - 1);
	CHECK(length > 0);
	text[length] = '\0';
	CHECK(strstr(text, "Seccomp_filters:\t2\n") != NULL);
}

static int report[2];

/* A child of a sandboxed process cannot be waited for: it says in a pipe that it is well. */
static void in_sandboxed_child(void (*body)(void))
{
	char answer = 0;
	pid_t pid = fork();

	CHECK(pid != -1);
	if (pid == 0) {
		body();
		CHECK(write(report[1], "y", 1) == 1);
		_exit(0);
	}
	CHECK(read(report[0], &answer, 1) == 1 && answer == 'y');
}

static void expect_inside_in_child(void)
{
	expect_inside();
	CHECK(has_lookups() == ((ce_enforcement() & CE_ENFORCE_LOOKUPS) != 0));
	CHECK_FAILS(ECAPMODE, kill(getppid() + 1, 0));
	if ((ce_enforcement() & CE_ENFORCE_SIGNALS) != 0) {
		CHECK(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
		CHECK(raise(SIGUSR1) == 0);
	}
}

IN_CHILD(mode, holds_after_fork)
{
	CHECK(pipe(report) == 0);
	hold_a_directory();
	CHECK(cap_enter() == 0);
	in_sandboxed_child(expect_inside_in_child);
}

IN_CHILD(mode, allows_signals_to_itself)
{
	CHECK(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
	CHECK(cap_enter() == 0);
	CHECK(raise(SIGUSR1) == 0);
	CHECK(kill(getpid(), SIGUSR1) == 0);
	CHECK(pthread_kill(pthread_self(), SIGUSR1) == 0);
}

/* A limit can still be made, and read, inside. */
IN_CHILD(mode, allows_limits)
{
	int fd = scratch_file();
	cap_rights_t rights;

	CHECK(cap_enter() == 0);
	CHECK(cap_rights_limit(fd, CE_SET(CAP_READ)) == 0);
	CHECK(cap_rights_get(fd, &rights) == 0 && ce_rights_equal(&rights, CE_SET(CAP_READ)));
	CHECK_FAILS(ENOTCAPABLE, write(fd, "", 1));
	CHECK_FAILS(ENOTCAPABLE, cap_rights_limit(fd, CE_SET(CAP_WRITE)));
	expect_inside();
}

/* ---- threads ---- */

#define THREADS 10

static pthread_barrier_t barrier;
static bool with_lookups[THREADS];

static void *expect_inside_in_thread(void *argument)
{
	pthread_barrier_wait(&barrier); /* all run */
	pthread_barrier_wait(&barrier); /* one has entered */
	expect_inside();
	*(bool *)argument = has_lookups();
	return NULL;
}

static void start(pthread_t *threads, void *(*body)(void *))
{
	int i;

	CHECK(pthread_barrier_init(&barrier, NULL, THREADS + 1) == 0);
	for (i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, body, &with_lookups[i]) == 0);
	pthread_barrier_wait(&barrier);
}

/* Landlock before ABI 8 covers one thread only: then nobody may look anything up, in any thread. */
IN_CHILD(threads, are_all_inside)
{
	pthread_t threads[THREADS];
	bool all_threads = ce_landlock_abi_() >= CE_LANDLOCK_THREADS_;
	int i;

	hold_a_directory();
	start(threads, expect_inside_in_thread);
	CHECK(((ce_enforcement() & CE_ENFORCE_LOOKUPS) != 0) == all_threads);
	CHECK(cap_enter() == 0);
	CHECK(((ce_enforcement() & CE_ENFORCE_LOOKUPS) != 0) == all_threads);
	CHECK(has_lookups() == all_threads);
	pthread_barrier_wait(&barrier);
	for (i = 0; i < THREADS; i++) {
		CHECK(pthread_join(threads[i], NULL) == 0);
		CHECK(with_lookups[i] == all_threads);
	}
}

static void *enter_in_thread(void *unused)
{
	pthread_barrier_wait(&barrier);
	CHECK(cap_enter() == 0);
	expect_inside();
	return unused;
}

IN_CHILD(threads, may_enter_at_once)
{
	pthread_t threads[THREADS];
	int i;

	start(threads, enter_in_thread);
	for (i = 0; i < THREADS; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	expect_inside();
}

static void *return_at_once(void *unused)
{
	return unused;
}

/* Threads start inside, and are inside. */
static void *expect_inside_in_new_thread(void *unused)
{
	expect_inside();
	return unused;
}

IN_CHILD(threads, that_have_ended_do_not_count)
{
	pthread_t thread;

	hold_a_directory();
	CHECK(pthread_create(&thread, NULL, return_at_once, NULL) == 0 && pthread_join(thread, NULL) == 0);
	CHECK(cap_enter() == 0);
	CHECK(has_lookups() == (ce_landlock_abi_() > 0));
	CHECK(pthread_create(&thread, NULL, expect_inside_in_new_thread, NULL) == 0 && pthread_join(thread, NULL) == 0);
}

/* ---- files without a name ---- */

static int writable, creating; /* directories */

static void make_nameless_files(void)
{
	CHECK(ce_limit(writable, CE_SET(CAP_LOOKUP, CAP_READ, CAP_WRITE)) == 0);
	CHECK(ce_limit(creating, CE_SET(CAP_LOOKUP, CAP_READ, CAP_CREATE)) == 0);
	CHECK(ce_enter() == 0);
	writable = openat(writable, ".", O_RDONLY | O_DIRECTORY);
	creating = openat(creating, ".", O_RDONLY | O_DIRECTORY);
	CHECK(openat(writable, ".", O_TMPFILE | O_RDWR, 0600) != -1 || !has(LOOKUPS));
	CHECK_FAILS(has(LOOKUPS) ? EACCES : ECAPMODE, openat(creating, ".", O_TMPFILE | O_RDWR, 0600));
	CHECK_FAILS(has(LOOKUPS) ? EACCES : ECAPMODE, openat(writable, "new", O_CREAT | O_RDWR, 0600));
}

/* A documented gap: making one is no creating to Landlock. */
IN_CHILD(nameless_files, are_made_wherever_can_be_written_once_something_can_be_created)
{
	char path[] = "/tmp/ce-mode-XXXXXX", other[] = "/tmp/ce-mode-XXXXXX";

	CHECK(mkdtemp(path) != NULL && mkdtemp(other) != NULL);
	writable = open(path, O_RDONLY | O_DIRECTORY);
	creating = open(other, O_RDONLY | O_DIRECTORY);
	if (openat(writable, ".", O_TMPFILE | O_RDWR, 0600) != -1) /* the file system has them */
		CHECK_CHILD(make_nameless_files);
	CHECK(rmdir(path) == 0 && rmdir(other) == 0);
}

/* ---- which files can be executed ---- */

/* Opens an executable file that is no program, so that executing it is ENOEXEC where it is allowed. */
static int open_no_program(int flags)
{
	char path[] = "/tmp/ce-test-XXXXXX";
	int fd = mkstemp(path);

	CHECK(fd != -1 && write(fd, "x", 1) == 1 && fchmod(fd, 0700) == 0 && close(fd) == 0);
	fd = open(path, flags | O_CLOEXEC);
	CHECK(fd != -1 && unlink(path) == 0);
	return fd;
}

static long execute(int fd)
{
	static char *const nothing[] = { NULL };

	return syscall(SYS_execveat, fd, "", nothing, nothing, AT_EMPTY_PATH);
}

IN_CHILD(execution, of_a_file_that_was_limited_to_it)
{
	int limited = open_no_program(O_RDONLY);
	int error = execute(limited) == -1 ? errno : 0; /* ENOEXEC, ENOENT before Linux 5.11 */

	CHECK(ce_limit(limited, CE_SET(CAP_READ, CAP_FEXECVE)) == 0);
	CHECK(cap_enter() == 0);
	CHECK_FAILS(has(LOOKUPS) ? error : ECAPMODE, execute(limited));
}

/* Landlock would let the file be read by its path too. */
IN_CHILD(execution, of_another_file_is_refused)
{
	int path = open_no_program(O_PATH), writable = open_no_program(O_WRONLY), limited = open_no_program(O_RDONLY),
	    unlimited = open_no_program(O_RDONLY), commands = open_no_program(O_RDONLY),
	    data = open_no_program(O_RDONLY);

	if (ce_landlock_abi_() == 0)
		return;
	CHECK(ce_limit(path, CE_SET(CAP_READ, CAP_FEXECVE)) == 0);
	CHECK(ce_limit(writable, CE_SET(CAP_READ, CAP_FEXECVE)) == 0);
	CHECK(ce_limit(limited, CE_SET(CAP_FEXECVE, CAP_FCNTL)) == 0);
	CHECK(ce_limit(data, CE_SET(CAP_READ)) == 0);
	CHECK(ce_limit_fcntls(commands, 0) == 0); /* no set was named */
	CHECK(cap_enter() == 0);
	CHECK_FAILS(EACCES, execute(path));
	CHECK_FAILS(EACCES, execute(writable));
	CHECK_FAILS(EACCES, execute(limited));
	CHECK_FAILS(EACCES, execute(unlimited));
	CHECK_FAILS(EACCES, execute(commands));
	CHECK_FAILS(ENOTCAPABLE, execute(data));
}

/* ---- where it cannot be entered, or not fully ---- */

static void limit_all_that_fit(void)
{
	int i;

	for (i = 0; i < 900; i++)
		if (cap_rights_limit(scratch_file(), CE_SET(CAP_READ)) != 0)
			break;
	CHECK(errno == ENOMEM);
}

/* Limits leave room for entering. */
IN_CHILD(failure, is_none_after_as_many_limits_as_fit)
{
	limit_all_that_fit();
	CHECK(cap_enter() == 0);
	expect_inside();
	CHECK_FAILS(ENOTCAPABLE, write(3, "", 1));
}

IN_CHILD(failure, without_room_is_enomem)
{
	static struct ce_bpf_insn_ allow[300];
	const struct ce_bpf_program_ program = { 300, allow };
	int i;

	limit_all_that_fit();
	for (i = 0; i < 300; i++) {
		allow[i].code = CE_BPF_RET_;
		allow[i].k = CE_SECCOMP_ALLOW_;
	}
	while (syscall(SYS_seccomp, CE_SECCOMP_SET_MODE_FILTER_, 0L, &program) == 0) /* use up what is left */
		continue;
	CHECK_FAILS(ENOMEM, cap_enter());
	CHECK(!cap_sandboxed());
	CHECK_FAILS(ENOTCAPABLE, write(3, "", 1));
}

IN_CHILD(failure, with_all_landlock_domains_taken_is_e2big)
{
	struct ce_landlock_ruleset_ execute = { CE_LANDLOCK_EXECUTE_, 0, 0 };
	int ruleset, i;

	if (ce_landlock_abi_() == 0)
		return;
	ruleset = (int)syscall(CE_NR_LANDLOCK_CREATE_RULESET_, &execute, 8L, 0L);
	CHECK(ruleset != -1 && syscall(SYS_prctl, CE_PR_SET_NO_NEW_PRIVS_, 1L, 0L, 0L, 0L) == 0);
	for (i = 0; i < 16; i++)
		CHECK(syscall(CE_NR_LANDLOCK_RESTRICT_SELF_, ruleset, 0L) == 0);
	CHECK_FAILS(E2BIG, cap_enter());
	CHECK(!cap_sandboxed());
}

#ifndef EMULATED /* where time says nothing (tests/kernels) */

/* ---- what it costs ---- */

static double nanoseconds(void)
{
	struct timespec now;

	CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Nanoseconds, the shortest of several rounds: what the call costs when nothing else runs. */
static double cost_of(void (*call)(void))
{
	double best = 1e18;
	int round, i;

	for (round = 0; round < 50; round++) {
		double start_time = nanoseconds();
		double taken;

		for (i = 0; i < 1000; i++)
			call();
		taken = (nanoseconds() - start_time) / 1000;
		best = taken < best ? taken : best;
	}
	return best;
}

static void call_getppid(void)
{
	syscall(SYS_getppid);
}

/*
 * The kernel knows of calls that every filter allows whatever their arguments, and does not run the filters then
 * (seccomp_is_const_allow). With twenty filters run on every call this one would take many times as long.
 */
IN_CHILD(cost, of_untouched_calls_is_nothing)
{
	double before = cost_of(call_getppid);
	int i;

	for (i = 0; i < 20; i++)
		CHECK(cap_rights_limit(scratch_file(), CE_SET(CAP_READ)) == 0);
	CHECK(cap_enter() == 0);
	CHECK(cost_of(call_getppid) < 1.5 * before);
}

static int listed;

static void get_rights(void)
{
	cap_rights_t rights;

	CHECK(cap_rights_get(listed, &rights) == 0);
}

static void get_mode(void)
{
	CHECK(cap_sandboxed());
}

/* Whatever else the filter knows: it is not asked for the list of commands. */
IN_CHILD(cost, of_asking_does_not_grow_with_what_is_known)
{
	static unsigned long commands[256];
	double plain;
	unsigned long i;

	for (i = 0; i < 256; i++)
		commands[i] = i;
	listed = scratch_file();
	CHECK(cap_rights_limit(listed, CE_SET(CAP_READ, CAP_IOCTL)) == 0);
	plain = cost_of(get_rights);
	CHECK(cap_ioctls_limit(listed, commands, 256) == 0 && cap_enter() == 0);
	CHECK(cost_of(get_rights) < 5 * plain);
	CHECK(cost_of(get_mode) < 5 * plain);
}

#endif
