"""The demo heads behind LitServe, batched: `python -m peers.litserve_app PORT CORES`."""

import sys

import litserve
import torch

from peers.digits import HeteroscedasticHead, SamplingHead

LARGEST_BATCH = 64
LONGEST_WAIT = 0.001
"""Seconds that a batch may fill for. Without a wait, LitServe's worker polls in a loop and takes a
core from its own API servers; without batches it answers fewer requests a second. So it does with a
worker for each of two cores: of digits-mhs two thirds, of digits-hetxl nine tenths."""


class DigitsAPI(litserve.LitAPI):
    """One instance a request; LitServe gathers requests into batches."""

    def setup(self, device):
        torch.set_num_threads(1)
        self.heads = {"digits-mhs": SamplingHead(), "digits-hetxl": HeteroscedasticHead()}

    def decode_request(self, request):
        return request["model"], request["instances"][0]

    def batch(self, inputs):
        return inputs

    def predict(self, inputs):
        """Computes a batch's requests for one model together."""
        answers = [None] * len(inputs)
        for model, head in self.heads.items():
            places = [place for place, (name, _) in enumerate(inputs) if name == model]
            if places:
                predictions = head.predict([inputs[place][1] for place in places])
                for place, prediction in zip(places, predictions, strict=True):
                    answers[place] = {"model": {"name": model}, "predictions": [prediction]}
        return answers

    def unbatch(self, output):
        return output

    def encode_response(self, output):
        return output


if __name__ == "__main__":
    port, cores = map(int, sys.argv[1:])
    api = DigitsAPI(max_batch_size=LARGEST_BATCH, batch_timeout=LONGEST_WAIT)
    server = litserve.LitServer(api, accelerator="cpu")
    server.run(
        host="127.0.0.1", port=port, num_api_servers=cores, log_level="warning",
        generate_client_file=False, access_log=False)
