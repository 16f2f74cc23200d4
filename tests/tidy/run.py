#!/usr/bin/env python3
"""Runs checks over the tree: run.py ROOT [CHECK...]; without names, all of them.

A check is a module of checks/ with one function, problems(root), that yields Problem. Exit codes: 0 clean, 1 problems
found, 77 every check named was skipped because its tool is missing (with CI=true that is 1).
"""

import importlib
import os
import pathlib
import sys

from checks import Unavailable

FOLDER = pathlib.Path(__file__).parent


def run(name, root):
    """Prints the problems of one check; returns "clean", "failed" or "skipped"."""
    try:
        found = list(importlib.import_module(f"checks.{name}").problems(root))
    except Unavailable as reason:
        print(f"{name}: skipped: {reason}")
        return "failed" if os.environ.get("CI") == "true" else "skipped"
    for problem in found:
        print(f"{problem.path}:{problem.line}: {problem.text}")
    print(f"{name}: {len(found)} problems" if found else f"{name}: clean")
    return "failed" if found else "clean"


def main(arguments):
    root = pathlib.Path(arguments[0]).resolve()
    every = sorted(path.stem for path in (FOLDER / "checks").glob("[a-z]*.py"))
    results = [run(name, root) for name in arguments[1:] or every]
    if "failed" in results:
        return 1
    return 0 if "clean" in results else 77


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
