/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What trace saw, as text for people; the lines for `capeasy run --trace-file` are part of it.
 */
#include "trace.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <unistd.h>

const char *command_text(unsigned long command)
{
	static char text[24];
	const char *name = ioctl_name(command);

	snprintf(text, sizeof(text), "0x%lx", command);
	return name != NULL ? name : text;
}

char *escaped(const char *path)
{
	char *text = (char *)allocate(4 * strlen(path) + 1);
	char *out = text;

	for (; *path != '\0'; path++) {
		if (isgraph((unsigned char)*path) && *path != '\\')
			*out++ = *path;
		else
			out += sprintf(out, "\\%03o", (unsigned char)*path);
	}
	return text;
}

char *cleaned(const char *given, const char *also)
{
	char *text = (char *)allocate(4 * strlen(given) + 1);
	char *out = text;

	for (; *given != '\0'; given++) {
		if (iscntrl((unsigned char)*given) || strchr(also, *given) != NULL)
			out += sprintf(out, "\\%03o", (unsigned char)*given);
		else
			*out++ = *given;
	}
	return text;
}

char *program_text(const struct seen *seen, const char *also)
{
	char *text = copy_text("");
	size_t i;

	for (i = 0; seen->argv != NULL && seen->argv[i] != NULL; i++) {
		char *word = cleaned(seen->argv[i], also);
		char *longer = print_text("%s%s%s", text, i > 0 ? " " : "", word);

		free(word);
		free(text);
		text = longer;
	}
	return text;
}

/* What a program said, without what would end a line; until it is called four times more. */
static const char *shown(const char *text)
{
	static char *kept[4];
	static unsigned turn;
	char **one = &kept[turn++ % 4];

	free(*one);
	*one = cleaned(text, "");
	return *one;
}

/* ---- limits ---- */

static char *ioctls_text(const struct thing *thing)
{
	char *text = copy_text(thing->nioctls == 0 ? "none" : "");
	char *longer;
	size_t i;

	for (i = 0; i < thing->nioctls; i++) {
		longer = print_text("%s%s%s", text, i > 0 ? ", " : "", command_text(thing->ioctls[i]));
		free(text);
		text = longer;
	}
	return text;
}

static const char *fcntls_text(uint32_t fcntls)
{
	static char text[64];

	snprintf(text, sizeof(text), "%s%s%s%s", (fcntls & CAP_FCNTL_GETFL) != 0 ? ", GETFL" : "",
		 (fcntls & CAP_FCNTL_SETFL) != 0 ? ", SETFL" : "", (fcntls & CAP_FCNTL_GETOWN) != 0 ? ", GETOWN" : "",
		 (fcntls & CAP_FCNTL_SETOWN) != 0 ? ", SETOWN" : "");
	return text[0] != '\0' ? text + 2 : "none";
}

char *limits_text(const struct thing *thing)
{
	char *ioctls = ioctls_text(thing);
	char *text =
		print_text("%s; ioctls %s; fcntls %s", format_set(&thing->rights), ioctls, fcntls_text(thing->fcntls));

	free(ioctls);
	return text;
}

/* ---- descriptors ---- */

static void print_use(FILE *out, const struct use *use)
{
	fprintf(out, "        %s", use->call);
	if (use->command != 0)
		fprintf(out, "(%s)", command_text(use->command));
	fprintf(out, ", %lu time%s", use->times, use->times == 1 ? "" : "s");
	if (use->event_only)
		fputs(": CAP_EVENT, which FreeBSD asks for and Linux does not", out);
	if (!use->succeeded && use->error != 0)
		fprintf(out, ": a probe, answered \"%s\"", strerror(use->error));
	fputc('\n', out);
}

static void print_thing(FILE *out, const struct thing *thing)
{
	char *limits = limits_text(thing);
	const char *what = shown(thing->what);
	size_t i;

	if (thing->number >= 0)
		fprintf(out, "    fd %d, inherited: %s\n", thing->number, what);
	else if (thing->is_path)
		fprintf(out, "    %s, %s, opened %lu time%s\n", what, format_open_flags(thing->flags), thing->opens,
			thing->opens == 1 ? "" : "s");
	else
		fprintf(out, "    %s%s%s\n", what, thing->origin != NULL ? ", from " : "",
			thing->origin != NULL ? shown(thing->origin->what) : "");
	fprintf(out, "      %s\n", limits);
	for (i = 0; i < thing->nuses; i++)
		print_use(out, &thing->uses[i]);
	free(limits);
}

