/* SPDX-License-Identifier: BSD-2-Clause */
/* capeasy fds: the descriptors that capeasy was started with, and their limits. */
#include "capeasy.h"

#include <getopt.h>

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
		print_description(text);
	}
	return 0;
}

const struct command command_fds = {
	"fds", "", "Describe the descriptors that capeasy was started with.", "", run,
};
