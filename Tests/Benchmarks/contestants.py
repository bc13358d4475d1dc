"""HeadServe's own measurement and the peers' processes, behind one interface."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import isa_limits
from figures import OWN
from turns import Measurement, Plan, Unavailable

FOLDER = Path(__file__).resolve().parent
LONGEST_MEASUREMENT = 300.0
"""Seconds; the largest checkpoint has 4.5 GB, which `headserve bench` writes and loads."""


class HeadServeBench:
    """`headserve bench KIND`, a process for every round."""

    name = OWN

    def __init__(self, plan: Plan, kind: str, *arguments: str | int):
        self._plan = plan
        self._command = [
            str(plan.binary), "bench", kind, *map(str, arguments), *plan.kernel_arguments]

    def measure(self, rows: int, seconds: float) -> Measurement:
        report = self._run("--rows", str(rows), "--seconds", str(seconds), "--json")
        self._learn(report)
        return Measurement(report["median_ms"], report.get("fraction"))

    def close(self) -> None:
        """Nothing outlives a round."""

    def _run(self, *arguments: str) -> dict[str, Any]:
        # A process that is killed leaves its checkpoint, which ends with the folder.
        with tempfile.TemporaryDirectory(prefix="headserve-bench-") as folder:
            done = self._finished([*self._command, *arguments], folder)
        if "Unknown option" in done.stderr or "Unexpected argument" in done.stderr:
            raise Unavailable("not available in this build")
        if done.returncode != 0:
            raise Unavailable(end_of(done.stderr))
        try:
            return json.loads(done.stdout)
        except ValueError as error:
            raise Unavailable("printed no JSON") from error

    @staticmethod
    def _finished(command: list[str], folder: str) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                command, capture_output=True, text=True, timeout=LONGEST_MEASUREMENT, check=False,
                env={**own_environment(os.environ), "TMPDIR": folder},
                start_new_session=True,  # Ctrl-C is for this process, which ends the others
            )
        except FileNotFoundError as error:
            raise Unavailable("not built") from error
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"no answer in {LONGEST_MEASUREMENT:.0f} s") from error

    def _learn(self, report: dict[str, Any]) -> None:
        self._plan.kernel = report.get("kernel") or self._plan.kernel
        for name, value in (report.get("peaks") or {}).items():
            if isinstance(value, (int, float)):
                self._plan.peaks.setdefault(name, []).append(float(value))


def own_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Without HeadServe's settings, which would change a run that does not name them."""
    return {name: text for name, text in variables.items() if not name.startswith("HEADSERVE_")}


def learn_kernel(plan: Plan) -> None:
    """A short measurement, after which the plan knows the kernel; throws Unavailable."""
    HeadServeBench(plan, "logits", "--features", 16, "--classes", 16).measure(1, seconds=0.01)


class PeerProcess:
    """A peer that computes when it is asked to, and otherwise waits; see `peers/__main__.py`."""

    def __init__(
        self, plan: Plan, name: str, module: str, weights: str = "float32", **shape: int
    ):
        self.name = name
        self._module = module
        self._environment = isa_limits.environment(plan.asked_kernel, name, weights)
        self._shape = {"cores": plan.cores, "weights": weights, **shape}
        self._process: subprocess.Popen[str] | None = None
        self._log = tempfile.TemporaryFile("w+")

    def measure(self, rows: int, seconds: float) -> Measurement:
        if self._process is None:
            self._process = self._start()
        answer = self._ask({"rows": rows, "seconds": seconds})
        return Measurement(answer["median_ms"])

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._log.close()

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "peers", self._module, json.dumps(self._shape)],
            cwd=FOLDER, env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._log, text=True, start_new_session=True,
        )

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process is not None
        try:
            print(json.dumps(question), file=self._process.stdin, flush=True)
            line = self._line()
        except BrokenPipeError:
            line = ""
        if not line:
            self._process.wait()
            self._log.seek(0)
            raise Unavailable(end_of(self._log.read()))
        answer = json.loads(line)
        if "error" in answer:
            raise Unavailable(answer["error"])
        return answer

    def _line(self) -> str:
        """The answer, or nothing from a process that has ended."""
        assert self._process is not None
        ready, _, _ = select.select([self._process.stdout], [], [], LONGEST_MEASUREMENT)
        if not ready:
            self._process.kill()
            raise Unavailable(f"no answer in {LONGEST_MEASUREMENT:.0f} s")
        return self._process.stdout.readline()


def end_of(log: str) -> str:
    """Why a process ended, by the last line of what it said."""
    if missing := re.search(r"No module named '?([\w.]+)", log):
        return f"not installed: {missing.group(1)}"
    lines = log.strip().splitlines()
    return "ended: " + (lines[-1][:120] if lines else "it said nothing")
