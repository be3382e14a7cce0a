/* SPDX-License-Identifier: BSD-2-Clause */
/* capeasy need: the rights that a call needs. */
#include "capeasy.h"

#include <getopt.h>

static int run(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
	int option = getopt_long(argc, argv, "h", options, NULL);
	cap_rights_t set;

	if (option != -1)
		common_option(option);
	if (optind == argc)
		misuse("which call?");
	for (; optind < argc; optind++) {
		if (ce_call_needs(argv[optind], &set) != 0)
			fail(EXIT_FAILED, "%s: %s", argv[optind],
			     errno == ENOENT ? "not a call that is known here" : ce_strerror(errno));
		printf("%s: %s\n", argv[optind], ce_rights_is_empty(&set) ? "no right" : format_set(&set));
	}
	return 0;
}

const struct command command_need = {
	"need", "CALL ...", "Print the rights that a descriptor must have for a call.", "", run,
};
