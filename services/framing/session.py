"""Tokeniser and ONNX session: from passage texts to logits, batched by length."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnxruntime

from services.domain.codebook import FRAMES, RELATIONS, US
from services.errors import ConfigurationError
from services.framing.manifest import MODEL_NAME

TOKEN_BUDGET: Final = 1_024  # padded tokens in one batch: fits the cache of a small processor
OUTPUTS: Final = ("us", "relations", "frames")
_SIZES: Final = (len(US), len(RELATIONS), len(FRAMES))

IntArray = npt.NDArray[np.int64]
LogitArray = npt.NDArray[np.float32]


class Tokenizer:
    """The model's tokeniser; the same text always gives the same ids."""

    def __init__(self, folder: Path, max_tokens: int) -> None:
        loaded = _fast_tokenizer_class().from_pretrained(str(folder), local_files_only=True)
        # The Rust tokeniser behind it: the wrapper's records cost more than the encoding.
        self._backend = loaded.backend_tokenizer
        self._backend.enable_truncation(max_tokens)
        self._backend.no_padding()

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of each text, cut to the model's longest passage."""
        encodings = self._backend.encode_batch_fast([_encodable(text) for text in texts])
        return [encoding.ids for encoding in encodings]


class Session:
    """The ONNX model. `run` may be called from several threads at once."""

    def __init__(self, folder: Path, threads: int | None) -> None:
        onnxruntime.set_default_logger_severity(3)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = threads or 0
        options.inter_op_num_threads = 1
        path = folder / MODEL_NAME
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime has no common base class of its own
            raise ConfigurationError(f"The model {path} cannot be loaded: {error}") from error

    def run(self, ids: IntArray, mask: IntArray) -> list[LogitArray]:
        """Return the logits of one padded batch, in the order of `OUTPUTS`."""
        result: list[Any] = self._session.run(
            list(OUTPUTS), {"input_ids": ids, "attention_mask": mask}
        )
        return result


def logits(session: Session, rows: Sequence[Sequence[int]]) -> list[LogitArray]:
    """Return us [n, 4], relations [n, 4] and frames [n, 19] for tokenised `rows`, in order."""
    if not rows:
        return [np.empty((0, size), dtype=np.float32) for size in _SIZES]
    parts: list[list[LogitArray]] = [[] for _ in OUTPUTS]
    order: list[int] = []
    for positions, ids, mask in batches(rows):
        order.extend(positions)
        for part, values in zip(parts, session.run(ids, mask), strict=True):
            part.append(values)
    inverse = np.argsort(np.asarray(order))
    return [np.concatenate(part)[inverse] for part in parts]


def batches(
    rows: Sequence[Sequence[int]], budget: int = TOKEN_BUDGET
) -> Iterator[tuple[list[int], IntArray, IntArray]]:
    """Yield (positions, ids, mask) of rows of similar length, `budget` padded tokens each."""
    order = sorted(range(len(rows)), key=lambda position: len(rows[position]))
    start = 0
    while start < len(order):
        stop = start + 1
        while stop < len(order) and (stop + 1 - start) * len(rows[order[stop]]) <= budget:
            stop += 1
        positions = order[start:stop]
        ids, mask = pad([rows[position] for position in positions])
        yield positions, ids, mask
        start = stop


def pad(rows: Sequence[Sequence[int]]) -> tuple[IntArray, IntArray]:
    """Return ids and mask, both [rows, longest row]; padding has id 0 and mask 0."""
    lengths = np.asarray([len(row) for row in rows])
    mask = (np.arange(lengths.max()) < lengths[:, None]).astype(np.int64)
    ids = np.zeros(mask.shape, dtype=np.int64)
    ids[mask.astype(bool)] = np.concatenate([np.asarray(row, dtype=np.int64) for row in rows])
    return ids, mask


def _encodable(text: str) -> str:
    """Replace lone surrogates, which no encoder accepts, one character for one."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class _WithoutPyTorch(logging.Filter):
    """Drop the advice to install PyTorch: inference runs without it on purpose."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "PyTorch was not found" not in record.getMessage()


def _fast_tokenizer_class() -> Any:
    quiet = _WithoutPyTorch()
    logger = logging.getLogger("transformers")
    logger.addFilter(quiet)
    try:
        from transformers import PreTrainedTokenizerFast  # noqa: PLC0415 - half a second
    finally:
        logger.removeFilter(quiet)
    return PreTrainedTokenizerFast
