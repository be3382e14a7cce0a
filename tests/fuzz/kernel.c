/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same as filter.c, with the kernel in the interpreter's place: a child installs the programs and makes the calls.
 *
 * No call is carried out. A filter that is older than all others answers each with an errno of its own, which comes
 * through where the others allow the call (of several errnos the newest filter's counts). Only prctl() is let through,
 * for the questions.
 */
#include "steps.h"

#include <stdio.h>
#include <sys/wait.h>

#define ALLOWED 1000 /* no errno of the kernel's */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void install(const struct ce_bpf_program_ *filter)
{
	if (syscall(SYS_prctl, 38L /* PR_SET_NO_NEW_PRIVS */, 1L, 0L, 0L, 0L) != 0 ||
	    syscall(SYS_seccomp, 1L /* SECCOMP_SET_MODE_FILTER */, 0L, filter) != 0) {
		perror("seccomp");
		abort();
	}
}

static void install_blocker(void)
{
	static const unsigned kept[] = { SYS_prctl, SYS_seccomp, SYS_write, SYS_exit_group };
	struct ce_bpf_insn_ insn[7] = { { CE_BPF_LD_DATA_, 0, 0, CE_DATA_NR_ } };
	const struct ce_bpf_program_ blocker = { 7, insn };
	unsigned i;

	for (i = 0; i < 4; i++) {
		const struct ce_bpf_insn_ compare = { CE_BPF_JEQ_, (uint8_t)(4 - i), 0, kept[i] };

		insn[1 + i] = compare;
	}
	insn[5].code = CE_BPF_RET_;
	insn[5].k = CE_SECCOMP_ERRNO_ | ALLOWED;
	insn[6].code = CE_BPF_RET_;
	insn[6].k = CE_SECCOMP_ALLOW_;
	install(&blocker);
}

/*
 * What can be tried here: not the calls that the blocker lets through, but questions; this architecture only; not
 * uprobe and uretprobe, which the kernel keeps from every filter (kernel/seccomp.c, since Linux 6.13).
 */
static bool can_be_tried(const struct call *call)
{
#ifdef CE_LINUX_X86_64_
	if (call->number == 335 || call->number == 336)
		return false;
#endif
	if (call->architecture != CE_AUDIT_ARCH_)
		return false;
	if (call->number == SYS_prctl)
		return (uint32_t)call->arguments[0] == CE_ASK_;
	return call->number != SYS_seccomp && call->number != SYS_write && call->number != SYS_exit_group;
}

/* The errno of the filters, 0 if they allow the call. */
static unsigned tried(const struct call *call)
{
	const uint64_t *a = call->arguments;

	errno = 0;
	(void)syscall((long)call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (errno == ALLOWED || (call->number == SYS_prctl && errno == EINVAL))
		return 0;
	return (unsigned)errno;
}

/* Runs in the child; ends it with 1 at the first disagreement. */
static void try_calls(const struct scenario *scenario, struct source *source)
{
	char text[128];
	size_t i;

	install_blocker();
	for (i = 0; i < scenario->steps; i++)
		install(&scenario->filters[i]);
	do {
		const struct call call = take_call(source, scenario);
		struct refusals refusals;
		unsigned error;

		if (!can_be_tried(&call))
			continue;
		refusals = stated(scenario, &call);
		error = tried(&call);
		if (agrees(&refusals, error))
			continue;
		(void)write(2, text,
			    (size_t)snprintf(text, sizeof(text), "call %u (%llx, %llx, %llx): %u, not %u\n",
					     (unsigned)call.number, (unsigned long long)call.arguments[0],
					     (unsigned long long)call.arguments[1],
					     (unsigned long long)call.arguments[2], error,
					     refusals.n > 0 ? refusals.errors[0] : 0));
		_exit(1);
	} while (source->at < source->end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct scenario scenario;
	struct source source = { data, data + size };
	pid_t child;
	int status;

	if (!take_scenario(&scenario, &source))
		return 0;
	child = fork();
	if (child == 0) {
		try_calls(&scenario, &source);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
		abort();
	return 0;
}
