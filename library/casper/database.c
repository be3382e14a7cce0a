/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the databases of users and groups, pwd.c and grp.c, have in common: their limits, what "none" is, and the
 * client's two ways to get an entry.
 */
#include <errno.h>
#include <stdio.h>

#include "casper.h"

/* Whether limits let a field be answered. */
bool database_allows_field(const nvlist_t *limits, const char *field)
{
	const nvlist_t *fields = nvlist_get_nvlist(limits, "fields");

	return fields == NULL || nvlist_exists_null(fields, field);
}

/* The limit function: cmds and fields are names, the entries strings or numbers. 0 or an errno. */
int database_limit(const nvlist_t *old, const nvlist_t *wanted, const char *entries)
{
	const char *const parts[] = { "cmds", "fields", entries, NULL };

	if (!limits_only(wanted, parts))
		return EINVAL;
	for (size_t at = 0; parts[at] != NULL; at++)
		if (!limits_part_kept(old, wanted, parts[at]))
			return ENOTCAPABLE;
	if (!limits_names_within(nvlist_get_nvlist(old, "cmds"), nvlist_get_nvlist(wanted, "cmds")) ||
	    !limits_names_within(nvlist_get_nvlist(old, "fields"), nvlist_get_nvlist(wanted, "fields")) ||
	    !limits_values_within(nvlist_get_nvlist(old, entries), nvlist_get_nvlist(wanted, entries)))
		return ENOTCAPABLE;
	return 0;
}

/* NULL from libc is "none" unless it says what went wrong: getpwnam(3) and getgrnam(3) list what "none" may look like.
 */
int database_not_found(int error)
{
	return error == ENOENT || error == ESRCH || error == EBADF || error == EPERM ? 0 : error;
}

/* The next entry. A walk that was broken off begins anew, and passes what it had passed. */
const void *database_walk(struct walk *walk, const void *(*next)(void))
{
	const void *entry;

	for (size_t at = 0; walk->broken_off && at < walk->passed; at++)
		next();
	walk->broken_off = false;
	errno = 0;
	entry = next();
	walk->passed += entry != NULL;
	return entry;
}

/* The client's side. */

/* Asks for an entry and builds it in memory that grows with it. False, with errno, where there is none. */
bool database_ask(const cap_channel_t *chan, nvlist_t *request, build_func_t *build, void *entry,
		  struct growing *memory)
{
	nvlist_t *answer = channel_ask(chan, request);
	bool found = dnvlist_get_bool(answer, "found", false);
	int error = found ? build_growing(build, answer, entry, &memory->bytes, &memory->size) : 0;

	nvlist_destroy(answer);
	if (error != 0)
		errno = error;
	return found && error == 0;
}

/* The same in the caller's memory. 0, with *found, or an errno. */
int database_ask_r(const cap_channel_t *chan, nvlist_t *request, build_func_t *build, void *entry, char *buffer,
		   size_t size, bool *found)
{
	nvlist_t *answer = channel_ask(chan, request);
	int error = answer == NULL ? errno : 0;

	*found = dnvlist_get_bool(answer, "found", false);
	if (*found)
		error = build(answer, entry, buffer, size);
	*found = *found && error == 0;
	nvlist_destroy(answer);
	return error;
}

nvlist_t *database_request_number(const char *command, const char *item, uint64_t number)
{
	nvlist_t *request = channel_request(command);

	nvlist_add_number(request, item, number);
	return request;
}

/* The part of the limits that says which entries: name0 ... are strings, number0 ... numbers of 32 bits. */
nvlist_t *database_entries(const char *name, const char *const *names, size_t nnames, const char *number,
			   const uint32_t *numbers, size_t nnumbers)
{
	nvlist_t *entries = nvlist_create(0);
	char item[32];

	for (size_t at = 0; at < nnames; at++) {
		snprintf(item, sizeof(item), "%s%zu", name, at);
		nvlist_add_string(entries, item, names[at]);
	}
	for (size_t at = 0; at < nnumbers; at++) {
		snprintf(item, sizeof(item), "%s%zu", number, at);
		nvlist_add_number(entries, item, numbers[at]);
	}
	return entries;
}
