#!/usr/bin/env python3
"""Finds sources that no CMakeLists.txt names: they would rot unseen."""

import os
import re

import common


def main():
    arguments = common.parse_arguments(__doc__)
    named = set()
    for path in common.find_files(arguments.root, r"^CMakeLists\.txt$|\.cmake$"):
        directory = os.path.dirname(path)
        for line in common.read_lines(arguments.root, path):
            for word in re.findall(r"[\w./${}-]+\.cc\b", re.sub(r"#.*", "", line)):
                word = word.replace("${PROJECT_SOURCE_DIR}/", "/").replace("${CMAKE_CURRENT_SOURCE_DIR}/", "")
                named.add(os.path.normpath(word[1:] if word.startswith("/") else os.path.join(directory, word)))
    sources = common.find_files(arguments.root, r"\.cc$")
    problems = [common.Problem(path, 0, "no CMakeLists.txt names it") for path in sources if path not in named]
    common.finish("unlisted_files", problems, f"{len(sources)} sources")


main()
