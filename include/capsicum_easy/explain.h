/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words for people: what a descriptor may be used for, and why a call was refused.
 */
#ifndef CE_EXPLAIN_H_
#define CE_EXPLAIN_H_

#include "limiting.h"
#include "mode.h"
#include "names.h"
#include "lost.h"
#include "streams.h"
#include "text.h"

#include <fcntl.h>
#include <unistd.h>

#define CE_FIRST_UNSEEN_ 65536 /* where a search for open descriptors ends */

static inline void ce_write_fd_(struct ce_writer_ *out, int fd)
{
	ce_write_(out, "fd ");
	if (fd < 0)
		ce_write_(out, "-");
	ce_write_number_(out, fd < 0 ? 0 - (uint64_t)fd : (uint64_t)fd, 10);
}

/* "no rights", "all rights", or their names. */
static inline void ce_write_rights_(struct ce_writer_ *out, const cap_rights_t *rights)
{
	static const cap_rights_t all = CE_ALL_RIGHTS;
	size_t used = out->length < out->size ? out->length : out->size;
	int length;

	if (ce_rights_is_empty(rights)) {
		ce_write_(out, "no rights");
	} else if (ce_rights_contains(rights, &all)) {
		ce_write_(out, "all rights");
	} else {
		length = ce_rights_format(rights, out->buffer != NULL ? out->buffer + used : NULL, out->size - used);
		out->length += length > 0 ? (size_t)length : 0;
	}
}

static inline void ce_write_ioctls_(struct ce_writer_ *out, int fd)
{
	unsigned long commands[CE_IOCTLS_MAX];
	ssize_t n = cap_ioctls_get(fd, commands, CE_IOCTLS_MAX);
	ssize_t i;

	ce_write_(out, n == CAP_IOCTLS_ALL ? "all" : n <= 0 ? "none" : "");
	for (i = 0; n != CAP_IOCTLS_ALL && i < n; i++) {
		ce_write_(out, i > 0 ? ", " : "");
		ce_write_number_(out, commands[i], 16);
	}
}

static inline void ce_write_fcntls_(struct ce_writer_ *out, int fd)
{
	static const struct {
		uint32_t flag;
		char name[8];
	} names[] = {
		{ CAP_FCNTL_GETFL, "GETFL" },
		{ CAP_FCNTL_SETFL, "SETFL" },
		{ CAP_FCNTL_GETOWN, "GETOWN" },
		{ CAP_FCNTL_SETOWN, "SETOWN" },
	};
	uint32_t fcntls = 0;
	bool first = true;
	size_t i;

	if (cap_fcntls_get(fd, &fcntls) != 0 || fcntls == 0)
		ce_write_(out, "none");
	else if (fcntls == CAP_FCNTL_ALL)
		ce_write_(out, "all");
	for (i = 0; fcntls != CAP_FCNTL_ALL && i < sizeof(names) / sizeof(names[0]); i++) {
		if ((fcntls & names[i].flag) == 0)
			continue;
		ce_write_(out, first ? "" : ", ");
		ce_write_(out, names[i].name);
		first = false;
	}
}

/**
 * Describes what a descriptor may be used for: "fd 5: CAP_READ, CAP_FSTAT; ioctls none; fcntls GETFL".
 *
 * As snprintf(3): at most size bytes with the final NUL are stored, buffer may be NULL if size is 0, and the length of
 * the whole text is returned. errno: EFAULT (no buffer), EBADF, ENOSYS.
 */
CE_API int ce_describe(int fd, char *buffer, size_t size)
{
	struct ce_writer_ out = ce_writer_to_(buffer, size);
	cap_rights_t rights;

	if (buffer == NULL && size != 0)
		return ce_fail_(EFAULT);
	if (cap_rights_get(fd, &rights) != 0)
		return -1;
	ce_write_fd_(&out, fd);
	ce_write_(&out, ": ");
	ce_write_rights_(&out, &rights);
	ce_write_(&out, "; ioctls ");
	ce_write_ioctls_(&out, fd);
	ce_write_(&out, "; fcntls ");
	ce_write_fcntls_(&out, fd);
	return ce_write_end_(&out);
}

/**
 * The first open descriptor from `from` on, or -1 if there is none; errno is left alone. All of the process:
 *
 *     for (fd = ce_next_descriptor(0); fd >= 0; fd = ce_next_descriptor(fd + 1))
 *
 * It tries one number after the other, since /proc and /dev/fd cannot be opened in capability mode: on Linux as far as
 * the table reaches, elsewhere up to the limit for open files, but not beyond 65535.
 */
CE_API int ce_next_descriptor(int from)
{
#if defined(CE_LINUX_ENFORCES_)
	const long limit = (long)ce_table_end_(); /* what is open above a limit that was lowered since counts too */
#else
	const long limit = sysconf(_SC_OPEN_MAX);
#endif
	int end = limit >= 0 && limit < CE_FIRST_UNSEEN_ ? (int)limit : CE_FIRST_UNSEEN_;
	int fd;

	for (fd = from; fd < end; fd++)
		if (ce_is_open_(fd))
			return fd;
	return -1;
}

/* ---- why a call was refused ---- */

/* Whether `call`, which may go on with a section or arguments in parentheses, is one of some names, blanks between. */
static inline bool ce_call_is_one_of_(const char *call, const char *names)
{
	struct ce_span_ name = ce_span_of_(call);

	name.end = call + strcspn(call, "(");
	return ce_has_word_(ce_span_of_(names), name);
}

