"""The README shows the two commands that matter, and no other."""

import re

from checks import Problem, text_of

COMMAND = re.compile(r"\./dev\b[ \t]*([a-z]*)")
WANTED = {"demo", "test"}


def problems(root):
    if not (root / "README.md").exists():
        yield Problem("README.md", 1, "the file is missing")
        return
    shown = set()
    for number, line in enumerate(text_of(root / "README.md").splitlines(), 1):
        for command in COMMAND.findall(line):
            shown.add(command)
            if command not in WANTED:
                yield Problem("README.md", number, f'"./dev {command}" belongs into CONTRIBUTING.md')
    for command in sorted(WANTED - shown):
        yield Problem("README.md", 1, f"./dev {command} is not shown; add it")
