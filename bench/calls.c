/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What system calls cost under limits: read(), the call with the lowest number on x86-64, and preadv2(), one of the
 * highest, which filters look at, and getppid(), which they do not.
 *
 *     calls none|together|apart|mode|libseccomp|tree|hand LIMITED
 *
 * together: one ce_limit_each(); apart: one ce_limit() each; mode: limits, then capability mode; the rest are in
 * rivals.h. What is read is another descriptor, which
 * passes every filter.
 */
#include <capsicum_easy.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "rivals.h"
#include "samples.h"

#define MOST 10

/* Two of three may not be read, so that filters have to look at read(). */
static const cap_rights_t kinds[] = {
	CE_RIGHTS(CAP_WRITE, CAP_FSTAT),
	CE_RIGHTS(CAP_READ, CAP_EVENT),
	CE_RIGHTS(CAP_WRITE, CAP_FSYNC),
};

static void limit_apart(const struct ce_descriptor *descriptors, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		rival_must(ce_limit(descriptors[i].fd, descriptors[i].rights) == 0, "ce_limit");
}

static void apply(const char *how, const struct ce_descriptor *descriptors, size_t n)
{
	struct ce_limited_ limits[MOST];
	size_t i;

	for (i = 0; i < n; i++)
		limits[i] = rival_limit(descriptors[i].fd, descriptors[i].rights);
	if (strcmp(how, "together") == 0 || strcmp(how, "mode") == 0)
		rival_must(ce_limit_each(descriptors, n) == 0, "ce_limit_each");
	if (strcmp(how, "mode") == 0)
		rival_must(ce_enter() == 0, "ce_enter");
	if (strcmp(how, "apart") == 0)
		limit_apart(descriptors, n);
	if (strcmp(how, "libseccomp") == 0)
		rival_libseccomp(limits, n, 1);
	if (strcmp(how, "tree") == 0)
		rival_libseccomp(limits, n, 2);
	if (strcmp(how, "hand") == 0)
		rival_by_hand(limits, n);
}

int main(int argc, char **argv)
{
	struct ce_descriptor descriptors[MOST];
	size_t n = argc == 3 ? strtoul(argv[2], NULL, 10) : MOST + 1, i;
	char byte;
	const struct iovec vector = { &byte, 1 };
	int fd;

	if (n > MOST) {
		fprintf(stderr, "usage: calls none|together|apart|mode|libseccomp|tree|hand LIMITED\n");
		return 2;
	}
	fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
	for (i = 0; i < n; i++) {
		const struct ce_descriptor next = { open("/dev/zero", O_RDWR | O_CLOEXEC), &kinds[i % 3], NULL,
						    CE_IOCTLS_KEEP, CE_FCNTLS_KEEP };

		descriptors[i] = next;
	}
	apply(argv[1], descriptors, n);
	rival_must(syscall(SYS_read, fd, &byte, 1) == 1, "read");
	BENCH("read", 12, 50000, syscall(SYS_read, fd, &byte, 1));
	BENCH("preadv2", 12, 50000, syscall(SYS_preadv2, fd, &vector, 1, 0, 0, 0));
	BENCH("getppid", 12, 50000, syscall(SYS_getppid));
	return 0;
}
