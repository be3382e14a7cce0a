/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Beneath a limited directory, out of it, and what was opened there. Part of attacks.c.
 */

static long change_program(void)
{
	char path[sizeof(home) + 16];

	snprintf(path, sizeof(path), "%s/program", home);
	return fchmod(number(openat(directory, path, O_RDONLY)), 0777);
}

/* A link of one's own making leads nowhere else. */
static long open_through_new_link(const char *to)
{
	MUST(symlinkat(to, directory, "new"));
	return openat(directory, "new", O_RDONLY);
}

/* The kernel opens the interpreter of a script by its path. */
static long execute_script(void)
{
	int script = number(memfd_create("script", 0));

	MUST(write(script, "#!/bin/sh\n", 10));
	return syscall(SYS_execveat, script, "", no_arguments, NULL, AT_EMPTY_PATH);
}

static long link_from_proc(int fd, int to)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return linkat(to, path, to, "new", AT_SYMLINK_FOLLOW);
}

static long open_memory_of(int from, pid_t process)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)process);
	return openat(from, path, O_RDWR);
}

static const uint32_t file_handle[8] = { 8, 1 };

static const uint64_t how[3] = { O_RDONLY, 0, 0 };

/* Beneath a limited directory. */
TRY(LIMITED, ENOTCAPABLE, openat(directory, "sub/file", O_WRONLY))
TRY(LIMITED, ENOTCAPABLE, openat(directory, "sub/file", O_RDWR))
TRY(LIMITED, ENOTCAPABLE, openat(directory, "sub/file", 3))
TRY(LIMITED, ENOTCAPABLE, openat(directory, "sub/file", O_RDONLY | O_TRUNC))
TRY(LIMITED, ENOTCAPABLE, openat(directory, "new", O_RDONLY | O_CREAT, 0600))
TRY(LIMITED, ENOTCAPABLE, openat(directory, ".", O_TMPFILE | O_RDWR, 0600))
TRY(LIMITED, ENOTCAPABLE, openat(directory, "sub", O_PATH))
TRY(LIMITED, ENOTCAPABLE, openat(directory, "sub", O_PATH | O_DIRECTORY))
TRY(LIMITED, ENOSYS, syscall(SYS_openat2, directory, "sub/file", how, sizeof(how)))
TRY(LIMITED, ENOTCAPABLE, mkdirat(directory, "new", 0700))
TRY(LIMITED, ENOTCAPABLE, mknodat(directory, "new", S_IFREG | 0600, 0))
TRY(LIMITED, ENOTCAPABLE, symlinkat("/", directory, "new"))
TRY(LIMITED, ENOTCAPABLE, unlinkat(directory, "sub/file", 0))
TRY(LIMITED, ENOTCAPABLE, linkat(directory, "sub/file", AT_FDCWD, "copy", 0))
TRY(LIMITED, ENOTCAPABLE, linkat(AT_FDCWD, "file", directory, "copy", 0))
TRY(LIMITED, ENOTCAPABLE, renameat(directory, "sub/file", AT_FDCWD, "copy"))
TRY(LIMITED, ENOTCAPABLE, renameat(AT_FDCWD, "file", directory, "copy"))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_renameat2, AT_FDCWD, "file", directory, "sub/file", 2))
TRY(LIMITED, ENOTCAPABLE, fchmodat(directory, "sub/file", 0666, 0))
TRY(LIMITED, ENOTCAPABLE, fchownat(directory, "sub/file", 0, 0, 0))
TRY(LIMITED, ENOTCAPABLE, utimensat(directory, "sub/file", NULL, 0))
TRY(LIMITED, ENOTCAPABLE, syscall(452 /* fchmodat2 */, blind, "sub", 0755, AT_EMPTY_PATH))
TRY(LIMITED, ENOTCAPABLE, fchownat(blind, "sub", (uid_t)-1, (gid_t)-1, AT_EMPTY_PATH))
TRY(LIMITED, ENOTCAPABLE, syscall(463 /* setxattrat */, blind, "sub", AT_EMPTY_PATH, "user.x", NULL, 0))
TRY(LIMITED, ENOTCAPABLE, fstatat(blind, "sub", &status, 0))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_execveat, directory, "sub/file", no_arguments, NULL, 0))
TRY(LIMITED, ENOTCAPABLE, fchdir(directory))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_open_tree, directory, "", AT_EMPTY_PATH | 1 /* OPEN_TREE_CLONE */))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_move_mount, directory, "", AT_FDCWD, ".", 4 /* MOVE_MOUNT_F_EMPTY_PATH */))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_mount_setattr, directory, "", AT_EMPTY_PATH, NULL, 0))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_fspick, directory, "", 8))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_name_to_handle_at, nothing, "", buffer, buffer + 64, AT_EMPTY_PATH))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_open_by_handle_at, directory, file_handle, O_RDONLY))

