"""Stage 1: Russian word pieces for the English encoder, placed by word alignment.

The pieces are trained on the Russian side of the parallel headlines and appended to the
English vocabulary, so one tokenizer with one normaliser serves both languages. Each new
piece starts as the mean of the English vectors it aligns with under IBM Model 1
(Brown et al., 1993, "The Mathematics of Statistical Machine Translation").
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from services.framing.train.data import Pair

PIECES: Final = 19_500
ITERATIONS: Final = 5
CONTINUATION: Final = "##"

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


def train_pieces(texts: Sequence[str], count: int = PIECES) -> list[str]:
    """Return `count` or fewer Russian pieces, most useful first, as WordPiece writes them."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))  # noqa: S106 - not a secret
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=count + 1_000,
        min_frequency=3,
        continuing_subword_prefix=CONTINUATION,
        special_tokens=["[UNK]"],
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    by_rank = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    return [piece for piece, _ in by_rank if _is_cyrillic(piece)][:count]


def extend_tokenizer(english: str, pieces: Sequence[str]) -> tuple[str, int]:
    """Append `pieces` to the vocabulary of a tokenizer given as JSON.

    Returns the new JSON, without padding or truncation (inference sets its own), and the id
    of the first new piece.
    """
    record: dict[str, Any] = json.loads(english)
    vocabulary: dict[str, int] = record["model"]["vocab"]
    first = len(vocabulary)
    for piece in pieces:
        if piece not in vocabulary:
            vocabulary[piece] = len(vocabulary)
    record["padding"] = None
    record["truncation"] = None
    return json.dumps(record, ensure_ascii=False), first


def align(
    tokenizer: Tokenizer, pairs: Sequence[Pair], iterations: int = ITERATIONS
) -> tuple[IntArray, IntArray, FloatArray]:
    """Fit IBM Model 1, P(Russian piece | English piece), by expectation maximisation.

    Returns three arrays of one length: Russian ids, English ids, expected link counts.
    Position 0 of each English side is [CLS], which plays the empty word.
    """
    russian = [e.ids[1:-1] for e in tokenizer.encode_batch([pair.ru for pair in pairs])]
    english = [e.ids[:-1] for e in tokenizer.encode_batch([pair.en for pair in pairs])]
    ru_of_link, en_of_link, lengths = _links(russian, english)
    size = tokenizer.get_vocab_size()
    keys, link_type = np.unique(ru_of_link * size + en_of_link, return_inverse=True)
    ru_ids, en_ids = keys // size, keys % size
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    probability = np.full(len(keys), 1.0 / size)
    counts = probability
    for _ in range(iterations):
        weight = probability[link_type]
        total = np.add.reduceat(weight, starts)
        counts = np.bincount(link_type, weight / np.repeat(total, lengths), minlength=len(keys))
        per_english = np.bincount(en_ids, counts, minlength=size)
        probability = counts / per_english[en_ids]
    return ru_ids, en_ids, counts


def aligned_vectors(
    vectors: npt.NDArray[np.float32],
    first_new: int,
    size: int,
    links: tuple[IntArray, IntArray, FloatArray],
    empty_word: int | None,
) -> npt.NDArray[np.float32]:
    """Return `size` vectors: the old ones, then one for each new piece.

    A new piece is the mean of the English vectors it links to, weighted by expected count;
    a piece with no link starts as the mean of all old vectors.
    """
    ru_ids, en_ids, counts = links
    chosen = (ru_ids >= first_new) & (en_ids < first_new) & (en_ids != empty_word)
    ru_ids, en_ids, counts = ru_ids[chosen], en_ids[chosen], counts[chosen]
    totals = np.bincount(ru_ids, counts, minlength=size)
    result = np.empty((size, vectors.shape[1]), dtype=np.float32)
    result[:first_new] = vectors
    result[first_new:] = vectors.mean(axis=0)
    weights = counts / np.maximum(totals[ru_ids], 1e-12)
    order = np.argsort(ru_ids, kind="stable")
    ru_ids, en_ids, weights = ru_ids[order], en_ids[order], weights[order]
    present, starts = np.unique(ru_ids, return_index=True)
    for piece, start, end in zip(present, starts, [*starts[1:], len(ru_ids)], strict=True):
        if totals[piece] > 0:
            result[piece] = weights[start:end] @ vectors[en_ids[start:end]]
    return result


def _links(
    russian: Sequence[Sequence[int]], english: Sequence[Sequence[int]]
) -> tuple[IntArray, IntArray, IntArray]:
    ru_parts, en_parts, lengths = [], [], []
    for ru, en in zip(russian, english, strict=True):
        ru_parts.append(np.repeat(np.asarray(ru, dtype=np.int64), len(en)))
        en_parts.append(np.tile(np.asarray(en, dtype=np.int64), len(ru)))
        lengths.append(np.full(len(ru), len(en), dtype=np.int64))
    return np.concatenate(ru_parts), np.concatenate(en_parts), np.concatenate(lengths)


def _is_cyrillic(piece: str) -> bool:
    return any("Ѐ" <= char <= "ӿ" for char in piece)
