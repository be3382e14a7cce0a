/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Process descriptors: every answer that a FreeBSD 13.2 kernel gave (tests/data/freebsd-13.2-procdesc.jsonl), and
 * Linux's, which is the same or differs for a reason that is written down. Then what a system does in its own way.
 */
#include <capsicum_easy.h>
#include <criterion/criterion.h>

#include <poll.h>
#include <pthread.h>
#include <sys/procdesc.h>

#include "../linux/child.h"
#include "../linux/levels.h"
#include "kernel.h"

/* What waitpid(2) of Linux takes to see a child that sends no signal. */
#ifdef __linux__
#define ANY_KIND __WALL
#else
#define ANY_KIND 0
#endif

static int fd;
static pid_t pid;

/* A child that waits for a signal. */
static void start(int flags)
{
	pid = pdfork(&fd, flags);
	CHECK(pid >= 0);
	if (pid == 0)
		for (;;)
			pause();
}

static void start_and_limit(uint64_t right)
{
	cap_rights_t rights;

	start(0);
	cap_rights_init(&rights, right);
	CHECK(cap_rights_limit(fd, &rights) == 0);
}

static int poll_fd(int timeout)
{
	struct pollfd waiting = { .fd = fd, .events = POLLIN };

	CHECK(poll(&waiting, 1, timeout) >= 0);
	return waiting.revents;
}

/* -1 where capability mode does not let it. */
static int end_child(void)
{
	if (pdkill(fd, SIGKILL) != 0)
		return -1;
	CHECK(poll_fd(10000) != 0);
	return 0;
}

static void end_and_wait(void)
{
	int status;

	CHECK(end_child() == 0);
	CHECK(waitpid(pid, &status, ANY_KIND) == pid);
}

/* ---- as FreeBSD was asked ---- */

static int gives_descriptor(void)
{
	return fcntl(fd, F_GETFD) >= 0 ? 0 : -1;
}

static int get_cloexec(void)
{
	return fcntl(fd, F_GETFD);
}

static int get_pid(void)
{
	pid_t answer;

	return pdgetpid(fd, &answer);
}

static int get_equal_pid(void)
{
	pid_t answer = -1;

	return pdgetpid(fd, &answer) == 0 && answer == pid;
}

static int get_status(void)
{
	struct stat status;

	return fstat(fd, &status);
}

static int poll_running(void)
{
	return poll_fd(0);
}

static int poll_ended(void)
{
	return end_child() == 0 ? poll_fd(0) : -1;
}

static int kill_0(void)
{
	return pdkill(fd, 0);
}

static int kill_hard(void)
{
	return pdkill(fd, SIGKILL);
}

static int kill_softly(void)
{
	return pdkill(fd, SIGTERM);
}

static int kill_badly(void)
{
	return pdkill(fd, 777);
}

static int read_it(void)
{
	char byte;

	return (int)read(fd, &byte, 1);
}

static int wait_by_number(void)
{
	int status;

	CHECK(end_child() == 0);
	return waitpid(pid, &status, 0) == pid ? 1 : -1;
}

static int wait_for_any(void)
{
	int status;

	return waitpid(-1, &status, WNOHANG);
}

static int wait_by_number_inside(void)
{
	int status;

	const int options = pdkill(fd, SIGKILL) == 0 ? 0 : WNOHANG; /* not to wait for what does not end */
	const int waited = waitpid(pid, &status, options);

	return waited == pid ? 1 : waited;
}

static int kill_by_number(void)
{
	return kill(pid, SIGTERM);
}

static int kill_after_wait(void)
{
	end_and_wait();
	return pdkill(fd, 0);
}

static int get_pid_after_wait(void)
{
	end_and_wait();
	return get_pid();
}

static int close_and_look(void)
{
	int result;

	close(fd);
	result = kill(pid, 0);
	kill(pid, SIGKILL); /* a PD_DAEMON child outlives the test */
	return result;
}

static int status_of_killed(void)
{
	int status;

	if (pdkill(fd, SIGKILL) != 0)
		return -1;
	CHECK(ce_pdwait(fd, &status) == 0);
	return WTERMSIG(status);
}

