"""Stage 6: fit calibration and thresholds on the evaluation sets, with priors.

The sets are small (a frame may have one positive), so every number is a maximum a
posteriori estimate: one fit over all languages around the identity, then one for each
language around the common fit. Under calibrated probabilities one threshold for all frames
is the best for micro-F1 (Lipton, Elkan and Naryanaswamy, 2014), so there is only one; what
differs between frames is their intercept.

The weights with which a head decides between its classes are chosen for macro-F1 on the
teachers' opinions about rows that they had not seen, which are many, and not on the
evaluation sets, where a rare class has a handful of rows.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from services.domain.codebook import FRAMES, RELATIONS, US
from services.framing.calibration import Calibration, Choice
from services.framing.train.finetune import Logits

COMMON_SPREAD: Final = 0.5  # prior standard deviation of log-temperatures and biases
LANGUAGE_SPREAD: Final = 0.2  # the same, of a language around the common fit
FRAME_SPREAD: Final = 0.5  # of a frame's intercept around that of all frames
WEIGHT_GRID: Final = (1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
WEIGHT_TRUST: Final = 0.75  # power applied to the best weights found
_RESAMPLES: Final = 200


@dataclass(frozen=True, slots=True)
class Scored:
    """Logits of one language's evaluation rows with their labels: us [n], relations [n],
    frames [n, 19].
    """

    logits: Logits
    us: Tensor
    relations: Tensor
    frames: Tensor


def fit(sets: Mapping[str, Scored], opinions: Scored, seed: int) -> dict[str, Calibration]:
    """Return one calibration for each language in `sets`; `opinions` are out of fold."""
    weights = [
        _decision_weights(logits, labels)
        for logits, labels in zip(opinions.logits, (opinions.us, opinions.relations), strict=False)
    ]
    common = _join(list(sets.values()))
    us = _fit_choice(common.logits[0], common.us, Tensor([0.0] * (1 + len(US))), COMMON_SPREAD)
    relations = _fit_choice(
        common.logits[1], common.relations, Tensor([0.0] * (1 + len(RELATIONS))), COMMON_SPREAD
    )
    frames = _fit_frames(common.logits[2], common.frames)
    result = {}
    for language, scored in sets.items():
        offset = _fit_offset(scored.logits[2], scored.frames, frames)
        result[language] = Calibration(
            us=_choice(_fit_choice(scored.logits[0], scored.us, us, LANGUAGE_SPREAD), weights[0]),
            relations=_choice(
                _fit_choice(scored.logits[1], scored.relations, relations, LANGUAGE_SPREAD),
                weights[1],
            ),
            slope=(round(float(frames[0].exp()), 4),) * len(FRAMES),
            intercept=tuple(round(float(value), 4) for value in frames[1:] + offset),
            threshold=(0.5,) * len(FRAMES),
        )
    threshold = _best_threshold(sets, result, seed)
    return {
        language: replace(one, threshold=(threshold,) * len(FRAMES))
        for language, one in result.items()
    }


def _fit_choice(logits: Tensor, labels: Tensor, centre: Tensor, spread: float) -> Tensor:
    """Return [log temperature, biases…] near `centre` that best explain `labels`."""

    def loss(numbers: Tensor) -> Tensor:
        scaled = logits / numbers[0].exp() + numbers[1:]
        misfit = functional.cross_entropy(scaled, labels, reduction="sum")
        return misfit + ((numbers - centre) ** 2).sum() / (2 * spread**2)

    return _minimise(loss, centre)


def _fit_frames(logits: Tensor, labels: Tensor) -> Tensor:
    """Return [log slope, one intercept per frame]."""

    def loss(numbers: Tensor) -> Tensor:
        common, own = numbers[1], numbers[2:]
        scaled = logits * numbers[0].exp() + common + own
        misfit = functional.binary_cross_entropy_with_logits(scaled, labels, reduction="sum")
        prior = numbers[0] ** 2 / COMMON_SPREAD**2 + (own**2).sum() / FRAME_SPREAD**2
        return misfit + prior / 2 + common**2 / 8

    found = _minimise(loss, torch.zeros(2 + logits.shape[1]))
    return torch.cat([found[:1], found[1] + found[2:]])


def _fit_offset(logits: Tensor, labels: Tensor, frames: Tensor) -> Tensor:
    """Return the shift of all intercepts that suits one language."""

    def loss(offset: Tensor) -> Tensor:
        scaled = logits * frames[0].exp() + frames[1:] + offset
        misfit = functional.binary_cross_entropy_with_logits(scaled, labels, reduction="sum")
        return misfit + (offset**2).sum() / (2 * LANGUAGE_SPREAD**2)

    return _minimise(loss, torch.zeros(1))


def _minimise(loss: Callable[[Tensor], Tensor], start: Tensor) -> Tensor:
    numbers = start.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([numbers], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        value = loss(numbers)
        value.backward()
        return value

    optimizer.step(closure)
    return numbers.detach()


def _choice(numbers: Tensor, weight: tuple[float, ...]) -> Choice:
    return Choice(
        temperature=round(float(numbers[0].exp()), 4),
        bias=tuple(round(float(value), 4) for value in numbers[1:]),
        weight=weight,
    )


def _decision_weights(logits: Tensor, labels: Tensor) -> tuple[float, ...]:
    """Return the class weights with the best macro-F1, `absent` being 1, drawn a little
    towards 1 because the best of a grid is always too good.
    """
    numbers = _fit_choice(logits, labels, torch.zeros(1 + logits.shape[1]), COMMON_SPREAD)
    plain = _choice(numbers, (1.0,) * logits.shape[1])
    stated = plain.probabilities(logits.double().numpy())
    truth = labels.numpy()

    def macro_f1(weights: tuple[float, ...]) -> float:
        given = (stated * np.array([*weights, 1.0])).argmax(axis=1)
        return float(
            np.mean(
                [
                    2
                    * ((given == c) & (truth == c)).sum()
                    / ((given == c).sum() + (truth == c).sum())
                    for c in range(logits.shape[1])
                ]
            )
        )

    best = max(itertools.product(WEIGHT_GRID, repeat=logits.shape[1] - 1), key=macro_f1)
    return (*(round(weight**WEIGHT_TRUST, 3) for weight in best), 1.0)


def _best_threshold(
    sets: Mapping[str, Scored], calibrations: Mapping[str, Calibration], seed: int
) -> float:
    """Return the threshold with the best mean micro-F1 over resamples of all rows."""
    probabilities = np.concatenate(
        [
            calibrations[language].frame_probabilities(scored.logits[2].double().numpy())
            for language, scored in sets.items()
        ]
    )
    truth = np.concatenate([scored.frames.numpy() > 0.5 for scored in sets.values()])
    generator = np.random.default_rng(seed)
    grid = np.arange(0.2, 0.61, 0.02)
    given = probabilities[None] >= grid[:, None, None]
    right = (given & truth).sum(axis=2)
    claimed, true = given.sum(axis=2), truth.sum(axis=1)
    total = np.zeros(len(grid))
    for _ in range(_RESAMPLES):
        rows = generator.integers(0, len(truth), len(truth))
        total += 2 * right[:, rows].sum(axis=1) / (claimed[:, rows].sum(axis=1) + true[rows].sum())
    return round(float(grid[total.argmax()]), 2)


def _join(sets: list[Scored]) -> Scored:
    heads = [torch.cat([scored.logits[head] for scored in sets]) for head in range(3)]
    return Scored(
        (heads[0], heads[1], heads[2]),
        torch.cat([scored.us for scored in sets]),
        torch.cat([scored.relations for scored in sets]),
        torch.cat([scored.frames for scored in sets]),
    )
