/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Pools of numbers: whatever the library makes limited lives apart, so that plain descriptors never meet its limits.
 */
#include <criterion/criterion.h>

#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <capsicum_easy.h>

#include "child.h"

#define MANY 10000
#define KINDS 3
#define MOST_OF_A_POOL 100 /* a first one has 128 numbers or 160, as its first has a code */

static const cap_rights_t kinds[KINDS] = { CE_RIGHTS(CAP_READ, CAP_FSTAT), CE_RIGHTS(CAP_READ, CAP_EVENT),
					   CE_RIGHTS(CAP_READ, CAP_SEEK) };

/* The soft limit; false where the hard one does not allow it. The report's number stays open. */
static bool limit_files(rlim_t soft)
{
	struct rlimit files;

	CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
	files.rlim_cur = soft;
	return soft <= files.rlim_max && setrlimit(RLIMIT_NOFILE, &files) == 0;
}

static bool has(int fd, const cap_rights_t *rights)
{
	cap_rights_t present;

	return ce_get_rights(fd, &present) == 0 && ce_rights_equal(&present, rights);
}

/* The report's number lies where the first pool does. What fails is then told by the exit status alone. */
static void leave_room_for_pools(void)
{
	CHECK(close(REPORT_FD) == 0);
}

static int make(size_t kind)
{
	int fd = ce_open("/dev/zero", O_RDWR, 0, &kinds[kind % KINDS]);

	CHECK(fd >= 0);
	return fd;
}

/* It may read, and it may not write. */
static void check_limited(int fd, size_t kind)
{
	char byte = 1;

	CHECK(has(fd, &kinds[kind % KINDS]));
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	CHECK(read(fd, &byte, 1) == 1 && byte == 0);
	CHECK_FAILS(ENOTCAPABLE, (int)write(fd, "", 1));
}

/* How many plain descriptors can be had before one has limits left over; at most `most`. */
static long plain_ones(long most)
{
	static const cap_rights_t all = CE_ALL_RIGHTS;
	const int first = open("/dev/zero", O_RDWR | O_CLOEXEC);
	long n;
	int fd;

	for (n = 1; n < most; n++) {
		fd = dup(first);
		CHECK(fd >= 0);
		if (!has(fd, &all))
			break;
	}
	return n;
}

/* ---- where they lie ---- */

static void leave_limits_behind(rlim_t soft, long plain)
{
	int fds[2 * KINDS];
	size_t i;

	if (!limit_files(soft))
		return;
	for (i = 0; i < 2 * KINDS; i++) {
		fds[i] = make(i);
		check_limited(fds[i], i);
	}
	CHECK(filter_count() == KINDS);
	for (i = 0; i < 2 * KINDS; i++)
		CHECK(close(fds[i]) == 0);
	CHECK(plain_ones(plain) >= plain);
}

IN_CHILD(place, leaves_nine_tenths_of_64)
{
	leave_limits_behind(64, 54);
}

IN_CHILD(place, leaves_nine_tenths_of_256)
{
	leave_limits_behind(256, 226);
}

IN_CHILD(place, leaves_nine_tenths_of_1024)
{
	leave_limits_behind(1024, 900);
}

IN_CHILD(place, leaves_nine_tenths_of_20000)
{
	leave_limits_behind(20000, 18000);
}

/* select(2) can name every number, as long as nobody raised the soft limit. */
IN_CHILD(place, is_for_select_in_a_table_of_its_size)
{
	int i;

	CHECK(limit_files(FD_SETSIZE));
	for (i = 0; i < 500; i++)
		CHECK(make((size_t)i) < FD_SETSIZE);
}

/* The second pools of all sets that have used half of their first come in one filter. */
IN_CHILD(place, is_made_for_several_sets_at_once)
{
	int i, fd = -1;

	if (!limit_files(20000))
		return;
	leave_room_for_pools();
	for (i = 0; i < MOST_OF_A_POOL; i++)
		fd = make(1);
	CHECK(cap_rights_limit(fd, CE_SET(CAP_READ)) == 0); /* the last number is not its whole pool */
	make(2);
	make(0);
	CHECK(filter_count() == KINDS + 1); /* with the one for a number */
	while (filter_count() == KINDS + 1)
		make(0);
	for (i = 0; i < MOST_OF_A_POOL; i++)
		check_limited(make(1), 1);
	CHECK(filter_count() == KINDS + 2);
	for (i = 1; filter_count() == KINDS + 2; i++)
		make(2);
	CHECK(i > MOST_OF_A_POOL);
}

