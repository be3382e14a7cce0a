/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capability mode, and what the kernel enforces here.
 */
#ifndef CE_MODE_H_
#define CE_MODE_H_

#include "enforcement.h"

/** Limits on descriptors are enforced by the kernel. */
#define CE_ENFORCE_RIGHTS 1u
/** Capability mode is enforced by the kernel. */
#define CE_ENFORCE_MODE 2u
/** In capability mode files can be opened beneath directory descriptors, and nowhere else. */
#define CE_ENFORCE_LOOKUPS 4u
/** In capability mode signals stay in the sandbox after fork too. */
#define CE_ENFORCE_SIGNALS 8u
/**
 * In capability mode metadata of paths (size, owner, times, permissions: stat(2) and the like) is readable only if a
 * directory that was held at entry has CAP_FSTATAT; without one only fstat(2) works. On Linux such a directory makes
 * metadata of every path readable. Before entering the flag says only that the kernel can (Linux 6.10): ask again
 * after entering, since it is lost where something was held that was limited to be executed (CAP_FEXECVE).
 */
#define CE_ENFORCE_METADATA 32u
/** All of Capsicum, exactly: a FreeBSD kernel. */
#define CE_ENFORCE_EXACT 16u

/**
 * Enters capability mode, for the whole process and for good; entering again is no error.
 *
 * errno: ENOSYS; on Linux also ENOMEM, EBUSY, E2BIG and others, see cap_enter() there. After an error the process is
 * not in capability mode.
 */
CE_API CE_CHECKED_ int ce_enter(void)
{
	return cap_enter();
}

/** Whether the process is in capability mode. Never fails. */
CE_API bool ce_sandboxed(void)
{
	return cap_sandboxed();
}

/** Writes 1 to *mode in capability mode, else 0. errno: EFAULT, ENOSYS. */
CE_API int ce_getmode(unsigned *mode)
{
	return cap_getmode(mode);
}

#if defined(__FreeBSD__)
/* Whether the kernel was built with Capsicum: it answers ENOSYS otherwise. */
static inline unsigned ce_enforcement_(void)
{
	unsigned mode;
	int saved = errno;
	bool has = cap_getmode(&mode) == 0;

	errno = saved;
	return has ? CE_ENFORCE_RIGHTS | CE_ENFORCE_MODE | CE_ENFORCE_LOOKUPS | CE_ENFORCE_SIGNALS |
			       CE_ENFORCE_METADATA | CE_ENFORCE_EXACT
		   : 0;
}
#elif defined(CE_LINUX_ENFORCES_)
/* What entering now would give. */
static inline unsigned ce_mode_possible_(void)
{
	const unsigned abi = ce_landlock_abi_();
	const bool landlock =
		abi > 0 && !ce_has_no_descriptors_() && (abi >= CE_LANDLOCK_THREADS_ || ce_becomes_single_threaded_());

	return (landlock ? CE_MODE_LOOKUPS_ : 0) | (landlock && abi >= CE_LANDLOCK_SCOPES_ ? CE_MODE_SIGNALS_ : 0) |
	       (ce_can_seal_() ? CE_MODE_METADATA_ : 0);
}

static inline unsigned ce_enforcement_(void)
{
	unsigned flags = ce_mode_flags_();

	if (!ce_has_filters_())
		return 0;
	if (flags == 0)
		flags = ce_mode_possible_();
	return CE_ENFORCE_RIGHTS | CE_ENFORCE_MODE | ((flags & CE_MODE_LOOKUPS_) != 0 ? CE_ENFORCE_LOOKUPS : 0) |
	       ((flags & CE_MODE_SIGNALS_) != 0 ? CE_ENFORCE_SIGNALS : 0) |
	       ((flags & CE_MODE_METADATA_) != 0 ? CE_ENFORCE_METADATA : 0);
}
#else
static inline unsigned ce_enforcement_(void)
{
	return 0;
}
#endif

/**
 * What is enforced: an OR of CE_ENFORCE_ flags, 0 where nothing is. Before entering: what entering now would enforce,
 * in this thread and with the other threads there are; but see CE_ENFORCE_METADATA. After: what is enforced. Leaves
 * errno alone.
 */
CE_API unsigned ce_enforcement(void)
{
	return ce_enforcement_();
}

/** The text of an errno value, Capsicum's two among them; never NULL. As strerror(3) otherwise, its buffer included. */
CE_API const char *ce_strerror(int error)
{
	if (error == ENOTCAPABLE)
		return "Capabilities insufficient";
	if (error == ECAPMODE)
		return "Not permitted in capability mode";
	return strerror(error);
}

#endif
