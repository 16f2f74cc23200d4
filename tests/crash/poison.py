"""Bad payloads of many kinds at several shares, into PostgreSQL: the dead letters are exactly those of the bad ones, with
source, unit, position and code, and every other row is there once.

poison.py PROGRAM [PAYLOADS [TIMED [KIND...]]], with the addresses in BATCHOUT_TEST_PG_*. PAYLOADS: how many there are for each
kind and share; TIMED: how many for the comparison of times, 0 for none. KIND: some of those below; without names, all.

The comparison runs files with one bad payload in a thousand and clean ones in turns, and takes medians.
"""

import collections
import gzip
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

import crash
import sinks
from sinks import psql

EVERY = (1000, 100, 10, 2)
ROUNDS = 7

CONFIG = """
batchout: 1
pipeline: {{name: {name}, delivery: exactly_once{limit}}}
inputs:
  orders: {{type: file, path: '{path}'{split}}}
{form}outputs:
  orders: {{{access}, table: {table}, mode: insert{more}}}
{also}"""

JSON = """columns: {id: [id, integer], name: name, amount: [amount, integer], ref: [ref, integer]}
"""
AS_TEXT = JSON.replace("amount: [amount, integer]", "amount: amount")
STRICT = JSON.replace("[amount, integer]", "{path: amount, type: integer, on_error: reject_row}")
DATED = JSON.replace("ref: [ref, integer]", "ref: [ref, integer], day: day")
LISTS = """indexes: {one: a, two: b}
""" + JSON.replace("ref: [ref, integer]", "ref: [ref, integer], x: 'a[{one}]', y: 'b[{two}]'") + """maps: {orders: [id, name, amount, ref, {one: x}, {two: y}]}
selectors: {orders: [id, name, amount, ref, x, y]}
"""
TREE = JSON.replace("ref: [ref, integer]", "ref: [ref, integer], x: [x, integer]")
CIRCLE = JSON.replace("ref: [ref, integer]", "ref: [ref, integer], x: [x, integer], back: [id, integer]") + """selectors:
  orders: [id, name, amount, ref, x]
  others: [id, back]
tasks:
  read: {type: reader, inputs: orders}
  write: {type: writer, selector: orders, outputs: [orders]}
  more: {type: writer, selector: others, outputs: [others]}
"""
OTHERS = "  others: {{{access}, table: {table}_other, mode: insert}}\n"
XML = """extractors: {xml: xpath}
columns: {id: [/order/id, integer], name: /order/name, amount: [/order/amount, integer], ref: [/order/ref, integer]}
"""
REGEX = """extractors: {one: {type: regex, group: 1}}
columns:
  id: ['id=(\\d+)', integer]
  name: 'name=((?:a+)+);'
  amount: ['amount=(\\d+)', integer]
  ref: ['ref=(\\d+)', integer]
"""

# Functions of triggers that refuse what CHECK refuses.
ROW_TRIGGER = """CREATE FUNCTION {0}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF new.name LIKE 'bad%' THEN RAISE EXCEPTION 'a bad name'; END IF; RETURN new; END $$;
CREATE TRIGGER t BEFORE INSERT ON {0} FOR EACH ROW EXECUTE FUNCTION {0}();"""
STATEMENT_TRIGGER = """CREATE FUNCTION {0}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF EXISTS (SELECT FROM fresh WHERE name LIKE 'bad%') THEN RAISE EXCEPTION 'a bad name'; END IF; RETURN NULL; END $$;
CREATE TRIGGER t AFTER INSERT ON {0} REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION {0}();"""
PARENTS = "CREATE TABLE {0}_parent (id bigint PRIMARY KEY); INSERT INTO {0}_parent SELECT generate_series(0, 999);"


BAD_NAMES = "ALTER TABLE {0} ADD CHECK (name NOT LIKE 'bad%');"
TREE_SETUP = BAD_NAMES + ("ALTER TABLE {0} ADD PRIMARY KEY (id), ADD FOREIGN KEY (x) REFERENCES {0} DEFERRABLE "
                          "INITIALLY DEFERRED;")
CIRCLE_SETUP = """ALTER TABLE {0} ADD PRIMARY KEY (id);
CREATE TABLE {0}_other (id bigint PRIMARY KEY, back bigint REFERENCES {0} DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE {0} ADD FOREIGN KEY (x) REFERENCES {0}_other DEFERRABLE INITIALLY DEFERRED;"""


