/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text: a set of rights written as names, "CAP_READ, CAP_SEEK", as in a configuration file or a message.
 *
 * ce_rights_parse() reads back exactly the set that ce_rights_format() wrote, bits without a name included.
 */
#ifndef CE_TEXT_H_
#define CE_TEXT_H_

#include "base.h"
#include "names.h"

/** Which word of a text is wrong. */
struct ce_text_error {
	size_t position;	/**< where it begins, in bytes */
	size_t length;		/**< how long it is, in bytes */
	const char *suggestion; /**< the name that was probably meant, or NULL */
};

/* Returns the value of a hexadecimal digit, or 16. */
static inline unsigned ce_digit_(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c = ce_upper_(c);
	return c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10 : 16;
}

/* Returns the value of a word such as "0x200000000000008", or 0 if it is no such number or is too large. */
static inline uint64_t ce_hexadecimal_(struct ce_span_ word)
{
	uint64_t value = 0;

	if (word.end - word.at < 3 || word.at[0] != '0' || ce_upper_(word.at[1]) != 'X')
		return 0;
	for (word.at += 2; word.at < word.end; word.at++) {
		const unsigned digit = ce_digit_(*word.at);

		if (digit > 15 || value >> 60 != 0)
			return 0;
		value = value << 4 | digit;
	}
	return value;
}

/* Returns the bits that a word stands for, with the index of their word; 0 if it stands for nothing. */
static inline uint64_t ce_word_value_(struct ce_span_ word)
{
	const uint64_t exact = ce_right_by_name_n(word.at, (size_t)(word.end - word.at));
	struct ce_spelling_ spelling;
	uint64_t number;

	if (exact != 0)
		return exact;
	number = ce_hexadecimal_(word);
	if (number != 0)
		return ce_word_of_(number) >= 0 && (number & CE_BITS_) != 0 ? number : 0;
	spelling = ce_spell_(word);
	return ce_right_by_name_n(spelling.text, spelling.length);
}

/**
 * Reads a set from text: names, separated by commas, white space or "|". Upper and lower case are the same, and "CAP_"
 * may be left out. A number such as 0x200000000000008 stands for these bits of the word whose index bit it has. Text
 * without any word is the empty set.
 *
 * Returns 0, or -1 with EINVAL if a word is none of these: `set` is then left as it was, and the first such word is
 * stored in `error` if that is not NULL; EFAULT if `text` or `set` is NULL.
 */
CE_API int ce_rights_parse(const char *text, cap_rights_t *set, struct ce_text_error *error)
{
	cap_rights_t result = CE_NO_RIGHTS;
	struct ce_span_ rest, word;

	if (text == NULL || set == NULL)
		return ce_fail_(EFAULT);
	rest = ce_span_of_(text);
	while (ce_next_word_(&rest, &word)) {
		const uint64_t value = ce_word_value_(word);

		if (value == 0) {
			if (error != NULL) {
				error->position = (size_t)(word.at - text);
				error->length = (size_t)(word.end - word.at);
				error->suggestion = ce_nearest_(word);
			}
			return ce_fail_(EINVAL);
		}
		result.cr_rights[ce_word_of_(value)] |= value;
	}
	*set = result;
	return 0;
}

/* Text on its way into a buffer; `length` also counts what did not fit. */
struct ce_writer_ {
	char *buffer;
	size_t size;
	size_t length;
};

static inline void ce_write_(struct ce_writer_ *out, const char *text)
{
	for (; *text != '\0'; text++, out->length++)
		if (out->length < out->size)
			out->buffer[out->length] = *text;
}

/* Ends a text that was written; returns its whole length. */
static inline int ce_write_end_(const struct ce_writer_ *out)
{
	if (out->size != 0)
		out->buffer[out->length < out->size ? out->length : out->size - 1] = '\0';
	return (int)out->length;
}

static inline struct ce_writer_ ce_writer_to_(char *buffer, size_t size)
{
	struct ce_writer_ out;

	out.buffer = buffer;
	out.size = buffer != NULL ? size : 0;
	out.length = 0;
	return out;
}

static inline void ce_write_number_(struct ce_writer_ *out, uint64_t value, unsigned base)
{
	char text[24];
	size_t at = sizeof(text) - 1;

	text[at] = '\0';
	do {
		text[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	ce_write_(out, base == 16 ? "0x" : "");
	ce_write_(out, text + at);
}

static inline void ce_write_item_(struct ce_writer_ *out, const char *text)
{
	if (out->length != 0)
		ce_write_(out, ", ");
	ce_write_(out, text);
}

/* Writes a word of which some bits have no name. */
static inline void ce_write_bits_(struct ce_writer_ *out, uint64_t value)
{
	char text[] = "0x0000000000000000";
	size_t i;

	for (i = sizeof(text) - 2; value != 0; i--, value >>= 4)
		text[i] = "0123456789abcdef"[value & 15];
	ce_write_item_(out, text);
}

/* Chooses the fewest names whose rights make up a set; returns what is left of it, the bits without a name. */
static inline cap_rights_t ce_choose_names_(const cap_rights_t *set, bool chosen[CE_RIGHT_COUNT_])
{
	cap_rights_t rest = *set;
	size_t i;

	for (i = 0; i < CE_RIGHT_COUNT_; i++) {
		const unsigned index = ce_by_size_[i];
		const uint64_t right = ce_values_[index];
		const int word = ce_word_of_(right);

		chosen[index] = (right & ~set->cr_rights[word]) == 0 && (right & CE_BITS_ & rest.cr_rights[word]) != 0;
		if (chosen[index])
			rest.cr_rights[word] &= ~(right & CE_BITS_);
	}
	return rest;
}

/**
 * Writes a set as text: the fewest names that make it up, in the header's order and with ", " between them, then bits
 * without a name as numbers. The empty set is "".
 *
 * As snprintf(3): at most `size` bytes with the final NUL are stored, none if `size` is 0, when `buffer` may be NULL.
 * Returns the length of the whole text, or -1 with EINVAL if the set is not valid, EFAULT if there is no buffer.
 */
CE_API int ce_rights_format(const cap_rights_t *set, char *buffer, size_t size)
{
	struct ce_writer_ out;
	bool chosen[CE_RIGHT_COUNT_];
	cap_rights_t rest;
	unsigned i;

	if (!ce_rights_is_valid(set))
		return ce_fail_(EINVAL);
	if (buffer == NULL && size != 0)
		return ce_fail_(EFAULT);
	out = ce_writer_to_(buffer, size);
	rest = ce_choose_names_(set, chosen);
	for (i = 0; i < CE_RIGHT_COUNT_; i++)
		if (chosen[i])
			ce_write_item_(&out, ce_names_[i]);
	for (i = 0; i < 2; i++)
		if ((rest.cr_rights[i] & CE_BITS_) != 0)
			ce_write_bits_(&out, rest.cr_rights[i]);
	return ce_write_end_(&out);
}

#endif /* CE_TEXT_H_ */
