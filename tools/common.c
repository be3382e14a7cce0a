/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the commands share: errors, help, sets as text, and the terminal.
 */
#define CAPSICUM_EASY_IMPLEMENTATION /* of the header, for all files of capeasy */
#include "capeasy.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TEXT_SIZE 4096

static const struct command *present;

void begin_command(const struct command *command)
{
	present = command;
}

static void print_error(const char *format, va_list list)
{
	fflush(stdout);
	fprintf(stderr, "capeasy%s%s: ", present != NULL ? " " : "", present != NULL ? present->name : "");
	vfprintf(stderr, format, list);
	fputc('\n', stderr);
}

void warn(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	print_error(format, list);
	va_end(list);
}

void fail(int status, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	print_error(format, list);
	va_end(list);
	exit(status);
}

static void print_usage(FILE *out)
{
	fprintf(out, "usage: capeasy %s%s%s\n", present->name, present->arguments[0] != '\0' ? " " : "",
		present->arguments);
}

void misuse(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	print_error(format, list);
	va_end(list);
	print_usage(stderr);
	exit(EXIT_MISUSE);
}

void print_help(FILE *out)
{
	print_usage(out);
	fprintf(out, "%s\n%s", present->summary, present->options);
}

void common_option(int option)
{
	if (option == 'h') {
		print_help(stdout);
		exit(0);
	}
	print_usage(stderr); /* getopt_long() has said what is wrong */
	exit(EXIT_MISUSE);
}

void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (memory == NULL)
		fail(EXIT_FAILED, "%s", strerror(errno));
	return memory;
}

void *grown(void *list, size_t n, size_t size)
{
	void *larger = list;

	if ((n & (n - 1)) == 0) /* 0, 1, 2, 4, ... */
		larger = realloc(list, (n == 0 ? 1 : 2 * n) * size);
	if (larger == NULL)
		fail(EXIT_FAILED, "%s", strerror(errno));
	memset((char *)larger + n * size, 0, size);
	return larger;
}

char *copy_text(const char *text)
{
	return strcpy((char *)allocate(strlen(text) + 1), text);
}

char *print_text(const char *format, ...)
{
	va_list list, again;
	char *text;
	int length;

	va_start(list, format);
	va_copy(again, list);
	length = vsnprintf(NULL, 0, format, list);
	va_end(list);
	text = (char *)allocate((size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

/* ---- sets ---- */

cap_rights_t parse_set(const char *text)
{
	static const cap_rights_t all = CE_ALL_RIGHTS, none = CE_NO_RIGHTS;
	struct ce_text_error error;
	cap_rights_t set;

	if (strcasecmp(text, "all") == 0)
		return all;
	if (strcasecmp(text, "none") == 0)
		return none;
	if (ce_rights_parse(text, &set, &error) != 0)
		fail(EXIT_FAILED, "'%.*s' is no right%s%s%s", (int)error.length, text + error.position,
		     error.suggestion != NULL ? "; did you mean " : "",
		     error.suggestion != NULL ? error.suggestion : "", error.suggestion != NULL ? "?" : "");
	return set;
}

const char *format_set(const cap_rights_t *set)
{
	static const cap_rights_t all = CE_ALL_RIGHTS;
	static char text[TEXT_SIZE];

	if (ce_rights_is_empty(set))
		return "none";
	if (ce_rights_contains(set, &all))
		return "all";
	if (ce_rights_format(set, text, sizeof(text)) < 0)
		fail(EXIT_FAILED, "%s", ce_strerror(errno));
	return text;
}

/* ---- words ---- */

#define LONGEST_WORD 63

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* The number of letters to insert, remove or replace; upper and lower case are the same. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[LONGEST_WORD + 1], above, left;
	const size_t n = strlen(b);
	size_t i, j;

	if (n > LONGEST_WORD)
		return LONGEST_WORD;
	for (j = 0; j <= n; j++)
		row[j] = (unsigned)j;
	for (i = 0; a[i] != '\0'; i++) {
		above = row[0];
		row[0] = (unsigned)i + 1;
		for (j = 1; j <= n; j++) {
			left = least(least(row[j], row[j - 1]) + 1,
				     above + (tolower((unsigned char)a[i]) != tolower((unsigned char)b[j - 1])));
			above = row[j];
			row[j] = left;
		}
	}
	return row[n];
}

const char *nearest_word(const char *word, const char *(*next)(size_t i))
{
	unsigned best = (unsigned)strlen(word) / 3 + 1;
	const char *found = NULL;
	const char *candidate;
	size_t i;

	for (i = 0; (candidate = next(i)) != NULL; i++) {
		const unsigned apart = distance(word, candidate);

		if (apart <= best && (found == NULL || apart < best)) {
			best = apart;
			found = candidate;
		}
	}
	return found;
}

/* ---- the terminal ---- */

unsigned line_width(void)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (columns != NULL && strtol(columns, NULL, 10) > 20)
		return (unsigned)strtol(columns, NULL, 10);
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

void print_wrapped(unsigned indent, const char *text)
{
	const unsigned width = line_width();
	unsigned at = 0;

	while (*text != '\0') {
		const unsigned n = (unsigned)strcspn(text, " ");

		if (at > 0 && width != 0 && at + 1 + n > width) {
			putchar('\n');
			at = 0;
		}
		at += (unsigned)(at == 0 ? printf("%*s", (int)indent, "") : printf(" "));
		at += (unsigned)printf("%.*s", (int)n, text);
		text += n;
		text += strspn(text, " ");
	}
	putchar('\n');
}

static bool is_coloured(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && (no == NULL || no[0] == '\0');
}

const char *heading(void)
{
	return is_coloured() ? "\033[1m" : "";
}

const char *plain(void)
{
	return is_coloured() ? "\033[0m" : "";
}

void print_description(const char *text)
{
	const char *name;
	size_t n;

	while (*text != '\0') {
		n = strcspn(text, " ,;");
		name = strncmp(text, "0x", 2) == 0 ? ioctl_name(strtoul(text, NULL, 16)) : NULL;
		if (name != NULL)
			fputs(name, stdout);
		else
			printf("%.*s", (int)n, text);
		text += n;
		for (; *text == ' ' || *text == ',' || *text == ';'; text++)
			putchar(*text);
	}
	putchar('\n');
}
