/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Results as the C library gives them: a structure whose strings and arrays lie in one buffer.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "casper.h"

#define FIRST_SIZE 1024u

void *arena_take(struct arena *arena, size_t size, size_t alignment)
{
	size_t padding = (alignment - (uintptr_t)arena->at % alignment) % alignment;
	char *taken = arena->at + padding;

	if (arena->left < padding || arena->left - padding < size)
		return NULL;
	arena->at = taken + size;
	arena->left -= padding + size;
	return taken;
}

char *arena_string(struct arena *arena, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = arena_take(arena, size, 1);

	return copy == NULL ? NULL : memcpy(copy, text, size);
}

/* A copy of one value, string or binary. */
static char *copy_value(struct arena *arena, int type, void *cookie)
{
	const void *bytes;
	size_t size;
	char *copy;

	if (type == NV_TYPE_STRING)
		return arena_string(arena, cnvlist_get_string(cookie));
	if (type != NV_TYPE_BINARY)
		return arena_string(arena, "");
	bytes = cnvlist_get_binary(cookie, &size);
	copy = arena_take(arena, size, _Alignof(max_align_t));
	return copy == NULL ? NULL : memcpy(copy, bytes, size);
}

/* The values of a list, strings or binaries, as an array that ends with NULL. */
char **arena_array(struct arena *arena, const nvlist_t *list)
{
	void *cookie = NULL;
	size_t count = 1;
	size_t at = 0;
	char **array;
	int type;

	while (nvlist_next(list, &type, &cookie) != NULL)
		count++;
	array = arena_take(arena, count * sizeof(*array), _Alignof(char *));
	cookie = NULL;
	while (array != NULL && nvlist_next(list, &type, &cookie) != NULL) {
		array[at] = copy_value(arena, type, cookie);
		if (array[at++] == NULL)
			return NULL;
	}
	if (array != NULL)
		array[at] = NULL;
	return array;
}

/* Builds a result in a buffer that grows as needed and that the caller keeps. 0 or ENOMEM. */
int build_growing(build_func_t *build, const nvlist_t *answer, void *result, char **buffer, size_t *size)
{
	int error = *buffer == NULL ? ERANGE : build(answer, result, *buffer, *size);

	while (error == ERANGE) {
		size_t larger = *size == 0 ? FIRST_SIZE : *size * 2;
		char *grown = realloc(*buffer, larger);

		if (grown == NULL)
			return ENOMEM;
		*buffer = grown;
		*size = larger;
		error = build(answer, result, grown, larger);
	}
	return error;
}
