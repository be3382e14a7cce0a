/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capeasy: Capsicum from the command line. capeasy.1 is its manual.
 */
#define _GNU_SOURCE /* fexecve() */
#include <capsicum_easy.h>

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT 4096
#define PATHS 4096

__attribute__((noreturn, format(printf, 2, 3))) static void fail(int status, const char *format, ...)
{
	va_list list;

	fputs("capeasy: ", stderr);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	exit(status);
}

__attribute__((noreturn)) static void usage(void)
{
	fputs("usage: capeasy rights [NAME ...]\n"
	      "       capeasy need CALL ...\n"
	      "       capeasy show SET\n"
	      "       capeasy diff SET SET\n"
	      "       capeasy status\n"
	      "       capeasy fds\n"
	      "       capeasy run [-L] [-d FD=DIRECTORY[:SET]] [-l FD=SET] ... PROGRAM [ARGUMENT ...]\n",
	      stderr);
	exit(2);
}

/* ---- rights and sets ----------------------------------------------------------------------------------------- */

static cap_rights_t parse(const char *text)
{
	struct ce_text_error error;
	cap_rights_t set;

	if (ce_rights_parse(text, &set, &error) != 0)
		fail(1, "'%.*s' is no right%s%s%s", (int)error.length, text + error.position,
		     error.suggestion != NULL ? "; did you mean " : "",
		     error.suggestion != NULL ? error.suggestion : "", error.suggestion != NULL ? "?" : "");
	return set;
}

static const char *format(const cap_rights_t *set)
{
	static char text[TEXT];

	if (ce_rights_format(set, text, sizeof(text)) < 0)
		fail(1, "%s", ce_strerror(errno));
	return text;
}

static void print_right(const char *name)
{
	const uint64_t right = ce_right_by_name(name);
	const char *nearest;

	if (right == 0) {
		nearest = ce_right_nearest(name);
		fail(1, "there is no right %s%s%s%s", name, nearest != NULL ? "; did you mean " : "",
		     nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
	}
	printf("%s\n    %s\n", name, ce_right_doc(right));
}

static int command_rights(int argc, char **argv)
{
	size_t i;
	int j;

	for (i = 0; argc == 0 && i < ce_right_count(); i++)
		print_right(ce_right_name_at(i));
	for (j = 0; j < argc; j++)
		print_right(argv[j]);
	return 0;
}

static int command_need(int argc, char **argv)
{
	cap_rights_t set;
	int i;

	if (argc == 0)
		usage();
	for (i = 0; i < argc; i++) {
		if (ce_call_needs(argv[i], &set) != 0)
			fail(1, "%s: %s", argv[i],
			     errno == ENOENT ? "not a call that is known here" : ce_strerror(errno));
		printf("%s: %s\n", argv[i], ce_rights_is_empty(&set) ? "no right" : format(&set));
	}
	return 0;
}

static int command_show(int argc, char **argv)
{
	cap_rights_t set;

	if (argc != 1)
		usage();
	set = parse(argv[0]);
	printf("%s\n", format(&set));
	return 0;
}

/* Prints the rights of a that b lacks; whether there are any. */
static bool print_difference(const char *sign, cap_rights_t a, const cap_rights_t *b)
{
	ce_rights_remove(&a, b);
	if (!ce_rights_is_empty(&a))
		printf("%s %s\n", sign, format(&a));
	return !ce_rights_is_empty(&a);
}

static int command_diff(int argc, char **argv)
{
	cap_rights_t a, b;
	bool less, more;

	if (argc != 2)
		usage();
	a = parse(argv[0]);
	b = parse(argv[1]);
	less = print_difference("-", a, &b);
	more = print_difference("+", b, &a);
	return less || more;
}

/* ---- what is here -------------------------------------------------------------------------------------------- */

static int command_status(int argc, char **argv)
{
	static const struct {
		unsigned flag;
		const char *what;
	} lines[] = {
		{ CE_ENFORCE_RIGHTS, "limits on descriptors" },
		{ CE_ENFORCE_MODE, "capability mode" },
		{ CE_ENFORCE_LOOKUPS, "lookups beneath directories in capability mode" },
		{ CE_ENFORCE_SIGNALS, "signals kept in the sandbox after fork" },
		{ CE_ENFORCE_EXACT, "all of it, exactly as FreeBSD" },
	};
	const unsigned enforced = ce_enforcement();
	size_t i;

	(void)argv;
	if (argc != 0)
		usage();
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		printf("%-4s %s\n", (enforced & lines[i].flag) != 0 ? "yes" : "no", lines[i].what);
	printf("%-4s in capability mode now\n", ce_sandboxed() ? "yes" : "no");
	return (enforced & (CE_ENFORCE_RIGHTS | CE_ENFORCE_MODE)) != (CE_ENFORCE_RIGHTS | CE_ENFORCE_MODE);
}

static int command_fds(int argc, char **argv)
{
	char text[2 * TEXT];
	int fd;

	(void)argv;
	if (argc != 0)
		usage();
	for (fd = ce_next_descriptor(0); fd >= 0; fd = ce_next_descriptor(fd + 1)) {
		if (ce_describe(fd, text, sizeof(text)) < 0)
			fail(1, "fd %d: %s", fd, ce_strerror(errno));
		printf("%s\n", text);
	}
	return 0;
}

/* ---- run ----------------------------------------------------------------------------------------------------- */

/* Descriptors of the program to run, by number: those given, and the standard streams. */
struct plan {
	struct ce_descriptor descriptors[CE_OPENINGS_MAX];
	cap_rights_t sets[CE_OPENINGS_MAX];
	size_t n;
};

static void add(struct plan *plan, int fd, const cap_rights_t *set)
{
	struct ce_descriptor *descriptor = &plan->descriptors[plan->n];

	if (plan->n == CE_OPENINGS_MAX)
		fail(2, "more than %u descriptors", CE_OPENINGS_MAX);
	plan->sets[plan->n] = *set;
	descriptor->fd = fd;
	descriptor->rights = &plan->sets[plan->n];
	descriptor->nioctls = CE_IOCTLS_KEEP;
	descriptor->fcntls = CE_FCNTLS_KEEP;
	plan->n++;
}

static bool is_planned(const struct plan *plan, int fd)
{
	size_t i;

	for (i = 0; i < plan->n; i++)
		if (plan->descriptors[i].fd == fd)
			return true;
	return false;
}

/* Reads "FD="; returns what follows. */
static char *parse_fd(char *text, int *fd)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (!isdigit((unsigned char)text[0]) || *end != '=' || number > 1023)
		fail(2, "'%s' does not begin with a descriptor's number and '='", text);
	*fd = (int)number;
	return end + 1;
}

