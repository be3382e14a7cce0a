/* SPDX-License-Identifier: BSD-2-Clause */
/* Run by capeasy: says what it can do with descriptor 5, a directory, and without it. */
#define _GNU_SOURCE
#include <capsicum_easy.h>

#include <stdio.h>
#include <stdlib.h>

static void say(const char *what, long result)
{
	printf("%s: %s\n", what, result >= 0 ? "yes" : ce_strerror(errno));
}

int main(int argc, char **argv)
{
	printf("arguments %d, variable %s\n", argc - 1, getenv("VARIABLE"));
	say("capability mode", ce_sandboxed() - 1);
	say("file in the directory", openat(5, "file", O_RDONLY));
	say("new file in the directory", openat(5, "new", O_WRONLY | O_CREAT, 0600));
	say("its own file", open(argv[0], O_RDONLY));
	say("write to input", write(0, "x", 1));
	return 3;
}
