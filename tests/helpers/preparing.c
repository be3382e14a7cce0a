/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * ce_prepare() and its parts: afterwards libc looks nothing up by path any more. Lookups are counted by a filter that
 * turns them into SIGSYS, so that the test does not depend on which files this system has.
 */
#include <capsicum_easy.h>
#include <criterion/criterion.h>

#ifdef __linux__
#include <execinfo.h>
#endif
#include <pthread.h>
#include <time.h>

#include "../linux/child.h"
#include "kernel.h"

#ifdef __linux__

static volatile sig_atomic_t lookups;

/* The call then fails: its result is what the handler leaves there. */
static void count_lookup(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
	lookups++;
}

/* Turns calls that take a path from the working directory on into SIGSYS. */
static void count_lookups(void)
{
	static const struct ce_bpf_insn_ code[] = {
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_NR_ },
#ifdef SYS_open
		{ CE_BPF_JEQ_, 5, 0, SYS_open },
#endif
		{ CE_BPF_JEQ_, 2, 0, SYS_openat },
		{ CE_BPF_JEQ_, 1, 0, SYS_newfstatat },
		{ CE_BPF_JEQ_, 0, 3, SYS_faccessat },
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_LOW_(0) },
		{ CE_BPF_JEQ_, 0, 1, (uint32_t)CE_AT_FDCWD_ },
		{ CE_BPF_RET_, 0, 0, 0x00030000u }, /* SECCOMP_RET_TRAP */
		{ CE_BPF_RET_, 0, 0, CE_SECCOMP_ALLOW_ },
	};
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = count_lookup;
	action.sa_flags = SA_SIGINFO;
	CHECK(sigaction(SIGSYS, &action, NULL) == 0);
	install_filter(code, sizeof(code) / sizeof(code[0]));
}

#endif

static int local_hour(void)
{
	const time_t start = 0;
	const struct tm *local = localtime(&start);

	return local != NULL ? local->tm_hour : -1;
}

static void *exit_thread(void *argument)
{
	pthread_exit(argument);
}

#ifdef __linux__

static char locales[] = "/tmp/ce-locales-XXXXXX";

static void remove_locales(void)
{
	CHECK(unlinkat(AT_FDCWD, "de_DE.UTF-8", 0) == 0 && chdir("/") == 0 && rmdir(locales) == 0);
}

/*
 * Another language, so that there is something to look up. The locale is C.UTF-8 by another name, since glibc has no
 * languages in one of that name from 2.41 on, and this system may have no other.
 */
static void speak_german(void)
{
	CHECK(mkdtemp(locales) != NULL && chdir(locales) == 0);
	CHECK(symlink("/usr/lib/locale/C.utf8", "de_DE.UTF-8") == 0);
	CHECK(setenv("LOCPATH", locales, 1) == 0);
	CHECK(setenv("LC_ALL", "de_DE.UTF-8", 1) == 0);
	CHECK(setenv("LANGUAGE", "de", 1) == 0);
	CHECK(ce_cache_locale() == 0);
	remove_locales();
}

#else

static void speak_german(void)
{
	CHECK(setenv("LC_ALL", "de_DE.UTF-8", 1) == 0);
	CHECK(ce_cache_locale() == 0);
}

#endif

IN_CHILD(preparing, keeps_a_named_time_zone)
{
	CHECK(setenv("TZ", "Europe/Berlin", 1) == 0);
	CHECK(ce_cache_timezone() == 0);
	CHECK(strcmp(getenv("TZ"), "Europe/Berlin") == 0);
	CHECK(ce_enter() == 0);
	CHECK(local_hour() == 1);
}

IN_CHILD(preparing, without_it_a_named_time_zone_is_lost)
{
	CHECK(setenv("TZ", "Europe/Berlin", 1) == 0);
	CHECK(ce_enter() == 0);
	CHECK(local_hour() == 0);
}

#ifdef __linux__

