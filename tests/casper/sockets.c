/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The service system.net: connecting and binding in capability mode, and its limits.
 */
#include "casper.h"

#include <arpa/inet.h>
#include <casper/cap_net.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_in loopback(in_port_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = port };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

/* A listening socket, and its address. */
static int listener(struct sockaddr_in *address)
{
	socklen_t size = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	*address = loopback(0);
	CHECK(bind(fd, (struct sockaddr *)address, size) == 0 && listen(fd, 8) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)address, &size) == 0);
	return fd;
}

static int connect_to(cap_channel_t *net, int fd, const struct sockaddr_in *address)
{
	return cap_connect(net, fd, (const struct sockaddr *)address, sizeof(*address));
}

static int bind_to(cap_channel_t *net, int fd, const struct sockaddr_in *address)
{
	return cap_bind(net, fd, (const struct sockaddr *)address, sizeof(*address));
}

static int tcp(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	CHECK(fd >= 0);
	return fd;
}

IN_CHILD(net, connects_in_place)
{
	struct sockaddr_in address;
	int server = listener(&address);
	cap_channel_t *net = service("system.net");
	int fd = tcp();
	int peer;
	int value = 1;
	socklen_t size = sizeof(value);
	char byte;

	limit_channel(net);
	CHECK(cap_enter() == 0);
	CHECK(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value)) == 0);
	CHECK(connect_to(net, fd, &address) == 0);
	peer = accept(server, NULL, NULL);
	CHECK(write(fd, "x", 1) == 1 && read(peer, &byte, 1) == 1 && byte == 'x');
	value = 0;
	CHECK(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &size) == 0 && value != 0);
	CHECK(fcntl(fd, F_GETFD) == 0);
	CHECK_FAILS(EISCONN, connect_to(net, fd, &address));
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	CHECK(connect_to(net, fd, &address) == 0 || errno == EINPROGRESS);
	CHECK((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK(connect_to(net, fd, &address) == 0 && connect_to(net, fd, &address) == 0);
}

IN_CHILD(net, says_what_the_system_says)
{
	struct sockaddr_in address;
	int server = listener(&address);
	cap_channel_t *net = service("system.net");
	struct sockaddr_in foreign = { .sin_family = AF_INET, .sin_addr.s_addr = inet_addr("192.0.2.1") };
	struct sockaddr_in6 other = { .sin6_family = AF_INET6 };
	int ends[2];

	CHECK(pipe(ends) == 0);
	close(server);
	CHECK(cap_enter() == 0);
	CHECK_FAILS(ECONNREFUSED, connect_to(net, tcp(), &address));
	CHECK_FAILS(EADDRNOTAVAIL, bind_to(net, tcp(), &foreign));
	CHECK_FAILS(EBADF, connect_to(net, 77, &address));
	CHECK_FAILS(ENOTSOCK, connect_to(net, ends[0], &address));
	CHECK_FAILS(EINVAL, cap_connect(net, tcp(), NULL, 0));
	CHECK_FAILS(EINVAL, cap_connect(net, tcp(), (struct sockaddr *)&address, 4));
	CHECK_FAILS(EAFNOSUPPORT, cap_connect(net, tcp(), (struct sockaddr *)&other, sizeof(other)));
}

IN_CHILD(net, binds_in_place)
{
	struct sockaddr_in address = loopback(0);
	socklen_t size = sizeof(address);
	cap_channel_t *net = service("system.net");
	int fd = tcp();

	CHECK(cap_enter() == 0);
	CHECK(bind_to(net, fd, &address) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)&address, &size) == 0 && address.sin_port != 0);
	CHECK(listen(fd, 4) == 0);
	CHECK_FAILS(EADDRINUSE, bind_to(net, tcp(), &address));
	CHECK_FAILS(EINVAL, bind_to(net, fd, &address));
	CHECK_FAILS(EOPNOTSUPP, connect_to(net, fd, &address));
}

IN_CHILD(net, reaches_local_sockets)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	cap_channel_t *net = service("system.net");
	int server = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/ce-net-%d", (int)getpid());
	CHECK(cap_bind(net, server, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(server, 1) == 0);
	CHECK(cap_connect(net, socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof(address)) == 0);
	unlink(address.sun_path);
}

