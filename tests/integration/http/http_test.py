"""The http input against a server that answers as each test wants it.

http_test.py PROGRAM
"""

import gzip
import http.server
import json
import os
import pathlib
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

PROGRAM = sys.argv.pop(1)

CONFIG = """
inputs:
  api:
    type: http
    {settings}
extractors:
  json: {{type: jsonpath}}
columns:
  n: {{type: integer, extractor: json, path: n}}
maps:
  api: [n]
selectors:
  all: {{type: sql, columns: [n], query: select n from api}}
outputs:
  out: {{type: jsonl, path: "-"}}
tasks:
  read: {{type: reader, inputs: api}}
  write: {{type: writer, selector: all, outputs: out}}
"""

CRAWL = """
batchout: 1
inputs:
  notes: {type: http, url: "URL/pages/{page}"}
  pages: {type: http, url: "URL/users/{user}/pages"}
  users: {type: http, url: "URL/users"}
indexes: {u: users, p: pages, n: notes}
columns:
  user: ["users[{u}]", integer]
  page: ["pages[{p}]", integer]
  of_page: [page, integer]
  note: ["notes[{n}]", string]
maps:
  users: [{u: user}]
  pages: [{p: page}]
  notes: [of_page, {n: note}]
selectors:
  ids: select user from users
  page_ids: select distinct page from pages
  notes: select of_page as page, note from notes
outputs:
  notes: {type: jsonl, path: "-"}
tasks:
  notes: {inputs: notes, selector: page_ids, threads: 6}
  pages: {inputs: pages, selector: ids, threads: 3}
  users: {inputs: users}
  write: {outputs: notes, selector: notes}
"""

PAGES_OF_USERS = """
batchout: 1
inputs:
  pages: {type: http, url: "URL/users/{user}/pages"}
  users: {type: http, url: "URL/users"}
indexes: {u: users, p: pages}
columns:
  user: ["users[{u}]", integer]
  page: ["pages[{p}]", integer]
maps:
  users: [{u: user}]
  pages: [{p: page}]
selectors:
  ids: select user from users
  rows: {columns: [page], input: pages}
outputs: {out: {type: jsonl, path: "-"}}
tasks:
  pages: {inputs: pages, selector: ids}
  users: {inputs: users}
  write: {selector: rows, outputs: out}
"""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.server.requests.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
        status, headers, body = self.server.respond(len(self.server.requests), self.path)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            if self.command != "HEAD":
                self.wfile.write(body)
        except OSError:
            pass  # A client that has heard enough hangs up.

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer

    def log_message(self, *_):
        pass