/* Out of the directory. */
TRY(INSIDE, EACCES, openat(directory, secret, O_RDONLY))
TRY(INSIDE, EACCES, openat(directory, "../secret", O_RDONLY))
TRY(INSIDE, EACCES, openat(directory, "out", O_RDONLY)) /* a symbolic link */
TRY(INSIDE, EACCES, openat(sub, "../../secret", O_RDONLY))
TRY(INSIDE, EACCES, openat(opened, secret, O_RDONLY)) /* an absolute path needs no directory */
TRY(INSIDE, EACCES, openat(-1, secret, O_RDONLY))
TRY(INSIDE, EACCES, openat((int)receive(home_mailbox), "secret", O_RDONLY))
TRY(INSIDE, EACCES, openat(directory, "/", O_RDONLY | O_DIRECTORY))
TRY(INSIDE, EACCES, openat(directory, "..", O_RDONLY | O_DIRECTORY))
TRY(INSIDE, EACCES, openat(sub, "/proc/self/mem", O_RDWR))
TRY(INSIDE, EACCES, openat(directory, "/proc/self/cwd/secret", O_RDONLY))
TRY(INSIDE, EACCES, openat(directory, "/proc/self/root/etc/passwd", O_RDONLY))
TRY(INSIDE, EACCES, reopen(directory, reader, O_RDONLY))
TRY(INSIDE, EACCES, reopen(sub, reader, O_RDWR))
TRY(INSIDE, EACCES, open_memory_of(sub, victim))
TRY(INSIDE, EACCES, openat(sub, "/dev/tty", O_RDWR))
TRY(INSIDE, ECAPMODE, openat(directory, "sub", O_PATH))
TRY(INSIDE, ECAPMODE, openat(sub, secret, O_PATH))
TRY(INSIDE, ECAPMODE, openat(sub, secret, 3)) /* neither reading nor writing: Landlock sees no access */
TRY(INSIDE_UNLIMITED, ECAPMODE, openat(sub, secret, 3))
TRY(INSIDE, ENOSYS, syscall(SYS_openat2, sub, secret, how, sizeof(how)))
TRY(INSIDE_UNLIMITED, ENOSYS, syscall(SYS_openat2, sub, secret, how, sizeof(how)))
TRY(INSIDE, ECAPMODE, fchdir(directory))
TRY(INSIDE, ECAPMODE, readlinkat(sub, "/proc/self/cwd", buffer, sizeof(buffer)))
TRY(INSIDE, ECAPMODE, syscall(SYS_name_to_handle_at, sub, secret, buffer, buffer + 64, 0))
TRY(INSIDE, ECAPMODE, syscall(SYS_open_by_handle_at, sub, file_handle, O_RDONLY))
TRY(INSIDE_UNLIMITED, EACCES, openat(directory, secret, O_RDONLY))
TRY(INSIDE_UNLIMITED, ECAPMODE, change_program())
TRY(INSIDE_UNLIMITED, EACCES, openat(directory, "../new", O_WRONLY | O_CREAT, 0600))
TRY(INSIDE_UNLIMITED, EXDEV, linkat(directory, "../secret", directory, "new", 0))
TRY(INSIDE_UNLIMITED, EXDEV, link_from_proc(outsider, directory))
TRY(INSIDE_UNLIMITED, EACCES, renameat(directory, "../secret", directory, "new"))
TRY(INSIDE_UNLIMITED, EACCES, renameat(directory, "sub/file", directory, "../new"))
TRY(INSIDE_UNLIMITED, EACCES, syscall(SYS_renameat2, directory, "sub/file", directory, "../secret", 2))
TRY(INSIDE_UNLIMITED, EACCES, open_through_new_link("../secret"))
TRY(INSIDE_UNLIMITED, EACCES, open_through_new_link(secret))
TRY(INSIDE_UNLIMITED, EACCES, symlinkat("/", directory, "../new"))
TRY(INSIDE_UNLIMITED, EACCES, mkdirat(directory, "../new", 0700))
TRY(INSIDE_UNLIMITED, EACCES, unlinkat(directory, "../secret", 0))
TRY(INSIDE_UNLIMITED, ECAPMODE, mknodat(directory, "new", S_IFCHR | 0600, 0x103))
TRY(INSIDE_UNLIMITED, ECAPMODE, mknodat(directory, "new", S_IFBLK | 0600, 0x700))
TRY(INSIDE_UNLIMITED, ECAPMODE, syscall(SYS_renameat2, directory, "sub", directory, "new", 4 /* WHITEOUT */))
TRY(INSIDE_UNLIMITED, ECAPMODE, fchmodat(directory, "../secret", 0666, 0))
TRY(INSIDE_UNLIMITED, ECAPMODE, syscall(452 /* fchmodat2 */, directory, "../secret", 0666, 0))
TRY(INSIDE_UNLIMITED, ECAPMODE, fchownat(directory, "../secret", 0, 0, 0))
TRY(INSIDE_UNLIMITED, ECAPMODE, utimensat(directory, "../secret", NULL, 0))
TRY(INSIDE_UNLIMITED, ECAPMODE, syscall(463 /* setxattrat */, directory, "../secret", 0, "user.x", NULL, 0))
TRY(INSIDE_UNLIMITED, ECAPMODE, syscall(469 /* file_setattr */, directory, "../secret", buffer, 24, 0))
TRY(INSIDE_UNLIMITED, EACCES, syscall(SYS_execveat, directory, "/bin/sh", no_arguments, NULL, AT_EMPTY_PATH))
TRY(INSIDE_UNLIMITED, EACCES, execute_script())
TRY(INSIDE_UNLIMITED, ECAPMODE, syscall(SYS_execveat, directory, "sub/file", no_arguments, NULL, 0))

