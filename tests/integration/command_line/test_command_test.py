"""`batchout test` as a person meets it: what passes, what differs and where, what is written, and exit codes.

test_command_test.py PROGRAM
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

PROGRAM = sys.argv.pop(1)

# Kafka and PostgreSQL at addresses where nobody answers, and a variable that is not set: tests need none of them.
CONFIG = """\
batchout: 1
inputs:
  orders: {type: kafka, bootstrap_servers: '127.0.0.1:1', topic: orders, consumer_group: shop}
indexes:
  line: lines
columns:
  id: [id, integer]
  customer: customer.name
  at: [at, datetime]
  total: [total, decimal]
  tags: [tags, json]
  sku: lines[{line}].sku
  n: ['lines[{line}].n', integer]
selectors:
  orders: [id, customer, at, total, tags]
  lines: [id as order_id, sku, n]
outputs:
  orders: {type: postgres, table: orders, host: 127.0.0.1, port: 1, dbname: shop, user: "${BATCHOUT_NOT_SET}"}
  lines: {type: sqlite, path: nowhere/lines.sqlite, table: lines}
tests:
"""
GOOD = """\
  one:
    env: {BATCHOUT_NOT_SET: x}
    payloads: '{"id": 1, "customer": {"name": "Ada"}, "at": "2019-11-01T01:02:03", "total": 9.90, "tags": {"a": 1.0, "b": []},
                "lines": [{"sku": "a", "n": 2}, {"sku": "b", "n": 1}]}'
    expect:
      orders:
      - [1, Ada, "2019-11-01T01:02:03+00:00", 9.9, {b: [], a: 1}]
      lines:
      - [1, a, 2]
      - {sku: b, n: 1}
"""


class Tests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, text):
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def run_tests(self, arguments, code):
        """Standard output and standard error of `batchout test`."""
        done = subprocess.run([PROGRAM, "test", *arguments.split()], cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}{done.stderr}")
        return done.stdout, done.stderr

    def of(self, tests, code, arguments="batch.yml"):
        """Standard output of the tests, each with the variable that the configuration needs."""
        self.write("batch.yml", CONFIG + tests.replace("    payloads:", "    env: {BATCHOUT_NOT_SET: x}\n    payloads:"))
        return self.run_tests(arguments, code)[0]

    def expect_lines(self, out, *lines):
        for line in lines:
            self.assertIn(f"  {line}\n", out)

    def test_a_test_needs_no_system_and_leaves_nothing_behind(self):
        self.write("batch.yml", CONFIG + GOOD)
        out, err = self.run_tests("batch.yml", 0)
        self.assertRegex(out, r"^passed  batch\.yml: one \([0-9.]+ ms\)\n1 passed, 0 failed\n$")
        self.assertEqual(err, "")
        self.assertEqual([file.name for file in self.folder.iterdir()], ["batch.yml"])

    def test_every_difference_is_told_where_it_is_expected(self):
        out = self.of("""\
  one:
    payloads: ['{"id": 1, "lines": [{"sku": "a", "n": 2}, {"sku": "5", "n": 1}, {"sku": "c", "n": 1}]}']
    expect:
      orders:
      - [2, null, null, 1, null]
      lines:
      - [1, a, 2]
      - [1, missing, 7]
      - {sku: 5, n: '1'}
      - {sku: c}
""", 1)
        self.assertIn("FAILED  batch.yml: one", out)
        self.expect_lines(
            out,
            "batch.yml:26:10: orders, row 1, id: expected 2, got 1",
            "batch.yml:26:25: orders, row 1, total: expected 1, got null",
            "batch.yml:27:7: lines, rows: expected 4, got 3",
            'batch.yml:29:13: lines, row 2, sku: expected "missing", got "5"',
            "batch.yml:29:22: lines, row 2, n: expected 7, got 1",
            'batch.yml:30:9: lines, row 3: missing: {sku: 5, n: "1"}',
        )

    def test_quotes_that_are_missing_or_too_many_are_told(self):
        out = self.of("""\
  one:
    payloads: '{"id": 1, "customer": {"name": "5"}}'
    expect: {orders: [{id: '1', customer: 5}]}
