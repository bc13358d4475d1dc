"""CLIP and SigLIP of transformers, configured small, with random weights, texts and images."""

from small_models import torchvision_operators  # noqa: F401, before its libraries

import torch
import transformers

from small_models.spreading import spread

IMAGES, LABELS, TOKENS, WORDS, SIDE, WIDTH = 6, 4, 5, 24, 16, 16
LAYERS = {
    "hidden_size": WIDTH,
    "intermediate_size": WIDTH,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
}
TEXT = {
    **LAYERS,
    "vocab_size": WORDS,
    "max_position_embeddings": TOKENS,
    "bos_token_id": 1,
    "eos_token_id": WORDS - 1,
    "pad_token_id": 0,
}
VISION = {**LAYERS, "image_size": SIDE, "patch_size": 8}


def batches():
    """Tokens of the labels, each ending as the tokenisers end a text, and pixels of the images."""
    tokens = torch.randint(2, WORDS - 1, (LABELS, TOKENS))
    tokens[:, -1] = WORDS - 1
    return {
        "names": ["cat", "dog", "horse", "ship"],
        "texts": {"input_ids": tokens},
        "images": {"pixel_values": torch.randn(IMAGES, 3, SIDE, SIDE)},
    }


def clip():
    torch.manual_seed(41)
    config = transformers.CLIPConfig(
        text_config=TEXT, vision_config=VISION, projection_dim=WIDTH)
    return {"model": spread(transformers.CLIPModel(config)).eval(), **batches()}


def siglip():
    """Its scale and bias are near those that training ends with: logits around zero."""
    torch.manual_seed(42)
    config = transformers.SiglipConfig(text_config=TEXT, vision_config=VISION)
    model = spread(transformers.SiglipModel(config)).eval()
    with torch.no_grad():
        model.logit_scale.fill_(2.0)
        model.logit_bias.fill_(-1.5)
    return {"model": model, **batches()}


MODELS = {"CLIP": clip, "SigLIP": siglip}
