"""Where one training run reads, keeps its checkpoints and writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """One training run. `encoder` is a folder or the packaged encoder's name."""

    shared: Path
    work: Path
    out: Path
    encoder: str
    seed: int
