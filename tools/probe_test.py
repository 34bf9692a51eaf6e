#!/usr/bin/env python3
"""`calsync probe` against the served fake: under every setting of every knob that calls can find out, it finds it out, and leaves nothing behind.

usage: probe_test.py PATH-OF-calsync [TEST…]
"""

import concurrent.futures
import itertools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import production_test as production

# Each knob with all its readings. Durations are measured, to about a second.
READINGS = {
    "anyPropertyMatches": [False, True],
    "windowUnderToken": ["remembered", "ignored", "onlyTimeMax"],
    "changedParameters": ["answered", "gone410", "badRequest400"],
    "remindersInDelta": [True, False],
    "omittedSequenceIsZero": [False, True],
    "identicalWriteChanges": [True, False],
    "writeToCancelled": ["revives", "forbidden403", "notFound404", "gone410"],
    "knownUidImport": ["updates", "conflict409", "sequence400"],
    "moveKeepsPrivate": [True, False],
    "strandedExceptions": ["dropped", "orphans", "cancelled"],
    "syncTokenUses": [0, 1, 3],
    "tombstone": ["stub", "details", "deltaOnly"],
    "batchMax": [50, 1000],
    "tagBudgetSilent": [False, True],
    "deletedSeriesListsExceptions": [False, True],
    "cancelledOccurrencesLeftOut": [False, True],
}
DURATIONS = {"listLag": ["0", "1.5s"], "collisionUnseenFor": ["0", "3s"]}


def seconds(text):
    return 0 if text == "0" else float(text.removesuffix("ms")) / 1000 if text.endswith("ms") else float(text.removesuffix("s"))


def settings():
    """Of all knobs, so many times that each has had each of its readings."""
    chosen = []
    rounds = max(len(values) for values in READINGS.values())
    for number in range(rounds):
        # Each knob in a step of its own, so that the rounds are not all first values, then all second ones.
        knobs = {knob: values[(number + shift * (number > 0)) % len(values)] for shift, (knob, values) in enumerate(READINGS.items())}
        chosen.append((knobs, {knob: values[number % 2] for knob, values in DURATIONS.items()}))
    had = {(knob, json.dumps(value)) for knobs, _ in chosen for knob, value in knobs.items()}
    for knob, values in READINGS.items():
        for value in values:
            if (knob, json.dumps(value)) not in had:
                chosen.append(({**{k: v[0] for k, v in READINGS.items()}, knob: value}, {k: "0" for k in DURATIONS}))
    return chosen


class Site:
    """A fake, and an installation that is logged in there."""

    def __init__(self, folder):
        self.fake = production.Fake()
        self.one = production.Installation(self.fake, folder / "i")
        self.one.login()
        listed = json.loads(self.one.calsync("calendars", "--json").stdout)
        self.primary = next(c["id"] for c in listed if c["primary"])
        self.scratch, self.second = [c["id"] for c in listed if not c["primary"]][:2]
        self.answers = folder / "answers.json"

    def probe(self, *arguments, code=0):
        done = self.one.calsync("probe", "--calendar", self.scratch, "--second", self.second, "--yes", "--json", "-o", str(self.answers), *arguments, code=code)
        return json.loads(done.stdout)

    def left(self):
        return [e["id"] for c in (self.scratch, self.second) for e in self.fake.live(c)]


