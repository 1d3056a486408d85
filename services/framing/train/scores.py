"""Scores of a classifier on coded rows, through the same door that production uses.

Needs no PyTorch. Macro-F1 is the mean F1 over the classes that occur among the codes;
micro-F1 counts every frame of every row; the expected calibration error is the mean gap
between stated probability and observed share over ten bins, weighted by bin size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from services.domain.codebook import FRAMES, RELATIONS, US
from services.framing.classifier import Classifier, FramingInput, FramingResult
from services.framing.train.data import LabelledRow

BINS: Final = 10

Array = npt.NDArray[Any]


def score(classifier: Classifier, rows: Sequence[LabelledRow]) -> dict[str, Any]:
    """Return the scores of `classifier` on `rows`, as plain JSON values."""
    results = classifier.classify(
        [FramingInput(title=row.title, lead=row.lead, language=row.language) for row in rows]
    )
    frames_true = np.array([[i in row.frames for i in range(len(FRAMES))] for row in rows])
    frames_given = np.array([[name in result.frames for name in FRAMES] for result in results])
    frames_p = np.array([list((result.frames_p or {}).values()) for result in results])
    return {
        "rows": len(rows),
        "us": _choice_scores(US, [row.us for row in rows], results, "us"),
        "relations": _choice_scores(
            RELATIONS, [row.relations for row in rows], results, "relations"
        ),
        "frames": {
            "micro_f1": _rounded(_f1(frames_true, frames_given)),
            "calibration_error": _rounded(calibration_error(frames_p.ravel(), frames_true.ravel())),
            "classes": {
                name: _class_scores(frames_true[:, i], frames_given[:, i])
                for i, name in enumerate(FRAMES)
            },
        },
    }


def calibration_error(stated: Array, observed: Array) -> float:
    """Return the expected calibration error of probabilities `stated` for events `observed`."""
    bins = np.minimum((stated * BINS).astype(int), BINS - 1)
    gaps = [
        abs(stated[bins == number].mean() - observed[bins == number].mean())
        * (bins == number).mean()
        for number in range(BINS)
        if (bins == number).any()
    ]
    return float(np.sum(gaps))


def _choice_scores(
    names: Sequence[str], true: Sequence[int], results: Sequence[FramingResult], head: str
) -> dict[str, Any]:
    truth = np.asarray(true)
    given = np.array([names.index(getattr(result, head)) for result in results])
    stated = np.array([list(getattr(result, f"{head}_p").values()) for result in results])
    classes = {
        name: _class_scores(truth == position, given == position)
        for position, name in enumerate(names)
    }
    occurring = [name for name in names if classes[name]["rows"]]
    scores: dict[str, Any] = {"macro_f1": _mean_f1(classes, occurring)}
    if head == "us":
        kept = [name for name in occurring if name != "favourable"]
        scores["macro_f1_without_favourable"] = _mean_f1(classes, kept)
    best = stated.argmax(axis=1)
    scores["accuracy"] = _rounded(float((truth == given).mean()))
    scores["calibration_error"] = _rounded(calibration_error(stated.max(axis=1), best == truth))
    scores["classes"] = classes
    return scores


def _class_scores(true: Array, given: Array) -> dict[str, float]:
    right = int((true & given).sum())
    return {
        "precision": _rounded(right / max(int(given.sum()), 1)),
        "recall": _rounded(right / max(int(true.sum()), 1)),
        "f1": _rounded(_f1(true, given)),
        "rows": int(true.sum()),
    }


def _mean_f1(classes: dict[str, dict[str, float]], names: Sequence[str]) -> float:
    return _rounded(float(np.mean([classes[name]["f1"] for name in names])))


def _f1(true: Array, given: Array) -> float:
    total = int(true.sum()) + int(given.sum())
    return 2 * int((true & given).sum()) / total if total else 0.0


def _rounded(value: float) -> float:
    return round(value, 4)
