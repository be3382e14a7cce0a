/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Fuzzes what a client can send to a service: bytes as messages, and requests made of the words that services know.
 *
 * The services are built with what they ask of the system replaced by the functions here (casper.flags): nothing is
 * opened, looked up, sent or forked. A request that is refused under some limits must be refused under those that
 * replaced them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../library/casper/casper.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

/* What is asked of the system. */

int fuzz_open(const char *path, int flags, ...);
int fuzz_connect(int fd, const struct sockaddr *address, socklen_t length);
int fuzz_bind(int fd, const struct sockaddr *address, socklen_t length);
int fuzz_socket(int domain, int type, int protocol);
pid_t fuzz_fork(void);
void fuzz_syslog(int priority, const char *format, ...);
int fuzz_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **res);
void fuzz_freeaddrinfo(struct addrinfo *info);
int fuzz_getnameinfo(const struct sockaddr *address, socklen_t length, char *host, socklen_t host_size, char *service,
		     socklen_t service_size, int flags);
struct hostent *fuzz_gethostbyname2(const char *name, int family);
struct hostent *fuzz_gethostbyaddr(const void *address, socklen_t length, int family);
struct passwd *fuzz_getpwnam(const char *name);
struct passwd *fuzz_getpwuid(uid_t uid);
struct passwd *fuzz_getpwent(void);
struct group *fuzz_getgrnam(const char *name);
struct group *fuzz_getgrgid(gid_t gid);
struct group *fuzz_getgrent(void);

int fuzz_open(const char *path, int flags, ...)
{
	(void)path;
	(void)flags;
	return fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
}

int fuzz_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	must(fd >= 0 && length <= sizeof(struct sockaddr_storage));
	errno = EINPROGRESS;
	return address->sa_data[0] % 2 == 0 ? 0 : -1;
}

int fuzz_bind(int fd, const struct sockaddr *address, socklen_t length)
{
	return fuzz_connect(fd, address, length);
}

int fuzz_socket(int domain, int type, int protocol)
{
	must(domain == AF_UNIX || domain == AF_INET || domain == AF_INET6);
	must((type & 0xf) != SOCK_RAW && (protocol == 0 || domain != AF_UNIX));
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

pid_t fuzz_fork(void)
{
	errno = EAGAIN;
	return -1;
}

void fuzz_syslog(int priority, const char *format, ...)
{
	(void)priority;
	must(strcmp(format, "%.*s") == 0);
}

static char a_name[] = "name";
static char root[] = "root";
static struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = 80 };

int fuzz_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **res)
{
	static struct addrinfo info = { .ai_family = AF_INET6, .ai_addrlen = sizeof(address) };

	must((host == NULL || strlen(host) < NI_MAXHOST) && (service == NULL || strlen(service) < NI_MAXHOST));
	info.ai_addr = (struct sockaddr *)&address;
	info.ai_canonname = hints != NULL && hints->ai_flags != 0 ? a_name : NULL;
	*res = &info;
	return host == NULL && service == NULL ? EAI_NONAME : 0;
}

void fuzz_freeaddrinfo(struct addrinfo *info)
{
	must(info != NULL);
}

int fuzz_getnameinfo(const struct sockaddr *of, socklen_t length, char *host, socklen_t host_size, char *service,
		     socklen_t service_size, int flags)
{
	must(length <= sizeof(struct sockaddr_storage) && (host != NULL) == (host_size > 0));
	must((service != NULL) == (service_size > 0));
	return of->sa_family == 0 ? EAI_FAMILY : flags % 2;
}

struct hostent *fuzz_gethostbyname2(const char *name, int family)
{
	static char *none[] = { NULL };
	static char *addresses[] = { (char *)&address.sin6_addr, NULL };
	static struct hostent host = { .h_name = a_name, .h_aliases = none, .h_addr_list = addresses };

	must(name != NULL && strlen(name) < NI_MAXHOST);
	host.h_addrtype = family;
	host.h_length = family == AF_INET6 ? 16 : 4;
	return family == 0 ? NULL : &host;
}

struct hostent *fuzz_gethostbyaddr(const void *of, socklen_t length, int family)
{
	must(of != NULL && length == (family == AF_INET6 ? 16 : 4));
	return fuzz_gethostbyname2("", family);
}

struct passwd *fuzz_getpwuid(uid_t uid)
{
	static struct passwd user = { .pw_name = root };

	return uid == 0 ? &user : NULL;
}

struct passwd *fuzz_getpwnam(const char *name)
{
	return fuzz_getpwuid(strcmp(name, "root") == 0 ? 0 : 1);
}

struct passwd *fuzz_getpwent(void)
{
	static unsigned count;

	return fuzz_getpwuid(count++ % 2);
}

struct group *fuzz_getgrgid(gid_t gid)
{
	static char *members[] = { root, NULL };
	static struct group group = { .gr_name = root, .gr_mem = members };

	return gid == 0 ? &group : NULL;
}

struct group *fuzz_getgrnam(const char *name)
{
	return fuzz_getgrgid(strcmp(name, "root") == 0 ? 0 : 1);
}

