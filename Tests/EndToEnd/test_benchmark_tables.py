"""The benchmarks' arithmetic and tables, on recorded figures: no peer is needed."""

import json
import subprocess
import sys

import pytest
from budget import Budget
from figures import Case, Cell, Report
from open_section import OpenSection, Work, take_turns
from peers.__main__ import failure
from running_server import REPOSITORY
from serving.contestants import NGINX, require_agreement
from table import number, render
from turns import Measurement, Plan, Unavailable

RECORDED = REPOSITORY / "Tests/EndToEnd/golden/bench_run.json"


@pytest.fixture
def report():
    return Report.from_json(json.loads(RECORDED.read_text()))


def rows(text):
    """The cells of every table row, by the row's label."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in cells}


def test_every_cell_shows_its_figure_or_why_there_is_none(report):
    table = rows(render(report))
    assert table["HET-XL"] == ["HeadServe (avx2)", "JAX"]
    # 616 / 22 = 28, and 640 / 20, 600 / 25 in the rounds where the ratio was highest and lowest
    assert table["batch 1"] == [
        "22.0 ms a row (88% of the limit)", "616 ms a row, 28.0× (24.0–32.0)"]
    assert table["batch 4"] == ["0.0412 ms a row", "not installed: jax"]
    # More is better: 48,000 / 93,000 with 46,000 / 93,000 and 48,000 / 92,000; 48,000 / 1,200
    assert table["digits-mhs"] == [
        "48,000 /s", "93,000 /s, 0.516× (0.495–0.522)", "1,200 /s, 40.0× (36.8–50.0)"]
    assert table["digits-hetxl"] == ["not built", "91,000 /s", "–"]


def test_a_table_is_markdown_with_columns_that_line_up(report):
    tables = [part.splitlines() for part in render(report).split("\n\n") if part.startswith("|")]
    assert len(tables) == 2
    for lines in tables:
        assert set(lines[1]) == set("|- ")
        assert len({len(line) for line in lines}) == 1
        assert len({line.count("|") for line in lines}) == 1


def test_machine_peers_and_remarks_are_named(report):
    text = render(report)
    assert "Some processor, 2 cores, 16 GB; avx2 fma" in text
    assert "float32_gigaflops_per_second 234" in text
    assert "JAX 0.10.2, nginx 1.22.1" in text and "Both draw inside the call." in text


def test_json_keeps_the_figures_and_adds_what_follows_from_them(report):
    value = json.loads(json.dumps(report.to_json()))
    assert Report.from_json(value) == report
    own, peer = value["sections"][0]["cases"][0]["cells"]
    assert own["median"] == 22 and own["ratio"] is None
    assert peer["ratio"] == {"middle": 28, "low": 24, "high": 32}


def test_a_contestant_that_failed_has_no_figure():
    case = Case("x", "ms", [Cell("HeadServe", [2.0]), Cell("peer", [4.0], reason="failed: x")])
    assert case.cell("peer").median is None and case.ratio("peer") is None


@pytest.mark.parametrize(("value", "text"), [
    (0.0521949, "0.0522"), (0.13, "0.130"), (0.99949, "0.999"), (0.9996, "1.00"), (9.994, "9.99"),
    (9.996, "10.0"), (99.94, "99.9"), (99.96, "100"), (999.4, "999"), (999.6, "1,000"),
    (92345.6, "92,346"),
])
def test_three_significant_digits(value, text):
    assert number(value) == text


@pytest.mark.parametrize(("text", "reason"), [
    ("a\nb: the cause\n\n", "b: the cause"), ("one", "one"), ("", "no reason given"),
    ("x" * 200, "x" * (120 - len("failed: ValueError: "))),
])
def test_a_reason_is_one_short_line(text, reason):
    assert failure(ValueError(text)) == f"failed: ValueError: {reason}"


class Recorder:
    """A contestant that notes its turns; it fails when its figures run out."""

    def __init__(self, name, figures, turns):
        self.name, self.figures, self.turns = name, iter(figures), turns

    def measure(self, rows, seconds):
        self.turns.append(self.name)
        for figure in self.figures:
            return Measurement(figure)
        raise Unavailable("ended: no more")

    def close(self):
        pass


def test_contestants_take_turns_and_one_that_fails_is_left_out(tmp_path):
    turns = []
    contestants = [Recorder("A", [8, 4, 12], turns), Recorder("B", [16], turns)]
    plan = Plan(binary=tmp_path, rounds=3, seconds=1, cores=2)
    table = OpenSection(plan, "x", Budget(None))
    take_turns(table, "X", [Work("batch 4", contestants, rows=4)], [], a_row=True)
    (case,) = table.section().cases
    assert turns == ["A", "B", "A", "B", "A"]
    assert case.unit == "ms a row" and case.cell("A").rounds == [2, 1, 3]
    assert case.cell("B").reason == "ended: no more" and case.cell("B").rounds == []


def answer(*entries):
    top = [{"index": k, "probability": p, "standard_error": error} for k, p, error in entries]
    return json.dumps({"predictions": [{"top_k": top}]}).encode()


@pytest.mark.parametrize(("found", "agrees"), [
    (answer((8, 0.7009, 0), (3, 0.2, 0)), True),
    (answer((8, 0.7011, 0), (3, 0.2, 0)), False),
    (answer((8, 0.7, 0), (1, 0.2, 0)), True),  # one of the tail changed places
    (answer((3, 0.2, 0)), False),
    (b'{"predictions": []}', False),
    (b"busy", False),
])
def test_a_peer_that_computes_something_else_is_not_timed(found, agrees):
    reference = answer((8, 0.7, 0), (3, 0.2, 0))
    if agrees:
        require_agreement("peer", "digits-mhs", found, reference)
    else:
        with pytest.raises(Unavailable):
            require_agreement("peer", "digits-mhs", found, reference)


def test_an_estimate_may_be_off_by_its_standard_errors():
    reference = answer((8, 0.7, 0.01))  # 1e-3 + 6 √2 · 0.01 = 0.0859
    require_agreement("peer", "digits-hetxl", answer((8, 0.785, 0)), reference)
    with pytest.raises(Unavailable):
        require_agreement("peer", "digits-hetxl", answer((8, 0.787, 0)), reference)


def test_nginx_has_to_answer_the_same_bytes():
    require_agreement(NGINX, "digits-mhs", b"x", b"x")
    with pytest.raises(Unavailable):
        require_agreement(NGINX, "digits-mhs", b"x ", b"x")


def test_a_recorded_run_is_shown_without_any_peer():
    program = REPOSITORY / "Tests/Benchmarks/bench.py"
    done = subprocess.run(
        [sys.executable, program, "--show", RECORDED, "--markdown"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "28.0× (24.0–32.0)" in done.stdout and "Both draw" not in done.stdout


@pytest.mark.parametrize(("chosen", "other"), [
    (["--show", str(RECORDED)], ["--kernel", "avx2"]),
    (["--show", str(RECORDED)], ["--time", "300"]),
    (["--show", str(RECORDED)], ["--quick"]),
    (["--quick"], ["--rounds", "5"]),
    (["--quick"], ["--seconds", "2"]),
])
def test_an_option_without_an_effect_is_refused(chosen, other):
    program = REPOSITORY / "Tests/Benchmarks/bench.py"
    done = subprocess.run(
        [sys.executable, program, *chosen, *other], capture_output=True, text=True)
    assert done.returncode == 2 and done.stdout == ""
    assert f"leave out {other[0]}" in done.stderr
