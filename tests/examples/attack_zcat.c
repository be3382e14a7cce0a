/* SPDX-License-Identifier: BSD-2-Clause */
/* zlib, taken over by a compressed file: it goes for that file and for standard input and output. */
#include "attacker.h"

static ssize_t read_and_attack(int fd, void *data, size_t size)
{
	ssize_t length = read(fd, data, size);

	if (is_attack(data, length)) {
		attack_system();
		try("write to the file", write(fd, "x", 1), ENOTCAPABLE);
		try("empty the file", ftruncate(fd, 0), ENOTCAPABLE);
		try("change the file's mode", fchmod(fd, 0777), ENOTCAPABLE);
		try("map the file", (long)mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0), ENOTCAPABLE);
#ifdef __linux__ /* on FreeBSD the copy has the same limits */
		try("copy the descriptor", dup(fd), ENOTCAPABLE);
#endif
		try("read standard output", read(STDOUT_FILENO, data, size), ENOTCAPABLE);
		finish_attack();
	}
	return length;
}

#define read read_and_attack
#include "../../examples/zcat.c"
