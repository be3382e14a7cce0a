/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Casper itself: starting, opening, limiting, cloning and closing; lists; several users of one channel.
 */
#include "casper.h"

#include <casper/cap_pwd.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

IN_CHILD(channels, starts_without_a_child_of_ours)
{
	cap_channel_t *casper = cap_init();

	CHECK(casper != NULL);
	CHECK(cap_channel_flags(casper) == 0);
	CHECK_FAILS(ECHILD, (int)waitpid(-1, NULL, WNOHANG));
	CHECK((fcntl(cap_sock(casper), F_GETFD) & FD_CLOEXEC) != 0);
	cap_close(casper);
	cap_close(NULL);
}

IN_CHILD(channels, opens_services_by_name)
{
	cap_channel_t *casper = cap_init();
	cap_channel_t *pwd = cap_service_open(casper, "system.pwd");

	CHECK(pwd != NULL);
	CHECK_NULL(ENOENT, cap_service_open(casper, "system.nope"));
	CHECK_NULL(ENOENT, cap_service_open(casper, ""));
	CHECK_NULL(ENOENT, cap_service_open(casper, "system.sysctl"));
	CHECK_NULL(ENOENT, cap_service_open(casper, "casper"));
	CHECK_NULL(EINVAL, cap_service_open(casper, NULL));
	CHECK_NULL(EINVAL, cap_service_open(pwd, "system.pwd"));
	CHECK(cap_getpwuid(pwd, 0) != NULL);
}

IN_CHILD(channels, limits_services)
{
	const char *const two[] = { "system.dns", "system.pwd" };
	const char *const twice[] = { "system.pwd", "system.pwd" };
	const char *const nothing[] = { NULL };
	cap_channel_t *casper = cap_init();
	nvlist_t *limits;

	CHECK(cap_limit_get(casper, &limits) == 0 && limits == NULL);
	CHECK_FAILS(EEXIST, cap_service_limit(casper, twice, 2));
	CHECK_FAILS(EINVAL, cap_service_limit(casper, nothing, 1));
	CHECK_FAILS(EINVAL, cap_limit_set(casper, NULL));
	CHECK(cap_service_limit(casper, two, 2) == 0);
	CHECK_NULL(ENOTCAPABLE, cap_service_open(casper, "system.grp"));
	CHECK_NULL(ENOENT, cap_service_open(casper, "system.nope"));
	CHECK(cap_service_open(casper, "system.dns") != NULL);
	CHECK(cap_service_limit(casper, two + 1, 1) == 0);
	CHECK_FAILS(ENOTCAPABLE, cap_service_limit(casper, two, 2));
	CHECK(cap_limit_get(casper, &limits) == 0 && nvlist_exists_null(limits, "system.pwd") &&
	      !nvlist_exists(limits, "system.dns"));
	nvlist_destroy(limits);
	CHECK(cap_service_limit(casper, NULL, 0) == 0);
	CHECK_NULL(ENOTCAPABLE, cap_service_open(casper, "system.pwd"));
}

static void limit_something(void)
{
	cap_rights_t rights;
	int fd = scratch_file();

	CHECK(cap_rights_limit(fd, cap_rights_init(&rights, CAP_READ)) == 0);
}

/* FreeBSD's tail limits its standard streams, and then starts casper. */
IN_CHILD(channels, starts_after_a_limit)
{
	cap_channel_t *casper;

	limit_something();
	casper = cap_init();
	CHECK(casper != NULL && cap_getpwuid(cap_service_open(casper, "system.pwd"), 0) != NULL);
	CHECK_NULL(ENOTCAPABLE, cap_init());
	CHECK(cap_enter() == 0);
	CHECK_NULL(ECAPMODE, cap_init());
}

IN_CHILD(channels, does_not_start_after_a_limit_as_another_program)
{
	limit_something();
	CHECK(chdir("/") == 0 && chdir("/tmp") == 0);
	CHECK_NULL(ENOTCAPABLE, cap_init());
}

/* Or whoever took over the program could use it. */
IN_CHILD(channels, leaves_no_casper_to_a_sandbox)
{
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L) == 0);
	limit_something();
	CHECK((int)waitpid(-1, NULL, WNOHANG) == 0);
	CHECK(cap_enter() == 0);
	CHECK(fcntl(4, F_GETFD) == -1);
	CHECK_NULL(ECAPMODE, cap_init());
}

/* A program that starts casper first needs none before a limit. */
IN_CHILD(channels, starts_once)
{
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L) == 0);
	cap_close(cap_init());
	CHECK(waitpid(-1, NULL, 0) > 0);
	limit_something();
	CHECK_FAILS(ECHILD, (int)waitpid(-1, NULL, WNOHANG));
	CHECK_NULL(ENOTCAPABLE, cap_init());
}

