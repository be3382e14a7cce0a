/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What happens when something runs out, or is interrupted: an error that says so, never a success that enforces less,
 * and every descriptor limited wholly or not at all.
 */
#include <capsicum_easy.h>

#include <criterion/criterion.h>
#include <sys/mman.h>
#include <sys/procdesc.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "../linux/child.h"
#include "../linux/levels.h"

#define NULL_DEVICE "/dev/null"
#define MANY 900 /* below REPORT_FD */

static const cap_rights_t all = CE_ALL_RIGHTS;

static void limit_resource(int resource, rlim_t value)
{
	struct rlimit limit;

	CHECK(getrlimit(resource, &limit) == 0);
	limit.rlim_cur = value;
	CHECK(setrlimit(resource, &limit) == 0);
}

/* Rights that differ from those of the neighbours. */
static const cap_rights_t *rights_of(int fd)
{
	static const cap_rights_t kinds[] = { CE_RIGHTS(CAP_READ, CAP_FSTAT), CE_RIGHTS(CAP_WRITE, CAP_FSYNC),
					      CE_RIGHTS(CAP_PREAD, CAP_MMAP_R) };

	return &kinds[fd % 3];
}

/* The limit holds and is known, or the descriptor is as it was. */
static bool is_limited(int fd)
{
	char byte = 0;
	cap_rights_t rights;

	CHECK(ce_get_rights(fd, &rights) == 0);
	if (ce_rights_equal(&rights, &all)) {
		CHECK(write(fd, &byte, 1) == 1);
		return false;
	}
	CHECK(ce_rights_equal(&rights, rights_of(fd)));
	if (ce_rights_is_set(&rights, CAP_WRITE))
		CHECK_FAILS(ENOTCAPABLE, read(fd, &byte, 1));
	else
		CHECK_FAILS(ENOTCAPABLE, write(fd, &byte, 1));
	return true;
}

/* Limits descriptors one by one until the kernel takes no filter more; returns the first that could not be. */
static int use_up_filters(void)
{
	int fd;

	while ((fd = open(NULL_DEVICE, O_RDWR)) >= 0 && ce_limit(fd, rights_of(fd)) == 0)
		continue;
	CHECK(errno == ENOMEM);
	CHECK(fd > 30);
	return fd;
}

IN_CHILD(filters, running_out_leaves_earlier_limits)
{
	int last = use_up_filters(), fd;

	for (fd = 3; fd < last; fd++)
		CHECK(is_limited(fd));
	CHECK(!is_limited(last));
	CHECK(ce_limit(3, rights_of(3)) == 0); /* nothing new is needed */
}

/* Limits leave room for entering; others' filters may not. */
IN_CHILD(filters, running_out_keeps_a_process_out_of_capability_mode)
{
	static struct ce_bpf_insn_ code[CE_BPF_MAX_];
	struct ce_bpf_program_ program = { CE_BPF_MAX_, code };
	size_t i;

	for (i = 0; i < CE_BPF_MAX_; i++) {
		code[i].code = CE_BPF_RET_;
		code[i].k = CE_SECCOMP_ALLOW_;
	}
	CHECK(syscall(SYS_prctl, CE_PR_SET_NO_NEW_PRIVS_, 1L, 0L, 0L, 0L) == 0);
	for (; program.length > 0; program.length /= 2)
		while (syscall(SYS_seccomp, CE_SECCOMP_SET_MODE_FILTER_, 0L, &program) == 0)
			;
	CHECK(errno == ENOMEM);
	CHECK_FAILS(ENOMEM, ce_enter());
	CHECK(!ce_sandboxed());
}

IN_CHILD(filters, running_out_leaves_no_file_open)
{
	int before = use_up_filters(), directory = ce_open_directory("/dev", CE_RIGHTS_KEEP), next;

	CHECK(directory > before);
	CHECK_FAILS(ENOMEM, ce_openat(directory, "null", O_RDWR, 0, CE_SET(CAP_FSTAT)));
	next = open(NULL_DEVICE, O_RDWR);
	CHECK(next == directory + 1);
}

