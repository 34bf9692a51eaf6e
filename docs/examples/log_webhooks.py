#!/usr/bin/env python3
"""Receives push notifications, writes a line of JSON for each, and hands them on.

usage: log_webhooks.py [--listen HOST:PORT] [--forward URL] [--log FILE]

Stand it where the notifications come in (behind the proxy that has the certificate), with --forward the address of what received
them before; `calsync replay --webhooks FILE` then lives through their rhythm. Only the X-Goog-* headers are kept, and of those not
the token, which is a secret.
"""

import argparse
import datetime
import http.server
import json
import sys
import urllib.error
import urllib.request

KEPT = ("X-Goog-Channel-ID", "X-Goog-Channel-Expiration", "X-Goog-Resource-ID", "X-Goog-Resource-State", "X-Goog-Message-Number")


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        arrived = datetime.datetime.now(datetime.timezone.utc).isoformat()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status = self.hand_on(body) if self.server.forward else 204
        kept = {name: self.headers[name] for name in KEPT if self.headers[name] is not None}
        self.server.log.write(json.dumps({"at": arrived, "headers": kept, "status": status}) + "\n")
        self.server.log.flush()
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def hand_on(self, body):
        passed = {name: value for name, value in self.headers.items() if name.lower().startswith("x-goog-")}
        request = urllib.request.Request(self.server.forward, data=body, headers=passed, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 502

    def log_message(self, *words):
        pass  # The log is the file.


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listen", default="127.0.0.1:9000")
    parser.add_argument("--forward", help="the address that received them before")
    parser.add_argument("--log", default="webhooks.log")
    options = parser.parse_args()
    host, _, port = options.listen.rpartition(":")
    server = http.server.ThreadingHTTPServer((host, int(port)), Receiver)
    server.forward = options.forward
    server.log = open(options.log, "a", encoding="utf-8")
    print(f"listening on http://{host}:{server.server_address[1]}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
