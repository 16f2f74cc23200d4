"""Files and functions stay readable, a judge small enough to be read as a whole, and a file says what it is for."""

import re

from checks import Problem, code_of, sources, text_of

FILE_MAX = 900
FUNCTION_MAX = 70
FOLDERS_MAX = {"tests/naive": 600}  # lines of C++; what judges must be judged by eye
OPENING_MAX = 6  # a test may explain more: its format, or how it proves what it says
NOT_FUNCTIONS = re.compile(
    r"^\s*(?:inline\s+)?(?:template\s*<.*>\s*)?(?:namespace|class|struct|enum|union|extern)\b", re.DOTALL
)


def is_function(header):
    """Whether the words before a brace open a function: they have parentheses and name no type or namespace."""
    return "(" in header and not NOT_FUNCTIONS.match(header)


def functions(code):
    """Yields (first line, last line) of the outermost function bodies, from code without comments and strings."""
    code = "\n".join("" if line.lstrip().startswith("#") else line for line in code.split("\n"))
    header_start, stack = 0, []
    for match in re.finditer(r"[{};]", code):
        position, mark = match.start(), match.group(0)
        inside = any(function for function, _ in stack)
        if mark == "{":
            header = code[header_start:position]
            stack.append((not inside and is_function(header), header_start + len(header) - len(header.lstrip())))
        elif mark == "}" and stack:
            function, start = stack.pop()
            if re.match(r"\s*[,{]", code[position + 1 :]) and function:
                header_start = start  # the braces of a member's initializer: the body is still to come
                continue
            if function:
                yield code.count("\n", 0, start) + 1, code.count("\n", 0, position) + 1
        header_start = position + 1


def opening_length(text):
    lines = text.splitlines()
    return next((number for number, line in enumerate(lines) if not line.startswith("//")), len(lines))


def problems(root):
    for folder, most in FOLDERS_MAX.items():
        total = sum(text_of(full).count("\n") for _, full in sources(root, (folder,)))
        if total > most:
            yield Problem(folder, 1, f"{total} lines; at most {most}: make it simpler")
    for path, full in sources(root):
        text = text_of(full)
        length = text.count("\n")
        if length > FILE_MAX:
            yield Problem(path, FILE_MAX, f"{length} lines; at most {FILE_MAX}: split it by idea")
        opening = opening_length(text)
        if opening == 0 or (opening > OPENING_MAX and not path.startswith("tests/")):
            yield Problem(path, 1, f"opens with {opening} comment lines; say in 1 to {OPENING_MAX} what it is for")
        for first, last in functions(code_of(text)):
            if last - first + 1 > FUNCTION_MAX:
                yield Problem(path, first, f"a function of {last - first + 1} lines; at most {FUNCTION_MAX}: split it")
