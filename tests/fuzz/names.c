/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes names: lookups agree with a scan of the table, a name from a typo is a name, and whatever is said of a call is
 * a set or one of two errors.
 */
#include <capsicum_easy.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

static uint64_t scanned(const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < CE_NAME_COUNT_; i++)
		if (strlen(ce_names_[i]) == length && memcmp(ce_names_[i], name, length) == 0)
			return ce_values_[i];
	return 0;
}

static void check_name(const char *text, size_t size)
{
	const char *nearest = ce_right_nearest(text);

	must(ce_right_by_name_n(text, size) == scanned(text, size));
	must(ce_right_by_name(text) == scanned(text, strlen(text)));
	must(nearest == NULL || ce_right_by_name(nearest) != 0);
	must(ce_right_by_name(text) == 0 || strcmp(nearest, text) == 0);
}

static void check_value(uint64_t right)
{
	const char *name = ce_right_name(right);
	bool known = false;
	size_t i;

	for (i = 0; i < CE_NAME_COUNT_; i++)
		known = known || ce_values_[i] == right;
	must((name != NULL) == known && (ce_right_doc(right) != NULL) == known);
	must((ce_right_allows(right) != NULL) == known && (name == NULL || ce_right_by_name(name) == right));
}

static void check_call(const char *text)
{
	const cap_rights_t untouched = CE_RIGHTS(CAP_READ);
	cap_rights_t set = untouched;

	if (ce_call_needs(text, &set) == 0)
		must(ce_rights_is_valid(&set));
	else
		must((errno == ENOENT || errno == EINVAL) && ce_rights_equal(&set, &untouched));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t value = 0;
	char *text = malloc(size + 1);

	must(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	check_name(text, size);
	check_call(text);
	free(text);
	if (size >= sizeof(value))
		memcpy(&value, data, sizeof(value));
	check_value(value);
	return 0;
}
