"""Scores of the shipped framing model on the coded evaluation sets, against pinned floors.

    python -m tests.eval.framing_scores --shared ../shared [--json] [--model DIR]

Exit status 1 when a score is below its floor in `framing_floors.json`, 2 when the data is
missing. A floor is lowered by a person, with a reason, never by this program.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from services.errors import ConfigurationError
from services.framing.classifier import Classifier
from services.framing.train.data import EVAL_FILES, read_eval_rows
from services.framing.train.scores import score

PER_CLASS = ("precision", "recall", "f1")
FLOORS = Path(__file__).with_name("framing_floors.json")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.eval.framing_scores")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--model", type=Path, help="folder of another model")
    parser.add_argument("--json", action="store_true", help="print the scores as JSON only")
    options = parser.parse_args(arguments)
    try:
        sets = {language: read_eval_rows(options.shared, language) for language in EVAL_FILES}
        classifier = Classifier.load(options.model)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 2
    scores = {
        language: score(classifier, rows)
        for language, rows in sets.items()
        if language in classifier.languages
    }
    below = shortfalls(scores, json.loads(FLOORS.read_text(encoding="utf-8")))
    if options.json:
        print(json.dumps({"model": classifier.model_id, "scores": scores, "below": below}))
    else:
        print(report(classifier.model_id, scores))
    for sentence in below:
        print(sentence, file=sys.stderr)
    return 1 if below else 0


def shortfalls(scores: Mapping[str, Any], floors: Mapping[str, Any]) -> list[str]:
    """Return one sentence for each floor that is not reached or not measured."""
    found = []
    for language, heads in floors.items():
        for head, metrics in heads.items():
            for metric, floor in metrics.items():
                value = scores.get(language, {}).get(head, {}).get(metric)
                if value is None:
                    found.append(f"{language} {head} {metric} was not measured; floor {floor}.")
                elif value < floor:
                    found.append(f"{language} {head} {metric} is {value:.4f}, below {floor}.")
    return found


def report(model: str, scores: Mapping[str, Any]) -> str:
    lines = [f"model {model}", "", f"{'':34}" + "".join(f"{name:>8}" for name in scores)]
    rows = (
        ("rows", lambda s: f"{s['rows']}"),
        ("us macro-F1", lambda s: _number(s["us"]["macro_f1"])),
        (
            "us macro-F1 without favourable",
            lambda s: _number(s["us"]["macro_f1_without_favourable"]),
        ),
        ("relations macro-F1", lambda s: _number(s["relations"]["macro_f1"])),
        ("frames micro-F1", lambda s: _number(s["frames"]["micro_f1"])),
        ("us calibration error", lambda s: _number(s["us"]["calibration_error"])),
        ("relations calibration error", lambda s: _number(s["relations"]["calibration_error"])),
        ("frames calibration error", lambda s: _number(s["frames"]["calibration_error"])),
    )
    for title, value in rows:
        lines.append(f"{title:34}" + "".join(f"{value(one):>8}" for one in scores.values()))
    for language, one in scores.items():
        lines += ["", f"{language:34}{'prec.':>8}{'recall':>8}{'F1':>8}{'rows':>8}"]
        for head in ("us", "relations", "frames"):
            for name, values in one[head]["classes"].items():
                numbers = "".join(f"{_number(values[k]):>8}" for k in PER_CLASS)
                lines.append(f"{head + '=' + name:34}{numbers}{values['rows']:>8}")
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:.3f}".replace("0.", ".", 1) if value < 1 else "1.00"


if __name__ == "__main__":
    sys.exit(main())