struct group *fuzz_getgrent(void)
{
	static unsigned count;

	return fuzz_getgrgid(count++ % 2);
}

/* descriptors.c, confine.c and filter.c are left out. */

bool descriptor_in_capability_mode(void)
{
	return false;
}

bool descriptor_may(int fd, bool connects)
{
	return fd >= 0 || connects;
}

int descriptor_limited(int fd, const struct cap_rights *rights)
{
	return rights == NULL ? -1 : fd;
}

bool confine(enum files files, enum sockets sockets)
{
	must(files >= FILES_NONE && files <= FILES_CREATE && sockets == SOCKETS_NONE);
	return true;
}

unsigned confinement(void)
{
	return 0;
}

/* Input as instructions. */

struct input {
	const uint8_t *data;
	size_t left;
};

static uint8_t next(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->data++;
}

static const char *const commands[] = { "limit_set",	 "limit_get", "clone",	  "open",     "getaddrinfo",
					"getnameinfo",	 "connect",   "bind",	  "lstat",    "gethostbyname",
					"gethostbyaddr", "realpath",  "getpwnam", "getpwuid", "getpwent",
					"getgrnam",	 "getgrgid",  "getgrent", "vsyslog",  "openlog",
					"setlogmask",	 "closelog",  "setpwent", "endgrent", "getprotobyname",
					"ce_enforcement" };
