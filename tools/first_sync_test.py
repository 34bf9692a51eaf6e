#!/usr/bin/env python3
"""The first sync of a calendar that is full: a block on each other calendar for each event, killed on the way. It takes as long as Google's quota
makes it take, goes on where it was, and no write is carried out twice.

usage: first_sync_test.py PATH-OF-calsync [--events N] [--targets N] [--units-per-minute N] [--kills N] [--seed S]

The bar's size is --events 5000 --targets 3 --units-per-minute 6000 --kills 5. Exit code: 0 it held, 1 it did not, 2 the command line is wrong.
"""

import argparse
import collections
import pathlib
import random
import signal
import sys
import time
import unittest

import production_test
from production_test import Production, is_block, until

TOKEN = "test-token"
# CalSync leaves some of an account's quota to others (adapter/google/pacing.h); after a rest a burst leaves at once.
SHARE_OF_QUOTA = 0.8
BURST_OF_QUOTA = 0.1
# Of the time that the quota takes: what listings, restarts and the machine may add.
LATE_MAX = 1.15
RESTART = 2  # Seconds that a kill may cost.


class FirstSync(Production):
    options = None

    def calendars(self, fake):
        return [fake.call("POST", "calendar/v3/calendars", {"summary": f"Target {n}"}, TOKEN)["id"] for n in range(self.options.targets)]

    def runTest(self):
        options = self.options
        dice = random.Random(options.seed)
        fake = self.fake()
        source, *targets = [fake.call("POST", "calendar/v3/calendars", {"summary": "Full"}, TOKEN)["id"], *self.calendars(fake)]
        begin = int(time.time()) + 86400
        at = lambda t: {"dateTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))}
        for n in range(options.events):
            start = begin + n * 1800
            fake.call("POST", f"calendar/v3/calendars/{source}/events", {"summary": f"Event {n}", "start": at(start), "end": at(start + 1800)}, TOKEN)
        # Tags of people's events are paced after everything else; they are no part of a first sync.
        one = self.installation(fake, settings='[policy]\ntag_user_events = "off"\nhorizon_ahead = "5000d"\n')
        text = one.config.read_text()
        one.config.write_text(text.replace("[google]\n", f"[google]\nunits_per_minute = 100000000\nunits_per_minute_and_account = {options.units_per_minute}\n"))
        one.login()
        for calendar in (source, *targets):
            one.calsync("calendars", "add", calendar, "--account", production_test.ADA)
        fake.control("knobs", {"unitsPerMinutePerAccount": options.units_per_minute})
        due = options.events * len(targets)
        count = lambda: fake.control("counts")["counts"].get("events.insert", 0)
        before = count()
        inserted = lambda: count() - before
        begun = time.monotonic()
        seen = set()

        def look():  # The fake remembers the last 10,000.
            for w in fake.control("writes?last=10000")["writes"]:
                if w["calendar"] in targets:
                    seen.add((w["at"], w["kind"], w["calendar"], w["event"]))

        at_kills = sorted({*(dice.randrange(1, due) for _ in range(options.kills)), *range(5000, due, 5000)})
        one.start()
        for kill in at_kills:
            until(lambda: inserted() >= kill, seconds=3600, why=f"{kill} blocks")
            look()
            one.stop(signal.SIGKILL)
            one.start()
        until(lambda: inserted() >= due, seconds=3600, why="all blocks")
        took = time.monotonic() - begun
        time.sleep(2)
        one.stop()
        refused = collections.Counter(line["status"] for line in fake.control("journal?last=1000000")["lines"] if line["status"] >= 400)
        by_quota = (due - BURST_OF_QUOTA * options.units_per_minute) / (SHARE_OF_QUOTA * options.units_per_minute) * 60
        look()
        writes = collections.Counter(write[1:] for write in seen)
        print(f"{due:,} blocks in {took:.0f} s with {len(at_kills)} kills (the quota alone: {by_quota:.0f} s); refused: {dict(refused) or 'none'}", file=sys.stderr)
        self.assertEqual({kind for kind, _, _ in writes}, {"inserted"})
        self.assertEqual(max(writes.values()), 1, "no write twice")
        self.assertEqual(len(writes), due)
        live = collections.Counter(calendar for calendar in targets for event in fake.live(calendar) if is_block(event))
        self.assertEqual(live, {calendar: options.events for calendar in targets})
        self.judge(fake, [source, *targets])
        self.assertLess(took, max(by_quota * LATE_MAX, by_quota + 5) + len(at_kills) * RESTART)


def main():
    parser = argparse.ArgumentParser(usage=__doc__, add_help=False)
    parser.add_argument("calsync")
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--targets", type=int, default=3)
    parser.add_argument("--units-per-minute", type=int, default=1200)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    FirstSync.options = parser.parse_args()
    production_test.CALSYNC = str(pathlib.Path(FirstSync.options.calsync).resolve())
    return 0 if unittest.TextTestRunner(verbosity=1).run(FirstSync()).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
