"""Includes go the way that LAYERS says, a third-party library lives in one folder, and the public face stays small."""

import fnmatch
import re

from checks import Problem, sources, text_of

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
HEADERS_MAX = 8
LINES_MAX = 1500
SYSTEM_FOLDERS = {"sys", "linux", "netinet", "arpa", "net", "cxxabi.h", "sanitizer"}
SYSTEM_HEADERS = {
    "dirent.h", "dlfcn.h", "errno.h", "fcntl.h", "fnmatch.h", "glob.h", "grp.h", "limits.h", "locale.h", "malloc.h",
    "math.h",
    "netdb.h", "poll.h", "pthread.h", "pwd.h", "sched.h", "signal.h", "stdint.h", "stdio.h", "stdlib.h", "string.h",
    "strings.h", "syslog.h", "termios.h", "time.h", "unistd.h", "immintrin.h", "emmintrin.h", "execinfo.h",
}  # fmt: skip
FREE_LIBRARIES = {"fmt"}


def read_layers(root):
    """The rules in order: (pattern of a folder, patterns of the folders that it may use)."""
    rules = []
    for line in text_of(root / "LAYERS").splitlines():
        line = line.split("#")[0].strip()
        if line:
            name, _, allowed = line.partition(":")
            rules.append((name.strip(), allowed.split()))
    return rules


def layer_of(path, rules):
    """The folder of src/ that a path belongs to, as deep as its rule: "base", "components/kafka"; none: no rule."""
    parts = path.split("/")
    for pattern, allowed in rules:
        folder = "/".join(parts[: pattern.count("/") + 1])
        if len(parts) > pattern.count("/") + 1 and fnmatch.fnmatchcase(folder, pattern):
            return folder, allowed
    return None, []


def includes(text):
    for match in INCLUDE.finditer(text):
        yield text.count("\n", 0, match.start(2)) + 1, match.group(1), match.group(2)


def library_of(header):
    """The third-party library of <header>; none for the standard's and the system's."""
    first = header.split("/")[0]
    if first in SYSTEM_FOLDERS or header in SYSTEM_HEADERS or first in FREE_LIBRARIES:
        return None
    return first if "/" in header or header.endswith((".h", ".hpp")) else None


def inner_problems(path, text, rules, users):
    folder, allowed = layer_of(path.removeprefix("src/"), rules)
    if folder is None:
        yield Problem(path, 1, "this folder has no line in LAYERS; add one that says what it may include")
        return
    for line, kind, header in includes(text):
        if kind == "<":
            library = library_of(header)
            if library:
                users.setdefault(library, {}).setdefault(folder, (path, line))
            continue
        if header.startswith("batchout/"):
            continue
        target, _ = layer_of(header, rules)
        if target is None:
            yield Problem(path, line, f'"{header}" is not a path from src/; write the folder too, or <> for a library')
        elif target != folder and not any(fnmatch.fnmatchcase(target, pattern) for pattern in allowed):
            may = ", ".join(allowed) or "nothing else"
            yield Problem(path, line, f"{folder} must not include {header}: LAYERS lets it use {may}")


def public_problems(root):
    headers = list(sources(root, ("include",)))
    total = 0
    for path, full in headers:
        text = text_of(full)
        total += text.count("\n")
        for line, kind, header in includes(text):
            third_party = kind == "<" and ("/" in header or header.endswith((".h", ".hpp")))
            if third_party or (kind == '"' and not header.startswith("batchout/")):
                yield Problem(path, line, f"public, but includes {header}; only the standard's and batchout/ may be")
    if len(headers) > HEADERS_MAX:
        yield Problem("include", 1, f"{len(headers)} public headers; at most {HEADERS_MAX}: merge or move one")
    if total > LINES_MAX:
        yield Problem("include", 1, f"{total} lines of public headers; at most {LINES_MAX}: move some into src/")


def problems(root):
    rules = read_layers(root)
    users = {}
    for path, full in sources(root, ("src",)):
        yield from inner_problems(path, text_of(full), rules, users)
    for library, folders in sorted(users.items()):
        for folder in sorted(folders)[1:]:
            path, line = folders[folder]
            first = sorted(folders)[0]
            yield Problem(path, line, f"{library} is used in {first} already; one folder owns a library, go through it")
    yield from public_problems(root)
