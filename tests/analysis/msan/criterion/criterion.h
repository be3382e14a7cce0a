/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * As much of Criterion as the tests use, for MemorySanitizer: it takes what a library writes that was not compiled with
 * it for uninitialised, and stops in Criterion itself. For the same reason raw system calls that fill memory say so
 * here; it is included before anything else (-include).
 */
#ifndef CE_MSAN_CRITERION_H
#define CE_MSAN_CRITERION_H

#include <sanitizer/msan_interface.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((no_sanitize("memory"))) static inline long msan_syscall(long number, ...)
{
	long a[6], result;
	va_list list;
	int i;

	va_start(list, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	result = syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (number == SYS_getdents64 && result > 0)
		__msan_unpoison((void *)a[1], (size_t)result);
	return result;
}
#define syscall msan_syscall

static struct {
	const char *name;
	void (*run)(void);
} criterion_tests[200];
static size_t criterion_count;

#define Test(suite, test, ...)                                                 \
	static void suite##_##test##_run(void);                                \
	__attribute__((constructor)) static void suite##_##test##_add(void)    \
	{                                                                      \
		criterion_tests[criterion_count].name = #suite "/" #test;      \
		criterion_tests[criterion_count++].run = suite##_##test##_run; \
	}                                                                      \
	static void suite##_##test##_run(void)

#define cr_assert(condition, ...) \
	((condition) ? (void)0 : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition), exit(1)))
#define cr_expect cr_assert
#define cr_assert_not(condition, ...) cr_assert(!(condition))
#define cr_assert_eq(a, b, ...) cr_assert((a) == (b))
#define cr_expect_eq cr_assert_eq
#define cr_assert_gt(a, b, ...) cr_assert((a) > (b))
#define cr_assert_leq(a, b, ...) cr_assert((a) <= (b))
#define cr_assert_null(a, ...) cr_assert((a) == NULL)
#define cr_assert_not_null(a, ...) cr_assert((a) != NULL)
#define cr_assert_str_eq(a, b, ...) cr_assert(strcmp(a, b) == 0)
#define cr_expect_str_eq cr_assert_str_eq
#define cr_assert_fail(...) cr_assert(!__func__)

/* Each test in a process of its own. */
int main(void)
{
	size_t i, failed = 0;
	int status;
	pid_t pid;

	for (i = 0; i < criterion_count; i++) {
		pid = fork();
		if (pid == 0) {
			criterion_tests[i].run();
			exit(0);
		}
		if (waitpid(pid, &status, 0) != pid || status != 0) {
			fprintf(stderr, "%s failed\n", criterion_tests[i].name);
			failed++;
		}
	}
	return failed > 0;
}

#endif
