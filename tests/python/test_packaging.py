# SPDX-License-Identifier: BSD-2-Clause
"""The package as users get it: built from a clean clone and from the sdist, installed into a fresh environment.

It needs pip, a network with PyPI, and minutes, so it runs only where it is asked for: PYCAPSICUM_PYTHONS names the
interpreters, separated by colons.
"""

import os
import pathlib
import subprocess
import tarfile
import zipfile

import pytest

ROOT = pathlib.Path(__file__).parents[2]
PYTHONS = os.environ["PYCAPSICUM_PYTHONS"].split(":")
VERSION = (ROOT / "VERSION").read_text().strip()
USE = """
import importlib.metadata, pathlib, pycapsicum
assert importlib.metadata.version("pycapsicum") == pycapsicum.__version__ == {version!r}
files = {{file.name for file in pathlib.Path(pycapsicum.__file__).parent.iterdir()}}
assert {{"__init__.py", "py.typed", "_capsicum.pyi"}} <= files, files
pycapsicum.prepare()
pycapsicum.enter()
assert pycapsicum.sandboxed()
"""


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    path = tmp_path_factory.mktemp("clone") / "capsicum_easy"
    run("git", "clone", "-q", ROOT, path)
    return path


@pytest.fixture(params=PYTHONS)
def environment(request, tmp_path):
    """The python of a fresh virtual environment."""
    run(request.param, "-m", "venv", tmp_path / "venv")
    return tmp_path / "venv" / "bin" / "python"


def check_installed(environment, tmp_path):
    run(environment, "-c", USE.format(version=VERSION), cwd=tmp_path)
    demo = run(environment, ROOT / "examples" / "quick_demo.py", tmp_path)
    assert "['CAP_READ']" in demo


def test_from_a_clone(clone, environment, tmp_path):
    run(environment, "-m", "pip", "install", "-q", clone)
    check_installed(environment, tmp_path)


def test_from_the_sdist(clone, environment, tmp_path):
    run(environment, "-m", "pip", "install", "-q", "build")
    run(environment, "-m", "build", "-q", "--sdist", "-o", tmp_path, clone)
    (sdist,) = tmp_path.glob("*.tar.gz")
    names = tarfile.open(sdist).getnames()
    assert f"pycapsicum-{VERSION}/gen/__main__.py" in names
    run(environment, "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path, sdist)
    (wheel,) = tmp_path.glob("*.whl")
    files = {name.split(".")[0] + pathlib.PurePath(name).suffix for name in zipfile.ZipFile(wheel).namelist()}
    package = {name for name in files if name.startswith("pycapsicum/")}
    sources = {
        path.name for path in (ROOT / "bindings/python/pycapsicum").iterdir() if path.suffix in (".py", ".typed")
    }
    assert package == {
        f"pycapsicum/{name}"
        for name in {*sources, *(f"{module}.{kind}" for module in ("_capsicum", "_casper") for kind in ("so", "pyi"))}
    }
    run(environment, "-m", "pip", "install", "-q", wheel, "auditwheel")
    check_installed(environment, tmp_path)
    assert "manylinux_2_" in run(environment, "-m", "auditwheel", "show", wheel)  # it needs libc alone
