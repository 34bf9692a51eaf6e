#!/usr/bin/env python3
"""The database on PostgreSQL, end to end: the move from SQLite, and several workers in real processes that are killed, stopped for longer than
a lease and cut off, while the server is restarted. Judged by the fake's ground truth.

usage: workers_test.py PATH-OF-calsync [--runs N] [--seed S] [TEST…]

It starts a server of its own on loopback, in a temporary folder; without one (Debian: postgresql) it says that it was skipped: code 77.
"""

import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

import production_test
from groups_test import make_robot
from production_test import Production, free_port, is_block, until

RUNS = 1
SEED = 1
PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")
LEASE = 6  # Seconds.


class Server:
    """PostgreSQL on loopback. It refuses to run as root, so it does as Debian's user of that name then."""

    def __init__(self, folder):
        self.place(folder, "postgres")
        self.run("initdb", "-D", str(self.folder / "data"), "--username=calsync", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        self.start()
        self.run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "calsync", "calsync")

    def place(self, folder, name):
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir()
        self.port = free_port()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
            os.chmod(folder, 0o755)

    @classmethod
    def replica_of(cls, primary, folder):
        replica = cls.__new__(cls)
        replica.place(folder, "replica")
        replica.run("pg_basebackup", "-h", "127.0.0.1", "-p", str(primary.port), "-U", "calsync", "-D", str(replica.folder / "data"), "-R", "-X", "stream",
                    "-c", "fast")
        replica.start()
        return replica

    def run(self, program, *arguments):
        before = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run([*before, PROGRAMS / program, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       stdin=subprocess.DEVNULL, cwd="/")

    def start(self):
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder}"
        self.run("pg_ctl", "-w", "-D", str(self.folder / "data"), "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self, how="immediate"):
        self.run("pg_ctl", "-w", "-m", how, "-D", str(self.folder / "data"), "stop")

    def ask(self, sql):
        done = subprocess.run([PROGRAMS / "psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "calsync", "-d", "calsync", "-Atc", sql],
                              check=True, capture_output=True, text=True)
        return [line.split("|") for line in done.stdout.splitlines()]

    def url(self, port=None):
        return f"postgres://calsync@127.0.0.1:{port or self.port}/calsync"


class Proxy:
    """Between workers and the server: it can stop passing anything on, as a network does."""

    def __init__(self, to):
        self.to = to
        self.cut = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.to), timeout=2)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self.pump, args=(one, other), daemon=True).start()

    def pump(self, one, other):
        try:
            while data := one.recv(65536):
                while self.cut.is_set():  # Nothing arrives, and nothing is said.
                    time.sleep(0.05)
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def close(self):
        self.listener.close()


class Worker:
    def __init__(self, one, name, *arguments):
        self.name = name
        self.log = open(one.folder / f"{name}.log", "a")
        self.process = subprocess.Popen([production_test.CALSYNC, "run", "--worker", "--name", name, *arguments], env=one.environment(),
                                        stdout=self.log, stderr=self.log)

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(40)
        self.log.close()
        return self.process.returncode


