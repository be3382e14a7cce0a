/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Sets as text: what is read, what is written, and that one is the other's inverse.
 */
#include <capsicum_easy.h>
#include <criterion/criterion.h>

#include <stdio.h>

#define WORD(n) (UINT64_C(1) << (57 + (n)))
#define BITS (WORD(0) - 1)

static void assert_parses(const char *text, const cap_rights_t *expected)
{
	struct ce_text_error error = { 123, 456, "untouched" };
	cap_rights_t set = CE_RIGHTS(CAP_FCHDIR);

	cr_assert_eq(ce_rights_parse(text, &set, &error), 0, "%s", text);
	cr_assert(ce_rights_equal(&set, expected), "%s", text);
	cr_assert_eq(error.position, 123);
	cr_assert_eq(ce_rights_parse(text, &set, NULL), 0);
}

static void assert_wrong(const char *text, size_t position, size_t length, const char *suggestion)
{
	struct ce_text_error error = { 123, 456, "untouched" };
	cap_rights_t set = CE_RIGHTS(CAP_FCHDIR);

	errno = 0;
	cr_assert_eq(ce_rights_parse(text, &set, &error), -1, "%s", text);
	cr_assert_eq(errno, EINVAL);
	cr_assert(ce_rights_equal(&set, CE_SET(CAP_FCHDIR)), "%s", text);
	cr_assert_eq(error.position, position, "%s: %zu", text, error.position);
	cr_assert_eq(error.length, length, "%s: %zu", text, error.length);
	if (suggestion == NULL)
		cr_assert_null(error.suggestion, "%s: %s", text, error.suggestion);
	else
		cr_assert_str_eq(error.suggestion, suggestion);
	errno = 0;
	cr_assert_eq(ce_rights_parse(text, &set, NULL), -1);
	cr_assert_eq(errno, EINVAL);
}

static void assert_written(const cap_rights_t *set, const char *expected)
{
	char text[4096];

	cr_assert_eq(ce_rights_format(set, text, sizeof(text)), (int)strlen(expected));
	cr_assert_str_eq(text, expected);
}

Test(parse, names_and_separators)
{
	const cap_rights_t none = CE_NO_RIGHTS;

	assert_parses("CAP_READ", CE_SET(CAP_READ));
	assert_parses("CAP_READ, CAP_SEEK", CE_SET(CAP_PREAD));
	assert_parses("CAP_READ,CAP_EVENT", CE_SET(CAP_READ, CAP_EVENT));
	assert_parses("CAP_READ | CAP_EVENT", CE_SET(CAP_READ, CAP_EVENT));
	assert_parses("CAP_READ CAP_EVENT", CE_SET(CAP_READ, CAP_EVENT));
	assert_parses("\tCAP_READ\r\n\v\fCAP_EVENT,\n", CE_SET(CAP_READ, CAP_EVENT));
	assert_parses(",,CAP_READ,,|CAP_READ,", CE_SET(CAP_READ));
	assert_parses("CAP_RECV, CAP_LINKAT, CAP_POLL_EVENT", CE_SET(CAP_READ, CAP_LINKAT_TARGET, CAP_EVENT));
	assert_parses("", &none);
	assert_parses(" ,| \n", &none);
}

Test(parse, case_and_prefix_do_not_matter)
{
	assert_parses("cap_read, Cap_Event", CE_SET(CAP_READ, CAP_EVENT));
	assert_parses("read event mmap_rwx", CE_SET(CAP_MMAP_RWX, CAP_EVENT));
	assert_parses("READ,seek", CE_SET(CAP_PREAD));
	assert_parses("renameat_source", CE_SET(CAP_RENAMEAT_SOURCE));
}

Test(parse, numbers)
{
	const cap_rights_t bit3 = { { WORD(0) | 8, WORD(1) } };
	const cap_rights_t most = { { WORD(0) | BITS, WORD(1) | BITS } };

	assert_parses("0x200000000000008", &bit3);
	assert_parses("0X0200000000000008", &bit3);
	assert_parses("0x0200000000000001 0x400000000000020", CE_SET(CAP_READ, CAP_EVENT));
	assert_parses("0x3ffffffffffffff|0x5FFFFFFFFFFFFFF", &most);
	assert_parses("0x00000000000000000000200000000000008", &bit3);
}

