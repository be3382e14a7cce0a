/* SPDX-License-Identifier: BSD-2-Clause */
/* The guesser, taken over by one of the files: it goes for the others and for what it could tell someone. */
#include "attacker.h"

static ssize_t read_and_attack(int fd, void *data, size_t size)
{
	ssize_t length = read(fd, data, size);

	if (is_attack(data, length)) {
		attack_system();
		try("write to the file", write(fd, "x", 1), ENOTCAPABLE);
		try("change the file's owner", fchown(fd, 0, 0), ENOTCAPABLE);
		try("lock the file", lockf(fd, F_TLOCK, 1), ENOTCAPABLE);
		try("write to standard input", write(STDIN_FILENO, "x", 1), ENOTCAPABLE);
		try("pass the file to somebody", sendmsg(STDOUT_FILENO, &(struct msghdr){ 0 }, 0), ECAPMODE);
		finish_attack();
	}
	return length;
}

#define read read_and_attack
#include "../../examples/filetype.c"
