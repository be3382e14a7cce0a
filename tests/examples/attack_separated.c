/* SPDX-License-Identifier: BSD-2-Clause */
/* The worker, taken over by an included file: it goes for the helper, and asks it for what it must not give. */
#include "attacker.h"

static void attack(int fd);

/* The helper has no business in files: only the worker calls read(2). */
static ssize_t read_and_attack(int fd, void *data, size_t size)
{
	ssize_t length = read(fd, data, size);

	if (is_attack(data, length))
		attack(fd);
	return length;
}

#define read read_and_attack
#include "../../examples/separated.c"
#undef read

static int channel_to_helper(void)
{
	int fd = 3;

	while (fd < 64 && send(fd, "main", 4, MSG_NOSIGNAL) != 4)
		fd++;
	if (fd == 64 || receive_descriptor(fd) < 0)
		_exit(1); /* the test is wrong */
	return fd;
}

static void attack(int fd)
{
	int channel;

	attack_system();
	channel = channel_to_helper();
	errno = EPERM;
	try("ask for ../secret", ask_for(channel, "../secret"), EPERM);
	try("ask for a link to /etc/passwd", ask_for(channel, "link"), EPERM);
	try("ask for the directory", ask_for(channel, "."), EPERM);
	try("write to the file included", write(fd, "x", 1), EBADF); /* it was opened for reading */
	try("open the file for writing", openat(fd, "", O_RDWR | O_CREAT, 0600), ECAPMODE);
	try("send a descriptor to the helper", sendmsg(channel, &(struct msghdr){ 0 }, 0), ECAPMODE);
	try("shut the channel down", shutdown(channel, SHUT_RDWR), ENOTCAPABLE);
	finish_attack();
}
