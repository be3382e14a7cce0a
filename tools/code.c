/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What trace saw as code: a function in C or Python that opens, limits and enters, or JSON for tools.
 */
#include "trace.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void print_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else if (isprint((unsigned char)*text))
			fputc(*text, out);
		else
			fprintf(out, "\\%03o", (unsigned char)*text);
	}
	fputc('"', out);
}

/* The program's arguments, in a comment that nothing in them ends. */
static void print_program(FILE *out, const char *before, const struct seen *seen, const char * not, const char *after)
{
	char *program = program_text(seen, not );

	fprintf(out, "%s%s%s", before, program, after);
	free(program);
}

/* ---- C ---- */

static const char *fcntls_in_c(uint32_t fcntls)
{
	static char text[120];

	snprintf(text, sizeof(text), "%s%s%s%s", (fcntls & CAP_FCNTL_GETFL) != 0 ? " | CAP_FCNTL_GETFL" : "",
		 (fcntls & CAP_FCNTL_SETFL) != 0 ? " | CAP_FCNTL_SETFL" : "",
		 (fcntls & CAP_FCNTL_GETOWN) != 0 ? " | CAP_FCNTL_GETOWN" : "",
		 (fcntls & CAP_FCNTL_SETOWN) != 0 ? " | CAP_FCNTL_SETOWN" : "");
	return text[0] != '\0' ? text + 3 : "0";
}

static void print_opening_c(FILE *out, const struct thing *thing)
{
	size_t i;

	fputs("\t\t{\n", out);
	if (thing->number >= 0)
		fprintf(out, "\t\t\t.descriptor.fd = %d,\n", thing->number);
	else {
		fputs("\t\t\t.path = ", out);
		print_string(out, thing->what);
		fprintf(out, ",\n\t\t\t.flags = %s,\n\t\t\t.create_mode = 0666,\n", format_open_flags(thing->flags));
	}
	if (ce_rights_is_empty(&thing->rights))
		fputs("\t\t\t.descriptor.rights = &nothing,\n", out);
	else
		fprintf(out, "\t\t\t.descriptor.rights = CE_SET(%s),\n", format_set(&thing->rights));
	if (thing->nioctls > 0) {
		fputs("\t\t\t.descriptor.ioctls = (const unsigned long[]){ ", out);
		for (i = 0; i < thing->nioctls; i++)
			fprintf(out, "%s0x%lx", i > 0 ? ", " : "", thing->ioctls[i]);
		fprintf(out, " },\n\t\t\t.descriptor.nioctls = %zu,\n", thing->nioctls);
	}
	fprintf(out, "\t\t\t.descriptor.fcntls = %s,\n\t\t},\n", fcntls_in_c(thing->fcntls));
}

void report_c(FILE *out, const struct seen *seen)
{
	size_t i;

	print_program(out, "/* What capeasy trace saw of: ", seen, "*\\", " */\n");
	fputs("#include <capsicum_easy.h>\n\n#include <fcntl.h>\n\n"
	      "/*\n * Opens all that the program opened by name, in this order, and enters capability mode with just "
	      "the rights that\n"
	      " * it used. The descriptors are left in openings[].descriptor.fd. 0, or -1 with errno.\n */\n"
	      "static int enter_sandbox(void)\n{\n\tstatic const cap_rights_t nothing = CE_NO_RIGHTS;\n"
	      "\tstruct ce_opening openings[] = {\n",
	      out);
	for (i = 0; i < seen->nthings; i++)
		if (is_named(seen->things[i]) || seen->things[i]->number >= 0)
			print_opening_c(out, seen->things[i]);
	fputs("\t};\n\n\t(void)nothing;\n"
	      "\treturn ce_sandbox(openings, sizeof(openings) / sizeof(openings[0]), 0, NULL);\n}\n",
	      out);
}

/* ---- Python ---- */

static void print_rights_list(FILE *out, const cap_rights_t *rights)
{
	char *text = copy_text(ce_rights_is_empty(rights) ? "" : format_set(rights));
	char *rest = NULL, *word;
	bool first = true;

	fputc('[', out);
	for (word = strtok_r(text, ", ", &rest); word != NULL; word = strtok_r(NULL, ", ", &rest)) {
		fprintf(out, "%s\"%s\"", first ? "" : ", ", word);
		first = false;
	}
	fputc(']', out);
	free(text);
}

