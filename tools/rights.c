/* SPDX-License-Identifier: BSD-2-Clause */
/* capeasy rights: what each right allows. */
#include "capeasy.h"

#include <getopt.h>

static void print_right(uint64_t right)
{
	printf("%s%s%s\n", heading(), ce_right_name(right), plain());
	print_wrapped(4, ce_right_doc(right));
}

/* Every right in a set that a name stands for itself: "CAP_READ" is one, "read" too. */
static void print_named(const char *word)
{
	const cap_rights_t set = parse_set(word);
	size_t i;

	for (i = 0; i < ce_right_count(); i++) {
		const uint64_t right = ce_right_by_name(ce_right_name_at(i));
		cap_rights_t own = CE_NO_RIGHTS;

		if (ce_rights_set(&own, right) == 0 && ce_rights_equal(&own, &set)) {
			print_right(right);
			return;
		}
	}
	fail(EXIT_FAILED, "'%s' is not one right; capeasy show prints sets", word);
}

static int run(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
	int option = getopt_long(argc, argv, "h", options, NULL);
	size_t i;

	if (option != -1)
		common_option(option);
	for (i = 0; optind == argc && i < ce_right_count(); i++)
		print_right(ce_right_by_name(ce_right_name_at(i)));
	for (; optind < argc; optind++)
		print_named(argv[optind]);
	return 0;
}

const struct command command_rights = {
	"rights", "[NAME ...]", "Print what each right, or each one named, allows.", "", run,
};
