#!/usr/bin/env python3
"""What the command says of itself to a stdout that takes nothing is no success.

usage: full_stdout_test.py PATH-OF-calsync
"""

import subprocess
import sys
import unittest

CALSYNC = None


class FullStdoutTest(unittest.TestCase):
    def test_help_and_version_that_nobody_gets_are_told(self):
        for words in (["--help"], ["--version"], ["simulate", "--help"], ["simulate", "--scenario", "help"]):
            with open("/dev/full", "w", encoding="utf-8") as full:
                result = subprocess.run([CALSYNC, *words], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
            self.assertEqual(result.returncode, 3, words)
            self.assertIn("cannot write to stdout", result.stderr, words)


if __name__ == "__main__":
    CALSYNC = sys.argv[1]
    unittest.main(argv=sys.argv[:1], verbosity=2)
