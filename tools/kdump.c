/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What FreeBSD's kdump(1) prints of capability failures, summed up. There the kernel itself watches:
 *
 *     ktrace -t pn PROGRAM; kdump > FILE; capeasy trace --kdump FILE
 *
 * A record is "pid command CAP  text"; options of kdump put more columns before CAP. Seen on FreeBSD 15.0.
 */
#include "trace.h"

#include <stdlib.h>
#include <string.h>

/* The same text, however often it came. */
struct line {
	char *text;
	char *path; /* of the NAMI record before it; "" */
	unsigned long times;
};

static struct {
	struct line *lines;
	size_t n;
} found;

static void add_line(const char *text, const char *path)
{
	size_t i;

	for (i = 0; i < found.n; i++)
		if (strcmp(found.lines[i].text, text) == 0 && strcmp(found.lines[i].path, path) == 0)
			break;
	if (i == found.n) {
		found.lines = (struct line *)grown(found.lines, found.n, sizeof(found.lines[0]));
		found.lines[i].text = copy_text(text);
		found.lines[i].path = copy_text(path);
		found.n++;
	}
	found.lines[i].times++;
}

/* The text behind a record's kind, or NULL if the line is of another. */
static char *behind(char *line, const char *kind)
{
	char *at = strstr(line, kind);

	if (at == NULL)
		return NULL;
	at += strlen(kind);
	at += strspn(at, " ");
	if (strncmp(at, "F64 ", 4) == 0 || strncmp(at, "F32 ", 4) == 0) /* kdump -A */
		at += 4 + strspn(at + 4, " ");
	at[strcspn(at, "\n")] = '\0';
	return at;
}

static void read_lines(FILE *file)
{
	char path[4096] = "";
	char *line = NULL, *text;
	size_t size = 0;

	while (getline(&line, &size, file) > 0) {
		if ((text = behind(line, " NAMI ")) != NULL) {
			snprintf(path, sizeof(path), "%s", text);
		} else if ((text = behind(line, " CAP ")) != NULL) {
			/* The path of such a lookup is not in its own record. */
			add_line(text, strstr(text, "lookup: AT_FDCWD") != NULL ? path : "");
			path[0] = '\0';
		}
	}
	free(line);
}

/* "openat: restricted VFS lookup: AT_FDCWD" as a refusal that advice.c knows. */
static const char *advice_for(const struct line *line)
{
	static const char not_allowed[] = "system call not allowed: ";
	struct refusal refusal;
	char call[32];

	memset(&refusal, 0, sizeof(refusal));
	refusal.text = line->path[0] != '\0' ? line->path : line->text;
	if (strncmp(line->text, not_allowed, sizeof(not_allowed) - 1) == 0)
		snprintf(call, sizeof(call), "%s", line->text + sizeof(not_allowed) - 1);
	else
		snprintf(call, sizeof(call), "%.*s", (int)strcspn(line->text, ":"), line->text);
	refusal.call = call;
	return cure_of(&refusal, NULL);
}

static bool is_of_descriptor(const struct line *line)
{
	return strncmp(line->text, "operation requires ", 19) == 0 || strncmp(line->text, "attempt to ", 11) == 0;
}

static void print_line(FILE *out, const struct line *line)
{
	const char *advice = is_of_descriptor(line) ? NULL : advice_for(line);

	fprintf(out, "    %s", line->text);
	if (line->path[0] != '\0')
		fprintf(out, " %s", line->path);
	fprintf(out, ", %lu time%s", line->times, line->times == 1 ? "" : "s");
	if (strstr(line->text, "invalid cap_rights_t") != NULL)
		fprintf(out, ": kdump cannot print which; capeasy need CALL tells");
	fprintf(out, "%s%s\n", advice != NULL ? ": " : "", advice != NULL ? advice : "");
}

static void print_lines(FILE *out, const char *title, bool of_descriptor)
{
	size_t i, n = 0;

	for (i = 0; i < found.n; i++)
		n += is_of_descriptor(&found.lines[i]) == of_descriptor;
	fprintf(out, "%s%s\n", title, n > 0 ? ":" : " nothing.");
	for (i = 0; i < found.n; i++)
		if (is_of_descriptor(&found.lines[i]) == of_descriptor)
			print_line(out, &found.lines[i]);
}

int report_kdump(FILE *out, const char *path)
{
	FILE *file = fopen(path, "r");

	if (file == NULL)
		fail(EXIT_FAILED, "%s: %s", path, ce_strerror(errno));
	read_lines(file);
	fclose(file);
	if (found.n == 0)
		fail(EXIT_FAILED, "%s: no record of a capability failure in it: ktrace -t pn makes them", path);
	print_lines(out, "Capability mode refused or would have refused", false);
	fputc('\n', out);
	print_lines(out, "Limits refused", true);
	return 0;
}
