/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Entering capability mode where it is not easy: without room for descriptors, without /proc, in containers that forbid
 * calls, beside other threads. What a container forbids is made missing by a filter, as containers do it.
 */
#define _GNU_SOURCE
#include <criterion/criterion.h>

#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <capsicum_easy.h>

#include "child.h"
#include "levels.h"
#include "private.h"

static void expect_inside(void)
{
	unsigned mode = 0;

	CHECK(cap_sandboxed() && cap_getmode(&mode) == 0 && mode == 1);
	CHECK_FAILS(ECAPMODE, open("/etc/passwd", O_RDONLY));
	CHECK_FAILS(ECAPMODE, openat(AT_FDCWD, "/etc/passwd", O_RDONLY));
}

static bool has_landlock(void)
{
	return (ce_enforcement() & CE_ENFORCE_LOOKUPS) != 0;
}

/* ---- room ---- */

static void forbid_descriptors(void)
{
	const struct rlimit none = { 0, 0 };

	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	CHECK_FAILS(EMFILE, open("/", O_RDONLY));
}

IN_CHILD(room, is_not_needed_where_no_descriptor_can_be_had)
{
	int directory = open("/etc", O_RDONLY | O_DIRECTORY), file = scratch_file();

	CHECK(directory != -1 && file != -1);
	forbid_descriptors();
	CHECK((ce_enforcement() & (CE_ENFORCE_MODE | CE_ENFORCE_LOOKUPS)) == CE_ENFORCE_MODE);
	CHECK(cap_enter() == 0);
	CHECK((ce_enforcement() & (CE_ENFORCE_MODE | CE_ENFORCE_LOOKUPS)) == CE_ENFORCE_MODE);
	expect_inside();
	CHECK_FAILS(ECAPMODE, openat(directory, "passwd", O_RDONLY));
	CHECK(write(file, "x", 1) == 1);
}

/* A table that is full now can be mended, so it is an error. */
IN_CHILD(room, is_needed_otherwise)
{
	struct rlimit limit;

	if (!has_landlock())
		return;
	CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = 20;
	CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	while (open("/dev/null", O_RDONLY) != -1)
		continue;
	CHECK_FAILS(EMFILE, cap_enter());
	CHECK(!cap_sandboxed());
}

/* ---- finding what is held ---- */

static int held;

static void enter_and_open(void)
{
	CHECK(cap_enter() == 0);
	CHECK(!has_landlock() || openat(held, "passwd", O_RDONLY) != -1);
}

IN_CHILD(held, directory_with_a_high_number_is_found)
{
	static const int numbers[] = { 63, 64, 65, 127, 128, 255, 256, 700, 1023, 5000 };
	struct rlimit limit;
	size_t i;

	CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = limit.rlim_max;
	CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		int fd = open("/etc", O_RDONLY | O_DIRECTORY);

		if ((rlim_t)numbers[i] >= limit.rlim_max)
			break;
		CHECK(dup2(fd, numbers[i]) == numbers[i] && close(fd) == 0);
		CHECK(ce_table_end_() > (unsigned)numbers[i]);
		held = numbers[i];
		CHECK_CHILD(enter_and_open);
		close(held);
	}
}

IN_CHILD(held, directory_above_a_lowered_limit_is_found)
{
	struct rlimit limit = { 100, 100 };
	int fd = open("/etc", O_RDONLY | O_DIRECTORY);

	CHECK(dup2(fd, 200) == 200 && close(fd) == 0);
	CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	CHECK(cap_enter() == 0);
	CHECK(!has_landlock() || openat(200, "passwd", O_RDONLY) != -1);
}

IN_CHILD(held, table_without_holes_has_an_end)
{
	int fd;

	while ((fd = dup(STDIN_FILENO)) < 127)
		CHECK(fd != -1);
	CHECK(ce_table_end_() >= 128 && ce_table_end_() <= 2048); /* which reporting makes it reach to */
}