Test(parse, mistakes)
{
	assert_wrong("CAP_RAED", 0, 8, "CAP_READ");
	assert_wrong("CAP_READ, CAP_SEEKK", 10, 9, "CAP_SEEK");
	assert_wrong("  raed,write", 2, 4, "CAP_READ");
	assert_wrong("CAP_READ|CAP_FROBNICATE,CAP_RAED", 9, 14, NULL);
	assert_wrong("CAP_READ;CAP_SEEK", 0, 17, NULL);
	assert_wrong("CAP_READ\x80", 0, 9, "CAP_READ");
	assert_wrong("CAP_", 0, 4, NULL);
	assert_wrong("CAP_CAP_READ", 0, 12, "CAP_PREAD");
	assert_wrong("CAP_ALL0", 0, 8, NULL);
	assert_wrong("x", 0, 1, NULL);
	assert_wrong("a_word_that_is_a_lot_longer_than_any_name_of_a_right_can_be", 0, 59, NULL);
}

Test(parse, numbers_that_are_no_right)
{
	assert_wrong("0x", 0, 2, NULL);
	assert_wrong("0", 0, 1, NULL);
	assert_wrong("0x0", 0, 3, NULL);
	assert_wrong("8", 0, 1, NULL);
	assert_wrong("144115188075855873", 0, 18, NULL);
	assert_wrong("0x1", 0, 3, NULL);
	assert_wrong("0x200000000000000", 0, 17, NULL);
	assert_wrong("0x400000000000000", 0, 17, NULL);
	assert_wrong("0x600000000000001", 0, 17, NULL);
	assert_wrong("0x800000000000001", 0, 17, NULL);
	assert_wrong("0x4200000000000001", 0, 18, NULL);
	assert_wrong("0x10200000000000001", 0, 19, NULL);
	assert_wrong("0x200000000000001g", 0, 18, NULL);
	assert_wrong("0x20000000000000g", 0, 17, NULL);
	assert_wrong("-0x200000000000001", 0, 18, NULL);
	assert_wrong("0x200000000000001 0x200000000000001x", 18, 18, NULL);
}

Test(format, fewest_names_in_order)
{
	const cap_rights_t none = CE_NO_RIGHTS;

	assert_written(&none, "");
	assert_written(CE_SET(CAP_READ), "CAP_READ");
	assert_written(CE_SET(CAP_RECV), "CAP_READ");
	assert_written(CE_SET(CAP_EVENT, CAP_READ), "CAP_READ, CAP_EVENT");
	assert_written(CE_SET(CAP_READ, CAP_SEEK), "CAP_PREAD");
	assert_written(CE_SET(CAP_READ, CAP_SEEK, CAP_WRITE), "CAP_PREAD, CAP_PWRITE");
	assert_written(CE_SET(CAP_FSTAT, CAP_LOOKUP), "CAP_FSTATAT");
	assert_written(CE_SET(CAP_KQUEUE_EVENT, CAP_KQUEUE_CHANGE), "CAP_KQUEUE");
	assert_written(CE_SET(CAP_SOCK_SERVER, CAP_CONNECT, CAP_MMAP_RWX),
		       "CAP_MMAP_RWX, CAP_SOCK_CLIENT, CAP_SOCK_SERVER");
}

Test(format, bits_without_a_name)
{
	const cap_rights_t bit3 = { { WORD(0) | 8 | 1, WORD(1) } };
	const cap_rights_t unknown = { { WORD(0) | UINT64_C(1) << 56, WORD(1) | UINT64_C(1) << 56 | 0x20 } };
	const cap_rights_t both = { { WORD(0) | 0x28, WORD(1) | UINT64_C(0xabcdef) << 24 } };

	assert_written(&bit3, "CAP_READ, 0x0200000000000008");
	assert_written(&unknown, "CAP_EVENT, 0x0300000000000000, 0x0500000000000000");
	assert_written(&both, "0x0200000000000028, 0x0400abcdef000000");
}

Test(format, invalid_sets_are_refused)
{
	static const cap_rights_t invalid[] = {
		{ { 0, 0 } }, { { WORD(1), WORD(0) } }, { { WORD(0), 0 } }, { { WORD(0) | UINT64_C(1) << 62, WORD(1) } }
	};
	char text[16] = "untouched";

	for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
		errno = 0;
		cr_assert_eq(ce_rights_format(&invalid[i], text, sizeof(text)), -1);
		cr_assert_eq(errno, EINVAL);
	}
	errno = 0;
	cr_assert_eq(ce_rights_format(NULL, text, sizeof(text)), -1);
	cr_assert_eq(errno, EINVAL);
	cr_assert_str_eq(text, "untouched");
}

