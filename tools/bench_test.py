#!/usr/bin/env python3
"""What tools/bench makes of what was measured: which bars are met, and that no row goes missing unseen. Nothing is measured here."""

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import pathlib
import subprocess
import tempfile
import unittest
from unittest import mock

LOADER = importlib.machinery.SourceFileLoader("bench", str(pathlib.Path(__file__).with_name("bench")))
BENCH = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench", LOADER))
LOADER.exec_module(BENCH)
ALL = [*BENCH.PROGRAMS, *BENCH.SCRIPTS]


def measured():
    """Results under every name that the table asks for; each work takes as long as its floor."""
    results = {}

    def get(name, what="ns"):
        return results.setdefault(name, {"ns": 1.0, "p99_us": 1.0, "calls": 1.0})[what]

    for work, floor, _, bar, _, is_ratio in BENCH.rows(get):
        assert floor is not None or not is_ratio, work
    results["Group/memory/records:10000"] = {"ns": 1.0, "bytes_per_record": 200.0}
    return results


class Table(unittest.TestCase):
    def judged(self, results, only=ALL, records=None):
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            met = BENCH.print_table(results, only, records)
        return met, said.getvalue()

    def setUp(self):
        # Bars of what is to be faster than its floor are not what is tried here.
        faster = mock.patch.object(BENCH, "at_most", lambda ratio: lambda floor, ours: ours <= floor * max(ratio, 1))
        faster.start()
        self.addCleanup(faster.stop)

    def test_all_is_met(self):
        self.assertEqual(self.judged(measured())[0], True)

    def test_a_bar_of_a_ratio_is_missed(self):
        results = measured()
        results["Load/sqlite/records:100000"]["ns"] = 1.6
        met, said = self.judged(results)
        self.assertFalse(met)
        self.assertIn("NOT MET", said)

    def test_a_bar_in_nanoseconds_is_shown_alone(self):
        results = measured()
        results["World/standard_seeds"]["ns"] = 1e9
        met, said = self.judged(results)
        self.assertTrue(met)
        self.assertIn("NOT MET", said)

    def test_a_bar_of_memory_is_missed(self):
        results = measured()
        results["Group/memory/records:10000"]["bytes_per_record"] = 257.0
        self.assertFalse(self.judged(results)[0])

    def test_no_row_goes_missing_unseen(self):
        for name in measured():
            with self.subTest(name):
                results = measured()
                del results[name]
                met, said = self.judged(results)
                large = "10000000" in name
                self.assertEqual(met, large)
                self.assertEqual(f"rows are missing: {name.removesuffix('/records:10000')}" in said, not large)

    def test_what_was_not_asked_for_is_not_missed(self):
        self.assertTrue(self.judged({}, only=[])[0])
        few = {name: result for name, result in measured().items() if not name.endswith(("100000", "100000/page:250", "100000/page:2500"))}
        self.assertTrue(self.judged(few, only=["bytes", "step", "pass"], records=10_000)[0])


class Reports(unittest.TestCase):
    def test_a_benchmark_that_failed_has_no_times(self):
        failed = {"name": "Load/sqlite/records:100000", "run_type": "iteration", "error_occurred": True, "error_message": "no disk", "cpu_time": 0.0,
                  "real_time": 0.0, "time_unit": "ns"}
        with self.assertRaisesRegex(BENCH.Failure, "Load/sqlite/records:100000: no disk"):
            BENCH.results_of({"benchmarks": [failed]})


class Instructions(unittest.TestCase):
    def checked(self, kept, counts):
        with tempfile.TemporaryDirectory() as root, contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            (pathlib.Path(root) / "bench").mkdir()
            (pathlib.Path(root) / "bench/instructions.json").write_text(json.dumps({"toolchain": {}, "instructions_an_item": kept}))
            module = BENCH.script("instructions")
            listed = subprocess.CompletedProcess([], 0, "".join(f"{name} 1\n" for name in counts))
            with mock.patch.object(module, "toolchain", lambda: {}), mock.patch.object(module, "count", lambda _, name: counts[name]), \
                    mock.patch.object(module.subprocess, "run", return_value=listed):
                return module.check(root, lambda _: None, False)

    def test_counts_are_held(self):
        self.assertEqual(self.checked({"scan": 100}, {"scan": 102}), 0)
        self.assertEqual(self.checked({"scan": 100}, {"scan": 104}), 1)
        self.assertEqual(self.checked({"scan": 100}, {"scan": 100, "new": 7}), 0)
        self.assertEqual(self.checked({"scan": 100, "tags": 7}, {"scan": 100}), 1, "one that is not counted any more")


if __name__ == "__main__":
    unittest.main(verbosity=2)
