/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Limits on descriptors on Linux: what is asked for and refused, how the lists of commands shrink, what a limit
 * survives, and how many filters it all takes. The answers are those of a FreeBSD 13.2 kernel
 * (tests/data/freebsd-13.2.jsonl).
 */
#include <criterion/criterion.h>

#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <capsicum_easy.h>

#include "../helpers/kernel.h"
#include "child.h"
#include "levels.h"

#define CLOSED_FD 77 /* below REPORT_FD, and not open */

static const cap_rights_t all = CE_ALL_RIGHTS;

static bool has_rights(int fd, const cap_rights_t *expected)
{
	cap_rights_t rights;

	return cap_rights_get(fd, &rights) == 0 && ce_rights_equal(&rights, expected);
}

static uint32_t fcntls_of(int fd)
{
	uint32_t fcntls = 1;

	CHECK(cap_fcntls_get(fd, &fcntls) == 0);
	return fcntls;
}

/* ---- rights ---- */

IN_CHILD(rights, of_a_new_descriptor_are_all)
{
	int fd = scratch_file();
	unsigned long commands[1] = { 4711 };

	CHECK(has_rights(fd, &all));
	CHECK(fcntls_of(fd) == CAP_FCNTL_ALL);
	CHECK(cap_ioctls_get(fd, commands, 1) == CAP_IOCTLS_ALL);
	CHECK(commands[0] == 4711);
}

IN_CHILD(rights, shrink_stay_and_do_not_grow)
{
	int fd = scratch_file();

	CHECK(cap_rights_limit(fd, CE_SET(CAP_READ, CAP_WRITE, CAP_FSTAT)) == 0);
	CHECK(cap_rights_limit(fd, CE_SET(CAP_READ, CAP_FSTAT)) == 0);
	CHECK(cap_rights_limit(fd, CE_SET(CAP_READ, CAP_FSTAT)) == 0);
	CHECK_FAILS(ENOTCAPABLE, cap_rights_limit(fd, CE_SET(CAP_READ, CAP_FSTAT, CAP_WRITE)));
	CHECK_FAILS(ENOTCAPABLE, cap_rights_limit(fd, CE_SET(CAP_WRITE)));
	CHECK_FAILS(ENOTCAPABLE, cap_rights_limit(fd, CE_SET(CAP_EVENT))); /* of the other word */
	CHECK(has_rights(fd, CE_SET(CAP_READ, CAP_FSTAT)));
}

/* Each right alone, of both words, comes back as it was given: every part of an answer counts. */
IN_CHILD(rights, come_back_bit_by_bit)
{
	static const cap_rights_t none = CE_NO_RIGHTS;
	static cap_rights_t one[128];
	static struct ce_descriptor each[128];
	size_t i;

	CHECK(ce_right_count() <= 128);
	for (i = 0; i < ce_right_count(); i++) {
		const struct ce_descriptor entry = { scratch_file(), &one[i], NULL, CE_IOCTLS_KEEP, CE_FCNTLS_KEEP };

		one[i] = none;
		CHECK(ce_rights_set(&one[i], ce_right_at(i)) == 0);
		each[i] = entry;
	}
	CHECK(ce_limit_each(each, ce_right_count()) == 0);
	for (i = 0; i < ce_right_count(); i++)
		CHECK(has_rights(each[i].fd, &one[i]));
}

IN_CHILD(rights, are_refused_by_descriptor)
{
	cap_rights_t rights;

	CHECK_FAILS(EBADF, cap_rights_limit(-1, CE_SET(CAP_READ)));
	CHECK_FAILS(EBADF, cap_rights_limit(CLOSED_FD, CE_SET(CAP_READ)));
	CHECK_FAILS(EBADF, cap_rights_get(-1, &rights));
	CHECK_FAILS(EBADF, cap_rights_get(CLOSED_FD, &rights));
	CHECK(filter_count() == 0);
}