static int kill_file(void)
{
	return pdkill(scratch_file(), 0);
}

static int get_pid_of_nothing(void)
{
	pid_t answer;

	return pdgetpid(77, &answer);
}

static void begin(void)
{
	start(0);
}

static void begin_daemon(void)
{
	start(PD_DAEMON);
}

static void begin_cloexec(void)
{
	start(PD_CLOEXEC);
}

static void begin_with_event(void)
{
	start_and_limit(CAP_EVENT);
}

static void begin_with_pdkill(void)
{
	start_and_limit(CAP_PDKILL);
}

static void begin_inside(void)
{
	CHECK(ce_enter() == 0);
	start(0);
}

static const struct line {
	const char *name;
	void (*begin)(void);
	int (*ask)(void);
	struct answer {
		int rc;
		int error;
	} linux_kernel, freebsd;
	const char *why; /* why Linux's answer is another; NULL: it must not be */
} lines[] = {
	{ "pdfork gives a descriptor", begin, gives_descriptor, { 0, 0 }, { 0, 0 }, NULL },
	{ "close-on-exec flag after pdfork(0)", begin, get_cloexec, { 0, 0 }, { 0, 0 }, NULL },
	{ "pdgetpid", begin, get_pid, { 0, 0 }, { 0, 0 }, NULL },
	{ "pdgetpid equals child", begin, get_equal_pid, { 1, 0 }, { 1, 0 }, NULL },
	{ "fstat", begin, get_status, { 0, 0 }, { 0, 0 }, NULL },
	{ "poll running child", begin, poll_running, { 0, 0 }, { 0, 0 }, NULL },
	{ "pdkill 0", begin, kill_0, { 0, 0 }, { 0, 0 }, NULL },
	{ "pdkill SIGKILL", begin, kill_hard, { 0, 0 }, { 0, 0 }, NULL },
	{ "poll ended child (16=POLLHUP)", begin, poll_ended, { POLLIN, 0 }, { 16, 0 }, "a pidfd becomes readable" },
	{ "read on it", begin, read_it, { -1, EINVAL }, { -1, EOPNOTSUPP }, "a pidfd has no read" },
	{ "waitpid on the ended child",
	  begin,
	  wait_by_number,
	  { -1, ECHILD },
	  { 1, 0 },
	  "a child that sends no signal takes __WALL" },
	{ "pdkill after wait", begin, kill_after_wait, { -1, ESRCH }, { -1, ESRCH }, NULL },
	{ "pdgetpid after wait", begin, get_pid_after_wait, { -1, ESRCH }, { 0, 0 }, "a pidfd forgets the number" },
	{ "waitpid(-1, WNOHANG) does not see it", begin, wait_for_any, { -1, ECHILD }, { -1, ECHILD }, NULL },
	{ "last close kills the child: kill(pid,0)",
	  begin,
	  close_and_look,
	  { 0, 0 },
	  { -1, ESRCH },
	  "the end of the parent does" },
	{ "PD_DAEMON child survives close: kill(pid,0)", begin_daemon, close_and_look, { 0, 0 }, { 0, 0 }, NULL },
	{ "PD_CLOEXEC flag", begin_cloexec, get_cloexec, { 1, 0 }, { 1, 0 }, NULL },
	{ "limited to CAP_EVENT: pdgetpid", begin_with_event, get_pid, { -1, ENOTCAPABLE }, { -1, ENOTCAPABLE }, NULL },
	{ "limited to CAP_EVENT: pdkill", begin_with_event, kill_hard, { -1, ENOTCAPABLE }, { -1, ENOTCAPABLE }, NULL },
	{ "limited to CAP_EVENT: fstat", begin_with_event, get_status, { -1, ENOTCAPABLE }, { -1, ENOTCAPABLE }, NULL },
	{ "limited to CAP_EVENT: poll", begin_with_event, poll_running, { 0, 0 }, { 0, 0 }, NULL },
	{ "limited to CAP_PDKILL: pdkill", begin_with_pdkill, kill_hard, { 0, 0 }, { 0, 0 }, NULL },
	{ "limited to CAP_PDKILL: poll gives POLLNVAL(32)",
	  begin_with_pdkill,
	  poll_running,
	  { 0, 0 },
	  { 32, 0 },
	  "poll does not check CAP_EVENT (docs/linux-differences.md)" },
	{ "pdkill on a file", begin, kill_file, { -1, EBADF }, { -1, EBADF }, NULL },
	{ "pdgetpid on a bad fd", begin, get_pid_of_nothing, { -1, EBADF }, { -1, EBADF }, NULL },
	{ "pdkill bad signal", begin, kill_badly, { -1, EINVAL }, { -1, EINVAL }, NULL },
	{ "capability mode: pdfork", begin_inside, gives_descriptor, { 0, 0 }, { 0, 0 }, NULL },
	{ "capability mode: pdgetpid", begin_inside, get_pid, { 0, 0 }, { 0, 0 }, NULL },
	{ "capability mode: pdkill SIGTERM", begin_inside, kill_softly, { 0, 0 }, { 0, 0 }, NULL },
	{ "capability mode: poll ended",
	  begin_inside,
	  poll_ended,
	  { POLLIN, 0 },
	  { 16, 0 },
	  "a pidfd becomes readable" },
	{ "capability mode: waitpid",
	  begin_inside,
	  wait_by_number_inside,
	  { -1, ECHILD },
	  { -1, ECAPMODE },
	  "allowed, but a child that sends no signal takes __WALL" },
	{ "capability mode: kill(child)", begin_inside, kill_by_number, { -1, ECAPMODE }, { -1, ECAPMODE }, NULL },
	{ "kevent exit status data", begin_inside, status_of_killed, { 9, 0 }, { 9, 0 }, NULL }, /* by ce_pdwait(),
												    there as here */
};

