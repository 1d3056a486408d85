"""The shipped encoder as an ordinary PyTorch model in a default Hugging Face pipeline.

The weights are read back from the int8 file (dequantised to float32), so the benchmark needs
no checkpoint of a training run. Needs the extra `train`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    PreTrainedTokenizerFast,
    pipeline,
)

from services.domain.codebook import LABELS
from services.framing.manifest import MODEL_NAME

_PRODUCT = "/MatMul_output_0_whole"
_INT8 = "_int8"


def build_pipeline(folder: Path) -> Any:
    """Return `pipeline("text-classification")` over the weights in `folder`, all defaults."""
    weights = encoder_weights(folder / MODEL_NAME)
    width = weights["embeddings.LayerNorm.weight"].shape[0]
    layers = {name.split(".")[2] for name in weights if name.startswith("encoder.layer.")}
    config = BertConfig(
        vocab_size=len(weights["embeddings.word_embeddings.weight"]),
        hidden_size=width,
        num_hidden_layers=len(layers),
        num_attention_heads=width // 32,
        intermediate_size=4 * width,
        num_labels=len(LABELS),
    )
    model = BertForSequenceClassification(config).eval()
    left = model.bert.load_state_dict(
        {name: torch.from_numpy(value) for name, value in weights.items()}, strict=False
    )
    strange = [name for name in left.missing_keys if not name.startswith("pooler.")]
    if strange or left.unexpected_keys:
        raise SystemExit(f"The weights do not fit: {strange} missing, {left.unexpected_keys} new.")
    tokenizer = PreTrainedTokenizerFast.from_pretrained(str(folder), local_files_only=True)
    return pipeline("text-classification", model=model, tokenizer=tokenizer, device=-1)


def encoder_weights(path: Path) -> dict[str, np.ndarray]:
    """Return the encoder's float32 tensors under the names that transformers gives them."""
    graph = onnx.load(str(path)).graph
    tensors = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    found = {
        name.removeprefix("encoder."): np.array(value)
        for name, value in tensors.items()
        if name.startswith("encoder.") and value.dtype == np.float32 and value.ndim == 1
    }
    for name, value in tensors.items():
        if name.startswith("encoder.embeddings.") and name.endswith(_INT8):
            base = name.removesuffix(_INT8)
            found[base.removeprefix("encoder.")] = _dequantized(tensors, base)
        elif name.startswith("encoder.embeddings.") and name.endswith("_embeddings.weight"):
            found[name.removeprefix("encoder.")] = np.array(value)
    for node in graph.node:
        if node.op_type == "MatMulIntegerToFloat" and node.name.startswith("/encoder/"):
            place = node.name.removeprefix("/encoder/").removesuffix(_PRODUCT).replace("/", ".")
            weight = _dequantized(tensors, node.input[1].removesuffix(_INT8))
            found[f"{place}.weight"] = np.ascontiguousarray(weight.T)
    return found


def _dequantized(tensors: dict[str, np.ndarray], base: str) -> np.ndarray:
    return tensors[base + _INT8].astype(np.float32) * tensors[f"{base}_scale"]
