# SPDX-License-Identifier: BSD-2-Clause
"""Write gperf's input: the names that capsicum_easy.h knows. names_gperf.py GEN-DIRECTORY HEADER OUTPUT"""

import sys
from pathlib import Path


def main() -> None:
    directory, header, output = sys.argv[1:]
    sys.path.insert(0, directory)
    import rights

    ours = rights.read_rights(Path(header))
    lines = [
        "%language=ANSI-C",
        "%readonly-tables",
        "%struct-type",
        "%compare-strncmp",
        "%define initializer-suffix ,0",
        "%define lookup-function-name gperf_lookup",
        "struct gperf_right { const char *name; uint64_t right; };",
        "%%",
        *(f"{right.name}, UINT64_C({right.value:#x})" for right in rights.with_other_releases(ours, ours)),
    ]
    Path(output).write_text("\n".join(lines) + "\n", encoding="utf-8")


main()
