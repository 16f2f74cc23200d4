#!/usr/bin/env python3
"""Runs `check` on every configuration that is shown: examples.py ROOT PROGRAM.

These are the blocks ```yaml of README.md and docs/*.md (a fragment says so: ```yaml fragment) and examples/*/*.yml.
Each must be good, without a warning. Variables that an example names are set.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b")


def shown(root):
    """Yields (where, text)."""
    for page in [root / "README.md", *sorted((root / "docs").glob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        for block in BLOCK.finditer(text):
            line = text.count("\n", 0, block.start()) + 2
            yield f"{page.relative_to(root)}:{line}", block.group(1)
    for file in sorted((root / "examples").glob("*/*.yml")):
        yield str(file.relative_to(root)), file.read_text(encoding="utf-8")


def complaint(program, text):
    """What `check` says against a configuration; empty if it is good."""
    environment = os.environ | dict.fromkeys(VARIABLE.findall(text), "x")
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "batch.yml"
        file.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [program, "check", file.name], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
    return done.stderr or ("" if done.returncode == 0 else f"exit code {done.returncode}\n")


def main(arguments):
    root, program = pathlib.Path(arguments[0]).resolve(), pathlib.Path(arguments[1]).resolve()
    count = failed = 0
    for where, text in shown(root):
        count += 1
        if said := complaint(str(program), text):
            failed += 1
            print(f"{where}:\n{said}", end="")
    print(f"{count} configurations, {failed} refused")
    return 1 if failed or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
