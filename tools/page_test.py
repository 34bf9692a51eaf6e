#!/usr/bin/env python3
"""The status page in a real browser: what people wrote runs nowhere and breaks nothing, at the width of a desk and of a phone.

usage: page_test.py PATH-OF-calsync [--keep FOLDER]

With --keep the screenshots stay, for people to look at. Exit code 77: there is no chromium (tools/setup campaign installs it).
"""

import html.parser
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import production_test  # The fake, an installation, and waiting for either.

KEEP = None
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HOSTILE = """</td></table><script>document.title='owned'</script><img src=x onerror="document.title='owned'">"'&"""
LONG = "Quarterly-planning-with-everybody-who-has-a-very-long-title-and-no-spaces-in-it-at-all-" * 2


class Elements(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.seen = []
        self.attributes = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.seen.append(tag)
        self.attributes += [name for name, _ in attributes]


class Page(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="calsync-page-"))
        self.fake = production_test.Fake()
        port, self.port = production_test.free_port(), production_test.free_port()
        settings = (f'[webhook]\nlisten = "127.0.0.1:{port}"\naddress = "http://127.0.0.1:{port}/notify"\n'
                    f'[page]\nlisten = "127.0.0.1:{self.port}"\ntitles = true\n')
        self.one = production_test.Installation(self.fake, self.folder / "i", poll="1h", settings=settings)
        self.one.login()
        self.calendars = self.one.link()
        text = self.one.config.read_text().replace('name = "Home"', "name = '''<b>Home</b> & \"family\"'''", 1)
        self.one.config.write_text(text)
        self.one.start()
        for number, title in enumerate(("Dentist", HOSTILE, LONG, "Zürich ☕ 会議")):
            self.fake.add(self.calendars[number % 3], title, 20 + 5 * number)
        production_test.until(lambda: all(len(self.fake.live(c)) == 4 for c in self.calendars), why="blocks")

    def tearDown(self):
        self.one.stop()
        self.fake.stop()
        shutil.rmtree(self.folder)

    def browse(self, *arguments):
        return subprocess.run([BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=3000",
                               f"--user-data-dir={self.folder}/browser", *arguments], capture_output=True, text=True, timeout=120)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def test_what_people_wrote_is_text_and_nothing_else(self):
        for path in ("/", "/?q=script", "/?q=%3Cscript%3Ealert(1)%3C/script%3E"):
            shown = self.browse("--dump-dom", self.url(path)).stdout
            self.assertIn("CalSync", shown)
            elements = Elements(shown)
            self.assertNotIn("script", elements.seen, path)
            self.assertNotIn("img", elements.seen, path)
            self.assertNotIn("onerror", elements.attributes, path)
            self.assertIn("<title>CalSync</title>", shown)
        self.assertIn("&lt;script&gt;", self.browse("--dump-dom", self.url("/?q=script")).stdout)

    def test_pictures_at_the_width_of_a_desk_and_of_a_phone(self):
        folder = pathlib.Path(KEEP) if KEEP else self.folder
        folder.mkdir(parents=True, exist_ok=True)
        source = next(e["id"] for e in self.fake.live(self.calendars[0]) if not production_test.is_block(e))
        for name, width, height in (("desk", 1280, 1800), ("phone", 500, 3200)):
            for page, path in (("home", "/"), ("found", "/?q=e"), ("event", f"/event?group=me&id={source}")):
                picture = folder / f"{name}-{page}.png"
                self.browse(f"--window-size={width},{height}", f"--screenshot={picture}", self.url(path))
                self.assertGreater(picture.stat().st_size, 10_000, picture)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        sys.exit(0 if arguments else 2)
    production_test.CALSYNC = os.path.abspath(arguments.pop(0))
    if arguments[:1] == ["--keep"]:
        KEEP = arguments[1]
        del arguments[:2]
    if BROWSER is None:
        print("skipped: there is no chromium; `tools/setup campaign` installs it")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1] + arguments, verbosity=2)