IN_CHILD(reading, is_refused_by_descriptor_and_by_value)
{
	int fd = scratch_file();
	cap_rights_t rights;
	uint32_t fcntls;

	CHECK_FAILS(EBADF, cap_ioctls_get(CLOSED_FD, NULL, 0));
	CHECK_FAILS(EBADF, cap_fcntls_get(CLOSED_FD, &fcntls));
	CHECK_FAILS(EFAULT, cap_fcntls_get(fd, NULL));
	CHECK_FAILS(EFAULT, cap_rights_get(fd, NULL));
	CHECK_FAILS(EINVAL, __cap_rights_get(CAP_RIGHTS_VERSION + 1, fd, &rights));
}

/* A kernel, or a filter that was there before, that lets every prctl(2) succeed. */
IN_CHILD(reading, takes_success_for_no_answer)
{
	const struct ce_bpf_insn_ code[] = {
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_NR_ },
		{ CE_BPF_JEQ_, 0, 1, SYS_prctl },
		{ CE_BPF_RET_, 0, 0, CE_SECCOMP_ERRNO_ },
		{ CE_BPF_RET_, 0, 0, CE_SECCOMP_ALLOW_ },
	};
	const struct ce_bpf_program_ program = { sizeof(code) / sizeof(code[0]), code };
	int fd = scratch_file();

	CHECK(syscall(SYS_prctl, CE_PR_SET_NO_NEW_PRIVS_, 1L, 0L, 0L, 0L) == 0);
	CHECK(syscall(SYS_seccomp, CE_SECCOMP_SET_MODE_FILTER_, 0L, &program) == 0);
	errno = 0xfff;
	CHECK(has_rights(fd, &all));
	CHECK(!cap_sandboxed());
	CHECK(cap_rights_limit(fd, CE_SET(CAP_READ)) == 0);
	CHECK(has_rights(fd, CE_SET(CAP_READ)));
}

/* What is no set of rights is EINVAL whatever the descriptor. */
IN_CHILD(rights, are_refused_by_value)
{
	static const cap_rights_t zero = { { 0, 0 } };
	static const cap_rights_t unused = { { CAPRIGHT(0, 1ull << 50), CAPRIGHT(1, 0) } };
	static const cap_rights_t unused1 = { { CAPRIGHT(0, 0), CAPRIGHT(1, 1ull << 50) } };
	static const cap_rights_t swapped = { { CAPRIGHT(1, 0), CAPRIGHT(0, 0) } };
	static const cap_rights_t version = { { CAPRIGHT(0, 0) | 1ull << 62, CAPRIGHT(1, 0) } };
	int fd = scratch_file();

	CHECK_FAILS(EINVAL, cap_rights_limit(fd, &zero));
	CHECK_FAILS(EINVAL, cap_rights_limit(fd, &unused));
	CHECK_FAILS(EINVAL, cap_rights_limit(fd, &unused1));
	CHECK_FAILS(EINVAL, cap_rights_limit(fd, &swapped));
	CHECK_FAILS(EINVAL, cap_rights_limit(fd, &version));
	CHECK_FAILS(EINVAL, cap_rights_limit(CLOSED_FD, &zero));
	CHECK_FAILS(EFAULT, cap_rights_limit(fd, NULL));
	CHECK(filter_count() == 0);
}

/* ---- ioctl commands ---- */

