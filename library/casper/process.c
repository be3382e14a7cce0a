/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The processes: casper, which cap_init() starts, and one for each channel.
 *
 *	client ──socket pair── casper                  cap_init(); holds its end of the pair, nothing else
 *	  ├─────socket pair──── system.dns             cap_service_open(): casper forks it
 *	  └─────socket pair──── system.dns             cap_clone(): the first one forks it
 *
 * A process serves one channel, in order, and ends when the other end is closed or sends what is no message. So a
 *client that is slow, sends garbage or makes a service crash has that channel to itself, and no process holds anything
 *of another channel. A clone is a fork of its service, so it has its limits.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "casper.h"

#define SERVICES_MAX 16u
#define CLOSE_MAX 65536 /* where the kernel has no close_range(2), before 5.9 */

static struct service registered[SERVICES_MAX];
static size_t registered_count;
static int serving = -1; /* this process's channel, which is not for the processes that it forks, and its service */
static const struct service *served;

static int casper_limit(const nvlist_t *old, const nvlist_t *wanted);
static int casper_command(const char *cmd, const nvlist_t *limits, nvlist_t *in, nvlist_t *out);

static const struct service casper = {
	.name = "casper",
	.limit = casper_limit,
	.command = casper_command,
	.keeps_place = true,
};

static const struct service *const built_in[] = { &casper_dns, &casper_net,	 &casper_netdb, &casper_pwd,
						  &casper_grp, &casper_fileargs, &casper_syslog };

const struct service *process_find(const char *name)
{
	for (size_t at = 0; at < sizeof(built_in) / sizeof(built_in[0]); at++)
		if (strcmp(built_in[at]->name, name) == 0)
			return built_in[at];
	for (size_t at = 0; at < registered_count; at++)
		if (strcmp(registered[at].name, name) == 0)
			return &registered[at];
	return NULL;
}

int service_register(const char *name, service_limit_func_t *limitfunc, service_command_func_t *commandfunc,
		     uint64_t flags)
{
	if (name == NULL || limitfunc == NULL || commandfunc == NULL)
		errno = EINVAL;
	else if (process_find(name) != NULL)
		errno = EEXIST;
	else if (registered_count == SERVICES_MAX)
		errno = ENOMEM;
	else {
		registered[registered_count++] = (struct service){
			.name = name, .limit = limitfunc, .command = commandfunc, .keeps_place = true, .flags = flags
		};
		return 0;
	}
	return -1;
}

/* The process's own copies of what the client has are of no use to a service, and could be to whoever takes it over. */
static void close_others(int keep, uint64_t flags)
{
	const bool stdio = (flags & (CASPER_SERVICE_STDIO | CASPER_SERVICE_FD)) != 0;
	int null = stdio ? -1 : open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd < 3 && !stdio; fd++)
		if (fd != keep && null >= 0 && null != fd)
			dup2(null, fd);
	if ((flags & CASPER_SERVICE_FD) != 0)
		return;
	if ((keep <= 3 || syscall(SYS_close_range, 3u, (unsigned)keep - 1, 0u) == 0) &&
	    syscall(SYS_close_range, keep < 3 ? 3u : (unsigned)keep + 1, ~0u, 0u) == 0)
		return;
	for (int fd = 3; fd < CLOSE_MAX; fd++)
		if (fd != keep)
			close(fd);
}