IN_CHILD(net, keeps_the_socket_s_limits)
{
	struct sockaddr_in address;
	int server = listener(&address);
	cap_channel_t *net = service("system.net");
	cap_rights_t rights;
	int limited = tcp();
	int allowed = tcp();
	char byte;

	CHECK(cap_rights_limit(limited, cap_rights_init(&rights, CAP_READ, CAP_WRITE, CAP_GETSOCKOPT)) == 0);
	cap_rights_set(&rights, CAP_CONNECT);
	cap_rights_clear(&rights, CAP_READ);
	CHECK(cap_rights_limit(allowed, &rights) == 0);
	CHECK(cap_enter() == 0);
	CHECK_FAILS(ENOTCAPABLE, connect_to(net, limited, &address));
	CHECK(connect_to(net, allowed, &address) == 0);
	CHECK(write(allowed, "x", 1) == 1 && accept(server, NULL, NULL) >= 0);
	CHECK_FAILS(ENOTCAPABLE, (int)read(allowed, &byte, 1));
}

static cap_net_limit_t *connect_only(cap_channel_t *net, const struct sockaddr_in *address)
{
	cap_net_limit_t *limit = cap_net_limit_init(net, CAPNET_CONNECT);

	return cap_net_limit_connect(limit, (const struct sockaddr *)address, sizeof(*address));
}

IN_CHILD(net, limits_addresses)
{
	struct sockaddr_in one;
	struct sockaddr_in two;
	struct sockaddr_in odd;
	int servers[] = { listener(&one), listener(&two) };
	cap_channel_t *net = service("system.net");
	cap_net_limit_t *limit;

	CHECK(servers[0] >= 0 && cap_enter() == 0);
	limit = connect_only(net, &one);
	limit = cap_net_limit_connect(limit, (struct sockaddr *)&two, sizeof(two));
	CHECK(cap_net_limit(limit) == 0);
	CHECK(connect_to(net, tcp(), &two) == 0);
	CHECK(cap_net_limit(connect_only(net, &one)) == 0);
	CHECK(connect_to(net, tcp(), &one) == 0);
	CHECK_FAILS(ENOTCAPABLE, connect_to(net, tcp(), &two));
	odd = one;
	odd.sin_zero[0] = 1;
	CHECK_FAILS(ENOTCAPABLE, connect_to(net, tcp(), &odd));
	CHECK_FAILS(ENOTCAPABLE, bind_to(net, tcp(), &one));
	CHECK_FAILS(ENOTCAPABLE, cap_net_limit(connect_only(net, &two)));
	CHECK_FAILS(ENOTCAPABLE, cap_net_limit(cap_net_limit_init(net, CAPNET_CONNECT)));
	CHECK_FAILS(ENOTCAPABLE, cap_net_limit(cap_net_limit_init(net, CAPNET_CONNECT | CAPNET_BIND)));
	limit = cap_net_limit_bind(connect_only(net, &one), (struct sockaddr *)&two, sizeof(two));
	CHECK(cap_net_limit(limit) == 0); /* a further list is narrower */
	cap_net_free(cap_net_limit_init(net, 0));
}

/* The three ways in which FreeBSD lets limits of cap_net grow: a part of a list that is left out, or is empty. */
IN_CHILD(net, cannot_be_widened)
{
	struct sockaddr_in one = loopback(htons(9));
	cap_channel_t *net = service("system.net");
	cap_channel_t *names;
	nvlist_t *raw = nvlist_create(0);
	int inet[] = { AF_INET };

	CHECK(cap_enter() == 0);
	names = cap_clone(net);
	CHECK(cap_net_limit(cap_net_limit_name2addr(cap_net_limit_init(names, CAPNET_NAME2ADDR), "127.0.0.1", "9")) ==
	      0);
	CHECK_FAILS(ENOTCAPABLE, cap_net_limit(cap_net_limit_name2addr_family(
					 cap_net_limit_init(names, CAPNET_NAME2ADDR), inet, 1)));
	names = cap_clone(net);
	CHECK(cap_net_limit(cap_net_limit_addr2name(cap_net_limit_init(names, CAPNET_ADDR2NAME),
						    (struct sockaddr *)&one, sizeof(one))) == 0);
	CHECK_FAILS(ENOTCAPABLE, cap_net_limit(cap_net_limit_addr2name_family(
					 cap_net_limit_init(names, CAPNET_ADDR2NAME), inet, 1)));
	CHECK(cap_net_limit(connect_only(net, &one)) == 0);
	nvlist_add_number(raw, "mode", CAPNET_CONNECT);
	nvlist_move_nvlist(raw, "connect", nvlist_create(0));
	CHECK_FAILS(EINVAL, cap_limit_set(net, raw));
}

