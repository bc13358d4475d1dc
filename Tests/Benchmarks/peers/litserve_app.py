"""digits-mhs behind LitServe, batched: `python -m peers.litserve_app PORT CORES`."""

import sys

import litserve
import torch

from peers.digits import SamplingHead

LARGEST_BATCH = 64
LONGEST_WAIT = 0.001
"""Seconds that a batch may fill for. Without a wait, LitServe's worker polls in a loop and takes a
core from its own API servers; without batches it answers fewer requests a second."""


class SamplingAPI(litserve.LitAPI):
    """One instance a request; LitServe gathers requests into batches."""

    def setup(self, device):
        torch.set_num_threads(1)
        self.head = SamplingHead()

    def decode_request(self, request):
        return request["instances"][0]

    def batch(self, inputs):
        return inputs

    def predict(self, instances):
        return self.head.predict(instances)

    def unbatch(self, output):
        return output

    def encode_response(self, output):
        return {"model": {"name": "digits-mhs"}, "predictions": [output]}


if __name__ == "__main__":
    port, cores = map(int, sys.argv[1:])
    api = SamplingAPI(max_batch_size=LARGEST_BATCH, batch_timeout=LONGEST_WAIT)
    server = litserve.LitServer(api, accelerator="cpu")
    server.run(
        host="127.0.0.1", port=port, num_api_servers=cores, log_level="warning",
        generate_client_file=False, access_log=False)
