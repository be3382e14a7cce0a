/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the commands of capeasy share: a file each, with a struct command in capeasy.c's list.
 */
#ifndef CAPEASY_H
#define CAPEASY_H

#include <capsicum_easy.h>

#include <stddef.h>
#include <stdio.h>

struct command {
	const char *name;
	const char *arguments;		   /* as the usage line has them */
	const char *summary;		   /* a line */
	const char *options;		   /* further lines for --help; "" for none */
	int (*run)(int argc, char **argv); /* argv[0] is "capeasy NAME"; returns the exit status */
};

extern const struct command command_allow, command_diff, command_explain, command_fds, command_need, command_rights,
	command_run, command_show, command_status, command_trace;

/* ---- common.c ---- */

/* The commands' exit statuses besides 0. */
#define EXIT_FAILED 1
#define EXIT_MISUSE 2
#define EXIT_NOT_STARTED 126
#define EXIT_NOT_FOUND 127

/* "capeasy NAME: ...", from here on. */
void begin_command(const struct command *command);
/* Ends with a message that begins with the command's name. */
__attribute__((noreturn, format(printf, 2, 3))) void fail(int status, const char *format, ...);
/* Ends with a message and the usage line. */
__attribute__((noreturn, format(printf, 1, 2))) void misuse(const char *format, ...);
/* Prints a message that begins with the command's name. */
__attribute__((format(printf, 1, 2))) void warn(const char *format, ...);
/* Prints the help of the present command. */
void print_help(FILE *out);
/* What getopt_long() returned for an option that is not the command's own: --help, or a mistake. Does not return. */
__attribute__((noreturn)) void common_option(int option);

/* Memory that is there, or the end. */
void *allocate(size_t size);
/* Room, filled with 0, for one more element of a list that grows by doubling. */
void *grown(void *list, size_t n, size_t size);
char *copy_text(const char *text);
__attribute__((format(printf, 1, 2))) char *print_text(const char *format, ...);

/* A set as text: names with or without CAP_, "all" or "none"; ends if it is wrong. */
cap_rights_t parse_set(const char *text);
/* Prints a set in a static buffer: "none" and "all" too. */
const char *format_set(const cap_rights_t *set);
/* Prints what ce_describe() says, with the names of ioctl commands in the place of their numbers. */
void print_description(const char *text);

/* Of several words the one that `word` was meant to be; NULL if none is near. `next` gives the i-th, then NULL. */
const char *nearest_word(const char *word, const char *(*next)(size_t i));

/* The width to print in; 0: without breaking lines. */
unsigned line_width(void);
/* Prints text in lines that begin with `indent` blanks. */
void print_wrapped(unsigned indent, const char *text);
/* Marks what follows as a heading on a terminal, and ends that. */
const char *heading(void);
const char *plain(void);

/* ---- ioctls.c ---- */

/* The name of a command, or NULL. */
const char *ioctl_name(unsigned long command);
/* The i-th of the names; NULL after the last. */
const char *ioctl_name_at(size_t i);
/* 0, or -1 if there is none of this name, in upper or lower case, or number. */
int ioctl_by_name(const char *name, unsigned long *command);

/* ---- services.c ---- */

/* The i-th call that a service of Casper does; NULL after the last. Some are there twice. */
const char *service_call_at(size_t i);
/* "in libcasper: cap_getpwnam of system.pwd", in a static buffer; NULL if none does this call. */
const char *services_of(const char *call);
/* What ce_call_advice() says, and the services; NULL if there is neither. In a static buffer. */
const char *advice_of(const char *call);

/* ---- process_linux.c, process_freebsd.c ---- */

/* Prints what a process is under. Returns the exit status. */
int print_process(int pid);

/* ---- limits.c ---- */

/* The limits of one descriptor, as text: "READ, FSTAT; ioctls TCGETS; fcntls GETFL". */
struct limits {
	cap_rights_t rights;
	unsigned long ioctls[CE_IOCTLS_MAX];
	size_t nioctls; /* CE_IOCTLS_KEEP: all */
	uint32_t fcntls;
	int flags; /* of open(2), after "flags"; -1: not said */
	int times; /* after "times"; 0: not said */
};

/* False if a part of the text cannot be read: the reason is in *error, which is static. */
bool limits_parse(const char *text, struct limits *limits, const char **error);
struct ce_descriptor limits_of(int fd, const struct limits *limits);
/* The flags of open(2) by name, "O_RDONLY|O_CLOEXEC", in a static buffer. */
const char *format_open_flags(int flags);

#endif
