/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of named values, as FreeBSD's <sys/nv.h> has them: as much of it as libcasper's own interface takes and gives.
 *
 * The functions are those of nv(9). What differs: arrays are missing; where FreeBSD ends a program that asks for a
 * value that is not there, these give 0, NULL or -1. The symbols carry FreeBSD's own prefix, so that they do not meet
 * ZFS's libnvpair, which has functions of the same names.
 */
#ifndef _SYS_NV_H_
#define _SYS_NV_H_

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct nvlist;
typedef struct nvlist nvlist_t;

#define NV_NAME_MAX 2048
#define NV_TYPE_NONE 0
#define NV_TYPE_NULL 1
#define NV_TYPE_BOOL 2
#define NV_TYPE_NUMBER 3
#define NV_TYPE_STRING 4
#define NV_TYPE_NVLIST 5
#define NV_TYPE_DESCRIPTOR 6
#define NV_TYPE_BINARY 7
#define NV_FLAG_IGNORE_CASE 0x01
#define NV_FLAG_NO_UNIQUE 0x02

#define nvlist_create FreeBSD_nvlist_create
#define nvlist_destroy FreeBSD_nvlist_destroy
#define nvlist_error FreeBSD_nvlist_error
#define nvlist_set_error FreeBSD_nvlist_set_error
#define nvlist_empty FreeBSD_nvlist_empty
#define nvlist_flags FreeBSD_nvlist_flags
#define nvlist_clone FreeBSD_nvlist_clone
#define nvlist_next FreeBSD_nvlist_next
#define nvlist_exists FreeBSD_nvlist_exists
#define nvlist_exists_type FreeBSD_nvlist_exists_type
#define nvlist_exists_null FreeBSD_nvlist_exists_null
#define nvlist_exists_bool FreeBSD_nvlist_exists_bool
#define nvlist_exists_number FreeBSD_nvlist_exists_number
#define nvlist_exists_string FreeBSD_nvlist_exists_string
#define nvlist_exists_nvlist FreeBSD_nvlist_exists_nvlist
#define nvlist_exists_descriptor FreeBSD_nvlist_exists_descriptor
#define nvlist_exists_binary FreeBSD_nvlist_exists_binary
#define nvlist_add_null FreeBSD_nvlist_add_null
#define nvlist_add_bool FreeBSD_nvlist_add_bool
#define nvlist_add_number FreeBSD_nvlist_add_number
#define nvlist_add_string FreeBSD_nvlist_add_string
#define nvlist_add_stringf FreeBSD_nvlist_add_stringf
#define nvlist_add_nvlist FreeBSD_nvlist_add_nvlist
#define nvlist_add_descriptor FreeBSD_nvlist_add_descriptor
#define nvlist_add_binary FreeBSD_nvlist_add_binary
#define nvlist_move_string FreeBSD_nvlist_move_string
#define nvlist_move_nvlist FreeBSD_nvlist_move_nvlist
#define nvlist_move_descriptor FreeBSD_nvlist_move_descriptor
#define nvlist_move_binary FreeBSD_nvlist_move_binary
#define nvlist_get_bool FreeBSD_nvlist_get_bool
#define nvlist_get_number FreeBSD_nvlist_get_number
#define nvlist_get_string FreeBSD_nvlist_get_string
#define nvlist_get_nvlist FreeBSD_nvlist_get_nvlist
#define nvlist_get_descriptor FreeBSD_nvlist_get_descriptor
#define nvlist_get_binary FreeBSD_nvlist_get_binary
#define nvlist_take_bool FreeBSD_nvlist_take_bool
#define nvlist_take_number FreeBSD_nvlist_take_number
#define nvlist_take_string FreeBSD_nvlist_take_string
#define nvlist_take_nvlist FreeBSD_nvlist_take_nvlist
#define nvlist_take_descriptor FreeBSD_nvlist_take_descriptor
#define nvlist_take_binary FreeBSD_nvlist_take_binary
#define nvlist_free FreeBSD_nvlist_free
#define nvlist_free_type FreeBSD_nvlist_free_type
#define dnvlist_get_bool FreeBSD_dnvlist_get_bool
#define dnvlist_get_number FreeBSD_dnvlist_get_number
#define dnvlist_get_string FreeBSD_dnvlist_get_string
#define dnvlist_get_nvlist FreeBSD_dnvlist_get_nvlist
#define dnvlist_get_descriptor FreeBSD_dnvlist_get_descriptor
#define dnvlist_get_binary FreeBSD_dnvlist_get_binary
#define cnvlist_get_bool FreeBSD_cnvlist_get_bool
#define cnvlist_get_number FreeBSD_cnvlist_get_number
#define cnvlist_get_string FreeBSD_cnvlist_get_string
#define cnvlist_get_nvlist FreeBSD_cnvlist_get_nvlist
#define cnvlist_get_descriptor FreeBSD_cnvlist_get_descriptor
#define cnvlist_get_binary FreeBSD_cnvlist_get_binary

