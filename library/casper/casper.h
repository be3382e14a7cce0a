/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the files of the services share. Nothing of this is visible outside the library but what its headers declare.
 */
#ifndef CASPER_INTERNAL_H
#define CASPER_INTERNAL_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define WITH_CASPER
#define CASPER_LIBRARY_

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#pragma GCC visibility push(default)
#include <libcasper.h>
#include <libcasper_service.h>
#pragma GCC visibility pop

/* FreeBSD's two error numbers, as <sys/capsicum.h> defines them here; that header is only for those who need its calls.
 */
#ifndef ENOTCAPABLE
#define ENOTCAPABLE 193
#endif
#ifndef ECAPMODE
#define ECAPMODE 194
#endif

/* wire.c: one message, with the descriptors in it. -1 with errno: see cap_send_nvlist() and cap_recv_nvlist(). */
int wire_send(int sock, const nvlist_t *list, uint32_t id);
nvlist_t *wire_receive(int sock, uint32_t *id);
int wire_pack(const nvlist_t *list, uint32_t id, uint8_t **bytes, size_t *size, int *fds, size_t *nfds);
nvlist_t *wire_unpack(const uint8_t *bytes, size_t size, int flags, int *fds, size_t nfds);
#define WIRE_SIZE_MAX (8u << 20) /* a command line is at most 6 MiB: fs/exec.c, _STK_LIM / 4 * 3 */
#define WIRE_FDS_MAX 64u
#define WIRE_HEADER 16u

/* channel.c: a command to the service. NULL or -1 with errno, which is also the service's "error" where it is not 0. */
nvlist_t *channel_request(const char *command);
nvlist_t *channel_request_name(const char *command, const char *name);
nvlist_t *channel_ask(const cap_channel_t *chan, nvlist_t *request);
int channel_do(const cap_channel_t *chan, nvlist_t *request);
cap_channel_t *channel_of_service(const char *name); /* starts a casper, and closes it again */

/* What a service's process, and its clones', may still do to files: anything at all, or what confine.c lists. */
enum files { FILES_ANY, FILES_NONE, FILES_NAMES, FILES_SOCKETS, FILES_READ, FILES_WRITE, FILES_CREATE };

/* Which sockets it may still make, besides pairs: filter.c. */
enum sockets { SOCKETS_ANY, SOCKETS_LOCAL, SOCKETS_NONE };

struct service {
	const char *name;
	service_limit_func_t *limit;
	service_command_func_t *command;
	void (*cloning)(void); /* before a clone is forked: closes what it would have in common; or NULL */
	void (*cloned)(void);  /* in the process of a clone: makes apart what a fork leaves in common; or NULL */
	void (*ready)(void);   /* before it is confined: reads what it cannot open then; or NULL */
	enum files files;
	enum sockets sockets;
	bool keeps_place; /* working directory and session */
	uint64_t flags;
};

extern const struct service casper_dns, casper_net, casper_netdb, casper_pwd, casper_grp, casper_fileargs,
	casper_syslog;

/* process.c: forks a process that serves one channel. Returns the client's end, or -1 with errno. */
int process_serve(const struct service *service, nvlist_t *limits);
nvlist_t *process_answer(const struct service *service, nvlist_t **limits, nvlist_t *request);
const struct service *process_find(const char *name);

/* confine.c: can be called again to give up more. False where something failed that this system has. */
bool confine(enum files files, enum sockets sockets);
unsigned confinement(void); /* CE_SERVICE_ flags: what this process has given up */

/* filter.c: for a process without new privileges. 0 or an errno, ENOSYS where there is no filter for this machine. */
int refuse_calls(enum sockets sockets);

/* results.c: structures with pointers into one buffer. NULL where the buffer is full. */
struct arena {
	char *at;
	size_t left;
};
void *arena_take(struct arena *arena, size_t size, size_t alignment);
char *arena_string(struct arena *arena, const char *text);
char **arena_array(struct arena *arena, const nvlist_t *list);
typedef int build_func_t(const nvlist_t *answer, void *result, char *buffer, size_t size); /* 0 or ERANGE */
int build_growing(build_func_t *build, const nvlist_t *answer, void *result, char **buffer, size_t *size);

/* descriptors.c: the client's side of capability mode. */
struct cap_rights;
bool descriptor_in_capability_mode(void);
bool descriptor_may(int fd, bool connects);
int descriptor_limited(int fd, const struct cap_rights *rights);

/* sockets.c */
int socket_describe(int s, bool connects, nvlist_t *request);
int socket_replace(int s, int fresh);
int socket_like(const nvlist_t *request, int family, int *sock);

/* limits.c: what every service's limit function asks. */
bool name_too_long(const char *name);
bool limits_only(const nvlist_t *list, const char *const *names); /* names: NULL at the end; all lists */
bool limits_part_kept(const nvlist_t *old, const nvlist_t *wanted, const char *name);
bool limits_names_within(const nvlist_t *old, const nvlist_t *wanted);
bool limits_values_within(const nvlist_t *old, const nvlist_t *wanted);
bool limits_has_string(const nvlist_t *list, const char *text);
bool limits_has_number(const nvlist_t *list, uint64_t number);
bool limits_has_binary(const nvlist_t *list, const void *bytes, size_t size);
int limits_replace(const cap_channel_t *chan, const char *name, nvlist_t *part);
nvlist_t *limits_of_names(const char *const *names, size_t count);

/* database.c: what pwd and grp have in common. */
struct growing {
	char *bytes;
	size_t size;
};

/*
 * A walk through a database. It is broken off before a clone is forked: the two would have one file with one place in
 * it, which even closing it moves (glibc 2.43, fclose).
 */
struct walk {
	size_t passed; /* entries */
	bool broken_off;
};
const void *database_walk(struct walk *walk, const void *(*next)(void));
bool database_allows_field(const nvlist_t *limits, const char *field);
int database_limit(const nvlist_t *old, const nvlist_t *wanted, const char *entries);
int database_not_found(int error);
bool database_ask(const cap_channel_t *chan, nvlist_t *request, build_func_t *build, void *entry,
		  struct growing *memory);
int database_ask_r(const cap_channel_t *chan, nvlist_t *request, build_func_t *build, void *entry, char *buffer,
		   size_t size, bool *found);
nvlist_t *database_request_number(const char *command, const char *item, uint64_t number);
nvlist_t *database_entries(const char *name, const char *const *names, size_t nnames, const char *number,
			   const uint32_t *numbers, size_t nnumbers);

/* lookups.c: the five lookups, which dns and net have in common. A refusal is an errno of the layer below. */
struct lookup_policy {
	int (*name_to_address)(const nvlist_t *limits, const char *host, const char *service, int family,
			       bool old_call);
	int (*address_to_name)(const nvlist_t *limits, const struct sockaddr *address, socklen_t length, bool old_call);
	void (*found)(const struct sockaddr *address, socklen_t length); /* an answer, or NULL */
};
int lookup_command(const struct lookup_policy *policy, const char *cmd, const nvlist_t *limits, nvlist_t *in,
		   nvlist_t *out);

#endif
