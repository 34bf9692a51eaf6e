#!/usr/bin/env python3
"""The curve over workers: how many changes a second one, two, three processes carry on one machine, and what the database has to do for it.

usage: workers_scale.py PATH-OF-calsync [--groups N] [--changes N] [--workers 1,2,3]

Each group has two calendars and a webhook. First all groups are brought in step, then changes are made one at a time (how soon does a block follow?),
then as many as asked for at once. The fake, the server of PostgreSQL and the workers share the machine, so it is the shape that counts.
"""

import argparse
import concurrent.futures
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import time

import production_test
import workers_test
from groups_test import make_robot
from production_test import Fake, Installation, free_port, is_block
from scale_test import processor_of


def blocks(fake, person):
    return sum(is_block(e) for calendar in person["calendars"] for e in fake.live(calendar))


def measure(options, many):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="calsync-workers-"))
    server = workers_test.Server(folder)
    fake = Fake()
    workers = []
    try:
        fake.control("knobs", {"unitsPerMinutePerProject": 0, "unitsPerMinutePerAccount": 0})
        people = fake.control("crowd", {"people": options.groups, "calendars": 2, "events": 4})["people"]
        hook = free_port()
        settings = ('[policy]\npoll = "10m"\npoll_with_push = "6h"\ntag_user_events = "off"\n'
                    f'[webhook]\nlisten = "127.0.0.1:{hook}"\naddress = "http://127.0.0.1:{hook}/notify"\n')
        one = Installation(fake, folder / "i", settings=settings)
        text = one.config.read_text().replace("[google]\n", "[google]\nunits_per_minute = 100000000\nunits_per_minute_and_account = 10000000\n")
        one.config.write_text(text.replace("state = ", f'store = "{server.url()}"\nstate = ', 1))
        make_robot(fake, folder / "robot.json")
        rows = ["group,account,calendar,name"]
        for number, person in enumerate(people):
            rows += [f"g{number},{person['email']},{calendar if n else ''},c{n}" for n, calendar in enumerate(person["calendars"])]
        (folder / "people.csv").write_text("\n".join(rows) + "\n")
        one.calsync("groups", "add", "--list", str(folder / "people.csv"), "--service-account", str(folder / "robot.json"))
        begun = time.monotonic()
        for number in range(many):
            arguments = ["--quiet"] if number == 0 else ["--quiet", "--webhook-listen", ""]
            workers.append(workers_test.Worker(one, f"w{number}", *arguments))
        while fake.control("counts")["channels"] < 2 * options.groups:
            time.sleep(0.2)
        while sum(blocks(fake, person) for person in people[::max(1, options.groups // 20)]) < 4 * len(people[::max(1, options.groups // 20)]):
            time.sleep(0.2)
        start = time.monotonic() - begun
        time.sleep(5)

        latencies = []
        for number in range(20):
            person = people[number * len(people) // 20]
            before = blocks(fake, person)
            begun = time.monotonic()
            fake.add(person["calendars"][0], "Alone", 40 + number, person["email"])
            while blocks(fake, person) == before:
                time.sleep(0.005)
            latencies.append(time.monotonic() - begun)

        def state():
            row = server.ask("SELECT xact_commit, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') FROM pg_stat_database WHERE datname = 'calsync'")[0]
            return int(row[0]), int(row[1]), [processor_of(worker.process.pid) for worker in workers], processor_of(fake.process.pid)

        want = {id(person): blocks(fake, person) for person in people}
        time.sleep(2)
        commits, wal, processor, of_fake = state()
        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            def change(number):
                person = people[number % len(people)]
                fake.add(person["calendars"][0], "Many", 100 + number / 4, person["email"], length=0.2)
            list(pool.map(change, range(options.changes)))
        made = time.monotonic() - begun
        waiting = list(enumerate(people))
        while waiting:
            number, person = waiting[-1]
            due = want[id(person)] + options.changes // len(people) + (1 if number < options.changes % len(people) else 0)
            if blocks(fake, person) >= due:
                waiting.pop()
            else:
                time.sleep(0.02)
        took = time.monotonic() - begun
        _, _, processor_after, of_fake_after = state()
        time.sleep(2)  # The server's figures come late.
        after = state()
        busy = [b - a for a, b in zip(processor, processor_after)]
        print(f"| {many} | {start:.1f} s | {1000 * statistics.median(latencies):.0f} ms | {options.changes / took:.0f} ({options.changes / made:.0f} made) | "
              f"{(after[0] - commits) / options.changes:.1f} | {(after[1] - wal) / options.changes / 1000:.1f} kB | "
              f"{', '.join(f'{100 * b / took:.0f} %' for b in busy)} | {100 * (of_fake_after - of_fake) / took:.0f} % |", flush=True)
    finally:
        for worker in workers:
            worker.end()
        fake.stop()
        server.stop("fast")
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--groups", type=int, default=200)
    parser.add_argument("--changes", type=int, default=1000)
    parser.add_argument("--workers", default="1,2,3")
    options = parser.parse_args()
    production_test.CALSYNC = os.path.abspath(options.binary)
    print("| workers | until all are in step | change to block, median | changes a second | commits a change | log of the database a change | processor of each worker | … of the fake |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: |")
    for many in options.workers.split(","):
        measure(options, int(many))
    return 0


if __name__ == "__main__":
    sys.exit(main())
