"""Small random models of the libraries that RECIPES.md names, a module for each library.

`MODELS` of a module has, for each recipe that it serves, a function that gives the names which the
recipe's lines use: a model, a batch, and perhaps texts that stand for a longer one in the lines.
"""