static void print_things(FILE *out, const struct seen *seen)
{
	size_t i;

	fprintf(out, "Descriptors, and what their calls needed:\n");
	for (i = 0; i < seen->nthings; i++) {
		if (!seen->things[i]->merged)
			print_thing(out, seen->things[i]);
	}
	if (seen->loaded > 0)
		fprintf(out, "    and what its loader opened, %lu times, before its own code began\n", seen->loaded);
}

/* ---- what capability mode refuses ---- */

static void print_refusal(FILE *out, const struct seen *seen, const struct refusal *refusal)
{
	const char *cure = cure_of(refusal, seen->argv);

	fprintf(out, "    %s(%s)", refusal->call, shown(refusal->text));
	if (refusal->times > 1)
		fprintf(out, ", %lu times, calls %lu to %lu", refusal->times, refusal->first, refusal->last);
	else
		fprintf(out, ", call %lu", refusal->first);
	if (is_probe(refusal))
		fprintf(out, ": a probe, answered \"%s\"", refusal->error != 0 ? strerror(refusal->error) : "yes");
	else if (cure != NULL)
		fprintf(out, ": %s", cure);
	fputc('\n', out);
}

static void print_refusals(FILE *out, const struct seen *seen)
{
	size_t i;

	fprintf(out, "\nCapability mode would have refused%s\n", seen->nrefusals > 0 ? ":" : " nothing.");
	for (i = 0; i < seen->nrefusals; i++)
		print_refusal(out, seen, &seen->refusals[i]);
}

static void print_closed(FILE *out, const struct seen *seen)
{
	size_t i;

	if (seen->nclosed == 0 && !seen->executes)
		return;
	fprintf(out, "\nA limit would refuse, whatever the rights:\n");
	for (i = 0; i < seen->nclosed; i++) {
		const struct closed *closed = &seen->closed[i];

		fprintf(out, "    %s of %s, %lu time%s: %s\n", closed->call,
			closed->thing != NULL ? shown(closed->thing->what) : "anything", closed->times,
			closed->times == 1 ? "" : "s", way_out(closed->call));
	}
	if (seen->executes)
		fprintf(out, "    mprotect to PROT_EXEC, once a descriptor has CAP_MMAP_R and not CAP_MMAP_X: %s\n",
			way_out("mprotect"));
}

/* ---- when to enter ---- */

static unsigned long refused_after(const struct seen *seen, unsigned long moment)
{
	unsigned long n = 0;
	size_t i;

	for (i = 0; i < seen->nrefusals; i++)
		n += !is_probe(&seen->refusals[i]) && seen->refusals[i].last > moment;
	return n;
}

static void print_moment(FILE *out, const struct seen *seen, unsigned long moment, const char *what, const char *which)
{
	const unsigned long n = refused_after(seen, moment);

	fprintf(out, "    %s%s%s, after call %lu: ", what, which[0] != '\0' ? " " : "", shown(which), moment);
	if (n == 0)
		fprintf(out, "nothing would be refused\n");
	else
		fprintf(out, "%lu of the calls above would be refused\n", n);
}

/* The last refusals are the moments that matter: after each of them one less is refused. */
static void print_moments(FILE *out, const struct seen *seen)
{
	const struct refusal *latest[3] = { NULL, NULL, NULL };
	size_t i, j, k;

	for (i = 0; i < seen->nrefusals; i++) {
		const struct refusal *refusal = &seen->refusals[i];

		if (is_probe(refusal))
			continue;
		for (j = 0; j < 3 && latest[j] != NULL && latest[j]->last > refusal->last; j++)
			;
		for (k = 2; k > j; k--)
			latest[k] = latest[k - 1];
		if (j < 3)
			latest[j] = refusal;
	}
	fprintf(out, "\nIf it entered capability mode:\n");
	print_moment(out, seen, seen->start, "as its own code begins", "");
	if (seen->input != 0)
		print_moment(out, seen, seen->input - 1, "before it first reads", seen->input_what);
	for (j = 3; j-- > 0;)
		if (latest[j] != NULL)
			print_moment(out, seen, latest[j]->last, latest[j]->call, latest[j]->text);
}

