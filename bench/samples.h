/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timing for the programs here. Each prints raw samples, "name value", one a line; run.py does the statistics.
 */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include <stdio.h>
#include <time.h>

/* Nanoseconds of a clock. CLOCK_THREAD_CPUTIME_ID leaves out what other programs do meanwhile. */
static inline double bench_now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Prints `batches` samples of what a statement costs, each the mean of `count` runs; one batch before warms up. */
#define BENCH(name, batches, count, statement)                                                                \
	do {                                                                                                  \
		int bench_batch;                                                                              \
		long bench_run;                                                                               \
                                                                                                              \
		for (bench_batch = -1; bench_batch < (batches); bench_batch++) {                              \
			const double bench_start = bench_now(CLOCK_THREAD_CPUTIME_ID);                        \
                                                                                                              \
			for (bench_run = 0; bench_run < (count); bench_run++) {                               \
				statement;                                                                    \
			}                                                                                     \
			if (bench_batch >= 0)                                                                 \
				printf("%s %.3f\n", name,                                                     \
				       (bench_now(CLOCK_THREAD_CPUTIME_ID) - bench_start) / (double)(count)); \
		}                                                                                             \
	} while (0)

/* Makes the compiler believe that a value is used. */
#define BENCH_USE(value) __asm__ volatile("" : : "r,m"(value) : "memory")

#endif
