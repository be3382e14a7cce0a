/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Casper: processes that do for a sandboxed program what it cannot do by itself. FreeBSD's <libcasper.h>, for Linux.
 *
 * Link with libcapsicum_easy, which holds the services as well. As on FreeBSD, a program that defines WITH_CASPER has
 * the services; without it the same calls go to the C library directly, in the calling process.
 *
 * cap_init() starts one process, casper, by fork; each cap_service_open() and each cap_clone() makes casper, or the
 * service, fork another, which serves that one channel and nothing else. All of them end when their channel is closed,
 * so nothing is left of them when the program ends. None keeps a descriptor of the program. They are no children of it:
 * waitpid() never sees them and they send no SIGCHLD.
 *
 * A process inherits limits and capability mode, and casper needs to be without. So where a program limits something
 * before it calls cap_init(), casper is started before the limit, and cap_init() takes that one if the program still
 * has the same user, groups and working directory; entering capability mode ends it if cap_init() was not called.
 */
#ifndef _LIBCASPER_H_
#define _LIBCASPER_H_

#include <stdbool.h>
#include <sys/types.h>
#include <sys/nv.h>

#ifdef WITH_CASPER
#define CASPER_SUPPORT 1
#else
#define CASPER_SUPPORT 0
#endif

#define CASPER_NO_UNIQ 0x00000001 /* a channel's flag: its lists may hold a name twice */

/*
 * What a service's process was confined by, besides its limits, for ce_service_enforcement(), which FreeBSD does not
 * have: ask with #ifdef CE_SERVICE_FILES.
 */
#define CE_SERVICE_FILES 1 /* Landlock: it opens, and changes, no other files than its work needs */
#define CE_SERVICE_CALLS 2 /* a seccomp filter: it makes no call that reaches programs, processes or the machine */

#ifndef _CAP_CHANNEL_T_DECLARED
#define _CAP_CHANNEL_T_DECLARED
struct cap_channel;
typedef struct cap_channel cap_channel_t;
#endif

#ifdef __cplusplus
extern "C" {
#endif

#ifdef WITH_CASPER

/* Called by limits and capability mode before they take hold: see above. The library has the first. */
void casper_before_filter_(bool entering);
#ifndef CASPER_LIBRARY_ /* a program that is only linked with it needs no casper */
void ce_before_filter_(bool entering) __asm__("ce_before_filter_");
__attribute__((weak)) void ce_before_filter_(bool entering)
{
	casper_before_filter_(entering);
}
#endif

/**
 * Starts casper. Call it with one thread. Returns a channel that the caller closes with cap_close(), or NULL.
 *
 * errno: ECAPMODE (capability mode was entered), ENOTCAPABLE (something was limited before, and the program has another
 * user, group or working directory since, or has called cap_init() since), EAGAIN, ENOMEM, EMFILE, ENFILE.
 *
 * The symbol has FreeBSD's prefix: libcap, which many modules of the C library are linked with, has another cap_init().
 */
cap_channel_t *cap_init(void) __asm__("FreeBSD_cap_init");

/**
 * A channel over a socket that is connected to a casper or a service; flags: 0 or CASPER_NO_UNIQ. The channel owns the
 * socket from now on. NULL with EBADF, EINVAL (flags), ENOMEM.
 */
cap_channel_t *cap_wrap(int sock, int flags);

/* Frees the channel and gives back its socket, and its flags unless that is NULL. */
int cap_unwrap(cap_channel_t *chan, int *flags);

/* The channel's socket, which stays the channel's. It becomes readable when the service has ended. */
int cap_sock(const cap_channel_t *chan);

int cap_channel_flags(const cap_channel_t *chan);

/**
 * Another channel to the same service, with the limits that this one has now; further limits of the one do not bind
 * the other, and neither waits for the other. NULL with EPIPE or ENOTCONN (the service has ended), EAGAIN, ENOMEM,
 * EMFILE.
 */
cap_channel_t *cap_clone(const cap_channel_t *chan);

/* Closes a channel; its process ends. Leaves errno alone. */
void cap_close(cap_channel_t *chan);

/**
 * Opens a service, "system.dns" for one, over casper's channel.
 *
 * errno: ENOENT (no such service), ENOTCAPABLE (not among those of cap_service_limit()), EINVAL (no name, or not
 * casper's channel), EPIPE or ENOTCONN (casper has ended), EAGAIN, ENOMEM, EMFILE.
 */
cap_channel_t *cap_service_open(const cap_channel_t *chan, const char *name);

/**
 * Leaves only these services to be opened over this channel. Returns 0 or -1.
 *
 * errno: ENOTCAPABLE (one of them was not allowed any more), EEXIST (a name twice), EINVAL (a NULL name).
 */
int cap_service_limit(const cap_channel_t *chan, const char *const *names, size_t nnames);

/**
 * What holds a service, if its process is taken over: an OR of CE_SERVICE_ flags, or -1. A flag is missing where the
 * kernel lacks the means (Landlock: Linux before 6.2, or where it is off) or a container forbids it; the service works
 * all the same, and a program that wants no such service closes the channel. 0 of casper itself, of a program's own
 * services, and of system.fileargs until it has its list; fileargs_unwrap() gives its channel.
 *
 * errno: EPIPE or ENOTCONN (the service has ended, or could not be confined for another reason and did not begin).
 */
int ce_service_enforcement(const cap_channel_t *chan);

/* Writes the limits, which the caller destroys, or NULL where there are none. Returns 0 or -1. */
int cap_limit_get(const cap_channel_t *chan, nvlist_t **limits);

/* Replaces the limits by narrower ones; takes the list in any case. Returns 0, or -1 with what the service says. */
int cap_limit_set(const cap_channel_t *chan, nvlist_t *limits);

/* Sends a list, which stays the caller's. Returns 0, or -1 with the list's error, EMSGSIZE (over 8 MiB) or EPIPE. */
int cap_send_nvlist(const cap_channel_t *chan, const nvlist_t *nvl);

/* Receives a list, which the caller destroys. NULL with ENOTCONN (the other end is closed), EBADMSG, EMFILE, ENOMEM. */
nvlist_t *cap_recv_nvlist(const cap_channel_t *chan);

/**
 * Sends a list, which it takes in any case, and waits for its answer. Threads, and processes that share a channel after
 * a fork(), get each its own answer.
 */
nvlist_t *cap_xfer_nvlist(const cap_channel_t *chan, nvlist_t *nvl);

#else /* without WITH_CASPER: nothing is started, and the services' functions do the work here */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct cap_channel {
	int cch_fd;
	int cch_flags;
};

