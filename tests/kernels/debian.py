# SPDX-License-Identifier: BSD-2-Clause
"""Files of Debian's packages, of any release and architecture, without touching what is installed: apt with a
configuration and directories of its own, and dpkg-deb to unpack."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

MIRROR = "http://deb.debian.org/debian"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
CONFIGURATION = """\
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Sandbox::User "";
Acquire::Check-Valid-Until "false"; // a release that gets no more updates is what an old kernel is taken from
Acquire::Languages "none";
Dir "{directory}";
Dir::State::status "{directory}/status";
Dir::Etc::SourceList "{directory}/sources.list";
"""


class Unavailable(Exception):
    """Something that the tests need cannot be had here; says what and why."""


class Release:
    """One release of Debian for one architecture, in a directory of its own."""

    def __init__(self, directory: Path, name: str, architecture: str) -> None:
        self.name = name
        self.architecture = architecture
        self.directory = directory / f"{name}-{architecture}"

    def _apt(self, *command: str) -> str:
        done = subprocess.run(
            command,
            cwd=self.directory,
            capture_output=True,
            text=True,
            env={**os.environ, "APT_CONFIG": str(self.directory / "apt.conf")},
        )
        if done.returncode != 0:
            raise Unavailable(f"{' '.join(command)} ({self.name}, {self.architecture}): {done.stderr.strip()}")
        return done.stdout

    def _update(self) -> None:
        """Read the release's lists of packages, once."""
        if (self.directory / "updated").exists():
            return
        for needed in (
            "var/lib/apt/lists/partial",
            "var/cache/apt/archives/partial",
            "etc/apt/apt.conf.d",
            "etc/apt/preferences.d",
        ):
            (self.directory / needed).mkdir(parents=True, exist_ok=True)
        (self.directory / "status").touch()
        (self.directory / "sources.list").write_text(f"deb [signed-by={KEYRING}] {MIRROR} {self.name} main\n")
        (self.directory / "apt.conf").write_text(
            CONFIGURATION.format(architecture=self.architecture, directory=self.directory)
        )
        self._apt("apt-get", "-q", "update")
        (self.directory / "updated").touch()

    def unpacked(self, package: str) -> Path:
        """Return a directory with the files of a package."""
        root = self.directory / package
        if not root.exists():
            self._update()
            self._apt("apt-get", "-q", "download", package)
            (archive,) = self.directory.glob(f"{package}_*.deb")
            self._apt("dpkg-deb", "-x", archive.name, f"{package}.new")
            (self.directory / f"{package}.new").rename(root)
            archive.unlink()
        return root

    def kernel(self) -> Path:
        """Return the kernel for virtual machines: the image to boot."""
        kept = self.directory / "vmlinuz"
        if not kept.exists():
            self._update()
            record = self._apt("apt-cache", "show", "--no-all-versions", f"linux-image-cloud-{self.architecture}")
            found = re.search(r"^Depends:.*\blinux-image-(\d\S+)", record, re.MULTILINE)
            if found is None:
                raise Unavailable(f"{self.name} has no linux-image-cloud-{self.architecture}")
            # From 6.19 on the image is in a package of its own, and from 7.2 on beside the modules.
            names = self._apt("apt-cache", "pkgnames", "linux-binary-").split()
            binary = f"linux-binary-{found[1]}"
            root = self.unpacked(binary if binary in names else f"linux-image-{found[1]}")
            (image,) = [*root.glob("boot/vmlinuz-*"), *root.glob("usr/lib/modules/*/vmlinuz")]
            kept.symlink_to(image)
        return kept