IN_CHILD(place, changes_with_the_soft_limit)
{
	int before = make(0), lower, raised;

	CHECK(close(before) == 0 && limit_files(128));
	lower = make(0);
	check_limited(lower, 0);
	CHECK(lower < 128 && filter_count() == 2 && limit_files(1024));
	raised = make(0);
	check_limited(raised, 0);
	CHECK(filter_count() == 2);
}

/* What is open above a limit that was lowered stays limited; copies of it wait until there is room again. */
IN_CHILD(place, outlives_a_lower_soft_limit)
{
	int before = make(0), lower;
	struct rlimit files;

	CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
	CHECK(before > 128 && limit_files(128));
	check_limited(before, 0);
	CHECK_FAILS(EMFILE, ce_dup(before));
	lower = make(0);
	check_limited(lower, 0);
	CHECK(lower < 128 && setrlimit(RLIMIT_NOFILE, &files) == 0);
	check_limited(before, 0);
	check_limited(ce_dup(before), 0);
	CHECK(filter_count() == 2);
}

/* As many as no process has by chance: pools are below 65,536. */
IN_CHILD(place, is_found_in_a_table_of_a_million)
{
	const struct rlimit million = { 1000000, 1000000 };
	int i, fd = -1;

	if (setrlimit(RLIMIT_NOFILE, &million) != 0) {
		fprintf(stderr, "not tried: this user may not raise RLIMIT_NOFILE; tests/kernels does\n");
		return;
	}
	leave_room_for_pools();
	for (i = 0; i < 3 * 65; i++) {
		fd = make((size_t)i);
		check_limited(fd, (size_t)i);
		CHECK(fd < 65536);
	}
	CHECK(filter_count() == KINDS);
	CHECK(plain_ones(32000) == 32000);
}

/* Nothing fits: the number as it comes. */
IN_CHILD(place, may_be_the_number_as_it_comes)
{
	int fd;

	CHECK(limit_files(5));
	fd = make(0);
	CHECK(fd == 3);
	check_limited(fd, 0);
	CHECK_FAILS(ENOTCAPABLE, ce_dup(fd));
}

/* Codes of first numbers: exact below 256, rounded down to eight binary digits above. */
IN_CHILD(place, is_said_in_eleven_bits)
{
	uint32_t number;

	for (number = 0; number < CE_TABLE_MAX_; number++) {
		const unsigned code = ce_number_code_(number);
		const uint32_t rounded = ce_number_of_(code);

		CHECK(code <= CE_ANSWER_BITS_ && rounded <= number && number - rounded <= number / 128);
		CHECK(ce_number_code_(rounded) == code);
	}
}

/* ---- how many ---- */

IN_CHILD(many, are_open_at_once_in_few_filters)
{
	static int fds[MANY];
	const bool large = limit_files(20000);
	const long most = large ? MANY : 400, filters = large ? KINDS + 1 : 3 * KINDS;
	long i;

	leave_room_for_pools();
	for (i = 0; i < most; i++)
		fds[i] = make((size_t)i);
	CHECK(filter_count() <= filters);
	for (i = 0; i < most; i++)
		check_limited(fds[i], (size_t)i);
	for (i = 0; i < most; i++)
		CHECK(close(fds[i]) == 0);
	for (i = 0; i < most; i++)
		CHECK(make((size_t)i) >= 0);
	CHECK(filter_count() <= filters);
}

IN_CHILD(many, one_after_the_other_use_one_number)
{
	const int number = make(0);
	int i;

	CHECK(close(number) == 0);
	for (i = 0; i < 20000; i++) {
		CHECK(make(0) == number);
		CHECK(close(number) == 0);
	}
	CHECK(filter_count() == 1);
}

