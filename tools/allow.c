/* SPDX-License-Identifier: BSD-2-Clause */
/* capeasy allow: the calls that a right allows. */
#include "capeasy.h"

#include <getopt.h>

/* One line for each right whose bits are in the set, and that is no sum of others there. */
static void print_allowed(const cap_rights_t *set)
{
	size_t i;

	for (i = 0; i < ce_right_count(); i++) {
		const uint64_t right = ce_right_by_name(ce_right_name_at(i));
		const char *calls = ce_right_allows(right);

		if (ce_rights_is_set(set, right) && calls != NULL && calls[0] != '\0')
			printf("%s%s%s: %s\n", heading(), ce_right_name(right), plain(), calls);
	}
}

static int run(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
	int option = getopt_long(argc, argv, "h", options, NULL);

	if (option != -1)
		common_option(option);
	if (optind == argc)
		misuse("which set of rights?");
	for (; optind < argc; optind++) {
		const cap_rights_t set = parse_set(argv[optind]);

		print_allowed(&set);
	}
	return 0;
}

const struct command command_allow = {
	"allow", "SET ...", "Print the calls that the rights of a set allow.", "", run,
};
