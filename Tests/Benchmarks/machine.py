"""The conditions of a run's figures: the processor and the versions of everything compared."""

from __future__ import annotations

import os
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import isa_limits
from figures import Machine
from serving import nginx
from turns import Plan

PACKAGES = {
    "OpenVINO": "openvino", "ONNX Runtime": "onnxruntime", "PyTorch": "torch", "JAX": "jax",
    "FastAPI": "fastapi", "uvicorn": "uvicorn", "LitServe": "litserve",
}
INTERESTING = (
    "avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16", "asimd", "asimddp",
)


def cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0))


def describe(plan: Plan) -> Machine:
    """Before the run, once `headserve bench` has told the kernel."""
    information = _read("/proc/cpuinfo")
    flags = set(_field(information, "flags|Features").split())
    memory = _field(_read("/proc/meminfo"), "MemTotal").removesuffix(" kB")
    return Machine(
        processor=_field(information, "model name|CPU part") or "unknown processor",
        cores=plan.cores,
        instruction_sets=[name for name in INTERESTING if name in flags],
        memory_gigabytes=int(memory or 0) / 2**20,
        versions=_versions(),
        kernel=plan.kernel,
        held=isa_limits.describe(plan.asked_kernel),
    )


def _versions() -> dict[str, str]:
    found = {}
    for name, package in PACKAGES.items():
        try:
            found[name] = version(package).split("+")[0]
        except PackageNotFoundError:
            continue
    for name, command in (("nginx", [nginx.PROGRAM, "-v"]), ("wrk", ["wrk", "-v"])):
        if match := re.search(r"[\d.]*\d", _output(command)):
            found[name] = match.group()
    return found


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout + done.stderr


def _read(path: str) -> str:
    return Path(path).read_text(encoding="ascii", errors="replace")


def _field(text: str, name: str) -> str:
    match = re.search(rf"^(?:{name})\s*:\s*(.*)$", text, re.MULTILINE)
    return match.group(1).strip() if match else ""
