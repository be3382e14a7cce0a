/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capeasy run: a program in capability mode, with the descriptors and names that the command line gives it.
 *
 * Everything is opened and limited, capability mode is entered, and only then is the program started, by start.h's way
 * for this system. So its own code never runs outside, whatever it is.
 */
#define _GNU_SOURCE /* O_PATH */
#include "run.h"

#include <ctype.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FIRST_HELD 256 /* numbers of descriptors that stand for names begin here */
#define OPENS 4	       /* how often a file can be opened by its name, unless said otherwise */

static const char file_limits[] = "READ, SEEK, FSTAT, MMAP_R, EVENT, FCNTL; ioctls none; fcntls GETFL";
static const char directory_limits[] = "LOOKUP, READ, SEEK, FSTATAT; ioctls none; fcntls none";

static const char client_limits[] = "SOCK_CLIENT, EVENT, FSTAT, FCNTL, IOCTL; ioctls FIONBIO, FIONREAD";
static const char server_limits[] = "SOCK_SERVER, EVENT, FSTAT, FCNTL, IOCTL; ioctls FIONBIO, FIONREAD";

/* ---- the plan ---- */

static struct plan plan;

static struct given *add_given(enum given_kind kind, const char *path)
{
	struct given *given;

	if (plan.n == GIVEN_MAX)
		fail(EXIT_MISUSE, "more than %d descriptors and names", GIVEN_MAX);
	given = &plan.given[plan.n++];
	given->kind = kind;
	given->path = path;
	given->fd = -1;
	return given;
}

static struct given *find_number(int fd)
{
	size_t i;

	for (i = 0; i < plan.n; i++)
		if (plan.given[i].kind == GIVEN_NUMBER && plan.given[i].fd == fd)
			return &plan.given[i];
	return NULL;
}

static struct limits parse_limits(const char *text)
{
	struct limits limits;
	const char *error;

	if (!limits_parse(text, &limits, &error))
		fail(EXIT_FAILED, "%s", error);
	return limits;
}

/* Reads "FD="; returns what follows. */
static char *parse_fd(char *text, int *fd)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (!isdigit((unsigned char)text[0]) || *end != '=' || number >= FIRST_HELD)
		misuse("'%s' does not begin with a descriptor's number, below %d, and '='", text, FIRST_HELD);
	*fd = (int)number;
	return end + 1;
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

/* -l FD=SET */
static void add_limit(char *text)
{
	struct given *given;
	int fd;
	const char *set = parse_fd(text, &fd);
	const struct limits limits = parse_limits(set);

	if (!is_open(fd))
		fail(EXIT_FAILED, "fd %d: %s", fd, ce_strerror(EBADF));
	given = find_number(fd) != NULL ? find_number(fd) : add_given(GIVEN_NUMBER, NULL);
	given->fd = fd;
	given->limits = limits;
}

/* Whether there is nothing of this name, but something of what comes before the colon: a mistyped set is behind it. */
static bool ends_in_mistake(const char *text, const char *colon)
{
	char *path = copy_text(text);
	bool is;

	path[colon - text] = '\0';
	is = access(text, F_OK) != 0 && access(path, F_OK) == 0;
	free(path);
	return is;
}

/* Splits "PATH:SET" at the last colon behind which a set stands; returns the set, or NULL. */
static char *split_set(char *text)
{
	struct limits limits;
	const char *error;
	char *set = strrchr(text, ':');

	if (set == NULL)
		return NULL;
	if (!limits_parse(set + 1, &limits, &error)) {
		if (ends_in_mistake(text, set))
			fail(EXIT_FAILED, "%s", error);
		return NULL;
	}
	*set = '\0';
	return set + 1;
}

/* -d FD=DIRECTORY[:SET] */
static void add_directory(char *text)
{
	struct given *given;
	int fd, directory;
	char *path = parse_fd(text, &fd);
	char *set = split_set(path);

	directory = ce_open_directory(path, CE_RIGHTS_KEEP);
	if (directory < 0)
		fail(EXIT_FAILED, "%s: %s", path, ce_strerror(errno));
	if (directory == fd)
		fcntl(fd, F_SETFD, 0);
	else if (dup2(directory, fd) < 0)
		fail(EXIT_FAILED, "fd %d: %s", fd, ce_strerror(errno));
	else
		close(directory);
	given = add_given(GIVEN_NUMBER, NULL);
	given->fd = fd;
	given->limits = parse_limits(set != NULL ? set : "LOOKUP, READ, SEEK, FSTAT");
}