""", 1)
        self.expect_lines(
            out,
            'batch.yml:24:28: orders, row 1, id: expected "1", got 1; the value is no text: write it without quotes',
            'batch.yml:24:43: orders, row 1, customer: expected 5, got "5"; the value is a text: put it in quotes',
        )

    def test_rows_that_nobody_expects_are_told(self):
        out = self.of("""\
  one:
    payloads: ['{"id": 1}', '{"id": 2}', '{"id": 3}']
    expect: {orders: [{id: 1}, {id: 3}]}
""", 1)
        self.expect_lines(out, "batch.yml:24:14: orders, rows: expected 2, got 3",
                          "batch.yml:24:14: orders, row 2: not expected: {id: 2, customer: null, at: null, total: null, tags: null}")

    def test_the_order_of_rows_counts_unless_it_is_said_otherwise(self):
        tests = """\
  one:
    payloads: ['{"id": 1}', '{"id": 2}', '{"id": 2}']
    expect: {orders: {columns: [id], rows: [[2], [1], [2]]%s}}
"""
        self.assertIn("row 1", self.of(tests % "", 1))
        self.of(tests % ", ordered: false", 0)
        self.expect_lines(self.of(tests.replace("[1]", "[4]") % ", ordered: false", 1),
                          "batch.yml:24:51: orders, row 2, id: expected 4, got 1")

    def test_refused_payloads_are_counted(self):
        tests = """\
  one:
    payloads: ['{"id": 1', '{"id": 2}', '']
    expect: {orders: [{id: 2}]}
"""
        out = self.of(tests, 1)
        self.expect_lines(
            out,
            "batch.yml:21:3: tests.one.rejects.BO401: expected 0, got 1; if they are meant to be refused, write rejects: {BO401: 1}",
            'logged: warning: inputs.orders: Refused [BO402]: the payload is empty; given, unit "0", position 2',
        )
        self.of(tests + "    rejects: {BO401: 1, BO402: 1}\n", 0)
        self.expect_lines(self.of(tests + "    rejects: {BO401: 1, BO402: 1, BO403: 2}\n", 1),
                          "batch.yml:21:3: tests.one.rejects.BO403: expected 2, got 0")

    def test_payloads_have_the_metadata_that_is_given(self):
        self.write("lines.ndjson", '{"id": 3}\n{"id": 4}\n')
        self.write("batch.yml", """\
batchout: 1
inputs: {orders: {type: kafka, bootstrap_servers: localhost:9092, topic: orders, consumer_group: shop}}
extractors: {json: jsonpath, meta: meta}
columns:
  id: {path: id, type: integer, extractor: json}
  topic: {path: topic, extractor: meta}
  partition: {path: partition, type: integer, extractor: meta}
  offset: {path: offset, type: integer, extractor: meta}
  at: {path: timestamp, type: datetime, extractor: meta}
  key: {path: key, extractor: meta}
  a: {path: headers.a, extractor: meta}
  b: {path: headers.b, extractor: meta}
  file: {path: file, extractor: meta}
  status: {path: status, type: integer, extractor: meta}
outputs: {out: {type: discard}}
tests:
  all:
    payloads:
    - text: '{"id": 1}'
      meta: {topic: t, partition: 2, offset: 3, timestamp: '2026-11-27T01:02:03.5+01:00', key: k, headers: {a: x, b: null}}
    - {json: {id: 2, meta: {topic: no}}, meta: {file: f, status: 200, timestamp: 1000}}
    - {file: lines.ndjson, meta: {topic: u}}
    - '{"id": 5}'
    expect:
    - [1, t, 2, 3, '2026-11-27T00:02:03.500000+00:00', k, x, null, null, null]
    - [2, null, null, null, '1970-01-01T00:00:01+00:00', null, null, null, f, 200]
    - {id: 3, topic: u, offset: null}
    - {id: 4, topic: u}
    - {id: 5, topic: null}
  alone: {payloads: {text: '{"id": 1}', meta: {topic: t}}, expect: [{topic: t}]}
""")
        self.run_tests("batch.yml", 0)

    def test_payloads_and_rows_come_from_files(self):
        self.write("data/orders.ndjson", '{"id": 1, "lines": [{"sku": "a,\\"b\\""}]}\r\n\n{"id": 2, "total": 1.50}')
        self.write("data/one.json", '{\n "id": 3}\n')
        self.write("orders.csv", 'total,id\n,1\n1.5,2\n"",3\n')
        self.write("lines.jsonl", '{"sku": "a,\\"b\\"", "n": null}\n')
        self.of("""\
  one:
    payloads: [{file: data/orders.ndjson}, {file: data/one.json}]
    expect: {orders: orders.csv, lines: lines.jsonl}
