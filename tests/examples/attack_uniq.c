/* SPDX-License-Identifier: BSD-2-Clause */
/* FreeBSD's utility, taken over by a line: the unchanged sandbox code must hold here too. */
#include "attacker.h"

static ssize_t getline_and_attack(char **line, size_t *size, FILE *stream)
{
	ssize_t length = getline(line, size, stream);

	if (is_attack(*line, length)) {
		attack_system();
		try("write to the input", write(fileno(stream), "x", 1), ENOTCAPABLE);
		try("seek in the input", lseek(fileno(stream), 0, SEEK_SET), ENOTCAPABLE);
		try("read the output", read(STDOUT_FILENO, *line, *size), ENOTCAPABLE);
		try("change the output's mode", fchmod(STDOUT_FILENO, 0777), ENOTCAPABLE);
		try("make the output non-blocking", fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK), ENOTCAPABLE);
		finish_attack();
	}
	return length;
}

#define getline getline_and_attack
#include "../../examples/uniq.c"
