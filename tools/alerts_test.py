#!/usr/bin/env python3
"""The alerting rules fire and clear, by promtool's own test of them; rules and dashboard ask for figures that there are.

usage: alerts_test.py SOURCE-FOLDER

Exit code 77: there is no promtool, so the rules were not tried. Debian's package `prometheus` has it (tools/setup campaign).
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

SOURCE = None
MADE_BY_PROMETHEUS = re.compile(r"_(bucket|count|sum)$")


class Alerts(unittest.TestCase):
    def setUp(self):
        self.rules = SOURCE / "tools/packaging/prometheus/calsync.rules.yml"
        told = (SOURCE / "adapter/page/metrics.cc").read_text()
        self.figures = set(re.findall(r'"(calsync_[a-z0-9_]+)"', told))

    def asked_for(self, text):
        return {MADE_BY_PROMETHEUS.sub("", name) for name in re.findall(r"\bcalsync_[a-z0-9_]+", text)}

    def test_rules_ask_for_figures_that_there_are(self):
        asked = self.asked_for(self.rules.read_text())
        self.assertTrue(asked)
        self.assertLessEqual(asked, self.figures)

    def test_every_alert_of_the_engine_has_a_rule(self):
        names = set(re.findall(r'case AlertKind::\w+:\s+return "(\w+)"', (SOURCE / "engine/decide/health_alerts.cc").read_text()))
        self.assertGreaterEqual(len(names), 10)
        rules = self.rules.read_text()
        # Some are found from raw figures instead.
        raw = {"stuck_creating": "calsync_events_stuck_creating", "failed_passes": "calsync_passes_total", "breaker_open": "calsync_breaker_open"}
        for name in names:
            self.assertIn(raw.get(name, name), rules)

    def test_the_dashboard_asks_for_figures_that_there_are(self):
        dashboard = json.loads((SOURCE / "tools/packaging/grafana/calsync.json").read_text())
        expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
        self.assertGreater(len(expressions), 15)
        for expression in expressions:
            asked = self.asked_for(expression)
            self.assertTrue(asked, expression)
            self.assertLessEqual(asked, self.figures)

    def test_each_rule_fires_and_clears(self):
        if shutil.which("promtool") is None:
            self.skipTest("there is no promtool: `tools/setup campaign` installs it")
        for command in (["check", "rules", self.rules.name], ["test", "rules", "calsync.rules.test.yml"]):
            done = subprocess.run(["promtool", *command], cwd=self.rules.parent, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    SOURCE = pathlib.Path(sys.argv[1]).resolve()
    result = unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2, exit=False).result
    sys.exit(1 if not result.wasSuccessful() else 77 if result.skipped else 0)
