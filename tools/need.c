/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capeasy need: the rights that a call needs, and what to do about it before entering. On Linux as its policy has them,
 * with --freebsd as FreeBSD's kernel asks for them.
 */
#include "capeasy.h"

#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "linux-needs.h" /* by gen/linux_needs.py, from the policy */

#define NEEDS (sizeof(linux_needs) / sizeof(linux_needs[0]))

/* ---- words ---- */

/* Whether one word of n bytes is among those of a text, with blanks, commas or bars between them. */
static bool has_word(const char *text, const char *word, size_t n)
{
	size_t length;

	for (; *text != '\0'; text += length + strspn(text + length, " ,|)")) {
		length = strcspn(text, " ,|)");
		if (length == n && memcmp(text, word, n) == 0)
			return true;
	}
	return false;
}

/* How many of the words are among the arguments; *all is how many there are. */
static size_t count_words(const char *words, const char *arguments, size_t *all)
{
	size_t n = 0, length;

	for (*all = 0; *words != '\0'; words += length + (words[length] == ' ')) {
		length = strcspn(words, " ");
		n += has_word(arguments, words, length);
		++*all;
	}
	return n;
}

/* The kernel's name of a call that has another in the C library. */
static const char *kernel_name(const char *name)
{
	static const char *const names[][2] = {
		{ "pread", "pread64" },
		{ "pwrite", "pwrite64" },
		{ "fstatat", "newfstatat" },
		{ "recv", "recvfrom" },
		{ "send", "sendto" },
		{ "wait", "wait4" },
		{ "waitpid", "wait4" },
		{ "sigaction", "rt_sigaction" },
		{ "posix_fadvise", "fadvise64" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i][0], name) == 0)
			return names[i][1];
	return name;
}

/* ---- Linux ---- */

static bool applies(const struct linux_need *need, const char *call, const char *arguments)
{
	size_t all;

	if (strcmp(need->call, call) != 0)
		return false;
	if (count_words(need->when, arguments, &all) != all)
		return false;
	if (count_words(need->one_of, arguments, &all) == 0 && all > 0)
		return false;
	if (count_words(need->unless, arguments, &all) > 0)
		return false;
	/* "fcntl" alone is not the one command of which it says no. */
	return strcmp(need->rights, "refused") != 0 || all == 0 || arguments[0] != '\0';
}

/* Adds the rights of a row to a set; of CAP_FCNTL_GETFL and its kin there is more in the manual. */
static void add_rights(const char *rights, cap_rights_t *set)
{
	char text[256];
	char *rest = NULL, *word;
	cap_rights_t one;

	if (strcmp(rights, "ioctl") == 0)
		rights = "CAP_IOCTL";
	snprintf(text, sizeof(text), "%s", rights);
	for (word = strtok_r(text, "+", &rest); word != NULL; word = strtok_r(NULL, "+", &rest))
		if (strncmp(word, "CAP_FCNTL_", 10) != 0 && ce_rights_parse(word, &one, NULL) == 0)
			ce_rights_merge(set, &one);
}

/* What a row says that is no right; NULL if it is one. */
static const char *refusal_of(const char *rights)
{
	if (strcmp(rights, "refused") == 0 || strcmp(rights, "copied") == 0) /* ce_dup() copies within a pool */
		return "refused on a descriptor with any limit";
	if (strcmp(rights, "closed") == 0)
		return "refused as soon as any descriptor is limited";
	return strcmp(rights, "noexec") == 0 ? "refused once a descriptor may be mapped and not executed" : NULL;
}

static const char *mode_of(const char *call)
{
	size_t i;

	for (i = 0; i < sizeof(linux_modes) / sizeof(linux_modes[0]); i++)
		if (strcmp(linux_modes[i].call, call) == 0)
			return linux_modes[i].mode;
	return NULL;
}

/* Prints the needs of one of the call's descriptors, or of the call as a whole; whether there are any. */
static bool print_needs_of(const char *call, const char *arguments, int argument, bool several, bool first)
{
	cap_rights_t set = CE_NO_RIGHTS;
	const char *refusal = NULL;
	bool any = false;
	size_t i;

	for (i = 0; i < NEEDS; i++) {
		if (linux_needs[i].argument != argument || !applies(&linux_needs[i], call, arguments))
			continue;
		any = true;
		if (refusal_of(linux_needs[i].rights) != NULL)
			refusal = refusal_of(linux_needs[i].rights);
		else
			add_rights(linux_needs[i].rights, &set);
	}
	if (!any)
		return false;
	printf("%s", first ? "" : "; ");
	if (several && argument >= 0)
		printf("argument %d ", argument + 1);
	printf("%s", refusal != NULL ? refusal : format_set(&set));
	return true;
}

