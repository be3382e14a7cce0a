/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a process is under on Linux: what /proc tells anyone of filters, and what the filters themselves answer to
 * those who may have copies of them.
 */
#include "capeasy.h"
#include "filters.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct descriptors {
	int *numbers;
	char **what; /* each is open on */
	size_t n;
};

const char *process_status(int pid, const char *word)
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

static void add_descriptor(struct descriptors *descriptors, const char *directory, const char *name)
{
	char what[4096];
	char *path = print_text("%s/%s", directory, name);
	const ssize_t length = readlink(path, what, sizeof(what) - 1);

	free(path);
	if (length < 0) /* closed meanwhile */
		return;
	what[length] = '\0';
	descriptors->numbers = (int *)grown(descriptors->numbers, descriptors->n, sizeof(int));
	descriptors->what = (char **)grown(descriptors->what, descriptors->n, sizeof(char *));
	descriptors->numbers[descriptors->n] = (int)strtol(name, NULL, 10);
	descriptors->what[descriptors->n++] = copy_text(what);
}

/* In the order of the numbers, in which the kernel lists them. */
static struct descriptors descriptors_of(int pid)
{
	struct descriptors descriptors = { NULL, NULL, 0 };
	char *directory = print_text("/proc/%d/fd", pid);
	DIR *list = opendir(directory);
	struct dirent *entry;

	if (list == NULL)
		warn("its descriptors: %s", ce_strerror(errno));
	while (list != NULL && (entry = readdir(list)) != NULL)
		if (isdigit((unsigned char)entry->d_name[0]))
			add_descriptor(&descriptors, directory, entry->d_name);
	if (list != NULL)
		closedir(list);
	free(directory);
	return descriptors;
}

static void free_descriptors(struct descriptors *descriptors)
{
	while (descriptors->n > 0)
		free(descriptors->what[--descriptors->n]);
	free(descriptors->what);
	free(descriptors->numbers);
}

/* Without a filter there is no mode: it is made of them. */
static void print_mode(bool filtered, const struct filter_answers *answers, const char *why)
{
	if (filtered && answers == NULL) {
		printf("?    in capability mode: %s\n", why);
		return;
	}
	printf("%-4s in capability mode%s", filtered && answers->sandboxed ? "yes" : "no",
	       filtered ? ", as its filters answer" : "");
	if (filtered && answers->lost[0] != '\0')
		printf("; lost at entry: %s", answers->lost);
	putchar('\n');
}

/* Without filters there is no limit. */
static void print_descriptors(const struct descriptors *descriptors, const struct filter_answers *answers)
{
	const char *limits = answers != NULL ? answers->limits : "";
	size_t i;

	for (i = 0; i < descriptors->n; i++) {
		printf("fd %d, %s", descriptors->numbers[i], descriptors->what[i]);
		if (limits[0] != '\0')
			print_description(limits + strcspn(limits, ":"));
		else
			putchar('\n');
		if (answers != NULL)
			limits += strlen(limits) + 1;
	}
}

int print_process(int pid)
{
	const char *line = process_status(pid, "Seccomp:");
	const bool filtered = line != NULL && strcmp(line, "2") == 0;
	const struct filter_answers *answers = NULL;
	struct descriptors descriptors;
	const char *why = NULL;

	if (process_status(pid, "Name:") == NULL)
		fail(EXIT_FAILED, "process %d: %s", pid, ce_strerror(ESRCH));
	descriptors = descriptors_of(pid);
	if (filtered)
		answers = filters_ask(pid, descriptors.numbers, descriptors.n, &why);
	print_mode(filtered, answers, why);
	line = filtered ? process_status(pid, "Seccomp_filters:") : NULL;
	printf("%-4s filters, which limits and capability mode are made of", filtered ? "yes" : "no");
	printf(line != NULL ? ": %s\n" : "\n", line);
	line = process_status(pid, "NoNewPrivs:");
	printf("%-4s new privileges by set-user-ID programs\n", line != NULL && strcmp(line, "1") == 0 ? "no" : "yes");
	if (filtered && answers == NULL)
		printf("?    limits of its descriptors: for the same reason; it may itself call ce_describe(), "
		       "ce_sandboxed()\n");
	print_descriptors(&descriptors, answers);
	free_descriptors(&descriptors);
	return 0;
}
