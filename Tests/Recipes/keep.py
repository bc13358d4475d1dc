"""Makes all recipes with the real libraries and keeps their files in Tests/Fixtures/recipes.

    .venv-recipes/bin/python Tests/Recipes/keep.py
"""

import shutil
import tempfile
from pathlib import Path

from document import ROOT, recipes
from making import files_of, make
from small_models.all import MODELS

KEPT = ROOT / "Tests/Fixtures/recipes"


def keep(recipe, model):
    with tempfile.TemporaryDirectory() as directory:
        folder, _ = make(recipe, model, Path(directory))
        target = KEPT / recipe.folder
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for file in files_of(folder):
            shutil.copy(file, target / file.name)


if __name__ == "__main__":
    for name, recipe in recipes().items():
        keep(recipe, MODELS[name])
        print(recipe.folder)