IN_CHILD(held, directory_that_only_stands_for_its_path_is_found)
{
	held = open("/etc", O_PATH | O_DIRECTORY);
	CHECK(held != -1);
	enter_and_open();
}

/* Were the directory of /proc that lists descriptors held, lookups would be allowed, and this ENOTDIR. */
IN_CHILD(held, no_directory_is_left_of_the_search)
{
	int fd = open("/dev/null", O_RDONLY);

	CHECK(fd != -1 && cap_enter() == 0);
	CHECK_FAILS(ECAPMODE, openat(fd, "passwd", O_RDONLY));
}

/* A new root, empty but for what `furnish` makes there; a directory of the old one is held at number 700. */
static bool move_to_a_new_root(void (*furnish)(void))
{
	static const char empty[] = "/mnt";

	held = open("/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(dup2(held, 700) == 700 && close(held) == 0);
	if (geteuid() != 0 || !unshare_mounts(0))
		return false; /* only root may take /proc away */
	CHECK(mount("none", empty, "tmpfs", 0, NULL) == 0);
	CHECK(chroot(empty) == 0 && chdir("/") == 0);
	furnish();
	return true;
}

static void enter_with_the_directory(void)
{
	CHECK(cap_enter() == 0);
	expect_inside();
	if (ce_landlock_abi_() > 0) {
		CHECK((ce_enforcement() & CE_ENFORCE_LOOKUPS) != 0);
		CHECK(openat(700, "passwd", O_RDONLY) != -1);
		CHECK_FAILS(EACCES, openat(700, "..", O_RDONLY));
	}
}

static void make_nothing(void)
{
	CHECK_FAILS(ENOENT, open("/proc/self/fd", O_RDONLY));
}

/* As privilege separation does it: the directory is held, and there is nothing in the new root. */
IN_CHILD(held, directory_is_found_without_proc)
{
	if (move_to_a_new_root(make_nothing))
		enter_with_the_directory();
}

static void make_a_false_list(void)
{
	CHECK(mkdir("/proc", 0755) == 0 && mkdir("/proc/thread-self", 0755) == 0 && mkdir("/proc/self", 0755) == 0);
	CHECK(mkdir("/proc/thread-self/fd", 0755) == 0 && mkdir("/proc/self/task", 0755) == 0);
}

/* What lists no descriptors and is not the kernel's would hide them. */
IN_CHILD(held, directory_is_found_with_a_false_proc)
{
	if (move_to_a_new_root(make_a_false_list))
		enter_with_the_directory();
}

/* ---- containers ---- */

/* Makes a call answer an errno, from outside: with no_new_privs, as a container's manager does. */
static void forbid(unsigned call, unsigned error)
{
	const struct ce_bpf_insn_ code[] = {
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_NR_ },
		{ CE_BPF_JEQ_, 0, 1, call },
		{ CE_BPF_RET_, 0, 0, CE_SECCOMP_ERRNO_ | error },
		{ CE_BPF_RET_, 0, 0, CE_SECCOMP_ALLOW_ },
	};

	CHECK(ce_program_install_(code, sizeof(code) / sizeof(code[0]), CE_SECCOMP_FLAG_TSYNC_) == 0);
}

static const unsigned answers[] = { EPERM, EACCES, EINVAL, ENOSYS };
static unsigned forbidden, answer;

static void expect_nothing(void)
{
	struct ce_opening opening = { .path = "/etc/passwd" };
	size_t failed;

	opening.descriptor.rights = CE_SET(CAP_READ);
	opening.descriptor.nioctls = CE_IOCTLS_KEEP;
	opening.descriptor.fcntls = CE_FCNTLS_KEEP;
	forbid(forbidden, answer);
	CHECK(ce_enforcement() == 0);
	CHECK_FAILS(ENOSYS, ce_limit(STDIN_FILENO, CE_SET(CAP_READ)));
	CHECK_FAILS(ENOSYS, ce_enter());
	CHECK_FAILS(ENOSYS, ce_sandbox(&opening, 1, 0, &failed));
	CHECK(ce_sandbox(&opening, 1, CE_SANDBOX_OPTIONAL, &failed) == 0);
	CHECK(!ce_sandboxed());
}

