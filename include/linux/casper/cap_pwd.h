/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The database of users for a sandboxed program: FreeBSD's <casper/cap_pwd.h>, for Linux. Service "system.pwd".
 *
 * Each function is the one of <pwd.h>, done in the service by the C library and whatever it is configured to ask. A
 * user who is not there, or not allowed, is NULL with errno as it was; a command that is not allowed is ENOTCAPABLE; a
 * service that has ended is EPIPE or ENOTCONN.
 */
#ifndef _CAP_PWD_H_
#define _CAP_PWD_H_

#include <pwd.h>
#include <sys/types.h>

#include <libcasper.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef WITH_CASPER

/* Results lie in one buffer of the process, until the next of these three calls. */
struct passwd *cap_getpwent(cap_channel_t *chan);
struct passwd *cap_getpwnam(cap_channel_t *chan, const char *login);
struct passwd *cap_getpwuid(cap_channel_t *chan, uid_t uid);

/* 0 or an errno, ERANGE for a buffer that is too small; *result is NULL where there is no such user. */
int cap_getpwent_r(cap_channel_t *chan, struct passwd *pwd, char *buffer, size_t bufsize, struct passwd **result);
int cap_getpwnam_r(cap_channel_t *chan, const char *name, struct passwd *pwd, char *buffer, size_t bufsize,
		   struct passwd **result);
int cap_getpwuid_r(cap_channel_t *chan, uid_t uid, struct passwd *pwd, char *buffer, size_t bufsize,
		   struct passwd **result);

int cap_setpassent(cap_channel_t *chan, int stayopen); /* 1, or 0 with errno */
void cap_setpwent(cap_channel_t *chan);
void cap_endpwent(cap_channel_t *chan);

/* Leaves only these functions: "getpwnam", "getpwnam_r" and so on. None: nothing. 0 or -1: ENOTCAPABLE, EEXIST, EINVAL.
 */
int cap_pwd_limit_cmds(cap_channel_t *chan, const char *const *cmds, size_t ncmds);

/* Leaves only these fields, "pw_name" and so on; others are "", or -1 for a number. Results as above. */
int cap_pwd_limit_fields(cap_channel_t *chan, const char *const *fields, size_t nfields);

/* Leaves only these users, who have one of the names or one of the numbers. Results as above. */
int cap_pwd_limit_users(cap_channel_t *chan, const char *const *names, size_t nnames, uid_t *uids, size_t nuids);

#else

static inline struct passwd *cap_getpwent(cap_channel_t *chan)
{
	(void)chan;
	return getpwent();
}

static inline struct passwd *cap_getpwnam(cap_channel_t *chan, const char *login)
{
	(void)chan;
	return getpwnam(login);
}

static inline struct passwd *cap_getpwuid(cap_channel_t *chan, uid_t uid)
{
	(void)chan;
	return getpwuid(uid);
}

static inline int cap_getpwnam_r(cap_channel_t *chan, const char *name, struct passwd *pwd, char *buffer,
				 size_t bufsize, struct passwd **result)
{
	(void)chan;
	return getpwnam_r(name, pwd, buffer, bufsize, result);
}

static inline int cap_getpwuid_r(cap_channel_t *chan, uid_t uid, struct passwd *pwd, char *buffer, size_t bufsize,
				 struct passwd **result)
{
	(void)chan;
	return getpwuid_r(uid, pwd, buffer, bufsize, result);
}

static inline int cap_setpassent(cap_channel_t *chan, int stayopen)
{
	(void)chan;
	(void)stayopen;
	setpwent();
	return 1;
}

static inline void cap_setpwent(cap_channel_t *chan)
{
	(void)chan;
	setpwent();
}

static inline void cap_endpwent(cap_channel_t *chan)
{
	(void)chan;
	endpwent();
}

static inline int cap_pwd_limit_cmds(cap_channel_t *chan, const char *const *cmds, size_t ncmds)
{
	(void)chan;
	(void)cmds;
	(void)ncmds;
	return 0;
}

static inline int cap_pwd_limit_fields(cap_channel_t *chan, const char *const *fields, size_t nfields)
{
	(void)chan;
	(void)fields;
	(void)nfields;
	return 0;
}

static inline int cap_pwd_limit_users(cap_channel_t *chan, const char *const *names, size_t nnames, uid_t *uids,
				      size_t nuids)
{
	(void)chan;
	(void)names;
	(void)nnames;
	(void)uids;
	(void)nuids;
	return 0;
}

#endif /* WITH_CASPER */

#ifdef __cplusplus
}
#endif

#endif /* _CAP_PWD_H_ */