IN_CHILD(filters, a_batch_too_large_limits_each_wholly_or_not)
{
	static struct ce_descriptor descriptors[MANY];
	static unsigned long commands[MANY][200];
	size_t i, j, limited = 0;

	for (i = 0; i < MANY; i++) {
		descriptors[i].fd = open(NULL_DEVICE, O_RDWR);
		CHECK(descriptors[i].fd >= 0);
		descriptors[i].rights = rights_of(descriptors[i].fd);
		descriptors[i].ioctls = commands[i];
		descriptors[i].nioctls = ce_rights_is_set(descriptors[i].rights, CAP_IOCTL) ? 200 : 0;
		descriptors[i].fcntls = 0;
		for (j = 0; j < 200; j++)
			commands[i][j] = i * 200 + j;
	}
	use_up_filters();
	CHECK_FAILS(ENOMEM, ce_limit_each(descriptors, MANY));
	for (i = 0; i < MANY; i++)
		limited += is_limited(descriptors[i].fd);
	CHECK(limited < MANY);
}

/* Descriptors with a list of 256 commands each; the commands of list i begin at first[i], and differ by 2. */
static void make_lists(struct ce_descriptor *descriptors, unsigned long (*commands)[256], const unsigned long *first,
		       size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++) {
		const struct ce_descriptor one = { open(NULL_DEVICE, O_RDWR), CE_RIGHTS_KEEP, commands[i], 256,
						   CE_FCNTLS_KEEP };

		descriptors[i] = one;
		for (j = 0; j < 256; j++)
			commands[i][j] = first[i] + 2 * j;
	}
}

/* Four lists that differ, to check and to answer questions about, are more than the 4096 instructions of a filter. */
IN_CHILD(filters, a_full_program_limits_nothing)
{
	static const unsigned long first[4] = { 0, 512, 1024, 1536 };
	static unsigned long commands[4][256], found[256];
	struct ce_descriptor descriptors[5];
	int earlier = open(NULL_DEVICE, O_RDWR);
	size_t i;

	make_lists(descriptors, commands, first, 4);
	CHECK(ce_limit(earlier, rights_of(earlier)) == 0);
	CHECK_FAILS(ENOMEM, ce_limit_each(descriptors, 4));
	CHECK(filter_count() == 1);
	CHECK(is_limited(earlier));
	for (i = 0; i < 4; i++) {
		CHECK(ce_get_ioctls(descriptors[i].fd, found, 256) == CAP_IOCTLS_ALL);
		CHECK(!is_limited(descriptors[i].fd));
	}
	for (i = 0; i < 4; i++) {
		CHECK(ce_limit_each(&descriptors[i], 1) == 0);
		CHECK(ce_get_ioctls(descriptors[i].fd, found, 256) == 256);
		CHECK(memcmp(found, commands[i], sizeof(found)) == 0);
	}
}

/* Equal lists share their instructions, but a filter is made of four at most. */
IN_CHILD(filters, a_fifth_list_goes_into_another)
{
	static const unsigned long first[5] = { 0, 0, 0, 0, 0 };
	static unsigned long commands[5][256];
	struct ce_descriptor descriptors[5];
	size_t i;

	make_lists(descriptors, commands, first, 5);
	CHECK(ce_limit_each(descriptors, 5) == 0);
	CHECK(filter_count() == 2);
	for (i = 0; i < 5; i++)
		CHECK(ce_get_ioctls(descriptors[i].fd, NULL, 0) == 256);
}

