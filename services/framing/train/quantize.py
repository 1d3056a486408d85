"""Int8 weights with one scale for each token's activations.

The stock dynamic quantisation takes one scale for a whole batch of activations: an outlier
in one text coarsens all its neighbours, and a result depends on what else was in the batch.
Here every token has its own scale, so results do not depend on the batch and stay nearer to
float32. Weights keep 7 bits: with 8, the 16-bit sums of processors without VNNI overflow and
the same model would answer differently there.

    x [.., tokens, width] ── |x| ── max ── /127 ── s [.., tokens, 1]
                      └── QuantizeLinear(s, 128) ── MatMulIntegerToFloat(W) ── · s

Word vectors are stored as int8 with one scale for each word.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

WEIGHT_LIMIT: Final = 63
ACTIVATION_LIMIT: Final = 127
ZERO_POINT: Final = 128
_SMALLEST: Final = 1e-6
_MICROSOFT: Final = "com.microsoft"


@dataclass(slots=True)
class _Rewrite:
    """A graph on its way from float32 to int8: nodes in order, and the tensors they read."""

    tensors: dict[str, npt.NDArray[Any]]
    nodes: list[Any] = field(default_factory=list)
    rows: dict[str, tuple[str, str]] = field(default_factory=dict)

    def add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        domain = _MICROSOFT if operator == "MatMulIntegerToFloat" else ""
        self.nodes.append(
            helper.make_node(operator, inputs, [output], name=output, domain=domain, **attributes)
        )
        return output

    def constant(self, name: str, value: npt.NDArray[Any]) -> str:
        self.tensors.setdefault(name, value)
        return name


def quantize_model(source: Path, target: Path, keep: frozenset[str]) -> None:
    """Write the model at `source` with int8 weights to `target`.

    Matrix products with a constant and lookups in a large table are rewritten; nodes named
    in `keep` are not.
    """
    model = onnx.load(str(source))
    graph = model.graph
    work = _Rewrite({one.name: numpy_helper.to_array(one) for one in graph.initializer})
    for node in graph.node:
        if node.name in keep:
            work.nodes.append(node)
        elif node.op_type == "MatMul" and node.input[1] in work.tensors:
            _rewrite_product(work, node)
        elif node.op_type == "Gather" and _is_table(work.tensors.get(node.input[0])):
            _rewrite_lookup(work, node)
        else:
            work.nodes.append(node)
    used = {name for node in work.nodes for name in node.input}
    tensors = [
        numpy_helper.from_array(value, name) for name, value in work.tensors.items() if name in used
    ]
    result = helper.make_model(
        helper.make_graph(work.nodes, graph.name, graph.input, graph.output, tensors),
        opset_imports=[*model.opset_import, helper.make_opsetid(_MICROSOFT, 1)],
        ir_version=model.ir_version,
    )
    onnx.save(result, str(target))


def _rewrite_product(work: _Rewrite, node: Any) -> None:
    """x · W, with x [.., tokens, n] in 8 bits per token and W [n, m] in 7 bits per column."""
    values, output = node.input
    weight = work.tensors[output]
    scale = np.maximum(np.abs(weight).max(axis=0), _SMALLEST) / WEIGHT_LIMIT
    whole: npt.NDArray[Any] = np.rint(weight / scale).astype(np.int8)
    matrix = work.constant(f"{output}_int8", whole)
    columns = work.constant(f"{output}_scale", scale.astype(np.float32))
    one = work.constant("unit_scale", np.array(1.0, dtype=np.float32))
    zero = work.constant("activation_zero", np.array(ZERO_POINT, dtype=np.uint8))
    rows, row_scale = _quantized_rows(work, values)
    product = work.add(
        "MatMulIntegerToFloat", [rows, matrix, one, columns, zero], f"{node.output[0]}_whole"
    )
    work.add("Mul", [product, row_scale], node.output[0])


def _quantized_rows(work: _Rewrite, values: str) -> tuple[str, str]:
    """Quantise `values` once for all products that read it; return (uint8, scale per row)."""
    if values in work.rows:
        return work.rows[values]
    smallest = work.constant("smallest", np.array(_SMALLEST, dtype=np.float32))
    limit = work.constant("activation_limit", np.array(1 / ACTIVATION_LIMIT, dtype=np.float32))
    flat = work.constant("flat", np.array([-1], dtype=np.int64))
    zero = work.constant("activation_zero_row", np.array([ZERO_POINT], dtype=np.uint8))
    largest = work.add(
        "ReduceMax",
        [work.add("Abs", [values], f"{values}_abs")],
        f"{values}_max",
        axes=[-1],
        keepdims=1,
    )
    scale = work.add(
        "Mul", [work.add("Max", [largest, smallest], f"{values}_some"), limit], f"{values}_scale"
    )
    # QuantizeLinear takes one scale per index of one axis, so rows are laid out on one axis.
    shape = work.add("Shape", [values], f"{values}_shape")
    width = work.add(
        "Gather", [shape, work.constant("last", np.array([-1], dtype=np.int64))], f"{values}_width"
    )
    two = work.add("Concat", [flat, width], f"{values}_rows_shape", axis=0)
    matrix = work.add("Reshape", [values, two], f"{values}_rows")
    line = work.add("Reshape", [scale, flat], f"{values}_scale_line")
    zeros = work.add(
        "Expand", [zero, work.add("Shape", [line], f"{values}_count")], f"{values}_zeros"
    )
    whole = work.add("QuantizeLinear", [matrix, line, zeros], f"{values}_whole_rows", axis=0)
    back = work.add("Reshape", [whole, shape], f"{values}_uint8")
    work.rows[values] = (back, scale)
    return back, scale


def _rewrite_lookup(work: _Rewrite, node: Any) -> None:
    """Rows of a table [entries, width], stored as int8 with one scale per entry."""
    name, ids = node.input
    table = work.tensors[name]
    scale = np.maximum(np.abs(table).max(axis=1, keepdims=True), _SMALLEST) / ACTIVATION_LIMIT
    whole = work.constant(f"{name}_int8", np.rint(table / scale).astype(np.int8))
    scales = work.constant(f"{name}_scale", scale.astype(np.float32))
    output = node.output[0]
    found = work.add("Gather", [whole, ids], f"{output}_int8", axis=0)
    found = work.add("Cast", [found], f"{output}_whole", to=TensorProto.FLOAT)
    factor = work.add("Gather", [scales, ids], f"{output}_scale", axis=0)
    work.add("Mul", [found, factor], output)


def _is_table(value: npt.NDArray[Any] | None) -> bool:
    return value is not None and value.ndim == 2 and value.dtype == np.float32