IN_CHILD(ioctls, shrink_and_do_not_grow)
{
	const unsigned long two[] = { FIOCLEX, FIONREAD };
	const unsigned long three[] = { FIOCLEX, FIONREAD, FIONBIO };
	unsigned long commands[3] = { 0, 0, 4711 };
	int fd = scratch_file();
	int n;

	CHECK(cap_ioctls_limit(fd, two, 2) == 0);
	CHECK(cap_ioctls_get(fd, commands, 3) == 2);
	CHECK(commands[0] == FIOCLEX && commands[1] == FIONREAD && commands[2] == 4711);
	CHECK(cap_ioctls_get(fd, NULL, 0) == 2);
	commands[0] = commands[1] = 4711;
	CHECK(cap_ioctls_get(fd, commands, 1) == 2);
	CHECK(commands[0] == FIOCLEX && commands[1] == 4711);
	CHECK_FAILS(ENOTCAPABLE, cap_ioctls_limit(fd, three, 3));
	CHECK(cap_ioctls_limit(fd, two + 1, 1) == 0);
	CHECK(ioctl(fd, FIONREAD, &n) == 0);
	CHECK_FAILS(ENOTCAPABLE, ioctl(fd, FIOCLEX));
	CHECK(cap_ioctls_limit(fd, NULL, 0) == 0);
	CHECK(cap_ioctls_get(fd, commands, 3) == 0);
	CHECK_FAILS(ENOTCAPABLE, ioctl(fd, FIONREAD, &n));
	CHECK_FAILS(ENOTCAPABLE, cap_ioctls_limit(fd, two + 1, 1));
}

IN_CHILD(ioctls, need_the_right_too)
{
	const unsigned long command = FIONREAD;
	int fd = scratch_file();
	int n;

	CHECK(cap_ioctls_limit(fd, &command, 1) == 0);
	CHECK(cap_rights_limit(fd, CE_SET(CAP_READ, CAP_IOCTL)) == 0);
	CHECK(ioctl(fd, FIONREAD, &n) == 0);
	CHECK(cap_rights_limit(fd, CE_SET(CAP_READ)) == 0);
	CHECK_FAILS(ENOTCAPABLE, ioctl(fd, FIONREAD, &n));
	CHECK(cap_ioctls_get(fd, NULL, 0) == 0);
	CHECK_FAILS(ENOTCAPABLE, cap_ioctls_limit(fd, &command, 1));
	CHECK(cap_ioctls_limit(fd, NULL, 0) == 0);
}

IN_CHILD(ioctls, are_256_at_most)
{
	unsigned long commands[257];
	unsigned long back[257] = { 0 };
	int fd = scratch_file();
	size_t i;

	for (i = 0; i < 257; i++)
		commands[i] = 0xfedc3413u - i * 0x00410000u; /* every third of an answer in use, in falling order */
	CHECK_FAILS(EINVAL, cap_ioctls_limit(fd, commands, 257));
	CHECK_FAILS(EINVAL, cap_ioctls_limit(CLOSED_FD, commands, 257));
	CHECK_FAILS(EINVAL, cap_ioctls_limit(fd, commands, SIZE_MAX));
	CHECK_FAILS(EFAULT, cap_ioctls_limit(fd, NULL, 1));
	CHECK_FAILS(EBADF, cap_ioctls_limit(CLOSED_FD, commands, 256));
	CHECK(cap_ioctls_limit(fd, commands, 256) == 0);
	CHECK(cap_ioctls_get(fd, back, 257) == 256);
	for (i = 0; i < 256; i++)
		CHECK(back[i] == commands[i]);
	for (i = 0; i < 256; i++)
		CHECK_FAILS(ENOTTY, ioctl(fd, commands[i]));
	CHECK_FAILS(ENOTCAPABLE, ioctl(fd, commands[256]));
	CHECK_FAILS(ENOTCAPABLE, ioctl(fd, commands[0] - 1));
	CHECK_FAILS(ENOTCAPABLE, ioctl(fd, commands[0] + 1));
}

/* And more often, among others and neighbours. */
IN_CHILD(ioctls, may_come_twice)
{
	const unsigned long twice[] = { 9, 4, 9, 5, 4, 9, 9, 7 };
	unsigned long commands[8];
	int fd = scratch_file();
	unsigned long i;

	CHECK(cap_ioctls_limit(fd, twice, 8) == 0);
	CHECK(cap_ioctls_get(fd, commands, 8) == 8);
	CHECK(memcmp(commands, twice, sizeof(twice)) == 0);
	for (i = 3; i < 11; i++) {
		bool listed = i == 4 || i == 5 || i == 7 || i == 9;

		CHECK_FAILS(listed ? ENOTTY : ENOTCAPABLE, ioctl(fd, i));
	}
}

