/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Bad pointers, and answers that no filter of ours gives: an error, never a signal and never memory that is
 * overwritten.
 */
#define _GNU_SOURCE
#include <criterion/criterion.h>

#include <sys/mman.h>

#include <capsicum_easy.h>

#include "child.h"
#include "levels.h"

/* Nowhere; the last bytes of the address space; memory that may not be read; and that may not be written. */
static void *nowhere(size_t i)
{
	void *memory;

	switch (i) {
	case 0:
		return NULL;
	case 1:
		return (void *)8;
	case 2:
		return (void *)-8;
	default:
		memory = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		CHECK(memory != MAP_FAILED);
		return memory;
	}
}

/* The end of a page that is followed by none: what begins in good memory need not end there. */
static void *across(size_t good)
{
	char *memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(memory != MAP_FAILED && munmap(memory + 4096, 4096) == 0);
	return memory + 4096 - good;
}

static void give_bad_pointers(void *bad)
{
	const int fd = scratch_file();
	struct ce_descriptor request = { fd, (const cap_rights_t *)bad, NULL, CE_IOCTLS_KEEP, CE_FCNTLS_KEEP };

	CHECK_FAILS(EFAULT, cap_rights_limit(fd, (const cap_rights_t *)bad));
	CHECK_FAILS(EFAULT, ce_limit(fd, (const cap_rights_t *)bad));
	CHECK_FAILS(EFAULT, cap_ioctls_limit(fd, (const cap_ioctl_t *)bad, 2));
	CHECK_FAILS(EFAULT, ce_limit_each((const struct ce_descriptor *)bad, 1));
	CHECK_FAILS(EFAULT, ce_limit_each((const struct ce_descriptor *)bad, SIZE_MAX / 8));
	if (bad != NULL)
		CHECK_FAILS(EFAULT, ce_limit_each(&request, 1));
	CHECK_FAILS(EFAULT, cap_rights_get(fd, (cap_rights_t *)bad));
	CHECK_FAILS(EFAULT, cap_fcntls_get(fd, (uint32_t *)bad));
	CHECK_FAILS(EFAULT, cap_getmode((unsigned *)bad));
	CHECK_FAILS(EFAULT, pdfork((int *)bad, 0));
	/* Without PIDFD_GET_INFO only what pdfork() made has a number, and that is looked for first. */
	CHECK_FAILS(bad == NULL || has(PIDFD_NUMBERS) ? EFAULT : ESRCH,
		    pdgetpid((int)syscall(SYS_pidfd_open, getpid(), 0), (pid_t *)bad));
}

/* The same to what makes a descriptor; no rights at all are EINVAL. */
static void make_with_bad_pointers(void *bad)
{
	const cap_rights_t *const rights = (const cap_rights_t *)bad;
	const int error = bad == NULL ? EINVAL : EFAULT;
	int ends[2];

	CHECK_FAILS(EFAULT, ce_open((const char *)bad, O_RDONLY, 0, CE_SET(CAP_READ)));
	CHECK_FAILS(error, ce_open("/dev/null", O_RDONLY, 0, rights));
	CHECK_FAILS(error, ce_openat(AT_FDCWD, "dev/null", O_RDONLY, 0, rights));
	CHECK_FAILS(error, ce_accept(-1, rights, NULL, NULL));
	CHECK_FAILS(error, ce_socket(AF_UNIX, SOCK_STREAM, 0, rights));
	CHECK_FAILS(error, ce_socketpair(AF_UNIX, SOCK_STREAM, 0, rights, ends));
	CHECK_FAILS(EFAULT, ce_socketpair(AF_UNIX, SOCK_STREAM, 0, CE_SET(CAP_READ), (int *)bad));
	CHECK_FAILS(error, ce_pipe(0, rights, CE_SET(CAP_WRITE), ends));
	CHECK_FAILS(error, ce_pipe(0, CE_SET(CAP_READ), rights, ends));
	CHECK_FAILS(EFAULT, ce_pipe(0, CE_SET(CAP_READ), CE_SET(CAP_WRITE), (int *)bad));
	CHECK_FAILS(error, ce_take(STDIN_FILENO, rights));
	CHECK_FAILS(EFAULT, ce_sandbox((struct ce_opening *)bad, 1, 0, NULL));
	if (bad != NULL)
		CHECK_FAILS(EFAULT, ce_sandbox(NULL, 0, 0, (size_t *)bad));
	CHECK(!ce_sandboxed());
}

IN_CHILD(pointers, that_are_bad_make_nothing)
{
	const int first = dup(STDIN_FILENO);
	size_t i;

	for (i = 0; i < 4; i++)
		make_with_bad_pointers(nowhere(i));
	CHECK(dup(STDIN_FILENO) == first + 1); /* nothing stayed open */
}

static void give_bad_lists(int fd, void *bad)
{
	const unsigned long commands[] = { 1, 2, 3 };

	CHECK(cap_ioctls_limit(fd, commands, 3) == 0);
	CHECK(cap_ioctls_get(fd, NULL, 0) == 3);
	CHECK(bad == NULL || (cap_ioctls_get(fd, (cap_ioctl_t *)bad, 3) == -1 && errno == EFAULT));
}

