/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system log for a sandboxed program: FreeBSD's <casper/cap_syslog.h>, for Linux. Service "system.syslog".
 *
 * Each function is the one of <syslog.h>, done in the service, whose process number a line carries with LOG_PID. Text
 * is formatted in the program, so %m is its errno, and cut at 2047 bytes. LOG_PERROR writes to the program's own
 * standard error. Where the service has ended or nobody listens, a line is lost, as with syslog(3).
 */
#ifndef _CAP_SYSLOG_H_
#define _CAP_SYSLOG_H_

#include <stdarg.h>
#include <syslog.h>

#include <libcasper.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef WITH_CASPER

void cap_syslog(cap_channel_t *chan, int pri, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void cap_vsyslog(cap_channel_t *chan, int priority, const char *fmt, va_list ap) __attribute__((format(printf, 3, 0)));
void cap_openlog(cap_channel_t *chan, const char *ident, int logopt, int facility);
void cap_closelog(cap_channel_t *chan);

/* The mask before; 0 with errno EPIPE or ENOTCONN where the service has ended. A mask of 0 changes nothing. */
int cap_setlogmask(cap_channel_t *chan, int maskpri);

#else

#define cap_syslog(chan, pri, ...) syslog(pri, __VA_ARGS__)

static inline void cap_vsyslog(cap_channel_t *chan, int priority, const char *fmt, va_list ap)
{
	(void)chan;
	vsyslog(priority, fmt, ap);
}

static inline void cap_openlog(cap_channel_t *chan, const char *ident, int logopt, int facility)
{
	(void)chan;
	openlog(ident, logopt, facility);
}

static inline void cap_closelog(cap_channel_t *chan)
{
	(void)chan;
	closelog();
}

static inline int cap_setlogmask(cap_channel_t *chan, int maskpri)
{
	(void)chan;
	return setlogmask(maskpri);
}

#endif /* WITH_CASPER */

#ifdef __cplusplus
}
#endif

#endif /* _CAP_SYSLOG_H_ */
