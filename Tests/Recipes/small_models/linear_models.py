"""scikit-learn's logistic regression, fitted to flowers."""

from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier


def flowers(kinds=3):
    """Measures of flowers and the names of their kinds."""
    data = load_iris()
    kept = data.target < kinds
    return data.data[kept], data.target_names[data.target[kept]]


def fitted(classifier, kinds=3):
    """The names for the recipes: a fitted classifier, and rows for it."""

    def names():
        rows, targets = flowers(kinds)
        return {"clf": classifier().fit(rows, targets), "X": rows[::10]}

    return names


def regression():
    return LogisticRegression(max_iter=1000)


MODELS = {
    "scikit-learn, several classes": fitted(regression),
    "scikit-learn, two classes": fitted(regression, kinds=2),
    "scikit-learn, one against the rest": fitted(lambda: OneVsRestClassifier(regression())),
}
