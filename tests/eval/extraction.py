"""How well article text is found on the pages of a public benchmark, beside trafilatura's own.

    python -m tests.eval.extraction [--benchmark DIR]

DIR is a checkout of scrapinghub/article-extraction-benchmark (`ground-truth.json` and
`html/*.html.gz`); without it the script says so and ends. The measure is that benchmark's:
texts are compared as bags of runs of four words; precision and recall are averaged over pages,
F1 is their harmonic mean. Intervals are 95% bootstrap over pages, those of a difference over
the same pages for both. Settings are chosen on the even pages (by sorted id) and confirmed on
the odd ones. Fails when the product is more than chance below trafilatura's defaults.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trafilatura

from services.collect.pages.boilerplate import SiteLines
from services.collect.pages.document import read_document
from services.collect.pages.facts import read_facts
from services.collect.pages.judge import text_of

RUN: Final = 4
DRAWS: Final = 1_000
NOT_AT_HAND: Final = (
    "  Not judged: check out scrapinghub/article-extraction-benchmark and name its folder "
    "(make eval BENCHMARK=DIR)."
)
_WORD: Final = re.compile(r"\w+")

Extract = Callable[[bytes], str]


@dataclass(frozen=True)
class Score:
    """Precision and recall of one page; None where there is nothing to divide by."""

    precision: float | None
    recall: float | None


def ours(html: bytes) -> str:
    """The product's own way from a page's bytes to the text that is stored."""
    document = read_document(html)
    if document is None:
        return ""
    return SiteLines().without(text_of(document, "", {}, read_facts(document, "")))


def own(**options: bool) -> Extract:
    """trafilatura with its defaults and `options`, as the benchmark runs it."""
    return lambda html: trafilatura.extract(html.decode(), include_comments=False, **options) or ""


SYSTEMS: Final[dict[str, Extract]] = {
    "Framewatch": ours,
    "trafilatura, defaults": own(),
    "  fast": own(fast=True),
    "  favor_precision": own(favor_precision=True),
    "  favor_precision, no tables": own(favor_precision=True, include_tables=False),
    "  favor_recall": own(favor_recall=True),
}


def runs(text: str) -> Counter[tuple[str, ...]]:
    """The runs of four words of `text`, with how often each occurs."""
    words = _WORD.findall(text)
    if not words:
        return Counter()
    return Counter(tuple(words[at : at + RUN]) for at in range(max(1, len(words) - RUN + 1)))


def score(wanted: str, found: str) -> Score:
    """Compare the text that was found with the one that is wanted."""
    one, other = runs(wanted), runs(found)
    shared = (one & other).total()
    return Score(shared / other.total() if other else None, shared / one.total() if one else None)


def f1(scores: Sequence[Score]) -> tuple[float, float, float]:
    """F1, precision and recall over pages."""
    precisions = [item.precision for item in scores if item.precision is not None]
    recalls = [item.recall for item in scores if item.recall is not None]
    if not precisions or not recalls:
        return 0.0, 0.0, 0.0
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    both = precision + recall
    return (2 * precision * recall / both if both else 0.0), precision, recall


def interval(
    measure: Callable[[Sequence[int]], float], pages: int, seed: int = 1
) -> tuple[float, float]:
    """The 95% bootstrap interval of `measure`, which takes the places of the drawn pages."""
    rng = random.Random(seed)
    drawn = sorted(measure(rng.choices(range(pages), k=pages)) for _ in range(DRAWS))
    return drawn[int(0.025 * DRAWS)], drawn[int(0.975 * DRAWS)]


def report(name: str, scores: Sequence[Score], base: Sequence[Score], seconds: float) -> float:
    """Print one system's line; returns the upper end of its difference to the defaults."""
    value, precision, recall = f1(scores)
    low, high = interval(lambda at: f1([scores[n] for n in at])[0], len(scores))
    less, more = interval(
        lambda at: f1([scores[n] for n in at])[0] - f1([base[n] for n in at])[0], len(scores)
    )
    tune, test = f1(scores[::2])[0], f1(scores[1::2])[0]
    print(
        f"  {name:30s} F1 {value:.3f} [{low:.3f}, {high:.3f}]  precision {precision:.3f}  "
        f"recall {recall:.3f}  to defaults {value - f1(base)[0]:+.3f} [{less:+.3f}, {more:+.3f}]"
        f"  even {tune:.3f} odd {test:.3f}  {1000 * seconds / len(scores):.0f} ms a page"
    )
    return more


def main() -> int:
    """Print a line for each system; 1 when the product does worse than trafilatura's own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--benchmark", type=Path)
    folder: Path | None = parser.parse_args().benchmark
    print("Text of articles on a public benchmark's pages")
    if folder is None or not (folder / "ground-truth.json").is_file():
        print(NOT_AT_HAND)
        return 0
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    pages = {
        name: gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        for name in sorted(truth)
    }
    results: dict[str, tuple[list[Score], float]] = {}
    for name, extract in SYSTEMS.items():
        start = time.perf_counter()
        texts = {page: extract(html) for page, html in pages.items()}
        seconds = time.perf_counter() - start
        scores = [score(truth[page]["articleBody"], text) for page, text in texts.items()]
        results[name] = scores, seconds
    base = results["trafilatura, defaults"][0]
    print(f"  {len(pages)} pages; trafilatura {trafilatura.__version__}")
    ends = {name: report(name, *found[:1], base, found[1]) for name, found in results.items()}
    return 0 if ends["Framewatch"] >= 0 else 1


if __name__ == "__main__":
    sys.exit(main())
