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

/* pdfork(), pdgetpid() and pdkill() themselves. */
#include <capsicum_easy.h>

#endif /* _SYS_PROCDESC_H_ */
