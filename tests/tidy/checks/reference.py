"""The reference page names every component type, alias and key that the sources declare."""

import re

from checks import Problem, sources, text_of

PAGE = "docs/components.md"
FOLDERS = ("src/components", "src/plan", "src/data")
NAMED = re.compile(r'\.\s*named\(\s*"[a-z]+",\s*"([a-z0-9_]+)"')
ALIAS = re.compile(r'\.\s*alias\(\s*"([a-z0-9_]+)"\)')
FIELD = re.compile(r'\.\s*field\(\s*"([a-z0-9_]+)"')


def problems(root):
    page = text_of(root / PAGE) if (root / PAGE).exists() else ""
    headings = set(re.findall(r"[a-z0-9_]+", " ".join(re.findall(r"^### (.*)$", page, re.MULTILINE))))
    keys = set(re.findall(r"^\| `([a-z0-9_]+)` \|", page, re.MULTILINE))
    for path, full in sources(root, FOLDERS):
        text = text_of(full)
        for pattern, known, what in ((NAMED, headings, "type"), (ALIAS, headings, "type"), (FIELD, keys, "key")):
            for match in pattern.finditer(text):
                if match.group(1) not in known:
                    line = text.count("\n", 0, match.start()) + 1
                    yield Problem(path, line, f'the {what} "{match.group(1)}" is not in {PAGE}')
