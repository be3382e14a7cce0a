/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starting a program in capability mode on Linux: it and its loader are mapped by load.c, and names that it uses, those
 * of its libraries among them, are answered by names.c.
 */
#define _GNU_SOURCE
#include "run.h"

#include "load.h"
#include "names.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INTERPRETERS 4 /* of scripts, one the script of the next: BINPRM_MAX_RECURSION */
#define FIRST_LINE 256 /* BINPRM_BUF_SIZE */

const bool run_has_names = true;

static struct load_file *program, *loader;
static char **arguments;
static char program_path[RUN_PATH];

/* Of all that is only there for loading: one set of limits costs the filter less than several. */
static const char loading_limits[] = "LOOKUP, READ, SEEK, FSTATAT, MMAP_RX; ioctls none; fcntls none";
static const char parent_limits[] = "FSTAT; ioctls none; fcntls none";

/* ---- the program ---- */

/* Puts "INTERPRETER [ARGUMENT] SCRIPT" before the arguments of a script. */
static void put_interpreter(char *line, const char *script)
{
	char **before = arguments;
	size_t n = 0, i;
	char *name, *argument;

	line[strcspn(line, "\n")] = '\0';
	name = line + 2 + strspn(line + 2, " \t");
	argument = name + strcspn(name, " \t");
	if (*argument != '\0')
		*argument++ = '\0';
	argument += strspn(argument, " \t");
	argument[strcspn(argument, "\t")] = '\0';
	while (before[n] != NULL)
		n++;
	arguments = (char **)allocate((n + 3) * sizeof(*arguments));
	i = 0;
	arguments[i++] = copy_text(name);
	if (*argument != '\0')
		arguments[i++] = copy_text(argument);
	arguments[i++] = copy_text(script);
	memcpy(arguments + i, before + 1, n * sizeof(*arguments));
	run_add(GIVEN_NAME, copy_text(script), "READ, SEEK, FSTAT, FCNTL; ioctls none; fcntls GETFL");
}

static int open_file(const char *name, const char *for_script)
{
	int fd = run_open_program(name, program_path);

	if (fd < 0 && for_script != NULL)
		fail(EXIT_NOT_STARTED, "%s: its interpreter %s: %s", for_script, name, ce_strerror(errno));
	if (fd < 0)
		fail(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_STARTED, "%s: %s", name, ce_strerror(errno));
	return fd;
}

/* Opens the program; of a script, its interpreter. */
static int open_program(void)
{
	char line[FIRST_LINE] = "";
	const char *script = NULL;
	int depth, fd;

	for (depth = 0; depth < INTERPRETERS; depth++) {
		fd = open_file(arguments[0], script);
		if (pread(fd, line, sizeof(line) - 1, 0) < 2 || strncmp(line, "#!", 2) != 0)
			return fd;
		close(fd);
		script = copy_text(program_path);
		put_interpreter(line, script);
		memset(line, 0, sizeof(line));
	}
	fail(EXIT_NOT_STARTED, "%s: too many interpreters", script);
}

/* The file goes into the plan, which limits it and keeps it open. */
static struct load_file *read_file(int fd, const char *path, const char **interpreter)
{
	struct load_error error;
	struct load_file *file = load_prepare(fd, interpreter, &error);

	if (file == NULL)
		fail(EXIT_NOT_STARTED, "%s: %s", path, error.text);
	return file;
}

/* Moves a descriptor above those that the program is given. */
static int move_up(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, 64);

	if (moved < 0)
		fail(EXIT_NOT_STARTED, "%s", ce_strerror(errno));
	close(fd);
	return moved;
}

static int keep(int fd)
{
	struct given *given = run_add(GIVEN_NUMBER, NULL, loading_limits);

	given->fd = move_up(fd);
	return given->fd;
}

/* ---- names ---- */

static void add_loading(const char *path, bool is_directory)
{
	struct given *given;

	if (access(path, R_OK) != 0)
		return;
	given = run_add(GIVEN_LOADING, path, loading_limits);
	given->beneath = is_directory;
	given->limits.times = 1;
}