/* The kernel looks at the low 32 bits of a command, and so does a list. */
IN_CHILD(ioctls, are_32_bits)
{
	const unsigned long wide = 0xdead000000000000ul | FIOCLEX;
	unsigned long command;
	int fd = scratch_file();

	CHECK(cap_ioctls_limit(fd, &wide, 1) == 0);
	CHECK(cap_ioctls_get(fd, &command, 1) == 1 && command == FIOCLEX);
	CHECK(syscall(SYS_ioctl, fd, wide, 0) == 0);
	CHECK_FAILS(ENOTCAPABLE, syscall(SYS_ioctl, fd, 0xdead000000000000ul | FIONCLEX, 0));
}

/* ---- fcntl commands ---- */

IN_CHILD(fcntls, shrink_and_do_not_grow)
{
	int fd = scratch_file();

	CHECK(cap_fcntls_limit(fd, CAP_FCNTL_GETFL) == 0);
	CHECK(fcntls_of(fd) == CAP_FCNTL_GETFL);
	CHECK(fcntl(fd, F_GETFL) != -1);
	CHECK_FAILS(ENOTCAPABLE, fcntl(fd, F_SETFL, 0));
	CHECK_FAILS(ENOTCAPABLE, fcntl(fd, F_GETOWN));
	CHECK_FAILS(ENOTCAPABLE, fcntl(fd, F_SETOWN, getpid()));
	CHECK_FAILS(ENOTCAPABLE, cap_fcntls_limit(fd, CAP_FCNTL_GETFL | CAP_FCNTL_SETFL));
	CHECK_FAILS(EINVAL, cap_fcntls_limit(fd, 1));
	CHECK_FAILS(EINVAL, cap_fcntls_limit(CLOSED_FD, 1));
	CHECK_FAILS(EINVAL, cap_fcntls_limit(fd, UINT32_MAX));
	CHECK_FAILS(EBADF, cap_fcntls_limit(CLOSED_FD, 0));
	CHECK(cap_fcntls_limit(fd, 0) == 0);
	CHECK(fcntls_of(fd) == 0);
	CHECK_FAILS(ENOTCAPABLE, fcntl(fd, F_GETFL));
	CHECK(fcntl(fd, F_GETFD) != -1); /* needs no right */
}

/* Each command answers for itself only. */
IN_CHILD(fcntls, are_told_apart)
{
	static const struct {
		uint32_t flag;
		int command;
	} pairs[] = { { CAP_FCNTL_GETFL, F_GETFL },
		      { CAP_FCNTL_SETFL, F_SETFL },
		      { CAP_FCNTL_GETOWN, F_GETOWN },
		      { CAP_FCNTL_SETOWN, F_SETOWN } };
	size_t i, j;

	for (i = 0; i < 4; i++) {
		int fd = scratch_file();

		CHECK(cap_fcntls_limit(fd, pairs[i].flag) == 0);
		CHECK(fcntls_of(fd) == pairs[i].flag);
		for (j = 0; j < 4; j++)
			CHECK((fcntl(fd, pairs[j].command, 0) != -1) == (i == j));
	}
}

IN_CHILD(fcntls, are_lost_with_the_right)
{
	int fd = scratch_file();

	CHECK(cap_rights_limit(fd, CE_SET(CAP_READ)) == 0);
	CHECK(fcntls_of(fd) == 0);
	CHECK_FAILS(ENOTCAPABLE, cap_fcntls_limit(fd, CAP_FCNTL_GETFL));
	CHECK(cap_fcntls_limit(fd, 0) == 0);
	CHECK_FAILS(ENOTCAPABLE, fcntl(fd, F_GETFL));
}

/* ---- what limits survive ---- */

static int limited_fd;

static void expect_limited(void)
{
	char byte;

	CHECK(has_rights(limited_fd, CE_SET(CAP_READ)));
	CHECK(read(limited_fd, &byte, 1) == 0);
	CHECK_FAILS(ENOTCAPABLE, write(limited_fd, "", 1));
	CHECK_FAILS(ENOTCAPABLE, cap_rights_limit(limited_fd, CE_SET(CAP_READ, CAP_WRITE)));
}

