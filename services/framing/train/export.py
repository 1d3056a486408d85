"""Stage 7: from the trained network to the files that ship: ONNX, int8, tokenizer, manifest."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import onnx
import onnxruntime
import torch
from onnxruntime.quantization.shape_inference import quant_pre_process

from services.domain.codebook import FRAMES, RELATIONS, US
from services.framing.calibration import Calibration
from services.framing.manifest import (
    FORMAT,
    MANIFEST_NAME,
    MODEL_NAME,
    TOKENIZER_NAMES,
    file_digest,
)
from services.framing.train.encoder import pad
from services.framing.train.finetune import FramingNet, Logits
from services.framing.train.quantize import quantize_model

log = logging.getLogger(__name__)
OPSET: Final = 17
_OUTPUTS: Final = ("us", "relations", "frames", "embedding")


def export_onnx(net: FramingNet, path: Path) -> None:
    """Write `net` as float32 ONNX: input_ids, attention_mask to the three heads' logits and
    the pooled vector, with free batch and length.
    """
    net.eval()
    net.encoder.config._attn_implementation = "eager"  # noqa: SLF001 - the exporter needs it
    ids, mask = pad([[101, 2000, 2001, 102], [101, 2000, 102]])
    axes = {name: {0: "batch", 1: "length"} for name in ("input_ids", "attention_mask")}
    axes |= {name: {0: "batch"} for name in _OUTPUTS}
    torch.onnx.export(
        net,
        (ids, mask),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=list(_OUTPUTS),
        dynamic_axes=axes,
        opset_version=OPSET,
        dynamo=False,
    )


def quantize(source: Path, target: Path) -> None:
    """Write the float32 model at `source` as int8; the heads, which are tiny, stay exact."""
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        graph = onnx.load(str(prepared)).graph
        heads = {node.name for node in graph.node if set(node.output) & set(_OUTPUTS)}
        quantize_model(prepared, target, frozenset(heads))


def run_onnx(path: Path, rows: Sequence[Sequence[int]], batch: int = 64) -> Logits:
    """Return the heads' logits of the ONNX model at `path` for tokenised `rows`, in order."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    parts: list[list[torch.Tensor]] = [[], [], []]
    for start in range(0, len(rows), batch):
        ids, mask = pad(rows[start : start + batch])
        feed = {"input_ids": ids.numpy(), "attention_mask": mask.numpy()}
        for part, values in zip(parts, session.run(list(_OUTPUTS[:3]), feed), strict=True):
            part.append(torch.from_numpy(values))
    us, relations, frames = (torch.cat(part) for part in parts)
    return us, relations, frames


def write_tokenizer(source: Path, out: Path, max_tokens: int) -> None:
    """Copy tokenizer.json and describe it for transformers."""
    shutil.copyfile(source, out / "tokenizer.json")
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": max_tokens,
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
        "model_input_names": ["input_ids", "attention_mask"],
        "clean_up_tokenization_spaces": False,
    }
    (out / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")


def write_manifest(
    out: Path,
    facts: Mapping[str, Any],
    calibration: Mapping[str, Calibration],
    scores: Mapping[str, Any],
) -> str:
    """Write the manifest beside the files it describes; return the model's id.

    The id is a function of the files and the calibration: what changes a prediction
    changes the id.
    """
    files = {name: file_digest(out / name) for name in (MODEL_NAME, *TOKENIZER_NAMES)}
    numbers = {language: one.to_record() for language, one in sorted(calibration.items())}
    identity = json.dumps([files, numbers], sort_keys=True).encode()
    model_id = f"minilm-{''.join(sorted(calibration))}-{_short_digest(identity)}"
    record = {
        "format": FORMAT,
        "model_id": model_id,
        **facts,
        "languages": sorted(calibration),
        "labels": {"us": list(US), "relations": list(RELATIONS), "frames": list(FRAMES)},
        "calibration": numbers,
        "scores": scores,
        "files": files,
    }
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    (out / MANIFEST_NAME).write_text(text, encoding="utf-8")
    return model_id


def _short_digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:8]