/* Prints what the policy says of a call; false if that is nothing about a descriptor. */
static bool print_linux(const char *call, const char *arguments)
{
	unsigned descriptors = 0;
	bool any = false;
	int argument;
	size_t i;

	for (argument = 0; argument < 6; argument++)
		for (i = 0; i < NEEDS; i++)
			if (linux_needs[i].argument == argument && applies(&linux_needs[i], call, arguments)) {
				descriptors++;
				break;
			}
	for (argument = -1; argument < 6; argument++)
		any = print_needs_of(call, arguments, argument, descriptors > 1, !any) || any;
	return any;
}

/* ---- the command ---- */

/* Every call that is known, of the policy, of FreeBSD, of the C library and of the services. */
static const char *call_at(size_t i)
{
	const size_t modes = sizeof(linux_modes) / sizeof(linux_modes[0]);
	size_t n;

	if (i < modes)
		return linux_modes[i].call;
	for (i -= modes, n = 0; ce_call_name_at(n) != NULL; n++)
		if (n == i)
			return ce_call_name_at(n);
	return service_call_at(i - n);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int print_list(void)
{
	const char *names[2048] = { NULL };
	size_t n = 0, i;

	while (n < 2048 && call_at(n) != NULL) {
		names[n] = call_at(n);
		n++;
	}
	qsort(names, n, sizeof(names[0]), compare);
	for (i = 0; i < n; i++)
		if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
			puts(names[i]);
	return 0;
}

__attribute__((noreturn)) static void fail_unknown(const char *call, const char *name, const char *arguments)
{
	const char *nearest = nearest_word(name, call_at);

	if (arguments[0] != '\0' && (mode_of(kernel_name(name)) != NULL || ce_call_advice(name) != NULL))
		fail(EXIT_FAILED, "%s: an argument is not known here", call);
	fail(EXIT_FAILED, "%s: not a call that is known here%s%s%s", call, nearest != NULL ? "; did you mean " : "",
	     nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
}

/* A call as it was given, with its name, and not its arguments, in lower case; to be freed. */
static char *normal_call(const char *given)
{
	char *call = copy_text(given);
	char *c;

	for (c = call; *c != '\0' && *c != '('; c++)
		*c = (char)tolower((unsigned char)*c);
	return call;
}

static void print_need(const char *given, bool freebsd)
{
	char *call = normal_call(given);
	char name[64] = "";
	const char *arguments = strchr(call, '(') != NULL ? strchr(call, '(') + 1 : "";
	const char *mode = NULL, *advice;
	cap_rights_t set = CE_NO_RIGHTS;
	int known = ce_call_needs(call, &set);

	if (known != 0 && errno == EINVAL)
		fail(EXIT_FAILED, "%s: %s", call, ce_strerror(EINVAL));
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(call, "("), call);
	if (arguments[0] >= '0' && arguments[0] <= '9') /* the section of a manual page */
		arguments = "";
	if (!freebsd)
		mode = mode_of(kernel_name(name));
	if (known != 0 && mode == NULL && services_of(name) == NULL)
		fail_unknown(call, name, arguments);
	printf("%s: ", call);
	if (mode == NULL || !print_linux(kernel_name(name), arguments))
		printf("%s", ce_rights_is_empty(&set) ? "no right" : format_set(&set));
	if (mode != NULL && strcmp(mode, "no") == 0)
		printf("; not in capability mode");
	if (freebsd || (mode != NULL && strcmp(mode, "no") != 0 && strncmp(name, "dup", 3) != 0))
		advice = services_of(name);
	else
		advice = advice_of(name);
	printf("%s%s\n", advice != NULL ? "; " : "", advice != NULL ? advice : "");
	free(call);
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "freebsd", no_argument, NULL, 'f' },
		{ "list", no_argument, NULL, 'l' },
		{ NULL, 0, NULL, 0 },
	};
	bool freebsd = false;
	int option;

#if defined(__FreeBSD__)
	freebsd = true;
#endif
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'l')
			return print_list();
		if (option != 'f')
			common_option(option);
		freebsd = true;
	}
	if (optind == argc)
		misuse("which call?");
	for (; optind < argc; optind++)
		print_need(argv[optind], freebsd);
	return 0;
}

const struct command command_need = {
	"need",
	"[--freebsd] CALL ...",
	"Print the rights that a descriptor must have for a call, and what to do before entering.",
	"  --freebsd  as FreeBSD's kernel asks for them, not this system's\n"
	"  --list     prints the calls that are known\n",
	run,
};
