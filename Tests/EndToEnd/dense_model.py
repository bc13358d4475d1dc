"""Models of any size, to see what loading them takes."""

import json
import struct


def dense_model(folder, classes, inputs, weights=None, bias=None, version="1", layer="classifier"):
    """A softmax head; the file has a hole in the place of what is not given, which reads as zeros.
    A model that is there is replaced, its checkpoint by renaming: a file that is being read must
    not be cut. Returns the bytes of its weights."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 4 * classes * inputs
    tensors = {
        f"{layer}.weight": [[classes, inputs], [0, count]],
        f"{layer}.bias": [[classes], [count, count + 4 * classes]],
    }
    header = json.dumps({
        name: {"dtype": "F32", "shape": shape, "data_offsets": place}
        for name, (shape, place) in tensors.items()
    }).encode()
    header += b" " * (-len(header) % 8)
    written = folder / "next.safetensors"
    with open(written, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        if weights is not None:
            file.write(weights.astype("<f4").tobytes())
        if bias is not None:
            file.seek(8 + len(header) + count)
            file.write(struct.pack(f"<{classes}f", *bias))
        file.truncate(8 + len(header) + count + 4 * classes)
    written.replace(folder / "checkpoint.safetensors")
    settings = {
        "checkpoint": "checkpoint.safetensors", "head": "dense", "link": "softmax",
        "version": version,
    }
    (folder / "model.json").write_text(json.dumps(settings))
    return count
