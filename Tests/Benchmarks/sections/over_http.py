"""POST /predict with 64 numbers under wrk, which shares the cores with the server it drives."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from contestants import FOLDER
from figures import OWN, Case, Section
from serving.contestants import Contestant, contestants, own, require_agreement
from serving.load import drive
from serving.request_bodies import write_bodies
from serving.server_process import ServerProcess, free_port
from turns import Measurement, Plan, Tally, Unavailable

WARM_UP_SECONDS = 1
REMARKS = [
    "Servers run one at a time. nginx and uvicorn have a worker a core, LitServe an API server a",
    "core and batches of up to 64 that fill for 1 ms at most; nothing writes an access log. Every",
    "peer's answer is checked before it is timed.",
]


@dataclass(frozen=True)
class Drive:
    """One case: a model under some connections, of which one figure is kept."""

    model: str
    connections: int

    @property
    def label(self) -> str:
        plural = "s" if self.connections > 1 else ""
        return f"{self.model}, {self.connections} connection{plural}"

    @property
    def is_latency(self) -> bool:
        return self.connections == 1


DRIVES = [
    Drive("digits-mhs", 64), Drive("digits-mhs", 1),
    Drive("digits-hetxl", 64), Drive("digits-hetxl", 1),
]


def run(plan: Plan) -> Section:
    with tempfile.TemporaryDirectory(prefix="headserve-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # nginx's workers are another user when it is started by root
        bodies = write_bodies(folder)
        try:
            answers = _answers(plan, own(plan), bodies, folder)
        except Unavailable:
            answers = {}
        servers = contestants(plan, answers)
        tallies = {drive: _tally(servers, drive) for drive in DRIVES}
        for turn in range(plan.rounds):
            plan.say(f"  HTTP: round {turn + 1} of {plan.rounds}")
            for server in servers:
                _turn(plan, server, bodies, answers, tallies, folder)
    return Section("http", "POST /predict", [_case(*entry) for entry in tallies.items()], REMARKS)


def _answers(
    plan: Plan, server: Contestant, bodies: dict[str, Path], folder: Path
) -> dict[str, bytes]:
    """A server's answer to each model's request."""
    port = free_port()
    first = next(iter(server.paths))
    command = server.command(folder, port)
    with ServerProcess(
        command, port, server.paths[first], bodies[first].read_bytes(), FOLDER
    ) as running:
        return {m: running.post(p, bodies[m].read_bytes())[1] for m, p in server.paths.items()}


def _tally(servers: list[Contestant], case: Drive) -> Tally:
    return Tally([server.name for server in servers if case.model in server.paths])


def _turn(
    plan: Plan, server: Contestant, bodies: dict[str, Path], answers: dict[str, bytes],
    tallies: dict[Drive, Tally], folder: Path,
) -> None:
    """Starts a server, checks it, and takes all its figures of one round."""
    cases = [case for case, tally in tallies.items() if tally.runs(server.name)]
    if not cases:
        return
    port = free_port()
    first = cases[0].model
    try:
        command = server.command(folder, port)
        probe = bodies[first].read_bytes()
        with ServerProcess(command, port, server.paths[first], probe, FOLDER) as running:
            for case in cases:
                try:
                    found = _measure(plan, server, running, case, bodies[case.model], answers)
                except Unavailable as problem:
                    _give_up(plan, server.name, [tallies[case]], problem)
                else:
                    tallies[case].record(server.name, found)
    except Unavailable as problem:
        _give_up(plan, server.name, [tallies[case] for case in cases], problem)


def _give_up(plan: Plan, server: str, tallies: list[Tally], problem: Unavailable) -> None:
    plan.say(f"    {server}: {problem}")
    for tally in tallies:
        tally.give_up(server, str(problem))


def _measure(
    plan: Plan, server: Contestant, running: ServerProcess, case: Drive, body: Path,
    answers: dict[str, bytes],
) -> Measurement:
    path = server.paths[case.model]
    status, answer = running.post(path, body.read_bytes())
    if status != 200:
        raise Unavailable(f"answered {case.model} with {status}")
    if server.name != OWN:
        if case.model not in answers:
            raise Unavailable(f"no answer of {OWN} to compare with")
        require_agreement(server.name, case.model, answer, answers[case.model])
    url, threads = running.url(path), plan.cores
    drive(url, body, case.connections, threads, WARM_UP_SECONDS)
    seconds = ceil(plan.seconds if case.is_latency else 2 * plan.seconds)
    load = drive(url, body, case.connections, threads, seconds)
    return Measurement(
        load.median_latency_microseconds if case.is_latency else load.requests_per_second)


def _case(case: Drive, tally: Tally) -> Case:
    unit = "µs" if case.is_latency else "/s"
    return Case(case.label, unit, tally.cells(), more_is_better=not case.is_latency)
