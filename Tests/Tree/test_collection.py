"""Test files that no step of `make test` runs still find what they import."""

import subprocess
import sys

from repository import ROOT


def test_the_loads_for_sanitizers_find_what_they_use():
    command = [sys.executable, "-m", "pytest", "--collect-only", "Tests/Sanitizers"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
