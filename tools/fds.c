/* SPDX-License-Identifier: BSD-2-Clause */
/* capeasy fds: the descriptors that capeasy was started with, and their limits. */
#include "capeasy.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* Prints a description with the names of ioctl commands in the place of their numbers. */
static void print_named(const char *text)
{
	const char *name;
	size_t n;

	while (*text != '\0') {
		n = strcspn(text, " ,;");
		name = strncmp(text, "0x", 2) == 0 ? ioctl_name(strtoul(text, NULL, 16)) : NULL;
		if (name != NULL)
			fputs(name, stdout);
		else
			printf("%.*s", (int)n, text);
		text += n;
		for (; *text == ' ' || *text == ',' || *text == ';'; text++)
			putchar(*text);
	}
	putchar('\n');
}

static int run(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
	int option = getopt_long(argc, argv, "h", options, NULL);
	char text[16384];
	int fd;

	if (option != -1)
		common_option(option);
	if (optind != argc)
		misuse("no argument belongs here");
	for (fd = ce_next_descriptor(0); fd >= 0; fd = ce_next_descriptor(fd + 1)) {
		if (ce_describe(fd, text, sizeof(text)) < 0)
			fail(EXIT_FAILED, "fd %d: %s", fd, ce_strerror(errno));
		print_named(text);
	}
	return 0;
}

const struct command command_fds = {
	"fds", "", "Describe the descriptors that capeasy was started with.", "", run,
};