/* Directories that would serve what is opened by name, and for how many of the paths. */
static void print_directories(FILE *out, const struct seen *seen)
{
	size_t i, j;
	bool any = false;

	for (i = 0; i < seen->nthings; i++) {
		const struct thing *thing = seen->things[i];
		const char *slash = strrchr(thing->what, '/');
		const size_t n = slash != NULL ? (size_t)(slash - thing->what) : 0;
		unsigned files = 0;
		bool first = true;
		char *directory;

		if (!is_named(thing) || n == 0)
			continue;
		for (j = 0; j < seen->nthings; j++) {
			const struct thing *other = seen->things[j];
			const char *end = strrchr(other->what, '/');

			if (!is_named(other) || end == NULL || (size_t)(end - other->what) != n ||
			    strncmp(other->what, thing->what, n) != 0)
				continue;
			first = first && j >= i;
			files++;
		}
		if (!first || files < 2)
			continue;
		if (!any)
			fprintf(out,
				"\nHeld directories that would serve several of them, and everything else beneath:\n");
		any = true;
		directory = print_text("%.*s", (int)n, thing->what);
		fprintf(out, "    %s: %u\n", shown(directory), files);
		free(directory);
	}
}

/* ---- for run ---- */

bool is_library(const char *path)
{
	static const char *const directories[] = { "/lib/",	  "/usr/lib/",	     "/lib64/",
						   "/usr/lib64/", "/usr/local/lib/", "/etc/ld.so." };
	size_t i;

	for (i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		if (strncmp(path, directories[i], strlen(directories[i])) == 0)
			return true;
	return false;
}

bool is_named(const struct thing *thing)
{
	return thing->is_path && thing->origin == NULL && thing->what[0] == '/';
}

static bool is_opened(const struct seen *seen, const char *path, size_t before)
{
	size_t i;

	for (i = 0; i < before; i++)
		if (is_named(seen->things[i]) && strcmp(seen->things[i]->what, path) == 0)
			return true;
	return false;
}

/* All that was opened by one path, in whatever way, is one name. */
static void print_name(FILE *out, const struct seen *seen, size_t first)
{
	struct thing all = *seen->things[first];
	char *path = escaped(all.what), *limits;
	unsigned long times = 0;
	size_t i, j;

	for (i = first; i < seen->nthings; i++) {
		const struct thing *other = seen->things[i];

		if (!is_named(other) || strcmp(other->what, all.what) != 0)
			continue;
		ce_rights_merge(&all.rights, &other->rights);
		all.fcntls |= other->fcntls;
		for (j = 0; j < other->nioctls; j++)
			seen_ioctl(&all, other->ioctls[j]);
		if ((other->flags & O_ACCMODE) != (all.flags & O_ACCMODE))
			all.flags = (all.flags & ~O_ACCMODE) | O_RDWR;
		all.flags |= other->flags & O_CREAT;
		times += other->opens;
	}
	for (i = 0; i < seen->nlooked; i++)
		if (seen->looked[i].status && strcmp(seen->looked[i].path, all.what) == 0)
			ce_rights_set(&all.rights, CAP_FSTAT);
	limits = limits_text(&all);
	fprintf(out, "    -p %s:%s; flags %s; times %lu\n", path, limits, format_open_flags(all.flags),
		times < 64 ? times : 64);
	free(limits);
	free(path);
}

/* A datagram socket that was connected only to learn the own address. */
static bool is_unused(const struct thing *thing)
{
	const struct refusal connect = { "connect", "", 0, thing, 0, 0, 0 };

	return !thing->bound && is_probe(&connect);
}

static void print_socket(FILE *out, const struct thing *thing)
{
	struct thing held = *thing;
	char *limits, *address = escaped(thing->address);

	ce_rights_clear(&held.rights, thing->bound ? CAP_BIND : CAP_CONNECT); /* run has done that */
	limits = limits_text(&held);
	fprintf(out, "    -%c %s:%s%s; times %lu\n", thing->bound ? 'b' : 'c', address, limits,
		thing->nonblocking ? "; flags O_NONBLOCK" : "", thing->opens < 32 ? thing->opens : 32);
	free(limits);
	free(address);
}

static void print_standard(FILE *out, const struct seen *seen, int fd)
{
	static const struct thing unused = { .rights = CE_NO_RIGHTS };
	struct thing all = unused;
	char *limits;
	size_t i;

	for (i = 0; i < seen->nthings; i++)
		if (seen->things[i]->number == fd)
			all = *seen->things[i];
	if (fd == STDERR_FILENO)
		ce_rights_set(&all.rights, CAP_WRITE); /* it has something to say as soon as it is refused anything */
	limits = limits_text(&all);
	fprintf(out, "    -l %d=%s\n", fd, limits);
	free(limits);
}

/* Calls with names that run answers from what it was given, or remembers. */
static bool is_answered(const struct refusal *refusal)
{
	static const char *const calls[] = { "open",	   "creat",	 "openat",     "openat2",   "stat",
					     "lstat",	   "newfstatat", "statx",      "access",    "faccessat",
					     "faccessat2", "readlink",	 "readlinkat", "chdir",	    "getcwd",
					     "connect",	   "bind",	 "getxattr",   "lgetxattr", "listxattr",
					     "llistxattr" };
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strcmp(refusal->call, calls[i]) == 0)
			return true;
	return false;
}