""", 0)

    def test_differences_to_a_file_have_its_lines(self):
        self.write("orders.csv", 'id,customer\n1,"a\nb"\n7,x\n')
        self.write("lines.jsonl", '\n[1, "a", 1]\n[1, "b", 3]\n')
        out = self.of("""\
  one:
    payloads: ['{"id": 1, "customer": {"name": "a\\\\nb"}, "lines": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}]}', '{"id": 2}']
    expect: {orders: orders.csv, lines: lines.jsonl}
""", 1)
        self.expect_lines(out, 'orders.csv:4:1: orders, row 2, id: expected "7", got 2',
                          'orders.csv:4:3: orders, row 2, customer: expected "x", got null',
                          "lines.jsonl:3:10: lines, row 2, n: expected 3, got 2")

    def test_files_that_do_not_fit_are_told_with_their_lines(self):
        for name, text, said in (
            ("orders.csv", "id,custmer\n1,x\n", 'orders.csv:1:4: there is no column "custmer" in these rows; did you mean "customer"? [BO230]'),
            ("orders.csv", "id,customer\n1\n", "orders.csv:2:1: the row needs a value for each column: there are 2, but it has 1; quote values with commas [BO253]"),
            ("orders.csv", "", "orders.csv:1:1: the file has no header; its first line names the columns [BO253]"),
            ("orders.csv", "id\n\x00\n", "orders.csv:1:1: the file is not UTF-8, or contains a NUL byte; save it as UTF-8 [BO103]"),
            ("orders.jsonl", '{"id": 1}\n{"idd": 1}\n', 'orders.jsonl:2:2: there is no column "idd" in these rows; did you mean "id"? [BO230]'),
            ("orders.jsonl", '{"id": 1\n', "orders.jsonl:1:9: not valid JSON"),
            ("orders.jsonl", "7\n", 'orders.jsonl:1:1: expected a row; write [value, value], or {"column": value} [BO203]'),
            ("orders.jsonl", "[1]\n", "orders.jsonl:1:1: the row needs a value for each column: there are 5, but it has 1; objects of columns and values may leave some out [BO253]"),
        ):
            self.write(name, text)
            out = self.of(f"  one:\n    payloads: '{{\"id\": 1}}'\n    expect: {{orders: {name}}}\n", 1)
            self.assertIn(f"  {said}", out)

    def test_files_that_are_not_there_are_told(self):
        out = self.of("""\
  one:
    payloads: {file: nowhere.ndjson}
    expect: {orders: []}
  two:
    payloads: {file: .}
    expect: {orders: []}
  three:
    payloads: []
    expect: {orders: nowhere.csv}
""", 1)
        hint = "relative paths begin at the folder of the configuration"
        self.expect_lines(
            out,
            f'batch.yml:23:15: tests.one.payloads: the file "nowhere.ndjson" cannot be read: there is no such file; {hint} [BO254]',
            f'batch.yml:27:15: tests.two.payloads: the file "." cannot be read: it is no regular file; {hint} [BO254]',
            f'batch.yml:32:14: tests.three.expect.orders: the file "nowhere.csv" cannot be read: there is no such file; {hint}; --update writes the file [BO254]',
        )
        self.assertTrue(out.endswith("0 passed, 3 failed\n"))

    def test_update_writes_files_and_nothing_else(self):
        tests = """\
  one:
    payloads: ['{"id": 1, "customer": {"name": "a,\\"b\\""}, "total": 1.50}', '{"id": 2}']
    expect: {orders: new/orders.%s}
