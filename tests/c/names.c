/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Names of rights. What is spelled out here is independent of the tables: each name is also the header's own macro.
 */
#include <capsicum_easy.h>
#include <criterion/criterion.h>

#include <limits.h>
#include <stdlib.h>

struct named {
	const char *name;
	uint64_t value;
};
/* clang-format off */
#define NAMED(name) { #name, name }

/* The names of FreeBSD 15.1's header, in its order, that are the first of their value. */
static const struct named first_names[] = {
	NAMED(CAP_READ), NAMED(CAP_WRITE), NAMED(CAP_SEEK_TELL), NAMED(CAP_SEEK), NAMED(CAP_PREAD), NAMED(CAP_PWRITE),
	NAMED(CAP_MMAP), NAMED(CAP_MMAP_R), NAMED(CAP_MMAP_W), NAMED(CAP_MMAP_X), NAMED(CAP_MMAP_RW),
	NAMED(CAP_MMAP_RX), NAMED(CAP_MMAP_WX), NAMED(CAP_MMAP_RWX), NAMED(CAP_CREATE), NAMED(CAP_FEXECVE),
	NAMED(CAP_FSYNC), NAMED(CAP_FTRUNCATE), NAMED(CAP_LOOKUP), NAMED(CAP_FCHDIR), NAMED(CAP_FCHFLAGS),
	NAMED(CAP_CHFLAGSAT), NAMED(CAP_FCHMOD), NAMED(CAP_FCHMODAT), NAMED(CAP_FCHOWN), NAMED(CAP_FCHOWNAT),
	NAMED(CAP_FCNTL), NAMED(CAP_FLOCK), NAMED(CAP_FPATHCONF), NAMED(CAP_FSCK), NAMED(CAP_FSTAT),
	NAMED(CAP_FSTATAT), NAMED(CAP_FSTATFS), NAMED(CAP_FUTIMES), NAMED(CAP_FUTIMESAT), NAMED(CAP_LINKAT_TARGET),
	NAMED(CAP_MKDIRAT), NAMED(CAP_MKFIFOAT), NAMED(CAP_MKNODAT), NAMED(CAP_RENAMEAT_SOURCE),
	NAMED(CAP_SYMLINKAT), NAMED(CAP_UNLINKAT), NAMED(CAP_ACCEPT), NAMED(CAP_BIND), NAMED(CAP_CONNECT),
	NAMED(CAP_GETPEERNAME), NAMED(CAP_GETSOCKNAME), NAMED(CAP_GETSOCKOPT), NAMED(CAP_LISTEN), NAMED(CAP_PEELOFF),
	NAMED(CAP_SETSOCKOPT), NAMED(CAP_SHUTDOWN), NAMED(CAP_BINDAT), NAMED(CAP_CONNECTAT),
	NAMED(CAP_LINKAT_SOURCE), NAMED(CAP_RENAMEAT_TARGET),
#ifdef CAP_FCHROOT
	NAMED(CAP_FCHROOT),
#endif
	NAMED(CAP_SOCK_CLIENT), NAMED(CAP_SOCK_SERVER), NAMED(CAP_MAC_GET), NAMED(CAP_MAC_SET),
	NAMED(CAP_SEM_GETVALUE), NAMED(CAP_SEM_POST), NAMED(CAP_SEM_WAIT), NAMED(CAP_EVENT), NAMED(CAP_KQUEUE_EVENT),
	NAMED(CAP_IOCTL), NAMED(CAP_TTYHOOK), NAMED(CAP_PDGETPID), NAMED(CAP_PDWAIT), NAMED(CAP_PDKILL),
	NAMED(CAP_EXTATTR_DELETE), NAMED(CAP_EXTATTR_GET), NAMED(CAP_EXTATTR_LIST), NAMED(CAP_EXTATTR_SET),
	NAMED(CAP_ACL_CHECK), NAMED(CAP_ACL_DELETE), NAMED(CAP_ACL_GET), NAMED(CAP_ACL_SET), NAMED(CAP_KQUEUE_CHANGE),
	NAMED(CAP_KQUEUE),
#ifdef CAP_INOTIFY_ADD
	NAMED(CAP_INOTIFY_ADD), NAMED(CAP_INOTIFY_RM),
#endif
};
/* clang-format on */
#define COUNT (sizeof(first_names) / sizeof(first_names[0]))

