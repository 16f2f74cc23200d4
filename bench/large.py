#!/usr/bin/env python3
"""Reads a large JSON list and a large XML document by `split`, and prints time and peak memory: large.py PROGRAM [MB...]

The documents are made in a folder below TMPDIR, which needs room for the largest one, and removed afterwards.
"""

import os
import pathlib
import sys
import tempfile
import time

CITIES = ["Aachen", "Bonn", "Celle", "Dresden", "Erfurt", "Fulda", "Gera", "Hamm"]

JSON_RECORD = (
    '{"id": %d, "created": "2026-11-%02dT%02d:15:00Z", "customer": {"name": "Customer \\"%d\\"", "city": "%s", '
    '"note": "calls [back], pays by {card} \\\\ invoice", "tags": ["new", "web", "\\u00e4\\u00f6\\u00fc"]}, '
    '"lines": [{"sku": "A-%d", "quantity": %d, "price": 12.50, "text": "a thing of some kind"}, '
    '{"sku": "B-%d", "quantity": 2, "price": 7.99, "text": "another thing, longer in its description"}], '
    '"total": %d.48, "paid": true, "comment": null}'
)
XML_RECORD = (
    '<order id="%d" created="2026-11-%02dT%02d:15:00Z">\n  <customer name="Customer &quot;%d&quot;">\n'
    "    <city>%s</city>\n    <note><![CDATA[calls back > pays by <card>]]></note><!-- new, web -->\n  </customer>\n"
    '  <line sku="A-%d"><quantity>%d</quantity><price>12.50</price><text>a thing of some kind</text></line>\n'
    '  <line sku="B-%d"><quantity>2</quantity><price>7.99</price><text>another thing, longer in its text</text></line>\n'
    "  <total>%d.48</total>\n</order>"
)
FORMS = {
    "json": ("[\n", ",\n", "\n]\n", JSON_RECORD),
    "xml": ('<?xml version="1.0"?>\n<orders shop="north" xmlns:s="urn:shop">\n', "\n", "\n</orders>\n", XML_RECORD),
}

CONFIGURATION = """
inputs: {{orders: {{type: file, path: orders, split: {split}}}}}
extractors: {{x: {{type: {extractor}}}}}
columns:
  id: {{type: integer, extractor: x, path: "{id}"}}
  created: {{type: string, extractor: x, path: "{created}"}}
  city: {{type: string, extractor: x, path: "{city}"}}
  sku: {{type: string, extractor: x, path: "{sku}"}}
  total: {{type: decimal, extractor: x, path: "{total}"}}
maps: {{orders: [id, created, city, sku, total]}}
selectors:
  all: {{type: sql, query: "select id, created, city, sku, total from orders", columns: [id, created, city, sku, total]}}
outputs: {{out: {output}}}
tasks:
  read: {{type: reader, inputs: orders}}
  write: {{type: writer, selector: all, outputs: out}}
"""
PATHS = {
    "json": dict(split="json_array", extractor="jsonpath", id="id", created="created", city="customer.city", sku="lines[0].sku", total="total"),
    "xml": dict(split="{xml: /orders/order}", extractor="xpath", id="/orders/order/@id", created="/orders/order/@created",
                city="/orders/order/customer/city", sku="/orders/order/line/@sku", total="/orders/order/total"),
}
OUTPUTS = {"discard": "{type: discard}", "sqlite": "{type: sqlite, path: out.sqlite, table: orders}"}
RUNS = (("json", "discard"), ("json", "sqlite"), ("xml", "discard"))


def write(file, form, size):
    opening, between, closing, record = FORMS[form]
    written, count = len(opening), 0
    with open(file, "w", encoding="utf-8") as out:
        out.write(opening)
        while written < size:
            part = []
            for n in range(count, count + 10_000):
                part.append(record % (n, n % 30 + 1, n % 24, n, CITIES[n % 8], n % 997, n % 9 + 1, n % 991, n % 500))
            text = between.join(part)
            out.write((between if count else "") + text)
            written += len(text)
            count += 10_000
        out.write(closing)
    return count


def run(program, folder, form, output):
    """Seconds on the clock, seconds of the processor, and the peak of resident memory in MiB."""
    pathlib.Path(folder, "batch.yml").write_text(CONFIGURATION.format(output=OUTPUTS[output], **PATHS[form]))
    pathlib.Path(folder, "out.sqlite").unlink(missing_ok=True)
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        os.execv(program, [program, "run", "batch.yml", "--once", "-l", "warning"])
    _, status, used = os.wait4(child, 0)
    if status != 0:
        sys.exit(f"the program ended with status {status}")
    return time.monotonic() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    sizes = [int(argument) for argument in sys.argv[2:]] or [200, 2000]
    print("| document | MB | records | output | s | processor s | MB/s of processor time | peak MiB |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for form in FORMS:
            for size in sizes:
                file = pathlib.Path(folder, "orders")
                count = write(file, form, size * 10**6)
                megabytes = file.stat().st_size / 10**6
                for output in (to for of, to in RUNS if of == form):
                    seconds, processor, peak = run(program, folder, form, output)
                    cells = [form, f"{megabytes:.0f}", f"{count:,}", output, f"{seconds:.1f}", f"{processor:.1f}"]
                    print(f"| {' | '.join(cells)} | {megabytes / processor:.0f} | {peak:.0f} |", flush=True)


if __name__ == "__main__":
    main()