IN_CHILD(many, of_one_set_fill_the_table)
{
	int n, fd;

	CHECK(limit_files(256));
	for (n = 0; (fd = ce_open("/dev/zero", O_RDWR, 0, &kinds[0])) >= 0; n++)
		check_limited(fd, 0);
	CHECK(errno == EMFILE || errno == ENOMEM);
	CHECK(n > 128);
}

/* ---- what is made ---- */

IN_CHILD(made, are_sockets_and_pairs_and_pipes)
{
	int fd = ce_socket(AF_INET, SOCK_STREAM, 0, CE_SET(CAP_FSTAT)), pair[2], ends[2];
	char byte;

	CHECK(fd >= 0 && has(fd, CE_SET(CAP_FSTAT)));
	CHECK_FAILS(ENOTCAPABLE, listen(fd, 1));
	CHECK(ce_socketpair(AF_UNIX, SOCK_STREAM, 0, CE_SET(CAP_READ, CAP_WRITE), pair) == 0);
	CHECK(write(pair[0], "x", 1) == 1 && read(pair[1], &byte, 1) == 1);
	CHECK_FAILS(ENOTCAPABLE, shutdown(pair[0], SHUT_RD));
	CHECK(ce_pipe(O_NONBLOCK, CE_SET(CAP_READ), CE_SET(CAP_WRITE), ends) == 0);
	CHECK_FAILS(EAGAIN, (int)read(ends[0], &byte, 1));
	CHECK(write(ends[1], "x", 1) == 1 && read(ends[0], &byte, 1) == 1);
	CHECK(has(ends[0], CE_SET(CAP_READ)) && has(ends[1], CE_SET(CAP_WRITE)));
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC && fcntl(pair[1], F_GETFD) == FD_CLOEXEC &&
	      fcntl(ends[0], F_GETFD) == FD_CLOEXEC);
	CHECK(ce_next_descriptor(3) > 100); /* nothing is left at the numbers where they were made */
}

IN_CHILD(made, without_rights_are_refused)
{
	static const cap_rights_t none = { { 0, 0 } };
	int pair[2];

	CHECK_FAILS(EINVAL, ce_open("/dev/null", O_RDONLY, 0, NULL));
	CHECK_FAILS(EINVAL, ce_socket(AF_UNIX, SOCK_STREAM, 0, NULL));
	CHECK_FAILS(EINVAL, ce_socketpair(AF_UNIX, SOCK_STREAM, 0, &none, pair));
	CHECK_FAILS(EINVAL, ce_pipe(0, &kinds[0], NULL, pair));
	CHECK_FAILS(EINVAL, ce_pipe(0, NULL, CE_RIGHTS_KEEP, pair));
	CHECK_FAILS(EINVAL, ce_accept(0, NULL, NULL, NULL));
	CHECK_FAILS(EINVAL, ce_take(0, NULL));
	CHECK_FAILS(EINVAL, ce_take(0, CE_RIGHTS_KEEP));
	CHECK_FAILS(EFAULT, ce_limit(0, CE_RIGHTS_KEEP));
	CHECK(ce_next_descriptor(3) == REPORT_FD && filter_count() == 0);
}

IN_CHILD(made, with_all_rights_get_numbers_without_limits)
{
	static const cap_rights_t all = CE_ALL_RIGHTS;
	int stale[3], pair[2], fd, i;

	for (i = 0; i < 3; i++)
		stale[i] = open("/dev/null", O_RDWR);
	for (i = 0; i < 3; i++)
		CHECK(ce_limit(stale[i], CE_SET(CAP_FSTAT)) == 0);
	for (i = 0; i < 3; i++)
		CHECK(close(stale[i]) == 0);
	fd = ce_open("/dev/null", O_RDWR | O_CREAT, 0600, CE_RIGHTS_KEEP);
	CHECK(fd == stale[2] + 1 && has(fd, &all));
	CHECK(ce_socketpair(AF_UNIX, SOCK_STREAM, 0, CE_RIGHTS_KEEP, pair) == 0);
	CHECK(has(pair[0], &all) && has(pair[1], &all));
	CHECK(has(ce_dup(fd), &all));
	check_limited(make(0), 0);
	CHECK(open("/dev/null", O_RDONLY) == stale[0]); /* which is free */
}

