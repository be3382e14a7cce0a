/* SPDX-License-Identifier: BSD-2-Clause */
/* The server, taken over by a request: it goes for files outside of its directory, and for changing those in it. */
#include "attacker.h"

static int served;

static ssize_t read_and_attack(int fd, void *data, size_t size)
{
	ssize_t length = read(fd, data, size);

	if (is_attack(data, length)) {
		attack_system();
		try("open ../secret", openat(served, "../secret", O_RDONLY), EACCES);
		try("open a link to /etc/passwd", openat(served, "link", O_RDONLY), EACCES);
		try("create a file to serve", openat(served, "new", O_WRONLY | O_CREAT, 0600), ENOTCAPABLE);
		try("write to a file served", openat(served, "index.html", O_WRONLY), ENOTCAPABLE);
		try("remove a file served", unlinkat(served, "index.html", 0), ENOTCAPABLE);
		try("make a directory", mkdirat(served, "new", 0700), ENOTCAPABLE);
		try("go to the directory", fchdir(served), ECAPMODE);
		try("turn the connection around", getpeername(fd, &(struct sockaddr){ 0 }, &(socklen_t){ 0 }),
		    ENOTCAPABLE);
		finish_attack();
	}
	return length;
}

/* The attacker knows the directory's descriptor. */
static int open_and_note(int directory, const char *path, int flags, unsigned mode, const cap_rights_t *rights)
{
	served = directory;
	return ce_openat(directory, path, flags, mode, rights);
}

#define read read_and_attack
#define ce_openat open_and_note
#include "../../examples/httpd.c"
