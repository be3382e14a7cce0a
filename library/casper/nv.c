/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lists of named values: include/linux/sys/nv.h. An array in the order of adding, and a hash over the names once there
 * are more than a few, since a list of fileargs may hold as many names as a command line.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "casper.h"

#define WITHOUT_HASH 8u
#define END UINT32_MAX

struct item {
	char *name;
	uint32_t hash;
	uint32_t next; /* the item after this one in its bucket, or END */
	int type;
	size_t size; /* of a binary */
	union {
		uint64_t number; /* a bool too */
		char *string;
		void *binary;
		nvlist_t *list;
		int fd;
	} value;
};

struct nvlist {
	int flags;
	int error;
	uint32_t count;
	uint32_t room;
	uint32_t buckets; /* a power of two, or 0: no hash yet */
	uint32_t *heads;
	struct item *items;
};

/* FNV-1a. Names are bounded and a client can only slow itself: its list is in a process of its own. */
static uint32_t hash_of(const char *name)
{
	uint32_t hash = 2166136261u;

	while (*name != '\0')
		hash = (hash ^ (uint8_t)*name++) * 16777619u;
	return hash;
}

static bool same_name(const nvlist_t *list, const struct item *item, const char *name, uint32_t hash)
{
	if ((list->flags & NV_FLAG_IGNORE_CASE) != 0)
		return strcasecmp(item->name, name) == 0;
	return item->hash == hash && strcmp(item->name, name) == 0;
}

/* type NV_TYPE_NONE: any. */
static struct item *find(const nvlist_t *list, const char *name, int type)
{
	const bool hashed = list != NULL && list->buckets > 0 && (list->flags & NV_FLAG_IGNORE_CASE) == 0;
	uint32_t hash;
	uint32_t at;

	if (list == NULL || list->error != 0 || name == NULL || list->count == 0)
		return NULL;
	hash = hash_of(name);
	at = hashed ? list->heads[hash & (list->buckets - 1)] : 0;
	while (at < list->count) {
		struct item *item = &list->items[at];

		if ((type == NV_TYPE_NONE || item->type == type) && same_name(list, item, name, hash))
			return item;
		at = hashed ? item->next : at + 1;
	}
	return NULL;
}

static void hash_one(nvlist_t *list, uint32_t at)
{
	uint32_t *head = &list->heads[list->items[at].hash & (list->buckets - 1)];

	list->items[at].next = *head;
	*head = at;
}

/* Makes a hash with at least as many buckets as there is room for items; without memory the list does without one. */
static void hash_all(nvlist_t *list)
{
	free(list->heads);
	list->buckets = 0;
	list->heads = list->room > WITHOUT_HASH ? malloc(list->room * sizeof(*list->heads)) : NULL;
	if (list->heads == NULL)
		return;
	list->buckets = list->room;
	memset(list->heads, 0xff, list->buckets * sizeof(*list->heads));
	for (uint32_t at = 0; at < list->count; at++)
		hash_one(list, at);
}

static bool grow(nvlist_t *list)
{
	uint32_t room = list->room > 0 ? list->room * 2 : WITHOUT_HASH;
	struct item *items;

	if (list->count < list->room)
		return true;
	items = room > list->room ? realloc(list->items, room * sizeof(*items)) : NULL;
	if (items == NULL) {
		list->error = ENOMEM;
		return false;
	}
	list->items = items;
	list->room = room;
	hash_all(list);
	return true;
}

/* An item of this name for the caller to fill, or NULL with the list's error set. */
static struct item *add(nvlist_t *list, const char *name, int type)
{
	struct item *item;

	if (list == NULL || list->error != 0)
		return NULL;
	if (name == NULL || strlen(name) >= NV_NAME_MAX)
		list->error = EINVAL;
	else if ((list->flags & NV_FLAG_NO_UNIQUE) == 0 && find(list, name, NV_TYPE_NONE) != NULL)
		list->error = EEXIST;
	if (list->error != 0 || !grow(list))
		return NULL;
	item = &list->items[list->count];
	memset(item, 0, sizeof(*item));
	item->name = strdup(name);
	if (item->name == NULL) {
		list->error = ENOMEM;
		return NULL;
	}
	item->type = type;
	item->hash = hash_of(name);
	list->count++;
	if (list->buckets > 0)
		hash_one(list, list->count - 1);
	return item;
}

