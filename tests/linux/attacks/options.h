/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Socket options that choose where a socket sends, rule what others get, name an address, or load a module. Part of
 * attacks.c.
 */
static long set(int fd, int level, int option, const void *value, size_t size)
{
	return setsockopt(fd, level, option, value, (socklen_t)size);
}

static long set_number(int fd, int level, int option, int value)
{
	return set(fd, level, option, &value, sizeof(value));
}

/* By another host: RFC 8754, which needs no privilege. */
static const unsigned char routing_header[24] = { 0, 2, 4, 0, 0, 0, 0, 0, 0x20, 1, 0xd, 0xb8, [23] = 1 };
static const unsigned char no_options[8] = { 0, 0, 1, 4 };
static const unsigned char source_route[8] = { 0x83, 7, 4, 127, 0, 0, 2, 0 };
static const struct sock_filter everything[] = { { 0x06, 0, 0, 0xffff } };
static const struct sock_fprog filter = { 1, (struct sock_filter *)(uintptr_t)everything };
static const struct ip_mreq group = { { 0x010101efu }, { 0x0100007fu } };
static const struct in6_pktinfo from_loopback = { .ipi6_ifindex = 1 };

TRY_BOTH(INSIDE, ECAPMODE, set(udp6, SOL_IPV6, 57 /* IPV6_RTHDR */, routing_header, sizeof(routing_header)))
TRY_BOTH(LIMITED, ENOTCAPABLE, set(setter, SOL_IPV6, 57 /* IPV6_RTHDR */, routing_header, sizeof(routing_header)))
TRY_BOTH_AS_ROOT(INSIDE, ECAPMODE, set(udp6, SOL_IPV6, 59 /* IPV6_DSTOPTS */, no_options, sizeof(no_options)))
TRY_BOTH_AS_ROOT(INSIDE, ECAPMODE, set(udp6, SOL_IPV6, 54 /* IPV6_HOPOPTS */, no_options, sizeof(no_options)))
TRY_BOTH(INSIDE, ECAPMODE, set(udp6, SOL_IPV6, 50 /* IPV6_PKTINFO */, &from_loopback, sizeof(from_loopback)))
TRY_BOTH(LIMITED, ENOTCAPABLE, set(setter, SOL_IPV6, 50 /* IPV6_PKTINFO */, &from_loopback, sizeof(from_loopback)))
TRY_BOTH_AS_ROOT(INSIDE, ECAPMODE, set(udp, SOL_IP, IP_OPTIONS, source_route, sizeof(source_route)))
TRY_BOTH(INSIDE, ECAPMODE, set(udp, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3))
TRY_BOTH(LIMITED, ENOTCAPABLE, set(setter, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3))
TRY_BOTH(INSIDE, ECAPMODE, set_number(udp, SOL_SOCKET, SO_PRIORITY, 3))
TRY_BOTH(INSIDE, ECAPMODE, set_number(udp, SOL_SOCKET, SO_DONTROUTE, 1))
TRY_BOTH_AS_ROOT(INSIDE, ECAPMODE, set_number(udp, SOL_SOCKET, SO_MARK, 3))
TRY_BOTH_AS_ROOT(INSIDE, ECAPMODE, set_number(udp, SOL_IP, 19 /* IP_TRANSPARENT */, 1))
TRY_BOTH_AS_ROOT(INSIDE, ECAPMODE, set_number(tcp, IPPROTO_TCP, 19 /* TCP_REPAIR */, 1))
TRY_BOTH(INSIDE, ECAPMODE, set(udp, SOL_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)))
TRY_BOTH(INSIDE, ECAPMODE, set_number(udp, SOL_SOCKET, SO_REUSEPORT, 1))
TRY_BOTH(INSIDE, ECAPMODE, set_number(udp, SOL_SOCKET, 49 /* SO_INCOMING_CPU */, 0))
TRY_BOTH(INSIDE, ECAPMODE, set(udp, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)))
TRY_BOTH(INSIDE, ECAPMODE, set(sharing, SOL_SOCKET, 51 /* SO_ATTACH_REUSEPORT_CBPF */, &filter, sizeof(filter)))
TRY_BOTH(INSIDE, ECAPMODE, set(tcp, IPPROTO_TCP, 13 /* TCP_CONGESTION */, "reno", 4))
TRY(LIMITED, ENOTCAPABLE, set_number(udp, 263 /* SOL_PACKET */, 22 /* PACKET_FANOUT_DATA */, nothing))
TRY(LIMITED, ENOTCAPABLE, set(udp, SOL_IP, 64 /* IPT_SO_SET_REPLACE */, buffer, 4))
TRY(LIMITED, ENOTCAPABLE, set(udp, SOL_IPV6, 64 /* IP6T_SO_SET_REPLACE */, buffer, 4))
TRY(LIMITED, ENOTCAPABLE, socket(24 /* AF_PPPOX */, SOCK_DGRAM, 1))
TRY(LIMITED, ENOTCAPABLE, socket(44 /* AF_XDP */, SOCK_RAW, 0))
TRY(LIMITED, ENOTCAPABLE, getsockopt(options, IPPROTO_SCTP, 111 /* CONNECTX3 */, buffer, &(socklen_t){ 16 }))

/* What must go on working. */
TRY(INSIDE, 0, set_number(tcp, IPPROTO_TCP, 1 /* TCP_NODELAY */, 1))
TRY(INSIDE, 0, set_number(udp, SOL_SOCKET, SO_RCVBUF, 4096))
TRY(INSIDE, 0, getsockopt(udp, SOL_SOCKET, SO_ERROR, buffer, &(socklen_t){ 4 }))
TRY(LIMITED, 0, set_number(setter, SOL_SOCKET, SO_RCVBUF, 4096))
