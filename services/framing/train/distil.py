"""Stage 2: teach the extended encoder to place Russian where its teacher places English.

The frozen English encoder is the teacher. A Russian headline should land on the teacher's
vector of its translation (cosine) and nearer to it than to the other translations in the
batch (contrastive); English texts in every batch keep the English side in place.
After Reimers and Gurevych, 2020, "Making Monolingual Sentence Embeddings Multilingual".
"""

from __future__ import annotations

import bisect
import logging
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from services.framing.train.encoder import autocast, length_batches, mean_pool, pad

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DistilSettings:
    """How to distil. `english_share` is the number of English texts per Russian one."""

    epochs: float = 1.0
    batch: int = 128
    rate: float = 2e-4
    embedding_rate: float = 5e-4
    english_share: float = 0.25
    temperature: float = 0.05
    contrast: float = 0.2
    limit: int = 64


def embed(encoder: Any, rows: Sequence[Sequence[int]], batch: int = 256) -> Tensor:
    """Return the unit-length pooled vectors of tokenised `rows`, float32 [rows, width]."""
    encoder.eval()
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    result = torch.empty(len(rows), encoder.config.hidden_size)
    with torch.inference_mode(), autocast():
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            ids, mask = pad([rows[i] for i in chosen])
            hidden = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            result[chosen] = functional.normalize(mean_pool(hidden.float(), mask), dim=-1)
    return result


def distil(
    student: Any,
    russian: Sequence[Sequence[int]],
    english: Sequence[Sequence[int]],
    targets: Tensor,
    settings: DistilSettings,
    seed: int,
) -> None:
    """Train `student` in place; `targets[i]` is the teacher's vector of `english[i]`."""
    generator = random.Random(seed)
    torch.manual_seed(seed)
    steps = int(len(russian) * settings.epochs / settings.batch)
    optimizer, schedule = _optimizer(student, settings, steps)
    extra = int(settings.batch * settings.english_share)
    by_length = sorted(range(len(english)), key=lambda i: len(english[i]))
    english_lengths = [len(english[i]) for i in by_length]
    started, step = time.monotonic(), 0
    student.eval()  # no dropout: the target is exact, and the steps are a fifth quicker
    while step < steps:
        for chosen in length_batches([len(r) for r in russian], settings.batch, generator):
            longest = max(len(russian[i]) for i in chosen)
            kept = _of_length(by_length, english_lengths, longest, extra, generator)
            rows = [russian[i] for i in chosen] + [english[i] for i in kept]
            loss = _loss(student, rows, targets[chosen + kept], settings)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1
            if step % 50 == 0:
                minutes = (time.monotonic() - started) / 60
                log.info("distil step %d/%d loss %.4f %.1f min", step, steps, float(loss), minutes)
            if step >= steps:
                return


def agreement(
    student: Any, russian: Sequence[Sequence[int]], targets: Tensor
) -> tuple[float, float]:
    """Return the mean cosine to the teacher and the share that finds its own translation."""
    vectors = embed(student, russian)
    similarity = vectors @ targets.T
    hits = similarity.argmax(dim=1) == torch.arange(len(vectors))
    return float(similarity.diagonal().mean()), float(hits.float().mean())


def _of_length(
    order: Sequence[int], lengths: Sequence[int], longest: int, count: int, generator: random.Random
) -> list[int]:
    """Draw `count` texts a little shorter than `longest`, so that they add no padding."""
    stop = max(count, bisect.bisect_right(lengths, longest))
    start = min(bisect.bisect_left(lengths, longest - 6), stop - count)
    return generator.sample(order[start:stop], count)


def _loss(
    student: Any, rows: Sequence[Sequence[int]], targets: Tensor, settings: DistilSettings
) -> Tensor:
    ids, mask = pad([row[: settings.limit] for row in rows])
    with autocast():
        hidden = student(input_ids=ids, attention_mask=mask).last_hidden_state
    vectors = functional.normalize(mean_pool(hidden.float(), mask), dim=-1)
    similarity = vectors @ targets.T
    near = (1.0 - similarity.diagonal()).mean()
    own = torch.arange(len(rows))
    contrast = functional.cross_entropy(similarity / settings.temperature, own)
    return near + settings.contrast * contrast


def _optimizer(student: Any, settings: DistilSettings, steps: int) -> tuple[Any, Any]:
    embeddings = list(student.get_input_embeddings().parameters())
    known = {id(parameter) for parameter in embeddings}
    others = [p for p in student.parameters() if id(p) not in known]
    optimizer = torch.optim.AdamW(
        [
            {"params": embeddings, "lr": settings.embedding_rate},
            {"params": others, "lr": settings.rate},
        ],
        weight_decay=0.0,
        fused=True,
    )
    warm = max(1, steps // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.02, (steps - step) / steps))
    )
    return optimizer, schedule