/* What the client does with a signal is not for its services to do. Those of the terminal are the client's. */
static void reset_signals(void)
{
	static const int ignored[] = { SIGCHLD, SIGPIPE, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP };
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		if (number != SIGKILL && number != SIGSTOP)
			signal(number, SIG_DFL);
	for (size_t at = 0; at < sizeof(ignored) / sizeof(ignored[0]); at++)
		signal(ignored[at], SIG_IGN); /* SIGCHLD: and the kernel forgets services that have ended */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int limit_set(const struct service *service, nvlist_t **limits, nvlist_t *request)
{
	nvlist_t *wanted = nvlist_take_nvlist(request, "limits");
	int error = wanted == NULL ? EINVAL : service->limit(*limits, wanted);

	if (error != 0) {
		nvlist_destroy(wanted);
		return error;
	}
	nvlist_destroy(*limits);
	*limits = wanted;
	return 0;
}

/* What every service knows to do. False: nothing of it. */
static bool common_command(const struct service *service, const char *cmd, nvlist_t **limits, nvlist_t *request,
			   nvlist_t *answer, int *error)
{
	int sock;

	*error = 0;
	if (strcmp(cmd, "limit_set") == 0) {
		*error = limit_set(service, limits, request);
	} else if (strcmp(cmd, "limit_get") == 0) {
		if (*limits != NULL)
			nvlist_add_nvlist(answer, "limits", *limits);
	} else if (strcmp(cmd, "clone") == 0) {
		sock = process_serve(service, *limits);
		if (sock < 0)
			*error = errno;
		else
			nvlist_move_descriptor(answer, "sock", sock);
	} else if (strcmp(cmd, "ce_enforcement") == 0) {
		nvlist_add_number(answer, "enforcement", confinement());
	} else {
		return false;
	}
	return true;
}

/* The answer to a request, or NULL if that is none. Takes the request. */
nvlist_t *process_answer(const struct service *service, nvlist_t **limits, nvlist_t *request)
{
	const char *cmd = nvlist_get_string(request, "cmd");
	nvlist_t *answer = cmd == NULL ? NULL : nvlist_create(0);
	int error;

	if (answer != NULL) {
		if (!common_command(service, cmd, limits, request, answer, &error))
			error = service->command(cmd, *limits, request, answer);
		if (error == 0)
			error = nvlist_error(answer);
		if (error != 0) {
			nvlist_destroy(answer);
			answer = nvlist_create(0);
		}
		nvlist_add_number(answer, "error", (uint64_t)error);
	}
	nvlist_destroy(request);
	return answer;
}

/*
 * Sends an answer, which it takes. A program's own service may have entered capability mode or limited something, and
 * then sends no descriptors: that is its answer.
 */
static bool reply(int sock, nvlist_t *answer, uint32_t id)
{
	bool sent = wire_send(sock, answer, id) == 0;
	int error = errno;

	nvlist_destroy(answer);
	if (sent || (error != ECAPMODE && error != ENOTCAPABLE))
		return sent;
	answer = nvlist_create(0);
	nvlist_add_number(answer, "error", (uint64_t)error);
	sent = wire_send(sock, answer, id) == 0;
	nvlist_destroy(answer);
	return sent;
}

static void __attribute__((noreturn)) serve(const struct service *service, int sock, nvlist_t *limits)
{
	nvlist_t *request;
	uint32_t id;

	serving = sock;
	served = service;
	while ((request = wire_receive(sock, &id)) != NULL) {
		nvlist_t *answer = process_answer(service, &limits, request);

		if (answer == NULL || !reply(sock, answer, id))
			break;
	}
	_exit(0);
}

/*
 * In the new process. A clone has what its service has, a copy of the limits among it; what casper forks has casper's
 * memory and must let go of the rest.
 */
static void __attribute__((noreturn)) become(const struct service *service, int sock, nvlist_t *limits)
{
	close(serving);
	if (service == served) {
		if (service->cloned != NULL)
			service->cloned();
		serve(service, sock, limits);
	}
	close_others(sock, service->flags);
	prctl(PR_SET_NAME, service->name, 0L, 0L, 0L);
	if (!service->keeps_place && (setsid() < 0 || chdir("/") != 0))
		_exit(1);
	if (service->ready != NULL)
		service->ready();
	if (!confine(service->files, service->sockets))
		_exit(1);
	serve(service, sock, limits);
}

int process_serve(const struct service *service, nvlist_t *limits)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return -1;
	if (service == served && service->cloning != NULL)
		service->cloning();
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		become(service, pair[1], limits);
	}
	close(pair[1]);
	if (pid < 0) {
		int error = errno;

		close(pair[0]);
		errno = error;
		return -1;
	}
	return pair[0];
}

/* Limits of casper: the names of services that may be opened. */
static int casper_limit(const nvlist_t *old, const nvlist_t *wanted)
{
	void *cookie = NULL;
	int type;

	while (nvlist_next(wanted, &type, &cookie) != NULL)
		if (type != NV_TYPE_NULL)
			return EINVAL;
	return limits_names_within(old, wanted) ? 0 : ENOTCAPABLE;
}

static int casper_command(const char *cmd, const nvlist_t *limits, nvlist_t *in, nvlist_t *out)
{
	const char *name = nvlist_get_string(in, "service");
	const struct service *service;
	int sock;

	if (strcmp(cmd, "open") != 0 || name == NULL)
		return EINVAL;
	service = process_find(name);
	if (service == NULL)
		return ENOENT;
	if (limits != NULL && !nvlist_exists_null(limits, name))
		return ENOTCAPABLE;
	sock = process_serve(service, NULL);
	if (sock < 0)
		return errno;
	nvlist_move_descriptor(out, "sock", sock);
	nvlist_add_number(out, "flags", (service->flags & CASPER_SERVICE_NO_UNIQ_LIMITS) != 0 ? CASPER_NO_UNIQ : 0);
	return 0;
}

/*
 * Says to the client whether a descriptor can be sent from here: not if anything was limited or capability mode entered
 * before, which this process has from the client. The message is one of casper's answers, without a request.
 */
