/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Limits of services: how a client narrows them, and what each service asks of new ones.
 *
 * Limits are a list with a part for each thing that can be limited, itself a list. A part that is missing limits
 * nothing; an empty one allows nothing. New limits must keep every part that is there, and each must be within the old
 * one.
 */
#include <errno.h>
#include <string.h>

#include "casper.h"

#define NAME_SIZE NI_MAXHOST

/*
 * Whether a name is longer than any host, service, user, group or protocol has. What the C library is configured to ask
 * copies names to its stack: a user of 4 MiB ends a process on Debian 12.
 */
bool name_too_long(const char *name)
{
	return name != NULL && strlen(name) >= NAME_SIZE;
}

/* The names as items without a value. A name twice is EEXIST, NULL is EINVAL; both show in the list's error. */
nvlist_t *limits_of_names(const char *const *names, size_t count)
{
	nvlist_t *list = nvlist_create(0);

	for (size_t at = 0; at < count; at++)
		nvlist_add_null(list, names[at]);
	return list;
}

/* Replaces one part of a channel's limits, keeping the others. Takes the part in any case. */
int limits_replace(const cap_channel_t *chan, const char *name, nvlist_t *part)
{
	nvlist_t *limits;

	if (cap_limit_get(chan, &limits) != 0) {
		nvlist_destroy(part);
		return -1;
	}
	if (limits == NULL)
		limits = nvlist_create(0);
	nvlist_free(limits, name);
	nvlist_move_nvlist(limits, name, part);
	return cap_limit_set(chan, limits);
}

bool limits_only(const nvlist_t *list, const char *const *names)
{
	void *cookie = NULL;
	const char *name;
	int type;

	while ((name = nvlist_next(list, &type, &cookie)) != NULL) {
		size_t at = 0;

		while (names[at] != NULL && strcmp(names[at], name) != 0)
			at++;
		if (names[at] == NULL || type != NV_TYPE_NVLIST)
			return false;
	}
	return true;
}

bool limits_part_kept(const nvlist_t *old, const nvlist_t *wanted, const char *name)
{
	return !nvlist_exists_nvlist(old, name) || nvlist_exists_nvlist(wanted, name);
}

bool limits_names_within(const nvlist_t *old, const nvlist_t *wanted)
{
	void *cookie = NULL;
	const char *name;

	if (old == NULL)
		return true;
	while ((name = nvlist_next(wanted, NULL, &cookie)) != NULL)
		if (!nvlist_exists_null(old, name))
			return false;
	return true;
}

bool limits_has_string(const nvlist_t *list, const char *text)
{
	void *cookie = NULL;
	int type;

	while (nvlist_next(list, &type, &cookie) != NULL)
		if (type == NV_TYPE_STRING && strcmp(cnvlist_get_string(cookie), text) == 0)
			return true;
	return false;
}

bool limits_has_number(const nvlist_t *list, uint64_t number)
{
	void *cookie = NULL;
	int type;

	while (nvlist_next(list, &type, &cookie) != NULL)
		if (type == NV_TYPE_NUMBER && cnvlist_get_number(cookie) == number)
			return true;
	return false;
}

bool limits_has_binary(const nvlist_t *list, const void *bytes, size_t size)
{
	void *cookie = NULL;
	int type;

	while (nvlist_next(list, &type, &cookie) != NULL) {
		const void *value;
		size_t length;

		if (type != NV_TYPE_BINARY)
			continue;
		value = cnvlist_get_binary(cookie, &length);
		if (length == size && memcmp(value, bytes, size) == 0)
			return true;
	}
	return false;
}

/* Whether each value, whatever its name, is among the old ones. Other kinds of values are among none. */
bool limits_values_within(const nvlist_t *old, const nvlist_t *wanted)
{
	void *cookie = NULL;
	bool ok = true;
	int type;

	while (ok && nvlist_next(wanted, &type, &cookie) != NULL) {
		const void *bytes;
		size_t size;

		if (type == NV_TYPE_STRING) {
			ok = old == NULL || limits_has_string(old, cnvlist_get_string(cookie));
		} else if (type == NV_TYPE_NUMBER) {
			ok = old == NULL || limits_has_number(old, cnvlist_get_number(cookie));
		} else if (type == NV_TYPE_BINARY) {
			bytes = cnvlist_get_binary(cookie, &size);
			ok = old == NULL || limits_has_binary(old, bytes, size);
		} else {
			ok = false;
		}
	}
	return ok;
}
