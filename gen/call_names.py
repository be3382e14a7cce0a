# SPDX-License-Identifier: BSD-2-Clause
"""Prints the system calls of the policy by name, for a C compiler: python3 gen/call_names.py"""

from __future__ import annotations

import policy


def rows(architecture: str) -> list[str]:
    """Return the rows for one architecture, by number."""
    calls = ((call.numbers[architecture], call.name) for call in policy.read().calls)
    return [f'\t{{ {number}, "{name}" }},' for number, name in sorted(call for call in calls if call[0] is not None)]


if __name__ == "__main__":
    print("static const struct {\n\tunsigned number;\n\tconst char *name;\n} call_names[] = {")
    for index, (architecture, macro) in enumerate(policy.ARCHITECTURES):
        print(
            f"#{'el' if index else ''}if defined({'__x86_64__' if 'X86' in macro else '__aarch64__'})",
            *rows(architecture),
            sep="\n",
        )
    print("#endif\n};")
