# SPDX-License-Identifier: BSD-2-Clause
"""Writes the manual pages of section 3, from the comments of the header: python3 gen/manual.py DIRECTORY

A page for each part of the header, named for the first function in it, and for each other function one line that refers
to that page; capsicum_easy(3) lists the pages.
"""

from __future__ import annotations

import argparse
import re
import shutil
from pathlib import Path

from comments import Entry, Part, read_parts

ROOT = Path(__file__).resolve().parent.parent
RETURN_VALUES = """\
.Sh RETURN VALUES
Where nothing else is said, a function that returns
.Vt int
returns 0, or \\-1 with
.Va errno
set."""
# Parts whose names belong to no function: errno values and options, which are in capsicum_easy(3).
GENERAL = ("base", "options")
ABOUT = """\
Capsicum, on FreeBSD by its kernel and on Linux by seccomp and Landlock. What a program may define before it includes \
the file, CAPSICUM_EASY_DECLARATIONS and CAPSICUM_EASY_IMPLEMENTATION, is at its head. The pages:"""


def date() -> str:
    """Return the date that manual pages bear, which tools/capeasy.1 has."""
    return re.findall(r"^\.Dd (.*)$", (ROOT / "tools/capeasy.1").read_text(encoding="utf-8"), re.MULTILINE)[0]


def escaped(text: str) -> str:
    """Return text without what mdoc(7) would take for its own."""
    return re.sub(r"^([.'])", r"\\&\1", text.replace("\\", "\\e").replace("-", "\\-"), flags=re.MULTILINE)


def quoted(word: str) -> str:
    """Return one argument of a macro."""
    return '"' + escaped(word).replace('"', "\\(dq") + '"'


def sentences(text: str) -> str:
    """Return a paragraph with each sentence on a line of its own, as mdoc(7) wants it."""
    return escaped(re.sub(r"(?<=[A-Za-z0-9)\]\"'][.?!]) +(?=[A-Z*])", "\n", " ".join(text.split())))


def body(text: str) -> list[str]:
    """Return paragraphs; those that are indented are shown as they are."""
    lines: list[str] = []
    for paragraph in text.split("\n\n"):
        if paragraph.startswith("    "):
            lines += [".Bd -literal -offset indent", escaped(re.sub(r"^ {4}", "", paragraph, flags=re.M)), ".Ed"]
        elif paragraph.strip():
            lines += [*([".Pp"] if lines else []), sentences(paragraph)]
    return lines


def split_errors(text: str) -> tuple[str, str]:
    """Return a comment without its "errno:" sentences, and these."""
    found = re.search(r"(?:^|\s)errno: (.*?)(?=\n\n|\Z)", text, re.DOTALL)
    return (text, "") if found is None else ((text[: found.start()] + text[found.end() :]).strip(), found[1])


def synopsis(entry: Entry) -> list[str]:
    if entry.kind == "function":
        takes = " ".join(quoted(parameter) for parameter in entry.takes)
        return [f".Ft {quoted(entry.returns)}", f".Fn {entry.name} {takes}"]
    if entry.kind == "macro":
        return [f".Fd {quoted('#define ' + shown(entry))}"]
    return [f".Vt {quoted(f'struct {entry.name}')} ;"]


def shown(entry: Entry) -> str:
    """Return a name as it is used."""
    return f"{entry.name}({', '.join(entry.takes)})" if entry.kind != "structure" and entry.takes else entry.name


def item(entry: Entry) -> list[str]:
    if entry.kind == "function":
        head = f".It Fn {entry.name} " + " ".join(quoted(parameter) for parameter in entry.takes)
    else:
        head = f".It Dv {quoted(shown(entry))}" if entry.kind == "macro" else f".It Vt {quoted('struct ' + entry.name)}"
    text, _ = split_errors(entry.text)
    code = [".Bd -literal", escaped(entry.code), ".Ed"] if entry.code else []
    return [head, *body(text), *code]


def errors(part: Part) -> list[str]:
    """Return the section on errno; no lines if there is nothing to say."""
    rows = [(entry, split_errors(entry.text)[1]) for entry in part.entries]
    lines = [line for entry, text in rows if text for line in (f".It Fn {entry.name}", sentences(text))]
    return [".Sh ERRORS", ".Bl -tag -width Ds", *lines, ".El"] if lines else []


def page_name(part: Part) -> str:
    structures = [entry for entry in part.entries if entry.kind == "structure"]
    return (part.functions() or structures or list(part.entries))[0].name


def head(page: str, names: list[str], title: str) -> list[str]:
    return [
        '.\\" SPDX-License-Identifier: BSD-2-Clause',
        '.\\" Written by gen/manual.py from the comments of the header.',
        f".Dd {date()}",
        f".Dt {page.upper()} 3",
        ".Os",
        ".Sh NAME",
        *(f".Nm {name} ," for name in names[:-1]),
        f".Nm {names[-1]}",
        f".Nd {escaped(title)}",
        ".Sh SYNOPSIS",
        ".In capsicum_easy.h",
    ]


def see_also(pages: list[str]) -> list[str]:
    names = [("capeasy", "1"), *((name, "3") for name in sorted(pages, key=str.lower))]
    return [".Sh SEE ALSO", *(f".Xr {name} {section} ," for name, section in names[:-1]), ".Xr " + " ".join(names[-1])]


def page(part: Part) -> str:
    """Return the page of one part."""
    names = [entry.name for entry in part.functions()] or [page_name(part)]
    lines = [
        *head(page_name(part), names, part.title[0].lower() + part.title[1:].rstrip(".")),
        *(line for entry in part.entries for line in synopsis(entry)),
        ".Sh DESCRIPTION",
        *body(part.text),
        ".Bl -tag -width Ds",
        *(line for entry in part.entries for line in item(entry)),
        ".El",
        *(RETURN_VALUES.splitlines() if part.functions() else []),
        *errors(part),
        *see_also(["capsicum_easy"]),
    ]
    return "\n".join(lines) + "\n"


def overview(parts: list[Part], values: list[Entry]) -> str:
    """Return capsicum_easy(3): the pages of all parts, and the errno values that are Capsicum's own."""
    lines = [
        *head("capsicum_easy", ["capsicum_easy"], "Capsicum made easy, on FreeBSD and on Linux"),
        ".Sh DESCRIPTION",
        *body(ABOUT),
        ".Bl -tag -width Ds",
        *(line for part in parts for line in (f".It Xr {page_name(part)} 3", sentences(part.title))),
        ".El",
        *RETURN_VALUES.splitlines(),
        ".Sh ERRORS",
        ".Bl -tag -width Er",
        *(line for value in values for line in (f".It Bq Er {value.name}", *body(value.text))),
        ".El",
        *see_also([page_name(part) for part in parts]),
    ]
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """Return the text of each page by its file's name."""
    parts = read_parts()
    values = [entry for part in parts if part.name in GENERAL for entry in part.entries if entry.name.startswith("E")]
    parts = [part for part in parts if part.name not in GENERAL]
    made = {"capsicum_easy.3": overview(parts, values)}
    for part in parts:
        made[f"{page_name(part)}.3"] = page(part)
        for entry in part.functions():
            made.setdefault(f"{entry.name}.3", f".so man3/{page_name(part)}.3\n")
    return made


def main() -> None:
    parser = argparse.ArgumentParser(prog="python3 gen/manual.py", description=__doc__)
    parser.add_argument("directory", type=Path, help="made anew: what is in it goes")
    directory = parser.parse_args().directory
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    for name, text in pages().items():
        (directory / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
