#!/usr/bin/env python3
"""Production end to end, in real processes: `calsync run` against `calsync fake serve`, over HTTP, and judged by the fake's ground truth.

usage: production_test.py PATH-OF-calsync [--kills N] [--runs N] [--seed S] [TEST…]
"""

import collections
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

CALSYNC = None
KILLS = 12
RUNS = 2
SEED = 1
BACKOFF_MAX = 600  # Seconds (engine/decide/retry.h).
ADA = "ada@example.com"
BOB = "bob@example.com"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Fake:
    """A served fake, and what people do on it."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([CALSYNC, "fake", "serve", "--listen", "127.0.0.1:0", "--json", *arguments],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = json.loads(self.process.stdout.readline())["rootUrl"]

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def call(self, method, path, body=None, token=None):
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=20) as response:
            text = response.read()
            return json.loads(text) if text else None

    def control(self, path, body=None):
        return self.call("GET" if body is None else "POST", "_fake/" + path, body)

    def act(self, do, calendar, who=ADA, **more):
        return self.control("act", {"as": who, "do": do, "calendar": calendar, **more})

    def add(self, calendar, summary, hours, who=ADA, length=1):
        begin = time.time() + hours * 3600
        at = lambda t: {"dateTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))}
        return self.act("create", calendar, who, body={"summary": summary, "start": at(begin), "end": at(begin + length * 3600)})["id"]

    def live(self, calendar):
        """Live events of a calendar, each with its truth."""
        return [e for e in self.control(f"events?calendar={calendar}")["items"] if e.get("status") != "cancelled"]


def is_block(event):
    # One of a thousand ids of Google's own begins with "cs", too; ours are longer (C-1).
    by_id = event["id"].startswith("cs") and len(event["id"]) >= 47
    return event.get("extendedProperties", {}).get("private", {}).get("calsync_type") == "busy_block" or by_id


def times(event):
    return (event["start"].get("dateTime") or event["start"].get("date"), event["end"].get("dateTime") or event["end"].get("date"))


class Installation:
    """An installation in a folder of its own, with what `calsync` says of it."""

    def __init__(self, fake, folder, poll="1s", settings="", title="Busy"):
        self.fake = fake
        self.folder = pathlib.Path(folder)
        self.config = self.folder / "conf" / "calsync.toml"
        self.daemon = None
        self.said = []
        self.calsync("init", "--yes", "--state", str(self.folder / "state"), "--title", title)
        text = self.config.read_text()
        text = text.replace('# api_root = "https://www.googleapis.com/calendar/v3/"', f'api_root = "{fake.url}calendar/v3/"')
        text = text.replace('# token_uri = "https://oauth2.googleapis.com/token"', f'token_uri = "{fake.url}token"')
        text = text.replace('# authorization_uri = "https://accounts.google.com/o/oauth2/v2/auth"', f'authorization_uri = "{fake.url}o/oauth2/v2/auth"')
        text = text.replace('# poll = "5m"', f'poll = "{poll}"')
        self.config.write_text(text.replace("# The calendars of one person", settings + "\n# The calendars of one person"))

    def environment(self):
        return {**os.environ, "CALSYNC_CONFIG": str(self.config), "CALSYNC_CLIENT_ID": "test-client", "CALSYNC_CLIENT_SECRET": "test-secret"}

    def calsync(self, *arguments, code=0, stdin=None, file_bytes=None):
        """With file_bytes no file grows beyond that, as on a disk that is nearly full."""
        limit = None if file_bytes is None else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
        # Signals stay as Python has them: without SIGXFSZ, which it ignores, writing fails.
        done = subprocess.run([CALSYNC, *arguments], capture_output=True, text=True, env=self.environment(), input=stdin, timeout=300,
                              preexec_fn=limit, restore_signals=limit is None)
        self.said += [done.stdout, done.stderr]
        if code is not None and done.returncode != code:
            raise AssertionError(f"calsync {' '.join(arguments)}: code {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def login(self, account=ADA, token="test-refresh-token"):
        self.calsync("login", "--account", account, "--refresh-token-file", "-", stdin=token)

    def link(self, account=ADA, *more):
        listed = json.loads(self.calsync("calendars", "--json").stdout)
        ids = [one["id"] for one in listed if one["account"] == account and not one["linked"]]
        for one in ids:
            self.calsync("calendars", "add", one, "--account", account, *more)
        return ids

    def once(self, code=0):
        return json.loads(self.calsync("run", "--once", "--json", "--timeout", "2m", code=code).stdout)

    def once_at_rest(self):
        """After faults a calendar or a row may wait for minutes before it is tried again, and `run --once` does not wait for that."""
        deadline = time.monotonic() + BACKOFF_MAX + 60
        while time.monotonic() < deadline:
            try:
                return self.once()
            except AssertionError as unsettled:
                if '"settled": false' not in str(unsettled):
                    raise
                time.sleep(10)
        return self.once()

    def start(self, *arguments):
        self.log = open(self.folder / "run.log", "a+")
        self.daemon = subprocess.Popen([CALSYNC, "run", *arguments], env=self.environment(), stdout=self.log, stderr=self.log)

    def stop(self, how=signal.SIGTERM):
        self.daemon.send_signal(how)
        self.daemon.wait(30)
        self.log.seek(0)
        self.said.append(self.log.read())
        self.log.close()
        self.daemon = None


def until(condition, seconds=20, why=""):
    end = time.time() + seconds
    while time.time() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {why}")


class Production(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="calsync-production-")
        self.fakes = []
        self.installations = []

    def tearDown(self):
        for one in self.installations:
            if one.daemon:
                one.daemon.kill()
                one.daemon.wait()
                one.log.close()
        for fake in self.fakes:
            fake.stop()
        shutil.rmtree(self.folder)

    def fake(self, *arguments):
        self.fakes.append(Fake(*arguments))
        return self.fakes[-1]

    def installation(self, fake, **more):
        name = f"i{len(self.installations)}"
        one = Installation(fake, pathlib.Path(self.folder) / name, **more)
        self.installations.append(one)
        return one

    def linked(self, **more):
        fake = self.fake()
        one = self.installation(fake, **more)
        one.login()
        return fake, one, one.link()

    def linked_by_two(self, **more):
        """As linked(), and then the calendars of a second account."""
        fake, one, calendars = self.linked(**more)
        fake.control("accounts", {"email": BOB})
        one.login(BOB, f"test-refresh-token-{BOB}")
        return fake, one, calendars, one.link(BOB)

    def judge(self, fake, calendars):
        """The laws at rest, from ground truth: each event of a person has one block on every other calendar (L2, L3), each block one
        event (L1, L5)."""
        live = {calendar: fake.live(calendar) for calendar in calendars}
        for target in calendars:
            due = collections.Counter()
            for source in calendars:
                if source != target:
                    due.update(times(e) for e in live[source] if not is_block(e))
            shown = collections.Counter(times(e) for e in live[target] if is_block(e))
            self.assertEqual(shown, due, f"blocks on {target}")
            for event in live[target]:
                if is_block(event):
                    self.assertNotIn("person", event["truth"]["creator"], "no block is a person's")

    def until_mirrored(self, fake, calendars, seconds=240, why="all is mirrored"):
        """After faults a calendar may rest for minutes before it is asked again."""
        def is_so():
            try:
                self.judge(fake, calendars)
                return True
            except AssertionError:
                return False
        until(is_so, seconds, why)

    def explained(self, fake, one):
        """At rest every slot says why it is as it is (L12), and the figures are what there is (E7)."""
        status = json.loads(one.calsync("status", "--json", code=None).stdout)
        ids = {c["name"]: c["id"] for group in status["groups"].values() for c in group["calendars"]}
        shown = collections.Counter()
        events = json.loads(one.calsync("audit", "--slots", "--json").stdout)
        for event in events:
            self.assertEqual(len(event["slots"]), len(ids) - 1, event)
            for slot in event["slots"]:
                self.assertIn(slot["standing"], ("shown", "not_due", "stays", "held", "frozen", "fight"), f"{event['event']}: {slot}")
                self.assertTrue(slot["why"])
                shown[slot["calendar"]] += slot["standing"] == "shown"
        metrics = json.loads(one.calsync("metrics", "--json").stdout)
        people = blocks = 0
        for name, calendar in ids.items():
            live = fake.live(calendar)
            here = sum(is_block(e) for e in live)
            self.assertEqual(shown[name], here, f"blocks on {name}")
            self.assertEqual(metrics["events_by_calendar"][name], len(live))
            blocks += here
            people += len(live) - here
        self.assertEqual(len(events), people)
        self.assertEqual((metrics["user_events_tracked"], metrics["busy_blocks_tracked"]), (people, blocks))
        self.assertEqual(metrics["total_events_tracked"], people + blocks)
        self.assertEqual(metrics["events_stuck_creating"], 0)

    # --- What a person does first.

    def test_what_cannot_be_read_is_told_in_a_sentence(self):
        def refused(*arguments, code=2, **environment):
            done = subprocess.run([CALSYNC, *arguments], capture_output=True, text=True, env={**os.environ, **environment}, timeout=60)
            self.assertEqual(done.returncode, code, f"{arguments}: {done.stderr}")
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            return done.stderr
        self.assertIn("it is a folder", refused("status", "--config", self.folder))
        self.assertIn("it is a folder", refused("run", "--once", "--config", self.folder))
        self.assertIn("Is a directory", refused("fake", "serve", "--answers", self.folder))
        self.assertIn("Is a directory", refused("simulate", "--import", self.folder))
        self.assertIn("TMPDIR", refused("demo", "--once", code=3, TMPDIR="/nodir"))

    def test_from_nothing_to_blocks_and_then_to_rest(self):
        fake, one, calendars = self.linked()
        fake.add(calendars[0], "Dentist", 20)
        dry = json.loads(one.calsync("run", "--dry-run", "--json").stdout)
        self.assertGreaterEqual(dry["would_write"], 2)
        self.assertEqual(dry["total"]["busy_blocks_created"], 0)
        self.assertNotIn("created", one.calsync("run", "--dry-run").stdout)
        self.assertFalse(any(is_block(e) for c in calendars for e in fake.live(c)), "a dry run writes nothing")
        first = one.once()
        self.assertEqual(first["total"]["busy_blocks_created"], len(calendars) - 1)
        self.assertEqual(first["unsettled"], [])
        self.judge(fake, calendars)
        self.explained(fake, one)
        source = next(e["id"] for e in fake.live(calendars[0]) if not is_block(e))
        story = one.calsync("audit", source).stdout
        self.assertEqual(story.count("block created"), 2, story)
        self.assertIn("user event found", story)
        self.assertEqual(story.count("a block shows it"), 2, story)
        graph = one.calsync("audit", "--graph").stdout
        self.assertEqual(graph.count(" -> "), 2, graph)
        for calendar in calendars:
            for event in fake.live(calendar):
                self.assertIn(f"\\n{event['id']}\\n", graph)  # As `calsync audit ID` takes it.
        self.assertNotIn("Dentist", graph + story)
        if shutil.which("dot"):
            subprocess.run(["dot", "-Tsvg"], input=graph, text=True, check=True, capture_output=True)
        before = len(fake.control("writes?last=1000")["writes"])
        self.assertEqual(one.once()["total"]["busy_blocks_created"], 0, "what this run did, and not those before it")
        self.assertEqual(one.once()["total"]["user_events_found"], 0)
        self.assertLessEqual(len(fake.control("writes?last=1000")["writes"]) - before, 1, "but for the tag of the event, nothing more")

    def test_changes_are_followed_while_it_runs(self):
        fake, one, calendars = self.linked()
        one.start()
        event = fake.add(calendars[0], "Dentist", 20)
        until(lambda: sum(is_block(e) for e in fake.live(calendars[1])) == 1, why="a block")
        fake.act("edit", calendars[0], event=event, body={"end": {"dateTime": time.strftime("%Y-%m-%dT%H:00:00Z", time.gmtime(time.time() + 90000))}})
        until(lambda: times(fake.live(calendars[1])[0]) == times(fake.live(calendars[0])[0]), why="moved")
        fake.act("delete", calendars[0], event=event)
        until(lambda: not fake.live(calendars[1]) and not fake.live(calendars[2]), why="gone")
        status = json.loads(one.calsync("status", "--json", code=None).stdout)
        self.assertTrue(status["running"])
        self.assertIn("another calsync runs", one.calsync("run", code=2).stderr)
        doctor = json.loads(one.calsync("doctor", "--json").stdout)
        self.assertIn("the clock is right", [found["what"] for found in doctor])
        self.assertFalse([found for found in doctor if found["kind"] != "well"])
        one.stop()

    def test_a_webhook_is_faster_than_any_poll(self):
        port = free_port()
        hook = f'[webhook]\nlisten = "127.0.0.1:{port}"\naddress = "http://127.0.0.1:{port}/notify"\n'
        fake, one, calendars = self.linked(poll="1h", settings=hook)
        one.start()
        until(lambda: sum(c["channels"] for c in fake.control("state")["calendars"]) >= 3, why="channels")
        time.sleep(1)
        begun = time.time()
        fake.add(calendars[0], "Dentist", 20)
        until(lambda: sum(is_block(e) for e in fake.live(calendars[1])) == 1, why="a block")
        self.assertLess(time.time() - begun, 5)
        forged = urllib.request.Request(f"http://127.0.0.1:{port}/notify/0123456789abcdef", data=b"", method="POST",
                                        headers={"X-Goog-Channel-ID": "x", "X-Goog-Channel-Token": "y", "X-Goog-Resource-State": "exists"})
        self.assertEqual(urllib.request.urlopen(forged, timeout=5).status, 204)
        self.assertIn("the webhook answers", one.calsync("doctor").stdout)
        one.stop()

    def test_a_name_that_cannot_be_is_told_as_that_of_the_command_line(self):
        fake, one, calendars = self.linked()
        taken, other = [c["name"] for c in json.loads(one.calsync("status", "--json", code=None).stdout)["groups"]["me"]["calendars"]][:2]
        one.calsync("calendars", "rename", other, "Elsewhere")
        one.calsync("calendars", "rename", "Elsewhere", "Elsewhere")
        text = one.config.read_text()
        said = one.calsync("calendars", "rename", "Elsewhere", taken, code=2).stderr
        self.assertIn(f'the name "{taken}" is taken', said)
        self.assertNotIn("calsync.toml", said)
        self.assertEqual(one.config.read_text(), text)
        said = one.calsync("init", "--yes", "--group", "", "--config", str(one.folder / "i2" / "c.toml"), code=2).stderr
        self.assertIn("--group takes", said)
        self.assertNotIn("c.toml", said)

    def test_a_place_where_nothing_can_be_reached_is_refused(self):
        one = self.installation(self.fake())
        text = one.config.read_text()
        for listen, address in (("127.0.0.1:8086", "foo"), ("127.0.0.1:8086", "ftp://example.com/notify"),
                                ("127.0.0.1:8086", "http://example.com/notify"), ("127.0.0.1:99999", "https://example.com/notify")):
            one.config.write_text(f'{text}\n[webhook]\nlisten = "{listen}"\naddress = "{address}"\n')
            self.assertIn(listen if address.startswith("https") else address, one.calsync("status", code=2).stderr)
        for listen in ("127.0.0.1:99999", "0.0.0.0:8087"):
            one.config.write_text(f'{text}\n[page]\nlisten = "{listen}"\n')
            self.assertIn(listen, one.calsync("status", code=2).stderr)

    def test_a_person_logs_in_by_a_browser(self):
        fake = self.fake()
        one = self.installation(fake)
        process = subprocess.Popen([CALSYNC, "login"], env=one.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        url = next(line.strip() for line in process.stderr if line.strip().startswith("http"))
        query = urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query)
        scopes = dict(query)["scope"].split()
        form = [pair for pair in query if pair[0] != "scope"] + [("scope", s) for s in scopes] + [("account", ADA), ("decision", "allow")]
        page = urllib.request.urlopen(url.split("?")[0], data=urllib.parse.urlencode(form).encode(), timeout=10).read().decode()
        said, wrong = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 0, wrong)
        self.assertIn(f"{ADA} is connected: 3 calendars", said)
        self.assertNotIn("code=", page)
        self.assertEqual(json.loads(one.calsync("accounts", "--json").stdout)[0]["works"], True)

    def test_why_there_is_no_block(self):
        fake, one, calendars = self.linked()
        one.config.write_text(one.config.read_text().replace("# keywords = []", 'keywords = ["lunch"]'))
        fake.add(calendars[0], "Lunch", 20)
        dentist = fake.add(calendars[0], "Dentist", 30)
        free = fake.add(calendars[0], "Holiday of others", 40)
        fake.act("edit", calendars[0], event=free, body={"transparency": "transparent"})
        one.once()
        home = next(e["id"] for e in fake.live(calendars[1]) if is_block(e))
        fake.act("delete", calendars[1], event=home)
        one.once()
        self.explained(fake, one)
        why = {}
        for event in json.loads(one.calsync("audit", "--slots", "--json").stdout):
            for slot in event["slots"]:
                why.setdefault(event["event"], set()).add((slot["standing"], slot["why"]))
        self.assertEqual(why[free], {("not_due", "does not block: free")})
        self.assertEqual(why[dentist], {("held", "a person deleted it: respected until the event changes"), ("shown", "shows it")})
        self.assertEqual(sum(("not_due", "a keyword in its title") in told for told in why.values()), 1)

    def test_the_page_tells_how_it_is_and_what_webhooks_did(self):
        port, page = free_port(), free_port()
        settings = (f'[webhook]\nlisten = "127.0.0.1:{port}"\naddress = "http://127.0.0.1:{port}/notify"\n'
                    f'[page]\nlisten = "127.0.0.1:{page}"\n')
        fake, one, calendars = self.linked(poll="1h", settings=settings)

        def get(path):
            with urllib.request.urlopen(f"http://127.0.0.1:{page}{path}", timeout=10) as response:
                return response.read().decode()

        one.start()
        until(lambda: sum(c["channels"] for c in fake.control("state")["calendars"]) >= 3, why="channels")
        time.sleep(2)  # Each channel is followed by a listing, which is not to find it before the webhook.
        fake.add(calendars[0], "Titlemarker", 20)
        until(lambda: all(sum(is_block(e) for e in fake.live(c)) == 1 for c in calendars[1:]), why="blocks")
        told = until(lambda: [w for group in json.loads(one.calsync("status", "--json", code=None).stdout)["groups"].values()
                              for w in group["webhooks"] if w.get("results", {}).get("busy_blocks_created") == 2], why="what the webhook did")
        self.assertTrue(told[0]["found"])
        self.assertLess(told[0]["processing_time"], 5)
        self.assertEqual(told[0]["results"]["user_events_found"], 1)
        forged = urllib.request.Request(f"http://127.0.0.1:{port}/notify/0123456789abcdef", data=b"", method="POST")
        answer = urllib.request.urlopen(forged, timeout=5)
        self.assertEqual((answer.status, answer.read()), (204, b""), "who posts learns nothing")
        self.assertEqual(get("/healthz"), "ok\n")
        home = get("/")
        self.assertIn("all is well", home)
        self.assertIn("new events 1, blocks made 2", home)
        self.assertNotIn("Titlemarker", home)
        metrics = until(lambda: (lambda text: text if 'calsync_change_to_block_seconds_count{group="me"} 2' in text else None)(get("/metrics")),
                        why="both blocks are counted")
        self.assertIn('calsync_api_calls_total{method="insert",outcome="ok"} 2', metrics)
        # The forged one had no headers. What Google sent was taken, and all of it was for channels of ours.
        self.assertIn('calsync_notifications_total{outcome="malformed"} 1', metrics)
        self.assertIn('calsync_notifications_total{outcome="dropped"} 0', metrics)
        self.assertRegex(metrics, r'calsync_notifications_total\{outcome="taken"\} [1-9]')
        self.assertIn('calsync_forged_notifications_total{group="me"} 0', metrics)
        headers = {"X-Goog-Channel-ID": "of-somebody", "X-Goog-Channel-Token": "guessed", "X-Goog-Resource-State": "exists"}
        forged = urllib.request.Request(f"http://127.0.0.1:{port}/notify/0123456789abcdef", data=b"", headers=headers, method="POST")
        self.assertEqual(urllib.request.urlopen(forged, timeout=5).status, 204)
        until(lambda: 'calsync_notifications_total{outcome="unknown"} 1' in get("/metrics"), why="a message for nobody is counted")
        self.assertRegex(metrics, r'calsync_channel_age_seconds\{group="me",calendar="[^"]+"\} \d')
        fake.control("grant", {"account": ADA, "grant": "revoked"})
        fake.add(calendars[0], "Later", 30)
        until(lambda: "grant_lost" in get("/healthz"), seconds=30, why="the lost grant is told")
        self.assertEqual(one.calsync("status", code=1).stdout.count("grant_lost"), 3)
        one.stop()
        self.assertIn("notification took", one.said[-1])

    # --- What goes wrong.

    def test_kills_at_any_moment_break_no_law(self):
        dice = random.Random(SEED)
        fake, one, calendars = self.linked()
        fake.control("faults", {"profile": "mild"})
        events = []
        for kill in range(KILLS):
            one.start()
            for _ in range(dice.randrange(4)):
                where = dice.choice(calendars)
                if events and dice.random() < 0.3:
                    calendar, gone = events.pop(dice.randrange(len(events)))
                    fake.act("delete", calendar, event=gone)
                else:
                    events.append((where, fake.add(where, f"Event {kill}", 10 + dice.randrange(500), length=1 + dice.randrange(3))))
                time.sleep(dice.random() * 0.1)
            time.sleep(dice.random() * 1.2)
            one.stop(signal.SIGKILL)
        fake.control("faults", {"clear": True})
        time.sleep(0.2)
        one.once()
        self.judge(fake, calendars)
        self.explained(fake, one)

    def test_any_topology_with_faults_and_kills_comes_to_rest(self):
        for number in range(RUNS):
            with self.subTest(seed=SEED + number):
                self.live_through(random.Random(SEED + number))

    def live_through(self, dice):
        """2 to 6 calendars over 1 to 3 accounts, polled or told, with faults and kills; then the laws."""
        fake = self.fake("--seed", str(dice.randrange(1 << 30)))
        port = free_port()
        hook = f'[webhook]\nlisten = "127.0.0.1:{port}"\naddress = "http://127.0.0.1:{port}/notify"\n'
        told = dice.random() < 0.5
        one = self.installation(fake, settings=hook if told else "")
        people = [ADA] + [f"person{n}@example.com" for n in range(dice.randrange(3))]
        for person in people[1:]:
            fake.control("accounts", {"email": person})
        for person in people:
            one.login(person, "test-refresh-token" if person == ADA else f"test-refresh-token-{person}")
        owners = {}
        for entry in json.loads(one.calsync("calendars", "--json").stdout):
            owners[entry["id"]] = entry["account"]
        chosen = dice.sample(sorted(owners), min(len(owners), 2 + dice.randrange(5)))
        for number, calendar in enumerate(chosen):
            one.calsync("calendars", "add", calendar, "--account", owners[calendar], "--name", f"c{number}")
        fake.control("faults", {"profile": dice.choice(["none", "mild", "mild", "rough"])})
        events = []
        for _ in range(1 + dice.randrange(3)):
            one.start()
            for _ in range(dice.randrange(1, 6)):
                where = dice.choice(chosen)
                does = dice.random()
                if events and does < 0.25:
                    calendar, event = events.pop(dice.randrange(len(events)))
                    fake.act("delete", calendar, owners[calendar], event=event)
                elif events and does < 0.5:
                    calendar, event = dice.choice(events)
                    fake.act("drag", calendar, owners[calendar], event=event)
                else:
                    events.append((where, fake.add(where, "Event", 10 + dice.randrange(500), owners[where])))
                time.sleep(dice.random() * 0.3)
            time.sleep(dice.random())
            one.stop(dice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]))
        fake.control("faults", {"clear": True})
        one.once_at_rest()
        self.judge(fake, chosen)
        self.explained(fake, one)
        fake.stop()
        self.fakes.remove(fake)

    def test_a_lost_and_an_old_database_do_no_harm(self):
        fake, one, calendars = self.linked()
        for hours in range(10, 15):
            fake.add(calendars[0], "Event", hours * 2)
        one.once()
        backup = str(one.folder / "backup.db")
        one.calsync("backup", backup)
        self.assertEqual(stat.S_IMODE(os.stat(backup).st_mode), 0o600)
        self.assertIn("There is no directory /nodir/", one.calsync("backup", "/nodir/x.db", code=2).stderr)
        small = one.folder / "small.db"
        full = one.calsync("backup", str(small), code=3, file_bytes=40_000)
        self.assertIn(str(small), full.stderr)
        self.assertFalse(small.exists(), "a backup that failed leaves nothing that looks like one")
        fake.add(calendars[1], "Later", 70)
        one.once()
        whole = pathlib.Path(backup).read_bytes()
        database = one.folder / "state" / "calsync.db"
        one.calsync("restore", backup)
        one.calsync("restore", backup)  # Within the same second.
        kept = list(database.parent.glob("calsync.db.before-*"))
        self.assertEqual(len(kept), 2)
        for file in kept:
            self.assertGreater(file.stat().st_size, 0)
            self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        now = database.read_bytes()
        one.calsync("restore", backup, code=3, file_bytes=40_000)
        self.assertEqual(database.read_bytes(), now)
        database.write_bytes(b"?" * 50_000)
        self.assertIn("could not be kept, and nothing was replaced", one.calsync("restore", backup, code=2).stderr)
        self.assertEqual(database.read_bytes(), b"?" * 50_000)
        self.assertEqual(sorted(file.name for file in database.parent.glob("calsync.db*")),
                         sorted(["calsync.db"] + [file.name for file in kept]))
        database.unlink()
        one.calsync("restore", backup)
        self.assertEqual(pathlib.Path(backup).read_bytes(), whole)
        small.touch()
        for verb in (["restore", str(small)], ["store", "copy", str(small), str(one.folder / "moved.db")]):
            self.assertIn("nothing is in it", one.calsync(*verb, code=2).stderr)
        self.assertEqual(small.stat().st_size, 0)
        one.calsync("store", "copy", backup, str(one.folder / "moved.db"))
        self.assertEqual(pathlib.Path(backup).read_bytes(), whole)
        one.once()
        self.judge(fake, calendars)
        shutil.rmtree(one.folder / "state")
        one.once()
        self.judge(fake, calendars)
        self.explained(fake, one)
        self.assertIn("there is no /nowhere", one.calsync("restore", "/nowhere", code=2).stderr)

    def test_clean_takes_every_block_even_without_a_database(self):
        fake, one, calendars = self.linked()
        for hours in range(10, 15):
            fake.add(calendars[0], "Event", hours * 2)
        one.once()
        self.assertIn("10 blocks would go", one.calsync("clean", "--dry-run").stdout)
        self.judge(fake, calendars)
        shutil.rmtree(one.folder / "state")
        self.assertIn("10 blocks are gone", one.calsync("clean", "--yes").stdout)
        for calendar in calendars:
            self.assertFalse([e for e in fake.live(calendar) if is_block(e)])
        self.assertEqual(len(fake.live(calendars[0])), 5, "what people made stays")
        self.assertIn("0 blocks are gone", one.calsync("clean", "--yes").stdout)

    def test_blocks_of_an_installation_that_is_no_more_are_retired(self):
        fake, dead, calendars = self.linked()
        for hours in range(10, 15):
            fake.add(calendars[0], "Event", hours * 2)
        dead.once()
        instance = next(e for e in fake.live(calendars[1]) if is_block(e))["extendedProperties"]["private"]["calsync_instance"]
        copied = next(e["id"] for e in fake.live(calendars[1]) if is_block(e))
        fake.act("copy", calendars[1], event=copied, to=calendars[1])
        one = self.installation(fake)
        one.login()
        one.link()
        self.assertIn(f"calsync retire --instance {instance}", one.said[-1] + "".join(one.said))
        one.once()
        mine = {c: [e["id"] for e in fake.live(c) if is_block(e) and e["extendedProperties"]["private"]["calsync_instance"] != instance] for c in calendars}
        self.assertIn("10 blocks would go; nothing was written", one.calsync("retire", "--instance", instance, "--dry-run").stdout)
        self.assertIn("--yes says that this is meant", one.calsync("retire", "--instance", instance, code=2).stderr)
        gone = next(e["id"] for e in fake.live(calendars[2]) if is_block(e) and e["id"] not in mine[calendars[2]])
        fake.act("delete", calendars[2], event=gone)
        self.assertIn("9 blocks are gone", one.calsync("retire", "--instance", instance, "--yes").stdout)
        for calendar in calendars:
            theirs = [e for e in fake.live(calendar) if e.get("extendedProperties", {}).get("private", {}).get("calsync_instance") == instance]
            self.assertEqual([e["id"].startswith("cs") for e in theirs], [False] * len(theirs), "the copy of a person stays")
            self.assertEqual([e["id"] for e in fake.live(calendar) if e["id"] in mine[calendar]], mine[calendar])
        self.assertEqual(len([e for e in fake.live(calendars[0]) if not is_block(e)]), 5)
        self.assertIn("0 blocks are gone", one.calsync("retire", "--instance", instance, "--yes").stdout)
        own = next(e for e in fake.live(calendars[1]) if e["id"] in mine[calendars[1]])["extendedProperties"]["private"]["calsync_instance"]
        self.assertIn("this very installation", one.calsync("retire", "--instance", own, "--yes", code=2).stderr)
        self.assertIn("takes the id of an installation", one.calsync("retire", "--instance", "x", "--yes", code=2).stderr)

    def test_one_account_that_is_lost_delays_no_other(self):
        fake, one, mine, _ = self.linked_by_two()
        fake.control("grant", {"account": "bob@example.com", "grant": "revoked"})
        fake.add(mine[0], "Dentist", 20)
        one.start()
        until(lambda: all(sum(is_block(e) for e in fake.live(c)) == 1 for c in mine[1:]), why="Ada's own calendars go on")
        one.stop()
        self.assertIn("calsync login --account bob@example.com", one.said[-1])
        self.assertIn("does not work", one.calsync("accounts", code=1).stdout)
        self.assertIn("calsync login --account bob@example.com", one.calsync("doctor", code=1).stdout)

    def test_calendars_are_taken_out_and_in_while_it_runs(self):
        fake, one, calendars = self.linked()
        fake.add(calendars[0], "Dentist", 20)
        one.start()
        until(lambda: all(sum(is_block(e) for e in fake.live(c)) == 1 for c in calendars[1:]), why="blocks")
        one.calsync("calendars", "disable", "Home")
        until(lambda: not fake.live(calendars[1]), why="a disabled calendar is cleaned")
        one.calsync("calendars", "enable", "Home")
        until(lambda: len(fake.live(calendars[1])) == 1, why="and filled again")
        one.calsync("pause")
        time.sleep(1.5)
        fake.add(calendars[0], "Review", 30)
        time.sleep(2.5)
        self.assertEqual(len(fake.live(calendars[1])), 1, "paused")
        one.calsync("resume")
        until(lambda: len(fake.live(calendars[1])) == 2, why="resumed")
        one.stop()

    def test_an_order_that_cannot_be_read_is_told_once_and_taken_when_it_can(self):
        _, one, _ = self.linked()
        inbox = one.folder / "state" / "inbox"
        for folder in (inbox.parent, inbox):
            folder.mkdir(mode=0o700, exist_ok=True)
        order = inbox / "00000000000000000001.order"
        order.write_text("resync me")
        order.chmod(0o644)  # As none is written.
        log = one.folder / "run.log"
        one.start()
        until(lambda: "an order is not taken" in log.read_text(), why="it is told")
        time.sleep(2)
        self.assertEqual(log.read_text().count("an order is not taken"), 1, "and not at each look")
        self.assertIn(order.name, log.read_text())
        order.chmod(0o600)
        until(lambda: "order: resync me" in log.read_text(), why="it is taken")
        until(lambda: not order.exists(), why="and done")
        one.stop()

    # --- What is recorded.

    def test_a_recording_replays_to_the_byte_and_shows_what_was_changed(self):
        """Titles in templates and keywords, faults, a webhook that nobody heard of, a kill: the trace has all of it and no text."""
        port = free_port()
        hook = f'[webhook]\nlisten = "127.0.0.1:{port}"\naddress = "http://127.0.0.1:{port}/notify"\n'
        fake, one, calendars = self.linked(settings=hook, title="Busy - {summary}")
        text = one.config.read_text().replace("# keywords = []", 'keywords = ["markerlunch"]')
        one.config.write_text(text.replace('# description = ""         # Likewise.', 'description = "Marker of {calendar}"'))
        folder = one.folder / "recordings"
        fake.control("faults", {"profile": "mild"})
        dice = random.Random(SEED)
        events = []
        for how in (signal.SIGKILL, signal.SIGTERM):
            one.start("--record", str(folder))
            for number in range(8):
                where = dice.choice(calendars)
                title = dice.choice(["Marker of the dentist", "Markerlunch", " Busy - Markertitle", "Ünïmarker"])
                events.append((where, fake.add(where, title, 10 + dice.randrange(500))))
                calendar, event = dice.choice(events)
                fake.act("edit", calendar, event=event, body={"summary": f"Marker {number}", "description": "Markertext", "location": "Markerplace",
                         "attendees": [{"email": "markerguest@example.org"}], "extendedProperties": {"private": {"markerkey": "Marker"}}})
                if number % 3 == 2:
                    calendar, event = events.pop(dice.randrange(len(events)))
                    fake.act("delete", calendar, event=event)
                time.sleep(0.3)
            for block in [e for e in fake.live(calendars[1]) if is_block(e)][:1]:
                fake.act("edit", calendars[1], event=block["id"], body={"summary": "Marker by hand"})
            time.sleep(2.5)
            one.stop(how)
        self.assertNotIn("pauses", one.said[-1] + one.said[-2])
        traces = sorted(str(path) for path in folder.glob("*.trace"))
        self.assertEqual(len(traces), 2)
        replayed = json.loads(one.calsync("replay", "--json", *traces).stdout)["traces"]
        for trace, told in zip(traces, replayed):
            self.assertTrue(told["good"])
            self.assertGreater(told["steps"], 30)
            self.assertEqual(told["gaps"], [])
            held = pathlib.Path(trace).read_text().lower()
            for secret in ("marker", "example.com", "example.org", "test-token", "test-refresh-token", "dentist", f":{port}"):
                self.assertNotIn(secret, held)
        keys = json.loads(pathlib.Path(traces[0]).read_text().splitlines()[1])["snapshot"]["config"]["keys"]
        self.assertTrue(keys)
        page = one.folder / "page.html"
        one.calsync("view", traces[1], "-o", str(page))
        self.assertIn("recorded from a running CalSync", page.read_text())
        text = pathlib.Path(traces[1]).read_text()
        changed = one.folder / "changed.trace"
        at = text.index('"sendUpdates":"none"') + len('"sendUpdates":"')
        changed.write_text(text[:at] + "N" + text[at + 1:])
        told = one.calsync("replay", str(changed), code=1).stdout
        self.assertIn("differs at step", told)
        self.assertIn('"sendUpdates":"None"', told)
        self.assertIn('"sendUpdates":"none"', told)
        self.assertIn("has no choices", one.calsync("shrink", traces[1], "-o", str(one.folder / "no.trace"), code=2).stderr)
        self.assertIn("cannot", one.calsync("run", "--record", "/proc/none", code=None).stderr)

    def test_a_port_that_is_taken_is_told_with_whose_it_was_to_be(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            _, one, _ = self.linked(settings=f'[page]\nlisten = "127.0.0.1:{port}"\n')
            said = one.calsync("run", code=3).stderr
        self.assertIn(f"[page] of {one.config}: 127.0.0.1:{port}: Address already in use", said)
        self.assertIn("choose another port", said)

    # --- What must not be seen.

    def test_secrets_and_titles_are_in_no_output_and_files_are_tight(self):
        fake, one, calendars = self.linked()
        fake.add(calendars[0], "Titlemarker of the dentist", 20)
        one.once()
        one.start()
        fake.add(calendars[1], "Titlemarker again", 30)
        until(lambda: len(fake.live(calendars[2])) == 2, why="blocks")
        one.stop()
        one.calsync("status", code=None)
        for text in one.said:
            for secret in ("test-refresh-token", "test-secret", "test-token", "Titlemarker"):
                self.assertNotIn(secret, text)
        for path in one.folder.rglob("*"):
            if path.is_file() and path.suffix in (".secret", ".keys", ".db"):
                self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077, 0, path)
        for path in (one.folder / "conf").rglob("*.secret"):
            self.assertNotIn(b"test-refresh-token", path.read_bytes())

    def test_a_run_does_not_wait_for_an_account_whose_grant_does_not_work(self):
        fake, one, mine, _ = self.linked_by_two()
        keys = one.config.parent / "calsync.keys"
        right = keys.read_text()
        fake.add(mine[0], "Dentist", 20)
        fake.control("grant", {"account": "bob@example.com", "grant": "revoked"})
        begun = time.time()
        told = one.once(code=1)
        self.assertLess(time.time() - begun, 60)
        self.assertEqual(len(told["unsettled"]), 1, told)
        self.assertIn("calsync login --account bob@example.com", told["unsettled"][0])
        self.assertTrue(all(sum(is_block(e) for e in fake.live(c)) == 1 for c in mine[1:]), "Ada's own calendars are in step")
        keys.write_text("ab" * 32 + "\n")
        begun = time.time()
        told = one.once(code=1)
        self.assertLess(time.time() - begun, 60)
        self.assertEqual(len(told["unsettled"]), 2, told)
        self.assertIn("put the right one back", told["unsettled"][0])
        keys.write_text(right)

    def test_a_status_tells_of_an_account_whose_grant_is_not_here(self):
        fake, one, calendars = self.linked()
        one.once()
        self.assertNotIn("nobody logged in", one.calsync("status", code=None).stdout)
        one.calsync("logout", "--account", ADA)
        told = f"nobody logged in as {ADA} yet."
        self.assertIn(told, one.calsync("status", code=1).stdout)
        status = json.loads(one.calsync("status", "--json", code=1).stdout)
        problems = [c["problem"] for c in status["groups"]["me"]["calendars"] if c["account"] == ADA]
        self.assertTrue(problems)
        for problem in problems:
            self.assertIn(told, problem)
            self.assertIn(f"calsync login --account {ADA}", problem)

    def test_an_answer_that_no_settings_can_hold_makes_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder) / "calsync.toml"
            done = subprocess.run([CALSYNC, "init", "--yes", "--config", str(config), "--state", folder, "--title", "Busy \udcff"],
                                  capture_output=True, text=True, errors="replace")
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("nothing was made", done.stderr)
            self.assertEqual(list(pathlib.Path(folder).iterdir()), [])

    def test_the_doctor_tells_keys_that_did_not_make_the_blocks(self):
        fake, one, calendars = self.linked()
        fake.add(calendars[0], "Dentist", 20)
        one.once()
        self.assertIn("the keys are those of the blocks", one.calsync("doctor").stdout)
        keys = one.config.parent / "calsync.keys"
        right = keys.read_text()
        keys.write_text("ab" * 32 + "\n" + right)
        self.assertIn("the keys are those of the blocks", one.calsync("doctor").stdout, "a key more is no other key")
        keys.write_text("ab" * 32 + "\n")
        one.login()
        self.assertIn("2 of 2 blocks were made with keys that are not in calsync.keys", one.calsync("doctor", code=1).stdout)

    def test_a_run_that_does_not_reach_google_says_so(self):
        fake, one, _ = self.linked()
        fake.stop()
        self.fakes.remove(fake)
        done = one.calsync("run", "--once", "--timeout", "3s", code=1)
        self.assertRegex(done.stdout, r"not settled: Google cannot be reached \(.*onnect.*`calsync doctor`")
        self.assertRegex(done.stderr, r"call failed \(listing: .*onnect")
        self.assertNotRegex(done.stdout + done.stderr, r"\(0 \)|dirty|under way")

    def test_mistakes_get_a_sentence_and_a_code(self):
        fake = self.fake()
        one = self.installation(fake)
        self.assertIn("no calendar is linked yet", one.calsync("run", code=2).stderr)
        for alone in (["--timeout", "5s"], ["--json"]):
            self.assertIn("go with --once or --dry-run", one.calsync("run", *alone, code=2).stderr)
        self.assertIn("is an installation already", one.calsync("init", "--yes", code=2).stderr)
        self.assertIn("no account is logged in", one.calsync("calendars", code=2).stderr)
        self.assertIn("calsync login, then calsync calendars add", one.calsync("doctor").stdout)
        self.assertIn("holds no token", one.calsync("login", "--refresh-token-file", "-", code=2, stdin="").stderr)
        self.assertIn("login", one.calsync("login", "--account", ADA, "--refresh-token-file", "-", code=2, stdin="wrong").stderr)
        keys = one.config.parent / "calsync.keys"
        kept = keys.rename(keys.parent / "kept")
        self.assertIn("Put the copy back that was kept of it", one.calsync("run", code=2).stderr)
        kept.rename(keys)
        one.config.write_text(one.config.read_text().replace("title =", "titel ="))
        said = one.calsync("run", code=2).stderr
        self.assertIn('no key "titel" here; "title" is one', said)
        self.assertRegex(said, r"calsync\.toml:\d+:")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        sys.exit(0 if arguments else 2)
    CALSYNC = os.path.abspath(arguments.pop(0))
    while arguments and arguments[0] in ("--kills", "--runs", "--seed"):
        name, value = arguments.pop(0), int(arguments.pop(0))
        KILLS = value if name == "--kills" else KILLS
        RUNS = value if name == "--runs" else RUNS
        SEED = value if name == "--seed" else SEED
    unittest.main(argv=sys.argv[:1] + arguments, verbosity=2)