static void *expect_limited_in_thread(void *unused)
{
	expect_limited();
	return unused;
}

static int limit_a_file(void)
{
	limited_fd = scratch_file();
	CHECK(cap_rights_limit(limited_fd, CE_SET(CAP_READ)) == 0);
	return limited_fd;
}

IN_CHILD(survival, over_fork)
{
	limit_a_file();
	CHECK_CHILD(expect_limited);
	expect_limited();
}

IN_CHILD(survival, in_new_threads)
{
	pthread_t thread;

	limit_a_file();
	CHECK(pthread_create(&thread, NULL, expect_limited_in_thread, NULL) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
}

static pthread_barrier_t barrier;

static void *wait_then_expect_limited(void *unused)
{
	pthread_barrier_wait(&barrier); /* runs */
	pthread_barrier_wait(&barrier); /* another thread has limited */
	expect_limited();
	return unused;
}

IN_CHILD(survival, in_threads_that_run_already)
{
	pthread_t thread;

	CHECK(pthread_barrier_init(&barrier, NULL, 2) == 0);
	CHECK(pthread_create(&thread, NULL, wait_then_expect_limited, NULL) == 0);
	pthread_barrier_wait(&barrier);
	limit_a_file();
	pthread_barrier_wait(&barrier);
	CHECK(pthread_join(thread, NULL) == 0);
}

/* The limited file becomes the standard input of a shell, which cannot read it, and whose children cannot either. */
IN_CHILD(survival, over_exec)
{
	int fd = scratch_file();
	pid_t pid;

	CHECK(write(fd, "secret\n", 7) == 7 && lseek(fd, 0, SEEK_SET) == 0);
	CHECK(dup2(fd, STDIN_FILENO) == STDIN_FILENO);
	CHECK(cap_rights_limit(STDIN_FILENO, CE_SET(CAP_FSTAT)) == 0);
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", "if read line || /bin/cat; then exit 1; else exit 42; fi 2>/dev/null",
		      (char *)NULL);
		_exit(1);
	}
	CHECK(child_wait(pid) == W_EXITCODE(42, 0));
}

/* Stricter than FreeBSD: the number keeps its limits when it is used again. */
IN_CHILD(survival, of_the_number)
{
	int fd = limit_a_file();

	CHECK(close(fd) == 0);
	CHECK(scratch_file() == fd);
	expect_limited();
}

/* ---- how many filters ---- */

IN_CHILD(filters, are_one_a_limit_and_none_for_an_equal_one)
{
	const unsigned long command = FIONREAD;
	int fd = scratch_file();

	CHECK(filter_count() == 0);
	CHECK(cap_rights_limit(fd, CE_SET(CAP_READ, CAP_IOCTL, CAP_FCNTL)) == 0);
	CHECK(filter_count() == 1);
	CHECK(cap_rights_limit(fd, CE_SET(CAP_READ, CAP_IOCTL, CAP_FCNTL)) == 0);
	CHECK(filter_count() == 1);
	CHECK(cap_ioctls_limit(fd, &command, 1) == 0);
	CHECK(filter_count() == 2);
	CHECK(cap_ioctls_limit(fd, &command, 1) == 0);
	CHECK(cap_fcntls_limit(fd, CAP_FCNTL_ALL) == 0);
	CHECK(filter_count() == 2);
	CHECK(cap_fcntls_limit(fd, CAP_FCNTL_GETFL) == 0);
	CHECK(filter_count() == 3);
	CHECK_FAILS(ENOTCAPABLE, cap_rights_limit(fd, CE_SET(CAP_WRITE)));
	CHECK(filter_count() == 3);
}

IN_CHILD(filters, are_none_for_all_rights)
{
	int fd = scratch_file();
	int pair[2];

	CHECK(cap_rights_limit(fd, &all) == 0 && cap_fcntls_limit(fd, CAP_FCNTL_ALL) == 0);
	CHECK(filter_count() == 0);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	CHECK(dup(fd) != -1);
}