/* Names that share their value with one of the first, some only in other releases. */
static const struct named other_names[] = {
	{ "CAP_RECV", CAP_READ },
	{ "CAP_SEND", CAP_WRITE },
	{ "CAP_POLL_EVENT", CAP_EVENT },
	{ "CAP_LINKAT", CAP_LINKAT_TARGET },
	{ "CAP_RENAMEAT", CAP_RENAMEAT_SOURCE },
};
#define OTHER_COUNT (sizeof(other_names) / sizeof(other_names[0]))

Test(names, every_name_gives_its_right)
{
	for (size_t i = 0; i < COUNT; i++)
		cr_assert_eq(ce_right_by_name(first_names[i].name), first_names[i].value, "%s", first_names[i].name);
	for (size_t i = 0; i < OTHER_COUNT; i++)
		cr_assert_eq(ce_right_by_name(other_names[i].name), other_names[i].value, "%s", other_names[i].name);
}

Test(names, every_right_gives_its_first_name)
{
	for (size_t i = 0; i < COUNT; i++)
		cr_assert_str_eq(ce_right_name(first_names[i].value), first_names[i].name);
}

Test(names, all_rights_in_order)
{
	cr_assert_eq(ce_right_count(), COUNT);
	for (size_t i = 0; i < COUNT; i++) {
		cr_assert_eq(ce_right_at(i), first_names[i].value);
		cr_assert_str_eq(ce_right_name_at(i), first_names[i].name);
	}
	cr_assert_eq(ce_right_at(COUNT), 0);
	cr_assert_eq(ce_right_at(SIZE_MAX), 0);
	cr_assert_null(ce_right_name_at(COUNT));
	cr_assert_null(ce_right_name_at(SIZE_MAX));
}

static void assert_iterates(const cap_rights_t *set, const uint64_t *expected, size_t count)
{
	size_t position = 0;

	for (size_t i = 0; i < count; i++)
		cr_assert_eq(ce_rights_next(set, &position), expected[i], "%zu", i);
	cr_assert_eq(ce_rights_next(set, &position), 0);
	cr_assert_eq(ce_rights_next(set, &position), 0);
}

Test(names, rights_of_a_set_in_order)
{
	static const cap_rights_t none = CE_NO_RIGHTS;
	static const cap_rights_t all = CE_ALL_RIGHTS;
	static const cap_rights_t invalid = { { 0, 0 } };
	static const uint64_t expected[] = { CAP_READ, CAP_SEEK_TELL, CAP_SEEK, CAP_PREAD, CAP_EVENT };
	uint64_t values[COUNT];

	for (size_t i = 0; i < COUNT; i++)
		values[i] = first_names[i].value;
	assert_iterates(CE_SET(CAP_EVENT, CAP_PREAD), expected, sizeof(expected) / sizeof(expected[0]));
	assert_iterates(&all, values, COUNT);
	assert_iterates(&none, NULL, 0);
	assert_iterates(&invalid, NULL, 0);
}

