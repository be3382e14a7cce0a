/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * As much of Criterion as the tests use, for where the library cannot be: in a static program, and under
 * MemorySanitizer. Each test runs in a process of its own; a line for each says "ok" or "not ok".
 */
#ifndef CE_STAND_IN_CRITERION_H
#define CE_STAND_IN_CRITERION_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct criterion_test {
	const char *suite;
	const char *name;
	void (*run)(void);
};

struct criterion_suite {
	void (*init)(void);
	void (*fini)(void);
};

static struct criterion_test criterion_tests[200];
static size_t criterion_count;
static const char *criterion_suite_name;
static struct criterion_suite criterion_suite;

#define Test(suite, test, ...)                                                                                       \
	static void suite##_##test##_run(void);                                                                      \
	__attribute__((constructor)) static void suite##_##test##_add(void)                                          \
	{                                                                                                            \
		criterion_tests[criterion_count++] = (struct criterion_test){ #suite, #test, suite##_##test##_run }; \
	}                                                                                                            \
	static void suite##_##test##_run(void)

/* One for a program. */
#define TestSuite(suite, ...)                                              \
	__attribute__((constructor)) static void suite##_suite_add(void)   \
	{                                                                  \
		criterion_suite_name = #suite;                             \
		criterion_suite = (struct criterion_suite){ __VA_ARGS__ }; \
	}                                                                  \
	struct criterion_suite

#define cr_assert(condition, ...) \
	((condition) ? (void)0 : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition), exit(1)))
#define cr_expect cr_assert
#define cr_assert_not(condition, ...) cr_assert(!(condition))
#define cr_assert_eq(a, b, ...) cr_assert((a) == (b))
#define cr_expect_eq cr_assert_eq
#define cr_assert_neq(a, b, ...) cr_assert((a) != (b))
#define cr_assert_gt(a, b, ...) cr_assert((a) > (b))
#define cr_assert_lt(a, b, ...) cr_assert((a) < (b))
#define cr_assert_geq(a, b, ...) cr_assert((a) >= (b))
#define cr_assert_leq(a, b, ...) cr_assert((a) <= (b))
#define cr_assert_null(a, ...) cr_assert((a) == NULL)
#define cr_assert_not_null(a, ...) cr_assert((a) != NULL)
#define cr_assert_str_eq(a, b, ...) cr_assert(strcmp(a, b) == 0)
#define cr_expect_str_eq cr_assert_str_eq
#define cr_assert_fail(...) cr_assert(!__func__)

static void criterion_run(const struct criterion_test *test)
{
	const struct criterion_suite none = { NULL, NULL };
	const struct criterion_suite *suite =
		criterion_suite_name != NULL && strcmp(criterion_suite_name, test->suite) == 0 ? &criterion_suite
											       : &none;

	if (suite->init != NULL)
		suite->init();
	test->run();
	if (suite->fini != NULL)
		suite->fini();
	exit(0);
}

int main(void)
{
	size_t i, failed = 0;
	int status;
	pid_t pid;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < criterion_count; i++) {
		pid = fork();
		if (pid == 0)
			criterion_run(&criterion_tests[i]);
		if (waitpid(pid, &status, 0) != pid || status != 0)
			failed++, printf("not ");
		printf("ok - %s/%s\n", criterion_tests[i].suite, criterion_tests[i].name);
	}
	return failed > 0;
}

#endif
