"""POST /predict with 64 numbers under wrk, which shares the cores with the server it drives."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import isa_limits
from contestants import FOLDER, own_environment
from figures import OWN
from open_section import OpenSection
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

    def seconds(self, plan: Plan) -> int:
        """That wrk drives for, whole as it wants them."""
        return ceil(plan.seconds if self.is_latency else 2 * plan.seconds)


DRIVES = [
    Drive("digits-mhs", 64), Drive("digits-mhs", 1),
    Drive("digits-hetxl", 64), Drive("digits-hetxl", 1),
]


def run(table: OpenSection) -> None:
    plan = table.plan
    table.announce("POST /predict", [drive.label for drive in DRIVES], REMARKS)
    round_seconds = sum(
        WARM_UP_SECONDS + drive.seconds(plan)
        for server in contestants(plan, {}) for drive in DRIVES if drive.model in server.paths)
    if not table.pace.may_begin(round_seconds):
        plan.say("  HTTP: left out, the section's time is over")
        return
    with tempfile.TemporaryDirectory(prefix="headserve-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # nginx's workers are another user when it is started by root
        _take_turns(table, folder, write_bodies(folder))


def _take_turns(table: OpenSection, folder: Path, bodies: dict[str, Path]) -> None:
    plan = table.plan
    try:
        answers = _answers(plan, own(plan), bodies, folder)
    except Unavailable:
        answers = {}
    servers = contestants(plan, answers)
    tallies = {drive: _tally(table, servers, drive) for drive in DRIVES}
    for turn in table.pace.turns(cases_left=1):
        plan.say(f"  HTTP: round {turn + 1} of {plan.rounds}")
        for server in servers:
            _turn(plan, server, bodies, answers, tallies, folder)


def _answers(
    plan: Plan, server: Contestant, bodies: dict[str, Path], folder: Path
) -> dict[str, bytes]:
    """A server's answer to each model's request."""
    port = free_port()
    first = next(iter(server.paths))
    command = server.command(folder, port)
    probe = bodies[first].read_bytes()
    with _started(plan, server, command, port, server.paths[first], probe) as running:
        return {m: running.post(p, bodies[m].read_bytes())[1] for m, p in server.paths.items()}


def _started(
    plan: Plan, server: Contestant, command: list[str], port: int, path: str, body: bytes
) -> ServerProcess:
    environment = isa_limits.environment(plan.asked_kernel, server.name, "float32")
    return ServerProcess(command, port, path, body, FOLDER, own_environment(environment))


def _tally(table: OpenSection, servers: list[Contestant], case: Drive) -> Tally:
    names = [server.name for server in servers if case.model in server.paths]
    unit = "µs" if case.is_latency else "/s"
    return table.begin(case.label, unit, names, more_is_better=not case.is_latency)


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
        with _started(plan, server, command, port, server.paths[first], probe) as running:
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
    load = drive(url, body, case.connections, threads, case.seconds(plan))
    return Measurement(
        load.median_latency_microseconds if case.is_latency else load.requests_per_second)
