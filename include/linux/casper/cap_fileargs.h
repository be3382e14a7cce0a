/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files of a command line for a sandboxed program: FreeBSD's <casper/cap_fileargs.h>, for Linux. Service
 * "system.fileargs".
 *
 * A file is opened when it is asked for, by its name in the list, byte for byte, in the working directory and with the
 * umask and user of the time of cap_init(). Nothing else is opened, read or truncated. Descriptors are closed on exec.
 *
 * A name of a descriptor (/dev/stdin, /dev/fd/N, /proc/self/fd/N) means the program's own: it is copied to the service
 * when the list is made, and each open gives a copy of that, as on FreeBSD.
 *
 * On Linux limits belong to the descriptor's number in the process, so the rights are given by fileargs_open() itself,
 * on arrival. Whoever has taken over the program and receives on the channel directly has the file with the access mode
 * that the list was made with, but not limited further.
 */
#ifndef _CAP_FILEARGS_H_
#define _CAP_FILEARGS_H_

#include <fcntl.h>
#include <stdio.h>
#include <sys/capsicum.h>
#include <sys/stat.h>

#include <libcasper.h>

#define FA_OPEN 1
#define FA_LSTAT 2
#define FA_REALPATH 4

#ifdef __cplusplus
extern "C" {
#endif

struct fileargs;
typedef struct fileargs fileargs_t;

#ifdef WITH_CASPER

/**
 * Names the files that may be asked for. The names are argv[0] to argv[argc - 1]; flags and mode are open(2)'s; rights,
 * unless NULL, are what each opened file is limited to; operations are of FA_OPEN, FA_LSTAT and FA_REALPATH.
 *
 * fileargs_init() and fileargs_initnv() start a casper of their own, the others use the one given. The lists of the
 * last two hold the numbers "flags" and "operations", perhaps "mode" and the binary "cap_rights", and a null for each
 * name; they are taken over. Returns what the caller frees with fileargs_free(), or NULL.
 *
 * errno: ENAMETOOLONG (a name of 1024 bytes or more), EINVAL (a NULL name, or no flags or operations in a list), those
 * of cap_init() and cap_service_open().
 */
fileargs_t *fileargs_init(int argc, char *argv[], int flags, mode_t mode, cap_rights_t *rightsp, int operations);
fileargs_t *fileargs_cinit(cap_channel_t *cas, int argc, char *argv[], int flags, mode_t mode, cap_rights_t *rightsp,
			   int operations);
fileargs_t *fileargs_initnv(nvlist_t *limits);
fileargs_t *fileargs_cinitnv(cap_channel_t *cas, nvlist_t *limits);

/* errno of all four: ENOTCAPABLE (name or operation not in the list), EINVAL, EPIPE, ENOTCONN, and what the system
 * says. */
int fileargs_open(fileargs_t *fa, const char *name);
FILE *fileargs_fopen(fileargs_t *fa, const char *name, const char *mode);
int fileargs_lstat(fileargs_t *fa, const char *name, struct stat *sb); /* EFAULT: sb is NULL */
char *fileargs_realpath(fileargs_t *fa, const char *pathname,
			char *reserved_path); /* NULL: the caller frees the result */

void fileargs_free(fileargs_t *fa);
fileargs_t *fileargs_wrap(cap_channel_t *chan, int fdflags); /* takes the channel over */
cap_channel_t *fileargs_unwrap(fileargs_t *fa, int *fdflags);

#else

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct fileargs {
	int fa_flags;
	mode_t fa_mode;
};

static inline fileargs_t *fileargs_init(int argc, char *argv[], int flags, mode_t mode, cap_rights_t *rightsp,
					int operations)
{
	fileargs_t *fa = (fileargs_t *)malloc(sizeof(*fa));

	(void)argc;
	(void)argv;
	(void)rightsp;
	(void)operations;
	if (fa != NULL) {
		fa->fa_flags = flags;
		fa->fa_mode = mode;
	}
	return fa;
}

static inline fileargs_t *fileargs_cinit(cap_channel_t *cas, int argc, char *argv[], int flags, mode_t mode,
					 cap_rights_t *rightsp, int operations)
{
	(void)cas;
	return fileargs_init(argc, argv, flags, mode, rightsp, operations);
}

static inline fileargs_t *fileargs_initnv(nvlist_t *limits)
{
	fileargs_t *fa = fileargs_init(0, NULL, (int)nvlist_get_number(limits, "flags"),
				       (mode_t)dnvlist_get_number(limits, "mode", 0), NULL, 0);

	nvlist_destroy(limits);
	return fa;
}

static inline fileargs_t *fileargs_cinitnv(cap_channel_t *cas, nvlist_t *limits)
{
	(void)cas;
	return fileargs_initnv(limits);
}

static inline int fileargs_open(fileargs_t *fa, const char *name)
{
	return open(name, fa->fa_flags, fa->fa_mode);
}

static inline FILE *fileargs_fopen(fileargs_t *fa, const char *name, const char *mode)
{
	(void)fa;
	return fopen(name, mode);
}

static inline int fileargs_lstat(fileargs_t *fa, const char *name, struct stat *sb)
{
	(void)fa;
	return lstat(name, sb);
}

static inline char *fileargs_realpath(fileargs_t *fa, const char *pathname, char *reserved_path)
{
	(void)fa;
	return realpath(pathname, reserved_path);
}

static inline void fileargs_free(fileargs_t *fa)
{
	free(fa);
}

static inline fileargs_t *fileargs_wrap(cap_channel_t *chan, int fdflags)
{
	cap_close(chan);
	return fileargs_init(0, NULL, fdflags, 0, NULL, 0);
}

static inline cap_channel_t *fileargs_unwrap(fileargs_t *fa, int *fdflags)
{
	if (fdflags != NULL)
		*fdflags = fa->fa_flags;
	free(fa);
	return cap_wrap(-1, 0);
}

#endif /* WITH_CASPER */

#ifdef __cplusplus
}
#endif

#endif /* _CAP_FILEARGS_H_ */
