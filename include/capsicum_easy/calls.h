/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions of the C library: the rights that they need of the descriptor beneath, and what to do about calls that
 * capability mode does not have.
 *
 * The rights were measured with glibc 2.36, one taken away after the other (tests/helpers/library_calls.c).
 */
#ifndef CE_CALLS_H_
#define CE_CALLS_H_

#include "constants.h"

/* Functions on a stream, a directory stream or a descriptor. */
static const struct ce_library_call_ {
	char names[80];
	cap_rights_t rights;
} ce_library_calls_[] = {
	{ "fdopen", CE_RIGHTS(CAP_FCNTL) }, /* F_GETFL; allow that command */
	{ "fread fgets fgetc getc getchar getline getdelim fscanf scanf", CE_RIGHTS(CAP_READ) },
	{ "fwrite fputs fputc putc putchar puts fprintf printf vfprintf fflush perror", CE_RIGHTS(CAP_WRITE) },
	{ "dprintf vdprintf", CE_RIGHTS(CAP_WRITE, CAP_SEEK) }, /* lseek, of a pipe too */
	{ "fseek fseeko ftell ftello fgetpos fsetpos rewind", CE_RIGHTS(CAP_SEEK) },
	{ "fdopendir", CE_RIGHTS(CAP_FCNTL, CAP_FSTAT) }, /* F_GETFL */
	{ "rewinddir seekdir", CE_RIGHTS(CAP_SEEK) },
	{ "isatty tcgetattr tcsetattr tcgetwinsize tcgetpgrp", CE_RIGHTS(CAP_IOCTL) },
	{ "lockf", CE_RIGHTS(CAP_FLOCK) },
	{ "fclose fileno setvbuf closedir dirfd telldir ferror feof", CE_NO_RIGHTS },
	/* Those that work with names have no descriptor; ce_call_advice() says what to do. */
	{ "fopen freopen opendir scandir nftw ftw glob mkstemp mkdtemp tmpfile realpath", CE_NO_RIGHTS },
	{ "getaddrinfo getnameinfo gethostbyname gethostbyaddr getservbyname", CE_NO_RIGHTS },
	{ "getprotobyname getpwnam getpwuid getgrnam getgrgid getgrouplist initgroups", CE_NO_RIGHTS },
	{ "dlopen popen pclose system execl execlp execle execv execvp posix_spawn", CE_NO_RIGHTS },
	{ "localtime localtime_r mktime strftime tzset setlocale newlocale iconv_open", CE_NO_RIGHTS },
	{ "syslog openlog ttyname getlogin strerror backtrace pthread_cancel", CE_NO_RIGHTS },
};

/* What to do instead of, or before, a call. */
static const struct ce_advice_ {
	char calls[136];
	char advice[112];
} ce_advices_[] = {
	{ "open openat openat2 creat stat lstat access faccessat statx newfstatat",
	  "open it before, or beneath a directory descriptor with openat" },
	{ "fopen freopen", "open it before; or openat beneath a directory descriptor, then fdopen" },
	{ "opendir scandir nftw ftw glob", "open the directory before, then fdopendir" },
	{ "mkstemp mkdtemp tmpfile", "open a directory for them before, or use memfd_create or shm_open(SHM_ANON)" },
	{ "mkdir rmdir unlink rename link symlink readlink mknod mkfifo chmod chown truncate utimes realpath",
	  "use the call with \"at\" and a directory descriptor, where capability mode has it" },
	{ "statfs utimensat getxattr lgetxattr listxattr llistxattr",
	  "open it before, then fstatfs, futimens, fgetxattr" },
	{ "execve execv execvp execl execlp execle posix_spawn", "use fexecve with a descriptor" },
	{ "popen system pclose", "run it before, or let a process that was started before run it" },
	{ "bind connect", "bind or connect the socket before, or ask the service system.net (libcasper)" },
	{ "sendto sendmsg sendmmsg", "connect the socket before, then use send or write" },
	{ "wait wait3 wait4 waitpid waitid kill", "use a process descriptor: pdfork, pdkill, ce_pdwait" },
	{ "chdir fchdir getcwd chroot", "keep a directory descriptor" },
	{ "getservbyname", "look it up before" },
	{ "getprotobyname", "look it up before, or ask the service system.netdb (libcasper)" },
	{ "getaddrinfo getnameinfo gethostbyname gethostbyaddr",
	  "look the name up before, or ask the service system.net or system.dns (libcasper)" },
	{ "getpwnam getpwuid", "look it up before, or ask the service system.pwd (libcasper)" },
	{ "getgrnam getgrgid", "look it up before, or ask the service system.grp (libcasper)" },
	{ "getgrouplist initgroups getlogin", "look it up before" },
	{ "dlopen", "load it before; with RTLD_NOW, so that nothing is left to load" },
	{ "localtime localtime_r mktime strftime tzset setlocale newlocale strerror backtrace pthread_cancel",
	  "call ce_prepare() before, which reads what they read" },
	{ "iconv_open", "open the conversion before and keep it" },
	{ "syslog openlog", "openlog with LOG_NDELAY before, or ask the service system.syslog (libcasper)" },
	{ "ttyname", "ask for the name before" },
#if !defined(__FreeBSD__)
	{ "dup dup2 dup3", "copy it before it is limited, or use ce_dup: on Linux a limited descriptor has no copies" },
#endif
};

#endif
