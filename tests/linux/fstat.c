/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For test_runtimes.py, built with each C library in each way: in capability mode with no directory held, fstat(3)
 * works and raw calls tell nothing of a path. Status 0: so it is; 77: this kernel cannot keep metadata; else the line
 * that failed.
 */
#define _GNU_SOURCE
#include <capsicum_easy.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPECT(what)                     \
	do {                             \
		if (!(what))             \
			return __LINE__; \
	} while (0)

int main(void)
{
	static char told[512];
	const int file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	struct stat status;

	EXPECT(file != -1 && syscall(SYS_newfstatat, file, "/etc/passwd", told, 0) == 0);
	EXPECT(ce_enter() == 0);
	if ((ce_enforcement() & CE_ENFORCE_METADATA) == 0)
		return 77;
	EXPECT(fstat(file, &status) == 0 && S_ISREG(status.st_mode));
	EXPECT(stat("/etc/passwd", &status) == -1 && errno == ECAPMODE);
	EXPECT(syscall(SYS_newfstatat, file, "/etc/passwd", told, 0) == -1 && errno == ECAPMODE);
	EXPECT(syscall(SYS_newfstatat, file, "/etc/passwd", told, 0x1000) == -1 && errno == ECAPMODE);
	EXPECT(syscall(SYS_statx, file, "/etc/passwd", 0, 0xfff, told) == -1 && errno == ENOSYS);
	EXPECT(syscall(SYS_faccessat, file, "/etc/passwd", R_OK) == -1 && errno == ECAPMODE);
	return 0;
}
