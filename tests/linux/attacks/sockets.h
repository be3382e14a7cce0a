/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Sockets and events; addresses. Part of attacks.c.
 */

static long send_to(int fd, int flags, const void *address, size_t length)
{
	return sendto(fd, "x", 1, flags, address, (socklen_t)length);
}

static long send_message_to(int fd, void *address, size_t length)
{
	struct msghdr message = {
		.msg_name = address, .msg_namelen = (socklen_t)length, .msg_iov = &vector, .msg_iovlen = 1
	};

	return sendmsg(fd, &message, 0);
}

static struct epoll_event event;

/* Sockets and events. */
TRY(LIMITED, ENOTCAPABLE, write(mute, "x", 1))
TRY(LIMITED, ENOTCAPABLE, send(mute, "x", 1, 0))
TRY(LIMITED, ENOTCAPABLE, shutdown(mute, SHUT_RDWR))
TRY(LIMITED, ENOTCAPABLE, bind(socket_none, (struct sockaddr *)&internet, sizeof(internet)))
TRY(LIMITED, ENOTCAPABLE, connect(socket_none, (struct sockaddr *)&internet, sizeof(internet)))
TRY(LIMITED, ENOTCAPABLE, send_to(socket_none, MSG_FASTOPEN, &internet, sizeof(internet)))
TRY(LIMITED, ENOTCAPABLE, listen(socket_none, 1))
TRY(LIMITED, ENOTCAPABLE, accept(socket_none, NULL, NULL))
TRY(LIMITED, ENOTCAPABLE, getsockname(socket_none, (struct sockaddr *)&internet, &(socklen_t){ 16 }))
TRY(LIMITED, ENOTCAPABLE, getsockopt(socket_none, SOL_SOCKET, SO_TYPE, buffer, &(socklen_t){ 4 }))
TRY(LIMITED, ENOTCAPABLE, setsockopt(socket_none, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, 4))
TRY(LIMITED, ENOTCAPABLE, recv(socket_none, buffer, 1, 0))
TRY(LIMITED, ENOTCAPABLE, getsockopt(options, SOL_SOCKET, SO_PEERNAME, buffer, &(socklen_t){ 16 }))
TRY(LIMITED, ENOTCAPABLE, getsockopt(options, IPPROTO_TCP, 35 /* TCP_ZEROCOPY_RECEIVE */, buffer, &(socklen_t){ 64 }))
TRY(LIMITED, ENOTCAPABLE, epoll_ctl(own_events, EPOLL_CTL_ADD, deaf, &event))
TRY(LIMITED, ENOTCAPABLE, epoll_ctl(events, EPOLL_CTL_ADD, source, &event))
TRY(LIMITED, ENOTCAPABLE, epoll_wait(events, &event, 1, 0))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_fanotify_mark, opened, 1, 1L, nothing, NULL))