def order(n, name=None, amount=None, ref=None, more=""):
    """A JSON payload; values as they are written."""
    return (f'{{"id": {n}, "name": {name or f"{chr(34)}order {n}{chr(34)}"}, "amount": {amount or 7 * n}, '
            f'"ref": {n % 1000 if ref is None else ref}{more}}}').encode()


def lists(n, size=1):
    return order(n, more=f', "a": {[1] * size}, "b": {[1] * size}')


def dated(n, day="2024-02-28"):
    return order(n, more=f', "day": "{day}"')


def parent(n):
    """Of ten rows the last three are a chain, and the seven before them."""
    return None if n % 10 in (6, 9) else n + 1


def partner(n):
    return n ^ 1


def leaf(n, name=None):
    return order(n, name, more=f', "x": {"null" if parent(n) is None else parent(n)}')


def half(n, x=None):
    return order(n, more=f', "x": {x or partner(n)}')


def element(n, start="", attributes="", name=None, end="</order>"):
    name = f"order {n}" if name is None else name
    return (f"{start}<order{attributes}><id>{n}</id><name>{name}</name><amount>{7 * n}</amount>"
            f"<ref>{n % 1000}</ref>{end}").encode()


def line(n, end=";"):
    return f"id={n} name=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{end} amount={7 * n} ref={n % 1000} ;".encode()


BOMB = "<!DOCTYPE order [<!ENTITY a '{}'>{}]>".format(
    "a" * 20, "".join(f"<!ENTITY {chr(98 + i)} '{f'&{chr(97 + i)};' * 10}'>" for i in range(6)))
FOREIGN = "<!DOCTYPE order [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"

# Who finds a bad payload: the program itself, the server with the line of the row, or the server without.
CLIENT, LINE, SERVER = "client", "line", "server"
LEAST = {CLIENT: 0.90, LINE: 0.35, SERVER: 0.15}

# `also`: more outputs; `needs`: the payload whose row must be there, so that payloads come in any order.
Kind = collections.namedtuple("Kind", "finder code bad form clean setup more name also needs",
                              defaults=(JSON, order, "", "", "order {n}", "", None))
BAD_NAME = {"bad": lambda n: order(n, '"bad name"'), "code": "BO534"}
REFUSED_NAME = BAD_NAME | {"code": "BO432"}
KINDS = {
    "syntax": Kind(CLIENT, "BO401", lambda n: order(n)[:-9]),
    "NaN": Kind(CLIENT, "BO401", lambda n: order(n, amount="NaN")),
    "surrogate": Kind(CLIENT, "BO401", lambda n: order(n, '"\\ud800"')),
    "depth": Kind(CLIENT, "BO405", lambda n: order(n, "[" * 200 + "]" * 200)),
    "UTF-8": Kind(CLIENT, "BO406", lambda n: order(n).replace(b"order", b"\xff\xfe")),
    "gzip instead of text": Kind(CLIENT, "BO406", lambda n: gzip.compress(order(n)).translate(None, b"\n\"")),
    "size": Kind(CLIENT, "BO407", lambda n: order(n, amount="1" * 5000)),
    "row explosion": Kind(CLIENT, "BO410", lambda n: lists(n, 150), LISTS, lists),
    "type": Kind(CLIENT, "BO411", lambda n: order(n, amount='"many"'), STRICT),
    "type of the column": Kind(CLIENT, "BO427", lambda n: order(n, amount='"many"'), AS_TEXT),
    "null in a key": Kind(CLIENT, "BO421", lambda n: order(n).replace(b'"id": %d,' % n, b'"id": null,'), more=", keys: [id]"),
    "bignum": Kind(CLIENT, "BO423", lambda n: order(n, amount="1" * 30)),
    "range": Kind(CLIENT, "BO423", lambda n: order(n, ref=3_000_000_000)),
    "NUL": Kind(CLIENT, "BO424", lambda n: order(n, '"nul \\u0000"')),
    "length": Kind(CLIENT, "BO425", lambda n: order(n, f'"{"x" * 50}"')),
    "NOT NULL": Kind(CLIENT, "BO426", lambda n: order(n, "null")),
    "XML syntax": Kind(CLIENT, "BO415", lambda n: element(n, end=""), XML, element),
    "XML bomb": Kind(CLIENT, "BO416", lambda n: element(n, BOMB, name="&g;"), XML, element),
    "XXE": Kind(CLIENT, "BO416", lambda n: element(n, FOREIGN, name="&x;"), XML, element),
    "attribute bomb": Kind(CLIENT, "BO417", lambda n: element(n, attributes="".join(f' a{i}=""' for i in range(300))), XML, element),
    "regex bomb": Kind(CLIENT, "BO408", lambda n: line(n, "!"), REGEX, line, name="a" * 38),
    "date": Kind(LINE, "BO423", lambda n: dated(n, "2024-02-31"), DATED, dated),
    "CHECK": Kind(LINE, **BAD_NAME, setup="ALTER TABLE {0} ADD CHECK (name NOT LIKE 'bad%');"),
    "UNIQUE": Kind(LINE, "BO534", lambda n: order(n - 1), setup="ALTER TABLE {0} ADD UNIQUE (id);"),
    "trigger": Kind(LINE, **REFUSED_NAME, setup=ROW_TRIGGER),
    "statement trigger": Kind(SERVER, **REFUSED_NAME, setup=STATEMENT_TRIGGER),
    "foreign key": Kind(SERVER, "BO534", lambda n: order(n, ref=5000),
                        setup=PARENTS + "ALTER TABLE {0} ADD FOREIGN KEY (ref) REFERENCES {0}_parent;"),
    "deferred foreign key": Kind(SERVER, "BO534", lambda n: order(n, ref=5000), setup=PARENTS +
                                 "ALTER TABLE {0} ADD FOREIGN KEY (ref) REFERENCES {0}_parent DEFERRABLE INITIALLY DEFERRED;"),
    "tree": Kind(SERVER, "BO534", lambda n: leaf(n, '"bad name"'), TREE, leaf, TREE_SETUP, needs=parent),
    "circle": Kind(SERVER, "BO534", lambda n: half(n, -1), CIRCLE, half, CIRCLE_SETUP, also=OTHERS, needs=partner),
    "truncated gzip": Kind(CLIENT, "BO419", None),
}
# Each of these is worth a file.
SLOW = {"truncated gzip": 1000}