static const char *const words[] = {
	"name",	   "uid",	  "gid",       "address",    "family",	  "flags",	 "hostname",  "servname",
	"service", "host",	  "type0",     "family0",    "type",	  "mode",	 "name2addr", "addr2name",
	"connect", "bind",	  "cmds",      "fields",     "users",	  "groups",	 "user0",     "uid0",
	"name0",   "serv",	  "sockaddr0", "operations", "a",	  "cap_rights",	 "domain",    "protocol",
	"options", "nonblocking", "message",   "priority",   "getpwnam",  "getaddrinfo", "pw_name",   "system.pwd",
	"ident",   "mask",	  "fd",	       "root",	     "NAME2ADDR",
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static nvlist_t *build(struct input *in, unsigned depth)
{
	nvlist_t *list = nvlist_create(next(in) % 2 == 0 ? 0 : NV_FLAG_NO_UNIQUE);

	for (unsigned items = next(in) % 6; items > 0; items--) {
		const char *name = words[next(in) % COUNT(words)];
		uint8_t bytes[32] = { 0 };

		switch (next(in) % 6) {
		case 0:
			nvlist_add_null(list, name);
			break;
		case 1:
			nvlist_add_bool(list, name, next(in) % 2 == 0);
			break;
		case 2:
			nvlist_add_number(list, name, next(in) % 4 == 0 ? UINT64_MAX : next(in) % 32);
			break;
		case 3:
			nvlist_add_string(list, name, words[next(in) % COUNT(words)]);
			break;
		case 4:
			for (size_t at = 0; at < 4; at++)
				bytes[at] = next(in);
			nvlist_add_binary(list, name, bytes, 1 + next(in) % sizeof(bytes));
			break;
		default:
			if (depth < 3)
				nvlist_move_nvlist(list, name, build(in, depth + 1));
		}
	}
	if (nvlist_error(list) == 0)
		return list;
	nvlist_destroy(list);
	return nvlist_create(0);
}

/* Limits, and requests, as a program would make them; a few bits say which. */

static void add_address(struct input *in, nvlist_t *list, const char *name)
{
	struct sockaddr_in one = { .sin_family = next(in) % 4 == 0 ? AF_INET6 : AF_INET };

	one.sin_port = next(in) % 2;
	nvlist_add_binary(list, name, &one, sizeof(one));
}

static nvlist_t *net_part(struct input *in, bool names)
{
	nvlist_t *list = nvlist_create(0);
	uint8_t which = next(in);

	if ((which & 1) != 0)
		nvlist_add_number(list, "family0", which & 2 ? AF_INET : AF_INET6);
	if ((which & 4) != 0 && names) {
		nvlist_t *pair = nvlist_create(0);

		nvlist_add_string(pair, "name", which & 8 ? "root" : "");
		nvlist_add_string(pair, "serv", which & 16 ? "a" : "");
		nvlist_move_nvlist(list, "name0", pair);
	} else if ((which & 4) != 0) {
		add_address(in, list, "sockaddr0");
	}
	return list;
}

static nvlist_t *net_limits(struct input *in)
{
	static const char *const parts[] = { "name2addr", "addr2name", "connect", "bind" };
	nvlist_t *list = nvlist_create(0);
	uint8_t which = next(in);

	nvlist_add_number(list, "mode", next(in) % 4 != 0 ? 0x7f : next(in));
	for (size_t at = 0; at < COUNT(parts); at++)
		if ((which >> at & 1) != 0)
			nvlist_move_nvlist(list, parts[at], net_part(in, at == 0));
	return list;
}

static nvlist_t *dns_limits(struct input *in)
{
	static const char *const types[] = { "NAME2ADDR", "ADDR2NAME", "NAME", "ADDR" };
	nvlist_t *list = nvlist_create(0);
	uint8_t which = next(in);

	if ((which & 1) != 0)
		nvlist_add_string(list, "type0", types[which >> 1 & 3]);
	if ((which & 8) != 0)
		nvlist_add_string(list, "type1", types[which >> 4 & 3]);
	if ((which & 64) != 0)
		nvlist_add_number(list, "family0", which & 128 ? AF_INET : AF_INET6);
	if (next(in) % 4 == 0)
		nvlist_add_null(list, next(in) % 2 ? "type" : "family");
	return list;
}

static nvlist_t *likely_limits(struct input *in, const struct service *service)
{
	if (next(in) % 4 == 0)
		return build(in, 0);
	return service == &casper_dns ? dns_limits(in) : service == &casper_net ? net_limits(in) : build(in, 0);
}

static nvlist_t *likely_request(struct input *in)
{
	nvlist_t *list = nvlist_create(0);
	uint8_t which = next(in);

	if (which % 4 == 0) {
		nvlist_destroy(list);
		return build(in, 0);
	}
	nvlist_add_string(list, "name", which & 4 ? "root" : "a");
	nvlist_add_string(list, "hostname", which & 8 ? "root" : "a");
	nvlist_add_string(list, "servname", which & 16 ? "a" : "b");
	nvlist_add_number(list, "flags", 0);
	nvlist_add_number(list, "family", which & 32 ? AF_INET : AF_INET6);
	nvlist_add_number(list, "domain", AF_INET);
	nvlist_add_number(list, "type", SOCK_STREAM);
	nvlist_add_number(list, "uid", which >> 6);
	add_address(in, list, "address");
	return list;
}

static const struct service *const services[] = { &casper_dns, &casper_net,	 &casper_netdb, &casper_pwd,
						  &casper_grp, &casper_fileargs, &casper_syslog };

/* A list that went over the wire is the same again. */
static void check_wire(const nvlist_t *list)
{
	int fds[WIRE_FDS_MAX];
	uint8_t *bytes;
	uint8_t *again;
	size_t sizes[2];
	size_t nfds;
	nvlist_t *copy;

	if (wire_pack(list, 1, &bytes, &sizes[0], fds, &nfds) != 0)
		return;
	for (size_t at = 0; at < nfds; at++)
		fds[at] = fcntl(fds[at], F_DUPFD_CLOEXEC, 0);
	copy = wire_unpack(bytes + WIRE_HEADER, sizes[0] - WIRE_HEADER, nvlist_flags(list), fds, nfds);
	must(copy != NULL);
	must(wire_pack(copy, 1, &again, &sizes[1], fds, &nfds) == 0);
	must(sizes[0] == sizes[1] && memcmp(bytes, again, sizes[0]) == 0);
	nvlist_destroy(copy);
	free(bytes);
	free(again);
}

/* The error of a request under limits, which it does not change. */
static int error_under(const struct service *service, const nvlist_t *limits, const nvlist_t *request)
{
	nvlist_t *under = limits == NULL ? NULL : nvlist_clone(limits);
	nvlist_t *answer = process_answer(service, &under, nvlist_clone(request));
	int error = (int)dnvlist_get_number(answer, "error", EBADMSG);

	if (answer != NULL)
		check_wire(answer);
	nvlist_destroy(answer);
	nvlist_destroy(under);
	return error;
}

static void check_requests(struct input *in)
{
	const struct service *service = services[next(in) % COUNT(services)];
	nvlist_t *limits = NULL;
	nvlist_t *before = NULL;

	while (in->left > 0) {
		const char *command = commands[next(in) % 4 == 0 ? 0 : next(in) % COUNT(commands)];
		nvlist_t *request = likely_request(in);
		bool sets = strcmp(command, "limit_set") == 0;

		nvlist_free(request, "cmd");
		nvlist_add_string(request, "cmd", command);
		if (sets) {
			nvlist_t *earlier = limits == NULL ? NULL : nvlist_clone(limits);
			nvlist_t *answer;

			nvlist_free(request, "limits");
			nvlist_move_nvlist(request, "limits", likely_limits(in, service));
			answer = process_answer(service, &limits, request);
			if (dnvlist_get_number(answer, "error", 1) == 0) {
				nvlist_destroy(before);
				before = earlier;
			} else {
				nvlist_destroy(earlier);
			}
			nvlist_destroy(answer);
			continue;
		}
		if (error_under(service, limits, request) != ENOTCAPABLE && before != NULL)
			must(error_under(service, before, request) != ENOTCAPABLE);
		nvlist_destroy(request);
	}
	nvlist_destroy(limits);
	nvlist_destroy(before);
}

static void check_bytes(const uint8_t *data, size_t size)
{
	int fds[2] = { fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0), fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0) };
	nvlist_t *list = wire_unpack(data, size, size % 3, fds, size % 3);

	if (list != NULL)
		check_wire(list);
	for (size_t at = 0; at < 2; at++)
		if (fds[at] >= 0)
			close(fds[at]);
	nvlist_destroy(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	if (next(&in) % 4 == 0)
		check_bytes(in.data, in.left);
	else
		check_requests(&in);
	return 0;
}
