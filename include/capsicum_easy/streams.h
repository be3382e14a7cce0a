/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limiting streams: descriptors that stdio or a terminal library works on, the standard ones above all.
 *
 * A stream keeps what stdio asks of its descriptor: its type, whether it is a terminal, the window's size, the open
 * mode, its position and whether it is ready. FreeBSD's capsicum_helpers.h leaves it the same rights.
 */
#ifndef CE_STREAMS_H_
#define CE_STREAMS_H_

#include "limiting.h"

#include <fcntl.h>

#if defined(__FreeBSD__)
#include <sys/filio.h>
#include <termios.h>
#endif

/** The stream may be read from. */
#define CE_STREAM_READ 1u
/** The stream may be written to. */
#define CE_STREAM_WRITE 2u
/** Files beneath the stream, a directory, may be looked up. */
#define CE_STREAM_LOOKUP 4u
/** A descriptor that is not open is no error; ce_limit_stream() then does nothing. */
#define CE_STREAM_IGNORE_CLOSED 8u

/*
 * A set of what every stream needs, and more, which is one right, or rights of one word. CE_RIGHTS() checks each value,
 * which takes time in every unit that includes this.
 */
#define CE_STREAM_WORD_(word, more)                                                          \
	(CE_PART_(word, CAP_EVENT) | CE_PART_(word, CAP_FCNTL) | CE_PART_(word, CAP_FSTAT) | \
	 CE_PART_(word, CAP_IOCTL) | CE_PART_(word, CAP_SEEK) | CE_PART_(word, more))
#define CE_STREAM_SET_(more)                                               \
	{                                                                  \
		{                                                          \
			CE_STREAM_WORD_(0, more), CE_STREAM_WORD_(1, more) \
		}                                                          \
	}

/* The rights of a stream, by its CE_STREAM_READ, _WRITE and _LOOKUP flags. */
static const cap_rights_t ce_stream_rights_[] = {
	CE_STREAM_SET_(CAP_SEEK),
	CE_STREAM_SET_(CAP_READ),
	CE_STREAM_SET_(CAP_WRITE),
	CE_STREAM_SET_(CAP_READ | CAP_WRITE),
	CE_STREAM_SET_(CAP_LOOKUP),
	CE_STREAM_SET_(CAP_LOOKUP | CAP_READ),
	CE_STREAM_SET_(CAP_LOOKUP | CAP_WRITE),
	CE_STREAM_SET_(CAP_LOOKUP | CAP_READ | CAP_WRITE),
};

/* Is it a terminal, how large is its window, what kind of device is it. */
static const unsigned long ce_stream_ioctls_[] = {
#if defined(__FreeBSD__)
	TIOCGETA,
	TIOCGWINSZ,
	FIODTYPE,
#else
	0x5401, 0x802c542a, 0x5413, /* TCGETS, TCGETS2 and TIOCGWINSZ of asm-generic/ioctls.h */
#endif
};

/**
 * A stream's descriptor and limits, an entry for ce_limit_each(): flags are CE_STREAM_READ, CE_STREAM_WRITE and
 * CE_STREAM_LOOKUP, ORed. The sets that it points to are constants.
 */
CE_API struct ce_descriptor ce_stream(int fd, unsigned flags)
{
	struct ce_descriptor stream;

	stream.fd = fd;
	stream.rights = &ce_stream_rights_[flags & (CE_STREAM_READ | CE_STREAM_WRITE | CE_STREAM_LOOKUP)];
	stream.ioctls = ce_stream_ioctls_;
	stream.nioctls = sizeof(ce_stream_ioctls_) / sizeof(ce_stream_ioctls_[0]);
	stream.fcntls = CAP_FCNTL_GETFL;
	return stream;
}

/* Leaves errno alone. */
static inline bool ce_is_open_(int fd)
{
	int saved = errno;
	bool is_open = fcntl(fd, F_GETFD) != -1;

	errno = saved;
	return is_open;
}

/**
 * Limits a descriptor to what a stream needs; flags are CE_STREAM_ flags, ORed.
 *
 * errno: EBADF (unless CE_STREAM_IGNORE_CLOSED), and the others of ce_limit_each(). ENOSYS, a system that enforces
 * nothing, is an error like any other: whoever wants to go on then says so, `!= 0 && errno != ENOSYS`.
 */
CE_API CE_CHECKED_ int ce_limit_stream(int fd, unsigned flags)
{
	const struct ce_descriptor stream = ce_stream(fd, flags);

	if ((flags & CE_STREAM_IGNORE_CLOSED) != 0 && !ce_is_open_(fd))
		return 0;
	return ce_limit_each(&stream, 1);
}

/* The standard streams that are open; returns how many. */
static inline size_t ce_stdio_(struct ce_descriptor streams[3])
{
	static const unsigned flags[] = { CE_STREAM_READ, CE_STREAM_WRITE, CE_STREAM_WRITE };
	size_t n = 0;
	int fd;

	for (fd = 0; fd < 3; fd++)
		if (ce_is_open_(fd))
			streams[n++] = ce_stream(fd, flags[fd]);
	return n;
}

/**
 * Limits standard input to reading, standard output and error to writing; those that are closed stay so. One filter on
 * Linux.
 *
 * errno: as ce_limit_stream(), without EBADF.
 */
CE_API CE_CHECKED_ int ce_limit_stdio(void)
{
	struct ce_descriptor streams[3];
	size_t n = ce_stdio_(streams);

	return ce_limit_each(streams, n);
}

#endif