IN_CHILD(taken, move_unless_they_are_limited)
{
	int plain = open("/dev/zero", O_RDWR), fd = ce_take(plain, &kinds[0]), again;

	CHECK(fd != plain && fcntl(plain, F_GETFD) == -1);
	check_limited(fd, 0);
	again = ce_take(fd, CE_SET(CAP_READ)); /* which no number but its own can be limited to */
	CHECK(again == fd && has(fd, CE_SET(CAP_READ)));
	CHECK_FAILS(ENOTCAPABLE, ce_take(fd, &kinds[0]));
	CHECK_FAILS(EBADF, ce_take(77, &kinds[0]));
}

/* ---- copies ---- */

IN_CHILD(copies, are_made_within_a_pool)
{
	int fd = make(0), copy = ce_dup(fd), other = make(1);

	check_limited(copy, 0);
	CHECK(copy != fd);
	CHECK(syscall(SYS_dup3, fd, copy + 1, O_CLOEXEC) == copy + 1);
	check_limited(copy + 1, 0);
	CHECK(dup2(fd, copy) == copy && has(copy, &kinds[0]));
	CHECK_FAILS(ENOTCAPABLE, dup2(fd, other));
	CHECK_FAILS(ENOTCAPABLE, dup2(other, fd));
	CHECK_FAILS(ENOTCAPABLE, dup2(fd, 77));
	CHECK_FAILS(ENOTCAPABLE, dup2(fd, 0));
	CHECK_FAILS(ENOTCAPABLE, dup(fd));
	CHECK_FAILS(ENOTCAPABLE, (int)syscall(SYS_dup, fd, copy)); /* which means nothing to dup(2) */
	CHECK_FAILS(ENOTCAPABLE, fcntl(fd, F_DUPFD_CLOEXEC, fd));
	CHECK(filter_count() == 2);
}

/* The last of the words about a list of ioctl commands stands before that about pools. */
IN_CHILD(copies, of_what_is_limited_to_commands_are_refused)
{
	static const unsigned long commands[] = { 0x80045430 };
	int fd = open("/dev/zero", O_RDWR);

	CHECK(ce_limit_ioctls(fd, commands, 1) == 0);
	CHECK(ce_answer_((uint32_t)fd, CE_ASK_POOL_, 0) == 0 && ce_answer_((uint32_t)fd, CE_ASK_SAME_, 0) == 0);
	CHECK_FAILS(ENOTCAPABLE, ce_dup(fd));
}

/* What is limited further may not get back what it lost. */
IN_CHILD(copies, of_what_was_limited_further_are_refused)
{
	int fd = make(0), neighbour = make(0), next;

	CHECK(ce_limit(fd, CE_SET(CAP_READ)) == 0);
	CHECK_FAILS(ENOTCAPABLE, dup2(fd, neighbour));
	CHECK_FAILS(ENOTCAPABLE, ce_dup(fd));
	CHECK(dup2(neighbour, fd) == fd);
	CHECK(has(fd, CE_SET(CAP_READ)));
	CHECK(close(fd) == 0);
	next = make(0); /* passes over it */
	CHECK(next == neighbour + 1);
	check_limited(next, 0);
}

IN_CHILD(copies, over_a_pools_number_are_as_limited_as_it)
{
	int fd = make(0);
	char byte;

	CHECK(dup2(open("/dev/null", O_RDWR), fd) == fd);
	CHECK_FAILS(ENOTCAPABLE, (int)write(fd, "", 1));
	CHECK(read(fd, &byte, 1) == 0);
}

/* ---- ranges ---- */