class Probe(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="calsync-probe-"))
        self.site = Site(self.folder)
        self.fake, self.one, self.answers = self.site.fake, self.site.one, self.site.answers
        self.primary, self.scratch, self.second = self.site.primary, self.site.scratch, self.site.second
        self.probe = self.site.probe

    def tearDown(self):
        self.fake.stop()
        shutil.rmtree(self.folder)

    def nothing_is_left(self):
        self.assertEqual(self.site.left(), [])

    def test_every_setting_of_every_knob_is_found_out(self):
        # A probe waits most of its time, so several are made at once, each at a site of its own.
        with concurrent.futures.ThreadPoolExecutor(4) as threads:
            told = list(threads.map(self.told_under, itertools.count(), settings()))
        for one in told:
            self.finds_out(*one)

    def told_under(self, number, setting):
        knobs, durations = setting
        folder = self.folder / str(number)
        folder.mkdir()
        site = Site(folder)
        try:
            site.fake.control("knobs", {**knobs, **durations})
            told = site.probe("--patience", "8s")
            return knobs, durations, told, json.loads(site.answers.read_text()), site.left()
        finally:
            site.fake.stop()

    def finds_out(self, knobs, durations, told, answers, left):
        with self.subTest(**knobs, **durations):
            self.assertEqual(left, [])
            self.assertEqual(told["answers"], answers)
            self.assertEqual(told["left_behind"], [])
            self.assertEqual({knob: answers[knob] for knob in knobs}, knobs)
            for knob, value in durations.items():
                self.assertAlmostEqual(seconds(answers[knob]), seconds(value), delta=1.3, msg=knob)
                if value == "0":
                    self.assertEqual(answers[knob], "0")
            self.assertEqual(sorted(answers), sorted([*knobs, *durations]))
            for one in told["questions"]:
                self.assertTrue(one["tried"] or one["why"], one)

    def test_a_fake_takes_the_answers(self):
        self.fake.control("knobs", {"tombstone": "details", "writeToCancelled": "gone410", "identicalWriteChanges": False})
        self.probe()
        other = production.Fake("--answers", str(self.answers))
        try:
            knobs = other.control("knobs")
            self.assertEqual((knobs["tombstone"], knobs["writeToCancelled"], knobs["identicalWriteChanges"]), ("details", "gone410", False))
        finally:
            other.stop()

    def test_what_cannot_be_tried_has_its_reason(self):
        told = self.one.calsync("probe", "--calendar", self.scratch, "--yes", "--question", "K-10", "--question", "K-20").stdout
        self.assertIn("another scratch calendar: --second", told)
        self.assertIn("only Google's own user interface splits a series", told)
        self.assertIn("Not tried", told)

    def test_it_cleans_up_after_ctrl_c_and_after_one_that_was_killed(self):
        theirs = self.fake.add(self.scratch, "A person's", 20)
        self.fake.control("knobs", {"listLag": "2s"})
        for how in (signal.SIGINT, signal.SIGKILL):
            process = subprocess.Popen([production.CALSYNC, "probe", "--calendar", self.scratch, "--yes", "-o", str(self.answers)],
                                       env=self.one.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            production.until(lambda: len(self.fake.live(self.scratch)) >= 4, seconds=30, why="it is at work")
            process.send_signal(how)
            _, said = process.communicate(timeout=30)
            self.assertEqual(process.returncode, 130 if how == signal.SIGINT else -signal.SIGKILL, said)
            self.assertFalse(self.answers.exists(), "half an answer is none")
            left = [e["id"] for e in self.fake.live(self.scratch)]
            self.assertEqual(len(left) > 1, how == signal.SIGKILL)
        self.fake.control("knobs", {"listLag": "0"})
        self.probe("--question", "K-7")
        self.assertEqual([e["id"] for e in self.fake.live(self.scratch)], [theirs], "and what people made stays")

    def test_faults_leave_nothing_behind(self):
        self.fake.control("faults", {"profile": "mild"})
        told = self.probe("--patience", "8s", code=None)
        self.fake.control("faults", {"clear": True})
        self.nothing_is_left()
        self.assertEqual(told["left_behind"], [])

    def test_it_asks_before_it_writes_and_refuses_what_is_no_scratch_calendar(self):
        said = self.one.calsync("probe", "--calendar", self.scratch, code=2).stderr
        self.assertIn("--yes says that this is meant", said)
        self.assertEqual(self.fake.control("writes?last=10")["writes"], [])
        self.assertIn("a person's own calendar", self.one.calsync("probe", "--calendar", self.primary, "--yes", code=2).stderr)
        self.one.calsync("calendars", "add", self.scratch, "--account", production.ADA)
        self.assertIn("is linked as", self.one.calsync("probe", "--calendar", self.scratch, "--yes", code=2).stderr)
        self.assertIn("cannot read nobody@example.com", self.one.calsync("probe", "--calendar", "nobody@example.com", "--yes", code=3).stderr)
        self.assertIn("no question K-99", self.one.calsync("probe", "--calendar", self.second, "--question", "K-99", code=2).stderr)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        sys.exit(0 if arguments else 2)
    production.CALSYNC = os.path.abspath(arguments.pop(0))
    unittest.main(argv=sys.argv[:1] + arguments, verbosity=2)
