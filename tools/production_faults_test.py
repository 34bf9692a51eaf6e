#!/usr/bin/env python3
"""Production while the machine and Google misbehave: a full disk, a database that another process holds, grants that end, a Google that is
away. Afterwards the laws, by the fake's ground truth.

usage: production_faults_test.py PATH-OF-calsync [TEST…]
"""

import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import time
import unittest
import urllib.request

import production_test
from production_test import ADA, Fake, Production, free_port, is_block, until


class LastingFake(Fake):
    """A fake that can go away and come back as it was, at the same address."""

    def __init__(self, state):
        self.arguments = ["--state", str(state)]
        self.port = free_port()
        self.begin()

    def begin(self):
        self.process = subprocess.Popen([production_test.CALSYNC, "fake", "serve", "--listen", f"127.0.0.1:{self.port}", "--json", *self.arguments],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = production_test.json.loads(self.process.stdout.readline())["rootUrl"]


class Faults(Production):
    disk = None

    def tearDown(self):
        if self.disk:
            subprocess.run(["umount", "-l", str(self.disk)], check=False)
        super().tearDown()

    def log_of(self, one):
        return (one.folder / "run.log").read_text()

    def test_a_full_disk_sends_nothing_and_goes_on_when_there_is_room(self):
        folder = pathlib.Path(self.folder) / "disk"
        folder.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(folder)], capture_output=True, text=True)
        if mounted.returncode != 0:
            self.skipTest(f"a small disk cannot be mounted, that needs root: {mounted.stderr.strip()}")
        self.disk = folder
        fake, one, calendars = self.linked()
        one.config.write_text(one.config.read_text().replace(str(one.folder / "state"), str(folder)))
        for hours in range(10, 15):
            fake.add(calendars[0], "Event", hours * 2)
        one.start()
        self.until_mirrored(fake, calendars)
        with open(folder / "ballast", "wb", buffering=0) as ballast:  # To the last byte.
            try:
                while True:
                    ballast.write(bytes(4096))
            except OSError:
                pass
        before = len([e for c in calendars for e in fake.live(c) if is_block(e)])
        for hours in range(20, 60):
            fake.add(calendars[0], "More", hours * 2)
        until(lambda: "The disk is full" in self.log_of(one), 60, "the full disk is told")
        time.sleep(3)
        blocks = len([e for c in calendars for e in fake.live(c) if is_block(e)])
        self.assertLess(blocks, before + 80, "what could not be put on record was not sent (L7)")
        self.assertIsNone(one.daemon.poll(), "it runs on")
        (folder / "ballast").unlink()
        self.until_mirrored(fake, calendars, why="there is room again")
        one.stop()
        self.explained(fake, one)
        one.daemon = None

    def test_a_database_that_another_process_holds_is_waited_for(self):
        port = free_port()
        hook = f'[webhook]\nlisten = "127.0.0.1:{port}"\naddress = "http://127.0.0.1:{port}/notify"\n'
        fake, one, calendars = self.linked(settings=hook)
        fake.add(calendars[0], "Dentist", 20)
        one.start()
        self.until_mirrored(fake, calendars)
        holder = sqlite3.connect(one.folder / "state" / "calsync.db", isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        before = len(fake.control("writes?last=1000")["writes"])
        for hours in range(20, 30):
            fake.add(calendars[0], "More", hours * 2)
        slowest = 0
        end = time.time() + 7
        while time.time() < end:
            begun = time.time()
            message = urllib.request.Request(f"http://127.0.0.1:{port}/notify/0123456789abcdef", data=b"", method="POST")
            self.assertEqual(urllib.request.urlopen(message, timeout=5).status, 204)
            slowest = max(slowest, time.time() - begun)
            time.sleep(0.2)
        self.assertLess(slowest, 1, "the receiver answers all the while")
        by_us = [w for w in fake.control("writes?last=1000")["writes"][before:] if "person" not in w["actor"]]
        self.assertEqual(by_us, [], "nothing leaves that is not on record (L7)")
        self.assertIn("Another process holds the database", self.log_of(one))
        holder.execute("ROLLBACK")
        holder.close()
        self.until_mirrored(fake, calendars, 30, "it goes on at once")
        one.stop()
        self.assertIn("the database can be written again", one.said[-1])
        self.assertEqual(one.said[-1].count("Another process holds the database"), 1, "told once")
        self.explained(fake, one)

    def test_tokens_that_end_early_are_replaced_and_nobody_notices(self):
        fake, one, calendars = self.linked()
        one.start()
        for hours in range(10, 16):
            fake.add(calendars[hours % 3], "Event", hours * 2)
            fake.control("grant", {"account": ADA, "grant": "expired"})
            time.sleep(0.5)
        self.until_mirrored(fake, calendars)
        one.stop()
        self.assertNotIn("does not accept", one.said[-1])
        self.explained(fake, one)

    def test_a_grant_that_is_revoked_freezes_its_calendars_until_the_owner_agrees_again(self):
        fake, one, calendars, of_bob = self.linked_by_two()
        calendars += of_bob
        kept = fake.add(calendars[0], "Dentist", 20)
        one.start()
        self.until_mirrored(fake, calendars)
        fake.control("grant", {"account": "bob@example.com", "grant": "revoked"})
        fake.add(calendars[0], "Later", 30)
        fake.act("delete", calendars[0], event=kept)
        until(lambda: "calsync login --account bob@example.com" in self.log_of(one), 60, "told")
        self.until_mirrored(fake, calendars[:3], why="Ada's own go on")
        self.assertEqual(sum(is_block(e) for e in fake.live(calendars[3])), 1, "frozen as it was")
        fake.control("grant", {"account": "bob@example.com", "grant": "full"})
        one.login("bob@example.com", "test-refresh-token-bob@example.com")
        os.utime(one.config)
        self.until_mirrored(fake, calendars, why="Bob's follow")
        one.stop()
        self.explained(fake, one)

    def test_a_google_that_goes_away_and_comes_back_loses_nothing(self):
        fake = LastingFake(pathlib.Path(self.folder) / "google.json")
        self.fakes.append(fake)
        one = self.installation(fake)
        one.login()
        calendars = one.link()
        for hours in range(10, 14):
            fake.add(calendars[0], "Event", hours * 2)
        one.start()
        self.until_mirrored(fake, calendars)
        for away in (1, 4):
            fake.add(calendars[1], "Just before", 40 + away)
            fake.stop()
            time.sleep(away)
            fake.begin()
            fake.add(calendars[2], "Just after", 60 + away)
        self.until_mirrored(fake, calendars)
        one.stop(signal.SIGTERM)
        self.explained(fake, one)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        sys.exit(0 if arguments else 2)
    production_test.CALSYNC = os.path.abspath(arguments.pop(0))
    # Its own tests alone: those of the class that it builds on are run there.
    own = [name for name in vars(Faults) if name.startswith("test_")]
    unittest.main(argv=sys.argv[:1] + (arguments or [f"Faults.{name}" for name in own]), verbosity=2)
