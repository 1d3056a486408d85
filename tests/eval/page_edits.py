"""Whether an edit of a page is noticed, and what only looks like one is not.

    python -m tests.eval.page_edits [--benchmark DIR]

On the pages of the same public benchmark as `extraction`. Each is read twice: the second time
either with one word of one paragraph replaced (an edit), or shown differently: other
headlines in lists of links, other counters and clock times, three advertisements more (none).
Fails when fewer edits than NOTICED, or more pages without any than FALSE, count as edited.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lxml import html as markup
from lxml.html import HtmlElement

from services.collect.pages.compare import is_truncated, materially_differs
from tests.eval.extraction import NOT_AT_HAND, ours

NOTICED: Final = 0.98
FALSE: Final = 0.02
SHOWN_AGAIN: Final = 3
EDITS: Final = 3
_WORD: Final = re.compile(r"\w+")
_NUMBER: Final = re.compile(r"\d+")
_CLOCK: Final = re.compile(r"\b\d{1,2}:\d\d\b")
_COUNTER: Final = re.compile(r"^\W*\d[\d.,]*\W*(?:[a-z]+)?\W*$", re.IGNORECASE)
_HEADLINE: Final = (
    "minister", "talks", "harvest", "bridge", "market", "snow", "city", "police", "leader",
    "summit", "border", "vote", "strike", "film", "team", "economy", "storm", "prices", "court",
)  # fmt: skip
_PROSE: Final = {"p", "td", "th", "blockquote", "h1", "h2", "h3", "figcaption"}


def main() -> int:
    """Print both shares; 1 when one is not good enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--benchmark", type=Path)
    folder: Path | None = parser.parse_args().benchmark
    print("Edits of pages")
    if folder is None or not (folder / "ground-truth.json").is_file():
        print(NOT_AT_HAND)
        return 0
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    rng = random.Random(7)
    noticed: list[bool] = []
    false: list[bool] = []
    for name in sorted(truth):
        html = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        first = ours(_bytes(_tree(html)))
        if not first:
            continue
        false += [
            _edited(first, _shown_again(html, truth[name]["articleBody"], rng))
            for _ in range(SHOWN_AGAIN)
        ]
        noticed += [_edited(first, page) for page in _edits(html, first, rng)]
    shares = sum(noticed) / len(noticed), sum(false) / len(false)
    print(
        f"  a word changed: {shares[0]:.3f} of {len(noticed)} noticed (at least {NOTICED:g}); "
        f"shown differently: {shares[1]:.3f} of {len(false)} taken for an edit (at most {FALSE:g})"
    )
    return 0 if shares[0] >= NOTICED and shares[1] <= FALSE else 1


def _edited(first: str, page: bytes) -> bool:
    again = ours(page)
    return materially_differs(first, again) and not is_truncated(first, again)


def _tree(html: bytes) -> HtmlElement:
    return markup.document_fromstring(html, parser=markup.HTMLParser(encoding="utf-8"))


def _bytes(root: HtmlElement) -> bytes:
    return bytes(markup.tostring(root, encoding="utf-8"))


def _edits(html: bytes, first: str, rng: random.Random) -> Iterator[bytes]:
    """The page with one long word of one paragraph of its text replaced, a few times."""
    root = _tree(html)
    paragraphs = [
        item
        for item in root.iter("p")
        if item.text and len(item.text) > 60 and " ".join(item.text.split())[:50] in first
    ]
    for item in rng.sample(paragraphs, min(EDITS, len(paragraphs))):
        before = item.text
        long = [word for word in _WORD.findall(before) if len(word) > 4]
        if long:
            item.text = before.replace(rng.choice(long), "denied", 1)
            yield _bytes(root)
            item.text = before


def _shown_again(html: bytes, wanted: str, rng: random.Random) -> bytes:
    """The page as another reader may get it, with the same article (`wanted` is its text)."""
    root = _tree(html)
    article = " ".join(wanted.split())
    for link in root.iter("a"):
        text = " ".join((link.text or "").split())
        if len(link) == 0 and len(text.split()) > 3 and text not in article and _apart(link):
            link.text = _headline(rng)
    for item in root.iter("span", "time", "div", "small", "em"):
        if item.text and len(item.text) < 40 and _apart(item):
            if _COUNTER.match(item.text) and item.text.strip() not in article:
                item.text = _NUMBER.sub(lambda _: str(rng.randint(1, 99)), item.text)
            elif item.tag == "time":
                item.text = _CLOCK.sub(f"{rng.randint(10, 23)}:{rng.randint(10, 59)}", item.text)
    body = root.find("body")
    for _ in range(3 if body is not None else 0):
        banner = markup.fragment_fromstring(f"<div><a href='/x'>{_headline(rng)}</a></div>")
        body.insert(rng.randint(0, len(body)), banner)
    return _bytes(root)


def _apart(item: HtmlElement) -> bool:
    """True for an element that stands in no sentence: alone in its parent, and in no prose."""
    parent = item.getparent()
    alone = parent is not None and " ".join(parent.text_content().split()) == " ".join(
        item.text_content().split()
    )
    return alone and not any(above.tag in _PROSE for above in item.iterancestors())


def _headline(rng: random.Random) -> str:
    return " ".join(rng.choices(_HEADLINE, k=rng.randint(4, 9))).capitalize()


if __name__ == "__main__":
    sys.exit(main())
