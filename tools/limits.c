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

const char *format_open_flags(int flags)
{
	static char text[256];
	size_t i;

	strcpy(text, (flags & O_ACCMODE) == O_RDONLY ? "O_RDONLY" : "");
	for (i = 0; i < sizeof(open_flags) / sizeof(open_flags[0]); i++) {
		if ((flags & open_flags[i].flag) != open_flags[i].flag)
			continue;
		if (text[0] != '\0')
			strcat(text, "|");
		strcat(text, open_flags[i].name);
		flags &= ~open_flags[i].flag;
	}
	return text;
}

static bool parse_open_flags(char *text, int *flags)
{
	char *rest = NULL, *word;
	size_t i;

	*flags = 0;
	for (word = strtok_r(text, SEPARATORS, &rest); word != NULL; word = strtok_r(NULL, SEPARATORS, &rest)) {
		if (strcmp(word, "O_RDONLY") == 0)
			continue;
		for (i = 0; i < sizeof(open_flags) / sizeof(open_flags[0]); i++)
			if (strcmp(word, open_flags[i].name) == 0)
				break;
		if (i == sizeof(open_flags) / sizeof(open_flags[0]))
			return false;
		*flags |= open_flags[i].flag;
	}
	return true;
}

static bool parse_ioctls(char *text, struct limits *limits)
{
	char *rest = NULL, *word;

	limits->nioctls = strcmp(text, "all") == 0 ? CE_IOCTLS_KEEP : 0;
	if (limits->nioctls != 0 || strcmp(text, "none") == 0)
		return true;
	for (word = strtok_r(text, SEPARATORS, &rest); word != NULL; word = strtok_r(NULL, SEPARATORS, &rest)) {
		if (limits->nioctls == sizeof(limits->ioctls) / sizeof(limits->ioctls[0]) ||
		    ioctl_by_name(word, &limits->ioctls[limits->nioctls++]) != 0)
			return false;
	}
	return true;
}

static bool parse_fcntls(char *text, struct limits *limits)
{
	static const struct {
		const char *name;
		uint32_t flag;
	} names[] = {
		{ "GETFL", CAP_FCNTL_GETFL },	{ "SETFL", CAP_FCNTL_SETFL }, { "GETOWN", CAP_FCNTL_GETOWN },
		{ "SETOWN", CAP_FCNTL_SETOWN }, { "all", CAP_FCNTL_ALL },     { "none", 0 },
	};
	char *rest = NULL, *word;
	size_t i;

	limits->fcntls = 0;
	for (word = strtok_r(text, SEPARATORS, &rest); word != NULL; word = strtok_r(NULL, SEPARATORS, &rest)) {
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (strcasecmp(word, names[i].name) == 0)
				break;
		if (i == sizeof(names) / sizeof(names[0]))
			return false;
		limits->fcntls |= names[i].flag;
	}
	return true;
}

static bool parse_part(char *part, struct limits *limits)
{
	char *value = part + strcspn(part, " ");

	value += strspn(value, " ");
	if (strncmp(part, "ioctls ", 7) == 0)
		return parse_ioctls(value, limits);
	if (strncmp(part, "fcntls ", 7) == 0)
		return parse_fcntls(value, limits);
	if (strncmp(part, "flags ", 6) == 0)
		return parse_open_flags(value, &limits->flags);
	if (strncmp(part, "times ", 6) != 0)
		return false;
	limits->times = (int)strtol(value, NULL, 10);
	return limits->times > 0 && limits->times < 1000;
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
		*error = print_text("'%.*s' is no right%s%s%s", (int)wrong.length, part + wrong.position,
				    wrong.suggestion != NULL ? "; did you mean " : "",
				    wrong.suggestion != NULL ? wrong.suggestion : "",
				    wrong.suggestion != NULL ? "?" : "");
		return false;
	}
	while ((part = strtok_r(NULL, ";", &rest)) != NULL) {
		part += strspn(part, " ");
		*error = print_text("'%s' cannot be read", part);
		if (!parse_part(part, limits))
			return false;
	}
	free(copy);
	return true;
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
