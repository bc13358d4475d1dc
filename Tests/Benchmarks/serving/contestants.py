"""The servers that are compared, and whether each answers as HeadServe does."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from figures import OWN
from serving import nginx
from turns import Plan, Unavailable

MODELS = ("digits-mhs", "digits-hetxl")
FOLDER = Path(__file__).resolve().parents[3] / "Sources/headserve/Models"
NGINX = "nginx, same bytes"


@dataclass(frozen=True)
class Contestant:
    """How a server is started, and where each model that it has is asked."""

    name: str
    command: Callable[[Path, int], list[str]]
    paths: dict[str, str]


def contestants(plan: Plan, answers: dict[str, bytes]) -> list[Contestant]:
    """In the order of their turns; `answers` are HeadServe's, which nginx repeats."""
    fixed = {f"/{model}": answer for model, answer in answers.items()}
    return [
        own(plan),
        Contestant(
            NGINX, lambda folder, port: nginx.command(folder, port, plan.cores, fixed),
            {model: f"/{model}" for model in MODELS}),
        Contestant(
            "FastAPI + PyTorch", lambda _, port: _uvicorn(port, plan.cores),
            dict.fromkeys(MODELS, "/predict")),
        Contestant(
            "LitServe + PyTorch",
            lambda _, port: [
                sys.executable, "-m", "peers.litserve_app", str(port), str(plan.cores)],
            dict.fromkeys(MODELS, "/predict")),
    ]


def own(plan: Plan) -> Contestant:
    flags = [f"--model={model}={FOLDER / model}" for model in MODELS]

    def command(_: Path, port: int) -> list[str]:
        address = ["--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
        return [str(plan.binary), "serve", *address, *plan.kernel_arguments, *flags]

    return Contestant(OWN, command, dict.fromkeys(MODELS, "/predict"))


def _uvicorn(port: int, workers: int) -> list[str]:
    return [
        sys.executable, "-m", "uvicorn", "peers.fastapi_app:app", "--host", "127.0.0.1",
        "--port", str(port), "--workers", str(workers), "--loop", "uvloop",
        "--http", "httptools", "--no-access-log", "--log-level", "warning",
    ]


def require_agreement(name: str, model: str, answer: bytes, reference: bytes) -> None:
    """A peer that computes something else is not timed."""
    if name == NGINX:
        if answer != reference:
            raise Unavailable("answers with other bytes")
        return
    try:
        expected, found = _top(reference), _top(answer)
    except (LookupError, TypeError, ValueError) as error:
        raise Unavailable(f"answers {model} in another form") from error
    best = next(iter(expected))
    shared = expected.keys() & found.keys()
    wrong = [k for k in shared if abs(found[k][0] - expected[k][0]) > _tolerance(expected[k])]
    if best not in shared or wrong:
        raise Unavailable(f"answers {model} differently")


def _top(answer: bytes) -> dict[int, tuple[float, float]]:
    """Probability and standard error by label index, best first."""
    entries = json.loads(answer)["predictions"][0]["top_k"]
    return {e["index"]: (e["probability"], e.get("standard_error", 0.0)) for e in entries}


def _tolerance(expected: tuple[float, float]) -> float:
    """A thousandth, and six standard errors of a difference of two estimates as good as ours."""
    return 1e-3 + 6 * 2**0.5 * expected[1]