static void add_limit(struct plan *plan, char *text)
{
	int fd;
	cap_rights_t set = parse(parse_fd(text, &fd));

	if (!ce_is_open_(fd))
		fail(1, "fd %d: %s", fd, ce_strerror(EBADF));
	add(plan, fd, &set);
}

static void add_directory(struct plan *plan, char *text)
{
	cap_rights_t set = CE_RIGHTS(CAP_LOOKUP, CAP_READ, CAP_SEEK, CAP_FSTAT);
	int fd, directory;
	char *path = parse_fd(text, &fd);
	char *rights = strrchr(path, ':');

	if (rights != NULL) {
		*rights = '\0';
		set = parse(rights + 1);
	}
	directory = ce_opendir(path, "r");
	if (directory < 0)
		fail(1, "%s: %s", path, ce_strerror(errno));
	if (directory == fd)
		fcntl(fd, F_SETFD, 0);
	else if (dup2(directory, fd) < 0)
		fail(1, "fd %d: %s", fd, ce_strerror(errno));
	else
		close(directory);
	add(plan, fd, &set);
}

/* Opens a program as execvp(3) finds it; its path is left in `path`. */
static int open_program(const char *name, char path[PATHS])
{
	const char *list = getenv("PATH");
	const char *end;
	int fd;

	if (strchr(name, '/') != NULL || list == NULL) {
		snprintf(path, PATHS, "%s", name);
		return open(path, O_RDONLY | O_CLOEXEC);
	}
	for (;; list = end + 1) {
		end = list + strcspn(list, ":");
		snprintf(path, PATHS, "%.*s/%s", (int)(end - list), end > list ? list : ".", name);
		fd = access(path, X_OK) == 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
		if (fd >= 0 || *end == '\0')
			return fd;
	}
}

/* Moves the program's descriptor out of the way of those that it shall have. */
static int move_up(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, 1024);

	if (moved < 0) /* a low limit for open files */
		return fd;
	close(fd);
	return moved;
}

/* Closes what the program was not given; what is closed on exec anyway, among it the program, stays. */
static void close_others(const struct plan *plan, int program)
{
	int fd;

	for (fd = ce_next_descriptor(0); fd >= 0; fd = ce_next_descriptor(fd + 1))
		if (fd != program && !is_planned(plan, fd))
			close(fd);
}

static void add_stdio(struct plan *plan)
{
	struct ce_descriptor streams[3];
	size_t n = ce_stdio_(streams);
	size_t i;

	for (i = 0; i < n; i++)
		if (!is_planned(plan, streams[i].fd) && plan->n < CE_OPENINGS_MAX)
			plan->descriptors[plan->n++] = streams[i];
}

static int run(struct plan *plan, bool limits_only, char **argv)
{
	extern char **environ;
	char path[PATHS];
	int program = open_program(argv[0], path);

	if (program < 0)
		fail(127, "%s: %s", argv[0], ce_strerror(errno));
	program = move_up(program);
	add_stdio(plan);
	close_others(plan, program);
	if (ce_limit_each(plan->descriptors, plan->n) != 0)
		fail(126, "limiting: %s", ce_strerror(errno));
	if (limits_only) {
		execve(path, argv, environ);
		fail(126, "%s: %s", path, ce_strerror(errno));
	}
	if (ce_enter() != 0)
		fail(126, "entering capability mode: %s", ce_strerror(errno));
	fexecve(program, argv, environ);
	if (errno == EACCES || errno == ECAPMODE)
		fail(126,
		     "%s: %s: only a statically linked program can start in capability mode; -L limits descriptors "
		     "only",
		     path, ce_strerror(errno));
	fail(126, "%s: %s", path, ce_strerror(errno));
}

static int command_run(int argc, char **argv)
{
	static struct plan plan;
	bool limits_only = false;
	int option;

	/* getopt() skips the word before the options: the command's name stands there. "+": a program's own stay its
	 * own. */
	while ((option = getopt(argc + 1, argv - 1, "+Ld:l:")) != -1) {
		switch (option) {
		case 'L':
			limits_only = true;
			break;
		case 'd':
			add_directory(&plan, optarg);
			break;
		case 'l':
			add_limit(&plan, optarg);
			break;
		default:
			usage();
		}
	}
	if (optind > argc)
		usage();
	return run(&plan, limits_only, argv - 1 + optind);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} commands[] = {
		{ "diff", command_diff },     { "fds", command_fds }, { "need", command_need },
		{ "rights", command_rights }, { "run", command_run }, { "show", command_show },
		{ "status", command_status },
	};
	size_t i;

	for (i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 2, argv + 2);
	usage();
}