static void close_quietly(int fd)
{
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
}

static void free_value(struct item *item)
{
	if (item->type == NV_TYPE_STRING)
		free(item->value.string);
	else if (item->type == NV_TYPE_BINARY)
		free(item->value.binary);
	else if (item->type == NV_TYPE_NVLIST)
		nvlist_destroy(item->value.list);
	else if (item->type == NV_TYPE_DESCRIPTOR)
		close_quietly(item->value.fd);
}

/* Takes an item out of the list; what it held is the caller's. */
static void remove_item(nvlist_t *list, struct item *item)
{
	size_t after = list->count - (size_t)(item - list->items) - 1;

	free(item->name);
	memmove(item, item + 1, after * sizeof(*item));
	list->count--;
	hash_all(list);
}

nvlist_t *nvlist_create(int flags)
{
	nvlist_t *list;

	if ((flags & ~(NV_FLAG_IGNORE_CASE | NV_FLAG_NO_UNIQUE)) != 0) {
		errno = EINVAL;
		return NULL;
	}
	list = calloc(1, sizeof(*list));
	if (list != NULL)
		list->flags = flags;
	return list;
}

void nvlist_destroy(nvlist_t *nvl)
{
	int error = errno;

	if (nvl == NULL)
		return;
	for (uint32_t at = 0; at < nvl->count; at++) {
		free_value(&nvl->items[at]);
		free(nvl->items[at].name);
	}
	free(nvl->heads);
	free(nvl->items);
	free(nvl);
	errno = error;
}

int nvlist_error(const nvlist_t *nvl)
{
	return nvl == NULL ? ENOMEM : nvl->error;
}

void nvlist_set_error(nvlist_t *nvl, int error)
{
	if (nvl != NULL && nvl->error == 0)
		nvl->error = error;
}

bool nvlist_empty(const nvlist_t *nvl)
{
	return nvl == NULL || nvl->count == 0;
}

int nvlist_flags(const nvlist_t *nvl)
{
	return nvl == NULL ? 0 : nvl->flags;
}

static void add_copy(nvlist_t *list, const struct item *item)
{
	switch (item->type) {
	case NV_TYPE_NULL:
		nvlist_add_null(list, item->name);
		break;
	case NV_TYPE_BOOL:
		nvlist_add_bool(list, item->name, item->value.number != 0);
		break;
	case NV_TYPE_NUMBER:
		nvlist_add_number(list, item->name, item->value.number);
		break;
	case NV_TYPE_STRING:
		nvlist_add_string(list, item->name, item->value.string);
		break;
	case NV_TYPE_NVLIST:
		nvlist_add_nvlist(list, item->name, item->value.list);
		break;
	case NV_TYPE_DESCRIPTOR:
		nvlist_add_descriptor(list, item->name, item->value.fd);
		break;
	default:
		nvlist_add_binary(list, item->name, item->value.binary, item->size);
	}
}

nvlist_t *nvlist_clone(const nvlist_t *nvl)
{
	nvlist_t *copy;

	if (nvlist_error(nvl) != 0) {
		errno = nvlist_error(nvl);
		return NULL;
	}
	copy = nvlist_create(nvl->flags);
	for (uint32_t at = 0; copy != NULL && at < nvl->count; at++)
		add_copy(copy, &nvl->items[at]);
	if (copy != NULL && copy->error != 0) {
		errno = copy->error;
		nvlist_destroy(copy);
		return NULL;
	}
	return copy;
}

const char *nvlist_next(const nvlist_t *nvl, int *type, void **cookie)
{
	const struct item *item = *cookie;

	if (nvlist_error(nvl) != 0 || nvl->count == 0)
		return NULL;
	item = item == NULL ? nvl->items : item + 1;
	if (item == nvl->items + nvl->count)
		return NULL;
	memcpy(cookie, &item, sizeof(item)); /* the cookie is the caller's to hold, not to write through */
	if (type != NULL)
		*type = item->type;
	return item->name;
}