static void say_ready(int sock)
{
	nvlist_t *probe = nvlist_create(0);
	nvlist_t *answer = nvlist_create(0);
	int pair[2];
	int error = 0;

	nvlist_add_descriptor(probe, "probe", sock);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		error = errno;
	else if (wire_send(pair[0], probe, 0) != 0)
		error = errno;
	nvlist_add_number(answer, "error", (uint64_t)error);
	if (error == 0) {
		close(pair[0]);
		close(pair[1]);
	}
	nvlist_destroy(probe);
	if (wire_send(sock, answer, 0) != 0 || error != 0)
		_exit(1);
	nvlist_destroy(answer);
}

/* Casper keeps the descriptors that a registered service asks for, and no others. */
static void __attribute__((noreturn)) become_casper(int sock)
{
	uint64_t flags = 0;

	for (size_t at = 0; at < registered_count; at++)
		flags |= registered[at].flags;
	setpgid(0, 0); /* out of the way of ^C, yet in the session, for /dev/tty among files */
	reset_signals();
	close_others(sock, flags);
	prctl(PR_SET_NAME, casper.name, 0L, 0L, 0L);
	say_ready(sock);
	serve(&casper, sock, NULL);
}

/*
 * Starts casper as nobody's child: by a process in between, which ends at once and which the client waits for. That one
 * is made by clone(2) without a signal, so that no handler runs; casper itself by fork(3), as a libc expects of a
 * process that goes on.
 */
static int start(int sock)
{
	int status;
	pid_t waited;
	pid_t between = (pid_t)syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);

	if (between == 0) {
		pid_t pid = fork();

		if (pid == 0)
			become_casper(sock);
		_exit(pid < 0 ? errno : 0);
	}
	if (between < 0)
		return -1;
	do
		waited = waitpid(between, &status, __WALL);
	while (waited < 0 && errno == EINTR);
	if (waited < 0)
		return -1;
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EAGAIN;
	return errno == 0 ? 0 : -1;
}

/* What casper says first. */
static bool is_ready(const cap_channel_t *chan)
{
	nvlist_t *answer = cap_recv_nvlist(chan);
	int error = answer == NULL ? errno : (int)dnvlist_get_number(answer, "error", EBADMSG);

	nvlist_destroy(answer);
	if (error != 0)
		errno = error;
	return error == 0;
}

static cap_channel_t *start_casper(void)
{
	cap_channel_t *chan = NULL;
	int pair[2];
	int error;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return NULL;
	if (start(pair[1]) == 0)
		chan = cap_wrap(pair[0], 0);
	error = errno;
	close(pair[1]);
	if (chan == NULL)
		close(pair[0]);
	errno = error;
	if (chan != NULL && !is_ready(chan)) {
		cap_close(chan);
		return NULL;
	}
	return chan;
}

/* Who and where a program is: what a casper has from it. */
struct program {
	pid_t pid;
	uid_t uid;
	gid_t gid;
	dev_t device;
	ino_t directory;
};

/* A casper that was started before the first limit, for the first cap_init(), and what the program was then. */
static struct {
	cap_channel_t *chan;
	bool tried;
	struct program program;
} early;

static bool program_now(struct program *now)
{
	struct stat here;

	if (stat(".", &here) != 0)
		return false;
	*now = (struct program){ .pid = getpid(), .uid = geteuid(), .gid = getegid() };
	now->device = here.st_dev;
	now->directory = here.st_ino;
	return true;
}

static bool same_program(const struct program *one, const struct program *other)
{
	return one->pid == other->pid && one->uid == other->uid && one->gid == other->gid &&
	       one->device == other->device && one->directory == other->directory;
}

/* The one from before, if the program is still the same. It is nobody else's from now on. */
static cap_channel_t *take_early(void)
{
	cap_channel_t *chan = early.chan;
	struct program now;

	early.chan = NULL;
	if (chan == NULL || (program_now(&now) && same_program(&now, &early.program)))
		return chan;
	cap_close(chan);
	return NULL;
}

/*
 * Before a limit: starts a casper, if there is none yet, since none could be started afterwards. Before capability
 * mode: ends it, since whoever takes over the program could use it without limits.
 */
void casper_before_filter_(bool entering)
{
	int error = errno;

	if (entering)
		cap_close(take_early());
	else if (!early.tried && program_now(&early.program))
		early.chan = start_casper();
	early.tried = true;
	errno = error;
}

cap_channel_t *cap_init(void)
{
	cap_channel_t *chan = take_early();

	if (chan != NULL)
		return chan;
	early.tried = true; /* a program that has called this knows what to do first */
	if (descriptor_in_capability_mode()) {
		errno = ECAPMODE;
		return NULL;
	}
	return start_casper();
}
