/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What `capeasy run` gives to a program, and the system's own way to start it.
 */
#ifndef CAPEASY_RUN_H
#define CAPEASY_RUN_H

#include "capeasy.h"

#include <sys/socket.h>

#define GIVEN_MAX 2048
#define RUN_PATH 4096

enum given_kind {
	GIVEN_NUMBER, /* a descriptor that the program knows by its number */
	GIVEN_NAME,   /* what it reaches by name */
	GIVEN_PARENT, /* a directory that leads to one: can be looked at */
	GIVEN_ABSENT, /* a name that is said not to be there */
	GIVEN_SOCKET, /* a socket that is connected or bound */
	GIVEN_LOADING /* a name that is there until the program is loaded */
};

struct given {
	enum given_kind kind;
	const char *path;
	struct limits limits;
	bool beneath; /* a directory whose files can be opened */
	bool created; /* did not exist before */
	bool bound;   /* a socket that is bound, not connected */
	int type;     /* of the socket */
	struct sockaddr_storage address;
	socklen_t length;
	int fd;	    /* the first of its descriptors */
	int copies; /* further ones, to be given to the program when it opens the name */
	int flags;
};

struct plan {
	struct given given[GIVEN_MAX];
	size_t n;
	bool others_absent; /* names that were not given are said not to be there */
};

/* Adds to the plan; ends if that is full. */
struct given *run_add(enum given_kind kind, const char *path, const char *limits);
/* Opens a program as execvp(3) finds it; its path is left in `path`. -1 with errno. */
int run_open_program(const char *name, char path[RUN_PATH]);

/* ---- address.c ---- */

/* Reads "tcp:127.0.0.1:80", "udp:[::1]:53" or "unix:/path" into a socket to be given; ends if it cannot be read. */
void run_parse_address(const char *text, struct given *given);

/* ---- start_linux.c, start_freebsd.c, start_other.c ---- */

/* Whether programs here can be given names. */
extern const bool run_has_names;
/* Before anything of the plan is opened: finds the program, and adds what starting it needs. Ends if it cannot start.
 */
void run_prepare(struct plan *plan, char **argv);
/* In capability mode: starts it. Ends with a message if that fails. */
__attribute__((noreturn)) void run_start(struct plan *plan);

#endif