/* For each size, the result and every byte of the buffer are those of snprintf(). */
Test(format, sizes_as_snprintf)
{
	const cap_rights_t set = { { WORD(0) | 1 | 8, WORD(1) | 0x20 } };
	static const char whole[] = "CAP_READ, CAP_EVENT, 0x0200000000000008";
	char ours[64], theirs[64];

	cr_assert_eq(ce_rights_format(&set, NULL, 0), (int)strlen(whole));
	for (size_t size = 0; size <= sizeof(ours); size++) {
		memset(ours, '#', sizeof(ours));
		memset(theirs, '#', sizeof(theirs));
		cr_assert_eq(ce_rights_format(&set, ours, size), snprintf(theirs, size, "%s", whole));
		cr_assert_eq(memcmp(ours, theirs, sizeof(ours)), 0, "%zu", size);
	}
}

static uint64_t random_word(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Sparse ones, dense ones, and such as programs have: a few names, with or without bits that have none. */
static cap_rights_t random_set(unsigned kind)
{
	cap_rights_t set = CE_NO_RIGHTS;
	unsigned names = kind < 2 ? 0 : (unsigned)(random_word() % 12);

	if (kind == 0 || kind == 3) {
		set.cr_rights[0] |= random_word() & random_word() & random_word() & BITS;
		set.cr_rights[1] |= random_word() & random_word() & random_word() & BITS;
	} else if (kind == 1) {
		set.cr_rights[0] |= random_word() & BITS;
		set.cr_rights[1] |= random_word() & BITS;
	}
	while (names-- > 0)
		cr_assert_eq(ce_rights_set(&set, ce_right_at(random_word() % ce_right_count())), 0);
	return set;
}

#define ROUND_TRIPS 1000000

Test(text, round_trip)
{
	char text[4096];

	for (unsigned i = 0; i < ROUND_TRIPS; i++) {
		const cap_rights_t set = random_set(i % 4);
		cap_rights_t again = CE_NO_RIGHTS;
		const int length = ce_rights_format(&set, text, sizeof(text));

		if (length < 0 || (size_t)length != strlen(text) || ce_rights_parse(text, &again, NULL) != 0 ||
		    memcmp(&set, &again, sizeof(set)) != 0)
			cr_assert_fail("%016llx %016llx: %s", (unsigned long long)set.cr_rights[0],
				       (unsigned long long)set.cr_rights[1], text);
	}
}

/* Every bit alone, and every bit missing from a full word. */
Test(text, round_trip_of_single_bits)
{
	char text[4096];

	for (unsigned bit = 0; bit < 57; bit++) {
		for (unsigned kind = 0; kind < 4; kind++) {
			const uint64_t bits = kind % 2 == 0 ? UINT64_C(1) << bit : BITS & ~(UINT64_C(1) << bit);
			cap_rights_t set = CE_NO_RIGHTS;
			cap_rights_t again;

			set.cr_rights[kind / 2] |= bits;
			cr_assert_gt(ce_rights_format(&set, text, sizeof(text)), 0);
			cr_assert_eq(ce_rights_parse(text, &again, NULL), 0);
			cr_assert(ce_rights_equal(&set, &again), "%s", text);
		}
	}
}

/* Any bytes at all are read or refused, and the error points into the text: the sanitizers watch. */
Test(text, any_bytes)
{
	static const char alphabet[] = "CAP_READxX0123456789abcdef ,|\n\x80\xff_SEEK";
	char text[48];

	for (unsigned i = 0; i < 300000; i++) {
		const size_t length = random_word() % sizeof(text);
		struct ce_text_error error = { 0, 0, NULL };
		cap_rights_t set;

		for (size_t at = 0; at < length; at++)
			text[at] = alphabet[random_word() % (sizeof(alphabet) - 1)];
		text[length] = '\0';
		if (ce_rights_parse(text, &set, &error) == 0) {
			cr_assert(ce_rights_is_valid(&set));
		} else {
			cr_assert_gt(error.length, 0);
			cr_assert_leq(error.position + error.length, length);
		}
	}
}