class Http(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def serve(self, respond, context=None):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.handle_error = lambda request, address: None  # Refused handshakes are part of the tests.
        server.requests = []
        server.respond = respond
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        server.url = f"http{'s' if context else ''}://127.0.0.1:{server.server_port}"
        return server

    def run_program(self, settings, arguments="--once --retry-for 1s", **environment):
        text = CONFIG.format(settings="\n    ".join(f"{key}: {json.dumps(value)}" for key, value in settings.items()))
        (self.folder / "batch.yml").write_text(text)
        done = subprocess.run([PROGRAM, "run", "batch.yml", *arguments.split()], cwd=self.folder, capture_output=True,
                              text=True, timeout=60, env={**os.environ, **environment})
        return done.returncode, done.stdout, done.stderr

    def expect(self, settings, code, out="", *parts, **environment):
        got, stdout, stderr = self.run_program(settings, **environment)
        self.assertEqual((got, stdout), (code, out), stderr)
        for part in parts:
            self.assertIn(part, stderr)
        return stderr

    def test_the_body_of_the_response_is_one_payload(self):
        server = self.serve(lambda number, path: (200, {}, b'{"n": 7}'))
        self.expect({"url": server.url + "/a?b=1"}, 0, '{"n":7}\n')
        ((method, path, headers, body),) = server.requests
        self.assertEqual((method, path, body), ("GET", "/a?b=1", b""))
        self.assertTrue(headers["User-Agent"].startswith("batchout/"), headers)

    def test_the_status_is_metadata_of_the_payload(self):
        server = self.serve(lambda number, path: (203, {}, b'{"n": 7}'))
        (self.folder / "batch.yml").write_text(f"""
batchout: 1
inputs: {{api: {{type: http, url: "{server.url}"}}}}
extractors: {{json: jsonpath, meta: meta}}
columns:
  n: {{path: n, type: integer, extractor: json}}
  status: {{path: status, type: integer, extractor: meta}}
outputs: {{out: {{type: jsonl, path: "-"}}}}
""")
        done = subprocess.run([PROGRAM, "run", "batch.yml", "--once"], cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (0, '{"n":7,"status":203}\n'), done.stderr)

    def test_parameters_are_percent_encoded(self):
        server = self.serve(lambda number, path: (200, {}, b'{"n": 7}'))
        self.expect({"url": server.url + "/{{a}}/{who}?q={what}", "params": {"who": "J ö/.%?#", "what": "&x=1"}}, 0, '{"n":7}\n')
        self.assertEqual(server.requests[0][1], "/%7Ba%7D/J%20%C3%B6/.%25%3F%23?q=%26x%3D1".replace("%7Ba%7D", "{a}"))

    def test_one_round_goes_down_several_levels_and_asks_several_at_a_time(self):
        # Nobody gets an answer before all requests of the level have come.
        levels = {"pages": threading.Barrier(3, timeout=20), "notes": threading.Barrier(6, timeout=20)}

        def respond(number, path):
            parts = path.strip("/").split("/")
            if parts == ["users"]:
                return 200, {}, b'{"users": [1, 2, 3]}'
            if parts[0] == "users":
                levels["pages"].wait()
                return 200, {}, json.dumps({"pages": [int(parts[1]) * 10 + i for i in range(2)]}).encode()
            levels["notes"].wait()
            return 200, {}, json.dumps({"page": int(parts[1]), "notes": ["a", "b"]}).encode()

        server = self.serve(respond)
        (self.folder / "batch.yml").write_text(CRAWL.replace("URL", server.url))
        done = subprocess.run([PROGRAM, "run", "batch.yml", "--once"], cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        pages = [10, 11, 20, 21, 30, 31]
        self.assertEqual([json.loads(line) for line in done.stdout.splitlines()],
                         [{"page": page, "note": note} for page in pages for note in "ab"])
        self.assertEqual(len(server.requests), 1 + 3 + 6)

    def test_parameters_come_from_a_selector_one_request_a_row(self):
        hostile = ["1", "a/b", "../..", "?x=1&y", "# %", "' or 1=1 --", "\u00e9"]
        rows = " union all ".join("select '" + value.replace("'", "''") + "'" for value in hostile) + " union all select null"
        quoted = [urllib.parse.quote(value, safe="/-._~") for value in hostile]
        quoted[2] = "%2E%2E%2F%2E%2E"
        for params in ("", "\n    params: {id: none}"):
            server = self.serve(lambda number, path: (200, {}, json.dumps({"n": len(path)}).encode()))
            done = self.run_with_selector(f'url: "{server.url}/user/{{id}}?q={{id}}"{params}', rows)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual([path for _, path, _, _ in server.requests], [f"/user/{value}?q={value}" for value in quoted])
            self.assertEqual(done.stdout.count("\n"), len(hostile))

    def test_without_rows_a_name_without_a_value_is_no_request(self):
        server = self.serve(lambda number, path: (200, {}, b'{"n": 7}'))
        done = self.run_with_selector(f'url: "{server.url}/user/{{id}}"', "select n from api")
        self.assertEqual((done.returncode, done.stdout, server.requests), (0, "", []), done.stderr)
        self.assertIn("a name in braces that params does not give a value", done.stderr)

    def run_with_selector(self, settings, query):
        config = CONFIG.format(settings=settings)
        config = config.replace("  all: {", f"  ids: {{type: sql, columns: [id], query: {json.dumps(query)}}}\n  all: {{")
        (self.folder / "batch.yml").write_text(config.replace("inputs: api}", "inputs: api, selector: ids}"))
        return subprocess.run([PROGRAM, "run", "batch.yml", "--once"], cwd=self.folder, capture_output=True, text=True, timeout=60)

    def test_method_headers_body_and_authentication_are_sent(self):
        server = self.serve(lambda number, path: (200, {}, b'{"n": 7}'))
        self.expect({"url": server.url, "method": "post", "body": "{}", "headers": {"Content-Type": "application/json", "X-None": ""},
                     "username": "me", "password": "sesame"}, 0, '{"n":7}\n')
        self.expect({"url": server.url, "method": "delete", "bearer_token": "tok"}, 0, '{"n":7}\n')
        (method, _, headers, body), second = server.requests
        self.assertEqual((method, body, headers["Content-Type"], headers["X-None"]), ("POST", b"{}", "application/json", ""))
        self.assertEqual(headers["Authorization"], "Basic bWU6c2VzYW1l")
        self.assertEqual((second[0], second[2]["Authorization"]), ("DELETE", "Bearer tok"))

    def test_a_value_that_the_server_refuses_is_one_reject(self):
        server = self.serve(lambda number, path: (404, {}, b"no such user") if path.endswith("11/pages")
                            else (200, {}, (b'{"users": [10, 11, 12]}' if path == "/users" else b'{"pages": [1]}')))
        (self.folder / "batch.yml").write_text(PAGES_OF_USERS.replace("URL", server.url))
        done = subprocess.run([PROGRAM, "run", "batch.yml", "--once"], cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (0, '{"page":1}\n' * 2), done.stderr)
        self.assertIn("Refused [BO420]: the status is 404; http:" + server.url + "/users/11/pages", done.stderr)

    def test_put_and_patch_send_their_body_and_head_has_none_to_read(self):
        server = self.serve(lambda number, path: (200, {}, b'{"n": 7}'))
        for method in ("put", "patch"):
            self.expect({"url": server.url, "method": method, "body": '{"id": 1}'}, 0, '{"n":7}\n')
        self.expect({"url": server.url, "method": "head"}, 0, "", "BO402")
        self.assertEqual([(request[0], request[3]) for request in server.requests],
                         [("PUT", b'{"id": 1}'), ("PATCH", b'{"id": 1}'), ("HEAD", b"")])

    def test_a_proxy_is_asked_for_the_whole_url(self):
        proxy = self.serve(lambda number, path: (200, {}, b'{"n": 7}'))
        self.expect({"url": "http://warehouse.example/a?b=1", "proxy": proxy.url}, 0, '{"n":7}\n')
        self.assertEqual([request[:2] for request in proxy.requests], [("GET", "http://warehouse.example/a?b=1")])
        self.expect({"url": "http://warehouse.example/a", "proxy": "http://127.0.0.1:1"}, 4, "", "BO560")

    def test_a_fault_that_may_pass_is_tried_again_after_a_pause(self):
        server = self.serve(lambda number, path: (503, {"Retry-After": "1"}, b"busy") if number == 1 else (200, {}, b'{"n": 7}'))
        start = time.monotonic()
        self.expect({"url": server.url}, 0, '{"n":7}\n', "sent again in 1 s: the status is 503; attempt 1 of 4")
        self.assertGreaterEqual(time.monotonic() - start, 1)

    def test_retry_after_is_bounded(self):
        server = self.serve(lambda number, path: (429, {"Retry-After": "3600"}, b"") if number == 1 else (200, {}, b'{"n": 7}'))
        self.expect({"url": server.url, "max_backoff_sec": "10ms"}, 0, '{"n":7}\n', "in 0.01 s")

    def test_a_fault_that_stays_is_an_input_that_is_unavailable(self):
        server = self.serve(lambda number, path: (500, {}, b"line one\nline two"))
        self.expect({"url": server.url + "/x?secret=1", "retries": 1, "max_backoff_sec": 0}, 4, "", "BO560", "the status is 500",
                    server.url + "/x; line one line two")

    def test_a_server_that_is_not_there_is_unavailable(self):
        server = self.serve(None)
        server.server_close()
        self.expect({"url": server.url, "retries": 0}, 4, "", "BO560")

    def test_a_refusal_is_not_tried_again(self):
        server = self.serve(lambda number, path: (403, {}, b"no"))
        self.expect({"url": server.url}, 3, "", "BO561", "the status is 403")
        self.assertEqual(len(server.requests), 1)

    def test_ignored_codes_are_no_payload(self):
        server = self.serve(lambda number, path: (404, {}, b"{}"))
        self.expect({"url": server.url, "ignore_status_codes": [404]}, 0)

    def test_redirects_stay_at_their_origin(self):
        other = self.serve(lambda number, path: (200, {}, b'{"n": 666}'))
        server = self.serve(lambda number, path: {"/": (302, {"Location": "/two"}, b""), "/two": (307, {"Location": "three?x"}, b""),
                                                  "/away": (302, {"Location": other.url}, b""), "/loop": (302, {"Location": "/loop"}, b"")
                                                  }.get(path, (200, {}, b'{"n": 7}')))
        self.expect({"url": server.url}, 0, '{"n":7}\n')
        self.assertEqual([path for _, path, _, _ in server.requests], ["/", "/two", "/three?x"])
        self.expect({"url": server.url + "/away", "bearer_token": "tok"}, 3, "", "BO562", "another origin")
        self.expect({"url": server.url + "/loop"}, 3, "", "BO562", "more than 5 times")
        self.assertEqual(other.requests, [])

    def test_a_redirect_to_get_has_no_body_and_repetitions_count_redirects_anew(self):
        server = self.serve(lambda number, path: {"/": (303, {"Location": "/two"}, b"")}.get(path, (200, {}, b'{"n": 7}')))
        self.expect({"url": server.url, "method": "post", "body": "secret"}, 0, '{"n":7}\n')
        self.assertEqual([(method, body) for method, _, _, body in server.requests], [("POST", b"secret"), ("GET", b"")])
        server = self.serve(lambda number, path: {"/": (302, {"Location": "/1"}, b""), "/1": (302, {"Location": "/2"}, b"")
                                                  }.get(path, (503, {}, b"")))
        self.expect({"url": server.url, "retries": 3, "max_backoff_sec": 0}, 4, "", "BO560")

    def test_a_preview_of_a_given_payload_sends_nothing(self):
        server = self.serve(lambda number, path: (200, {}, b'{"n": 7}'))
        config = CONFIG.format(settings=f'url: "{server.url}/{{id}}"\n    params: {{id: none}}')
        config = config.replace("  all: {", "  ids: {type: sql, columns: [id], query: \"values('1')\"}\n  all: {")
        (self.folder / "batch.yml").write_text(config.replace("inputs: api}", "inputs: api, selector: ids}"))
        (self.folder / "given.json").write_text('{"n": 3}')
        done = subprocess.run([PROGRAM, "preview", "batch.yml", "--payload", "given.json"], cwd=self.folder, capture_output=True,
                              text=True, timeout=60)
        self.assertEqual((done.returncode, server.requests), (0, []), done.stderr)
        self.assertIn("3", done.stdout)

    def test_a_body_that_is_too_long_is_a_reject(self):
        server = self.serve(lambda number, path: (200, {}, b'{"n": 7}' + b" " * 100_000))
        self.expect({"url": server.url, "body_max": 1000}, 0, "", "BO404")

    def test_compressed_bodies_are_unpacked(self):
        server = self.serve(lambda number, path: (200, {"Content-Encoding": "gzip"}, gzip.compress(b'{"n": 7}')))
        self.expect({"url": server.url}, 0, '{"n":7}\n')

    def test_a_bomb_ends_at_the_limit(self):
        server = self.serve(lambda number, path: (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(50_000_000))))
        self.expect({"url": server.url, "body_max": 100_000}, 0, "", "BO404")

    def pages(self, paging, respond, code=0, out=None, *parts, **settings):
        """Runs with paging; returns the paths that were asked for."""
        server = self.serve(respond)
        stderr = self.expect({"url": server.url + "/list?size=2", "paging": paging, **settings}, code,
                             "".join(f'{{"n":{n}}}\n' for n in out or []), *parts)
        server.stderr = stderr
        return [path for _, path, _, _ in server.requests]

    def test_pages_follow_the_header_link(self):
        links = ['</list?page=2>; rel="next"; title="a, b; rel=prev"', '</list?page=1>; rel=prev, <?page=3>; title="x"; rel="last NEXT"',
                 '</list?page=1>; rel="previous"']
        asked = self.pages({"link": True}, lambda number, path: (200, {"Link": links[number - 1]}, b'{"n": %d}' % number), 0, [1, 2, 3])
        self.assertEqual(asked, ["/list?size=2", "/list?page=2", "/list?page=3"])

    def test_pages_follow_a_path_to_the_next_url(self):
        def respond(number, path):
            return 200, {}, json.dumps({"n": number, "links": {"next": ["/b", "c?x=%20", None][number - 1]}}).encode()
        self.assertEqual(self.pages({"next": "$.links.next"}, respond, 0, [1, 2, 3]), ["/list?size=2", "/b", "/c?x=%20"])

    def test_pages_follow_a_cursor(self):
        cursors = ["a b&c=1", 17, ""]
        def respond(number, path):
            return 200, {}, json.dumps({"n": number, "meta": {"cursor": cursors[number - 1]}}).encode()
        asked = self.pages({"cursor": "$.meta.cursor", "param": "after"}, respond, 0, [1, 2, 3])
        self.assertEqual([path.lower() for path in asked], ["/list?size=2", "/list?size=2&after=a%20b%26c%3d1", "/list?size=2&after=17"])

    def test_pages_have_numbers_until_one_lists_nothing(self):
        def respond(number, path):
            return 200, {}, json.dumps({"n": number, "items": [[1], [2], []][number - 1]}).encode()
        asked = self.pages({"page": "p", "first": 0, "items": "$.items"}, respond, 0, [1, 2, 3])
        self.assertEqual(asked, ["/list?size=2&p=0", "/list?size=2&p=1", "/list?size=2&p=2"])
        def more(number, path):
            return 200, {}, json.dumps({"n": number, "more": number < 2}).encode()
        self.assertEqual(self.pages({"page": "size", "more": "$.more"}, more, 0, [1, 2]), ["/list?size=1", "/list?size=2"])

    def test_pages_end_where_a_code_is_ignored(self):
        def respond(number, path):
            return (200, {}, b'{"n": %d, "items": [1]}' % number) if number < 3 else (404, {}, b"")
        self.pages({"page": "p", "items": "$.items"}, respond, 0, [1, 2], ignore_status_codes=[404])

    def test_a_page_that_is_a_page_before_ends_paging(self):
        def respond(number, path):
            return 200, {}, b'{"n": %d, "next": "/list?size=2"}' % number
        self.pages({"next": "$.next"}, respond, 0, [1], "The next page has been read before, so paging ends")
        def ring(number, path):
            return 200, {}, json.dumps({"n": number, "next": ["/a", "/b", "/a"][number - 1]}).encode()
        self.assertEqual(len(self.pages({"next": "$.next"}, ring, 0, [1, 2, 3], "has been read before")), 3)

    def test_pages_are_limited(self):
        def respond(number, path):
            return 200, {}, b'{"n": %d, "next": "/p%d"}' % (number, number)
        asked = self.pages({"next": "$.next", "pages_max": 4}, respond, 0, [1, 2, 3, 4], "There are more pages than are read; raise `pages_max`: 4")
        self.assertEqual(len(asked), 4)

    def test_no_page_of_another_origin_is_asked_for(self):
        other = self.serve(lambda number, path: (200, {}, b'{"n": 9}'))
        for target in (other.url + "/x", "//example.invalid/x", "file:///etc/passwd", "ftp://127.0.0.1/x"):
            body = json.dumps({"n": 1, "next": target}).encode()
            self.pages({"next": "$.next"}, lambda number, path: (200, {}, body), 3, [],
                       "Paging cannot go on: the next page is at another origin", bearer_token="secret")
        self.assertEqual(other.requests, [])

    def test_a_page_that_cannot_be_read_is_asked_for_again(self):
        def respond(number, path):
            body = [b'{"n": 1, "next": "/b"}', b"<html>busy</html>", b'{"n": 2}'][number - 1]
            return 200, {}, body
        asked = self.pages({"next": "$.next"}, respond, 0, [1, 2], "the next page is not known", max_backoff_sec="10ms")
        self.assertEqual(asked, ["/list?size=2", "/b", "/b"])
        self.pages({"next": "$.next"}, lambda number, path: (200, {}, b"<html>"), 4, [], "the next page is not known", "[BO560]", retries=0)

    def test_a_page_that_fails_is_asked_for_again_and_not_those_before(self):
        def respond(number, path):
            if number == 2:
                return 503, {}, b""
            return 200, {}, json.dumps({"n": number, "next": "/b" if number == 1 else None}).encode()
        asked = self.pages({"next": "$.next"}, respond, 0, [1, 3], max_backoff_sec="10ms")
        self.assertEqual(asked, ["/list?size=2", "/b", "/b"])

    def test_a_page_that_is_too_long_ends_the_run(self):
        self.pages({"next": "$.next"}, lambda number, path: (200, {}, b'{"n": 1}' + b" " * 1000), 3, [], "raise `body_max`", "[BO563]", body_max=100)

    def test_pages_of_xml_are_read_by_the_extractor_that_is_named(self):
        text = CONFIG.replace("json: {{type: jsonpath}}", "json: {{type: jsonpath}}\n  xml: {{type: xpath}}")
        text = text.replace("extractor: json, path: n", "extractor: xml, path: /p/n/text()")
        server = self.serve(lambda number, path: (200, {}, b"<p><n>%d</n>%s</p>" % (number, b"<next>/b</next>" if number == 1 else b"")))
        paging = json.dumps({"next": "/p/next/text()", "extractor": "xml"})
        (self.folder / "batch.yml").write_text(text.format(settings=f'url: "{server.url}"\n    paging: {paging}'))
        done = subprocess.run([PROGRAM, "run", "batch.yml", "--once"], cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (0, '{"n":1}\n{"n":2}\n'), done.stderr)

    def test_paging_is_checked_with_the_configuration(self):
        for paging, part in (({}, "needs one of link, next, cursor, page"), ({"link": True, "next": "$.a"}, "needs one of link, next, cursor, page"),
                             ({"page": "p"}, "goes on for ever without items or more"), ({"next": "$.["}, "inputs.api.paging.next: "),
                             ({"next": "$.a", "extractor": "nobody"}, 'there is no extractor "nobody"')):
            code, _, stderr = self.run_program({"url": "http://127.0.0.1:1/", "paging": paging})
            self.assertEqual(code, 3, stderr)
            self.assertIn(part, stderr)

    def test_a_slow_server_times_out_and_a_stop_is_heard(self):
        def slow(number, path):
            time.sleep(5)
            return 200, {}, b"{}"
        server = self.serve(slow)
        start = time.monotonic()
        self.expect({"url": server.url, "timeout_sec": 0.2, "retries": 0}, 4, "", "BO560")
        self.assertLess(time.monotonic() - start, 5)

    def test_the_environment_names_no_proxy(self):
        server = self.serve(lambda number, path: (200, {}, b'{"n": 7}'))
        self.expect({"url": server.url}, 0, '{"n":7}\n', http_proxy="http://127.0.0.1:1", ALL_PROXY="http://127.0.0.1:1")

    def test_certificates_are_checked(self):
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
                        "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server = self.serve(lambda number, path: (200, {}, b'{"n": 7}'), context)
        self.expect({"url": server.url}, 3, "", "BO561", "certificate")
        self.expect({"url": server.url, "ca_file": str(certificate)}, 0, '{"n":7}\n')
        self.expect({"url": server.url.replace("127.0.0.1", "localhost"), "ca_file": str(certificate)}, 3, "", "BO561")
        self.expect({"url": server.url, "verify": False}, 0, '{"n":7}\n')

    def test_a_client_shows_its_certificate(self):
        names = {name: self.folder / f"{name}.pem" for name in ("key", "certificate", "client_key", "client")}
        for key, certificate, subject in ((names["key"], names["certificate"], "/CN=test"), (names["client_key"], names["client"], "/CN=loader")):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
                            "-subj", subject, "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(names["certificate"], names["key"])
        context.load_verify_locations(names["client"])
        context.verify_mode = ssl.CERT_REQUIRED
        server = self.serve(lambda number, path: (200, {}, b'{"n": 7}'), context)
        known = {"url": server.url, "ca_file": str(names["certificate"]), "retries": 0}
        shown = {"client_certificate": str(names["client"]), "client_key": str(names["client_key"])}
        self.expect(known | shown, 0, '{"n":7}\n')
        self.assertNotEqual(self.run_program(known)[0], 0)

    def test_other_schemes_and_secrets_in_urls_are_refused_before_anything_is_sent(self):
        for url in ("file:///etc/passwd", "gopher://127.0.0.1/", "http://", "http://me:sesame@127.0.0.1/", "no url at all"):
            stderr = self.expect({"url": url}, 3, "", "batch.yml:5:10", "must be an http or https URL")
        for url in ("http://127.0.0.1{id}", "http://{id}.example.com/", "{id}://127.0.0.1/", "http://127.0.0.1:{id}/"):
            self.expect({"url": url, "params": {"id": "1"}}, 3, "", "values stand in path and query only")
        self.expect({"url": "http://127.0.0.1/{id}"}, 3, "", "a name in braces that params does not give a value")
        self.expect({"url": "http://127.0.0.1/", "headers": {"X": "a\r\nY: b"}}, 3, "", "a value has no line end")


if __name__ == "__main__":
    unittest.main()
