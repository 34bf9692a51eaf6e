#!/usr/bin/env python3
"""What tools/plants takes for a plant, which lines it looks at to tell whether one was reached, and what it makes of runs that end otherwise than
they should. Nothing is built here.
"""

import importlib.machinery
import importlib.util
import json
import pathlib
import subprocess
import tempfile
import unittest
from unittest import mock

LOADER = importlib.machinery.SourceFileLoader("plants", str(pathlib.Path(__file__).with_name("plants")))
PLANTS = importlib.util.module_from_spec(importlib.util.spec_from_loader("plants", LOADER))
LOADER.exec_module(PLANTS)

SOURCE = """int First() {
  return 0;
}
int Second(int a) {
  if (a > 1) {
    return 1;
  }
  Add(a);
  return 2;
}
"""


class Lines(unittest.TestCase):
    def lines(self, *edits):
        with tempfile.TemporaryDirectory() as directory, mock.patch.object(PLANTS, "ROOT", pathlib.Path(directory)):
            (PLANTS.ROOT / "source.cc").write_text(SOURCE)
            plant = "# What is wrong.\nfile: source.cc\nlaw: L1\n"
            for old, new in edits:
                plant += "".join(f"{word}:\n" + "".join(f"  {line}\n" for line in text.splitlines())
                                 for word, text in (("old", old), ("new", new)))
            (PLANTS.ROOT / "one.plant").write_text(plant)
            return sorted(PLANTS.Plant(PLANTS.ROOT / "one.plant").lines())

    def test_of_a_new_text_its_own(self):
        self.assertEqual(self.lines(("  return 2;", "  return 3;")), [9])
        self.assertEqual(self.lines(("  if (a > 1) {\n    return 1;\n  }", "  a = 1;\n  a = 2;")), [5, 6])

    def test_of_a_new_text_that_stands_elsewhere_too_its_own(self):
        self.assertEqual(self.lines(("  return 2;", "  return 0;")), [9])

    def test_of_what_is_left_out_the_line_before(self):
        self.assertEqual(self.lines(("  Add(a);", "")), [7])
        self.assertEqual(self.lines(("  Add(a);", "  // Nothing is added.")), [7])

    def test_of_several_edits_where_they_are_in_the_end(self):
        self.assertEqual(self.lines(("  return 2;", "  return 3;"), ("  if (a > 1) {\n    return 1;\n  }", "  a = 1;")), [5, 7])


class Files(unittest.TestCase):
    def problem(self, head, old="  return 2;"):
        with tempfile.TemporaryDirectory() as directory, mock.patch.multiple(PLANTS, ROOT=pathlib.Path(directory), PLANTS=pathlib.Path(directory)):
            (PLANTS.ROOT / "source.cc").write_text(SOURCE)
            (PLANTS.ROOT / "one.plant").write_text(f"# What is wrong.\n{head}\nold:\n  {old}\nnew:\n    return 3;\n")
            try:
                PLANTS.Plant(PLANTS.ROOT / "one.plant").source()
            except PLANTS.BadPlant as bad:
                return str(bad)
            return ""

    def test_a_plant_names_what_there_is(self):
        self.assertEqual(self.problem("file: source.cc\nlaw: L12\ndepth: 2\nrun: --legacy"), "")
        for head, said in (("file: source.cc\nlaw: L13", "there is no law L13"),
                           ("file: source.cc\nlaw: L1\ndepht: 2", "`depht:` is not known"),
                           ("file: source.cc\nlaw: L1\nlaw: L2", "`law:` is there twice"),
                           ("file: source.cc\nlaw: L1\ndepth: 4", "a depth is 1, 2 or 3"),
                           ("file: source.cc\nby: chance", "nothing is noticed by chance"),
                           ("file: source.cc\nby: plant of-nobody", "nothing is noticed by plant of-nobody"),
                           ("file: source.cc", "either `law:` or `by:`"),
                           ("file: other.cc\nlaw: L1", "there is no other.cc")):
            self.assertIn(said, self.problem(head), head)
        self.assertIn("occurs 0 times", self.problem("file: source.cc\nlaw: L1", old="  return 7;"))


class Runs(unittest.TestCase):
    """Each `ended` is what the simulation of the planted program comes to: its exit code and what it prints."""

    def search(self, code, said="", law="L1"):
        plant = mock.Mock(law=law, run=[])
        plant.name = "one"
        ended = subprocess.CompletedProcess([], code, said, "its last words")
        with mock.patch.object(PLANTS.subprocess, "run", return_value=ended):
            laws, seeds, _, _, seed = PLANTS.search("calsync", plant, 1)
        return laws, seeds, seed

    def test_a_law_that_is_broken_is_found(self):
        said = json.dumps({"seeds": 9, "failures": [{"law": "L1 no cascade", "message": "a block of a block", "seed": 8}]})
        self.assertEqual(self.search(1, said), ({"L1"}, 9, 8))
        self.assertEqual(self.search(0, json.dumps({"seeds": 9, "failures": []})), (set(), 9, None))

    def test_a_program_that_dies_is_no_oracle(self):
        self.assertEqual(self.search(1), ({"engine"}, 0, None))   # By a check of its own.
        self.assertEqual(self.search(-11), ({"engine"}, 0, None))

    def test_what_did_not_run_is_not_taken_for_anything(self):
        for code in (2, 3):
            self.assertRaises(PLANTS.NoResult, self.search, code)
            with mock.patch.object(PLANTS.subprocess, "run", return_value=subprocess.CompletedProcess([], code, "", "no such flag")):
                for by in ("marks", "golden"):
                    plant = mock.Mock(by=by, run=["--no-such-flag"], seeds=10)
                    self.assertRaises(PLANTS.NoResult, PLANTS.notice, "calsync", plant, "clean", 1, None)


if __name__ == "__main__":
    unittest.main(verbosity=2)
