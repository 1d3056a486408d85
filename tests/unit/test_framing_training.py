"""The parts of training that need no PyTorch: data, Russian vocabulary, alignment, scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from services.domain.prediction import FramingOutcome
from services.errors import ConfigurationError
from services.framing.classifier import FramingResult
from services.framing.train.data import (
    EVAL_FILES,
    PARALLEL_FILE,
    TRAIN_FILES,
    Pair,
    read_pairs,
    read_training_rows,
)
from services.framing.train.scores import _choice_scores, calibration_error
from services.framing.train.vocabulary import align, aligned_vectors, extend_tokenizer, train_pieces

PAIRS = [
    Pair("кошка спит", "cat sleeps"),
    Pair("кошка ест", "cat eats"),
    Pair("собака спит", "dog sleeps"),
    Pair("собака ест", "dog eats"),
] * 5


def _english_tokenizer() -> str:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "cat", "dog", "sleeps", "eats"]
    tokenizer = Tokenizer(
        models.WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.enable_padding()
    return tokenizer.to_str()


def test_new_pieces_follow_the_old_vocabulary_and_old_ids_stay() -> None:
    extended, first = extend_tokenizer(_english_tokenizer(), ["кошка", "спит", "cat"])
    tokenizer = Tokenizer.from_str(extended)
    assert first == 8
    assert tokenizer.encode("Cat кошка").ids == [2, 4, 8, 3]
    assert tokenizer.get_vocab_size() == 10


def test_pieces_are_cyrillic_and_normalised() -> None:
    pieces = train_pieces(["Ёлка и йод, made in USA 2024"] * 5)
    assert "елка" in pieces
    assert all(any("а" <= char <= "я" for char in piece) for piece in pieces)


def test_alignment_finds_translations_and_places_new_words_there() -> None:
    extended, first = extend_tokenizer(_english_tokenizer(), ["кошка", "собака", "спит", "ест"])
    tokenizer = Tokenizer.from_str(extended)
    links = align(tokenizer, PAIRS, iterations=10)
    vectors = aligned_vectors(np.eye(8, dtype=np.float32), first, 12, links, empty_word=2)
    found = [int(vectors[tokenizer.token_to_id(word)].argmax()) for word in ("кошка", "ест")]
    assert found == [tokenizer.token_to_id("cat"), tokenizer.token_to_id("eats")]
    assert np.array_equal(vectors[:8], np.eye(8, dtype=np.float32))
    assert vectors[8:].sum(axis=1) == pytest.approx(1.0, abs=1e-5)


def _row(title: str, **fields: Any) -> dict[str, Any]:
    return {
        "title": title,
        "lead": "",
        "us": "absent",
        "relations": "absent",
        "frames": [],
        **fields,
    }


def _write_shared(
    folder: Path, train: list[dict[str, Any]], held_out: list[dict[str, Any]]
) -> None:
    for name in (*TRAIN_FILES, *EVAL_FILES.values()):
        rows = {TRAIN_FILES[0]: train, EVAL_FILES["ru"]: held_out}.get(name, [])
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def test_a_title_of_the_evaluation_set_is_never_trained_on(tmp_path: Path) -> None:
    _write_shared(tmp_path, [_row("Same, words!"), _row("Other words")], [_row("same words")])
    assert [row.title for row in read_training_rows(tmp_path)] == ["Other words"]


def test_a_row_outside_the_codebook_is_named(tmp_path: Path) -> None:
    _write_shared(tmp_path, [_row("Fine"), _row("Wrong", us="angry")], [])
    with pytest.raises(ConfigurationError, match=r"passages\.jsonl, row 2"):
        read_training_rows(tmp_path)


def test_missing_data_is_named(tmp_path: Path) -> None:
    _write_shared(tmp_path, [], [])
    with pytest.raises(ConfigurationError, match=f"{Path(PARALLEL_FILE).name} is missing"):
        read_pairs(tmp_path)


def test_calibration_error_is_the_mean_gap() -> None:
    stated = np.array([0.85] * 10 + [0.15] * 10)
    observed = np.array([True] * 10 + [False] * 10)
    assert calibration_error(stated, observed) == pytest.approx(0.15)


def test_macro_f1_counts_the_classes_that_occur() -> None:
    def result(name: str) -> FramingResult:
        p = {
            other: float(other == name) for other in ("hostile", "favourable", "neutral", "absent")
        }
        return FramingResult(outcome=FramingOutcome.CLASSIFIED, us=name, us_p=p)

    given = [result("hostile"), result("absent"), result("absent"), result("absent")]
    scores = _choice_scores(tuple(given[0].us_p or ()), [0, 0, 3, 3], given, "us")
    assert scores["classes"]["hostile"]["f1"] == pytest.approx(2 / 3, abs=1e-4)
    assert scores["macro_f1"] == pytest.approx((2 / 3 + 0.8) / 2, abs=1e-4)
    assert scores["accuracy"] == 0.75