def is_bad(n, every):
    return every > 0 and n % every == every - 1


def is_lost(kind, n, every):
    """Itself bad, or in need of one that is."""
    seen = set()
    while n is not None and n not in seen:
        if is_bad(n, every):
            return True
        seen.add(n)
        n = kind.needs and kind.needs(n)
    return False


def numbers(kind, payloads):
    """Within what one batch holds for certain."""
    random.seed(payloads)
    for first in range(0, payloads, 1000):
        part = list(range(first, min(first + 1000, payloads)))
        if kind.needs:
            random.shuffle(part)
        yield from part


class Source:
    """A file of payloads, or many, in a folder, and what must become of them. `every`: so many-th payloads are bad; 0: none."""

    def __init__(self, folder, kind, payloads, every):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.letters, self.rows = collections.Counter(), collections.Counter()
        make = self._make_files if kind.bad is None else self._make_file
        self.path, self.split = make(kind, payloads, every)

    def _note(self, kind, n, every, source, unit, position):
        if is_lost(kind, n, every):
            # Each row of a payload is told.
            self.letters[f"file:{source}|{unit}|{position}|{kind.code}"] += 2 if kind.also else 1
        else:
            self.rows[f"{n}|{kind.name.format(n=n)}|{7 * n}|{n % 1000}"] += 1

    def _make_file(self, kind, payloads, every):
        position = 0
        with open(self.folder / "orders", "wb") as file:
            for n in numbers(kind, payloads):
                payload = kind.bad(n) if is_bad(n, every) else kind.clean(n)
                assert b"\n" not in payload
                self._note(kind, n, every, "orders", "orders", position)
                position += file.write(payload + b"\n")
        return "orders", ", split: lines"

    def _make_files(self, kind, payloads, every):
        for n in range(payloads):
            name = f"orders-{n:06}.gz"
            packed = gzip.compress(order(n))
            (self.folder / name).write_bytes(packed[:len(packed) // 2] if is_bad(n, every) else packed)
            self._note(kind, n, every, "orders-*.gz", name, 0)
        return "orders-*.gz", ""


class Run:
    """One run of the program over a source, into a table of its own."""

    def __init__(self, program, kind, source, limited):
        self.name = f"poison_{os.getpid()}_{time.time_ns() % 1_000_000_000}"
        psql(f"CREATE TABLE {self.name} (id bigint, name varchar(40) NOT NULL, amount bigint, ref int, day date, x int, y int);"
             + kind.setup.format(self.name))
        config = source.folder / "poison.yml"
        config.write_text(CONFIG.format(name=self.name, table=self.name, path=source.path, split=source.split, form=kind.form,
                                        more=kind.more, access=sinks.access(),
                                        also=kind.also.format(access=sinks.access(), table=self.name),
                                        limit="" if limited else ", reject_limit: {share: 1}"))
        start = time.monotonic()
        done = subprocess.run([program, "run", str(config), "--once", "-l", "error"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, timeout=900)
        self.seconds = time.monotonic() - start
        self.said = done.stderr if done.returncode != 0 else ""

    def faults(self, source):
        """What is not as it must be, in words."""
        letters = psql("SELECT source, unit, pos, code FROM batchout_delivery.dead_letter "
                       f"WHERE pipeline = '{self.name}'").splitlines()
        rows = psql(f"SELECT id, name, amount, ref FROM {self.name}").splitlines()
        words = [self.said] if self.said else []
        for what, expected, found in (("rows", source.rows, rows), ("dead letters", source.letters, letters)):
            found = collections.Counter(found)
            wrong = sinks.differences(expected, found)
            if wrong.total():
                words.append(f"{what}: {dict(wrong)}, for example {list((expected - found) + (found - expected))[:2]}")
        return "; ".join(words)

    def drop(self):
        psql(f"DROP TABLE {self.name} CASCADE; DROP TABLE IF EXISTS {self.name}_parent, {self.name}_other; DROP FUNCTION IF EXISTS {self.name};"
             f"DELETE FROM batchout_delivery.source_position WHERE pipeline = '{self.name}';"
             f"DELETE FROM batchout_delivery.dead_letter WHERE pipeline = '{self.name}'")


def check_shares(program, name, kind, payloads, folder):
    """What was wrong, for all shares."""
    words = []
    for every in (share for share in EVERY if share <= payloads):
        # Searches that are given up take long, so there are not too many of them.
        count = min(payloads, SLOW.get(name, payloads)) if every > 100 or name not in SLOW else 200
        source = Source(pathlib.Path(folder, f"every{every}"), kind, count, every)
        # Beyond the default budget of 5 %.
        run = Run(program, kind, source, limited=every > 20)
        if faults := run.faults(source):
            words.append(f"1 of {every}: {faults}")
        run.drop()
    return words


def compare(program, name, kind, payloads, folder):
    """Seconds clean and poisoned (medians), the share of the clean throughput (median of the rounds, whose two runs stand
    next to each other: what disturbs one disturbs both), and what was wrong."""
    count = min(payloads, SLOW.get(name, payloads))
    sources = [Source(pathlib.Path(folder, part), kind, count, every) for part, every in (("clean", 0), ("poisoned", EVERY[0]))]
    seconds, words = ([], []), []
    for turn in range(ROUNDS):
        for number in (0, 1) if turn % 2 == 0 else (1, 0):
            run = Run(program, kind, sources[number], limited=True)
            seconds[number].append(run.seconds)
            if turn == 0 and (faults := run.faults(sources[number])):
                words.append(f"timed: {faults}")
            run.drop()
    share = statistics.median(clean / poisoned for clean, poisoned in zip(*seconds))
    return *map(statistics.median, seconds), share, words


def main(program, payloads, timed, names):
    wrong = []
    start = time.monotonic()
    for name in names:
        kind = KINDS[name]
        with tempfile.TemporaryDirectory() as folder:
            words = check_shares(program, name, kind, payloads, folder)
            share = ""
            if timed:
                clean, poisoned, ratio, more = compare(program, name, kind, timed, folder)
                words += more
                share = f", {ratio:.0%} of the clean throughput ({clean:.2f} s, {poisoned:.2f} s)"
                if ratio < LEAST[kind.finder]:
                    words.append(f"below {LEAST[kind.finder]:.0%} of the clean throughput")
        print(f"{name} ({kind.finder}, {kind.code}): {'; '.join(words) or 'as expected'}{share}", flush=True)
        if words:
            wrong.append(name)
    print(f"{len(names)} kinds, {payloads} payloads for each share, {len(wrong)} not as expected, "
          f"{time.monotonic() - start:.0f} s")
    if wrong:
        crash.fail("not as expected:", ", ".join(wrong))


if __name__ == "__main__":
    if not sinks.PG["HOST"]:
        sys.exit(77)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2_000, int(sys.argv[3]) if len(sys.argv) > 3 else 0,
         sys.argv[4:] or list(KINDS))
