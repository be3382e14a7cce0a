/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A program as it is written for FreeBSD: nothing here knows of capsicum_easy. Usage: freebsd_program FILE
 */
#include <sys/capsicum.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	cap_rights_t rights;
	char text[LINE_MAX];
	int fd = argc == 2 ? open(argv[1], O_RDWR) : -1;

	if (fd < 0)
		err(1, "open");
	if (cap_rights_limit(fd, cap_rights_init(&rights, CAP_READ, CAP_FSTAT)) < 0)
		err(1, "cap_rights_limit");
	if (cap_enter() < 0)
		err(1, "cap_enter");
	if (!cap_sandboxed() || read(fd, text, sizeof(text)) < 0)
		err(1, "read");
	if (write(fd, "x", 1) != -1 || errno != ENOTCAPABLE)
		err(1, "write was not refused");
	if (open(argv[1], O_RDONLY) != -1 || errno != ECAPMODE)
		err(1, "open was not refused");
	return 0;
}
