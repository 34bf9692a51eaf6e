#!/usr/bin/env python3
"""Drives the served fake by Google's own client for Python, which starts from the discovery document that the fake serves.

usage: fake_client_test.py PATH-OF-calsync
Exit code 77 (skipped) if python3-googleapi is not installed.
"""

import http.server
import json
import subprocess
import sys
import threading
import unittest
import urllib.request

try:
    import httplib2
    from google.auth import exceptions
    from google.oauth2 import credentials
    import google_auth_httplib2
    from googleapiclient import discovery, errors
except ImportError as missing:
    print(f"fake_client_test: skipped, {missing}; tools/setup test installs python3-googleapi")
    sys.exit(77)

CALSYNC = None


class Hook(http.server.BaseHTTPRequestHandler):
    """A receiver of notifications. The first answers of a path are those of `answers`; later ones are 200."""

    heard = []
    answers = {}
    more = threading.Condition()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        with Hook.more:
            waiting = Hook.answers.get(self.path, [])
            status = waiting.pop(0) if waiting else 200
            Hook.heard.append((self.path, dict(self.headers), body, status))
            Hook.more.notify_all()
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass

    @classmethod
    def wait(cls, path, count, seconds=15):
        def of_path():
            return [one for one in cls.heard if one[0] == path]

        with cls.more:
            cls.more.wait_for(lambda: len(of_path()) >= count, timeout=seconds)
            return of_path()


def event(summary, day=6, **more):
    return {
        "summary": summary,
        "start": {"dateTime": f"2026-01-{day:02}T10:00:00+01:00", "timeZone": "Europe/Zurich"},
        "end": {"dateTime": f"2026-01-{day:02}T11:00:00+01:00", "timeZone": "Europe/Zurich"},
        **more,
    }


class ClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fake = subprocess.Popen(
            [CALSYNC, "fake", "serve", "--listen", "127.0.0.1:0", "--json", "--clock", "manual", "--seed", "7"], stdout=subprocess.PIPE, text=True
        )
        cls.about = json.loads(cls.fake.stdout.readline())
        cls.root = cls.about["rootUrl"]
        cls.hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        cls.hook_url = f"http://127.0.0.1:{cls.hook.server_port}"
        threading.Thread(target=cls.hook.serve_forever, daemon=True).start()

    @classmethod
    def tearDownClass(cls):
        cls.hook.shutdown()
        cls.fake.terminate()
        assert cls.fake.wait(timeout=10) == 0, "the fake did not end with 0"
        cls.fake.stdout.close()

    def setUp(self):
        self.control("reset", {})
        self.service = self.make_service("test-token")

    def make_service(self, token):
        return discovery.build(
            "calendar",
            "v3",
            http=google_auth_httplib2.AuthorizedHttp(credentials.Credentials(token), http=httplib2.Http()),
            discoveryServiceUrl=self.root + "discovery/v1/apis/{api}/{apiVersion}/rest",
            cache_discovery=False,
        )

    def control(self, what, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.root + "_fake/" + what, data=data)) as answer:
            return json.load(answer)

    def refused(self, request):
        with self.assertRaises(errors.HttpError) as caught:
            request.execute()
        body = json.loads(caught.exception.content)["error"]
        return caught.exception.resp.status, body["errors"][0]["reason"]

    def test_lists_calendars(self):
        items = self.service.calendarList().list().execute()["items"]
        self.assertEqual([one["summary"] for one in items if one.get("primary")], ["ada@example.com"])
        self.assertEqual(sorted(one["summary"] for one in items), ["Home", "Work", "ada@example.com"])

    def test_writes_and_reads_events(self):
        events = self.service.events()
        made = events.insert(calendarId="primary", body=event("Lunch", id="lunch2026")).execute()
        self.assertEqual(made["id"], "lunch2026")
        self.assertEqual(made["start"]["dateTime"], "2026-01-06T10:00:00+01:00")
        self.assertEqual(events.get(calendarId="primary", eventId="lunch2026").execute(), made)
        self.assertEqual(self.refused(events.insert(calendarId="primary", body=event("Again", id="lunch2026"))), (409, "duplicate"))
        patched = events.patch(calendarId="primary", eventId="lunch2026", body={"summary": "Late lunch", "location": None}).execute()
        self.assertEqual(patched["summary"], "Late lunch")
        self.assertNotEqual(patched["etag"], made["etag"])
        patched["colorId"] = "5"
        updated = events.update(calendarId="primary", eventId="lunch2026", body=patched).execute()
        self.assertEqual(updated["colorId"], "5")
        self.assertEqual(events.delete(calendarId="primary", eventId="lunch2026").execute(), "")
        self.assertEqual(self.refused(events.delete(calendarId="primary", eventId="lunch2026")), (410, "deleted"))
        self.assertEqual(events.get(calendarId="primary", eventId="lunch2026").execute()["status"], "cancelled")

    def test_an_old_etag_is_refused(self):  # C-44.
        events = self.service.events()
        made = events.insert(calendarId="primary", body=event("One")).execute()
        events.patch(calendarId="primary", eventId=made["id"], body={"summary": "Two"}).execute()
        late = events.patch(calendarId="primary", eventId=made["id"], body={"summary": "Three"})
        late.headers["If-Match"] = made["etag"]
        self.assertEqual(self.refused(late), (412, "conditionNotMet"))

    def test_syncs_by_pages_and_tokens(self):
        events = self.service.events()
        for number in range(7):
            events.insert(calendarId="primary", body=event(f"Event {number}", day=6 + number)).execute()
        seen, token, request = [], None, events.list(calendarId="primary", maxResults=3)
        while request is not None:
            page = request.execute()
            seen += page["items"]
            token = page.get("nextSyncToken")
            request = events.list_next(request, page)
        self.assertEqual(sorted(one["summary"] for one in seen), [f"Event {number}" for number in range(7)])
        events.delete(calendarId="primary", eventId=seen[0]["id"]).execute()
        events.patch(calendarId="primary", eventId=seen[1]["id"], body={"summary": "Moved"}).execute()
        delta = events.list(calendarId="primary", maxResults=3, syncToken=token).execute()
        self.assertEqual({one["id"]: one["status"] for one in delta["items"]}, {seen[0]["id"]: "cancelled", seen[1]["id"]: "confirmed"})
        self.assertEqual(self.refused(events.list(calendarId="primary", syncToken=token, q="x"))[0], 400)  # C-22.
        self.assertEqual(self.refused(events.list(calendarId="primary", syncToken="garbage")), (400, "invalid"))
        self.control("expire", {"calendar": "ada@example.com"})
        self.assertEqual(self.refused(events.list(calendarId="primary", syncToken=token)), (410, "fullSyncRequired"))

    def test_expands_series(self):
        events = self.service.events()
        made = events.insert(calendarId="primary", body=event("Standup", recurrence=["RRULE:FREQ=DAILY;COUNT=5"])).execute()
        rows = events.list(calendarId="primary", singleEvents=True, orderBy="startTime", timeMin="2026-01-07T00:00:00Z").execute()["items"]
        self.assertEqual([one["start"]["dateTime"][:10] for one in rows], ["2026-01-07", "2026-01-08", "2026-01-09", "2026-01-10"])
        events.patch(calendarId="primary", eventId=rows[0]["id"], body={"summary": "Long standup"}).execute()
        instances = events.instances(calendarId="primary", eventId=made["id"]).execute()["items"]
        self.assertEqual([one["summary"] for one in instances], ["Standup", "Long standup", "Standup", "Standup", "Standup"])

    def test_watches_and_stops(self):  # C-81 to C-84, C-88.
        events = self.service.events()
        channel = events.watch(
            calendarId="primary", body={"id": "channel-1", "type": "web_hook", "address": self.hook_url + "/watch", "token": "secret"}
        ).execute()
        self.assertEqual(channel["kind"], "api#channel")
        sync = Hook.wait("/watch", 1)[0]
        self.assertEqual(sync[2], b"")
        self.assertEqual(sync[1]["X-Goog-Resource-State"], "sync")
        self.assertEqual(sync[1]["X-Goog-Message-Number"], "1")
        self.assertEqual(sync[1]["X-Goog-Channel-Token"], "secret")
        self.assertEqual(sync[1]["X-Goog-Resource-ID"], channel["resourceId"])
        self.assertEqual(sync[1]["X-Goog-Resource-URI"], channel["resourceUri"])
        events.insert(calendarId="primary", body=event("Ping")).execute()
        exists = Hook.wait("/watch", 2)[1]
        self.assertEqual(exists[1]["X-Goog-Resource-State"], "exists")
        self.assertGreater(int(exists[1]["X-Goog-Message-Number"]), 1)
        self.service.channels().stop(body={"id": "channel-1", "resourceId": channel["resourceId"]}).execute()
        events.insert(calendarId="primary", body=event("Silence")).execute()
        self.assertEqual(len(Hook.wait("/watch", 3, seconds=0.5)), 2)
        self.assertEqual(self.refused(self.service.channels().stop(body={"id": "channel-1", "resourceId": "other"})), (404, "notFound"))

    def test_posts_again_after_a_server_error(self):  # C-85.
        Hook.answers["/again"] = [503, 500]
        Hook.answers["/once"] = [404]
        for path in ("again", "once"):
            self.service.events().watch(
                calendarId="primary", body={"id": f"channel-{path}", "type": "web_hook", "address": f"{self.hook_url}/{path}"}
            ).execute()
        heard = Hook.wait("/again", 3)
        self.assertEqual([one[3] for one in heard], [503, 500, 200])
        self.assertEqual({one[1]["X-Goog-Message-Number"] for one in heard}, {"1"})
        self.assertEqual(len(Hook.wait("/once", 2, seconds=0.5)), 1)

    def test_batches(self):  # C-107.
        answers = {}
        batch = self.service.new_batch_http_request(callback=lambda number, answer, error: answers.update({number: error or answer}))
        events = self.service.events()
        for number in range(10):
            batch.add(events.insert(calendarId="primary", body=event(f"Batch {number}")), request_id=f"r{number}")
        batch.add(events.get(calendarId="primary", eventId="nothing"), request_id="missing")
        batch.execute()
        self.assertEqual([answers[f"r{number}"]["summary"] for number in range(10)], [f"Batch {number}" for number in range(10)])
        self.assertEqual(answers["missing"].resp.status, 404)

    def test_tells_errors_of_tokens_and_scopes(self):
        with self.assertRaises((errors.HttpError, exceptions.RefreshError)):
            self.make_service("nobody").events().list(calendarId="primary").execute()
        self.control("grant", {"account": "ada@example.com", "grant": "revoked"})
        with self.assertRaises((errors.HttpError, exceptions.RefreshError)):
            self.service.events().list(calendarId="primary").execute()

    def test_refreshes_a_token(self):  # C-105.
        grant = credentials.Credentials(
            None, refresh_token="test-refresh-token", token_uri=self.root + "token", client_id="test-client", client_secret="test-secret"
        )
        service = discovery.build(
            "calendar",
            "v3",
            http=google_auth_httplib2.AuthorizedHttp(grant, http=httplib2.Http()),
            discoveryServiceUrl=self.root + "$discovery/rest?version={apiVersion}",
            cache_discovery=False,
        )
        self.assertEqual(service.calendars().get(calendarId="primary").execute()["id"], "ada@example.com")
        self.assertTrue(grant.token.startswith("ya29."))

    def test_faults_come_when_asked_for(self):  # C-104.
        events = self.service.events()
        self.control("next", {"method": "events.insert", "status": 503, "applied": True})
        self.assertEqual(self.refused(events.insert(calendarId="primary", body=event("Lost", id="lost1"))), (503, "backendError"))
        self.assertEqual(self.refused(events.insert(calendarId="primary", body=event("Lost", id="lost1"))), (409, "duplicate"))  # C-42.

    def test_free_and_busy(self):
        self.service.events().insert(calendarId="primary", body=event("Busy")).execute()
        self.service.events().insert(calendarId="primary", body=event("Free", transparency="transparent", day=7)).execute()
        query = {"timeMin": "2026-01-05T00:00:00Z", "timeMax": "2026-01-12T00:00:00Z", "items": [{"id": "primary"}, {"id": "nobody"}]}
        calendars = self.service.freebusy().query(body=query).execute()["calendars"]
        self.assertEqual(calendars["primary"]["busy"], [{"start": "2026-01-06T09:00:00Z", "end": "2026-01-06T10:00:00Z"}])
        self.assertEqual(calendars["nobody"]["errors"], [{"domain": "global", "reason": "notFound"}])


if __name__ == "__main__":
    CALSYNC = sys.argv.pop(1)
    unittest.main(warnings="ignore")
