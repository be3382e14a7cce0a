# SPDX-License-Identifier: BSD-2-Clause
"""What others get: the installed files, the pkg-config file, the library, the subproject, the release."""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tarfile

import pytest

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
MESON = shlex.split(os.environ["MESON"])

LIBC_FUNCTIONS = {
    *("__cap_rights_clear", "__cap_rights_get", "__cap_rights_init", "__cap_rights_is_set", "__cap_rights_set"),
    *("cap_enter", "cap_fcntls_get", "cap_fcntls_limit", "cap_getmode", "cap_ioctls_get", "cap_ioctls_limit"),
    *("cap_rights_contains", "cap_rights_is_empty", "cap_rights_is_valid", "cap_rights_limit", "cap_rights_merge"),
    *("cap_rights_remove", "cap_sandboxed", "pdfork", "pdgetpid", "pdkill"),
}

CASPER_HEADERS = [
    *("libcasper.h", "libcasper_service.h", "sys/nv.h", "casper/cap_dns.h", "casper/cap_fileargs.h"),
    *("casper/cap_grp.h", "casper/cap_lookups_.h", "casper/cap_net.h", "casper/cap_netdb.h", "casper/cap_pwd.h"),
    "casper/cap_syslog.h",
]


def casper_functions() -> set[str]:
    """The symbols that casper's headers declare, under the names that they have in the library."""
    found = set()
    for name in CASPER_HEADERS:
        text = (ROOT / "include/linux" / name).read_text()
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        found |= set(re.findall(r"\b((?:cap|fileargs|service|[cd]?nvlist)_[a-z0-9_]+)\(", text))
    freebsd = {name for name in found if "nvlist_" in name and not name.startswith("cap_")} | {"cap_init"}
    return {f"FreeBSD_{name}" if name in freebsd else name for name in found if not name.endswith("_t")}


def run(*command: object, **options: object) -> str:
    """Run a command that must succeed; return its output."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}{done.stderr}"
    return done.stdout


class Installed:
    """The project, built and installed beneath a directory."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.prefix = directory / "prefix"
        options = ["-Dtests=false", "-Dpython=false", "--prefix", self.prefix, "--libdir", "lib"]
        run(*MESON, "setup", directory / "build", ROOT, *options)
        run(*MESON, "install", "-C", directory / "build")
        self.environment = {**os.environ, "PKG_CONFIG_PATH": str(self.prefix / "lib/pkgconfig")}
        self.flags = run("pkg-config", "--cflags", "capsicum_easy", env=self.environment).split()

    def compile(self, program: pathlib.Path, *sources: object) -> pathlib.Path:
        """Return the program made of sources with the flags of pkg-config."""
        run("cc", "-Wall", "-Wextra", "-Werror", *self.flags, *sources, "-o", program)
        return program


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    return Installed(tmp_path_factory.mktemp("installed"))


def test_layout(installed):
    files = {str(path.relative_to(installed.prefix)) for path in installed.prefix.rglob("*") if not path.is_dir()}
    assert files == {
        "bin/capeasy",
        "share/bash-completion/completions/capeasy",
        "share/man/man1/capeasy.1",
        "include/capsicum_easy.h",
        "include/capsicum_easy/capsicum_helpers.h",
        *(f"include/capsicum_easy/{name}" for name in CASPER_HEADERS),
        "include/capsicum_easy/sys/capsicum.h",
        "include/capsicum_easy/sys/procdesc.h",
        "lib/libcapsicum_easy.so",
        "lib/libcapsicum_easy.so.0",
        "lib/pkgconfig/capsicum_easy.pc",
    }


def test_pkg_config(installed):
    assert installed.flags == [f"-I{installed.prefix}/include", f"-I{installed.prefix}/include/capsicum_easy"]
    version = run("pkg-config", "--modversion", "capsicum_easy", env=installed.environment)
    assert version.strip() == (ROOT / "VERSION").read_text().strip()


