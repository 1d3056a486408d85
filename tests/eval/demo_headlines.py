"""How often the model gives the demo's headlines the labels they were written to carry.

    python -m tests.eval.demo_headlines [--fills 4] [--show 40] [--model DIR]

Each template is filled several times. A template is listed when most of its fills lose the
intended relations, or the portrayal of the US, or every intended frame. This judges wording
and model together; the demo itself never looks at the intended labels.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from services.demo.templates import Template, load_phrasebook
from services.framing.classifier import Classifier, FramingInput, FramingResult


@dataclass
class Tally:
    """Fills of some templates: how many, and how many got each part right."""

    n: int = 0
    us: int = 0
    relations: int = 0
    wanted: int = 0
    given: int = 0
    both: int = 0

    def add(self, template: Template, result: FramingResult) -> None:
        wanted, given = set(template.frames), set(result.frames)
        self.n += 1
        self.us += result.us == template.us
        self.relations += result.relations == template.relations
        self.wanted += len(wanted)
        self.given += len(given)
        self.both += len(wanted & given)

    @property
    def frames_f1(self) -> float:
        total = self.wanted + self.given
        return 2 * self.both / total if total else 1.0

    def row(self, name: str) -> str:
        return (
            f"{name:22}{self.n:6}{self.us / self.n:8.2f}{self.relations / self.n:11.2f}"
            f"{self.frames_f1:10.2f}"
        )

    @property
    def misread(self) -> bool:
        lost = self.wanted and not self.both
        return bool(lost) or 2 * self.relations < self.n or 2 * self.us < self.n


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fills", type=int, default=4, help="fills of each template")
    parser.add_argument("--show", type=int, default=40, help="misread templates to list")
    parser.add_argument("--model", type=Path, help="folder of another model")
    options = parser.parse_args()

    book = load_phrasebook()
    rng = random.Random(1)
    classifier = Classifier.load(options.model)
    templates = [t for t in book.templates if t.language in classifier.languages]
    jobs = [(t, *book.fill(t, rng)) for t in templates for _ in range(options.fills)]
    inputs = [FramingInput(title, lead, "", t.language) for t, title, lead in jobs]
    results = classifier.classify(inputs)

    themes: dict[str, Tally] = defaultdict(Tally)
    single: dict[Template, Tally] = defaultdict(Tally)
    examples = {}
    for (template, title, _), result in zip(jobs, results, strict=True):
        for tally in (themes[f"{template.theme} ({template.language})"], single[template]):
            tally.add(template, result)
        for name in ("all", f"all ({template.language})"):
            themes[name].add(template, result)
        examples[template] = (title, result)
    print(f"model {classifier.model_id}: {len(templates)} templates, {len(jobs)} headlines")
    print(f"{'theme':22}{'n':>6}{'us':>8}{'relations':>11}{'frames F1':>10}")
    for name in sorted(themes):
        print(themes[name].row(name))
    misread = [template for template in templates if single[template].misread]
    print(f"\nmisread templates: {len(misread)} of {len(templates)}")
    for template in misread[: options.show]:
        title, result = examples[template]
        print(f"  {title}\n    meant {_labels(template.labels())}; read {_given(result)}")


def _labels(labels: Iterable[str]) -> str:
    return " ".join(labels)


def _given(result: FramingResult) -> str:
    frames = (f"frame={name}" for name in result.frames)
    return _labels((f"us={result.us}", f"relations={result.relations}", *frames))


if __name__ == "__main__":
    main()