/* Lines with nothing to compare. */
static const char *const not_here[] = {
	"rights of a new one", /* all rights, of which 13.2 has fewer */
	"capability mode: kevent add EVFILT_PROCDESC",
	"capability mode: kevent NOTE_EXIT arrives",
	"openat from limited directory: ioctls_get", /* tests/linux/conformance.c */
	"openat from limited directory: fcntls_get",
};

#define LINES (sizeof(lines) / sizeof(lines[0]))

static const char *error_name(int error)
{
	switch (error) {
	case 0:
		return "ok";
	case EBADF:
		return "EBADF";
	case EINVAL:
		return "EINVAL";
	case ECHILD:
		return "ECHILD";
	case EOPNOTSUPP:
		return "EOPNOTSUPP";
	case ESRCH:
		return "ESRCH";
	case ENOTCAPABLE:
		return "ENOTCAPABLE";
	case ECAPMODE:
		return "ECAPMODE";
	default:
		return "?";
	}
}

/* What this kernel must say. */
static struct answer expected_answer(const struct line *line)
{
#if defined(__FreeBSD__)
	const struct answer waited = { 1, 0 };

	return line->ask == wait_by_number_inside && waits_inside() ? waited : line->freebsd;
#else
	const struct answer refused = { -1, ECAPMODE };
	const bool kills_inside = line->begin == begin_inside && (line->ask == kill_softly || line->ask == poll_ended ||
								  line->ask == status_of_killed);

	if (line->begin == begin_inside && line->ask == get_pid && !has(PIDFD_NUMBERS))
		return refused;
	return kills_inside && !has(SIGNALS) ? refused : line->linux_kernel;
#endif
}

static void check_line(void)
{
	extern const struct line *current_line;
	const struct answer expected = expected_answer(current_line);
	int rc;

	current_line->begin();
	errno = 0;
	rc = current_line->ask();
	if (rc != expected.rc || (rc == -1 && errno != expected.error))
		child_fail(__FILE__, __LINE__, current_line->name, rc == -1 ? errno : 0);
}

const struct line *current_line;

Test(procdesc, answers_as_written_down)
{
	for (current_line = lines; current_line < lines + LINES; current_line++)
		cr_expect_eq(child_status(check_line), 0, "%s", current_line->name);
}

