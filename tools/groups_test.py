#!/usr/bin/env python3
"""Many people end to end: `calsync groups` and the registry beside a running `calsync run`, a service account that acts for all, and a
receiver with a certificate of its own.

usage: groups_test.py PATH-OF-calsync [TEST…]
"""

import json
import os
import shutil
import subprocess
import sys
import time
import unittest

import production_test
from production_test import Fake, Production, free_port, is_block, until


def make_robot(fake, path):
    key = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, text=True, check=True).stdout
    public = subprocess.run(["openssl", "rsa", "-pubout"], input=key, capture_output=True, text=True, check=True).stdout
    fake.control("service-accounts", {"email": "robot@project.example", "publicKey": public})
    path.write_text(json.dumps({"type": "service_account", "client_email": "robot@project.example", "private_key": key, "private_key_id": "k"}))
    path.chmod(0o600)


class Groups(Production):
    def crowd(self, many=3, **more):
        fake = self.fake()
        people = fake.control("crowd", {"people": many, "calendars": 2, "events": 4})["people"]
        one = self.installation(fake, settings='[policy]\npoll = "1s"\n', **more)
        make_robot(fake, one.folder / "robot.json")
        return fake, one, people

    def list_of(self, one, people, first="group,account,calendar,name,direction", more=()):
        rows = [first]
        for number, person in enumerate(people):
            for n, calendar in enumerate(person["calendars"]):
                rows.append(f"g{number},{person['email']},{calendar if n else ''},c{n},")
        path = one.folder / "people.csv"
        path.write_text("\n".join([*rows, *more]) + "\n")
        return str(path)

    def add(self, one, people):
        return one.calsync("groups", "add", "--list", self.list_of(one, people), "--service-account", str(one.folder / "robot.json"))

    def blocks(self, fake, person):
        return sum(is_block(e) for calendar in person["calendars"] for e in fake.live(calendar))

    def test_people_of_a_list_are_kept_in_step_by_one_robot(self):
        fake, one, people = self.crowd()
        self.assertIn("3 groups added, 0 were there already", self.add(one, people).stdout)
        self.assertIn("0 groups added, 3 were there already", self.add(one, people).stdout)
        listed = json.loads(one.calsync("groups", "list", "--json").stdout)
        self.assertEqual([(g["group"], g["state"], len(g["calendars"])) for g in listed],
                         [("g0", "runs", 2), ("g1", "runs", 2), ("g2", "runs", 2), ("me", "runs", 0)])
        one.once()
        for person in people:
            self.judge(fake, person["calendars"])
        for path in (one.folder / "conf").rglob("*"):
            if path.is_file():
                self.assertNotIn("PRIVATE KEY", path.read_text(errors="replace"), path)

    def test_every_row_that_is_wrong_is_told_and_nothing_is_added(self):
        fake, one, people = self.crowd()
        path = self.list_of(one, people, more=["g9,crowd0@example.com", "G0,crowd0@example.com", "g1,crowd1@example.com,x", "g8,nobody"])
        said = one.calsync("groups", "add", "--list", path, code=2).stderr
        for what in (":8: the group \"g9\" has one calendar", ":9: the group \"G0\"", ":10: the group \"g1\" began in row 4", ":11: the account \"nobody\"", "nothing was added"):
            self.assertIn(what, said)
        self.assertEqual(len(json.loads(one.calsync("groups", "list", "--json").stdout)), 1)
        self.assertIn("two calendars or more", one.calsync("groups", "add", "ann", "--calendar", "a@example.com", code=2).stderr)
        self.assertIn("there is no group", one.calsync("groups", "remove", "ann", code=2).stderr)

    def test_the_same_calendars_in_two_groups_are_told(self):
        fake, one, people = self.crowd(2)
        self.assertEqual(self.add(one, people).stderr, "")
        rows = [f"--calendar=Own={people[0]['email']}", f"--calendar=Other={people[0]['email']}/{people[0]['calendars'][1]}"]
        told = 'the groups "dup" and "g0" both link'
        self.assertIn(told, one.calsync("groups", "add", "dup", *rows).stderr)
        self.assertIn(told, one.calsync("status", code=None).stderr)

    def test_groups_come_change_and_go_while_it_runs(self):
        fake, one, people = self.crowd(4)
        self.add(one, people[:2])
        one.start()
        until(lambda: all(self.blocks(fake, p) == 4 for p in people[:2]), why="the first two")
        rows = [f"--calendar=Own={people[2]['email']}", f"--calendar=Other={people[2]['email']}/{people[2]['calendars'][1]}"]
        one.calsync("groups", "add", "third", *rows, "--service-account", str(one.folder / "robot.json"))
        until(lambda: self.blocks(fake, people[2]) == 4, why="one more, at once")
        one.calsync("pause", "--group", "g0")
        until(lambda: "registry: g0 read again" in (one.folder / "run.log").read_text(), why="the pause was heard")
        fake.add(people[0]["calendars"][0], "While paused", 30, people[0]["email"])
        # One broken file stops nobody, and the group stays as it was.
        broken = one.folder / "conf" / "groups" / "g1.toml"
        good = broken.read_text()
        broken.write_text(good.replace("[[group]]", "[[group]]\npausd = true"))
        until(lambda: 'g1.toml:4: group: there is no key "pausd" here' in (one.folder / "run.log").read_text(), why="told with its line")
        self.assertIn("broken", one.calsync("groups", "list", code=1).stdout)
        fake.add(people[1]["calendars"][0], "While broken", 40, people[1]["email"])
        until(lambda: self.blocks(fake, people[1]) == 5, why="it runs as it was before")
        report = one.folder / "state" / "report.json"
        until(lambda: list(json.loads(report.read_text())["broken"]) == ["g1"], seconds=30, why="it is on the board")
        self.assertFalse(json.loads(report.read_text())["well"])
        # Nor does it end the group that the settings beside it change.
        settings = one.folder / "conf" / "calsync.toml"
        settings.write_text(settings.read_text() + "\n# Changed.\n")
        until(lambda: "settings read again" in (one.folder / "run.log").read_text(), why="the change was heard")
        fake.add(people[1]["calendars"][0], "While broken still", 50, people[1]["email"])
        until(lambda: self.blocks(fake, people[1]) == 6, why="it runs as it was before, still")
        self.assertEqual(list(json.loads(report.read_text())["broken"]), ["g1"])
        broken.write_text(good)
        self.assertEqual(self.blocks(fake, people[0]), 4, "paused")
        said = one.calsync("groups", "remove", "g1", "third").stdout
        self.assertIn("2 groups removed", said)
        self.assertEqual([self.blocks(fake, p) for p in people[1:3]], [0, 0], "their blocks are gone")
        self.assertEqual([len(fake.live(p["calendars"][0])) for p in people[1:3]], [4, 2], "what people made stays")
        self.assertFalse(broken.exists())
        one.calsync("resume", "--group", "g0")
        until(lambda: self.blocks(fake, people[0]) == 5, why="resumed")
        one.stop()
        self.assertEqual([g["group"] for g in json.loads(one.calsync("groups", "list", "--json").stdout)], ["g0", "me"])

    def test_groups_are_removed_when_nothing_runs_or_left_with_the_reason(self):
        fake, one, people = self.crowd(3)
        self.add(one, people)
        one.once()
        self.assertIn("1 groups removed", one.calsync("groups", "remove", "g0").stdout)
        self.assertEqual(self.blocks(fake, people[0]), 0)
        fake.control("grant", {"account": people[1]["email"], "grant": "revoked"})
        for running in (False, True):  # What nobody can reach any more is told, and not waited for.
            if running:
                one.start()
                until(lambda: "running" in (one.folder / "run.log").read_text(), why="it runs")
            begun = time.monotonic()
            left = json.loads(one.calsync("groups", "remove", "g1", "--timeout", "2m", "--json", code=1).stdout)
            self.assertLess(time.monotonic() - begun, 90, left)
            self.assertEqual((left["removed"], len(left["left"])), (0, 1))
            self.assertRegex(left["left"][0], 'g1: "c[01]" cannot be reached, and what lies on it cannot be taken away')
        one.stop()
        self.assertEqual([g["state"] for g in json.loads(one.calsync("groups", "list", "--json").stdout)], ["removing", "runs", "runs"])
        self.assertIn("their blocks stay", one.calsync("groups", "remove", "g1", "--keep-blocks").stdout)
        self.assertEqual(self.blocks(fake, people[1]), 4)
        self.assertIn("1 groups removed", one.calsync("groups", "remove", "me").stdout)
        one.once()
        self.judge(fake, people[2]["calendars"])
        # One of that name comes back: its blocks are found by their ids.
        self.add(one, people[:1] + people[2:2])
        one.once()
        self.judge(fake, people[0]["calendars"])

    def test_a_file_that_cannot_be_read_is_told_by_those_that_look(self):
        fake, one, people = self.crowd(2)
        self.add(one, people)
        one.once()
        one.calsync("status")
        file = one.folder / "conf" / "groups" / "g1.toml"
        file.write_text("[[group")
        self.assertIn("g1, broken", one.calsync("status", code=1).stdout)
        self.assertIn("g1.toml:1", json.loads(one.calsync("status", "--json", code=1).stdout)["groups"]["g1"]["problem"])
        once = one.once(code=1)
        self.assertEqual(len(once["unsettled"]), 1)
        self.assertIn("g1.toml:1", once["unsettled"][0])
        self.assertIn("not done: g1: ", one.calsync("clean", "--yes", "--dry-run", code=1).stdout)

    def test_the_registry_is_kept_apart_from_the_database(self):
        fake, one, people = self.crowd(2)
        self.add(one, people)
        one.once()
        shutil.copytree(one.folder / "conf", one.folder / "kept")
        shutil.rmtree(one.folder / "state")
        shutil.rmtree(one.folder / "conf" / "groups")
        shutil.copytree(one.folder / "kept" / "groups", one.folder / "conf" / "groups")
        before = len(fake.control("writes?last=10000")["writes"])
        one.once()
        for person in people:
            self.judge(fake, person["calendars"])
        self.assertEqual([w for w in fake.control("writes?last=10000")["writes"][before:] if w["kind"] in ("inserted", "deleted")], [],
                         "every block is known again")

    def test_the_receiver_has_a_certificate_of_its_own(self):
        fake = self.fake("--webhook-any-certificate")
        port = free_port()
        hook = (f'[webhook]\nlisten = "127.0.0.1:{port}"\naddress = "https://127.0.0.1:{port}/notify"\n'
                'certificate = "tls.pem"\nkey = "tls.key"\n')
        one = self.installation(fake, poll="1h", settings=hook)
        one.login()
        calendars = one.link()
        folder = one.folder / "conf"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "tls.key", "-out", folder / "tls.pem", "-days", "1",
                        "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        (folder / "tls.key").chmod(0o644)
        self.assertIn("chmod 600", one.calsync("run", code=3).stderr)
        (folder / "tls.key").chmod(0o600)
        one.start()
        until(lambda: sum(c["channels"] for c in fake.control("state")["calendars"]) >= 3, why="channels")
        time.sleep(1)
        begun = time.time()
        fake.add(calendars[0], "Dentist", 20)
        until(lambda: sum(is_block(e) for e in fake.live(calendars[1])) == 1, why="a block")
        self.assertLess(time.time() - begun, 5)
        url = f"https://127.0.0.1:{port}/notify/0123456789abcdef"
        curl = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "POST"]
        self.assertEqual(subprocess.run([*curl, "--cacert", folder / "tls.pem", url], capture_output=True, text=True).stdout, "204")
        self.assertNotEqual(subprocess.run([*curl, url], capture_output=True, text=True).returncode, 0, "nobody vouches for it")
        self.assertNotEqual(subprocess.run([*curl, url.replace("https", "http")], capture_output=True, text=True).stdout, "204")
        one.stop()
        (folder / "tls.pem").write_text("nothing")
        self.assertIn("the certificate cannot be used", one.calsync("run", code=2).stderr)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        sys.exit(0 if arguments else 2)
    production_test.CALSYNC = os.path.abspath(arguments.pop(0))
    own = [name for name in vars(Groups) if name.startswith("test_")]
    unittest.main(argv=sys.argv[:1] + (arguments or [f"Groups.{name}" for name in own]), verbosity=2)
