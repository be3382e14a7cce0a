/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tries to get out of `capeasy run`, from the first moment at which code of a program can run: while it is relocated,
 * before constructors, in a constructor, in main, in a thread of its own, and with capeasy's own signal out of the way.
 * Prints a line for each place from where a file was opened by name, or a signal could be sent to the parent.
 *
 * PRELOADED: a library to be preloaded. FREESTANDING: what can stand in the place of a loader. Without libc until main:
 * nothing of it is there yet.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { RELOCATION, BEFORE, CONSTRUCTOR, MAIN, PLACES };

static volatile int opened[PLACES], reached[PLACES];
static volatile long outside; /* the process that started this one */

static inline __attribute__((always_inline)) long call(long number, long a, long b, long c)
{
#ifdef __x86_64__
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return result;
#else
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
	return x0;
#endif
}

/* Harmless where it succeeds: a file that everybody may read, and signal 0. */
static inline __attribute__((always_inline)) int attempt(void)
{
	static const char path[] = "/etc/passwd";

	if (outside == 0)
		outside = call(SYS_getppid, 0, 0, 0);
	return call(SYS_openat, AT_FDCWD, (long)path, O_RDONLY) >= 0 || call(SYS_kill, outside, 0, 0) == 0;
}

static inline __attribute__((always_inline)) void attempt_at(int place)
{
	reached[place] = 1;
	opened[place] = attempt();
}

#ifndef FREESTANDING
__attribute__((constructor)) static void construct(void)
{
	attempt_at(CONSTRUCTOR);
}
#endif

#ifdef FREESTANDING

void _start(void)
{
	static const char out[] = "out from main\n", reached_it[] = "reached\n";

	if (attempt())
		call(SYS_write, STDOUT_FILENO, (long)out, sizeof(out) - 1);
	call(SYS_write, STDOUT_FILENO, (long)reached_it, sizeof(reached_it) - 1);
	call(SYS_exit_group, 0, 0, 0);
	for (;;)
		;
}

#elif !defined(PRELOADED)

static void nothing(void)
{
}

#if defined(__GLIBC__)
static void (*resolve(void))(void)
{
	attempt_at(RELOCATION);
	return nothing;
}
void indirect(void) __attribute__((ifunc("resolve")));
#else
static void indirect(void)
{
}
#endif

static void before(void)
{
	attempt_at(BEFORE);
}
__attribute__((section(".preinit_array"), used)) static void (*const list[])(void) = { before };

static void handle(int number)
{
	(void)number;
}

/* Each in a child, which may be ended for it. */
static void in_child(const char *name, void (*prepare)(void))
{
	fflush(stdout);
	if (fork() != 0)
		return;
	if (prepare != NULL)
		prepare();
	if (attempt())
		dprintf(STDOUT_FILENO, "out from %s\n", name);
	_exit(0);
}

/* capeasy's handler for SIGSYS is in the way of nothing: without it a call is refused, or ends the program. */
static void block(void)
{
	sigset_t all;

	sigfillset(&all);
	call(SYS_rt_sigprocmask, SIG_BLOCK, (long)&all, 0);
	sigprocmask(SIG_BLOCK, &all, NULL);
}

static void replace(void)
{
	signal(SIGSYS, handle);
}

static void reset(void)
{
	signal(SIGSYS, SIG_DFL);
}

int main(void)
{
	static const char *const names[PLACES] = { "relocation", "preinit", "constructor", "main" };
	int i;

	indirect();
	attempt_at(MAIN);
	for (i = 0; i < PLACES; i++)
		if (opened[i] != 0)
			printf("out from %s\n", names[i]);
	printf("reached%s%s%s\n", reached[RELOCATION] ? " relocation" : "", reached[BEFORE] ? " preinit" : "",
	       reached[CONSTRUCTOR] ? " constructor" : "");
	printf("same user %d\n", getuid() == geteuid());
	in_child("a child", NULL);
	in_child("behind blocked signals", block);
	in_child("behind a handler", replace);
	in_child("behind no handler", reset);
	return 0;
}
#endif
