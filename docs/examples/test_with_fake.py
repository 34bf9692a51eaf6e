"""An example of tests that use the fixture of conftest.py: what a program of yours would have to get right."""

import pytest
from googleapiclient import errors

EVENT = {
    "id": "standup01",
    "summary": "Standup",
    "start": {"dateTime": "2026-01-06T09:00:00+01:00", "timeZone": "Europe/Zurich"},
    "end": {"dateTime": "2026-01-06T09:15:00+01:00", "timeZone": "Europe/Zurich"},
}


def test_an_insert_whose_answer_was_lost_is_not_made_twice(google):
    events = google.service().events()
    google.control("next", {"method": "events.insert", "status": 503, "applied": True})
    with pytest.raises(errors.HttpError) as first:
        events.insert(calendarId="primary", body=EVENT).execute()
    assert first.value.resp.status == 503
    with pytest.raises(errors.HttpError) as second:
        events.insert(calendarId="primary", body=EVENT).execute()
    assert second.value.resp.status == 409
    assert len(events.list(calendarId="primary").execute()["items"]) == 1


def test_an_expired_sync_token_is_410(google):
    events = google.service().events()
    token = events.list(calendarId="primary").execute()["nextSyncToken"]
    google.control("clock", {"advance": "721h"})
    with pytest.raises(errors.HttpError) as expired:
        events.list(calendarId="primary", syncToken=token).execute()
    assert expired.value.resp.status == 410


def test_what_a_person_does_shows_in_the_next_sync(google):
    events = google.service().events()
    events.insert(calendarId="primary", body=EVENT).execute()
    token = events.list(calendarId="primary").execute()["nextSyncToken"]
    google.control("act", {"as": "ada@example.com", "do": "edit", "event": "standup01", "body": {"summary": "Moved by hand"}})
    changed = events.list(calendarId="primary", syncToken=token).execute()["items"]
    assert [one["summary"] for one in changed] == ["Moved by hand"]
