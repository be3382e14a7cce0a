/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Every field of every command of every service, made wrong in every way: missing, of another type, empty, huge, with a
 * NUL, twice, beyond its range. Each request goes to a process of its own, which must answer, with an error or not;
 * only what is no message at all closes the channel. Other channels of the service are asked in between.
 */
#include "casper.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>

#include <casper/cap_fileargs.h>
#include <casper/cap_net.h>
#include <casper/cap_syslog.h>

#include "../../library/casper/casper.h"

#define FIELDS_MAX 8
#define HUGE_SIZE (1u << 20)
#define ANSWER_TIME 60000 /* milliseconds: an emulated machine is slow */

struct field {
	const char *name;
	int type;
	const char *text;
	uint64_t number;
};

struct command {
	const char *service;
	const char *name;
	const char *path; /* of lists in the request, outermost first, in which the fields are; or NULL */
	const char *mode; /* a number that the outermost list must have besides; or NULL */
	bool fails;	  /* even as it should be */
	struct field fields[FIELDS_MAX];
};

#define NOTHING(name)                       \
	{                                   \
		name, NV_TYPE_NULL, NULL, 0 \
	}
#define BOOL(name)                          \
	{                                   \
		name, NV_TYPE_BOOL, NULL, 1 \
	}
#define NUMBER(name, value)                       \
	{                                         \
		name, NV_TYPE_NUMBER, NULL, value \
	}
#define STRING(name, value)                    \
	{                                      \
		name, NV_TYPE_STRING, value, 0 \
	}
#define ADDRESS(name)                         \
	{                                     \
		name, NV_TYPE_BINARY, NULL, 0 \
	}
#define LIST(name)                            \
	{                                     \
		name, NV_TYPE_NVLIST, NULL, 0 \
	}

#define LOOKUPS(service)                                                                                                     \
	{ service,                                                                                                           \
	  "getaddrinfo",                                                                                                     \
	  NULL,                                                                                                              \
	  NULL,                                                                                                              \
	  false,                                                                                                             \
	  { STRING("hostname", "127.0.0.1"), STRING("servname", "80"), NUMBER("flags", AI_NUMERICHOST),                      \
	    NUMBER("family", AF_INET), NUMBER("socktype", SOCK_STREAM), NUMBER("protocol", 0) } },                           \
		{ service,                                                                                                   \
		  "getnameinfo",                                                                                             \
		  NULL,                                                                                                      \
		  NULL,                                                                                                      \
		  false,                                                                                                     \
		  { ADDRESS("address"), BOOL("host"), BOOL("service"), NUMBER("flags", NI_NUMERICHOST | NI_NUMERICSERV) } }, \
		{ service, "gethostbyname", NULL,                                                                            \
		  NULL,	   false,	    { STRING("name", "127.0.0.1"), NUMBER("family", AF_INET) } },                    \
	{                                                                                                                    \
		service, "gethostbyaddr", NULL, NULL, false,                                                                 \
		{                                                                                                            \
			ADDRESS("address"), NUMBER("family", AF_INET6)                                                       \
		}                                                                                                            \
	}

#define SOCKETS(name, fails)                                                                        \
	{                                                                                           \
		"system.net", name, NULL, NULL, fails,                                              \
		{                                                                                   \
			ADDRESS("address"), NUMBER("domain", AF_INET), NUMBER("type", SOCK_STREAM), \
				NUMBER("protocol", 0), BOOL("nonblocking"), ADDRESS("options")      \
		}                                                                                   \
	}

#define DATABASE(service, by_name, by_number, all, number, entries, entry)                                        \
	{ service, by_name, NULL, NULL, false, { STRING("name", "root") } },                                      \
		{ service, by_number, NULL, NULL, false, { NUMBER(number, 0) } },                                 \
		{ service, all, NULL, NULL, false, { { NULL, 0, NULL, 0 } } },                                    \
		{ service, "limit_set", "limits", NULL, false, { LIST("cmds"), LIST("fields"), LIST(entries) } }, \
		{ service, "limit_set", "limits/cmds", NULL, false, { NOTHING(by_name) } },                       \
		{ service, "limit_set", "limits/fields", NULL, false, { NOTHING("pw_name") } },                   \
	{                                                                                                         \
		service, "limit_set", "limits/" entries, NULL, false,                                             \
		{                                                                                                 \
			STRING(entry, "root"), NUMBER(number "0", 0)                                              \
		}                                                                                                 \
	}

