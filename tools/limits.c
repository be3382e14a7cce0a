/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limits as text: rights, then what ce_describe() prints too, "; ioctls TCGETS; fcntls GETFL", and for what is to be
 * opened "; flags O_RDWR|O_APPEND; times 2".
 */
#define _GNU_SOURCE /* O_TMPFILE, O_PATH, O_NOATIME */
#include "capeasy.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SEPARATORS ", \t|"

static const struct {
	const char *name;
	int flag;
} open_flags[] = {
#ifdef O_TMPFILE
	{ "O_TMPFILE", O_TMPFILE }, /* before O_DIRECTORY, which it has in it */
#endif
	{ "O_WRONLY", O_WRONLY },	{ "O_RDWR", O_RDWR },	    { "O_CREAT", O_CREAT },
	{ "O_EXCL", O_EXCL },		{ "O_TRUNC", O_TRUNC },	    { "O_APPEND", O_APPEND },
	{ "O_NONBLOCK", O_NONBLOCK },	{ "O_NOCTTY", O_NOCTTY },   { "O_NOFOLLOW", O_NOFOLLOW },
	{ "O_DIRECTORY", O_DIRECTORY }, { "O_CLOEXEC", O_CLOEXEC }, { "O_SYNC", O_SYNC },
#ifdef O_DSYNC
	{ "O_DSYNC", O_DSYNC },
#endif
#ifdef O_NOATIME
	{ "O_NOATIME", O_NOATIME },
#endif
#ifdef O_PATH
	{ "O_PATH", O_PATH },
#endif
};

#define OPEN_FLAGS (sizeof(open_flags) / sizeof(open_flags[0]))

const char *format_open_flags(int flags)
{
	static char text[256];
	size_t i;

	strcpy(text, (flags & O_ACCMODE) == O_RDONLY ? "O_RDONLY" : "");
	for (i = 0; i < OPEN_FLAGS; i++) {
		if ((flags & open_flags[i].flag) != open_flags[i].flag)
			continue;
		if (text[0] != '\0')
			strcat(text, "|");
		strcat(text, open_flags[i].name);
		flags &= ~open_flags[i].flag;
	}
	return text;
}

static const struct {
	const char *name;
	uint32_t flag;
} fcntls[] = {
	{ "GETFL", CAP_FCNTL_GETFL },	{ "SETFL", CAP_FCNTL_SETFL }, { "GETOWN", CAP_FCNTL_GETOWN },
	{ "SETOWN", CAP_FCNTL_SETOWN }, { "all", CAP_FCNTL_ALL },     { "none", 0 },
};

static const char *open_flag_at(size_t i)
{
	return i < OPEN_FLAGS ? open_flags[i].name : i == OPEN_FLAGS ? "O_RDONLY" : NULL;
}

static const char *fcntl_at(size_t i)
{
	return i < sizeof(fcntls) / sizeof(fcntls[0]) ? fcntls[i].name : NULL;
}