class Workers(Production):
    def setUp(self):
        super().setUp()
        self.server = Server(self.folder)
        self.workers = []
        self.proxies = []

    def tearDown(self):
        self.end_all()
        for proxy in self.proxies:
            proxy.cut.clear()
            proxy.close()
        try:
            self.server.stop()
        except subprocess.CalledProcessError:
            pass
        super().tearDown()

    def end_all(self):
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.process.kill()
                worker.process.wait()
            worker.log.close()
        self.workers = []

    def crowd(self, many, url=None, poll="1s", settings=""):
        fake = self.fake()
        people = fake.control("crowd", {"people": many, "calendars": 2, "events": 4})["people"]
        one = self.installation(fake, settings=f'[policy]\npoll = "{poll}"\n[workers]\nlease = "{LEASE}s"\n{settings}')
        make_robot(fake, one.folder / "robot.json")
        rows = ["group,account,calendar,name"]
        for number, person in enumerate(people):
            rows += [f"g{number},{person['email']},{calendar if n else ''},c{n}" for n, calendar in enumerate(person["calendars"])]
        (one.folder / "people.csv").write_text("\n".join(rows) + "\n")
        one.calsync("groups", "add", "--list", str(one.folder / "people.csv"), "--service-account", str(one.folder / "robot.json"))
        if url:
            self.use(one, url)
        return fake, one, people

    def use(self, one, url):
        text = one.config.read_text()
        lines = [line for line in text.splitlines() if not line.startswith("store = ")]
        at = next(i for i, line in enumerate(lines) if line.startswith("state = "))
        one.config.write_text("\n".join(lines[:at] + [f'store = "{url}"'] + lines[at:]) + "\n")

    def worker(self, one, name, *arguments):
        self.workers.append(Worker(one, name, *arguments))
        return self.workers[-1]

    def mirrored(self, fake, people, seconds=60, why="all is mirrored"):
        def is_so():
            try:
                for person in people:
                    self.judge(fake, person["calendars"])
                return True
            except AssertionError:
                return False
        until(is_so, seconds, why)

    def owners(self):
        return dict(self.server.ask("SELECT g.group_id, coalesce(w.name, '') FROM sync_group g LEFT JOIN worker w ON w.worker = g.owner"))

    def shares(self):
        owned = [name for group, name in self.owners().items() if name]
        return sorted(owned.count(name) for name in set(owned))

    # --- One process.

    def test_an_installation_moves_to_postgres_and_back(self):
        fake, one, people = self.crowd(2)
        one.once()
        self.mirrored(fake, people)
        one.once()
        file = one.folder / "state" / "calsync.db"
        before = json.loads(one.calsync("status", "--json", code=None).stdout)
        self.assertIn("3 groups copied and read back, 0 were there already", one.calsync("store", "copy", str(file), self.server.url()).stdout)
        self.assertIn("0 groups copied and read back, 3 were there already", one.calsync("store", "copy", str(file), self.server.url()).stdout)
        self.use(one, self.server.url())
        self.assertEqual(json.loads(one.calsync("status", "--json", code=None).stdout)["groups"], before["groups"])
        writes = len(fake.control("writes?last=10000")["writes"])
        one.once()
        self.assertEqual(len(fake.control("writes?last=10000")["writes"]), writes, "nothing is anew")
        fake.add(people[0]["calendars"][0], "Dentist", 30, people[0]["email"])
        one.once()
        self.mirrored(fake, people)
        self.explained_crowd(one)
        for verb in (("backup", str(one.folder / "copy")), ("restore", str(one.folder / "copy"))):
            self.assertIn("PostgreSQL", one.calsync(*verb, code=2).stderr)
        self.assertIn("database postgres://", one.calsync("doctor", code=None).stdout)
        back = one.folder / "back.db"
        self.assertIn("3 groups copied", one.calsync("store", "copy", self.server.url(), str(back)).stdout)
        self.assertIn("there is no", one.calsync("store", "copy", str(one.folder / "none.db"), self.server.url(), code=2).stderr)

    def explained_crowd(self, one):
        for event in json.loads(one.calsync("audit", "--slots", "--json").stdout):
            for slot in event["slots"]:
                self.assertIn(slot["standing"], ("shown", "not_due"), slot)

    def test_the_connection_is_encrypted_and_the_server_known(self):
        data = self.server.folder / "data"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", data / "server.key", "-out", data / "server.crt", "-days", "1",
                        "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        trusted = pathlib.Path(self.folder) / "trusted.pem"
        shutil.copy(data / "server.crt", trusted)
        (data / "server.key").chmod(0o600)
        if os.geteuid() == 0:
            shutil.chown(data / "server.key", "postgres")
        self.server.ask("ALTER SYSTEM SET ssl = on")
        self.server.stop("fast")
        self.server.start()
        fake, one, people = self.crowd(1, f"{self.server.url()}?sslmode=verify-full&sslrootcert={trusted}")
        worker = self.worker(one, "a")
        self.mirrored(fake, people)
        self.assertEqual(set(map(tuple, self.server.ask("SELECT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE application_name = 'calsync'"))),
                         {("t",)})
        self.assertEqual(worker.end(), 0)
        self.use(one, f"{self.server.url()}?sslmode=verify-full&sslrootcert=/etc/hostname")
        self.assertIn("cannot be reached", one.calsync("run", "--worker", code=3).stderr)

    def test_the_database_is_away_and_comes_back(self):
        fake, one, people = self.crowd(2, self.server.url())
        one.start()
        self.mirrored(fake, people)
        self.server.stop()
        fake.add(people[0]["calendars"][0], "While it is away", 30, people[0]["email"])
        time.sleep(3)
        self.server.start()
        self.mirrored(fake, people)
        one.stop()
        self.assertIn("the database can be written again", one.said[-1])

    # --- Several.

    def test_workers_share_the_groups_and_hand_them_over(self):
        fake, one, people = self.crowd(6, self.server.url())
        a = self.worker(one, "a")
        self.mirrored(fake, people)
        b = self.worker(one, "b")
        until(lambda: self.shares() == [3, 4], why="each its share, with the group `me` that has no calendars")
        self.assertIn("another calsync runs", one.calsync("run", code=2).stderr)
        for number, person in enumerate(people):
            fake.add(person["calendars"][0], f"Dentist {number}", 30 + number, person["email"])
        self.mirrored(fake, people)
        listed = json.loads(one.calsync("workers", "--json").stdout)
        self.assertEqual([w["name"] for w in sorted(listed, key=lambda w: w["name"])], ["a", "b"])
        self.assertEqual(len(json.loads(one.calsync("status", "--json", code=None).stdout)["workers"]), 2)
        # What both did, also where none of them runs: told by the database.
        until(lambda: self.server.ask("SELECT count(*) FROM worker WHERE report LIKE '%\"insert\"%'") == [["2"]], seconds=30, why="both say what they did")
        each = [json.loads(row[0]) for row in self.server.ask("SELECT report FROM worker")]
        together = json.loads(one.calsync("metrics", "--json").stdout)["running"]
        self.assertEqual(together["workers"], 2)
        self.assertGreaterEqual(together["quota_units"], sum(report["quota_units"] for report in each))

        def inserted():  # Workers report now and then: the last answer may not have been told yet.
            calls = json.loads(one.calsync("metrics", "--json").stdout)["running"]["calls"]
            return sum(call["count"] for call in calls if (call["method"], call["outcome"]) == ("insert", "ok"))

        until(lambda: inserted() >= 2 * len(people), seconds=30, why="each insert is counted")
        one.calsync("workers", "drain", "a")
        until(lambda: set(self.owners().values()) == {"b"}, why="drained")
        one.calsync("workers", "undrain", "a")
        until(lambda: self.shares() == [3, 4], why="its share again")
        self.assertIn("no worker", one.calsync("workers", "drain", "c", code=2).stderr)
        # An order reaches the owner, whoever takes it from the folder.
        for number in range(len(people)):
            one.calsync("resync", "--group", f"g{number}")
        until(lambda: sum((one.folder / f"{n}.log").read_text().count("order: resync") for n in "ab") >= len(people), why="orders taken")
        begun = time.time()
        self.assertEqual(b.end(), 0)
        until(lambda: set(self.owners().values()) == {"a"}, why="all is handed over")
        self.assertLess(time.time() - begun, LEASE, "at once, not when the lease runs out")
        self.assertEqual(a.end(), 0)
        self.mirrored(fake, people)
        self.assertEqual(self.server.ask("SELECT count(*) FROM worker"), [["0"]])
        self.assertNotIn("not found", (one.folder / "a.log").read_text() + (one.folder / "b.log").read_text())

    def test_groups_come_and_go_among_workers(self):
        fake, one, people = self.crowd(3, self.server.url())
        self.worker(one, "a")
        self.worker(one, "b")
        self.mirrored(fake, people)
        more = fake.control("crowd", {"people": 2, "first": 3, "calendars": 2, "events": 4})["people"]
        for number, person in enumerate(more, 3):
            rows = [f"--calendar=Own={person['email']}", f"--calendar=Other={person['email']}/{person['calendars'][1]}"]
            one.calsync("groups", "add", f"g{number}", *rows, "--service-account", str(one.folder / "robot.json"))
        self.mirrored(fake, people + more)
        one.calsync("pause", "--group", "g0")
        time.sleep(2)
        self.assertIn("2 groups removed", one.calsync("groups", "remove", "g1", "g3").stdout)
        for person in (people[1], more[0]):
            self.assertEqual([sum(is_block(e) for e in fake.live(c)) for c in person["calendars"]], [0, 0], "their blocks are gone")
        fake.add(people[0]["calendars"][0], "While paused", 30, people[0]["email"])
        fake.add(people[2]["calendars"][0], "Not paused", 30, people[2]["email"])
        self.mirrored(fake, [people[2], more[1]])
        self.assertEqual(sum(is_block(e) for e in fake.live(people[0]["calendars"][1])), 2)
        one.calsync("resume", "--group", "g0")
        self.mirrored(fake, [people[0]])
        until(lambda: self.server.ask("SELECT count(*) FROM sync_group WHERE owner_epoch > 0") == [["4"]], why="nothing is left of them")

    def test_a_webhook_at_the_wrong_worker_wakes_the_owner(self):
        port = free_port()
        hook = f'[webhook]\nlisten = "127.0.0.1:{port}"\naddress = "http://127.0.0.1:{port}/notify"\n'
        fake, one, people = self.crowd(6, self.server.url(), poll="1h", settings=hook)
        self.worker(one, "a")
        self.worker(one, "b", "--webhook-listen", "")
        self.mirrored(fake, people)
        until(lambda: self.shares() == [3, 4], why="each its share")
        until(lambda: sum(c["channels"] for c in fake.control("state")["calendars"]) >= 12, why="channels")
        time.sleep(1)
        owners = self.owners()
        self.assertIn("b", [owners[f"g{n}"] for n in range(6)])
        for number, person in enumerate(people):
            begun = time.time()
            fake.add(person["calendars"][0], "Dentist", 40 + number, person["email"])
            self.mirrored(fake, [person], seconds=10, why=f"g{number} of {owners[f'g{number}']}, long before a poll")
            self.assertLess(time.time() - begun, 5)

    def test_a_worker_that_dies_or_stands_still_is_replaced_and_writes_nothing_more(self):
        fake, one, people = self.crowd(4, self.server.url())
        a, b = self.worker(one, "a"), self.worker(one, "b")
        self.mirrored(fake, people)
        until(lambda: len(self.shares()) == 2, why="each its share")
        a.process.send_signal(signal.SIGSTOP)
        begun = time.time()
        until(lambda: set(self.owners().values()) == {"b"}, LEASE + 6, "a group has an owner within a lease and five seconds")
        self.assertGreater(time.time() - begun, LEASE - 2)
        for number, person in enumerate(people):
            fake.add(person["calendars"][0], f"Dentist {number}", 30 + number, person["email"])
        a.process.send_signal(signal.SIGCONT)
        self.mirrored(fake, people)
        until(lambda: len(self.shares()) == 2, why="it is one of them again")
        b.end(signal.SIGKILL)
        until(lambda: set(self.owners().values()) == {"a"}, LEASE + 6, "it died")
        for number, person in enumerate(people):
            fake.add(person["calendars"][1], f"Choir {number}", 50 + number, person["email"])
        self.mirrored(fake, people)

    def test_a_replica_takes_over(self):
        self.server.ask("ALTER SYSTEM SET synchronous_commit = local")
        replica = Server.replica_of(self.server, self.folder)
        try:
            urls = f"postgres://calsync@127.0.0.1:{self.server.port},127.0.0.1:{replica.port}/calsync"
            fake, one, people = self.crowd(4, urls)
            self.worker(one, "a"), self.worker(one, "b")
            self.mirrored(fake, people)
            until(lambda: len(self.shares()) == 2, why="each its share")
            for number, person in enumerate(people):
                fake.add(person["calendars"][0], f"Before {number}", 30 + number, person["email"])
            self.server.stop()  # Whatever the replica did not get is lost.
            fake.add(people[0]["calendars"][1], "Meanwhile", 40, people[0]["email"])
            replica.run("pg_ctl", "-w", "-D", str(replica.folder / "data"), "promote")
            self.mirrored(fake, people)
            self.never_two_in_a_slot(fake)
            for worker in self.workers:
                self.assertEqual(worker.end(), 0)
            self.explained_crowd(one)
        finally:
            replica.stop()

    # --- Anything at any time.

    def test_at_random(self):
        for run in range(RUNS):
            with self.subTest(seed=SEED + run):
                try:
                    self.random_run(SEED + run)
                finally:  # The next one begins with none.
                    self.end_all()
                    for fake in self.fakes:
                        fake.stop()
                    self.fakes = []

    def random_run(self, seed):
        dice = random.Random(seed)
        begun = time.time()
        self.server.ask("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        proxy = Proxy(self.server.port)
        self.proxies.append(proxy)
        fake, one, people = self.crowd(5, self.server.url())
        workers = {}
        names = iter(f"w{n}" for n in range(1000))
        stopped = {}
        down_until = 0
        cut_until = 0

        def begin():
            # Each third reaches the database by the network that is cut.
            name = next(names)
            self.use(one, self.server.url(proxy.port if dice.randrange(3) == 0 else None))
            workers[name] = self.worker(one, name, "--quiet")
            time.sleep(0.3)  # It has read its settings.

        def supervise():
            # A worker that begins while the database is away says so and ends; whoever looks after services starts another one.
            for name in [name for name, worker in workers.items() if worker.process.poll() is not None]:
                workers.pop(name)
                stopped.pop(name, None)
                begin()

        for _ in range(3):
            begin()
        events = []
        end = time.time() + 30
        number = 0
        log = []
        while time.time() < end:
            now = time.time()
            for name, until_when in list(stopped.items()):
                if now > until_when:
                    workers[name].process.send_signal(signal.SIGCONT)
                    del stopped[name]
            if down_until and now > down_until:
                self.server.start()
                down_until = 0
            if cut_until and now > cut_until:
                proxy.cut.clear()
                cut_until = 0
            supervise()
            person = dice.choice(people)
            deed = dice.randrange(12)
            number += 1
            if deed < 5:
                calendar = dice.choice(person["calendars"])
                events.append((person, calendar, fake.add(calendar, f"E{number}", 24 + number, person["email"])))
            elif deed == 5 and events:
                who, calendar, event = events.pop(dice.randrange(len(events)))
                fake.act("delete", calendar, who["email"], event=event)
            elif deed == 6:
                name = dice.choice(list(workers))
                if name not in stopped:
                    log.append(f"kill {name}")
                    workers.pop(name).end(signal.SIGKILL)
                    begin()
            elif deed == 7:
                name = dice.choice(list(workers))
                if name not in stopped:
                    log.append(f"stop {name}")
                    workers[name].process.send_signal(signal.SIGSTOP)
                    stopped[name] = now + dice.uniform(1, 2 * LEASE)
            elif deed == 8 and not down_until and dice.randrange(2):
                log.append("database down")
                self.server.stop(dice.choice(["immediate", "fast"]))
                down_until = now + dice.uniform(0.5, 4)
            elif deed == 9 and not cut_until:
                log.append("network cut")
                proxy.cut.set()
                cut_until = now + dice.uniform(1, 2 * LEASE)
            elif deed == 10:
                name = dice.choice(list(workers))
                if name not in stopped and not down_until:
                    log.append(f"end {name}")
                    workers[name].process.send_signal(signal.SIGTERM)
                    workers.pop(name)
                    begin()
            time.sleep(dice.uniform(0.1, 0.6))
        if down_until:
            self.server.start()
        proxy.cut.clear()
        for name in stopped:
            workers[name].process.send_signal(signal.SIGCONT)
        supervise()
        calm = time.time()
        self.owned_within(LEASE + 5, list(workers), log)
        owned = time.time() - calm
        try:
            self.mirrored(fake, people, seconds=240)
        except AssertionError:
            print(" ".join(log))
            for person in people:
                self.judge(fake, person["calendars"])
            raise
        self.never_two_in_a_slot(fake)
        # One that began last may not have its lease yet; one that found no database then has said so, and ended.
        registered = lambda: {row[0] for row in self.server.ask("SELECT name FROM worker")}
        until(lambda: all(name in registered() or worker.process.poll() is not None for name, worker in workers.items()), why="leases")
        for name, worker in workers.items():
            if worker.process.poll() is None:
                self.assertEqual(worker.end(), 0)
            else:
                self.assertEqual(worker.process.returncode, 3)
                self.assertIn("database", (one.folder / f"{name}.log").read_text())
        print(f"  seed {seed}: {number} deeds, {len(log)} troubles; all owned {owned:.1f} s after the calm, mirrored {time.time() - calm:.1f} s after it, "
              f"{time.time() - begun:.0f} s in all", flush=True)

    def owned_within(self, seconds, names, log):
        def is_so():
            owners = self.owners()
            return len(owners) == 6 and all(owner in names for owner in owners.values())
        try:
            until(is_so, seconds, "each group has an owner that lives")
        except AssertionError:
            print(" ".join(log), self.owners(), names)
            raise

    def never_two_in_a_slot(self, fake):
        """Ids of blocks begin with their slot's hash: at no moment of the run did two blocks of one slot live (L2), whoever owned the group."""
        live = {}
        for write in fake.control("writes?last=1000000")["writes"]:
            block = write["event"]
            if not block.startswith("cs") or len(block) != 47:
                continue
            slot = live.setdefault((write["calendar"], block[:27]), set())
            if write["kind"] == "inserted":
                slot.add(block)
            elif write["kind"] == "deleted":
                slot.discard(block)
            self.assertLessEqual(len(slot), 1, f"two blocks in a slot: {slot} at {write['at']}")
        self.assertTrue(live)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        sys.exit(0 if arguments else 2)
    production_test.CALSYNC = os.path.abspath(arguments.pop(0))
    while arguments and arguments[0] in ("--runs", "--seed"):
        name, value = arguments.pop(0), int(arguments.pop(0))
        RUNS = value if name == "--runs" else RUNS
        SEED = value if name == "--seed" else SEED
    if not (PROGRAMS / "initdb").exists():
        print(f"skipped: there is no {PROGRAMS}/initdb; `tools/setup campaign` installs it")
        sys.exit(77)
    own = [name for name in vars(Workers) if name.startswith("test_")]
    unittest.main(argv=sys.argv[:1] + (arguments or [f"Workers.{name}" for name in own]), verbosity=2)