/* ---- many at once ---- */

IN_CHILD(batches, limit_each_as_it_says_in_one_filter)
{
	const unsigned long command = FIONREAD;
	int a = scratch_file(), b = scratch_file(), c = scratch_file(), d = scratch_file();
	const struct ce_descriptor each[] = {
		{ d, CE_SET(CAP_WRITE), NULL, CE_IOCTLS_KEEP, CE_FCNTLS_KEEP },
		{ a, CE_SET(CAP_READ), NULL, CE_IOCTLS_KEEP, CE_FCNTLS_KEEP },
		{ c, CE_RIGHTS_KEEP, &command, 1, CAP_FCNTL_GETFL },
	};
	char byte;
	int n;

	CHECK(ce_limit_each(each, 3) == 0);
	CHECK(filter_count() == 1);
	CHECK(has_rights(a, CE_SET(CAP_READ)) && has_rights(d, CE_SET(CAP_WRITE)));
	CHECK_FAILS(ENOTCAPABLE, write(a, "", 1));
	CHECK(read(a, &byte, 1) == 0);
	CHECK_FAILS(ENOTCAPABLE, read(d, &byte, 1));
	CHECK(write(d, "", 1) == 1);
	CHECK(write(b, "", 1) == 1 && lseek(b, 0, SEEK_SET) == 0 && read(b, &byte, 1) == 1); /* between them */
	CHECK(ioctl(c, FIONREAD, &n) == 0);
	CHECK_FAILS(ENOTCAPABLE, ioctl(c, FIOCLEX));
	CHECK_FAILS(ENOTCAPABLE, fcntl(c, F_SETFL, 0));
	CHECK(write(c, "", 1) == 1);
	CHECK(ce_limit_each(each, 3) == 0);
	CHECK(filter_count() == 1);
}

IN_CHILD(batches, check_everything_first)
{
	int a = scratch_file(), b = scratch_file();
	const struct ce_descriptor bad_fd[] = {
		{ a, CE_SET(CAP_READ), NULL, CE_IOCTLS_KEEP, CE_FCNTLS_KEEP },
		{ CLOSED_FD, CE_SET(CAP_READ), NULL, CE_IOCTLS_KEEP, CE_FCNTLS_KEEP },
	};
	const struct ce_descriptor growing[] = {
		{ a, CE_SET(CAP_READ), NULL, CE_IOCTLS_KEEP, CE_FCNTLS_KEEP },
		{ b, CE_SET(CAP_WRITE), NULL, CE_IOCTLS_KEEP, CE_FCNTLS_KEEP },
	};

	CHECK_FAILS(EBADF, ce_limit_each(bad_fd, 2));
	CHECK(filter_count() == 0);
	CHECK(cap_rights_limit(b, CE_SET(CAP_READ)) == 0);
	CHECK_FAILS(ENOTCAPABLE, ce_limit_each(growing, 2));
	CHECK(filter_count() == 1);
	CHECK(write(a, "", 1) == 1);
	CHECK(ce_limit_each(growing, 0) == 0);
}

/* The same descriptor twice: the second entry sees what the first one did. */
IN_CHILD(batches, may_name_one_twice)
{
	int fd = scratch_file();
	const struct ce_descriptor twice[] = {
		{ fd, CE_SET(CAP_READ, CAP_WRITE), NULL, CE_IOCTLS_KEEP, CE_FCNTLS_KEEP },
		{ fd, CE_SET(CAP_READ), NULL, CE_IOCTLS_KEEP, CE_FCNTLS_KEEP },
	};
	const struct ce_descriptor back[] = { twice[1], twice[0] };

	CHECK(ce_limit_each(twice, 2) == 0);
	CHECK(has_rights(fd, CE_SET(CAP_READ)));
	fd = scratch_file();
	CHECK_FAILS(ENOTCAPABLE, ce_limit_each(back, 2));
	CHECK(has_rights(back[0].fd, CE_SET(CAP_READ)));
}

