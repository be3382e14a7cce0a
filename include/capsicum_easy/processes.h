/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting for a process by its descriptor, which works in capability mode too, where waitpid(2) does only from FreeBSD
 * 15 on, and on Linux.
 */
#ifndef CE_PROCESSES_H_
#define CE_PROCESSES_H_

#include "enforcement.h"

#if defined(__FreeBSD__)
#include <sys/types.h>
#include <sys/event.h>
#include <sys/procdesc.h>
#include <sys/time.h>
#include <unistd.h>

/* A kernel event brings the status along, or says in the same way what is wrong with the descriptor: pdwait(2) came
 * late. */
static inline int ce_pdwait_raw_(int fd, int *status)
{
	struct kevent event;
	int queue = kqueue();
	int n, error;

	if (queue < 0)
		return -1;
	EV_SET(&event, (uintptr_t)fd, EVFILT_PROCDESC, EV_ADD | EV_ONESHOT, NOTE_EXIT, 0, NULL);
	n = kevent(queue, &event, 1, &event, 1, NULL);
	error = n == 1 && (event.flags & EV_ERROR) != 0 ? (int)event.data : n == 1 ? 0 : errno;
	close(queue);
	if (error != 0)
		return ce_fail_(error);
	*status = (int)event.data;
	return 0;
}
#endif

/**
 * Waits until the process of a descriptor made by pdfork(2) has ended, and stores its status in the form of waitpid(2);
 * poll(2) tells when that is. Needs CAP_EVENT on FreeBSD, CAP_PDWAIT on Linux.
 *
 * errno: EFAULT, EBADF (no descriptor), EINTR, ENOTCAPABLE, ENOSYS. What is no process descriptor: EINVAL on FreeBSD,
 * EBADF on Linux. On Linux also ECHILD if it is not a child of this process or was waited for already, EINVAL before
 * 5.4.
 */
CE_API int ce_pdwait(int fd, int *status)
{
	if (status == NULL)
		return ce_fail_(EFAULT);
	return ce_pdwait_raw_(fd, status);
}

#endif
