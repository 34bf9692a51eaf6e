#!/usr/bin/env python3
"""Moving over from a system that knew its blocks by their texts, in real processes: `calsync migrate` against `calsync fake serve`, over
HTTP, killed at random moments; in the end it is as if nobody had disturbed it.

usage: migration_test.py PATH-OF-calsync [--kills N] [--events N] [--marks N] [--seed S] [TEST…]
"""

import datetime
import json
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

import production_test
from production_test import ADA, Production, times

KILLS = 4
EVENTS = 120
MARKS = 40
SEED = 1
PATIENCE = 15  # Seconds.
TAGS_PATIENCE = 1800  # Seconds.
# Rows that wait for their tag: events of people that are there, and adopted blocks.
TAGS_OWED = ("SELECT count(*) FROM record WHERE tag = 'owed' AND (kind = 'user_event' AND status = 'synced' OR "
             "kind = 'block' AND status = 'created' AND generation = 0)")
TOKEN = "test-token"


def stamp(seconds):
    return {"dateTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))}


class Migration(Production):
    """A person has "work" with events, and "home", full of their own past events and of what the other system made of work's."""

    def installation(self, fake, **more):
        one = super().installation(fake, **more)
        text = one.config.read_text()
        self.assertIn("[group.policy]", text)
        text = text.replace("[group.policy]", '[group.policy]\ndetection = "hybrid"')
        # The fake has no quota: thousands of tags are a matter of seconds, and kills meet writes instead of pauses.
        text = text.replace("[google]\n", "[google]\nunits_per_minute = 100000000\nunits_per_minute_and_account = 10000000\n")
        one.config.write_text(text)
        return one

    def linked(self, **more):
        fake = self.fake()
        one = self.installation(fake, **more)
        one.login()
        listed = [entry["id"] for entry in json.loads(one.calsync("calendars", "--json").stdout)][:2]
        for calendar in listed:
            one.calsync("calendars", "add", calendar, "--account", ADA)
        return fake, one, listed

    def fill(self, fake, calendars, events, marks, now):
        """The same on every fake: `events` events on home, `marks` of them blocks of the other system; a tenth of these have no event any
        more, and every hundredth has two that are equally good."""
        work, home = calendars[0], calendars[1]
        insert = lambda calendar, body: fake.call("POST", f"calendar/v3/calendars/{calendar}/events", body, TOKEN)
        for n in range(marks):
            begin = now + 86400 + n * 1800
            body = {"summary": f"Meeting {n}", "start": stamp(begin), "end": stamp(begin + 1800)}
            if n % 10 != 9:
                insert(work, {**body, "id": f"src{n:06d}"})
            if n % 100 == 50:
                insert(work, {**body, "id": f"dup{n:06d}"})
            insert(home, {"id": f"old{n:06d}", "summary": f"Busy - Meeting {n}", "description": "Busy block for event from " + self.name_of_work,
                          "start": body["start"], "end": body["end"]})
        for n in range(events - marks):
            begin = now - 86400 * 30 - n * 3600
            insert(home, {"id": f"mine{n:06d}", "summary": f"Own {n}", "start": stamp(begin), "end": stamp(begin + 3600)})

    def prepared(self, events, marks, now, like=None):
        fake, one, calendars = self.linked_like(like)
        self.name_of_work = self.names_of(one)[calendars[0]]
        self.fill(fake, calendars, events, marks, now)
        return fake, one, calendars

    def linked_like(self, like):
        """Another fake, and an installation with the same keys and calendars: ids and certificates come out the same."""
        if like is None:
            return self.linked()
        fake = self.fake()
        one = self.installation(fake)
        for name in ("calsync.toml", "calsync.keys"):
            shutil.copy(like.folder / "conf" / name, one.folder / "conf" / name)
        text = one.config.read_text().replace(like.fake.url, fake.url).replace(str(like.folder), str(one.folder))
        one.config.write_text(text)
        shutil.copytree(like.folder / "conf" / "grants", one.folder / "conf" / "grants", dirs_exist_ok=True)
        return fake, one, list(self.names_of(one))

    def names_of(self, one):
        listed = json.loads(one.calsync("calendars", "--json").stdout)
        return {entry["id"]: entry["name"] for entry in listed if entry["linked"]}

    def shown(self, fake, calendars):
        """All live events, with what our tag says; correlation ids, which are random, by what they name."""
        live = {calendar: fake.live(calendar) for calendar in calendars}
        named = {}
        for calendar, events in live.items():
            for event in events:
                for key, value in event.get("extendedProperties", {}).get("private", {}).items():
                    if key.startswith("calsync.") or key == "calsync_id":
                        named[value.split(":")[-1]] = (calendar, event["id"])
        state = set()
        for calendar, events in live.items():
            for event in events:
                tag = event.get("extendedProperties", {}).get("private", {})
                state.add((calendar, event["id"], event.get("summary"), event.get("description"), times(event), event.get("visibility"),
                           named.get(tag.get("calsync_source")), tag.get("calsync_adopted"), tag.get("calsync_type")))
        return state

    def recorded(self, one):
        with sqlite3.connect(f"file:{one.folder}/state/calsync.db?mode=ro", uri=True) as database:
            rows = database.execute("SELECT calendar, event, kind, status, seen_as, generation, highest, tag, hold, correlation_id, source, "
                                    "slot, span_start FROM record").fetchall()
        named = {row[9]: (row[0], row[1]) for row in rows if row[9]}
        return {row[:9] + (named.get(row[10]), row[11], row[12]) for row in rows}

    def migrate(self, one, *more, code=None):
        done = subprocess.run([production_test.CALSYNC, "migrate", "--json", *more], capture_output=True, text=True, env=one.environment(),
                              timeout=3600)
        if code is not None:
            self.assertEqual(done.returncode, code, done.stderr)
        self.assertTrue(done.stdout, done.stderr)
        return json.loads(done.stdout)

    def finish_tags(self, one):
        """`migrate` does not wait for tags, which Google's quota spreads over minutes; the running process writes them."""

        def owed():
            try:
                with sqlite3.connect(f"file:{one.folder}/state/calsync.db?mode=ro", uri=True) as database:
                    return database.execute(TAGS_OWED).fetchone()[0]
            except sqlite3.OperationalError:  # The moment of another process's commit.
                return None

        one.start()
        production_test.until(lambda: owed() == 0, seconds=TAGS_PATIENCE, why="all tags are written")
        one.stop()
        one.once()

    # --- What a person sees.

    def test_pairs_are_adopted_and_the_rest_is_told(self):
        fake, one, calendars = self.prepared(30, 20, time.time())
        before = self.shown(fake, calendars)
        dry = self.migrate(one, "--dry-run", code=1)
        self.assertEqual(self.shown(fake, calendars), before, "a dry run writes nothing")
        self.assertFalse((one.folder / "state" / "calsync.db").exists() and self.recorded(one), "nor to the database")
        self.assertEqual(dry["would_adopt"], 18)
        done = self.migrate(one, code=1)
        self.assertEqual((done["adopted"], done["removed"], done["not_done"]), (18, 0, []))
        group = next(iter(done["groups"].values()))
        self.assertEqual((group["adopted"], group["tags_owed"]), (18, 0))
        self.assertEqual({one["finding"] for one in group["unsettled"]}, {"no_event"})
        self.assertEqual(len(fake.live(calendars[1])), 30, "no second block, and none is gone")
        again = self.migrate(one, code=1)
        self.assertEqual(again["adopted"], 0)
        first, second = [entry["event"] for entry in group["unsettled"]]
        self.assertEqual(self.migrate(one, "--settle", first, "--as", "block", code=1)["removed"], 1)
        self.assertEqual(self.migrate(one, "--settle", second, "--as", "mine", code=0)["removed"], 0)
        live = {event["id"] for event in fake.live(calendars[1])}
        self.assertNotIn(first, live)
        self.assertIn(second, live)
        # They follow their events.
        moved = time.time() + 40 * 86400
        fake.call("PATCH", f"calendar/v3/calendars/{calendars[0]}/events/src000000", {"start": stamp(moved), "end": stamp(moved + 1800)}, TOKEN)
        one.once()
        block = next(event for event in fake.live(calendars[1]) if event["id"] == "old000000")
        self.assertEqual(datetime.datetime.fromisoformat(block["start"]["dateTime"]).timestamp(), int(moved))
        fake.call("DELETE", f"calendar/v3/calendars/{calendars[0]}/events/src000001", token=TOKEN)
        one.once()
        self.assertNotIn("old000001", {event["id"] for event in fake.live(calendars[1])})

    def test_what_cannot_be_meant_is_said(self):
        fake, one, calendars = self.prepared(2, 1, time.time())
        one.once(code=None)
        self.assertIn("both go together", one.calsync("migrate", "--settle", "x", code=2).stderr)
        self.assertIn("no event x waits", one.calsync("migrate", "--settle", "x", "--as", "mine", code=2).stderr)
        self.assertIn("--of", one.calsync("migrate", "--settle", "old000000", "--as", "block", "--of", "nobody", code=2).stderr)
        self.assertIn("no calendar", one.calsync("migrate", "--calendar", "nowhere", code=2).stderr)
        one.config.write_text(one.config.read_text().replace('detection = "hybrid"', 'detection = "uuid"'))
        shutil.rmtree(one.folder / "state")
        self.assertIn("hybrid", one.calsync("migrate", code=2).stderr)

    def test_a_running_process_is_told(self):
        fake, one, calendars = self.prepared(6, 5, time.time())
        one.start()

        def is_running():
            try:
                return (one.folder / "state" / "calsync.db").exists() and len(self.recorded(one)) >= 11
            except sqlite3.OperationalError:  # The file is there before its tables are.
                return False

        production_test.until(is_running, why="it is running")
        self.assertTrue(self.migrate(one)["told_running"])
        production_test.until(lambda: sum(1 for row in self.shown(fake, calendars) if row[7]) == 5, why="all are adopted")
        one.stop()

    # --- Killed.

    def test_kills_at_any_moment_change_nothing(self):
        dice = random.Random(SEED)
        now = time.time()
        fake, calm, calendars = self.prepared(EVENTS, MARKS, now)
        began = time.time()
        self.migrate(calm)
        lasted = time.time() - began
        other, killed, same = self.prepared(EVENTS, MARKS, now, like=calm)
        kills = reached = 0
        for _ in range(KILLS):
            process = subprocess.Popen([production_test.CALSYNC, "migrate", "--json"], env=killed.environment(), stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            try:
                process.wait(dice.random() * min(lasted, PATIENCE))
                reached += 1
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
        self.migrate(killed)
        for one in (calm, killed):
            self.finish_tags(one)
        for what, of_killed, of_calm in (("Google shows", self.shown(other, same), self.shown(fake, calendars)),
                                         ("the database holds", self.recorded(killed), self.recorded(calm))):
            differ = sorted(of_killed ^ of_calm, key=str)
            if differ:  # Thousands of rows tell nobody anything.
                self.fail(f"{what} {len(differ)} things otherwise, for example {differ[:4]}")
        print(f"{EVENTS} events, {MARKS} of them marked: {kills} kills, {reached} runs came to their end before theirs; "
              f"undisturbed it took {lasted:.1f} s", file=sys.stderr)


def main():
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if arguments else 2
    production_test.CALSYNC = str(pathlib.Path(arguments.pop(0)).resolve())
    for name in ("KILLS", "EVENTS", "MARKS", "SEED"):
        flag = "--" + name.lower()
        if flag in arguments:
            at = arguments.index(flag)
            globals()[name] = int(arguments[at + 1])
            del arguments[at:at + 2]
    # The tests of production are its own.
    names = arguments or [name for name in vars(Migration) if name.startswith("test_")]
    suite = unittest.TestSuite(Migration(name.split(".")[-1]) for name in names)
    return 0 if unittest.TextTestRunner(verbosity=1).run(suite).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
