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
        found |= set(re.findall(r"\b((?:cap|casper|ce_service|fileargs|service|[cd]?nvlist)_[a-z0-9_]+)\(", text))
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
    pages = {name for name in files if name.startswith("share/man/man3/")}
    assert {"share/man/man3/capsicum_easy.3", "share/man/man3/ce_limit.3", "share/man/man3/ce_enter.3"} <= pages
    assert files - pages == {
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
        "lib/pkgconfig/libcapsicum_easy.pc",
        "share/fish/vendor_completions.d/capeasy.fish",
        "share/zsh/site-functions/_capeasy",
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


def test_library_exports_every_declared_function(installed):
    """All of them, with the documented symbol version, and nothing else."""
    listed = run("nm", "-D", "--defined-only", installed.prefix / "lib/libcapsicum_easy.so").splitlines()
    exported = {line.split()[-1] for line in listed} - {"CAPSICUM_EASY_0"}
    declarations = (installed.prefix / "include/capsicum_easy.h").read_text().split("#endif /* CAPSICUM_EASY_H */")[0]
    declared = set(re.findall(r"^CE_API [^;{]*?\b(\w+)\(", declarations, re.M)) | casper_functions()
    assert {"ce_enter", "ce_sandbox", "cap_rights_limit", "pdfork"} <= declared
    assert exported == {f"{name}@@CAPSICUM_EASY_0" for name in declared}
    assert "libcapsicum_easy.so.0" in run("objdump", "-p", installed.prefix / "lib/libcapsicum_easy.so")


def test_declarations_with_the_library(installed, tmp_path):
    """What pkg-config says of libcapsicum_easy is enough, and the program holds no code of the library."""
    flags = run("pkg-config", "--cflags", "--libs", "libcapsicum_easy", env=installed.environment).split()
    assert "-DCAPSICUM_EASY_DECLARATIONS" in flags and "-lcapsicum_easy" in flags
    run(
        "cc",
        "-Wall",
        "-Wextra",
        "-Werror",
        HERE / "user/project.c",
        *flags,
        f"-Wl,-rpath,{installed.prefix}/lib",
        "-o",
        tmp_path / "user",
    )
    run(tmp_path / "user")
    assert " U ce_enter@CAPSICUM_EASY_0" in run("nm", tmp_path / "user")


@pytest.mark.parametrize("language", ["c", "c++"])
def test_declarations_with_one_implementation(installed, tmp_path, language):
    """Two units share the code of a third; one of them includes the header for the declarations first."""
    compiler = ["c++" if language == "c++" else "cc", "-x", language, "-Wall", "-Wextra", "-Werror", *installed.flags]
    (tmp_path / "one.c").write_text(
        "#include <capsicum_easy.h>\nint main() { return ce_limit(0, CE_SET(CAP_READ)) != 0; }\n"
    )
    (tmp_path / "other.c").write_text("#include <capsicum_easy.h>\nint other() { return ce_enter(); }\n")
    (tmp_path / "code.c").write_text(
        "#define CAPSICUM_EASY_DECLARATIONS\n#include <capsicum_easy.h>\n"
        "#define CAPSICUM_EASY_IMPLEMENTATION\n#include <capsicum_easy.h>\n"
    )
    for name in ("one", "other"):
        run(*compiler, "-DCAPSICUM_EASY_DECLARATIONS", "-c", tmp_path / f"{name}.c", "-o", tmp_path / f"{name}.o")
        defined = run("nm", "--defined-only", tmp_path / f"{name}.o")
        assert "ce_enter" not in defined and "ce_limit" not in defined
    run(*compiler, "-c", tmp_path / "code.c", "-o", tmp_path / "code.o")
    run(compiler[0], *(tmp_path / f"{name}.o" for name in ("one", "other", "code")), "-o", tmp_path / "program")
    run(tmp_path / "program")


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
    assert subprocess.run(command, check=False).returncode == 194  # ECAPMODE


def test_library_by_autoconf(installed, tmp_path):
    shutil.copy(HERE / "autoconf/configure.ac", tmp_path)
    run("autoreconf", cwd=tmp_path)
    found = {
        "CPPFLAGS": " ".join(installed.flags),
        "LDFLAGS": f"-L{installed.prefix}/lib -Wl,-rpath,{installed.prefix}/lib",
    }
    output = run("./configure", *(f"{name}={value}" for name, value in found.items()), cwd=tmp_path)
    assert "checking for library containing cap_enter... -lcapsicum_easy" in output
    for what in ("sys/capsicum.h", "cap_rights_limit", "cap_sandboxed"):
        assert f"checking for {what}... yes" in output
    assert "checking for library containing cap_enter... no" in run("./configure", cwd=tmp_path)


def test_library_by_cmake(installed, tmp_path):
    environment = {**installed.environment, "LD_LIBRARY_PATH": str(installed.prefix / "lib")}
    run("cmake", "-S", HERE / "cmake", "-B", tmp_path, env=environment)
    run("cmake", "--build", tmp_path, env=environment)
    run(tmp_path / "user", env=environment)


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
    run("cc", "-I", release, HERE / "user/project.c", "-o", tmp_path / "user")
    run(tmp_path / "user")
