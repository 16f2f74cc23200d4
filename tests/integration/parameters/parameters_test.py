"""Hostile values as parameters of inputs: quotes, other statements, paths, masks, escapes, NUL.

parameters_test.py PROGRAM

Every value of hostile.json is given to each input by a selector. What is found must be what equals the value, and nothing
else may be read, written or asked. PostgreSQL is left out, visibly, without BATCHOUT_TEST_PG_HOST.
"""

import http.server
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse

PROGRAM = sys.argv.pop(1)
VALUES = json.loads((pathlib.Path(__file__).parent / "hostile.json").read_text())
assert len(VALUES) == len(set(VALUES)) >= 350

def config(settings, params):
    """JSON, which can write any character."""
    return {
        "inputs": {"src": settings},
        "extractors": {"json": {"type": "jsonpath"}},
        "columns": {"v": {"type": "string", "extractor": "json", "path": "v"}},
        "maps": {"src": ["v"]},
        "selectors": {"params": {"type": "sql", "columns": ["p"], "query": params},
                      "all": {"type": "sql", "columns": ["v"], "query": "select v from src"}},
        "outputs": {"out": {"type": "jsonl", "path": "-"}},
        "tasks": {"read": {"type": "reader", "inputs": "src", "selector": "params"},
                  "write": {"type": "writer", "selector": "all", "outputs": "out"}},
    }


def literal(value):
    """A literal of SQLite, whose texts cannot be written with NUL in them."""
    return "||char(0)||".join("'" + part.replace("'", "''") + "'" for part in value.split("\0"))


class Parameters(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def read(self, settings, values=VALUES):
        """What column v has, in order."""
        rows = " union all ".join("select " + literal(value) for value in values)
        (self.folder / "batch.json").write_text(json.dumps(config(settings, rows)))
        done = subprocess.run([PROGRAM, "run", "batch.json", "--once", "--retry-for", "1s"], cwd=self.folder,
                              capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        return [json.loads(line)["v"] for line in done.stdout.split("\n")[:-1]]

    def test_sqlite(self):
        base = sqlite3.connect(self.folder / "base.sqlite")
        base.execute("create table t(v text)")
        base.execute("create table canary(v text)")
        base.execute("insert into canary values ('canary')")
        base.executemany("insert into t values (?)", [(value,) for value in VALUES])
        base.commit()
        before = (self.folder / "base.sqlite").read_bytes()
        for condition in ("v = {p}", "v = '{p}'", "v in ({p}, 'nothing')", "v is (select {p})"):
            sql = f"select v from t where {condition} order by rowid"
            found = self.read({"type": "sqlite", "path": "base.sqlite", "sql": sql, "params": {"p": "none"}})
            self.assertEqual(found, VALUES, condition)
        # A statement cannot hold NUL, so there such a value finds nothing.
        inside = "select v from t where '[' || v || ']' = '[{p}]'"
        whole = [value for value in VALUES if "\0" not in value]
        self.assertEqual(self.read({"type": "sqlite", "path": "base.sqlite", "sql": inside, "params": {"p": "none"}}), whole)
        self.assertEqual((self.folder / "base.sqlite").read_bytes(), before)

    @unittest.skipUnless(os.environ.get("BATCHOUT_TEST_PG_HOST"), "no server")
    def test_postgres(self):
        names = ("HOST", "PORT", "USER", "PASSWORD", "DBNAME")
        server = {name.lower(): os.environ[f"BATCHOUT_TEST_PG_{name}"] for name in names}
        server["port"] = int(server["port"])
        values = [value for value in VALUES if "\0" not in value]

        def psql(sql):
            environment = {**os.environ, "PGPASSWORD": server["password"]}
            done = subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-h", server["host"], "-p", str(server["port"]),
                                   "-U", server["user"], server["dbname"]], input=sql, env=environment, capture_output=True,
                                  text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout

        rows = ", ".join(f"({i}, '" + value.replace("'", "''") + "')" for i, value in enumerate(values))
        psql(f"""drop schema if exists parameters_test cascade; create schema parameters_test; set search_path = parameters_test;
                 create table t(i int, v text); insert into t values {rows};
                 create table canary(v text); insert into canary values ('canary');""")
        self.addCleanup(psql, "drop schema parameters_test cascade")
        for condition in ("v = {p}", "v = '{p}'", "v = E'{p}'", "v = text '{p}'", "'[' || v || ']' = '[{p}]'",
                          "v = any (array[{p}, 'nothing'])"):
            sql = f"select v from parameters_test.t where {condition} order by i"
            self.assertEqual(self.read({"type": "postgres", **server, "sql": sql, "params": {"p": "none"}}), values, condition)
        self.assertEqual(psql("select * from parameters_test.canary; select count(*) from parameters_test.t"),
                         f"canary\n{len(values)}\n")

    def test_file(self):
        (self.folder / "data").mkdir()
        (self.folder / "secret.json").write_text('{"v": "secret"}')
        (self.folder / "data" / "none.json").write_text('{"v": "none"}')
        expected = []
        for value in VALUES:
            if "/" in value or "\0" in value:
                continue
            (self.folder / "data" / f"{value}.json").write_text(json.dumps({"v": value}))
            expected.append(value)
        before = sorted(path.name for path in self.folder.rglob("*"))
        found = self.read({"type": "file", "path": "data/{p}.json", "params": {"p": "none"}})
        # `./a` and `a` are one file, and no value leads out of the folder.
        self.assertEqual([value for value in found if value in expected], found)
        self.assertEqual([value for value in dict.fromkeys(found)], expected)
        self.assertEqual(sorted(path.name for path in self.folder.rglob("*") if path.name != "batch.json"), before)

    def test_http(self):
        asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append((self.path, dict(self.headers)))
                body = json.dumps({"v": self.path}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        host = f"127.0.0.1:{server.server_port}"
        self.read({"type": "http", "url": f"http://{host}/item/{{p}}?q={{p}}", "params": {"p": "none"}})
        self.assertEqual(len(asked), len(VALUES))
        for value, (path, headers) in zip(VALUES, asked):
            before, _, query = path.partition("?")
            self.assertTrue(before.startswith("/item/"), path)
            self.assertEqual(urllib.parse.unquote(before[len("/item/"):]), value)
            self.assertEqual(urllib.parse.unquote(query), "q=" + value)
            self.assertEqual((headers["Host"], headers.get("X-Injected")), (host, None))
            self.assertFalse(any(part in (".", "..") for part in before.split("/")), path)


if __name__ == "__main__":
    unittest.main(verbosity=2)
