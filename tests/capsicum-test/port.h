/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What google/capsicum-test takes from its own <linux/capsicum.h> and <sys/procdesc.h>, for a kernel that was never
 * released. In their place this is included before anything else; its macros say as the suite's header for FreeBSD
 * does.
 */
#ifndef CE_TESTS_CAPSICUM_TEST_PORT_H
#define CE_TESTS_CAPSICUM_TEST_PORT_H

#include <errno.h>
#include <stdint.h>
#include <sys/capsicum.h>
#include <sys/procdesc.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define __CAPSICUM_LINUX_H__ /* leaves the suite's header out */

typedef uint32_t cap_fcntl_t;

#define HAVE_CAP_RIGHTS_GET
#define HAVE_CAP_RIGHTS_LIMIT
#define HAVE_CAP_FCNTLS_LIMIT
#define HAVE_CAP_IOCTLS_LIMIT
#define HAVE_OPENAT_INTERMEDIATE_DOTDOT
#define CAP_IOCTLS_LIMIT_MAX 256
#define E_NO_TRAVERSE_CAPABILITY EACCES /* Landlock's */
#define E_NO_TRAVERSE_O_BENEATH EACCES
#define E_TOO_MANY_LINKS ELOOP

/* Rights and numbers of that kernel: the right that allows the same here, or what no kernel knows. */
#define CAP_FSIGNAL CAP_WRITE /* signalfd4(2) */
#define CAP_EPOLL_CTL CAP_KQUEUE_CHANGE
#define CAP_NOTIFY (CAP_INOTIFY_ADD | CAP_INOTIFY_RM)
#define CAP_SETNS CAP_ALL0
#define PR_SET_OPENAT_BENEATH (-1)
#define PR_GET_OPENAT_BENEATH (-1)
#define __NR_cap_rights_limit (-1)

/* Both ways, as FreeBSD's pipes, which the suite takes. */
#define pipe(ends) socketpair(AF_UNIX, SOCK_STREAM, 0, ends)

#define execveat suite_execveat /* glibc has one since 2.34 */

#endif
