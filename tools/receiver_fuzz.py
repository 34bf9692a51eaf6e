#!/usr/bin/env python3
"""The port on which notifications arrive, under raw bytes, broken and mutated HTTP, slow and greedy clients, while CalSync does its work: it answers
whoever speaks properly, blocks follow within seconds all the while, memory stays bounded, and the laws hold in the end.

usage: receiver_fuzz.py PATH-OF-calsync [--seconds S] [--seed S] [--certificate]

A long run is --seconds 1800. With --certificate the receiver ends TLS itself, and half of the clients speak it. AddressSanitizer keeps what was freed, which
looks like memory that grows: ASAN_OPTIONS=quarantine_size_mb=8. Exit code: 0 it stood, 1 it did not, 2 the command line is wrong.
"""

import argparse
import collections
import pathlib
import random
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import unittest

import production_test
from production_test import Production, free_port, is_block

CLIENTS = 6
ANSWER_MAX = 2          # Seconds until a proper request is answered, whatever else goes on.
BLOCK_MAX = 10          # Seconds from a person's event to its block, told by a webhook.
MEMORY_MAX = 256 << 20  # Bytes that the runner may grow by: 2,000 connections and their buffers.
KEPT_MAX = 8 << 20      # Bytes that it may grow by in the second half of the time, when as many connections are open as in the first.
PROBE_EVERY = 5         # Seconds.

HEADERS = [b"X-Goog-Channel-ID", b"X-Goog-Channel-Token", b"X-Goog-Resource-ID", b"X-Goog-Resource-URI", b"X-Goog-Resource-State",
           b"X-Goog-Message-Number", b"X-Goog-Channel-Expiration", b"Content-Length", b"Transfer-Encoding", b"Host", b"Expect", b"Connection",
           b"Upgrade", b"Content-Encoding", b"Range"]
VALUES = [b"", b"0", b"-1", b"18446744073709551616", b"chunked", b"chunked, chunked", b"exists", b"sync", b"not_exists", b"\x00\xff", b"a" * 9000,
          b"100-continue", b"h2c", b"close", b"gzip", b"../../etc/passwd", b"%00", b"1", b"Mon, 01 Jan 2035 00:00:00 GMT"]
FIRST_LINES = [b"POST /notify/g HTTP/1.1", b"GET / HTTP/1.0", b"POST http://other/notify HTTP/1.1", b"PRI * HTTP/2.0", b"CONNECT a:1 HTTP/1.1",
               b"POST /" + b"x" * 20000 + b" HTTP/1.1", b"POST  /notify  HTTP/1.1", b"BREW /pot HTTP/9.9", b"post /notify", b"DELETE /notify HTTP/1.1"]


def proper(dice, path=b"/notify/0123456789abcdef"):
    """What Google sends (C-82), with made-up values."""
    number = str(dice.randrange(1 << 40)).encode()
    return (b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nX-Goog-Channel-ID: " + number +
            b"\r\nX-Goog-Channel-Token: " + number + b"\r\nX-Goog-Resource-ID: r\r\nX-Goog-Resource-URI: https://localhost/x"
            b"\r\nX-Goog-Resource-State: exists\r\nX-Goog-Message-Number: " + number + b"\r\n\r\n")


def broken(dice):
    lines = [dice.choice(FIRST_LINES)]
    lines += [dice.choice(HEADERS) + dice.choice([b": ", b":", b" : ", b"\t"]) + dice.choice(VALUES) for _ in range(dice.choice([0, 1, 3, 8, 200]))]
    return dice.choice([b"\r\n", b"\n", b"\r"]).join(lines) + b"\r\n\r\n" + dice.randbytes(dice.choice([0, 0, 1, 100, 70000]))


def mutated(dice):
    data = bytearray(proper(dice))
    for _ in range(1 + dice.randrange(6)):
        at = dice.randrange(len(data))
        how = dice.randrange(4)
        if how == 0:
            data[at] = dice.randrange(256)
        elif how == 1:
            del data[at:at + dice.randrange(20)]
        elif how == 2:
            data[at:at] = dice.randbytes(dice.randrange(40))
        else:
            data[at:at] = data[dice.randrange(len(data)):][:60]
        if not data:
            return b"\r\n"
    return bytes(data)


def chunked(dice):
    head = proper(dice).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    sizes = [b"5\r\nhello\r\n", b"FFFFFFFFFFFFFFFF\r\n", b"-1\r\n", b"5;a=b\r\nhello\r\n", b"0\r\n\r\n", b"g\r\n", b"1\r\n" + b"x" * 5000]
    return head + b"".join(dice.choice(sizes) for _ in range(1 + dice.randrange(5)))


SORTS = {
    "raw bytes": lambda dice: dice.randbytes(1 + dice.randrange(dice.choice([8, 300, 70000]))),
    "broken requests": broken,
    "mutated notifications": mutated,
    "broken chunks": chunked,
    "many at once": lambda dice: b"".join(proper(dice) for _ in range(1 + dice.randrange(200))),
    "cut off": lambda dice: proper(dice)[:dice.randrange(250)],
    "forged notifications": proper,
}


