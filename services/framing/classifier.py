"""The framing classifier: articles in, labels with probabilities and evidence out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from services.domain.article import Article
from services.domain.codebook import FRAMES, RELATIONS, US
from services.domain.identity import prediction_id
from services.domain.prediction import FramingOutcome, Passage, Prediction
from services.framing.aggregate import combine_choice, combine_independent
from services.framing.calibration import Calibration, FloatArray
from services.framing.evidence import strongest
from services.framing.manifest import Manifest, load_manifest
from services.framing.passages import headline_text, windows
from services.framing.session import Session, Tokenizer, logits

_CHUNK: Final = 512  # articles whose passages are held in memory at once


@dataclass(frozen=True, slots=True)
class FramingInput:
    """What is read of an article. `language` is an ISO 639-1 code, with or without region."""

    title: str
    lead: str = ""
    text: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class FramingResult:
    """The framing of one input; the fields are those of `Prediction`."""

    outcome: FramingOutcome
    us: str | None = None
    us_p: dict[str, float] | None = None
    relations: str | None = None
    relations_p: dict[str, float] | None = None
    frames: tuple[str, ...] = ()
    frames_p: dict[str, float] | None = None
    evidence: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class _Split:
    """The passages of one input as (text, start, end); `headline` says the first is one."""

    passages: list[tuple[str, int, int]]
    headline: bool
    calibration: Calibration


class Classifier:
    """One loaded model. Safe to use from several threads; loading takes about a second."""

    def __init__(self, manifest: Manifest, tokenizer: Tokenizer, session: Session) -> None:
        self._manifest = manifest
        self._tokenizer = tokenizer
        self._session = session

    @classmethod
    def load(cls, model_dir: Path | None = None, threads: int | None = None) -> Classifier:
        """Open the model in `model_dir` (default: the one in the package).

        `threads` is the number of processor threads; None takes all. Raises
        ConfigurationError when a file is missing, altered, or made for other labels.
        """
        manifest = load_manifest(model_dir)
        manifest.verify_files()
        tokenizer = Tokenizer(manifest.folder, manifest.max_tokens)
        return cls(manifest, tokenizer, Session(manifest.folder, threads))

    @property
    def manifest(self) -> Manifest:
        """What the model says of itself."""
        return self._manifest

    @property
    def model_id(self) -> str:
        """The id that predictions carry; it changes with the weights."""
        return self._manifest.model_id

    @property
    def languages(self) -> frozenset[str]:
        """The languages that the model reads, as ISO 639-1 codes."""
        return self._manifest.languages

    def classify(self, texts: Sequence[FramingInput]) -> list[FramingResult]:
        """Return one result for each input, in order; no input fails the others."""
        results: list[FramingResult] = []
        for start in range(0, len(texts), _CHUNK):
            results.extend(self._classify_chunk(texts[start : start + _CHUNK]))
        return results

    def _classify_chunk(self, texts: Sequence[FramingInput]) -> Iterator[FramingResult]:
        splits = [self._split(text) for text in texts]
        known = [split for split in splits if isinstance(split, _Split)]
        rows = self._tokenizer.encode([text for split in known for text, _, _ in split.passages])
        scores = [values.astype(np.float64) for values in logits(self._session, rows)]
        position = 0
        for split in splits:
            if isinstance(split, FramingOutcome):
                yield FramingResult(outcome=split)
                continue
            stop = position + len(split.passages)
            yield _judge(split, *(values[position:stop] for values in scores))
            position = stop

    def _split(self, item: FramingInput) -> _Split | FramingOutcome:
        calibration = self._manifest.calibration.get(base_language(item.language))
        headline = headline_text(item.title, item.lead)
        passages = [(headline, -1, -1)] if headline else []
        passages += [
            (item.text[span.start : span.end], span.start, span.end) for span in windows(item.text)
        ]
        if not passages:
            return FramingOutcome.NO_TEXT
        if calibration is None:
            return FramingOutcome.UNSUPPORTED_LANGUAGE
        return _Split(passages, bool(headline), calibration)


def predict(classifier: Classifier, articles: Sequence[Article], now: datetime) -> list[Prediction]:
    """Classify `articles`; the predictions are in their order and dated `now` (aware UTC)."""
    results = classifier.classify(
        [FramingInput(item.title, item.lead, item.text, item.language) for item in articles]
    )
    return [
        Prediction(
            id=prediction_id(item.id, item.content_hash, classifier.model_id),
            article_id=item.id,
            content_hash=item.content_hash,
            model=classifier.model_id,
            outcome=result.outcome,
            created=now,
            language=item.language,
            us=result.us,
            us_p=result.us_p,
            relations=result.relations,
            relations_p=result.relations_p,
            frames=result.frames,
            frames_p=result.frames_p,
            evidence=result.evidence,
        )
        for item, result in zip(articles, results, strict=True)
    ]


def base_language(language: str) -> str:
    """Return the language without its region: "en" for "en-US" and "EN_gb"."""
    return language.strip().lower().replace("_", "-").partition("-")[0]


def _judge(
    split: _Split, us: FloatArray, relations: FloatArray, frames: FloatArray
) -> FramingResult:
    calibration = split.calibration
    us_each = calibration.us.probabilities(us)
    relations_each = calibration.relations.probabilities(relations)
    frames_each = calibration.frame_probabilities(frames)
    us_p = combine_choice(us_each, split.headline)
    relations_p = combine_choice(relations_each, split.headline)
    frames_p = combine_independent(frames_each, split.headline)
    carried = [
        _labels(calibration, *each)
        for each in zip(us_each, relations_each, frames_each, strict=True)
    ]
    alone = len(carried) == 1
    given = carried[0] if alone else _labels(calibration, us_p, relations_p, frames_p)
    us_label, relations_label, *frame_labels = given
    return FramingResult(
        outcome=FramingOutcome.CLASSIFIED,
        us=us_label.removeprefix("us="),
        us_p=_named(US, us_p),
        relations=relations_label.removeprefix("relations="),
        relations_p=_named(RELATIONS, relations_p),
        frames=tuple(label.removeprefix("frame=") for label in frame_labels),
        frames_p=_named(FRAMES, frames_p),
        evidence=strongest(split.passages, list(given), carried),
    )


def _labels(
    calibration: Calibration, us: FloatArray, relations: FloatArray, frames: FloatArray
) -> dict[str, float]:
    """Return the labels that these probabilities earn, each with its probability: one of us,
    one of relations, then the frames.
    """
    us_at, relations_at = calibration.us.decide(us), calibration.relations.decide(relations)
    labels = {
        f"us={US[us_at]}": float(us[us_at]),
        f"relations={RELATIONS[relations_at]}": float(relations[relations_at]),
    }
    for name, p, threshold in zip(FRAMES, frames, calibration.threshold, strict=True):
        if p >= threshold:
            labels[f"frame={name}"] = float(p)
    return labels


def _named(names: Sequence[str], values: FloatArray) -> dict[str, float]:
    return dict(zip(names, values.round(5).tolist(), strict=True))
