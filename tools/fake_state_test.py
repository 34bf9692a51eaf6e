#!/usr/bin/env python3
"""Stops the served fake and starts it again with the same --state: what it gave out stays good, and a file it cannot read stays as it is.

usage: fake_state_test.py PATH-OF-calsync
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request

CALSYNC = None
LUNCH = {"summary": "Lunch", "start": {"date": "2026-01-06"}, "end": {"date": "2026-01-07"}}


class Fake:
    """A fake that runs; at the end of the block it is stopped as by Ctrl-C."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [CALSYNC, "fake", "serve", "--listen", "127.0.0.1:0", "--json", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        self.token = "test-token"

    def __enter__(self):
        self.root = json.loads(self.process.stdout.readline())["rootUrl"]
        return self

    def __exit__(self, *trouble):
        self.process.terminate()
        self.process.communicate(timeout=20)
        assert self.process.returncode == 0, self.process.returncode

    def ask(self, path, body=None, method=None, **headers):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **headers}
        request = urllib.request.Request(self.root + path, data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"{}")

    def events(self, path="", **more):
        return self.ask("calendar/v3/calendars/primary/events" + path, **more)

    def refresh(self):
        form = {"grant_type": "refresh_token", "refresh_token": "test-refresh-token", "client_id": "test-client", "client_secret": "test-secret"}
        with urllib.request.urlopen(self.root + "token", data=urllib.parse.urlencode(form).encode(), timeout=20) as answer:
            return json.load(answer)["access_token"]


class StateTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.file = pathlib.Path(self.directory.name) / "state.json"

    def test_goes_on_where_it_stopped(self):
        for clock in ("manual", "real"):
            with self.subTest(clock), tempfile.TemporaryDirectory() as directory:
                options = ["--clock", clock, "--state", directory + "/state.json"]
                with Fake(*options, "--seed", "7") as fake:
                    fake.token = token = fake.refresh()
                    made = fake.events(body=LUNCH)
                    sync = fake.events()["nextSyncToken"]
                    channel = {"id": "c1", "type": "web_hook", "address": "http://127.0.0.1:1/"}
                    resource = fake.events("/watch", body=channel)["resourceId"]
                with Fake(*options) as fake:
                    fake.token = token
                    self.assertEqual(fake.events("?syncToken=" + urllib.parse.quote(sync))["items"], [])
                    fake.events("/" + made["id"], body={"summary": "Late"}, method="PATCH", **{"If-Match": made["etag"]})
                    fake.ask("_fake/save", body={})
                    delta = fake.events("?syncToken=" + urllib.parse.quote(sync))
                    self.assertEqual([one["summary"] for one in delta["items"]], ["Late"])
                    with self.assertRaises(urllib.error.HTTPError) as caught:
                        fake.events("/watch", body=channel)  # Its id is taken (S-32).
                    self.assertIn("channelIdNotUnique", caught.exception.read().decode())
                with Fake(*options) as fake:
                    fake.token = token
                    fake.ask("calendar/v3/channels/stop", body={"id": "c1", "resourceId": resource})
                    self.assertEqual(fake.events("/" + made["id"])["summary"], "Late")
                    fake.refresh()

    def test_begins_with_imported_calendars_once(self):
        export = pathlib.Path(self.directory.name) / "club.ics"
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:a@example.com", "DTSTART;VALUE=DATE:20260108", "SUMMARY:Rehearsal", "END:VEVENT", "END:VCALENDAR"]
        export.write_text("\r\n".join(lines) + "\r\n")
        options = ["--clock", "manual", "--state", str(self.file), "--import", str(export)]
        with Fake(*options) as fake:
            first = fake.ask("_fake/state")["calendars"]
        export.unlink()
        with Fake(*options) as fake:
            self.assertEqual(fake.ask("_fake/state")["calendars"], first)

    def test_options_that_cannot_be_meant_are_refused(self):
        garbage = pathlib.Path(self.directory.name) / "ca.pem"
        garbage.write_text("garbage")
        for options, want in ((["--account", "foo"], "--account takes an address"), (["--account", ""], "--account takes an address"),
                              (["--webhook-ca", str(garbage)], "holds no certificate")):
            process = Fake(*options).process
            said = process.communicate(timeout=20)
            self.assertEqual((process.returncode, said[0]), (2, ""), options)
            self.assertIn(want, said[1])

    def refused(self, text):
        self.file.write_text(text)
        process = Fake("--state", str(self.file)).process
        said = process.communicate(timeout=20)
        self.assertEqual((process.returncode, said[0]), (2, ""))
        self.assertEqual(self.file.read_text(), text)
        self.assertEqual(said[1].count("\n"), 1, said[1])
        return said[1]

    def test_a_file_that_cannot_be_read_stays(self):
        with Fake("--state", str(self.file)):
            pass
        good = json.loads(self.file.read_text())
        self.assertIn("is broken: it is not JSON", self.refused("{"))
        self.assertIn("is no state of a fake", self.refused("{}"))
        self.assertIn("was kept by a newer calsync", self.refused(json.dumps({**good, "version": 2})))
        self.assertIn('is broken: "history"', self.refused(json.dumps({**good, "history": 1})))
        self.assertIn("was kept with --clock manual", self.refused(json.dumps({**good, "clock": "manual"})))

    def test_a_place_that_cannot_be_written_is_told_at_once(self):
        process = Fake("--state", self.directory.name + "/nowhere/state.json").process
        said = process.communicate(timeout=20)[1]
        self.assertEqual(process.returncode, 3)
        self.assertIn("cannot be written: No such file or directory", said)


if __name__ == "__main__":
    CALSYNC = sys.argv.pop(1)
    unittest.main()
