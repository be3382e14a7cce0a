/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The first line of each file: a program for FreeBSD's system.fileargs.
 */
#include <sys/capsicum.h>
#include <capsicum_helpers.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>

#include <libcasper.h>
#include <casper/cap_fileargs.h>

int main(int argc, char *argv[])
{
	cap_rights_t rights;
	fileargs_t *fa;
	char line[1024];
	int status = 0;

	fa = fileargs_init(argc - 1, argv + 1, O_RDONLY, 0,
			   cap_rights_init(&rights, CAP_READ, CAP_FSTAT, CAP_FCNTL, CAP_SEEK), FA_OPEN);
	if (fa == NULL)
		err(1, "unable to init casper");
	caph_cache_catpages();
	if (caph_limit_stdio() < 0 || caph_enter_casper() < 0)
		err(1, "capsicum");
	for (argv++; *argv != NULL; argv++) {
		FILE *file = fileargs_fopen(fa, *argv, "r");

		if (file == NULL) {
			warn("%s", *argv);
			status = 1;
			continue;
		}
		if (fgets(line, sizeof(line), file) != NULL)
			fputs(line, stdout);
		fclose(file);
	}
	fileargs_free(fa);
	return status;
}
