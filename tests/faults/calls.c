/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Something happens at each system call that limiting and entering make: it fails; the thread or the process ends
 * there; another thread does the same meanwhile. Whatever it is, and wherever, nothing is half-limited without an
 * error, and who goes on sees all descriptors of a batch limited or none.
 *
 * The library's calls go through here. Its questions (question.h) do not count: they change nothing, and one that is
 * not answered is how a kernel without limits answers. Nor does a look at a number where nothing is open (landlock.h).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

static long watched_syscall(long number, ...);
#define syscall watched_syscall
#include <capsicum_easy.h>
#undef syscall

#include <criterion/criterion.h>

#include "../linux/child.h"

#define NULL_DEVICE "/dev/null"
#define BATCH 3
#define FINISHED 2 /* exit status: the operation made fewer calls */

/* What happens, and when. */
static struct {
	int at;		      /* which call; 0: none */
	long number;	      /* only calls of this number count; -1: all */
	int error;	      /* the call fails so, or else */
	void (*happen)(void); /* this comes before it */
	int calls;	      /* counted so far */
	pid_t process; /* what happens does so here, not in a process that the library starts to ask; 0: anywhere */
} plan = { 0, -1, 0, NULL, 0, 0 };

static void let_a_thread_do_the_same(void);

static bool counts(long number, const long *argument)
{
	/* Another thread waits while this one blocks all signals, as a polling ring's does: here for ever. */
	if (plan.happen == let_a_thread_do_the_same && (number == SYS_wait4 || number == SYS_rt_sigprocmask))
		return false;

	if ((number == SYS_prctl && argument[0] == CE_ASK_) || number == SYS_nanosleep)
		return false;
	if (number == SYS_fcntl && argument[1] == F_GETFD && fcntl((int)argument[0], F_GETFD) == -1)
		return false;
	if (plan.error == 0 && plan.process != 0 && plan.process != getpid())
		return false;
	return plan.number == -1 || plan.number == number;
}