static void print_flags_list(FILE *out, int flags, const char *before, const char *between)
{
	char *text = copy_text(format_open_flags(flags));
	char *rest = NULL, *word;
	bool first = true;

	for (word = strtok_r(text, "|", &rest); word != NULL; word = strtok_r(NULL, "|", &rest)) {
		fprintf(out, "%s%s%s", first ? "" : between, before, word);
		first = false;
	}
	free(text);
}

static void print_opening_python(FILE *out, const struct thing *thing)
{
	size_t i;

	if (thing->number >= 0) {
		fprintf(out, "    fd = %d\n    pycapsicum.CapRights(", thing->number);
		print_rights_list(out, &thing->rights);
		fputs(").limit(fd)\n", out);
	} else {
		fputs("    fd = os.open(", out);
		print_string(out, thing->what);
		fputs(", ", out);
		print_flags_list(out, thing->flags, "os.", " | ");
		fputs(", 0o666)\n    fd = files[", out);
		print_string(out, thing->what);
		fputs("] = pycapsicum.take(fd, ", out);
		print_rights_list(out, &thing->rights);
		fputs(")\n", out);
	}
	if (ce_rights_is_set(&thing->rights, CAP_IOCTL)) {
		fputs("    pycapsicum.ioctls_limit(fd, [", out);
		for (i = 0; i < thing->nioctls; i++)
			fprintf(out, "%s0x%lx", i > 0 ? ", " : "", thing->ioctls[i]);
		fputs("])\n", out);
	}
	if (ce_rights_is_set(&thing->rights, CAP_FCNTL))
		fprintf(out, "    pycapsicum.fcntls_limit(fd, 0x%x)\n", (unsigned)thing->fcntls);
}

void report_python(FILE *out, const struct seen *seen)
{
	size_t i;

	print_program(out, "\"\"\"What capeasy trace saw of: ", seen, "\"\\", "\"\"\"\n\n");
	fputs("import os\n\nimport pycapsicum\n\n\ndef enter_sandbox():\n"
	      "    \"\"\"Open all that the program opened by name, and enter with just the rights that it used.\n\n"
	      "    Return the descriptors by path.\n    \"\"\"\n    files = {}\n",
	      out);
	for (i = 0; i < seen->nthings; i++)
		if (is_named(seen->things[i]) || seen->things[i]->number >= 0)
			print_opening_python(out, seen->things[i]);
	fputs("    pycapsicum.enter()\n    return files\n", out);
}

/* ---- JSON ---- */

/* Bytes that are not ASCII are written as the characters U+0080 to U+00FF: paths need not be UTF-8. */
static void print_json_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text != '\0'; text++) {
		const unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c >= ' ' && c < 0x7f)
			fputc(c, out);
		else
			fprintf(out, "\\u%04x", c);
	}
	fputc('"', out);
}

static void print_json_member(FILE *out, const char *name, const char *text)
{
	fprintf(out, ", \"%s\": ", name);
	if (text != NULL)
		print_json_string(out, text);
	else
		fputs("null", out);
}

static const char *json_bool(bool value)
{
	return value ? "true" : "false";
}

static void print_json_limits(FILE *out, const struct thing *thing)
{
	static const struct {
		uint32_t flag;
		const char *name;
	} fcntls[] = { { CAP_FCNTL_GETFL, "GETFL" },
		       { CAP_FCNTL_SETFL, "SETFL" },
		       { CAP_FCNTL_GETOWN, "GETOWN" },
		       { CAP_FCNTL_SETOWN, "SETOWN" } };
	bool first = true;
	size_t i;

	fputs(", \"rights\": ", out);
	print_rights_list(out, &thing->rights);
	fputs(", \"ioctls\": [", out);
	for (i = 0; i < thing->nioctls; i++)
		fprintf(out, "%s\"%s\"", i > 0 ? ", " : "", command_text(thing->ioctls[i]));
	fputs("], \"fcntls\": [", out);
	for (i = 0; i < sizeof(fcntls) / sizeof(fcntls[0]); i++) {
		if ((thing->fcntls & fcntls[i].flag) == 0)
			continue;
		fprintf(out, "%s\"%s\"", first ? "" : ", ", fcntls[i].name);
		first = false;
	}
	fputs("]", out);
}

