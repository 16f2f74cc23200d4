#!/usr/bin/env python3
"""Mutates good configurations in every place where a rule fits, and runs each one: run.py PROGRAM [--show].

Every mutation must be refused in under a second with exit code 3, at a place of the file (FILE:LINE:COLUMN), with a word
on what to do; no connection may be opened to the systems that it names, and no file written. --show prints what is said.
"""

import collections
import concurrent.futures
import pathlib
import re
import select
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PLACE = re.compile(r"^batch\.yml:[0-9]+:[0-9]+: (.*) \[BO[0-9]{3}\]$")
HINT = re.compile(r"; | \[BO206\]$")  # The rules between settings, BO206, say themselves what to write.
COMPONENT_KEYS = re.compile(r"^(\s+(?:- )?)([a-z_]+):(\s|$)")
DEFAULTS = ("host", "port", "dbname", "user")  # Defaults may be for some components of a section only.
CHOICES = "upsert|overwrite|earliest|latest|take_first|take_last|reject_row|custom|get|timestamp|string"


def changed(line, pattern, replacement):
    """The line with its first match replaced, or none if there is none or nothing would change."""
    new = re.sub(pattern, replacement, line, count=1)
    return new if new != line else None


def swapped(word):
    """Two letters of a word have changed places."""
    return word[0] + word[2] + word[1] + word[3:] if len(word) > 3 and word[1] != word[2] else None


# Rules: of a line they make a bad one, or nothing. `strict`: only of the dialect that takes nothing unknown.
def misspelt_type(line):
    found = re.search(r"\btype: ([a-z_]+)", line)
    word = swapped(found[1]) if found else None
    return line.replace(found[0], f"type: {word}") if word else None


def misspelt_choice(line):
    return changed(line, rf": ({CHOICES})$", lambda found: f": {found[1][:-1]}")


def text_for_a_number(line):
    return changed(line, r": ([0-9]+|@PORT@)$", ": many")


def number_out_of_range(line):
    return changed(line, r"\b(port|threads|retries|length): .*$", r"\1: -7")


def list_for_a_text(line):
    return changed(line, r"\b(path|host|dbname|table|user|topic|url|format|query): [^>\[].*$", r"\1: {a: b}")


def mapping_for_a_list(line):
    return changed(line, r"\b(keys|columns|inputs|outputs|bootstrap_servers): \[.*\]$", r"\1: {a: b}")


def open_bracket(line):
    return changed(line, r"\]$", "")


def open_quote(line):
    return changed(line, r": ([a-z][a-z_.]*)$", r': "\1')


def tab_indent(line):
    return changed(line, r"^    ", "\t")


def broken_path(line):
    return changed(line, r"(path: sessions|path: lines|: lines)\[\{([a-z_]+)\}\]", r"\1[{\2}")


def empty_path(line):
    return changed(line, r"\bpath: [^(].*$", "path: ''")


def unknown_zone(line):
    return changed(line, r"timezone: .*$", "timezone: Europe/Berlln")


def unknown_column(line):
    return changed(line, r"\b(user_id|session_id|order_id|line)\]$", r"\1_x]")


def broken_query(line):
    return changed(line, r"\bselect (.*) from ", r"select \1 form ")


def unknown_table(line):
    return changed(line, r"\bfrom (sessions|orders)\b", r"from \1_x")


def unknown_query_column(line):
    return changed(line, r"\b(user_id|ordered_at)(, count|\))", r"\1_x\2")


def no_select(line):
    return changed(line, r"\bselect .* from (\w+).*$", r"delete from \1")


def unknown_name(line):
    return changed(line, r"\b(selector|extractor): ([a-z_]+)$", r"\1: \2_x")


def unknown_component(line):
    return changed(line, r"\b(inputs|outputs): \[([a-z_]+)", r"\1: [\2_x")


def broken_pattern(line):
    return changed(line, r"path: \(\?P<word>\[a-z\]\+\)", "path: (?P<word>[a-z]+")


def unknown_prefix(line):
    return changed(line, r"path: /a:page", "path: /b:page")


def broken_xpath(line):
    return changed(line, r"(path: /a:page/a:title)$", r"\1[")


def broken_format(line):
    return changed(line, r"format: .*$", "format: '%Y-%Q'")


def missing_value(line):
    return changed(line, r"\b(path|topic|query|selector|consumer_group): .*$", "")


def missing_type(line):
    return changed(line, r"\btype: .*$", "")


def scalar_for_a_component(line):
    return changed(line, r"^  ([a-z_]+):$", r"  \1: 7")


