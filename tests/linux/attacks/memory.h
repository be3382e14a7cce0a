/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Mapping, then changing the mapping. Part of attacks.c.
 */

static long map_then_execute(bool with_key)
{
	void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, mapper, 0);

	MUST((long)at);
	return with_key ? syscall(SYS_pkey_mprotect, at, 4096, PROT_READ | PROT_EXEC, -1)
			: mprotect(at, 4096, PROT_READ | PROT_EXEC);
}

/* A mapping that has moved is of the same file still. */
static long move_then_execute(void)
{
	void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, mapper, 0);

	MUST((long)at);
	at = mremap(at, 4096, 8192, MREMAP_MAYMOVE);
	MUST((long)at);
	return mprotect(at, 4096, PROT_READ | PROT_EXEC);
}

TRY(LIMITED, ENOTCAPABLE, mmap(NULL, 4096, PROT_NONE, MAP_SHARED, nothing, 0))
TRY(LIMITED, ENOTCAPABLE, mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, reader, 0))
TRY(LIMITED, ENOTCAPABLE, mmap(NULL, 4096, PROT_READ, MAP_SHARED, mapper, 0)) /* open for writing */
TRY(LIMITED, ENOTCAPABLE, mmap(NULL, 4096, PROT_READ, MAP_SHARED_VALIDATE, mapper, 0))
TRY(LIMITED, ENOTCAPABLE, mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, mapper, 0))
TRY(LIMITED, ENOTCAPABLE, mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE, mapper, 0))
TRY(LIMITED, ENOTCAPABLE, syscall(SYS_mmap, 0, 4096, PROT_READ, MAP_SHARED, 0xdeadbeef00000000 | (unsigned)mapper, 0))
TRY(LIMITED, EACCES, map_then_execute(false))
TRY(LIMITED, EACCES, map_then_execute(true))
TRY(LIMITED, EACCES, move_then_execute())
TRY(LIMITED, EACCES, syscall(SYS_personality, 0x400000 /* READ_IMPLIES_EXEC */))

/* The number is limited while it is one file's that was open for reading, and used again for one open for writing. */
static long write_through_reused_mapping(void)
{
	void *at;

	MUST(dup2(opened, read_only));
	at = mmap(NULL, 9, PROT_READ, MAP_SHARED, read_only, 0);
	if (at == MAP_FAILED || mprotect(at, 9, PROT_READ | PROT_WRITE) == -1)
		return -1;
	memcpy(at, "x", 1);
	return pread(opened, buffer, 1, 0) == 1 && buffer[0] == 'x' ? 0 : -1;
}

/* The old value is what timerfd_gettime reads. */
static long read_timer_by_setting(void)
{
	const struct itimerspec later = { { 0, 0 }, { 1000, 0 } };

	return timerfd_settime(timer, 0, &later, (struct itimerspec *)(void *)buffer);
}

TRY_BOTH(LIMITED, ENOTCAPABLE, write_through_reused_mapping())
TRY_BOTH(INSIDE, ENOTCAPABLE, write_through_reused_mapping())
TRY_BOTH(LIMITED, ENOTCAPABLE, read_timer_by_setting())
