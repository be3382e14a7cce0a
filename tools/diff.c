/* SPDX-License-Identifier: BSD-2-Clause */
/* capeasy diff: what two sets do not have in common. */
#include "capeasy.h"

#include <getopt.h>

/* Prints the rights of a that b lacks; whether there are any. */
static bool print_difference(const char *sign, cap_rights_t a, const cap_rights_t *b)
{
	ce_rights_remove(&a, b);
	if (!ce_rights_is_empty(&a))
		printf("%s %s\n", sign, format_set(&a));
	return !ce_rights_is_empty(&a);
}

static int run(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
	int option = getopt_long(argc, argv, "h", options, NULL);
	cap_rights_t a, b;
	bool less, more;

	if (option != -1)
		common_option(option);
	if (argc - optind != 2)
		misuse("two sets of rights belong here");
	a = parse_set(argv[optind]);
	b = parse_set(argv[optind + 1]);
	less = print_difference("-", a, &b);
	more = print_difference("+", b, &a);
	return less || more;
}

const struct command command_diff = {
	"diff", "SET SET", "Print what only the first set has after -, and what only the second has after +.", "", run,
};