/* Where loaders look for libraries. Others, of a program's own, are given with -p. */
static void add_libraries(void)
{
	static const char *const directories[] = { "/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib" };
	const char *list = getenv("LD_LIBRARY_PATH");
	char *rest = NULL, *path;
	size_t i;

	for (i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		add_loading(directories[i], true);
	add_loading("/etc/ld.so.cache", false);
	for (path = strtok_r(copy_text(list != NULL ? list : ""), ":", &rest); path != NULL;
	     path = strtok_r(NULL, ":", &rest))
		add_loading(path, true);
}

/* The path of what was given, as names.c compares it. */
static const char *normal_path(const char *path, const char *working)
{
	char *out = (char *)allocate(RUN_PATH);

	if (!names_normal(out, RUN_PATH, working, path))
		fail(EXIT_NOT_STARTED, "%s: %s", path, ce_strerror(ENAMETOOLONG));
	return out;
}

static bool is_in_plan(const struct plan *plan, const char *path)
{
	size_t i;

	for (i = 0; i < plan->n; i++)
		if (plan->given[i].path != NULL && plan->given[i].kind != GIVEN_LOADING &&
		    strcmp(plan->given[i].path, path) == 0)
			return true;
	return false;
}

/* The directories that lead to a name: programs look at each of them, realpath(3) for one. */
static void add_parents(const struct plan *plan, const char *path)
{
	char *parent = copy_text(path);
	char *slash;

	while ((slash = strrchr(parent, '/')) != NULL) {
		slash[slash == parent] = '\0';
		if (!is_in_plan(plan, parent) && access(parent, F_OK) == 0)
			run_add(GIVEN_PARENT, copy_text(parent), parent_limits);
		if (slash == parent)
			break;
	}
	free(parent);
}

static void normalize(struct plan *plan, const char *working)
{
	const size_t n = plan->n;
	size_t i;

	for (i = 0; i < n; i++)
		if (plan->given[i].path != NULL)
			plan->given[i].path = normal_path(plan->given[i].path, working);
	for (i = 0; i < n; i++)
		if (plan->given[i].kind == GIVEN_NAME)
			add_parents(plan, plan->given[i].path);
}

static char working_directory[RUN_PATH];

void run_prepare(struct plan *plan, char **argv)
{
	const char *interpreter = NULL, *none = NULL;
	int fd;

	arguments = argv;
	if (getcwd(working_directory, sizeof(working_directory)) == NULL)
		strcpy(working_directory, "/");
	fd = keep(open_program());
	program = read_file(fd, program_path, &interpreter);
	if (interpreter != NULL) {
		fd = open(interpreter, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			fail(EXIT_NOT_STARTED, "%s: its loader %s: %s", program_path, interpreter, ce_strerror(errno));
		loader = read_file(keep(fd), interpreter, &none);
		add_libraries();
	}
	normalize(plan, working_directory);
}

/* ---- what stays once it is loaded ---- */

#define TSYNC (1u << 3) /* LANDLOCK_RESTRICT_SELF_TSYNC, for all threads: from ABI 8 on */

/* Whether it is such a file: not a directory where only one can be meant (EINVAL), nor without a name (EBADFD). */
static bool allow(int ruleset, int fd, uint64_t accesses)
{
	struct landlock_path_beneath_attr rule;

	memset(&rule, 0, sizeof(rule));
	rule.allowed_access = accesses;
	rule.parent_fd = fd;
	if (syscall(SYS_landlock_add_rule, (long)ruleset, (long)LANDLOCK_RULE_PATH_BENEATH, &rule, 0L) == 0)
		return true;
	if (errno != EINVAL && errno != EBADFD)
		fail(EXIT_NOT_STARTED, "landlock_add_rule: %s", ce_strerror(errno));
	return false;
}

/* Lets it be looked up beneath what is given, and read what is executed: the first domain has the exact rights. */
static void allow_given(int ruleset, const struct given *given, uint64_t moving)
{
	if (given->kind != GIVEN_NUMBER && given->kind != GIVEN_NAME)
		return;
	if (ce_rights_is_set(&given->limits.rights, CAP_LOOKUP) &&
	    allow(ruleset, given->fd, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | moving))
		return;
	if (ce_rights_is_set(&given->limits.rights, CAP_FEXECVE))
		allow(ruleset, given->fd, LANDLOCK_ACCESS_FS_READ_FILE);
}

/*
 * Landlock keeps what was held at entry for good, closed or not, so the directories of libraries take a second domain
 * to lose. Moving from one directory to another is refused by each domain that does not name it (landlock(7)).
 */
static void narrow(const struct plan *plan)
{
	const long abi = syscall(SYS_landlock_create_ruleset, NULL, 0L, (long)LANDLOCK_CREATE_RULESET_VERSION);
	const uint64_t moving = abi >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0;
	struct landlock_ruleset_attr handled;
	int ruleset;
	size_t i;

	if (abi < 1 || loader == NULL)
		return;
	memset(&handled, 0, sizeof(handled));
	handled.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | moving;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0L);
	if (ruleset < 0)
		fail(EXIT_NOT_STARTED, "landlock_create_ruleset: %s", ce_strerror(errno));
	ruleset = move_up(ruleset);
	for (i = 0; i < plan->n; i++)
		allow_given(ruleset, &plan->given[i], moving);
	names_narrow(ruleset, abi >= 8 ? TSYNC : 0);
}

/* ---- starting ---- */

static void add_name(const struct given *given)
{
	struct name name;

	memset(&name, 0, sizeof(name));
	name.kind = given->kind == GIVEN_ABSENT	  ? NAME_ABSENT
		    : given->kind == GIVEN_PARENT ? NAME_PARENT
		    : given->beneath		  ? NAME_DIRECTORY
						  : NAME_FILE;
	name.loading = given->kind == GIVEN_LOADING;
	name.created = given->created;
	name.path = given->path;
	name.fd = given->fd;
	name.flags = given->flags;
	name.copies = given->copies;
	if (!names_add(&name))
		fail(EXIT_NOT_STARTED, "more than %d names", NAMES_MAX);
}

static void add_sockets(const struct given *given)
{
	struct held_socket held;
	int i;

	memset(&held, 0, sizeof(held));
	held.domain = given->address.ss_family;
	held.type = given->type;
	held.bound = given->bound;
	held.address = given->address;
	held.length = held.domain == AF_INET	? offsetof(struct sockaddr_in, sin_zero)
		      : held.domain == AF_INET6 ? offsetof(struct sockaddr_in6, sin6_scope_id)
						: given->length - 1; /* the NUL need not be there */
	for (i = 0; i <= given->copies; i++) {
		held.fd = given->fd + i;
		if (!names_add_socket(&held))
			fail(EXIT_NOT_STARTED, "more than %d sockets", SOCKETS_MAX);
	}
}

void run_start(struct plan *plan)
{
	extern char **environ;
	const char *slash = strrchr(program_path, '/');
	bool executes = false; /* what it executes would have the filter of names.c, and not its handler */
	bool has_names = plan->others_absent;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		executes = executes || ce_rights_is_set(&plan->given[i].limits.rights, CAP_FEXECVE);
		if (plan->given[i].kind == GIVEN_NUMBER)
			continue;
		if (plan->given[i].kind == GIVEN_SOCKET)
			add_sockets(&plan->given[i]);
		else
			add_name(&plan->given[i]);
		has_names = true;
	}
	if ((has_names || !executes) && names_serve(working_directory, plan->others_absent) != 0)
		fail(EXIT_NOT_STARTED, "answering for names: %s", ce_strerror(errno));
	narrow(plan);
	prctl(PR_SET_NAME, slash != NULL ? slash + 1 : program_path);
	load_start(program, loader, program_path, arguments, environ, names_loaded);
	fail(EXIT_NOT_STARTED, "%s: mapping it: %s", program_path, ce_strerror(errno));
}
