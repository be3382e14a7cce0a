/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The database of groups for a sandboxed program: FreeBSD's <casper/cap_grp.h>, for Linux. Service "system.grp".
 *
 * Each function is the one of <grp.h>, done in the service by the C library and whatever it is configured to ask. A
 * group that is not there, or not allowed, is NULL with errno as it was; a command that is not allowed is ENOTCAPABLE;
 * a service that has ended is EPIPE or ENOTCONN.
 */
#ifndef _CAP_GRP_H_
#define _CAP_GRP_H_

#include <grp.h>
#include <sys/types.h>

#include <libcasper.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef WITH_CASPER

/* Results lie in one buffer of the process, until the next of these three calls. */
struct group *cap_getgrent(cap_channel_t *chan);
struct group *cap_getgrnam(cap_channel_t *chan, const char *name);
struct group *cap_getgrgid(cap_channel_t *chan, gid_t gid);

/* 0 or an errno, ERANGE for a buffer that is too small; *result is NULL where there is no such group. */
int cap_getgrent_r(cap_channel_t *chan, struct group *grp, char *buffer, size_t bufsize, struct group **result);
int cap_getgrnam_r(cap_channel_t *chan, const char *name, struct group *grp, char *buffer, size_t bufsize,
		   struct group **result);
int cap_getgrgid_r(cap_channel_t *chan, gid_t gid, struct group *grp, char *buffer, size_t bufsize,
		   struct group **result);

int cap_setgroupent(cap_channel_t *chan, int stayopen); /* 1, or 0 with errno */
int cap_setgrent(cap_channel_t *chan);			/* 1, or 0 with errno */
void cap_endgrent(cap_channel_t *chan);

/* Leaves only these functions: "getgrnam", "getgrnam_r" and so on. None: nothing. 0 or -1: ENOTCAPABLE, EEXIST, EINVAL.
 */
int cap_grp_limit_cmds(cap_channel_t *chan, const char *const *cmds, size_t ncmds);

/* Leaves only these fields, "gr_name" and so on; others are "", no members, or -1 for a number. Results as above. */
int cap_grp_limit_fields(cap_channel_t *chan, const char *const *fields, size_t nfields);

/* Leaves only these groups, which have one of the names or one of the numbers. Results as above. */
int cap_grp_limit_groups(cap_channel_t *chan, const char *const *names, size_t nnames, const gid_t *gids, size_t ngids);

#else

static inline struct group *cap_getgrent(cap_channel_t *chan)
{
	(void)chan;
	return getgrent();
}

static inline struct group *cap_getgrnam(cap_channel_t *chan, const char *name)
{
	(void)chan;
	return getgrnam(name);
}

static inline struct group *cap_getgrgid(cap_channel_t *chan, gid_t gid)
{
	(void)chan;
	return getgrgid(gid);
}

static inline int cap_getgrnam_r(cap_channel_t *chan, const char *name, struct group *grp, char *buffer, size_t bufsize,
				 struct group **result)
{
	(void)chan;
	return getgrnam_r(name, grp, buffer, bufsize, result);
}

static inline int cap_getgrgid_r(cap_channel_t *chan, gid_t gid, struct group *grp, char *buffer, size_t bufsize,
				 struct group **result)
{
	(void)chan;
	return getgrgid_r(gid, grp, buffer, bufsize, result);
}

static inline int cap_setgroupent(cap_channel_t *chan, int stayopen)
{
	(void)chan;
	(void)stayopen;
	setgrent();
	return 1;
}

static inline int cap_setgrent(cap_channel_t *chan)
{
	(void)chan;
	setgrent();
	return 1;
}

static inline void cap_endgrent(cap_channel_t *chan)
{
	(void)chan;
	endgrent();
}

static inline int cap_grp_limit_cmds(cap_channel_t *chan, const char *const *cmds, size_t ncmds)
{
	(void)chan;
	(void)cmds;
	(void)ncmds;
	return 0;
}

static inline int cap_grp_limit_fields(cap_channel_t *chan, const char *const *fields, size_t nfields)
{
	(void)chan;
	(void)fields;
	(void)nfields;
	return 0;
}

static inline int cap_grp_limit_groups(cap_channel_t *chan, const char *const *names, size_t nnames, const gid_t *gids,
				       size_t ngids)
{
	(void)chan;
	(void)names;
	(void)nnames;
	(void)gids;
	(void)ngids;
	return 0;
}

#endif /* WITH_CASPER */

#ifdef __cplusplus
}
#endif

#endif /* _CAP_GRP_H_ */
