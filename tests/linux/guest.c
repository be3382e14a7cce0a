/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A program that exec.c executes in capability mode, and that finds itself as restricted as the one before:
 *
 *     guest USER [LIMITED DIRECTORY]
 *     guest pools FREE KEPT
 *
 * Who it must be, and the numbers of a file limited to CAP_READ and of a directory that holds "file". Compiled a second
 * time with OTHER_POLICY, the header that other_policy.py writes, and then a program of another version.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef OTHER_POLICY
#include "capsicum_other.h"
#else
#include <capsicum_easy.h>
#endif

#include "child.h"

static void expect_limited(int fd)
{
	cap_rights_t rights;
	char byte;

	CHECK(cap_rights_get(fd, &rights) == 0 && ce_rights_equal(&rights, CE_SET(CAP_READ)));
	CHECK(read(fd, &byte, 1) >= 0);
	CHECK_FAILS(ENOTCAPABLE, write(fd, "", 1));
	CHECK_FAILS(ENOTCAPABLE, lseek(fd, 0, SEEK_SET));
	CHECK_FAILS(ENOTCAPABLE, dup(fd));
	CHECK_FAILS(ENOTCAPABLE, cap_rights_limit(fd, CE_SET(CAP_READ, CAP_WRITE)));
}

static void expect_inside(int directory)
{
	unsigned mode = 0;
	int file = openat(directory, "file", O_RDONLY);
	int unlimited = openat(directory, ".", O_RDONLY | O_DIRECTORY);

	CHECK(cap_sandboxed() && cap_getmode(&mode) == 0 && mode == 1);
	CHECK(file != -1 && unlimited != -1);
	CHECK_FAILS(ENOTCAPABLE, openat(directory, "file", O_WRONLY));
	CHECK_FAILS(EACCES, openat(unlimited, "file", O_WRONLY));
	CHECK_FAILS(EACCES, openat(directory, "..", O_RDONLY));
	CHECK_FAILS(EACCES, openat(directory, "/", O_RDONLY));
	CHECK_FAILS(ECAPMODE, open("/", O_RDONLY));
	CHECK_FAILS(ECAPMODE, chdir("/"));
	CHECK_FAILS(ECAPMODE, execve("/bin/true", (char *[]){ NULL }, NULL));
	CHECK_FAILS(ECAPMODE, kill(1, 0));
	CHECK_FAILS(ECAPMODE, socket(AF_NETLINK, SOCK_RAW, 0));
	CHECK_FAILS(ECHILD, waitpid(-1, NULL, WNOHANG));
	CHECK_FAILS(ENOSYS, syscall(SYS_clone3, NULL, 0));
	CHECK(kill(getpid(), 0) == 0);
	close(file);
	close(unlimited);
}

#ifdef OTHER_POLICY
/* The documented gap: the mode stays that of the program that entered. Its limits are made anew. */
static void expect_the_mode_of_another_policy(int limited)
{
	CHECK(cap_enter() == 0);
	CHECK(syscall(SYS_getppid) > 0);
	CHECK(cap_rights_limit(limited, CE_SET(CAP_READ)) == 0);
	CHECK_FAILS(ENOSYS, syscall(SYS_getppid));
}
#endif

/* Two numbers of a pool that the program before made: one that exec closed, and one that it kept. */
static int expect_pools(int free_number, int kept)
{
	int made = ce_open("/dev/zero", O_RDONLY, 0, CE_SET(CAP_READ));

	expect_limited(kept);
	expect_limited(made);
#ifdef OTHER_POLICY
	CHECK(made != free_number && filter_count() == 2); /* nothing of another version is relied on */
#else
	CHECK(made == free_number && filter_count() == 1);
	CHECK(ce_dup(kept) > made);
#endif
	return 0;
}

int main(int argc, char **argv)
{
	int limited, directory;

	alarm(60);
	if (argc == 4 && strcmp(argv[1], "pools") == 0)
		return expect_pools(atoi(argv[2]), atoi(argv[3]));
	CHECK(argc == 2 || argc == 4);
	CHECK(geteuid() == (uid_t)atoi(argv[1]));
	if (argc == 2)
		return 0;
	limited = atoi(argv[2]);
	directory = atoi(argv[3]);
	expect_limited(limited);
	expect_inside(directory);
	CHECK(cap_enter() == 0);
	expect_inside(directory);
#ifdef OTHER_POLICY
	expect_the_mode_of_another_policy(limited);
	expect_limited(limited);
	expect_inside(directory);
#endif
	return 0;
}