class Client(threading.Thread):
    """Sends one thing after another, reads little of what comes back, and leaves in every possible way."""

    def __init__(self, port, seed, until, tls):
        super().__init__(daemon=True)
        self.port, self.until, self.tls = port, until, tls
        self.dice = random.Random(seed)
        self.sent = collections.Counter()
        self.slow = []

    def run(self):
        while time.monotonic() < self.until:
            sort = self.dice.choice(list(SORTS))
            try:
                self.one(SORTS[sort](self.dice))
            except (OSError, ssl.SSLError):
                pass  # It may close on us whenever it likes.
            self.sent[sort] += 1
        for connection in self.slow:
            connection.close()

    def one(self, data):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        if self.tls and self.dice.random() < 0.5:
            connection = self.tls.wrap_socket(connection)
        leaves = self.dice.randrange(6)
        if leaves == 0:  # Slow: a few bytes, and then it hangs about.
            connection.sendall(data[:3])
            self.slow.append(connection)
            if len(self.slow) > 40:
                self.slow.pop(0).close()
            return
        with connection:
            connection.settimeout(self.dice.choice([0.01, 0.1, 0.5]))
            connection.sendall(data)
            if leaves == 1:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # A reset.
            elif leaves == 2:
                connection.shutdown(socket.SHUT_WR)
            elif leaves == 3:
                return
            connection.recv(4096)


def memory_of(pid):
    return next(int(line.split()[1]) * 1024 for line in open(f"/proc/{pid}/status") if line.startswith("VmRSS"))


def answered_in(port, tls):
    begun = time.monotonic()
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    if tls:
        connection = tls.wrap_socket(connection)
    with connection:
        connection.sendall(proper(random))
        first = connection.recv(64)
    if not first.startswith(b"HTTP/1.1 204"):
        raise AssertionError(f"a proper notification was answered {first!r}")
    return time.monotonic() - begun


class Stand(Production):
    options = None

    def certificate(self, folder):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(folder / "key.pem"),
                        "-out", str(folder / "cert.pem"), "-days", "2", "-subj", "/CN=127.0.0.1"], check=True, capture_output=True)
        (folder / "key.pem").chmod(0o600)
        return f'certificate = "{folder}/cert.pem"\nkey = "{folder}/key.pem"\n'

    def runTest(self):
        options = self.options
        tls = None
        scheme, more, fakes = "http", "", ()
        folder = pathlib.Path(self.folder)
        if options.certificate:
            scheme, more, fakes = "https", self.certificate(folder), ("--webhook-any-certificate",)
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        port = free_port()
        fake = self.fake(*fakes)
        one = self.installation(fake, poll="1h", settings=f'[webhook]\nlisten = "127.0.0.1:{port}"\naddress = "{scheme}://127.0.0.1:{port}/notify"\n{more}')
        one.login()
        calendars = one.link()
        one.start()
        production_test.until(lambda: sum(c["channels"] for c in fake.control("state")["calendars"]) >= 3, why="channels")
        begun = time.monotonic()
        clients = [Client(port, options.seed * 1000 + n, begun + options.seconds, tls) for n in range(CLIENTS)]
        before = memory_of(one.daemon.pid)
        for client in clients:
            client.start()
        slowest, latest, events = 0, 0, 0
        most = [before, before]  # In the first half, when buffers come to their size, and in the second, when nothing should be kept any more.
        while any(client.is_alive() for client in clients):
            time.sleep(min(PROBE_EVERY, max(0.2, options.seconds / 4)))
            self.assertIsNone(one.daemon.poll(), "calsync run has ended")
            slowest = max(slowest, answered_in(port, tls))
            half = int(time.monotonic() - begun > options.seconds / 2)
            most[half] = max(most[half], memory_of(one.daemon.pid))
            events += 1
            made = time.monotonic()
            fake.add(calendars[0], "Event", 10 + events)
            production_test.until(lambda: sum(is_block(e) for e in fake.live(calendars[1])) == events, seconds=60, why="a block while others shout")
            latest = max(latest, time.monotonic() - made)
        sent = sum((client.sent for client in clients), collections.Counter())
        production_test.until(lambda: sum(is_block(e) for e in fake.live(calendars[2])) == events, why="all blocks")
        self.judge(fake, calendars)
        one.stop()
        print(f"{sum(sent.values()):,} connections in {options.seconds} s: " + ", ".join(f"{count:,} {sort}" for sort, count in sorted(sent.items())) +
              f"; a proper notification was answered within {slowest:.2f} s, {events} blocks came within {latest:.2f} s of their events, "
              f"memory grew by {(most[0] - before) / 1e6:.0f} MB in the first half and by {(most[1] - most[0]) / 1e6:.0f} MB in the second", file=sys.stderr)
        self.assertLess(slowest, ANSWER_MAX)
        self.assertLess(latest, BLOCK_MAX)
        self.assertLess(max(most) - before, MEMORY_MAX)
        if options.seconds >= 60:
            self.assertLess(most[1] - most[0], KEPT_MAX)


def main():
    parser = argparse.ArgumentParser(usage=__doc__, add_help=False)
    parser.add_argument("calsync")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--certificate", action="store_true")
    Stand.options = parser.parse_args()
    production_test.CALSYNC = str(pathlib.Path(Stand.options.calsync).resolve())
    return 0 if unittest.TextTestRunner(verbosity=1).run(Stand()).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