static inline cap_channel_t *cap_wrap(int sock, int flags)
{
	cap_channel_t *chan = (cap_channel_t *)malloc(sizeof(*chan));

	if (chan != NULL) {
		chan->cch_fd = sock;
		chan->cch_flags = flags;
	}
	return chan;
}

static inline cap_channel_t *cap_init(void)
{
	return cap_wrap(-1, 0);
}

static inline int cap_unwrap(cap_channel_t *chan, int *flags)
{
	int fd = chan->cch_fd;

	if (flags != NULL)
		*flags = chan->cch_flags;
	free(chan);
	return fd;
}

static inline int cap_sock(const cap_channel_t *chan)
{
	return chan->cch_fd;
}

static inline int cap_channel_flags(const cap_channel_t *chan)
{
	return chan->cch_flags;
}

static inline cap_channel_t *cap_clone(const cap_channel_t *chan)
{
	return cap_wrap(-1, chan->cch_flags);
}

static inline void cap_close(cap_channel_t *chan)
{
	if (chan != NULL && chan->cch_fd >= 0)
		close(chan->cch_fd);
	free(chan);
}

static inline cap_channel_t *cap_service_open(const cap_channel_t *chan, const char *name)
{
	(void)name;
	return cap_wrap(-1, chan->cch_flags);
}

static inline int cap_service_limit(const cap_channel_t *chan, const char *const *names, size_t nnames)
{
	(void)chan;
	(void)names;
	(void)nnames;
	return 0;
}

static inline int ce_service_enforcement(const cap_channel_t *chan)
{
	(void)chan;
	return 0;
}

static inline int cap_limit_get(const cap_channel_t *chan, nvlist_t **limits)
{
	(void)chan;
	*limits = NULL;
	return 0;
}

static inline int cap_limit_set(const cap_channel_t *chan, nvlist_t *limits)
{
	(void)chan;
	nvlist_destroy(limits);
	return 0;
}

static inline int cap_send_nvlist(const cap_channel_t *chan, const nvlist_t *nvl)
{
	(void)chan;
	(void)nvl;
	errno = EOPNOTSUPP;
	return -1;
}

static inline nvlist_t *cap_recv_nvlist(const cap_channel_t *chan)
{
	(void)chan;
	errno = EOPNOTSUPP;
	return NULL;
}

static inline nvlist_t *cap_xfer_nvlist(const cap_channel_t *chan, nvlist_t *nvl)
{
	(void)chan;
	nvlist_destroy(nvl);
	errno = EOPNOTSUPP;
	return NULL;
}

#endif /* WITH_CASPER */

#ifdef __cplusplus
}
#endif

#endif /* _LIBCASPER_H_ */
