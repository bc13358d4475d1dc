"""Rules that Schemathesis cannot know from openapi.yaml: how arrays are made, and which bodies take
a query."""

import io

import numpy as np
import schemathesis
from hypothesis import strategies as st

FLOATS = st.floats(-4, 4, width=32)


def npy(rows, order, dtype):
    file = io.BytesIO()
    np.save(file, np.array(rows, dtype, order=order))
    return file.getvalue()


def matrices(width):
    return st.lists(st.lists(FLOATS, min_size=width, max_size=width), min_size=1, max_size=4)


schemathesis.openapi.media_type(
    "application/x-npy",
    st.builds(
        npy,
        st.sampled_from([1, 1, 1, 2]).flatmap(matrices),
        st.sampled_from("CF"),
        st.sampled_from(["<f2", "<f4", "<f8", ">f4", "<i4"]),
    ),
)


@schemathesis.hook
def before_call(context, case, kwargs):
    """OpenAPI cannot say that a query goes with one type of body only: JSON goes without."""
    if case.media_type == "application/json":
        case.query = {}
