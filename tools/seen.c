/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a watched program was seen to do: each thing once, however often it happened.
 */
#include "trace.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct thing *seen_thing(struct seen *seen, const char *what, bool is_path, int flags, int number,
			 const struct thing *origin)
{
	static const struct thing empty = { .number = -1, .flags = -1, .rights = CE_NO_RIGHTS };
	struct thing *thing;
	size_t i;

	for (i = 0; i < seen->nthings; i++) {
		thing = seen->things[i];
		if (thing->flags == flags && thing->number == number && thing->origin == origin &&
		    strcmp(thing->what, what) == 0)
			return thing;
	}
	seen->things = (struct thing **)grown(seen->things, seen->nthings, sizeof(seen->things[0]));
	thing = (struct thing *)allocate(sizeof(*thing));
	*thing = empty;
	thing->what = copy_text(what);
	thing->is_path = is_path;
	thing->flags = flags;
	thing->number = number;
	thing->origin = origin;
	seen->things[seen->nthings++] = thing;
	return thing;
}

struct thing *seen_new_thing(struct seen *seen, const char *what)
{
	/* Unlike any other until it has a number of opens: no flags are so. */
	struct thing *thing = seen_thing(seen, what, false, INT_MIN + (int)seen->nthings, -1, NULL);

	thing->flags = -1;
	return thing;
}

void seen_merge(struct thing *into, struct thing *thing)
{
	size_t i;

	ce_rights_merge(&into->rights, &thing->rights);
	into->fcntls |= thing->fcntls;
	into->nonblocking = into->nonblocking || thing->nonblocking;
	for (i = 0; i < thing->nioctls; i++)
		seen_ioctl(into, thing->ioctls[i]);
	for (i = 0; i < thing->nuses; i++) {
		struct use *use = seen_use(into, thing->uses[i].call, thing->uses[i].command);

		use->times += thing->uses[i].times;
		use->succeeded = use->succeeded || thing->uses[i].succeeded;
		use->event_only = thing->uses[i].event_only;
		use->error = thing->uses[i].error;
	}
	into->opens += thing->opens;
	thing->merged = true;
}

struct use *seen_use(struct thing *thing, const char *call, unsigned long command)
{
	size_t i;

	for (i = 0; i < thing->nuses; i++)
		if (thing->uses[i].call == call && thing->uses[i].command == command)
			return &thing->uses[i];
	thing->uses = (struct use *)grown(thing->uses, thing->nuses, sizeof(thing->uses[0]));
	thing->uses[thing->nuses].call = call;
	thing->uses[thing->nuses].command = command;
	return &thing->uses[thing->nuses++];
}

void seen_ioctl(struct thing *thing, unsigned long command)
{
	size_t i;

	for (i = 0; i < thing->nioctls; i++)
		if (thing->ioctls[i] == command)
			return;
	if (i < sizeof(thing->ioctls) / sizeof(thing->ioctls[0]))
		thing->ioctls[thing->nioctls++] = command;
}

void seen_refusal(struct seen *seen, const char *call, const char *text, int error, const struct thing *socket)
{
	struct refusal *refusal;
	size_t i;

	for (i = 0; i < seen->nrefusals; i++) {
		refusal = &seen->refusals[i];
		if (refusal->call == call && (refusal->error == 0) == (error == 0) && refusal->socket == socket &&
		    strcmp(refusal->text, text) == 0)
			break;
	}
	if (i == seen->nrefusals) {
		seen->refusals = (struct refusal *)grown(seen->refusals, i, sizeof(*refusal));
		refusal = &seen->refusals[seen->nrefusals++];
		refusal->call = call;
		refusal->text = copy_text(text);
		refusal->error = error;
		refusal->socket = socket;
		refusal->first = seen->now;
	}
	refusal = &seen->refusals[i];
	refusal->last = seen->now;
	refusal->times++;
}

void seen_closed(struct seen *seen, const char *call, const struct thing *thing)
{
	size_t i;

	for (i = 0; i < seen->nclosed; i++)
		if (seen->closed[i].call == call && seen->closed[i].thing == thing)
			break;
	if (i == seen->nclosed) {
		seen->closed = (struct closed *)grown(seen->closed, i, sizeof(seen->closed[0]));
		seen->closed[i].call = call;
		seen->closed[i].thing = thing;
		seen->nclosed++;
	}
	seen->closed[i].times++;
}

void seen_looked(struct seen *seen, const char *path, bool there, bool status)
{
	size_t i;

	for (i = 0; i < seen->nlooked; i++)
		if (strcmp(seen->looked[i].path, path) == 0)
			break;
	if (i == seen->nlooked) {
		seen->looked = (struct looked *)grown(seen->looked, i, sizeof(seen->looked[0]));
		seen->looked[i].path = copy_text(path);
		seen->nlooked++;
	}
	seen->looked[i].there = seen->looked[i].there || there;
	seen->looked[i].status = seen->looked[i].status || status;
	seen->looked[i].missing = seen->looked[i].missing || !there;
}
