"""The program as a person meets it: what mistakes at the command line, in files and with streams lead to.

command_line_test.py PROGRAM
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop(1)

GOOD = """
inputs:
  docs: {type: dummy, data: ['{"n": 1}']}
columns:
  n: {type: extracted, cast: integer, path: n}
outputs:
  out: {type: jsonl, path: "-"}
"""


class CommandLine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.write("good.yml", GOOD)

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def run_program(self, arguments, shell="", program=PROGRAM, **options):
        """Exit code, standard output and standard error; `shell` is appended, for redirections."""
        command = f"exec {program} {arguments} {shell}"
        done = subprocess.run(["sh", "-c", command], cwd=self.folder, capture_output=True, text=True, timeout=60, **options)
        return done.returncode, done.stdout, done.stderr

    def expect(self, arguments, code, *parts, **options):
        got, out, err = self.run_program(arguments, **options)
        self.assertEqual(got, code, f"{arguments}\n{out}{err}")
        for part in parts:
            self.assertIn(part, out if code == 0 else err, arguments)

    def test_a_file_that_is_not_there_is_exit_4_in_dialect_1(self):
        inputs = "inputs: {docs: nowhere.ndjson}\ncolumns: {n: n}\noutputs: {out: '-'}\n"
        self.write("new.yml", "batchout: 1\n" + inputs)
        self.expect("run new.yml --once", 4, "The file is not there; correct the path or use a mask: nowhere.ndjson [BO521]")

    def test_the_form_of_the_original_runs(self):
        code, rows, told = self.run_program("-c good.yml -I some.module other -n 2 -w 0 -W 0 -l INFO")
        self.assertEqual((code, rows), (0, '{"n":1}\n'), told)  # In 0.0.1 such an input gives its payloads once.
        self.assertIn("-I is ignored", told)
        self.assertIn("2 rounds", told)
        self.expect("--config good.yml --num-batches 1", 0, '{"n":1}')
        self.expect("-c good.yml run good.yml", 2)

    def test_convert_prints_a_configuration_that_does_the_same(self):
        code, converted, told = self.run_program("convert good.yml --to 1")
        self.assertEqual(code, 0, told)
        self.assertIn("batchout: comments and layout of good.yml are not kept", told)
        self.write("new.yml", converted)
        rows = self.run_program("run good.yml --once")[1]
        self.assertEqual(rows, '{"n":1}\n')
        self.assertEqual(self.run_program("run new.yml --once")[1], rows)
        self.expect("convert new.yml --to 1", 3, "new.yml:1:11: batchout: the configuration is written in dialect 1 already")
        self.expect("convert good.yml --to 2", 2, "must be 1, the newest dialect, but is 2")
        self.expect("convert good.yml", 2, "--to is required")
        self.expect("convert nowhere.yml --to 1", 3, "the configuration cannot be read")

    def test_the_published_example_is_short_when_converted(self):
        example = pathlib.Path(__file__).resolve().parents[3] / "examples" / "published" / "batch.yml"
        code, converted, told = self.run_program(f"convert {example} --to 1")
        self.assertEqual(code, 0, told)
        self.assertLessEqual(len(converted.splitlines()), 20)
        self.write("published.yml", converted)
        self.expect("check published.yml", 0, "good", env={**os.environ, "PG_USER": "u", "PG_PASSWORD": "p"})

    def test_a_mistake_in_the_arguments_is_exit_2_and_says_what_is_wanted(self):
        for arguments, message in (
            ("", "Usage: batchout"),
            ("rnu good.yml", 'there is no command "rnu"; commands are run, check, explain, preview, get, test, dlq, convert, positions, docs, schema, completion, version'),
            ("run", "config is required; --help shows what is expected"),
            ("run good.yml -l", "--log-level needs a value"),
            ("run good.yml more.yml", 'one argument too many: "more.yml"'),
            ("run good.yml --onec", "there is no option --onec here"),
            ("run good.yml --once -n 3", "--once excludes --rounds"),
            ("run good.yml -n x", "--rounds: needs a whole number, but is x"),
            ("run good.yml --until-idle 5x", "--until-idle: needs a time like 30, 1.5, 250ms, 30s, 5m or 1h, but is 5x"),
            ("run good.yml --until-idle 0s", "--until-idle: needs a time longer than 0, but is 0s"),
            ("run good.yml --retry-for nan", "--retry-for: needs a time like"),
            ("run good.yml -l LOUD", "--log-level: must be debug, info, warning, error or one of Python's numbers, but is LOUD"),
            ("run good.yml --log-format xml", "--log-format: must be one of text, json, but is xml"),
            ("preview good.yml --limit -1", "--limit: must be at least 0, but is -1"),
            ("preview good.yml --format xml", "--format: must be one of table, json, csv, but is xml"),
            ("-c good.yml -n many", "--num-batches: needs a whole number, but is many"),
            ("-c good.yml -w -1", "--min-wait-sec: needs a time like"),
        ):
            self.expect(arguments, 2, message)

    def test_versions_and_levels_can_be_written_in_both_ways(self):
        version = self.run_program("version")[1]
        self.assertRegex(version, r"^batchout \d+\.\d+\.\d+\n$")
        self.expect("--version", 0, version)
        for level in ("DEBUG", "Warning", "CRITICAL", "20"):
            self.expect(f"run good.yml --once -l {level}", 0, '{"n":1}')

    def test_a_payload_that_cannot_be_read_says_why(self):
        self.expect("get jsonpath n nothing.json", 4, "the payload cannot be read: nothing.json: No such file or directory")
        self.expect("get jsonpath n .", 4, "the payload cannot be read: .: Is a directory")
        self.expect("preview good.yml --payload nothing.json", 4, "nothing.json: No such file or directory")
        self.expect("get jsonpath n", 4, "standard input: Bad file descriptor", shell="<&-")

    def test_a_configuration_that_cannot_be_read_is_exit_3(self):
        self.expect("check nothing.yml", 3, "nothing.yml: the configuration cannot be read: No such file or directory")
        self.expect("check .", 3, "the configuration cannot be read: Is a directory")
        self.write("broken.json", '{"inputs": {}, }\n')
        self.expect("check broken.json", 3, "broken.json:1:16: not valid JSON: expected a key in double quotes [BO101]")

    def test_a_closed_standard_output_is_told_and_not_tried_again(self):
        self.expect("run good.yml --once", 3, "The file cannot be written: standard output: Bad file descriptor [BO551]",
                    shell=">&-")
        self.expect("check good.yml", 5, "standard output cannot be written", shell=">&-")
        self.expect("preview good.yml", 5, "standard output cannot be written", shell=">/dev/full")

    def as_somebody(self):
        """Options of `expect` with which the program may not write everywhere: root runs a copy as another user."""
        if os.geteuid() != 0:
            return {}
        self.folder.chmod(0o755)
        shutil.copy(PROGRAM, self.folder / "program")  # Where it was built may be closed to others.
        return {"program": "./program", "user": 65534, "group": 65534, "extra_groups": []}

    def test_files_without_permission_are_told_and_not_tried_again(self):
        options = self.as_somebody()
        (self.folder / "locked").mkdir(mode=0o500)
        for output, code in (("jsonl, path: locked/a", "BO551"), ("csv, path: locked/a", "BO551"),
                             ("sqlite, table: t, path: locked/a", "BO541")):
            self.write("batch.yml", GOOD.replace('jsonl, path: "-"', output))
            self.expect("run batch.yml --once", 3, code, **options)

    def test_what_is_no_file_is_told_and_not_tried_again(self):
        for output, message in (
            ("jsonl, path: .", "The file cannot be written: .: Is a directory [BO551]"),
            ("csv, path: good.yml/a", "The file cannot be written: good.yml/a: Not a directory [BO551]"),
            ("csv, path: no/a", "The file cannot be written: no/a: No such file or directory [BO551]"),
            ("sqlite, table: t, path: .", "The database cannot be opened; it is a folder, name a file in it: . [BO541]"),
            ("sqlite, table: t, path: no/a", "The database cannot be opened; create its folder: no/a [BO541]"),
            ("sqlite, table: t, path: good.yml", "file is not a database [BO541]"),
        ):
            self.write("batch.yml", GOOD.replace('jsonl, path: "-"', output))
            self.expect("run batch.yml", 3, message)


if __name__ == "__main__":
    unittest.main()