/* -p PATH[:SET] */
static void add_path(char *text)
{
	struct stat status;
	char *set = split_set(text);
	struct given *given = add_given(GIVEN_NAME, copy_text(text));
	const bool is_directory = stat(text, &status) == 0 && S_ISDIR(status.st_mode);

	given->limits = parse_limits(set != NULL ? set : is_directory ? directory_limits : file_limits);
	given->beneath = is_directory && ce_rights_is_set(&given->limits.rights, CAP_LOOKUP);
	if (!run_has_names)
		fail(EXIT_NOT_STARTED, "-p: on this system a program in capability mode reaches nothing by name; "
				       "use -d and a program that takes descriptors");
}

/* -a PATH */
static void add_absent(char *text)
{
	add_given(GIVEN_ABSENT, copy_text(text));
}

/* -c ADDRESS[:SET] and -b ADDRESS[:SET] */
static void add_socket(char *text, bool bound)
{
	char *set = split_set(text);
	struct given *given = add_given(GIVEN_SOCKET, NULL);

	given->limits = parse_limits(set != NULL ? set : bound ? server_limits : client_limits);
	given->bound = bound;
	run_parse_address(text, given);
	if (!run_has_names)
		fail(EXIT_NOT_STARTED, "on this system a program in capability mode reaches nothing by an address; "
				       "give it the socket as a descriptor");
}

static void add_connected(char *text)
{
	add_socket(text, false);
}

static void add_bound(char *text)
{
	add_socket(text, true);
}

/* What to do with each option that a file of trace's can have too. */
static bool add_option(int option, char *text)
{
	static const struct {
		int option;
		void (*add)(char *text);
	} options[] = { { 'a', add_absent },	{ 'b', add_bound }, { 'c', add_connected },
			{ 'd', add_directory }, { 'l', add_limit }, { 'p', add_path } };
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].option == option) {
			options[i].add(text);
			return true;
		}
	return false;
}

/* Takes back what trace did to blanks and the like in a path: "\040". */
static void unescape(char *text)
{
	char *out = text;

	for (; *text != '\0'; out++) {
		if (text[0] == '\\' && isdigit((unsigned char)text[1]) && isdigit((unsigned char)text[2]) &&
		    isdigit((unsigned char)text[3])) {
			*out = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
			text += 4;
		} else {
			*out = *text++;
		}
	}
	*out = '\0';
}

/* --trace-file FILE: its lines "    -p ...", "    -l ..." and "    -a ..." are options. */
static void add_trace_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0, found = 0;

	if (file == NULL)
		fail(EXIT_FAILED, "%s: %s", path, ce_strerror(errno));
	while (getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "    -", 5) != 0 || line[5] == '\0' || line[6] != ' ')
			continue;
		unescape(line + 7);
		found += add_option(line[5], line + 7);
	}
	if (found == 0)
		fail(EXIT_FAILED, "%s: nothing in it that trace wrote", path);
	free(line);
	fclose(file);
}

/* ---- opening ---- */

static int flags_of(const struct given *given)
{
	const cap_rights_t *rights = &given->limits.rights;
	const bool reads = ce_rights_is_set(rights, CAP_READ), writes = ce_rights_is_set(rights, CAP_WRITE);

	if (given->limits.flags >= 0)
		return given->limits.flags;
	if (given->beneath)
		return O_RDONLY | O_DIRECTORY;
	return (writes ? (reads ? O_RDWR : O_WRONLY) : O_RDONLY) | (ce_rights_is_set(rights, CAP_CREATE) ? O_CREAT : 0);
}

/* Puts an open file at a number of our choice. */
static void put(int fd, int number, const char *what)
{
	if (fd < 0)
		fail(EXIT_FAILED, "%s: %s", what, ce_strerror(errno));
	if (fcntl(number, F_GETFD) != -1)
		fail(EXIT_FAILED, "fd %d is in use", number);
	if (dup2(fd, number) < 0 || fcntl(number, F_SETFD, FD_CLOEXEC) < 0)
		fail(EXIT_FAILED, "fd %d: %s", number, ce_strerror(errno));
	close(fd);
}

/* How many descriptors a name takes. */
static int numbers_of(const struct given *given)
{
	if (given->kind == GIVEN_ABSENT || given->kind == GIVEN_NUMBER)
		return 0;
	if (given->beneath || given->kind == GIVEN_PARENT)
		return 1;
	if (given->kind == GIVEN_SOCKET)
		return given->limits.times > 0 ? given->limits.times : 1;
	return 1 + (given->limits.times > 0 ? given->limits.times : OPENS);
}

