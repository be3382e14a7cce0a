/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program that `capeasy run` starts can reach by name, and the descriptor behind each name.
 */
#ifndef CAPEASY_NAMES_H
#define CAPEASY_NAMES_H

#include <stdbool.h>

#include <sys/socket.h>

#define NAMES_MAX 4096

enum name_kind {
	NAME_FILE,	/* itself, whatever it is: each open takes one of the copies */
	NAME_DIRECTORY, /* what lies beneath it */
	NAME_PARENT,	/* leads to another name: can be looked at, no more */
	NAME_ABSENT	/* said not to be there */
};

struct name {
	enum name_kind kind;
	bool loading;	  /* only until the program is loaded */
	bool created;	  /* by us, and not yet opened by the program */
	const char *path; /* absolute, without "." and ".." */
	int fd;		  /* never given to the program; -1: absent */
	int copies;	  /* fd + 1 and on: given to it, each once */
	int given;
	int flags; /* with which all of them were opened */
};

/* A socket that was connected or bound before: for the program's own socket(2), and then connect(2) or bind(2). */
struct held_socket {
	int fd;
	int domain;
	int type;
	bool bound; /* else connected */
	bool given;
	struct sockaddr_storage address;
	unsigned length; /* of what tells it from others */
};

#define SOCKETS_MAX 64

/* False if there are SOCKETS_MAX already. */
bool names_add_socket(const struct held_socket *held);

/* Adds a name; the strings must stay. False if there are NAMES_MAX already. */
bool names_add(const struct name *name);

/* The name with this very path, or NULL. */
struct name *names_find(const char *path);

/* Writes a path as names have it, from the root: false if it is longer than size. */
bool names_normal(char *out, unsigned size, const char *directory, const char *path);

/*
 * From now on calls with names are answered with what was added, and others with ENOENT, or else as the kernel does in
 * capability mode. Last of all: after entering. 0, or -1 with errno.
 */
int names_serve(const char *working_directory, bool others_are_absent);

/* What names_loaded() puts in force, a Landlock ruleset, with these flags of landlock_restrict_self(2). */
void names_narrow(int ruleset, unsigned flags);

/* Closes what was there only for loading, and takes away what capability mode lets be looked up for it. */
void names_loaded(void);

#endif