static const struct line *find_line(const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < LINES; i++)
		if (strlen(lines[i].name) == length && strncmp(lines[i].name, name, length) == 0)
			return &lines[i];
	return NULL;
}

static bool is_not_here(const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < sizeof(not_here) / sizeof(not_here[0]); i++)
		if (strlen(not_here[i]) == length && strncmp(not_here[i], name, length) == 0)
			return true;
	return false;
}

Test(procdesc, differs_from_freebsd_only_where_it_says_why)
{
	FILE *oracle = fopen(ORACLE, "r");
	char text[512], theirs[64];
	size_t found = 0, count = 0;

	cr_assert_not_null(oracle);
	while (fgets(text, sizeof(text), oracle) != NULL) {
		const char *name = strchr(text, ':') + 2;
		size_t length = strcspn(name, "\"");
		const struct line *line = find_line(name, length);

		count++;
		if (line == NULL) {
			cr_expect(is_not_here(name, length), "nothing is known about: %s", text);
			continue;
		}
		found++;
		snprintf(theirs, sizeof(theirs), "\"rc\":%d,\"errno\":\"%s\"", line->freebsd.rc,
			 error_name(line->freebsd.error));
		cr_expect(strstr(text, theirs) != NULL, "%s not: %s", text, theirs);
		cr_expect_eq(line->why == NULL, memcmp(&line->linux_kernel, &line->freebsd, sizeof(line->freebsd)) == 0,
			     "%s", line->name);
	}
	fclose(oracle);
	cr_expect_eq(found, LINES);
	cr_expect_eq(count, found + sizeof(not_here) / sizeof(not_here[0]));
}

/* ---- on every system ---- */

IN_CHILD(procdesc, a_new_one_has_all_rights)
{
	cap_rights_t rights;

	start(0);
	CHECK(ce_get_rights(fd, &rights) == 0);
	CHECK(ce_rights_contains(&rights, &(const cap_rights_t)CE_ALL_RIGHTS)); /* a newer kernel has more */
}

IN_CHILD(procdesc, refuses_what_makes_no_sense)
{
	pid_t answer = 77;
	int status = 77;

	CHECK_FAILS(EINVAL, pdfork(&fd, 4));
#ifdef __linux__ /* FreeBSD forks first */
	CHECK_FAILS(EFAULT, pdfork(NULL, 0));
	CHECK_FAILS(EFAULT, pdgetpid(0, NULL));
#endif
	CHECK_FAILS(EFAULT, ce_pdwait(0, NULL));
	CHECK_FAILS(EBADF, pdgetpid(scratch_file(), &answer));
	CHECK_FAILS(EBADF, ce_pdwait(77, &status));
	CHECK_FAILS(EBADF, ce_pdwait(-1, &status));
	CHECK_FAILS(NO_PROCESS, ce_pdwait(scratch_file(), &status));
	CHECK(answer == 77 && status == 77);
}

#ifdef __linux__

/* FreeBSD 15.1's pdwait(2) and pdrfork(2), as its own tests want them. */

static int status_of_exited(void)
{
	int status = -1;

	pid = pdfork(&fd, 0);
	CHECK(pid >= 0);
	if (pid == 0)
		_exit(42);
	CHECK(pdwait(fd, &status, WEXITED, NULL, NULL) == 0);
	return status;
}

IN_CHILD(procdesc, pdwait_tells_everything)
{
	struct __wrusage usage;
	siginfo_t info;
	int status = -1;

	memset(&usage, 0xff, sizeof(usage));
	fd = -1;
	pid = pdfork(&fd, 0);
	CHECK(pid >= 0);
	if (pid == 0)
		_exit(fd == -1 ? 42 : 77); /* the child is given no descriptor */
	CHECK(pdwait(fd, &status, WEXITED, &usage, &info) == 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 42);
	CHECK(usage.wru_self.ru_maxrss > 0 && usage.wru_children.ru_maxrss == 0);
	CHECK(info.si_signo == SIGCHLD && info.si_pid == pid && info.si_status == 42);
	CHECK_FAILS(ESRCH, pdwait(fd, NULL, WEXITED, NULL, NULL));
	CHECK_FAILS(ESRCH, pdkill(fd, SIGTERM));
}

