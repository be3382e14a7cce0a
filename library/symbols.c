/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * libcapsicum_easy: what FreeBSD's libc exports and Linux lacks, as symbols, for all that look for symbols rather than
 * include a header: autoconf's AC_CHECK_FUNCS, ctypes, foreign functions of Rust and Go. C programs need only the
 * header.
 */
#define CE_API __attribute__((visibility("default")))
#include <capsicum_easy.h>