/* 600 descriptors of the same limits are one range; 600 that differ by turns are 600 ranges, in three filters. */
IN_CHILD(batches, of_hundreds)
{
	static struct ce_descriptor each[600];
	int i;

	for (i = 0; i < 600; i++) {
		const struct ce_descriptor entry = { scratch_file(), CE_SET(CAP_READ), NULL, CE_IOCTLS_KEEP,
						     CE_FCNTLS_KEEP };

		CHECK(entry.fd != -1 && entry.fd < REPORT_FD);
		each[i] = entry;
	}
	CHECK(ce_limit_each(each, 600) == 0);
	CHECK(filter_count() == 1);
	for (i = 0; i < 600; i++)
		CHECK_FAILS(ENOTCAPABLE, write(each[i].fd, "", 1));
	CHECK_FAILS(EBADF, write(each[599].fd + 1, "", 1));
}

IN_CHILD(batches, of_hundreds_that_differ)
{
	static struct ce_descriptor each[600];
	int i;

	for (i = 0; i < 600; i++) {
		const struct ce_descriptor entry = { scratch_file(), i % 2 ? CE_SET(CAP_READ) : CE_SET(CAP_WRITE), NULL,
						     CE_IOCTLS_KEEP, CE_FCNTLS_KEEP };

		each[599 - i] = entry; /* not in the order of their numbers */
	}
	CHECK(ce_limit_each(each, 600) == 0);
	CHECK(filter_count() == 3);
	for (i = 0; i < 600; i++) {
		char byte;

		if (each[i].rights->cr_rights[0] == CAP_READ)
			CHECK_FAILS(ENOTCAPABLE, write(each[i].fd, "", 1));
		else
			CHECK_FAILS(ENOTCAPABLE, read(each[i].fd, &byte, 1));
	}
}

/* ---- where there is no more room ---- */

/* The kernel takes 32768 instructions in all (kernel/seccomp.c, MAX_INSNS_PER_PATH). */
IN_CHILD(room, ends_with_enomem_and_what_is_limited_stays)
{
	int last = -1;
	int i;

	for (i = 0; i < 900; i++) {
		int fd = scratch_file();

		CHECK(fd != -1);
		errno = 0;
		if (cap_rights_limit(fd, CE_SET(CAP_READ)) != 0)
			break;
		last = fd;
	}
	CHECK(errno == ENOMEM);
	CHECK(i >= 20);
	CHECK(has_rights(last, CE_SET(CAP_READ)));
	CHECK_FAILS(ENOTCAPABLE, write(last, "", 1));
	CHECK(write(last + 1, "", 1) == 1); /* the one that was not limited */
	CHECK_FAILS(ENOMEM, cap_rights_limit(last + 1, CE_SET(CAP_READ)));
	CHECK_FAILS(ENOTCAPABLE, cap_rights_limit(last, CE_SET(CAP_WRITE)));
	CHECK(cap_rights_limit(last, CE_SET(CAP_READ)) == 0);
	CHECK(i >= 95);		 /* some hundred limits, apart */
	CHECK(cap_enter() == 0); /* for which there is always room */
}

/* ---- mappings ---- */

/* Which file a number holds when it is mapped, and how it was opened, no filter knows; mprotect(2) would tell. */
IN_CHILD(limits, without_mmap_w_map_nothing_shared)
{
	int fd = scratch_file();

	CHECK(cap_rights_limit(fd, CE_SET(CAP_MMAP_R)) == 0);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == ENOTCAPABLE);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED_VALIDATE, fd, 0) == MAP_FAILED && errno == ENOTCAPABLE);
}

/* ---- threads that limit the same number ---- */

