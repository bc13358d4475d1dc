"""Classifiers of transformers, configured small, with random weights and tokens."""

from small_models import torchvision_operators  # noqa: F401, before its libraries

import torch
import transformers

from small_models.spreading import spread

ROWS, TOKENS, WORDS = 6, 8, 24
LABELS = ["anger", "fear", "joy", "love", "surprise"]
ENCODER = {
    "vocab_size": WORDS,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "max_position_embeddings": 2 * TOKENS,
}


def classifier(name, seed, **settings):
    """The names for the recipes: the model and a batch of tokens."""

    def names():
        torch.manual_seed(seed)
        labels = dict(enumerate(LABELS))
        config = getattr(transformers, f"{name}Config")(**settings, id2label=labels)
        model = getattr(transformers, f"{name}ForSequenceClassification")(config)
        batch = {
            "input_ids": torch.randint(3, WORDS, (ROWS, TOKENS)),
            "attention_mask": torch.ones(ROWS, TOKENS, dtype=torch.long),
        }
        return {"model": spread(model).eval(), "batch": batch}

    return names


DISTILLED = {
    "vocab_size": WORDS,
    "dim": 16,
    "n_layers": 1,
    "n_heads": 2,
    "hidden_dim": 16,
    "max_position_embeddings": 2 * TOKENS,
}
DECODER = {**ENCODER, "num_key_value_heads": 1, "pad_token_id": 0}

MODELS = {
    "BERT, pooled output": classifier("Bert", 21, **ENCODER),
    "BERT, first token": classifier("Bert", 22, **ENCODER),
    "RoBERTa": classifier("Roberta", 23, **ENCODER),
    "DistilBERT": classifier("DistilBert", 24, **DISTILLED),
    "ELECTRA": classifier("Electra", 25, **ENCODER, embedding_size=8),
    "Llama": classifier("Llama", 26, **DECODER),
}