/* "'TIOCGWINZ' is no command of ioctl; did you mean TIOCGWINSZ?" */
static bool is_no(const char *what, const char *word, const char *nearest, const char **error)
{
	*error = print_text("'%s' is no %s%s%s%s", word, what, nearest != NULL ? "; did you mean " : "",
			    nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
	return false;
}

static bool parse_open_flags(char *text, struct limits *limits, const char **error)
{
	char *rest = NULL, *word;
	size_t i;

	limits->flags = 0;
	for (word = strtok_r(text, SEPARATORS, &rest); word != NULL; word = strtok_r(NULL, SEPARATORS, &rest)) {
		for (i = 0; open_flag_at(i) != NULL && strcasecmp(word, open_flag_at(i)) != 0; i++)
			;
		if (open_flag_at(i) == NULL)
			return is_no("flag of open", word, nearest_word(word, open_flag_at), error);
		limits->flags |= i < OPEN_FLAGS ? open_flags[i].flag : O_RDONLY;
	}
	return true;
}

static bool parse_ioctls(char *text, struct limits *limits, const char **error)
{
	char *rest = NULL, *word;

	limits->nioctls = strcasecmp(text, "all") == 0 ? CE_IOCTLS_KEEP : 0;
	if (limits->nioctls != 0 || strcasecmp(text, "none") == 0)
		return true;
	for (word = strtok_r(text, SEPARATORS, &rest); word != NULL; word = strtok_r(NULL, SEPARATORS, &rest)) {
		if (limits->nioctls == sizeof(limits->ioctls) / sizeof(limits->ioctls[0])) {
			*error = print_text("more than %zu commands of ioctl", limits->nioctls);
			return false;
		}
		if (ioctl_by_name(word, &limits->ioctls[limits->nioctls++]) != 0)
			return is_no("command of ioctl", word, nearest_word(word, ioctl_name_at), error);
	}
	return true;
}

static bool parse_fcntls(char *text, struct limits *limits, const char **error)
{
	char *rest = NULL, *word;
	size_t i;

	limits->fcntls = 0;
	for (word = strtok_r(text, SEPARATORS, &rest); word != NULL; word = strtok_r(NULL, SEPARATORS, &rest)) {
		for (i = 0; fcntl_at(i) != NULL && strcasecmp(word, fcntl_at(i)) != 0; i++)
			;
		if (fcntl_at(i) == NULL)
			return is_no("command of fcntl", word, nearest_word(word, fcntl_at), error);
		limits->fcntls |= fcntls[i].flag;
	}
	return true;
}

static bool parse_times(char *text, struct limits *limits, const char **error)
{
	char *end;
	const long times = strtol(text, &end, 10);

	if (end == text || *end != '\0' || times < 1 || times > 999)
		return is_no("number from 1 to 999", text, NULL, error);
	limits->times = (int)times;
	return true;
}

static bool parse_part(char *part, struct limits *limits, const char **error)
{
	static const struct {
		const char *name;
		bool (*parse)(char *text, struct limits *limits, const char **error);
	} parts[] = {
		{ "ioctls", parse_ioctls },
		{ "fcntls", parse_fcntls },
		{ "flags", parse_open_flags },
		{ "times", parse_times },
	};
	const size_t length = strcspn(part, " ");
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strlen(parts[i].name) == length && strncmp(part, parts[i].name, length) == 0)
			return parts[i].parse(part + length + strspn(part + length, " "), limits, error);
	*error = print_text("'%s' is none of ioctls, fcntls, flags and times", part);
	return false;
}

/* Commands without the right for them cannot be limited to. */
static bool may_have_commands(const struct limits *limits, const char **error)
{
	if (limits->nioctls != CE_IOCTLS_KEEP && limits->nioctls > 0 && !ce_rights_is_set(&limits->rights, CAP_IOCTL))
		*error = "commands of ioctl need CAP_IOCTL too";
	else if (limits->fcntls != CE_FCNTLS_KEEP && limits->fcntls != 0 &&
		 !ce_rights_is_set(&limits->rights, CAP_FCNTL))
		*error = "commands of fcntl need CAP_FCNTL too";
	else
		return true;
	return false;
}

bool limits_parse(const char *text, struct limits *limits, const char **error)
{
	static const cap_rights_t all = CE_ALL_RIGHTS, none = CE_NO_RIGHTS;
	struct ce_text_error wrong;
	char *copy = copy_text(text);
	char *rest = NULL;
	char *part = strtok_r(copy, ";", &rest);

	if (part == NULL)
		part = copy; /* no rights at all */
	limits->nioctls = CE_IOCTLS_KEEP;
	limits->fcntls = CE_FCNTLS_KEEP;
	limits->flags = -1;
	limits->times = 0;
	limits->rights = strcasecmp(part, "all") == 0 ? all : none;
	if (strcasecmp(part, "all") != 0 && strcasecmp(part, "none") != 0 &&
	    ce_rights_parse(part, &limits->rights, &wrong) != 0) {
		char *word = print_text("%.*s", (int)wrong.length, part + wrong.position);

		return is_no("right", word, wrong.suggestion, error);
	}
	while ((part = strtok_r(NULL, ";", &rest)) != NULL)
		if (!parse_part(part + strspn(part, " "), limits, error))
			return false;
	free(copy);
	return may_have_commands(limits, error);
}

struct ce_descriptor limits_of(int fd, const struct limits *limits)
{
	struct ce_descriptor descriptor;

	descriptor.fd = fd;
	descriptor.rights = &limits->rights;
	descriptor.ioctls = limits->ioctls;
	descriptor.nioctls = limits->nioctls;
	descriptor.fcntls = limits->fcntls;
	return descriptor;
}
