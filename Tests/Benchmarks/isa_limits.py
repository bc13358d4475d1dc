"""Instruction sets that peers are held to when HeadServe's kernel is given: `--kernel`.

Each library reads its own variables when it is loaded. PyTorch multiplies float32 matrices with
MKL and bfloat16 ones with oneDNN, of which it has a copy, as OpenVINO has. What OpenVINO multiplies
in float32, and ONNX Runtime altogether, is done by MLAS, which asks the processor alone.
"""

from __future__ import annotations

import os

_ONEDNN = {"baseline": "SSE41", "avx2": "AVX2", "avx512": "AVX512_CORE",
           "avx512-bf16": "AVX512_CORE_BF16"}
_MKL = {"baseline": "SSE4_2", "avx2": "AVX2", "avx512": "AVX512", "avx512-bf16": "AVX512_E2"}
_ATEN = {"baseline": "default", "avx2": "avx2", "avx512": "avx512", "avx512-bf16": "avx512"}
_XLA = {"baseline": "SSE4_2", "avx2": "AVX2", "avx512": "AVX512", "avx512-bf16": "AVX512_BF16"}
_PYTORCH = {"ATEN_CPU_CAPABILITY": _ATEN, "ONEDNN_MAX_CPU_ISA": _ONEDNN,
            "MKL_ENABLE_INSTRUCTIONS": _MKL}

_SWITCHES: dict[str, dict[str, dict[str, str]]] = {
    "OpenVINO, float32": {},
    "OpenVINO, bfloat16": {"ONEDNN_MAX_CPU_ISA": _ONEDNN},
    "ONNX Runtime": {},
    "PyTorch": _PYTORCH,
    "JAX": {"XLA_FLAGS": {kernel: f"--xla_cpu_max_isa={isa}" for kernel, isa in _XLA.items()}},
    "FastAPI + PyTorch": _PYTORCH,
    "LitServe + PyTorch": _PYTORCH,
}
"""By peer, where they differ with the format of its weights, and variable: its value for each of
HeadServe's kernels. A peer that is not named here does no arithmetic."""

NO_SWITCH = "no switch"


def switches(kernel: str, peer: str, weights: str) -> dict[str, str]:
    """Variables that hold the peer to the instruction set of a kernel; none without a kernel."""
    found = _SWITCHES.get(f"{peer}, {weights}") or _SWITCHES.get(peer) or {}
    return {name: values[kernel] for name, values in found.items() if kernel in values}


def environment(kernel: str, peer: str, weights: str) -> dict[str, str]:
    """This process's, with the peer's switches; flags that are set already stay."""
    changed = switches(kernel, peer, weights)
    if "XLA_FLAGS" in changed and os.environ.get("XLA_FLAGS"):
        changed["XLA_FLAGS"] = f"{os.environ['XLA_FLAGS']} {changed['XLA_FLAGS']}"
    return {**os.environ, **changed}


def describe(kernel: str) -> dict[str, str]:
    """How each peer is held to the kernel's instruction set, or that it is not; empty without a
    kernel."""
    if not kernel:
        return {}
    return {
        peer: " ".join(f"{name}={values[kernel]}" for name, values in found.items()
                       if kernel in values) or NO_SWITCH
        for peer, found in _SWITCHES.items()
    }


def described(held: dict[str, str], peer: str, weights: str) -> str | None:
    """The peer's entry in what `describe` gave."""
    return held.get(f"{peer}, {weights}") or held.get(peer)
