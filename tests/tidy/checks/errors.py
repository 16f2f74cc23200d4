"""One error policy per layer: the inner layers return Result and throw nothing."""

import re

from checks import Problem, code_of, sources, text_of

THROW = re.compile(r"\bthrow\b")
FOLDERS = ("src/data", "src/plan", "src/engine", "src/pipeline", "src/registry")


def problems(root):
    for path, full in sources(root, FOLDERS):
        for number, line in enumerate(code_of(text_of(full)).splitlines(), 1):
            if THROW.search(line):
                yield Problem(path, number, "throws; return an Error, exceptions do not cross a folder")
