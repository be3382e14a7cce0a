/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts of capsicum_easy.h, in the order in which they build on each other. The generator joins them.
 */
#ifdef __GNUC__
#pragma GCC diagnostic push
/* What libc's headers hide under -std=c99 is declared here; under other options that is the second time. */
#pragma GCC diagnostic ignored "-Wredundant-decls"
#ifdef __cplusplus
/* They are C as well as C++, with C's casts and NULL: of no use to whoever has these warnings on for C++. */
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wzero-as-null-pointer-constant"
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wuseless-cast"
#endif
#endif
#endif

#include "base.h"
#include "system.h"
#include "constants.h"
#include "sets.h"
#include "calls.h"
#include "names.h"
#include "text.h"
#include "descriptor.h"
#include "enforcement.h"
#include "limiting.h"
#include "opening.h"
#include "making.h"
#include "mode.h"
#include "lost.h"
#include "streams.h"
#include "sandbox.h"
#include "preparing.h"
#include "processes.h"
#include "explain.h"

#ifdef __GNUC__
#pragma GCC diagnostic pop
#endif