/* What is opened beneath a limited directory has no limits of its own: Landlock and the filter keep it. */
TRY(INSIDE, EACCES, openat(sub, "file", O_WRONLY))
TRY(INSIDE, EACCES, openat(sub, "file", O_RDWR))
TRY(INSIDE, EACCES, openat(sub, "file", O_RDONLY | O_TRUNC))
TRY(INSIDE, ENOTCAPABLE, openat(sub, "new", O_RDONLY | O_CREAT, 0600))
TRY(INSIDE_ANOTHER, EACCES, openat(sub, "new", O_RDONLY | O_CREAT, 0600))
TRY(INSIDE, ENOTCAPABLE, openat(sub, ".", O_TMPFILE | O_RDWR, 0600))
TRY(INSIDE_ANOTHER, EACCES, openat(sub, ".", O_TMPFILE | O_RDWR, 0600))
TRY(INSIDE, EACCES, reopen(sub, held, O_RDWR))
TRY(INSIDE, ENOTCAPABLE, mkdirat(sub, "new", 0700))
TRY(INSIDE_ANOTHER, EACCES, mkdirat(sub, "new", 0700))
TRY(INSIDE, ENOTCAPABLE, mkfifoat(sub, "new", 0600))
TRY(INSIDE_ANOTHER, EACCES, mkfifoat(sub, "new", 0600))
TRY(INSIDE, ENOTCAPABLE, symlinkat("/", sub, "new"))
TRY(INSIDE_ANOTHER, EACCES, symlinkat("/", sub, "new"))
TRY(INSIDE, ENOTCAPABLE, unlinkat(sub, "file", 0))
TRY(INSIDE_ANOTHER, EACCES, unlinkat(sub, "file", 0))
TRY(INSIDE, ENOTCAPABLE, unlinkat(sub, "empty", AT_REMOVEDIR))
TRY(INSIDE_ANOTHER, EACCES, unlinkat(sub, "empty", AT_REMOVEDIR))
TRY(INSIDE, ENOTCAPABLE, renameat(sub, "file", sub, "new"))
TRY(INSIDE_ANOTHER, EACCES, renameat(sub, "file", sub, "new"))
TRY(INSIDE, ENOTCAPABLE, linkat(sub, "file", sub, "new", 0))
TRY(INSIDE_ANOTHER, EACCES, linkat(sub, "file", sub, "new", 0))
TRY(INSIDE_RENAMING, ENOTCAPABLE, openat(sub, "new", O_RDONLY | O_CREAT, 0600))
TRY(INSIDE_RENAMING, ENOTCAPABLE, mknodat(sub, "new", S_IFREG | 0600, 0))
TRY(INSIDE_RENAMING, ENOTCAPABLE, mkdirat(sub, "new", 0700))
TRY(INSIDE_RENAMING, ENOTCAPABLE, mkfifoat(sub, "new", 0600))
TRY(INSIDE_RENAMING, ENOTCAPABLE, symlinkat("/", sub, "new"))
TRY(INSIDE_RENAMING, ENOTCAPABLE, unlinkat(sub, "file", 0))
TRY(INSIDE_RENAMING, ENOTCAPABLE, unlinkat(sub, "empty", AT_REMOVEDIR))
TRY(INSIDE_RENAMING, ENOTCAPABLE, linkat(sub, "file", sub, "new", 0))
TRY(INSIDE, EACCES, syscall(SYS_execveat, held, "", no_arguments, NULL, AT_EMPTY_PATH))
TRY(INSIDE, ECAPMODE, fallocate(opened, 8 /* FALLOC_FL_COLLAPSE_RANGE */, 0, 4096))
TRY(INSIDE, ECAPMODE, fchmod(held, 0666))
TRY(INSIDE, ECAPMODE, fchmod(sub, 0777))
TRY(INSIDE, ECAPMODE, fchown(held, 0, 0))
TRY(INSIDE, ECAPMODE, futimens(held, NULL))
TRY(INSIDE, ECAPMODE, syscall(SYS_fsetxattr, held, "user.x", "x", 1, 0))
TRY(INSIDE, ECAPMODE, syscall(SYS_fremovexattr, held, "user.x"))
TRY(INSIDE, ECAPMODE, ioctl_of(held, 0x40086602 /* FS_IOC_SETFLAGS */))
TRY(INSIDE, ECAPMODE, ioctl_of(held, 0x401c5820 /* FS_IOC_FSSETXATTR */))
TRY(INSIDE, ECAPMODE, ioctl_of(held, 0xc0045877 /* FIFREEZE */))
TRY(INSIDE, ECAPMODE, ioctl_of(sub, 0x50009401 /* BTRFS_IOC_SNAP_CREATE */))
TRY(INSIDE, ECAPMODE, ioctl_of(held, 0x40047211 /* FAT_IOCTL_SET_ATTRIBUTES */))
TRY(INSIDE, ECAPMODE, ioctl_of(sub, 0x40186f04 /* OCFS2_IOC_REFLINK */))

/* With no directory there is nothing to look up, not even pipes and memfds in /proc. */
TRY(NOWHERE, ECAPMODE, openat(opened, secret, O_RDONLY))
TRY(NOWHERE, ECAPMODE, reopen(opened, deaf, O_RDONLY))
TRY(NOWHERE, ECAPMODE, reopen(opened, memory, O_RDWR))
TRY(NOWHERE, ECAPMODE, openat(opened, "/proc/self/ns/user", O_RDONLY))
TRY(NOWHERE, ECAPMODE, mkdirat(opened, "new", 0700))