/* Addresses. */
TRY(INSIDE, ECAPMODE, bind(tcp, (struct sockaddr *)&internet, sizeof(internet)))
TRY(INSIDE, ECAPMODE, connect(tcp, (struct sockaddr *)&internet, sizeof(internet)))
TRY(INSIDE, ECAPMODE, send_to(tcp, MSG_FASTOPEN, &internet, sizeof(internet)))
TRY(INSIDE, ECAPMODE, send_to(udp, 0, &internet, sizeof(internet)))
TRY(INSIDE, ECAPMODE, send_to(letters, 0, &unix_path, sizeof(unix_path)))
TRY(INSIDE, ECAPMODE, send_to(letters, 0, &abstract, sizeof(abstract)))
TRY(INSIDE, ECAPMODE, send_message_to(udp, &internet, sizeof(internet)))
TRY(INSIDE, ECAPMODE, sendmmsg(udp, NULL, 0, 0))
TRY(INSIDE, ECAPMODE, bind(local, (struct sockaddr *)&unix_path, sizeof(unix_path)))
TRY(INSIDE, ECAPMODE, connect(local, (struct sockaddr *)&unix_path, sizeof(unix_path)))
TRY(INSIDE, ECAPMODE, bind(local, (struct sockaddr *)&abstract, sizeof(abstract)))
TRY(INSIDE, ECAPMODE, connect(local, (struct sockaddr *)&abstract, sizeof(abstract)))
TRY(INSIDE, ECAPMODE, socket(AF_NETLINK, SOCK_RAW, 0))
TRY(INSIDE, ECAPMODE, socket(AF_PACKET, SOCK_RAW, 0))
TRY(INSIDE, ECAPMODE, socket(AF_INET, SOCK_RAW, IPPROTO_ICMP))
TRY(INSIDE, ECAPMODE, socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP))
TRY(INSIDE, ECAPMODE, socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP))
TRY(INSIDE, ECAPMODE, socket(38 /* AF_ALG */, SOCK_SEQPACKET, 0))
TRY(INSIDE, ECAPMODE, socket(40 /* AF_VSOCK */, SOCK_STREAM, 0))
TRY(INSIDE, ECAPMODE, socket(41 /* AF_KCM */, SOCK_DGRAM, 0))
TRY(INSIDE, ECAPMODE, setsockopt(tcp, IPPROTO_SCTP, 110 /* SCTP_SOCKOPT_CONNECTX */, &internet, sizeof(internet)))
TRY(INSIDE, ECAPMODE, getsockopt(tcp, IPPROTO_SCTP, 111 /* SCTP_SOCKOPT_CONNECTX3 */, buffer, &(socklen_t){ 16 }))
TRY(INSIDE, ECAPMODE, setsockopt(udp, SOL_IP, 64 /* IPT_SO_SET_REPLACE */, buffer, 4))
TRY(INSIDE, ECAPMODE, setsockopt(udp, SOL_IP, 1154 /* IP_VS_SO_SET_ADD */, buffer, 4))
TRY(INSIDE, ECAPMODE, setsockopt(udp, SOL_IPV6, 64 /* IP6T_SO_SET_REPLACE */, buffer, 4))
TRY(INSIDE, ECAPMODE, setsockopt(peer, SOL_SOCKET, 76 /* SO_PASSPIDFD */, &(int){ 1 }, 4))
TRY(INSIDE, ECAPMODE, getsockopt(peer, SOL_SOCKET, 77 /* SO_PEERPIDFD */, buffer, &(socklen_t){ 4 }))
TRY(INSIDE, ECAPMODE, setsockopt(peer, SOL_SOCKET, SO_PASSCRED, &(int){ 1 }, 4))
TRY(INSIDE, ECAPMODE, setsockopt(udp, SOL_IPV6, 27 /* IPV6_JOIN_ANYCAST */, buffer, 20))
TRY(INSIDE, ECAPMODE, setsockopt(tcp, IPPROTO_TCP, 13 /* TCP_CONGESTION */, "none such", 9))
TRY(INSIDE, ECAPMODE, setsockopt(tcp, IPPROTO_TCP, 31 /* TCP_ULP */, "none such", 9))
TRY(INSIDE, ECAPMODE, getsockopt(udp, SOL_IP, 64 /* IPT_SO_GET_INFO */, strcpy(buffer, "filter"), &(socklen_t){ 84 }))
TRY(INSIDE, ECAPMODE,
    getsockopt(udp, SOL_IPV6, 64 /* IP6T_SO_GET_INFO */, strcpy(buffer, "filter"), &(socklen_t){ 84 }))
TRY(INSIDE, ECAPMODE, ioctl_of(udp, 0x8914 /* SIOCSIFFLAGS */))
TRY(INSIDE, ECAPMODE, ioctl_of(udp, 0x8916 /* SIOCSIFADDR */))
TRY(INSIDE, ECAPMODE, ioctl_of(udp, 0x890b /* SIOCADDRT */))
TRY(INSIDE, ECAPMODE, ioctl_of(udp, 0x894c /* SIOCGSKNS */))
TRY(INSIDE, ECAPMODE, ioctl_of(local, 0x89e0 /* SIOCUNIXFILE */))
TRY(INSIDE, ECAPMODE, ioctl_of(udp, 0x8b04 /* SIOCSIWFREQ */))
TRY(INSIDE, ECAPMODE, ioctl(opened, TIOCSTI, "x"))
TRY(INSIDE, ECAPMODE, ioctl(opened, TIOCLINUX, "x"))
TRY(INSIDE, ECAPMODE, ioctl_of(opened, TIOCSSERIAL))
TRY(INSIDE, ECAPMODE, ioctl(opened, TIOCSETD, &(int){ 1 /* N_SLIP */ }))
TRY(INSIDE, ECAPMODE, ioctl_of(opened, 0x4b47 /* KDSKBENT */))
