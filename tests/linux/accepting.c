/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * ce_accept(): connections never get a number with limits left over, and one filter serves a whole server.
 */
#include <capsicum_easy.h>
#include <criterion/criterion.h>

#include <sys/socket.h>
#include <sys/un.h>

#include "child.h"

/* A listening socket in the abstract namespace, with a name that the kernel chooses. */
static int listen_somewhere(struct sockaddr_un *address, socklen_t *length)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	*length = sizeof(*address);
	CHECK(fd >= 0);
	CHECK(bind(fd, (struct sockaddr *)address, sizeof(sa_family_t)) == 0);
	CHECK(listen(fd, 8) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)address, length) == 0);
	return fd;
}

static int connect_to(const struct sockaddr_un *address, socklen_t length)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	CHECK(connect(fd, (const struct sockaddr *)address, length) == 0);
	return fd;
}

IN_CHILD(accepting, limits_the_connection)
{
	struct sockaddr_un address;
	socklen_t length;
	int listener = listen_somewhere(&address, &length);
	int client = connect_to(&address, length);
	int connection = ce_accept(listener, CE_SET(CAP_READ), NULL, NULL);
	char byte;

	CHECK(connection >= 0);
	CHECK(fcntl(connection, F_GETFD) == FD_CLOEXEC);
	CHECK(write(client, "x", 1) == 1);
	CHECK(read(connection, &byte, 1) == 1);
	CHECK_FAILS(ENOTCAPABLE, (int)write(connection, "x", 1));
}

IN_CHILD(accepting, never_gets_a_number_with_other_limits)
{
	struct sockaddr_un address;
	socklen_t length;
	int listener = listen_somewhere(&address, &length);
	int client = connect_to(&address, length);
	int stale = scratch_file();
	int connection;

	CHECK(ce_limit(stale, CE_SET(CAP_FSTAT)) == 0);
	close(stale);
	connection = ce_accept(listener, CE_RIGHTS_KEEP, NULL, NULL);
	CHECK(connection >= 0 && connection != stale);
	CHECK(write(connection, "x", 1) == 1);
	close(client);
}

IN_CHILD(accepting, needs_one_filter_for_many_connections)
{
	struct sockaddr_un address;
	socklen_t length;
	int listener = listen_somewhere(&address, &length);
	int i;

	for (i = 0; i < 100; i++) {
		int client = connect_to(&address, length);
		int connection = ce_accept(listener, CE_SET(CAP_READ, CAP_WRITE), NULL, NULL);

		CHECK(connection >= 0);
		CHECK(filter_count() == 1);
		close(connection);
		close(client);
	}
}

/* Such a set fits no number; the connection is accepted, found impossible to limit so, and closed. */
IN_CHILD(accepting, with_a_set_that_is_none_is_einval)
{
	static const cap_rights_t unknown = { { CAPRIGHT(0, 1ull << 50), CAPRIGHT(1, 0) } };
	struct sockaddr_un address;
	socklen_t length;
	int listener = listen_somewhere(&address, &length);
	int client = connect_to(&address, length);
	int stale = scratch_file();

	CHECK(ce_limit(stale, CE_SET(CAP_FSTAT)) == 0);
	CHECK(close(stale) == 0);
	CHECK_FAILS(EINVAL, ce_accept(listener, &unknown, NULL, NULL));
	CHECK(scratch_file() == stale && scratch_file() == stale + 1);
	close(client);
}

IN_CHILD(accepting, says_what_accept_says)
{
	int fd = scratch_file();

	CHECK_FAILS(ENOTSOCK, ce_accept(fd, CE_RIGHTS_KEEP, NULL, NULL));
	CHECK_FAILS(EBADF, ce_accept(-1, CE_RIGHTS_KEEP, NULL, NULL));
}