def list_for_a_section(line):
    return changed(line, r"^(inputs|outputs|columns|indexes|selectors|tasks|extractors):$", r"\1: [a]  #")


def misspelt_key(line):
    found = COMPONENT_KEYS.match(line)
    if found and found[2] in DEFAULTS:
        return None
    word = swapped(found[2]) if found and found[1].count(" ") >= 4 else None
    return f"{found[1]}{word}:{line[found.end(2) + 1:]}" if word else None


def misspelt_section(line):
    found = re.match(r"^([a-z]+):$", line)
    return f"{swapped(found[1])}:" if found and swapped(found[1]) else None


def key_twice(line):
    found = re.match(r"^(    [a-z_]+: [^>\n]+)$", line)
    return f"{line}\n{line}" if found else None


def unset_variable(line):
    return changed(line, r": ([a-z]+)$", r": ${BATCHOUT_NOT_SET}")


def missing_secret(line):
    return changed(line, r": (orders|shop)$", r": ${file:not/there}")


def later_version(line):
    return changed(line, r"^batchout: 1$", "batchout: 2")


OLD = [
    misspelt_type, misspelt_choice, text_for_a_number, number_out_of_range, list_for_a_text, mapping_for_a_list,
    open_bracket, open_quote, tab_indent, broken_path, empty_path, unknown_zone, unknown_column, broken_query,
    unknown_table, unknown_query_column, no_select, unknown_name, unknown_component, broken_pattern, unknown_prefix,
    broken_xpath, broken_format, missing_value, scalar_for_a_component, list_for_a_section,
]  # fmt: skip
STRICT = [misspelt_key, misspelt_section, key_twice, unset_variable, missing_secret, later_version]
RULES = {"older.yml": [*OLD, missing_type], "newer.yml": [*OLD, missing_type], "one.yml": OLD + STRICT}


def mutations():
    """Yields (base, rule, line number, text)."""
    for base, rules in RULES.items():
        lines = (HERE / base).read_text(encoding="utf-8").splitlines()
        for rule in rules:
            for number, line in enumerate(lines):
                new = rule(line)
                if new is not None:
                    yield base, rule.__name__, number + 1, "\n".join([*lines[:number], new, *lines[number + 1 :]]) + "\n"


class Listener:
    """A port that takes note of who connects."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = str(self.socket.getsockname()[1])

    def was_called(self):
        if not select.select([self.socket], [], [], 0)[0]:
            return False
        self.socket.accept()[0].close()
        return True


def complaint(program, text, listener):
    """What is wrong with how a bad configuration is refused (or nothing), and what was said."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "batch.yml"
        file.write_text(text.replace("@PORT@", listener.port), encoding="utf-8")
        started = time.monotonic()
        done = subprocess.run(
            [program, "run", "--once", "--retry-for", "1", file.name],
            cwd=folder, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        took = time.monotonic() - started
        said = done.stderr
        placed = [PLACE.match(line) for line in said.splitlines()]
        if done.returncode != 3:
            return f"exit code {done.returncode}", said
        if len(list(pathlib.Path(folder).iterdir())) > 1:
            return "it wrote a file", said
        if not any(placed):
            return "no place", said
        if not any(HINT.search(found[0]) for found in placed if found):
            return "no hint", said
        return ("" if took < 1 else f"it took {took:.1f} s"), said


def main(arguments):
    program = str(pathlib.Path(arguments[0]).resolve())
    listener = Listener()
    counts, failed = collections.Counter(), 0
    for base in RULES:
        good = (HERE / base).read_text(encoding="utf-8").replace("@PORT@", listener.port)
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "batch.yml").write_text(good, encoding="utf-8")
            done = subprocess.run([program, "check", "batch.yml"], cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(f"{base} is not good: {done.stderr}")
            failed += 1
    # Most of the time of a run is waiting.
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        all_mutations = list(mutations())
        results = list(pool.map(lambda mutation: complaint(program, mutation[3], listener), all_mutations))
    for (base, rule, line, _), (wrong, said) in zip(all_mutations, results):
        counts[rule] += 1
        failed += bool(wrong)
        if wrong or "--show" in arguments:
            print(f"{base}:{line} {rule}: {wrong or 'good'}\n{said}", end="")
    if listener.was_called():
        print("something connected to a system that it names")
        failed += 1
    print(f"{sum(counts.values())} mutations by {len(counts)} rules, {failed} failed")
    return 1 if failed or sum(counts.values()) < 200 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
