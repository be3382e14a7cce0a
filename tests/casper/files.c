/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The service system.fileargs. Each test is in a new directory, its working directory, which goes when it ends.
 */
#include "casper.h"

#include <casper/cap_fileargs.h>
#include <limits.h>
#include <sys/prctl.h>

static char directory[] = "/tmp/ce-files-XXXXXX";

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* By a process that waits until this one has ended: in capability mode it could not do so itself. */
static void remove_at_end(void)
{
	int leash[2];
	char byte;

	CHECK(pipe(leash) == 0);
	if (fork() == 0) {
		close(leash[1]);
		if (read(leash[0], &byte, 1) == 0)
			execlp("rm", "rm", "-rf", directory, (char *)NULL);
		_exit(1);
	}
	close(leash[0]);
}

/* A directory with a and b, which hold AAA and BBB; link -> a, loop -> loop, d/x. */
static void in_a_directory(void)
{
	CHECK(mkdtemp(directory) != NULL && chdir(directory) == 0);
	remove_at_end();
	write_file("a", "AAA");
	write_file("b", "BBB");
	CHECK(symlink("a", "link") == 0 && symlink("loop", "loop") == 0 && symlink("gone", "dangling") == 0);
	CHECK(mkdir("d", 0755) == 0);
	write_file("d/x", "X");
}

static fileargs_t *names(char *const *list, int flags, const cap_rights_t *rights, int operations)
{
	cap_rights_t copy;
	char *all[16];
	int count = 0;

	for (; list[count] != NULL; count++)
		all[count] = list[count];
	if (rights != NULL)
		copy = *rights;
	return fileargs_init(count, all, flags, 0640, rights != NULL ? &copy : NULL, operations);
}

#define NAMES(...) ((char *const[]){ __VA_ARGS__, NULL })

/* Whether the file of this name starts with this text. */
static bool reads(fileargs_t *fa, const char *name, const char *text)
{
	char buffer[16] = "";
	int fd = fileargs_open(fa, name);
	ssize_t length = fd < 0 ? -1 : read(fd, buffer, sizeof(buffer) - 1);

	if (fd >= 0)
		close(fd);
	return length >= 0 && strcmp(buffer, text) == 0;
}

IN_CHILD(files, opens_what_is_listed_and_nothing_else)
{
	fileargs_t *fa;

	in_a_directory();
	fa = names(NAMES("a", "link", "loop", "d", "missing", "d/x", ""), O_RDONLY, NULL, FA_OPEN);
	CHECK(caph_enter_casper() == 0);
	CHECK(reads(fa, "a", "AAA") && reads(fa, "a", "AAA") && reads(fa, "link", "AAA") && reads(fa, "d/x", "X"));
	CHECK_FAILS(ENOTCAPABLE, fileargs_open(fa, "b"));
	CHECK_FAILS(ENOTCAPABLE, fileargs_open(fa, "./a"));
	CHECK_FAILS(ENOTCAPABLE, fileargs_open(fa, "d//x"));
	CHECK_FAILS(ENOTCAPABLE, fileargs_open(fa, "/etc/passwd"));
	CHECK_FAILS(EINVAL, fileargs_open(fa, NULL));
	CHECK_FAILS(ENOTCAPABLE, fileargs_lstat(fa, "a", &(struct stat){ 0 }));
	CHECK_NULL(ENOTCAPABLE, fileargs_realpath(fa, "a", NULL));
}

IN_CHILD(files, says_what_the_system_says)
{
	fileargs_t *fa;

	in_a_directory();
	fa = names(NAMES("missing", "loop", "dangling", "d", ""), O_RDWR, NULL, FA_OPEN | FA_LSTAT | FA_REALPATH);
	CHECK_FAILS(ENOENT, fileargs_open(fa, "missing"));
	CHECK_FAILS(ELOOP, fileargs_open(fa, "loop"));
	CHECK_FAILS(ENOENT, fileargs_open(fa, "dangling"));
	CHECK_FAILS(EISDIR, fileargs_open(fa, "d"));
	CHECK_FAILS(ENOENT, fileargs_open(fa, ""));
	CHECK_FAILS(ENOENT, fileargs_lstat(fa, "missing", &(struct stat){ 0 }));
	CHECK_FAILS(EFAULT, fileargs_lstat(fa, "d", NULL));
	CHECK_NULL(ENOENT, fileargs_realpath(fa, "dangling", NULL));
}

