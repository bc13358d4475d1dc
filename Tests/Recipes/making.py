"""Makes the folder of a recipe: runs its lines beside a small model of the real library."""

import contextlib
import json

import numpy as np

HEAD = "my-head"


def make(recipe, model, directory):
    """Runs the recipe's lines in a directory with the names that the function `model` gives.

    A name that is no identifier is a text of the lines, and its value takes its place. Returns the
    folder and all names that there are at the end.
    """
    (directory / HEAD).mkdir()
    with contextlib.chdir(directory):
        names = model()
        exec(compile(substituted(recipe.lines, names), recipe.name, "exec"), names)
    describe(recipe, directory / HEAD)
    return directory / HEAD, names


def substituted(lines, names):
    for text in names:
        if not text.isidentifier():
            assert text in lines
            lines = lines.replace(text, names[text])
    return lines


def describe(recipe, folder):
    """Writes the recipe's model.json, where its lines do not."""
    if recipe.manifest is not None:
        (folder / "model.json").write_text(json.dumps(recipe.manifest) + "\n")


def files_of(folder):
    """The files that HeadServe reads of a recipe's folder."""
    manifest = json.loads((folder / "model.json").read_text())
    names = ["model.json", "expected.npz", manifest["checkpoint"]]
    return [folder / name for name in [*names, *filter(None, [manifest.get("labels")])]]


def recorded(folder):
    """The instances, the library's probabilities, and the draws behind them; None: exact ones."""
    with np.load(folder / "expected.npz") as arrays:
        draws = int(arrays["samples"]) if "samples" in arrays else None
        return arrays["features"], arrays["probabilities"], draws
