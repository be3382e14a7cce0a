/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What to do about what trace saw: what ce_prepare() or a service would cure, and the way out of what limits refuse.
 */
#include "trace.h"

#include <string.h>

/* Whether a word is one of several, with blanks between them. */
static bool is_one_of(const char *word, const char *words)
{
	const size_t n = strlen(word);

	for (; *words != '\0'; words += strcspn(words, " "), words += *words == ' ')
		if (strncmp(words, word, n) == 0 && (words[n] == ' ' || words[n] == '\0'))
			return true;
	return false;
}

bool is_probe(const struct refusal *refusal)
{
	size_t i;

	if (refusal->error != 0)
		return true;
	if (refusal->socket == NULL || strstr(refusal->socket->what, "SOCK_DGRAM") == NULL)
		return false;
	/* connect on a datagram socket tells the own address, or whether there is a way; nothing is sent. */
	for (i = 0; i < refusal->socket->nuses; i++)
		if (is_one_of(refusal->socket->uses[i].call,
			      "write writev sendto sendmsg sendmmsg read recvfrom recvmsg") &&
		    refusal->socket->uses[i].succeeded)
			return false;
	return true;
}

/* Whether it opens a file that the command line names: what the service system.fileargs is for. */
static bool is_opened_argument(const struct refusal *refusal, char **argv)
{
	size_t i;

	if (argv == NULL || !is_one_of(refusal->call, "open openat"))
		return false;
	for (i = 1; argv[i] != NULL; i++)
		if (strcmp(argv[i], refusal->text) == 0)
			return true;
	return false;
}

const char *cure_of(const struct refusal *refusal, char **argv)
{
	static const struct {
		const char *part;
		const char *cure;
	} table[] = {
		{ "/etc/localtime", "ce_prepare() reads it first" },
		{ "/zoneinfo", "ce_prepare() reads it first" },
		{ "/usr/lib/locale", "ce_prepare() reads it first" },
		{ "/usr/share/locale", "ce_prepare() reads it first" },
		{ "/gconv", "ce_prepare() loads it first" },
		{ "libgcc_s.so", "ce_prepare() loads it first" },
		{ "/etc/nsswitch.conf", "look names up before, or ask a service (libcasper)" },
		{ "/etc/passwd", "look users up before, or ask the service system.pwd" },
		{ "/etc/group", "look groups up before, or ask the service system.grp" },
		{ "/nscd/socket", "look names up before, or ask a service (libcasper)" },
		{ "/etc/hosts", "look hosts up before, or ask the service system.net" },
		{ "/etc/host.conf", "look hosts up before, or ask the service system.net" },
		{ "/etc/gai.conf", "look hosts up before, or ask the service system.net" },
		{ "/etc/resolv.conf", "look hosts up before, or ask the service system.net" },
		{ "/etc/services", "look services up before" },
		{ "/etc/protocols", "look protocols up before" },
		{ "/dev/log", "openlog() with LOG_NDELAY before, or the service system.syslog" },
		{ "/dev/urandom", "getrandom(2) needs no file" },
		{ "/dev/random", "getrandom(2) needs no file" },
		{ "/dev/null", "open it before and keep it" },
		{ " port 53", "look hosts up before, or ask the service system.dns" },
	};
	size_t i;

	if (is_opened_argument(refusal, argv))
		return advice_of("open");
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strstr(refusal->text, table[i].part) != NULL)
			return table[i].cure;
	return advice_of(refusal->call);
}

const char *way_out(const char *call)
{
	static const struct {
		const char *calls;
		const char *way;
	} table[] = {
		{ "dup dup2 dup3", "copy it before it is limited, or use ce_dup()" },
		{ "fcntl", "copy it before it is limited, or use ce_dup(); other commands have no right" },
		{ "sendmsg sendmmsg", "write or send, which have no address and pass no descriptor" },
		{ "io_uring_setup io_uring_enter io_uring_register io_submit",
		  "use read and write; libraries fall back" },
		{ "clone3", "libraries fall back on clone" },
		{ "pidfd_getfd", "none: it copies a descriptor" },
		{ "openat2", "libraries fall back on openat" },
		{ "mprotect pkey_mprotect", "give what is mapped CAP_MMAP_X too" },
		{ "mount bpf", "none" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (is_one_of(call, table[i].calls))
			return table[i].way;
	return "do it before anything is limited";
}
