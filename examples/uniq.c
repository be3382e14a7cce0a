/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uniq: a FreeBSD utility as it stands there, unchanged on Linux: <sys/capsicum.h> and <capsicum_helpers.h> are enough.
 *
 * Usage: uniq [-c | -d | -u] [INPUT [OUTPUT]]
 */
#include <sys/capsicum.h>

#include <capsicum_helpers.h>
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool cflag, dflag, uflag;

static void usage(void)
{
	(void)fprintf(stderr, "usage: uniq [-c | -d | -u] [input [output]]\n");
	exit(1);
}

static FILE *file(const char *name, const char *mode)
{
	FILE *fp;

	if ((fp = fopen(name, mode)) == NULL)
		err(1, "%s", name);
	return (fp);
}

static void show(FILE *ofp, const char *line, unsigned long long repeats)
{

	if ((dflag && repeats == 0) || (uflag && repeats > 0))
		return;
	if (cflag)
		(void)fprintf(ofp, "%4llu ", repeats + 1);
	(void)fputs(line, ofp);
}

static void uniq(FILE *ifp, FILE *ofp)
{
	char *prevline = NULL, *thisline = NULL, *t;
	size_t prevsize = 0, thissize = 0, n;
	unsigned long long repeats = 0;

	if (getline(&prevline, &prevsize, ifp) < 0)
		return;
	while (getline(&thisline, &thissize, ifp) >= 0) {
		if (strcmp(thisline, prevline) == 0) {
			repeats++;
			continue;
		}
		show(ofp, prevline, repeats);
		repeats = 0;
		t = prevline;
		prevline = thisline;
		thisline = t;
		n = prevsize;
		prevsize = thissize;
		thissize = n;
	}
	show(ofp, prevline, repeats);
	free(prevline);
	free(thisline);
}

int main(int argc, char **argv)
{
	const char *ifn = "stdin", *ofn = "stdout";
	cap_rights_t rights;
	FILE *ifp = stdin, *ofp = stdout;
	int ch;

	while ((ch = getopt(argc, argv, "cdu")) != -1) {
		switch (ch) {
		case 'c':
			cflag = true;
			break;
		case 'd':
			dflag = true;
			break;
		case 'u':
			uflag = true;
			break;
		default:
			usage();
		}
	}
	argc -= optind;
	argv += optind;
	if (argc > 2)
		usage();
	if (argc > 0 && strcmp(argv[0], "-") != 0)
		ifp = file(ifn = argv[0], "r");
	if (argc > 1)
		ofp = file(ofn = argv[1], "w");

	cap_rights_init(&rights, CAP_FSTAT, CAP_READ);
	if (caph_rights_limit(fileno(ifp), &rights) < 0)
		err(1, "unable to limit rights for %s", ifn);
	if (caph_limit_stream(fileno(ofp), CAPH_WRITE) < 0)
		err(1, "unable to limit rights for %s", ofn);
	if (caph_limit_stream(STDERR_FILENO, CAPH_WRITE | CAPH_IGNORE_EBADF) < 0)
		err(1, "unable to limit rights for stderr");

	caph_cache_catpages();
	if (caph_enter() < 0)
		err(1, "unable to enter capability mode");

	uniq(ifp, ofp);
	if (ferror(ifp) || fclose(ofp) != 0)
		err(1, "%s", ferror(ifp) ? ifn : ofn);
	exit(0);
}
