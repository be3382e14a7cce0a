/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Opening beneath a directory: flags, what leads out, and by which errno it is refused.
 */
#include <capsicum_easy.h>
#include <criterion/criterion.h>

#include "../linux/child.h"

static int directory;

static char path[] = "/tmp/ce-test-XXXXXX";

/* A directory with a file, a directory, and symbolic links that stay or lead out. */
static void make_tree(void)
{
	CHECK(mkdtemp(path) != NULL);
	directory = ce_open_directory(path, CE_RIGHTS_KEEP);
	CHECK(directory >= 0);
	CHECK(mkdirat(directory, "sub", 0700) == 0);
	CHECK(symlinkat("sub", directory, "inside") == 0);
	CHECK(symlinkat("/", directory, "outside") == 0);
}

static void remove_tree(void)
{
	unlinkat(directory, "sub/file", 0);
	CHECK(unlinkat(directory, "inside", 0) == 0 && unlinkat(directory, "outside", 0) == 0);
	CHECK(unlinkat(directory, "sub", AT_REMOVEDIR) == 0 && rmdir(path) == 0);
}

static int access_of(int fd)
{
	const int flags = fcntl(fd, F_GETFL);

	CHECK(flags != -1 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	return flags & O_ACCMODE;
}

IN_CHILD(opening, by_flags)
{
	make_tree();
	CHECK(access_of(directory) == O_RDONLY); /* as a directory always is */
	CHECK(access_of(ce_openat(directory, "sub/file", O_WRONLY | O_CREAT | O_EXCL, 0600, CE_RIGHTS_KEEP)) ==
	      O_WRONLY);
	CHECK(access_of(ce_openat(directory, "sub/file", O_RDONLY, 0, CE_RIGHTS_KEEP)) == O_RDONLY);
	CHECK(access_of(ce_openat(directory, "inside/file", O_RDWR, 0, CE_RIGHTS_KEEP)) == O_RDWR);
	CHECK(access_of(ce_openat(directory, "sub/file", O_WRONLY, 0, CE_RIGHTS_KEEP)) == O_WRONLY);
	remove_tree();
}

IN_CHILD(opening, refuses_what_makes_no_sense)
{
	static const cap_rights_t none = { { 0, 0 } };

	make_tree();
	CHECK_FAILS(EINVAL, ce_open_directory("/tmp", NULL));
	CHECK_FAILS(EINVAL, ce_open("/dev/null", O_RDONLY, 0, NULL));
	CHECK_FAILS(EINVAL, ce_openat(directory, "sub", O_RDONLY, 0, NULL));
	CHECK_FAILS(EINVAL, ce_openat(directory, "new", O_WRONLY | O_CREAT, 0600, &none));
	CHECK_FAILS(ENOENT, openat(directory, "new", O_RDONLY)); /* found out before it was made */
	CHECK_FAILS(EFAULT, ce_open(NULL, O_RDONLY, 0, CE_RIGHTS_KEEP));
	CHECK_FAILS(EFAULT, ce_open_directory(NULL, CE_RIGHTS_KEEP));
	CHECK_FAILS(ENOTDIR, ce_open_directory("/dev/null", CE_RIGHTS_KEEP));
	CHECK_FAILS(EFAULT, ce_openat(directory, NULL, O_RDONLY, 0, CE_RIGHTS_KEEP));
	CHECK_FAILS(ENOENT, ce_openat(directory, "none", O_RDONLY, 0, CE_RIGHTS_KEEP));
	CHECK_FAILS(EBADF, ce_openat(-1, "sub", O_RDONLY, 0, CE_RIGHTS_KEEP));
	remove_tree();
}

IN_CHILD(opening, stays_beneath)
{
	static const char *const out[] = {
		"/",	       "/etc",		"..", "../", "./..", "sub/../..", "sub//..//.././x", "outside",
		"outside/etc", "sub/../outside"
	};
	static const char *const in[] = { ".", "sub/..", "./sub", "sub/./", "sub//../sub/.", "inside", "inside/.." };
	size_t i;

	make_tree();
	for (i = 0; i < sizeof(out) / sizeof(out[0]); i++)
		CHECK_FAILS(ENOTCAPABLE, ce_openat(directory, out[i], O_RDONLY, 0, CE_RIGHTS_KEEP));
	for (i = 0; i < sizeof(in) / sizeof(in[0]); i++)
		CHECK(ce_openat(directory, in[i], O_RDONLY, 0, CE_RIGHTS_KEEP) >= 0);
	CHECK_FAILS(ENOENT, ce_openat(directory, "..sub", O_RDONLY, 0, CE_RIGHTS_KEEP)); /* a name like any other */
	CHECK_FAILS(ENOENT, ce_openat(directory, ".x", O_RDONLY, 0, CE_RIGHTS_KEEP));
	CHECK_FAILS(ENOENT, ce_openat(directory, "x.", O_RDONLY, 0, CE_RIGHTS_KEEP));
	remove_tree();
}

/* One that is limited is kept by its limits and, in capability mode, by Landlock: openat2(2) is refused. */
IN_CHILD(opening, beneath_a_limited_directory)
{
	int file;

	make_tree();
	CHECK(ce_limit(directory, CE_SET(CAP_LOOKUP, CAP_READ, CAP_WRITE, CAP_SEEK, CAP_CREATE, CAP_UNLINKAT)) == 0);
	file = ce_openat(directory, "sub/file", O_RDWR | O_CREAT, 0600, CE_SET(CAP_READ));
	CHECK(file >= 0);
	CHECK_FAILS(ENOTCAPABLE, (int)write(file, "x", 1));
	CHECK_FAILS(ENOTCAPABLE, ce_openat(directory, "../x", O_RDONLY, 0, CE_RIGHTS_KEEP));
	CHECK_FAILS(ENOTCAPABLE, ce_openat(directory, "sub/file", O_WRONLY | O_TRUNC, 0, CE_RIGHTS_KEEP));
	remove_tree();
}

IN_CHILD(missing, rights_are_listed)
{
	const int fd = open("/dev/null", O_RDWR);
	cap_rights_t missing;

	CHECK(ce_limit(fd, CE_SET(CAP_READ, CAP_EVENT)) == 0);
	CHECK(ce_missing(fd, CE_SET(CAP_READ), &missing) == 0 && ce_rights_is_empty(&missing));
	CHECK(ce_missing(fd, CE_SET(CAP_READ, CAP_WRITE), &missing) == 0);
	CHECK(ce_rights_equal(&missing, CE_SET(CAP_WRITE)));
}

IN_CHILD(missing, refuses_what_makes_no_sense)
{
	static const cap_rights_t none = { { 0, 0 } };
	cap_rights_t missing;

	CHECK_FAILS(EFAULT, ce_missing(0, NULL, &missing));
	CHECK_FAILS(EFAULT, ce_missing(0, CE_SET(CAP_READ), NULL));
	CHECK_FAILS(EINVAL, ce_missing(0, &none, &missing));
	CHECK_FAILS(EBADF, ce_missing(-1, CE_SET(CAP_READ), &missing));
}

Test(strerror, knows_capsicums_two)
{
	cr_expect_str_eq(ce_strerror(ENOTCAPABLE), "Capabilities insufficient");
	cr_expect_str_eq(ce_strerror(ECAPMODE), "Not permitted in capability mode");
	cr_expect_str_eq(ce_strerror(EPERM), strerror(EPERM));
}
