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

/*
 * The errors in all their forms: strace has no name for the two that refuse, nor has a C library that knows them only
 * by number. The others say that there is no room for limits or for descriptors; the words are glibc's, musl's,
 * FreeBSD's.
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
	{ "Error 193", ENOTCAPABLE },
	{ "[Errno ", 0 },
	{ "ERRNO_", 0 },
	{ "(errno ", 0 },
	{ "ERR#", 0 },
	{ "No error information", 0 },
	{ "ENOMEM", ENOMEM },
	{ "Cannot allocate memory", ENOMEM },
	{ "Out of memory", ENOMEM },
	{ "EBUSY", EBUSY },
	{ "Device or resource busy", EBUSY },
	{ "Resource busy", EBUSY },
	{ "Device busy", EBUSY },
	{ "EMFILE", EMFILE },
	{ "Too many open files", EMFILE },
	{ "No file descriptors available", EMFILE },
};

static bool is_refusal(int error)
{
	return error == ENOTCAPABLE || error == ECAPMODE;
}

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
		if (is_refusal(error) || error == ENOMEM || error == EBUSY || error == EMFILE)
			return error;
	}
	return 0;
}

/* The call that a line begins with, "openat(3, ...": strace -f puts "[pid 12] " or "12 " before it. False: none. */
static bool call_of(const char *line, char *call, size_t size, const char **arguments)
{
	const char *parenthesis = strchr(line, '(');
	const char *start = parenthesis;
	const char *resumed = strstr(line, "<... ");

	if (resumed != NULL && strstr(resumed, " resumed>") != NULL) { /* the arguments are in an earlier line */
		resumed += strlen("<... ");
		snprintf(call, size, "%.*s", (int)strcspn(resumed, " "), resumed);
		*arguments = "";
		return true;
	}
	while (start != NULL && start > line && (isalnum((unsigned char)start[-1]) || start[-1] == '_'))
		start--;
	if (start == NULL || start == parenthesis || !islower((unsigned char)*start) || parenthesis[1] == ' ')
		return false;
	snprintf(call, size, "%.*s", (int)(parenthesis - start), start);
	*arguments = parenthesis + 1;
	return true;
}

/* What ce_explain() says, without a descriptor, if it is more than the name of the error; else "". */
static const char *explanation(int error, const char *call)
{
	static char text[4096];
	char bare[512];

	snprintf(bare, sizeof(bare), "%s: %s", call, strerror(error));
	ce_explain(error, -1, call, text, sizeof(text));
	return strcmp(text, bare) != 0 ? text : "";
}

/* A word of the line that is a call of which something is known: of a program's own "cat: openat: ...". Its end, or
 * NULL. */
static const char *word_of(const char *line, int error, char *call, size_t size)
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
		if (is_refusal(error) ? ce_call_needs(call, &rights) == 0 : explanation(error, call)[0] != '\0')
			return line + n;
	}
	return NULL;
}

/*
 * The call with those of its arguments that decide which rights it needs: "openat(O_WRONLY | O_CREAT)" of what a tracer
 * printed.
 */
static void with_arguments(const char *call, const char *arguments, char *text, size_t size)
{
	char longer[512];
	cap_rights_t rights;
	bool quoted = false;
	size_t n = 0;

	snprintf(text, size, "%s", call);
	for (; *arguments != '\0' && (quoted || *arguments != ')'); arguments += n > 0 ? n : 1) {
		quoted = quoted != (*arguments == '"' && arguments[-1] != '\\');
		n = 0;
		while (!quoted && (isupper((unsigned char)arguments[n]) || isdigit((unsigned char)arguments[n]) ||
				   arguments[n] == '_'))
			n++;
		if (n == 0 || !isupper((unsigned char)*arguments))
			continue;
		snprintf(longer, sizeof(longer), "%.*s%s%.*s)", (int)strcspn(text, ")"), text,
			 strchr(text, '(') != NULL ? " | " : "(", (int)n, arguments);
		if (strlen(longer) < size && ce_call_needs(longer, &rights) == 0)
			memcpy(text, longer, strlen(longer) + 1);
	}
}

