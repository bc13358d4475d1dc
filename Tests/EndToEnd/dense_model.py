"""Models of any size, to see what loading them takes."""

import json
import struct


def dense_model(folder, classes, inputs, weights=None):
    """A softmax head; without weights the file has a hole in their place, which reads as zeros.
    Returns the bytes of its weights."""
    folder.mkdir(parents=True)
    count = 4 * classes * inputs
    tensors = {
        "classifier.weight": [[classes, inputs], [0, count]],
        "classifier.bias": [[classes], [count, count + 4 * classes]],
    }
    header = json.dumps({
        name: {"dtype": "F32", "shape": shape, "data_offsets": place}
        for name, (shape, place) in tensors.items()
    }).encode()
    header += b" " * (-len(header) % 8)
    with open(folder / "checkpoint.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        if weights is not None:
            file.write(weights.astype("<f4").tobytes())
        file.truncate(8 + len(header) + count + 4 * classes)
    settings = {"checkpoint": "checkpoint.safetensors", "head": "dense", "link": "softmax"}
    (folder / "model.json").write_text(json.dumps(settings))
    return count