/* FreeBSD opens up to 128 of the others at the first open, and truncates them with O_TRUNC. */
IN_CHILD(files, opens_when_it_is_asked)
{
	fileargs_t *fa;
	struct stat status;

	in_a_directory();
	fa = names(NAMES("a", "b"), O_RDONLY, NULL, FA_OPEN);
	CHECK(reads(fa, "a", "AAA"));
	write_file("new", "NEW");
	CHECK(rename("new", "b") == 0);
	CHECK(reads(fa, "b", "NEW"));
	CHECK(unlink("b") == 0);
	CHECK_FAILS(ENOENT, fileargs_open(fa, "b"));
	write_file("b", "BBB");
	fileargs_free(fa);

	fa = names(NAMES("a", "b"), O_WRONLY | O_TRUNC, NULL, FA_OPEN);
	CHECK(fileargs_open(fa, "a") >= 0);
	CHECK(stat("a", &status) == 0 && status.st_size == 0);
	CHECK(stat("b", &status) == 0 && status.st_size == 3);
}

/* Whoever may rename in the directory chooses the file, in capability mode too; what for, the list has said. */
IN_CHILD(files, opens_what_bears_the_name_by_then)
{
	fileargs_t *fa;
	int here;
	int fd;

	in_a_directory();
	here = open(".", O_RDONLY | O_DIRECTORY);
	fa = names(NAMES("a"), O_RDONLY, NULL, FA_OPEN);
	CHECK(here >= 0 && caph_enter_casper() == 0);
	CHECK(renameat(here, "b", here, "a") == 0 && reads(fa, "a", "BBB"));
	CHECK(unlinkat(here, "a", 0) == 0 && renameat(here, "link", here, "b") == 0);
	CHECK_FAILS(ENOENT, fileargs_open(fa, "a"));
	CHECK_FAILS(ENOTCAPABLE, fileargs_open(fa, "b"));
	CHECK(renameat(here, "d", here, "a") == 0);
	fd = fileargs_open(fa, "a");
	CHECK(fd >= 0);
	CHECK_FAILS(EBADF, (int)write(fd, "x", 1));
}

/* Gives a name to one file and to a link to another in turn, as fast as it goes, until this process ends. */
static void swap_without_end(const char *name, const char *file, const char *target)
{
	if (fork() != 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0L, 0L, 0L);
	for (;;) {
		CHECK(link(file, "next") == 0 && rename("next", name) == 0);
		CHECK(symlink(target, "next") == 0 && rename("next", name) == 0);
	}
}

enum outcome { LISTED, TARGET, REFUSED };

/* What an opening came to. Whatever it is, it is open for reading only, and limited. */
static enum outcome opened(fileargs_t *fa, const char *name)
{
	char byte = 0;
	cap_rights_t rights;
	int fd = fileargs_open(fa, name);

	if (fd < 0) {
		CHECK(errno == ELOOP);
		return REFUSED;
	}
	CHECK(cap_rights_get(fd, &rights) == 0 && !cap_rights_is_set(&rights, CAP_FSTAT));
	CHECK(read(fd, &byte, 1) == 1 && (byte == 'A' || byte == 'B'));
	CHECK_FAILS(ENOTCAPABLE, (int)write(fd, "x", 1));
	close(fd);
	return byte == 'A' ? LISTED : TARGET;
}

/* The file and the other outcome both happen, or it was no race; nothing else does. */
static void race(fileargs_t *fa, const char *name, enum outcome other)
{
	unsigned seen[3] = { 0 };

	for (unsigned times = 0; times < 2000 || seen[LISTED] == 0 || seen[other] == 0; times++) {
		enum outcome outcome = opened(fa, name);

		CHECK(outcome == LISTED || outcome == other);
		seen[outcome]++;
	}
}