static int open_socket(const struct given *given)
{
	const int flags = given->limits.flags >= 0 && (given->limits.flags & O_NONBLOCK) != 0 ? O_NONBLOCK : 0;
	const struct sockaddr *address = (const struct sockaddr *)&given->address;
	const int fd = socket(given->address.ss_family, given->type, 0), yes = 1;

	if (fd < 0)
		return -1;
	if (given->bound) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
		if (bind(fd, address, given->length) != 0)
			return -1;
	} else if (connect(fd, address, given->length) != 0) {
		return -1;
	}
	return fcntl(fd, F_SETFL, O_RDWR | flags) == 0 ? fd : -1;
}

static int open_given(const struct given *given, int flags)
{
	if (given->kind == GIVEN_SOCKET)
		return open_socket(given);
#ifdef O_PATH
	if (given->kind == GIVEN_PARENT)
		return open(given->path, O_PATH | O_CLOEXEC);
#endif
	return open(given->path, flags | O_CLOEXEC, 0666);
}

static void open_at(struct given *given, int number)
{
	int flags = given->kind == GIVEN_SOCKET ? 0 : flags_of(given), n = numbers_of(given), i;

	given->fd = number;
	given->copies = n - 1;
	given->flags = flags;
	given->created = given->path != NULL && (flags & O_CREAT) != 0 && access(given->path, F_OK) != 0;
	for (i = 0; i < n; i++) {
		put(open_given(given, flags), number + i,
		    given->path != NULL ? given->path
		    : given->bound	? "binding a socket"
					: "connecting");
		flags &= ~(O_CREAT | O_EXCL | O_TRUNC);
	}
}

static bool have_same_limits(const struct given *a, const struct given *b)
{
	return ce_rights_equal(&a->limits.rights, &b->limits.rights) && a->limits.fcntls == b->limits.fcntls &&
	       a->limits.nioctls == b->limits.nioctls &&
	       (a->limits.nioctls == CE_IOCTLS_KEEP ||
		memcmp(a->limits.ioctls, b->limits.ioctls, a->limits.nioctls * sizeof(a->limits.ioctls[0])) == 0);
}

/* Makes room for the numbers; the program sees a higher limit then. */
static void raise_limit(int needed)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= (rlim_t)needed)
		return;
	limit.rlim_cur = (rlim_t)needed <= limit.rlim_max ? (rlim_t)needed : limit.rlim_max;
	if (limit.rlim_cur < (rlim_t)needed || setrlimit(RLIMIT_NOFILE, &limit) != 0)
		fail(EXIT_NOT_STARTED, "%d descriptors are needed: more than the limit for open files", needed);
}

/* Opens all names, those with the same limits side by side: a filter takes a range of numbers as one. */
static void open_names(void)
{
	int number = FIRST_HELD;
	size_t i, j;

	for (i = 0; i < plan.n; i++)
		number += numbers_of(&plan.given[i]);
	raise_limit(number + 16);
	number = FIRST_HELD;
	for (i = 0; i < plan.n; i++) {
		for (j = i; j < plan.n && (j == i || plan.given[i].fd >= 0); j++) {
			struct given *given = &plan.given[j];

			if (given->fd >= 0 || numbers_of(given) == 0 || !have_same_limits(given, &plan.given[i]))
				continue;
			open_at(given, number);
			number += numbers_of(given);
		}
	}
}

/* ---- limiting ---- */

/* The standard streams that nothing was said about are limited as streams. */
static size_t add_streams(struct ce_descriptor *descriptors)
{
	static const unsigned flags[] = { CE_STREAM_READ, CE_STREAM_WRITE, CE_STREAM_WRITE };
	size_t n = 0;
	int fd;

	for (fd = 0; fd < 3; fd++)
		if (is_open(fd) && find_number(fd) == NULL)
			descriptors[n++] = ce_stream(fd, flags[fd]);
	return n;
}

/* Closes first to last; one by one where the kernel cannot do it at once. */
static void close_numbers(int first, int last)
{
	int fd;

#ifdef SYS_close_range
	if (first > last || syscall(SYS_close_range, (long)first, (long)last, 0L) == 0)
		return;
#endif
	for (fd = ce_next_descriptor(first); fd >= 0 && fd <= last; fd = ce_next_descriptor(fd + 1))
		close(fd);
}

/* The first descriptor from `from` on that is given to the program, and the last of those beside it; INT_MAX: none. */
static int next_given(int from, int *last)
{
	int next = INT_MAX;
	size_t i;

	for (i = 0; i < plan.n; i++) {
		const struct given *given = &plan.given[i];

		if (given->fd >= from && given->fd < next) {
			next = given->fd;
			*last = given->fd + given->copies;
		}
	}
	return next;
}

/* What the program was not given is closed. */
static void close_others(void)
{
	int from = 3, next, last;

	while ((next = next_given(from, &last)) != INT_MAX) {
		close_numbers(from, next - 1);
		from = last + 1;
	}
	close_numbers(from, INT_MAX);
}

