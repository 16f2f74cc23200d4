"""Random files cut by `split` give the records that parsers of Python find in them, and the same rejects; so do the same
files compressed in several parts.

split_test.py PROGRAM
"""

import gzip
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

PROGRAM = sys.argv.pop(1)
FILES = 60

HEAD = """
inputs:
  docs: {{type: file, path: "in*", split: {split}}}
extractors:
  x: {{type: {extractor}}}
columns:
{columns}
maps:
  docs: [{names}]
selectors:
  all: {{type: sql, query: "select {names} from docs", columns: [{names}]}}
outputs:
  out: {{type: jsonl, path: out.jsonl}}
tasks:
  read: {{type: reader, inputs: docs}}
  write: {{type: writer, selector: all, outputs: out}}
"""


def configuration(split, extractor, columns):
    lines = "\n".join(f'  {name}: {{type: {kind}, extractor: x, path: "{path}"}}' for name, kind, path in columns)
    names = ", ".join(name for name, _, _ in columns)
    return HEAD.format(split=split, extractor=extractor, columns=lines, names=names)


# ------------------------------------------------------------------------------------------------ documents of JSON


def json_value(dice, depth=0):
    kind = dice.randrange(7 if depth < 4 else 4)
    if kind == 0:
        return dice.randrange(-(10**12), 10**12)
    if kind == 1:
        return dice.choice([None, True, False, 1.5e-7, -0.25])
    if kind in (2, 3):
        return "".join(dice.choice('[]{},:"\\ \n\t\u00e4\u20ac\U0001f600ab') for _ in range(dice.randrange(30)))
    if kind == 4:
        return [json_value(dice, depth + 1) for _ in range(dice.randrange(5))]
    return {repr(json_value(dice, 9)): json_value(dice, depth + 1) for _ in range(dice.randrange(5))}


def json_list(dice):
    """A list as text, in one of the ways in which programs write it."""
    elements = [{"v": json_value(dice)} for _ in range(dice.randrange(40))]
    options = dice.choice([{}, {"indent": 2}, {"separators": (",", ":")}, {"ensure_ascii": False}])
    return dice.choice(["", " ", "\n"]) + json.dumps(elements, **options) + dice.choice(["", "\n"])


def complete_elements(text):
    """The elements of a list that may be cut off, and whether it is whole: a reader of one element after the other."""
    decoder, elements = json.JSONDecoder(), []
    at = text.find("[") + 1
    while at > 0:
        at += len(text[at:]) - len(text[at:].lstrip())
        if text[at : at + 1] == "]":
            return elements, True
        if elements:
            if text[at : at + 1] != ",":
                break
            at += 1 + len(text[at + 1 :]) - len(text[at + 1 :].lstrip())
        try:
            element, at = decoder.raw_decode(text, at)
        except ValueError:
            break
        elements.append(element)
    return elements, False


# ------------------------------------------------------------------------------------------------- documents of XML


def noise(dice):
    """What may stand between elements and looks like them."""
    return dice.choice(["", "\n  ", "text", "<!-- <b x='0'> - > -->", "<![CDATA[</b><b>]]>", "<?p <b> ?>", "&amp;"])


def attributes(dice):
    text = ""
    for name in dice.sample(["x", "y", "n:z"], dice.randrange(3)):
        quote = dice.choice("\"'")
        text += f" {name}={quote}{dice.choice(['1>2', 'a/', '', '&lt;b>'])}{quote}"
    return text


def element(dice, name, depth=0):
    tag = f"<{name}{attributes(dice)}{dice.choice(['', ' '])}"
    if dice.randrange(4) == 0:
        return tag + "/>"
    inner = "".join(
        noise(dice) + (element(dice, dice.choice(["b", "c", "n:d"]), depth + 1) if depth < 3 else "")
        for _ in range(dice.randrange(4))
    )
    return f"{tag}>{inner}</{name}{dice.choice(['', ' '])}>"


def xml_document(dice):
    start = dice.choice(["", "\ufeff", '<?xml version="1.0" encoding="UTF-8"?>\n']) + dice.choice(["", "<!-- <a> -->"])
    groups = ""
    for _ in range(dice.randrange(1, 6)):
        records = "".join(noise(dice) + element(dice, dice.choice(["b", "b", "c"])) for _ in range(dice.randrange(12)))
        name = dice.choice(["g", "h"])
        groups += noise(dice) + f"<{name}{attributes(dice)}>{records}{noise(dice)}</{name}>"
    return f"{start}<a xmlns:n='urn:n'{attributes(dice)}>{groups}</a>{dice.choice(['', chr(10), '<!-- end -->'])}"


def xml_rows(text):
    root = ElementTree.fromstring(text.encode())
    for group in root.findall("g"):
        for record in group.findall("b"):
            yield {
                "root": root.get("x"),
                "list": group.get("{urn:n}z"),
                "x": record.get("x"),
                "text": "".join(record.itertext()),
                "inner": len(list(record.iter())) - 1,
            }