static void print_json_thing(FILE *out, const struct thing *thing)
{
	size_t i;

	fprintf(out, "{\"kind\": \"%s\"", thing->number >= 0 ? "inherited" : thing->is_path ? "path" : "other");
	print_json_member(out, "what", thing->what);
	print_json_member(out, "from", thing->origin != NULL ? thing->origin->what : NULL);
	fprintf(out, ", \"fd\": ");
	fprintf(out, thing->number >= 0 ? "%d" : "null", thing->number);
	fputs(", \"flags\": [", out);
	if (thing->flags >= 0) {
		fputc('"', out);
		print_flags_list(out, thing->flags, "", "\", \"");
		fputc('"', out);
	}
	fprintf(out, "], \"opens\": %lu", thing->opens);
	print_json_limits(out, thing);
	fputs(", \"calls\": [", out);
	for (i = 0; i < thing->nuses; i++) {
		const struct use *use = &thing->uses[i];

		fprintf(out, "%s{\"call\": \"%s\"", i > 0 ? ", " : "", use->call);
		print_json_member(out, "command", use->command != 0 ? command_text(use->command) : NULL);
		fprintf(out, ", \"times\": %lu, \"probe\": %s, \"only_on_freebsd\": %s}", use->times,
			json_bool(!use->succeeded), json_bool(use->event_only));
	}
	fputs("]}", out);
}

static void print_json_refusal(FILE *out, const struct seen *seen, const struct refusal *refusal)
{
	fprintf(out, "{\"call\": \"%s\"", refusal->call);
	print_json_member(out, "text", refusal->text);
	fprintf(out, ", \"first\": %lu, \"last\": %lu, \"times\": %lu, \"probe\": %s", refusal->first, refusal->last,
		refusal->times, json_bool(is_probe(refusal)));
	print_json_member(out, "cure", cure_of(refusal, seen->argv));
	fputc('}', out);
}

static void print_json_closed(FILE *out, const struct closed *closed)
{
	fprintf(out, "{\"call\": \"%s\"", closed->call);
	print_json_member(out, "what", closed->thing != NULL ? closed->thing->what : NULL);
	fprintf(out, ", \"times\": %lu", closed->times);
	print_json_member(out, "way_out", way_out(closed->call));
	fputc('}', out);
}

void report_json(FILE *out, const struct seen *seen)
{
	size_t i;

	fputs("{\"version\": 1, \"program\": [", out);
	for (i = 0; seen->argv != NULL && seen->argv[i] != NULL; i++) {
		fputs(i > 0 ? ", " : "", out);
		print_json_string(out, seen->argv[i]);
	}
	fputc(']', out);
	print_json_member(out, "stopped", seen->stopped);
	fprintf(out, ", \"calls\": %lu, \"start\": %lu, \"input\": %lu,\n \"descriptors\": [", seen->now, seen->start,
		seen->input);
	for (i = 0; i < seen->nthings; i++) {
		fputs(i > 0 ? ",\n  " : "\n  ", out);
		print_json_thing(out, seen->things[i]);
	}
	fputs("],\n \"refused\": [", out);
	for (i = 0; i < seen->nrefusals; i++) {
		fputs(i > 0 ? ",\n  " : "\n  ", out);
		print_json_refusal(out, seen, &seen->refusals[i]);
	}
	fputs("],\n \"closed\": [", out);
	for (i = 0; i < seen->nclosed; i++) {
		fputs(i > 0 ? ",\n  " : "\n  ", out);
		print_json_closed(out, &seen->closed[i]);
	}
	fputs("],\n \"looked_at\": [", out);
	for (i = 0; i < seen->nlooked; i++) {
		fputs(i > 0 ? ", {\"path\": " : "{\"path\": ", out);
		print_json_string(out, seen->looked[i].path);
		fprintf(out, ", \"there\": %s}", json_bool(seen->looked[i].there));
	}
	fputs("]}\n", out);
}
