/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which service of Casper does the work of a call of the C library, and by which function. The one home of this: trace
 * and need name services from it; tests/casper/test_services.py compares it with the headers of the services.
 */
#ifndef CAPEASY_SERVICES_H
#define CAPEASY_SERVICES_H

struct service_call {
	const char *call;
	const char *service;
	const char *function;
};

/* A call that two services do is in the table twice: dns for lookups alone, net where a connection follows. */
static const struct service_call service_calls[] = {
	{ "bind", "system.net", "cap_bind" },
	{ "connect", "system.net", "cap_connect" },
	{ "endgrent", "system.grp", "cap_endgrent" },
	{ "endpwent", "system.pwd", "cap_endpwent" },
	{ "fopen", "system.fileargs", "fileargs_fopen" },
	{ "getaddrinfo", "system.dns", "cap_getaddrinfo" },
	{ "getaddrinfo", "system.net", "cap_getaddrinfo" },
	{ "getgrent", "system.grp", "cap_getgrent" },
	{ "getgrent_r", "system.grp", "cap_getgrent_r" },
	{ "getgrgid", "system.grp", "cap_getgrgid" },
	{ "getgrgid_r", "system.grp", "cap_getgrgid_r" },
	{ "getgrnam", "system.grp", "cap_getgrnam" },
	{ "getgrnam_r", "system.grp", "cap_getgrnam_r" },
	{ "gethostbyaddr", "system.dns", "cap_gethostbyaddr" },
	{ "gethostbyaddr", "system.net", "cap_gethostbyaddr" },
	{ "gethostbyname", "system.dns", "cap_gethostbyname" },
	{ "gethostbyname", "system.net", "cap_gethostbyname" },
	{ "gethostbyname2", "system.dns", "cap_gethostbyname2" },
	{ "gethostbyname2", "system.net", "cap_gethostbyname2" },
	{ "getnameinfo", "system.dns", "cap_getnameinfo" },
	{ "getnameinfo", "system.net", "cap_getnameinfo" },
	{ "getprotobyname", "system.netdb", "cap_getprotobyname" },
	{ "getpwent", "system.pwd", "cap_getpwent" },
	{ "getpwent_r", "system.pwd", "cap_getpwent_r" },
	{ "getpwnam", "system.pwd", "cap_getpwnam" },
	{ "getpwnam_r", "system.pwd", "cap_getpwnam_r" },
	{ "getpwuid", "system.pwd", "cap_getpwuid" },
	{ "getpwuid_r", "system.pwd", "cap_getpwuid_r" },
	{ "lstat", "system.fileargs", "fileargs_lstat" },
	{ "open", "system.fileargs", "fileargs_open" },
	{ "closelog", "system.syslog", "cap_closelog" },
	{ "openlog", "system.syslog", "cap_openlog" },
	{ "realpath", "system.fileargs", "fileargs_realpath" },
	{ "setgrent", "system.grp", "cap_setgrent" },
	{ "setgroupent", "system.grp", "cap_setgroupent" },
	{ "setlogmask", "system.syslog", "cap_setlogmask" },
	{ "setpassent", "system.pwd", "cap_setpassent" },
	{ "setpwent", "system.pwd", "cap_setpwent" },
	{ "syslog", "system.syslog", "cap_syslog" },
	{ "vsyslog", "system.syslog", "cap_vsyslog" },
};

#endif