/* Takes six arguments however many there are; the kernel does not look at the others, and a sanitizer need not. */
__attribute__((no_sanitize("address"))) static long watched_syscall(long number, ...)
{
	long a[6];
	va_list list;
	int i;

	va_start(list, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (counts(number, a) && ++plan.calls == plan.at) {
		if (plan.error != 0) {
			errno = plan.error;
			return -1;
		}
		plan.happen();
	}
	return syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* ---- what is done ---- */

static const cap_rights_t all = CE_ALL_RIGHTS;
static const cap_rights_t kinds[BATCH] = { CE_RIGHTS(CAP_WRITE, CAP_MMAP_R), CE_RIGHTS(CAP_WRITE, CAP_IOCTL),
					   CE_RIGHTS(CAP_WRITE, CAP_LOOKUP, CAP_FEXECVE) };
static int batch[BATCH];
static int directory;

static int limit_batch(void)
{
	static const unsigned long commands[] = { 0x5451, 0x541b };
	struct ce_descriptor descriptors[BATCH];
	int i;

	for (i = 0; i < BATCH; i++) {
		const struct ce_descriptor one = { batch[i], &kinds[i], commands, i == 1 ? 2 : CE_IOCTLS_KEEP,
						   CE_FCNTLS_KEEP };

		descriptors[i] = one;
	}
	return ce_limit_each(descriptors, BATCH);
}

static int enter(void)
{
	return ce_enter();
}

/* The batch, a directory that is opened by its path, and capability mode. */
static int make_sandbox_with(unsigned flags)
{
	struct ce_opening openings[BATCH + 1];
	int i;

	memset(openings, 0, sizeof(openings));
	for (i = 0; i < BATCH; i++) {
		openings[i].descriptor.fd = batch[i];
		openings[i].descriptor.rights = &kinds[i];
	}
	openings[BATCH].path = "/dev";
	openings[BATCH].flags = O_RDONLY | O_DIRECTORY;
	openings[BATCH].descriptor.rights = CE_SET(CAP_LOOKUP, CAP_READ);
	return ce_sandbox(openings, BATCH + 1, flags, NULL);
}

static int make_sandbox(void)
{
	return make_sandbox_with(0);
}

/* This kernel can enforce it, so a call that fails is no reason to do without. */
static int make_sandbox_if_possible(void)
{
	return make_sandbox_with(CE_SANDBOX_OPTIONAL);
}

struct operation {
	int (*run)(void);
	bool limits;
	bool enters;
	bool first; /* nothing is limited before */
};

static const struct operation operations[] = {
	{ limit_batch, .limits = true },
	{ limit_batch, .limits = true, .first = true },
	{ enter, .enters = true },
	{ enter, .enters = true, .first = true },
	{ make_sandbox, .limits = true, .enters = true },
	{ make_sandbox_if_possible, .limits = true, .enters = true },
};
#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

static const struct operation *operation;

/* Three descriptors and a directory; but for the first time, with a limit, and a number that has one left over. */
static void open_batch(void)
{
	int stale = open(NULL_DEVICE, O_RDWR), i;

	for (i = 0; i < BATCH; i++)
		CHECK((batch[i] = open(NULL_DEVICE, O_RDWR)) >= 0);
	CHECK((directory = open("/tmp", O_RDONLY | O_DIRECTORY)) >= 0);
	if (!operation->first) {
		CHECK(ce_limit(stale, CE_SET(CAP_FSTAT)) == 0);
		CHECK(ce_limit_fcntls(batch[0], CAP_FCNTL_GETFL) == 0);
	}
	CHECK(close(stale) == 0);
}

/* How many of the batch have their new limits; each has them wholly, by what it says and by what it does, or not. */
static int count_limited(void)
{
	int limited = 0, i;
	cap_rights_t rights;

	for (i = 0; i < BATCH; i++) {
		CHECK(ce_get_rights(batch[i], &rights) == 0);
		CHECK(write(batch[i], "x", 1) == 1);
		if (ce_rights_equal(&rights, &kinds[i])) {
			CHECK_FAILS(ENOTCAPABLE, flock(batch[i], LOCK_SH));
			limited++;
		} else {
			CHECK(ce_rights_equal(&rights, &all) && flock(batch[i], LOCK_SH) == 0);
		}
	}
	return limited;
}

/* Before, or after: all of a batch or none, and in capability mode only what was limited before it was entered. */
static void check_all_or_none(void)
{
	const int limited = count_limited();

	CHECK(limited == 0 || limited == BATCH);
	CHECK(!ce_sandboxed() || limited == (operation->limits ? BATCH : 0));
}

static void check_done(void)
{
	CHECK(count_limited() == (operation->limits ? BATCH : 0));
	CHECK(ce_sandboxed() == operation->enters);
	if (!operation->enters)
		return;
	CHECK_FAILS(ECAPMODE, open("/", O_RDONLY));
	/* Landlock says EACCES; where it could not be had the filter says ECAPMODE. */
	CHECK(openat(directory, "../etc/passwd", O_RDONLY) == -1 && (errno == EACCES || errno == ECAPMODE));
}

/* ---- at each call ---- */

/* Tries the body, in a process of its own, with the plan at each call in turn until there is none more. */
static void at_each_call(void (*body)(void))
{
	int status;

	for (plan.at = 1;; plan.at++) {
		status = child_wait(fork_run(body));
		if (WIFEXITED(status) && WEXITSTATUS(status) == FINISHED)
			break;
		if (status != 0)
			dprintf(REPORT_FD, "status %x: operation %d, call %d, error %d\n", (unsigned)status,
				(int)(operation - operations), plan.at, plan.error);
		CHECK(status == 0);
	}
	CHECK(plan.at > 2);
}

/* Prepares without the plan, and runs the operation with it. */
static int run_planned(void)
{
	int result;

	plan.calls = 0;
	plan.process = getpid();
	errno = 0;
	result = operation->run();
	if (plan.calls < plan.at)
		_exit(FINISHED);
	return result;
}

static void prepare(void)
{
	const int at = plan.at;

	plan.at = 0;
	open_batch();
	plan.at = at;
}

static void fail_once(void)
{
	prepare();
	if (run_planned() == 0) {
		check_done();
	} else {
		CHECK(errno != 0);
		CHECK(!ce_sandboxed());
		check_all_or_none();
	}
}

/* Every operation, with each of n errors at each of its calls. */
static void with_each_error(void (*body)(void), const int *errors, size_t n)
{
	size_t i;

	for (operation = operations; operation < operations + OPERATIONS; operation++)
		for (i = 0; i < n; i++) {
			plan.error = errors[i];
			at_each_call(body);
		}
}

IN_CHILD(each_call, fails)
{
	static const int errors[] = { EPERM, ENOSYS, EINVAL, EINTR, ENOMEM, EMFILE, ENFILE, EAGAIN, ENOENT };

	with_each_error(fail_once, errors, sizeof(errors) / sizeof(errors[0]));
}

static void wait_for_the_end(void)
{
	for (;;)
		pause();
}

static volatile bool idles;

static void *idle(void *unused)
{
	idles = true;
	wait_for_the_end();
	return unused;
}

/* The thread runs before the library looks at it: one that the C library is starting makes it wait. */
static void fail_once_beside_a_thread(void)
{
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, idle, NULL) == 0);
	while (!idles)
		sched_yield();
	fail_once();
}

IN_CHILD(each_call, fails_beside_a_thread)
{
	static const int errors[] = { EPERM, EMFILE };

	with_each_error(fail_once_beside_a_thread, errors, sizeof(errors) / sizeof(errors[0]));
}

