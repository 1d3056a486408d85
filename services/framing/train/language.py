"""Stages `vocabulary` and `distil`: an English encoder learns to read Russian."""

from __future__ import annotations

import logging
from typing import Final

import torch
from tokenizers import Tokenizer

from services.framing.train import vocabulary
from services.framing.train.data import read_pairs, read_training_rows
from services.framing.train.distil import DistilSettings, agreement, distil, embed
from services.framing.train.encoder import (
    encode_texts,
    encoder_folder,
    load_encoder,
    save_encoder,
    set_vectors,
)
from services.framing.train.run import Run

log = logging.getLogger(__name__)
_HELD_OUT: Final = 1_000  # pairs kept from distillation, to measure it


def add_russian(run: Run) -> None:
    """Extend vocabulary and vectors of the encoder by the Russian pieces."""
    source = encoder_folder(run.encoder)
    pairs = read_pairs(run.shared)
    pieces = vocabulary.train_pieces([pair.ru for pair in pairs])
    english = (source / "tokenizer.json").read_text(encoding="utf-8")
    extended, first = vocabulary.extend_tokenizer(english, pieces)
    tokenizer_file = run.work / "tokenizer.json"
    tokenizer_file.write_text(extended, encoding="utf-8")
    tokenizer = Tokenizer.from_str(extended)
    links = vocabulary.align(tokenizer, pairs)
    encoder = load_encoder(source)
    vectors = vocabulary.aligned_vectors(
        encoder.get_input_embeddings().weight.detach().numpy(),
        first,
        tokenizer.get_vocab_size(),
        links,
        tokenizer.token_to_id("[CLS]"),
    )
    set_vectors(encoder, torch.from_numpy(vectors))
    save_encoder(encoder, tokenizer_file, run.work / "extended")


def distil_russian(run: Run) -> None:
    """Distil the English teacher into the extended encoder on the parallel headlines."""
    folder = run.work / "extended"
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    pairs = read_pairs(run.shared)
    labelled = [f"{r.title} {r.lead}" for r in read_training_rows(run.shared) if r.language == "en"]
    settings = DistilSettings()
    russian = encode_texts(tokenizer, [pair.ru for pair in pairs], settings.limit)
    english_texts = [pair.en for pair in pairs] + labelled
    english = encode_texts(tokenizer, english_texts, settings.limit)
    targets = _teacher_vectors(run, english_texts, settings.limit)
    log.info("teacher vectors ready: %d", len(targets))
    student = load_encoder(folder)
    check = range(0, len(pairs), len(pairs) // _HELD_OUT)
    held_out, train = list(check), sorted(set(range(len(pairs))) - set(check))
    rows = [russian[i] for i in held_out]
    log.info("before: cosine %.3f found %.3f", *agreement(student, rows, targets[held_out]))
    english_rest = list(range(len(pairs), len(english)))
    distil(
        student,
        [russian[i] for i in train],
        [english[i] for i in train + english_rest],
        targets[train + english_rest],
        settings,
        run.seed,
    )
    log.info("after: cosine %.3f found %.3f", *agreement(student, rows, targets[held_out]))
    rows = [english[i] for i in held_out]
    log.info("English: cosine %.3f found %.3f", *agreement(student, rows, targets[held_out]))
    save_encoder(student, folder / "tokenizer.json", run.work / "distilled")


def _teacher_vectors(run: Run, texts: list[str], limit: int) -> torch.Tensor:
    """Embed `texts` as the teacher reads them: with its own vocabulary, not the extended one."""
    cache = run.work / "teacher.pt"
    if not cache.exists():
        source = encoder_folder(run.encoder)
        tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
        tokenizer.no_padding()
        torch.save(embed(load_encoder(source), encode_texts(tokenizer, texts, limit)), cache)
    vectors: torch.Tensor = torch.load(cache)
    return vectors
