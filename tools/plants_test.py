#!/usr/bin/env python3
"""Which lines tools/plants looks at to tell whether a planted bug was reached. Nothing is built here."""

import importlib.machinery
import importlib.util
import pathlib
import tempfile
import unittest

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
        with tempfile.TemporaryDirectory() as directory:
            PLANTS.ROOT = pathlib.Path(directory)
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


if __name__ == "__main__":
    unittest.main(verbosity=2)