/* Whether a call is one that what was lost at entry would have made possible. */
static inline bool ce_call_was_lost_(const char *call)
{
	return ce_lost() != 0 &&
	       ce_call_is_one_of_(call,
				  "openat ce_openat mkdirat mkfifoat mknodat symlinkat unlinkat linkat renameat "
				  "renameat2 fexecve execveat ftruncate raise kill tgkill tkill pthread_kill pdkill");
}

static inline void ce_explain_mode_(struct ce_writer_ *out, const char *call)
{
	const char *advice = ce_call_advice(call);

	if (ce_call_was_lost_(call)) {
		ce_write_lost_(out);
		return;
	}
	ce_write_(out, "capability mode does not permit it");
	ce_write_(out, advice != NULL ? "; " : "");
	ce_write_(out, advice != NULL ? advice : "");
}

/* Why a descriptor whose rights suffice was refused all the same. */
static inline const char *ce_beyond_rights_(const char *call)
{
	if (ce_call_is_one_of_(call, "ioctl"))
		return "has CAP_IOCTL, but this command is not among those it is limited to";
	if (ce_call_is_one_of_(call, "fdopen fdopendir"))
		return "has CAP_FCNTL, but not its command F_GETFL: CAP_FCNTL_GETFL, as ce_stream() leaves it";
	if (ce_call_is_one_of_(call, "isatty tcgetattr tcsetattr tcgetwinsize tcgetpgrp"))
		return "has CAP_IOCTL, but not the command for it, as ce_stream() leaves it";
	if (ce_call_is_one_of_(call, "fcntl"))
		return "has CAP_FCNTL, but this command is not among those it is limited to";
	if (ce_call_is_one_of_(call, "dup dup2 dup3 sendmsg sendmmsg"))
		return "can not be copied: limits belong to the number (docs/linux.md); ce_dup copies what was made or "
		       "taken with its limits";
	if (ce_call_is_one_of_(call, "openat ce_openat"))
		return "is a directory that the path leaves, or the flags ask for more rights";
	return "has the rights that this call is known to need; an argument asks for more";
}

static inline void ce_explain_rights_(struct ce_writer_ *out, int fd, const char *call)
{
	cap_rights_t have = CE_NO_RIGHTS;
	cap_rights_t needed;
	cap_rights_t missing;
	bool known = ce_call_needs(call, &needed) == 0;

	ce_write_fd_(out, fd);
	if (cap_rights_get(fd, &have) != 0) {
		ce_write_(out, " is not open any more");
		return;
	}
	if (known && ce_missing(fd, &needed, &missing) == 0 && !ce_rights_is_empty(&missing)) {
		ce_write_(out, " lacks ");
		ce_write_rights_(out, &missing);
		ce_write_(out, "; it has ");
		ce_write_rights_(out, &have);
		return;
	}
	ce_write_(out, " ");
	ce_write_(out, known ? ce_beyond_rights_(call)
			     : "is limited; which right this call needs is not known here, capeasy trace finds it out; "
			       "it has ");
	if (!known)
		ce_write_rights_(out, &have);
}

/* What to do where there is no room, or another thread is in the way; NULL if the call is none that limits or enters.
 */
static inline const char *ce_way_out_(int error, const char *call)
{
	static const char calls[] =
		"ce_limit ce_limit_each ce_limit_ioctls ce_limit_fcntls ce_limit_stream ce_limit_stdio "
		"cap_rights_limit cap_ioctls_limit cap_fcntls_limit ce_sandbox ce_enter cap_enter "
		"ce_open ce_open_directory ce_openat ce_accept ce_socket ce_socketpair ce_pipe ce_take seccomp";

	if (!ce_call_is_one_of_(call, calls))
		return NULL;
	if (error == ENOMEM)
		return "no room for another filter: limit what is known together with ce_limit_each, and the rest with "
		       "ce_take or as it is made, which needs no filter for each";
	if (error == EBUSY)
		return "another thread has a seccomp filter of its own, or io_uring polls for this process: limit and "
		       "enter "
		       "before that begins";
	if (error == EMFILE)
		return "no number without limits is free: close some, raise the soft limit (RLIMIT_NOFILE), or limit "
		       "with "
		       "ce_take instead of ce_limit, which leaves limits behind";
	return NULL;
}

static inline void ce_explain_other_(struct ce_writer_ *out, int error, const char *call)
{
	const char *way_out = ce_way_out_(error, call);

	ce_write_(out, strerror(error));
	ce_write_(out, way_out != NULL ? "; " : "");
	ce_write_(out, way_out != NULL ? way_out : "");
}

/**
 * Says in a sentence why a call on a descriptor failed: "pwrite: fd 5 lacks CAP_SEEK; it has CAP_WRITE".
 *
 * error: the errno that the call left; call: as for ce_call_needs(), "pwrite" or "openat(O_WRONLY | O_CREAT)": the more
 * arguments, the better the answer. As snprintf(3): see ce_describe(). Leaves errno alone; never fails.
 */
CE_API int ce_explain(int error, int fd, const char *call, char *buffer, size_t size)
{
	struct ce_writer_ out = ce_writer_to_(buffer, size);
	int saved = errno;

	call = call != NULL ? call : "";
	ce_write_(&out, call);
	ce_write_(&out, ": ");
	if (error == ENOTCAPABLE)
		ce_explain_rights_(&out, fd, call);
	else if (error == ECAPMODE)
		ce_explain_mode_(&out, call);
	else
		ce_explain_other_(&out, error, call);
	if (error == EACCES && cap_sandboxed())
		ce_write_(&out,
			  "; perhaps the path leaves the directory, or this was not among the directory's rights when "
			  "capability mode was entered");
	errno = saved;
	return ce_write_end_(&out);
}

#endif