def packed(dice, text):
    """Members of gzip that follow each other."""
    data = text if isinstance(text, bytes) else text.encode()
    cuts = sorted(dice.randrange(len(data) + 1) for _ in range(dice.randrange(4)))
    return b"".join(gzip.compress(data[a:b], dice.randrange(10)) for a, b in zip([0, *cuts], [*cuts, len(data)]))


class Split(unittest.TestCase):
    def run_on(self, config, files):
        """The rows, and the rejects as the closing summary counts them."""
        plain = self.run_once(config, files)
        dice = random.Random(9)
        self.assertEqual(self.run_once(config, [packed(dice, text) for text in files]), plain)
        return plain

    def test_compressed_standard_input_is_unpacked(self):
        config = configuration("lines", "jsonpath", [("v", "json", "$")]).replace('"in*"', '"-"')
        data = gzip.compress(b"1\n2\n") + gzip.compress(b"3")
        for given, expected in ((data, "1 2 3"), (data[:-3], "1 2")):
            with tempfile.TemporaryDirectory() as folder:
                (pathlib.Path(folder) / "batch.yml").write_text(config.replace("out.jsonl", '"-"'))
                done = subprocess.run([PROGRAM, "run", "batch.yml", "--once"], cwd=folder, input=given, capture_output=True, timeout=60)
                self.assertEqual([json.loads(line)["v"] for line in done.stdout.split()], [int(v) for v in expected.split()], done.stderr)
                self.assertEqual(b"BO419" in done.stderr, given != data, done.stderr)

    def run_once(self, config, files):
        with tempfile.TemporaryDirectory() as made:
            folder = pathlib.Path(made)
            (folder / "batch.yml").write_text(config)
            for number, text in enumerate(files):
                (folder / f"in{number:04}").write_bytes(text if isinstance(text, bytes) else text.encode())
            done = subprocess.run(
                [PROGRAM, "run", "batch.yml", "--once", "-l", "warning"], cwd=folder, capture_output=True, text=True, timeout=300
            )
            self.assertIn(done.returncode, (0, 1), done.stderr)
            out = folder / "out.jsonl"
            rows = out.read_text().split("\n")[:-1] if out.exists() else []
            return [json.loads(row) for row in rows], re.search(r"rejects +(.*)", done.stderr).group(1)

    def test_a_json_list_gives_the_elements_that_python_finds(self):
        dice = random.Random(1)
        files = [json_list(dice) for _ in range(FILES)]
        rows, rejects = self.run_on(configuration("json_array", "jsonpath", [("v", "json", "$")]), files)
        self.assertEqual([row["v"] for row in rows], [element for text in files for element in json.loads(text)])
        self.assertEqual(rejects, "none")

    def test_a_json_list_that_is_cut_off_gives_what_is_complete(self):
        dice = random.Random(2)
        files, expected, broken = [], [], 0
        for _ in range(FILES):
            text = json_list(dice)
            text = text[: dice.randrange(len(text)) + 1]
            elements, whole = complete_elements(text)
            files.append(text)
            expected += elements
            broken += not whole and text.strip() != ""
        rows, rejects = self.run_on(configuration("json_array", "jsonpath", [("v", "json", "$")]), files)
        self.assertEqual([row["v"] for row in rows], expected)
        self.assertEqual(rejects, f"{broken} of BO409")

    def test_lines_are_those_that_python_finds(self):
        dice = random.Random(3)
        files, expected = [], []
        for _ in range(FILES):
            ends = ["\n", "\r\n", "\n\n", "\n \t\r\n"]
            values = [json_value(dice) for _ in range(dice.randrange(30))]
            text = "".join(json.dumps({"v": value}) + dice.choice(ends) for value in values)
            files.append(text.rstrip("\r\n") if dice.randrange(2) else text)
            expected += [json.loads(line) for line in files[-1].split("\n") if line.strip()]
        rows, rejects = self.run_on(configuration("lines", "jsonpath", [("v", "json", "$")]), files)
        self.assertEqual([row["v"] for row in rows], expected)
        self.assertEqual(rejects, "none")

    def test_an_xml_document_gives_the_records_that_python_finds(self):
        dice = random.Random(4)
        files = [xml_document(dice) for _ in range(FILES)]
        columns = [("root", "string", "/a/@x"), ("list", "string", "/a/g/@n:z"), ("x", "string", "/a/g/b/@x")]
        columns += [("text", "string", "/a/g/b"), ("inner", "integer", "count(/a/g/b//*)")]
        config = configuration("{xml: /a/g/b}", "xpath, namespaces: {n: 'urn:n'}", columns)
        rows, rejects = self.run_on(config, files)
        self.assertEqual(rows, [row for text in files for row in xml_rows(text)])
        self.assertEqual(rejects, "none")


if __name__ == "__main__":
    unittest.main()
