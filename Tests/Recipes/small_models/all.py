"""The models of all libraries, by the names of the recipes that they serve."""

from small_models import (
    baselines,
    clip_models,
    hugging_face,
    image_models,
    linear_models,
    multi_head,
    sentences,
)

MODULES = [
    baselines, clip_models, hugging_face, image_models, linear_models, multi_head, sentences]
MODELS = {name: model for module in MODULES for name, model in module.MODELS.items()}