/* As two threads do at the same time: each has read the limits before the other's filter is there. */
static void limit_at_once(int fd, const cap_rights_t *first, const cap_rights_t *second)
{
	const struct ce_descriptor one = { fd, first, NULL, CE_IOCTLS_KEEP, CE_FCNTLS_KEEP };
	const struct ce_descriptor other = { fd, second, NULL, CE_IOCTLS_KEEP, CE_FCNTLS_KEEP };
	struct ce_limits_ limits[2] = { 0 };

	CHECK(ce_limits_add_(&limits[0], &one) == 0 && ce_limits_add_(&limits[1], &other) == 0);
	CHECK(ce_limits_install_(&limits[0]) == 0 && ce_limits_install_(&limits[1]) == 0);
}

IN_CHILD(races, leave_the_rights_that_both_leave)
{
	int fd = scratch_file();

	limit_at_once(fd, CE_SET(CAP_READ, CAP_SEEK, CAP_EVENT), CE_SET(CAP_READ, CAP_WRITE, CAP_EVENT, CAP_FCNTL));
	CHECK(has_rights(fd, CE_SET(CAP_READ, CAP_EVENT)));
	CHECK(fcntls_of(fd) == 0);
	CHECK_FAILS(ENOTCAPABLE, cap_rights_limit(fd, CE_SET(CAP_WRITE)));
	CHECK_FAILS(ENOTCAPABLE, write(fd, "x", 1));
	CHECK(cap_rights_limit(fd, CE_SET(CAP_EVENT)) == 0);
	CHECK(has_rights(fd, CE_SET(CAP_EVENT)));
}

static int raced; /* a directory */

static void write_beneath_raced(void)
{
	int inside;

	limit_at_once(raced, CE_SET(CAP_LOOKUP, CAP_READ), CE_SET(CAP_LOOKUP, CAP_READ, CAP_WRITE, CAP_SEEK));
	CHECK(ce_enter() == 0);
	inside = openat(raced, "sub", O_RDONLY | O_DIRECTORY);
	CHECK(inside != -1 || !has(LOOKUPS));
	CHECK(openat(inside, "file", O_RDWR) == -1);
}

/* What is opened beneath a directory has no limits of its own, so Landlock must know the narrower ones. */
IN_CHILD(races, do_not_widen_a_directory)
{
	char path[] = "/tmp/ce-races-XXXXXX";

	CHECK(mkdtemp(path) != NULL && chdir(path) == 0);
	CHECK(mkdir("sub", 0755) == 0 && close(open("sub/file", O_RDWR | O_CREAT, 0600)) == 0);
	raced = open(".", O_RDONLY | O_DIRECTORY);
	CHECK_CHILD(write_beneath_raced);
	CHECK(unlink("sub/file") == 0 && rmdir("sub") == 0 && rmdir(path) == 0);
}

/* ---- threads with filters of their own ---- */

static void *own_filter(void *unused)
{
	struct ce_bpf_insn_ allow = { CE_BPF_RET_, 0, 0, CE_SECCOMP_ALLOW_ };
	struct ce_bpf_program_ program = { 1, &allow };

	CHECK(syscall(SYS_prctl, CE_PR_SET_NO_NEW_PRIVS_, 1L, 0L, 0L, 0L) == 0);
	CHECK(syscall(SYS_seccomp, CE_SECCOMP_SET_MODE_FILTER_, 0L, &program) == 0);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return unused;
}

IN_CHILD(threads, with_filters_of_their_own_are_ebusy)
{
	int fd = scratch_file();
	pthread_t thread;

	CHECK(pthread_barrier_init(&barrier, NULL, 2) == 0);
	CHECK(pthread_create(&thread, NULL, own_filter, NULL) == 0);
	pthread_barrier_wait(&barrier);
	CHECK_FAILS(EBUSY, cap_rights_limit(fd, CE_SET(CAP_READ)));
	CHECK_FAILS(EBUSY, cap_enter());
	CHECK(!cap_sandboxed());
	CHECK(write(fd, "", 1) == 1);
	pthread_barrier_wait(&barrier);
	CHECK(pthread_join(thread, NULL) == 0);
	CHECK(cap_rights_limit(fd, CE_SET(CAP_READ)) == 0);
}