/* Entering needs two descriptors for a moment; with fewer it must say so, not enter without its directories. */
IN_CHILD(descriptors, running_out_is_an_error_of_entering)
{
	int free_numbers, used;

	if (!has(LOOKUPS))
		return; /* then there are no directories, and it needs none */
	CHECK(ce_open_directory("/dev", CE_RIGHTS_KEEP) == 3);
	for (free_numbers = 0; free_numbers < 2; free_numbers++) {
		limit_resource(RLIMIT_NOFILE, (rlim_t)(4 + free_numbers));
		for (used = 0; used < 2; used++) {
			CHECK_FAILS(EMFILE, ce_enter());
			CHECK(!ce_sandboxed());
		}
	}
	limit_resource(RLIMIT_NOFILE, 64);
	CHECK(ce_enter() == 0);
	CHECK(ce_openat(3, "null", O_RDONLY, 0, CE_RIGHTS_KEEP) == 4);
}

IN_CHILD(descriptors, limiting_needs_none)
{
	char byte;

	CHECK(open(NULL_DEVICE, O_RDWR) == 3);
	limit_resource(RLIMIT_NOFILE, 4);
	CHECK(ce_limit(3, CE_SET(CAP_WRITE)) == 0);
	CHECK_FAILS(ENOTCAPABLE, read(3, &byte, 1));
}

IN_CHILD(descriptors, running_out_of_suitable_numbers_is_emfile)
{
	int directory = ce_open_directory("/dev", CE_RIGHTS_KEEP), fd;

	CHECK(directory == 3);
	for (fd = 4; fd < 8; fd++) {
		CHECK(open(NULL_DEVICE, O_RDWR) == fd);
		CHECK(ce_limit(fd, rights_of(fd)) == 0);
	}
	for (fd = 4; fd < 8; fd++)
		CHECK(close(fd) == 0);
	limit_resource(RLIMIT_NOFILE, 8);
	CHECK_FAILS(EMFILE, ce_openat(directory, "null", O_RDONLY, 0, CE_RIGHTS_KEEP));
	CHECK(open(NULL_DEVICE, O_RDWR) == 4); /* and the numbers are free again */
}

/* More numbers with limits left over than the library keeps occupied. */
IN_CHILD(descriptors, running_out_of_patience_is_emfile)
{
	static struct ce_descriptor descriptors[CE_HELD_MAX_ + 1];
	struct rlimit files;
	int directory = ce_open_directory("/dev", CE_RIGHTS_KEEP);
	size_t i;

	CHECK(directory == 3 && getrlimit(RLIMIT_NOFILE, &files) == 0);
	if (files.rlim_max < CE_HELD_MAX_ + 16)
		return; /* then the kernel says EMFILE before */
	limit_resource(RLIMIT_NOFILE, CE_HELD_MAX_ + 16);
	for (i = 0; i <= CE_HELD_MAX_; i++) {
		const struct ce_descriptor one = { open(NULL_DEVICE, O_RDWR), CE_SET(CAP_FSTAT), NULL, 0, 0 };

		CHECK(one.fd >= 0);
		descriptors[i] = one;
	}
	CHECK(ce_limit_each(descriptors, CE_HELD_MAX_ + 1) == 0);
	for (i = 0; i <= CE_HELD_MAX_; i++)
		CHECK(close(descriptors[i].fd) == 0);
	CHECK_FAILS(EMFILE, ce_openat(directory, "null", O_RDONLY, 0, CE_RIGHTS_KEEP));
	CHECK(open(NULL_DEVICE, O_RDWR) == 4); /* and the numbers are free again */
	CHECK(close(4) == 0);
	CHECK(ce_openat(directory, "null", O_RDONLY | O_CREAT, 0, CE_SET(CAP_FSTAT)) >= 0); /* as it comes: it suits */
}

IN_CHILD(descriptors, running_out_is_emfile)
{
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd;

	CHECK(listener == 3);
	limit_resource(RLIMIT_NOFILE, 4);
	CHECK_FAILS(EMFILE, ce_accept(listener, CE_RIGHTS_KEEP, NULL, NULL));
	CHECK_FAILS(EMFILE, pdfork(&fd, 0));
}