/* run knows the directories that it was given; not those that were opened beneath one. */
static bool is_fchdir_answered(const struct seen *seen)
{
	size_t i;

	for (i = 0; i < seen->nthings; i++)
		if (ce_rights_is_set(&seen->things[i]->rights, CAP_FCHDIR) && !is_named(seen->things[i]))
			return false;
	return true;
}

/* What would still be refused under run. */
static void print_unanswered(FILE *out, const struct seen *seen)
{
	size_t i;

	for (i = 0; i < seen->nrefusals; i++) {
		const struct refusal *refusal = &seen->refusals[i];

		if (!is_probe(refusal) && !is_answered(refusal) &&
		    !(strcmp(refusal->call, "fchdir") == 0 && is_fchdir_answered(seen)))
			fprintf(out, "    # this will be refused: %s(%s)\n", refusal->call, shown(refusal->text));
	}
	for (i = 0; i < seen->nclosed; i++) {
		const struct closed *closed = &seen->closed[i];

		if (closed->thing != NULL && (is_named(closed->thing) || closed->thing->number >= 0))
			fprintf(out, "    # this will be refused: %s of %s\n", closed->call,
				shown(closed->thing->what));
	}
}

static void print_run(FILE *out, const struct seen *seen)
{
	size_t i;
	char *path;
	int fd;

	fprintf(out, "\nFor capeasy run --trace-file:\n");
	for (fd = 0; fd < 3; fd++)
		print_standard(out, seen, fd);
	for (i = 0; i < seen->nthings; i++)
		if (is_named(seen->things[i]) && !is_opened(seen, seen->things[i]->what, i))
			print_name(out, seen, i);
	for (i = 0; i < seen->nthings; i++)
		if (seen->things[i]->address != NULL && !seen->things[i]->merged && !is_unused(seen->things[i]))
			print_socket(out, seen->things[i]);
	for (i = 0; i < seen->nlooked; i++) {
		const struct looked *looked = &seen->looked[i];

		if (looked->path[0] != '/' || is_opened(seen, looked->path, seen->nthings))
			continue;
		path = escaped(looked->path);
		if (looked->there)
			fprintf(out, "    -p %s:%s; ioctls none; fcntls none; times 1\n", path,
				looked->status ? "CAP_FSTAT" : "none");
		else
			fprintf(out, "    -a %s\n", path);
		free(path);
	}
	print_unanswered(out, seen);
}

void report_text(FILE *out, const struct seen *seen)
{
	char *program = program_text(seen, "");

	fprintf(out, "capeasy trace 1: %s\n%s%s%s\n", program, seen->stopped != NULL ? "Not until its end: " : "",
		seen->stopped != NULL ? seen->stopped : "", seen->stopped != NULL ? ".\n" : "");
	free(program);
	print_things(out, seen);
	print_refusals(out, seen);
	print_closed(out, seen);
	print_moments(out, seen);
	print_directories(out, seen);
	print_run(out, seen);
}
