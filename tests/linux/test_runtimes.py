# SPDX-License-Identifier: BSD-2-Clause
"""fstat works, and metadata of paths is refused, whatever C library a program has and however it is linked."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
HEADER = Path(os.environ["HEADER"])


@pytest.mark.parametrize("linked", [[], ["-static"]], ids=["dynamic", "static"])
@pytest.mark.parametrize("compiler", ["gcc", "musl-gcc"])
def test_fstat_and_no_paths(compiler: str, linked: list[str], tmp_path: Path) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler}")
    program = tmp_path / "fstat"
    built = [compiler, "-w", *linked, f"-I{HEADER.parent}", "-o", program, HERE / "fstat.c"]
    subprocess.run(built, check=True)
    status = subprocess.run([program], check=False).returncode
    if status == 77:
        pytest.skip("this kernel cannot keep metadata of paths: it has no mseal(2), which came with Linux 6.10")
    assert status == 0, f"fstat.c:{status}"
