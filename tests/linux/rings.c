/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * io_uring: a ring that the kernel polls takes requests that no filter sees, so nothing may be limited beside one.
 */
#include <capsicum_easy.h>
#include <criterion/criterion.h>

#include "child.h"

/* struct io_uring_params, by its words: flags and sq_thread_idle are the third and fifth. */
static int make_ring(uint32_t flags)
{
	uint32_t params[30] = { 0 };

	params[2] = flags;
	params[4] = 10000; /* ms before the kernel's thread sleeps */
	return (int)syscall(SYS_io_uring_setup, 4, params);
}

#define SQPOLL 2u /* IORING_SETUP_SQPOLL */

IN_CHILD(rings, polling_one_is_busy)
{
	int ring = make_ring(SQPOLL);

	CHECK(ring >= 0);
	CHECK_FAILS(EBUSY, ce_limit(STDIN_FILENO, CE_SET(CAP_READ)));
	CHECK_FAILS(EBUSY, ce_enter());
	CHECK(!ce_sandboxed());
	CHECK(filter_count() == 0);
}

static void enter_beside_it(void)
{
	CHECK(ce_enter() == 0);
}

/* A documented gap: it does what it is asked as the process that made it. */
IN_CHILD(rings, polling_one_of_a_parent_is_not_found)
{
	CHECK(make_ring(SQPOLL) >= 0);
	CHECK_CHILD(enter_beside_it);
}

IN_CHILD(rings, closed_one_is_not)
{
	int ring = make_ring(SQPOLL);
	int tries = 0;

	CHECK(ring >= 0);
	close(ring);
	/* The kernel ends its thread some time after. */
	while (ce_limit(STDIN_FILENO, CE_SET(CAP_READ)) != 0) {
		CHECK(errno == EBUSY && ++tries < 1000);
		usleep(10000);
	}
}

/* Linux's fs/proc/array.c, do_task_stat(): a name may hold anything; the flags are the seventh field behind it. */
Test(rings, are_found_by_what_proc_says_of_a_thread)
{
	cr_expect(ce_is_polling_stat_("71 (iou-sqp-70) S 1 70 70 0 -1 4194384 0 0"));
	cr_expect(ce_is_polling_stat_("71 (any) name) R 1 70 70 0 -1 16 0 0"));
	cr_expect(!ce_is_polling_stat_("71 (iou-wrk-70) S 1 70 70 0 -1 4194384 0 0"));
	cr_expect(!ce_is_polling_stat_("71 (iou-sqp-70) S 1 70 70 0 -1 4194368 0 0"));
	cr_expect(!ce_is_polling_stat_("71 (iou-sqp-70) S 1 70"));
	cr_expect(!ce_is_polling_stat_("71 (iou-sqp-70"));
	cr_expect(!ce_is_polling_stat_("")); /* it ended before it was read */
}

IN_CHILD(rings, entering_is_refused_once_anything_is_limited)
{
	int ring = make_ring(0);

	CHECK(ring >= 0);
	CHECK(ce_limit(STDIN_FILENO, CE_SET(CAP_READ)) == 0);
	CHECK_FAILS(ENOSYS, syscall(SYS_io_uring_enter, ring, 0, 0, 0, NULL, 0));
	CHECK_FAILS(ENOSYS, syscall(SYS_io_uring_register, ring, 0, NULL, 0));
	CHECK_FAILS(ENOSYS, make_ring(0));
}
