# SPDX-License-Identifier: BSD-2-Clause
"""What the README shows is what happens: its programs and commands are taken from it and run.

Three commands are left to .ci/run, which takes them from the README too: those that set up a machine, and pip.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Werror".split()


def blocks(language: str) -> list[str]:
    """Return the README's blocks of a language."""
    return [text for kind, text in BLOCKS if kind == language]


def after(program: str) -> str:
    """Return the block that follows a program: what it prints."""
    kind, text = BLOCKS[[text for _, text in BLOCKS].index(program) + 1]
    assert kind == "text"
    return text


def run(*command: object, **options: object) -> str:
    """Run a command that must succeed; return its output."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}{done.stderr}"
    return done.stdout


def setups(installer: str) -> list[tuple[list[str], str]]:
    """Return the commands that begin by installing packages: the packages, and what follows."""
    pattern = re.compile(rf"{installer} install -y ([^&]+) && (.*)\n")
    matches = [pattern.fullmatch(text) for text in blocks("sh")]
    return [(match[1].split(), match[2]) for match in matches if match]


def is_left_to_ci(script: str) -> bool:
    """Whether a command needs a machine of its own or a network."""
    return script.startswith(("apt-get ", "pkg "))


@pytest.fixture
def copy(tmp_path):
    """A clean copy of the project, with the C program saved in it."""
    ignored = shutil.ignore_patterns(".git", "build*", "__pycache__", ".*cache")
    path = shutil.copytree(ROOT, tmp_path / "capsicum_easy", ignore=ignored)
    (path / "hello.c").write_text(blocks("c")[0])
    return path


@pytest.mark.parametrize("standard", ["c99", "c17"])
@pytest.mark.parametrize("program", blocks("c"))
def test_c(program, standard, tmp_path):
    (tmp_path / "hello.c").write_text(program)
    run("cc", f"-std={standard}", *WARNINGS, "-I", os.environ["HEADER_DIR"], "hello.c", "-o", "hello", cwd=tmp_path)
    assert run(tmp_path / "hello") == after(program)


@pytest.mark.parametrize("program", blocks("python"))
def test_python(program):
    assert run(sys.executable, "-c", program) == after(program)


def test_commands(copy):
    """Each block of commands, in one copy and in order: nothing of theirs may be in another's way."""
    scripts = [script for script in blocks("sh") if not is_left_to_ci(script)]
    assert len(scripts) == 2
    for script in scripts:
        run("bash", "-euo", "pipefail", "-c", script, cwd=copy, env={**os.environ, "HOME": str(copy.parent)})
    assert run(copy / "hello") == after(blocks("c")[0])
    run(copy / "freebsd_program", copy / "hello.c")


def test_set_up_commands():
    """.ci/run runs them; here, what they install is what the tests were given."""
    if shutil.which("dpkg-query") is None:
        pytest.skip("not a Debian system")
    debian = setups("apt-get update && apt-get")
    assert len(debian) == 2
    for package in {package for packages, _ in debian for package in packages}:
        assert run("dpkg-query", "-W", "-f", "${db:Status-Abbrev}", package).startswith("ii"), package


def test_set_up_on_freebsd_differs_only_in_packages():
    assert [rest for _, rest in setups("pkg")] == [rest for _, rest in setups("apt-get update && apt-get")]


def test_workflow_installs_the_same_on_freebsd():
    """On Linux it calls .ci/steps/packages, which takes the packages from the README."""
    workflow = (ROOT / ".github/workflows/ci.yml").read_text()
    (freebsd,) = re.findall(r"^ *pkg install -y ([^\"\n]*)$", workflow, re.MULTILINE)
    on_freebsd = setups("pkg")[1][0]
    named_by_version = {name for name in on_freebsd if re.match(r"py\d+-", name)}
    assert set(freebsd.split()) == {*on_freebsd, "git"} - named_by_version


def test_meson(copy, tmp_path):
    (line,) = blocks("meson")
    project = tmp_path / "project"
    (project / "subprojects").mkdir(parents=True)
    (project / "subprojects/capsicum_easy").symlink_to(copy)
    (project / "hello.c").write_text(blocks("c")[0])
    (project / "meson.build").write_text(f"project('hello', 'c')\n{line}")
    run("meson", "setup", "--wrap-mode=forcefallback", "build", cwd=project)
    run("meson", "compile", "-C", "build", cwd=project)
    assert run(project / "build/hello") == after(blocks("c")[0])


def anchors(page: str) -> set[str]:
    """Return the names that a page's headings can be linked by."""
    titles = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_links():
    for target in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", README):
        page = ROOT / target[0] if target[0] else ROOT / "README.md"
        assert page.exists(), target
        assert not target[1] or target[1] in anchors(page.read_text()), target
