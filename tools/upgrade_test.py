#!/usr/bin/env python3
"""An installation meets a database of another version of CalSync, in real processes: older ones are taken over without a block lost or made
twice, newer ones are refused and left as they are.

usage: upgrade_test.py PATH-OF-calsync FOLDER-OF-SCHEMAS [TEST…]
"""

import hashlib
import pathlib
import sqlite3
import sys
import unittest

import production_test
from production_test import Production, is_block

SCHEMAS = None


def columns_of(database):
    tables = [row[0] for row in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    return {table: [row[1] for row in database.execute(f"PRAGMA table_info({table})")] for table in tables}


def columns_in_version(version):
    """What the schema of a version has, by the dump that its own tests keep of it."""
    with sqlite3.connect(":memory:") as database:
        database.executescript((SCHEMAS / f"version_{version}.sql").read_text())
        return columns_of(database)


class Upgrade(Production):
    def mirrored(self):
        fake, one, calendars = self.linked()
        for hours in (20, 30, 40):
            fake.add(calendars[0], "Dentist", hours)
        one.once()
        self.judge(fake, calendars)
        return fake, one, calendars, one.folder / "state" / "calsync.db"

    def blocks(self, fake, calendars):
        return {(calendar, event["id"]) for calendar in calendars for event in fake.live(calendar) if is_block(event)}

    def version_of(self, file):
        with sqlite3.connect(file) as database:
            return database.execute("PRAGMA user_version").fetchone()[0]

    def make_older(self, file, version):
        kept = columns_in_version(version)
        with sqlite3.connect(file) as database:
            for table, columns in columns_of(database).items():
                for column in columns:
                    if column not in kept[table]:
                        database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
            database.execute(f"PRAGMA user_version = {version}")
            self.assertEqual(columns_of(database), kept)

    def test_a_database_of_any_older_version_is_taken_over(self):
        fake, one, calendars, file = self.mirrored()
        newest = self.version_of(file)
        self.assertGreater(newest, 1)
        for version in range(1, newest):
            with self.subTest(version=version):
                before = self.blocks(fake, calendars)
                self.make_older(file, version)
                one.once()
                self.assertEqual(self.version_of(file), newest)
                self.assertEqual(self.blocks(fake, calendars), before, "the blocks that were there, and no others")
                fake.add(calendars[1], "After the upgrade", 50 + version)
                one.once()
                self.judge(fake, calendars)
                self.explained(fake, one)

    def test_a_newer_database_is_refused_and_left_as_it_is(self):
        fake, one, calendars, file = self.mirrored()
        newer = self.version_of(file) + 1
        with sqlite3.connect(file) as database:
            database.execute(f"PRAGMA user_version = {newer}")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        calls = len(fake.control("writes?last=1000")["writes"])
        copy = str(one.folder / "copy.db")
        one.calsync("backup", copy)  # A copy is a copy, whoever may read it.
        for command in (["run", "--once"], ["run"], ["audit", "--slots"], ["metrics"], ["migrate"], ["restore", copy]):
            said = one.calsync(*command, code=None)
            self.assertIn(said.returncode, (2, 3), command)
            self.assertIn(f"it has version {newer}", said.stderr, command)
            self.assertIn("A newer program wrote it", said.stderr, command)
        self.assertEqual(hashlib.sha256(file.read_bytes()).hexdigest(), digest)
        self.assertEqual(len(fake.control("writes?last=1000")["writes"]), calls, "nothing was written to Google")

    def test_a_row_that_only_another_version_knows_stops_its_group_with_a_word(self):
        fake, one, calendars, file = self.mirrored()
        with sqlite3.connect(file) as database:
            status, = database.execute("SELECT status FROM record WHERE kind = 'block' LIMIT 1").fetchone()
            database.execute("UPDATE record SET status = 'hibernating' WHERE kind = 'block'")
        before = self.blocks(fake, calendars)
        fake.add(calendars[0], "While it stands", 60)
        said = one.calsync("run", "--once", code=None)
        self.assertEqual(said.returncode, 1, said.stderr)  # What this group has to do was not done.
        self.assertIn('status: "hibernating" is not known. A newer program wrote it', said.stderr)
        self.assertEqual(self.blocks(fake, calendars), before)
        with sqlite3.connect(file) as database:
            database.execute("UPDATE record SET status = ? WHERE kind = 'block'", (status,))
        one.once()
        self.judge(fake, calendars)


def main():
    global SCHEMAS
    arguments = sys.argv[1:]
    if len(arguments) < 2 or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if "--help" in arguments or "-h" in arguments else 2
    production_test.CALSYNC = str(pathlib.Path(arguments.pop(0)).resolve())
    SCHEMAS = pathlib.Path(arguments.pop(0))
    # The tests of production are its own.
    names = arguments or [name for name in vars(Upgrade) if name.startswith("test_")]
    suite = unittest.TestSuite(Upgrade(name.split(".")[-1]) for name in names)
    return 0 if unittest.TextTestRunner(verbosity=1).run(suite).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