IN_CHILD(procdesc, pdwait_works_in_capability_mode)
{
	CHECK(ce_enter() == 0);
	CHECK(status_of_exited() == 42 << 8);
}

IN_CHILD(procdesc, pdwait_sees_stops)
{
	int status = -1;

	start(0);
	CHECK_FAILS(EAGAIN, pdwait(fd, &status, WEXITED | WNOHANG, NULL, NULL));
	CHECK(status == -1);
	CHECK(pdkill(fd, SIGSTOP) == 0);
	CHECK(pdwait(fd, &status, WSTOPPED, NULL, NULL) == 0 && WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	CHECK(pdkill(fd, SIGCONT) == 0);
	CHECK(pdwait(fd, &status, WCONTINUED, NULL, NULL) == 0 && WIFCONTINUED(status));
	CHECK(pdkill(fd, SIGKILL) == 0);
	CHECK(pdwait(fd, &status, WEXITED | WNOWAIT, NULL, NULL) == 0 && WTERMSIG(status) == SIGKILL);
	CHECK(pdwait(fd, &status, WEXITED, NULL, NULL) == 0 && WTERMSIG(status) == SIGKILL);
}

IN_CHILD(procdesc, pdwait_says_what_is_wrong)
{
	void *nowhere = (void *)8;

	start(0);
	CHECK_FAILS(EBADF, pdwait(99999, NULL, WEXITED, NULL, NULL));
	CHECK_FAILS(EBADF, pdwait(-1, NULL, WEXITED, NULL, NULL));
	CHECK_FAILS(EINVAL, pdwait(fd, NULL, 0, NULL, NULL));
	CHECK_FAILS(EINVAL, pdwait(fd, NULL, -1, NULL, NULL));
	CHECK_FAILS(EINVAL, pdwait(STDERR_FILENO, NULL, WEXITED, NULL, NULL));
	CHECK(pdkill(fd, SIGKILL) == 0);
	CHECK_FAILS(EFAULT, pdwait(fd, nowhere, WEXITED | WNOWAIT, NULL, NULL));
	CHECK_FAILS(EFAULT, pdwait(fd, NULL, WEXITED | WNOWAIT, nowhere, NULL));
	CHECK_FAILS(EFAULT, pdwait(fd, NULL, WEXITED | WNOWAIT, NULL, nowhere));
	CHECK_FAILS(EFAULT, ce_pdwait(fd, nowhere));
}

IN_CHILD(procdesc, pdwait_takes_the_right)
{
	start(0);
	CHECK(ce_limit(fd, CE_SET(CAP_EVENT, CAP_PDKILL)) == 0);
	CHECK_FAILS(ENOTCAPABLE, pdwait(fd, NULL, WEXITED, NULL, NULL));
	CHECK(pdkill(fd, SIGKILL) == 0);
}

/* The child closes a file; whether the parent still has it. */
static int forked_with(int rfflags)
{
	int file = scratch_file(), status = -1;

	pid = pdrfork(&fd, 0, rfflags);
	if (pid == 0) {
		close(file);
		_exit(3);
	}
	CHECK(pid > 0 && ce_pdwait(fd, &status) == 0 && status == 3 << 8);
	return fcntl(file, F_GETFD);
}

IN_CHILD(procdesc, pdrfork_shares_descriptors_or_not)
{
	CHECK(forked_with(RFPROC | RFPROCDESC | RFFDG) != -1);
	CHECK(forked_with((int)RFSPAWN) != -1);
	CHECK_FAILS(EBADF, forked_with(RFPROC | RFPROCDESC));
	CHECK_FAILS(EINVAL, pdrfork(&fd, -1, (int)RFSPAWN));
	CHECK_FAILS(EINVAL, pdrfork(&fd, 0, -1));
	CHECK_FAILS(EINVAL, pdrfork(&fd, 0, RFPROCDESC));
	CHECK_FAILS(EFAULT, pdrfork((int *)-1, 0, RFPROC | RFPROCDESC));
}

/* Its end is nobody's news: no signal, and no child of waitpid(-1). */
IN_CHILD(procdesc, the_child_sends_no_signal)
{
	sigset_t child, pending;

	CHECK(sigemptyset(&child) == 0 && sigaddset(&child, SIGCHLD) == 0);
	CHECK(sigprocmask(SIG_BLOCK, &child, NULL) == 0);
	CHECK(status_of_exited() == 42 << 8);
	CHECK(sigpending(&pending) == 0 && !sigismember(&pending, SIGCHLD));
	CHECK_FAILS(ECHILD, waitpid(-1, NULL, 0));
}

#endif

static void check_status(int expected, void (*end)(void))
{
	int status = -1;

	pid = pdfork(&fd, 0);
	CHECK(pid >= 0);
	if (pid == 0) {
		end();
		_exit(77);
	}
	CHECK(ce_pdwait(fd, &status) == 0);
	CHECK((status & ~0x80) == expected); /* whether there was a core file depends on the machine */
#ifdef __linux__			     /* FreeBSD says it again */
	CHECK_FAILS(ECHILD, ce_pdwait(fd, &status));
#endif
	close(fd);
}

static void exit_3_or_4(void)
{
#ifdef __linux__
	/* libc must find the child's own thread id, not the parent's: mutexes and signals to the thread depend on it.
	 */
	exit(ce_thread_id_address_() != NULL ? 3 : 4);
#else
	exit(3);
#endif
}

static void raise_term(void)
{
	raise(SIGTERM);
}

IN_CHILD(procdesc, waits_for_the_status)
{
	check_status(3 << 8, exit_3_or_4);
	check_status(SIGTERM, raise_term);
	check_status(SIGABRT, abort);
}

static void *wait_for_the_status(void *unused)
{
#ifdef __GLIBC__
	CHECK(ce_thread_id_address_() != NULL);
#endif
	check_status(3 << 8, exit_3_or_4);
	return unused;
}

/* No C library gives to the kernel the same of every thread. */
IN_CHILD(procdesc, waits_for_the_status_in_a_thread)
{
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, wait_for_the_status, NULL) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
}

