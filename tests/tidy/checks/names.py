"""Names say what a thing is, and files tell nothing of the machine they were written on, nor what is left to do."""

import os
import re

from checks import Problem, code_of, files, sources, text_of

VAGUE_FILES = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"}
VAGUE_WORDS = re.compile(
    r"\b\w*(?:Helper|Util|Manager|Misc)(?:s|[A-Z_]\w*)?\b|\b(?:\w+_)?(?:helper|util|manager|misc)s?(?:_\w*)?\b"
)
# In pieces, so that this file does not match itself.
UNFINISHED = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME"]) + r")\b")
MACHINE = re.compile("(?<![A-Za-z0-9_.])/(?:" + "|".join(["home", "root", "work", "Users"]) + r")/\w|\.\./" + "shared/")
TEXT_FILES = tuple(".h .cpp .cmake .txt .md .py .sh .yml .yaml .json .xml .in .properties".split())
TEXT_NAMES = {"dev", "run", "LAYERS", "LICENSE", ".clang-tidy", ".clang-format", ".gitignore"}
# Data of others, kept as it is.
FOREIGN = ("tests/oracle/", "tests/conformance/")


def name_problems(path):
    words = re.split(r"[_.\-]", os.path.basename(path).lower())
    vague = VAGUE_FILES.intersection(words)
    if vague:
        yield Problem(path, 1, f'"{vague.pop()}" says nothing; name the file after the type or idea in it')


def text_problems(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        if UNFINISHED.search(line):
            yield Problem(path, number, "an unfinished thing; do it, or file an issue and remove the note")
        if MACHINE.search(line):
            yield Problem(path, number, "a path of one machine; make it relative, or take it from the environment")


def problems(root):
    for path, full in files(root):
        if path.startswith(FOREIGN):
            continue
        yield from name_problems(path)
        if path.endswith(TEXT_FILES) or os.path.basename(path) in TEXT_NAMES:
            yield from text_problems(path, text_of(full))
    for path, full in sources(root):
        for number, line in enumerate(code_of(text_of(full)).splitlines(), 1):
            found = None if line.lstrip().startswith("#") else VAGUE_WORDS.search(line)
            if found:
                yield Problem(path, number, f"{found.group(0)} is a vague name; name what it does or holds")