IN_CHILD(preparing, keeps_the_time_zone_of_the_system)
{
	CHECK(unsetenv("TZ") == 0);
	CHECK(ce_cache_timezone() == 0);
	CHECK(access("/etc/localtime", R_OK) != 0 || strcmp(getenv("TZ"), ":/etc/localtime") == 0);
	count_lookups();
	(void)local_hour();
	(void)local_hour();
	CHECK(lookups == 0);
}

IN_CHILD(preparing, without_it_the_time_zone_is_looked_up)
{
	CHECK(unsetenv("TZ") == 0);
	tzset();
	count_lookups();
	(void)local_hour();
	CHECK(access("/etc/localtime", R_OK) != 0 || lookups > 0);
}

#endif

IN_CHILD(preparing, keeps_the_locale)
{
	wchar_t wide[4];

	CHECK(setenv("LC_ALL", "C.UTF-8", 1) == 0);
	CHECK(ce_cache_locale() == 0);
	CHECK(ce_enter() == 0);
	CHECK(mbstowcs(wide, "\xc3\xa9", 4) == 1);
	CHECK(wide[0] == 0xe9);
}

IN_CHILD(preparing, leaves_the_form_of_numbers)
{
	speak_german();
	CHECK(strcmp(setlocale(LC_CTYPE, NULL), "de_DE.UTF-8") == 0);
	CHECK(strcmp(setlocale(LC_NUMERIC, NULL), "C") == 0);
}

IN_CHILD(preparing, an_unknown_locale_stays_unused)
{
	CHECK(setenv("LC_ALL", "xx_XX.UTF-8", 1) == 0);
	CHECK_FAILS(ENOENT, ce_cache_locale());
	CHECK(ce_prepare() == 0);
	CHECK(strcmp(setlocale(LC_ALL, NULL), "C") == 0);
}

IN_CHILD(preparing, what_one_category_lacks_the_others_get)
{
	CHECK(unsetenv("LC_ALL") == 0);
	CHECK(setenv("LANG", "C.UTF-8", 1) == 0 && setenv("LC_TIME", "xx_XX.UTF-8", 1) == 0);
	CHECK_FAILS(ENOENT, ce_cache_locale());
	CHECK(strcmp(setlocale(LC_CTYPE, NULL), "C.UTF-8") == 0);
}

#ifdef __linux__

IN_CHILD(preparing, reads_messages)
{
	speak_german();
	errno = 77;
	ce_cache_messages();
	CHECK(errno == 77);
	count_lookups();
	(void)strerror(ENOENT);
	(void)strsignal(SIGINT);
	CHECK(lookups == 0);
}

IN_CHILD(preparing, without_it_messages_are_looked_up)
{
	speak_german();
	count_lookups();
	(void)strerror(ENOENT);
	CHECK(lookups > 0);
}

#endif

IN_CHILD(preparing, threads_can_end_in_capability_mode)
{
	pthread_t thread;
	void *result = NULL;
	int end;

	CHECK(ce_prepare() == 0);
	CHECK(ce_enter() == 0);
	CHECK(pthread_create(&thread, NULL, exit_thread, &end) == 0);
	CHECK(pthread_join(thread, &result) == 0);
	CHECK(result == &end);
}

#if defined(__linux__) && \
	!defined(__SANITIZE_ADDRESS__) /* it has loaded libgcc_s already, which pthread_exit() lacks here */
static void end_thread_unprepared(void)
{
	pthread_t thread;

	close(2); /* glibc complains there */
	CHECK(ce_enter() == 0);
	CHECK(pthread_create(&thread, NULL, exit_thread, NULL) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
}

IN_CHILD(preparing, without_it_pthread_exit_aborts)
{
	int status = child_wait(fork_run(end_thread_unprepared));

	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}
#endif

#ifdef __linux__

IN_CHILD(preparing, does_all_of_it)
{
	pthread_t thread;
	void *frame;

	speak_german();
	CHECK(unsetenv("TZ") == 0);
	CHECK(ce_prepare() == 0);
	count_lookups();
	(void)local_hour();
	(void)strerror(ENOENT);
	CHECK(backtrace(&frame, 1) == 1);
	CHECK(pthread_create(&thread, NULL, exit_thread, NULL) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
	CHECK(lookups == 0);
}

#endif
