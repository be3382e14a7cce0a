/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An attack from inside an example. attack_NAME.c includes the example with the call through which it reads what it
 * does not trust renamed; when "ATTACK" comes in, the attacker has taken over and tries to get out.
 *
 * Each attempt must be refused with just the errno it names. The program then exits with HELD, else with ESCAPED. Built
 * with NO_SANDBOX, the same program believes that it is in a sandbox and is not: it must get out.
 */
#ifndef CE_TESTS_ATTACKER_H
#define CE_TESTS_ATTACKER_H

#define _GNU_SOURCE /* memmem() */
#include <capsicum_easy.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HELD = 8, ESCAPED = 9 };

/* On FreeBSD, whose kernel is what the others are measured by, any errno will do. */
#if defined(__FreeBSD__)
#define IS_ERROR(error) ((void)(error), true)
#else
#define IS_ERROR(error) (errno == (error))
#endif

static inline void try(const char *what, long result, int error)
{
	if (result != -1 || !IS_ERROR(error)) {
		fprintf(stderr, "escaped: %s: %s\n", what, result == -1 ? ce_strerror(errno) : "it worked");
		_exit(ESCAPED);
	}
	fprintf(stderr, "refused: %s: %s\n", what, ce_strerror(errno));
}

/* A new socket. On a number that is limited, from a descriptor closed before, even less would be possible. */
static inline int new_socket(void)
{
	int fd, type;

	while (getsockopt(fd = socket(AF_INET, SOCK_STREAM, 0), SOL_SOCKET, SO_TYPE, &type,
			  &(socklen_t){ sizeof(type) }) != 0)
		if (fd < 0)
			abort();
	return fd;
}

static inline long try_address(int (*call)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(9) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return call(new_socket(), (struct sockaddr *)&address, sizeof(address));
}

static inline long trace_parent(void)
{
#if defined(__FreeBSD__)
	return ptrace(PT_ATTACH, getppid(), NULL, 0);
#else
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
#endif
}

/* What every sandbox must refuse. */
static inline void attack_system(void)
{
	char *const arguments[] = { "true", NULL };

	try("open /etc/passwd", open("/etc/passwd", O_RDONLY), ECAPMODE);
	try("create /tmp/attack", open("/tmp/attack", O_WRONLY | O_CREAT, 0600), ECAPMODE);
	try("unlink /tmp/attack", unlink("/tmp/attack"), ECAPMODE);
	try("open /proc/self/fd/0 again", openat(AT_FDCWD, "/proc/self/fd/0", O_RDWR), ECAPMODE);
	try("connect to a server", try_address(connect), ECAPMODE);
	try("bind a port", try_address(bind), ECAPMODE);
	try("signal the parent", kill(getppid(), 0), ECAPMODE);
	try("trace the parent", trace_parent(), ECAPMODE);
	try("run /bin/true", execve("/bin/true", arguments, NULL), ECAPMODE);
}

static inline void finish_attack(void)
{
	fprintf(stderr, "held\n");
	_exit(HELD);
}

static inline bool is_attack(const void *data, ssize_t length)
{
	return length > 0 && memmem(data, (size_t)length, "ATTACK", 6) != NULL;
}

#ifdef NO_SANDBOX
/* Lets every filter and Landlock domain be accepted, and none installed. Asked without a program, seccomp(2) answers.
 */
__attribute__((constructor)) static void take_sandbox_away(void)
{
	static const struct ce_bpf_insn_ code[] = {
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_NR_ },
		{ CE_BPF_JEQ_, 3, 0, CE_NR_LANDLOCK_RESTRICT_SELF_ },
		{ CE_BPF_JEQ_, 0, 3, SYS_seccomp },
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_HIGH_(2) },
		{ CE_BPF_JEQ_, 1, 0, 0 },
		{ CE_BPF_RET_, 0, 0, CE_SECCOMP_ERRNO_ },
		{ CE_BPF_RET_, 0, 0, CE_SECCOMP_ALLOW_ },
	};
	const struct ce_bpf_program_ program = { sizeof(code) / sizeof(code[0]), code };

	if (syscall(SYS_prctl, CE_PR_SET_NO_NEW_PRIVS_, 1, 0, 0, 0) != 0 ||
	    syscall(SYS_seccomp, CE_SECCOMP_SET_MODE_FILTER_, 0, &program) != 0)
		abort();
}
#endif

#endif
