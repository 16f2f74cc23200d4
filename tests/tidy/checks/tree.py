"""The tree in ARCHITECTURE.md (a block ```tree of lines "path/   what it is") names the folders that exist.

Every listed folder exists and has its words; if one folder inside another is listed, all beside it are. Hidden
folders do not count.
"""

import os

from checks import NOT_OURS, Problem, text_of

DOCUMENT = "ARCHITECTURE.md"


def listed_folders(text):
    """Yields (line number, path without the last slash, words)."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            inside = line.strip() == "```tree"
        elif inside and line.strip():
            path, _, words = line.strip().partition(" ")
            if path.endswith("/"):
                yield number, path.rstrip("/"), words.strip()


def folders_in(root, parent):
    with os.scandir(root / parent) as entries:
        names = sorted(entry.name for entry in entries if entry.is_dir())
    return [name for name in names if name[0] != "." and name not in NOT_OURS]


def problems(root):
    if not (root / DOCUMENT).exists():
        yield Problem(DOCUMENT, 1, "the file is missing; it holds the tree's table")
        return
    listed = {}
    for line, path, words in listed_folders(text_of(root / DOCUMENT)):
        listed[path] = line
        if not words:
            yield Problem(DOCUMENT, line, f"{path}/ has no words; say in one line what it is")
        if not (root / path).is_dir():
            yield Problem(DOCUMENT, line, f"{path}/ does not exist; remove the line")
    if not listed:
        yield Problem(DOCUMENT, 1, "there is no block that opens with ```tree")
        return
    # A folder is accounted for by its own line or by one below it.
    known = {path[:end] for path in listed for end in range(1, len(path) + 1) if path[end : end + 1] in ("/", "")}
    for parent in sorted({os.path.dirname(path) for path in known}):
        if not (root / parent).is_dir():
            continue
        for name in folders_in(root, parent):
            path = os.path.join(parent, name)
            if path not in known:
                yield Problem(DOCUMENT, listed.get(parent, 1), f"{path}/ is not in the tree; add a line for it")