IN_CHILD(procdesc, waits_for_the_status_in_capability_mode)
{
	CHECK(ce_enter() == 0);
	check_status(3 << 8, exit_3_or_4);
	if (!has(SIGNALS))
		return; /* the child of one inside may not even signal itself */
	check_status(SIGTERM, raise_term);
	check_status(SIGABRT, abort);
}

IN_CHILD(procdesc, each_right_allows_its_call_alone)
{
	pid_t answer = -1;
	int status = -1;

	start_and_limit(CAP_PDGETPID);
	if (has(PIDFD_NUMBERS))
		CHECK(pdgetpid(fd, &answer) == 0 && answer == pid);
	else
		CHECK_FAILS(ENOTCAPABLE, pdgetpid(fd, &answer));
	CHECK_FAILS(ENOTCAPABLE, pdkill(fd, SIGKILL));
	CHECK_FAILS(ENOTCAPABLE, ce_pdwait(fd, &status));
	CHECK(kill(pid, SIGKILL) == 0);

	start_and_limit(WAITING);
	CHECK_FAILS(ENOTCAPABLE, pdgetpid(fd, &answer));
	CHECK_FAILS(ENOTCAPABLE, pdkill(fd, SIGKILL));
	CHECK(kill(pid, SIGKILL) == 0);
	CHECK(ce_pdwait(fd, &status) == 0 && status == SIGKILL);
}

#ifdef __linux__
IN_CHILD(procdesc, an_ioctl_list_does_not_give_the_number_away)
{
	const unsigned long command = CE_PIDFD_GET_INFO_;
	cap_rights_t rights;
	pid_t answer;

	start(0);
	cap_rights_init(&rights, CAP_IOCTL);
	CHECK(cap_rights_limit(fd, &rights) == 0);
	CHECK_FAILS(ENOTCAPABLE, pdgetpid(fd, &answer));
	CHECK(cap_ioctls_limit(fd, &command, 1) == 0);
	CHECK_FAILS(ENOTCAPABLE, pdgetpid(fd, &answer));
}
#endif

