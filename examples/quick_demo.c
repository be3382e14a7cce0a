/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pycapsicum's quick demo in C: open a directory, enter capability mode, open a file beneath the directory, limit it,
 * and see what the kernel then refuses, also to raw system calls that know nothing of this library.
 *
 * Usage: quick_demo [DIRECTORY]   (default /tmp; a file "foo" is made there if it is not there yet)
 */
#include <capsicum_easy.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>
#include <sys/syscall.h>

#ifndef __FreeBSD__
long syscall(long number, ...);
#endif

static void fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, ce_strerror(errno));
	exit(1);
}

static void print_rights(int fd)
{
	char text[2048];
	cap_rights_t rights;

	if (ce_get_rights(fd, &rights) != 0 || ce_rights_format(&rights, text, sizeof(text)) < 0)
		fail("reading the rights");
	printf("rights: %.60s%s\n", text, strlen(text) > 60 ? " ..." : "");
}

/* Ends the program unless the call failed as it should. */
static void expect_refusal(const char *what, long result, int error)
{
	if (result != -1 || errno != error) {
		fprintf(stderr, "%s was not refused as expected: %s\n", what,
			result == -1 ? ce_strerror(errno) : "no error");
		exit(1);
	}
	printf("%s: %s\n", what, ce_strerror(errno));
}

static void make_file(int directory)
{
	static const char line[] = "bar\n";
	int fd = ce_openat(directory, "foo", O_WRONLY | O_CREAT | O_EXCL, 0600, CE_RIGHTS_KEEP);

	if (fd < 0 && errno == EEXIST)
		return;
	if (fd < 0 || write(fd, line, sizeof(line) - 1) != (ssize_t)sizeof(line) - 1)
		fail("making foo");
	close(fd);
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "/tmp";
	char text[64];
	ssize_t length;
	int directory = ce_open_directory(path, CE_SET(CAP_LOOKUP, CAP_CREATE, CAP_READ, CAP_WRITE, CAP_SEEK));
	int fd;

	if (directory < 0)
		fail(path);
	make_file(directory);
	if (ce_enter() != 0)
		fail("entering capability mode");
	printf("in capability mode: %s\n", ce_sandboxed() ? "yes" : "no");

	fd = ce_openat(directory, "foo", O_RDWR, 0, CE_RIGHTS_KEEP);
	if (fd < 0)
		fail("opening foo");
	length = read(fd, text, sizeof(text));
	if (length < 0)
		fail("reading foo");
	printf("foo: %.*s", (int)length, text);
	print_rights(fd);

	if (ce_limit(fd, CE_SET(CAP_READ)) != 0)
		fail("limiting foo");
	print_rights(fd);
	if (read(fd, text, sizeof(text)) < 0)
		fail("reading foo again");

	expect_refusal("write", (long)write(fd, "x", 1), ENOTCAPABLE);
	expect_refusal("seek", (long)lseek(fd, 0, SEEK_SET), ENOTCAPABLE);
	expect_refusal("open /etc/passwd", (long)open("/etc/passwd", O_RDONLY), ECAPMODE);
	expect_refusal("raw system call write", (long)syscall(SYS_write, fd, "x", 1), ENOTCAPABLE);
	expect_refusal("raw system call openat", (long)syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY),
		       ECAPMODE);
	return 0;
}
