"""Draws the README's plot: the error of a probability against samples, for both estimators.

`plot.py` draws what errors.json holds; `plot.py --measure` asks a server first, and keeps the figures
there. The row is the README's digit between 8 and 3.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from math import ceil, floor, log10
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
DATA = FOLDER / "errors.json"
PICTURE = FOLDER / "error-against-samples.svg"
IMAGE, LABEL = 149, 8
SEEDS = 256
SAMPLES = [16 << step for step in range(13)]
TRUTH_SAMPLES, TRUTH_SEED = 1 << 22, 1 << 40

LINES = {"monte-carlo": ("independent draws", "#b3541e"),
         "quasi-monte-carlo": ("quasi-Monte-Carlo", "#1d5c99")}
WIDTH, HEIGHT = 640, 380
LEFT, RIGHT, TOP, BOTTOM = 70, 34, 46, 52


def measure() -> dict:
    """The root of the mean square error over seeds, by estimator and samples."""
    import numpy as np
    from answers import Asking
    from heads import DIGITS
    from running_server import FIXTURES
    image = np.load(FIXTURES / "models/digits-hetxl/expected.npz")["features"][[IMAGE]]

    with Asking([("digits", DIGITS)]) as asking:
        def estimates(seeds, **parameters):
            rows = np.repeat(image, len(seeds), axis=0)
            found = asking.all_classes("digits", rows, seeds, 10, **parameters)
            return found.probability[:, LABEL]

        truth = float(estimates(
            [TRUTH_SEED], estimator="quasi-monte-carlo", samples=TRUTH_SAMPLES)[0])
        errors = {
            estimator: [
                float(np.sqrt(((estimates(
                    range(SEEDS), estimator=estimator, samples=samples) - truth)**2).mean()))
                for samples in SAMPLES]
            for estimator in LINES}
    return {"probability": truth, "seeds": SEEDS, "samples": SAMPLES, "errors": errors}


class Axes:
    """Places of logarithms in the picture."""

    def __init__(self, data: dict):
        values = [value for line in data["errors"].values() for value in line]
        self.x = (log10(data["samples"][0]), log10(data["samples"][-1]))
        self.y = (floor(log10(min(values))), ceil(log10(max(values))))

    def place(self, samples: float, error: float) -> tuple[float, float]:
        across = (log10(samples) - self.x[0]) / (self.x[1] - self.x[0])
        up = (log10(error) - self.y[0]) / (self.y[1] - self.y[0])
        return (LEFT + across * (WIDTH - LEFT - RIGHT),
                HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM))

    def grid(self) -> list[str]:
        found = []
        for power in range(self.y[0], self.y[1] + 1):
            x, y = self.place(10**self.x[0], 10**power)
            found += [_rule(x, y, WIDTH - RIGHT, y),
                      _text(x - 8, y + 4, f"{10.0**power:g}" if power > -5 else f"1e{power}", "end")]
        for samples in (16, 100, 1000, 10_000, 65_536):
            x, y = self.place(samples, 10**self.y[0])
            found += [_rule(x, y, x, TOP), _text(x, y + 18, f"{samples:,}", "middle")]
        return found


def drawn(data: dict) -> str:
    """The picture as SVG."""
    axes = Axes(data)
    title = (f"Error of a probability of {data['probability']:.2f}, "
             f"root mean square over {data['seeds']} seeds")
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _text(LEFT, 26, title, "start"), *axes.grid(),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "samples", "middle")]
    for estimator, (name, colour) in LINES.items():
        places = [axes.place(*pair) for pair in zip(
            data["samples"], data["errors"][estimator], strict=True)]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        x, y = places[len(places) * 2 // 3]
        parts.append(_text(x + 6, y - 10, name, "start", colour))
    body = "\n".join(parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="13" role="img">'
            f"\n<title>{title}</title>\n{body}\n</svg>\n")


def _rule(x0: float, y0: float, x1: float, y1: float) -> str:
    return f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}" stroke="#d8d8d8"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#333333") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">'
            f"{text}</text>")


def main() -> int:
    parser = argparse.ArgumentParser(prog="plot", description=__doc__.splitlines()[0])
    parser.add_argument("--measure", action="store_true", help="ask a server first")
    parser.add_argument("--server", metavar="PATH", help="binary (.build/release/headserve)")
    options = parser.parse_args()
    if options.server:
        os.environ["HEADSERVE_BINARY"] = options.server
    if options.measure:
        DATA.write_text(json.dumps(measure(), indent=1) + "\n")
    PICTURE.write_text(drawn(json.loads(DATA.read_text())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