static const struct command commands[] = {
	{ "casper", "open", NULL, NULL, false, { STRING("service", "system.pwd") } },
	{ "casper", "limit_set", NULL, NULL, false, { LIST("limits") } },
	{ "casper", "limit_set", "limits", NULL, false, { NOTHING("system.pwd"), NOTHING("system.grp") } },
	{ "casper", "limit_get", NULL, NULL, false, { STRING("limits", "none") } },
	{ "casper", "clone", NULL, NULL, false, { STRING("sock", "none") } },
	{ "casper", "ce_enforcement", NULL, NULL, false, { STRING("flags", "none") } },
	LOOKUPS("system.dns"),
	{ "system.dns", "limit_set", NULL, NULL, false, { LIST("limits") } },
	{ "system.dns", "limit_set", "limits", NULL, false, { STRING("type0", "ADDR"), NUMBER("family0", AF_INET) } },
	{ "system.dns", "limit_set", "limits", NULL, false, { NOTHING("type"), NOTHING("family") } },
	LOOKUPS("system.net"),
	SOCKETS("bind", false),
	SOCKETS("connect", true),
	{ "system.net", "limit_set", "limits", NULL, false, { NUMBER("mode", CAPNET_NAME2ADDR) } },
	{ "system.net", "limit_set", "limits/name2addr", "mode", false, { NUMBER("family0", AF_INET) } },
	{ "system.net",
	  "limit_set",
	  "limits/name2addr/name0",
	  "mode",
	  false,
	  { STRING("name", "localhost"), STRING("serv", "80") } },
	{ "system.net",
	  "limit_set",
	  "limits/addr2name",
	  "mode",
	  false,
	  { NUMBER("family0", AF_INET), ADDRESS("sockaddr0") } },
	{ "system.net", "limit_set", "limits/connect", "mode", false, { ADDRESS("sockaddr0") } },
	{ "system.net", "limit_set", "limits/bind", "mode", false, { ADDRESS("sockaddr0") } },
	{ "system.netdb", "getprotobyname", NULL, NULL, true, { STRING("name", "tcp") } },
	{ "system.netdb", "limit_set", NULL, NULL, true, { LIST("limits") } },
	DATABASE("system.pwd", "getpwnam", "getpwuid", "getpwent", "uid", "users", "user0"),
	DATABASE("system.grp", "getgrnam", "getgrgid", "getgrent", "gid", "groups", "group0"),
	{ "system.fileargs",
	  "limit_set",
	  "limits",
	  NULL,
	  false,
	  { NUMBER("flags", O_RDONLY), NUMBER("operations", FA_OPEN), NUMBER("mode", 0), ADDRESS("cap_rights"),
	    NOTHING("/etc/hosts") } },
	{ "system.fileargs", "open", NULL, NULL, false, { STRING("name", "/etc/hosts") } },
	{ "system.fileargs", "lstat", NULL, NULL, false, { STRING("name", "/etc/hosts") } },
	{ "system.fileargs", "realpath", NULL, NULL, false, { STRING("name", "/etc/hosts") } },
	{ "system.syslog",
	  "openlog",
	  NULL,
	  NULL,
	  false,
	  { STRING("ident", "me"), NUMBER("option", LOG_PID), NUMBER("facility", LOG_USER) } },
	{ "system.syslog",
	  "vsyslog",
	  NULL,
	  NULL,
	  false,
	  { NUMBER("priority", LOG_DEBUG), STRING("message", "hello") } },
	{ "system.syslog", "setlogmask", NULL, NULL, false, { NUMBER("mask", 0) } },
	{ "system.syslog", "closelog", NULL, NULL, false, { { NULL, 0, NULL, 0 } } },
	{ "system.syslog", "limit_set", NULL, NULL, true, { LIST("limits") } },
};

/* An address that both as one and as its 16 bytes is valid. */
static void add_address(nvlist_t *list, const char *name, bool bare)
{
	const struct sockaddr_in address = { .sin_family = AF_INET };

	if (bare)
		nvlist_add_binary(list, name, &in6addr_loopback, sizeof(in6addr_loopback));
	else
		nvlist_add_binary(list, name, &address, sizeof(address));
}