Test(names, words_that_are_no_name)
{
	/* clang-format off */
	static const char *const words[] = {
		"", "C", "CAP_", "CAP_X", "cap_read", "READ", " CAP_READ", "CAP_READ ", "CAP_READX", "CAP_REA", "CAP_ALL0",
		"CAP_ALL", "CAP_FCNTL_GETFL", "CAP_IOCTLS_ALL", "CAP_UNUSED0_57", "CAP_RENAMEAT_SOURCE_",
		"CAP_RENAMEAT_SOURCCE", "\xff\xff\xff\xff\xff\xff\xff\xff",
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		cr_assert_eq(ce_right_by_name(words[i]), 0, "%s", words[i]);
}

Test(names, a_name_of_a_given_length)
{
	cr_assert_eq(ce_right_by_name_n("CAP_READER", 8), CAP_READ);
	cr_assert_eq(ce_right_by_name_n("CAP_FCHMODAT", 10), CAP_FCHMOD);
	cr_assert_eq(ce_right_by_name_n("CAP_FCHMODAT", 11), 0);
	cr_assert_eq(ce_right_by_name_n("CAP_READ", 9), 0, "the NUL is no part of a name");
	cr_assert_eq(ce_right_by_name_n("CAP_READ", 0), 0);
	cr_assert_eq(ce_right_by_name_n("CAP_READ", SIZE_MAX), 0);
	cr_assert_eq(ce_right_by_name_n("CAP_MMAP\0R", 10), 0);
}

/* Reads no byte beyond the length: the sanitizers would see it in a block of exactly this size. */
Test(names, reads_only_what_it_is_given)
{
	for (size_t length = 1; length < 24; length++) {
		char *name = malloc(length);

		memset(name, 'A', length);
		memcpy(name, "CAP_READ", length < 8 ? length : 8);
		cr_assert_eq(ce_right_by_name_n(name, length), length == 8 ? CAP_READ : 0);
		free(name);
	}
}

Test(names, values_without_a_name)
{
	/* clang-format off */
	static const uint64_t values[] = {
		0, 1, CAP_READ | CAP_EVENT, CAP_ALL0, CAP_ALL1, CAP_READ | CAP_WRITE, CAP_READ + 7, CAP_UNUSED0_57, UINT64_MAX,
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		cr_assert_null(ce_right_name(values[i]), "%zu", i);
		cr_assert_null(ce_right_doc(values[i]), "%zu", i);
		cr_assert_null(ce_right_allows(values[i]), "%zu", i);
	}
}

Test(names, documentation_of_every_right)
{
	for (size_t i = 0; i < COUNT; i++) {
		const char *doc = ce_right_doc(first_names[i].value);

		cr_assert_not_null(doc);
		cr_assert_gt(strlen(doc), 10, "%s", first_names[i].name);
		cr_assert_null(strchr(doc, '\n'));
		cr_assert_not_null(ce_right_allows(first_names[i].value));
	}
	cr_assert_not_null(strstr(ce_right_doc(CAP_READ), "read(2), readv(2)"));
	cr_assert_str_eq(ce_right_allows(CAP_FCHMODAT), "fchmodat(2)");
	cr_assert_str_eq(ce_right_allows(CAP_SEEK_TELL), "");
	cr_assert_not_null(strstr(ce_right_allows(CAP_SOCK_SERVER), "accept(2), accept4(2), bind(2)"));
}

static void assert_needs(const char *call, const cap_rights_t *expected)
{
	cap_rights_t found = CE_NO_RIGHTS;

	cr_assert_eq(ce_call_needs(call, &found), 0, "%s", call);
	cr_assert(ce_rights_equal(&found, expected), "%s", call);
}

Test(calls, rights_that_a_call_needs)
{
	static const cap_rights_t none = CE_NO_RIGHTS;
	static const cap_rights_t all = CE_ALL_RIGHTS;

	assert_needs("read", CE_SET(CAP_READ));
	assert_needs("pwrite(2)", CE_SET(CAP_PWRITE));
	assert_needs("openat(O_RDWR | O_CREAT)", CE_SET(CAP_PREAD, CAP_PWRITE, CAP_CREATE, CAP_LOOKUP));
	assert_needs("openat(O_WRONLY | O_APPEND)", CE_SET(CAP_WRITE, CAP_LOOKUP));
	assert_needs("mmap(PROT_READ|PROT_WRITE, MAP_PRIVATE)", CE_SET(CAP_MMAP_R));
	assert_needs("renameat(source)", CE_SET(CAP_RENAMEAT_SOURCE));
	assert_needs("renameat", CE_SET(CAP_RENAMEAT_SOURCE, CAP_RENAMEAT_TARGET));
	assert_needs("poll", CE_SET(CAP_EVENT));
	assert_needs("close", &none);
	assert_needs("fcntl(F_GETFD)", &none);
	assert_needs("openat(absolute)", &none);
	assert_needs("openat(outside)", &all);
}

Test(calls, a_call_that_is_not_known_leaves_the_set)
{
	static const struct {
		const char *call;
		int error;
	} cases[] = {
		{ "", ENOENT },	     { "frobnicate", ENOENT }, { "openat(O_CRAET)", ENOENT },
		{ "read(", EINVAL }, { "read(2) ", EINVAL },   { "read((2))", EINVAL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cap_rights_t set = CE_RIGHTS(CAP_FCHDIR);

		errno = 0;
		cr_assert_eq(ce_call_needs(cases[i].call, &set), -1, "%s", cases[i].call);
		cr_assert_eq(errno, cases[i].error, "%s", cases[i].call);
		cr_assert(ce_rights_equal(&set, CE_SET(CAP_FCHDIR)));
	}
}

/* The number of letters that differ, or 100 for words that are not equally long. */
static unsigned count_differences(const char *a, const char *b)
{
	unsigned count = 0;

	if (strlen(a) != strlen(b))
		return 100;
	for (; *a != '\0'; a++, b++)
		count += *a != *b;
	return count;
}

/* Not always the name that was meant: CAP_?ETSOCKOPT is as near to CAP_GETSOCKOPT as to CAP_SETSOCKOPT. */
Test(nearest, one_wrong_letter)
{
	char typo[64];

	for (size_t i = 0; i < COUNT; i++) {
		const char *name = first_names[i].name;

		for (size_t at = 4; at < strlen(name); at++) {
			const char *found;

			strcpy(typo, name);
			typo[at] = '?';
			found = ce_right_nearest(typo);
			cr_assert_not_null(found, "%s", typo);
			if (strlen(name) > 12)
				cr_assert_eq(count_differences(found, typo), 1, "%s: %s", typo, found);
		}
		cr_assert_str_eq(ce_right_nearest(name), name);
		cr_assert_str_eq(ce_right_nearest(name + 4), name);
	}
}

Test(nearest, examples)
{
	cr_assert_str_eq(ce_right_nearest("CAP_RAED"), "CAP_READ");
	cr_assert_str_eq(ce_right_nearest("raed"), "CAP_READ");
	cr_assert_str_eq(ce_right_nearest("erda"), "CAP_READ", "two swaps are two mistakes");
	cr_assert_str_eq(ce_right_nearest("Cap_Unlink"), "CAP_UNLINKAT");
	cr_assert_str_eq(ce_right_nearest("CAP_RENAMEAT_SOURCEE"), "CAP_RENAMEAT_SOURCE");
	cr_assert_null(ce_right_nearest(""));
	cr_assert_null(ce_right_nearest("CAP_"));
	cr_assert_null(ce_right_nearest("CAP_FROBNICATE"));
	cr_assert_null(ce_right_nearest("a word that is a lot longer than any name of a right can be"));
}

/* Sizes from 0 to far beyond the longest name: the sanitizers would see a write outside the tables of the search. */
Test(nearest, words_of_any_length)
{
	char word[200];

	for (size_t length = 0; length < sizeof(word); length++) {
		memset(word, 'A', length);
		word[length] = '\0';
		cr_assert_null(ce_right_nearest(word), "%zu", length);
		memcpy(word, "CAP_", length < 4 ? length : 4);
		cr_assert_null(ce_right_nearest(word), "%zu", length);
	}
}
