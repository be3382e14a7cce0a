/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a process is under on FreeBSD, as sysctl(3) tells it: what procstat(1) shows with -s and -f. It tells no ioctl
 * and fcntl lists.
 */
#include "capeasy.h"

#include <sys/param.h>

#include <stdlib.h>
#include <sys/sysctl.h>
#include <sys/user.h>

static void print_mode(int pid)
{
	int name[4] = { CTL_KERN, KERN_PROC, KERN_PROC_PID, pid };
	struct kinfo_proc process;
	size_t size = sizeof(process);

	if (sysctl(name, 4, &process, &size, NULL, 0) != 0)
		fail(EXIT_FAILED, "process %d: %s", pid, ce_strerror(errno));
	if (size < sizeof(process))
		fail(EXIT_FAILED, "process %d: %s", pid, ce_strerror(ESRCH));
	printf("%-4s in capability mode\n", (process.ki_cr_flags & KI_CRF_CAPABILITY_MODE) != 0 ? "yes" : "no");
}

/* The records have different sizes; numbers below 0 are no descriptors but the program, its directory and so on. */
static void print_files(const char *records, size_t size)
{
	const struct kinfo_file *file;
	size_t at;

	for (at = 0; at < size; at += (size_t)file->kf_structsize) {
		file = (const struct kinfo_file *)(const void *)(records + at);
		if (file->kf_structsize == 0)
			break;
		if (file->kf_fd >= 0)
			printf("fd %d, %s: %s\n", file->kf_fd, file->kf_path, format_set(&file->kf_cap_rights));
	}
}

static void print_descriptors(int pid)
{
	int name[4] = { CTL_KERN, KERN_PROC, KERN_PROC_FILEDESC, pid };
	size_t size = 0;
	char *records;

	if (sysctl(name, 4, NULL, &size, NULL, 0) != 0) {
		warn("its descriptors: %s", ce_strerror(errno));
		return;
	}
	size += size / 3; /* more may be opened meanwhile */
	records = (char *)allocate(size);
	if (sysctl(name, 4, records, &size, NULL, 0) != 0)
		warn("its descriptors: %s", ce_strerror(errno));
	else
		print_files(records, size);
	free(records);
}

int print_process(int pid)
{
	print_mode(pid);
	print_descriptors(pid);
	return 0;
}
