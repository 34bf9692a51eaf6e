#!/usr/bin/env python3
"""Notifications of the served fake, logged by docs/examples/log_webhooks.py, are a rhythm that `calsync replay --webhooks` lives through.

usage: webhook_log_test.py PATH-OF-calsync PATH-OF-log_webhooks.py
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

CALSYNC = None
LOGGER = None


class WebhookLogTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.log = pathlib.Path(directory.name) / "webhooks.log"
        self.root = json.loads(self.start(CALSYNC, "fake", "serve", "--listen", "127.0.0.1:0", "--json"))["rootUrl"]
        self.hook = self.start(sys.executable, LOGGER, "--listen", "127.0.0.1:0", "--log", str(self.log)).split()[-1]

    def start(self, *command):
        """Starts a server for the length of the test, and returns its first line."""
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate, timeout=20)
        self.addCleanup(process.terminate)
        return process.stdout.readline()

    def ask(self, path, body):
        headers = {"Authorization": "Bearer test-token", "Content-Type": "application/json"}
        request = urllib.request.Request(self.root + "calendar/v3/" + path, data=json.dumps(body).encode(), headers=headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def replay(self, *more):
        return subprocess.run([CALSYNC, "replay", "--webhooks", str(self.log), *more], capture_output=True, text=True, timeout=120, check=False)

    def test_what_the_fake_sent_is_lived_through(self):
        self.ask("calendars/primary/events/watch", {"id": "channel-1", "type": "web_hook", "token": "hush", "address": self.hook})
        for day in range(6, 10):
            self.ask("calendars/primary/events", {"summary": "Lunch", "start": {"date": f"2026-01-{day:02}"}, "end": {"date": f"2026-01-{day + 1:02}"}})
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.log.read_text().count('"exists"') < 4:
            time.sleep(0.1)
        self.assertNotIn("hush", self.log.read_text())
        result = self.replay("--seeds", "20", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual((report["calendars"], report["changes"], report["messages"], report["lost"]), (1, 4, 4, 0))
        self.assertEqual(report["seeds"], 20)
        self.assertGreater(report["blocks_created"], 20)
        self.assertIn("No law was broken.", self.replay("--seeds", "2").stdout)

    def test_a_file_that_is_no_log_is_refused_by_line(self):
        self.log.write_text('{"at":"2026-01-01T00:00:00Z","headers":{}}\nhello\n')
        result = self.replay()
        self.assertEqual(result.returncode, 2)
        self.assertIn("webhooks.log:2: it is no JSON object. Nothing was run", result.stderr)
        self.log.unlink()
        self.assertEqual(self.replay().returncode, 2)


if __name__ == "__main__":
    CALSYNC, LOGGER = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1], verbosity=2)
