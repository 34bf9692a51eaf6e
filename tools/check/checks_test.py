#!/usr/bin/env python3
"""Sees every check pass on a small clean tree, and fail on each of these plants: a check that never fails proves nothing."""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

CLEAN = {
    "engine/base/check.h": "#include <cstdint>\n",
    "engine/api/CMakeLists.txt": "calsync_library(NAME api SRCS event.cc)\n",
    "engine/api/event.cc": '#include "engine/base/check.h"\n\n#include <string>\n\nint f();  // C-1, L1.\n',
    "engine/api/CMakeLists_extra.cmake": "# event_test.cc in a comment is not named\nset(x event_test.cc)\n",
    "engine/api/event_test.cc": '#include "gtest/gtest.h"\n#include "engine/testing/builders.h"\n// C-1\n',
    "engine/testing/builders.h": '#include "engine/api/event.cc"\n',
    "fakegoogle/CONTRACT.md": "| C-1 | an event has an id |\n| C-2 | open: not modelled |\n",
}

# The check, the files that are planted, what its output must say.
PLANTS = [
    ("arrows", {"engine/base/up.h": '#include "engine/api/event.cc"\n'}, "engine/base must not know engine/api"),
    ("arrows", {"engine/api/a.h": '#include "engine/testing/builders.h"\n'}, "must not know engine/testing"),
    ("arrows", {"engine/api/a.h": '#include "event.cc"\n'}, "spell the path from the root"),
    ("arrows", {"fakegoogle/model/a.h": '#include "engine/decide/b.h"\n', "engine/decide/b.h": ""}, "must not know engine/decide"),
    ("arrows", {"scenarios/a.h": "#include <CLI/CLI.hpp>\n"}, "must not know <CLI/CLI.hpp>"),
    ("arrows", {"attic/a.h": ""}, "is in no room"),
    ("purity", {"engine/api/a.h": "#include <fstream>\n"}, "<fstream> is not among the headers"),
    ("purity", {"engine/api/a_test.cc": "#include <thread>\n"}, "<thread> is not among the headers"),
    ("purity", {"engine/api/a.h": "std::atomic<int> x;\n"}, "the engine has no thread"),
    ("purity", {"engine/api/a.h": '#include "absl/time/clock.h"\n'}, "<absl/time/clock.h> is not among"),
    ("purity", {"engine/api/a.h": "std::string_view x;\n"}, "use absl::string_view"),
    ("purity", {"engine/api/a.h": "auto t = absl::Now();\n"}, "times and zone rules come as values"),
    ("purity", {"engine/api/a.h": "void f() { throw 1; }\n"}, "no exception crosses the engine"),
    ("unlisted_files", {"engine/api/lost.cc": ""}, "engine/api/lost.cc: no CMakeLists.txt names it"),
    ("glossary", {"engine/api/a.h": "// A busy event.\n"}, "the word here is busy block"),
    ("glossary", {"engine/api/a.h": "struct ShadowEvent;\n"}, "the word here is busy block"),
    ("glossary", {"engine/api/a.h": "// It makes a busy\n// event of it.\n"}, "engine/api/a.h:2: 'busy event': the word here is busy block"),
    ("citations", {"engine/api/a.h": "// C-999\n"}, "cites C-999, which does not exist"),
    ("citations", {"engine/api/a.h": "// L13\n"}, "cites L13, which does not exist"),
    ("citations", {"engine/api/a.h": "// K-99 and S-99\n"}, "cites S-99"),
    ("citations", {"fakegoogle/CONTRACT.md": "- C-1 one\n- C-2 two\n"}, "no test cites C-2"),
]


# The symbols of compiled code, where a compiler is at hand: source, what the output must say.
COMPILED_PLANTS = [
    ("int f(int x) { return x + 1; }\n", "engine_is_pure: holds"),
    ("#include <ctime>\nlong f() { return time(nullptr); }\n", "calls time: asks a clock"),
    ("#include <cstdlib>\nchar* f() { return std::getenv(\"HOME\"); }\n", "calls getenv"),
    ("#include <fstream>\nvoid f() { std::ofstream(\"x\") << 1; }\n", "touches files"),
    ("#include <mutex>\nstd::mutex m;\nvoid f() { m.lock(); }\n", "has a mutable global: m"),
    ("int f() { static int calls = 0; return ++calls; }\n", "has a mutable global: f()::calls"),
    ("void f() { throw 1; }\n", "__cxa_throw"),
    ("#include \"absl/time/clock.h\"\nabsl::Time f() { return absl::Now(); }\n", "calls absl::Now(): asks a clock"),
    ("#include \"absl/time/time.h\"\nbool f(absl::TimeZone* z) { return absl::LoadTimeZone(\"UTC\", z); }\n", "opens a zone file"),
]


def write(root, files):
    for path, text in files.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)


def run(check, root, *more):
    result = subprocess.run([sys.executable, os.path.join(HERE, check + ".py"), "--root", root, *more], capture_output=True, text=True, check=False)
    return result.returncode, result.stdout + result.stderr


def main():
    failures = []

    def expect(title, code, output, want_code, want_text):
        if code != want_code or want_text not in output:
            failures.append(f"{title}: exit code {code}, wanted {want_code} and '{want_text}'; said:\n{output}")

    for check in sorted({plant[0] for plant in PLANTS}):
        with tempfile.TemporaryDirectory() as root:
            write(root, CLEAN)
            expect(f"{check} on the clean tree", *run(check, root), 0, "holds")
    for check, plant, want in PLANTS:
        with tempfile.TemporaryDirectory() as root:
            write(root, {**CLEAN, **plant})
            expect(f"{check} on {plant}", *run(check, root), 1, want)
    with tempfile.TemporaryDirectory() as root:
        write(root, {**CLEAN, "links": f"calsync_api\t{root}/engine/api/event.cc\t\ncalsync_base\t{root}/engine/base/check.h\tcalsync::api\n"})
        expect("arrows on DEPS", *run("arrows", root, "--links", os.path.join(root, "links")), 1, "calsync_base must not depend on calsync_api")
    compiler = sys.argv[1] if len(sys.argv) > 1 else "g++"
    for source, want in COMPILED_PLANTS:
        with tempfile.TemporaryDirectory() as root:
            write(root, {"f.cc": source, "objects": os.path.join(root, "f.o") + "\n"})
            subprocess.run([compiler, "-std=c++20", "-O1", "-fPIC", "-c", "f.cc", "-o", "f.o"], cwd=root, check=True)
            expect(f"purity of {source}", *run("purity", root, "--objects", os.path.join(root, "objects")), 0 if "holds" in want else 1, want)

    for failure in failures:
        print(failure)
    print(f"{len(PLANTS) + len(COMPILED_PLANTS) + 1} plants, {len(failures)} failures")
    sys.exit(1 if failures else 0)


main()
