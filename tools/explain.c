/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capeasy explain: why a call was refused, from the lines that strace(1), truss(1) or the program itself printed.
 */
#include "capeasy.h"

#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* The two errors in all their forms: strace has no name for them, nor has a C library that knows them only by number.
 */
static const struct {
	const char *text;
	int error;
} forms[] = {
	{ "ENOTCAPABLE", ENOTCAPABLE },
	{ "Capabilities insufficient", ENOTCAPABLE },
	{ "ECAPMODE", ECAPMODE },
	{ "Not permitted in capability mode", ECAPMODE },
	{ "Unknown error ", 0 },
	{ "Error 135", ENOTCAPABLE },
	{ "[Errno ", 0 },
	{ "ERRNO_", 0 },
	{ "(errno ", 0 },
	{ "ERR#", 0 },
	{ "No error information", 0 },
};

/* The error that a line tells; 0: none of ours. */
static int error_of(const char *line)
{
	const char *at;
	size_t i;
	int error;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		at = strstr(line, forms[i].text);
		if (at == NULL)
			continue;
		error = forms[i].error != 0 ? forms[i].error : (int)strtol(at + strlen(forms[i].text), NULL, 10);
		if (error == ENOTCAPABLE || error == ECAPMODE)
			return error;
	}
	return 0;
}

/* The call that a line begins with, "openat(3, ...": strace -f puts "[pid 12] " or "12 " before it. False: none. */
static bool call_of(const char *line, char *call, size_t size, const char **arguments)
{
	const char *parenthesis = strchr(line, '(');
	const char *start = parenthesis;

	while (start != NULL && start > line && (isalnum((unsigned char)start[-1]) || start[-1] == '_'))
		start--;
	if (start == NULL || start == parenthesis || !islower((unsigned char)*start) || parenthesis[1] == ' ')
		return false;
	snprintf(call, size, "%.*s", (int)(parenthesis - start), start);
	*arguments = parenthesis + 1;
	return true;
}

/* Whether a word of the line is a call that is known: of a program's own "cat: openat: ...". */
static bool word_of(const char *line, char *call, size_t size)
{
	cap_rights_t rights;
	size_t n;

	for (; *line != '\0'; line += n + (line[n] != '\0')) {
		n = 0;
		while (isalnum((unsigned char)line[n]) || line[n] == '_')
			n++;
		if (n < 3 || n >= size || !islower((unsigned char)*line))
			continue;
		snprintf(call, size, "%.*s", (int)n, line);
		if (ce_call_needs(call, &rights) == 0)
			return true;
	}
	return false;
}

static void explain_call(int error, const char *call, int fd)
{
	const char *advice = ce_call_advice(call);
	char text[4096];
	cap_rights_t needed;

	if (error == ECAPMODE) {
		ce_explain(error, fd, call, text, sizeof(text));
		printf("  %s\n", text);
		return;
	}
	printf("  %s: ", call);
	if (fd >= 0)
		printf("fd %d ", fd);
	else
		printf("the descriptor ");
	if (ce_call_needs(call, &needed) == 0 && !ce_rights_is_empty(&needed))
		printf("lacks one of %s, or a right that an argument asks for", format_set(&needed));
	else
		printf("is limited, and this call is refused whatever its rights");
	printf("%s%s\n", advice != NULL ? "; " : "", advice != NULL ? advice : "");
}

/* Where the result of a call that a tracer printed stands; the line itself if there is none. */
static const char *result_of(const char *line)
{
	const char *at = line, *next;

	while ((next = strstr(at + 1, " = ")) != NULL)
		at = next;
	return at;
}

static void explain_line(const char *line)
{
	const char *arguments = NULL;
	char call[64];
	const bool is_traced = call_of(line, call, sizeof(call), &arguments) && result_of(line) != line;
	const int error = error_of(is_traced ? result_of(line) : line);

	if (error == 0 || (is_traced && strcmp(call, "rt_sigreturn") == 0)) /* what run's handler returns to */
		return;
	printf("%.*s\n", (int)strcspn(line, "\n"), line);
	if (is_traced)
		explain_call(error, call, isdigit((unsigned char)*arguments) ? (int)strtol(arguments, NULL, 10) : -1);
	else if (word_of(line, call, sizeof(call)))
		explain_call(error, call, -1);
	else
		printf("  %s; the line does not say of which call: capeasy trace PROGRAM does\n", ce_strerror(error));
}

static void explain_file(FILE *file)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, file) > 0)
		explain_line(line);
	free(line);
}

static int run(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
	int option = getopt_long(argc, argv, "h", options, NULL);
	FILE *file;

	if (option != -1)
		common_option(option);
	if (optind == argc)
		explain_file(stdin);
	for (; optind < argc; optind++) {
		file = fopen(argv[optind], "r");
		if (file == NULL)
			fail(EXIT_FAILED, "%s: %s", argv[optind], ce_strerror(errno));
		explain_file(file);
		fclose(file);
	}
	return 0;
}

const struct command command_explain = {
	"explain",
	"[FILE ...]",
	"Explain the refusals in what strace or a program itself printed.",
	"  FILE  the text; standard input without it\n",
	run,
};
