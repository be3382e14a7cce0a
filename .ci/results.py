# SPDX-License-Identifier: BSD-2-Clause
"""Sums up the last runs of the tests in build directories: fails if one failed, or was skipped in each of the runs."""

import json
import pathlib
import re
import sys

# What the runners inside a test say of it: pytest, Criterion.
PASSED = re.compile(r"^(\d+) passed|Passing: (\d+)", re.MULTILINE)
SKIPPED = re.compile(r"^SKIPPED .*|^.*\[SKIP\].*", re.MULTILINE)
# Meson does without what it does not find, tests included.
NOT_FOUND = re.compile(r"^.* found: NO.*", re.MULTILINE)


def main(directories: list[str]) -> int:
    passed = 0
    bad: list[str] = []
    skipped: dict[str, set[str]] = {}
    for directory in directories:
        logs = pathlib.Path(directory, "meson-logs")
        bad += NOT_FOUND.findall((logs / "meson-log.txt").read_text(encoding="utf-8"))
        for line in (logs / "testlog.json").read_text(encoding="utf-8").splitlines():
            test = json.loads(line)
            name = test["name"]
            output = test.get("stdout", "") + test.get("stderr", "")
            passed += sum(int(a or b) for a, b in PASSED.findall(output)) or 1
            if test["result"] != "OK":
                bad.append(f"{name}: {test['result']}")
            skips = set(SKIPPED.findall(output))
            skipped[name] = skipped.get(name, skips) & skips
    bad += [f"{name}: {skip}" for name, skips in skipped.items() for skip in skips]
    print("\n".join(bad), file=sys.stderr)
    print(f"{passed} passed, {len(bad)} failed")
    return 1 if bad or passed == 0 else 0


sys.exit(main(sys.argv[1:]))