/* Nothing is allocated in the process, so a limit on its memory changes nothing; what cannot be tried counts as open.
 */
IN_CHILD(memory, running_out_makes_nothing_looser)
{
	int fd = scratch_file();
	char byte = 0;

	CHECK(fd >= 0 && ftruncate(fd, 4096) == 0);
	limit_resource(RLIMIT_AS, 0);
	CHECK(ce_limit(fd, CE_SET(CAP_READ, CAP_MMAP_R)) == 0);
	CHECK_FAILS(ENOTCAPABLE, write(fd, &byte, 1));
	limit_resource(RLIMIT_AS, RLIM_INFINITY);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == ENOTCAPABLE);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED);
	limit_resource(RLIMIT_AS, 0);
	CHECK(ce_enter() == 0);
	CHECK(ce_sandboxed());
}

static volatile sig_atomic_t interrupts;

static void count_interrupt(int number)
{
	(void)number;
	interrupts = interrupts + 1;
}

/* A signal every 50 microseconds, whose handler restarts nothing. */
static void start_storm(void)
{
	const struct itimerval often = { { 0, 50 }, { 0, 50 } };
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = count_interrupt;
	CHECK(sigaction(SIGVTALRM, &action, NULL) == 0);
	CHECK(sigaction(SIGALRM, &action, NULL) == 0);
	CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
}

static void stop_storm(void)
{
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };

	CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
}

IN_CHILD(signals, a_storm_interrupts_nothing)
{
	cap_rights_t rights;
	int directory = ce_open_directory("/dev", CE_RIGHTS_KEEP), fd, i;

	start_storm();
	for (i = 0; i < 20; i++) {
		fd = open(NULL_DEVICE, O_RDWR);
		CHECK(ce_limit(fd, rights_of(fd)) == 0);
		CHECK(is_limited(fd));
	}
	CHECK(ce_enter() == 0);
	CHECK(ce_sandboxed());
	for (i = 0; i < 300 && has(LOOKUPS); i++) {
		fd = ce_openat(directory, "null", O_RDWR, 0, CE_SET(CAP_READ, CAP_EVENT));
		CHECK(fd >= 0);
		CHECK(ce_get_rights(fd, &rights) == 0 && ce_rights_equal(&rights, CE_SET(CAP_READ, CAP_EVENT)));
		CHECK(close(fd) == 0);
	}
	stop_storm();
	CHECK(interrupts > 20);
}

/* Limits stay with a number, and hold for whatever file stands there: mprotect() would make a shared mapping of one
 * that is open for writing writable. */
IN_CHILD(numbers, a_writable_file_on_a_number_of_a_read_only_one)
{
	char path[] = "/tmp/ce-test-XXXXXX";
	int fd = mkstemp(path);

	CHECK(fd >= 0 && ftruncate(fd, 4096) == 0 && close(fd) == 0);
	CHECK(open(path, O_RDONLY) == fd);
	CHECK(ce_limit(fd, CE_SET(CAP_READ, CAP_MMAP_R)) == 0);
	CHECK(close(fd) == 0);
	CHECK(open(path, O_RDWR) == fd && unlink(path) == 0);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == ENOTCAPABLE);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED);
	CHECK(filter_count() == 1);
}

/* Reading and writing in turns, in capability mode: one number is all that it ever takes. */
IN_CHILD(numbers, are_used_again_in_capability_mode)
{
	int directory = ce_open_directory("/dev", CE_RIGHTS_KEEP), first = -1, fd, i;

	CHECK(ce_enter() == 0);
	for (i = 0; i < 500 && has(LOOKUPS); i++) {
		fd = ce_openat(directory, "zero", i % 2 == 0 ? O_RDONLY : O_RDWR, 0, CE_SET(CAP_READ, CAP_MMAP_R));
		CHECK(fd > directory && (first == -1 || fd == first));
		first = fd;
		CHECK(close(fd) == 0);
	}
}
