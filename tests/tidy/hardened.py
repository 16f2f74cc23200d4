"""Whether the program was compiled and linked as flags.cmake wants it against faults of memory.

Usage: hardened.py PROGRAM BUILD_TYPE

Copies and bounds of containers are checked, and pages of the stack touched one by one, in release builds only. Which level of
_FORTIFY_SOURCE it was (3 knows the sizes of more memory than 2) no program shows.
"""

import re
import subprocess
import sys

# What readelf says of a program that is placed anywhere, whose tables of functions cannot be written to once it runs, whose
# stack cannot be executed, and that checks the ends of arrays on the stack.
LINKED = {
    "placed anywhere": ("-h", r"DYN \(Position-Independent Executable file\)"),
    "read-only relocations": ("-l", r"GNU_RELRO"),
    "functions bound at the start": ("-d", r"NOW"),
    "guarded stack": ("-sD", r"\b__stack_chk_fail\b"),
}
# And that asks the C library to check lengths of copies (__stack_chk_fail is another thing), and the C++ library to end it where
# a container is left.
COMPILED = {
    "checked copies": ("-sD", r"\b__(?!stack)\w+_chk\b"),
    "checked containers": ("-sD", r"\b_ZSt21__glibcxx_assert_fail"),
}
# A write of nothing to a page of the stack that a large frame begins to use.
PROBE = r"\bor[lq]\s+\$0x0,(0x[0-9a-f]+)?\(%rsp\)"


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def missing_in(program, release):
    expected = {**LINKED, **COMPILED} if release else LINKED
    missing = [name for name, (option, pattern) in expected.items()
               if not re.search(pattern, output("readelf", "--wide", option, program))]
    stack = next(line for line in output("readelf", "--wide", "-l", program).splitlines() if "GNU_STACK" in line)
    if "RWE" in stack:
        missing.append("stack that is not executed")
    x86 = "X86-64" in output("readelf", "-h", program)
    if release and x86 and not re.search(PROBE, output("objdump", "-d", "--no-show-raw-insn", program)):
        missing.append("pages of the stack touched one by one")
    return missing


def main(program, build_type):
    missing = missing_in(program, build_type == "Release")
    print(f"missing: {', '.join(missing)}" if missing else "hardened")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
