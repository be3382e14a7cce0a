/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Executing programs in capability mode: a static one (guest.c) finds itself as restricted as the one before it, and a
 * dynamic one does not start. Each is executed by its descriptor, the only way there is.
 */
#define _GNU_SOURCE
#include <criterion/criterion.h>

#include <ftw.h>
#include <sys/sendfile.h>

#include <capsicum_easy.h>

#include "child.h"
#include "levels.h"

/* Nobody's, and neither that of "nobody", as whom the tests are run too. */
#define ANOTHER_USER 64321

static char path[64];

static int remove_entry(const char *entry, const struct stat *unused, int type, struct FTW *walk)
{
	(void)unused;
	(void)type;
	(void)walk;
	return remove(entry);
}

/* A directory with "file", a byte long, and where "program" will be. */
static void make_directory(void)
{
	int fd;

	strcpy(path, "/tmp/ce-exec-XXXXXX");
	cr_assert(mkdtemp(path) != NULL && chmod(path, 0755) == 0);
	cr_assert(chdir(path) == 0);
	fd = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	cr_assert(write(fd, "x", 1) == 1);
	close(fd);
}

static void remove_directory(void)
{
	cr_assert(chdir("/") == 0);
	nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(exec, .init = make_directory, .fini = remove_directory);

static void copy_program(const char *from)
{
	struct stat status;
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open("program", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);

	CHECK(in != -1 && out != -1 && fstat(in, &status) == 0);
	while (sendfile(out, in, NULL, (size_t)status.st_size) > 0)
		continue;
	CHECK(fchmod(out, 0755) == 0);
	close(in);
	close(out);
}

static int limited, directory;

static void limit_and_enter(const cap_rights_t *directory_rights)
{
	limited = open("file", O_RDONLY);
	directory = open(".", O_RDONLY | O_DIRECTORY);
	CHECK(ce_limit(limited, CE_SET(CAP_READ)) == 0 && ce_limit(directory, directory_rights) == 0);
	CHECK(cap_enter() == 0);
}

/* Returns only if it fails. A guest that is another user than it should be fails, so that it is seen if it ran. */
static int try_to_execute(int program, uid_t user)
{
	char numbers[3][16];
	char *arguments[] = { (char[]){ "guest" }, numbers[0], numbers[1], numbers[2], NULL };

	snprintf(numbers[0], sizeof(numbers[0]), "%u", (unsigned)user);
	snprintf(numbers[1], sizeof(numbers[1]), "%d", limited);
	snprintf(numbers[2], sizeof(numbers[2]), "%d", directory);
	return (int)syscall(SYS_execveat, program, "", arguments, (char *[]){ NULL }, AT_EMPTY_PATH);
}

/* Where files held cannot be kept apart from others none is executed: then that is all there is to see. */
static int execute(int program, uid_t user)
{
	if (!has(LOOKUPS)) {
		CHECK_FAILS(ECAPMODE, try_to_execute(program, ANOTHER_USER));
		_exit(0);
	}
	return try_to_execute(program, user);
}

/* The same where it is to be found beneath the directory. */
static int open_program(void)
{
	int program = openat(directory, "program", O_RDONLY | O_CLOEXEC);

	if (!has(LOOKUPS))
		CHECK(program == -1 && errno == ECAPMODE);
	else
		CHECK(program != -1);
	return program;
}

static const cap_rights_t reading = CE_RIGHTS(CAP_LOOKUP, CAP_READ, CAP_FSTAT);
static const cap_rights_t executing_it = CE_RIGHTS(CAP_READ, CAP_FEXECVE);
static const cap_rights_t executing = CE_RIGHTS(CAP_LOOKUP, CAP_READ, CAP_FSTAT, CAP_FEXECVE);

/* A held program needs no directory. */
static void execute_held(void)
{
	int program = open("program", O_RDONLY | O_CLOEXEC);

	CHECK(program != -1 && ce_limit(program, &executing_it) == 0);
	limit_and_enter(&reading);
	execute(program, geteuid());
	CHECK(false);
}

IN_CHILD(exec, of_a_held_static_program_stays_inside)
{
	copy_program(STATIC_GUEST);
	CHECK_CHILD(execute_held);
}

static void execute_found(void)
{
	limit_and_enter(&executing);
	execute(open_program(), geteuid());
	CHECK(false);
}

IN_CHILD(exec, of_one_beneath_a_directory_stays_inside)
{
	copy_program(STATIC_GUEST);
	CHECK_CHILD(execute_found);
}

IN_CHILD(exec, needs_the_right)
{
	int program;

	copy_program(STATIC_GUEST);
	limit_and_enter(&reading);
	program = open_program();
	CHECK_FAILS(EACCES, execute(program, ANOTHER_USER));
	CHECK(ce_limit(program, CE_SET(CAP_READ)) == 0);
	CHECK_FAILS(ENOTCAPABLE, execute(program, ANOTHER_USER));
}

IN_CHILD(exec, of_another_version_keeps_the_mode_of_the_first)
{
	copy_program(STATIC_GUEST_OF_ANOTHER_POLICY);
	CHECK_CHILD(execute_held);
}

/* Whether "program" runs as the other user where nothing forbids it: not so on some file systems, and in some
 * containers. */
static bool changes_user(void)
{
	pid_t child = fork();
	char user[16];

	snprintf(user, sizeof(user), "%d", ANOTHER_USER);
	if (child == 0) {
		execl("./program", "guest", user, (char *)NULL);
		_exit(1);
	}
	return child_wait(child) == 0;
}

IN_CHILD(exec, gives_no_other_user)
{
	if (geteuid() != 0)
		return; /* only root can make a program of another user's */
	copy_program(STATIC_GUEST);
	CHECK(chown("program", ANOTHER_USER, ANOTHER_USER) == 0 && chmod("program", 06755) == 0);
	if (changes_user())
		CHECK_CHILD(execute_held);
}

IN_CHILD(exec, of_a_dynamic_program_cannot_open_its_interpreter)
{
	int program;

	copy_program(DYNAMIC_GUEST);
	program = open("program", O_RDONLY | O_CLOEXEC);
	limit_and_enter(&executing);
	CHECK_FAILS(EACCES, execute(program, ANOTHER_USER));
}

static void execute_with_everything_held(void)
{
	CHECK(open("/", O_RDONLY | O_DIRECTORY) != -1);
	execute_held();
}

/* The interpreter opens them by absolute paths. 127 is its own answer. */
IN_CHILD(exec, of_a_dynamic_program_cannot_open_its_libraries)
{
	int null = open("/dev/null", O_WRONLY);

	copy_program(DYNAMIC_GUEST);
	CHECK(dup2(null, STDERR_FILENO) == STDERR_FILENO); /* it says so */
	CHECK(child_wait(fork_run(execute_with_everything_held)) == W_EXITCODE(has(LOOKUPS) ? 127 : 0, 0));
}

/* ---- pools ---- */

/* Outside capability mode, where dynamic programs start. */
static void find_pools_in(const char *guest)
{
	int made = ce_open("/dev/zero", O_RDONLY, 0, CE_SET(CAP_READ));
	int kept = ce_open("/dev/zero", O_RDONLY, 0, CE_SET(CAP_READ));
	char numbers[2][16];
	pid_t pid;

	CHECK(made >= 0 && kept >= 0 && fcntl(kept, F_SETFD, 0) == 0);
	snprintf(numbers[0], sizeof(numbers[0]), "%d", made);
	snprintf(numbers[1], sizeof(numbers[1]), "%d", kept);
	pid = fork();
	if (pid == 0) {
		execl(guest, "guest", "pools", numbers[0], numbers[1], (char *)NULL);
		_exit(1);
	}
	CHECK(child_wait(pid) == 0);
}

IN_CHILD(pools, are_found_by_the_next_program)
{
	find_pools_in(DYNAMIC_GUEST);
}

IN_CHILD(pools, of_another_version_are_not_relied_on)
{
	find_pools_in(STATIC_GUEST_OF_ANOTHER_POLICY);
}
