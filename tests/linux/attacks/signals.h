/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Signals to processes outside: by the owner of a descriptor, by a terminal, by a group. Part of attacks.c.
 *
 * The one who attacks ignores the signals, and leads a group and a session with nobody in it but the victim.
 */

/* What comes of it where nothing was refused: 0 if the victim is dead. */
static long is_victim_dead(void)
{
	struct pollfd ended = { victim_pidfd, POLLIN, 0 };

	errno = EPERM;
	return poll(&ended, 1, 5000) == 1 ? 0 : -1;
}

/* Makes it signal, with a signal that is chosen, or SIGIO; then something arrives. */
static long make_it_signal(int fd, int end, bool choose)
{
	if (choose && fcntl(fd, F_SETSIG, SIGUSR1) == -1)
		return -1;
	if (fcntl(fd, F_SETFL, O_ASYNC) == -1)
		return -1;
	MUST(write(end, "x\n", 2)); /* a terminal wants a line */
	return is_victim_dead();
}

static long signal_by_group_owner(void)
{
	return fcntl(async[0], F_SETOWN, -getpgrp()) == -1 ? -1 : make_it_signal(async[0], async[1], true);
}

static long signal_by_victim_owner(void)
{
	return fcntl(async[0], F_SETOWN, victim) == -1 ? -1 : make_it_signal(async[0], async[1], false);
}

static long signal_by_owner_ex(void)
{
	const struct f_owner_ex group = { F_OWNER_PGRP, getpgrp() };

	return fcntl(async[0], F_SETOWN_EX, &group) == -1 ? -1 : make_it_signal(async[0], async[1], false);
}

static long signal_by_owner_ioctl(unsigned long command)
{
	const int group = -getpgrp();

	return ioctl(async[0], command, &group) == -1 ? -1 : make_it_signal(async[0], async[1], false);
}

/* The owner is there already: the victim set it. */
static long signal_owner(bool choose)
{
	return make_it_signal(owned[0], owned[1], choose);
}

static long signal_owner_by_ioctl(void)
{
	if (ioctl(owned[0], FIOASYNC, &(int){ 1 }) == -1)
		return -1;
	MUST(write(owned[1], "x", 1));
	return is_victim_dead();
}

static long signal_owner_by_notification(void)
{
	const int fd = (int)receive(watched);

	if (fcntl(fd, F_NOTIFY, DN_CREATE) == -1)
		return -1;
	MUST(openat(fd, "new", O_WRONLY | O_CREAT, 0600));
	return is_victim_dead();
}

static long signal_owner_by_lease(void)
{
	if (fcntl(leased, F_SETLEASE, F_WRLCK) == -1)
		return -1;
	open("leased", O_RDONLY | O_NONBLOCK);
	return is_victim_dead();
}

/* A terminal's owner is its foreground group, which nobody set. */
static long signal_foreground(void)
{
	return make_it_signal(terminal, master, false);
}

static long signal_foreground_by_ioctl(unsigned long command, long argument)
{
	if (syscall(SYS_ioctl, command == TIOCSIG ? master : terminal, command, argument) == -1)
		return -1;
	if (command == FIOASYNC)
		MUST(write(master, "x\n", 2));
	return is_victim_dead();
}

static long signal_group_of_process(void)
{
	return syscall(SYS_pidfd_send_signal, self_pidfd, SIGUSR1, NULL, 4 /* PIDFD_SIGNAL_PROCESS_GROUP */) == -1
		       ? -1
		       : is_victim_dead();
}

TRY_BOTH(INSIDE, ECAPMODE, signal_by_group_owner())
TRY_BOTH(INSIDE, ECAPMODE, in_clone(SIGCHLD, signal_by_group_owner))
TRY_BOTH(NOWHERE, ECAPMODE, signal_by_group_owner())
TRY_BOTH(INSIDE, ECAPMODE, signal_by_victim_owner())
TRY_BOTH(INSIDE, ECAPMODE, signal_by_owner_ex())
TRY_BOTH(INSIDE, ECAPMODE, signal_by_owner_ioctl(0x8901 /* FIOSETOWN */))
TRY_BOTH(INSIDE, ECAPMODE, signal_by_owner_ioctl(0x8902 /* SIOCSPGRP */))
TRY_BOTH(INSIDE, ECAPMODE, signal_owner(true))
TRY_BOTH(INSIDE, ECAPMODE, signal_owner(false))
TRY_BOTH(INSIDE, ECAPMODE, signal_owner_by_ioctl())
TRY_BOTH(INSIDE, ECAPMODE, signal_owner_by_notification())
TRY_BOTH(INSIDE, ECAPMODE, signal_owner_by_lease())
TRY_BOTH(INSIDE, ECAPMODE, signal_foreground())
TRY_BOTH(INSIDE, ECAPMODE, signal_foreground_by_ioctl(FIOASYNC, (long)&(int){ 1 }))
TRY_BOTH(INSIDE, ECAPMODE, signal_foreground_by_ioctl(TIOCSIG, SIGINT))
TRY_BOTH(INSIDE, ECAPMODE, signal_foreground_by_ioctl(TIOCNOTTY, 0))
TRY_BOTH(INSIDE, ECAPMODE, signal_group_of_process())
