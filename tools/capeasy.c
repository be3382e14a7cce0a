/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capeasy: Capsicum from the command line. Each command is a file of its own; capeasy.1 is the manual.
 */
#include "capeasy.h"

#include <stdlib.h>
#include <string.h>

static const struct command *const commands[] = {
	&command_allow,	 &command_diff, &command_explain, &command_fds,	   &command_need,
	&command_rights, &command_run,	&command_show,	  &command_status, &command_trace,
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const char *name_at(size_t i)
{
	return i < COMMANDS ? commands[i]->name : NULL;
}

static void print_commands(FILE *out)
{
	size_t i;

	fputs("usage: capeasy COMMAND [ARGUMENT ...]\n\n", out);
	for (i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\ncapeasy COMMAND --help tells more, and so does man capeasy.\n", out);
}

static int run_command(const struct command *command, int argc, char **argv)
{
	char *name = print_text("capeasy %s", command->name);

	begin_command(command);
	argv[0] = name; /* getopt_long() begins its messages with it */
	return command->run(argc, argv);
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";
	const char *nearest;
	size_t i;

	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
		print_commands(stdout);
		return 0;
	}
	if (strcmp(word, "--version") == 0) {
		puts("capeasy " CAPEASY_VERSION);
		return 0;
	}
	for (i = 0; i < COMMANDS; i++)
		if (strcmp(word, commands[i]->name) == 0)
			return run_command(commands[i], argc - 1, argv + 1);
	if (argc < 2) {
		print_commands(stderr);
		return EXIT_MISUSE;
	}
	nearest = nearest_word(word, name_at);
	fail(EXIT_MISUSE, "unknown command '%s'%s%s%s", word, nearest != NULL ? "; did you mean " : "",
	     nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
}
