/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes sets as text: what can be read is written and read back to the same set, whatever the size of the buffer, and
 * an error points into the text and suggests a name that can be read.
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

/* Buffers come from malloc, so that a sanitizer sees a byte written too far. */
static void check_format(const cap_rights_t *set)
{
	const int length = ce_rights_format(set, NULL, 0);
	size_t size = (size_t)length + 1;
	char *whole = malloc(size), *part;
	cap_rights_t again;

	must(length >= 0 && whole != NULL && ce_rights_format(set, whole, size) == length);
	must(strlen(whole) == (size_t)length);
	must(ce_rights_parse(whole, &again, NULL) == 0 && ce_rights_equal(&again, set));
	for (size = 1; size <= (size_t)length; size += 1 + size / 3) {
		part = malloc(size);
		must(part != NULL && ce_rights_format(set, part, size) == length);
		must(memcmp(part, whole, size - 1) == 0 && part[size - 1] == '\0');
		free(part);
	}
	free(whole);
}

static void check_parse(const char *text)
{
	const cap_rights_t untouched = CE_RIGHTS(CAP_READ, CAP_KQUEUE);
	cap_rights_t set = untouched;
	struct ce_text_error error = { SIZE_MAX, 0, NULL };

	if (ce_rights_parse(text, &set, &error) == 0) {
		must(ce_rights_is_valid(&set) && error.position == SIZE_MAX);
		check_format(&set);
		return;
	}
	must(errno == EINVAL && ce_rights_equal(&set, &untouched));
	must(error.length > 0 && error.length <= strlen(text) && error.position <= strlen(text) - error.length);
	must(error.suggestion == NULL || ce_right_by_name(error.suggestion) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cap_rights_t set;
	char *text = malloc(size + 1);

	must(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	check_parse(text);
	free(text);

	if (size >= sizeof(set)) {
		memcpy(&set, data, sizeof(set));
		if (!ce_rights_is_valid(&set)) {
			must(ce_rights_format(&set, NULL, 0) == -1 && errno == EINVAL);
			set.cr_rights[0] = (set.cr_rights[0] & ~UINT64_C(0) >> 7) | UINT64_C(1) << 57;
			set.cr_rights[1] = (set.cr_rights[1] & ~UINT64_C(0) >> 7) | UINT64_C(1) << 58;
		}
		check_format(&set);
	}
	return 0;
}