"""
        for end, before, after in (
            ("csv", None, 'id,customer,at,total,tags\n1,"a,""b""",,1.50,\n2,,,,\n'),
            ("csv", "total,id\n", "total,id\n1.50,1\n,2\n"),
            ("jsonl", None, '{"id": 1, "customer": "a,\\"b\\"", "at": null, "total": 1.50, "tags": null}\n'
                            '{"id": 2, "customer": null, "at": null, "total": null, "tags": null}\n'),
            ("jsonl", '{"id": 7}\n', '{"id": 1}\n{"id": 2}\n'),
            ("ndjson", "[7, 7, 7, 7, 7]\n", '[1, "a,\\"b\\"", null, 1.50, null]\n[2, null, null, null, null]\n'),
            ("jsonl", "no JSON", '{"id": 1, "customer": "a,\\"b\\"", "at": null, "total": 1.50, "tags": null}\n'
                                 '{"id": 2, "customer": null, "at": null, "total": null, "tags": null}\n'),
        ):
            file = self.folder / f"new/orders.{end}"
            file.unlink(missing_ok=True)
            if before is not None:
                self.write(f"new/orders.{end}", before)
            self.of(tests % end, 1)
            out = self.of(tests % end, 0, "batch.yml --update")
            self.assertIn("updated batch.yml: one", out)
            self.expect_lines(out, f"written: new/orders.{end}")
            self.assertEqual(file.read_text(encoding="utf-8"), after)
            self.assertTrue(self.of(tests % end, 0, "batch.yml --update").endswith("1 passed, 0 failed\n"))
        self.of("  one:\n    payloads: '{\"id\": 1}'\n    expect: {orders: [{id: 2}]}\n", 1, "batch.yml --update")
        self.assertIn("expect: {orders: [{id: 2}]}", (self.folder / "batch.yml").read_text(encoding="utf-8"))

    def test_update_keeps_files_where_something_is_refused_that_should_not_be(self):
        self.write("orders.csv", "id\n1\n2\n")
        self.of("  one:\n    payloads: ['{\"id\": 1}', '{']\n    expect: {orders: orders.csv}\n", 1, "batch.yml --update")
        self.assertEqual((self.folder / "orders.csv").read_text(encoding="utf-8"), "id\n1\n2\n")

    def test_a_wrong_configuration_runs_no_test_and_is_exit_3(self):
        self.write("batch.yml", CONFIG + GOOD.replace("expect:", "expct:"))
        out, err = self.run_tests("batch.yml", 3)
        self.assertIn('batch.yml:25:5: tests.one.expct: unknown key; did you mean "expect"? [BO201]', err)
        self.assertEqual(out, "0 passed, 0 failed; 1 configuration refused\n")
        self.write("batch.yml", CONFIG + GOOD.replace("    env: {BATCHOUT_NOT_SET: x}\n", ""))
        self.assertIn('the environment variable "BATCHOUT_NOT_SET" is not set', self.run_tests("batch.yml", 3)[1])
        self.write("batch.yml", CONFIG + GOOD + GOOD)
        self.assertIn("the key is given twice, first in line 21", self.run_tests("batch.yml", 3)[1])

    def test_nothing_to_test_is_exit_3(self):
        self.write("batch.yml", CONFIG.replace("${BATCHOUT_NOT_SET}", "x"))
        self.assertIn("batch.yml:1:1: tests: the configuration has no tests; add tests: {name: ", self.run_tests("batch.yml", 3)[1])
        self.write("old.yml", "inputs: {a: {type: dummy, data: []}}\ncolumns: {a: {type: extracted, cast: string, path: a}}\noutputs: {a: {type: dummy}}\n")
        self.assertIn("tests are written in dialect 1; `batchout convert` rewrites the configuration [BO253]", self.run_tests("old.yml", 3)[1])
        self.assertIn("nowhere.yml: the configuration cannot be read: No such file or directory", self.run_tests("nowhere.yml", 3)[1])
        self.write("sub/other.yml", "tests: {}\n")
        self.assertIn("sub: there is nothing to test in this folder; a configuration has a section tests", self.run_tests("sub", 3)[1])

    def test_a_folder_is_searched_for_configurations_with_tests(self):
        self.write("a.yaml", CONFIG + GOOD)
        self.write("deep/er/b.yml", CONFIG + GOOD)
        self.write("deep/c.json", '{"batchout": 1, "inputs": {"d": "d.json"}, "columns": {"a": "a"}, "outputs": {"o": "-"},\n'
                                  ' "tests": {"x": {"payloads": "{}", "expect": []}}}\n')
        self.write(".hidden/d.yml", "batchout: 1\ntests:\n")
        self.write("notes.txt", "batchout: 1\ntests:\n")
        self.write("compose.yml", "services: [\n")
        out = self.run_tests(".", 0)[0]
        self.assertEqual([line.split(" (")[0] for line in out.splitlines()],
                         ["passed  a.yaml: one", "passed  deep/c.json: x", "passed  deep/er/b.yml: one", "3 passed, 0 failed"])
        self.write("broken.yml", "batchout: 1\ntests:\n\t- x\n")
        out, err = self.run_tests(".", 3)
        self.assertIn("broken.yml:3:1: ", err)
        self.assertTrue(out.endswith("3 passed, 0 failed; 1 configuration refused\n"))

    def folder_test(self, name, config, expected, messages=None):
        self.write(f"{name}/batch.yml", config)
        self.write(f"{name}/docs.ndjson", '{"a": 1}\n{"a": 2.50}\n{"a"\n')
        self.write(f"{name}/expect.jsonl", expected)
        if messages is not None:
            self.write(f"{name}/expect.err", messages)

    CONFIG_OF_FOLDER = "batchout: 1\ninputs: {docs: docs.ndjson}\ncolumns: {a: [a, decimal]}\noutputs: {o: nowhere/o.csv}\n"
    HEADER = '{"writer": "docs", "columns": ["a"]}\n'

    def test_a_folder_with_a_configuration_and_rows_is_a_test(self):
        self.folder_test("tests/good", self.CONFIG_OF_FOLDER, self.HEADER + "[1]\n[2.5]\n", "")
        self.folder_test("tests/wrong", self.CONFIG_OF_FOLDER, self.HEADER + "[1]\n[7]\n[3]\n", "failed: x\n")
        self.folder_test("tests/refused", "batchout: 2\n", "")
        self.folder_test("tests/other", self.CONFIG_OF_FOLDER, '{"writer": "dox", "columns": ["b"]}\n[1]\n[1, 2]\n7\n')
        out = self.run_tests("tests", 1)[0]
        message = [line for line in out.splitlines() if "Refused" in line][0].split("not expected: ")[1]
        self.assertIn("warning: inputs.docs: Refused [BO401]", message)
        self.folder_test("tests/good", self.CONFIG_OF_FOLDER, self.HEADER + "[1]\n[2.5]\n", message + "\n")
        out = self.run_tests("tests", 1)[0]
        self.assertIn("passed  tests/good: good", out)
        self.expect_lines(
            out,
            f"tests/wrong/expect.err:1:1: message: expected failed: x, got {message}",
            "tests/wrong/expect.jsonl:1:1: docs, rows: expected 3, got 2",
            "tests/wrong/expect.jsonl:3:2: docs, row 2, a: expected 7, got 2.50",
            "tests/wrong/expect.jsonl:4:1: docs, row 3: missing: {a: 3}",
            "tests/refused/expect.err: message: not expected: batch.yml:1:11: batchout: this version reads the dialect 1, "
            "and without the key those of 0.0.1 and 0.3.0; write batchout: 1 [BO233]",
            "tests/other/expect.jsonl:1:1: dox: expected the columns b, got no such writer",
            'tests/other/expect.jsonl:3:1: this is no row of the writer above; write {"writer": "name", "columns": ["a", "b"]}, and then each row as [1, 2]',
            "tests/other/expect.jsonl: docs, rows: expected 0, got 2",
        )
        out = self.run_tests("tests/wrong --update", 0)[0]
        self.expect_lines(out, "written: tests/wrong/expect.err", "written: tests/wrong/expect.jsonl")
        self.assertEqual((self.folder / "tests/wrong/expect.jsonl").read_text(encoding="utf-8"), self.HEADER + "[1]\n[2.50]\n")
        self.assertEqual((self.folder / "tests/wrong/expect.err").read_text(encoding="utf-8"), message + "\n")
        self.run_tests("tests/wrong tests/good", 0)
        self.assertEqual(list(self.folder.rglob("nowhere")), [])

    def test_a_folder_may_set_variables_and_rounds(self):
        self.write("case/batch.json", '{"batchout": 1, "inputs": {"docs": {"type": "const", "data": ["{\\"${KEY}\\": 1}"]}},\n'
                                      ' "columns": {"a": "a"}, "outputs": {"o": {"type": "discard"}}}\n')
        self.write("case/env", "KEY=a\n")
        self.write("case/rounds", "2\n")
        self.write("case/expect.jsonl", self.HEADER + '["1"]\n["1"]\n')
        self.run_tests("case", 0)

    def test_a_report_for_ci_systems_is_good_xml(self):
        self.write("batch.yml", CONFIG + GOOD + """\
  'a <b> & "c\\a"':
    env: {BATCHOUT_NOT_SET: x}
    payloads: '{"id": 1, "customer": {"name": "<\\uffff\\u0001>"}}'
    expect: {orders: [{id: 2, customer: ']]>'}]}
""")
        self.write("wrong.yml", "batchout: 1\ntests: 5\n")
        self.run_tests("batch.yml wrong.yml --junit report.xml", 3)
        suites = xml.parse(self.folder / "report.xml").getroot()
        self.assertEqual([(suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("errors")) for suite in suites],
                         [("batch.yml", "2", "1", "0"), ("wrong.yml", "1", "0", "1")])
        cases = suites[0].findall("testcase")
        self.assertEqual(cases[1].get("name"), 'a <b> & "c\\a"')
        self.assertIn("orders, row 1, id: expected 2, got 1", cases[1].find("failure").get("message"))
        self.assertIn("orders, row 1, customer", cases[1].find("failure").text)
        self.assertIn("wrong.yml:2:8: tests: a section is a mapping", suites[1].find("testcase/error").text)
        self.assertIn("the report cannot be written: nowhere/r.xml", self.run_tests("batch.yml --junit nowhere/r.xml", 5)[1])

    def test_a_value_that_stops_a_run_fails_the_test(self):
        self.write("batch.yml", """\
batchout: 1
inputs: {d: d.json}
columns: {n: {path: n, type: integer, on_error: stop}}
outputs: {o: "-"}
tests:
  one: {payloads: '{"n": "x"}', expect: [[null]]}
""")
        self.assertIn("[BO412]", self.run_tests("batch.yml", 1)[0])

    def test_several_inputs_and_queries(self):
        self.write("batch.yml", """\
batchout: 1
inputs: {users: users.ndjson, logins: logins.ndjson}
columns: {id: [id, integer], name: name, user: [user, integer]}
maps: {users: [id, name], logins: [user]}
selectors:
  counts: select u.name, count(l.user) as logins from users u left join logins l on l.user = u.id group by u.id order by u.id
outputs: {counts: counts.csv}
tests:
  joined:
    payloads:
      users: ['{"id": 1, "name": "Ada"}', '{"id": 2, "name": "Grace"}']
      logins: ['{"user": 1}', '{"user": 1}']
    expect: [[Ada, 2], [Grace, 0]]
  no_logins:
    payloads: {users: '{"id": 1, "name": "Ada"}'}
    expect: {counts: [[Ada, 0]]}
""")
        self.assertTrue(self.run_tests("batch.yml", 0)[0].endswith("2 passed, 0 failed\n"))

    def test_a_writer_may_get_nothing(self):
        self.write("batch.yml", """\
batchout: 1
inputs: {read: read.ndjson, unread: unread.ndjson}
columns: {a: a}
selectors:
  first: {columns: [a], input: read}
  second: {columns: [a], input: unread}
outputs: {first: first.csv, second: second.csv}
tasks: {read: {inputs: [read]}, write_first: {outputs: first, selector: first}, write_second: {outputs: second, selector: second}}
tests:
  nothing: {payloads: {read: '{"a": "b"}'}, expect: {first: [[b]], write_second: []}}
""")
        out, err = self.run_tests("batch.yml", 0)
        self.assertIn("1 passed", out)
        self.assertIn("[BO246]", err)

    def test_many_differences_are_cut_short(self):
        rows = ", ".join(f"[{number + 1}]" for number in range(50))
        payloads = ", ".join(f"'{{\"id\": {number * 100}}}'" for number in range(50))
        out = self.of(f"  one:\n    payloads: [{payloads}]\n    expect: {{orders: {{columns: [id], rows: [{rows}]}}}}\n", 1)
        self.assertEqual(out.count("\n"), 1 + 20 + 1 + 1)
        self.assertIn("orders: 30 more differences", out)

    def test_a_large_test_takes_its_time_only_once(self):
        self.write("many.ndjson", "".join(f'{{"id": {number}}}\n' for number in range(20000)))
        self.write("orders.jsonl", "".join(f'{{"id": {number}}}\n' for number in range(20000) if number != 10000))
        out = self.of("  one:\n    payloads: {file: many.ndjson}\n    expect: {orders: orders.jsonl}\n", 1)
        self.expect_lines(out, "orders.jsonl: orders, rows: expected 19999, got 20000")
        self.assertIn("orders, row 10001: not expected: {id: 10000}", out)


if __name__ == "__main__":
    unittest.main()
