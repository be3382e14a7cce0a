/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ioctl commands by name: those of this system's headers, and those that the policy names (gen/ioctl_names.py).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ioctl-names.h" /* before anything that has <termios.h>: the kernel's own structures are others */

const char *ioctl_name(unsigned long command);
const char *ioctl_name_at(size_t i);
int ioctl_by_name(const char *name, unsigned long *command);

#define NAMES (sizeof(ioctl_names) / sizeof(ioctl_names[0]))

const char *ioctl_name(unsigned long command)
{
	size_t i;

	for (i = 0; i < NAMES; i++)
		if (ioctl_names[i].command == command)
			return ioctl_names[i].name;
	return NULL;
}

const char *ioctl_name_at(size_t i)
{
	return i < NAMES ? ioctl_names[i].name : NULL;
}

int ioctl_by_name(const char *name, unsigned long *command)
{
	char *end;
	size_t i;

	for (i = 0; i < NAMES; i++) {
		if (strcasecmp(ioctl_names[i].name, name) == 0) {
			*command = ioctl_names[i].command;
			return 0;
		}
	}
	*command = strtoul(name, &end, 16);
	if (end != name && *end == '\0' && strncmp(name, "0x", 2) == 0)
		return 0;
	errno = EINVAL;
	return -1;
}
