/* SPDX-License-Identifier: BSD-2-Clause */
/* capeasy show: a set with the fewest names. */
#include "capeasy.h"

#include <getopt.h>

static int run(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
	int option = getopt_long(argc, argv, "h", options, NULL);
	char text[4096];
	cap_rights_t set;

	if (option != -1)
		common_option(option);
	if (argc - optind != 1)
		misuse("one set of rights belongs here");
	set = parse_set(argv[optind]);
	if (ce_rights_format(&set, text, sizeof(text)) < 0)
		fail(EXIT_FAILED, "%s", ce_strerror(errno));
	print_wrapped(0, text[0] != '\0' ? text : "none");
	return 0;
}

const struct command command_show = {
	"show", "SET", "Print a set of rights with the fewest names: \"all\" and \"none\" are sets too.", "", run,
};
