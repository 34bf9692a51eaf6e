#!/usr/bin/env python3
"""Installs what was built, builds a project of somebody else's against it, and looks into the .deb.

usage: install_test.py BUILD-FOLDER SOURCE-FOLDER
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

BUILD = SOURCE = None


def run(*command, **more):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **more)
    if done.returncode != 0:
        raise AssertionError(f"{command}: code {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


class Install(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="calsync-install-")
        self.folder = pathlib.Path(self.scratch.name)

    def tearDown(self):
        self.scratch.cleanup()

    def test_the_command_runs_from_where_it_is_installed(self):
        run("cmake", "--install", BUILD, "--prefix", self.folder, "--component", "program")
        self.assertRegex(run(self.folder / "bin/calsync", "--version"), r"^calsync \d+\.\d+\.\d+")
        self.assertIn("NoNewPrivileges=yes", (self.folder / "lib/systemd/system/calsync@.service").read_text())

    def test_a_project_of_somebody_else_finds_the_fake_and_the_engine(self):
        run("cmake", "--install", BUILD, "--prefix", self.folder, "--component", "development")
        consumer = self.folder / "consumer"
        run("cmake", "-S", SOURCE / "docs/examples/consumer", "-B", consumer, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={self.folder}")
        run("cmake", "--build", consumer)
        self.assertIn("100% tests passed", run("ctest", "--test-dir", consumer))

    def test_the_package_holds_the_command_and_its_units(self):
        run("cpack", "-G", "DEB", "-B", self.folder, "--config", BUILD / "CPackConfig.cmake", cwd=BUILD)
        package = next(self.folder.glob("calsync_*.deb"))
        listed = run("dpkg-deb", "--contents", package)
        for path in ("./usr/bin/calsync", "./usr/lib/systemd/system/calsync@.service", "./usr/lib/systemd/user/calsync.service",
                     "./usr/share/calsync/calsync.rules.yml", "./usr/share/calsync/calsync.json"):
            self.assertIn(path, listed)
        run("dpkg-deb", "--extract", package, self.folder / "root")
        self.assertIn("in step after", run(self.folder / "root/usr/bin/calsync", "demo", "--once", "--no-color"))


if __name__ == "__main__":
    BUILD, SOURCE = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
