/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sets that are known when a program is compiled: constants, which cost nothing when it runs.
 *
 * A right has an index bit that says to which word of a set it belongs, so rights must not be ORed by hand. These
 * macros put each into its word, and do not compile with a value that is no right.
 */
#ifndef CE_CONSTANTS_H_
#define CE_CONSTANTS_H_

#include "system.h"

#include "base.h"
#include "rights-values.h"

/* An initialiser in a macro would be taken for a block: */
/* clang-format off */

/**
 * An initialiser for a cap_rights_t with up to 48 rights, all of them constants; without any, the empty set:
 *
 *     static const cap_rights_t input = CE_RIGHTS(CAP_READ, CAP_FSTAT, CAP_EVENT);
 *
 * It is a constant expression: in C for objects of any storage duration, in C++ also for constexpr ones. For a table of
 * pointers outside functions, C has `&(const cap_rights_t)CE_RIGHTS(CAP_READ)`, which is static there, and C++ CE_SET().
 */
#define CE_RIGHTS(...) { { CE_WORDS_(CE_COUNT_(__VA_ARGS__), __VA_ARGS__) } }

/** An initialiser for a set without any right. */
#define CE_NO_RIGHTS { { CE_INDEX_(0), CE_INDEX_(1) } }

/** An initialiser for a set with every right that the system's own header has. */
#define CE_ALL_RIGHTS { { CAP_ALL0, CAP_ALL1 } }

/**
 * A `const cap_rights_t *` to a constant set, for use inside functions, in C++ also outside; CE_RIGHTS() says what it
 * takes. The set exists as long as the program does.
 *
 *     ce_limit(fd, CE_SET(CAP_READ, CAP_SEEK));
 */
#if defined(__cplusplus)
#define CE_SET(...) (&ce_constant_set_<CE_WORDS_(CE_COUNT_(__VA_ARGS__), __VA_ARGS__)>::set)
#elif defined(__GNUC__) || defined(__TINYC__)
/* Not a compound literal: compilers build that on the stack each time. */
#define CE_SET(...)                                                                                                    \
	(__extension__({                                                                                               \
		static const cap_rights_t ce_set_ = CE_RIGHTS(__VA_ARGS__);                                            \
		ce_address_(&ce_set_);                                                                                 \
	}))
/*
 * A call, so that the address is no constant expression: where all of an automatic variable's initialiser is one, clang
 * 14 refers to the static set but leaves its value out, all zeros.
 */
static inline const cap_rights_t *ce_address_(const cap_rights_t *set)
{
	return set;
}
#else
#define CE_SET(...) (&(const cap_rights_t)CE_RIGHTS(__VA_ARGS__))
#endif

/* The parts of a word: bits 63 to 57, of which the version is zero and one index bit is set; and the rights. */
#define CE_INDEX_(word) (UINT64_C(1) << (CE_INDEX_SHIFT_ + (word)))
#define CE_BITS_ (CE_INDEX_(0) - 1)

/* The bits that a right of a word may have: those of any release, and those of a header newer than this file. */
#define CE_MASK0_ (CE_KNOWN0_ | CAP_ALL0)
#define CE_MASK1_ (CE_KNOWN1_ | CAP_ALL1)

/* What is wrong with a value, if anything. */
#define CE_INDEXES_ (UINT64_C(3) << CE_INDEX_SHIFT_)
#define CE_IS_OF_TWO_WORDS_(x) (((x) & CE_INDEXES_) == CE_INDEXES_)
#define CE_IS_EMPTY_(x) (((x) & CE_BITS_) == 0 || ((x) & CE_INDEXES_) == 0)
#define CE_IS_UNKNOWN_(x) (((x) & ~CE_MASK0_) != 0 && ((x) & ~CE_MASK1_) != 0)

/*
 * An argument that may be nothing at all, as in CE_RIGHTS(): then it is 0. It is nothing if "- x - 1" says "- - 1"; of a value
 * that is 1 only where the value is -2, which is no right.
 */
#define CE_VALUE_(x) (x + 0)
#define CE_IS_NOTHING_(x) ((- x - 1) == 1)

/* The bits of a right that go into a word. */
#define CE_PART_(word, x) (((x) & CE_INDEX_(word)) != 0 ? (x) : CE_INDEX_(word))