def test_program_for_freebsd(installed, tmp_path):
    program = installed.compile(tmp_path / "program", HERE / "freebsd_program.c")
    (tmp_path / "file").write_text("text\n")
    run(program, tmp_path / "file")


@pytest.mark.parametrize("order", [("sys/capability.h", "sys/capsicum.h"), ("sys/capsicum.h", "sys/capability.h")])
def test_beside_libcap(installed, tmp_path, order):
    """libcap has a <sys/capability.h>, which FreeBSD's Capsicum header was called once: it stays libcap's."""
    source = tmp_path / "both.c"
    body = "int main(void) { return cap_get_proc() == NULL || CAP_CHOWN != 0 || !ce_right_is_valid(CAP_READ); }\n"
    source.write_text("".join(f"#include <{name}>\n" for name in order) + body)
    run(installed.compile(tmp_path / "both", source, "-lcap"))


def test_library_exports_libc_s_functions(installed):
    listed = run("nm", "-D", "--defined-only", installed.prefix / "lib/libcapsicum_easy.so").splitlines()
    assert {line.split()[-1] for line in listed} == LIBC_FUNCTIONS | casper_functions()


def test_library_by_ctypes(installed):
    script = """
import ctypes, sys
library = ctypes.CDLL(sys.argv[1], use_errno=True)
assert library.cap_enter() == 0
try:
    open("/etc/passwd")
except OSError as error:
    sys.exit(error.errno)
"""
    command = [sys.executable, "-c", script, installed.prefix / "lib/libcapsicum_easy.so.0"]
    assert subprocess.run(command, check=False).returncode == 134  # ECAPMODE


def test_library_by_autoconf(installed, tmp_path):
    shutil.copy(HERE / "autoconf/configure.ac", tmp_path)
    run("autoreconf", cwd=tmp_path)
    found = {
        "CPPFLAGS": " ".join(installed.flags),
        "LDFLAGS": f"-L{installed.prefix}/lib -Wl,-rpath,{installed.prefix}/lib",
        "LIBS": "-lcapsicum_easy",
    }
    for variables, answer in ((found, "yes"), ({}, "no")):
        output = run("./configure", *(f"{name}={value}" for name, value in variables.items()), cwd=tmp_path)
        for what in ("sys/capsicum.h", "cap_enter", "cap_rights_limit", "cap_sandboxed"):
            assert f"checking for {what}... {answer}" in output


def test_dependency_of_a_meson_project(installed, tmp_path):
    run(*MESON, "setup", "--wrap-mode=nofallback", tmp_path, HERE / "user", env=installed.environment)
    run(*MESON, "compile", "-C", tmp_path)
    run(tmp_path / "user")


def test_subproject_of_a_meson_project(tmp_path):
    project = shutil.copytree(HERE / "user", tmp_path / "user")
    (project / "subprojects").mkdir()
    (project / "subprojects/capsicum_easy").symlink_to(ROOT)
    run(*MESON, "setup", "--wrap-mode=forcefallback", f"--prefix={tmp_path}/prefix", tmp_path / "build", project)
    run(*MESON, "install", "-C", tmp_path / "build")
    run(tmp_path / "build/user")
    assert not (tmp_path / "prefix").exists()  # a subproject installs nothing


def test_release_carries_the_header(installed, tmp_path):
    build = tmp_path / "build"
    run(*MESON, "setup", build, ROOT, "-Dtests=false", "-Dpython=false")
    run(*MESON, "dist", "-C", build, "--no-tests", "--allow-dirty")
    (archive,) = (build / "meson-dist").glob("capsicum_easy-*.tar.xz")
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path)
    release = tmp_path / archive.name.removesuffix(".tar.xz")
    assert not list(release.rglob("__pycache__"))
    run("cc", "-I", release, HERE / "user/user.c", "-o", tmp_path / "user")
    run(tmp_path / "user")
