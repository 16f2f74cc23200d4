"""Every error code of the sources has a page docs/errors/CODE.md, every page a use, and the index lists them all."""

import os
import re

from checks import Problem, files, sources, text_of

FOLDER = "docs/errors"
# A digit other than 0 in front: BO001 is a SQLSTATE.
CODE = re.compile(r"\bBO[1-9]\d\d\b")


def used_codes(root):
    """Code -> (path, line) of its first use."""
    uses = {}
    for path, full in sources(root, ("src",)):
        for number, line in enumerate(text_of(full).splitlines(), 1):
            for code in CODE.findall(line):
                uses.setdefault(code, (path, number))
    return uses


def problems(root):
    uses = used_codes(root)
    pages = {}
    for path, full in files(root, (FOLDER,), (".md",)):
        code = os.path.basename(path).removesuffix(".md")
        if CODE.fullmatch(code):
            pages[code] = path
            if not text_of(full).startswith(f"# {code}: "):
                yield Problem(path, 1, f'begins with "# {code}: " and what it means')
    index = f"{FOLDER}/README.md"
    listed = set(CODE.findall(text_of(root / index))) if (root / index).exists() else set()
    for code in sorted(uses.keys() - pages.keys()):
        yield Problem(*uses[code], f"{code} has no page; write {FOLDER}/{code}.md")
    for code in sorted(pages.keys() - uses.keys()):
        yield Problem(pages[code], 1, f"no source uses {code}; remove the page")
    for code in sorted(pages.keys() ^ listed):
        yield Problem(index, 1, f"{code} is listed here or has a page, but not both")