static void add_good(nvlist_t *list, const struct command *command, const struct field *field)
{
	if (field->type == NV_TYPE_NULL)
		nvlist_add_null(list, field->name);
	else if (field->type == NV_TYPE_BOOL)
		nvlist_add_bool(list, field->name, field->number != 0);
	else if (field->type == NV_TYPE_NUMBER)
		nvlist_add_number(list, field->name, field->number);
	else if (field->type == NV_TYPE_STRING)
		nvlist_add_string(list, field->name, field->text);
	else if (field->type == NV_TYPE_NVLIST)
		nvlist_move_nvlist(list, field->name, nvlist_create(0));
	else
		add_address(list, field->name, strcmp(command->name, "gethostbyaddr") == 0);
}

static void add_text(nvlist_t *list, const char *name, size_t length)
{
	char *text = malloc(length + 1);

	memset(text, 'x', length);
	text[length] = '\0';
	nvlist_move_string(list, name, text);
}

/* A local address whose path ends nowhere, of this size. */
static void add_endless(nvlist_t *list, const char *name, size_t size)
{
	char *bytes = malloc(size);

	memset(bytes, 'x', size);
	if (size >= sizeof(sa_family_t))
		memcpy(bytes, &(sa_family_t){ AF_UNIX }, sizeof(sa_family_t));
	nvlist_move_binary(list, name, bytes, size);
}

enum way {
	GOOD,
	MISSING,
	TWICE,
	WITH_NUL,
	AS_NULL,
	AS_BOOL,
	AS_LIST,
	AS_NAMES,
	AS_DESCRIPTOR,
	AS_NUMBERS,
	AS_TEXTS = AS_NUMBERS + 8,
	AS_BINARIES = AS_TEXTS + 6,
	WAYS = AS_BINARIES + 8,
};

static void add_as(nvlist_t *list, const char *name, unsigned way)
{
	static const uint64_t numbers[] = { 0,		1,	   UINT64_MAX,		1ull << 63,
					    1ull << 32, INT32_MAX, (uint64_t)INT32_MIN, 0xffffffffull };
	static const size_t lengths[] = { 0, 1, NI_MAXHOST - 1, NI_MAXHOST, 70000, HUGE_SIZE };
	static const size_t sizes[] = {
		1, 2, 3, sizeof(struct sockaddr_un), sizeof(struct sockaddr_storage), 129, 70000, HUGE_SIZE
	};
	nvlist_t *inner;

	if (way == AS_NULL)
		nvlist_add_null(list, name);
	else if (way == AS_BOOL)
		nvlist_add_bool(list, name, true);
	else if (way == AS_DESCRIPTOR)
		nvlist_add_descriptor(list, name, STDERR_FILENO);
	else if (way >= AS_BINARIES)
		add_endless(list, name, sizes[way - AS_BINARIES]);
	else if (way >= AS_TEXTS)
		add_text(list, name, lengths[way - AS_TEXTS]);
	else if (way >= AS_NUMBERS)
		nvlist_add_number(list, name, numbers[way - AS_NUMBERS]);
	else {
		inner = nvlist_create(0);
		if (way == AS_NAMES)
			for (char text[] = "a"; text[0] <= 'z'; text[0]++)
				nvlist_add_string(inner, text, text);
		nvlist_move_nvlist(list, name, inner);
	}
}

/* The one field in a way that is not as it should be, and first, so that it is known where it lies in the message. */
static void add_wrong(nvlist_t *list, const struct command *command, const struct field *field, unsigned way)
{
	if (way == WITH_NUL) {
		nvlist_add_binary(list, field->name, "a\0b", 3);
	} else if (way == TWICE) {
		add_as(list, field->name, AS_BOOL);
		add_as(list, field->name, AS_NUMBERS + 2);
		add_good(list, command, field);
		add_good(list, command, field);
	} else if (way != MISSING) {
		add_as(list, field->name, way);
	}
}

static nvlist_t *fields_of(const struct command *command, unsigned wrong, unsigned way)
{
	nvlist_t *list = nvlist_create(way == TWICE ? NV_FLAG_NO_UNIQUE : 0);

	if (way != GOOD)
		add_wrong(list, command, &command->fields[wrong], way);
	for (unsigned at = 0; at < FIELDS_MAX && command->fields[at].name != NULL; at++)
		if (way == GOOD || at != wrong)
			add_good(list, command, &command->fields[at]);
	return list;
}

