#!/usr/bin/env python3
"""Finds words that lost against another word for the same thing (glossary.txt)."""

import re

import common


# Of a line that goes on with a sentence: the mark of a comment or of a list, then its first word.
BEGINNING = r"[\s/#*>|-]*([\w-]*)"


def main():
    arguments = common.parse_arguments(__doc__)
    words = [(re.compile(pattern, re.IGNORECASE), winner) for pattern, winner in common.read_table("glossary.txt")["words"]]
    # camelCase and the words of a sentence that wraps are found too: BusyEvent as "Busy Event", "busy" at the end of a line and "event" on the next.
    files = common.find_files(arguments.root, r"\.(cc|h|md|scenario|sql)$")
    problems = []
    for path in files:
        last = ""
        for number, line in enumerate(common.read_lines(arguments.root, path), 1):
            seam = f"{last} {re.match(BEGINNING, line).group(1)}"
            last = re.search(r"[\w-]*$", line.rstrip()).group(0)
            if "glossary: quoted" in line:
                continue
            spread = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", line)
            for pattern, winner in words:
                found = pattern.search(line) or pattern.search(spread) or pattern.search(seam)
                if found:
                    problems.append(common.Problem(path, number, f"'{found.group(0)}': the word here is {winner}"))
    common.finish("glossary", problems, f"{len(files)} files")


main()