static void die(void)
{
	kill(getpid(), SIGKILL);
}

/* The process that is killed shares the descriptors themselves, and with them what is open; limits are its own. */
static void be_killed(void)
{
	pid_t pid;
	int status;

	prepare();
	pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0) {
		run_planned();
		_exit(1);
	}
	CHECK(pid > 0);
	status = child_wait(pid);
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	plan.at = 0;
	CHECK(count_limited() == 0 && !ce_sandboxed());
	CHECK(operation->run() == 0);
	check_done();
}

IN_CHILD(each_call, is_the_last_of_a_process)
{
	plan.happen = die;
	for (operation = operations; operation < operations + OPERATIONS; operation++)
		at_each_call(be_killed);
}

static void end_thread(void)
{
	syscall(SYS_exit, 0);
}

static void *run_in_thread(void *finished)
{
	*(bool *)finished = operation->run() == 0;
	return NULL;
}

/* Nothing is the thread's own: what was done holds for those that go on, and what was not can be done by them. */
static void lose_a_thread(void)
{
	bool finished = false;
	pthread_t thread;

	prepare();
	plan.calls = 0;
	plan.process = getpid();
	CHECK(pthread_create(&thread, NULL, run_in_thread, &finished) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
	if (finished) {
		check_done();
		_exit(FINISHED);
	}
	plan.at = 0;
	check_all_or_none();
	CHECK(ce_sandboxed() || operation->run() == 0);
	check_done();
}

IN_CHILD(each_call, is_the_last_of_a_thread)
{
	plan.happen = end_thread;
	for (operation = operations; operation < operations + OPERATIONS; operation++)
		at_each_call(lose_a_thread);
}

/* ---- what others do in between ---- */

static void let_a_thread_do_the_same(void)
{
	bool finished = false;
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, run_in_thread, &finished) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
	CHECK(finished);
}

static void do_it_twice(void)
{
	prepare();
	CHECK(run_planned() == 0);
	check_done();
}

/* But not a sandbox: in capability mode nothing is opened by its path any more. */
IN_CHILD(each_call, may_come_after_another_threads)
{
	plan.happen = let_a_thread_do_the_same;
	for (operation = operations; operation->run != make_sandbox; operation++)
		at_each_call(do_it_twice);
}

static void take_a_number(void)
{
	CHECK(open(NULL_DEVICE, O_RDONLY) >= 0);
}

/* The lowest free number was looked at and found good; then it goes, and the next has a limit. */
IN_CHILD(numbers, one_that_another_thread_took_is_eagain)
{
	const int devices = ce_open_directory("/dev", CE_RIGHTS_KEEP), good = open(NULL_DEVICE, O_RDWR),
		  stale = open(NULL_DEVICE, O_RDWR);

	CHECK(devices >= 0 && ce_limit(stale, CE_SET(CAP_FSTAT)) == 0);
	CHECK(close(stale) == 0 && close(good) == 0);
	plan.happen = take_a_number;
	plan.number = CE_NR_OPENAT2_;
	plan.at = 1;
	plan.calls = 0;
	CHECK_FAILS(EAGAIN, ce_openat(devices, "null", O_RDONLY | O_CREAT, 0, CE_RIGHTS_KEEP)); /* not twice */
	CHECK(plan.calls == 1);
	CHECK(open(NULL_DEVICE, O_RDWR) == stale); /* it was closed again */
}

/* ---- kernels that lack a call ---- */

/* The next call of this number fails. */
static void fail_next(long number, int error)
{
	plan.number = number;
	plan.error = error;
	plan.at = 1;
	plan.calls = 0;
}

/* Before Linux 6.13 a pidfd does not tell of which process it is; what pdfork() noted does. */
IN_CHILD(old_kernels, know_the_number_of_a_child)
{
	int child, other = (int)syscall(CE_NR_PIDFD_OPEN_, getpid(), 0), file = scratch_file();
	pid_t pid = pdfork(&child, 0), answer = 0;

	if (pid == 0)
		for (;;)
			pause();
	CHECK(pid > 0 && other >= 0);
	fail_next(SYS_ioctl, ENOTTY);
	CHECK(pdgetpid(child, &answer) == 0 && answer == pid);
	fail_next(SYS_ioctl, ENOTTY);
	CHECK_FAILS(ESRCH, pdgetpid(other, &answer)); /* nothing was noted */
	fail_next(SYS_ioctl, ENOTTY);
	CHECK_FAILS(EBADF, pdgetpid(file, &answer));
	CHECK(ce_limit(child, CE_SET(CAP_PDGETPID, CAP_PDKILL)) == 0);
	fail_next(SYS_ioctl, EINVAL);
	CHECK_FAILS(ENOTCAPABLE, pdgetpid(child, &answer)); /* CAP_FCNTL */
	CHECK(pdkill(child, SIGKILL) == 0);
}
