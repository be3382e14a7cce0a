/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * ioctl commands: that name a descriptor, in every size and direction that the kernel may take, and that reach beyond
 * what is open. Part of attacks.c.
 */
#define NOTIFY_ADDFD(high) ((high) | 0x2103u)

static struct ifreq loopback(void)
{
	struct ifreq request;

	memset(&request, 0, sizeof(request));
	strcpy(request.ifr_name, "lo");
	return request;
}

static long ask_interface(unsigned long command)
{
	struct ifreq request = loopback();

	return ioctl(udp, command, &request);
}

TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, NOTIFY_ADDFD(0x40180000)))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, NOTIFY_ADDFD(0x00180000)))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, NOTIFY_ADDFD(0x40200000)))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, NOTIFY_ADDFD(0xc0180000)))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, NOTIFY_ADDFD(0)))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0x40449426 /* BTRFS_IOC_SEND_32 */))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0xe500 /* FUSE_DEV_IOC_CLONE */))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0xc0209378 /* AUTOFS_DEV_IOCTL_SETPIPEFD */))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0x642e /* DRM_IOCTL_PRIME_FD_TO_HANDLE */))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0xc00c702e /* the same, of another type */))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0x40044160 /* SNDRV_PCM_IOCTL_LINK */))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0x400448c8 /* HIDPCONNADD */))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0x4018aebd /* KVM_HYPERV_EVENTFD */))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0x3b6e /* VFIO_DEVICE_SET_IRQS */))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0x3b8f /* IOMMU_IOAS_MAP_FILE */))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0xc0284e82 /* NTSYNC_IOC_WAIT_ANY */))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0xc0284e83 /* NTSYNC_IOC_WAIT_ALL */))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(opened, 0xc0303e03 /* SYNC_IOC_MERGE */))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(deaf, 0xc040ff0b /* PIDFD_GET_INFO */))
TRY(LIMITED, ENOTCAPABLE, ioctl_of(deaf, 0xc050ff0b /* with a larger size */))
TRY(INSIDE, ECAPMODE, ioctl_of(opened, NOTIFY_ADDFD(0x40200000)))

/* Whatever takes an interface's name loads a module by it. */
TRY_BOTH(INSIDE, ECAPMODE, ask_interface(0x8913 /* SIOCGIFFLAGS */))
TRY_BOTH(INSIDE, ECAPMODE, ask_interface(0x8933 /* SIOCGIFINDEX */))
TRY_BOTH(INSIDE, ECAPMODE, ask_interface(0x8921 /* SIOCGIFMTU */))
TRY_BOTH(INSIDE, ECAPMODE, ask_interface(0x8927 /* SIOCGIFHWADDR */))

/* Namespaces, terminals, file systems. */
TRY_BOTH(INSIDE, ECAPMODE, ioctl_of(own_namespace, 0xb701 /* NS_GET_USERNS */))
TRY_BOTH(INSIDE, ECAPMODE, ioctl_of(own_namespace, 0xb703 /* NS_GET_NSTYPE */))
TRY(INSIDE, ECAPMODE, ioctl_of(victim_pidfd, 0xff04 /* PIDFD_GET_NET_NAMESPACE */))
TRY_BOTH(INSIDE, ECAPMODE, ioctl_of(terminal, TIOCEXCL))
TRY_BOTH_AS_ROOT(INSIDE, ECAPMODE, ioctl_of(terminal, TIOCVHANGUP))
TRY_BOTH(INSIDE, ECAPMODE, ioctl(terminal, TIOCSETD, &(int){ 0 }))
TRY_BOTH(INSIDE, ECAPMODE, ioctl_of(master, TIOCGPTPEER))
TRY(INSIDE, ECAPMODE, syscall(SYS_ioctl, terminal, TIOCSCTTY, 1L))
TRY_BOTH(INSIDE, ECAPMODE, ioctl(opened, 0x80086601 /* FS_IOC_GETFLAGS */, buffer))

/* What must go on working. */
TRY(INSIDE, 0, ioctl(terminal, TIOCGWINSZ, buffer))
TRY(INSIDE, 0, ioctl(terminal, TCGETS, buffer))
TRY(INSIDE, 0, ioctl(source, FIONREAD, buffer))
TRY(INSIDE, 0, ioctl(udp, 0x8912 /* SIOCGIFCONF */, &(struct ifconf){ .ifc_len = 0 }))
