#!/usr/bin/env python3
"""Proves that the engine is a function of values (L11): no I/O, clock, thread, environment, locale, exception, randomness, mutable global.

Reads the sources, then, with --objects, the symbols of a second compilation of the engine with -fno-exceptions. The table is purity.txt.
"""

import re
import subprocess

import common


def check_source(root, path, headers, words):
    lines = common.read_lines(root, path)
    for number, line in enumerate(lines, 1):
        include = re.match(r'\s*#\s*include\s+[<"]([^>"]+)[>"]', line)
        if include and not any(include.group(1) == h or (h.endswith("/") and include.group(1).startswith(h)) for h in headers):
            yield common.Problem(path, number, f"<{include.group(1)}> is not among the headers that the engine may include")
    for number, line in enumerate(common.without_comments_and_texts(lines), 1):
        if re.match(r"\s*#\s*include", line):
            continue
        for word, reason in words:
            found = re.search(word, line)
            if found:
                yield common.Problem(path, number, f"'{found.group(0)}': {reason}")


def headers_of(rows):
    return [header for row, _ in rows for header in row.split()]


def without_inline_namespace(symbol):
    # absl::debian3::Now() is, in the table, absl::Now().
    return re.sub(r"\babsl::(debian\d+|lts_\d+)::", "absl::", symbol)


def short_name(path):
    if "/Unity/" in path:
        return "engine/ (which source, a build without CALSYNC_TOGETHER says)"
    return re.sub(r"^.*?/engine/", "engine/", re.sub(r"\.o$", "", path.replace("__/", "")))


def nm(objects, *flags):
    output = subprocess.run(["nm", "-C", "-A", *flags, "--", *objects], check=True, capture_output=True, text=True).stdout
    return output.splitlines()


def check_symbols(objects, symbols):
    patterns = [(re.compile(pattern), reason) for pattern, reason in symbols]
    for line in nm(objects, "--undefined-only"):
        path, symbol = re.match(r"(.*?\.o):\s+\w (.*)", line).groups()
        symbol = re.sub(r"@.*", "", without_inline_namespace(symbol))
        for pattern, reason in patterns:
            if pattern.fullmatch(symbol):
                yield common.Problem(short_name(path), 0, f"calls {symbol}: {reason}")
    # Mutable globals: whatever lies in writable sections, but for constants that the linker fills in (.data.rel.ro) and the guards of constants.
    for line in nm(objects, "--defined-only", "--format=sysv"):
        fields = [field.strip() for field in line.split("|")]
        if len(fields) < 7 or not re.match(r"\.(data|bss|tdata|tbss)\b", fields[6]) or fields[6].startswith(".data.rel.ro"):
            continue
        path, _, symbol = fields[0].partition(".o:")
        # std::__ioinit comes with headers of Abseil that include <iostream>; nothing of ours may (see [headers]).
        if symbol.startswith(("guard variable for", "DW.ref.", "std::__ioinit")):
            continue
        yield common.Problem(short_name(path), 0, f"has a mutable global: {symbol}")


def main():
    arguments = common.parse_arguments(__doc__, lambda parser: parser.add_argument("--objects", help="a file that names object files, one a line"))
    table = common.read_table("purity.txt")
    headers = ["engine/", *headers_of(table["headers"])]
    test_headers = headers + headers_of(table["test headers"])
    files = [f for f in common.find_files(arguments.root, r"\.(cc|h)$") if f.startswith("engine/")]
    problems = []
    for path in files:
        of_tests = common.is_test(path)
        problems += check_source(arguments.root, path, test_headers if of_tests else headers, [] if of_tests else table["words"])
    note = f"{len(files)} files"
    if arguments.objects:
        with open(arguments.objects, encoding="utf-8") as file:
            objects = file.read().split("\n")
        objects = [path for path in objects if path]
        problems += check_symbols(objects, table["symbols"])
        note += f", {len(objects)} objects"
    common.finish("engine_is_pure", problems, note)


main()
