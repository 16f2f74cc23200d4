"""Whether the program was linked as flags.cmake wants it against faults of memory.

Usage: hardened.py PROGRAM
"""

import subprocess
import sys

# What readelf says of a program that is placed anywhere, whose tables of functions cannot be written to once it runs, whose
# stack cannot be executed, and that checks lengths of copies and the ends of arrays on the stack.
EXPECTED = {
    "placed anywhere": ("-h", "DYN (Position-Independent Executable file)"),
    "read-only relocations": ("-l", "GNU_RELRO"),
    "functions bound at the start": ("-d", "NOW"),
    "checked copies": ("-sD", "_chk"),
    "guarded stack": ("-sD", "__stack_chk_fail"),
}


def readelf(option, program):
    return subprocess.run(["readelf", "--wide", option, program], capture_output=True, text=True, check=True).stdout


def main(program):
    missing = [name for name, (option, text) in EXPECTED.items() if text not in readelf(option, program)]
    stack = next(line for line in readelf("-l", program).splitlines() if "GNU_STACK" in line)
    if "RWE" in stack:
        missing.append("stack that is not executed")
    print(f"missing: {', '.join(missing)}" if missing else "hardened")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
