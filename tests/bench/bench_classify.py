"""Classification of 2,000 headlines against two references on the same weights, in one run.

`python -m tests.bench.bench_classify [--model DIR] [--rows N] [--json]`

- `pipeline`: a default Hugging Face text-classification pipeline in PyTorch, one headline at
  a time, the way a user would first write it. The encoder is rebuilt from the shipped int8
  weights. Target: the classifier is at least 5 times as fast. Needs PyTorch and onnx (the
  extra `train`); without them it is left out and said so.
- `session`: the bare ONNX session fed with the same token batches, made beforehand. Target:
  the classifier reaches at least 0.80 of its rate.

The headlines are made of words of the model's own vocabulary, with lengths like those of
real ones, so the benchmark needs no data folder. Sides take turns slice by slice and the best
round of each counts, since machines are shared.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from services.framing.classifier import Classifier, FramingInput
from services.framing.session import batches

ROWS = 2_000
ROUNDS = 5
SLICE = 500  # rows after which the sides change: neighbours on the machine hit both alike
PIPELINE_ROWS = 200  # the slow side is measured on fewer rows, its rate is per row
PIPELINE_FLOOR = 5.0
SESSION_FLOOR = 0.80


def headlines(classifier: Classifier, count: int) -> list[str]:
    """Return `count` made-up headlines of 6 to 20 words, half of them Russian."""
    generator = random.Random(20_250_224)
    record = json.loads((classifier.manifest.folder / "tokenizer.json").read_text("utf-8"))
    words = [word for word in record["model"]["vocab"] if word.isalpha() and len(word) > 3]
    english = [word for word in words if word.isascii()]
    russian = [word for word in words if "а" <= word[0] <= "я"]
    return [
        " ".join(generator.choices(language, k=generator.randint(6, 20)))
        for language in generator.choices([english, russian], k=count)
    ]


def quickest(rounds: int, *sides: Callable[[], Any]) -> list[float]:
    """Return the least seconds of each side over `rounds`; the sides take turns."""
    best = [float("inf")] * len(sides)
    for _ in range(rounds):
        for number, side in enumerate(sides):
            started = time.perf_counter()
            side()
            best[number] = min(best[number], time.perf_counter() - started)
    return best


def measure(model: Path | None, count: int) -> dict[str, Any]:
    """Return rates in rows per second, ratios, and the classifier's peak memory in MB."""
    started = time.perf_counter()
    classifier = Classifier.load(model)
    load_seconds = time.perf_counter() - started
    texts = headlines(classifier, count)
    classifier.classify([FramingInput(title=text) for text in texts])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ours = bare = 0.0
    for start in range(0, count, SLICE):
        some = texts[start : start + SLICE]
        inputs = [FramingInput(title=text) for text in some]
        ready = list(batches(classifier._tokenizer.encode(some)))
        sides = quickest(
            ROUNDS,
            partial(classifier.classify, inputs),
            lambda ready=ready: [classifier._session.run(ids, mask) for _, ids, mask in ready],
        )
        ours, bare = ours + sides[0], bare + sides[1]
    result = {
        "rows": count,
        "load_seconds": round(load_seconds, 2),
        "memory_mb": round(memory),
        "classifier": round(count / ours, 1),
        "session": round(count / bare, 1),
        "of_session": round(bare / ours, 3),
    }
    if find_spec("torch") and find_spec("onnx"):
        from tests.bench.torch_pipeline import build_pipeline  # noqa: PLC0415 - needs PyTorch

        pipeline = build_pipeline(classifier.manifest.folder)
        some = texts[:PIPELINE_ROWS]
        pipeline(some[0])
        (slow,) = quickest(ROUNDS, lambda: [pipeline(text) for text in some])
        rate = len(some) / slow
        result |= {"pipeline": round(rate, 1), "times_pipeline": round(count / ours / rate, 2)}
    return result


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_classify")
    parser.add_argument("--model", type=Path, help="folder of another model")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measure(options.model, options.rows)
    if options.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:16}{value:>10}")
    missed = []
    if found["of_session"] < SESSION_FLOOR:
        missed.append(f"{found['of_session']} of the bare session, target {SESSION_FLOOR}.")
    if "times_pipeline" not in found:
        print("PyTorch is not installed here: the pipeline was not measured.", file=sys.stderr)
    elif found["times_pipeline"] < PIPELINE_FLOOR:
        missed.append(f"{found['times_pipeline']} times the pipeline, target {PIPELINE_FLOOR}.")
    for sentence in missed:
        print(sentence, file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
