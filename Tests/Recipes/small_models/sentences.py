"""A sentence encoder of sentence-transformers: a tokeniser of whole words before a small BERT."""

import tempfile
from pathlib import Path

from small_models import torchvision_operators  # noqa: F401, before its libraries

import torch
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

from small_models.spreading import spread

ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
"""The encoder that the recipes name, for which the small one stands."""
WIDTH = 16
WORDS = """[PAD] [UNK] [CLS] [SEP] My The It I not parcel was charged twice card broke late screen
stays black refund me please day after a . ?""".split()


def small_encoder(folder):
    """Writes the encoder as the library does and returns its folder."""
    torch.manual_seed(51)
    vocabulary = {word: index for index, word in enumerate(WORDS)}
    tokeniser = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokeniser.pre_tokenizer = Whitespace()
    marks = [(mark, vocabulary[mark]) for mark in ("[CLS]", "[SEP]")]
    tokeniser.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=marks)
    config = transformers.BertConfig(
        vocab_size=len(WORDS), hidden_size=WIDTH, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=WIDTH, max_position_embeddings=32)
    bert = folder / "bert"
    spread(transformers.BertModel(config)).save_pretrained(bert)
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokeniser, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
        sep_token="[SEP]", model_max_length=32,
    ).save_pretrained(bert)
    words = modules.Transformer(str(bert))
    encoder = SentenceTransformer(modules=[words, modules.Pooling(WIDTH), modules.Normalize()])
    encoder.save(str(folder / "encoder"))
    return folder / "encoder"


def sentence_encoder():
    return {ENCODER: str(small_encoder(Path(tempfile.mkdtemp())))}


def setfit(topics):
    """A SetFit model whose head has been fitted to the encoder's rows of three texts."""
    from setfit import SetFitModel

    encoder = SentenceTransformer(sentence_encoder()[ENCODER])
    texts = ["My parcel was late.", "I was charged twice.", "The screen stays black."] * 2
    head = LogisticRegression(C=10).fit(encoder.encode(texts), topics * 2)
    return {"model": SetFitModel(model_body=encoder, model_head=head), "texts": texts[:3]}


MODELS = {
    "Text to labels": sentence_encoder,
    "SetFit": lambda: setfit(["delivery", "payment", "fault"]),
    "SetFit, two classes": lambda: setfit(["other", "payment", "other"]),
}