/* Links are followed, unless the list says that they are not: then no moment between two renames lets one through. */
IN_CHILD(files, hold_to_the_list_while_names_are_swapped)
{
	cap_rights_t rights;
	fileargs_t *fa;
	fileargs_t *without_links;
	fileargs_t *emptying;
	struct stat status;

	in_a_directory();
	write_file("file", "AAA");
	cap_rights_init(&rights, CAP_READ);
	fa = names(NAMES("a"), O_RDONLY, &rights, FA_OPEN);
	without_links = names(NAMES("a"), O_RDONLY | O_NOFOLLOW, &rights, FA_OPEN);
	emptying = names(NAMES("a"), O_WRONLY | O_TRUNC | O_NOFOLLOW, NULL, FA_OPEN);
	swap_without_end("a", "file", "b");
	race(fa, "a", TARGET);
	race(without_links, "a", REFUSED);
	for (int times = 0; times < 2000; times++) {
		int fd = fileargs_open(emptying, "a");

		CHECK(fd >= 0 || errno == ELOOP);
		close(fd);
	}
	CHECK(stat("file", &status) == 0 && status.st_size == 0);
	CHECK(stat("b", &status) == 0 && status.st_size == 3);
}

IN_CHILD(files, limits_and_closes_on_exec)
{
	cap_rights_t rights;
	cap_rights_t got;
	fileargs_t *fa;
	char byte;
	int fd;

	in_a_directory();
	cap_rights_init(&rights, CAP_READ, CAP_FSTAT);
	fa = names(NAMES("a", "b"), O_RDWR, &rights, FA_OPEN);
	CHECK(caph_enter_casper() == 0);
	fd = fileargs_open(fa, "a");
	CHECK(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	CHECK(cap_rights_get(fd, &got) == 0 && memcmp(&got, &rights, sizeof(got)) == 0);
	CHECK(read(fd, &byte, 1) == 1);
	CHECK_FAILS(ENOTCAPABLE, (int)write(fd, &byte, 1));
	CHECK_FAILS(ENOTCAPABLE, (int)lseek(fd, 0, SEEK_SET));
}

IN_CHILD(files, creates_with_the_mode)
{
	fileargs_t *fa;
	struct stat status;

	in_a_directory();
	umask(022);
	fa = names(NAMES("new"), O_RDWR | O_CREAT | O_EXCL, NULL, FA_OPEN);
	CHECK(fileargs_open(fa, "new") >= 0);
	CHECK(stat("new", &status) == 0 && (status.st_mode & 0777) == 0640);
	CHECK_FAILS(EEXIST, fileargs_open(fa, "new"));
}

IN_CHILD(files, looks_and_resolves)
{
	fileargs_t *fa;
	struct stat status;
	char expected[PATH_MAX];
	char buffer[PATH_MAX];

	in_a_directory();
	CHECK(realpath("a", expected) != NULL);
	fa = names(NAMES("a", "link", "d"), O_RDONLY, NULL, FA_LSTAT | FA_REALPATH);
	CHECK(fileargs_lstat(fa, "link", &status) == 0 && S_ISLNK(status.st_mode));
	CHECK(fileargs_lstat(fa, "d", &status) == 0 && S_ISDIR(status.st_mode));
	CHECK(fileargs_lstat(fa, "a", &status) == 0 && status.st_size == 3);
	write_file("a", "longer");
	CHECK(fileargs_lstat(fa, "a", &status) == 0 && status.st_size == 6);
	CHECK(fileargs_realpath(fa, "link", buffer) == buffer && strcmp(buffer, expected) == 0);
	CHECK_FAILS(ENOTCAPABLE, fileargs_open(fa, "a"));
}

IN_CHILD(files, gives_streams)
{
	fileargs_t *fa;
	FILE *file;

	in_a_directory();
	fa = names(NAMES("a"), O_RDONLY, NULL, FA_OPEN);
	CHECK(caph_enter_casper() == 0);
	file = fileargs_fopen(fa, "a", "r");
	CHECK(file != NULL && getc(file) == 'A');
	CHECK_NULL(EINVAL, fileargs_fopen(fa, "a", "w"));
	CHECK_NULL(ENOTCAPABLE, fileargs_fopen(fa, "b", "r"));
}

IN_CHILD(files, knows_the_program_s_own_descriptors)
{
	fileargs_t *fa;
	int ends[2];
	char name[32];
	char byte;
	int fd;

	CHECK(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
	snprintf(name, sizeof(name), "/dev/fd/%d", ends[0]);
	fa = names(NAMES(name, "/dev/fd/77"), O_RDONLY, NULL, FA_OPEN);
	CHECK(fa != NULL && caph_enter_casper() == 0);
	fd = fileargs_open(fa, name);
	CHECK(fd >= 0 && fd != ends[0] && read(fd, &byte, 1) == 1 && byte == 'x');
	CHECK_FAILS(ENOENT, fileargs_open(fa, "/dev/fd/77"));
}

/* The service must not open what it has under that number itself. */
IN_CHILD(files, are_not_the_service_s_own_where_the_program_s_cannot_be_copied)
{
	fileargs_t *fa;

	CHECK(ce_limit(STDIN_FILENO, CE_SET(CAP_READ)) == 0);
	fa = names(NAMES("/dev/stdin", "/proc/self/fd/0"), O_RDONLY, NULL, FA_OPEN);
	CHECK(fa != NULL && caph_enter_casper() == 0);
	CHECK_FAILS(ENOENT, fileargs_open(fa, "/dev/stdin"));
	CHECK_FAILS(ENOENT, fileargs_open(fa, "/proc/self/fd/0"));
}

IN_CHILD(files, takes_lists)
{
	nvlist_t *limits = nvlist_create(0);
	cap_channel_t *chan;
	fileargs_t *fa;
	int flags;

	in_a_directory();
	write_file("flags", "FLAGS");
	CHECK_NULL(EINVAL, fileargs_initnv(limits));
	limits = nvlist_create(NV_FLAG_NO_UNIQUE);
	nvlist_add_number(limits, "flags", O_RDONLY);
	nvlist_add_number(limits, "operations", FA_OPEN);
	nvlist_add_null(limits, "flags");
	nvlist_add_null(limits, "a");
	fa = fileargs_initnv(limits);
	CHECK(reads(fa, "flags", "FLAGS") && reads(fa, "a", "AAA"));
	chan = fileargs_unwrap(fa, &flags);
	CHECK(cap_channel_flags(chan) == CASPER_NO_UNIQ && flags == O_RDONLY);
	limits = nvlist_create(0);
	nvlist_add_number(limits, "flags", O_RDONLY);
	nvlist_add_number(limits, "operations", FA_OPEN);
	CHECK_FAILS(ENOTCAPABLE, cap_limit_set(chan, limits));
	fa = fileargs_wrap(cap_clone(chan), flags);
	CHECK(reads(fa, "a", "AAA"));
	CHECK_FAILS(ENOTCAPABLE, fileargs_open(fa, "b"));
}

IN_CHILD(files, needs_names)
{
	char *const none[] = { NULL };
	char long_name[1025];
	fileargs_t *fa = fileargs_init(0, NULL, O_RDONLY, 0, NULL, FA_OPEN);
	cap_channel_t *casper = cap_init();

	CHECK(fa != NULL);
	CHECK_FAILS(ENOTCAPABLE, fileargs_open(fa, "a"));
	fileargs_free(fa);
	fileargs_free(NULL);
	memset(long_name, 'x', 1024);
	long_name[1024] = '\0';
	CHECK_NULL(ENAMETOOLONG, names(NAMES(long_name), O_RDONLY, NULL, FA_OPEN));
	CHECK_NULL(EINVAL, fileargs_init(1, (char **)none, O_RDONLY, 0, NULL, FA_OPEN));
	fa = fileargs_wrap(cap_service_open(casper, "system.fileargs"), 0);
	CHECK_FAILS(ENOTCAPABLE, fileargs_open(fa, "/etc/passwd"));
	CHECK(cap_service_limit(casper, NULL, 0) == 0);
	CHECK_NULL(ENOTCAPABLE, fileargs_cinit(casper, 1, (char *[]){ long_name + 1020 }, O_RDONLY, 0, NULL, FA_OPEN));
}

IN_CHILD(files, takes_a_long_command_line)
{
	static char text[100000][8];
	static char *list[100000];
	fileargs_t *fa;

	in_a_directory();
	for (int at = 0; at < 100000; at++) {
		snprintf(text[at], sizeof(text[at]), "f%d", at);
		list[at] = text[at];
	}
	write_file("f99999", "last");
	fa = fileargs_init(100000, list, O_RDONLY, 0, NULL, FA_OPEN);
	CHECK(fa != NULL && reads(fa, "f99999", "last"));
}
