"""What the checks share: finding files, reading tables, reporting.

A table is a text file of rows `left : right`, or just words, in [sections], with # comments. A check prints one line per problem, "file:line: what, and what to do",
and ends with exit code 1 if there was any.
"""

import argparse
import collections
import os
import re
import sys

Problem = collections.namedtuple("Problem", "path line text")

SKIPPED_DIRECTORIES = {"build", ".git", ".cache", ".github"}


def parse_arguments(description, add=None):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", default=os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")))
    if add:
        add(parser)
    return parser.parse_args()


def table_path(name):
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), name)


def read_table(name):
    """{section: [(left, right)]}, in the order of the file."""
    sections = collections.defaultdict(list)
    section = ""
    with open(table_path(name), encoding="utf-8") as table:
        for line in table:
            line = re.sub(r"(^|\s)#.*", "", line).strip()
            if not line:
                continue
            if re.fullmatch(r"\[\w+\]", line):
                section = line[1:-1]
                continue
            left, _, right = line.partition(" : ")
            sections[section].append((left.strip(), right.strip()))
    return sections


def find_files(root, pattern):
    """Paths below root, relative and sorted, whose name matches the regular expression."""
    found = []
    for directory, subdirectories, names in os.walk(root):
        subdirectories[:] = sorted(d for d in subdirectories if d not in SKIPPED_DIRECTORIES)
        for name in names:
            if re.search(pattern, name):
                found.append(os.path.relpath(os.path.join(directory, name), root))
    return sorted(found)


def read_lines(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read().splitlines()


def is_test(path):
    """Tests and what supports them: these may know more than the room they lie in."""
    return path.endswith("_test.cc") or "testing" in path.split("/")[:-1]


def without_comments_and_texts(lines):
    """The code alone, line by line: comments gone, texts and characters empty."""
    text = "\n".join(lines)
    token = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-zA-Z])\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)

    def blank(match):
        found = match.group(0)
        return "\n" * found.count("\n") if found.startswith("/") else '""' + "\n" * found.count("\n")

    return token.sub(blank, text).split("\n")


def finish(name, problems, note=""):
    for problem in problems:
        where = f"{problem.path}:{problem.line}" if problem.line else problem.path
        print(f"{where}: {problem.text}")
    if problems:
        print(f"{name}: {len(problems)} problem{'s' if len(problems) > 1 else ''}")
        sys.exit(1)
    print(f"{name}: holds{', ' + note if note else ''}")
