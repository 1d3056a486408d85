"""Stages 3 and 5: train the three heads and the encoder on coded or soft-labelled passages.

Targets are probabilities, so that rows labelled by a person (zeros and ones) and rows
labelled by an ensemble of earlier models train in the same way.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from services.domain.codebook import FRAMES, RELATIONS, US
from services.framing.train.encoder import autocast, length_batches, mean_pool, pad

log = logging.getLogger(__name__)
Logits = tuple[Tensor, Tensor, Tensor]


class FramingNet(nn.Module):  # type: ignore[misc]  # PyTorch is not there to be checked
    """Encoder, mean pooling and one linear head for each of us, relations and frames."""

    def __init__(self, encoder: Any, dropout: float = 0.1) -> None:
        super().__init__()
        width = encoder.config.hidden_size
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.us = nn.Linear(width, len(US))
        self.relations = nn.Linear(width, len(RELATIONS))
        self.frames = nn.Linear(width, len(FRAMES))

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        """Return logits [batch, 4], [batch, 4], [batch, 19] and the pooled [batch, width]."""
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask
        ).last_hidden_state.float()
        pooled = mean_pool(hidden, attention_mask)
        with torch.autocast("cpu", enabled=False):  # the heads are tiny and want full precision
            dropped = self.dropout(pooled)
            return self.us(dropped), self.relations(dropped), self.frames(dropped), pooled


@dataclass(frozen=True, slots=True)
class Examples:
    """Passages to train on. `variants[i]` are token rows of which one is drawn per epoch;
    `us` [n, 4], `relations` [n, 4] and `frames` [n, 19] are probabilities, `weight` is [n].
    """

    variants: Sequence[Sequence[Sequence[int]]]
    us: Tensor
    relations: Tensor
    frames: Tensor
    weight: Tensor

    def __add__(self, other: Examples) -> Examples:
        return Examples(
            [*self.variants, *other.variants],
            torch.cat([self.us, other.us]),
            torch.cat([self.relations, other.relations]),
            torch.cat([self.frames, other.frames]),
            torch.cat([self.weight, other.weight]),
        )


@dataclass(frozen=True, slots=True)
class FinetuneSettings:
    """How to fine-tune. `balance` is the power of the inverse class share in the loss
    (0 none, 1 full); `layer_decay` scales the rate once for every layer further down.
    Word vectors stay as distilled, so that Russian words which no coded row holds keep
    their place beside the English ones; it also makes a step a quarter quicker.
    """

    epochs: int = 3
    batch: int = 32
    rate: float = 2e-4
    head_rate: float = 1e-3
    layer_decay: float = 0.85
    weight_decay: float = 0.01
    balance: float = 0.4
    frame_weight: float = 19.0
    frame_positive: float = 2.0
    average: float = 0.98
    average_every: int = 5


def finetune(net: FramingNet, examples: Examples, settings: FinetuneSettings, seed: int) -> None:
    """Train `net` in place and leave the moving average of its weights in it."""
    generator = random.Random(seed)
    torch.manual_seed(seed)
    steps = settings.epochs * -(-len(examples.variants) // settings.batch)
    net.encoder.get_input_embeddings().requires_grad_(False)
    trained = [parameter for parameter in net.parameters() if parameter.requires_grad]
    optimizer, schedule = _optimizer(net, settings, steps)
    balance = _class_weights(examples, settings.balance)
    average = [p.detach().clone() for p in trained]
    started, step = time.monotonic(), 0
    for epoch in range(settings.epochs):
        net.train()
        rows = [generator.choice(variants) for variants in examples.variants]
        total = 0.0
        for chosen in length_batches([len(row) for row in rows], settings.batch, generator):
            ids, mask = pad([rows[i] for i in chosen])
            with autocast():
                us, relations, frames, _ = net(ids, mask)
            loss = _loss((us, relations, frames), examples, chosen, balance, settings)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            total += float(loss.detach())
            step += 1
            if step % settings.average_every == 0:
                decay = min(settings.average, step / (step + 10 * settings.average_every))
                torch._foreach_lerp_(average, [p.detach() for p in trained], 1 - decay)
        minutes = (time.monotonic() - started) / 60
        log.info("epoch %d loss %.4f %.1f min", epoch + 1, total / steps * settings.epochs, minutes)
    with torch.no_grad():
        for parameter, mean in zip(trained, average, strict=True):
            parameter.copy_(mean)
    net.eval()


def predict_logits(net: FramingNet, rows: Sequence[Sequence[int]], batch: int = 128) -> Logits:
    """Return the three heads' logits for tokenised `rows`, in their order."""
    net.eval()
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    parts: list[list[Tensor]] = [[], [], []]
    with torch.inference_mode(), autocast():
        for start in range(0, len(order), batch):
            ids, mask = pad([rows[i] for i in order[start : start + batch]])
            for part, logits in zip(parts, net(ids, mask)[:3], strict=True):
                part.append(logits.float())
    inverse = torch.empty(len(order), dtype=torch.long)
    inverse[torch.as_tensor(order)] = torch.arange(len(order))
    us, relations, frames = (torch.cat(part)[inverse] for part in parts)
    return us, relations, frames


def _class_weights(examples: Examples, power: float) -> tuple[Tensor, Tensor]:
    result = []
    for target in (examples.us, examples.relations):
        share = target.mean(dim=0).clamp(min=1e-4)
        weight = (1.0 / (share * target.shape[1])) ** power
        result.append(weight / (weight * share).sum())
    return result[0], result[1]


def _loss(
    logits: Logits,
    examples: Examples,
    chosen: Sequence[int],
    balance: tuple[Tensor, Tensor],
    settings: FinetuneSettings,
) -> Tensor:
    us, relations, frames = logits
    index = torch.as_tensor(chosen)
    total = torch.zeros(len(index))
    targets = (examples.us[index], examples.relations[index])
    for logit, target, weights in zip((us, relations), targets, balance, strict=True):
        total = total - (functional.log_softmax(logit, dim=-1) * target * weights).sum(dim=-1)
    positive = torch.full((len(FRAMES),), settings.frame_positive)
    binary = functional.binary_cross_entropy_with_logits(
        frames, examples.frames[index], pos_weight=positive, reduction="none"
    )
    total = total + settings.frame_weight * binary.mean(dim=-1)
    weight = examples.weight[index]
    return (total * weight).sum() / weight.sum()


def _optimizer(net: FramingNet, settings: FinetuneSettings, steps: int) -> tuple[Any, Any]:
    layers = net.encoder.config.num_hidden_layers
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for name, parameter in net.named_parameters():
        if not parameter.requires_grad:
            continue
        depth = layers + 1
        if name.startswith("encoder."):
            depth = 0
            if ".layer." in name:
                depth = 1 + int(name.split(".layer.")[1].split(".")[0])
        head = not name.startswith("encoder.")
        rate = (
            settings.head_rate if head else settings.rate * settings.layer_decay ** (layers - depth)
        )
        decay = settings.weight_decay if parameter.ndim > 1 and depth > 0 else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    optimizer = torch.optim.AdamW(
        [{"params": p, "lr": r, "weight_decay": d} for (r, d), p in groups.items()], fused=True
    )
    warm = max(1, steps // 12)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.01, (steps - step) / (steps - warm)))
    )
    return optimizer, schedule
