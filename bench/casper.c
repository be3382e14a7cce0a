/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What services cost, against doing the same by oneself: wall time in microseconds, since two processes share the work.
 */
#define WITH_CASPER
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <unistd.h>

#include <libcasper.h>
#include <casper/cap_dns.h>
#include <casper/cap_fileargs.h>
#include <casper/cap_pwd.h>

#include "samples.h"

#define CLIENTS 1000

/* Prints one sample of what a statement costs, the mean of `count` runs. */
#define SAMPLE(name, count, statement)                                                                          \
	do {                                                                                                    \
		const double sample_start = bench_now(CLOCK_MONOTONIC);                                         \
                                                                                                                \
		for (long sample_run = 0; sample_run < (count); sample_run++) {                                 \
			statement;                                                                              \
		}                                                                                               \
		printf("%s %.3f\n", name, (bench_now(CLOCK_MONOTONIC) - sample_start) / (double)(count) / 1e3); \
	} while (0)

static void must(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static cap_channel_t *service(const char *name)
{
	cap_channel_t *casper = cap_init();
	cap_channel_t *chan;

	must(casper != NULL, "cap_init");
	chan = cap_service_open(casper, name);
	must(chan != NULL, name);
	cap_close(casper);
	return chan;
}

static void look_up(cap_channel_t *chan, const char *host, int flags)
{
	const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = flags };
	struct addrinfo *found;
	int result = chan == NULL ? getaddrinfo(host, "80", &hints, &found)
				  : cap_getaddrinfo(chan, host, "80", &hints, &found);

	must(result == 0, host);
	freeaddrinfo(found);
}

static void run_true(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

static void starts(void)
{
	cap_channel_t *casper = cap_init();
	cap_channel_t *pwd;

	must(casper != NULL, "cap_init");
	pwd = cap_service_open(casper, "system.pwd");
	must(pwd != NULL, "system.pwd");
	SAMPLE("exec", 50, run_true());
	SAMPLE("init", 50, cap_close(cap_init()));
	SAMPLE("open service", 50, cap_close(cap_service_open(casper, "system.pwd")));
	SAMPLE("clone", 50, cap_close(cap_clone(pwd)));
	cap_close(pwd);
	cap_close(casper);
}

static void clients(void)
{
	cap_channel_t *pwd = service("system.pwd");
	cap_channel_t *clones[CLIENTS];
	int at = 0;

	SAMPLE("one client", 500, must(cap_getpwuid(pwd, 0) != NULL, "getpwuid"));
	SAMPLE("clone of many", CLIENTS, clones[at++] = cap_clone(pwd));
	at = 0;
	SAMPLE("many clients", CLIENTS, must(cap_getpwuid(clones[at++], 0) != NULL, "getpwuid"));
	while (at > 0)
		cap_close(clones[--at]);
	cap_close(pwd);
}

int main(void)
{
	char *names[] = { (char[]){ "/etc/passwd" } };
	cap_channel_t *dns = service("system.dns");
	fileargs_t *files = fileargs_init(1, names, O_RDONLY, 0, NULL, FA_OPEN);

	must(files != NULL, "fileargs_init");
	SAMPLE("number alone", 500, look_up(NULL, "127.0.0.1", AI_NUMERICHOST));
	SAMPLE("number service", 500, look_up(dns, "127.0.0.1", AI_NUMERICHOST));
	SAMPLE("name alone", 500, look_up(NULL, "localhost", 0));
	SAMPLE("name service", 500, look_up(dns, "localhost", 0));
	SAMPLE("file alone", 500, close(open("/etc/passwd", O_RDONLY | O_CLOEXEC)));
	SAMPLE("file service", 500, close(fileargs_open(files, "/etc/passwd")));
	starts();
	clients();
	return 0;
}