/* Whatever closes them, the numbers stay in their pools. */
IN_CHILD(ranges, are_closed_over_pools)
{
	static const cap_rights_t all = CE_ALL_RIGHTS;
	int before[KINDS], i;

	for (i = 0; i < KINDS; i++)
		before[i] = make((size_t)i);
	CHECK(syscall(SYS_close_range, 3, REPORT_FD - 1, 0) == 0 &&
	      syscall(SYS_close_range, REPORT_FD + 1, ~0U, 0) == 0);
	for (i = 0; i < KINDS; i++)
		CHECK_FAILS(EBADF, fcntl(before[i], F_GETFD));
	CHECK(has(open("/dev/null", O_RDONLY), &all));
	for (i = 0; i < KINDS; i++) {
		CHECK(make((size_t)i) == before[i]);
		check_limited(before[i], (size_t)i);
	}
	CHECK(filter_count() == KINDS);
}

/* CLOSE_RANGE_UNSHARE and CLOSE_RANGE_CLOEXEC: the table is copied, and nothing closed. */
IN_CHILD(ranges, that_are_marked_stay_limited)
{
	int before = make(0), next;

	CHECK(fcntl(before, F_SETFD, 0) == 0);
	if (syscall(SYS_close_range, 3, ~0U, 2 | 4) == -1) { /* CLOSE_RANGE_CLOEXEC came with 5.11 */
		CHECK(errno == EINVAL);
		CHECK(syscall(SYS_close_range, ~0U, ~0U, 2) == 0 && fcntl(before, F_SETFD, FD_CLOEXEC) == 0);
	}
	check_limited(before, 0);
	next = make(0);
	check_limited(next, 0);
	CHECK(next == before + 1 && filter_count() == 1);
}

/* ---- capability mode, processes, threads ---- */

IN_CHILD(inside, pools_are_found_and_made)
{
	int directory = ce_open_directory("/dev", CE_SET(CAP_LOOKUP, CAP_READ, CAP_FSTAT)), early = make(0), ends[2],
	    fd;

	CHECK(ce_enter() == 0);
	if (ce_landlock_abi_() == 0) {
		CHECK_FAILS(ECAPMODE, ce_openat(directory, "zero", O_RDONLY, 0, &kinds[0]));
	} else {
		fd = ce_openat(directory, "zero", O_RDONLY, 0, &kinds[0]);
		check_limited(fd, 0);
		CHECK(fd == early + 1);
		check_limited(ce_openat(directory, "zero", O_RDONLY, 0, &kinds[2]), 2);
	}
	CHECK(ce_pipe(0, CE_SET(CAP_READ), CE_SET(CAP_WRITE), ends) == 0 && has(ends[1], CE_SET(CAP_WRITE)));
	check_limited(ce_dup(early), 0);
	CHECK_FAILS(ECAPMODE, ce_open("/dev/zero", O_RDONLY, 0, &kinds[0]));
}

static void make_in_the_child(void)
{
	int fd = make(0);

	check_limited(fd, 0);
	CHECK(filter_count() == 1);
}

IN_CHILD(processes, find_pools_after_fork)
{
	make(0);
	CHECK_CHILD(make_in_the_child);
}

static void *make_and_close(void *kind)
{
	int i, fd;

	for (i = 0; i < 2000; i++) {
		do /* until no other thread takes the number meanwhile */
			fd = ce_open("/dev/zero", O_RDWR, 0, &kinds[((size_t)(intptr_t)kind + (size_t)i) % KINDS]);
		while (fd < 0 && errno == EAGAIN);
		CHECK(fd >= 0);
		CHECK(has(fd, &kinds[((size_t)(intptr_t)kind + (size_t)i) % KINDS]));
		CHECK(close(fd) == 0);
	}
	return NULL;
}

IN_CHILD(threads, make_and_close_at_once)
{
	pthread_t thread[4];
	size_t i;

	for (i = 0; i < 4; i++)
		CHECK(pthread_create(&thread[i], NULL, make_and_close, (void *)(intptr_t)i) == 0);
	for (i = 0; i < 4; i++)
		CHECK(pthread_join(thread[i], NULL) == 0);
	CHECK(filter_count() <= 3 * 4); /* as many as began to make one at the same time */
	CHECK(plain_ones(300) == 300);
}

