/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The documented gaps: they must be just these, and open. Part of attacks.c.
 */

static long signal_parent(void)
{
	return syscall(SYS_tgkill, getppid(), getppid(), 0);
}

/* Sending fails for want of an address, and yet the socket has a port then. */
static long get_udp_port(void)
{
	struct sockaddr_in name = { 0 };

	send(udp, "x", 1, 0);
	MUST(getsockname(udp, (struct sockaddr *)&name, &(socklen_t){ sizeof(name) }));
	return name.sin_port != 0 ? 0 : -1;
}

/* A rule about one limited descriptor for another. */
static long allow_in_ruleset(void)
{
	const uint32_t rule[3] = { 1, 0, (uint32_t)directory }; /* struct landlock_path_beneath_attr, which is packed */

	return syscall(SYS_landlock_add_rule, ruleset, 1 /* LANDLOCK_RULE_PATH_BENEATH */, rule, 0);
}

/* Whose a process is, beside its number: what is asked for is in memory. */
static long ask_of_process(void)
{
	uint64_t info[8] = { 2 /* PIDFD_INFO_CREDS */ };

	if (ioctl(named, 0xc040ff0b /* PIDFD_GET_INFO */, info) == -1)
		return -1;
	errno = EPERM;
	return (info[0] & 2) != 0 && (uid_t)(info[3] >> 32) == getuid() ? 0 : -1;
}

/* Whether the kernel knows a network namespace: by its descriptor, whose number is in the message. */
static long ask_of_namespace(void)
{
	struct {
		struct nlmsghdr header;
		uint32_t family; /* struct rtgenmsg, which is one byte, and what aligns the attribute */
		struct rtattr attribute;
		int32_t descriptor;
	} message = { .header = { sizeof(message), RTM_GETNSID, NLM_F_REQUEST, 1, 0 },
		      .attribute = { RTA_LENGTH(sizeof(int32_t)), NETNSA_FD },
		      .descriptor = namespace };
	struct nlmsghdr *answer = (struct nlmsghdr *)(void *)buffer;

	MUST(send(netlink, &message, sizeof(message), 0));
	MUST(recv(netlink, buffer, sizeof(buffer), 0));
	if (answer->nlmsg_type != NLMSG_ERROR)
		return 0;
	errno = -((struct nlmsgerr *)NLMSG_DATA(answer))->error;
	return -1;
}

TRY(INSIDE, 0, fstatat(directory, secret, &status, 0))
TRY(INSIDE, has(UDP_PORTS) ? EACCES : 0, get_udp_port())
TRY(INSIDE, 0, openat(sub, "..", O_RDONLY | O_DIRECTORY))
TRY(INSIDE_BOTH, 0, unlinkat(sub, "empty", AT_REMOVEDIR))
TRY(INSIDE_BOTH, 0, mkdirat(sub, "new", 0700))
TRY(INSIDE, 0, reopen(directory, deaf, O_RDONLY))
TRY(INSIDE, 0, reopen(sub, memory, O_RDWR))
TRY(LIMITED, 0, reopen(AT_FDCWD, reader, O_RDWR))
TRY(LIMITED, 0, openat(directory, "../secret", O_RDONLY))
TRY(LIMITED, 0, allow_in_ruleset())
TRY(LIMITED, has(PIDFD_NUMBERS) ? 0 : ENOTTY, ask_of_process())
TRY(LIMITED, 0, ask_of_namespace())
TRY(INSIDE, 0, ask_of_namespace())
TRY(INSIDE, 0, in_clone(SIGCHLD, signal_parent))
TRY(LIMITED, 0, fstatat(blind, "sub", &status, AT_EMPTY_PATH))
