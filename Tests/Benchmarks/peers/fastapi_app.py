"""The demo heads behind FastAPI; uvicorn runs it, with a worker for every core."""

import torch
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from peers.digits import HeteroscedasticHead, SamplingHead

torch.set_num_threads(1)  # the workers are as many as the cores
HEADS = {"digits-mhs": SamplingHead(), "digits-hetxl": HeteroscedasticHead()}
app = FastAPI()


class PredictRequest(BaseModel):
    """The parts of HeadServe's request that these routes need."""

    model: str
    instances: list[list[float]]


@app.post("/predict")
async def predict(request: PredictRequest) -> JSONResponse:
    """On the event loop itself: handing work this short to a thread would cost more."""
    return JSONResponse({
        "model": {"name": request.model},
        "predictions": HEADS[request.model].predict(request.instances),
    })
