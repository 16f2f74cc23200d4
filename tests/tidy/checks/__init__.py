"""What the checks share: the tree's files, C++ without comments and texts, and the shape of a finding."""

import os
import re
from dataclasses import dataclass

SOURCE_FOLDERS = ("src", "include", "tests", "bench", "examples")
NOT_OURS = {"build", ".git", ".cache", "__pycache__", ".vscode", ".idea"}


@dataclass
class Problem:
    path: str  # relative to the root
    line: int
    text: str  # what is wrong and what to do


class Unavailable(Exception):
    """A tool that a check needs is missing."""


def files(root, folders=(".",), suffixes=None):
    """Yields (path relative to the root, full path) of the tree's files, sorted."""
    found = []
    for folder in folders:
        for here, names, entries in os.walk(root / folder):
            names[:] = [name for name in names if name not in NOT_OURS]
            for entry in entries:
                full = os.path.join(here, entry)
                if suffixes is None or entry.endswith(suffixes):
                    found.append((os.path.relpath(full, root), full))
    yield from sorted(found)


def sources(root, folders=SOURCE_FOLDERS):
    yield from files(root, folders, (".h", ".cpp"))


def text_of(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


# Raw strings first: they may hold quotes and slashes. A ' after a digit or letter separates digits of a number.
TOKENS = re.compile(
    r'R"(?P<mark>[^\s()\\]*)\(.*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'"
    r"|//[^\n]*"
    r"|/\*.*?\*/",
    re.DOTALL,
)


def code_of(text):
    """The text with comments, strings and characters emptied; lines keep their numbers."""

    def blank(match):
        whole = match.group(0)
        kept = "\n" * whole.count("\n")
        return kept if whole.startswith("/") else '""' + kept

    return TOKENS.sub(blank, text)
