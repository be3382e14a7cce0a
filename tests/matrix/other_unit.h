/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the units of the matrix's program tell each other.
 */
#ifndef OTHER_UNIT_H
#define OTHER_UNIT_H

#ifdef __cplusplus
extern "C" {
#endif

/* Each limits the descriptor and writes its rights as text. Returns 0, or the errno of what failed. */
int other_unit(int fd, char *text, size_t size);
int shared_unit(int fd, char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
