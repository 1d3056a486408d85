"""Coded rows and unlabelled texts as training examples."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from services.domain.codebook import FRAMES, RELATIONS, US
from services.framing.passages import headline_text
from services.framing.train.data import LabelledRow
from services.framing.train.encoder import MAX_TOKENS, encode_texts
from services.framing.train.finetune import Examples, Logits


def row_tokens(tokenizer: Tokenizer, rows: Sequence[LabelledRow]) -> list[list[int]]:
    """Return the token ids of each row's headline passage, as inference reads it."""
    texts = [headline_text(row.title, row.lead) for row in rows]
    return encode_texts(tokenizer, texts, MAX_TOKENS)


def coded_examples(tokenizer: Tokenizer, rows: Sequence[LabelledRow]) -> Examples:
    """Return `rows` as examples with their codes as targets.

    A row is read with its lead twice as often as without, so that a bare headline is
    nothing new; a Russian row is now and then read in translation.
    """
    texts = []
    for row in rows:
        full = headline_text(row.title, row.lead)
        variants = [full, full, headline_text(row.title, "")] if row.lead else [full]
        if row.translation:
            variants = [full, full, row.translation]
        texts.append(variants)
    us, relations, frames = row_targets(rows)
    return Examples(_encode(tokenizer, texts), us, relations, frames, torch.ones(len(rows)))


def soft_examples(
    tokenizer: Tokenizer, texts: Sequence[Sequence[str]], targets: Logits, weight: float
) -> Examples:
    """Return unlabelled `texts` (each a list of wordings of one thing) as examples with
    probabilities as targets.
    """
    us, relations, frames = targets
    return Examples(
        _encode(tokenizer, texts), us, relations, frames, torch.full((len(texts),), weight)
    )


def row_targets(rows: Sequence[LabelledRow]) -> tuple[Tensor, Tensor, Tensor]:
    """Return the codes as zeros and ones: us [n, 4], relations [n, 4], frames [n, 19]."""
    us = functional.one_hot(torch.tensor([row.us for row in rows]), len(US))
    relations = functional.one_hot(torch.tensor([row.relations for row in rows]), len(RELATIONS))
    frames = torch.zeros(len(rows), len(FRAMES))
    for number, row in enumerate(rows):
        frames[number, list(row.frames)] = 1.0
    return us.float(), relations.float(), frames


def _encode(tokenizer: Tokenizer, texts: Sequence[Sequence[str]]) -> list[list[list[int]]]:
    flat = [text for variants in texts for text in variants]
    rows = iter(encode_texts(tokenizer, flat, MAX_TOKENS))
    return [[next(rows) for _ in variants] for variants in texts]