static int lookup(cap_channel_t *net, int family, const char *host, const char *port)
{
	const struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST };
	struct addrinfo *found = NULL;
	int result;

	errno = 0;
	result = cap_getaddrinfo(net, host, port, &hints, &found);
	if (result == 0)
		freeaddrinfo(found);
	return result;
}

#define CHECK_REFUSED(call) CHECK((call) == EAI_SYSTEM && errno == ENOTCAPABLE)

IN_CHILD(net, limits_lookups)
{
	cap_channel_t *net = service("system.net");
	cap_channel_t *any;
	cap_net_limit_t *limit;
	int inet[] = { AF_INET };
	const struct sockaddr_in address = loopback(htons(9));
	char host[NI_MAXHOST];

	CHECK(cap_enter() == 0);
	any = cap_clone(net);
	limit = cap_net_limit_name2addr(cap_net_limit_init(net, CAPNET_NAME2ADDR), "127.0.0.1", "9");
	CHECK(cap_net_limit(cap_net_limit_name2addr_family(limit, inet, 1)) == 0);
	CHECK(lookup(net, AF_INET, "127.0.0.1", "9") == 0);
	CHECK_REFUSED(lookup(net, AF_INET, "127.0.0.1", "10"));
	CHECK_REFUSED(lookup(net, AF_INET, "127.0.0.1", NULL));
	CHECK_REFUSED(lookup(net, AF_INET, "127.0.0.2", "9"));
	CHECK_REFUSED(lookup(net, AF_INET, NULL, "9"));
	CHECK_REFUSED(lookup(net, AF_UNSPEC, "127.0.0.1", "9"));
	CHECK(cap_gethostbyname(net, "127.0.0.1") == NULL && errno == ENOTCAPABLE && h_errno == NO_RECOVERY);
	CHECK(cap_getnameinfo(net, (const struct sockaddr *)&address, sizeof(address), host, sizeof(host), NULL, 0,
			      0) == EAI_SYSTEM);
	CHECK_FAILS(ENOTCAPABLE, connect_to(net, tcp(), &address));
	limit = cap_net_limit_name2addr(cap_net_limit_init(any, CAPNET_NAME2ADDR), "", "9");
	CHECK(cap_net_limit(limit) == 0);
	CHECK(lookup(any, AF_UNSPEC, "127.0.0.2", "9") == 0);
	CHECK_REFUSED(lookup(any, AF_UNSPEC, "127.0.0.2", "10"));
	limit = cap_net_limit_name2addr(cap_net_limit_init(any, CAPNET_NAME2ADDR), "127.0.0.1", "9");
	CHECK(cap_net_limit(limit) == 0);
	CHECK_REFUSED(lookup(any, AF_UNSPEC, "127.0.0.2", "9"));
}

/* What was looked up under wider limits, or by a clone, does not count. */
IN_CHILD(net, connects_to_what_was_looked_up)
{
	struct sockaddr_in address;
	int server = listener(&address);
	cap_channel_t *net = service("system.net");
	cap_channel_t *clone;
	const uint64_t mode = CAPNET_NAME2ADDR | CAPNET_DEPRECATED_NAME2ADDR | CAPNET_CONNECTDNS;
	char port[8];

	snprintf(port, sizeof(port), "%d", ntohs(address.sin_port));
	CHECK(server >= 0 && cap_enter() == 0);
	CHECK(lookup(net, AF_INET, "127.0.0.1", port) == 0);
	CHECK(cap_net_limit(cap_net_limit_init(net, mode)) == 0);
	CHECK_FAILS(ENOTCAPABLE, connect_to(net, tcp(), &address));
	CHECK(lookup(net, AF_INET, "127.0.0.1", "1") == 0);
	CHECK_FAILS(ENOTCAPABLE, connect_to(net, tcp(), &address));
	CHECK(lookup(net, AF_INET, "127.0.0.1", port) == 0);
	CHECK(connect_to(net, tcp(), &address) == 0);
	clone = cap_clone(net);
	CHECK_FAILS(ENOTCAPABLE, connect_to(clone, tcp(), &address));
	CHECK(cap_gethostbyname(clone, "127.0.0.1") != NULL); /* any port */
	CHECK(connect_to(clone, tcp(), &address) == 0);
}
