#!/usr/bin/env python3
"""Holds every #include, and every DEPS of the build, to the table of who may know whom (arrows.txt).

Tests may include any library, and what [tests] adds.
"""

import fnmatch
import os
import re

import common


class Arrows:
    def __init__(self, root):
        table = common.read_table("arrows.txt")
        self.rooms = {room: right.split() for room, right in table["rooms"]}
        self.tests = {room: right.split() for room, right in table["tests"]}
        self.headers = [(pattern, right.split()) for pattern, right in table["headers"]]
        self.root = root

    def room_of(self, path):
        # "fuzz/wire_fuzz" is the room of fuzz/wire_fuzz.cc: a room may be one file.
        stem = os.path.splitext(path)[0]
        fitting = [room for room in self.rooms if stem == room or path.startswith(room + "/")]
        return max(fitting, key=len, default=None)

    def may_know(self, path, room, other):
        if other == room:
            return True
        allowed = list(self.rooms[room])
        if common.is_test(path):
            for prefix, more in self.tests.items():
                if path.startswith(prefix + "/"):
                    allowed += more
        return any(other == a or (a.endswith("/**") and (other + "/").startswith(a[:-2])) for a in allowed)

    def check_file(self, path):
        room = self.room_of(path)
        if room is None:
            yield common.Problem(path, 0, "is in no room; name its room in tools/check/arrows.txt")
            return
        for number, line in enumerate(common.read_lines(self.root, path), 1):
            ours = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            others = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
            if ours and not self.is_foreign(ours.group(1)):
                included = ours.group(1)
                if not os.path.exists(os.path.join(self.root, included)):
                    yield common.Problem(path, number, f'there is no "{included}"; includes spell the path from the root')
                    continue
                other = self.room_of(included)
                if other is None or not self.may_know(path, room, other):
                    yield common.Problem(path, number, f"{room} must not know {other} ({included})")
            elif ours or others:
                yield from self.check_header(path, number, room, (ours or others).group(1))

    @staticmethod
    def is_foreign(included):
        return re.match(r"(absl|gtest|gmock|benchmark|nlohmann|sqlite3|libical|CLI|curl|rapidcheck|fuzzer)\b", included)

    def check_header(self, path, number, room, header):
        if common.is_test(path):
            return
        for pattern, rooms in self.headers:
            if fnmatch.fnmatchcase(header, pattern) and not any(room == r or room.startswith(r + "/") for r in rooms):
                yield common.Problem(path, number, f"{room} must not know <{header}>; only {', '.join(rooms)} may")

    def check_links(self, links):
        """A line of `links` is one target: name, its files, what it depends on (names of targets), separated by tabs."""
        targets = {}
        with open(links, encoding="utf-8") as file:
            for line in file:
                name, files, dependencies = (line.rstrip("\n").split("\t") + ["", ""])[:3]
                paths = [os.path.relpath(p, self.root) for p in files.split(";") if p]
                targets[name] = ([p for p in paths if not p.startswith("..")], dependencies.split(";"))
        for name, (paths, dependencies) in targets.items():
            for dependency in dependencies:
                dependency = dependency.replace("calsync::", "calsync_")
                for other in {self.room_of(p) for p in targets.get(dependency, ([], []))[0]} - {None}:
                    if paths and not any(self.room_of(p) and self.may_know(p, self.room_of(p), other) for p in paths):
                        yield common.Problem(paths[0], 0, f"{name} must not depend on {dependency}: {self.room_of(paths[0])} must not know {other}")


def main():
    arguments = common.parse_arguments(__doc__, lambda parser: parser.add_argument("--links", help="the targets of the build"))
    arrows = Arrows(arguments.root)
    files = common.find_files(arguments.root, r"\.(cc|h)$")
    problems = [problem for path in files for problem in arrows.check_file(path)]
    if arguments.links:
        problems += arrows.check_links(arguments.links)
    common.finish("arrows", problems, f"{len(files)} files")


main()