IN_CHILD(procdesc, gets_no_number_with_limits_left_over)
{
	int stale = scratch_file();

	CHECK(ce_limit(stale, CE_SET(CAP_READ)) == 0);
	close(stale);
	start(0);
	CHECK((fd != stale) == NUMBERS_STAY_LIMITED);
	CHECK(pdkill(fd, SIGKILL) == 0);
}

/* Ends at once, and leaves a child behind that writes to the pipe when it is told to go on. */
static void leave_child(int flags, int pipe_fd)
{
	pid = pdfork(&fd, flags);
	CHECK(pid >= 0);
	if (pid == 0) {
		usleep(200000);
		_exit(write(pipe_fd, "x", 1) == 1 ? 0 : 1);
	}
	_exit(0);
}

static ssize_t bytes_from_orphan(int flags)
{
	int ends[2];
	char byte;
	pid_t parent;

	CHECK(pipe(ends) == 0);
	parent = fork();
	if (parent == 0)
		leave_child(flags, ends[1]);
	close(ends[1]);
	CHECK(child_wait(parent) == 0);
	return read(ends[0], &byte, 1);
}

IN_CHILD(procdesc, the_child_ends_with_its_parent)
{
	CHECK(bytes_from_orphan(0) == 0);
	CHECK(bytes_from_orphan(PD_DAEMON) == 1);
}

static void *start_in_thread(void *unused)
{
	start(0);
	return unused;
}

/* The kernel ends a child with the thread that made it, so only the first thread's children are bound. */
IN_CHILD(procdesc, the_child_of_a_thread_outlives_it)
{
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, start_in_thread, NULL) == 0 && pthread_join(thread, NULL) == 0);
	CHECK(poll_fd(100) == 0);
	end_and_wait();
}

static void kill_from_inside(void)
{
	CHECK(ce_enter() == 0);
#ifdef __linux__ /* on FreeBSD the descriptor is enough */
	CHECK_WITH(SIGNALS, EPERM, pdkill(fd, SIGKILL));
#endif
}

IN_CHILD(procdesc, a_child_from_before_is_out_of_reach_inside)
{
	start(0);
	CHECK_CHILD(kill_from_inside);
	CHECK(pdkill(fd, SIGKILL) == 0);
}

#ifdef __linux__

/* A kernel that does not tell where libc keeps the thread id, or a libc that keeps it nowhere. */
static void hide_thread_id(void)
{
	const struct ce_bpf_insn_ code[] = {
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_NR_ },
		{ CE_BPF_JEQ_, 0, 3, SYS_prctl },
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_LOW_(0) },
		{ CE_BPF_JEQ_, 0, 1, CE_PR_GET_TID_ADDRESS_ },
		{ CE_BPF_RET_, 0, 0, CE_SECCOMP_ERRNO_ | EINVAL },
		{ CE_BPF_RET_, 0, 0, CE_SECCOMP_ALLOW_ },
	};

	install_filter(code, sizeof(code) / sizeof(code[0]));
}

static int orphan_pipe[2];

/* A child that should not be there says so. */
static void fork_inside(void)
{
	CHECK(ce_enter() == 0);
	pid = pdfork(&fd, 0);
	if (pid == 0)
		_exit(write(orphan_pipe[1], "x", 1) == 1 ? 0 : 1);
	CHECK(pid == -1 && errno == ECAPMODE);
}

IN_CHILD(procdesc, falls_back_to_fork)
{
	pid_t answer = -1;
	char byte;

	hide_thread_id();
	start(0);
	CHECK(get_cloexec() == 0);
	CHECK(pdgetpid(fd, &answer) == 0 && answer == pid);
	CHECK(status_of_killed() == SIGKILL);
	check_status(4 << 8, exit_3_or_4);
	CHECK(pipe(orphan_pipe) == 0);
	CHECK_CHILD(fork_inside);
	close(orphan_pipe[1]);
	CHECK(read(orphan_pipe[0], &byte, 1) == 0);
}

#endif