#ifdef __cplusplus
extern "C" {
#endif

/* A list, or NULL with ENOMEM or EINVAL (flags). Every function below but these two takes NULL as a list in error. */
nvlist_t *nvlist_create(int flags);
nvlist_t *nvlist_clone(const nvlist_t *nvl); /* copies of descriptors too; NULL if there is an error in the list */
void nvlist_destroy(nvlist_t *nvl);	     /* closes the descriptors in it; leaves errno alone */

/* What went wrong first: ENOMEM (or no list), EEXIST (the name is there), EINVAL, EBADF. A list in error takes no more.
 */
int nvlist_error(const nvlist_t *nvl);
void nvlist_set_error(nvlist_t *nvl, int error);
bool nvlist_empty(const nvlist_t *nvl);
int nvlist_flags(const nvlist_t *nvl);

/* The next name, in the order of adding; *cookie is NULL before the first. NULL after the last. */
const char *nvlist_next(const nvlist_t *nvl, int *type, void **cookie);

bool nvlist_exists(const nvlist_t *nvl, const char *name);
bool nvlist_exists_type(const nvlist_t *nvl, const char *name, int type);
bool nvlist_exists_null(const nvlist_t *nvl, const char *name);
bool nvlist_exists_bool(const nvlist_t *nvl, const char *name);
bool nvlist_exists_number(const nvlist_t *nvl, const char *name);
bool nvlist_exists_string(const nvlist_t *nvl, const char *name);
bool nvlist_exists_nvlist(const nvlist_t *nvl, const char *name);
bool nvlist_exists_descriptor(const nvlist_t *nvl, const char *name);
bool nvlist_exists_binary(const nvlist_t *nvl, const char *name);

/* Adding copies; moving takes the value over, freeing it when it cannot be added. Failures show in nvlist_error(). */
void nvlist_add_null(nvlist_t *nvl, const char *name);
void nvlist_add_bool(nvlist_t *nvl, const char *name, bool value);
void nvlist_add_number(nvlist_t *nvl, const char *name, uint64_t value);
void nvlist_add_string(nvlist_t *nvl, const char *name, const char *value);
void nvlist_add_stringf(nvlist_t *nvl, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
void nvlist_add_nvlist(nvlist_t *nvl, const char *name, const nvlist_t *value);
void nvlist_add_descriptor(nvlist_t *nvl, const char *name, int value);
void nvlist_add_binary(nvlist_t *nvl, const char *name, const void *value, size_t size);
void nvlist_move_string(nvlist_t *nvl, const char *name, char *value);
void nvlist_move_nvlist(nvlist_t *nvl, const char *name, nvlist_t *value);
void nvlist_move_descriptor(nvlist_t *nvl, const char *name, int value);
void nvlist_move_binary(nvlist_t *nvl, const char *name, void *value, size_t size);

/* The list keeps what these give. */
bool nvlist_get_bool(const nvlist_t *nvl, const char *name);
uint64_t nvlist_get_number(const nvlist_t *nvl, const char *name);
const char *nvlist_get_string(const nvlist_t *nvl, const char *name);
const nvlist_t *nvlist_get_nvlist(const nvlist_t *nvl, const char *name);
int nvlist_get_descriptor(const nvlist_t *nvl, const char *name);
const void *nvlist_get_binary(const nvlist_t *nvl, const char *name, size_t *size);

/* These take the value out; the caller frees or closes it. */
bool nvlist_take_bool(nvlist_t *nvl, const char *name);
uint64_t nvlist_take_number(nvlist_t *nvl, const char *name);
char *nvlist_take_string(nvlist_t *nvl, const char *name);
nvlist_t *nvlist_take_nvlist(nvlist_t *nvl, const char *name);
int nvlist_take_descriptor(nvlist_t *nvl, const char *name);
void *nvlist_take_binary(nvlist_t *nvl, const char *name, size_t *size);
void nvlist_free(nvlist_t *nvl, const char *name);
void nvlist_free_type(nvlist_t *nvl, const char *name, int type);

/* The value, or what the caller gives where there is none. */
bool dnvlist_get_bool(const nvlist_t *nvl, const char *name, bool otherwise);
uint64_t dnvlist_get_number(const nvlist_t *nvl, const char *name, uint64_t otherwise);
const char *dnvlist_get_string(const nvlist_t *nvl, const char *name, const char *otherwise);
const nvlist_t *dnvlist_get_nvlist(const nvlist_t *nvl, const char *name, const nvlist_t *otherwise);
int dnvlist_get_descriptor(const nvlist_t *nvl, const char *name, int otherwise);
const void *dnvlist_get_binary(const nvlist_t *nvl, const char *name, size_t *size, const void *otherwise,
			       size_t otherwise_size);

/* The value that nvlist_next() just stepped to. */
bool cnvlist_get_bool(void *cookie);
uint64_t cnvlist_get_number(void *cookie);
const char *cnvlist_get_string(void *cookie);
const nvlist_t *cnvlist_get_nvlist(void *cookie);
int cnvlist_get_descriptor(void *cookie);
const void *cnvlist_get_binary(void *cookie, size_t *size);

#ifdef __cplusplus
}
#endif

#endif /* _SYS_NV_H_ */
