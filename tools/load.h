/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starts a program in the place of this one, as execve(2) does, but in a process that is in capability mode already.
 */
#ifndef CAPEASY_LOAD_H
#define CAPEASY_LOAD_H

#include <stddef.h>

#define LOAD_HEADERS 64 /* the most program headers that are read */

/* An executable file, read but not mapped. */
struct load_file;

/* Why a program cannot be started: text of load_prepare(). */
struct load_error {
	char text[160];
};

/*
 * Reads a program's headers; `fd` is kept until load_start(), which needs CAP_READ, CAP_SEEK and CAP_MMAP_RX of it.
 * *interpreter is the path of its loader, or NULL. Returns NULL with the reason in *error.
 */
struct load_file *load_prepare(int fd, const char **interpreter, struct load_error *error);

/*
 * Maps the program and its loader (NULL: it has none), closes their descriptors, and starts. path is what the program
 * is told that its file is. loaded() is called when the loader is done. Returns only if that failed, with errno.
 */
void load_start(const struct load_file *program, const struct load_file *loader, const char *path, char **argv,
		char **environment, void (*loaded)(void));

#endif
