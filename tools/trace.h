/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capeasy trace: what a watched program was seen to do, and the parts that gather and report it.
 */
#ifndef CAPEASY_TRACE_H
#define CAPEASY_TRACE_H

#include "capeasy.h"

#include <sys/types.h>

/* ---- what was seen (seen.c) ---- */

/* One kind of call on a descriptor; of ioctl and fcntl, one command. */
struct use {
	const char *call;
	unsigned long command; /* of ioctl; else 0 */
	bool event_only;       /* poll and its kin: FreeBSD asks for the right, Linux does not */
	bool succeeded;
	int error; /* of the last that failed */
	unsigned long times;
};

/* What a descriptor was open on: everything opened in the same way is one thing. */
struct thing {
	bool merged;	  /* into another thing */
	const char *what; /* a path, or words */
	bool is_path;
	bool loading;	     /* only opened while the program was loaded */
	int number;	     /* of the inherited descriptor; -1: opened by the program */
	int flags;	     /* of open(2), or -1 */
	const char *address; /* of a socket that was connected or bound, as run takes it; NULL */
	bool bound;
	bool nonblocking;
	const struct thing *origin; /* the listener of a connection, the directory of a file beneath it */
	unsigned long opens;
	unsigned long moment; /* of the last open */
	cap_rights_t rights;
	uint32_t fcntls;
	unsigned long ioctls[CE_IOCTLS_MAX];
	size_t nioctls;
	struct use *uses;
	size_t nuses;
};

/* A call that capability mode would refuse. */
struct refusal {
	const char *call;
	const char *text;	    /* of its path, address or other argument; "" */
	int error;		    /* that the call gave as it is; 0: it succeeded */
	const struct thing *socket; /* of connect */
	unsigned long first, last, times;
};

/* A call that any limit on the descriptor would refuse. */
struct closed {
	const char *call;
	const struct thing *thing; /* NULL: as soon as anything is limited */
	unsigned long times;
};

/* What the program asked about a path without opening it. */
struct looked {
	const char *path;
	bool there;  /* an answer came at least once */
	bool status; /* its status was asked for, not only whether it is a link */
	bool missing;
};

struct seen {
	struct thing **things;
	size_t nthings;
	struct refusal *refusals;
	size_t nrefusals;
	struct closed *closed;
	size_t nclosed;
	struct looked *looked;
	size_t nlooked;
	unsigned long loaded; /* files that the loader tried to open */
	unsigned long now;    /* counts the calls */
	unsigned long start;  /* when the program's own code began */
	unsigned long input;  /* when it first read what comes from outside; 0: never */
	const char *input_what;
	bool executes;	     /* made memory executable after it was loaded */
	char **argv;	     /* of the program; NULL: not known */
	const char *stopped; /* why the watch ended before the program; NULL */
};

struct thing *seen_thing(struct seen *seen, const char *what, bool is_path, int flags, int number,
			 const struct thing *origin);
/* A thing of its own, though there may be others like it. */
struct thing *seen_new_thing(struct seen *seen, const char *what);
/* What two descriptors were used for is one thing. */
void seen_merge(struct thing *into, struct thing *thing);
struct use *seen_use(struct thing *thing, const char *call, unsigned long command);
void seen_ioctl(struct thing *thing, unsigned long command);
void seen_refusal(struct seen *seen, const char *call, const char *text, int error, const struct thing *socket);
void seen_closed(struct seen *seen, const char *call, const struct thing *thing);
void seen_looked(struct seen *seen, const char *path, bool there, bool status);

/* ---- watching (watch_linux.c, watch_calls.c) ---- */

/* A process, or what of it threads share. */
struct process {
	pid_t pid;
	unsigned threads;
	bool loading;
	unsigned long entry; /* where its own code begins, if a breakpoint is there */
	long entry_word;
	struct thing **descriptors;
	size_t ndescriptors;
};

struct watch_options {
	pid_t pid;	  /* to be watched; 0: start argv */
	unsigned timeout; /* seconds; 0: none */
	char **argv;
};

/* Watches; returns the program's exit status. Ends if the program could not be started. */
int watch(const struct watch_options *options, struct seen *seen);

struct ce_system_call;
/* Before a call: whether its result is wanted. */
bool calls_before(struct seen *seen, struct process *process, const struct ce_system_call *call);
/* After it. */
void calls_after(struct seen *seen, struct process *process, const struct ce_system_call *call, long result);
/* After execve(2): what was closed by it is forgotten. */
void calls_executed(struct process *process);
/* Calls that must be watched though limits and capability mode let them be. */
bool calls_is_watched(unsigned number);
const char *call_name(unsigned number);

/* ---- telling (report.c, code.c, advice.c) ---- */

void report_text(FILE *out, const struct seen *seen);
void report_c(FILE *out, const struct seen *seen);
void report_python(FILE *out, const struct seen *seen);
void report_json(FILE *out, const struct seen *seen);

/* The command of an ioctl as text, in a static buffer. */
const char *command_text(unsigned long command);
/* "CAP_READ; ioctls TCGETS; fcntls GETFL", to be freed. */
char *limits_text(const struct thing *thing);
/* A path with blanks and what cannot be printed as "\040", to be freed. */
char *escaped(const char *path);
/* A text with control characters, and what is in `also`, as "\012", to be freed: what a program says ends no line. */
char *cleaned(const char *given, const char *also);
/* The program and its arguments, cleaned so. */
char *program_text(const struct seen *seen, const char *also);
/* Whether a thing is something that run opens by its name. */
bool is_named(const struct thing *thing);
/* Whether a path is one where a loader finds what it needs, and where run lets it do so. */
bool is_library(const char *path);
/* Whether a refusal is only a probe: the program was told no, and went on. */
bool is_probe(const struct refusal *refusal);
/* What cures a refusal; NULL: nothing known. argv: the program's, or NULL. In a static buffer. */
const char *cure_of(const struct refusal *refusal, char **argv);
/* The way out for a call that any limit refuses. */
const char *way_out(const char *call);

/* ---- kdump.c ---- */

/* Reports what FreeBSD's kdump(1) printed of capability failures. Returns the exit status. */
int report_kdump(FILE *out, const char *path);

#endif
