/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * ce_limit_stream() and ce_limit_stdio(): what a stream keeps and what it loses.
 */
#define _GNU_SOURCE /* posix_openpt(); on FreeBSD all is there unless something is asked for */
#include <capsicum_easy.h>
#include <criterion/criterion.h>

#include <sys/ioctl.h>
#include <termios.h>

#include "../linux/child.h"
#include "../system.h"

/* The other end of a new pseudo-terminal, to stand for a user's. */
static int terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	CHECK(master >= 0);
	CHECK(grantpt(master) == 0 && unlockpt(master) == 0);
	return open(ptsname(master), O_RDWR | O_NOCTTY);
}

static void use_as_stdio(int fd)
{
	CHECK(dup2(fd, 0) == 0 && dup2(fd, 1) == 1 && dup2(fd, 2) == 2);
}

IN_CHILD(streams, keeps_what_stdio_needs)
{
	char line[32] = "";
	FILE *stream = fdopen(scratch_file(), "r+");

	CHECK(stream != NULL);
	CHECK(ce_limit_stream(fileno(stream), CE_STREAM_READ | CE_STREAM_WRITE) == 0);
	CHECK(fputs("hello\n", stream) >= 0);
	CHECK(fseek(stream, 0, SEEK_SET) == 0);
	CHECK(fgets(line, sizeof(line), stream) != NULL);
	CHECK(strcmp(line, "hello\n") == 0);
	CHECK(fcntl(fileno(stream), F_GETFL) != -1);
	CHECK_FAILS(ENOTCAPABLE, fcntl(fileno(stream), F_SETFL, O_APPEND));
	CHECK_FAILS(ENOTCAPABLE, ftruncate(fileno(stream), 0));
	CHECK_FAILS(ENOTCAPABLE, fchmod(fileno(stream), 0777));
}

IN_CHILD(streams, have_the_rights_asked_for)
{
	int fd = scratch_file();
	cap_rights_t rights;

	CHECK(ce_limit_stream(fd, CE_STREAM_READ) == 0);
	CHECK(ce_get_rights(fd, &rights) == 0);
	CHECK(ce_rights_equal(&rights, CE_SET(CAP_READ, CAP_EVENT, CAP_FCNTL, CAP_FSTAT, CAP_IOCTL, CAP_SEEK)));
	CHECK_FAILS(ENOTCAPABLE, ce_limit_stream(fd, CE_STREAM_WRITE));
}

IN_CHILD(streams, every_combination_has_its_rights)
{
	unsigned flags;

	for (flags = 0; flags < 8; flags++) {
		const struct ce_descriptor stream = ce_stream(7, flags | CE_STREAM_IGNORE_CLOSED);

		CHECK(stream.fd == 7);
		CHECK(ce_rights_is_set(stream.rights, CAP_READ) == ((flags & CE_STREAM_READ) != 0));
		CHECK(ce_rights_is_set(stream.rights, CAP_WRITE) == ((flags & CE_STREAM_WRITE) != 0));
		CHECK(ce_rights_is_set(stream.rights, CAP_LOOKUP) == ((flags & CE_STREAM_LOOKUP) != 0));
		CHECK(ce_rights_is_set(stream.rights, CAP_FSTAT));
	}
}

IN_CHILD(streams, closed_ones_are_ignored_only_when_asked)
{
	CHECK_FAILS(EBADF, ce_limit_stream(77, CE_STREAM_READ));
	CHECK(ce_limit_stream(77, CE_STREAM_READ | CE_STREAM_IGNORE_CLOSED) == 0);
	CHECK(HAS_FILTERS(0));
}

IN_CHILD(streams, terminals_stay_terminals_but_take_no_other_command)
{
	struct winsize size;
	struct termios settings;
	int fd = terminal();

	CHECK(fd >= 0);
	CHECK(tcgetattr(fd, &settings) == 0);
	CHECK(ce_limit_stream(fd, CE_STREAM_READ) == 0);
	CHECK(isatty(fd) == 1);
	CHECK(ioctl(fd, TIOCGWINSZ, &size) == 0);
	CHECK_FAILS(ENOTCAPABLE, tcsetattr(fd, TCSANOW, &settings));
	CHECK_FAILS(ENOTCAPABLE, ioctl(fd, TIOCSTI, "x"));
}

IN_CHILD(streams, stdio_is_limited_by_one_filter)
{
	char byte = 'x';
	const int before = filter_count();

	use_as_stdio(scratch_file());
	CHECK(ce_limit_stdio() == 0);
	CHECK(HAS_FILTERS(before + 1));
	CHECK(read(0, &byte, 1) == 0);
	CHECK_FAILS(ENOTCAPABLE, (int)write(0, &byte, 1));
	CHECK(write(1, &byte, 1) == 1);
	CHECK_FAILS(ENOTCAPABLE, (int)read(1, &byte, 1));
	CHECK(write(2, &byte, 1) == 1);
	CHECK_FAILS(ENOTCAPABLE, (int)read(2, &byte, 1));
	CHECK(ce_limit_stdio() == 0);
	CHECK(HAS_FILTERS(before + 1));
}

IN_CHILD(streams, stdio_that_is_closed_stays_so)
{
	char byte = 'x';

	use_as_stdio(scratch_file());
	close(0);
	errno = 0;
	CHECK(ce_limit_stdio() == 0);
	CHECK(errno == 0);
	CHECK_FAILS(ENOTCAPABLE, (int)read(1, &byte, 1));
	CHECK_FAILS(EBADF, (int)read(0, &byte, 1));
}