static void expect_no_lookups(void)
{
	int directory = open("/etc", O_RDONLY | O_DIRECTORY);

	forbid(forbidden, answer);
	CHECK(ce_limit(STDIN_FILENO, CE_SET(CAP_READ)) == 0);
	CHECK(ce_enter() == 0);
	CHECK((ce_enforcement() & (CE_ENFORCE_LOOKUPS | CE_ENFORCE_SIGNALS)) == 0);
	expect_inside();
	CHECK_FAILS(ECAPMODE, openat(directory, "passwd", O_RDONLY));
}

static void expect_no_lookups_to_be_promised(void)
{
	forbid(forbidden, answer);
	CHECK((ce_enforcement() & (CE_ENFORCE_LOOKUPS | CE_ENFORCE_SIGNALS)) == 0);
	CHECK((ce_enforcement() & CE_ENFORCE_MODE) != 0);
}

static void for_each_answer(unsigned call, void (*body)(void))
{
	size_t i;

	forbidden = call;
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		answer = answers[i];
		CHECK_CHILD(body);
	}
}

IN_CHILD(container, that_forbids_filters_is_as_no_capsicum)
{
	for_each_answer(SYS_seccomp, expect_nothing);
	for_each_answer(SYS_prctl, expect_nothing);
}

IN_CHILD(container, that_forbids_landlock_is_as_none)
{
	for_each_answer(CE_NR_LANDLOCK_CREATE_RULESET_, expect_no_lookups);
	for_each_answer(CE_NR_LANDLOCK_ADD_RULE_, expect_no_lookups);
	for_each_answer(CE_NR_LANDLOCK_RESTRICT_SELF_, expect_no_lookups);
	for_each_answer(CE_NR_LANDLOCK_CREATE_RULESET_, expect_no_lookups_to_be_promised);
	for_each_answer(CE_NR_LANDLOCK_ADD_RULE_, expect_no_lookups_to_be_promised);
	for_each_answer(CE_NR_LANDLOCK_RESTRICT_SELF_, expect_no_lookups_to_be_promised);
}

/* ---- other threads ---- */

static void *end_at_once(void *unused)
{
	return unused;
}

static void enter_after_joining(void)
{
	pthread_t threads[8];
	size_t i;
	int fd = open("/etc", O_RDONLY | O_DIRECTORY);

	for (i = 0; i < 8; i++)
		CHECK(pthread_create(&threads[i], NULL, end_at_once, NULL) == 0);
	for (i = 0; i < 8; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	CHECK(cap_enter() == 0);
	if (ce_landlock_abi_() > 0)
		CHECK(openat(fd, "passwd", O_RDONLY) != -1);
}

/* pthread_join(3) returns while the kernel still counts the thread. */
IN_CHILD(beside, threads_that_were_joined_nothing_is_lost)
{
	int i;

	for (i = 0; i < 50; i++)
		CHECK_CHILD(enter_after_joining);
}

static void *enter_with_a_table_of_its_own(void *unused)
{
	CHECK(unshare(CLONE_FILES) == 0);
	held = open("/etc", O_RDONLY | O_DIRECTORY);
	CHECK(dup2(held, 700) == 700 && close(held) == 0);
	CHECK(cap_enter() == 0);
	if (has(THREADS))
		CHECK(openat(700, "passwd", O_RDONLY) != -1);
	return unused;
}

/* What counts is what the thread holds that enters. */
IN_CHILD(beside, threads_with_another_table)
{
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, enter_with_a_table_of_its_own, NULL) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
	expect_inside();
}

