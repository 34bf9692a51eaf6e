#!/usr/bin/env python3
"""Holds citations (L7, C-42, S-7, K-5) to what exists, and what exists to its citations.

A citation names a law, rule, surprise or knob that exists (citations.txt; for C, a line of fakegoogle/CONTRACT.md). A law or rule is cited where it is kept and
in a test that holds it. A line of CONTRACT.md that says "open" is a rule that nobody keeps yet: counted, not held.
"""

import os
import re

import common

CITATION = re.compile(r"\b(?:([CSK])-([0-9]{1,3})|(L)([0-9]{1,2}))\b")
CONTRACT = "fakegoogle/CONTRACT.md"


def citations(line):
    for match in CITATION.finditer(line):
        yield (match.group(1) or match.group(3), int(match.group(2) or match.group(4)))


def spell(kind, number):
    return f"L{number}" if kind == "L" else f"{kind}-{number}"


def read_contract(root):
    """{number of the rule: (line number, whether it is open)}; None if there is no contract yet."""
    if not os.path.exists(os.path.join(root, CONTRACT)):
        return None
    rules = {}
    for number, line in enumerate(common.read_lines(root, CONTRACT), 1):
        match = re.match(r"\W*C-([0-9]+)\b", line)
        if match:
            rules.setdefault(int(match.group(1)), (number, bool(re.search(r"\bopen\b", line))))
    return rules


def main():
    arguments = common.parse_arguments(__doc__)
    known = {}
    for kind, right in common.read_table("citations.txt")["numbers"]:
        first, last = map(int, right.split())
        known[kind] = set(range(first, last + 1))
    rules = read_contract(arguments.root)
    if rules is not None:
        known["C"] = set(rules)

    problems = []
    kept, tested = set(), set()
    for path in common.find_files(arguments.root, r"\.(cc|h|scenario|sql|md)$"):
        if path == "CHANGELOG.md":
            continue
        for number, line in enumerate(common.read_lines(arguments.root, path), 1):
            for kind, value in citations(line):
                if value not in known[kind]:
                    problems.append(common.Problem(path, number, f"cites {spell(kind, value)}, which does not exist"))
                if path.endswith(".md"):
                    continue
                is_test = common.is_test(path) or path.endswith(".scenario") or path.startswith("scenarios/laws/")
                (tested if is_test else kept).add((kind, value))

    opened = 0
    for value, (line, is_open) in sorted((rules or {}).items()):
        opened += is_open
        for what, cited in (("code", kept), ("test", tested)):
            if not is_open and ("C", value) not in cited:
                problems.append(common.Problem(CONTRACT, line, f"no {what} cites C-{value}; keep it, or call it open"))
    if os.path.isdir(os.path.join(arguments.root, "scenarios", "laws")):
        for value in sorted(known["L"]):
            if ("L", value) not in tested:
                problems.append(common.Problem("scenarios/laws", 0, f"no law or test cites L{value}"))
    common.finish("citations", problems, f"{len(kept | tested)} things cited, {opened} rules open")


main()