#ifdef __cplusplus
extern "C++" {
namespace {

template <uint64_t right, bool nothing> struct ce_constant_right_ {
	static_assert(!CE_IS_OF_TWO_WORDS_(right),
	              "CE_RIGHTS: separate rights with commas; ORed together, those of different words become no right");
	static_assert(nothing || !CE_IS_EMPTY_(right), "CE_RIGHTS: this value is no right: it has no bit of one");
	static_assert(CE_IS_OF_TWO_WORDS_(right) || !CE_IS_UNKNOWN_(right),
	              "CE_RIGHTS: this value has bits that are no right");
	static constexpr uint64_t word0 = CE_PART_(0, right);
	static constexpr uint64_t word1 = CE_PART_(1, right);
};

template <uint64_t word0, uint64_t word1> struct ce_constant_set_ {
	static const cap_rights_t set;
};
template <uint64_t word0, uint64_t word1>
const cap_rights_t ce_constant_set_<word0, word1>::set = { { word0, word1 } };

} // namespace
} // extern "C++"
#define CE_WORD0_(x) ce_constant_right_<CE_VALUE_(x), CE_IS_NOTHING_(x)>::word0
#define CE_WORD1_(x) ce_constant_right_<CE_VALUE_(x), CE_IS_NOTHING_(x)>::word1
#else
/* Zero, or an error that shows the member's name: the one way of C99 to check something inside an expression. */
#define CE_CHECK_(x, nothing)                                                                                             \
	(0 * sizeof(struct {                                                                                           \
		int CE_RIGHTS_separate_rights_with_commas_do_not_OR_them_ : CE_IS_OF_TWO_WORDS_(x) ? -1 : 1;            \
		int CE_RIGHTS_value_is_no_right_ : CE_IS_EMPTY_(x) && !(nothing) ? -1 : 1;                                            \
		int CE_RIGHTS_value_has_bits_that_are_no_right_                                                         \
		    : !CE_IS_OF_TWO_WORDS_(x) && CE_IS_UNKNOWN_(x) ? -1 : 1;                                           \
	}))
#define CE_WORD0_(x) (CE_CHECK_((uint64_t)CE_VALUE_(x), CE_IS_NOTHING_(x)) | CE_PART_(0, (uint64_t)CE_VALUE_(x)))
#define CE_WORD1_(x) CE_PART_(1, (uint64_t)CE_VALUE_(x))
#endif

