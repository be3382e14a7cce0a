/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * libcapsicum_easy: all public functions as symbols, and on Linux those of FreeBSD's libc. For programs that define
 * CAPSICUM_EASY_DECLARATIONS, and for all that look for symbols rather than include a header: autoconf's
 * AC_SEARCH_LIBS, ctypes, foreign functions of Rust and Go.
 */
#define CAPSICUM_EASY_IMPLEMENTATION
#define CE_API __attribute__((visibility("default")))
#include <capsicum_easy.h>
