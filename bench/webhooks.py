"""Webhooks accepted a second by `calsync run`, and how late it answers while a thousand groups sync, beside the bare HTTP library that answers the
same. Real processes: the command, the served fake, a floor, and whoever posts. Called by tools/bench.
"""

import argparse
import contextlib
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import time
import urllib.parse

ROUNDS = 5          # Floor and ours in turn; the best of each counts, since others use the machine, too.
SECONDS = 1.5       # Of a round.
CONNECTIONS = 16
RATE = 200          # A second, while groups sync: a thousand groups in which somebody changes something every five seconds.
SYNC_SECONDS = 8    # Of a measurement under way.


class Load:
    def __init__(self, program):
        self.program = program

    def post(self, port, path, channel, token, seconds=SECONDS, rate=0):
        told = [self.program, "post", port, path, channel, token, CONNECTIONS, seconds, rate]
        done = subprocess.run([str(word) for word in told], stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout)


class Floor:
    def __init__(self, program):
        self.process = subprocess.Popen([program, "floor"], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def channel_of(fake, folder):
    """Path, id and token of a channel that the fake has told something of late, and that is live."""
    database = sqlite3.connect(f"file:{pathlib.Path(folder) / 'i' / 'state' / 'calsync.db'}?mode=ro", uri=True)
    try:
        for line in reversed(fake.control("journal?last=10000")["lines"]):
            if not line["what"].startswith("webhook "):
                continue
            row = database.execute("SELECT token FROM channel WHERE status = 'live' AND channel_id = ?", (line["who"],)).fetchone()
            if row:
                return urllib.parse.urlsplit(line["target"]).path, line["who"], row[0]
    finally:
        database.close()
    raise AssertionError("no channel is live that was told something")


def result_of(load):
    return {"ns": 1e9 * load["seconds"] / load["accepted"], "p50_us": load["p50_us"], "p99_us": load["p99_us"]}


def best(loads):
    return min((result_of(load) for load in loads), key=lambda result: result["ns"])


def measure(root, build):
    groups, events = 1000, 120  # Blocks enough for the first sync to last as long as both measurements beside it.
    sys.path.insert(0, os.path.join(root, "tools"))
    import production_test
    import scale_test
    production_test.CALSYNC = os.path.join(build, "tools", "calsync")
    program = os.path.join(build, "bench", "webhook_load")
    load = Load(program)
    floor = Floor(program)
    scale = scale_test.Scale(argparse.Namespace(groups=groups, events=events, poll=3600, changes=0, records=300_000, horizon=1_000_000,
                                                check=False, keep=None, json=None))
    results = {}
    try:
        with contextlib.redirect_stdout(sys.stderr):
            scale.prepare()
        scale.start(scale.pushed)
        while scale.calls().get("events.insert", 0) < scale.due // 100:  # It is under way.
            time.sleep(0.2)
        strange = ("/notify/strange", "strange", "strange")
        results["Webhooks/syncing/floor"] = result_of(load.post(floor.port, *strange, SYNC_SECONDS, RATE))
        results["Webhooks/syncing/ours"] = result_of(load.post(scale.hook, *strange, SYNC_SECONDS, RATE))
        made = scale.calls().get("events.insert", 0)
        if made >= scale.due:
            raise AssertionError(f"all {scale.due} blocks were there before the measurement ended: more events are needed")
        while scale.calls().get("events.insert", 0) < scale.due:
            time.sleep(0.5)
        while scale.fake.control("counts")["channels"] < 2 * groups:
            time.sleep(0.2)
        scale.quiet(3)
        person = scale.people[0]
        scale.fake.add(person["calendars"][0], "Told", 5, who=person["email"])
        scale.quiet(3)
        real = channel_of(scale.fake, scale.folder)
        loads = {"floor": [], "strange": [], "forged": [], "real": []}
        for _ in range(ROUNDS):
            loads["floor"].append(load.post(floor.port, *strange))
            loads["strange"].append(load.post(scale.hook, *strange))
            loads["forged"].append(load.post(scale.hook, real[0], "forged", "forged"))
            loads["real"].append(load.post(scale.hook, *real))
        for kind, rounds in loads.items():
            results[f"Webhooks/rest/{kind}"] = best(rounds)
        for kind, port, what in (("floor", floor.port, strange), ("strange", scale.hook, strange), ("real", scale.hook, real)):
            results[f"Webhooks/paced/{kind}"] = result_of(load.post(port, *what, 5, RATE))
    finally:
        floor.stop()
        scale.end()
    return results
