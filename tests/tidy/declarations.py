#!/usr/bin/env python3
"""Compares what the declarations give with the files made of them: declarations.py ROOT PROGRAM [--update].

In docs/components.md a table stands between `<!-- keys: ROLE TYPE -->` and `<!-- end -->`: what `docs "ROLE TYPE"
--table` prints; every type with keys has one. docs/batchout.1 is `docs --man`, docs/batchout.schema.json is `schema`.
Types with the same keys may share one.
--update writes all of them anew. The schema must take every configuration of the tree that `check` finds good, and bash must
complete by the script for it.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import jsonschema
    import yaml
except ImportError:
    # Another Python stands before Debian's, which has the packages.
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", "-B", *sys.argv])

PAGE = "docs/components.md"
TABLE = re.compile(r"(<!-- keys: (.+?) -->\n\n)(.*?)(\n<!-- end -->)", re.DOTALL)
COMPLETED = {
    ("che",): {"check"},
    ("run", "--until"): {"--until-idle"},
    ("get", "jsonp"): {"jsonpath", "jsonpath_rw"},
    ("run", "--log-format", "j"): {"json"},
    ("positions", "se"): {"set"},
    ("dlq", "l"): {"list"},
}


class Program:
    def __init__(self, path):
        self.path = str(path)

    def output(self, *arguments):
        return subprocess.run([self.path, *arguments], capture_output=True, text=True, check=True).stdout

    def finds_good(self, folder, name):
        environment = os.environ | {"PGHOST": "", "BATCHOUT_VALUE": "x"}
        done = subprocess.run(
            [self.path, "check", name], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode == 0


def page_with_tables(page, program):
    return TABLE.sub(lambda found: found[1] + program.output("docs", found[2], "--table") + found[4], page)


def types_with_keys(program):
    """Yields "ROLE TYPE" of the list that `docs` prints."""
    role = ""
    for line in program.output("docs").splitlines():
        if line and not line.startswith((" ", "`")):
            role = line.rstrip(":")
        elif line.startswith("  "):
            name = f"{role} {line.split()[0].rstrip(',')}"
            if program.output("docs", name, "--table").count("\n") > 2:
                yield name


def made_files(root, program):
    """Yields (file, text that it should have)."""
    page = root / PAGE
    yield page, page_with_tables(page.read_text(encoding="utf-8"), program)
    yield root / "docs/batchout.1", program.output("docs", "--man")
    yield root / "docs/batchout.schema.json", program.output("schema")


def stale_files(root, program, update):
    for file, text in made_files(root, program):
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        if update:
            file.write_text(text, encoding="utf-8")
        else:
            yield f"{file.relative_to(root)} is not what the declarations say; run: ./dev docs"


def missing_tables(root, program):
    page = (root / PAGE).read_text(encoding="utf-8")
    for name in types_with_keys(program):
        if program.output("docs", name, "--table") not in page:
            yield f"{PAGE} has no table of the keys of {name}: <!-- keys: {name} -->"


def refused_by_schema(root, program):
    """Complaints of the schema about good configurations, and how many it took."""
    schema = yaml.safe_load(program.output("schema"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    complaints, taken = [], 0
    for file in sorted([*root.glob("tests/golden/**/batch.yml"), *root.glob("examples/*/*.yml")]):
        try:
            config = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError, ValueError):
            continue
        error = jsonschema.exceptions.best_match(validator.iter_errors(config))
        if error is None:
            taken += 1
        elif program.finds_good(file.parent, file.name):
            where = "/".join(str(key) for key in error.absolute_path)
            complaints.append(f"{file.relative_to(root)}: the schema refuses {where}: {error.message[:200]}")
    return complaints, taken


def completed_by_bash(script, words):
    asked = f"""
source {script}
COMP_WORDS=(batchout {" ".join(words)})
COMP_CWORD={len(words)}
_batchout
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    return set(subprocess.run(["bash", "-c", asked], cwd=script.parent, capture_output=True, text=True, check=True).stdout.split())


def completed_by_fish(script, words):
    """Each candidate is a line: the word, a tab, what it is about."""
    asked = f"source {script}; complete -C 'batchout {' '.join(words)}'"
    shown = subprocess.run(["fish", "--no-config", "-c", asked], cwd=script.parent, capture_output=True, text=True, check=True).stdout
    return {line.split("\t")[0] for line in shown.splitlines()}


def completed_by_zsh(script, words):
    """What an interactive shell, on a terminal of its own, lists or puts behind the word."""
    asked = f"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=; fpath=({script.parent} \\$fpath); autoload -Uz compinit; compinit -u -D; bindkey '^I' list-choices"
zpty -w shell 'print -r -- rea""dy'
zpty -r shell before '*ready*'
zpty -w -n shell "batchout {' '.join(words)}"$'\t'$'\n''print -r -- do""ne'$'\n'
zpty -r shell after '*done*'
print -r -- $after
"""
    shown = subprocess.run(["zsh", "-f", "-c", asked], cwd=script.parent, capture_output=True, text=True, check=True, timeout=60).stdout
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    return set(re.findall(rf"(?<![\w-]){words[-1]}[\w-]+", shown))


SHELLS = {
    "bash": ("batchout.bash", completed_by_bash),
    "fish": ("batchout.fish", completed_by_fish),
    "zsh": ("_batchout", completed_by_zsh),
}


def wrong_completions(program):
    with tempfile.TemporaryDirectory() as folder:
        for shell, (file, completed) in SHELLS.items():
            if shutil.which(shell) is None:
                print(f"skipped: there is no {shell}")
                continue
            script = pathlib.Path(folder, file)
            script.write_text(program.output("completion", shell), encoding="utf-8")
            for words, expected in COMPLETED.items():
                if (found := completed(script, words)) != expected:
                    yield f"{shell} completes {' '.join(words)} to {sorted(found)}, not to {sorted(expected)}"


def main(arguments):
    root, program = pathlib.Path(arguments[0]).resolve(), Program(pathlib.Path(arguments[1]).resolve())
    refused, taken = refused_by_schema(root, program)
    found = [
        *stale_files(root, program, "--update" in arguments),
        *missing_tables(root, program),
        *refused,
        *wrong_completions(program),
    ]
    for complaint in found:
        print(complaint)
    print(f"{taken} configurations fit the schema, {len(found)} problems")
    return 1 if found or taken == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
