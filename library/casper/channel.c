/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A client's side of a channel.
 *
 * What a channel's users have in common, threads and processes after a fork, is in memory that they share: a lock, so
 * that a request and its answer are not parted, and the last request's number, so that an answer that nobody waits for
 * any more is told from the one that is due. The lock is robust: it outlives a process that is killed while it waits.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "casper.h"

struct shared {
	pthread_mutex_t lock;
	uint32_t id;
};

struct cap_channel {
	int sock;
	int flags;
	struct shared *shared;
};

static struct shared *shared_new(void)
{
	pthread_mutexattr_t attributes;
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return NULL;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&shared->lock, &attributes);
	pthread_mutexattr_destroy(&attributes);
	return shared;
}

static void lock(struct shared *shared)
{
	if (pthread_mutex_lock(&shared->lock) == EOWNERDEAD)
		pthread_mutex_consistent(&shared->lock);
}

cap_channel_t *cap_wrap(int sock, int flags)
{
	cap_channel_t *chan;

	if ((flags & ~CASPER_NO_UNIQ) != 0) {
		errno = EINVAL;
		return NULL;
	}
	if (fcntl(sock, F_GETFD) < 0)
		return NULL;
	chan = malloc(sizeof(*chan));
	if (chan == NULL)
		return NULL;
	chan->sock = sock;
	chan->flags = flags;
	chan->shared = shared_new();
	if (chan->shared == NULL) {
		free(chan);
		return NULL;
	}
	return chan;
}

int cap_unwrap(cap_channel_t *chan, int *flags)
{
	int sock = chan->sock;

	if (flags != NULL)
		*flags = chan->flags;
	munmap(chan->shared, sizeof(*chan->shared));
	free(chan);
	return sock;
}

int cap_sock(const cap_channel_t *chan)
{
	return chan->sock;
}

int cap_channel_flags(const cap_channel_t *chan)
{
	return chan->flags;
}

void cap_close(cap_channel_t *chan)
{
	int error = errno;

	if (chan != NULL)
		close(cap_unwrap(chan, NULL));
	errno = error;
}

int cap_send_nvlist(const cap_channel_t *chan, const nvlist_t *nvl)
{
	return wire_send(chan->sock, nvl, 0);
}

nvlist_t *cap_recv_nvlist(const cap_channel_t *chan)
{
	uint32_t id;

	return wire_receive(chan->sock, &id);
}

nvlist_t *cap_xfer_nvlist(const cap_channel_t *chan, nvlist_t *nvl)
{
	nvlist_t *answer = NULL;
	uint32_t id;
	uint32_t due;

	lock(chan->shared);
	due = ++chan->shared->id;
	if (wire_send(chan->sock, nvl, due) == 0)
		answer = wire_receive(chan->sock, &id);
	while (answer != NULL && id != due) { /* of a request whose process was killed */
		nvlist_destroy(answer);
		answer = wire_receive(chan->sock, &id);
	}
	pthread_mutex_unlock(&chan->shared->lock);
	nvlist_destroy(nvl);
	return answer;
}

nvlist_t *channel_request(const char *command)
{
	nvlist_t *request = nvlist_create(0);

	nvlist_add_string(request, "cmd", command);
	return request;
}

nvlist_t *channel_request_name(const char *command, const char *name)
{
	nvlist_t *request = channel_request(command);

	nvlist_add_string(request, "name", name);
	return request;
}

nvlist_t *channel_ask(const cap_channel_t *chan, nvlist_t *request)
{
	nvlist_t *answer = cap_xfer_nvlist(chan, request);
	uint64_t error = dnvlist_get_number(answer, "error", EBADMSG);

	if (answer == NULL || error == 0)
		return answer;
	nvlist_destroy(answer);
	errno = (int)error;
	return NULL;
}

int channel_do(const cap_channel_t *chan, nvlist_t *request)
{
	nvlist_t *answer = channel_ask(chan, request);

	if (answer == NULL)
		return -1;
	nvlist_destroy(answer);
	return 0;
}

/* The channel in an answer. */
static cap_channel_t *channel_in(nvlist_t *answer, int flags)
{
	cap_channel_t *chan;
	int sock;

	if (answer == NULL)
		return NULL;
	sock = nvlist_take_descriptor(answer, "sock");
	nvlist_destroy(answer);
	if (sock < 0) {
		errno = EBADMSG;
		return NULL;
	}
	chan = cap_wrap(sock, flags);
	if (chan == NULL)
		close(sock);
	return chan;
}

cap_channel_t *cap_clone(const cap_channel_t *chan)
{
	return channel_in(channel_ask(chan, channel_request("clone")), chan->flags);
}

cap_channel_t *cap_service_open(const cap_channel_t *chan, const char *name)
{
	nvlist_t *request = channel_request("open");
	nvlist_t *answer;
	int flags;

	nvlist_add_string(request, "service", name);
	answer = channel_ask(chan, request);
	flags = (int)dnvlist_get_number(answer, "flags", 0);
	return channel_in(answer, flags);
}

cap_channel_t *channel_of_service(const char *name)
{
	cap_channel_t *casper = cap_init();
	cap_channel_t *chan;

	if (casper == NULL)
		return NULL;
	chan = cap_service_open(casper, name);
	cap_close(casper);
	return chan;
}

int cap_limit_get(const cap_channel_t *chan, nvlist_t **limits)
{
	nvlist_t *answer = channel_ask(chan, channel_request("limit_get"));

	if (answer == NULL)
		return -1;
	*limits = nvlist_take_nvlist(answer, "limits");
	nvlist_destroy(answer);
	return 0;
}

int cap_limit_set(const cap_channel_t *chan, nvlist_t *limits)
{
	nvlist_t *request = channel_request("limit_set");

	if (limits == NULL)
		nvlist_set_error(request, EINVAL);
	else
		nvlist_move_nvlist(request, "limits", limits);
	return channel_do(chan, request);
}

int ce_service_enforcement(const cap_channel_t *chan)
{
	nvlist_t *answer = channel_ask(chan, channel_request("ce_enforcement"));
	int flags = answer == NULL ? -1 : (int)nvlist_get_number(answer, "enforcement");

	nvlist_destroy(answer);
	return flags;
}

int cap_service_limit(const cap_channel_t *chan, const char *const *names, size_t nnames)
{
	return cap_limit_set(chan, limits_of_names(names, nnames));
}
