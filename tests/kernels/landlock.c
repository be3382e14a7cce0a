/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Prints the level of Landlock that the kernel has.
 */
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */);

	if (abi < 0)
		puts("none");
	else
		printf("%ld\n", abi);
	return 0;
}