static void limit_all(void)
{
	static struct ce_descriptor descriptors[GIVEN_MAX * (OPENS + 1) + 3];
	const size_t room = sizeof(descriptors) / sizeof(descriptors[0]) - 3;
	size_t n = 0, i;
	int j;

	for (i = 0; i < plan.n; i++) {
		const struct given *given = &plan.given[i];

		for (j = 0; j <= given->copies && given->fd >= 0; j++) {
			if (n == room)
				fail(EXIT_NOT_STARTED, "more than %zu descriptors", room);
			descriptors[n++] = limits_of(given->fd + j, &given->limits);
		}
	}
	n += add_streams(descriptors + n);
	if (ce_limit_each(descriptors, n) != 0)
		fail(EXIT_NOT_STARTED, "limiting: %s", ce_strerror(errno));
}

/* ---- the command ---- */

struct given *run_add(enum given_kind kind, const char *path, const char *limits)
{
	struct given *given = add_given(kind, path);

	given->limits = parse_limits(limits);
	return given;
}

int run_open_program(const char *name, char path[RUN_PATH])
{
	const char *list = getenv("PATH");
	const char *end;
	int saved = ENOENT;

	if (strchr(name, '/') != NULL || list == NULL) {
		snprintf(path, RUN_PATH, "%s", name);
		return access(path, X_OK) == 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	}
	for (;; list = end + 1) {
		end = list + strcspn(list, ":");
		snprintf(path, RUN_PATH, "%.*s/%s", (int)(end - list), end > list ? list : ".", name);
		if (access(path, X_OK) == 0)
			return open(path, O_RDONLY | O_CLOEXEC);
		saved = errno == EACCES ? EACCES : saved;
		if (*end == '\0') {
			errno = saved;
			return -1;
		}
	}
}

/* The program, limited only: an execve like any other. */
static int run_limited(char **argv)
{
	extern char **environ;
	char path[RUN_PATH];
	int program = run_open_program(argv[0], path);

	if (program < 0)
		fail(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_STARTED, "%s: %s", argv[0], ce_strerror(errno));
	close_others();
	limit_all();
	execve(path, argv, environ);
	fail(EXIT_NOT_STARTED, "%s: %s", path, ce_strerror(errno));
}

static int run_inside(char **argv)
{
	run_prepare(&plan, argv);
	open_names();
	close_others();
	limit_all();
	if (ce_enter() != 0)
		fail(EXIT_NOT_STARTED, "entering capability mode: %s", ce_strerror(errno));
	run_start(&plan);
	return EXIT_NOT_STARTED;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "trace-file", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	bool limits_only = false, has_names = false;
	int option;

	while ((option = getopt_long(argc, argv, "+Aa:b:c:d:hLl:p:", options, NULL)) != -1) {
		has_names = has_names || strchr("Aabcpt", option) != NULL;
		if (option == 'L')
			limits_only = true;
		else if (option == 'A')
			plan.others_absent = true;
		else if (option == 't')
			add_trace_file(optarg);
		else if (!add_option(option, optarg))
			common_option(option);
	}
	if (optind == argc)
		misuse("which program?");
	if (limits_only && has_names)
		misuse("-L, without capability mode, leaves all names: -p, -a, -A, -c, -b and --trace-file do not go "
		       "with "
		       "it");
	return limits_only ? run_limited(argv + optind) : run_inside(argv + optind);
}

const struct command command_run = {
	"run",
	"[-L] [-p PATH[:SET]] [-A | -a PATH] [-c ADDRESS[:SET]] [-b ADDRESS[:SET]] [-d FD=DIRECTORY[:SET]] [-l FD=SET] "
	"[--trace-file FILE] PROGRAM [ARGUMENT ...]",
	"Run a program in capability mode, with the descriptors and names that it is given.",
	"  -p PATH[:SET]          opens it; the program reaches it, and what lies beneath it, by this name\n"
	"  -a PATH                tells the program that nothing has this name, which it tries and can do without\n"
	"  -A                     tells it so of every name that it was not given\n"
	"  -c ADDRESS[:SET]       connects to tcp:HOST:PORT, udp:HOST:PORT or unix:PATH for the program, which does so "
	"too\n"
	"  -b ADDRESS[:SET]       binds a socket to it\n"
	"  -d FD=DIRECTORY[:SET]  opens a directory as this descriptor\n"
	"  -l FD=SET              limits a descriptor that is open already; 0, 1 and 2 are limited as streams "
	"otherwise\n"
	"  --trace-file FILE      takes all of that from what capeasy trace wrote\n"
	"  -L                     limits descriptors only, without capability mode\n",
	run,
};