IN_CHILD(channels, serves_in_capability_mode)
{
	cap_channel_t *casper = cap_init();
	cap_channel_t *pwd = cap_service_open(casper, "system.pwd");
	cap_channel_t *clone;

	limit_channel(pwd);
	limit_channel(casper);
	CHECK(caph_enter_casper() == 0 && cap_sandboxed());
	CHECK(cap_getpwuid(pwd, 0) != NULL);
	clone = cap_clone(pwd);
	CHECK(clone != NULL && cap_getpwuid(clone, 0) != NULL);
	CHECK(cap_getpwuid(cap_service_open(casper, "system.pwd"), 0) != NULL);
}

IN_CHILD(channels, clones_with_limits)
{
	const char *const cmds[] = { "getpwuid", "getpwnam" };
	cap_channel_t *pwd = service("system.pwd");
	cap_channel_t *clone = cap_clone(pwd);

	CHECK(cap_pwd_limit_cmds(clone, cmds, 1) == 0);
	CHECK_NULL(ENOTCAPABLE, cap_getpwnam(clone, "root"));
	CHECK(cap_getpwnam(pwd, "root") != NULL);
	cap_close(pwd);
	pwd = cap_clone(clone);
	CHECK_NULL(ENOTCAPABLE, cap_getpwnam(pwd, "root"));
	CHECK_FAILS(ENOTCAPABLE, cap_pwd_limit_cmds(pwd, cmds, 2));
	CHECK(cap_getpwuid(pwd, 0) != NULL);
}

/* As the one who inherits orphans, this process sees them end: casper first, then each service with its last channel.
 */
IN_CHILD(channels, ends_with_its_channels)
{
	cap_channel_t *casper;
	cap_channel_t *pwd;
	cap_channel_t *clone;

	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L) == 0);
	casper = cap_init();
	pwd = cap_service_open(casper, "system.pwd");
	clone = cap_clone(pwd);
	CHECK((int)waitpid(-1, NULL, WNOHANG) == 0);
	cap_close(casper);
	CHECK(waitpid(-1, NULL, 0) > 0);
	CHECK((int)waitpid(-1, NULL, WNOHANG) == 0);
	CHECK(cap_getpwuid(pwd, 0) != NULL);
	cap_close(pwd);
	CHECK(waitpid(-1, NULL, 0) > 0);
	CHECK(cap_getpwuid(clone, 0) != NULL);
	cap_close(clone);
	CHECK(waitpid(-1, NULL, 0) > 0);
	CHECK_FAILS(ECHILD, (int)waitpid(-1, NULL, 0));
}

IN_CHILD(channels, says_that_a_service_is_dead)
{
	int pair[2];
	cap_channel_t *chan;
	nvlist_t *limits;
	struct pollfd waiting = { .events = POLLIN };

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	chan = cap_wrap(pair[0], 0);
	close(pair[1]);
	waiting.fd = cap_sock(chan);
	CHECK(poll(&waiting, 1, 0) == 1);
	CHECK_NULL(EPIPE, cap_getpwuid(chan, 0));
	CHECK_NULL(EPIPE, cap_clone(chan));
	CHECK_FAILS(EPIPE, cap_limit_get(chan, &limits));
	CHECK_NULL(ENOTCONN, cap_recv_nvlist(chan));
}

IN_CHILD(channels, wraps_and_unwraps)
{
	cap_channel_t *pwd = service("system.pwd");
	int flags = 7;
	int sock = cap_unwrap(pwd, &flags);

	CHECK(flags == 0);
	CHECK_NULL(EINVAL, cap_wrap(sock, 0x80));
	CHECK_NULL(EBADF, cap_wrap(77, 0));
	CHECK_NULL(EBADF, cap_wrap(-1, 0));
	CHECK(ioctl(sock, FIONBIO, &(int){ 1 }) == 0); /* it waits all the same */
	pwd = cap_wrap(sock, CASPER_NO_UNIQ);
	CHECK(cap_channel_flags(pwd) == CASPER_NO_UNIQ);
	CHECK(cap_getpwuid(pwd, 0) != NULL);
	CHECK_NULL(ENOTSOCK, cap_service_open(cap_wrap(open("/dev/null", O_RDWR), 0), "system.pwd"));
}

IN_CHILD(channels, starts_without_standard_descriptors)
{
	cap_channel_t *pwd;

	close(0);
	close(1);
	close(2);
	pwd = service("system.pwd");
	CHECK(cap_getpwuid(pwd, 0) != NULL);
}

