"""Arguments that look like something else, and errors of the start that name the whole argument."""

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from running_server import BINARY, FIXTURES, RunningServer, clean_environment, command
from test_commands import NO_MODEL, refusal

LIGHTNING = "epoch=12-val_loss=0.25.ckpt"


@pytest.fixture(scope="module")
def lightning(tmp_path_factory):
    """A folder with a checkpoint under a name as PyTorch Lightning gives it."""
    folder = tmp_path_factory.mktemp("lightning")
    done = command("convert", FIXTURES / "mhe/mhs", "--to", folder / "whole.safetensors")
    assert done.returncode == 0, done.stderr
    (folder / "whole.safetensors").rename(folder / LIGHTNING)
    return folder


def served(*arguments, directory=None, environment=None):
    with RunningServer(*arguments, directory=directory, environment=environment) as server:
        return [model["name"] for model in server.get("/v1/models").json()["models"]]


def refused_in(directory, *arguments):
    done = subprocess.run(
        [BINARY, "serve", "--port", "0", *arguments],
        cwd=directory, env=clean_environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stderr
    return done.stderr


@pytest.mark.parametrize("path", [LIGHTNING, "./" + LIGHTNING])
def test_a_checkpoint_with_equals_signs_in_its_name_is_served_under_a_given_name(lightning, path):
    assert served("--model", f"mine={path}", directory=lightning) == ["mine"]
    assert served("--model", f"mine={lightning / LIGHTNING}") == ["mine"]


@pytest.mark.parametrize("path", [LIGHTNING, "./" + LIGHTNING])
def test_its_own_name_is_no_models_name_and_the_message_says_how_to_give_one(lightning, path):
    log = refused_in(lightning, "--model", path)
    assert f"--model {path}: 'epoch=12-val_loss=0.25' cannot be a model's name" in log
    assert f"as in --model NAME={path}" in log


def test_a_file_that_is_not_there_is_named_by_the_whole_argument(tmp_path):
    log = refused_in(tmp_path, "--model", LIGHTNING)
    assert f"--model {LIGHTNING} (there is no such file, so it was read as NAME=PATH): " in log
    log = refusal(environment={"HEADSERVE_MODEL": "/no/such/model", "HEADSERVE_PORT": "0"})
    assert "HEADSERVE_MODEL /no/such/model: " in log


def test_two_models_of_one_name_are_named():
    first, second = f"a={FIXTURES}/mhe/mhs", f"a={FIXTURES}/mhe/mhs-bfloat16"
    log = refusal("--port", "0", "--model", first, "--model", second)
    assert f"two models are called 'a', --model {first} and --model {second}: " in log


def test_the_environment_can_name_a_path_with_a_comma(lightning, tmp_path):
    checkpoint = lightning / LIGHTNING
    folder = tmp_path / "lr=0.1,wd=0.01"
    shutil.copytree(FIXTURES / "mhe/mhs", folder)
    for text, names in [(f"a={folder}", ["a"]), (f"a={folder},b={folder},c={checkpoint}", list("abc"))]:
        assert served(environment={"HEADSERVE_MODEL": text}) == names
    file = tmp_path / "settings.yaml"
    file.write_text(f"model: ['a={folder}', 'b={checkpoint}']\n")
    assert served("--config", file) == ["a", "b"]


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_an_ipv6_address_may_stand_in_brackets(host):
    process = subprocess.Popen(
        [BINARY, "serve", "--host", host, "--port", "0"], env=clean_environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        line = next(line for line in process.stderr if " listening " in line)
        port = re.search(r"http://\[::1\]:(\d+)", line).group(1)
        with socket.create_connection(("::1", int(port)), timeout=60):
            pass
        assert any(" ready " in line for line in process.stderr)
        # The probe is given the same settings.
        done = command("healthcheck", "--host", host, "--port", port)
        assert (done.returncode, done.stdout) == (0, "ready\n")
    finally:
        process.kill()
        process.communicate()


def test_a_host_that_is_none_is_named():
    assert "--host is '[::1]:8080', expected a name or an address without a port" in refusal(
        "--host", "[::1]:8080")
    for host in ("127.0.0.1:8080", "http://localhost"):
        log = refusal("--host", host, "--port", "0")
        assert f"cannot listen on --host {host} --port 0: cannot resolve {host}" in log
        assert "without scheme and port" in log


def test_an_address_in_use_is_named_with_the_way_out():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        log = refusal("--port", port)
        assert f"cannot listen on --host 127.0.0.1 --port {port}: bind: Address already in use" in log
        assert "give another --port, 0 for any free one" in log
        log = refusal("--port", 0, "--admin-port", port)
        assert f"cannot listen on --host 127.0.0.1 --admin-port {port}: bind" in log


def test_an_address_of_another_machine_is_named():
    """192.0.2.0/24 is for documentation (RFC 5737): no machine has it."""
    log = refusal("--host", "192.0.2.1", "--port", "0")
    assert "--host 192.0.2.1 --port 0: bind: Cannot assign requested address" in log
    assert "this machine has no such address" in log


def test_a_configuration_file_that_cannot_be_read_is_named(tmp_path):
    missing = tmp_path / "settings.yaml"
    log = refusal("--config", missing)
    assert f"--config {missing}: there is no such file, seen from {Path.cwd()}" in log
    assert f"--config {tmp_path}: it is a folder" in refusal("--config", tmp_path)
    log = refused_in(tmp_path, "--config", "settings.yml")
    assert f"--config settings.yml: there is no such file, seen from {tmp_path}" in log


@pytest.mark.parametrize("flags", [
    ("--tls-certificate", "/no/such.pem", "--tls-key", "/no/such.key"),
    ("--api-key-file", "/no/such.keys"),
])
def test_credentials_that_cannot_be_read_are_named_with_their_flag(flags):
    log = refusal("--port", "0", *flags)
    assert f"{flags[0]} {flags[1]}: {flags[1]}: No such file or directory" in log
    assert "give a file that is there and that this user may read" in log
    assert "--tls-key" not in log.partition("cannot serve")[2]
    folder = refusal("--port", "0", flags[0], "/proc", *flags[2:])
    assert f"{flags[0]} /proc: /proc is not a regular file" in folder


# Groups with quotas: a mount namespace of its own stands for the container.

def can_unshare():
    return os.geteuid() == 0 and shutil.which("unshare") is not None and subprocess.run(
        ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True,
    ).returncode == 0


QUOTAS = {
    "version 2, the own group": ("0::/a/b", "/a/b/cpu.max", "100000 100000", 1),
    "version 2, a parent": ("0::/a/b", "/a/cpu.max", "50000 100000", 1),
    "version 2, another group": ("0::/a/b", "/a/c/cpu.max", "100000 100000", None),
    "version 2, no limit": ("0::/a/b", "/a/b/cpu.max", "max 100000", None),
}


@pytest.mark.skipif(not can_unshare(), reason="needs root and a mount namespace")
@pytest.mark.parametrize("name", QUOTAS)
def test_threads_are_at_most_what_the_group_is_granted(name, tmp_path):
    group, file, limit, count = QUOTAS[name]
    (tmp_path / "cgroup").write_text(group + "\n")
    (tmp_path / "mountinfo").write_text("31 24 0:27 / /mnt rw - cgroup2 cgroup2 rw\n")
    script = f"""
        mount -t tmpfs none /sys/fs/cgroup
        mount -t tmpfs none /mnt
        mkdir -p /mnt{os.path.dirname(file)}
        echo '{limit}' > /mnt{file}
        mount --bind {tmp_path}/cgroup /proc/$$/cgroup
        mount --bind {tmp_path}/mountinfo /proc/$$/mountinfo
        exec {BINARY} serve {" ".join(NO_MODEL)}"""
    done = subprocess.run(
        ["unshare", "-m", "sh", "-ec", script], env=clean_environment(), capture_output=True,
        text=True, timeout=60)
    expected = count or len(os.sched_getaffinity(0))
    assert f" threads={expected} " in done.stderr, done.stderr
