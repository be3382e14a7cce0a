/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a fuzz target without libFuzzer: files and directories of inputs that are named, or random inputs of all sizes
 * up to 4096 bytes, always the same ones.
 *
 *     TARGET random COUNT [SEED]
 *     TARGET FILE...
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* splitmix64, Steele et al. 2014 */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Each from malloc and as large as it is, so that a sanitizer sees a byte read too far. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + (size == 0));

	if (copy == NULL)
		exit(2);
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void run_random(uint64_t count, uint64_t seed)
{
	static uint8_t data[LARGEST];
	uint64_t i;
	size_t at;

	for (i = 0; i < count; i++) {
		uint64_t state = seed + i * UINT64_C(0x100000001);
		const size_t size = (size_t)(next_random(&state) % (LARGEST + 1));

		for (at = 0; at < size; at++)
			data[at] = (uint8_t)next_random(&state);
		run(data, size);
	}
	printf("%" PRIu64 " random inputs\n", count);
}

static void run_file(const char *path)
{
	static uint8_t data[1 << 16];
	FILE *file = fopen(path, "rb");

	if (file == NULL) {
		perror(path);
		exit(2);
	}
	run(data, fread(data, 1, sizeof(data), file));
	fclose(file);
}

static void run_path(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;
	char name[4096];

	if (directory == NULL) {
		run_file(path);
		return;
	}
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		run_file(name);
	}
	closedir(directory);
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 2 || (strcmp(argv[1], "random") == 0 && argc < 3)) {
		fprintf(stderr, "usage: %s random COUNT [SEED] | FILE...\n", argv[0]);
		return 2;
	}
	if (strcmp(argv[1], "random") == 0)
		run_random(strtoull(argv[2], NULL, 10), argc > 3 ? strtoull(argv[3], NULL, 10) : 1);
	else
		for (i = 1; i < argc; i++)
			run_path(argv[i]);
	return 0;
}
