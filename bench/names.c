/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking a right up by its name: the generated perfect hash against what else one would write, over the same names.
 *
 *     names METHOD hit|miss ROUNDS      only looks up; run.py counts the instructions with callgrind
 *     names METHOD hit|miss             prints samples, nanoseconds for one lookup
 */
#include <capsicum_easy.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names_gperf.h"
#include "samples.h"

struct named {
	const char *name;
	uint64_t right;
};

static struct named in_order[CE_NAME_COUNT_];
static struct named by_name[CE_NAME_COUNT_];
static char wanted[CE_NAME_COUNT_][CE_LONGEST_NAME_ + 1];

__attribute__((noinline)) static uint64_t with_perfect_hash(const char *name)
{
	return ce_right_by_name(name);
}

__attribute__((noinline)) static uint64_t with_scan(const char *name)
{
	size_t i;

	for (i = 0; i < CE_NAME_COUNT_; i++)
		if (strcmp(in_order[i].name, name) == 0)
			return in_order[i].right;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

__attribute__((noinline)) static uint64_t with_bsearch(const char *name)
{
	const struct named key = { name, 0 };
	const struct named *found = bsearch(&key, by_name, CE_NAME_COUNT_, sizeof(by_name[0]), compare);

	return found == NULL ? 0 : found->right;
}

__attribute__((noinline)) static uint64_t with_gperf(const char *name)
{
	const struct gperf_right *found = gperf_lookup(name, strlen(name));

	return found == NULL ? 0 : found->right;
}

static const struct {
	const char *name;
	uint64_t (*look_up)(const char *name);
} methods[] = {
	{ "capsicum_easy", with_perfect_hash },
	{ "gperf", with_gperf },
	{ "bsearch", with_bsearch },
	{ "scan", with_scan },
};

/* A miss differs from a name in its last letter only. */
static void prepare(bool hit)
{
	size_t i;

	for (i = 0; i < CE_NAME_COUNT_; i++) {
		in_order[i].name = ce_names_[i];
		in_order[i].right = ce_values_[i];
		strcpy(wanted[i], ce_names_[i]);
		if (!hit)
			wanted[i][strlen(wanted[i]) - 1] = '_';
	}
	memcpy(by_name, in_order, sizeof(by_name));
	qsort(by_name, CE_NAME_COUNT_, sizeof(by_name[0]), compare);
}

static void look_all_up(uint64_t (*look_up)(const char *))
{
	size_t i;

	for (i = 0; i < CE_NAME_COUNT_; i++)
		BENCH_USE(look_up(wanted[i]));
}

/* All methods must agree, or the comparison means nothing. */
static void check(bool hit)
{
	size_t i, m;

	for (i = 0; i < CE_NAME_COUNT_; i++)
		for (m = 0; m < sizeof(methods) / sizeof(methods[0]); m++)
			if (methods[m].look_up(wanted[i]) != (hit ? ce_values_[i] : 0)) {
				fprintf(stderr, "%s is wrong about %s\n", methods[m].name, wanted[i]);
				exit(1);
			}
}

int main(int argc, char **argv)
{
	const bool hit = argc > 2 && strcmp(argv[2], "hit") == 0;
	const long rounds = argc > 3 ? atol(argv[3]) : 0;
	size_t m = 0;
	long i;

	while (argc > 1 && m < sizeof(methods) / sizeof(methods[0]) && strcmp(argv[1], methods[m].name) != 0)
		m++;
	if (argc < 3 || m == sizeof(methods) / sizeof(methods[0])) {
		fprintf(stderr, "usage: names METHOD hit|miss [ROUNDS]\n");
		return 2;
	}
	prepare(hit);
	check(hit);
	for (i = 0; i < rounds; i++)
		look_all_up(methods[m].look_up);
	if (argc == 3)
		BENCH("round", 20, 200, look_all_up(methods[m].look_up));
	printf("names %zu\n", (size_t)CE_NAME_COUNT_);
	return 0;
}
