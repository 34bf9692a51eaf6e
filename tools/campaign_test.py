#!/usr/bin/env python3
"""What tools/campaign makes of the reports and exit codes of its lanes, and where their seeds begin. Nothing is simulated here."""

import importlib.machinery
import importlib.util
import json
import pathlib
import sys
import unittest

LOADER = importlib.machinery.SourceFileLoader("campaign", str(pathlib.Path(__file__).with_name("campaign")))
CAMPAIGN = importlib.util.module_from_spec(importlib.util.spec_from_loader("campaign", LOADER))
sys.modules["campaign"] = CAMPAIGN  # Its data classes look themselves up.
LOADER.exec_module(CAMPAIGN)


def report(seeds=30_000, cells=95, pairs=90, missed_marks=()):
    """Of 100 phases of adversities and 100 pairs of families so many were met."""
    return json.dumps({
        "seeds": seeds, "failed": 0, "failures": [],
        "coverage": {"marks": {"met": 9, "all": 10}, "cells": {"met": cells, "all": 100}, "pairs": {"met": pairs, "all": 100},
                     "missed_marks": list(missed_marks)}})


class Marks(unittest.TestCase):
    LANE = next(lane for lane in CAMPAIGN.LANES if lane.name == "marks")

    def test_shares_are_judged_once_there_were_seeds_enough(self):
        for words, text, found in (("all is met", report(), False),
                                   ("too few phases", report(cells=94), True),
                                   ("too few pairs", report(pairs=89), True),
                                   ("too few seeds to tell", report(seeds=29_999, cells=1, pairs=1), False)):
            self.assertEqual(self.LANE.judge(text, 60), found, words)
            self.assertEqual("less than" in self.LANE.figure(text), found, words)

    def test_marks_are_judged_once_there_was_time_enough(self):
        text = report(seeds=10, missed_marks=["a crash"])
        self.assertFalse(self.LANE.judge(text, 599))
        self.assertTrue(self.LANE.judge(text, 600))
        self.assertIn("never: a crash", self.LANE.figure(text))


class Seeds(unittest.TestCase):
    def test_no_two_lanes_begin_with_the_same_runs(self):
        begun = set()
        for lane in CAMPAIGN.LANES:
            for command in lane.commands(60, 7):
                if "simulate" not in command:
                    continue
                kind = tuple(word for word in command if word != "--coverage")  # That only watches.
                self.assertNotIn(kind, begun, lane.name)
                begun.add(kind)


class Verdicts(unittest.TestCase):
    def verdict(self, lane, code, text, seconds=600):
        lane = next(one for one in CAMPAIGN.LANES if one.name == lane)
        result = CAMPAIGN.Result(lane, [], False, False, 0, [])
        CAMPAIGN.judge_one(result, code, text, seconds, "its.log")
        return "FOUND" if result.found else "NOT RUN" if result.broken else "good"

    def test_a_find_is_a_find_and_what_did_not_run_is_told_as_such(self):
        searched = json.dumps({"states": 7, "complete": False})
        for words, lane, code, text, verdict in (
                ("all is well", "marks", 0, report(), "good"),
                ("a law is broken", "marks", 1, report(), "FOUND"),
                ("a check of the engine's own ends it, before it says anything", "marks", 1, "", "FOUND"),
                ("the same of the exhaustive search, whose end need not be reached", "explore-1", 1, "", "FOUND"),
                ("which comes to no end", "explore-1", 1, searched, "good"),
                ("or finds something on the way", "explore-1", 1, json.dumps({"states": 7, "law": "L1"}), "FOUND"),
                ("scope 0 comes to no end", "explore-0", 1, searched, "FOUND"),
                ("the disk is full", "marks", 3, "", "NOT RUN"),
                ("the command line is wrong", "seeds", 2, "", "NOT RUN"),
                ("it says nothing, and that all was well", "seeds", 0, "", "NOT RUN"),
                ("there is no PostgreSQL", "workers", 77, "skipped: there is no initdb\n", "NOT RUN"),
                ("it is killed", "seeds", -9, "", "FOUND"),
                ("a program that a script runs dies", "hashes", 134, "", "FOUND")):
            with self.subTest(words):
                self.assertEqual(self.verdict(lane, code, text), verdict)


if __name__ == "__main__":
    unittest.main(verbosity=2)
