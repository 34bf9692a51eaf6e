#!/usr/bin/env python3
"""Many groups in one process: memory, start, what a change and a poll take, and what nothing happening costs. Against the served fake.

usage: scale_test.py PATH-OF-calsync [--groups N] [--events N] [--poll SECONDS] [--changes N] [--records N] [--horizon MINUTES] [--check] [--keep FOLDER] [--json FILE]

Each group has two calendars, with its events spread over both, one every three hours. Those within the horizon get a block each: with the whole
of them the first sync alone takes a while.
What must hold on any machine is always checked: the laws, and that idling costs one list by sync token for each calendar and poll interval and
nothing else. With --check times and memory are held against their bars, too. Exit code: 0 done, 1 a bar or a law was missed.
"""

import argparse
import datetime
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import production_test
from production_test import Fake, Installation, free_port, is_block, times

# What is promised (docs/operating.md), for 1,000 groups of 500 events.
MEMORY_MAX = 1 << 30        # Bytes of resident memory of the runner.
START_MAX = 10              # Seconds until it takes notifications and every group was listed.
WEBHOOK_MEDIAN_MAX = 2      # Seconds from a change until its block is there.
POLL_LATE_MAX = 2           # Seconds beyond the poll interval and its quarter.
IDLE_SHARE_MAX = 0.5        # Of a processor, while nothing happens.


