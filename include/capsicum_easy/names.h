/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names: from a name to its right and back, all rights in order, what each of them permits and which one a call needs.
 *
 * The names of every release from FreeBSD 10 to 15 are known on all of them; those that only another release has stand
 * for the same bits. Whether the running kernel has a right is for cap_rights_limit(2) to say, with EINVAL.
 * Nothing here allocates or makes a system call, and the strings returned are constants.
 */
#ifndef CE_NAMES_H_
#define CE_NAMES_H_

#include "base.h"
#include "calls.h"
#include "sets.h"
#include "rights-tables.h"

/* Returns the index of an exact name of `length` bytes, or -1. */
static inline int ce_name_index_(const char *name, size_t length)
{
	int index;

	if (length < CE_SHORTEST_NAME_ || length > CE_LONGEST_NAME_)
		return -1;
	index = ce_slots_[ce_slot_(name, length)] - 1;
	if (index < 0 || memcmp(ce_names_[index], name, length) != 0 || ce_names_[index][length] != '\0')
		return -1;
	return index;
}

/* Returns the index of the right with this very value, or -1. */
static inline int ce_right_index_(uint64_t right)
{
	int low = 0;
	int high = CE_RIGHT_COUNT_ - 1;

	while (low <= high) {
		const int middle = (low + high) / 2;
		const int index = ce_by_value_[middle];

		if (ce_values_[index] == right)
			return index;
		if (ce_values_[index] < right)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return -1;
}

/** As ce_right_by_name(), for a name of `length` bytes that need not end with a NUL. */
CE_API uint64_t ce_right_by_name_n(const char *name, size_t length)
{
	const int index = ce_name_index_(name, length);

	return index < 0 ? 0 : ce_values_[index];
}

/**
 * The right of an exact name, such as "CAP_READ"; the names of other releases are known too.
 *
 * Returns 0, which is never a right, if there is none of this name.
 */
CE_API uint64_t ce_right_by_name(const char *name)
{
	return name == NULL ? 0 : ce_right_by_name_n(name, strlen(name));
}

/** The name of a right, its first in the header: "CAP_READ", not "CAP_RECV". NULL if no name has this very value. */
CE_API const char *ce_right_name(uint64_t right)
{
	const int index = ce_right_index_(right);

	return index < 0 ? NULL : ce_names_[index];
}

/** The number of rights in the system's header; names that mean the same count once. */
CE_API size_t ce_right_count(void)
{
	return sizeof(ce_listed_) / sizeof(ce_listed_[0]);
}

/** The right at a position in the header's order, or 0 from ce_right_count() on. */
CE_API uint64_t ce_right_at(size_t position)
{
	return position < ce_right_count() ? ce_values_[ce_listed_[position]] : 0;
}

/** The name of the right at a position in the header's order, or NULL from ce_right_count() on. */
CE_API const char *ce_right_name_at(size_t position)
{
	return position < ce_right_count() ? ce_names_[ce_listed_[position]] : NULL;
}

/**
 * The next right that a set has, in the header's order: every one that is in it as a whole, CAP_PREAD beside CAP_READ.
 *
 *     size_t position = 0;
 *     uint64_t right;
 *
 *     while ((right = ce_rights_next(&set, &position)) != 0)
 *             puts(ce_right_name(right));
 *
 * `position` says where to go on. Returns 0 when there is none left, or if the set is not valid.
 */
CE_API uint64_t ce_rights_next(const cap_rights_t *set, size_t *position)
{
	while (*position < ce_right_count()) {
		const uint64_t right = ce_right_at((*position)++);

		if (ce_rights_is_set(set, right))
			return right;
	}
	return 0;
}

/** What the header says about a right, in one line; "" if it says nothing, NULL if no name has this value. */
CE_API const char *ce_right_doc(uint64_t right)
{
	const int index = ce_right_index_(right);

	return index < 0 ? NULL : (const char *)&ce_docs_text_ + ce_doc_of_[index];
}

/**
 * The calls that a right allows, such as "pread(2), preadv(2)"; those of its parts for a right that only combines
 * others. A call that is in the lists of several rights needs all of them: ce_call_needs() puts them together.
 * "" if there are none, NULL if no name has this value.
 */
CE_API const char *ce_right_allows(uint64_t right)
{
	const int index = ce_right_index_(right);

	return index < 0 ? NULL : (const char *)&ce_calls_text_ + ce_calls_of_[index];
}

/*
 * Words: the names in a text, the arguments of a call.
 */

/* A piece of text, from `at` up to `end`. */
struct ce_span_ {
	const char *at;
	const char *end;
};

static inline struct ce_span_ ce_span_of_(const char *text)
{
	struct ce_span_ span;

	span.at = text;
	span.end = text + strlen(text);
	return span;
}

static inline bool ce_is_separator_(char c)
{
	return c == ' ' || c == ',' || c == '|' || (c >= '\t' && c <= '\r');
}

/* Takes the first word off a span; false if there is none. */
static inline bool ce_next_word_(struct ce_span_ *rest, struct ce_span_ *word)
{
	while (rest->at < rest->end && ce_is_separator_(*rest->at))
		rest->at++;
	word->at = rest->at;
	while (rest->at < rest->end && !ce_is_separator_(*rest->at))
		rest->at++;
	word->end = rest->at;
	return word->at < word->end;
}

static inline bool ce_span_equal_(struct ce_span_ a, struct ce_span_ b)
{
	const size_t length = (size_t)(a.end - a.at);

	return length == (size_t)(b.end - b.at) && memcmp(a.at, b.at, length) == 0;
}

static inline bool ce_has_word_(struct ce_span_ words, struct ce_span_ wanted)
{
	struct ce_span_ word;

	while (ce_next_word_(&words, &word))
		if (ce_span_equal_(word, wanted))
			return true;
	return false;
}

/* The number of `words` that `list` has too. */
static inline unsigned ce_count_common_(struct ce_span_ words, struct ce_span_ list)
{
	struct ce_span_ word;
	unsigned count = 0;

	while (ce_next_word_(&words, &word))
		count += ce_has_word_(list, word);
	return count;
}

/*
 * Calls.
 */

static inline struct ce_span_ ce_need_text_(unsigned offset)
{
	return ce_span_of_((const char *)&ce_words_text_ + offset);
}

/* Whether a word among a call's arguments is none: the section of a manual page, or a literal number. */
static inline bool ce_is_number_(struct ce_span_ word)
{
	return *word.at >= '0' && *word.at <= '9';
}

/* Splits "name(arguments)" in two; false if it is not of this form. */
static inline bool ce_split_call_(const char *call, struct ce_span_ *name, struct ce_span_ *arguments)
{
	const char *open = (strchr)(call, '('); /* glibc 2.43 has macros of these names that are C11 */

	*name = ce_span_of_(call);
	*arguments = ce_span_of_("");
	if (open == NULL)
		return true;
	arguments->at = open + 1;
	arguments->end = name->end - 1;
	name->end = open;
	return arguments->at <= arguments->end && *arguments->end == ')' &&
	       (memchr)(arguments->at, '(', (size_t)(arguments->end - arguments->at)) == NULL;
}

/* Whether a row of the table is about this call at all; about one of its arguments, if `argument` is given. */
static inline bool ce_need_mentions_(const struct ce_need_ *need, struct ce_span_ name, const struct ce_span_ *argument)
{
	if (!ce_span_equal_(ce_need_text_(need->call), name))
		return false;
	return argument == NULL || ce_has_word_(ce_need_text_(need->when), *argument) ||
	       ce_has_word_(ce_need_text_(need->unless), *argument);
}

static inline bool ce_call_is_known_(struct ce_span_ name, const struct ce_span_ *argument)
{
	size_t i;

	for (i = 0; i < sizeof(ce_needs_) / sizeof(ce_needs_[0]); i++)
		if (ce_need_mentions_(&ce_needs_[i], name, argument))
			return true;
	return false;
}

/* Whether a row of the table applies to a call with these arguments. */
static inline bool ce_need_applies_(const struct ce_need_ *need, struct ce_span_ name, struct ce_span_ arguments)
{
	struct ce_span_ when = ce_need_text_(need->when);
	struct ce_span_ word;

	if (!ce_need_mentions_(need, name, NULL) || ce_count_common_(arguments, ce_need_text_(need->unless)) != 0)
		return false;
	while (ce_next_word_(&when, &word))
		if (!ce_has_word_(arguments, word))
			return false;
	return true;
}

/* The row of a function of the C library, or NULL. */
static inline const struct ce_library_call_ *ce_library_call_of_(struct ce_span_ name)
{
	size_t i;

	for (i = 0; i < sizeof(ce_library_calls_) / sizeof(ce_library_calls_[0]); i++)
		if (ce_has_word_(ce_span_of_(ce_library_calls_[i].names), name))
			return &ce_library_calls_[i];
	return NULL;
}

/**
 * The rights that a descriptor must have for a system call, as FreeBSD's kernel asks for them, or for a function of the
 * C library: none for one that has no descriptor, of which ce_call_advice() says more.
 *
 * `call` is a name, "pwrite", also with its manual section, "pwrite(2)"; or with the arguments that matter, in the form
 * "openat(O_WRONLY | O_CREAT)". When it has two descriptors, "renameat(source)" and "renameat(target)" tell them apart,
 * and the name alone means one descriptor in both places. Others: "renameat(existing)" replaces a file;
 * "sendto(address)" has an address; openat's "absolute" and "outside" say that the path leaves the directory.
 *
 * Returns 0 and stores the rights, none if it needs none; or -1 with ENOENT if the call or an argument is not known,
 * EINVAL if the text has another form, EFAULT if `call` or `set` is NULL. `set` is then left as it was.
 */
CE_API int ce_call_needs(const char *call, cap_rights_t *set)
{
	static const cap_rights_t all = CE_ALL_RIGHTS;
	cap_rights_t result = CE_NO_RIGHTS;
	struct ce_span_ name, arguments, rest, word;
	size_t i;

	if (call == NULL || set == NULL)
		return ce_fail_(EFAULT);
	if (!ce_split_call_(call, &name, &arguments))
		return ce_fail_(EINVAL);
	if (!ce_call_is_known_(name, NULL)) {
		const struct ce_library_call_ *function = ce_library_call_of_(name);

		if (function == NULL)
			return ce_fail_(ENOENT);
		*set = function->rights;
		return 0;
	}
	rest = arguments;
	while (ce_next_word_(&rest, &word))
		if (!ce_is_number_(word) && !ce_call_is_known_(name, &word))
			return ce_fail_(ENOENT);

	for (i = 0; i < sizeof(ce_needs_) / sizeof(ce_needs_[0]); i++) {
		if (ce_needs_[i].right == CE_NEEDS_NO_RIGHT_ || !ce_need_applies_(&ce_needs_[i], name, arguments))
			continue;
		if (ce_needs_[i].right == CE_NEEDS_EVERY_RIGHT_)
			ce_rights_merge(&result, &all);
		else
			ce_rights_set(&result, ce_values_[ce_needs_[i].right]);
	}
	*set = result;
	return 0;
}

/**
 * What to do about a call that capability mode does not have, or that limits refuse: "keep a directory descriptor".
 * NULL if there is nothing special to say, or no call. `call`: as for ce_call_needs().
 */
CE_API const char *ce_call_advice(const char *call)
{
	struct ce_span_ name;
	size_t i;

	if (call == NULL)
		return NULL;
	name = ce_span_of_(call);
	name.end = call + strcspn(call, "(");
	for (i = 0; i < sizeof(ce_advices_) / sizeof(ce_advices_[0]); i++)
		if (ce_has_word_(ce_span_of_(ce_advices_[i].calls), name))
			return ce_advices_[i].advice;
	return NULL;
}

/**
 * The name of a system call that ce_call_needs() knows, in alphabetical order; NULL from the number of them on.
 */
CE_API const char *ce_call_name_at(size_t position)
{
	size_t i;

	for (i = 0; i < sizeof(ce_needs_) / sizeof(ce_needs_[0]); i++)
		if ((i == 0 || ce_needs_[i].call != ce_needs_[i - 1].call) && position-- == 0)
			return ce_need_text_(ce_needs_[i].call).at;
	return NULL;
}

/*
 * Typing errors.
 */

static inline char ce_upper_(char c)
{
	return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

/* A word as it would be spelled in a header: upper case, and with "CAP_" in front. */
struct ce_spelling_ {
	char text[2 * CE_LONGEST_NAME_];
	size_t length; /* 0 if it is far longer than any name */
};

static inline struct ce_spelling_ ce_spell_(struct ce_span_ word)
{
	static const char prefix[] = "CAP_";
	struct ce_spelling_ spelling;
	const size_t length = (size_t)(word.end - word.at);
	bool has_prefix = length >= sizeof(prefix) - 1;
	size_t i;

	for (i = 0; has_prefix && i < sizeof(prefix) - 1; i++)
		has_prefix = ce_upper_(word.at[i]) == prefix[i];
	spelling.length = has_prefix ? 0 : sizeof(prefix) - 1;
	memcpy(spelling.text, prefix, spelling.length);
	if (spelling.length + length > sizeof(spelling.text)) {
		spelling.length = 0;
		return spelling;
	}
	for (i = 0; i < length; i++)
		spelling.text[spelling.length++] = ce_upper_(word.at[i]);
	return spelling;
}

static inline unsigned ce_least_(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* The number of letters to insert, remove, replace or swap with their neighbour, to get from one name to the other. */
static inline unsigned ce_distance_(const char *a, size_t a_length, const char *b, size_t b_length)
{
	unsigned rows[3][CE_LONGEST_NAME_ + 1];
	unsigned *before = rows[0], *last = rows[1], *row = rows[2], *spare;
	size_t i, j;

	for (j = 0; j <= b_length; j++)
		last[j] = (unsigned)j;
	for (i = 1; i <= a_length; i++) {
		row[0] = (unsigned)i;
		for (j = 1; j <= b_length; j++) {
			row[j] = ce_least_(ce_least_(last[j], row[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = ce_least_(row[j], before[j - 2] + 1);
		}
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[b_length];
}

/* The nearest name to a word. NULL if all have more than one mistake and one more for every four letters. */
static inline const char *ce_nearest_(struct ce_span_ word)
{
	const struct ce_spelling_ typed = ce_spell_(word);
	const char *nearest = NULL;
	unsigned best;
	size_t i;

	if (typed.length == 0)
		return NULL;
	best = ((unsigned)typed.length - 4) / 4 + 2;
	for (i = 0; i < CE_NAME_COUNT_; i++) {
		const unsigned distance = ce_distance_(typed.text, typed.length, ce_names_[i], strlen(ce_names_[i]));

		if (distance < best) {
			best = distance;
			nearest = ce_names_[i];
		}
	}
	return nearest;
}

/**
 * The name that was probably meant by a word that is none of them: "CAP_READ" for "raed". NULL if none is near.
 */
CE_API const char *ce_right_nearest(const char *typo)
{
	return typo == NULL ? NULL : ce_nearest_(ce_span_of_(typo));
}

#endif /* CE_NAMES_H_ */
