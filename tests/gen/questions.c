/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Asks a generated header the questions that stand on standard input, one a line, and prints an answer a line. The
 * tests of the generator compile it against the header of each release.
 */
#include <capsicum_easy.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char *or_none(const char *text)
{
	return text == NULL ? "(none)" : text;
}

static void print_set(const cap_rights_t *set)
{
	printf("0x%" PRIx64 " 0x%" PRIx64 "\n", set->cr_rights[0], set->cr_rights[1]);
}

static void list_rights(void)
{
	size_t i;

	for (i = 0; i < ce_right_count(); i++)
		printf("%s ", ce_right_name_at(i));
	printf("\n");
}

/* Prints, for each subset of the bits given, how many names it takes to write it. */
static void count_names(int word, uint64_t bits)
{
	uint64_t subset = 0;
	cap_rights_t set;
	char text[4096];
	unsigned names;
	const char *at;

	do {
		const cap_rights_t none = CE_NO_RIGHTS;

		set = none;
		set.cr_rights[word] |= subset;
		if (ce_rights_format(&set, text, sizeof(text)) < 0)
			abort();
		names = 0;
		for (at = strstr(text, "CAP_"); at != NULL; at = strstr(at + 1, "CAP_"))
			names++;
		printf("%u ", names);
		subset = (subset - bits) & bits;
	} while (subset != 0);
	printf("\n");
}

int main(void)
{
	char line[4096];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		char *rest = line + strcspn(line, " \n");
		cap_rights_t set = CE_NO_RIGHTS;
		char text[4096];

		line[strcspn(line, "\n")] = '\0';
		if (*rest != '\0')
			*rest++ = '\0';
		if (strcmp(line, "value") == 0)
			printf("0x%" PRIx64 "\n", ce_right_by_name(rest));
		else if (strcmp(line, "name") == 0)
			printf("%s\n", or_none(ce_right_name(strtoull(rest, NULL, 0))));
		else if (strcmp(line, "doc") == 0)
			printf("%s\n", or_none(ce_right_doc(strtoull(rest, NULL, 0))));
		else if (strcmp(line, "calls") == 0)
			printf("%s\n", or_none(ce_right_allows(strtoull(rest, NULL, 0))));
		else if (strcmp(line, "nearest") == 0)
			printf("%s\n", or_none(ce_right_nearest(rest)));
		else if (strcmp(line, "list") == 0)
			list_rights();
		else if (strcmp(line, "names") == 0)
			count_names(atoi(rest), strtoull(rest + 1, NULL, 0));
		else if (strcmp(line, "for") == 0) {
			if (ce_call_needs(rest, &set) != 0)
				printf("errno %d\n", errno);
			else
				print_set(&set);
		} else if (strcmp(line, "format") == 0) {
			char *second;

			set.cr_rights[0] = strtoull(rest, &second, 0);
			set.cr_rights[1] = strtoull(second, NULL, 0);
			if (ce_rights_format(&set, text, sizeof(text)) < 0)
				printf("errno %d\n", errno);
			else
				printf("%s\n", text);
		} else if (strcmp(line, "parse") == 0) {
			if (ce_rights_parse(rest, &set, NULL) != 0)
				printf("errno %d\n", errno);
			else
				print_set(&set);
		} else {
			fprintf(stderr, "what is \"%s\"?\n", line);
			return 2;
		}
	}
	return 0;
}
