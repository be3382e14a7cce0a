/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Preparing for capability mode: what libc reads by path only when it first needs it, it must read before.
 *
 * What cannot be prepared: names of users, groups, hosts and services. libc opens /etc/passwd, or asks a service, anew
 * for each of them, so look them up first and keep the results. The same goes for iconv(3), which loads each conversion
 * from a file: call iconv_open(3) first. syslog(3) works if openlog(3) had LOG_NDELAY.
 */
#ifndef CE_PREPARING_H_
#define CE_PREPARING_H_

#include "base.h"

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#if defined(__GLIBC__) && !defined(__UCLIBC__)
#include <execinfo.h>
#endif
#if defined(__FreeBSD__)
#include <nl_types.h>
#endif

#ifndef __cplusplus /* hidden under -std=c99 */
extern int setenv(const char *name, const char *value, int overwrite);
extern void tzset(void);
#endif

/**
 * Reads the time zone, so that localtime(3) and the like still know it. Where TZ is not set it is set to the system's
 * own zone, ":/etc/localtime": glibc looks at that file again for each conversion otherwise, and without it falls back
 * to UTC.
 *
 * errno: ENOMEM.
 */
CE_API int ce_cache_timezone(void)
{
	if (getenv("TZ") == NULL && access("/etc/localtime", R_OK) == 0 && setenv("TZ", ":/etc/localtime", 0) != 0)
		return -1;
	tzset();
	return 0;
}

/**
 * Sets the locale that the environment asks for, and loads its conversion of characters. All but LC_NUMERIC, so that
 * strtod(3) and printf(3) go on reading and writing numbers as before: "2.5" is 2 in a locale with a decimal comma.
 *
 * errno: ENOENT if the system lacks that locale for one category or more; those stay as they were.
 */
CE_API int ce_cache_locale(void)
{
	static const int categories[] = { LC_COLLATE, LC_CTYPE, LC_MESSAGES, LC_MONETARY, LC_TIME };
	bool known = true;
	size_t i;

	for (i = 0; i < sizeof(categories) / sizeof(categories[0]); i++)
		known = setlocale(categories[i], "") != NULL && known;
	(void)btowc('a');
	return known ? 0 : ce_fail_(ENOENT);
}

/** Reads the texts of errors and signals in the present locale's language. Leaves errno alone. */
CE_API void ce_cache_messages(void)
{
	int saved = errno;

#if defined(__FreeBSD__)
	(void)catopen("libc", NL_CAT_LOCALE); /* stays open: libc finds it there */
#endif
	(void)strerror(EPERM);
	errno = saved;
}

/** Loads what libc loads late: glibc needs libgcc_s for pthread_exit(3), pthread_cancel(3) and backtrace(3). */
CE_API void ce_cache_libc(void)
{
#if defined(__GLIBC__) && !defined(__UCLIBC__)
	void *frame;

	(void)backtrace(&frame, 1);
#endif
}

/**
 * All of the above. Call it first, before opening what the sandbox needs and before other threads start.
 *
 * A locale that the system lacks is no error here: the program goes on in the present one, as it would without this.
 *
 * errno: as ce_cache_timezone(); the rest is prepared even so.
 */
CE_API int ce_prepare(void)
{
	int zone = ce_cache_timezone();

	(void)ce_cache_locale();
	ce_cache_messages();
	ce_cache_libc();
	return zone;
}

#endif
