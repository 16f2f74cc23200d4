"""Sources are formatted as .clang-format says."""

import re
import shutil
import subprocess

from checks import Problem, Unavailable, sources

TOOL = "clang-format-19"
FINDING = re.compile(r"^(.+?):(\d+):\d+: (?:error|warning): ")


def problems(root):
    if shutil.which(TOOL) is None:
        raise Unavailable(f"{TOOL} is missing; install the package of that name")
    names = [path for path, _ in sources(root)]
    if not names:
        return
    done = subprocess.run([TOOL, "--dry-run", "-Werror", *names], cwd=root, capture_output=True, text=True, check=False)
    seen = set()
    for line in done.stderr.splitlines():
        match = FINDING.match(line)
        if match and match.group(1) not in seen:
            seen.add(match.group(1))
            yield Problem(match.group(1), int(match.group(2)), "not formatted; run ./dev format")
    if done.returncode != 0 and not seen:
        yield Problem(".clang-format", 1, f"{TOOL} failed: {done.stderr.strip()[:200]}")
