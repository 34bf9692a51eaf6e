#!/usr/bin/env python3
"""Production through a proxy that speaks HTTP/2 and TLS, as Google's front does: nghttpx before the fake. The laws hold, and what was spoken is in
the proxy's log.

usage: http2_test.py PATH-OF-calsync [TEST…]

Without nghttpx (Debian: nghttp2-proxy) it says that it was skipped: code 77.
"""

import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import unittest
import urllib.parse

import production_test
from production_test import Production, free_port, until


class Proxy:
    def __init__(self, fake, folder):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "proxy.key", "-out", folder / "proxy.pem", "-days", "1",
                        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}/"
        self.authority = folder / "proxy.pem"
        self.log = folder / "proxy.log"
        back = urllib.parse.urlsplit(fake.url)
        self.command = [
            "nghttpx", "--conf=/dev/null", f"--frontend=127.0.0.1,{self.port}", f"--backend={back.hostname},{back.port}", "--workers=1", "--no-ocsp",
            f"--accesslog-file={self.log}", "--accesslog-format=$alpn $request $status", f"--errorlog-file={folder / 'proxy.errors'}",
            str(folder / "proxy.key"), str(self.authority)]
        self.process = None
        self.begin()

    def accepts(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def begin(self):
        def is_up():
            if self.process is None or self.process.poll() is not None:  # Somebody may have had the port for a moment.
                # It has a process of its own for connections, which is to die with it.
                self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            return self.accepts()

        until(is_up, why="the proxy is up")

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        # What it had started may live a moment longer, with the port: the next one would end at once.
        until(lambda: not self.accepts(), why="the proxy is down")


class Http2(Production):
    def setUp(self):
        super().setUp()
        self.proxies = []

    def tearDown(self):
        for proxy in self.proxies:
            proxy.kill()
        super().tearDown()

    def installation(self, fake, **more):
        """Calls Google, that is the fake, by the proxy alone."""
        one = super().installation(fake, **more)
        proxy = Proxy(fake, one.folder)
        self.proxies.append(proxy)
        text = one.config.read_text().replace(fake.url, proxy.url)
        one.config.write_text(text.replace('# ca_file = ""', f'ca_file = "{proxy.authority}"'))
        return one

    def spoken(self, proxy):
        return [line.split(" ", 1) for line in proxy.log.read_text().splitlines()]

    def test_changes_are_followed_over_one_connection(self):
        fake, one, calendars = self.linked()
        events = [fake.add(calendars[0], "Event", 10 + number) for number in range(30)]
        before = len(self.spoken(self.proxies[0]))
        one.once()
        self.judge(fake, calendars)
        fake.act("delete", calendars[0], event=events[0])
        one.once()
        self.judge(fake, calendars)
        self.explained(fake, one)
        spoken = self.spoken(self.proxies[0])[before:]
        self.assertGreater(len(spoken), 60)
        self.assertEqual({protocol for protocol, _ in spoken}, {"h2"}, "all calls went by HTTP/2")

    def test_faults_and_kills_come_to_rest(self):
        for seed in (1, 2):
            with self.subTest(seed=seed):
                self.live_through(random.Random(seed))

    def test_a_proxy_that_ends_in_the_middle_loses_nothing(self):
        fake, one, calendars = self.linked()
        one.start()
        proxy = self.proxies[0]
        for number in range(3):
            for hours in range(10):
                fake.add(calendars[0], "Event", 10 + 20 * number + hours)
            proxy.kill()  # With calls under way.
            proxy.begin()
        self.until_mirrored(fake, calendars)
        one.stop()


def main():
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if arguments else 2
    if shutil.which("nghttpx") is None:
        print("skipped: there is no nghttpx (Debian: nghttp2-proxy)")
        return 77
    production_test.CALSYNC = str(pathlib.Path(arguments.pop(0)).resolve())
    # The tests of production are its own.
    names = arguments or [name for name in vars(Http2) if name.startswith("test_")]
    suite = unittest.TestSuite(Http2(name.split(".")[-1]) for name in names)
    return 0 if unittest.TextTestRunner(verbosity=1).run(suite).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