struct asker {
	cap_channel_t *chan;
	uid_t uid;
	int wrong;
};

static void *ask_often(void *argument)
{
	struct asker *asker = argument;
	struct passwd user;
	struct passwd *result;
	char buffer[4096];

	for (int at = 0; at < 300; at++)
		if (cap_getpwuid_r(asker->chan, asker->uid, &user, buffer, sizeof(buffer), &result) != 0 ||
		    result == NULL || user.pw_uid != asker->uid)
			asker->wrong++;
	return NULL;
}

IN_CHILD(channels, gives_each_thread_and_process_its_own_answers)
{
	cap_channel_t *pwd = service("system.pwd");
	struct asker askers[3] = { { pwd, 0, 0 }, { pwd, 1, 0 }, { pwd, 2, 0 } };
	pthread_t threads[2];
	int status;
	pid_t pid;

	CHECK(pthread_create(&threads[0], NULL, ask_often, &askers[0]) == 0);
	CHECK(pthread_create(&threads[1], NULL, ask_often, &askers[1]) == 0);
	pid = fork();
	if (pid == 0) {
		ask_often(&askers[2]);
		_exit(askers[2].wrong);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	CHECK(askers[0].wrong == 0 && askers[1].wrong == 0);
}

static int handled;

static void handle(int number)
{
	handled = number;
}

IN_CHILD(channels, has_signals_of_its_own)
{
	cap_channel_t *casper;

	signal(SIGTERM, handle);
	signal(SIGINT, SIG_IGN);
	CHECK(setpgid(0, 0) == 0);
	casper = cap_init();
	CHECK(kill(-getpgrp(), SIGTERM) == 0 && kill(-getpgrp(), SIGINT) == 0);
	CHECK(handled == SIGTERM);
	CHECK(cap_service_open(casper, "system.pwd") != NULL);
}

/* A service of the program's own: it answers with what it was sent. */
static int echo_limit(const nvlist_t *old, const nvlist_t *wanted)
{
	return old == NULL && nvlist_exists_bool(wanted, "quiet") ? 0 : ENOTCAPABLE;
}

static int echo_command(const char *cmd, const nvlist_t *limits, nvlist_t *in, nvlist_t *out)
{
	if (strcmp(cmd, "crash") == 0)
		abort();
	if (strcmp(cmd, "enter") == 0)
		return cap_enter() == 0 ? 0 : errno;
	if (strcmp(cmd, "echo") != 0)
		return ENOSYS;
	if (limits != NULL)
		return ENOTCAPABLE;
	nvlist_add_string(out, "text", nvlist_get_string(in, "text"));
	if (nvlist_exists_descriptor(in, "file"))
		nvlist_move_descriptor(out, "file", nvlist_take_descriptor(in, "file"));
	return 0;
}

#include <libcasper_service.h>

CREATE_SERVICE("test.echo", echo_limit, echo_command, 0)

static nvlist_t *command(const char *name)
{
	nvlist_t *request = nvlist_create(0);

	nvlist_add_string(request, "cmd", name);
	return request;
}

IN_CHILD(channels, runs_services_of_the_program)
{
	cap_channel_t *echo = service("test.echo");
	nvlist_t *request = command("echo");
	nvlist_t *answer;
	nvlist_t *limits = nvlist_create(0);

	CHECK_FAILS(EEXIST, service_register("test.echo", echo_limit, echo_command, 0));
	CHECK_FAILS(EEXIST, service_register("system.pwd", echo_limit, echo_command, 0));
	CHECK_FAILS(EINVAL, service_register("test.more", NULL, echo_command, 0));
	nvlist_add_string(request, "text", "hello");
	nvlist_add_descriptor(request, "file", scratch_file());
	answer = cap_xfer_nvlist(echo, request);
	CHECK(nvlist_get_number(answer, "error") == 0);
	CHECK(strcmp(nvlist_get_string(answer, "text"), "hello") == 0);
	CHECK(write(nvlist_get_descriptor(answer, "file"), "x", 1) == 1);
	answer = cap_xfer_nvlist(echo, command("other"));
	CHECK(nvlist_get_number(answer, "error") == ENOSYS);
	nvlist_add_bool(limits, "quiet", true);
	CHECK(cap_limit_set(echo, limits) == 0);
	answer = cap_xfer_nvlist(echo, command("echo"));
	CHECK(nvlist_get_number(answer, "error") == ENOTCAPABLE);
	CHECK_NULL(ENOTCONN, cap_xfer_nvlist(echo, command("crash")));
}

/* One that enters capability mode serves on, and says why it has no descriptors to give. */
IN_CHILD(channels, lets_services_of_the_program_enter)
{
	cap_channel_t *echo = service("test.echo");
	nvlist_t *request = command("echo");
	nvlist_t *answer = cap_xfer_nvlist(echo, command("enter"));

	CHECK(nvlist_get_number(answer, "error") == 0);
	CHECK_NULL(ECAPMODE, cap_clone(echo));
	nvlist_add_string(request, "text", "hello");
	answer = cap_xfer_nvlist(echo, request);
	CHECK(nvlist_get_number(answer, "error") == 0);
	CHECK(strcmp(nvlist_get_string(answer, "text"), "hello") == 0);
}

/* Every kind of value, in the order of adding, through a channel and back. */
IN_CHILD(channels, carries_every_kind_of_value)
{
	nvlist_t *list = nvlist_create(NV_FLAG_NO_UNIQUE);
	nvlist_t *inner = nvlist_create(0);
	nvlist_t *got;
	int pair[2];
	size_t size;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	nvlist_add_string(inner, "deep", "down");
	nvlist_add_null(list, "null");
	nvlist_add_null(list, "null");
	nvlist_add_bool(list, "bool", true);
	nvlist_add_number(list, "number", UINT64_MAX);
	nvlist_add_stringf(list, "string", "%s-%d", "text", 5);
	nvlist_add_binary(list, "binary", "a\0b", 3);
	nvlist_move_nvlist(list, "list", inner);
	nvlist_add_descriptor(list, "fd", pair[0]);
	CHECK(nvlist_error(list) == 0);
	CHECK(cap_send_nvlist(cap_wrap(pair[0], 0), list) == 0);
	got = cap_recv_nvlist(cap_wrap(pair[1], 0));
	CHECK(got != NULL && nvlist_flags(got) == NV_FLAG_NO_UNIQUE);
	CHECK(nvlist_exists_null(got, "null") && nvlist_get_bool(got, "bool"));
	CHECK(nvlist_get_number(got, "number") == UINT64_MAX);
	CHECK(strcmp(nvlist_get_string(got, "string"), "text-5") == 0);
	CHECK(memcmp(nvlist_get_binary(got, "binary", &size), "a\0b", 3) == 0 && size == 3);
	CHECK(strcmp(nvlist_get_string(nvlist_get_nvlist(got, "list"), "deep"), "down") == 0);
	CHECK(fcntl(nvlist_get_descriptor(got, "fd"), F_GETFD) == FD_CLOEXEC);
	CHECK(nvlist_get_string(got, "none") == NULL && nvlist_get_descriptor(got, "none") == -1);
	CHECK(dnvlist_get_number(got, "string", 7) == 7);
}

IN_CHILD(channels, keeps_lists)
{
	nvlist_t *list = nvlist_create(0);
	nvlist_t *copy;
	char name[16];
	void *cookie = NULL;
	int type;

	for (int at = 0; at < 5000; at++) {
		snprintf(name, sizeof(name), "n%d", at);
		nvlist_add_number(list, name, (uint64_t)at);
	}
	CHECK(nvlist_get_number(list, "n4321") == 4321);
	CHECK(nvlist_take_number(list, "n0") == 0 && !nvlist_exists(list, "n0"));
	nvlist_free(list, "n4999");
	copy = nvlist_clone(list);
	CHECK(strcmp(nvlist_next(copy, &type, &cookie), "n1") == 0 && type == NV_TYPE_NUMBER);
	CHECK(cnvlist_get_number(cookie) == 1);
	CHECK(nvlist_exists_number(copy, "n4998") && !nvlist_exists_string(copy, "n4998") &&
	      !nvlist_exists(copy, "n4999"));
	nvlist_add_null(copy, "n1");
	CHECK(nvlist_error(copy) == EEXIST && nvlist_clone(copy) == NULL && errno == EEXIST);
	nvlist_add_string(list, "s", NULL);
	CHECK(nvlist_error(list) == EINVAL);
	CHECK(nvlist_error(NULL) == ENOMEM && nvlist_create(0x40) == NULL && errno == EINVAL);
	nvlist_destroy(copy);
	nvlist_destroy(list);
	list = nvlist_create(NV_FLAG_IGNORE_CASE);
	nvlist_add_null(list, "Name");
	CHECK(nvlist_exists(list, "nAME"));
	nvlist_add_descriptor(list, "fd", 77);
	CHECK(nvlist_error(list) == EBADF);
	nvlist_destroy(list);
}
