/* SPDX-License-Identifier: BSD-2-Clause */
/* capeasy status: what this system enforces, or what another process is under. */
#include "capeasy.h"

#include <ctype.h>
#include <dirent.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	unsigned flag;
	const char *what;
} lines[] = {
	{ CE_ENFORCE_RIGHTS, "limits on descriptors" },
	{ CE_ENFORCE_MODE, "capability mode" },
	{ CE_ENFORCE_LOOKUPS, "lookups beneath directories in capability mode" },
	{ CE_ENFORCE_SIGNALS, "signals kept in the sandbox after fork" },
	{ CE_ENFORCE_METADATA, "metadata of paths only with CAP_FSTATAT in capability mode" },
	{ CE_ENFORCE_EXACT, "all of it, exactly as FreeBSD" },
};

/* ---- another process ------------------------------------------------------------------------------------------- */

/* A line of /proc/PID/status that begins with a word: what follows it, or NULL. */
static const char *status_line(int pid, const char *word)
{
	static char line[256];
	char *path = print_text("/proc/%d/status", pid);
	FILE *file = fopen(path, "r");
	const char *found = NULL;

	free(path);
	while (file != NULL && found == NULL && fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, word, strlen(word)) == 0)
			found = line + strlen(word) + strspn(line + strlen(word), " \t");
	}
	if (file != NULL)
		fclose(file);
	return found;
}

static void print_descriptors(int pid)
{
	char *directory = print_text("/proc/%d/fd", pid);
	DIR *list = opendir(directory);
	struct dirent *entry;

	if (list == NULL)
		warn("its descriptors: %s", ce_strerror(errno));
	while (list != NULL && (entry = readdir(list)) != NULL) {
		char what[4096];
		char *path = print_text("%s/%s", directory, entry->d_name);
		ssize_t length = isdigit((unsigned char)entry->d_name[0]) ? readlink(path, what, sizeof(what) - 1) : -1;

		free(path);
		if (length >= 0)
			printf("fd %s: %.*s\n", entry->d_name, (int)length, what);
	}
	if (list != NULL)
		closedir(list);
	free(directory);
}

/* The kernel shows that there are filters, and how many; what they hold only the process itself can ask. */
static int print_process(int pid)
{
	const char *mode = status_line(pid, "Seccomp:");
	const bool filtered = mode != NULL && strcmp(mode, "2") == 0;
	const char *line;

	if (status_line(pid, "Name:") == NULL)
		fail(EXIT_FAILED, "process %d: %s", pid, ce_strerror(ESRCH));
	printf("%-4s filters, which limits and capability mode are made of", filtered ? "yes" : "no");
	line = filtered ? status_line(pid, "Seccomp_filters:") : NULL;
	printf(line != NULL ? ": %s\n" : "\n", line);
	line = status_line(pid, "NoNewPrivs:");
	printf("%-4s new privileges by set-user-ID programs\n", line != NULL && strcmp(line, "1") == 0 ? "no" : "yes");
	print_descriptors(pid);
	if (filtered)
		printf("What the filters hold the kernel tells the process alone: it calls ce_describe(), "
		       "ce_sandboxed().\n");
	return 0;
}

/* ---- the command ----------------------------------------------------------------------------------------------- */

static int print_system(void)
{
	const unsigned enforced = ce_enforcement();
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		printf("%-4s %s\n", (enforced & lines[i].flag) != 0 ? "yes" : "no", lines[i].what);
	printf("%-4s in capability mode now\n", ce_sandboxed() ? "yes" : "no");
	return (enforced & (CE_ENFORCE_RIGHTS | CE_ENFORCE_MODE)) != (CE_ENFORCE_RIGHTS | CE_ENFORCE_MODE);
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "pid", required_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	int option, pid = 0;

	while ((option = getopt_long(argc, argv, "hp:", options, NULL)) != -1) {
		if (option != 'p')
			common_option(option);
		pid = (int)strtol(optarg, NULL, 10);
		if (pid <= 0)
			misuse("-p: '%s' is no process", optarg);
	}
	if (optind != argc)
		misuse("no argument belongs here");
	return pid != 0 ? print_process(pid) : print_system();
}

const struct command command_status = {
	"status",
	"[-p PID]",
	"Print what this system enforces, or what a process is under.",
	"  -p PID  a process: its filters and its descriptors, as far as the kernel lets anyone ask\n",
	run,
};