static volatile bool end;

/* Opens and closes a directory at the lowest free number, which entering meets. */
static void *open_and_close(void *unused)
{
	while (!end) {
		int fd = open("/etc", O_RDONLY | O_DIRECTORY);

		close(fd);
		fd = dup(STDIN_FILENO);
		close(fd);
	}
	return unused;
}

static void enter_beside_closing(void)
{
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, open_and_close, NULL) == 0);
	CHECK(cap_enter() == 0);
	end = true;
	pthread_join(thread, NULL);
	expect_inside();
}

IN_CHILD(beside, a_thread_that_closes_descriptors)
{
	int i;

	for (i = 0; i < 100; i++)
		CHECK_CHILD(enter_beside_closing);
}

static void *limit_or_enter(void *number)
{
	const int fd = *(const int *)number;

	if (fd % 2 == 0)
		CHECK(ce_limit(fd, CE_SET(CAP_READ)) == 0 || errno == EBUSY);
	else
		CHECK(ce_enter() == 0 || errno == EBUSY);
	return NULL;
}

static void enter_and_limit_at_once(void)
{
	static int numbers[4];
	pthread_t threads[4];
	size_t i;

	for (i = 0; i < 4; i++)
		numbers[i] = scratch_file();
	for (i = 0; i < 4; i++)
		CHECK(pthread_create(&threads[i], NULL, limit_or_enter, &numbers[i]) == 0);
	for (i = 0; i < 4; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	CHECK(ce_enter() == 0);
	expect_inside();
}

IN_CHILD(beside, others_that_enter_and_limit)
{
	int i;

	for (i = 0; i < 20; i++)
		CHECK_CHILD(enter_and_limit_at_once);
}

/* ---- what was lost ---- */

static void *wait_for_the_end(void *unused)
{
	pause();
	return unused;
}

/* Asked inside, long after: the kernel's filter is what remembers. */
static void expect_lost(unsigned lost, const char *words)
{
	char text[400];

	CHECK(cap_enter() == 0);
	CHECK(ce_lost() == lost);
	CHECK(ce_explain_lost(text, sizeof(text)) == (int)strlen(text));
	CHECK(words == NULL ? text[0] == '\0' : strstr(text, words) != NULL);
	ce_explain(ECAPMODE, 3, "openat", text, sizeof(text));
	CHECK((strstr(text, words != NULL ? words : "beneath a directory descriptor") != NULL));
	ce_explain(ECAPMODE, 3, "connect", text, sizeof(text));
	CHECK(words == NULL || strstr(text, words) == NULL); /* nobody has that here */
}

IN_CHILD(lost, are_threads)
{
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, wait_for_the_end, NULL) == 0);
	CHECK(ce_lost() == 0);
	if (ce_landlock_abi_() == 0)
		expect_lost(CE_LOST_LANDLOCK, "Landlock");
	else if (ce_landlock_abi_() < CE_LANDLOCK_THREADS_)
		expect_lost(CE_LOST_THREADS, "this process had 2 threads when it entered");
	else
		expect_lost(0, NULL);
}

IN_CHILD(lost, is_landlock_in_a_container)
{
	forbid(CE_NR_LANDLOCK_CREATE_RULESET_, EPERM);
	expect_lost(CE_LOST_LANDLOCK, "Landlock");
}

IN_CHILD(lost, are_descriptors)
{
	forbid_descriptors();
	expect_lost(ce_landlock_abi_() > 0 ? CE_LOST_DESCRIPTORS : CE_LOST_LANDLOCK,
		    ce_landlock_abi_() > 0 ? "RLIMIT_NOFILE" : "Landlock");
}

IN_CHILD(lost, is_nothing)
{
	CHECK(open("/etc", O_RDONLY | O_DIRECTORY) != -1);
	if (ce_landlock_abi_() > 0)
		expect_lost(0, NULL);
}
