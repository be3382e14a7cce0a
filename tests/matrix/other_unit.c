/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * One of several translation units in a program that each include the header. It uses every kind of name that expands
 * to code here: what the compilers do not see in the functions, which they check whether they are called or not.
 *
 * UNIT is the name of its function.
 */
#include <capsicum_easy.h>

#include "other_unit.h"

static const cap_rights_t constant = CE_RIGHTS(CAP_READ, CAP_EVENT);
static const cap_rights_t none = CE_NO_RIGHTS;
static const cap_rights_t all = CE_ALL_RIGHTS;
static const cap_rights_t many =
	CE_RIGHTS(CAP_ACCEPT, CAP_ACL_CHECK, CAP_ACL_DELETE, CAP_ACL_GET, CAP_ACL_SET, CAP_BIND, CAP_CHFLAGSAT,
		  CAP_CONNECT, CAP_CREATE, CAP_EVENT, CAP_EXTATTR_DELETE, CAP_EXTATTR_GET, CAP_EXTATTR_LIST,
		  CAP_EXTATTR_SET, CAP_FCHDIR, CAP_FCHFLAGS, CAP_FCHMOD, CAP_FCHMODAT, CAP_FCHOWN, CAP_FCHOWNAT,
		  CAP_FCNTL, CAP_FEXECVE, CAP_FLOCK, CAP_FPATHCONF, CAP_FSCK, CAP_FSTAT, CAP_FSTATAT, CAP_FSTATFS,
		  CAP_FSYNC, CAP_FTRUNCATE, CAP_FUTIMES, CAP_FUTIMESAT);

/* Pointers to constant sets outside functions, as CE_RIGHTS() documents them. */
#ifdef __cplusplus
#define STATIC_SET CE_SET
#else
#define STATIC_SET(...) (&(const cap_rights_t)CE_RIGHTS(__VA_ARGS__))
#endif
static const cap_rights_t *const table[] = { STATIC_SET(CAP_READ, CAP_EVENT), STATIC_SET(CAP_WRITE) };

/* FreeBSD's own macros, as its programs write them. */
static int freebsd_names(void)
{
	cap_rights_t rights;

	CAP_ALL(&rights);
	if (!ce_rights_equal(&rights, &all))
		return EINVAL;
	CAP_NONE(&rights);
	if (!ce_rights_equal(&rights, &none))
		return EINVAL;
	if (!cap_rights_init(&rights, CAP_READ, CAP_WRITE, CAP_EVENT) || !cap_rights_is_set(&rights, CAP_WRITE))
		return EINVAL;
	cap_rights_set(&rights, CAP_FSTAT);
	cap_rights_clear(&rights, CAP_WRITE, CAP_FSTAT);
	return ce_rights_equal(&rights, &constant) ? 0 : EINVAL;
}

int UNIT(int fd, char *text, size_t size)
{
	struct ce_text_error wrong;
	cap_rights_t rights;
	int error = freebsd_names();

	if (error != 0 || !ce_rights_equal(CE_SET(CAP_READ, CAP_EVENT), &constant) || !ce_rights_contains(&all, &many))
		return EINVAL;
	if (!ce_rights_equal(table[0], &constant) || ce_rights_is_set(table[1], CAP_READ) ||
	    !ce_rights_is_set(table[1], CAP_WRITE))
		return EINVAL;
	if (ce_rights_parse("CAP_READ, CAP_EVENT", &rights, &wrong) != 0 || !ce_rights_equal(&rights, &constant))
		return EINVAL;
	if (ce_limit(fd, CE_SET(CAP_READ, CAP_EVENT)) != 0 || cap_rights_get(fd, &rights) != 0)
		return errno;
	return ce_rights_format(&rights, text, size) < 0 ? errno : 0;
}