/* The list within the lists of a path; *offset grows by what these have before it in a message. */
static nvlist_t *wrapped(nvlist_t *list, const char *path, const char *mode, size_t *offset)
{
	char names[64];
	char *name;

	if (path == NULL)
		return list;
	snprintf(names, sizeof(names), "%s", path);
	while ((name = strrchr(names, '/')) != NULL || names[0] != '\0') {
		const char *last = name == NULL ? names : name + 1;
		nvlist_t *outer = nvlist_create(0);

		if (name == NULL && mode != NULL)
			nvlist_add_number(list, mode, 0x7f);
		nvlist_move_nvlist(outer, last, list);
		list = outer;
		*offset += 8 + strlen(last) + 1;
		if (name == NULL)
			break;
		*name = '\0';
	}
	return list;
}

static void send_all(int sock, const uint8_t *bytes, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t sent = send(sock, bytes + done, size - done, MSG_NOSIGNAL);

		CHECK(sent > 0);
		done += (size_t)sent;
	}
}

/* What the service says: an error or 0; -1 if it closes the channel. */
static int64_t answer_of(const cap_channel_t *chan)
{
	struct pollfd waiting = { .fd = cap_sock(chan), .events = POLLIN };
	nvlist_t *answer;
	int64_t error;

	CHECK(poll(&waiting, 1, ANSWER_TIME) == 1);
	answer = cap_recv_nvlist(chan);
	CHECK(answer == NULL || nvlist_exists_number(answer, "error"));
	error = answer == NULL ? -1 : (int64_t)nvlist_get_number(answer, "error");
	nvlist_destroy(answer);
	return error;
}

static int64_t ask(const cap_channel_t *service, const struct command *command, unsigned wrong, unsigned way)
{
	cap_channel_t *chan = cap_clone(service);
	nvlist_t *list = fields_of(command, wrong, way);
	size_t offset = WIRE_HEADER;
	int fds[WIRE_FDS_MAX];
	uint8_t *bytes;
	size_t size;
	size_t nfds;
	int64_t error;

	CHECK(chan != NULL);
	list = wrapped(list, command->path, command->mode, &offset);
	nvlist_add_string(list, "cmd", command->name);
	if (way == AS_DESCRIPTOR) {
		CHECK(cap_send_nvlist(chan, list) == 0);
	} else {
		CHECK(wire_pack(list, 7, &bytes, &size, fds, &nfds) == 0);
		if (way == WITH_NUL)
			bytes[offset] = NV_TYPE_STRING;
		send_all(cap_sock(chan), bytes, size);
		free(bytes);
	}
	error = answer_of(chan);
	nvlist_destroy(list);
	cap_close(chan);
	return error;
}

/* A service in the state in which a command of it is asked. Nothing is logged: no line is of that priority. */
static cap_channel_t *open_for(cap_channel_t *casper, const struct command *command)
{
	char *listed[] = { (char[]){ "/etc/hosts" } };
	cap_channel_t *chan;

	if (strcmp(command->service, "casper") == 0)
		return cap_clone(casper);
	if (strcmp(command->service, "system.fileargs") == 0 && strcmp(command->name, "limit_set") != 0)
		return fileargs_unwrap(
			fileargs_cinit(casper, 1, listed, O_RDONLY, 0, NULL, FA_OPEN | FA_LSTAT | FA_REALPATH), NULL);
	chan = cap_service_open(casper, command->service);
	if (strcmp(command->service, "system.syslog") == 0)
		cap_setlogmask(chan, 1 << 8);
	return chan;
}

static void try_field(const cap_channel_t *service, const struct command *command, unsigned wrong)
{
	for (unsigned way = MISSING; way < WAYS; way++) {
		int64_t error = ask(service, command, wrong, way);

		if ((error == -1) != (way == WITH_NUL)) {
			dprintf(REPORT_FD, "%s %s %s, way %u: %lld\n", command->service, command->name,
				command->fields[wrong].name, way, (long long)error);
			CHECK(false);
		}
	}
}

IN_CHILD(malformed, requests_are_answered)
{
	cap_channel_t *casper;

	(void)unshare(geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET); /* no name goes to a server */
	casper = cap_init();
	CHECK(casper != NULL);
	for (size_t at = 0; at < sizeof(commands) / sizeof(commands[0]); at++) {
		const struct command *command = &commands[at];
		cap_channel_t *service = open_for(casper, command);

		CHECK(service != NULL);
		if (!command->fails && ask(service, command, 0, GOOD) != 0) {
			dprintf(REPORT_FD, "%s %s\n", command->service, command->name);
			CHECK(false);
		}
		for (unsigned wrong = 0; wrong < FIELDS_MAX && command->fields[wrong].name != NULL; wrong++)
			try_field(service, command, wrong);
		cap_close(service);
	}
}
