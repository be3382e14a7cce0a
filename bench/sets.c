/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A set of four rights, handed to a function: a constant, and built with variadic functions as FreeBSD's libc has them.
 * run.py also disassembles limit_constant() and limit_variadic().
 */
#include <capsicum_easy.h>

#include "samples.h"

/* Not static, so that each is compiled for any descriptor. */
int limit(int fd, const cap_rights_t *set);
int limit_constant(int fd);
int limit_variadic(int fd);
int limit_text(int fd);

/* Stands for cap_rights_limit(): what counts here is what it takes to call it. */
__attribute__((noinline)) int limit(int fd, const cap_rights_t *set)
{
	BENCH_USE(fd);
	BENCH_USE(set);
	return 0;
}

__attribute__((noinline)) int limit_constant(int fd)
{
	return limit(fd, CE_SET(CAP_READ, CAP_SEEK, CAP_FSTAT, CAP_EVENT));
}

__attribute__((noinline)) int limit_variadic(int fd)
{
	cap_rights_t set;

	return limit(fd, cap_rights_init(&set, CAP_READ, CAP_SEEK, CAP_FSTAT, CAP_EVENT));
}

__attribute__((noinline)) int limit_text(int fd)
{
	cap_rights_t set;

	if (ce_rights_parse("CAP_READ, CAP_SEEK, CAP_FSTAT, CAP_EVENT", &set, NULL) != 0)
		return -1;
	return limit(fd, &set);
}

int main(void)
{
	BENCH("constant", 20, 1000000, limit_constant(3));
	BENCH("variadic", 20, 1000000, limit_variadic(3));
	BENCH("text", 20, 100000, limit_text(3));
	return 0;
}
