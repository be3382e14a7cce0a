/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starting a program in capability mode on FreeBSD: fexecve(2) of itself if it needs no loader, else of the loader,
 * which takes the program and the directories of its libraries as descriptors (rtld(1): -f, LD_LIBRARY_PATH_FDS).
 */
#include "run.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOADER "/libexec/ld-elf.so.1"
#define HEADERS 64
#define LOW 32 /* numbers below are the program's */

extern char **environ;

const bool run_has_names = false;

static int program, loader = -1;
static char path[RUN_PATH];
static char **arguments;

static const char file_limits[] = "READ, SEEK, FSTAT, FEXECVE, MMAP_RX; ioctls none; fcntls none";
static const char library_limits[] = "LOOKUP, READ, SEEK, FSTATAT, MMAP_RX; ioctls none; fcntls none";

/* The path of the loader that a program asks for: "" if none; NULL if it is no program for this machine. */
static const char *interpreter_of(int fd)
{
	static char interpreter[RUN_PATH];
	Elf_Ehdr header;
	Elf_Phdr segments[HEADERS];
	size_t i;

	if (pread(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header) || !IS_ELF(header) ||
	    header.e_ident[EI_CLASS] != ELF_TARG_CLASS || header.e_machine != ELF_TARG_MACH ||
	    header.e_phnum > HEADERS ||
	    pread(fd, segments, header.e_phnum * sizeof(segments[0]), (off_t)header.e_phoff) < 0)
		return NULL;
	for (i = 0; i < header.e_phnum; i++)
		if (segments[i].p_type == PT_INTERP && segments[i].p_filesz < sizeof(interpreter) &&
		    pread(fd, interpreter, segments[i].p_filesz, (off_t)segments[i].p_offset) > 0)
			return interpreter;
	return "";
}

static int keep(const char *what, const char *limits)
{
	int opened = open(what, O_RDONLY | O_CLOEXEC);
	int fd = opened < 0 ? -1 : fcntl(opened, F_DUPFD, LOW); /* not close-on-exec: the loader takes it */

	if (fd >= 0) {
		run_add(GIVEN_NUMBER, NULL, limits)->fd = fd;
		close(opened);
	}
	return fd;
}

/* The directories where libraries are, for the loader. */
static void keep_libraries(void)
{
	static const char *const directories[] = { "/lib", "/usr/lib", "/usr/local/lib" };
	char list[64] = "";
	size_t i;

	for (i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		int fd = keep(directories[i], library_limits);

		if (fd >= 0)
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%d", list[0] != '\0' ? ":" : "",
				 fd);
	}
	if (setenv("LD_LIBRARY_PATH_FDS", list, 1) != 0)
		fail(EXIT_NOT_STARTED, "%s", ce_strerror(errno));
}

/* ld-elf.so.1 -f FD -- PROGRAM ARGUMENT ... */
static void use_loader(void)
{
	char **before = arguments;
	size_t n = 0;

	while (before[n] != NULL)
		n++;
	arguments = (char **)allocate((n + 5) * sizeof(*arguments));
	arguments[0] = copy_text(LOADER);
	arguments[1] = copy_text("-f");
	arguments[2] = print_text("%d", program);
	arguments[3] = copy_text("--");
	memcpy(arguments + 4, before, n * sizeof(*before));
	loader = keep(LOADER, file_limits);
	if (loader < 0)
		fail(EXIT_NOT_STARTED, "%s: %s", LOADER, ce_strerror(errno));
	keep_libraries();
}

void run_prepare(struct plan *plan, char **argv)
{
	const char *interpreter;
	char line[2] = "";
	int fd = run_open_program(argv[0], path);

	(void)plan;
	if (fd < 0)
		fail(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_STARTED, "%s: %s", argv[0], ce_strerror(errno));
	if (pread(fd, line, 2, 0) == 2 && memcmp(line, "#!", 2) == 0)
		fail(EXIT_NOT_STARTED,
		     "%s: a script: its interpreter could not open it in capability mode; run the interpreter with it "
		     "as input",
		     path);
	interpreter = interpreter_of(fd);
	if (interpreter == NULL)
		fail(EXIT_NOT_STARTED, "%s: neither a program of this machine nor a script", path);
	if (interpreter[0] != '\0' && strcmp(interpreter, LOADER) != 0)
		fail(EXIT_NOT_STARTED, "%s: its loader is %s, which cannot start it from a descriptor", path,
		     interpreter);
	close(fd);
	program = keep(path, file_limits);
	if (program < 0)
		fail(EXIT_NOT_STARTED, "%s: %s", path, ce_strerror(errno));
	arguments = argv;
	if (interpreter[0] != '\0')
		use_loader();
}

void run_start(struct plan *plan)
{
	(void)plan;
	fexecve(loader >= 0 ? loader : program, arguments, environ);
	fail(EXIT_NOT_STARTED, "%s: %s", path, ce_strerror(errno));
}
