/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What FreeBSD gives to programs in <sys/procdesc.h>: processes that are held by a descriptor instead of a number.
 */
#ifndef _SYS_PROCDESC_H_
#define _SYS_PROCDESC_H_

/* Flags of pdfork(). */
#define PD_DAEMON 0x00000001  /* the child does not end with its parent */
#define PD_CLOEXEC 0x00000002 /* the descriptor is closed on exec */
#define PD_ALLOWED_AT_FORK (PD_DAEMON | PD_CLOEXEC)

/* Flags of pdrfork(), those of FreeBSD's rfork(2) that it takes here; on FreeBSD in <unistd.h>. */
#define RFFDG (1 << 2)	     /* the child has a table of descriptors of its own */
#define RFPROC (1 << 4)	     /* make a process */
#define RFPROCDESC (1 << 28) /* and a descriptor for it */
#define RFSPAWN (1U << 31)   /* all of these */

#include <sys/resource.h>

/* What pdwait() says of resources; on FreeBSD in <sys/resource.h>. */
struct __wrusage {
	struct rusage wru_self;
	struct rusage wru_children;
};

/* pdfork(), pdrfork(), pdgetpid(), pdkill() and pdwait() themselves. */
#include <capsicum_easy.h>

#endif /* _SYS_PROCDESC_H_ */