def moment_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def memory_of(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    return 0


def processor_of(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Scale:
    def __init__(self, options):
        self.options = options
        self.folder = pathlib.Path(options.keep or tempfile.mkdtemp(prefix="calsync-scale-"))
        self.due = options.groups * min(options.events, options.horizon // 180)  # Blocks.
        self.figures = {"groups": options.groups, "events": options.groups * options.events, "blocks": self.due}
        self.missed = []
        self.fake = Fake()
        self.fake.control("knobs", {"unitsPerMinutePerProject": 0, "unitsPerMinutePerAccount": 0})
        self.hook = free_port()

    def tell(self, name, value, bar=None, unit="", always=False):
        self.figures[name] = value
        shown = f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"
        late = bar is not None and value > bar
        if late and (always or self.options.check):
            self.missed.append(name)
        print(f"  {name:42} {shown:>16} {unit:8}{'' if bar is None else f' of {bar:,}'}{'  MISSED' if late else ''}", flush=True)

    def prepare(self):
        begun = time.monotonic()
        self.people = []
        for first in range(0, self.options.groups, 100):
            many = min(100, self.options.groups - first)
            asked = {"people": many, "first": first, "calendars": 2, "events": self.options.events}
            self.people += self.fake.control("crowd", asked)["people"]
        print(f"  the fake has {len(self.people):,} people after {time.monotonic() - begun:.0f} s", flush=True)
        settings = (f"[policy]\npoll = \"{self.options.poll}s\"\npoll_with_push = \"6h\"\ntag_user_events = \"off\"\n"
                    f"horizon_ahead = \"{self.options.horizon}m\"\n"
                    f"[runner]\nrecords = {self.options.records}\n")
        self.one = Installation(self.fake, self.folder / "i", settings=settings)
        text = self.one.config.read_text().replace("[google]\n", "[google]\nunits_per_minute = 100000000\nunits_per_minute_and_account = 10000000\n")
        self.plain = text[:text.index("# The calendars of one person")]
        self.pushed = self.plain + f'[webhook]\nlisten = "127.0.0.1:{self.hook}"\naddress = "http://127.0.0.1:{self.hook}/notify"\n'
        self.one.config.write_text(self.plain)
        robot = self.folder / "robot.json"
        self.make_robot(robot)
        rows = ["group,account,calendar,name"]
        for number, person in enumerate(self.people):
            rows += [f"g{number},{person['email']},{calendar},c{n}" for n, calendar in enumerate(person["calendars"])]
        (self.folder / "people.csv").write_text("\n".join(rows) + "\n")
        begun = time.monotonic()
        said = self.one.calsync("groups", "add", "--list", str(self.folder / "people.csv"), "--service-account", str(robot)).stdout
        assert f"{len(self.people)} groups added" in said, said
        self.tell("groups add --list", time.monotonic() - begun, unit="s")
        begun = time.monotonic()
        listed = json.loads(self.one.calsync("groups", "list", "--json").stdout)
        assert len(listed) == len(self.people) and all(len(group["calendars"]) == 2 for group in listed)
        self.tell("groups list", time.monotonic() - begun, unit="s")

    def make_robot(self, path):
        key = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, text=True, check=True).stdout
        public = subprocess.run(["openssl", "rsa", "-pubout"], input=key, capture_output=True, text=True, check=True).stdout
        self.fake.control("service-accounts", {"email": "robot@project.example", "publicKey": public})
        path.write_text(json.dumps({"type": "service_account", "client_email": "robot@project.example", "private_key": key,
                                    "private_key_id": "k"}))
        path.chmod(0o600)

    def start(self, settings):
        self.one.config.write_text(settings)
        self.one.log = open(self.folder / "run.log", "a")
        self.begun = time.monotonic()
        self.one.daemon = subprocess.Popen([production_test.CALSYNC, "run", "--quiet"], env=self.one.environment(),
                                           stdout=self.one.log, stderr=self.one.log)
        self.pid = self.one.daemon.pid

    def stop(self):
        begun = time.monotonic()
        self.one.daemon.send_signal(signal.SIGTERM)
        self.one.daemon.wait(60)
        self.one.log.close()
        self.one.daemon = None
        self.tell("stop", time.monotonic() - begun, unit="s")

    def calls(self):
        return self.fake.control("counts")["counts"]

    def lists(self):
        return self.calls().get("events.list", 0)

    def first_sync(self):
        """Fills the database; the figures are of little worth, since the fake has one processor, too."""
        self.start(self.plain)
        peak = 0
        while True:
            time.sleep(2)
            if self.one.daemon.poll() is not None:
                raise AssertionError((self.folder / "run.log").read_text()[-2000:])
            peak = max(peak, memory_of(self.pid))
            made = self.calls().get("events.insert", 0)
            if made >= self.due:
                break
        took = time.monotonic() - self.begun
        self.tell("first sync", took, unit="s")
        self.tell("blocks made a second", self.due / took)
        self.tell("memory at most, first sync", peak, MEMORY_MAX, "bytes")
        self.quiet(1)
        self.stop()

    def quiet(self, seconds):
        """Waits until nothing was written for so long."""
        last, since = None, time.monotonic()
        while time.monotonic() - since < seconds:
            now = {k: v for k, v in self.calls().items() if k not in ("events.list",)}
            if now != last:
                last, since = now, time.monotonic()
            time.sleep(0.3)

    def until_all_listed(self):
        before = self.lists_before
        while self.lists() - before < 2 * self.options.groups:
            time.sleep(0.05)
            if self.one.daemon.poll() is not None:
                raise AssertionError((self.folder / "run.log").read_text()[-2000:])
        return time.monotonic() - self.begun

    def polled(self):
        self.lists_before = self.lists()
        self.start(self.plain)
        self.tell("start, until all are listed", self.until_all_listed(), START_MAX, "s")
        self.tell("processor for the start", processor_of(self.pid), unit="s")
        self.tell("memory after the start", memory_of(self.pid), MEMORY_MAX, "bytes")
        # One poll interval and its quarter: every calendar is listed once, as a delta, and nothing else is asked.
        window = self.options.poll * 1.25 + 1
        time.sleep(2)
        before, journal_from, spent, begun = self.calls(), time.time(), processor_of(self.pid), time.monotonic()
        time.sleep(window)
        after = self.calls()
        took = time.monotonic() - begun
        asked = {what: count - before.get(what, 0) for what, count in after.items() if count != before.get(what, 0)}
        lists = asked.pop("events.list", 0)
        asked.pop("POST /token", None)
        self.tell("calls while idle, but lists", sum(asked.values()), 0, always=True)
        if asked:
            print("   ", asked)
        self.tell("lists for each calendar and interval", lists / (2 * self.options.groups) * self.options.poll / took, 1.05, always=True)
        self.tell("lists while idle that were no deltas", self.full_lists(journal_from), 0, always=True)
        self.tell("processor while idle", (processor_of(self.pid) - spent) / took, IDLE_SHARE_MAX)
        self.tell("memory while idle", memory_of(self.pid), MEMORY_MAX, "bytes")
        took = self.changes(self.options.poll * 1.25 + 30)
        self.tell("change until its block, polled, median", statistics.median(took), unit="s")
        self.tell("change until its block, polled, worst", max(took), self.options.poll * 1.25 + POLL_LATE_MAX, "s")
        self.tell("memory at the end", memory_of(self.pid), MEMORY_MAX, "bytes")
        self.stop()

    def full_lists(self, since):
        full = 0
        for line in self.fake.control("journal?last=10000")["lines"]:
            full += moment_of(line["at"]) > since and line["what"] == "events.list" and line.get("note") != "incremental"
        return full

    def told(self):
        self.lists_before = self.lists()
        self.start(self.pushed)
        self.tell("start with webhooks, until all are listed", self.until_all_listed(), unit="s")
        while self.fake.control("counts")["channels"] < 2 * self.options.groups:
            time.sleep(0.2)
        self.tell("start with webhooks, until all have channels", time.monotonic() - self.begun, unit="s")
        self.quiet(3)
        before, spent, begun = self.calls(), processor_of(self.pid), time.monotonic()
        took = self.changes(60, apart=0.2)
        self.tell("change until its block, told, median", statistics.median(took), WEBHOOK_MEDIAN_MAX, "s")
        self.tell("change until its block, told, worst", max(took), unit="s")
        calls = sum(n for what, n in self.calls().items() if what != "webhook") - sum(n for what, n in before.items() if what != "webhook")
        self.tell("calls for each change", calls / len(took))
        self.tell("processor for each change", 1000 * (processor_of(self.pid) - spent) / len(took), unit="ms")
        self.tell("memory with webhooks", memory_of(self.pid), MEMORY_MAX, "bytes")
        self.stop()

    def changes(self, patience, apart=0.05):
        """Events of different people, and how long each took to be on the other calendar."""
        waiting, took = {}, []
        step = max(1, self.options.groups // self.options.changes)
        for number in range(0, self.options.groups, step):
            person = self.people[number]
            begin = int(time.time()) // 3600 * 3600 + 3600 * (3 + 3 * (number % min(20, self.options.horizon // 180)))
            at = lambda t: {"dateTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))}
            body = {"summary": "New", "start": at(begin), "end": at(begin + 1800)}
            event = self.fake.act("create", person["calendars"][0], person["email"], body=body)
            waiting[person["calendars"][1]] = (time.monotonic(), moment_of(event["created"]))
            self.look(waiting, took)
            time.sleep(apart)
        end = time.monotonic() + patience
        while waiting and time.monotonic() < end:
            self.look(waiting, took)
            time.sleep(0.05)
        assert not waiting, f"{len(waiting)} changes were not followed"
        return took

    def look(self, waiting, took):
        for write in self.fake.control("writes?last=100")["writes"]:
            if write["kind"] != "inserted" or write["calendar"] not in waiting or "person" in write["actor"]:
                continue
            since, created = waiting[write["calendar"]]
            if moment_of(write["at"]) >= created:  # Not one of an earlier change.
                del waiting[write["calendar"]]
                took.append(time.monotonic() - since)

    def judge(self):
        """The laws at rest, of some of the groups: each event has its block on the other calendar, and there is no other block."""
        step = max(1, self.options.groups // 25)
        wrong = 0
        for person in self.people[::step]:
            live = [self.fake.live(calendar) for calendar in person["calendars"]]
            for here, other in ((live[0], live[1]), (live[1], live[0])):
                due = sorted(times(e) for e in other if not is_block(e) and self.is_due(e))
                shown = sorted(times(e) for e in here if is_block(e))
                if shown != due:
                    wrong += 1
                    print(f"    {person['email']}: missing {[t for t in due if t not in shown]}, too many {[t for t in shown if t not in due]}, "
                          f"{len(shown)} for {len(due)}")
        self.tell("groups that break a law", wrong, 0, always=True)

    def is_due(self, event):
        return moment_of(event["start"]["dateTime"]) < time.time() + 60 * self.options.horizon

    def end(self):
        if self.one.daemon:
            self.one.daemon.kill()
            self.one.daemon.wait()
        self.fake.stop()
        if not self.options.keep:
            shutil.rmtree(self.folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("calsync")
    parser.add_argument("--groups", type=int, default=1000)
    parser.add_argument("--events", type=int, default=500)
    parser.add_argument("--poll", type=int, default=60)
    parser.add_argument("--changes", type=int, default=100)
    parser.add_argument("--records", type=int, default=300_000)
    parser.add_argument("--horizon", type=int, default=1_000_000, metavar="MINUTES")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--keep")
    parser.add_argument("--json")
    options = parser.parse_args()
    production_test.CALSYNC = os.path.abspath(options.calsync)
    scale = Scale(options)
    try:
        scale.prepare()
        scale.first_sync()
        scale.polled()
        scale.told()
        scale.judge()
    finally:
        scale.end()
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(scale.figures, indent=2) + "\n")
    if scale.missed:
        print("missed: " + ", ".join(scale.missed))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