/* Both words of a list of `count` rights. */
#define CE_WORDS_(count, ...) CE_OR_(count, CE_WORD0_, __VA_ARGS__), CE_OR_(count, CE_WORD1_, __VA_ARGS__)
#define CE_OR_(count, word, ...) CE_OR_OF_(count, word, __VA_ARGS__)
#define CE_OR_OF_(count, word, ...) CE_OR_##count##_(word, __VA_ARGS__)
#define CE_OR_MANY_(word, ...) CE_RIGHTS_takes_48_rights_at_most_
#define CE_OR_1_(word, x) word(x)
#define CE_OR_2_(word, x, ...) word(x) | CE_OR_1_(word, __VA_ARGS__)
#define CE_OR_3_(word, x, ...) word(x) | CE_OR_2_(word, __VA_ARGS__)
#define CE_OR_4_(word, x, ...) word(x) | CE_OR_3_(word, __VA_ARGS__)
#define CE_OR_5_(word, x, ...) word(x) | CE_OR_4_(word, __VA_ARGS__)
#define CE_OR_6_(word, x, ...) word(x) | CE_OR_5_(word, __VA_ARGS__)
#define CE_OR_7_(word, x, ...) word(x) | CE_OR_6_(word, __VA_ARGS__)
#define CE_OR_8_(word, x, ...) word(x) | CE_OR_7_(word, __VA_ARGS__)
#define CE_OR_9_(word, x, ...) word(x) | CE_OR_8_(word, __VA_ARGS__)
#define CE_OR_10_(word, x, ...) word(x) | CE_OR_9_(word, __VA_ARGS__)
#define CE_OR_11_(word, x, ...) word(x) | CE_OR_10_(word, __VA_ARGS__)
#define CE_OR_12_(word, x, ...) word(x) | CE_OR_11_(word, __VA_ARGS__)
#define CE_OR_13_(word, x, ...) word(x) | CE_OR_12_(word, __VA_ARGS__)
#define CE_OR_14_(word, x, ...) word(x) | CE_OR_13_(word, __VA_ARGS__)
#define CE_OR_15_(word, x, ...) word(x) | CE_OR_14_(word, __VA_ARGS__)
#define CE_OR_16_(word, x, ...) word(x) | CE_OR_15_(word, __VA_ARGS__)
#define CE_OR_17_(word, x, ...) word(x) | CE_OR_16_(word, __VA_ARGS__)
#define CE_OR_18_(word, x, ...) word(x) | CE_OR_17_(word, __VA_ARGS__)
#define CE_OR_19_(word, x, ...) word(x) | CE_OR_18_(word, __VA_ARGS__)
#define CE_OR_20_(word, x, ...) word(x) | CE_OR_19_(word, __VA_ARGS__)
#define CE_OR_21_(word, x, ...) word(x) | CE_OR_20_(word, __VA_ARGS__)
#define CE_OR_22_(word, x, ...) word(x) | CE_OR_21_(word, __VA_ARGS__)
#define CE_OR_23_(word, x, ...) word(x) | CE_OR_22_(word, __VA_ARGS__)
#define CE_OR_24_(word, x, ...) word(x) | CE_OR_23_(word, __VA_ARGS__)
#define CE_OR_25_(word, x, ...) word(x) | CE_OR_24_(word, __VA_ARGS__)
#define CE_OR_26_(word, x, ...) word(x) | CE_OR_25_(word, __VA_ARGS__)
#define CE_OR_27_(word, x, ...) word(x) | CE_OR_26_(word, __VA_ARGS__)
#define CE_OR_28_(word, x, ...) word(x) | CE_OR_27_(word, __VA_ARGS__)
#define CE_OR_29_(word, x, ...) word(x) | CE_OR_28_(word, __VA_ARGS__)
#define CE_OR_30_(word, x, ...) word(x) | CE_OR_29_(word, __VA_ARGS__)
#define CE_OR_31_(word, x, ...) word(x) | CE_OR_30_(word, __VA_ARGS__)
#define CE_OR_32_(word, x, ...) word(x) | CE_OR_31_(word, __VA_ARGS__)
#define CE_OR_33_(word, x, ...) word(x) | CE_OR_32_(word, __VA_ARGS__)
#define CE_OR_34_(word, x, ...) word(x) | CE_OR_33_(word, __VA_ARGS__)
#define CE_OR_35_(word, x, ...) word(x) | CE_OR_34_(word, __VA_ARGS__)
#define CE_OR_36_(word, x, ...) word(x) | CE_OR_35_(word, __VA_ARGS__)
#define CE_OR_37_(word, x, ...) word(x) | CE_OR_36_(word, __VA_ARGS__)
#define CE_OR_38_(word, x, ...) word(x) | CE_OR_37_(word, __VA_ARGS__)
#define CE_OR_39_(word, x, ...) word(x) | CE_OR_38_(word, __VA_ARGS__)
#define CE_OR_40_(word, x, ...) word(x) | CE_OR_39_(word, __VA_ARGS__)
#define CE_OR_41_(word, x, ...) word(x) | CE_OR_40_(word, __VA_ARGS__)
#define CE_OR_42_(word, x, ...) word(x) | CE_OR_41_(word, __VA_ARGS__)
#define CE_OR_43_(word, x, ...) word(x) | CE_OR_42_(word, __VA_ARGS__)
#define CE_OR_44_(word, x, ...) word(x) | CE_OR_43_(word, __VA_ARGS__)
#define CE_OR_45_(word, x, ...) word(x) | CE_OR_44_(word, __VA_ARGS__)
#define CE_OR_46_(word, x, ...) word(x) | CE_OR_45_(word, __VA_ARGS__)
#define CE_OR_47_(word, x, ...) word(x) | CE_OR_46_(word, __VA_ARGS__)
#define CE_OR_48_(word, x, ...) word(x) | CE_OR_47_(word, __VA_ARGS__)

/* The number of arguments; MANY from 49 to 96. */
#define CE_COUNT_(...) \
	CE_97TH_(__VA_ARGS__, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, \
	MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, \
	MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, 48, 47, 46, \
	45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, \
	18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define CE_97TH_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, \
	a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32, a33, a34, a35, a36, a37, a38, a39, a40, a41, \
	a42, a43, a44, a45, a46, a47, a48, a49, a50, a51, a52, a53, a54, a55, a56, a57, a58, a59, a60, a61, a62, \
	a63, a64, a65, a66, a67, a68, a69, a70, a71, a72, a73, a74, a75, a76, a77, a78, a79, a80, a81, a82, a83, \
	a84, a85, a86, a87, a88, a89, a90, a91, a92, a93, a94, a95, a96, n, ...) n

#endif /* CE_CONSTANTS_H_ */