IN_CHILD(pointers, that_are_bad_are_efault)
{
	size_t i;

	for (i = 0; i < 4; i++) {
		give_bad_pointers(nowhere(i));
		give_bad_lists(scratch_file(), nowhere(i));
	}
	CHECK_FAILS(EFAULT, cap_rights_limit(scratch_file(), across(8)));
	CHECK_FAILS(EFAULT, cap_ioctls_limit(scratch_file(), across(8), 2));
	CHECK_FAILS(EFAULT, cap_rights_get(scratch_file(), across(12)));
}

IN_CHILD(pointers, that_are_bad_are_efault_in_capability_mode)
{
	const int fd = scratch_file();

	CHECK(cap_enter() == 0);
	give_bad_lists(fd, nowhere(1));
	CHECK_FAILS(EFAULT, cap_rights_limit(STDIN_FILENO, (const cap_rights_t *)8));
	CHECK_FAILS(EFAULT, cap_rights_get(STDIN_FILENO, (cap_rights_t *)8));
	CHECK_FAILS(EFAULT, cap_getmode((unsigned *)8));
}

IN_CHILD(pointers, to_what_cannot_be_written_are_efault)
{
	static const cap_rights_t constant = CE_RIGHTS(CAP_READ);
	void *read_only = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK_FAILS(EFAULT, cap_rights_get(STDIN_FILENO, (cap_rights_t *)read_only));
	CHECK_FAILS(EFAULT, cap_getmode((unsigned *)read_only));
	CHECK(cap_rights_limit(scratch_file(), &constant) == 0);
}

IN_CHILD(pointers, that_are_null_are_efault_where_nothing_is_asked)
{
	const struct ce_system_call call = { 0 };
	struct ce_system_need needs[CE_SYSTEM_NEEDS_MAX];
	cap_rights_t set = CE_RIGHTS(CAP_READ);

	CHECK_FAILS(EFAULT, ce_rights_parse(NULL, &set, NULL));
	CHECK_FAILS(EFAULT, ce_rights_parse("read", NULL, NULL));
	CHECK_FAILS(EFAULT, ce_rights_format(&set, NULL, 10));
	CHECK_FAILS(EINVAL, ce_rights_format(NULL, NULL, 0));
	CHECK_FAILS(EFAULT, ce_call_needs(NULL, &set));
	CHECK_FAILS(EFAULT, ce_call_needs("read", NULL));
	CHECK_FAILS(EFAULT, ce_describe(STDIN_FILENO, NULL, 10));
	CHECK_FAILS(EFAULT, ce_missing(STDIN_FILENO, NULL, &set));
	CHECK_FAILS(EFAULT, ce_missing(STDIN_FILENO, &set, NULL));
	CHECK_FAILS(EFAULT, ce_system_call_needs(NULL, needs));
	CHECK_FAILS(EFAULT, ce_system_call_needs(&call, NULL));
	CHECK(ce_system_call_in_mode(NULL, 0) == EFAULT);
	CHECK(ce_right_by_name(NULL) == 0 && ce_right_nearest(NULL) == NULL);
	CHECK(ce_explain(ECAPMODE, 0, NULL, NULL, 10) > 0);
}

/* A filter of whoever launched the program, which answers every question alike. */
static void answer_everything(unsigned bits)
{
	const struct ce_bpf_insn_ code[] = {
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_NR_ },
		{ CE_BPF_JEQ_, 0, 3, SYS_prctl },
		{ CE_BPF_LD_DATA_, 0, 0, CE_DATA_LOW_(0) },
		{ CE_BPF_JEQ_, 0, 1, CE_ASK_ },
		{ CE_BPF_RET_, 0, 0, CE_SECCOMP_ERRNO_ | CE_ANSWER_ | bits },
		{ CE_BPF_RET_, 0, 0, CE_SECCOMP_ALLOW_ },
	};

	CHECK(ce_program_install_(code, sizeof(code) / sizeof(code[0]), CE_SECCOMP_FLAG_TSYNC_) == 0);
}

static void ask_everything(unsigned bits)
{
	struct {
		cap_ioctl_t commands[1024];
		unsigned long guard;
	} list = { { 0 }, 77 };
	cap_rights_t rights;
	uint32_t fcntls;
	char text[4096];

	answer_everything(bits);
	CHECK(cap_ioctls_get(STDIN_FILENO, list.commands, 1024) <= 256 || bits == CE_ANSWER_ALL_);
	CHECK(list.guard == 77);
	CHECK(cap_rights_get(STDIN_FILENO, &rights) == 0 && cap_fcntls_get(STDIN_FILENO, &fcntls) == 0);
	CHECK(ce_rights_is_valid(&rights) && (fcntls & ~(uint32_t)CAP_FCNTL_ALL) == 0);
	CHECK(ce_describe(STDIN_FILENO, text, sizeof(text)) > 0);
	CHECK(ce_limit(STDIN_FILENO, CE_SET(CAP_READ)) == 0 || errno == ENOTCAPABLE);
	CHECK(ce_limit_ioctls(STDIN_FILENO, NULL, 0) == 0 || errno == ENOTCAPABLE);
	ce_explain_lost(text, sizeof(text));
}

static void ask_of_an_odd_number(void)
{
	ask_everything(0x7fe);
}

static void ask_of_all(void)
{
	ask_everything(0x7ff);
}

static void ask_of_one_too_many(void)
{
	ask_everything(257);
}

IN_CHILD(answers, of_others_overflow_nothing)
{
	CHECK_CHILD(ask_of_an_odd_number);
	CHECK_CHILD(ask_of_all);
	CHECK_CHILD(ask_of_one_too_many);
}
