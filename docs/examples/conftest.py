"""A pytest fixture: a fresh fake Google Calendar for each test. Copy it into your own tests.

    def test_something(google):
        events = google.service().events()
        ...
        google.control("next", {"method": "events.insert", "status": 503})

CALSYNC names the program; it is `calsync` unless that is set.
"""

import json
import os
import subprocess
import urllib.request

import httplib2
import pytest
from google.oauth2 import credentials
import google_auth_httplib2
from googleapiclient import discovery


class Google:
    def __init__(self, about):
        self.root = about["rootUrl"]

    def service(self, token="test-token"):
        """Google's own client, as the owner of the token."""
        return discovery.build(
            "calendar",
            "v3",
            http=google_auth_httplib2.AuthorizedHttp(credentials.Credentials(token), http=httplib2.Http()),
            discoveryServiceUrl=self.root + "discovery/v1/apis/{api}/{apiVersion}/rest",
            cache_discovery=False,
        )

    def control(self, what, body=None):
        """What only a fake can do; see docs/fake.md."""
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.root + "_fake/" + what, data=data)) as answer:
            return json.load(answer)


@pytest.fixture(scope="session")
def _fake_process():
    program = [os.environ.get("CALSYNC", "calsync"), "fake", "serve", "--listen", "127.0.0.1:0", "--clock", "manual", "--json"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        yield Google(json.loads(process.stdout.readline()))
        process.terminate()


@pytest.fixture
def google(_fake_process):
    _fake_process.control("reset", {})
    return _fake_process
