/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A mount namespace of root's own, in a chroot too: there "/" may be no mount point, so that mount(2) cannot make it
 * private (EINVAL) and what is mounted in it would appear outside.
 */
#ifndef CE_TESTS_PRIVATE_H_
#define CE_TESTS_PRIVATE_H_

#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Leaves a chroot, as root can: once the root directory is beneath the working directory, ".." leads to the top. */
static inline bool leave_chroot(void)
{
	struct stat here, above;

	if (chdir("/") != 0 || chroot("/tmp") != 0)
		return false;
	do {
		if (stat(".", &here) != 0 || chdir("..") != 0 || stat(".", &above) != 0)
			return false;
	} while (here.st_ino != above.st_ino || here.st_dev != above.st_dev);
	return chroot(".") == 0;
}

/* Does so and comes back, with all mounts made private. The descriptors are opened here: they belong to the namespace.
 */
static inline bool make_mounts_private(void)
{
	const int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int work = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const bool made = root != -1 && work != -1 && leave_chroot() &&
			  mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && fchdir(root) == 0 &&
			  chroot(".") == 0 && fchdir(work) == 0;

	close(root);
	close(work);
	return made;
}

/* Makes new namespaces, of mounts among them, where mounts stay: false where they are not allowed. */
static inline bool unshare_mounts(int others)
{
	if (unshare(CLONE_NEWNS | others) != 0)
		return false;
	if (!make_mounts_private()) {
		perror("a mount namespace that shares nothing"); /* not to go on: what is mounted could appear outside
								  */
		_exit(2);
	}
	return true;
}

#endif
