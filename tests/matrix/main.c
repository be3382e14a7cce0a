/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A program of two units and a shared library, all with the header. The one argument is the errno that limiting is
 * expected to end with, 0 where this system enforces it.
 */
#include <capsicum_easy.h>

#include <stdio.h>
#include <stdlib.h>

#include "other_unit.h"

static int check(const char *name, int (*unit)(int, char *, size_t), int expected)
{
	char text[64] = "CAP_READ, CAP_EVENT";
	int error = unit(0, text, sizeof(text));

	if (error == expected && strcmp(text, "CAP_READ, CAP_EVENT") == 0)
		return 0;
	fprintf(stderr, "%s: %s, %s\n", name, ce_strerror(error), text);
	return 1;
}

int main(int argc, char **argv)
{
	int expected = argc > 1 ? atoi(argv[1]) : 0;

	return check("other", other_unit, expected) + check("shared", shared_unit, expected);
}