bool nvlist_exists(const nvlist_t *nvl, const char *name)
{
	return find(nvl, name, NV_TYPE_NONE) != NULL;
}

bool nvlist_exists_type(const nvlist_t *nvl, const char *name, int type)
{
	return find(nvl, name, type) != NULL;
}

#define EXISTS(kind, KIND)                                               \
	bool nvlist_exists_##kind(const nvlist_t *nvl, const char *name) \
	{                                                                \
		return find(nvl, name, NV_TYPE_##KIND) != NULL;          \
	}
EXISTS(null, NULL)
EXISTS(bool, BOOL)
EXISTS(number, NUMBER)
EXISTS(string, STRING)
EXISTS(nvlist, NVLIST)
EXISTS(descriptor, DESCRIPTOR)
EXISTS(binary, BINARY)

void nvlist_add_null(nvlist_t *nvl, const char *name)
{
	add(nvl, name, NV_TYPE_NULL);
}

static void add_integer(nvlist_t *list, const char *name, int type, uint64_t value)
{
	struct item *item = add(list, name, type);

	if (item != NULL)
		item->value.number = value;
}

void nvlist_add_bool(nvlist_t *nvl, const char *name, bool value)
{
	add_integer(nvl, name, NV_TYPE_BOOL, value);
}

void nvlist_add_number(nvlist_t *nvl, const char *name, uint64_t value)
{
	add_integer(nvl, name, NV_TYPE_NUMBER, value);
}

void nvlist_move_string(nvlist_t *nvl, const char *name, char *value)
{
	struct item *item;

	if (value == NULL)
		nvlist_set_error(nvl, EINVAL);
	item = add(nvl, name, NV_TYPE_STRING);
	if (item != NULL)
		item->value.string = value;
	else
		free(value);
}

/* A copy that could not be made is an error of the list, unless there was nothing to copy. */
static bool copied(nvlist_t *list, const void *copy, const void *original)
{
	if (copy == NULL)
		nvlist_set_error(list, original == NULL ? EINVAL : ENOMEM);
	return copy != NULL;
}

void nvlist_add_string(nvlist_t *nvl, const char *name, const char *value)
{
	char *copy = value == NULL ? NULL : strdup(value);

	if (copied(nvl, copy, value))
		nvlist_move_string(nvl, name, copy);
}

void nvlist_add_stringf(nvlist_t *nvl, const char *name, const char *format, ...)
{
	char *text = NULL;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		nvlist_set_error(nvl, ENOMEM);
	else
		nvlist_move_string(nvl, name, text);
}

void nvlist_move_nvlist(nvlist_t *nvl, const char *name, nvlist_t *value)
{
	struct item *item;

	if (nvlist_error(value) != 0)
		nvlist_set_error(nvl, nvlist_error(value));
	item = add(nvl, name, NV_TYPE_NVLIST);
	if (item != NULL)
		item->value.list = value;
	else
		nvlist_destroy(value);
}

void nvlist_add_nvlist(nvlist_t *nvl, const char *name, const nvlist_t *value)
{
	nvlist_t *copy = value == NULL ? NULL : nvlist_clone(value);

	if (copied(nvl, copy, value))
		nvlist_move_nvlist(nvl, name, copy);
}

void nvlist_move_descriptor(nvlist_t *nvl, const char *name, int value)
{
	struct item *item;

	if (value < 0)
		nvlist_set_error(nvl, EBADF);
	item = add(nvl, name, NV_TYPE_DESCRIPTOR);
	if (item != NULL)
		item->value.fd = value;
	else
		close_quietly(value);
}

void nvlist_add_descriptor(nvlist_t *nvl, const char *name, int value)
{
	int copy = fcntl(value, F_DUPFD_CLOEXEC, 0);

	if (copy < 0)
		nvlist_set_error(nvl, errno);
	else
		nvlist_move_descriptor(nvl, name, copy);
}

void nvlist_move_binary(nvlist_t *nvl, const char *name, void *value, size_t size)
{
	struct item *item;

	if (value == NULL || size == 0)
		nvlist_set_error(nvl, EINVAL);
	item = add(nvl, name, NV_TYPE_BINARY);
	if (item != NULL) {
		item->value.binary = value;
		item->size = size;
	} else {
		free(value);
	}
}

void nvlist_add_binary(nvlist_t *nvl, const char *name, const void *value, size_t size)
{
	void *copy = value == NULL || size == 0 ? NULL : malloc(size);

	if (copied(nvl, copy, size == 0 ? NULL : value))
		nvlist_move_binary(nvl, name, memcpy(copy, value, size), size);
}

bool cnvlist_get_bool(void *cookie)
{
	return ((const struct item *)cookie)->value.number != 0;
}

uint64_t cnvlist_get_number(void *cookie)
{
	return ((const struct item *)cookie)->value.number;
}

const char *cnvlist_get_string(void *cookie)
{
	return ((const struct item *)cookie)->value.string;
}

const nvlist_t *cnvlist_get_nvlist(void *cookie)
{
	return ((const struct item *)cookie)->value.list;
}

int cnvlist_get_descriptor(void *cookie)
{
	return ((const struct item *)cookie)->value.fd;
}

const void *cnvlist_get_binary(void *cookie, size_t *size)
{
	if (size != NULL)
		*size = ((const struct item *)cookie)->size;
	return ((const struct item *)cookie)->value.binary;
}

/* Getting with what to give otherwise, getting with nothing otherwise, and taking: the same for each kind. */
#define ACCESS(kind, KIND, type, taken, nothing)                                               \
	type dnvlist_get_##kind(const nvlist_t *nvl, const char *name, type otherwise)         \
	{                                                                                      \
		struct item *item = find(nvl, name, NV_TYPE_##KIND);                           \
                                                                                               \
		return item == NULL ? otherwise : cnvlist_get_##kind(item);                    \
	}                                                                                      \
	type nvlist_get_##kind(const nvlist_t *nvl, const char *name)                          \
	{                                                                                      \
		return dnvlist_get_##kind(nvl, name, nothing);                                 \
	}                                                                                      \
	taken nvlist_take_##kind(nvlist_t *nvl, const char *name)                              \
	{                                                                                      \
		struct item *item = find(nvl, name, NV_TYPE_##KIND);                           \
		taken value = item == NULL ? (taken)nothing : (taken)cnvlist_get_##kind(item); \
                                                                                               \
		if (item != NULL)                                                              \
			remove_item(nvl, item);                                                \
		return value;                                                                  \
	}
ACCESS(bool, BOOL, bool, bool, false)
ACCESS(number, NUMBER, uint64_t, uint64_t, 0)
ACCESS(string, STRING, const char *, char *, NULL)
ACCESS(nvlist, NVLIST, const nvlist_t *, nvlist_t *, NULL)
ACCESS(descriptor, DESCRIPTOR, int, int, -1)

const void *dnvlist_get_binary(const nvlist_t *nvl, const char *name, size_t *size, const void *otherwise,
			       size_t otherwise_size)
{
	struct item *item = find(nvl, name, NV_TYPE_BINARY);

	if (item != NULL)
		return cnvlist_get_binary(item, size);
	if (size != NULL)
		*size = otherwise_size;
	return otherwise;
}

const void *nvlist_get_binary(const nvlist_t *nvl, const char *name, size_t *size)
{
	return dnvlist_get_binary(nvl, name, size, NULL, 0);
}

void *nvlist_take_binary(nvlist_t *nvl, const char *name, size_t *size)
{
	struct item *item = find(nvl, name, NV_TYPE_BINARY);
	void *value = NULL;

	if (size != NULL)
		*size = item == NULL ? 0 : item->size;
	if (item != NULL) {
		value = item->value.binary;
		remove_item(nvl, item);
	}
	return value;
}

void nvlist_free_type(nvlist_t *nvl, const char *name, int type)
{
	struct item *item = find(nvl, name, type);

	if (item != NULL) {
		free_value(item);
		remove_item(nvl, item);
	}
}

void nvlist_free(nvlist_t *nvl, const char *name)
{
	nvlist_free_type(nvl, name, NV_TYPE_NONE);
}