/* What others do to the numbers makes nothing looser: a descriptor is limited, or there is none. */
static void make_while(void *(*disturb)(void *stop))
{
	volatile bool stop = false;
	pthread_t thread;
	int i, fd;

	CHECK(limit_files(1024)); /* so pools lie where the other thread disturbs */
	CHECK(pthread_create(&thread, NULL, disturb, (void *)(intptr_t)&stop) == 0);
	for (i = 0; i < 3000; i++) {
		fd = ce_open("/dev/zero", O_RDWR, 0, &kinds[i % KINDS]);
		CHECK(fd >= 0 ? (write(fd, "", 1) == -1 && (errno == ENOTCAPABLE || errno == EBADF))
			      : (errno == EBADF || errno == EAGAIN || errno == EMFILE || errno == ENOTCAPABLE));
		close(fd);
	}
	stop = true;
	CHECK(pthread_join(thread, NULL) == 0);
}

/* Another thread dups over the numbers of pools, and closes them. */
static void *dup_over(void *stop)
{
	int null = open("/dev/null", O_RDWR), fd;

	while (!*(volatile bool *)stop)
		for (fd = 900; fd < 1024; fd++) {
			if (fd == REPORT_FD)
				continue;
			if (fd % 2 == 0)
				dup2(null, fd);
			else
				close(fd);
		}
	return NULL;
}

IN_CHILD(threads, that_dup_over_pools_make_nothing_looser)
{
	make_while(dup_over);
}

/* Another thread closes whole pools, whatever step a descriptor is at on its way there. */
static void *close_all(void *stop)
{
	while (!*(volatile bool *)stop)
		syscall(SYS_close_range, 4, REPORT_FD - 1, 0);
	return NULL;
}

IN_CHILD(threads, that_close_ranges_make_nothing_looser)
{
	make_while(close_all);
}

/* ---- whole sandboxes ---- */

IN_CHILD(sandboxes, open_into_pools_with_one_filter)
{
	struct ce_opening plan[] = {
		{ .path = "/dev/zero", .descriptor.rights = &kinds[0] },
		{ .path = "/dev/zero", .descriptor.rights = &kinds[1] },
		{ .path = "/dev/zero", .descriptor.rights = &kinds[0] },
		{ .path = "/dev/zero", .descriptor = ce_stream(-1, CE_STREAM_READ) },
		{ .path = "/dev/zero",
		  .descriptor = { .rights = CE_RIGHTS_KEEP, .nioctls = CE_IOCTLS_KEEP, .fcntls = CE_FCNTLS_KEEP } },
	};
	int status = open("/proc/self/status", O_RDONLY);
	char text[4096];
	ssize_t length;
	FILE *stream;

	CHECK(ce_sandbox(plan, 5, CE_SANDBOX_STDIO, NULL) == 0);
	length = read(status, text, sizeof(text) - 1);
	CHECK(length > 0);
	text[length] = '\0';
	CHECK(strstr(text, "Seccomp_filters:\t2\n") != NULL); /* the limits, capability mode */
	check_limited(plan[0].descriptor.fd, 0);
	check_limited(plan[1].descriptor.fd, 1);
	CHECK(plan[2].descriptor.fd == plan[0].descriptor.fd + 1);
	stream = fdopen(plan[3].descriptor.fd, "r");
	CHECK(stream != NULL && fgetc(stream) == 0);
	CHECK(has(plan[4].descriptor.fd, CE_SET(CAP_ALL0, CAP_ALL1)));
}

IN_CHILD(sandboxes, refuse_entries_that_name_no_rights)
{
	struct ce_opening plan[] = { { .path = "/dev/null", .descriptor.rights = CE_SET(CAP_READ) },
				     { .path = "/dev/null", .flags = O_RDWR } };
	const struct ce_descriptor each[] = { { .fd = 0 } };

	CHECK_FAILS(EINVAL, ce_sandbox(plan, 2, 0, NULL));
	CHECK(!ce_sandboxed() && ce_next_descriptor(3) == REPORT_FD);
	CHECK_FAILS(EINVAL, ce_limit_each(each, 1));
	CHECK(filter_count() == 0);
}
