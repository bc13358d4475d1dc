"""How peers are held to an instruction set: what is set for each of them, and what is said."""

import pytest
from isa_limits import NO_SWITCH, describe, described, environment, switches
from running_server import command


def test_every_peer_has_the_switches_of_its_libraries():
    pytorch = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2",
               "MKL_ENABLE_INSTRUCTIONS": "AVX2"}
    assert set_for("OpenVINO", "bfloat16") == {"ONEDNN_MAX_CPU_ISA": "AVX2"}
    assert set_for("PyTorch") == pytorch == set_for("PyTorch", "bfloat16")
    assert set_for("FastAPI + PyTorch") == pytorch == set_for("LitServe + PyTorch")
    assert set_for("JAX") == {"XLA_FLAGS": "--xla_cpu_max_isa=AVX2"}
    assert set_for("OpenVINO") == {} == set_for("ONNX Runtime") == set_for("nginx, same bytes")


def set_for(peer, weights="float32"):
    return switches("avx2", peer, weights)


def test_without_a_kernel_nothing_is_set():
    assert switches("", "PyTorch", "float32") == {} and describe("") == {}


def test_a_kernel_of_other_processors_has_no_switches():
    assert set(describe("neon").values()) == {NO_SWITCH}


def test_every_kernel_of_this_machine_is_known_or_has_no_switch():
    message = command("bench", "mhs", "--kernel", "none").stderr
    kernels = message.split("can run: ")[1].strip().split(", ")
    assert "baseline" in kernels
    for kernel in kernels:
        known = kernel in ("baseline", "avx2", "avx512", "avx512-bf16")
        assert bool(switches(kernel, "PyTorch", "float32")) == known


def test_what_is_done_is_said():
    said = describe("avx512")
    assert described(said, "OpenVINO", "bfloat16") == "ONEDNN_MAX_CPU_ISA=AVX512_CORE"
    assert described(said, "OpenVINO", "float32") == NO_SWITCH
    assert described(said, "JAX", "float32") == "XLA_FLAGS=--xla_cpu_max_isa=AVX512"
    assert described(said, "nginx, same bytes", "float32") is None
    assert said["ONNX Runtime"] == NO_SWITCH


@pytest.mark.parametrize(("flags", "expected"), [
    (None, "--xla_cpu_max_isa=AVX2"), ("", "--xla_cpu_max_isa=AVX2"),
    ("--xla_a=b", "--xla_a=b --xla_cpu_max_isa=AVX2"),
])
def test_flags_that_are_set_stay(monkeypatch, flags, expected):
    if flags is None:
        monkeypatch.delenv("XLA_FLAGS", raising=False)
    else:
        monkeypatch.setenv("XLA_FLAGS", flags)
    monkeypatch.setenv("KEPT", "yes")
    found = environment("avx2", "JAX", "float32")
    assert found["XLA_FLAGS"] == expected and found["KEPT"] == "yes"