static void explain_call(int error, const char *call, const char *arguments, int fd)
{
	const char *advice = ce_call_advice(call);
	char text[512];
	cap_rights_t needed;

	if (error == ECAPMODE) {
		printf("%s\n", explanation(error, call));
		return;
	}
	with_arguments(call, arguments, text, sizeof(text));
	printf("%s: ", text);
	if (fd >= 0)
		printf("fd %d ", fd);
	else
		printf("the descriptor ");
	if (ce_call_needs(text, &needed) == 0 && !ce_rights_is_empty(&needed))
		printf("lacks one of %s, or a right that an argument asks for\n", format_set(&needed));
	else
		printf("is limited, and this call is refused whatever its rights%s%s\n", advice != NULL ? "; " : "",
		       advice != NULL ? advice : "");
}

/* Where the result of a call that a tracer printed stands; the line itself if there is none. */
static const char *result_of(const char *line)
{
	const char *at = line, *next;

	while ((next = strstr(at + 1, " = ")) != NULL)
		at = next;
	return at;
}

/* Of a call that a tracer printed: is it ours that there is no room? */
static const char *want_of_call(int error, const char *call)
{
	if (error == EMFILE && strcmp(call, "rt_sigreturn") == 0)
		return "capeasy run has no more of this name: say how often it is opened, \"; times N\" after its set";
	if (error == EMFILE)
		return "the process has as many descriptors as it may: close some, or raise the soft limit "
		       "(RLIMIT_NOFILE)";
	return explanation(error, call);
}

/* Of a line of a program's own. */
static const char *want_of_text(int error, const char *line)
{
	static char text[512];
	char call[64];

	if (word_of(line, error, call, sizeof(call)) != NULL)
		return explanation(error, call);
	if (error == EMFILE)
		return "the process has as many descriptors as it may, or capeasy run no more of a name: close some, "
		       "raise the soft limit (RLIMIT_NOFILE), or say \"; times N\" after the name's set";
	snprintf(text, sizeof(text), "if a call that limits or enters failed so: %s", explanation(error, "ce_limit"));
	return text;
}

/* seccomp(2) that is to be for all threads answers with the id of one that has a filter of its own: no error. */
static bool is_busy(const char *call, const char *arguments, const char *result)
{
	return strcmp(call, "seccomp") == 0 && strstr(arguments, "_FLAG_TSYNC") != NULL &&
	       strstr(arguments, "_FLAG_NEW_LISTENER") == NULL && strtol(result + strlen(" = "), NULL, 10) > 0;
}

static void explain_line(const char *line)
{
	const char *arguments = "", *result = result_of(line), *want = "", *end;
	char call[64] = "";
	const bool is_traced = call_of(line, call, sizeof(call), &arguments) && result != line;
	int error = error_of(is_traced ? result : line);

	if (is_traced && is_busy(call, arguments, result))
		error = EBUSY;
	if (error == 0)
		return;
	if (!is_refusal(error)) {
		want = is_traced ? want_of_call(error, call) : want_of_text(error, line);
		if (want[0] != '\0')
			printf("%.*s\n  %s\n", (int)strcspn(line, "\n"), line, want);
		return;
	}
	if (is_traced && strcmp(call, "rt_sigreturn") == 0) /* what run's handler returns to; the call is told */
		return;
	printf("%.*s\n  ", (int)strcspn(line, "\n"), line);
	if (is_traced) {
		explain_call(error, call, arguments,
			     isdigit((unsigned char)*arguments) ? (int)strtol(arguments, NULL, 10) : -1);
	} else if ((end = word_of(line, error, call, sizeof(call))) != NULL) {
		printf("%s", *end == ' ' ? "perhaps " : ""); /* "write error" */
		explain_call(error, call, "", -1);
	} else {
		printf("%s; the line does not say of which call: capeasy trace PROGRAM does\n", ce_strerror(error));
	}
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
	"Explain the refusals in what strace or a program itself printed, and what there was no room for.",
	"  FILE  the text; standard input without it\n",
	run,
};
